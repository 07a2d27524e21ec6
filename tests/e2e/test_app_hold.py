#!/usr/bin/env python3
"""The whole app is held: not approved (401), or at its tier's daily limit (429 with a window of a
day). All accounts wait and say why, only pins that miss their window fail, nothing but probes is
sent, and everything is published without a retry call once Pinterest relents."""

import os
import sys
import time
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import checker  # noqa: E402
from harness import SLOW, Stack  # noqa: E402
from test_hold_release import Batch, t  # noqa: E402

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


def check_reason(s, batch, code, words):
    """Pin, schedule list and operator command all say why the pin waits."""
    waiting = s.call("GET", f"/v1/pins?campaign={batch.name}&status=deferred&limit=1")[0]
    pin = s.call("GET", "/v1/pins/" + waiting["id"])
    t.equal((pin["status"], pin["error_code"]), ("deferred", code), f"{batch.name}: GET shows the pin as deferred with {code}")
    t.ok(words in pin["error_message"], f"{batch.name}: the pin's error message explains the hold", pin["error_message"])
    t.ok(pin["not_after"], f"{batch.name}: a deferred pin shows its deadline", pin)
    why = s.operator("why", pin["id"]).stdout
    t.ok(words in why, f"{batch.name}: `pintempo why` explains the hold", why)
    return pin


def unapproved(s, accounts):
    batch = Batch(s, "unapproved", accounts, EACH)
    s.wait_for(lambda: batch.published() >= 8, 20, "some pins are published")
    began, begun = time.monotonic(), batch.published()
    s.admin("settings", {"tier": "unapproved"})
    batch.check_held("pinterest_not_permitted", begun)
    done = s.operator("status", check=False)
    status = done.stdout
    t.equal((done.returncode, status.split()[0]), (2, "BROKEN"), "unapproved: the status is broken")
    t.ok(
        "STOPPED" in status and "consumer type is not supported" in status,
        "unapproved: `pintempo status` tells the operator that the app is stopped",
        status,
    )
    check_reason(s, batch, "pinterest_not_permitted", "the operator has to act")
    healthy = s.sql("SELECT COUNT(*) FROM pinterest_accounts WHERE health <> 0 OR revoked_at IS NOT NULL")
    t.equal(healthy, [["0"]], "unapproved: no account is asked to reconnect")
    s.sql("DELETE FROM boards")
    body = s.pin_body(title="accepted in the hold", run_at=(datetime.now(timezone.utc) + timedelta(hours=1)).isoformat())
    status, _, value = s.api("POST", "/v1/schedules", body)
    t.equal(status, 201, f"unapproved: a pin is accepted although its board cannot be checked ({value})")
    batch.add_short_window(4)
    batch.check_missed()
    stopped = s.sql("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', stopped_at) FROM apps WHERE environment = 1")
    begin = int(stopped[0][0])
    seconds = (now_us(s) - begin) / 1e6
    probes = [c for c in creates(s) if c["arrived_at"] > begin]
    tried = int(s.sql("SELECT COUNT(*) FROM attempts a JOIN apps k ON k.environment = 1 WHERE a.opened_at > k.stopped_at")[0][0])
    t.equal([c for c in probes if c["pin_id"]], [], "unapproved: nothing is published during the hold")
    t.ok(1 <= tried <= seconds / 2 + 1, f"unapproved: at most one probe every two seconds ({tried} in {seconds:.1f} s)")
    took = time.monotonic() - began
    s.admin("settings", {"tier": None})
    batch.check_released(30)
    t.equal(
        s.sql("SELECT COUNT(*) FROM apps WHERE stopped_at IS NOT NULL"),
        [["0"]],
        "unapproved: the app is no longer stopped after approval",
    )
    return took


def day_limit(s, accounts, took):
    """The day's window began long ago and is nearly over, and the app's thousand calls are nearly
    spent. `took`: how long the checks during the hold take on this machine."""
    batch = Batch(s, "day", accounts, EACH)
    s.wait_for(lambda: batch.published() >= 8, 20, "some pins are published")
    ends = now_us(s) + int(max(12 + 3 * (SLOW - 1), 3 * took)) * 1_000_000
    s.sql(
        f"REPLACE INTO sandbox_windows (window_key, hits, ends_us) VALUES ('day:0', {DAY_LIMIT - 6}, {ends})",
        s.database + "_sandbox",
    )
    begun = batch.published()
    s.admin("settings", {"day_limit": DAY_LIMIT})
    held = "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', hold_until) FROM apps WHERE environment = 1 AND hold_until > UTC_TIMESTAMP(6)"
    until = int(s.wait_for(lambda: s.sql(held), 10, "the app is held")[0][0])
    t.ok(
        ends - 2_000_000 <= until <= ends + 2_000_000,
        f"day: the app is held until the window ends ({(until - ends) / 1e6:.2f} s)",
    )
    batch.check_held("rate_limited", begun)
    pin = check_reason(s, batch, "rate_limited", "the operator's app to slow down")
    t.ok(pin["next_attempt_at"], "day: a deferred pin shows its next attempt", pin)
    status = s.operator("status", check=False).stdout
    t.ok("held" in status, "day: `pintempo status` tells the operator of the hold", status)
    batch.add_short_window()
    batch.check_missed()
    mid = now_us(s)
    t.ok(mid < until, "day: the pin with the short window missed it during the hold")
    batch.check_released(30 + 3 * took)
    # Creates granted while the first refusal was being saved may still have left.
    stop = int(
        s.sql("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', MIN(closed_at)) FROM attempts WHERE http_status = 429")[0][0]
    )
    between = s.sql(
        f"""SELECT COUNT(*) FROM attempts WHERE TIMESTAMPDIFF(MICROSECOND, '1970-01-01', opened_at) > {stop + 1_000_000}
            AND TIMESTAMPDIFF(MICROSECOND, '1970-01-01', opened_at) < {until}"""
    )
    t.equal(between, [["0"]], "day: nothing is sent during the hold")
    spent = int(s.sql("SELECT COUNT(*) FROM attempts WHERE http_status = 429")[0][0])
    t.ok(spent <= ACCOUNTS, f"day: no account is refused twice ({spent} refused)")
    t.equal(s.sql("SELECT MAX(retries_spent) FROM pins WHERE campaign = 'day'"), [["1"]], "day: the hold spends no retry")
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
        t.equal(retried, [["0"]], "no retry call was needed")
        checker.report(s, t, "app held")
    print(f"# {time.monotonic() - begin:.1f} s")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
