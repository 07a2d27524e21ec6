#!/usr/bin/env python3
"""A mixed workload over five accounts while Pinterest misbehaves at random and two workers are
killed, stopped and continued; then the checker runs. TEST_SEED repeats the random choices. The
checker is also run on worlds in which one invariant each is broken."""

import os
import random
import re
import signal
import sys
import threading
import time
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from harness import Stack, Tap  # noqa: E402

t = Tap()
SEED = int(os.environ.get("TEST_SEED", random.randrange(10**6)))
ACCOUNTS, PINS, KILLS = 5, 40, 5
LEASE_MS = 2000
OVERRIDES = {
    "worker": {"lease_ms": LEASE_MS, "lease_renew_ms": 400, "poll_ms": 100},
    "sandbox": {
        "burst": 10,
        "interval_ms": 150,
        "jitter_pct": 20,
        "create_timeout_ms": 1500,
        "verify_after_ms": 1500,
        "verify_gap_ms": 500,
        "retry_base_ms": 200,
        "retry_cap_ms": 1000,
        "spam_hold_1_ms": 1000,
        "spam_hold_2_ms": 1500,
        "spam_hold_3_ms": 2000,
    },
}
FAULTS = [
    {"kind": "lost"},
    {"kind": "lost_after"},
    {"kind": "html_500"},
    {"kind": "html_500_after", "status": 502},
    {"kind": "truncate"},
    {"kind": "empty"},
    {"kind": "no_id"},
    {"kind": "wrong_length"},
    {"kind": "bad_utf8"},
    {"kind": "slow_body", "byte_ms": 20},
    {"kind": "delay_ms", "ms": 300},
    {"kind": "delay_ms", "ms": 2500},  # finished after its sender has given up
    {"kind": "delay_ms", "after_ms": 2500},
    {"kind": "status", "status": 429, "code": 8, "message": "exceeded a rate limit", "reset_s": 1},
    {"kind": "status", "status": 429, "code": 9, "message": "You've hit a block (Pins)"},
    {"kind": "status", "status": 400, "code": 1, "message": "Sorry we could not fetch the image."},
    {"kind": "status", "status": 403, "code": 235, "message": "Sorry, this image is broken."},
    {"kind": "status", "status": 401, "code": 2, "message": "Authentication failed."},
    {"kind": "status", "status": 409, "code": 409, "message": "conflict"},
    {"kind": "status", "status": 500, "code": 2787, "message": "Sorry! Something went wrong on our end."},
]
LISTING = {"match": {"method": "GET", "path_prefix": "/v5/boards"}, "fault": {"kind": "html_500"}}


