#!/bin/bash
# Checks the rules of docs/design.md that a machine can check. Prints file:line: reason for each
# violation.
#   lint.sh [-b BUILD] [-r ROOT] [CHECK...]
# BUILD holds config.h and the generated sql/*.h (default: ROOT/build). Default: all checks. If a
# tool is missing, its check fails when CI is set, and is skipped with a message otherwise.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../.. build=''
while getopts 'b:r:' opt; do
    case $opt in
        b) build=$(cd "$OPTARG" && pwd) || exit 2 ;;
        r) root=$OPTARG ;;
        *) sed -n '2,6s/^# //p' "$0" >&2; exit 2 ;;
    esac
done
shift $((OPTIND - 1))
cd "$root" || exit 2
build=${build:-$PWD/build}
jobs=${LINT_JOBS:-$(nproc)}
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C tmp

# Files that git tracks (or would); outside of git, every file.
files() {
    if [ -e .git ]; then
        git ls-files --cached --others --exclude-standard -- "$@"
    else
        find . -type f | sed 's,^\./,,' | while read -r f; do
            for p in "$@"; do case $f in $p) echo "$f"; break ;; esac; done
        done
    fi | sort -u | while read -r f; do if [ -f "$f" ]; then echo "$f"; fi; done
}
files 'app/*.[ch]' 'worker/*.[ch]' 'lib/*.[ch]' 'sql/*.[ch]' 'ctl/*.[ch]' > "$tmp/sources"
files 'tests/*.[ch]' > "$tmp/tests"
cat "$tmp/sources" "$tmp/tests" > "$tmp/all"
grep '\.c$' "$tmp/sources" > "$tmp/units"
grep '\.h$' "$tmp/sources" > "$tmp/headers"
pkg-config --cflags json-c libmariadb libcurl libsodium inih libevent_core fcgi 2> /dev/null |
    tr ' ' '\n' | grep . | cat <(printf '%s\n' -std=gnu11 -D_GNU_SOURCE -I. "-I$build") - > "$tmp/cflags"

# need TOOL PACKAGE: 0 if installed, 1 if missing in CI, 77 if missing elsewhere.
need() {
    command -v "$1" > /dev/null && return 0
    echo "lint: $1 is missing: install the Debian package $2"
    if [ -n "${CI:-}" ]; then return 1; else return 77; fi
}

# each LIST FUNCTION: one call per file, in parallel; 1 if any fails or prints something.
each() {
    export -f "$2"
    tr '\n' '\0' < "$1" | xargs -0r -P "$jobs" -n 1 bash -c "$2"' "$1"' _ > "$tmp/out" 2>&1
    sort -t: -k1,1 -k2,2n -u "$tmp/out"
    [ ! -s "$tmp/out" ]
}

# lines LIST COMMAND...: runs the command over all files of the list; succeeds if there are none.
lines() {
    local list=$1
    shift
    tr '\n' '\0' < "$list" | xargs -0r "$@"
}

check_doors() { lines "$tmp/all" awk -f "$here/doors.awk"; }

check_words() { lines "$tmp/all" awk -f "$here/words.awk"; }

check_sql() {
    { files 'sql/stmt/*.sql' 'sql/view/*.sql' 'sql/group/*.sql'; cat "$tmp/sources"; } > "$tmp/sql"
    lines "$tmp/sql" awk -f "$here/sql.awk"
}

check_sizes() {
    local rc=0
    need ctags universal-ctags || return
    ctags --languages=C,C++ --kinds-C=f --kinds-C++=f --fields=+ne -L "$tmp/all" -f - |
        awk -v max=80 -f "$here/sizes.awk" || rc=1
    lines "$tmp/sources" awk '
        { n[FILENAME] = FNR }
        END {
            for (f in n) {
                max = f ~ /\.h$/ ? 150 : 600
                if (n[f] > max) { printf "%s:%d: file of %d lines; allowed: %d\n", f, max + 1, n[f], max; bad = 1 }
            }
            exit bad
        }' || rc=1
    return $rc
}

parse_one() {
    case $1 in
        *.py) python3 -c 'import ast, sys
try:
    ast.parse(open(sys.argv[1]).read())
except SyntaxError as e:
    print(f"{sys.argv[1]}:{e.lineno}: {e.msg}")' "$1" ;;
        *) bash -n "$1" ;;
    esac
}
# Shell and Python must parse; tests wait for a state, never for a fixed time.
check_text() {
    local rc=0
    need python3 python3 || return
    files '*.sh' '*.py' quickstart '.ci/*' > "$tmp/text"
    each "$tmp/text" parse_one || rc=1
    files 'tests/*' | grep -E '\.(c|h|py|sh)$' | grep -v '^tests/lint/' > "$tmp/naps"
    lines "$tmp/naps" grep -HnE '(^|[^a-z_])(u?sleep|time\.sleep)[[:space:]]*\(?[[:space:]]*[0-9]' |
        sed 's,^\([^:]*:[0-9]*:\).*,\1 fixed sleep in a test: wait for a state instead,' | grep . && rc=1
    return $rc
}

header_one() {
    mapfile -t flags < "$tmp/cflags"
    echo "#include \"$1\"" | gcc "${flags[@]}" -Wall -fsyntax-only -x c - > /dev/null 2>&1 ||
        { echo "$1:1: does not compile alone:"; echo "#include \"$1\"" |
            gcc "${flags[@]}" -fsyntax-only -x c - 2>&1 | grep -m 2 error | sed 's/^/    /'; }
}
check_headers() {
    need gcc gcc || return
    each "$tmp/headers" header_one
}

