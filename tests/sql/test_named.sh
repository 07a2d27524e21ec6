#!/bin/bash
# Names in SQL hold: what embed.awk and the compiler must refuse, each with one break. TAP.
set -u
top=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd)
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C
n=0 failed=0

ok() { # ok STATUS NAME
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi
}

embed() { # the statements, groups and header of $tmp, made into sql/stmt.h and stmt.c
    mkdir -p "$tmp/sql"
    "${AWK:-awk}" -v prefix=SQL -v table=sql_stmts -v moves_table=sql_moves -v header="$tmp/sql/stmt.h" \
        -v source="$tmp/sql/stmt.c" -f "$top/sql/embed_words.awk" -f "$top/sql/embed.awk" \
        "$top/lib/pin.h" "$tmp"/group/*.sql "$tmp"/stmt/*/*.sql > "$tmp/out" 2>&1
}

clean() {
    rm -rf "${tmp:?}"/*
    mkdir -p "$tmp"/{group,stmt/app,stmt/both}
    printf 'title text\nasset_id uuid\n' > "$tmp/group/words.sql"
    printf 'p.deleted_at IS NULL\nAND p.title = :title\n' > "$tmp/group/there.sql"
    cat > "$tmp/stmt/app/pin_read.sql" << 'END'
-- One pin.
-- orders: newest = p.created_at DESC | oldest = p.created_at
SELECT p.id, {p.words}, COUNT(*) AS pins, (SELECT 1 FROM pins) AS one FROM pins p
WHERE p.id = :id AND p.state IN ($PIN_WAITING, $PIN_FAILED) AND {there} ORDER BY /*ORDER*/
END
    cat > "$tmp/stmt/both/pin_write.sql" << 'END'
-- Changes one.
-- users: app worker
-- moves: waiting -> sending
UPDATE pins SET state = $PIN_SENDING, {words = COALESCE(:words, words)} WHERE id = :id
END
    echo 'DELETE FROM pins' > "$tmp/stmt/app/pin_sweep.sql"
    cat > "$tmp/a.c" << 'END'
#include "sql/stmt.h"
struct words { const char *title; struct uuid asset_id; };
enum db_rc f(struct db *db, struct words *w, const struct uuid *id, unsigned sort)
{
	struct db_many many = { 0 };
	int64_t pins, one;
	struct uuid got;
	enum db_rc rc = db_exec(db, SQL_IN(pin_sweep), NULL);
	db_many_push(db, &many, SQL_IN(pin_write, .id = db_uuid(id), WORDS_IN(w)));
	return rc != DB_OK ? rc : db_row(db,
	    SQL_IN_ORDER(pin_read, sort, .id = db_uuid(id), .title = db_text(w->title)),
	    SQL_OUT(pin_read, .one = db_get_int(&one), .id = db_get_uuid(&got),
		WORDS_OUT(w), .pins = db_get_int(&pins)));
}
END
}

compiles() { # with CC, as make does
    "$1" -std=gnu11 -Wall -Wextra -Wpedantic -Werror -Wconversion -fsyntax-only -I"$tmp" -I"$top" "$tmp/a.c" > "$tmp/out" 2>&1
}

refused() { # refused NAME PATTERN: the last command failed, and said so
    local rc=$?
    if [ $rc -ne 0 ] && grep -qE "$2" "$tmp/out"; then ok 0 "$1"; else ok 1 "$1"; sed 's/^/# /' "$tmp/out"; fi
}

# breaks NAME PATTERN FILE SED: the edit makes embed.awk refuse FILE
breaks() {
    clean
    sed -i "$4" "$tmp/$3"
    embed
    refused "$1" "$2"
}

# miscalls NAME PATTERN SED: the edit of the C file makes every compiler refuse it
miscalls() {
    clean
    embed
    sed -i "$3" "$tmp/a.c"
    for cc in "${compilers[@]}"; do compiles "$cc"; refused "$cc: $1" "$2"; done
}

compilers=()
for cc in gcc clang-14; do command -v "$cc" > /dev/null && compilers+=("$cc"); done