def at(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


def arm(s, rng):
    """Arms every fault in random order, some twice, each hitting about every fourth create."""
    for fault in rng.sample(FAULTS + rng.choices(FAULTS, k=10), len(FAULTS) + 10):
        match = {"method": "POST", "path_prefix": "/v5/pins"}
        s.admin("arm", {"match": match, "permille": 250, "seed": rng.randrange(10**6), "fault": fault})
    s.admin("arm", LISTING | {"permille": 200, "times": 10, "seed": rng.randrange(10**6)})
    s.admin("settings", {"listing": "shuffled"})


class Load:
    """One account's share of the work, in its own thread."""

    def __init__(self, s, n):
        self.s, self.n, self.rng = s, n, random.Random(SEED * 100 + n)
        self.account = s.connect(f"account {n}")
        self.board = s.boards_of(self.account)["Always works"]
        self.made, self.canceled, self.refused = [], 0, []

    def body(self, k):
        rng = self.rng
        body = {
            "account_id": self.account,
            "board_id": self.board,
            # every tenth is the twin of the one before
            "title": f"Pin {self.n} {k - (k % 10 == 9)}",
            "image_url": self.s.image_url if rng.random() < 0.95 else self.s.image_base + "/none.png",
        }
        if rng.random() < 0.3:
            body |= {"link_url": f"https://shop{rng.randrange(3)}.example/{self.n}"}
        return body

    def change(self, path):
        """Does something that a person does to a schedule, at a random moment."""
        what = self.rng.random()
        if what < 0.15:
            status, _, value = self.s.api("POST", path + "/cancel")
            self.canceled += status == 200
        elif what < 0.3:
            status, _, value = self.s.api("PATCH", path, {"description": "Edited", "run_at": at(1)})
        elif what < 0.4:
            status, _, value = self.s.api("POST", path + "/retry")
        else:
            return
        if status not in (200, 400, 409, 422):
            self.refused.append((path, status, value))

    def run(self):
        rng = self.rng
        for k in range(PINS):
            if rng.random() < 0.3:
                key = f"{self.n}-{k}"
                self.s.call("POST", "/v1/pins", self.body(k) | {"idempotency_key": key})
            else:
                body, ahead, ends = self.body(k), rng.uniform(0.2, 6), rng.random() < 0.1
                made = lambda: body | {"run_at": at(ahead)} | ({"not_after": at(8)} if ends else {})  # noqa: E731
                self.made.append("/v1/schedules/" + self.s.soon("/v1/schedules", made)["id"])
            if self.made:
                self.change(rng.choice(self.made))
            time.sleep(rng.uniform(0, 0.2))  # a person's pace


def over(s):
    row = s.sql(
        """SELECT (SELECT COUNT(*) FROM schedules WHERE state < 4 AND deleted_at IS NULL)
             + (SELECT COUNT(*) FROM pins WHERE state < 4 AND deleted_at IS NULL)
             + (SELECT COUNT(*) FROM deliveries WHERE state = 0)"""
    )
    return row[0][0] == "0"


def finished(s):
    return int(s.sql("SELECT COUNT(*) FROM pins WHERE state > 3")[0][0])


def kill_workers(s, rng):
    """Kills workers at random moments; one is stopped for longer than its lease."""
    for kill in range(KILLS):
        more = finished(s) + rng.randrange(5, 20)
        s.wait_for(lambda: finished(s) >= more or over(s), 40, "the run goes on")
        name = rng.choice(["worker", "other"])
        if kill == 2:
            s.programs[name].signal(signal.SIGSTOP)
            ident = re.findall(r"event=started id=([-0-9a-f]+)", s.log(name))[-1].replace("-", "")
            since = s.sql("SELECT UTC_TIMESTAMP(6)")[0][0]
            taken = f"""SELECT UTC_TIMESTAMP(6) > '{since}' + INTERVAL {LEASE_MS} * 1000 MICROSECOND AND COUNT(*) = 0
                        FROM shards WHERE owner = x'{ident}' OR lease_until < UTC_TIMESTAMP(6)"""
            s.wait_for(lambda: s.sql(taken) == [["1"]], 10, "the stopped worker's leases lapse and the other takes over")
            s.programs[name].signal(signal.SIGCONT)
        else:
            s.kill9(name)
            s.start(name)
        print(f"# {'stopped' if kill == 2 else 'killed'} {name} at {finished(s)} finished", flush=True)


def main():
    print(f"# TEST_SEED={SEED}", flush=True)
    rng = random.Random(SEED)
    with Stack(overrides=OVERRIDES) as s:
        s.sign_up()
        s.webhook()
        loads = [Load(s, n) for n in range(ACCOUNTS)]
        narrow = loads[0].account.replace("-", "")
        s.sql(f"UPDATE pinterest_accounts SET pace_burst = 3, pace_interval_ms = 300 WHERE id = x'{narrow}'")
        arm(s, rng)
        s.add("other", [s.exe("pintempo-worker"), "--config", s.conf])
        s.start("other")
        people = [threading.Thread(target=x.run) for x in loads]
        for p in people:
            p.start()
        kill_workers(s, rng)
        for p in people:
            p.join()
        s.wait_for(lambda: over(s), 60, "all pins have ended")
        t.equal([r for x in loads for r in x.refused], [], "no request got an unexpected answer")
        t.ok(sum(x.canceled for x in loads) > 0, "some schedules were canceled")
        world = checker.report(s, t, "random faults")
        states = s.sql("SELECT state, error_code, COUNT(*) FROM pins WHERE deleted_at IS NULL GROUP BY 1, 2")
        print(f"# pins: {states}")
        print(f"# attempts: {s.sql('SELECT outcome, COUNT(*) FROM attempts GROUP BY 1')}", flush=True)
        t.equal(s.sql("SELECT COUNT(*) FROM deliveries WHERE state <> 1"), [["0"]], "every event was delivered")
        t.ok(len({a["worker_id"] for a in world.attempts}) >= 3, "at least three workers took part")
        for name in checker.CHECKS:
            for what, broken in checker.tampered(world, name):
                t.ok(checker.check(broken)[name], f"the checker finds {name} broken: {what}")
        status = [s.stop("worker"), s.stop("other")]
        t.equal(status, [0, 0], "both workers stop cleanly")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
