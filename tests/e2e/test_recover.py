#!/usr/bin/env python3
"""Restored from a backup: after `pintempo recover` nothing that Pinterest has is sent again, what it
has not is sent, and what the backup cannot know is said."""

import collections
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from harness import Stack, Tap  # noqa: E402

t = Tap()
OVERRIDES = {
    "worker": {"poll_ms": 100, "lease_ms": 2000, "renew_ms": 500},
    "sandbox": {"capacity": 500, "interval_ms": 20, "create_timeout_ms": 2000, "settle_ms": 1500},
}
PLANNED, HELD, SAME, MISSED, LATER, ACCEPTED = 160, 38, 2, 12, 4, 50


def now():
    return datetime.now(timezone.utc)


def hexed(i):
    return "x'" + i.replace("-", "") + "'"


class Account:
    def __init__(self, s, name):
        self.s, self.id = s, s.connect(name)
        self.board = s.boards_of(self.id)["Always works"]

    def schedule(self, title, run_at, **fields):
        body = {
            "account_id": self.id,
            "board_id": self.board,
            "title": title,
            "image_url": self.s.image_url,
            "run_at": run_at.isoformat(),
            **fields,
        }
        return self.s.call("POST", "/v1/schedules", body)["id"]

    def pause(self, on):
        at = "UTC_TIMESTAMP(6)" if on else "NULL"
        self.s.sql(
            f"""UPDATE pinterest_accounts SET paused_at = {at} WHERE id = {hexed(self.id)};
                UPDATE lanes SET work_at = UTC_TIMESTAMP(6)"""
        )


def before(s):
    """What the backup knows: (ids of schedules that Pinterest gets to see after it, others due, later)."""
    due = now() + timedelta(seconds=8)
    first, held, missed = Account(s, "first"), Account(s, "held"), Account(s, "missed")
    held.pause(True)
    missed.pause(True)
    soon = now() + timedelta(seconds=2)
    sent = [held.schedule(f"Held {k:03}", soon, link_url=f"https://example.com/h/{k}") for k in range(HELD)]
    sent += [first.schedule("The very same", due) for _ in range(SAME)]
    # One link for all: restored pins tell each other apart.
    sent += [
        first.schedule(f"Planned {k:03}", due, link_url="https://example.com/campaign", description=f"No. {k}")
        for k in range(PLANNED)
    ]
    unsent = [missed.schedule(f"Missed {k:03}", due) for k in range(MISSED)]
    later = [missed.schedule(f"Later {k:03}", now() + timedelta(seconds=40)) for k in range(LATER)]
    s.wait_for(lambda: waiting(s) == HELD, 10, "the held ones wait")
    t.ok(now() < due, "the backup is taken before the others are due")
    return first, held, missed, sent, unsent, later


def waiting(s):
    return int(s.sql("SELECT COUNT(*) FROM pins WHERE state = 1")[0][0])


def over(s, ids):
    listed = ", ".join(hexed(i) for i in ids)
    return int(s.sql(f"SELECT COUNT(*) FROM schedules WHERE id IN ({listed}) AND state IN (4, 5)")[0][0])


def dump(s):
    command = ["mariadb-dump", "--no-defaults", f"--socket={s.db_socket}", f"--user={s.db_user}"]
    command += ["--single-transaction", "--hex-blob", s.database]
    with open(s.path("backup.sql"), "wb") as f:
        subprocess.run(command, check=True, stdout=f, timeout=60)


def restore(s):
    s.sql(f"DROP DATABASE `{s.database}`; CREATE DATABASE `{s.database}` CHARACTER SET utf8mb4", None)
    command = ["mariadb", "--no-defaults", f"--socket={s.db_socket}", f"--user={s.db_user}", s.database]
    with open(s.path("backup.sql"), "rb") as f:
        subprocess.run(command, check=True, stdin=f, timeout=60)


