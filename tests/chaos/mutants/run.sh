#!/bin/bash
# Broken programs that the tests must catch: each patch of this folder is applied to a copy, built,
# and run as its first line says; it is caught if that fails with the message in its second line.
#   run.sh [NAME...]     MUTANTS_DIR: where the copy and its build are kept (default: a temporary
# directory)
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
dir=${MUTANTS_DIR:-$(mktemp -d /tmp/mutants-XXXXXX)}
trap '[ -n "${MUTANTS_DIR:-}" ] || rm -rf "$dir"' EXIT
n=0 failed=0
mkdir -p "$dir/build"
if [ ! -f "$dir/src/configure.ac" ]; then
    mkdir -p "$dir/src" && (cd "$top" && git ls-files -z --cached --others --exclude-standard | xargs -0 tar cf - 2> /dev/null) | tar xf - -C "$dir/src"
fi
(cd "$dir/src" && { [ -f configure ] || ./autogen.sh; }) > "$dir/autogen.log" 2>&1 || { cat "$dir/autogen.log"; exit 2; }
(cd "$dir/build" && { [ -f config.status ] || ../src/configure --enable-crash-points CFLAGS='-O1 -g'; } && make -j "$(nproc)" all tests/chaos/slow_resolver.so) > "$dir/build.log" 2>&1 ||
    { tail "$dir/build.log"; exit 2; }

run() { # run WORDS...: what the first line of a patch says
    export PINTEMPO_BUILD=$dir/build PYTHONDONTWRITEBYTECODE=1 PINTEMPO_CHAOS_DB=
    local what=$1
    shift
    case $what in
        database) PINTEMPO_CHAOS_DB=$1; shift 2; timeout -s INT 240 python3 "$dir/src/tests/chaos/chaos.py" "$@" ;;
        chaos) timeout -s INT 240 python3 "$dir/src/tests/chaos/chaos.py" "$@" ;;
        python) timeout -s INT 240 python3 "$dir/src/$1" ;;
        unit) make -C "$dir/build" "$1" && (cd "$dir/build" && top_srcdir=$dir/src top_builddir=. "$dir/src/tests/with-db.sh" "./$1") ;;
    esac
}

for patch in "$here"/*.patch; do
    name=$(basename "$patch" .patch)
    [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
    n=$((n + 1))
    read -r -a words < <(sed -n 's/^run: //p' "$patch")
    want=$(sed -n 's/^want: //p' "$patch")
    log=$dir/$name.log
    : > "$log"
    if grep -q '^diff' "$patch"; then
        patch -s -d "$dir/src" -p1 < "$patch" >> "$log" 2>&1 || { echo "not ok $n - $name: the patch does not apply"; failed=1; continue; }
        make -C "$dir/build" >> "$log" 2>&1
        built=$?
    else
        built=0
    fi
    if [ $built -ne 0 ]; then
        echo "not ok $n - $name: does not build"; tail -5 "$log" | sed 's/^/# /'; failed=1
    elif run "${words[@]}" >> "$log" 2>&1; then
        echo "not ok $n - $name: survives ${words[*]}"; failed=1
    elif caught=$(grep -E "^not ok.*($want)|Error.*($want)" "$log" | head -2) && [ -n "$caught" ]; then
        echo "ok $n - $name: caught by ${words[*]}"; printf '%s\n' "$caught" | cut -c1-160 | sed 's/^/#   /'
    else
        echo "not ok $n - $name: ${words[*]} fails, but not of it"; grep '^not ok' "$log" | head -3 | sed 's/^/# /'; failed=1
    fi
    if grep -q '^diff' "$patch"; then patch -s -R -d "$dir/src" -p1 < "$patch"; fi
done
echo "1..$n"
exit $failed
