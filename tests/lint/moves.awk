# Every `-- moves: from -> to, ...` of a statement is in the table of transitions, moves[] of lib/pin.c.
# usage: awk -f moves.awk lib/pin.c STATEMENTS. Prints file:line: reason; exit 1 on any.
FILENAME ~ /lib\/pin\.c$/ {
    if (/^static const unsigned moves\[/) inside = 1
    if (!inside) next
    if (/^};/) { inside = 0; next }
    line = tolower($0)
    if (match(line, /\[pin_[a-z]+\]/)) from = substr(line, RSTART + 5, RLENGTH - 6)
    while (match(line, /move\(pin_[a-z]+\)/)) {
        may[from, substr(line, RSTART + 9, RLENGTH - 10)] = 1
        line = substr(line, RSTART + RLENGTH)
    }
    next
}
/^-- moves:/ {
    line = $0
    sub(/^-- moves:[ \t]*/, "", line)
    n = split(line, move, /,[ \t]*/)
    for (i = 1; i <= n; i++) {
        split(move[i], end, /[ \t]*->[ \t]*/)
        sub(/[ \t]+$/, "", end[2])
        # a new row has no state before, and a statement may write the state that is there
        if (move[i] == "" || end[1] == "new" || end[1] == end[2] || (end[1], end[2]) in may) continue
        printf "%s:%d: a pin may not move from %s to %s (lib/pin.c)\n", FILENAME, FNR, end[1], end[2]
        failed = 1
    }
}
END { exit failed }
