# Turns the statements sql/stmt/**.sql into a header (their names for C) and a table (their texts):
#   awk -v prefix=SQL -v table=sql_stmts -v moves_table=sql_moves -v header=FILE -v source=FILE \
#       -f embed_words.awk -f embed.awk HEADERS GROUPS STATEMENTS
# A statement file holds one statement after these comment lines:
#   -- What the statement does.
#   -- users: app worker   the programs that run it, only in stmt/both. The folders stmt/app,
#                          stmt/worker and stmt/ctl name one. Grants follow from this.
#   -- moves: waiting -> sending, failed -> waiting
#                          every move of pins.state or schedules.state that it can make; `new` is the
#                          state before an INSERT. tests/sql/test_moves checks pin_may_follow().
#   -- orders: newest = created_at DESC, id DESC | oldest = created_at, id
#   -- after: created_at <= :key AND (created_at < :key OR id < :id) | ...
#                          for each order, which rows come after one of its rows
#   -- indexes: newest oldest = board by_board | campaign by_campaign
#                          more orders, behind the others: newest_board, oldest_board, newest_campaign, ...,
#                          the same ones, read from the index that is named, whatever the optimizer thinks
#   -- anew: why           prepared for each use, because the server forgets on a second one that an
#                          index has all that is asked for (docs/design.md)
# The text may contain:
#   :name                  a parameter, any number of times
#   :name[64]              a list parameter: db_list() or db_uuids(), expanded to 64 places
#   SELECT a.id, COUNT(*) AS pins
#                          the columns `id` and `pins`: the last word of a column, or its alias.
#                          A computed column must have an alias. RETURNING works alike.
#   $PIN_WAITING           the number of an enumerator in a header listed in sql/Makefile.inc
#   {group}                the text of sql/group/group.sql, or its columns: a group may be a list of
#                          columns, one a line with its kind (int, text, uuid, time). Braces around
#                          more than the name are repeated for each column: {p.group}, {:group},
#                          {group = :group}, {group = COALESCE(:group, group)}.
#   /*ORDER*/              one of the orders; SQL_name__order is its number for SQL_IN_ORDER()
#   /*AFTER*/              the condition `-- after:` of that order
#   /*INDEX*/              FORCE INDEX of that order, or nothing; behind the table's name
# C passes parameters by SQL_IN() and fetches columns by SQL_OUT(), by name (lib/db/db_named.h). For a
# column group pin_content, PIN_CONTENT_IN(p) and PIN_CONTENT_OUT(p) list all of its columns, from and
# into the members of *p that have the columns' names (times: the name with _us).
function flush_stmt(   i, n, text, at) {
    if (name == "") return
    if (users == 0) fail("no `-- users:` line")
    body = trim(body)
    sub(/;$/, "", body)
    if (body == "") fail("no statement")
    if (index(body, ";") > 0) fail("more than one statement")
    if (orders > 0 && index(body, "/*ORDER*/") == 0) fail("`-- orders:` without /*ORDER*/")
    if (afters > 0 && (afters != orders || index(body, "/*AFTER*/") == 0)) fail("`-- after:` without its orders or /*AFTER*/")
    body = words_replaced(body)
    for (i = 1; i <= afters; i++) after_text[i] = words_replaced(after_text[i])
    find_params()
    find_columns(body)
    check_moves()
    declare()
    n = orders > 0 ? orders : 1
    for (i = 1; i <= n; i++) {
        text = body
        while (orders > 0 && (at = index(text, "/*ORDER*/")) > 0)
            text = substr(text, 1, at - 1) order_text[i] substr(text, at + 9)
        while (afters > 0 && (at = index(text, "/*AFTER*/")) > 0)
            text = substr(text, 1, at - 1) after_text[i] substr(text, at + 9)
        while (orders > 0 && (at = index(text, "/*INDEX*/")) > 0)
            text = substr(text, 1, at - 1) index_text[i] substr(text, at + 9)
        emit(orders > 0 ? name "__" order_name[i] : name, text)
    }
    for (i in param) if (!(i in used)) fail("parameter " i " is declared but not used")
}
# Parameters by name, in the order of the alphabet: statements with the same names look the same.
function find_params(   rest, word, i) {
    rest = body
    for (i = 1; i <= orders; i++) rest = rest " " order_text[i]
    for (i = 1; i <= afters; i++) rest = rest " " after_text[i]
    while (match(rest, /:[a-z_]+[0-9]*/)) {
        word = substr(rest, RSTART + 1, RLENGTH - 1)
        rest = substr(rest, RSTART + RLENGTH)
        if (word in param) continue
        param[word] = 0
        for (i = params++; i > 0 && param_name[i] > word; i--) param_name[i + 1] = param_name[i]
        param_name[i + 1] = word
    }
    for (i = 1; i <= params; i++) param[param_name[i]] = i - 1
}
function column(item,   alias) {
    item = trim(item)
    if (match(item, /[ \n]AS[ \n]+[a-z_0-9]+$/)) { alias = substr(item, RSTART + 1); sub(/^AS[ \n]+/, "", alias) }
    else if (item ~ /^([a-z_0-9]+\.)?[a-z_][a-z_0-9]*$/) { alias = item; sub(/^.*\./, "", alias) }
    else fail("a column without a name: " item " AS what?")
    if (alias in column_seen) fail("two columns are called " alias)
    column_seen[alias] = 1
    column_name[++columns] = alias
}
# The top level of the first SELECT, or what is behind RETURNING.
function find_columns(text,   i, c, depth, quoted, item) {
    if (match(text, /[ \n]RETURNING[ \n]/)) text = "SELECT " substr(text, RSTART + RLENGTH)
    if (text !~ /^SELECT[ \n]/) return
    sub(/^SELECT[ \n]+(DISTINCT[ \n]+)?/, "", text)
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == "'") quoted = !quoted
        else if (quoted) ;
        else if (c == "(") depth++
        else if (c == ")") depth--
        else if (depth == 0 && c == ",") { column(item); item = ""; continue }
        else if (depth == 0 && (c == " " || c == "\n") && substr(text, i + 1, 6) ~ /^(FROM|UNION)[ \n]/) break
        item = item c
    }
    column(item)
}
# Does the statement write the state of pins or schedules?
function writes_state(   head, set) {
    if (body ~ /^INSERT INTO (pins|schedules)[ \n(]/) return body ~ /[(, \n]state[,)]/
    if (body !~ /^UPDATE[ \n]/ || !match(body, /[ \n]SET[ \n]/)) return 0
    head = substr(body, 1, RSTART); set = " " substr(body, RSTART + RLENGTH)
    if (head !~ /[ \n](pins|schedules)[ \n]/) return 0
    sub(/[ \n]WHERE[ \n].*$/, "", set)
    return set ~ /[ \n,]([a-z]+\.)?state = /
}
function check_moves(   writes) {
    writes = writes_state()
    if (writes && moves == 0) fail("writes a state: `-- moves: from -> to, ...` is missing")
    if (!writes && moves > 0) fail("`-- moves:` but writes no state")
}
function state_of(word,   up) {
    if (word == "new") return "SQL_MOVE_NEW"
    up = "PIN_" toupper(word)
    if (!(up in constant)) fail("`-- moves:` " word " is no state")
    return up
}
function read_moves(line,   n, i, w, f) {
    n = split(line, w, /,/)
    for (i = 1; i <= n; i++) {
        if (split(w[i], f, /->/) != 2) fail("a move is `from -> to`")
        move_lines = move_lines sprintf("\t{ \"%s\", %s, %s },\n", name, state_of(trim(f[1])), state_of(trim(f[2])))
        moves++
    }
}
# More orders: "newest oldest = board by_board | campaign by_campaign"
function read_indexes(line,   eq, n, k, i, o, w, base, x) {
    eq = index(line, "=")
    o = split(trim(substr(line, 1, eq - 1)), base, / +/)
    n = split(substr(line, eq + 1), w, /\|/)
    for (k = 1; k <= n; k++) {
        if (split(trim(w[k]), x, / +/) != 2) fail("an index is `suffix name`")
        for (i = 1; i <= o; i++) add_index(base[i], x[1], x[2])
    }
}
function add_index(order, suffix, key,   i) {
    for (i = 1; i <= orders; i++) if (order_name[i] == order) break
    if (i > orders) fail("`-- indexes:` unknown order " order)
    order_name[++orders] = order "_" suffix
    order_text[orders] = order_text[i]
    if (afters > 0) after_text[++afters] = after_text[i]
    index_text[orders] = "FORCE INDEX (" key ")"
}
function list_of(names, len,   i, out) {
    for (i = 1; i <= len; i++) out = out (i > 1 ? ", " : "") names[i]
    return out
}
function shape_of(list) {
    if (!(list in shape)) shape[list] = ++shapes
    return shape[list]
}
function declare(   list, i) {
    entries = entries sprintf("\t%s_%s = %d,\n", prefix, name, count)
    if (orders > 0) entries = entries sprintf("\t%s_%s__ORDERS = %d,\n", prefix, name, orders)
    for (i = 1; i <= orders; i++) entries = entries sprintf("\t%s_%s__%s = %d,\n", prefix, name, order_name[i], i - 1)
    list = list_of(param_name, params)
    entries = entries sprintf("\t%s_%s__IN = %d,\n\t%s_%s__IN_SHAPE = %d,\n", prefix, name, params, prefix, name, shape_of(list))
    if (params > 0) unions = unions union_text("in", "param", list, params)
    if (columns == 0) return
    list = list_of(column_name, columns)
    entries = entries sprintf("\t%s_%s__OUT = %d,\n\t%s_%s__OUT_SHAPE = %d,\n", prefix, name, columns, prefix, name, shape_of(list))
    unions = unions union_text("out", "col", list, columns)
}
function union_text(way, type, list, n) {
    if (n > 63) fail("more than 63 parameters or columns")
    return sprintf("union %s_%s__%s {\n\tstruct {\n\t\tstruct db_%s %s;\n\t};\n\tstruct db_%s v[%d];\n};\n", prefix, name, way, type, list, type, n)
}
function emit(stmt, text,   out, rest, word, k, list, idx, binds) {
    list = ""; out = ""; rest = text; binds = 0
    while (match(rest, /:[a-z_]+[0-9]*(\[[0-9]+\])?/)) {
        # a colon inside quotes is not a parameter: none of our statements has one
        word = substr(rest, RSTART + 1, RLENGTH - 1)
        out = out substr(rest, 1, RSTART - 1)
        rest = substr(rest, RSTART + RLENGTH)
        k = 1
        if (match(word, /\[[0-9]+\]/)) { k = substr(word, RSTART + 1, RLENGTH - 2) + 0; word = substr(word, 1, RSTART - 1) }
        if (k < 1 || k > 64) fail("a list holds 1 to 64 values")
        if (!(word in param)) fail("unknown parameter :" word)
        used[word] = 1
        for (idx = 0; idx < k; idx++) {
            out = out (idx ? "," : "") "?"
            list = list (list == "" ? "" : ",") param[word]
            binds++
        }
    }
    out = out rest
    rows = rows sprintf("\t{ \"%s\", \"%s\", (const unsigned char[]){ %s }, %d, %d, %d, %s },\n", stmt, literal(out), (list == "" ? "0" : list), binds, params, users, anew ? "true" : "false")
    count++
}
function file_end() {
    if (kind == "h") header_enums(header_text)
    else if (kind == "group") group_end(name, body)
    else if (kind == "stmt") flush_stmt()
}
function group_macros(   i, k, g, f, in_list, out_list, text) {
    for (i = 1; i <= groups_len; i++) {
        g = groups[i]; in_list = ""; out_list = ""
        for (k = 1; k <= group_len[g]; k++) {
            f = group_column[g, k] (group_kind[g, k] == "time" ? "_us" : "")
            in_list = in_list (k > 1 ? ", " : "") "." group_column[g, k] " = " \
                (group_kind[g, k] == "uuid" ? "db_uuid_or_null(&(p)->" : "db_" group_kind[g, k] "((p)->") f ")"
            out_list = out_list (k > 1 ? ", " : "") "." group_column[g, k] " = db_get_" group_kind[g, k] "(&(p)->" f ")"
        }
        text = text sprintf("#define %s_IN(p) %s\n#define %s_OUT(p) %s\n", toupper(g), in_list, toupper(g), out_list)
    }
    return text
}
FNR == 1 {
    file_end()
    file = FILENAME
    kind = file ~ /\.h$/ ? "h" : file ~ /\/group\/[^\/]*$/ ? "group" : "stmt"
    name = FILENAME; sub(/.*\//, "", name); sub(/\.[a-z]*$/, "", name)
    if (name !~ /^[a-z][a-z0-9_]*$/) fail("a statement's name is [a-z][a-z0-9_]*")
    if (name in names && kind == "stmt") fail("there are two statements of this name")
    if (kind == "stmt") names[name] = 1
    body = ""; header_text = ""; params = 0; orders = 0; afters = 0; columns = 0; moves = 0; anew = 0
    delete index_text; delete param; delete param_name; delete used; delete order_text; delete after_text; delete order_name; delete column_seen; delete column_name
    users = everyone
    both = 1
    if (file ~ /\/stmt\/(app|worker|ctl)\//) { split(file, path, /\/stmt\//); sub(/\/.*/, "", path[2]); users = bit[path[2]]; both = 0 }
}
BEGIN {
    bit["app"] = 1; bit["worker"] = 2; bit["ctl"] = 4; bit["sandbox"] = 8
}
kind == "h" { header_text = header_text header_line($0) "\n"; next }
/^--/ {
    line = $0
    if (line ~ /^-- users:/) {
        if (!both) fail("`-- users:` but the folder says it")
        sub(/^-- users:/, "", line); n = split(line, w, /[ ,]+/)
        for (i = 1; i <= n; i++) if (w[i] != "") {
            if (!(w[i] in bit)) fail("unknown user " w[i])
            if (int(users / bit[w[i]]) % 2 == 0) users += bit[w[i]]
        }
    } else if (line ~ /^-- params:/) {
        fail("`-- params:` is not needed: parameters are named")
    } else if (line ~ /^-- anew: ./) {
        anew = 1
    } else if (line ~ /^-- moves:/) {
        sub(/^-- moves:/, "", line)
        read_moves(line)
    } else if (line ~ /^-- orders:/) {
        sub(/^-- orders:/, "", line); orders = split(line, w, /\|/)
        for (i = 1; i <= orders; i++) {
            eq = index(w[i], "=")
            if (eq == 0) fail("an order is `name = columns`")
            order_name[i] = trim(substr(w[i], 1, eq - 1)); order_text[i] = trim(substr(w[i], eq + 1))
        }
    } else if (line ~ /^-- indexes:/) {
        sub(/^-- indexes:/, "", line)
        read_indexes(line)
    } else if (line ~ /^-- after:/) {
        sub(/^-- after:/, "", line); afters = split(line, w, /\|/)
        for (i = 1; i <= afters; i++) after_text[i] = trim(w[i])
    }
    next
}
{ sub(/[ \t]*--.*$/, ""); body = body (body == "" ? "" : "\n") $0 }
END {
    if (failed) exit 1
    file_end()
    printf "/* Generated by embed.awk. */\n#ifndef %s_H_\n#define %s_H_\n#include \"lib/db/db_named.h\"\n", prefix, prefix > header
    printf "enum {\n%s\t%s__COUNT = %d\n};\n%s%s", entries, prefix, count, unions, group_macros() > header
    n = split("IN IN_ORDER IN_LIKE IN_NONE OUT LIKE SAME_OUT", w, " ")
    for (i = 1; i <= n; i++) printf "#define %s_%s(...) DB_%s(%s_, __VA_ARGS__)\n", prefix, w[i], w[i], prefix > header
    printf "extern const struct db_stmt %s[%s__COUNT];\n#endif\n", table, prefix > header
    printf "/* Generated by embed.awk. */\n#include \"lib/db/db.h\"\n" > source
    if (moves_table != "") printf "#include \"sql/moves.h\"\n" > source
    printf "extern const struct db_stmt %s[];\nconst struct db_stmt %s[] = {\n%s};\n", table, table, rows > source
    if (moves_table != "") printf "const struct sql_move %s[] = {\n%s\t{ 0, 0, 0 },\n};\n", moves_table, move_lines > source
}
