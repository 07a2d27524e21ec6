#!/usr/bin/env python3
"""Work that started too long ago is not sent: a token refresh of a worker that was stopped
meanwhile, and intents of a turn that took too long on a slow database. TAP on stdout."""

import os
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, p) for p in ("..", "../chaos", "../e2e")]
import checker  # noqa: E402
from dbfaults import DatabaseStack  # noqa: E402
from harness import Stack, Tap  # noqa: E402
from test_fence import Session  # noqa: E402

t = Tap()
LONG = 30
GATE_S = 10  # GATE_MS of worker/refresh/refresh.c
LANES = 24
SLOW_MS = 16  # per statement: all lanes together need more time than the gate allows


def hexed(i):
    return "x'" + i.replace("-", "") + "'"


def stop_in_begin(s, account, version):
    """Makes a refresh due and stops the worker in the COMMIT that begins it; returns the version of the
    tokens it begins with. Whatever else it commits, such as a renewal of leases, passes."""
    # An unfinished refresh may be repeated after 30 seconds: two more, in which COMMITs get blocked.
    due = "refresh_at = UTC_TIMESTAMP(6), refresh_started_at = UTC_TIMESTAMP(6) - INTERVAL 28 SECOND"
    blocked = "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for backup%'"
    fresh = f"SELECT COALESCE(refresh_started_at > UTC_TIMESTAMP(6) - INTERVAL 9 SECOND, 0) {account}"
    uncommitted = f"SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED; {fresh}"
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        before = s.sql(version)
        s.sql(f"UPDATE pinterest_accounts SET {due} WHERE id = {hexed(s.account_id)}")
        while s.sql(version) == before and s.sql(fresh) == [["0"]] and time.monotonic() < end:
            lock = Session(s)
            lock.run("BACKUP STAGE START")
            lock.run("BACKUP STAGE BLOCK_COMMIT")
            s.wait_for(lambda: s.sql(blocked) != [["0"]], LONG, "the worker waits to commit")
            begins = s.sql(fresh) == [["0"]] and s.sql(uncommitted) == [["1"]]
            if begins:
                os.kill(s.pid("worker"), signal.SIGSTOP)
            lock.run("BACKUP STAGE END")
            lock.close()
            if begins:
                return before
        s.wait_for(lambda: s.sql(version) != before, LONG, "a refresh that slipped through is over")
    raise AssertionError("no COMMIT of a refresh was met")


def stale_refresh(s):
    """A worker that was stopped after beginning a refresh does not send it: another worker may
    have."""
    account = f"FROM pinterest_accounts WHERE id = {hexed(s.account_id)}"
    version = f"SELECT token_version {account}"
    before = stop_in_begin(s, account, version)
    failed = s.log("worker").count("event=refresh_failed")
    time.sleep(GATE_S + 0.5)
    os.kill(s.pid("worker"), signal.SIGCONT)
    s.wait_for(
        lambda: s.log("worker").count("event=refresh_failed") > failed or s.sql(version) != before, LONG, "the worker continues"
    )
    t.equal(s.sql(version), before, "a refresh that began too long ago is not sent")
    s.wait_for(lambda: s.sql(version) != before, LONG, "the refresh is repeated and new tokens are stored")
    t.equal(s.sql(f"SELECT health {account}"), [["0"]], "the account is healthy")


def slow_turn():
    """Each lane costs a statement: a turn serves only so many lanes that all its grants leave in
    time."""
    overrides = {"worker": {"poll_ms": 100}, "sandbox": {"max_send_delay_ms": 500, "daily_cap": 1000}}
    with DatabaseStack(overrides=overrides) as s:
        s.sign_up()
        s.stop("worker")
        for k in range(LANES):
            account = s.connect(f"slow {k}")
            board = s.boards_of(account)["Always works"]
            s.call("POST", "/v1/pins", s.pin_body(title=f"Slow {k}", account_id=account, board_id=board))
        s.relay.set(slow_ms=[SLOW_MS, SLOW_MS])
        s.start("worker")
        over = lambda: s.sql("SELECT COUNT(*) FROM pins WHERE state = 4") == [[str(LANES)]]  # noqa: E731
        s.wait_for(over, 60, "all pins are published")
        late = int(s.sql("SELECT COUNT(*) FROM attempts WHERE outcome = 4")[0][0])
        t.ok(late < LANES / 2, f"{LANES} lanes due at once on a slow database: few intents are too late ({late})")
        s.relay.calm()
        checker.report(s, t, "slow turn")


def main():
    with Stack() as s:
        s.sign_up()
        stale_refresh(s)
    slow_turn()
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
