#!/usr/bin/env python3
"""Checks what docs/ says about the code against the code. TAP; run by tests/api/test_docs.sh.

    usage: pages.py TOP
"""

import base64
import glob
import hashlib
import hmac
import os
import re
import subprocess
import sys
import time

ACCESS = {"PUBLIC": ("public", "-"), "SESSION": ("session", None), "ANY": ("any", None), "INSIDE": ("any", "read")}
SCOPES = {"N": "-", "R": "read", "W": "write", "D": "destructive"}
n = failed = 0


def ok(good, name, *detail):
    global n, failed
    n += 1
    failed += not good
    print(f"{'' if good else 'not '}ok {n} - {name}")
    for line in detail if not good else ():
        print(f"# {line}")


OAUTH_QUERY = {"code", "error", "error_description", "state"}  # Pinterest's


def read(*path):
    with open(os.path.join(top, *path)) as f:
        return f.read()


def served():
    """(method, path, access, scope) of every row of app/routes.def."""
    rows = set()
    for method, path, access, scope in re.findall(r'ROUTE\((\w+), "([^"]+)", (\w+), (\w),', read("app", "routes.def")):
        shown, fixed = ACCESS[access]
        rows.add((method, path, shown, fixed or SCOPES[scope]))
    return rows


def routes(page):
    documented = re.findall(r"^\| ([A-Z]+) \| `(/[^`]*)` \| (\w+) \| ([\w-]+) \| .+ \|$", page, re.M)
    documented = {(m, re.sub(r"\{\w+\}", "{}", p), a, s) for m, p, a, s in documented}
    real = served()
    ok(len(real) > 40, "app/routes.def can be read")
    ok(documented == real, "docs/api.md lists every route, its access and its scope",
       *(f"only in docs/api.md: {r}" for r in sorted(documented - real)),
       *(f"only in app/routes.def: {r}" for r in sorted(real - documented)))


def queries(page):
    """Every query parameter that a handler reads is declared by a route, and is on the page."""
    declared = set(" ".join(re.findall(r', "([^"/]*)", \w+\)$', read("app", "routes.def"), re.M)).replace("+", "").split()) - {"*"}
    used = set()
    for path in glob.glob(os.path.join(top, "app", "**", "*.c"), recursive=True):
        with open(path) as f:
            used.update(re.findall(r'(?:call_query\w*|filter_code|csv_option\w*)\(c, "(\w+)"', f.read()))
    ok(len(declared) > 15 and used <= declared, "app/routes.def declares every query parameter that is read", *sorted(used - declared))
    missing = [name for name in sorted(declared - OAUTH_QUERY) if not re.search(rf"\b{name}\b", page)]
    ok(not missing, "docs/api.md names every query parameter", *missing)


def codes(page):
    """Every error code of the application and the worker appears on the page."""
    found = set()
    for path in glob.glob(os.path.join(top, "app", "**", "*.c"), recursive=True):
        with open(path) as f:
            for call in re.findall(r"(?:problem_set|reply_error)\(([^;]*?);", f.read(), re.S):
                found.update(re.findall(r'\d{3},\s*"([a-z_]+)"', call))
    found.update(re.findall(r'^PIN_ERROR\("([a-z_]+)"', read("lib", "pin_errors.def"), re.M))
    found -= {"rate_paced"}  # a warning of validate
    missing = sorted(c for c in found if f"`{c}`" not in page)
    ok(len(found) > 20 and not missing, "docs/api.md explains every error code", *missing)
    waits = set(re.findall(r'^\s*\[WAIT_\w+\] = \{ "(\w+)"', read("lib", "wait.c"), re.M))
    missing = sorted(w for w in waits if f"| `{w}` |" not in page)
    ok(len(waits) > 4 and not missing, "docs/api.md explains every waiting reason", *missing)


def activities(page):
    """Every action of the activity log is on the page, in its category."""
    real = {(c.lower(), a) for a, c in re.findall(r'^ACTIVITY\(\w+, "([\w.]+)", (\w+),', read("lib", "activity.def"), re.M)}
    rows = re.findall(r"^\| `(security|publishing|billing|configuration|integration)` \| (.*) \|$", page, re.M)
    shown = {(c, a) for c, text in rows for a in re.findall(r"`(\w+\.\w+)`", text)}
    ok(len(real) > 30 and shown == real, "docs/api.md lists every action of the activity log", *sorted(map(str, shown ^ real)))


def columns(page):
    table = re.search(r"\} fields\[\] = \{\n(.*?)\n\};", read("lib", "pin_decode.c"), re.S)[1]
    real = re.findall(r'^\s*\{ "(\w+)"', table, re.M)
    documented = re.findall(r"\w+", re.search(r"Columns:\s([^.]*)\.", page)[1])
    ok(len(real) > 10 and documented == real, "docs/api.md lists the columns of a CSV import")


