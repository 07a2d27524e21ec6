#!/usr/bin/env python3
"""Imports end to end: JSON and CSV, wrong rows, the same file again, turns, and a worker that dies.
TAP on stdout."""

import csv
import io
import os
import sys
import uuid
from datetime import datetime, timedelta, timezone

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness import Stack, Tap  # noqa: E402

LONG = 60
ROWS = 500


def at(hours):
    return (datetime.now(timezone.utc) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def rows_of(s, name, count=ROWS, **fields):
    """Planned for later, so that nothing is published meanwhile."""
    return [
        s.pin_body(
            title=f"{name} {i}", idempotency_key=f"{name}-{i}", run_at=at(24 + i / 60), **fields
        )
        for i in range(count)
    ]


def as_csv(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def post_csv(s, data):
    edge = "edge7d1"
    body = (
        f"--{edge}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"plan.csv\"\r\n"
        "Content-Type: text/csv\r\n\r\n"
    ).encode() + data + f"\r\n--{edge}--\r\n".encode()
    head = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    return s.call("POST", "/v1/pins/imports/csv", body, headers=head)


def post_json(s, rows):
    return s.call("POST", "/v1/pins/imports/json", rows)


def get(s, job):
    return s.call("GET", "/v1/pins/imports/" + job["id"])


def ended(s, job):
    def over():
        now = get(s, job)
        return now if now["status"] not in ("queued", "processing") else None

    return s.wait_for(over, LONG, "import ended")


def counts(job):
    return tuple(
        job[k]
        for k in ("status", "processed_rows", "created_rows", "existing_rows", "failed_rows")
    )


def schedules(s, prefix):
    text = (
        "SELECT COUNT(*), COUNT(DISTINCT idempotency_key) FROM schedules"
        f" WHERE idempotency_key LIKE '{prefix}-%'"
    )
    return tuple(int(v) for v in s.sql(text)[0])


def whole(s, t):
    for name, send in (("json", post_json), ("csv", lambda s, r: post_csv(s, as_csv(r)))):
        rows = rows_of(s, name)
        job = ended(s, send(s, rows))
        t.equal(counts(job), ("completed", ROWS, ROWS, 0, 0), f"{name}: {ROWS} rows are created")
        t.equal(schedules(s, name), (ROWS, ROWS), f"{name}: one schedule for each")
        t.ok(job["started_at"] and job["completed_at"], f"{name}: its times are told")
        again = ended(s, send(s, rows))
        t.equal(counts(again), ("completed", ROWS, 0, ROWS, 0), f"{name}: again: existing")
        t.equal(schedules(s, name), (ROWS, ROWS), f"{name}: and nothing new")
        t.equal(
            [r["schedule_id"] for r in again["results"]],
            [r["schedule_id"] for r in job["results"]],
            f"{name}: the same schedules are named",
        )


def late(s, t):
    """The same file again, when the time of its rows has come: nothing of it is missing."""
    rows = rows_of(s, "late", 2)
    rows[1]["run_at"] = at(3 / 3600)
    s.sql("UPDATE pinterest_accounts SET paused_at = NOW(6)")
    first = ended(s, post_json(s, rows))
    t.equal(counts(first), ("completed", 2, 2, 0, 0), "late: accepted in time")
    s.wait_for(lambda: at(0) > rows[1]["run_at"], 10, "their time has come")
    again = ended(s, post_json(s, rows))
    t.equal(counts(again), ("completed", 2, 0, 2, 0), "late: again, too late for a new one: existing")
    t.equal([r["schedule_id"] for r in again["results"]], [r["schedule_id"] for r in first["results"]], "late: the same ones")
    rows[1]["title"] = "Changed"
    again = ended(s, post_json(s, rows))
    t.equal(counts(again), ("completed_with_errors", 2, 0, 1, 1), "late: with other content it is refused")
    s.sql("UPDATE pinterest_accounts SET paused_at = NULL")


def mixed(s, t):
    rows = rows_of(s, "mixed", 12)
    del rows[1]["board_id"]
    rows[2]["run_at"] = at(-1)
    rows[3]["account_id"] = str(uuid.uuid4())
    rows[4]["idempotency_key"] = rows[0]["idempotency_key"]  # other content
    rows[5] = dict(rows[0])  # the same content
    rows[6]["title"] = "x" * 101
    rows[7]["surprise"] = 1
    del rows[8]["idempotency_key"]
    rows[9]["asset_id"] = str(uuid.uuid4())
    del rows[9]["image_url"]
    del rows[10]["run_at"]  # at once: a pin
    job = ended(s, post_json(s, rows))
    t.equal(counts(job), ("completed_with_errors", 12, 3, 1, 8), "rows stand and fall alone")
    got = {r["row_number"]: r for r in job["results"]}
    want = {
        2: ("validation_error", "board_id: "),
        3: ("validation_error", "run_at: must be in the future"),
        4: ("not_found", "Account not found."),
        5: ("conflict", "This idempotency_key was used before"),
        7: ("validation_error", "title: "),
        8: ("validation_error", "surprise: "),
        9: ("validation_error", "idempotency_key: "),
        10: ("asset_not_found", "There is no such uploaded file"),
    }
    for n, (code, message) in want.items():
        r = got[n]
        t.ok(
            r["status"] == "failed"
            and r["error_code"] == code
            and r["error_message"].startswith(message)
            and r["pin_id"] is None,
            f"row {n}: {code}",
            r,
        )
    t.equal((got[1]["status"], got[6]["status"]), ("created", "existing"), "rows 1 and 6")
    t.ok(got[11]["pin_id"] and not got[11].get("schedule_id"), "row 11 is a pin", got[11])
    s.wait_for(
        lambda: s.call("GET", "/v1/pins/" + got[11]["pin_id"])["status"] == "published",
        LONG,
        "the row's pin is published",
    )
    t.ok(True, "which is published")


def foreign(s, t):
    """What a key may not use, and what another project owns, a row cannot have either."""
    whole_key = s.key
    other = s.connect("someone-else")
    key = s.call(
        "POST", "/v1/api-keys", {"name": "narrow", "pinterest_account_ids": [other]}, auth=s.token
    )
    s.key = key["api_key"]
    job = ended(s, post_json(s, rows_of(s, "narrow", 2)))
    s.key = whole_key
    t.equal(counts(job), ("completed_with_errors", 2, 0, 0, 2), "not this key's account")
    t.equal(job["results"][0]["error_code"], "account_not_permitted", "account_not_permitted")
    s.call("DELETE", "/v1/pinterest/accounts/" + other)
    gone = rows_of(s, "gone", 1)
    gone[0]["account_id"] = other
    job = ended(s, post_json(s, gone))
    t.equal(job["results"][0]["error_code"], "account_revoked", "account_revoked")


def in_turn(s, t):
    s.stop("worker")
    long = post_json(s, rows_of(s, "long"))
    short = post_json(s, rows_of(s, "short", 40))
    t.equal(get(s, long)["status"], "queued", "without a worker it is queued")
    s.start("worker")
    long, short = ended(s, long), ended(s, short)
    t.ok(
        short["completed_at"] < long["completed_at"],
        "a short import does not wait for the end of a long one",
        f"{short['completed_at']} {long['completed_at']}",
    )
    t.equal(counts(long), ("completed", ROWS, ROWS, 0, 0), "the long one is whole")


def poison(s, t):
    """The database refuses one row: that one fails, its group does not."""
    s.sql("ALTER TABLE schedules ADD CONSTRAINT no_poison CHECK (title <> 'poison 7')")
    job = ended(s, post_json(s, rows_of(s, "poison", 25)))
    s.sql("ALTER TABLE schedules DROP CONSTRAINT no_poison")
    t.equal(counts(job), ("completed_with_errors", 25, 24, 0, 1), "all but the offender")
    bad = [r for r in job["results"] if r["status"] == "failed"]
    t.equal(
        [(r["row_number"], r["error_code"]) for r in bad], [(8, "internal_error")], "which is named"
    )


def killed(s, t):
    s.stop("worker")
    rows = rows_of(s, "killed")
    job = post_json(s, rows)
    kills, seen = 0, 0
    for _ in range(4):
        s.start("worker")

        def moved():
            return get(s, job)["processed_rows"] > seen

        s.wait_for(moved, LONG, "some rows are done")
        s.kill9("worker")
        kills += 1
        # In one statement: the last commit of who was killed may still be on its way.
        made = "SELECT COUNT(*) FROM schedules WHERE idempotency_key LIKE 'killed-%'"
        counted = f"SELECT processed_rows FROM imports WHERE id = x'{job['id'].replace('-', '')}'"
        made, seen = (int(n) for n in s.sql(f"SELECT ({made}), ({counted})")[0])
        t.equal(made, seen, f"kill {kills}: {seen} rows counted are {seen} made")
        if seen == ROWS:
            break
    s.start("worker")
    job = ended(s, job)
    t.equal(counts(job), ("completed", ROWS, ROWS, 0, 0), "then it is completed as if nothing was")
    t.equal(schedules(s, "killed"), (ROWS, ROWS), "nothing twice, nothing missing")


def main():
    t = Tap()
    with Stack() as s:
        s.sign_up()
        for case in (whole, late, mixed, foreign, in_turn, poison, killed):
            case(s, t)
        t.equal(s.stop("worker"), 0, "the worker ends well")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
