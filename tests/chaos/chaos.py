#!/usr/bin/env python3
"""Chaos: a seeded workload over the whole system while its programs are killed and stopped, connections
are cut and Pinterest misbehaves; then quiet, then the checker. The last line holds the figures; the exit
status is 1 when an invariant broke.

    chaos.py [--seeds N] [--seed S] [--jobs J] [--seconds T] [--workers W] [--quiet Q] [--points A,B]
             [--all-points] [--minutes] [--show]

The i-th run has seed S+i (without --seed: TEST_SEED, or random). --jobs: that many seeds at once (0: three
per core, as they mostly wait); then only failing seeds show their output. --seconds: how long each run is
disturbed. --all-points: fail unless every crash point killed something. --show: print the plan. Needs
PINTEMPO_BUILD to be a build with --enable-crash-points (`make chaos` makes one); with another build it runs
without crash points and says so.
Environment: PINTEMPO_CHAOS_DB  options added to MariaDB's (such as --innodb-flush-log-at-trx-commit=0)
"""

import argparse
import collections
import json
import os
import random
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), HERE]
import checker  # noqa: E402
import checker_unknown  # noqa: E402
import plan as plans  # noqa: E402
import fleet  # noqa: E402
import mails  # noqa: E402
import minutes  # noqa: E402
from clockfaults import ClockStack  # noqa: E402
import dbfaults  # noqa: E402
from dbfaults import DatabaseStack, own_mounts  # noqa: E402
import httpfaults  # noqa: E402
from director import FORGOTTEN, Director  # noqa: E402
from harness import SLOW, Tap  # noqa: E402
from load import Load  # noqa: E402

OVERRIDES = {
    "worker": {
        "lease_ms": 2000,
        "lease_renew_ms": 400,
        "poll_ms": 100,
        "global_burst": 512,
        "global_per_s": 512,
    },
    "app": {"call_timeout_ms": 4000},
    "database": {"timeout_s": 4},
    "sandbox": {
        "burst": 8,
        "interval_ms": 120,
        "jitter_pct": 20,
        "create_timeout_ms": 1500,
        "max_send_delay_ms": 1000,
        # longer than anything can delay a create on its way: a pin absent by then stays absent
        "verify_after_ms": 6500,
        "verify_gap_ms": 1000,
        "retry_base_ms": 200,
        "retry_cap_ms": 1000,
        "spam_hold_1_ms": 1000,
        "spam_hold_2_ms": 1500,
        "spam_hold_3_ms": 2000,
    },
    "webhooks": {"retry_delays_s": "0,1,1,1,2,2,2,3,3,3,5,5,5,5,5,5", "timeout_ms": 2000, "connect_timeout_ms": 1000},
}
SIMULATOR = {"org_write": 0, "org_read": 0, "fetch": 0}
QUIET_S = 90
FAIR_S = 2
EXTRA_SEEDS = 8
GENTLE_S, GENTLE_PATIENCE_S = 18, 15.0
SEED_LIMIT_S = 300  # limit for one seed, beside its disturbance and quiet phases
MINUTES_S = 400  # limit for the long run
NUMBERS = "published failed canceled attempts faults lost doubled early pace fairness order".split()


class ChaosStack(ClockStack, httpfaults.HttpStack, DatabaseStack):
    def add(self, name, command, *more, **named):
        if name == "database":
            command = [*command, *os.environ.get("PINTEMPO_CHAOS_DB", "").split()]
        super().add(name, command, *more, **named)


def crash_points(build):
    done = subprocess.run([os.path.join(build, "pintempo-worker"), "--crash-points"], capture_output=True, text=True)
    return done.stdout.split() if done.returncode == 0 else []


def slow_hook(rng):
    """A receiver that refuses some events, breaks some connections and is slow."""

    def answer(delivery):
        what = rng.random()
        return (500, {}) if what < 0.15 else (503, {"Retry-After": "1"}) if what < 0.2 else (204, {})

    return answer


