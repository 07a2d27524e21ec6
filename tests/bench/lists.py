#!/usr/bin/env python3
"""How long the first page of each list takes with BENCH_ROWS (1000000) pins and as many schedules in one
project: each filter, each order, and (BENCH_ALL=1) each pair; and what counts: dashboard, campaigns, limits.
Never part of a pass/fail test.

    PINTEMPO_TEST_MARIADBD=--innodb-buffer-pool-size=2G tests/with-db.sh tests/bench/lists.py
"""

import os
import statistics
import sys
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))
sys.path.insert(0, os.path.join(TOP, "tests", "bench"))

from harness import Stack  # noqa: E402
from lists_fill import FILTERS, SORTS, fill  # noqa: E402

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
RUNS = int(os.environ.get("BENCH_RUNS", "20"))


QUARTER, DAY = "start=2026-01-15&end=2026-04-15", "start=2026-04-01&end=2026-04-02"
COUNTS = (
    f"/v1/dashboard/summary?{DAY}",
    f"/v1/dashboard/summary?{QUARTER}",
    f"/v1/dashboard/summary?{QUARTER}&account_id={{0}}",
    "/v1/campaigns",
    "/v1/campaigns/small",
    "/v1/campaigns/big",
    "/v1/limits",
)


def measure(s, path):
    took, status, head = [], 0, {}
    for i in range(RUNS + 1):
        began = time.monotonic()
        status, head, body = s.api("GET", path)
        if i > 0:
            took.append((time.monotonic() - began) * 1000)
        if sum(took) > 5000:
            break
    n = len(body) if isinstance(body, list) else 0
    more = "next" if 'rel="next"' in (head["Link"] or "") else "-"
    print(f"{path:75} {status} {n:4} {head['X-Total-Count'] or '-':>7} {more:>5} "
          f"{statistics.median(took):8.1f} {max(took):8.1f}", flush=True)


def main():
    with Stack(worker=False, sandbox=False) as s:
        began = time.monotonic()
        accounts = fill(s, ROWS)
        print(f"# {ROWS} pins and as many schedules, filled in {time.monotonic() - began:.0f} s")
        print(f"{'request':75} code rows   total  Link   p50 ms   max ms")
        for kind, filters in FILTERS.items():
            filters = [f.format(*accounts) for f in filters]
            pairs = [(f, "") for f in filters] + [("", o) for o in SORTS[kind]]
            if os.environ.get("BENCH_ALL"):
                pairs = [(f, o) for f in filters if "sort=" not in f for o in SORTS[kind]]
            for f, o in pairs:
                words = "&".join(w for w in (f, "sort=" + o if o else "") if w)
                measure(s, f"/v1/{kind}?{words}")
        for path in COUNTS:
            measure(s, path.format(*accounts))
        if hold := os.environ.get("BENCH_HOLD"):  # a file: the servers stay until it is gone
            s.wait_for(lambda: not os.path.exists(hold), 3600)
    return 0


if __name__ == "__main__":
    sys.exit(main())
