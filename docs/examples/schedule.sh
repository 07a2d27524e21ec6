#!/bin/sh
# Schedules a pin ten seconds ahead and waits until it is published or has failed.
#   PINTEMPO_URL=... PINTEMPO_API_KEY=... PINTEMPO_ACCOUNT_ID=... PINTEMPO_BOARD_ID=... schedule.sh TITLE IMAGE-URL
# Needs curl and jq.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
api() { curl -sS --fail-with-body -H "X-API-Key: $PINTEMPO_API_KEY" "$@"; }

# The same key for the same pin: whoever runs this twice gets one pin.
key=$(printf '%s %s' "$1" "$2" | sha256sum | cut -c 1-32)
jq -n --arg account "$PINTEMPO_ACCOUNT_ID" --arg board "$PINTEMPO_BOARD_ID" --arg title "$1" --arg image "$2" \
    --arg at "$(date -u -d '+10 seconds' +%FT%TZ)" --arg key "$key" \
    '{account_id: $account, board_id: $board, title: $title, image_url: $image, run_at: $at, idempotency_key: $key}' |
    api -H 'Content-Type: application/json' -d @- "$PINTEMPO_URL/v1/schedules" > "$dir/schedule" ||
    { jq -r '.error | .message, .errors[]?.msg, .remediation // empty' "$dir/schedule" >&2; exit 1; }
id=$(jq -r .id "$dir/schedule")
: > "$dir/etag"
while :; do
    # 304 while nothing has changed: then curl leaves the file empty.
    api --etag-compare "$dir/etag" --etag-save "$dir/etag" -o "$dir/answer" "$PINTEMPO_URL/v1/schedules/$id"
    if [ -s "$dir/answer" ]; then
        status=$(jq -r .status "$dir/answer")
        echo "$status $(jq -r '.waiting.message // .last_error // empty' "$dir/answer")"
        rm "$dir/answer"
        case $status in
            done) exit 0 ;;
            failed | canceled) exit 1 ;;
        esac
    fi
    sleep 2
done
