"""Runs many seeds of a chaos run at once. Each is a process that leaves its figures in a file; a passing seed
prints its summary line, a failing one its whole output.

    Fleet(command, jobs).run(seeds, extra, limit, tap, total)

command(seed, missing): the words that run one seed, which writes its figures to the file given with --figures.
"""

import collections
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

POLL_S = 0.1


class Seed:
    def __init__(self, seed, words, folder):
        self.seed, self.words = seed, words
        self.figures, self.out = (os.path.join(folder, f"{seed}.{end}") for end in ("json", "out"))
        self.began = time.monotonic()
        with open(self.out, "wb") as out:
            self.process = subprocess.Popen([*words, "--figures", self.figures], stdout=out, stderr=subprocess.STDOUT)

    def seconds(self):
        return time.monotonic() - self.began

    def interrupt(self):
        """Stops the seed, which stops its programs."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def result(self):
        """(figures or None, lines of output)"""
        with open(self.out, errors="replace") as f:
            lines = f.read().splitlines()
        try:
            with open(self.figures) as f:
                return json.load(f), lines
        except (OSError, ValueError):
            return None, lines


def add(total, figures):
    """Adds one seed's figures to the totals: numbers add up, lists are sets, times are collected."""
    for name, value in figures.items():
        if name == "recovery":
            total[name] += value
        elif isinstance(value, dict):
            total[name].update(value)
        elif isinstance(value, list):
            total[name] |= set(value)
        else:
            total[name] += value


def show(seed, lines, tap):
    """Prints all lines of a failing seed, its failures as failures of this program."""
    for text in lines:
        if text.startswith("not ok "):
            tap.ok(False, text.split(" - ", 1)[-1])
        elif not text.startswith(("ok ", "1..", "chaos:")):
            print(text if text.startswith("#") else "# " + text, flush=True)
    print(f"# seed {seed} FAILED", flush=True)


class Fleet:
    def __init__(self, command, jobs):
        self.command, self.jobs = command, jobs

    def run(self, seeds, extra, limit, tap, total):
        """Runs all of `seeds`, then `extra` one after another while crash points are missing.
        `limit`: seconds for one seed. Returns the seeds that failed, and how many ran."""
        waiting, more, running, bad, ran = collections.deque(seeds), collections.deque(extra), [], [], 0
        with tempfile.TemporaryDirectory(prefix="ptc-", dir="/tmp") as folder:
            try:
                while waiting or running or more and total["missing"]:
                    while len(running) < self.jobs and (waiting or more and total["missing"]):
                        seed = (waiting or more).popleft()
                        running.append(Seed(seed, self.command(seed, total["missing"]), folder))
                    for one in [r for r in running if r.process.poll() is not None or r.seconds() > limit]:
                        running.remove(one)
                        ran += 1
                        if not self.collect(one, tap, total):
                            bad.append(one.seed)
                    time.sleep(POLL_S)
            finally:
                for one in running:
                    one.process.poll() is None and one.process.send_signal(signal.SIGINT)
                for one in running:
                    one.interrupt()
        return bad, ran

    def collect(self, one, tap, total):
        hung = one.process.poll() is None
        one.interrupt()
        figures, lines = one.result()
        if figures:
            add(total, figures)
            total["missing"] -= total["crashed"]
        if hung or one.process.returncode or figures is None:
            before = tap.failed
            show(one.seed, lines, tap)
            if tap.failed == before:
                why = "did not end" if hung else f"ended with {one.process.returncode}"
                tap.ok(False, f"seed {one.seed}: {why}")
            print("# again: " + " ".join(one.words), file=sys.stderr, flush=True)
            return False
        told = [text[2:] for text in lines if text.startswith("# seed ")] or [f"seed {one.seed}"]
        return tap.ok(True, f"{told[-1]} ({one.seconds():.0f} s)")
