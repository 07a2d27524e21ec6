#!/usr/bin/env python3
"""Imports end to end: JSON and CSV, invalid rows, the same file again, fairness, and a worker that
dies. TAP on stdout."""

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
    """Scheduled for later, so that nothing is published during the test."""
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

    return s.wait_for(over, LONG, "the import has ended")


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


def complete(s, t):
    for name, send in (("json", post_json), ("csv", lambda s, r: post_csv(s, as_csv(r)))):
        rows = rows_of(s, name)
        job = ended(s, send(s, rows))
        t.equal(counts(job), ("completed", ROWS, ROWS, 0, 0), f"{name}: all {ROWS} rows are created")
        t.equal(schedules(s, name), (ROWS, ROWS), f"{name}: each row makes one schedule")
        t.ok(job["started_at"] and job["completed_at"], f"{name}: the job shows when it started and completed")
        again = ended(s, send(s, rows))
        t.equal(counts(again), ("completed", ROWS, 0, ROWS, 0), f"{name}: importing the file again finds every row existing")
        t.equal(schedules(s, name), (ROWS, ROWS), f"{name}: importing the file again creates nothing")
        t.equal(
            [r["schedule_id"] for r in again["results"]],
            [r["schedule_id"] for r in job["results"]],
            f"{name}: importing the file again names the same schedules",
        )


def past_due(s, t):
    """The same file again after its rows are due: every row is still found."""
    rows = rows_of(s, "late", 2)
    rows[1]["run_at"] = at(3 / 3600)
    s.sql("UPDATE pinterest_accounts SET paused_at = NOW(6)")
    first = ended(s, post_json(s, rows))
    t.equal(counts(first), ("completed", 2, 2, 0, 0), "late: both rows are created in time")
    s.wait_for(lambda: at(0) > rows[1]["run_at"], 10, "the rows are due")
    again = ended(s, post_json(s, rows))
    t.equal(counts(again), ("completed", 2, 0, 2, 0), "late: rows that are past due now are found existing")
    t.equal(
        [r["schedule_id"] for r in again["results"]],
        [r["schedule_id"] for r in first["results"]],
        "late: importing again names the same schedules",
    )
    rows[1]["title"] = "Changed"
    again = ended(s, post_json(s, rows))
    t.equal(counts(again), ("completed_with_errors", 2, 0, 1, 1), "late: a changed row that is past due is refused")
    s.sql("UPDATE pinterest_accounts SET paused_at = NULL")


