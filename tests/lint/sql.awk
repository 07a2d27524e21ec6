# Names in SQL and in its callers (sql/embed.awk, lib/db/db_named.h): no bare number for a state, a
# reason or an outcome in a statement, group or view; no parameters or columns by position in C. And an
# UPDATE of one pin or schedule names its index: the server would look into all that might serve.
# usage: awk -f sql.awk FILES (paths relative to the root). Prints file:line: reason; exit 1 on any.
function bad(why) { printf "%s:%d: %s\n", FILENAME, FNR, why; failed = 1 }
FNR == 1 { update = 0; generic = FILENAME ~ /^lib\/db\//; sql = FILENAME ~ /\.sql$/; reasons = 0 }
sql {
    sub(/--.*/, "")
    if (/^UPDATE (pins|schedules) SET/) update = 1
    if (update && /WHERE id = :/) bad("UPDATE of one row: say FORCE INDEX (PRIMARY)")
    gsub(/'[^']*'/, "''")
    if ($0 ~ /wait_code|hold_code|_at IS NOT NULL THEN/) reasons = 1
    if (match($0, /(^|[^a-z_])(state|wait_code|hold_code|next_code|outcome) *(=|<>|<|>|!=| IN| NOT IN| BETWEEN)[ (=]*[0-9]/) ||
        match($0, /(state|wait_code|hold_code|next_code|outcome) BETWEEN [^ ]+ AND [0-9]/) ||
        match($0, /(state|wait_code|hold_code|next_code|outcome) (NOT )?IN \([^)]*[ (,][0-9]/) ||
        (reasons && match($0, /(THEN|ELSE) [0-9]/)))
        bad("bare number beside a state, reason or outcome: name it, as $PIN_WAITING")
    next
}
generic { next }
/struct db_(param|col) [a-z_]+\[[^]]*\] = \{/ { bad("parameters or columns by position: name them with SQL_IN() and SQL_OUT()") }
/db_(exec|exec_any|row|row_any|each|many_push)\([^"]*[ (](SQL|SBX)_[a-z][a-z0-9_]*,/ { bad("a statement without names: call it by SQL_IN()") }
END { exit failed }
