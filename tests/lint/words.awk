# What may not stand in a C file: banned functions, `default:` without a reason, unfinished words,
# lines over 100 columns, results in headers that callers may ignore. Strings and comments are taken out first, over line ends.
# usage: awk -f words.awk FILES (paths relative to the root). Prints file:line: reason; exit 1 on any.
function bad(why) { printf "%s:%d: %s\n", FILENAME, FNR, why; failed = 1 }
function columns(s,   i, c, n) {
    n = 0
    for (i = 1; i <= length(s); i++) { c = substr(s, i, 1); n = c == "\t" ? n + 8 - n % 8 : n + 1 }
    return n
}
# The code of this line; its comments go to the global `note`.
function code_of(s,   out, c, two, q) {
    out = ""; note = ""
    while (s != "") {
        two = substr(s, 1, 2); c = substr(s, 1, 1)
        if (in_comment) {
            if (two == "*/") { in_comment = 0; s = substr(s, 3) } else { note = note c; s = substr(s, 2) }
        } else if (two == "/*") { in_comment = 1; s = substr(s, 3)
        } else if (two == "//") { note = note substr(s, 3); s = ""
        } else if (c == "\"" || c == "'") {
            q = c; s = substr(s, 2)
            while (s != "" && substr(s, 1, 1) != q) s = substr(s, substr(s, 1, 1) == "\\" ? 3 : 2)
            s = substr(s, 2); out = out q q
        } else { out = out c; s = substr(s, 2) }
    }
    return out
}
BEGIN {
    n = split("sprintf vsprintf strcpy strcat strncpy strncat stpcpy atoi atol atoll atof strtok gets " \
        "system popen alloca asctime ctime localtime localtime_r gmtime mktime rand srand random drand48 " \
        "tmpnam tempnam mktemp", w, " ")
    for (i = 1; i <= n; i++) banned[w[i]] = "is banned"
    n = split("malloc calloc realloc reallocarray strdup strndup asprintf vasprintf", w, " ")
    for (i = 1; i <= n; i++) memory[w[i]] = "belongs to lib/xalloc.c"
    n = split("clock_gettime gettimeofday time", w, " ")
    for (i = 1; i <= n; i++) clocks[w[i]] = "belongs to lib/clock.c"
}
FNR == 1 { in_comment = 0; tests = FILENAME ~ /^tests\// }
{
    if (columns($0) > 100) bad("line of " columns($0) " columns; allowed: 100")
    if ($0 ~ /[ \t]$/) bad("white space at the end of the line")
    code = code_of($0)
    if (toupper(note) ~ /(^|[^A-Z_])(TODO|FIXME|XXX|HACK|NOT IMPLEMENTED)([^A-Z_]|$)/) bad("unfinished: " note)
    if (!tests && code ~ /^[ \t]*default[ \t]*:/ && note !~ /[a-z]/)
        bad("`default:` without a reason on its line: name every value of the enum")
    if (!tests && FILENAME ~ /\.h$/) {
        if (code ~ /^(extern )?int [a-z_0-9]+\(/ && code !~ /^int (buf_|ctl_fail|ctl_db_fail)/)
            bad("a result that can be ignored: write MUST_CHECK (lib/attr.h)")
        if (code ~ /enum [a-z_]+_rc \{/ && code !~ /MUST_CHECK_TYPE/)
            bad("an enum of results is MUST_CHECK_TYPE (lib/attr.h)")
    }
    rest = code
    while (match(rest, /[A-Za-z_][A-Za-z_0-9]*[ \t]*\(/)) {
        word = substr(rest, RSTART, RLENGTH - 1); sub(/[ \t]+$/, "", word)
        before = substr(rest, 1, RSTART - 1); rest = substr(rest, RSTART + RLENGTH)
        if (before ~ /(\.|->)$/) continue
        if (word in banned) bad(word "() " banned[word])
        else if (!tests && word in memory && FILENAME != "lib/xalloc.c") bad(word "() " memory[word])
        else if (!tests && word in clocks && FILENAME != "lib/clock.c") bad(word "() " clocks[word])
    }
}
END { exit failed }
