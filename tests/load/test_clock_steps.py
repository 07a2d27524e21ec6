#!/usr/bin/env python3
"""Clock steps while pins flow: the database's clock, a worker's or the whole machine's; forward and
backward; with creates in flight and with unknown outcomes. The database's clock decides what is due:
nothing leaves early by it. Nothing is lost or doubled, the pace holds in real time, and after a backward
step only work with a time given by a user waits.

The application's clock is stepped alone, too: what counts as past or future, and how long it finishes
requests while stopping, do not depend on it.

Pinterest's clock is always right: the simulator's is corrected whenever the database's is stepped."""

import collections
import os
import re
import signal
import sys
import threading
import time
from datetime import datetime

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from clock import SimulatedClock  # noqa: E402
from harness import Stack, Tap, wait_for  # noqa: E402

t = Tap()
HOUR = 3600
BURST, INTERVAL_S = 5, 0.4
OVERRIDES = {
    "worker": {"poll_ms": 50, "lease_ms": 3000, "lease_renew_ms": 500},
    "sandbox": {
        "burst": BURST,
        "interval_ms": int(INTERVAL_S * 1000),
        "create_timeout_ms": 1000,
        "max_send_delay_ms": 1000,
        "verify_after_ms": 1000,
        "verify_gap_ms": 500,
    },
}
# How long everything that may leave may take after a step. The slowest are pins whose create may
# still be in flight (5 s), looked up twice, one after the other; plus a lease of 3 s.
FLOW_S = 45
WORKERS = ("worker", "worker2")
ALL = ("database", "sandbox", "app", *WORKERS)
LANES = {  # the boards of an account's pins, in turn
    "plain": ["Always works"],
    "slow": ["Always works", "Slow (3 s)", "Always works"],  # slower than the worker's timeout
    "done": ["Always works", "Answer lost after publishing", "Always works"],
    "undone": ["Always works", "Always works", "Answer lost before publishing"],
}


class Flow:
    def __init__(self, s, clock):
        self.s, self.clock = s, clock
        self.accounts = {name: s.connect(name) for name in LANES}
        self.boards = {name: s.boards_of(a) for name, a in self.accounts.items()}
        self.n = 0

    def send(self, each, seconds=None, lanes=tuple(LANES)):
        """Creates pins on these accounts: immediately on each of its boards in turn, or as schedules
        `seconds` ahead on the board that works."""
        for k in range(each):
            for name in lanes:
                boards = LANES[name]
                self.n += 1
                body = self.s.pin_body(title=f"{name} {self.n}")
                body["account_id"] = self.accounts[name]
                body["board_id"] = self.boards[name][boards[k % len(boards)] if seconds is None else "Always works"]
                if seconds is None:
                    self.s.call("POST", "/v1/pins", body)
                else:
                    self.s.soon("/v1/schedules", lambda body=body: body | {"run_at": self.clock.iso(seconds)})

    def left(self, more=""):
        """Number of pins and schedules that have not ended."""
        return int(self.s.sql(f"SELECT COUNT(*) FROM pins WHERE state < 4 {more}")[0][0]) + (
            0 if more else int(self.s.sql("SELECT COUNT(*) FROM schedules WHERE state = 0")[0][0])
        )

    def set(self, names, seconds):
        """Sets the clocks of these programs. If the database's is among them, Pinterest's time
        stays as it was."""
        s, clock = self.s, self.clock
        s.programs["sandbox"].signal(signal.SIGSTOP)
        for name in names:
            clock.step(name, seconds)
        skew = -int(clock.offset["database"])
        s.sql(f"UPDATE sandbox_settings SET doc = JSON_SET(doc, '$.skew_s', {skew})", s.database + "_sandbox")
        s.programs["sandbox"].signal(signal.SIGCONT)

    def step(self, names, seconds, what, kill=None):
        """Steps the clocks in the middle of work, optionally killing a worker; then waits until
        everything that may leave has left."""
        back = "database" in names and seconds < 0
        self.send(3)
        self.send(1, 1)
        self.send(2, 4)
        wait_for(lambda: self.s.sql("SELECT COUNT(*) FROM pins WHERE state IN (2, 3)") > [["1"]], 20, "creates are in flight")
        if kill:
            self.s.kill9(kill)
        self.set(names, seconds)
        step_at = time.monotonic()
        self.send(1)
        self.send(2 * BURST, lanes=["plain"])  # a bucket that the step filled would let them all go
        # By a clock set back, schedules and look-ups of earlier creates are in the future again.
        wanted = "AND schedule_id IS NULL AND state <> 3" if back else ""
        wait_for(lambda: self.left(wanted) == 0, FLOW_S, f"{what}: everything that may leave has left")
        took = time.monotonic() - step_at
        t.ok(True, f"{what}: everything that may leave has ended {took:.1f} s after the step")
        if kill:
            self.s.start(kill)

    def drain(self, what):
        wait_for(lambda: self.left() == 0, FLOW_S, f"{what}: over")


def application_clock(f):
    """The application's clock is wrong by an hour in either direction."""
    s, clock = f.s, f.clock
    for seconds, what in ((HOUR, "ahead"), (-2 * HOUR, "back")):
        clock.step("app", seconds)
        for ahead, want in ((4, 201), (-2, 422)):
            body = s.pin_body(title=f"by the application's clock {what}", run_at=clock.iso(ahead))
            status, _, value = s.api("POST", "/v1/schedules", body)
            t.equal(
                status,
                want,
                f"application's clock an hour {what}: run_at in {ahead} s is {'accepted' if want == 201 else 'in the past'}",
            )
            t.ok(want == 201 or "run_at" in str(value), f"application's clock an hour {what}: the refusal names run_at", value)
        made = s.call("POST", "/v1/api-keys", {"name": what}, auth=s.token)
        at = datetime.fromisoformat(made["created_at"].replace("Z", "+00:00")).timestamp()
        t.ok(
            abs(at - clock.now()) < 60,
            f"application's clock an hour {what}: an API key is dated by the database's clock",
            made["created_at"],
        )
    account = s.connect("plain", before_back=lambda: clock.step("app", 2 * HOUR))
    t.equal(account, f.accounts["plain"], "application's clock two hours ahead: connecting an account succeeds")
    requests_in_flight(f)


