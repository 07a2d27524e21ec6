"""Wrong clocks: their part of a plan, and the code that carries it out.

The time of day of the application and of the workers is set forward and back, by seconds and hours, and
corrected later; the last one stays wrong until the end. Only the dates of log lines may be affected: the
database's clock decides. MariaDB's clock is set in tests/load/test_clock_steps.py, since here the checker
relies on its columns. Monotonic clocks continue, as they do when a clock is set."""

import contextlib
import os
import random

from clock import SimulatedClock, installed
from harness import Stack

BY_S = [30, -30, 3600, -3600, 7200, -7200]
KIND = "clock set"
SLACK_US = 5_000_000  # less than any step


def plan(seed, seconds):
    """(at, kind, arguments), one after another."""
    rng, out = random.Random(f"{seed} clock"), []
    order, t = [], rng.uniform(0.3, 1)
    apps = rng.randrange(2)
    while t < seconds:
        order = order or rng.sample(BY_S, len(BY_S))
        lasts = rng.uniform(0.8, 2.5)
        out.append((t, KIND, step(order.pop(), round(lasts, 3), len(out) % 2 == apps, rng)))
        t += lasts + rng.uniform(0.2, 0.8)
    out[-1][2]["for"] = None
    return out


def step(by, lasts, app, rng):
    return {"by": by, "for": lasts, "app": app, "pick": rng.randrange(100)}


class ClockStack(Stack):
    """The clocks of the application and of the workers can be set where libfaketime is installed."""

    def __init__(self, *more, **named):
        clock = SimulatedClock(moved=("app",)) if installed() else None
        super().__init__(*more, clock=clock, **named)

    def env_of(self, name):
        """Combines libfaketime with other preloaded libraries."""
        env = super().env_of(name)
        if self.clock:
            self.forget(name)
            own = self.clock.env(name)
            loaded = [e["LD_PRELOAD"] for e in (own, env) if "LD_PRELOAD" in e]
            env |= own | ({"LD_PRELOAD": ":".join(loaded)} if loaded else {})
        return env

    def forget(self, name):
        """Removes the files that libfaketime leaves in /dev/shm for a program that was killed."""
        program = self.programs.get(name)
        if program is None or program.process is None or program.running():
            return
        for left in ("faketime_shm_", "sem.faketime_sem_"):
            with contextlib.suppress(OSError):
                os.unlink(f"/dev/shm/{left}{program.process.pid}")

    def close(self):
        self.end_programs()
        for name in self.programs if self.clock else ():
            self.forget(name)
        super().close()


class ClockFaults:
    def __init__(self, director):
        self.d, self.s = director, director.s

    def possible(self, faults):
        return faults if self.s.clock else []

    def inject(self, kind, args):
        """Returns True if the fault belongs to this class."""
        if kind != KIND:
            return False
        name = "app" if args["app"] else self.d.workers[args["pick"] % len(self.d.workers)]
        self.d.kinds.discard(kind)
        self.d.kinds.add(f"{kind} by {args['by']:+d} s, of {'the application' if args['app'] else 'a worker'}")
        self.s.clock.step(name, args["by"])
        if args["for"] is not None:
            self.d.after(args["for"], self.s.clock.step, name, -args["by"])
        return True

    def judge(self, tap, world, began_us):
        """Checks that no row is dated by one of those clocks."""
        if not self.s.clock:
            tap.skip("no row is dated by a program's clock", "libfaketime is not installed: no clock is set")
            return
        columns = {
            "pins": "created_at published_at failed_at updated_at",
            "schedules": "updated_at",
            "attempts": "opened_at gate_at closed_at",
            "events": "created_at",
        }
        wrong = [
            f"{table} {column}: {(row[column] - began_us) / 1e6:.1f} s after the begin"
            for table, names in columns.items()
            for row in getattr(world, table)
            for column in names.split()
            if row[column] is not None and not began_us - SLACK_US <= row[column] <= world.now + SLACK_US
        ]
        off = {name: by for name, by in self.s.clock.offset.items() if by}
        tap.ok(not wrong, f"no row is dated by a program's clock (wrong at the end: {off})", "\n".join(wrong[:5]))

