#!/usr/bin/env python3
"""The commands of docs/install.md, as a script that runs them in order.

usage: literal.py PAGE VARIANT PART     (VARIANT: lighttpd, apache, apache-fcgid, nginx, shared;
                                        PART: install, upgrade, uninstall)

Blocks of the page marked `sh` are for everybody, `sh example` are not run, `sh as-user` are run by user $BUILDER,
`sh VARIANT...` belong to those variants only; the variant `shared` has nothing else. A block runs under
`bash -eo pipefail`, in $SRC/build (as-user: $SRC). A block that creates the owner gets $PASSWORD as standard input.
The script ends at the first command that fails and names its line.
"""

import re
import shlex
import sys


def blocks(page):
    """(line, section, words, text) of every shell block."""
    section, start = "", None
    with open(page, encoding="utf-8") as f:
        lines = f.read().splitlines()
    for n, line in enumerate(lines, 1):
        if start is not None:
            if line.strip() == "```":
                if words[:1] == ["sh"]:
                    yield start, section, words[1:], "\n".join(lines[start : n - 1]) + "\n"
                start = None
        elif m := re.match(r" *```(.*)$", line):
            start, words = n, m[1].split()
        elif m := re.match(r"## (.*)$", line):
            section = m[1]


def wanted(variant, part, section, words):
    if {"Upgrade": "upgrade", "Uninstall": "uninstall"}.get(section, "install") != part or "example" in words:
        return False
    own = [w for w in words if w != "as-user"]
    return variant in own if own or variant == "shared" else True


def command(variant, line, section, words, text):
    who = "$BUILDER" if "as-user" in words or variant == "shared" else "root"
    where = '"$SRC"' if who != "root" else '"$([ -d "$SRC/build" ] && echo "$SRC/build" || echo "$SRC")"'
    stdin = '<<< "$PASSWORD"' if "--owner" in text else "< /dev/null"
    run = f"bash -eo pipefail -c {shlex.quote(text)}"
    if who != "root":
        run = f'su -s /bin/bash "{who}" -c {shlex.quote("cd; cd " + "$SRC && " + run)}'
    return f"""
echo "== line {line}, {section} ({who})"
cd {where} && {run} {stdin} || {{ echo "FAILED: line {line}, {section}"; exit 1; }}
"""


def main(page, variant, part):
    print('#!/bin/bash\nset -u\nexport SRC BUILDER PASSWORD DEBIAN_FRONTEND=noninteractive')
    for line, section, words, text in blocks(page):
        if wanted(variant, part, section, words):
            print(command(variant, line, section, words, text))
    print('echo "== all of it worked"')


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