def requests_in_flight(f):
    """The clock was behind and leaps while the application stops."""
    s, clock = f.s, f.clock
    clock.step("app", -2 * HOUR)
    delay = {"kind": "delay_ms", "before_ms": 2000}
    s.admin("arm", {"match": {"method": "GET", "path_prefix": "/v5/boards"}, "fault": delay})
    got = []
    path = f"/v1/pinterest/boards?account_id={f.accounts['plain']}"
    asker = threading.Thread(target=lambda: got.append(s.request("GET", path, None, {"X-API-Key": s.key})[0]))
    asker.start()
    wait_for(lambda: not s.admin("arms")["items"], 20, "a request to Pinterest is in flight")
    t.equal(s.stop("app"), 0, "the application stops cleanly after a leap of its clock")
    asker.join()
    t.equal(got, [200], "the request in flight during the stop is answered")
    clock.step("app", HOUR)
    s.start("app")
    s.wait_for(lambda: s.status_of("/readyz?worker=1") == 200, 30, "ready")


def creates(s, offsets, began):
    """(start, end, pin) of every create that was sent, in real time, from the workers' logs. Of the
    offsets that a worker's clock had, the one that puts the line within the test's run is used."""
    found = []
    for name in WORKERS:
        for line in s.log(name).splitlines():
            m = re.match(r"(\S+)Z .* event=create pin=(\S+) n=\d+ verdict=(\w+) .*ms=(\d+)", line)
            if not m or m[3] == "not_sent":
                continue
            at = datetime.fromisoformat(m[1] + "+00:00").timestamp()
            true = [at - o for o in offsets if began - 1 <= at - o <= time.time() + 1]
            found.append((true[0] - int(m[4]) / 1000, true[0], m[2].replace("-", "").upper()))
    return sorted(found)


def judge(s, offsets, began, what):
    """Pace and one create per lane are judged in real time, everything else from the tables."""
    world = checker.load(s)
    by_lane = collections.defaultdict(list)
    for start, end, pin in creates(s, offsets, began):
        by_lane[world.pin[pin]["lane_id"]].append((start, end))
    # A create may leave that much later than its token was taken, and a late log line adds to it.
    slack = 1 + OVERRIDES["sandbox"]["max_send_delay_ms"] / 1000 / INTERVAL_S
    fast = [
        f"{n + 1} in {b[0] - a[0]:.2f} s"
        for rows in by_lane.values()
        for k, a in enumerate(rows)
        for n, b in enumerate(rows[k:])
        if n + 1 > BURST + (b[0] - a[0]) / INTERVAL_S + slack
    ]
    t.ok(not fast, f"{what}: the pace holds in real time", "\n".join(fast[:5]))
    both = [
        f"{b[0] - a[1]:.2f} s" for rows in by_lane.values() for a, b in zip(rows, rows[1:]) if b[0] < a[1] - 0.1
    ]
    t.ok(not both, f"{what}: one create at a time in real time", "\n".join(both[:5]))
    early = [a for a in world.attempts if a["opened_at"] < world.pin[a["pin_id"]]["run_at"]]
    t.ok(not early, f"{what}: no intent is early by the database's clock", early[:3])
    # In the tables, attempts from before and after a step are not in their real order.
    checker.report(s, t, what, skip=("I3", "I4", "I5", "order"))
    states = collections.Counter(checker.STATES[p["state"]] + " " + (p["error_code"] or "") for p in world.pins)
    t.equal(set(states), {"published "}, f"{what}: all pins are published ({len(world.pins)})")


def main():
    clock = SimulatedClock()
    with Stack(clock=clock, own_database=True, worker=False, overrides=OVERRIDES) as s:
        s.sql("SET GLOBAL innodb_flush_log_at_trx_commit = 0", None)
        s.add("worker2", [s.exe("pintempo-worker"), "--config", s.conf])
        for name in WORKERS:
            s.start(name)
        s.sign_up()
        f = Flow(s, clock)
        began = time.time()
        offsets = {0}
        application_clock(f)
        for names, seconds, what, *kill in (
            (["worker"], -HOUR, "worker's clock an hour back"),
            (["worker"], 2 * HOUR, "worker's clock two hours ahead"),
            (["database"], HOUR, "database's clock an hour ahead"),
            (["database"], -HOUR, "database's clock an hour back"),
            (["database"], HOUR - 30, "database's clock ahead again by an hour less 30 s"),
            (["database"], 30, "database's clock 30 s ahead"),
            (["database"], -HOUR, "database's clock an hour back while a worker dies", "worker2"),
            (["database"], HOUR, "database's clock an hour ahead again"),
            (ALL, -HOUR, "machine's clock an hour back"),
            (ALL, 2 * HOUR, "machine's clock two hours ahead"),
        ):
            f.step(names, seconds, what, *kill)
            offsets.add(clock.offset["worker"])
            offsets.add(clock.offset["worker2"])
        f.drain("at the end")
        judge(s, offsets, began, "clocks set")
        print(f"# {f.n} pins, {time.time() - began:.0f} s")


main()
sys.exit(t.done())