def contents():
    """The columns of each group are the members that C has for it, and a pin's are shown."""
    for group, header, pattern in (
        ("sql/group/pin_content.sql", "lib/pin.h", r"\nstruct pin_content \{\n(.*?)\n\};"),
        ("sql/group/pin_create.sql", "lib/pinterest.h", r"\nstruct pinterest_create \{\n(.*?)\n\};"),
        ("sql/sandbox/group/sim_texts.sql", "app/sandbox/sim_view.h", r"define SIM_PIN_TEXTS\(X\)(.*?)\n\n"),
    ):
        columns = re.findall(r"^(\w+) \w+$", read(group), re.M)
        members = re.findall(r"(\w+);|X\((\w+),", re.search(pattern, read(header), re.S)[1])
        members = [a or b for a, b in members]
        ok(len(columns) > 4 and sorted(members) == sorted(columns), f"{group} names what {header} has",
           *sorted(set(members) ^ set(columns)))
    shown = read("lib", "pin.c") + read("app", "api", "pin_view.c")
    missing = [m for m in re.findall(r"^(\w+) \w+$", read("sql", "group", "pin_content.sql"), re.M)
               if f"->{m}" not in shown and f"content.{m}" not in shown]
    ok(not missing, "every column of sql/group/pin_content.sql is shown", *missing)


def signatures(page):
    """The page's receiver example accepts genuine deliveries under both forms of secret, and
    nothing else."""
    space = {}
    exec(re.search(r"```python\n(.*?)```", page, re.S)[1], space)  # noqa: S102
    body = b'{"event":"pin.published"}'
    for secret in ("sixteen-or-more-characters", "whsec_" + base64.b64encode(b"k" * 24).decode()):
        key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
        now = str(int(time.time()))
        mac = hmac.new(key, f"id.{now}.".encode() + body, hashlib.sha256).digest()
        good = {"webhook-id": "id", "webhook-timestamp": now,
                "webhook-signature": "v1,AAAA v1," + base64.b64encode(mac).decode(),
                "X-PinBridge-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
        ok(space["genuine"](good, body, secret), f"the receiver example accepts a genuine delivery ({secret[:6]})")
        wrong = [name for name in good if space["genuine"]({**good, name: good[name][:-1] + "0" * 3}, body, secret)]
        ok(not wrong and not space["genuine"](good, body + b" ", secret), "the receiver example refuses everything else", *wrong)


def anchors(text):
    heads = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", text, flags=re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}


def links():
    pages = ["README.md"] + sorted("docs/" + os.path.basename(p) for p in glob.glob(os.path.join(top, "docs", "*.md")))
    bad = []
    for page in pages:
        text = re.sub(r"```.*?```", "", read(page), flags=re.S)
        for target in re.findall(r"\]\(([^)]+)\)", text):
            if re.match(r"\w+:", target):
                continue
            path, _, anchor = target.partition("#")
            path = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
            if not os.path.exists(os.path.join(top, path)):
                bad.append(f"{page}: {target}: no such file")
            elif anchor and anchor not in anchors(read(path)):
                bad.append(f"{page}: {target}: no such heading")
    ok(not bad, "every link between the pages has a target", *bad)
    missing = [p for p in pages[1:] if f"]({p})" not in read("README.md")]
    ok(not missing, "README.md links to every page", *missing)


# What nobody on call meets: of the command, which logs warnings only; and what the page says in words.
NOT_SHOWN = {"migrated", "view_made", "others"}


def log_events(page):
    """The page on operating explains every event of the log, once; those of panic() are one."""
    rows = re.findall(r"^\| `event=(\w+)`", page, re.M)
    logged = set()
    for folder in ("app", "ctl", "lib", "sql", "worker"):
        for path in glob.glob(os.path.join(top, folder, "**", "*.c"), recursive=True):
            with open(path) as f:
                text = re.sub(r'\b(?:panic|log_debug)\(\s*"event=\w+', "", f.read())
            logged.update(re.findall(r'"event=(\w+)', text))
    logged -= NOT_SHOWN
    logged.add("panic")
    ok(len(rows) > 50 and set(rows) == logged, "docs/operate.md explains every event of the log, and no other",
       *(f"not on the page: {e}" for e in sorted(logged - set(rows))), *(f"not in the code: {e}" for e in sorted(set(rows) - logged)))
    ok(len(rows) == len(set(rows)), "and each once")


def limits(page):
    """The page has a row for every limit of the program, and shows its default."""
    found = re.findall(r'^LIMIT\(\w+, "(\w+)", [\w.]+, "\[(\w+)\] (\w+)"', read("lib", "limit.def"), re.M)
    table = read("lib", "conf_table.c")
    wrong = []
    for name, _, setting in found:
        default = re.search(rf'"{setting}", HERE\([\w.]+\),\s*"(\d+)"', table)[1]
        if f"| `{name}` | {default} |" not in page:
            wrong.append(f"{name}: {default}")
    ok(len(found) > 7 and not wrong, "docs/api.md has every limit with its default", *wrong)


def roles():
    run = [sys.executable, os.path.join(top, "tests", "docs", "roles.py"), top, "--check"]
    done = subprocess.run(run, capture_output=True, text=True)
    ok(done.returncode == 0, "docs/api.md has the table of lib/role.def; else: make docs", *(done.stdout + done.stderr).splitlines())


if __name__ == "__main__":
    top = sys.argv[1]
    api = read("docs", "api.md")
    routes(api)
    queries(api)
    codes(api)
    activities(api)
    columns(api)
    limits(api)
    roles()
    contents()
    signatures(api)
    log_events(read("docs", "operate.md"))
    links()
    print(f"1..{n}")
    sys.exit(failed > 0)
