#!/usr/bin/env python3
"""A COMMIT that never arrives, or whose answer is lost, at each step of a pin: nothing is lost,
nothing is done twice, and saving again has no further effect."""

import os
import sys
from datetime import datetime, timedelta, timezone

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "chaos")]
import checker  # noqa: E402
from dbfaults import DatabaseStack  # noqa: E402
from harness import Tap  # noqa: E402

t = Tap()
OVERRIDES = {
    "worker": {"poll_ms": 100},
    "database": {"timeout_s": 4},
    "sandbox": {"verify_after_ms": 2500, "verify_gap_ms": 500, "create_timeout_ms": 1000},
}
STEPS = {
    "accept": "INSERT INTO SCHEDULES",
    "promotion": "INSERT INTO PINS",
    "intent": "INSERT INTO ATTEMPTS",
    "save": "UPDATE ATTEMPTS",
}
REPEATS = 5  # at 200 ms each


def at(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


def commits_cut(s):
    counts = s.relay.counts()
    return counts.get("commit cut", 0) + counts.get("commit lost", 0)


def schedule(s, title):
    """Creates the schedule, repeating the request with the same key until it is accepted."""
    body, answers = s.pin_body(title=title, run_at=at(0.5)), []
    while True:
        head = {"Idempotency-Key": f"h-{title}-{answers.count(422)}".replace(" ", "-")}
        status, _, value = s.api("POST", "/v1/schedules", body, head)
        answers.append(status)
        if status == 422 and len(answers) <= 20:  # its time had passed before validation: nothing is stored
            body = s.pin_body(title=title, run_at=at(1))
            continue
        if status != 503 or len(answers) > 20:
            return value.get("id"), answers


def over(s, ident):
    return s.call("GET", "/v1/schedules/" + ident)["status"] == "done"


def one_step(s, fate, step):
    title = f"{fate} {step}"
    before = commits_cut(s)
    s.relay.set(**{fate: 1, "of": STEPS[step]})
    ident, answers = schedule(s, title)
    t.ok(ident and answers[-1] in (200, 201), f"{title}: the schedule is accepted", answers)
    s.wait_for(lambda: over(s, ident), 40, f"{title}: published")
    t.equal(commits_cut(s) - before, 1, f"{title}: published, and exactly one commit was cut")
    count = s.sql(f"SELECT COUNT(*) FROM schedules WHERE title = '{title}'")[0][0]
    t.equal(count, "1", f"{title}: exactly one row exists")


def saved_again(s):
    """An attempt keeps the end it was first saved with, however often the save is repeated."""
    s.admin("arm", {"match": {"method": "POST", "path_prefix": "/v5/pins"}, "fault": {"kind": "no_id"}})
    before = commits_cut(s)
    s.relay.set(cut=REPEATS, of=STEPS["save"])
    ident, _ = schedule(s, "saved again")
    s.wait_for(lambda: commits_cut(s) == before + REPEATS, 20, "the save was repeated")
    last = s.sql("SELECT UTC_TIMESTAMP(6)")[0][0]
    s.wait_for(lambda: over(s, ident), 40, "the pin was found by a look-up")
    rows = s.sql(
        f"SELECT TIMESTAMPDIFF(MICROSECOND, a.closed_at, '{last}') FROM attempts a JOIN pins p ON p.id = a.pin_id"
        " WHERE p.title = 'saved again'"
    )
    before = [int(r[0]) for r in rows]  # saved for the last time
    far = 200_000 * (REPEATS - 2)
    t.ok(len(before) == 1 and before[0] > far, "repeating a save does not move the attempt's end", before)


def main(s):
    s.sign_up()
    s.webhook()
    for fate in ("cut", "lost"):
        for step in STEPS:
            one_step(s, fate, step)
    saved_again(s)
    s.relay.calm()
    s.wait_for(lambda: not s.sql("SELECT 1 FROM deliveries WHERE state = 0"), 40, "every delivery ended")
    checker.report(s, t, "commits cut")


with DatabaseStack(overrides=OVERRIDES) as stack:
    main(stack)
sys.exit(t.done())