clean
embed
ok $? 'a clean set is made'
cat "$tmp/out"
for cc in "${compilers[@]}"; do compiles "$cc"; ok $? "$cc: and used"; sed 's/^/# /' "$tmp/out"; done
grep -q 'p.state IN (1, 5) AND p.deleted_at IS NULL AND p.title = ?' "$tmp/sql/stmt.c"
ok $? 'constants and a piece of SQL are put in'
grep -q 'SET state = 2, title = COALESCE(?, title), asset_id = COALESCE(?, asset_id) WHERE' "$tmp/sql/stmt.c"
ok $? 'columns are repeated'
grep -q '"pin_write", PIN_WAITING, PIN_SENDING' "$tmp/sql/stmt.c"
ok $? 'moves are gathered'
grep -q '"pin_sweep".*, 1, false }' "$tmp/sql/stmt.c" && grep -q '"pin_write".*, 3, false }' "$tmp/sql/stmt.c"
ok $? 'users follow from the folder, or from their line'

cp "$tmp/sql/stmt.h" "$tmp/before.h"
sed -i 's/p.id = :id/:id = p.id/' "$tmp/stmt/app/pin_read.sql"
embed
cmp -s "$tmp/sql/stmt.h" "$tmp/before.h" && grep -q '? = p.id' "$tmp/sql/stmt.c"
ok $? 'an edited text leaves the header unchanged'

breaks 'unknown constant' 'unknown constant .PIN_WAITNG' stmt/app/pin_read.sql 's/PIN_WAITING/PIN_WAITNG/'
breaks 'unknown group' 'names no group' stmt/app/pin_read.sql 's/{p.words}/{p.word}/'
breaks 'piece of SQL as columns' 'is a text, not columns' stmt/app/pin_read.sql 's/{there}/{p.there}/'
breaks 'computed column without a name' 'without a name' stmt/app/pin_read.sql 's/ AS pins//'
breaks 'two columns of one name' 'two columns are called one' stmt/app/pin_read.sql 's/AS pins/AS one/'
breaks 'state without moves' 'moves: from -> to' stmt/both/pin_write.sql '/moves/d'
breaks 'moves of no state' 'writes no state' stmt/app/pin_sweep.sql '1i -- moves: waiting -> sending'
breaks 'move to no state' 'sended is no state' stmt/both/pin_write.sql 's/-> sending/-> sended/'
breaks 'no users' 'no .-- users' stmt/both/pin_write.sql '/users/d'
breaks 'users against the folder' 'the folder says it' stmt/app/pin_sweep.sql '1i -- users: app'
breaks 'positions' 'parameters are named' stmt/both/pin_write.sql '1i -- params: id'
breaks 'more than one statement' 'more than one' stmt/app/pin_sweep.sql '1s/$/; DELETE FROM pins/'
miscalls 'wrong parameter' "idd" 's/pin_write, \.id/pin_write, .idd/'
miscalls 'forgotten parameter' 'a parameter of pin_write is missing' 's/pin_write, \.id = db_uuid(id), /pin_write, /'
miscalls 'parameter given twice' 'initiali.*overrid' 's/pin_write, /&.id = db_null(), /'
miscalls 'parameter of another statement' 'title|words' 's/\.id = db_uuid(id), WORDS_IN(w)/.id = db_uuid(id), .title = db_null(), .pins = db_null()/'
miscalls 'forgotten parameters' 'a parameter of pin_write is missing' 's/SQL_IN(pin_sweep)/SQL_IN(pin_write)/'
miscalls 'wrong column' 'ones' 's/\.one = /.ones = /'
miscalls 'forgotten column' 'a column of pin_read is missing' 's/\.one = db_get_int(&one), //'
miscalls 'column given twice' 'initiali.*overrid' 's/\.one = db_get_int(&one), /&&/'
miscalls 'column in place of a parameter' 'incompatible|initializ' 's/\.id = db_uuid(id), WORDS/.id = db_get_uuid(\&got), WORDS/'
miscalls 'unlike statement' 'parameters of pin_write and pin_sweep' 's/^\tint64_t pins/\tsort += SQL_LIKE(pin_write, pin_sweep);\n&/'
echo "1..$n"
exit $failed
