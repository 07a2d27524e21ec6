# Checks that functions have at most `max` lines (120 in tests, for tables of cases). Reads `ctags
# --fields=+ne` from standard input; prints file:line: reason.
BEGIN { FS = "\t" }
/^!/ { next }
{
    line = end = 0
    for (i = 4; i <= NF; i++) {
        if ($i ~ /^line:/) line = substr($i, 6)
        if ($i ~ /^end:/) end = substr($i, 5)
    }
    limit = $2 ~ /^tests\// ? 120 : max # tables of cases
    if (end - line + 1 > limit) { printf "%s:%d: %s() has %d lines; allowed: %d\n", $2, line, $1, end - line + 1, limit; failed = 1 }
}
END { exit failed }
