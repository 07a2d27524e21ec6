"""What attacks share. Each tests/security/test_*.py lets one tenant or stranger do its worst and
looks at what all others get. `check` runs the short form; `make attack` (PINTEMPO_ATTACK=long) runs
the long one, which also holds the figures that depend on the machine."""

import contextlib
import os
import threading
import time

LONG = os.environ.get("PINTEMPO_ATTACK") == "long"


def share(values, part):
    """The value that `part` of all (0 to 1) do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


class Watch:
    """Asks again and again in a thread, as somebody who is not part of the attack.

    with Watch(lambda: s.api("GET", "/v1/auth/me")[0]) as others:
        attack()
    others.report("others")           # prints a line
    others.answers                    # what each question returned; an exception counts as such
    """

    def __init__(self, ask, pause_s=0.02):
        self.ask, self.pause_s = ask, pause_s
        self.seconds, self.answers = [], []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while True:
            began = time.monotonic()
            try:
                answer = self.ask()
            except OSError as e:
                answer = e
            self.seconds.append(time.monotonic() - began)
            self.answers.append(answer)
            if self.ended.wait(self.pause_s):
                return

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def share(self, part):
        return share(self.seconds, part)

    def report(self, name):
        p50, p99 = self.share(0.5) * 1000, self.share(0.99) * 1000
        print(
            f"# {name}: {len(self.seconds)} asked, p50 {p50:.1f} ms, p99 {p99:.1f} ms, "
            f"max {max(self.seconds) * 1000:.1f} ms",
            flush=True,
        )


@contextlib.contextmanager
def together(number, act):
    """Runs act(0) ... act(number - 1), each in a thread of its own, until the block has ended:
    act(i) is repeated."""
    ended = threading.Event()

    def again(i):
        while not ended.is_set():
            with contextlib.suppress(OSError):
                act(i)

    threads = [threading.Thread(target=again, args=(i,), daemon=True) for i in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def memory_mb(pid):
    """(now, highest so far): resident memory of a process, in MiB."""
    with open(f"/proc/{pid}/status") as f:
        kb = {line.split(":")[0]: line.split()[1] for line in f if line.startswith(("VmRSS", "VmHWM"))}
    return int(kb["VmRSS"]) / 1024, int(kb["VmHWM"]) / 1024
