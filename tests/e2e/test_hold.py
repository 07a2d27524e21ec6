#!/usr/bin/env python3
"""Holds: pins of a paused account or project, of a spam-blocked lane or of an app at its limit wait
as `deferred` with a reason, leave when the hold ends, and fail at their deadline, never later."""

import os
import sys
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from harness import Stack, Tap  # noqa: E402

t = Tap()
OVERRIDES = {
    "worker": {"poll_ms": 100},
    "sandbox": {"burst": 2, "interval_ms": 1000, "spam_hold_1_ms": 9000, "create_timeout_ms": 3000},
}
PINS = {"method": "POST", "path_prefix": "/v5/pins"}
MISSED = "publish_window_missed"
BLOCK_S = 9


def at(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


def hexed(i):
    return "x'" + i.replace("-", "") + "'"


class Account:
    def __init__(self, s, name):
        self.s, self.id = s, s.connect(name)
        self.board = s.boards_of(self.id)["Always works"]

    def schedule(self, title, seconds=0.5, not_after=None):
        def body():
            made = {
                "account_id": self.id,
                "board_id": self.board,
                "title": title,
                "image_url": self.s.image_url,
                "run_at": at(seconds),
            }
            return made | ({"not_after": at(not_after)} if not_after else {})

        return self.s.soon("/v1/schedules", body)["id"]


def schedule_of(s, i):
    return s.call("GET", "/v1/schedules/" + i)


def is_over(s, i):
    return schedule_of(s, i)["status"] in ("done", "failed")


def deferred(s, i, code, what):
    """Checks that the pin waits with that code on every route that shows it. The caller keeps the
    hold in place."""

    def waits():
        got = schedule_of(s, i)
        return got["status"] == "deferred" and got

    got = s.wait_for(waits, 10, f"{what}: deferred")
    t.equal(got["waiting"]["code"], code, f"{what}: the schedule says why it waits")
    pin = s.call("GET", "/v1/pins/" + got["pin_id"])
    t.equal((pin["status"], pin["error_code"]), ("deferred", code), f"{what}: the pin says why it waits")
    t.ok(pin["error_message"], f"{what}: the pin's error message is not empty", pin)
    job = s.call("GET", "/v1/jobs/" + got["pin_id"])
    t.equal((job["status"], job["error_code"]), ("deferred", code), f"{what}: the job says why it waits")
    listed = s.call("GET", "/v1/pins?status=deferred&error_code=" + code)
    t.ok(got["pin_id"] in [p["id"] for p in listed], f"{what}: the pin list filters by status and code")


def missed(s, i, what):
    """The pin failed at its deadline, immediately, unsent and with one event."""
    s.wait_for(lambda: is_over(s, i), 15, f"{what}: the pin has ended")
    got = schedule_of(s, i)
    pin = s.call("GET", "/v1/pins/" + got["pin_id"])
    t.equal(
        (got["status"], pin["error_code"]), ("failed", MISSED), f"{what}: a pin that waits past its deadline misses its window"
    )
    row = s.sql(
        f"""SELECT TIMESTAMPDIFF(MICROSECOND, p.not_after, p.failed_at) DIV 1000, p.attempts,
              (SELECT COUNT(*) FROM events e WHERE e.subject_id = p.id),
              (SELECT MAX(type) FROM events e WHERE e.subject_id = p.id)
            FROM pins p WHERE p.id = {hexed(got['pin_id'])}"""
    )[0]
    t.ok(0 <= int(row[0]) < 1000, f"{what}: the pin fails within a second of not_after ({row[0]} ms)")
    t.equal(row[1:], ["0", "1", "2"], f"{what}: the pin fails unsent, with one event")


def paused_account(s):
    account = Account(s, "paused")
    path = f"/v1/pinterest/accounts/{account.id}/"
    s.call("POST", path + "pause", auth=s.token)
    keep, lose = account.schedule("Account keeps"), account.schedule("Account loses", 0.5, 3)
    deferred(s, keep, "paused", "paused account")
    missed(s, lose, "paused account")
    t.equal(schedule_of(s, keep)["status"], "deferred", "paused account: the pin with a longer window still waits")
    s.call("POST", path + "resume", auth=s.token)
    s.wait_for(lambda: is_over(s, keep), 10, "paused account: the pin is sent after the release")
    t.equal(schedule_of(s, keep)["status"], "done", "paused account: the pin is published after the release")


def paused_project(s):
    account = Account(s, "project")
    s.operator("pause", "project", s.project_id)
    keep, lose = account.schedule("Project keeps"), account.schedule("Project loses", 0.5, 3)
    deferred(s, keep, "paused", "paused project")
    missed(s, lose, "paused project")
    s.operator("resume", "project", s.project_id)
    s.wait_for(lambda: is_over(s, keep), 10, "paused project: the pin is sent after the release")
    t.equal(schedule_of(s, keep)["status"], "done", "paused project: the pin is published after the release")


def held_lane(s):
    """The spam guard: one lane is held for a while, others are not."""
    account, other = Account(s, "blocked"), Account(s, "other")
    fault = {"kind": "status", "status": 429, "code": 9, "message": "You've hit a block (Pins)"}
    s.admin("arm", {"match": PINS | {"board_id": account.board}, "fault": fault})
    first = account.schedule("Blocked", 0.3)
    lose, later = account.schedule("Blocked loses", 1.5, 4), account.schedule("Blocked later", 1.7)
    deferred(s, later, "rate_limited", "held lane")
    free = other.schedule("Free", 0.3)
    s.wait_for(lambda: is_over(s, free), 5, "another account's pin is done")
    t.equal(schedule_of(s, first)["status"], "deferred", "held lane: the refused pin waits too")
    missed(s, lose, "held lane")
    s.wait_for(lambda: is_over(s, first) and is_over(s, later), 20, "held lane: both pins end after the hold")
    t.equal(
        [schedule_of(s, i)["status"] for i in (first, later)], ["done"] * 2, "held lane: both pins are published after the hold"
    )
    sent = checker.read(s, "sandbox_creates", checker.LEDGER, s.database + "_sandbox")
    mine = [c for c in sent if c["board_id"] == account.board]
    beside = [c for c in sent if c["board_id"] == other.board]
    t.ok(len(beside) == 1 and beside[0]["arrived_at"] < mine[1]["arrived_at"], "held lane: another account publishes meanwhile")
    gap = (mine[1]["arrived_at"] - mine[0]["arrived_at"]) / 1e6
    t.ok(gap >= BLOCK_S, f"held lane: nothing is sent during the hold ({gap:.2f} s)")


def paced(s):
    """An empty bucket: the third pin waits for its token and says so, once the worker has seen it."""
    account = Account(s, "paced")
    mine = f"WHERE id = {hexed(account.id)}"
    s.sql(f"UPDATE pinterest_accounts SET pace_burst = 2, pace_interval_ms = 3600000 {mine}")
    ids = [account.schedule(f"Paced {k}") for k in range(4)]
    gone = lambda: sum(is_over(s, i) for i in ids) == 2  # noqa: E731
    s.wait_for(gone, 5, "two pins are sent at once")
    waiting = [i for i in ids if not is_over(s, i)]
    deferred(s, waiting[0], "rate_limited", "pace")
    s.sql(f"UPDATE pinterest_accounts SET pace_burst = NULL, pace_interval_ms = NULL {mine}")
    lane = f"(SELECT lane_id FROM pinterest_accounts {mine})"
    s.sql(f"UPDATE lanes SET next_at = NULL, next_code = 0, next_turn_at = UTC_TIMESTAMP(6) WHERE id = {lane}")
    s.wait_for(lambda: all(is_over(s, i) for i in ids), 10, "the other pins follow")
    t.equal({schedule_of(s, i)["status"] for i in ids}, {"done"}, "pace: all pins are published")


def daily_cap(s):
    account = Account(s, "capped")
    s.sql(f"UPDATE pinterest_accounts SET daily_cap = 1 WHERE id = {hexed(account.id)}")
    first = account.schedule("Capped 1", 0.3)
    s.wait_for(lambda: is_over(s, first), 5, "the day's one pin is sent")
    second = account.schedule("Capped 2", 0.3)
    deferred(s, second, "rate_limited", "daily cap")
    missed(s, account.schedule("Capped 3", 0.4, 2), "daily cap")
    s.call("POST", f"/v1/schedules/{second}/cancel")


def retries(s):
    """Retries end at the deadline too."""
    account = Account(s, "retries")
    fault = {"kind": "status", "status": 409, "code": 409, "message": "conflict"}
    s.admin("arm", {"match": PINS | {"board_id": account.board}, "times": 50, "fault": fault})
    lose = account.schedule("Conflict", 0.3, 5)
    s.wait_for(lambda: is_over(s, lose), 10, "retries: the pin has ended")
    pin = s.call("GET", "/v1/pins/" + schedule_of(s, lose)["pin_id"])
    row = s.sql(
        f"""SELECT TIMESTAMPDIFF(MICROSECOND, not_after, failed_at) DIV 1000, attempts,
              (SELECT COUNT(*) FROM events e WHERE e.subject_id = p.id) FROM pins p WHERE id = {hexed(pin['id'])}"""
    )[0]
    t.equal((pin["status"], pin["error_code"]), ("failed", MISSED), "retries: the pin misses its window")
    t.ok(
        0 <= int(row[0]) < 1000 and int(row[1]) >= 2 and row[2] == "1",
        "retries: the pin fails at its deadline, with one event",
        row,
    )


def main():
    with Stack(overrides=OVERRIDES) as s:
        s.sign_up()
        for part in (paused_account, paused_project, held_lane, paced, daily_cap, retries):
            print("# " + part.__name__, flush=True)
            part(s)
        checker.report(s, t, "held")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