SECRETS = ("put_", "pina_", "pinr.", "pb_test_", "pbs_", "sixteen-or-more-characters", "Authorization: B")


def judge(s, tap, load, director, world):
    """Checks what only this harness knows: accepted requests, received deliveries, the logs."""
    faults = load.faults(world)
    for name, wrong in faults.items():
        tap.ok(not wrong, f"{name} ({load.counts[name]})", "\n".join(wrong[:8]))
    got = collections.defaultdict(set)
    for d in s.sink.got:
        got[d.headers["webhook-id"].replace("-", "").upper(), d.path].add(d.body)
    paths = load.hooks
    delivered = [d for d in world.deliveries if d["state"] == 1]
    missing = [d["event_id"] for d in delivered if (d["event_id"], paths[d["webhook_id"]]) not in got]
    tap.ok(not missing, f"every delivery recorded as successful arrived ({len(delivered)})", missing[:5])
    tap.ok(all(len(b) == 1 for b in got.values()), "an event has the same body each time it is delivered")
    known = {e["id"] for e in world.events}
    tap.ok(not [k for k in got if k[0] not in known], "no event was delivered that does not exist")
    open_ = [d for d in world.deliveries if d["state"] == 0]
    tap.ok(not open_, "every delivery ended", len(open_))
    leaks = [f"{n}: {w}" for n, p in s.programs.items() if n != "database" for w in SECRETS if w in p.text()]
    tap.ok(not leaks, "I9 no log contains a secret", leaks)
    tap.equal(s.sql(FORGOTTEN), [["0"]], "no reset is forgotten before all that it left is deleted")
    panics = [f"{n}: {line}" for n, p in s.programs.items() for line in p.text().splitlines() if "panic" in line]
    tap.ok(not panics, "no program panicked", "\n".join(panics[:5]))
    tap.ok(not director.strange, "no program ended or logged an error without cause", "\n".join(director.strange[:5]))
    tap.ok(
        director.isolation <= {"READ COMMITTED"},
        "every transaction is READ COMMITTED",
        director.isolation,
    )


def recovery(director, world):
    """Seconds from each kill or stop to the next grant, only where pins were due."""
    opened = sorted(a["opened_at"] for a in world.attempts)
    out = []
    for at in director.hurt:
        after = next((o for o in opened if o > at), None)
        if after is not None and after - at < 30_000_000:
            out.append((after - at) / 1e6)
    return out


