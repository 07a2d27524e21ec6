#!/usr/bin/env python3
"""No two places share twelve lines, identical or equal but for names, unless a line says why.

usage: alike.py FILES (C and SQL). Prints file:line: reason; exit 1 on any.

Lines are compared by shape: names become N, numbers 0 and texts S; keywords and punctuation stay.
Blank lines, comments, includes and lone brackets do not count. A comment with `alike: <reason>` in
one of the two places, or on the line above it, allows the pair.
"""

import collections
import re
import sys

RUN = 12
KEYWORDS = frozenset(
    """if else for while do switch case break continue return goto sizeof static const struct enum union
    void int char bool unsigned int64_t size_t NULL true false
    SELECT FROM WHERE AND OR NOT NULL UPDATE SET INSERT INTO VALUES DELETE JOIN LEFT ON ORDER BY LIMIT
    CASE WHEN THEN ELSE END AS IN IS""".split()
)
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|[A-Za-z_]\w*|\d[\w.]*|\S')
TRIVIAL = re.compile(r"^[\s{}()\[\];,]*$")


def without_comments(text, sql):
    """The text with comments blanked; line numbers stay."""
    if sql:
        return re.sub(r"--[^\n]*", "", text)
    return re.sub(r"/\*.*?\*/|//[^\n]*", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)


def shape(line):
    out = []
    for token in TOKEN.findall(line):
        if token[0] in "\"'":
            token = "S"
        elif token[0].isdigit():
            token = "0"
        elif (token[0].isalpha() or token[0] == "_") and token not in KEYWORDS:
            token = "N"
        out.append(token)
    return " ".join(out)


def lines_of(path):
    """[(line number, shape)] of the lines that count, and the numbers of lines that say `alike:`."""
    with open(path) as f:
        text = f.read()
    allowed = {k for k, line in enumerate(text.split("\n"), 1) if "alike: " in line}
    kept = []
    for number, line in enumerate(without_comments(text, path.endswith(".sql")).split("\n"), 1):
        if not TRIVIAL.match(line) and not line.lstrip().startswith("#include"):
            kept.append((number, shape(line)))
    return kept, allowed


def pairs(files):
    """Maximal runs: (path, first, last) twice."""
    windows = collections.defaultdict(list)
    for path, (kept, _) in files.items():
        for k in range(len(kept) - RUN + 1):
            run = tuple(s for _, s in kept[k : k + RUN])
            if len(set(run)) > RUN // 2:  # a table of like rows is a list, not a repetition
                windows[run].append((path, k))
    seen = set()
    for places in windows.values():
        for x in range(len(places)):
            for y in range(x + 1, len(places)):
                (a, i), (b, j) = places[x], places[y]
                if (a, i, b, j) in seen or (a == b and j < i + RUN):
                    continue
                n = 0
                while i + n < len(files[a][0]) and j + n < len(files[b][0]) and files[a][0][i + n][1] == files[b][0][j + n][1]:
                    seen.add((a, i + n, b, j + n))
                    n += 1
                yield a, i, b, j, n


def main(paths):
    files = {p: lines_of(p) for p in paths}
    bad = False
    for a, i, b, j, n in pairs(files):
        places = [(p, files[p][0][k][0], files[p][0][k + n - 1][0]) for p, k in ((a, i), (b, j))]
        if any(first - 1 <= line <= last for p, first, last in places for line in files[p][1]):
            continue
        bad = True
        (a, a1, _), (b, b1, b2) = places
        print(f"{a}:{a1}: {n} lines alike at {b}:{b1}-{b2}: write them once, or say why not (alike: ...)")
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
