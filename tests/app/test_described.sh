#!/bin/bash
# The description of the API holds: what app/describe must refuse, each with one break. TAP.
set -u
top=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd)
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C
n=0 failed=0

ok() { # ok STATUS NAME
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; sed 's/^/# /' "$tmp/said"; failed=1; fi
}

describe() { # what is in $tmp/t
    # shellcheck disable=SC2046
    "${AWK:-awk}" -v version=1 -f "$top/app/describe/read.awk" -f "$top/app/describe/json.awk" \
        $(find "$tmp/t" -name '*.[ch]' | sort) $(find "$tmp/t" -name '*.def' | sort) "$tmp"/t/app/api/*.api \
        > "$tmp/made" 2> "$tmp/said"
}

clean() {
    rm -rf "$tmp/t"
    mkdir -p "$tmp/t/lib" "$tmp/t/app"
    cp "$top"/lib/*.[ch] "$top/lib/limit.def" "$tmp/t/lib/"
    cp -r "$top/app/api" "$top/app/http" "$top/app/pinterest" "$top/app/routes.def" "$tmp/t/app/"
}

refused() { # refused FILE SED-SCRIPT MESSAGE NAME
    cp "$tmp/t/$1" "$tmp/before"
    sed -i "$2" "$tmp/t/$1"
    ! cmp -s "$tmp/before" "$tmp/t/$1" && ! describe && grep -qF -- "$3" "$tmp/said"
    ok $? "$4"
    cp "$tmp/before" "$tmp/t/$1"
}

clean
describe
ok $? 'what is there is described'
[ "$(tail -c 4 "$tmp/made")" = '}}}' ]
ok $? 'and written to its end'
refused app/routes.def 's|^ROUTE(GET, "/healthz"|ROUTE(GET, "/nothing", PUBLIC, N, NONE, NONE, SMALL, "*", x)\n&|' \
    'GET /nothing is described in no' 'a route without a description'
refused app/api/system.api 's|^route GET /healthz|route GET /healthy|' 'not in routes.def: GET /healthy' 'a described route that is not there'
refused app/routes.def 's|"account_id fresh"|"account_id fresh colour"|' 'describe ?colour' 'a query parameter'
refused app/api/boards.api 's|?fresh bool|?fresher bool|' 'does not take ?fresher' 'a described parameter that is not taken'
refused app/api/webhooks.c 's|json_put_text(o, "last_error"|json_put_text(o, "colour", "");\n&|' 'Webhook lacks colour' 'a field of an answer'
refused app/api/sessions.c '$astatic void\nother_json(struct json_object *o)\n{\n\tjson_put_text(o, "x", "");\n}' \
    'other_json() puts x: of which object?' 'a function that puts fields of no object'
refused app/api/webhooks.c 's|{ "url", "secret", "events", "is_enabled", NULL }|{ "url", "secret", "events", "is_enabled", "colour", NULL }|' \
    'WebhookNew lacks colour' 'a field of a body'
refused app/api/webhooks.api 's|^  is_enabled? bool = true|&\n  colour? text|' 'WebhookNew has colour, which is not read' 'a described field that is not read'
refused lib/pin_decode.c 's|^	{ "campaign", PIN_F_CAMPAIGN|	{ "colour", PIN_F_CAMPAIGN, true },\n&|' 'PinNew lacks colour' 'a field of a pin'
refused lib/pin_decode.c 's|json_text(&r, "title", JSON_REQUIRED, 1, TITLE_MAX)|json_text(\&r, "title", JSON_REQUIRED, 1, 90)|' 'PinNew.title has limits' 'a limit'
refused app/api/webhooks.c 's|json_whole(&r, "grace_seconds"|json_text(\&r, "grace_seconds"|' 'SecretRotation.grace_seconds is int' 'a kind'
refused app/api/boards.api 's|^  account_id uuid$|  account_id? uuid|' 'BoardNew.account_id is not optional' 'a need'
refused app/api/connect_page.c 's|^static void$|static void\nsay(struct problem *p)\n{\n\tproblem_set(p, 418, "teapot", "No.");\n}\n&|' \
    'answers 418 teapot' 'an error code'
refused app/api/common.api 's|^error 409 conflict|error 409 confusion: x\n&|' 'nothing answers 409 confusion' 'a described code that nobody answers'
refused lib/event.h 's|"pin.failed")|"pin.failed") X(EVENT_X, 3, "pin.painted")|' 'describe the event pin.painted' 'an event'
refused app/api/pins.api 's|^  409 pin_publishing pin_already|  409 pin_colour pin_already|' 'no error line for 409 pin_colour' 'a refusal without its error line'
refused app/api/pins.api 's|^  waiting Waiting?|  waiting Wating?|' 'nothing is called Wating' 'a type that is not there'
echo "1..$n"
exit $failed
