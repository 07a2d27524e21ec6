#!/usr/bin/env python3
"""Several workers with production leases: shards are shared evenly; the shards of a worker that
stops or dies are taken over in time; a worker stopped for longer than its lease neither sends nor
writes until it has shards again; moving shards between workers does not refill the global bucket;
--once runs beside a resident worker without affecting it. Judged by the database's times and the
simulator's ledger."""

import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import time
from datetime import datetime, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from harness import SLOW, Stack, Tap, wait_for  # noqa: E402

t = Tap()
SHARDS = 64
ACCOUNTS = 30
HANDS = 4
LEASE_S = 15
QUICK = {"sandbox": {"create_timeout_ms": 6000}}  # so that creates in flight are known to have ended sooner
TAKE_OVER_S, CLEAN_S, EVEN_S = 20.0, 2.0, 8.0
# Each shard allows a few creates at once (with one, a refill on a move would not show), then one
# every two seconds.
SLICE, SLICE_S = 4, 2.0
MOVING = {
    "worker": {"lease_ms": 1000, "lease_renew_ms": 300, "poll_ms": 50, "global_burst": SHARDS * SLICE, "global_per_s": 32},
    "sandbox": {"create_timeout_ms": 1000, "max_send_delay_ms": 500, "verify_after_ms": 500, "verify_gap_ms": 300},
}


def text_of(moment):
    return datetime.fromtimestamp(moment, timezone.utc).isoformat()


def database_now(s):
    return s.sql("SELECT UTC_TIMESTAMP(6)")[0][0]


class Accounts:
    """Accounts, each with a separate lane."""

    def __init__(self, s, count=ACCOUNTS):
        self.s, self.n = s, 0
        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(HANDS) as hands:
            ids = list(hands.map(lambda k: s.connect(f"account {k}"), range(count)))
            boards = list(hands.map(lambda i: s.boards_of(i)["Always works"], ids))
        self.accounts = list(zip(ids, boards))
        # How long before its begin a plan is written: as long as creating the accounts took on this
        # machine.
        self.ahead = max(2, time.monotonic() - begin)

    def row(self, account, title, **more):
        self.n += 1
        body = {"account_id": account[0], "board_id": account[1], "title": title, "image_url": self.s.image_url}
        return {**body, "idempotency_key": f"{title} {self.n}", **more}

    def plan(self, name, begin, seconds):
        """Creates a schedule for each account, spread over `seconds` from `begin` on."""
        step = seconds / len(self.accounts)
        rows = [self.row(a, name, run_at=text_of(begin + k * step)) for k, a in enumerate(self.accounts)]
        with concurrent.futures.ThreadPoolExecutor(HANDS) as hands:
            list(hands.map(lambda row: self.s.call("POST", "/v1/schedules", row), rows))

    def seconds_late(self, name, seconds):
        """Waits until all pins of a plan have left: [(shard, seconds late)]."""

        def rows():
            got = self.s.sql(
                f"""SELECT s.shard, TIMESTAMPDIFF(MICROSECOND, s.run_at, a.gate_at) / 1e6 FROM schedules s
                    JOIN attempts a ON a.pin_id = s.pin_id AND a.number = 1 AND a.gate_at IS NOT NULL
                    WHERE s.title = '{name}'"""
            )
            return got if len(got) == len(self.accounts) else None

        got = [(int(shard), float(late)) for shard, late in wait_for(rows, seconds, f"{name}: all pins have left")]
        print(f"# {name}: at most {max(late for _, late in got):.2f} s late", flush=True)
        return got


