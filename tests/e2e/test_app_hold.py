#!/usr/bin/env python3
"""The whole app is held: not approved (401), and at the day's limit of its tier (429 of a window of a
day). All accounts wait and say why, nothing fails but what misses its window, nothing is sent beyond the
probes, and everything is published without a call of anybody when Pinterest relents."""

import os
import sys
import time
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import checker  # noqa: E402
from harness import SLOW, Stack  # noqa: E402
from test_release import Batch, t  # noqa: E402

ACCOUNTS, EACH = 4, 15
OVERRIDES = {
    "worker": {"poll_ms": 100},
    "sandbox": {"burst": 3, "interval_ms": 200, "jitter_pct": 0},
}
DAY_LIMIT = 1000


def creates(s):
    return checker.read(s, "sandbox_creates", checker.LEDGER, s.database + "_sandbox")


def now_us(s):
    return int(s.sql("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))")[0][0])


def shown(s, batch, code, words):
    """Pin, schedule list, operator: each says what holds it."""
    waiting = s.call("GET", f"/v1/pins?campaign={batch.name}&status=deferred&limit=1")[0]
    pin = s.call("GET", "/v1/pins/" + waiting["id"])
    t.equal((pin["status"], pin["error_code"]), ("deferred", code), f"{batch.name}: GET says {code}")
    t.ok(words in pin["error_message"], f"{batch.name}: in words", pin["error_message"])
    t.ok(pin["not_after"], f"{batch.name}: with a deadline", pin)
    why = s.operator("why", pin["id"]).stdout
    t.ok(words in why, f"{batch.name}: `pintempo why` says it", why)
    return pin


def unapproved(s, accounts):
    batch = Batch(s, "unapproved", accounts, EACH)
    s.wait_for(lambda: batch.published() >= 8, 20, "some are out")
    began, begun = time.monotonic(), batch.published()
    s.admin("settings", {"tier": "unapproved"})
    batch.held("pinterest_not_permitted", begun)
    told = s.operator("status").stdout
    t.ok("STOPPED" in told and "consumer type is not supported" in told, "unapproved: the operator is told", told)
    shown(s, batch, "pinterest_not_permitted", "the operator has to act")
    healthy = s.sql("SELECT COUNT(*) FROM pinterest_accounts WHERE health <> 0 OR revoked_at IS NOT NULL")
    t.equal(healthy, [["0"]], "unapproved: no account is asked to reconnect")
    s.sql("DELETE FROM boards")
    body = s.pin_body(title="accepted in the hold", run_at=(datetime.now(timezone.utc) + timedelta(hours=1)).isoformat())
    status, _, value = s.api("POST", "/v1/schedules", body)
    t.equal(status, 201, f"unapproved: more is accepted, though the board cannot be asked about ({value})")
    batch.late(4)
    batch.missed()
    stopped = s.sql("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', stopped_at) FROM apps WHERE environment = 1")
    begin = int(stopped[0][0])
    seconds = (now_us(s) - begin) / 1e6
    probes = [c for c in creates(s) if c["arrived_at"] > begin]
    tried = int(s.sql("SELECT COUNT(*) FROM attempts a JOIN apps k ON k.environment = 1 WHERE a.opened_at > k.stopped_at")[0][0])
    t.equal([c for c in probes if c["pin_id"]], [], "unapproved: nothing was published in the hold")
    t.ok(1 <= tried <= seconds / 2 + 1, f"unapproved: one probe in two seconds ({tried} in {seconds:.1f} s)")
    took = time.monotonic() - began
    s.admin("settings", {"tier": None})
    batch.released(30)
    t.equal(s.sql("SELECT COUNT(*) FROM apps WHERE stopped_at IS NOT NULL"), [["0"]], "unapproved: the stop is over")
    return took


def day_limit(s, accounts, took):
    """The day began long ago and is nearly over; the app's thousand calls are nearly spent. What is looked
    at in the hold took so long before, on this machine."""
    batch = Batch(s, "day", accounts, EACH)
    s.wait_for(lambda: batch.published() >= 8, 20, "some are out")
    ends = now_us(s) + int(max(12 + 3 * (SLOW - 1), 3 * took)) * 1_000_000
    s.sql(
        f"REPLACE INTO sandbox_windows (k, hits, ends_us) VALUES ('day:0', {DAY_LIMIT - 6}, {ends})",
        s.database + "_sandbox",
    )
    begun = batch.published()
    s.admin("settings", {"day_limit": DAY_LIMIT})
    held = "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', held_until) FROM apps WHERE environment = 1 AND held_until > UTC_TIMESTAMP(6)"
    until = int(s.wait_for(lambda: s.sql(held), 10, "the app is held")[0][0])
    t.ok(ends - 2_000_000 <= until <= ends + 2_000_000, f"day: held until the window ends ({(until - ends) / 1e6:.2f} s)")
    batch.held("rate_limited", begun)
    pin = shown(s, batch, "rate_limited", "the operator's app to slow down")
    t.ok(pin["next_attempt_at"], "day: and when it goes on", pin)
    told = s.operator("status").stdout
    t.ok("held" in told, "day: the operator is told", told)
    batch.late()
    batch.missed()
    mid = now_us(s)
    t.ok(mid < until, "day: the window was missed in the hold")
    batch.released(30 + 3 * took)
    # What was granted while the first refusal was being saved may still have left.
    stop = int(s.sql("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', MIN(closed_at)) FROM attempts WHERE http_status = 429")[0][0])
    between = s.sql(
        f"""SELECT COUNT(*) FROM attempts WHERE TIMESTAMPDIFF(MICROSECOND, '1970-01-01', opened_at) > {stop + 1_000_000}
            AND TIMESTAMPDIFF(MICROSECOND, '1970-01-01', opened_at) < {until}"""
    )
    t.equal(between, [["0"]], "day: nothing was tried in the hold")
    spent = int(s.sql("SELECT COUNT(*) FROM attempts WHERE http_status = 429")[0][0])
    t.ok(spent <= ACCOUNTS, f"day: no account asked twice ({spent} refused)")
    t.equal(s.sql("SELECT MAX(retries_spent) FROM pins WHERE campaign = 'day'"), [["1"]], "day: no try was spent on it")
    s.admin("settings", {"day_limit": None})


def main():
    begin = time.monotonic()
    with Stack(overrides=OVERRIDES) as s:
        s.sign_up()
        s.admin("settings", {"fetch": 0})
        ids = [s.connect(f"account {n}") for n in range(ACCOUNTS)]
        accounts = [(i, s.boards_of(i)["Always works"]) for i in ids]
        took = unapproved(s, accounts)
        day_limit(s, accounts, took)
        retried = s.sql("SELECT COUNT(*) FROM activity_logs WHERE action LIKE '%.retried'")
        t.equal(retried, [["0"]], "without a retry call")
        checker.hold(s, t, "the app held")
    print(f"# {time.monotonic() - begin:.1f} s")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
