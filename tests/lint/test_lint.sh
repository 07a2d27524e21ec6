#!/bin/bash
# Shows that each rule of lint.sh can fail: a small clean tree, then one violation at a time. TAP.
set -u
lint=$(cd "$(dirname "$0")" && pwd)/lint.sh
top=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d) || exit 2
trap 'rm -rf "$tree"' EXIT
n=0 failed=0

ok() { # ok STATUS NAME
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi
}

clean() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree"/{app,worker,lib,sql,ctl,build,tests}
    cp "$top/.clang-format" "$top/.clang-tidy" "$tree"
    printf '#ifndef LIB_A_H\n#define LIB_A_H\n\nvoid a_add(int *sum, int x);\n\n#endif\n' > "$tree/lib/a.h"
    printf '#include "lib/a.h"\n\nvoid\na_add(int *sum, int x)\n{\n\t*sum += x;\n}\n' > "$tree/lib/a.c"
    printf '#include "lib/a.h"\n\nint\nmain(void)\n{\n\tint sum = 0;\n\n\ta_add(&sum, 1);\n\treturn sum;\n}\n' > "$tree/ctl/main.c"
}

# breaks CHECK NAME PATTERN FILE: CHECK fails with PATTERN when FILE has the text from standard
# input.
breaks() {
    local out
    clean
    mkdir -p "$(dirname "$tree/$4")"
    cat > "$tree/$4"
    out=$("$lint" -r "$tree" -b "$tree/build" "$1" 2>&1)
    if [ $? -ne 1 ] || ! grep -qE "^$4:[0-9]+: .*$3" <<< "$out"; then
        ok 1 "$1: $2"
        sed 's/^/# /' <<< "$out"
    else
        ok 0 "$1: $2"
    fi
}

clean
out=$("$lint" -r "$tree" -b "$tree/build" 2>&1)
ok $? 'a clean tree passes every check'
[ $failed -eq 0 ] || sed 's/^/# /' <<< "$out"

breaks doors 'lib includes sql' 'lib/ may not include sql/' lib/b.c <<< '#include "sql/store.h"'
breaks doors 'app includes worker' 'app/ may not include worker/' app/b.c <<< '#include "worker/frame/loop.h"'
breaks doors 'worker includes ctl' 'worker/ may not include ctl/' worker/b.c <<< '#include "ctl/why.h"'
breaks doors 'application includes the simulator' 'simulator' app/b.c <<< '#include "app/sandbox/state.h"'
breaks doors 'simulator includes the application' 'simulator may include nothing' app/sandbox/b.c <<< '#include "app/http/call.h"'
breaks doors 'http includes pinterest' 'no folder includes a later one' app/http/b.c <<< '#include "app/pinterest/board.h"'
breaks doors 'pinterest includes api' 'no folder includes a later one' app/pinterest/b.c <<< '#include "app/api/accounts.h"'
breaks doors 'api includes the table of routes' 'no folder includes a later one' app/api/b.c <<< '#include "app/routes.h"'
breaks doors 'a stage includes another stage' 'worker/deliver/ may not include worker/publish/' worker/deliver/b.c <<< '#include "worker/publish/verdict.h"'
breaks doors 'the frame includes a stage' 'worker/frame/ may not include worker/turn/' worker/frame/b.c <<< '#include "worker/turn/turn.h"'
breaks doors 'publish includes the turn' 'worker/publish/ may not include worker/turn/' worker/publish/b.c <<< '#include "worker/turn/pace.h"'
breaks doors 'a stage includes main' 'worker/sweep/ may not include worker/main/' worker/sweep/b.c <<< '#include "worker/stats.h"'
breaks doors 'the database thread includes the loop' 'database thread may not include' worker/sweep/b_db.c <<< '#include "worker/frame/loop.h"'
breaks doors 'the database thread includes a stage of the loop thread' 'database thread may not include' worker/turn/b_db.c <<< '#include "worker/publish/publish.h"'
breaks doors 'the loop thread includes statements' 'is for files called' worker/sweep/b.c <<< '#include "sql/stmt.h"'
breaks doors 'include not from the root' 'from the root' lib/b.c <<< '#include "a.h"'
breaks doors 'mysql.h included outside lib/db' 'mysql' app/b.c <<< '#include <mysql.h>'
breaks doors 'curl included outside its file' 'curl' worker/b.c <<< '#include <curl/curl.h>'
breaks doors 'sodium included outside its file' 'sodium' app/b.c <<< '#include <sodium.h>'
breaks doors 'libevent included outside its files' 'event' lib/b.c <<< '#include <event2/event.h>'
breaks doors 'FastCGI included outside its files' 'fcgiapp' app/api/b.c <<< '#include <fcgiapp.h>'

