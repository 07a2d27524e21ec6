"""Clocks that a test moves: libfaketime before every program, one file with an offset for each.

    clock = SimulatedClock(passes=True)
    with Stack(clock=clock, own_database=True) as s:
        clock.advance(86400)              # a day has passed, for all of them
    clock = SimulatedClock()
    with Stack(clock=clock, own_database=True) as s:
        clock.step("database", -3600)     # somebody set the database's clock back

When time passes, the workers' monotonic clocks go with it: do it while nothing is under way. When a clock
is set, monotonic clocks, and so time-outs and the send gate, run as they do. The web server keeps the true
time.
"""

import glob
import os
import sys
import time
from datetime import datetime, timezone

MOVED = ("database", "app", "sandbox", "operator")  # and every program whose name begins with "worker"


def installed():
    """The library, or None."""
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1") + glob.glob("/usr/lib*/faketime/libfaketimeMT.so.1")
    return found[0] if found else None


def library():
    return installed() or sys.exit("libfaketime is not installed (Debian: faketime)")


class SimulatedClock:
    def __init__(self, passes=False, moved=MOVED):
        self.passes, self.moved = passes, moved
        self.library = library()
        self.offset = {}
        self.dir = None

    def begin(self, directory):
        """Offsets live there; called by Stack."""
        self.dir = directory

    def env(self, name):
        """What a program of that name is started with."""
        if name not in self.moved and not name.startswith("worker"):
            return {}
        self.step(name, 0)
        made = {"LD_PRELOAD": self.library, "FAKETIME_TIMESTAMP_FILE": self.path(name), "FAKETIME_NO_CACHE": "1"}
        if not (self.passes and name.startswith("worker")):
            made["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
        return made

    def path(self, name):
        return os.path.join(self.dir, f"clock.{name}")

    def step(self, name, seconds):
        """Moves the clock of one program."""
        self.offset[name] = self.offset.get(name, 0) + seconds
        with open(self.path(name) + ".new", "w") as f:
            f.write(f"{self.offset[name]:+.6f}\n")
        os.chmod(self.path(name) + ".new", 0o644)
        os.rename(self.path(name) + ".new", self.path(name))

    def advance(self, seconds):
        """Moves all of them, the database's last: nothing is due before the others know the time."""
        for name in sorted(self.offset, key=lambda n: n == "database"):
            self.step(name, seconds)

    def now(self, name="database"):
        """The time of day there."""
        return time.time() + self.offset.get(name, 0)

    def iso(self, seconds=0, name="database"):
        """So many seconds from now on, as the API takes it."""
        return datetime.fromtimestamp(self.now(name) + seconds, timezone.utc).isoformat()