def after(s, first, held, sent):
    """What the backup does not know."""
    held.pause(False)
    for k in range(ACCEPTED):
        body = {"account_id": first.id, "board_id": first.board, "title": f"Accepted {k:03}"}
        s.call("POST", "/v1/pins", body | {"image_url": s.image_url, "idempotency_key": f"lost-{k}"})
    s.wait_for(lambda: over(s, sent) == len(sent), 40, "all are over")
    s.wait_for(lambda: s.sql("SELECT COUNT(*) FROM pins WHERE state = 4")[0][0] == str(len(sent) + ACCEPTED), 20)
    t.equal(len(sent), 200, "published after the backup")


def refused(s, since):
    done = s.operator("recover", "--since", since, check=False)
    t.ok(done.returncode == 1 and "systemctl stop pintempo-worker" in done.stderr, "refused beside a worker", done.stderr)
    for bad in ("yesterday", "2026-01-01 00:00:00", "2999-01-01T00:00:00Z"):
        t.equal(s.operator("recover", "--since", bad, check=False).returncode, 1, f"refused: --since {bad}")
    t.equal(s.operator("recover", check=False).returncode, 2, "refused: without --since")


def recover(s, since):
    done = s.operator("recover", "--since", since)
    print("# " + done.stdout.replace("\n", "\n# "))
    t.ok(f"lost       what was accepted from {since}" in done.stdout, "the interval that is lost is told")
    t.ok(f"pins       {HELD} " in done.stdout, "pins are counted", done.stdout)
    t.ok(f"schedules  {PLANNED + SAME + MISSED} " in done.stdout, "schedules are counted", done.stdout)
    t.equal(s.operator("recover", "--since", since).stdout.splitlines()[0], done.stdout.splitlines()[0], "again: the same")
    t.equal(s.sql("SELECT COUNT(*) FROM pins WHERE state IN (1, 2)")[0][0], "0", "no pin may be sent unseen")


def judge(s, missed, sent, unsent, later):
    s.wait_for(lambda: over(s, sent) == len(sent), 60, "restored ones are over")
    t.equal(over(s, unsent), 0, "paused: looked for, and not sent")
    missed.pause(False)
    s.wait_for(lambda: over(s, unsent) == len(unsent), 30, "missed ones are over")
    how = collections.Counter(
        (r[0], r[1], r[2])
        for r in s.sql("SELECT SUBSTR(title, 1, 6), state, COALESCE(confirmed_by, error_code) FROM pins")
    )
    want = {
        ("Held 0", "4", "lookup"): HELD,
        ("The ve", "4", "lookup"): SAME,
        ("Planne", "4", "lookup"): PLANNED,
        ("Missed", "4", "answer"): MISSED,
    }
    t.equal({k: n for k, n in how.items() if k[0] != "Later "}, want, "adopted what is there, sent what is not")
    s.wait_for(lambda: over(s, later) == len(later), 60, "later ones are over")
    sent = checker.read(s, "sandbox_creates", checker.LEDGER, s.database + "_sandbox")
    bodies = collections.Counter(json.dumps([c["user_id"], checker.canonical(c["body"])]) for c in sent if c["pin_id"])
    t.equal({b: n for b, n in bodies.items() if n > (SAME if "The very same" in b else 1)}, {}, "nothing twice")
    t.equal(sum(bodies.values()), 200 + ACCEPTED + MISSED + LATER, "and everything once")
    ids = s.sql("SELECT COUNT(*), COUNT(DISTINCT pinterest_pin_id) FROM pins")[0]
    t.equal(ids, [str(200 + MISSED + LATER)] * 2, "each pin has a Pinterest pin of its own")
    t.equal(s.sql("SELECT COUNT(*) FROM events")[0][0], ids[0], "and one event")


def main():
    with Stack(overrides=OVERRIDES, own_database=True) as s:
        s.sign_up()
        first, held, missed, sent, unsent, later = before(s)
        since = now().isoformat(timespec="seconds").replace("+00:00", "Z")
        dump(s)
        after(s, first, held, sent)
        refused(s, since)
        s.stop("worker")
        s.stop("app")
        restore(s)
        recover(s, since)
        s.start("app")
        s.start("worker")
        judge(s, missed, sent, unsent, later)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
