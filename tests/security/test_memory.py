#!/usr/bin/env python3
"""A tenant asks for as much memory as it can, eight requests at once: what a request makes has bounds, in the
application, the worker and the simulator, and goes back when it has ended. TAP on stdout."""

import contextlib
import json
import os
import secrets
import sys
import threading
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from attack import LONG, memory_mb  # noqa: E402
from harness import Stack, Tap  # noqa: E402

t = Tap()
AT_ONCE = 8
ROUNDS = 3 if LONG else 1
MOST_MB = 64
BODY = 4_180_000
EDGE = "edge7d1"
FORM = {"Content-Type": f"multipart/form-data; boundary={EDGE}"}
HEAD = "account_id,board_id,title,image_url,idempotency_key,related_terms\n"
WIDE = "\U0001d7d8"  # four bytes


def instrumented():
    """Sanitizers keep what was freed."""
    with open(os.path.join(os.environ.get("PINTEMPO_BUILD", "build"), "config.status")) as f:
        return "-fsanitize" in f.read()


def form(text, fields=0):
    parts = [(f'form-data; name="f{i}"', b"x") for i in range(fields)]
    parts.append(('form-data; name="file"; filename="plan.csv"', text.encode()))
    body = b"".join(f"--{EDGE}\r\nContent-Disposition: {h}\r\n\r\n".encode() + v + b"\r\n" for h, v in parts)
    return body + f"--{EDGE}--\r\n".encode()


def csv(lines, fields=0):
    return "POST", "/v1/pins/imports/csv", form(HEAD + lines, fields), FORM


def rows(text, query=""):
    return "POST", "/v1/pins/imports/json" + query, text.encode(), {"Content-Type": "application/json"}


