#!/bin/bash
# Checks the pages of docs/ against the program: settings, routes, error codes, columns, signatures,
# links.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${PINTEMPO_BUILD:-$top/build}
export PYTHONDONTWRITEBYTECODE=1
failed=0

if out=$(python3 "$top/tests/docs/settings.py" "$build/pintempo" "$top/docs/configuration.md" --check 2>&1); then
    echo 'ok 1 - docs/configuration.md agrees with the program'
else
    echo 'not ok 1 - docs/configuration.md agrees with the program; rewrite it: make -C build docs'
    echo "$out" | sed 's/^/# /'
    failed=1
fi
python3 "$top/tests/docs/pages.py" "$top" | awk '/^(not )?ok / { sub(/ok [0-9]+/, "ok " (NR_ok++ + 2)) } /^1\.\./ { next } { print } END { print "1.." NR_ok + 1 }'
[ "${PIPESTATUS[0]}" -eq 0 ] || failed=1
exit $failed