def run(args, seed, points, tap, total):
    p = (minutes.plan if args.minutes else plans.plan)(seed, args.seconds, points or ["none"])
    if args.gentle:
        plans.gentle(p, total["missing"], args.seconds)
    workers = args.workers or p["workers"]
    print(f"# TEST_SEED={seed} plan {p['digest']}: {workers} workers, {len(p['people'])} requests,", end=" ")
    print(f"{len(p['faults'])} faults, refresh {p['rotation']}, listing {p['listing']}", flush=True)
    if args.show:
        print("# " + json.dumps(p, indent=1).replace("\n", "\n# "))
    http = p["http"]
    overrides = httpfaults.overrides(http, OVERRIDES)
    overrides["sandbox"] |= minutes.OVERRIDES if args.minutes else {}
    post = mails.Mails(seed)
    overrides["mail"] = post.settings()
    began_us = int(time.time() * 1e6)
    with ChaosStack(overrides=overrides, worker=False, seed=seed, small_disk=args.small_disk) as s:
        s.admin("settings", SIMULATOR | {"rotation": p["rotation"], "listing": p["listing"], "skew_s": p["skew_s"]})
        s.admin("settings", {k: http[k] for k in ("page_max", "rewrite", "listing_delay_s")})
        load = Load(s, p)
        if not args.minutes:
            s.sql(dbfaults.POISON)
        if p["slow_hook"]:
            s.sink.answer = slow_hook(random.Random(seed))
        crashes = collections.deque((c for c in p["crashes"] if c[0] in total["missing"]))
        crashes.extend(c for c in p["crashes"] if c[0] not in total["missing"])
        director = Director(s, p, load, workers, crashes if points else collections.deque())
        long_run = minutes.Minutes(director, load) if args.minutes else None
        director.more += [long_run] if long_run else []
        director.patience = GENTLE_PATIENCE_S if args.gentle else director.patience
        director.start()
        post.begin(s, load.tenants[0].email)
        people = [threading.Thread(target=load.run, args=(k,), daemon=True) for k in range(plans.TENANTS)]
        for t in people:
            t.start()
        try:
            director.disturb(people)
            post.end()
            director.calm(args.quiet)
            quiet = True
            director.http.hang_in_quiet()
            late = load.fairness(director)
            tap.ok(max(late) <= FAIR_S, f"seed {seed}: I11 single pins beside a burst: {max(late):.2f} s late", late)
            total["fairness"] += max(late) > FAIR_S
        except AssertionError as e:
            quiet = False
            print(f"# {e}")
            director.show_open()
            s.show_logs(15)
        tap.ok(quiet, f"seed {seed}: everything has ended {args.quiet:g} s after the last fault", director.open_now())
        world = checker.load(s)
        wrong = checker.check(world, quiet)
        for name, faults in wrong.items():
            tap.ok(not faults, f"seed {seed}: {name} {checker.NAMES[name]}", "\n".join(faults[:8]))
        judge(s, tap, load, director, world)
        post.judge(s, tap)
        director.http.judge(tap, world, load.hooks)
        director.clocks.judge(tap, world, began_us)
        if long_run:
            long_run.judge(tap, world)
        total["missing"] -= director.crashed
        total["crashed"] |= director.crashed
        struck = director.base.struck()
        total["faults"] += director.injected + sum(struck.values())
        total["kinds"] |= director.kinds
        total["recovery"] += recovery(director, world)
        for state in (checker.PUBLISHED, checker.FAILED):
            total["published" if state == checker.PUBLISHED else "failed"] += sum(q["state"] == state for q in world.pins)
        total["canceled"] += sum(x["state"] == checker.CANCELED for x in world.schedules)
        total["lost"] += len(wrong["I1"]) + len(load.faults(world)["every accepted item exists"])
        total["doubled"] += len(wrong["I2"])
        total["early"] += len(wrong["I3"])
        total["pace"] += len(wrong["I4"]) + len(wrong["global"]) + len(wrong["I5"])
        total["attempts"] += len(world.attempts)
        total["order"] += len(wrong["order"])
        total["unknown"] += checker_unknown.count(world)
        total["unknown on Pinterest"] += checker_unknown.count(world, lambda q: checker_unknown.there(world, q))
        states = collections.Counter(
            q["error_code"] if q["state"] == checker.FAILED else checker.STATES[q["state"]] for q in world.pins
        )
        print(f"# seed {seed}: {director.summary()}; database {struck}; relay", end=" ")
        print(f"{dict(director.http.struck())}; states {dict(states)}", flush=True)
        director.end()


def line(total, points, seeds):
    r = sorted(total["recovery"]) or [0]
    return (
        f"chaos: seeds {seeds}; crash points hit {len(total['crashed'])} of {len(points)};"
        f" faults injected {total['faults']} of {len(total['kinds'])} kinds; pins published {total['published']},"
        f" failed {total['failed']}, canceled {total['canceled']}, attempts {total['attempts']};"
        f" lost {total['lost']}, doubled {total['doubled']}, early {total['early']},"
        f" pace violations {total['pace']}, unfair {total['fairness']}, out of order {total['order']};"
        f" recovery p50 {r[len(r) // 2]:.1f} s, max {r[-1]:.1f} s"
    )


def one_by_one(args, points, tap, total):
    """Runs the seeds in this process, with all their output."""
    bad = []
    seed, last = args.seed, args.seed + args.seeds
    # A crash point that was not reached in time gets another run.
    while seed < last or (args.all_points and total["missing"] and seed < last + EXTRA_SEEDS):
        before = tap.failed
        args.gentle = args.gentle or seed >= last
        run(args, seed, points, tap, total)
        if tap.failed != before:
            bad.append(seed)
            print(
                f"# seed {seed} FAILED: chaos.py --seed {seed} {'--minutes' if args.minutes else f'--seconds {args.seconds:g}'}",
                flush=True,
            )
        seed += 1
    return bad, seed - args.seed