breaks words 'banned function' 'strcpy.. is banned' app/b.c <<< 'void f(char *a) { strcpy(a, "b"); }'
breaks words 'system()' 'system.. is banned' ctl/b.c <<< 'int f(void) { return system("x"); }'
breaks words 'malloc outside of xalloc' 'lib/xalloc.c' app/b.c <<< 'void *f(void) { return malloc(1); }'
breaks words 'clock outside of clock.c' 'lib/clock.c' app/b.c <<< 'int f(void) { return time(0) > 0; }'
breaks words 'default without a reason' 'without a reason' app/b.c <<< 'default:'
breaks words 'unfinished word' 'unfinished' lib/b.c <<< '/* TO''DO: later */'
breaks words 'long line' 'columns' lib/b.c <<< "/* $(printf '%0100d' 0) */"
breaks words 'white space at the end' 'white space' lib/b.c <<< 'int f(void); '
breaks words 'result that can be ignored' 'MUST_CHECK' lib/b.h <<< 'int b_open(void);'
breaks words 'enum of results that can be ignored' 'MUST_CHECK_TYPE' lib/b.h <<< 'enum b_rc { B_OK };'
clean
printf 'int f(int c);\n/* strcpy(a, b) in a comment\n * system(x) */\nconst char *t = "atoi(x)";\n' > "$tree/lib/b.c"
printf 'default: /* any other number */\n' >> "$tree/lib/b.c"
out=$("$lint" -r "$tree" -b "$tree/build" words)
ok $? 'words: comments, strings and a default with its reason are accepted'

breaks sql 'bare state' 'bare number' sql/stmt/app/a.sql <<< 'UPDATE pins SET state = 3'
breaks sql 'bare states' 'bare number' sql/stmt/app/a.sql <<< 'SELECT id FROM pins WHERE state IN ($PIN_WAITING, 5)'
breaks sql 'bare range of states' 'bare number' sql/stmt/app/a.sql <<< 'SELECT id FROM pins WHERE state BETWEEN $PIN_WAITING AND 3'
breaks sql 'bare reason' 'bare number' sql/view/a.sql <<< 'SELECT CASE WHEN l.paused_at IS NOT NULL THEN 7 END AS wait_code FROM lanes l'
breaks sql 'bare outcome' 'bare number' sql/group/a.sql <<< 't.outcome <> 4'
breaks sql 'an update by id that names no index' 'FORCE INDEX' sql/stmt/app/a.sql <<< $'UPDATE pins SET title = :title\nWHERE id = :id AND state = :state'
breaks sql 'parameters by position' 'by position' app/b.c <<< 'const struct db_param in[] = { db_int(1) };'
breaks sql 'columns by position' 'by position' worker/b.c <<< '	struct db_col out[2] = { db_get_int(&a), db_get_int(&b) };'
breaks sql 'statement by number' 'without names' ctl/b.c <<< '	rc = db_exec(db, SQL_pin_sweep, NULL, 0, NULL);'

breaks sizes 'long function' 'f.. has 81 lines' lib/b.c < <(
    echo 'int'; echo 'f(void)'; echo '{'; yes '' | head -78; echo '}'; echo)
