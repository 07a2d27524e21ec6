#!/usr/bin/env python3
"""`pintempo recover` marks every row that may have been sent, over several batches, and no other;
running it again changes only times; a later restore keeps the earlier restore's time to look back
to."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
import recover as bench  # noqa: E402
from harness import Stack, Tap  # noqa: E402

t = Tap()
ROWS = 12010  # batches of 5000
FIRST, SECOND = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def ask(s, sql):
    return [[int(v) if v is not None and v.isdigit() else v for v in row] for row in s.sql(sql)]


def states(s, table):
    return {
        row[0]: row[1:] for row in ask(s, f"SELECT state, COUNT(*), SUM(maybe_sent_since IS NOT NULL) FROM {table} GROUP BY 1")
    }


def number(done, word):
    return int(next(line for line in done.stdout.splitlines() if line.startswith(word)).split()[1])


def marked(s, what):
    tenth = ROWS // 10
    t.equal(
        states(s, "pins"),
        {3: [3 * tenth, 3 * tenth], 4: [5 * tenth + tenth, 0], 5: [tenth, tenth]},
        f"{what}: only pins that may have been sent are marked",
    )
    want = {0: [3 * tenth, tenth], 3: [3 * tenth, 0], 4: [3 * tenth, 0], 5: [tenth, 0]}
    t.equal(states(s, "schedules"), want, f"{what}: only due schedules are marked")
    t.equal(ask(s, "SELECT COUNT(*) FROM attempts WHERE outcome IS NULL"), [[0]], f"{what}: no attempt is left open")
    t.equal(ask(s, "SELECT COUNT(*) FROM attempts WHERE outcome = 3"), [[1]], f"{what}: the one open attempt is closed")
    t.equal(
        ask(s, "SELECT COUNT(*) FROM shards WHERE owner IS NULL AND lease_until IS NULL"),
        [[64]],
        f"{what}: all shards are free",
    )
    t.equal(
        ask(s, "SELECT COUNT(*) FROM lanes WHERE microtokens = 0 AND next_turn_at IS NOT NULL"),
        [[bench.LANES]],
        f"{what}: lanes",
    )


def lookup_times(s):
    return ask(
        s,
        """SELECT DATE_FORMAT(maybe_sent_since, '%Y-%m-%dT%TZ'), COUNT(*) FROM (SELECT maybe_sent_since FROM pins
           UNION ALL SELECT maybe_sent_since FROM schedules) x WHERE maybe_sent_since IS NOT NULL GROUP BY 1 ORDER BY 1""",
    )


def schedules_without_pin(s):
    """A failed schedule without a pin would make one when retried, and may have done so since the
    backup."""
    s.sql("UPDATE schedules SET pin_id = NULL WHERE state = 5 ORDER BY id LIMIT 3")
    s.sql("UPDATE pins SET deleted_at = NOW(6) WHERE state = 5 ORDER BY id DESC LIMIT 2")
    s.sql(
        "UPDATE pins SET failed_at = failed_at - INTERVAL 400 DAY, maybe_sent_since = NULL WHERE state = 5 AND deleted_at IS NULL ORDER BY id LIMIT 4"
    )
    done = s.operator("recover", "--since", SECOND)
    t.equal(states(s, "pins")[5], [ROWS // 10, ROWS // 10], "every failed pin is marked, however long ago it failed")
    t.equal(states(s, "schedules")[5], [ROWS // 10, 5], "failed schedules without a pin are marked")
    t.equal(number(done, "failed"), ROWS // 10 - 2 + 5, "the report counts the failed rows")


def lost_since(s):
    """The lost time begins where the backup ends, whatever time the operator gives."""
    report = lambda: s.operator("recover", "--since", SECOND).stdout  # noqa: E731
    begins = "lost       what was accepted, changed or canceled from "
    t.ok(begins + SECOND in report(), "the report says that changes since the given time are lost")
    s.sql(
        """INSERT INTO activity_logs (id, project_id, actor_type, action, message, created_at)
           VALUES ('i', 'p', 'system', 'a', 'm', '2026-01-01T12:34:56')"""
    )
    t.ok(begins + "2026-01-01T12:34:56Z" in report(), "the report names the last time in the database if that is earlier", report())


def main():
    with Stack(worker=False, sandbox=False) as s:
        bench.fill(s, ROWS)
        # One of the waiting pins was being sent.
        s.sql(
            """UPDATE pins SET state = 2, attempts = 1 WHERE state = 1 ORDER BY id DESC LIMIT 1;
               INSERT INTO attempts (pin_id, number, project_id, lane_id, worker_id, account_id, opened_at, snapshot)
               SELECT id, 1, project_id, lane_id, 'w', account_id, NOW(6), '{}' FROM pins WHERE state = 2;
               UPDATE schedules s JOIN pins p ON p.id = s.pin_id SET s.state = 2 WHERE p.state = 2"""
        )
        done = s.operator("recover", "--since", SECOND)
        report = [number(done, word) for word in ("pins", "schedules", "failed")]
        t.equal(report, [3 * ROWS // 10, ROWS // 10, ROWS // 10], "the report counts the rows of all batches")
        marked(s, "once")
        t.equal(lookup_times(s), [[SECOND, 5 * ROWS // 10]], "marked pins are looked up from the given time on")
        again = s.operator("recover", "--since", FIRST, "--at-most", "7")
        t.equal([number(again, word) for word in ("pins", "schedules", "failed")], report, "a second run reports the same counts")
        marked(s, "again")
        t.equal(lookup_times(s), [[FIRST, 5 * ROWS // 10]], "an earlier --since moves the time to look back to")
        s.operator("recover", "--since", SECOND)
        t.equal(lookup_times(s), [[FIRST, 5 * ROWS // 10]], "a later --since does not move the time to look back to")
        gaps = "SELECT DISTINCT DATE_FORMAT(lost_since, '%Y-%m-%dT%TZ'), lost_creates IS NULL, lost_until > NOW() - INTERVAL 1 MINUTE FROM lanes"
        t.equal(ask(s, gaps), [[FIRST, 1, 1]], "a later --since does not move the lanes' gap either")
        schedules_without_pin(s)
        lost_since(s)
        for bad in ("-1", "many", ""):
            t.equal(
                s.operator("recover", "--since", SECOND, "--at-most", bad, check=False).returncode,
                1,
                f"invalid --at-most {bad!r} is refused",
            )
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
