#!/usr/bin/env python3
"""Safe pacing, with 200 pins due at once and a simulator that blocks an account after 60 pins a day, or
after 10 pins an hour with the same link host. With the default pace of [production] no block occurs;
with a fast pace blocks occur (so this test can fail), and the worker then holds the lane, slows down and
still publishes everything. The clock is moved to whatever is due next: days take seconds.

Ten an hour is strict: a shop's pins typically share one link host, and Pinterest's real limit is not
known. It is one fifth of the daily cap, which the bucket alone would send within the hour."""

import collections
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from clock import SimulatedClock  # noqa: E402
from harness import POLL_S, SLOW, Stack, Tap  # noqa: E402

t = Tap()
DAY_US = 86400 * 10**6
PINS, ONE_HOST = 200, 120
WRITES = 12  # average writes of one pin: 33 gaps pass for it, and sending takes three writes
SPAM = {"spam_pins": 60, "spam_window_s": 86400, "spam_host_pins": 10, "spam_host_window_s": 3600}
SPAM |= {"spam_hold_s": 3000}
QUICK = {"burst": 50, "interval_ms": 1000, "jitter_pct": 0, "daily_cap": 0, "host_gap_ms": 0}
ADDRESSES = {"base_url", "oauth_url", "client_id", "client_secret_file", "scopes"}
REAL_S = 240  # limit for one run; on a quiet machine it takes about a tenth
STATE = """SELECT
    (SELECT COUNT(*) FROM schedules WHERE state < 4) + (SELECT COUNT(*) FROM pins WHERE state < 4),
    (SELECT COUNT(*) FROM lanes WHERE in_flight_pin IS NOT NULL),
    TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), LEAST(
      COALESCE((SELECT MIN(next_turn_at) FROM lanes), '9999-01-01'),
      COALESCE((SELECT MIN(deadline_at) FROM pins), '9999-01-01'),
      COALESCE((SELECT MIN(due_at) FROM schedules), '9999-01-01')))"""


def production(s):
    """[production] with its defaults, without paths and addresses."""
    print_ = s.operator("config", "print").stdout
    section = print_.split("\n[production]\n")[1].split("\n[")[0]
    found = dict(re.findall(r"^(\w+) = (.*)$", section, re.M))
    return {k: v for k, v in found.items() if k not in ADDRESSES}


def link(n):
    """The first 120 pins link to one host, 60 to six others, 20 have no link."""
    host = "shop.example" if n < ONE_HOST else f"shop{n % 6}.example" if n < PINS - 20 else None
    return f"https://{host}/item/{n}" if host else None


def schedule_all(s, clock, publish_window_s):
    run_at = clock.iso(30)
    for n in range(PINS):
        body = s.pin_body(title=f"Pin {n}", link_url=link(n), run_at=run_at)
        if publish_window_s:
            body["not_after"] = clock.iso(publish_window_s)
        s.call("POST", "/v1/schedules", {k: v for k, v in body.items() if v is not None})


def run_until_over(s, clock, look=None):
    """Jumps from due moment to due moment while nothing is in flight. look() is called before each
    jump."""
    end = time.monotonic() + REAL_S * SLOW
    while time.monotonic() < end:
        left, under_way, wait_us = [int(v) for v in s.sql(STATE)[0]]
        if left == 0:
            return True
        if under_way or wait_us <= 0:
            time.sleep(POLL_S)
            continue
        if look:
            look()
        clock.advance(wait_us / 1e6 + 0.001)
    return False


def most_in_a_day(attempts):
    at = sorted(a["opened_at"] for a in attempts)
    return max(sum(1 for b in at if a <= b < a + DAY_US) for a in at)


def host_of(a):
    m = re.search(r'"link": ?"https:\\?/\\?/([^/\\"]+)', a["text"])
    return m.group(1) if m else None


def least_gap(attempts):
    """Smallest time between two creates with one link host, in ms."""
    by_host = collections.defaultdict(list)
    for a in attempts:
        if host_of(a):
            by_host[host_of(a)].append(a["opened_at"])
    return min(b - a for at in by_host.values() for a, b in zip(sorted(at), sorted(at)[1:])) // 1000


