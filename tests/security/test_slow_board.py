#!/usr/bin/env python3
"""A sandbox project with many accounts has a pin of each on the board that takes three seconds. It
holds its share of the creates in flight and no more, so the pins of other projects leave on time.
TAP on stdout."""

import os
import sys
import threading

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path[:0] = [os.path.join(TOP, "tests"), os.path.join(TOP, "tests", "e2e")]

from harness import Stack, Tap  # noqa: E402
from security.attack import LONG, share  # noqa: E402
from workload import accounts  # noqa: E402

ACCOUNTS, PINS, OTHERS, ROUNDS = (120, 6, 6, 10) if LONG else (12, 2, 2, 3)
MAX_IN_FLIGHT = 160 if LONG else 32
PROJECT = MAX_IN_FLIGHT // 4 // 2  # half of what the sandbox has


def in_flight(s):
    return int(s.sql("SELECT COUNT(*) FROM lanes WHERE in_flight_pin IS NOT NULL")[0][0])


def lateness(s, pins):
    """How long after it was due each pin's intent was written, in seconds."""
    ids = ",".join(f"x'{p.replace('-', '')}'" for p in pins)
    rows = s.sql(
        "SELECT TIMESTAMPDIFF(MICROSECOND, p.run_at, MIN(a.opened_at)) / 1e6 FROM pins p"
        f" JOIN attempts a ON a.pin_id = p.id WHERE p.id IN ({ids}) GROUP BY p.id"
    )
    return [float(r[0]) for r in rows]


class Most(threading.Thread):
    """Looks again and again how many creates are in flight."""

    def __init__(self, s):
        super().__init__(daemon=True)
        self.s, self.most, self.ended = s, 0, threading.Event()

    def run(self):
        while not self.ended.is_set():
            self.most = max(self.most, in_flight(self.s))

    def end(self):
        self.ended.set()
        self.join()
        return self.most


def main():
    t = Tap()
    with Stack(overrides={"worker": {"max_in_flight": MAX_IN_FLIGHT}}) as s:
        others = []
        for _ in range(OTHERS):
            s.sign_up()
            others.append((s.key, s.account_id, dict(s.boards)))
        s.sign_up()
        mine = [account for account, _ in accounts(s, ACCOUNTS)]
        most = Most(s)
        most.start()
        bodies = []
        for account in mine:
            board = s.boards_of(account)["Slow (3 s)"]
            bodies += [s.pin_body("Slow", account_id=account, board_id=board) for _ in range(PINS)]
        for body in bodies:
            s.call("POST", "/v1/pins", body)
        s.wait_for(lambda: in_flight(s) >= PROJECT, 30, "the attacker has its share")
        pins = []
        for _ in range(ROUNDS):
            for s.key, s.account_id, s.boards in others:
                pins.append(s.call("POST", "/v1/pins", s.pin_body())["id"])
            s.wait_for(lambda n=len(pins): len(lateness(s, pins)) == n, 60, "the others' pins are sent")
        late = lateness(s, pins)
        held = most.end()
        print(f"# {held} in flight at most; others' pins: {len(late)}, p50 {share(late, 0.5) * 1000:.0f} ms, max {max(late) * 1000:.0f} ms")
        t.ok(PROJECT <= held <= PROJECT + OTHERS, "one project has half of the sandbox's quarter", held)
        t.ok(max(late) <= (1 if LONG else 10), "others' pins leave on time", max(late))
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
