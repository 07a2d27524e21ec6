# Two functions of one name, at least one of them static, in one program.
# usage: ctags -f - --kinds-C=f --fields=+n FILES | awk -F'\t' -f statics.awk. Exit 1 on any.
function programs_of(file) {
    if (file ~ /^(lib|sql)\//) return "app sandbox worker ctl"
    if (file ~ /^app\/sandbox\//) return "sandbox"
    sub(/\/.*/, "", file)
    return file
}
/^!/ { next }
{
    line = ""; fixed = 0
    for (i = 4; i <= NF; i++) {
        if ($i ~ /^line:/) line = substr($i, 6)
        if ($i == "file:") fixed = 1
    }
    n = split(programs_of($2), in_program, " ")
    told = 0
    for (i = 1; i <= n; i++) {
        key = in_program[i] SUBSEP $1
        if (key in first && (fixed || was_fixed[key]) && !told) {
            printf "%s:%d: %s() has a namesake in %s\n", $2, line, $1, first[key]
            told = failed = 1
        }
        if (!(key in first)) { first[key] = $2 ":" line; was_fixed[key] = fixed }
    }
}
END { exit failed }