def at_once(args, points, tap, total):
    """Runs each seed in a separate process; crash points not yet hit are armed first by later
    seeds."""

    def command(seed, missing):
        gentle = args.gentle or seed >= last
        seconds = GENTLE_S if gentle else args.seconds
        words = [sys.executable, os.path.abspath(__file__), "--seed", str(seed), "--seconds", f"{seconds:g}"]
        words += ["--gentle"] if gentle else []
        words += ["--minutes"] if args.minutes else []
        words += ["--quiet", f"{args.quiet:g}"] + (["--workers", str(args.workers)] if args.workers else [])
        words += ["--points", args.points] if args.points else []
        return words + (["--first", ",".join(sorted(missing))] if missing else [])

    last = args.seed + args.seeds
    extra = range(last, last + EXTRA_SEEDS) if args.all_points else []
    jobs = args.jobs or 3 * (os.cpu_count() or 1)
    limit = (args.seconds + args.quiet + SEED_LIMIT_S + args.minutes * MINUTES_S) * SLOW
    return fleet.Fleet(command, jobs).run(range(args.seed, last), extra, limit, tap, total)


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--seeds", type=int, default=1)
    ask.add_argument("--seed", type=int, default=int(os.environ.get("TEST_SEED", random.randrange(10**6))))
    ask.add_argument("--jobs", type=int, default=1)
    ask.add_argument("--seconds", type=float, default=25)
    ask.add_argument("--workers", type=int)
    ask.add_argument("--all-points", action="store_true")
    ask.add_argument("--quiet", type=float, default=QUIET_S, help="seconds after which everything must have ended")
    ask.add_argument("--points", help="only these crash points, comma-separated")
    ask.add_argument("--gentle", action="store_true", help="crash points, and what leads to them, but few other faults")
    ask.add_argument("--minutes", action="store_true", help="the long run: five minutes, with long outages")
    ask.add_argument("--show", action="store_true")
    ask.add_argument("--first", help="of the crash points: those armed first")
    ask.add_argument("--figures", help="write the figures to this file, as JSON")
    args = ask.parse_args()
    build = os.environ.get("PINTEMPO_BUILD") or os.path.join(os.path.dirname(os.path.dirname(HERE)), "build")
    points = [p for p in crash_points(build) if not args.points or p in args.points.split(",")]
    tap, total = Tap(), {name: 0 for name in NUMBERS}
    total |= {"missing": set(points), "crashed": set(), "kinds": set(), "recovery": []}
    total |= {"unknown": collections.Counter(), "unknown on Pinterest": collections.Counter()}
    if args.first:
        total["missing"] &= set(args.first.split(","))
    args.small_disk = args.jobs == 1 and own_mounts()
    if args.jobs == 1 and not args.small_disk:
        print("# no file system can be mounted here: the database's disk is never full")
    if not points:
        tap.skip("crash points", "not a build with --enable-crash-points")
    bad, ran = (one_by_one if args.jobs == 1 else at_once)(args, points, tap, total)
    if args.all_points:
        tap.ok(not total["missing"], "every crash point was hit", sorted(total["missing"]))
    status = tap.done()
    print("# kinds: " + "; ".join(sorted(total["kinds"])))
    if bad:
        print(f"# failing seeds: {bad}")
    print("# " + checker_unknown.line(total["unknown"], total["unknown on Pinterest"]))
    print(line(total, points, ran), flush=True)
    if args.figures:
        with open(args.figures, "w") as f:
            json.dump({k: sorted(v) if isinstance(v, (set, list)) else v for k, v in total.items() if k != "missing"}, f)
    return status


if __name__ == "__main__":
    sys.exit(main())
