#!/bin/bash
# Runs quickstart twice: behind lighttpd, then behind Apache with the data of the first run. TAP.
set -u
cd "$(dirname "$0")/../.." || exit 2
PINTEMPO_VAR=$(mktemp -d /tmp/ptq-XXXXXX) || exit 2
export PINTEMPO_VAR
export PINTEMPO_BUILD=${PINTEMPO_BUILD:-$PWD/build}
var=$PINTEMPO_VAR/quickstart
trap './quickstart clean > /dev/null 2>&1; rm -rf "$PINTEMPO_VAR"' EXIT
n=0 failed=0
ok() { # ok STATUS NAME [FILE]
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else
        echo "not ok $n - $2"
        failed=1
        if [ -n "${3:-}" ]; then tail -40 "$3" | sed 's/^/# /'; fi
    fi
}

./quickstart --server=lighttpd > "$PINTEMPO_VAR/out" 2>&1
ok $? 'quickstart behind lighttpd' "$PINTEMPO_VAR/out"
grep -q '^10 published, 2 failed as expected, 12 of 12 webhooks verified$' "$PINTEMPO_VAR/out"
ok $? 'the summary counts every pin and webhook' "$PINTEMPO_VAR/out"
grep -qE 'lateness .*p50 [0-9]+ ms, max [0-9]+ ms' "$PINTEMPO_VAR/out"
ok $? 'the summary states the lateness' "$PINTEMPO_VAR/out"
# shellcheck source=/dev/null
. "$var/env"
first=$PINTEMPO_EMAIL
for name in URL API_KEY EMAIL PASSWORD ACCOUNT_ID BOARD_ID IMAGE_URL DB_SOCKET; do
    eval "[ -n \"\${PINTEMPO_$name:-}\" ]"
    ok $? "env has PINTEMPO_$name"
done
[ "$(curl -s -o /dev/null -w '%{http_code}' -H @"$var/key.header" "$PINTEMPO_URL/v1/pins")" = 200 ]
ok $? 'the key works with curl'
[ "$(curl -s -o /dev/null -w '%{content_type}' "$PINTEMPO_IMAGE_URL")" = image/png ]
ok $? 'the sample image is served'
./quickstart status > "$PINTEMPO_VAR/status"
ok $? 'status shows everything running' "$PINTEMPO_VAR/status"
key=$PINTEMPO_API_KEY
printf '%s\n' "$key" "$PINTEMPO_PASSWORD" > "$PINTEMPO_VAR/secrets"
! cat /proc/[0-9]*/cmdline 2> /dev/null | tr '\0' '\n' | grep -qF -f "$PINTEMPO_VAR/secrets"
ok $? 'no key appears on a command line'
! grep -rqF -f "$PINTEMPO_VAR/secrets" "$var/log"
ok $? 'no key or password appears in a log'

./quickstart --server=apache > "$PINTEMPO_VAR/out" 2>&1
ok $? 'quickstart behind Apache with the data of the first run' "$PINTEMPO_VAR/out"
# shellcheck source=/dev/null
. "$var/env"
[ "$first" = "$PINTEMPO_EMAIL" ] && [ "$key" = "$PINTEMPO_API_KEY" ]
ok $? 'the second run uses the same account and key'
total=$(curl -s -D - -o /dev/null -H @"$var/key.header" "$PINTEMPO_URL/v1/schedules" | tr -d '\r' |
    sed -n 's/^X-Total-Count: //Ip')
[ "$total" = 24 ]
ok $? "both campaigns exist (${total:-no} schedules)"

pids=$(cut -d' ' -f1 "$var"/*.pid)
./quickstart stop
ok $? stop
left=
for pid in $pids; do [ -d "/proc/$pid" ] && ! grep -q '^State:.Z' "/proc/$pid/status" && left="$left $pid"; done
[ -z "$left" ]
ok $? "no process is left after stop$left"
./quickstart status > /dev/null
[ $? -eq 3 ]
ok $? 'status shows nothing running after stop'
run=$(cat "$var/run.path")
./quickstart clean
[ ! -e "$var" ] && [ ! -e "$run" ]
ok $? 'clean removes everything that quickstart made'
echo "1..$n"
exit $failed
