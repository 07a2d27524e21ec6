#!/bin/bash
# Every crash point is in the table of lib/crash.c, and a build without crash points contains none.
# TAP.
set -u
top=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${PINTEMPO_BUILD:-${top_builddir:-$top/build}}
n=0 failed=0
ok() { # ok STATUS NAME
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi
}

used=$(find "$top/app" "$top/worker" -name '*.c' -exec cat {} + | grep 'CRASH_POINT(' | grep -o '"[a-z]*\.[a-z_]*"' | sort)
table=$(sed -n '/points\[\] = {/,/^};/s/.*\("[a-z]*\.*[a-z_]*"\),/\1/p' "$top/lib/crash.c" | sort)
place=$(printf '%s\n' "$used"; grep -qF 'CRASH_POINT("forget")' "$top/worker/publish/publish.c" && echo '"forget"')
[ -n "$used" ] && [ "$(echo "$place" | sort)" = "$table" ]
ok $? "each crash point is in the table of lib/crash.c and at one place in the code"
for program in pintempo-worker pintempo.fcgi pintempo-sandbox.fcgi pintempo; do
    file=$build/$program
    if [ -x "$build/.libs/$program" ]; then file=$build/.libs/$program; fi
    if [ "$program" = pintempo-worker ] && "$file" --crash-points > /dev/null 2>&1; then
        echo "ok $((n + 1)) - a build with crash points # SKIP it is one"
        echo "1..$((n + 1))"
        exit $failed
    fi
    { strings -a "$file" | grep -qE 'PINTEMPO_CRASH|crash_point|crash-points|intent\.before_commit' ; } && found=1 || found=0
    { nm -a "$file" 2> /dev/null | grep -qE 'crash_(point|list)'; } && found=1
    [ -s "$file" ] && [ $found -eq 0 ]
    ok $? "$program contains no crash point"
done
echo "1..$n"
exit $failed
