#!/usr/bin/env python3
"""The worker deletes old rows until none is left, also more than one batch; what is young stays."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()
OLD, YOUNG = 3200, 40


def replies(s, where):
    return int(s.sql(f"SELECT COUNT(*) FROM idempotency_keys WHERE kind = 2 AND {where}")[0][0])


def main():
    with Stack(worker=False, sandbox=False, overrides={"retention": {"replies_days": 2}}) as s:
        for days, n in ((3, OLD), (1, YOUNG)):
            s.sql(
                f"""INSERT INTO idempotency_keys (project_id, kind, idem_key, body_hash, created_at)
                    SELECT 'p', 2, CONCAT('{days}-', seq), 'b', UTC_TIMESTAMP(6) - INTERVAL {days} DAY
                    FROM seq_1_to_{n}"""
            )
        s.start("worker")
        s.wait_for(lambda: replies(s, "idem_key LIKE '3-%'") == 0, 20, "old replies are gone")
        s.wait_for(lambda: f"event=swept rows={OLD}" in s.log("worker"), 5, "the round is told")
        t.ok(True, "seven batches in one round")
        t.equal(replies(s, "idem_key LIKE '1-%'"), YOUNG, "young ones stay")
        shown = s.operator("status").stdout
        t.ok("OLDEST ROW  idempotency_keys 24 h ago" in shown, "status says how far back they go", shown)
        t.equal(s.stop("worker"), 0, "and the worker ends")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
