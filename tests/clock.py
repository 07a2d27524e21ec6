"""Simulated clocks: libfaketime in front of every program, with one offset file each.

    clock = SimulatedClock(passes=True)
    with Stack(clock=clock, own_database=True) as s:
        clock.advance(86400)              # a day has passed, for all programs
    clock = SimulatedClock()
    with Stack(clock=clock, own_database=True) as s:
        clock.step("database", -3600)     # the database's clock was set back

When time passes, the workers' monotonic clocks advance too: only do it while nothing is in flight. When a
clock is stepped, monotonic clocks, and so timeouts and the send gate, are not affected. The web server
keeps the real time."""

import glob
import os
import sys
import time
from datetime import datetime, timezone

MOVED = ("database", "app", "sandbox", "operator")  # and every program whose name begins with "worker"


def installed():
    """Path of the library, or None."""
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
        """Called by Stack with the directory for the offset files."""
        self.dir = directory

    def env(self, name):
        """The environment for a program of that name."""
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
        """Advances all clocks, the database's last: nothing is due before every program knows the
        time."""
        for name in sorted(self.offset, key=lambda n: n == "database"):
            self.step(name, seconds)

    def now(self, name="database"):
        """The time of day by that program's clock."""
        return time.time() + self.offset.get(name, 0)

    def iso(self, seconds=0, name="database"):
        """The time `seconds` from now, in the API's format."""
        return datetime.fromtimestamp(self.now(name) + seconds, timezone.utc).isoformat()
