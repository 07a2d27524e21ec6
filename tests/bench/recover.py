#!/usr/bin/env python3
"""How long `pintempo recover` takes: BENCH_ROWS (1000000) schedules, as many pins, most of them with an
attempt; a tenth of the schedules due, three tenths of the pins waiting. Never part of a pass/fail test.

    PINTEMPO_TEST_MARIADBD=--innodb-buffer-pool-size=1G tests/with-db.sh tests/bench/recover.py
"""

import os
import sys
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness import Stack  # noqa: E402

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
LANES, STEP = 1000, 100000
# id of the n-th row of a kind, in order of time
ID = "UNHEX(CONCAT(LPAD(HEX(UNIX_TIMESTAMP() * 1000 - 40000000 + seq), 12, '0'), '{0}', LPAD(HEX(seq), 19, '0')))"
LANE = "UNHEX(LPAD(HEX(seq % {0} + 1), 32, '0'))".format(LANES)
TEXT = "'7', CONCAT('A title of the usual length ', seq), REPEAT('Words. ', 20), 'https://example.com/some/page'"
FILL = {
    "schedules": f"""INSERT INTO schedules (id, project_id, account_id, lane_id, shard, state, run_at, not_after,
        due_at, board_id, title, description, link_url, pin_id, created_at, updated_at)
      SELECT {ID.format(1)}, 'p', 'a', {LANE}, seq % 64, CASE seq % 10 WHEN 0 THEN 0 WHEN 1 THEN 1 WHEN 2 THEN 1
          WHEN 3 THEN 1 WHEN 4 THEN 5 WHEN 5 THEN 0 WHEN 6 THEN 0 ELSE 4 END,
        NOW(6) + INTERVAL seq % 10 IN (5, 6) DAY - INTERVAL 1 HOUR, NOW(6) + INTERVAL 3 DAY,
        CASE WHEN seq % 10 = 0 THEN NOW(6) - INTERVAL 1 HOUR WHEN seq % 10 IN (5, 6) THEN NOW(6) + INTERVAL 1 DAY END,
        {TEXT}, IF(seq % 10 IN (0, 5, 6), NULL, {ID.format(2)}), NOW(6), NOW(6) FROM seq_{{0}}_to_{{1}}""",
    "pins": f"""INSERT INTO pins (id, project_id, account_id, lane_id, shard, schedule_id, state, run_at, not_after,
        due_at, deadline_at, board_id, title, description, link_url, text_hash, idempotency_key, attempts,
        error_code, failed_at, pinterest_pin_id, created_at, updated_at)
      SELECT {ID.format(2)}, 'p', 'a', {LANE}, seq % 64, IF(seq % 10 IN (0, 5, 6), NULL, {ID.format(1)}),
        CASE seq % 10 WHEN 1 THEN 1 WHEN 2 THEN 1 WHEN 3 THEN 1 WHEN 4 THEN 5 ELSE 4 END, NOW(6) - INTERVAL 1 HOUR,
        NOW(6) + INTERVAL 3 DAY, IF(seq % 10 IN (1, 2, 3), NOW(6), NULL),
        IF(seq % 10 IN (1, 2, 3), NOW(6) + INTERVAL 3 DAY, NULL), {TEXT}, 'hash', CONCAT('key ', seq),
        seq % 10 NOT IN (1, 2, 3), IF(seq % 10 = 4, 'invalid_image', NULL), IF(seq % 10 = 4, NOW(6), NULL),
        IF(seq % 10 IN (1, 2, 3, 4), NULL, seq), NOW(6), NOW(6) FROM seq_{{0}}_to_{{1}}""",
    "attempts": f"""INSERT INTO attempts (pin_id, number, project_id, lane_id, worker_id, account_id, opened_at, gate_at,
        closed_at, snapshot, outcome, http_status)
      SELECT {ID.format(2)}, 1, 'p', {LANE}, 'w', 'a', NOW(6), NOW(6), NOW(6), REPEAT('{{{{}}}}', 100), 1, 201
      FROM seq_{{0}}_to_{{1}} WHERE seq % 10 NOT IN (1, 2, 3)""",
}


def fill(s, rows):
    s.sql(
        f"""INSERT INTO lanes (id, environment, pinterest_user_id, shard, created_at)
            SELECT UNHEX(LPAD(HEX(seq), 32, '0')), seq % 2, seq, seq % 64, NOW(6) FROM seq_1_to_{LANES}"""
    )
    # The same time in all steps: a schedule and its pin refer to each other.
    now = s.sql("SELECT UNIX_TIMESTAMP()")[0][0]
    for first in range(1, rows + 1, STEP):
        last = min(first + STEP - 1, rows)
        for table, sql in FILL.items():
            s.sql(f"SET time_zone = '+00:00', timestamp = {now};" + sql.format(first, last), timeout=900)


def main():
    with Stack(worker=False, sandbox=False) as s:
        begin = time.monotonic()
        fill(s, ROWS)
        print(f"# filled in {time.monotonic() - begin:.0f} s", flush=True)
        for what in ("recover", "recover, again"):
            begin = time.monotonic()
            done = s.operator("recover", "--since", "2026-01-01T00:00:00Z", timeout=3600)
            print(f"{what}, {time.monotonic() - begin:.1f} s, {ROWS} schedules and pins")
            print("#   " + done.stdout.replace("\n", "\n#   "), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
