#!/usr/bin/env python3
"""`pintempo-worker --once` from cron publishes everything without a resident worker."""

import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from harness import Stack, Tap  # noqa: E402
from workload import accounts, body, each, iso, now_us, open_pins, titles  # noqa: E402

t = Tap()
CRON_PINS = 200


def once(s, seconds=None):
    """Runs cron's command once: (exit status, seconds it took)."""
    start = time.monotonic()
    words = [s.exe("pintempo-worker"), "--config", s.conf, "--once"]
    words += ["--for", f"{seconds}s"] if seconds else []
    with open(s.path("log/cron.out"), "ab") as log:
        done = subprocess.run(words, stdout=log, stderr=log, timeout=60)
    return done.returncode, time.monotonic() - start


def cron_alone():
    with Stack(worker=False, overrides={"sandbox": {"burst": 100}}) as s:
        t.equal(s.status_of("/readyz?worker=1"), 503, "cron: /readyz?worker=1 is 503 before the first run")
        s.sign_up()
        some = accounts(s, 3)
        t.ok(all(board for _, board in some), "cron: accounts are connected and boards listed without a worker")
        made = s.call("POST", "/v1/pinterest/boards", {"account_id": some[0][0], "name": "Cron"})
        t.ok(made["id"] in s.boards_of(some[0][0]).values(), "cron: a board is created without a worker")
        start = now_us()

        def create(k):
            if k % 2:
                fields = {"title": f"Cron {k}", "idempotency_key": f"cron-{k}"}
                return s.call("POST", "/v1/pins", body(s, some[k % 3], **fields))["id"]
            at = lambda: iso(max(start + 4_000_000 + k * 10_000, now_us() + 1_000_000))  # noqa: E731
            return s.soon("/v1/schedules", lambda: body(s, some[k % 3], title=f"Cron {k}", run_at=at()))["id"]

        each(create, range(CRON_PINS))
        runs, status = 0, {0}
        end = time.monotonic() + 60
        while open_pins(s) and time.monotonic() < end:
            code, took = once(s, 2)
            runs, status = runs + 1, status | {code}
            t.ok(took < 12, f"cron: run {runs} ends by itself ({took:.1f} s)")
            left = s.sql("SELECT COUNT(*) FROM pins WHERE state = 2")
            t.equal(left, [["0"]], "cron: run leaves no pin in flight")
        t.equal(status, {0}, "cron: every run exits 0")
        t.ok(runs >= 2, "cron: several runs were needed", runs)
        t.equal(open_pins(s), 0, f"cron: all {CRON_PINS} pins have ended")
        made = titles(s)
        t.equal((len(made), set(made.values())), (CRON_PINS, {1}), "cron: every pin was made once")
        t.equal(s.status_of("/readyz?worker=1"), 200, "cron: /readyz?worker=1 is 200 between runs")
        held = s.sql("SELECT COUNT(*) FROM shards WHERE owner IS NOT NULL AND lease_until > UTC_TIMESTAMP(6)")
        t.equal(held, [["0"]], "cron: no shard is leased between runs")
        code, took = once(s)
        t.ok(code == 0 and took < 10, f"cron: without --for a run ends when nothing is due ({took:.1f} s)")
        s.start("worker")
        s.wait_for(lambda: s.sql("SELECT COUNT(*) FROM workers WHERE resident = 1") != [["0"]], 10)
        s.wait_for(lambda: s.sql("SELECT COUNT(*) FROM shards WHERE owner IS NULL") == [["0"]], 10)
        code, took = once(s, 30)
        t.ok(code == 0 and took < 10, f"cron: a run beside a resident worker exits at once ({took:.1f} s)")
        checker.report(s, t, "cron")


def main():
    cron_alone()
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