class Workers:
    def __init__(self, s):
        self.s, self.ids, self.count = s, {}, 1

    def add(self):
        self.count += 1
        name = f"worker{self.count}"
        self.s.add(name, [self.s.exe("pintempo-worker"), "--config", self.s.conf])
        self.s.start(name)
        return name

    def kill(self, name):
        self.s.kill9(name)
        self.s.programs[name].process = None  # killed on purpose: Stack must not complain

    def id_of(self, name):
        ids = lambda: re.findall(r"event=started id=([-0-9a-f]+)", self.s.log(name))  # noqa: E731
        return wait_for(ids, 10, f"{name} has started")[-1].replace("-", "").upper()

    def leased(self):
        """{id or None: shards}"""
        rows = self.s.sql("SELECT shard, HEX(owner) FROM shards")
        out = {}
        for shard, owner in rows:
            out.setdefault(owner, set()).add(int(shard))
        return out

    def even(self, *names):
        """Waits until exactly these workers have equal shares: the seconds it took."""
        ids, begin = sorted(self.id_of(n) for n in names), time.monotonic()
        share = -(-SHARDS // len(ids))

        def equal():
            leased = self.leased()
            known = None not in leased and sorted(leased) == ids
            return known and all(len(v) <= share for v in leased.values())

        self.s.wait_for(equal, 60, f"{len(ids)} workers have equal shares")
        took = time.monotonic() - begin
        print(f"# {len(ids)} workers share after {took:.1f} s: {sorted(len(v) for v in self.leased().values())}", flush=True)
        return took


def even_shares(s, workers):
    workers.even("worker")
    second = workers.add()
    took = workers.even("worker", second)
    t.ok(took <= EVEN_S * SLOW, f"a second worker gets half of the shards within {EVEN_S} s", took)
    third = workers.add()
    took = workers.even("worker", second, third)
    t.ok(took <= EVEN_S * SLOW, f"a third worker gets its share within {EVEN_S} s", took)
    return second, third


def clean_stop(s, people, workers, name, left):
    """The shards of a worker that stops cleanly are free at once, and another worker takes them."""
    mine = workers.leased()[workers.id_of(name)]
    begin = time.time() + people.ahead
    people.plan("clean stop", begin, 1)
    wait_for(lambda: time.time() >= begin, 5, "the first pin is due")
    asked = time.monotonic()
    status = s.stop(name)
    took = time.monotonic() - asked
    t.equal(status, 0, "SIGTERM: the worker stops cleanly")
    t.ok(took <= CLEAN_S * SLOW, f"SIGTERM: the worker stops within {CLEAN_S} s", took)
    late = people.seconds_late("clean stop", 30)
    worst = max([late for shard, late in late if shard in mine], default=0)
    t.ok(worst <= CLEAN_S * SLOW, f"SIGTERM: pins due on its shards are at most {CLEAN_S} s late", worst)
    workers.even(*left)


def killed_worker(s, people, workers, name, left):
    mine = workers.leased()[workers.id_of(name)]
    begin = time.time() + people.ahead
    people.plan("kill", begin, LEASE_S)
    wait_for(lambda: time.time() >= begin - 0.2, 5, "the first pin is nearly due")
    workers.kill(name)
    late = people.seconds_late("kill", 60)
    worst = max([late for shard, late in late if shard in mine], default=0)
    t.ok(worst <= TAKE_OVER_S, f"SIGKILL: pins due on its shards leave within {TAKE_OVER_S} s", worst)
    worst = max([late for shard, late in late if shard not in mine], default=0)
    t.ok(worst <= CLEAN_S * SLOW, f"SIGKILL: pins on other shards are at most {CLEAN_S} s late", worst)
    workers.even(*left)


def stopped_past_lease(s, people, workers, name, other):
    """Stopped with pins in flight and due, continued when all its shards belong to another worker."""
    me = workers.id_of(name)
    begin = time.time() + 2 * people.ahead
    people.plan("standing", begin, 1.5)
    people.plan("standing on", begin + 1.5, LEASE_S + 3)
    slow = {"match": {"method": "POST", "path_prefix": "/v5/pins"}, "fault": {"kind": "delay_ms", "ms": 1500}, "times": 40}
    s.admin("arm", slow)
    sending = f"SELECT COUNT(*) FROM attempts WHERE worker_id = x'{me}' AND outcome IS NULL"
    sending += " AND opened_at < UTC_TIMESTAMP(6) - INTERVAL 200000 MICROSECOND"
    s.wait_for(lambda: s.sql(sending) != [["0"]], 20, "the worker is sending")
    s.programs[name].signal(signal.SIGSTOP)
    stopped = database_now(s)
    workers.even(other)
    s.programs[name].signal(signal.SIGCONT)
    # Its leases are read while fresh: a lease not yet renewed shows when it began.
    claims = f"SELECT MIN(lease_until) - INTERVAL {LEASE_S} SECOND FROM shards WHERE owner = x'{me}'"
    back = s.wait_for(lambda: s.sql(claims)[0][0], 30, "the worker has shards again")
    workers.even(name, other)
    people.seconds_late("standing", 60)
    people.seconds_late("standing on", 60)
    mine = f"FROM attempts WHERE worker_id = x'{me}' AND"
    window = f"> '{stopped}' + INTERVAL 100000 MICROSECOND AND {{}} < '{back}'"
    for moment, what in (("opened_at", "opens"), ("gate_at", "sends")):
        sql = f"SELECT COUNT(*) {mine} {moment} {window.format(moment)}"
        t.equal(s.sql(sql), [["0"]], f"SIGSTOP: the worker {what} nothing before it has shards again")
    late = s.sql(f"SELECT COUNT(*) {mine} opened_at <= '{stopped}' AND gate_at > '{stopped}' + INTERVAL 100000 MICROSECOND")
    t.equal(late, [["0"]], "SIGSTOP: intents from before the stop do not leave afterwards")


def once(s, *words):
    command = [s.exe("pintempo-worker"), "--config", s.conf, "--once", *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def ended(process, what, seconds=CLEAN_S):
    begin = time.monotonic()
    out = process.communicate(timeout=60)[1]
    took = time.monotonic() - begin
    return t.ok(process.returncode == 0 and took <= seconds * SLOW, f"{what} ({took:.2f} s)", out[-600:])


def once_beside_resident(s, people, workers, name):
    """As cron would, and harder: repeatedly, two at a time, while pins are due."""
    me = workers.id_of(name)
    hands = "SELECT SUM(epoch), COUNT(owner), HEX(MIN(owner)), HEX(MAX(owner)) FROM shards"
    before = s.sql(hands)
    t.equal(before[0][1:], [str(SHARDS), me, me], "--once: the resident worker has all shards")
    # A worker that died without cleaning up counts for no share.
    dead = "'dead', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM workers LIMIT 1"
    columns = "id, host_id, pid, resident, version, started_at, seen_at"
    s.sql(f"INSERT INTO workers ({columns}) SELECT RANDOM_BYTES(16), RANDOM_BYTES(16), 1, 0, {dead}")
    people.plan("beside", time.time() + people.ahead, 3)
    renewed = f"SELECT seen_at > '{database_now(s)}' AND seen_at < UTC_TIMESTAMP(6) - INTERVAL 300000 MICROSECOND"
    renewed += f" FROM workers WHERE id = x'{me}'"
    runs, worst, end = 0, 0, time.monotonic() + 5
    while time.monotonic() < end or s.sql(renewed) != [["1"]]:
        begin = time.monotonic()
        pair = [once(s), once(s)]
        good = [p.communicate(timeout=60) and p.returncode == 0 for p in pair]
        worst = max(worst, time.monotonic() - begin)
        runs += 2
        if not all(good):
            break
    t.ok(all(good), f"--once: {runs} runs beside a resident worker exit with status 0")
    t.ok(worst <= CLEAN_S * SLOW, f"--once: each run ends within {CLEAN_S} s ({worst:.2f} s)")
    t.equal(s.sql(hands), before, "--once: the resident worker keeps all its shards")
    late = max(late for _, late in people.seconds_late("beside", 30))
    t.ok(late <= CLEAN_S * SLOW, "--once: no pin is late because of the runs", late)
    alone = s.sql(
        f"SELECT COUNT(*) FROM attempts a JOIN pins p ON p.id = a.pin_id WHERE p.title = 'beside' AND a.worker_id <> x'{me}'"
    )
    t.equal(alone, [["0"]], "--once: the resident worker sent every pin")


def once_without_resident(s, people, workers, name):
    """Two at the same moment: one does the work. A resident worker that starts meanwhile gets the
    shards."""
    s.stop(name)
    rows = [people.row(a, f"cron {k}") for k in range(3) for a in people.accounts]
    for row in rows:
        s.call("POST", "/v1/pins", row)
    pair = [once(s), once(s)]
    for p in pair:
        ended(p, "--once: both of two simultaneous runs exit with status 0", 30)
    left = s.sql("SELECT state, COUNT(*) FROM pins WHERE title LIKE 'cron %' GROUP BY state")
    t.equal(left, [["4", str(len(rows))]], "--once: every due pin is published when both runs have ended")
    t.equal(s.sql("SELECT COUNT(*) FROM shards WHERE owner IS NOT NULL"), [["0"]], "--once: no shard is leased after the runs")
    long = once(s, "--for", "55s")
    s.wait_for(lambda: s.sql("SELECT COUNT(*) FROM shards WHERE owner IS NULL") == [["0"]], 10, "the run with --once has all shards")
    s.start(name)
    workers.id_of(name)
    begin = time.monotonic()
    s.wait_for(
        lambda: len(workers.leased()) == 1 and workers.id_of(name) in workers.leased(), 30, "the resident worker has all shards"
    )
    took = time.monotonic() - begin
    ended(long, "--once --for: the run ends when a resident worker starts")
    t.ok(took <= 2 * CLEAN_S * SLOW, f"--once --for: a resident worker soon gets all shards ({took:.1f} s)")


def moving_slices(s):
    """Shards move all the time, through stops, starts and deaths, while every lane has more to send
    than its slice of the global bucket allows; the checker judges that no slice allowed more."""
    people, workers = Accounts(s, 16), Workers(s)
    # Whichever shards the lanes are on, the busiest has work for twenty seconds.
    own = f"id <> (SELECT lane_id FROM pinterest_accounts WHERE id = x'{s.account_id.replace('-', '')}')"
    crowd = int(s.sql(f"SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM lanes WHERE {own} GROUP BY shard) x")[0][0])
    each = -(-14 // crowd)
    rows = [people.row(a, f"moving {k}") for k in range(each) for a in people.accounts]
    s.call("POST", "/v1/pins/imports/json", rows)
    done = lambda: s.sql("SELECT COUNT(*) FROM pins WHERE state = 4") == [[str(len(rows))]]  # noqa: E731
    alive, moves = ["worker"], 0
    while not done() and moves < 40:
        if len(alive) < 3:
            alive.append(workers.add())
        elif moves % 4 == 2:
            workers.kill(alive.pop(0))
        else:
            s.stop(alive.pop(0))
        moves += 1
        workers.even(*alive)
    wait_for(done, 60, "all pins are published")
    epochs = int(s.sql("SELECT SUM(epoch) FROM shards")[0][0])
    t.ok(epochs >= 3 * SHARDS, f"shards changed owners {epochs} times in {moves} moves")
    of = {}
    sql = """SELECT l.shard, TIMESTAMPDIFF(MICROSECOND, '2020-01-01', a.opened_at) / 1e6
             FROM attempts a JOIN lanes l ON l.id = a.lane_id ORDER BY a.opened_at"""
    for shard, at in s.sql(sql):
        of.setdefault(shard, []).append(float(at))
    most = max(len(times) for times in of.values())
    took = max(v[-1] for v in of.values()) - min(v[0] for v in of.values())
    t.ok(took >= (most - SLICE) * SLICE_S - 1e-3, f"the slices limited the pace: {most} creates from one slice in {took:.1f} s")


def main():
    with Stack(overrides=QUICK) as s:
        s.sign_up()
        s.admin("settings", {"fetch": 0})
        people, workers = Accounts(s), Workers(s)
        second, third = even_shares(s, workers)
        clean_stop(s, people, workers, third, ["worker", second])
        killed_worker(s, people, workers, second, ["worker"])
        other = workers.add()
        workers.even("worker", other)
        stopped_past_lease(s, people, workers, "worker", other)
        s.stop(other)
        workers.even("worker")
        once_beside_resident(s, people, workers, "worker")
        once_without_resident(s, people, workers, "worker")
        wait_for(lambda: s.sql("SELECT COUNT(*) FROM pins WHERE state IN (1, 2, 3)") == [["0"]], 60, "all pins have ended")
        s.stop("worker")
        checker.report(s, t, "several workers")
    with Stack(overrides=MOVING) as s:
        s.sign_up()
        s.admin("settings", {"fetch": 0})
        moving_slices(s)
        for name in list(s.programs):
            if name.startswith("worker"):
                s.stop(name)
        checker.report(s, t, "moving shards")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