object_one() {
    local o
    o=$objects/$(echo "$1" | tr / +).o
    mapfile -t flags < "$tmp/cflags"
    $cc "${flags[@]}" -DPINTEMPO_CRASH_POINTS -w -O0 -fno-pic -fno-pie -fno-common -c -o "$o" "$1" 2> "$tmp/error.$$" || grep -m 2 error "$tmp/error.$$"
}
# Compiles each unit once, for the checks that inspect objects.
objects() {
    cc=gcc
    command -v ccache > /dev/null && cc='ccache gcc'
    objects=$tmp/objects
    export cc objects
    [ -d "$objects" ] && return
    mkdir "$objects"
    each "$tmp/units" object_one
}

globals_one() {
    # columns: value flags section size name; O marks an object. Names made by the compiler contain
    # a dot.
    objdump -t "$objects/$(echo "$1" | tr / +).o" |
        awk -v f="$1" '/ O \.(data|bss|tdata|tbss|common)/ && $NF !~ /^\./ { print f, $NF }' |
        while read -r f name; do
            grep -qE "^$f[[:space:]]+${name%%.*}[[:space:]]+#" "$allow" && continue
            echo "$f:$(grep -nwm 1 "${name%%.*}" "$f" | cut -d: -f1): ${name%%.*} is a mutable global"
        done
}
# Exceptions are listed in globals.allow: file, name, # reason.
check_globals() {
    need objdump binutils || return
    objects || return
    allow=$here/globals.allow
    [ -f tests/lint/globals.allow ] && allow=$PWD/tests/lint/globals.allow
    export allow
    each "$tmp/units" globals_one
}

# Units of one program never refer to each other in a circle.
check_circles() {
    need nm binutils && need python3 python3 || return
    objects && python3 "$here/objects.py" circles "$objects"
}

# Every exported function is used by another unit. Exceptions are listed in unused.allow: name #
# reason.
check_unused() {
    need nm binutils && need python3 python3 || return
    objects && python3 "$here/objects.py" unused "$objects" "$here/unused.allow"
}

# No two functions of one program have the same name, so that a static one can be found by its name.
check_statics() {
    need ctags universal-ctags || return
    ctags --languages=C --kinds-C=f --fields=+n -L "$tmp/units" -f - | sort | awk -F'\t' -f "$here/statics.awk"
}

format_one() {
    clang-format-14 --style=file --dry-run "$1" 2>&1 | grep -oE '^[^ :]+:[0-9]+:' | sort -u |
        sed 's/$/ not as clang-format 14 writes it/'
}
check_format() {
    need clang-format-14 clang-format-14 || return
    each "$tmp/all" format_one
}

# nullPointer in arena.c: cppcheck 2.10 does not know that panic() never returns. unknownEvaluationOrder and
# invalidLifetime: it takes the literals of SQL_IN() and SQL_OUT() for assignments and lets them end too early; gcc
# warns of both (-Wsequence-point, -Wdangling-pointer). It reads no system header but the lists' macros.
check_cppcheck() {
    local queue
    need cppcheck cppcheck || return
    queue=$(echo '#include <sys/queue.h>' | gcc -E -x c - | sed -n '/queue\.h"/{s/.*"\(.*\)".*/\1/p;q;}')
    lines "$tmp/units" cppcheck --quiet --enable=warning,performance,portability --inline-suppr \
        --std=c11 -D__linux__ -I. "-I$build" --include="$queue" -j "$jobs" --error-exitcode=1 \
        --suppress=missingIncludeSystem --suppress=nullPointer:lib/arena.c \
        --suppress=unknownEvaluationOrder --suppress=invalidLifetime --template='{file}:{line}: {id}: {message}' 2>&1
}

# A unit that has not changed (including headers and rules) since it last passed is skipped.
tidy_one() {
    mapfile -t flags < "$tmp/cflags"
    local sum
    sum=$({ cat .clang-tidy; gcc "${flags[@]}" -E -P "$1" 2> /dev/null; cat "$1"; } | sha256sum | cut -c1-40)
    [ -e "$cache/$sum" ] && return
    if clang-tidy-14 --quiet --warnings-as-errors='*' "$1" -- "${flags[@]}" > "$tmp/$sum" 2> /dev/null; then
        : > "$cache/$sum"
    else
        grep -E '^/?[^ ]+:[0-9]+:[0-9]+: (warning|error)' "$tmp/$sum" | sed -E "s,^$PWD/,,; s,^([^:]*:[0-9]+):[0-9]+:,\1:," || echo "$1:1: clang-tidy failed"
    fi
}
check_tidy() {
    need clang-tidy-14 clang-tidy-14 || return
    cache=$build/lint-cache
    mkdir -p "$cache" 2> /dev/null || cache=$tmp
    export cache
    each "$tmp/units" tidy_one
}

# No two places share twelve lines, identical or equal but for names. The columns of a table are a list.
check_alike() {
    need python3 python3 || return
    files 'sql/*.sql' | grep -v '/schema/' | cat "$tmp/sources" - > "$tmp/texts"
    lines "$tmp/texts" python3 "$here/alike.py"
}

# Statements move pins and schedules only as the table of transitions allows.
check_moves() {
    files lib/pin.c > "$tmp/moves"
    files 'sql/stmt/*.sql' >> "$tmp/moves"
    lines "$tmp/moves" awk -f "$here/moves.awk"
}

failed=0
for check in "${@:-doors words sql moves sizes alike text headers globals circles unused statics format cppcheck tidy}"; do
    for c in $check; do
        start=$SECONDS
        "check_$c"
        case $? in
            0) state=ok ;;
            77) state=skipped ;;
            *) state=FAILED failed=1 ;;
        esac
        printf 'lint: %-9s %s (%d s)\n' "$c" "$state" $((SECONDS - start))
    done
done
exit $failed
