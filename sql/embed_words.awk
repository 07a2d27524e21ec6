# What sql/embed.awk and sql/embed_schema.awk share: what $CONSTANT and {group} in an SQL text stand
# for. Headers and groups come first on the command line.
function fail(msg) { print (file == "" ? FILENAME : file) ": " msg > "/dev/stderr"; failed = 1; exit 1 }
function trim(s) { gsub(/^[ \t\n]+|[ \t\n]+$/, "", s); return s }
# Character by character: what gsub() makes of backslashes differs between awks.
function literal(s,   i, c, out) {
    out = ""
    for (i = 1; i <= length(s); i++) {
        c = substr(s, i, 1)
        out = out ((c == "\\" || c == "\"") ? "\\" c : (c == "\n" ? " " : c))
    }
    return out
}
# A line of a header without its comments.
function header_line(s,   at) {
    if (in_comment) {
        if ((at = index(s, "*/")) == 0) return ""
        s = substr(s, at + 2); in_comment = 0
    }
    while ((at = index(s, "/*")) > 0) {
        if (index(substr(s, at + 2), "*/") == 0) { in_comment = 1; return substr(s, 1, at - 1) }
        s = substr(s, 1, at - 1) substr(s, at + 1 + index(substr(s, at + 2), "*/") + 2)
    }
    return s
}
# Numbers of all enumerators: a number, `1 << n`, another enumerator, or one more than the last.
# Others are not known, and neither are those that follow from them.
function header_enums(text,   body, n, i, w, e, eq, name, value, known) {
    while (match(text, /enum[ \t\n]*[a-z_0-9]*[ \t\n]*\{[^}]*\}/)) {
        body = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
        sub(/^[^{]*\{/, "", body); sub(/\}$/, "", body)
        n = split(body, w, /,/)
        value = -1; known = 1
        for (i = 1; i <= n; i++) {
            e = trim(w[i])
            if (e == "") continue
            eq = index(e, "=")
            name = e; value++
            if (eq > 0) {
                name = trim(substr(e, 1, eq - 1)); e = trim(substr(e, eq + 1)); known = 1
                if (e ~ /^[0-9]+$/) value = e + 0
                else if (e ~ /^1u? *<< *[0-9]+$/) { sub(/^.*<< */, "", e); value = 2 ^ e }
                else if (e in constant) value = constant[e]
                else known = 0
            }
            if (known) constant[name] = value
        }
    }
}
# Each `name` of the text, as a whole word, replaced.
function replace_word(s, name, by,   out, w) {
    out = ""
    while (match(s, /[a-z_][a-z_0-9]*/)) {
        w = substr(s, RSTART, RLENGTH)
        out = out substr(s, 1, RSTART - 1) (w == name ? by : w)
        s = substr(s, RSTART + RLENGTH)
    }
    return out s
}
function group_repeated(inside,   s, w, i, out, name) {
    name = ""
    for (s = inside; match(s, /[a-z_][a-z_0-9]*/); s = substr(s, RSTART + RLENGTH)) {
        w = substr(s, RSTART, RLENGTH)
        if (w in group_len) {
            if (name != "" && name != w) fail("{" inside "} names two groups")
            name = w
        }
    }
    if (name == "") fail("{" inside "} names no group (sql/group)")
    if (group_len[name] == 0) {
        if (trim(inside) != name) fail("{" inside "}: " name " is a text, not columns")
        return group_text[name]
    }
    out = ""
    for (i = 1; i <= group_len[name]; i++)
        out = out (i > 1 ? ", " : "") replace_word(trim(inside), name, group_column[name, i])
    return out
}
function words_replaced(s,   out, w, left, behind) {
    for (left = 100; match(s, /\{[^{}]+\}/); left--) {
        if (left == 0) fail("a group within itself")
        w = substr(s, RSTART + 1, RLENGTH - 2); out = substr(s, 1, RSTART - 1); behind = substr(s, RSTART + RLENGTH)
        s = out group_repeated(w) behind
    }
    out = ""
    while (match(s, /\$[A-Z][A-Z0-9_]*/)) {
        w = substr(s, RSTART + 1, RLENGTH - 1)
        if (!(w in constant)) fail("unknown constant $" w ": no enum of the headers in sql/Makefile.inc has it")
        out = out substr(s, 1, RSTART - 1) constant[w]
        s = substr(s, RSTART + RLENGTH)
    }
    return out s
}
# A group is columns with their kinds in C, one a line, or else a piece of SQL.
function group_end(name, text,   n, i, w, f, k) {
    n = split(trim(text), w, /\n/)
    group_len[name] = n
    for (i = 1; i <= n; i++) {
        k = split(trim(w[i]), f, /[ \t]+/)
        if (k != 2 || f[1] !~ /^[a-z_0-9]+$/ || f[2] !~ /^(int|text|uuid|time)$/) {
            group_len[name] = 0; group_text[name] = trim(text)
            return
        }
        group_column[name, i] = f[1]; group_kind[name, i] = f[2]
    }
    groups[++groups_len] = name
}
