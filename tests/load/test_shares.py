#!/usr/bin/env python3
"""Several workers with the leases of production: shares even out, a clean stop and a death are taken over in
time, one that stood still beyond its lease neither sends nor writes before it has shards again, the global
bucket is not refilled when shards change hands, and --once runs beside a resident worker without touching it.
Judged by the database's times and the simulator's ledger."""

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
QUICK = {"sandbox": {"create_timeout_ms": 6000}}  # what was in the air is sooner known to be over
TAKE_OVER_S, CLEAN_S, EVEN_S = 20.0, 2.0, 8.0
# For each shard a few creates at once (were it one, a refill between two would not show), then one in two seconds.
SLICE, SLICE_S = 4, 2.0
MOVING = {
    "worker": {"lease_ms": 1000, "lease_renew_ms": 300, "poll_ms": 50, "global_burst": SHARDS * SLICE, "global_per_s": 32},
    "sandbox": {"create_timeout_ms": 1000, "max_send_delay_ms": 500, "verify_after_ms": 500, "verify_gap_ms": 300},
}


def text_of(moment):
    return datetime.fromtimestamp(moment, timezone.utc).isoformat()


def database_now(s):
    return s.sql("SELECT UTC_TIMESTAMP(6)")[0][0]


class People:
    """Accounts, each with a lane of its own."""

    def __init__(self, s, count=ACCOUNTS):
        self.s, self.n = s, 0
        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(HANDS) as hands:
            ids = list(hands.map(lambda k: s.connect(f"account {k}"), range(count)))
            boards = list(hands.map(lambda i: s.boards_of(i)["Always works"], ids))
        self.accounts = list(zip(ids, boards))
        # Long before a plan begins: it takes less to write one, on this machine, than all this took.
        self.ahead = max(2, time.monotonic() - begin)

    def row(self, account, title, **more):
        self.n += 1
        body = {"account_id": account[0], "board_id": account[1], "title": title, "image_url": self.s.image_url}
        return {**body, "idempotency_key": f"{title} {self.n}", **more}

    def plan(self, name, begin, seconds):
        """A schedule for each account, spread over some seconds from that moment on."""
        step = seconds / len(self.accounts)
        rows = [self.row(a, name, run_at=text_of(begin + k * step)) for k, a in enumerate(self.accounts)]
        with concurrent.futures.ThreadPoolExecutor(HANDS) as hands:
            list(hands.map(lambda row: self.s.call("POST", "/v1/schedules", row), rows))

    def late(self, name, seconds):
        """When all of a plan have left: [(shard, seconds late)]."""

        def rows():
            got = self.s.sql(
                f"""SELECT s.shard, TIMESTAMPDIFF(MICROSECOND, s.run_at, a.gate_at) / 1e6 FROM schedules s
                    JOIN attempts a ON a.pin_id = s.pin_id AND a.number = 1 AND a.gate_at IS NOT NULL
                    WHERE s.title = '{name}'"""
            )
            return got if len(got) == len(self.accounts) else None

        got = [(int(shard), float(late)) for shard, late in wait_for(rows, seconds, f"{name}: all have left")]
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
        self.s.programs[name].process = None  # nobody is to wonder why it ended

    def id_of(self, name):
        ids = lambda: re.findall(r"event=started id=([-0-9a-f]+)", self.s.log(name))  # noqa: E731
        return wait_for(ids, 10, f"{name} has started")[-1].replace("-", "").upper()

    def held(self):
        """{id or None: shards}"""
        rows = self.s.sql("SELECT shard, HEX(owner) FROM shards")
        out = {}
        for shard, owner in rows:
            out.setdefault(owner, set()).add(int(shard))
        return out

    def even(self, *names):
        """Waits until these, and no others, have equal shares: seconds that took."""
        ids, begin = sorted(self.id_of(n) for n in names), time.monotonic()
        share = -(-SHARDS // len(ids))

        def equal():
            held = self.held()
            known = None not in held and sorted(held) == ids
            return known and all(len(v) <= share for v in held.values())

        self.s.wait_for(equal, 60, f"{len(ids)} workers share")
        took = time.monotonic() - begin
        print(f"# {len(ids)} workers share after {took:.1f} s: {sorted(len(v) for v in self.held().values())}", flush=True)
        return took


def shares(s, workers):
    workers.even("worker")
    second = workers.add()
    took = workers.even("worker", second)
    t.ok(took <= EVEN_S * SLOW, f"a second worker has its half within {EVEN_S} s", took)
    third = workers.add()
    took = workers.even("worker", second, third)
    t.ok(took <= EVEN_S * SLOW, f"a third has its part within {EVEN_S} s", took)
    return second, third


def clean_stop(s, people, workers, name, left):
    """The shards of one that is told to stop are free at once, and somebody looks."""
    mine = workers.held()[workers.id_of(name)]
    begin = time.time() + people.ahead
    people.plan("clean stop", begin, 1)
    wait_for(lambda: time.time() >= begin, 5, "the first is due")
    asked = time.monotonic()
    status = s.stop(name)
    took = time.monotonic() - asked
    t.equal(status, 0, "SIGTERM: a clean stop")
    t.ok(took <= CLEAN_S * SLOW, f"SIGTERM: it ends within {CLEAN_S} s", took)
    late = people.late("clean stop", 30)
    worst = max([late for shard, late in late if shard in mine], default=0)
    t.ok(worst <= CLEAN_S * SLOW, f"SIGTERM: what was due on its shards is at most {CLEAN_S} s late", worst)
    workers.even(*left)


def killed(s, people, workers, name, left):
    mine = workers.held()[workers.id_of(name)]
    begin = time.time() + people.ahead
    people.plan("kill", begin, LEASE_S)
    wait_for(lambda: time.time() >= begin - 0.2, 5, "the first is nearly due")
    workers.kill(name)
    late = people.late("kill", 60)
    worst = max([late for shard, late in late if shard in mine], default=0)
    t.ok(worst <= TAKE_OVER_S, f"SIGKILL: what was due on its shards leaves within {TAKE_OVER_S} s", worst)
    worst = max([late for shard, late in late if shard not in mine], default=0)
    t.ok(worst <= CLEAN_S * SLOW, f"SIGKILL: the others' at most {CLEAN_S} s late", worst)
    workers.even(*left)


def stood_still(s, people, workers, name, other):
    """Stopped with pins in the air and due, woken when all its shards are another's."""
    me = workers.id_of(name)
    begin = time.time() + 2 * people.ahead
    people.plan("standing", begin, 1.5)
    people.plan("standing on", begin + 1.5, LEASE_S + 3)
    slow = {"match": {"method": "POST", "path_prefix": "/v5/pins"}, "fault": {"kind": "delay_ms", "ms": 1500}, "times": 40}
    s.admin("arm", slow)
    sending = f"SELECT COUNT(*) FROM attempts WHERE worker_id = x'{me}' AND outcome IS NULL"
    sending += " AND opened_at < UTC_TIMESTAMP(6) - INTERVAL 200000 MICROSECOND"
    s.wait_for(lambda: s.sql(sending) != [["0"]], 20, "it sends")
    s.programs[name].signal(signal.SIGSTOP)
    stopped = database_now(s)
    workers.even(other)
    s.programs[name].signal(signal.SIGCONT)
    # Its claims are read while they are fresh: a lease that was not yet renewed tells when it began.
    claims = f"SELECT MIN(lease_until) - INTERVAL {LEASE_S} SECOND FROM shards WHERE owner = x'{me}'"
    back = s.wait_for(lambda: s.sql(claims)[0][0], 30, "it has shards again")
    workers.even(name, other)
    people.late("standing", 60)
    people.late("standing on", 60)
    mine = f"FROM attempts WHERE worker_id = x'{me}' AND"
    window = f"> '{stopped}' + INTERVAL 100000 MICROSECOND AND {{}} < '{back}'"
    for moment, what in (("opened_at", "opens"), ("gate_at", "sends")):
        sql = f"SELECT COUNT(*) {mine} {moment} {window.format(moment)}"
        t.equal(s.sql(sql), [["0"]], f"SIGSTOP: it {what} nothing before it has shards again")
    late = s.sql(f"SELECT COUNT(*) {mine} opened_at <= '{stopped}' AND gate_at > '{stopped}' + INTERVAL 100000 MICROSECOND")
    t.equal(late, [["0"]], "SIGSTOP: what it had opened does not leave afterwards")


def once(s, *words):
    command = [s.exe("pintempo-worker"), "--config", s.conf, "--once", *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def ended(process, what, seconds=CLEAN_S):
    begin = time.monotonic()
    out = process.communicate(timeout=60)[1]
    took = time.monotonic() - begin
    return t.ok(process.returncode == 0 and took <= seconds * SLOW, f"{what} ({took:.2f} s)", out[-600:])


def beside_resident(s, people, workers, name):
    """As cron would, and more: again and again, two at a time, while pins are due."""
    me = workers.id_of(name)
    hands = "SELECT SUM(epoch), COUNT(owner), HEX(MIN(owner)), HEX(MAX(owner)) FROM shards"
    before = s.sql(hands)
    t.equal(before[0][1:], [str(SHARDS), me, me], "--once: the resident has all shards")
    # One that died without a word counts for nobody.
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
    t.ok(all(good), f"--once: {runs} runs beside a resident end well")
    t.ok(worst <= CLEAN_S * SLOW, f"--once: each ends within {CLEAN_S} s ({worst:.2f} s)")
    t.equal(s.sql(hands), before, "--once: no shard of the resident changed hands")
    late = max(late for _, late in people.late("beside", 30))
    t.ok(late <= CLEAN_S * SLOW, "--once: nothing is late for it", late)
    alone = s.sql(f"SELECT COUNT(*) FROM attempts a JOIN pins p ON p.id = a.pin_id WHERE p.title = 'beside' AND a.worker_id <> x'{me}'")
    t.equal(alone, [["0"]], "--once: all was sent by the resident")


def without_resident(s, people, workers, name):
    """Two at the same moment: one does it. A resident that starts meanwhile gets the shards."""
    s.stop(name)
    rows = [people.row(a, f"cron {k}") for k in range(3) for a in people.accounts]
    for row in rows:
        s.call("POST", "/v1/pins", row)
    pair = [once(s), once(s)]
    for p in pair:
        ended(p, "--once: of two at the same moment, each ends well", 30)
    left = s.sql("SELECT state, COUNT(*) FROM pins WHERE title LIKE 'cron %' GROUP BY state")
    t.equal(left, [["4", str(len(rows))]], "--once: all that was due is published when both are over")
    t.equal(s.sql("SELECT COUNT(*) FROM shards WHERE owner IS NOT NULL"), [["0"]], "--once: and no shard is kept")
    long = once(s, "--for", "55s")
    s.wait_for(lambda: s.sql("SELECT COUNT(*) FROM shards WHERE owner IS NULL") == [["0"]], 10, "--once holds all")
    s.start(name)
    workers.id_of(name)
    begin = time.monotonic()
    s.wait_for(lambda: len(workers.held()) == 1 and workers.id_of(name) in workers.held(), 30, "the resident has all")
    took = time.monotonic() - begin
    ended(long, "--once --for: it makes room for a resident")
    t.ok(took <= 2 * CLEAN_S * SLOW, f"--once --for: the resident has all shards soon ({took:.1f} s)")


def minted(s):
    """Shards change hands all the time, by stops, starts and deaths, while every lane has more to send
    than its slice of the global bucket gives; the checker judges that no slice gave more."""
    people, workers = People(s, 16), Workers(s)
    # Whatever shards the lanes have come to: twenty seconds for the busiest.
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
    wait_for(done, 60, "all are published")
    epochs = int(s.sql("SELECT SUM(epoch) FROM shards")[0][0])
    t.ok(epochs >= 3 * SHARDS, f"shards changed hands {epochs} times in {moves} moves")
    of = {}
    sql = """SELECT l.shard, TIMESTAMPDIFF(MICROSECOND, '2020-01-01', a.opened_at) / 1e6
             FROM attempts a JOIN lanes l ON l.id = a.lane_id ORDER BY a.opened_at"""
    for shard, at in s.sql(sql):
        of.setdefault(shard, []).append(float(at))
    most = max(len(times) for times in of.values())
    took = max(v[-1] for v in of.values()) - min(v[0] for v in of.values())
    t.ok(took >= (most - SLICE) * SLICE_S - 1e-3, f"the slices were the narrowest thing: {most} from one in {took:.1f} s")


def main():
    with Stack(overrides=QUICK) as s:
        s.sign_up()
        s.admin("settings", {"fetch": 0})
        people, workers = People(s), Workers(s)
        second, third = shares(s, workers)
        clean_stop(s, people, workers, third, ["worker", second])
        killed(s, people, workers, second, ["worker"])
        other = workers.add()
        workers.even("worker", other)
        stood_still(s, people, workers, "worker", other)
        s.stop(other)
        workers.even("worker")
        beside_resident(s, people, workers, "worker")
        without_resident(s, people, workers, "worker")
        wait_for(lambda: s.sql("SELECT COUNT(*) FROM pins WHERE state IN (1, 2, 3)") == [["0"]], 60, "all is over")
        s.stop("worker")
        checker.hold(s, t, "several workers")
    with Stack(overrides=MOVING) as s:
        s.sign_up()
        s.admin("settings", {"fetch": 0})
        minted(s)
        for name in list(s.programs):
            if name.startswith("worker"):
                s.stop(name)
        checker.hold(s, t, "moving shards")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