def creates_after_second_block(world):
    """Number of creates after the second block, all at a quarter of QUICK's pace; 0 if any was
    faster."""
    second = sorted(c["answered_at"] for c in world.creates if c["fault"] == "spam_block")[1]
    at = sorted(a["opened_at"] for a in world.attempts if a["opened_at"] > second)
    most, interval_us = QUICK["burst"] // 4, QUICK["interval_ms"] * 4000
    fine = all(n + 1 <= most + (b - a) / interval_us for i, a in enumerate(at) for n, b in enumerate(at[i:]))
    return len(at) if fine else 0


def measure(s, clock, publish_window_s=0, look=None):
    """Publishes everything: the world, the number of 429 code 9, and the simulated days and real
    seconds taken."""
    began, day = time.monotonic(), clock.now()
    s.sql("SET GLOBAL innodb_flush_log_at_trx_commit = 0", None)  # faster; nothing is killed here
    s.sign_up()
    s.admin("settings", SPAM)
    schedule_all(s, clock, publish_window_s)
    ended = run_until_over(s, clock, look)
    took, days = time.monotonic() - began, (clock.now() - day) / 86400
    t.ok(ended, f"all pins have ended after {days:.2f} simulated days, {took:.0f} s")
    world = checker.load(s)
    t.equal(sum(p["state"] == checker.PUBLISHED for p in world.pins), PINS, "all 200 pins are published")
    blocks = collections.Counter(c["fault"] for c in world.creates if c["status"] == 429)
    print(f"# {days:.2f} simulated days, {took:.0f} real seconds; refusals {dict(blocks)}", flush=True)
    return world, blocks


def production_pace():
    print("# the pace of [production]")
    clock = SimulatedClock(passes=True)
    with Stack(clock=clock, own_database=True, worker=False, overrides={"worker": {"poll_ms": 20}}) as s:
        pace = production(s)
        s.overrides["sandbox"] = pace
        s.configure()
        s.start("worker")
        world, blocks = measure(s, clock)
        t.equal(sum(blocks.values()), 0, "[production]: no block occurs")
        t.ok(most_in_a_day(world.attempts) <= int(pace["daily_cap"]), "[production]: the daily cap holds in any 24 hours")
        gap = least_gap(world.attempts)
        t.ok(0 < int(pace["host_gap_ms"]) <= gap, f"[production]: pins with one link host are {gap / 1000:.0f} s apart")
        written = sum(p["version"] for p in world.pins) / PINS
        t.ok(written <= WRITES, f"[production]: a pin that waits for its link host is rarely written: {written:.1f} times in all")
        checker.report(s, t, "production")


def fast_pace():
    print("# the control: a quick pace, everything else as [production]")
    clock = SimulatedClock(passes=True)
    shown = []
    with Stack(clock=clock, own_database=True, worker=False, overrides={"worker": {"poll_ms": 20}}) as s:
        s.overrides["sandbox"] = production(s) | QUICK
        s.configure()
        s.start("worker")

        def look():
            held = s.sql("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), hold_until) FROM lanes WHERE hold_code = 4")
            waiting = s.sql("SELECT LOWER(HEX(id)) FROM pins WHERE state = 1 LIMIT 1")
            if len(shown) < 3 and held and held[0][0] and int(held[0][0]) > 5 and waiting:
                i = waiting[0][0]
                shown.append(s.call("GET", f"/v1/pins/{i[:8]}-{i[8:12]}-{i[12:16]}-{i[16:20]}-{i[20:]}"))

        world, blocks = measure(s, clock, 30 * 86400, look)
        t.ok(blocks["spam_block"] >= 1, "fast pace: blocks occur")
        t.ok(shown and all(p["status"] == "deferred" and p["error_code"] == "rate_limited" for p in shown),
             "fast pace: pins of a held lane are deferred and say so", shown)  # fmt: skip
        print(f"# shown: {shown[0]['error_message'] if shown else None}")
        slow = creates_after_second_block(world)
        t.ok(slow > 20, f"fast pace: after two blocks the lane sends at a quarter of its pace ({slow} creates)")
        checker.report(s, t, "quick")


production_pace()
fast_pace()
sys.exit(t.done())