def invalid_rows(s, t):
    rows = rows_of(s, "mixed", 12)
    del rows[1]["board_id"]
    rows[2]["run_at"] = at(-1)
    rows[3]["account_id"] = str(uuid.uuid4())
    rows[4]["idempotency_key"] = rows[0]["idempotency_key"]  # different content
    rows[5] = dict(rows[0])  # same content
    rows[6]["title"] = "x" * 101
    rows[7]["surprise"] = 1
    del rows[8]["idempotency_key"]
    rows[9]["asset_id"] = str(uuid.uuid4())
    del rows[9]["image_url"]
    del rows[10]["run_at"]  # no run_at: publish now
    job = ended(s, post_json(s, rows))
    t.equal(counts(job), ("completed_with_errors", 12, 4, 1, 7), "an invalid row does not affect the others")
    got = {r["row_number"]: r for r in job["results"]}
    want = {
        2: ("validation_error", "board_id: "),
        3: ("validation_error", "run_at: must be in the future"),
        4: ("not_found", "Account not found."),
        5: ("conflict", "This idempotency_key was used before"),
        7: ("validation_error", "title: "),
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
    t.equal(
        (got[1]["status"], got[6]["status"]),
        ("created", "existing"),
        "mixed: row 1 is created and its repetition, row 6, exists",
    )
    t.ok(got[11]["pin_id"] and not got[11].get("schedule_id"), "mixed: a row without run_at makes a pin, not a schedule", got[11])
    s.wait_for(
        lambda: s.call("GET", "/v1/pins/" + got[11]["pin_id"])["status"] == "published",
        LONG,
        "the row's pin is published",
    )
    t.ok(True, "mixed: the pin of a row without run_at is published")


def foreign_accounts(s, t):
    """A row cannot use an account that its API key may not use, nor one of another project."""
    whole_key = s.key
    other = s.connect("someone-else")
    key = s.call(
        "POST", "/v1/api-keys", {"name": "narrow", "pinterest_account_ids": [other]}, auth=s.token
    )
    s.key = key["api_key"]
    job = ended(s, post_json(s, rows_of(s, "narrow", 2)))
    s.key = whole_key
    t.equal(counts(job), ("completed_with_errors", 2, 0, 0, 2), "foreign: rows with accounts outside the key's reach fail")
    t.equal(
        job["results"][0]["error_code"],
        "account_not_permitted",
        "foreign: an account that the key may not use fails with account_not_permitted",
    )
    s.call("DELETE", "/v1/pinterest/accounts/" + other)
    gone = rows_of(s, "gone", 1)
    gone[0]["account_id"] = other
    job = ended(s, post_json(s, gone))
    t.equal(
        job["results"][0]["error_code"], "account_revoked", "foreign: an account of another project fails with account_revoked"
    )


def fairness(s, t):
    s.stop("worker")
    long = post_json(s, rows_of(s, "long"))
    short = post_json(s, rows_of(s, "short", 40))
    t.equal(get(s, long)["status"], "queued", "an import is queued while no worker runs")
    s.start("worker")
    long, short = ended(s, long), ended(s, short)
    t.ok(
        short["completed_at"] < long["completed_at"],
        "a short import does not wait for a long one to end",
        f"{short['completed_at']} {long['completed_at']}",
    )
    t.equal(counts(long), ("completed", ROWS, ROWS, 0, 0), "the long import completes")


def projects(s, t):
    """The many imports of one sandbox come one by one: another project's is not behind all of them."""
    mine = (s.token, s.key, s.project_id, s.account_id, s.boards)
    rows = [{"title": "refused"}] * 40  # two turns
    s.stop("worker")
    many = [post_json(s, rows) for _ in range(10)]
    s.register()
    s.key = s.make_key()
    production = (post_json(s, rows)["id"], s.key)
    s.sandbox()
    s.key = s.make_key()
    sandbox = (post_json(s, rows)["id"], s.key)
    s.token, s.key, s.project_id, s.account_id, s.boards = mine
    s.start("worker")
    first = min(ended(s, job)["completed_at"] for job in many)
    for name, (job, key) in (("production", production), ("another sandbox", sandbox)):
        at = s.call("GET", "/v1/pins/imports/" + job, headers={"X-API-Key": key}, auth=False)["completed_at"]
        t.ok(at and at < first, f"projects: an import of {name} is not behind all of a sandbox", (at, first))


def poison(s, t):
    """The database refuses one row: only that row fails."""
    s.sql("ALTER TABLE schedules ADD CONSTRAINT no_poison CHECK (title <> 'poison 7')")
    job = ended(s, post_json(s, rows_of(s, "poison", 25)))
    s.sql("ALTER TABLE schedules DROP CONSTRAINT no_poison")
    t.equal(counts(job), ("completed_with_errors", 25, 24, 0, 1), "poison: all rows but the refused one are created")
    bad = [r for r in job["results"] if r["status"] == "failed"]
    t.equal(
        [(r["row_number"], r["error_code"]) for r in bad], [(8, "internal_error")], "poison: the result names the refused row"
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

        s.wait_for(moved, LONG, "some rows are imported")
        s.kill9("worker")
        kills += 1
        # In one statement, since the killed worker's last commit may still be arriving.
        made = "SELECT COUNT(*) FROM schedules WHERE idempotency_key LIKE 'killed-%'"
        counted = f"SELECT processed_rows FROM imports WHERE id = x'{job['id'].replace('-', '')}'"
        made, seen = (int(n) for n in s.sql(f"SELECT ({made}), ({counted})")[0])
        t.equal(made, seen, f"kill {kills}: the job counts {seen} rows and {seen} exist")
        if seen == ROWS:
            break
    s.start("worker")
    job = ended(s, job)
    t.equal(counts(job), ("completed", ROWS, ROWS, 0, 0), "killed: the job completes with the right counts")
    t.equal(schedules(s, "killed"), (ROWS, ROWS), "killed: no row is missing or imported twice")


def main():
    t = Tap()
    with Stack() as s:
        s.sign_up()
        for case in (complete, past_due, invalid_rows, foreign_accounts, fairness, projects, poison, killed):
            case(s, t)
        t.equal(s.stop("worker"), 0, "the worker stops cleanly")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