breaks sizes 'long file' 'file of 601 lines' lib/b.c < <(yes '' | head -601)
breaks sizes 'long header' 'file of 151 lines' lib/b.h < <(yes '' | head -151)
breaks text 'broken Python' 'invalid syntax|was never closed' tests/b.py <<< 'def f(:'
breaks text 'fixed sleep in a test' 'fixed sleep' tests/b.py <<< 'time.sl''eep(1)'
breaks headers 'a header that depends on another' 'alone' lib/b.h <<< 'size_t b_len(void);'
breaks globals 'mutable global' 'counter is a mutable global' lib/b.c <<< 'static int counter; int f(void) { return ++counter; }'
breaks globals 'mutable static in a function' 'n is a mutable global' lib/b.c <<< 'int f(void) { static int n = 3; return ++n; }'
clean
printf '#include "lib/a.h"\n\nvoid c(int *sum);\n\nvoid\nc(int *sum)\n{\n\ta_add(sum, 1);\n}\n' > "$tree/lib/c.c"
out=$("$lint" -r "$tree" -b "$tree/build" circles)
ok $? 'circles: a unit may refer to another one'
printf 'void c(int *);\nvoid a_add(int *sum, int x) { *sum += x; c(sum); }\n' > "$tree/lib/a.c"
out=$("$lint" -r "$tree" -b "$tree/build" circles)
grep -qF 'lib/a.c:1: circle: lib/a.c -> lib/c.c (c) -> lib/a.c (a_add)' <<< "$out"
ok $? 'circles: two units that refer to each other'
breaks unused 'an export without a user' 'b is exported for nobody' lib/b.c <<< 'int b(void) { return 1; }'
clean
mkdir -p "$tree/sql/stmt/app"
cp "$top/lib/pin.c" "$tree/lib"
printf -- '-- moves: new -> waiting, waiting -> sending,\n-- moves: failed -> waiting\nSELECT 1\n' > "$tree/sql/stmt/app/a.sql"
out=$("$lint" -r "$tree" -b "$tree/build" moves 2>&1)
ok $? 'moves: those of the table pass'
echo '-- moves: waiting -> sending, failed -> sending' > "$tree/sql/stmt/app/b.sql"
out=$("$lint" -r "$tree" -b "$tree/build" moves 2>&1) && rc=1 || rc=0
[ "$(grep -c 'may not move' <<< "$out")" -eq 1 ] && grep -q 'app/b.sql:1: .* from failed to sending' <<< "$out" || rc=1
ok $rc 'moves: one that is not in the table fails'

breaks statics 'two functions of one name' 'a_add.. has a namesake in lib/a.c:4' lib/c.c <<< 'static void a_add(void) {}'
breaks format 'not formatted' 'clang-format' lib/b.c <<< 'int f(void){return 1;}'
breaks cppcheck 'index out of bounds' 'arrayIndexOutOfBounds' lib/b.c <<< 'int f(void) { int a[2] = { 0, 0 }; return a[2]; }'
breaks tidy 'null dereference' 'null' lib/b.c <<< 'int f(int *p) { if (!p) return *p; return 0; }'

twelve() { # twelve NAME: a function of so many lines that count
    printf 'int %s_sum(int a, int b)\n' "$1"
    for op in '+' '-' '*' '/' '%' '&' '|' '^' '<' '>' '=='; do echo "  a = a $op ${1}_of(b, a);"; done
}
breaks alike 'the same shape under other names' 'lines alike at lib/b.c:15-26' lib/b.c < <(twelve x; echo '{'; echo; twelve y)
clean
{ twelve x; echo '/* alike: another unit */'; twelve y; } > "$tree/lib/b.c"
out=$("$lint" -r "$tree" -b "$tree/build" alike 2>&1)
ok $? 'alike: a pair with its reason is accepted'

clean
mkdir "$tree/bin"
for t in bash sh awk sed sort tr xargs cat find grep mktemp rm dirname nproc pkg-config git printf head; do
    p=$(command -v $t) && ln -sf "$p" "$tree/bin/$t"
done
out=$(PATH=$tree/bin CI=1 "$lint" -r "$tree" -b "$tree/build" cppcheck 2>&1) && rc=1 || rc=0
grep -q 'install the Debian package cppcheck' <<< "$out" || rc=1
ok $rc 'a missing tool fails in CI and names its package'
out=$(unset CI; PATH=$tree/bin "$lint" -r "$tree" -b "$tree/build" cppcheck 2>&1)
ok $? 'a missing tool is skipped elsewhere'
echo "1..$n"
exit $failed
