"""Helpers of tests that create hundreds of pins on several accounts."""

import collections
import concurrent.futures
import json
import time
from datetime import datetime, timedelta, timezone

import checker

THREADS = 6


def iso(us):
    return (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=us)).isoformat()


def now_us():
    return time.time_ns() // 1000


def each(work, items):
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, items))


def accounts(s, count):
    """(account, its "Always works" board) for each of `count` new accounts."""
    ids = [s.connect(f"account {n}") for n in range(count)]
    return [(i, s.boards_of(i)["Always works"]) for i in ids]


def body(s, account, **fields):
    made = {"account_id": account[0], "board_id": account[1], "title": "A pin", "image_url": s.image_url}
    return made | fields


def titles(s):
    """Title -> number of Pinterest pins made, from the simulator's ledger."""
    made = collections.Counter()
    for c in checker.read(s, "sandbox_creates", checker.LEDGER, s.database + "_sandbox"):
        if c["pin_id"] is not None:
            made[json.loads(bytes.fromhex(c["body"]))["title"]] += 1
    return made


def open_pins(s):
    """Number of schedules and pins that have not ended."""
    row = s.sql(
        """SELECT (SELECT COUNT(*) FROM schedules WHERE state IN (0, 1, 2, 3) AND deleted_at IS NULL)
             + (SELECT COUNT(*) FROM pins WHERE state IN (1, 2, 3) AND deleted_at IS NULL)""",
        check=False,
    )
    return int(row[0][0]) if row else None
