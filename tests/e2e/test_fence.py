#!/usr/bin/env python3
"""What a worker may still do once its shards are another's, and a worker that stands still inside a
transaction: it must stop nobody for long, and change nothing when it goes on."""

import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from harness import Stack, Tap  # noqa: E402

t = Tap()
OVERRIDES = {
    "worker": {"lease_ms": 2000, "renew_ms": 400, "poll_ms": 50},
    "sandbox": {"create_timeout_ms": 2000, "settle_ms": 500, "absent_gap_ms": 500},
}
STRANGER = "x'" + "5" * 32 + "'"
PINS = {"method": "POST", "path_prefix": "/v5/pins"}


def hexed(i):
    return "x'" + i.replace("-", "") + "'"


class Session:
    """A database session that stays open between statements."""

    def __init__(self, s):
        command = ["mariadb", "--no-defaults", f"--socket={s.db_socket}", f"--user={s.db_user}", "-N", "-n"]
        self.process = subprocess.Popen(
            [*command, s.database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, text):
        """Runs it and waits until it has been done."""
        self.process.stdin.write(text + "; SELECT 'done';\n")
        self.process.stdin.flush()
        while self.process.stdout.readline().strip() != "done":
            pass

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def row_of(s, pin):
    columns = "state, version, attempts, pinterest_pin_id"
    return s.sql(f"SELECT {columns} FROM pins WHERE id = {hexed(pin)}")[0]


def attempt_of(s, pin):
    return s.sql(f"SELECT gate_at IS NOT NULL, outcome FROM attempts WHERE pin_id = {hexed(pin)} AND n = 1")


def published(s, pin, seconds):
    s.wait_for(lambda: row_of(s, pin)[0] == "4", seconds, "the pin is published")


def lost_while_sending(s):
    """Its shards go to another while a create is under way: only the answer is written down."""
    s.admin("arm", {"match": PINS, "fault": {"kind": "delay_ms", "ms": 1000}})
    pin = s.call("POST", "/v1/pins", s.pin_body(title="Fenced"))["id"]
    s.wait_for(lambda: row_of(s, pin)[0] == "2", 10, "it is being sent")
    before = row_of(s, pin)
    s.sql(
        f"""UPDATE shards SET owner = {STRANGER}, host_id = {STRANGER}, epoch = epoch + 1,
              lease_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR"""
    )
    lane = s.sql("SELECT work_at, tokens_u, busy_until, HEX(open_pin) FROM lanes")
    s.wait_for(lambda: attempt_of(s, pin) == [["1", "1"]], 10, "the answer is written down")
    t.equal(row_of(s, pin), before, "the pin is untouched by a worker that lost its shard")
    t.equal(s.sql("SELECT work_at, tokens_u, busy_until, HEX(open_pin) FROM lanes"), lane, "so is its lane")
    t.equal(s.sql("SELECT COUNT(*) FROM events"), [["0"]], "nobody is told")
    other = s.call("POST", "/v1/pins", s.pin_body(title="Not ours"))["id"]
    seq = s.sql("SELECT MAX(seq) FROM shards")
    s.wait_for(lambda: "count=0" in s.log("worker") or "lost=64" in s.log("worker"), 10, "it sees the loss")
    t.equal(row_of(s, other)[:1], ["1"], "nothing new is sent")
    t.equal(s.sql("SELECT MAX(seq) FROM shards"), seq, "and no transaction passes the fence")
    s.sql("UPDATE shards SET owner = NULL, host_id = NULL, lease_until = NULL")
    published(s, pin, 20)
    published(s, other, 20)
    t.equal(row_of(s, pin)[2], "1", "whoever takes over finds the answer and sends nothing")


def stopped_in_transaction(s):
    """SIGSTOP while it holds the lock of its shard."""
    lane = s.sql("SELECT shard FROM lanes")[0][0]
    session = Session(s)
    session.run(f"BEGIN; SELECT seq FROM shards WHERE shard = {lane} FOR UPDATE")
    pin = s.call("POST", "/v1/pins", s.pin_body(title="Stopped"))["id"]
    waiting = "SELECT trx_mysql_thread_id FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
    s.wait_for(lambda: s.sql(waiting), 10, "the worker waits for the lock")
    s.programs["worker"].signal(signal.SIGSTOP)
    session.run("ROLLBACK")
    s.add("other", [s.exe("pintempo-worker"), "--config", s.conf])
    s.start("other")
    published(s, pin, 25)
    t.ok(True, "another worker takes over although locks were held")
    s.programs["worker"].signal(signal.SIGCONT)
    s.wait_for(lambda: s.sql("SELECT COUNT(DISTINCT owner) FROM shards") == [["2"]], 15, "both share again")
    last = s.call("POST", "/v1/pins", s.pin_body(title="Last"))["id"]
    published(s, last, 20)
    session.close()
    t.equal([s.stop("other"), s.stop("worker")], [0, 0], "both stop cleanly")


def main():
    with Stack(overrides=OVERRIDES) as s:
        s.sign_up()
        lost_while_sending(s)
        stopped_in_transaction(s)
        checker.hold(s, t, "fence")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