def filled(one, total=BODY):
    """[one, one, ...] of about `total` bytes."""
    return "[" + ",".join([one] * ((total - 2) // (len(one) + 1))) + "]"


def body(path, text):
    return "POST", path, text.encode(), {"Content-Type": "application/json"}


def get(path):
    return "GET", path, None, {}


def requests(s, imports):
    """name -> (method, path, body, headers, the answers that it may get)."""
    terms = "a," * 9999
    cells = ",".join(f"c{i}" for i in range(1000))
    many = ",".join(f'"k{i}":0' for i in range(199))
    return {
        "CSV, cells of 10,000 terms": (*csv(f',,,,,"{terms}"\n' * 208), {202}),
        "CSV, a line of 2,050,000 cells": (*csv("," * 6 + "x," * 2_050_000 + "\n"), {422}),
        "CSV, three lines of 680,000 empty cells": (*csv(("x" + "," * 1_360_000 + "\n") * 3), {202}),
        "CSV, lines of 1,000 cells": ("POST", "/v1/pins/imports/csv?unknown=ignore", form(cells + ("\n" + "x," * 999 + "x") * 500), FORM, {422}),
        "CSV, lines with a last cell far out": ("POST", "/v1/pins/imports/csv?unknown=ignore", form("title," + cells + ("\n" + "y" * 7000 + "," * 1000 + "x") * 500), FORM, {202}),
        "CSV, control characters": (*csv(",,," + "\x01" * 8000 + ",,\n" + (",,," + "\x01" * 8300 + ",,\n") * 499), {422}),
        "CSV, full rows": (*csv(f'a,b,t,{"y" * 8000},k,\n' * 500), {202}),
        "form of 32 fields": (*csv("x\n" * 2_000_000, 31), {422}),
        "JSON, rows of 200 members": (*rows(filled("{" + many + "}")), {400}),
        "JSON, empty objects": (*rows(filled("{}")), {400}),
        "JSON, 48,000 empty objects": (*rows("[" + ",".join(['{"a":[' + ",".join(["{}"] * 1900) + "]}"] * 25) + "]"), {202}),
        "JSON, deep nests": (*rows(filled("[" * 15 + "]" * 15)), {400}),
        "JSON, equal keys": (*rows(filled('{"a":1,"a":2}')), {400}),
        "JSON, full rows": (*rows("[" + ",".join([json.dumps({"title": "x" * 8300})] * 500) + "]"), {202}),
        "JSON, rows of 32 faults": (*rows(json.dumps([{f"{i:02d}" + "n" * 150: 0 for i in range(50)} for _ in range(490)]), "?unknown=refuse"), {202}),
        "small body of empty objects": (*body("/v1/pins/validate", '{"related_terms":' + filled("{}", 65000) + "}"), {400}),
        "small body of faults": (*body("/v1/pins/validate", json.dumps({f"n{i}": 0 for i in range(190)})), {200, 422}),
        "list of imports": (*get("/v1/pins/imports?limit=200"), {200}),
        "one import with faults": (*get(f"/v1/pins/imports/{imports[0]}"), {200}),
        "list of full schedules": (*get("/v1/schedules?limit=200"), {200}),
        "export": (*get(f"/v1/schedules/export?account_id={s.account_id}&timezone=UTC"), {200}),
        "part of an export": (*get(f"/v1/schedules/export?account_id={s.account_id}&timezone=UTC&part=1"), {200}),
        "bulk cancel": (*body("/v1/schedules/bulk-cancel", json.dumps({"ids": s.some_ids})), {200}),
    }


def full_row(s):
    ahead = datetime.now(timezone.utc) + timedelta(days=9)
    url = "https://example.com/" + "u" * 1900
    return {
        **s.pin_body(run_at=ahead.strftime("%Y-%m-%dT%H:%M:%SZ"), title=WIDE * 100, alt_text=WIDE * 500, campaign=WIDE * 200),
        "description": WIDE * 500,
        "link_url": url,
        "image_url": url,
        "external_id": WIDE * 200,
        "related_terms": [f"{i:03d}" + WIDE * 97 for i in range(30)],
    }


def ended(s, answer):
    got = s.wait_for(lambda: (lambda m: m if m["completed_at"] else None)(s.call("GET", f"/v1/pins/imports/{answer['id']}")), 120, "the import has ended")
    return got


def fill(s):
    """Schedules of full length, and an import of which each row has as many faults as are told."""
    for _ in range(2):
        text = json.dumps([full_row(s) for _ in range(130)], ensure_ascii=False).encode()
        got = ended(s, s.call("POST", "/v1/pins/imports/json", text, headers={"Content-Type": "application/json"}))
        assert got["created_rows"] == 130, got["results"][0]
    wrong = [{**s.pin_body(), **{f"{i:02d}" + "n" * 100: 0 for i in range(40)}} for _ in range(500)]
    got = ended(s, s.call("POST", "/v1/pins/imports/json?unknown=refuse", wrong))
    assert got["failed_rows"] == 500
    s.some_ids = [m["id"] for m in s.call("GET", "/v1/schedules?limit=100")]
    return [got["id"]]


def peak_from_here(pid):
    with open(f"/proc/{pid}/clear_refs", "w") as f:
        f.write("5")


def at_once(s, request):
    """The answers of AT_ONCE equal requests that begin together."""
    method, path, data, headers, _ = request
    ready, answers = threading.Barrier(AT_ONCE), []

    def one():
        ready.wait()
        with contextlib.suppress(OSError):
            answers.append(s.api(method, path, data, {**headers})[0])

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def attack(s, name, request, pid, judge):
    _, _, _, _, good = request
    peak_from_here(pid)
    for _ in range(ROUNDS):
        answers = at_once(s, request)
    now, peak = memory_mb(pid)
    print(f"# {peak:6.1f} MiB at most, {now:5.1f} afterwards: {name}, {sorted(answers)}", flush=True)
    # another part bounds how many a project may have in hand: 429, or 503 for a place
    t.ok(len(answers) == AT_ONCE and good & set(answers) and set(answers) <= good | {429, 503}, f"{name}: answered", answers)
    if judge:
        t.ok(peak <= MOST_MB, f"{name}: at most {MOST_MB} MiB", peak)


def too_large(s):
    """The tenant's fault, told as such, at once."""
    status, _, got = s.api("POST", "/v1/pins/imports/json", [{**s.pin_body(), "description": "x" * 70000}])
    t.equal(status, 202, "a row that is too large is taken")
    row = ended(s, got)["results"][0]
    t.ok(row["status"] == "failed" and "65536 bytes" in row["error_message"], "and fails alone, with the reason", row)
    s.sql("SET GLOBAL max_allowed_packet = 16384")
    try:
        s.restart("app")
        s.wait_for(lambda: s.status_of("/readyz") == 200, 30, "the application is ready")
        row = {**s.pin_body(run_at="2099-01-01T00:00:00Z"), "description": "x" * 700, "related_terms": ["t" * 99] * 30, "extra": 1}
        row["link_url"] = row["image_url"] = "https://example.com/" + "u" * 1900
        status, _, got = s.api("POST", "/v1/pins/imports/json?unknown=refuse", [{**row, "more": "m" * 30000}])
        t.equal((status, got.get("code")), (422, "validation_error"), "what the database does not take is the caller's 422")
        t.equal(s.api("GET", "/v1/auth/me")[0], 200, "and the connection stands")
        t.ok("event=db_lost" not in s.log("app"), "nothing was sent of it", s.log("app")[-300:])
    finally:
        s.sql("SET GLOBAL max_allowed_packet = 16777216")
        s.restart("app")


def main():
    judge = not instrumented()
    with Stack(own_database=True) as s:
        s.sign_up()
        imports = fill(s)
        s.wait_for(lambda: not s.api("GET", "/v1/pins/imports?status=queued")[2], 60, "no import waits")
        pid, worker = s.pid("app"), s.pid("worker")
        print(f"# application {memory_mb(pid)[0]:.1f} MiB, worker {memory_mb(worker)[1]:.1f} MiB at most", flush=True)
        for name, request in requests(s, imports).items():
            attack(s, name, request, pid, judge)
        s.wait_for(lambda: not s.api("GET", "/v1/pins/imports?status=queued")[2], 300, "the worker has done them all")
        now, peak = memory_mb(worker)
        print(f"# worker: {peak:.1f} MiB at most, {now:.1f} afterwards", flush=True)
        print(f"# simulator: {memory_mb(s.pid('sandbox'))[1]:.1f} MiB at most", flush=True)
        if judge:
            t.ok(memory_mb(pid)[0] <= 40, "the application gives back what it does not need", memory_mb(pid))
            t.ok(peak <= MOST_MB, "the worker stays small", peak)
        too_large(s)


main()
t.done()
