#!/usr/bin/env python3
"""The database's disk is full: the API answers 503 and promises nothing, the worker waits and fails
no pin because of it; once there is space, everything promised is published once, without
intervention."""

import os
import re
import sys
import time
from datetime import datetime, timedelta, timezone

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "chaos")]
import checker  # noqa: E402
from dbfaults import DatabaseStack, own_mounts  # noqa: E402
from harness import SLOW, Tap  # noqa: E402

REFUSALS, FULL_S, PAUSE_S = 25, 90, 0.1
OVERRIDES = {
    "worker": {"poll_ms": 100, "lease_ms": 4000, "lease_renew_ms": 800},
    "database": {"timeout_s": 4},
    # look-ups on a simulator whose own tables are full stay inconclusive for a while
    "sandbox": {"verify_after_ms": 4000, "verify_gap_ms": 1000, "create_timeout_ms": 2000, "max_send_delay_ms": 1000},
}
t = Tap()


def ask(s, k, promised, answers):
    """Requests a pin, or a schedule that falls due while the disk is full."""
    body = s.pin_body(title=f"Disk {k}", description="d" * 700, idempotency_key=f"disk-{k}")
    path = "/v1/schedules" if k % 3 else "/v1/pins"
    status = 422
    while status == 422:  # its time had passed before validation
        if k % 3:
            body["run_at"] = (datetime.now(timezone.utc) + timedelta(seconds=1 + k % 4)).isoformat()
        status, _, value = s.api("POST", path, body)
    answers.append(status)
    if status < 300:
        promised[value["id"].replace("-", "").upper()] = path
    return status


def tend(s):
    """Restarts the database as systemd would. MariaDB may exit when it cannot write."""
    database = s.programs["database"]
    if not database.running():
        print(f"# mariadbd ended with {database.process.returncode}, started again")
        database.start()
        return 1
    return 0


def outcomes(s):
    rows = s.sql("SELECT HEX(id), state FROM pins UNION ALL SELECT HEX(id), state FROM schedules", check=False)
    return {i: int(state) for i, state in rows or []}


def main(s):
    s.sign_up()
    s.webhook()
    promised, answers, deaths, k = {}, [], 0, 0
    for k in range(12):
        ask(s, k, promised, answers)
    t.equal(set(answers), {201}, "requests are accepted while there is space")
    answers.clear()
    began = time.monotonic()
    s.disk.fill()
    end = time.monotonic() + FULL_S * SLOW
    while sum(a == 503 for a in answers) < REFUSALS and time.monotonic() < end:
        k += 1
        if ask(s, k, promised, answers) >= 300:
            time.sleep(PAUSE_S)
        deaths += tend(s)
    t.ok(sum(a == 503 for a in answers) >= REFUSALS, f"disk full: requests are answered 503 ({len(answers)} requests)", answers)
    t.ok(set(answers) <= {200, 201, 202, 503}, "disk full: every other answer is a success", sorted(set(answers)))
    # until everything promised before the disk was full is due
    s.wait_for(lambda: s.sql("SELECT UTC_TIMESTAMP(6) > MAX(run_at) FROM schedules", check=False) or tend(s), 30, "due")
    failed = s.sql(
        "SELECT HEX(id) FROM pins WHERE state = 5 UNION ALL SELECT HEX(id) FROM schedules WHERE state = 5", check=False
    )
    t.equal(failed or [], [], "disk full: no pin fails because of it")
    s.disk.free()
    told = [x for name in ("app", "worker") for x in s.log(name).splitlines() if re.search("event=db_(leave|lost|refused|commit_unknown)", x)]
    t.ok(told and all('text="' in x for x in told), "disk full: the log has the database's own words", told[:3])
    again = [x for x in s.log("worker").splitlines() if x.endswith("event=save_repeated rc=down")]
    minutes = 2 + (time.monotonic() - began) / 60
    t.ok(len(again) <= 3 * minutes * (1 + deaths), f"disk full: repeated lines are counted, not written ({len(again)})")

    def all_out():
        tend(s)
        got = outcomes(s)
        return len(got) and all(got.get(i) == checker.PUBLISHED for i in promised)

    try:
        s.wait_for(all_out, 90, "all promised pins are published")
    except AssertionError as e:
        print(f"# {e}")
    got = outcomes(s)
    left = {i: got.get(i) for i in promised if got.get(i) != checker.PUBLISHED}
    t.ok(not left, f"space again: all {len(promised)} promised pins are published without intervention", left)
    t.equal(s.api("GET", "/readyz?worker=1", auth=False)[0], 200, "space again: /readyz is 200")
    body = s.pin_body(title="after", idempotency_key="after")
    t.equal(s.api("POST", "/v1/pins", body)[0], 201, "space again: a new pin is accepted")
    s.wait_for(lambda: s.sql("SELECT 1 FROM pins WHERE title = 'after' AND state = 4"), 30, "the new pin is published")
    s.wait_for(lambda: not s.sql("SELECT 1 FROM deliveries WHERE state = 0"), 60, "every delivery ended")
    checker.report(s, t, "disk full")
    print(f"# answers {dict((a, answers.count(a)) for a in set(answers))}, mariadbd died {deaths} times")


if own_mounts():
    with DatabaseStack(overrides=OVERRIDES, small_disk=True) as stack:
        main(stack)
else:
    t.skip("a full disk", "no file system can be mounted here")
sys.exit(t.done())
