#!/usr/bin/env python3
"""What a worker may still do after losing its shards, and a worker that is stopped inside a
transaction: it must not block others for long, and must change nothing when it continues."""

import os
import signal
import socket
import sys
import threading
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from harness import Session, Stack, Tap, parts  # noqa: E402

t = Tap()
OVERRIDES = {
    "worker": {"lease_ms": 2000, "lease_renew_ms": 400, "poll_ms": 50},
    "sandbox": {"create_timeout_ms": 2000, "verify_after_ms": 500, "verify_gap_ms": 500},
}
STRANGER = "x'" + "5" * 32 + "'"
PINS = {"method": "POST", "path_prefix": "/v5/pins"}


def hexed(i):
    return "x'" + i.replace("-", "") + "'"


def set_leases(s, lease_ms, lease_renew_ms):
    s.settings["worker"].update(lease_ms=lease_ms, lease_renew_ms=lease_renew_ms)
    parts.write_conf(s.conf, s.settings)
    s.restart("worker")
    s.wait_for(lambda: s.sql("SELECT COUNT(*) FROM shards WHERE owner IS NULL") == [["0"]], 10, "leases")


def row_of(s, pin):
    columns = "state, version, attempts, pinterest_pin_id"
    return s.sql(f"SELECT {columns} FROM pins WHERE id = {hexed(pin)}")[0]


def attempt_of(s, pin):
    return s.sql(f"SELECT gate_at IS NOT NULL, outcome FROM attempts WHERE pin_id = {hexed(pin)} AND number = 1")


def published(s, pin, seconds):
    s.wait_for(lambda: row_of(s, pin)[0] == "4", seconds, "the pin is published")


def lost_while_sending(s):
    """The shards go to another worker while a create is in flight: only the answer is recorded.
    Leases are long here, so that only the fence can tell the worker."""
    set_leases(s, 60000, 20000)
    session = Session(s)
    for chance in range(8):
        s.admin("arm", {"match": PINS, "fault": {"kind": "delay_ms", "ms": 1000 if chance == 0 else 1500}})
        pin = s.call("POST", "/v1/pins", s.pin_body(title=f"Fenced {chance}"))["id"]
        sending = f"SELECT state FROM pins WHERE id = {hexed(pin)}"
        s.wait_for(lambda: session.run(sending) != ["1"], 10, "the pin is being sent")
        session.run(
            f"""UPDATE shards SET owner = {STRANGER}, host_id = {STRANGER}, epoch = epoch + 1,
                  lease_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR"""
        )
        # On a busy machine the answer may have come before the shards were taken away: then try
        # again.
        if session.run(f"SELECT outcome FROM attempts WHERE pin_id = {hexed(pin)}") == ["NULL"]:
            break
        session.run("UPDATE shards SET owner = NULL, host_id = NULL, lease_until = NULL")
        s.restart("worker")
        published(s, pin, 10)
    session.close()
    before = row_of(s, pin)
    lane = s.sql("SELECT next_turn_at, microtokens, busy_until, HEX(in_flight_pin) FROM lanes")
    t.equal(before[0], "2", "the pin is being sent when the shards are taken away")
    s.wait_for(lambda: attempt_of(s, pin) == [["1", "1"]], 10, "the attempt's answer is recorded")
    t.equal(row_of(s, pin), before, "a worker that lost its shard leaves the pin unchanged")
    t.equal(
        s.sql("SELECT next_turn_at, microtokens, busy_until, HEX(in_flight_pin) FROM lanes"),
        lane,
        "a worker that lost its shard leaves the lane unchanged",
    )
    events = s.sql(f"SELECT COUNT(*) FROM events WHERE subject_id = {hexed(pin)}")
    t.equal(events, [["0"]], "a worker that lost its shard writes no event")
    other = s.call("POST", "/v1/pins", s.pin_body(title="Not ours"))["id"]
    seq = s.sql("SELECT MAX(seq) FROM shards")
    s.wait_for(lambda: "event=shards_lost" in s.log("worker"), 10, "the fence tells the worker that its shards are lost")
    t.ok(True, "the fence tells the worker that its shards are lost")
    t.equal(row_of(s, other)[:1], ["1"], "a worker without shards sends nothing new")
    t.equal(s.sql("SELECT MAX(seq) FROM shards"), seq, "no transaction of a worker without shards passes the fence")
    s.wait_for(lambda: "held=0" in s.log("worker"), 10, "the worker reads the leases again")
    set_leases(s, 2000, 400)
    s.sql("UPDATE shards SET owner = NULL, host_id = NULL, lease_until = NULL")
    published(s, pin, 20)
    published(s, other, 20)
    t.equal(row_of(s, pin)[2], "1", "the worker that takes over finds the answer and sends nothing")


# innodb_trx would show this too, but it is refreshed only when it has not been read for a while.
WAITING = """SELECT COUNT(*) FROM information_schema.processlist
             WHERE db = DATABASE() AND info LIKE 'UPDATE %' AND time_ms > 200"""
DROP = "UPDATE pins SET deleted_at = UTC_TIMESTAMP(6), due_at = NULL, deadline_at = NULL, version = version + 1"
CANCEL = "UPDATE schedules SET state = 6, due_at = NULL, version = version + 1, updated_at = UTC_TIMESTAMP(6)"


def at(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


def overtaken_by_cancel(s):
    """A cancel that commits after the worker has read the row and before it writes: the cancel's
    statements run in a session that waits until the worker blocks on them."""

    def hold_lane():
        s.sql("UPDATE lanes SET hold_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR, hold_code = 3")

    def schedule(title, seconds):
        return s.soon("/v1/schedules", lambda: s.pin_body(title=title, run_at=at(seconds)))["id"]

    def pin_of(made):
        sql = f"SELECT HEX(id) FROM pins WHERE schedule_id = {hexed(made)}"
        return s.wait_for(lambda: s.sql(sql), 10, "the schedule is promoted")[0][0]

    def race(title, *statements, session=None):
        """Runs the statements and frees the lane, so that the worker blocks on them."""
        if session is None:
            session = Session(s)
            session.run("BEGIN; " + "; ".join(statements))
            s.sql("UPDATE lanes SET hold_until = NULL, hold_code = 0, next_turn_at = UTC_TIMESTAMP(6)")
        s.wait_for(lambda: s.sql(WAITING) != [["0"]], 10, "the worker blocks on the session's lock")
        session.run("COMMIT")
        session.close()
        last = s.call("POST", "/v1/pins", s.pin_body(title="Behind " + title))["id"]
        published(s, last, 20)
        sent = checker.read(s, "sandbox_creates", checker.LEDGER, s.database + "_sandbox")
        mine = [c for c in sent if bytes.fromhex(c["body"]).find(f'"{title}"'.encode()) >= 0]
        t.equal(mine, [], f"{title.split()[0]}: nothing is sent")

    for seconds in (1, 5, 25):  # until the cancel comes before the worker
        planned = f"Planned {seconds}"
        made, session = schedule(planned, seconds), Session(s)
        if session.run(f"BEGIN; SELECT state FROM schedules WHERE id = {hexed(made)} FOR UPDATE") == ["0"]:
            break
        session.close()
    session.run(f"{CANCEL} WHERE id = {hexed(made)}")
    race(planned, session=session)
    row = s.sql(f"SELECT state, pin_id FROM schedules WHERE id = {hexed(made)}")
    t.equal(row, [["6", None]], "Planned: a canceled schedule is not promoted")
    hold_lane()
    made = schedule("Promoted", 0.2)
    pin = pin_of(made)
    race("Promoted", f"{CANCEL} WHERE id = {hexed(made)}", f"{DROP} WHERE id = x'{pin}'")
    t.equal(
        row_of(s, pin)[:1] + row_of(s, pin)[2:], ["1", "0", None], "Promoted: the canceled promotion leaves its pin unchanged"
    )
    hold_lane()
    pin = s.call("POST", "/v1/pins", s.pin_body(title="Alone"))["id"]
    race("Alone", f"{DROP} WHERE id = {hexed(pin)}")
    t.equal(row_of(s, pin)[2], "0", "Alone: a canceled pin has no attempt")
    hold_lane()
    pin = s.call("POST", "/v1/pins", s.pin_body(title="Before"))["id"]
    race("Before", f"UPDATE pins SET title = 'After', version = version + 1 WHERE id = {hexed(pin)}")
    published(s, pin, 10)
    sent = s.sql(f"SELECT snapshot LIKE '%\"After\"%' FROM attempts WHERE pin_id = {hexed(pin)}")
    t.equal(sent, [["1"]], "Before: the pin is sent with its latest edit")


def late_gate(s, door):
    """A connection that takes longer than the gate allows: the request does not leave."""
    pin = s.call("POST", "/v1/pins", s.pin_body(title="Late"))["id"]
    waits = f"""SELECT 1 FROM attempts WHERE pin_id = {hexed(pin)}
                AND opened_at < UTC_TIMESTAMP(6) - INTERVAL 2200 * 1000 MICROSECOND"""
    s.wait_for(lambda: s.sql(waits), 20, "the attempt waits for its connection")
    door.open_it()
    sql = f"SELECT outcome, gate_at FROM attempts WHERE pin_id = {hexed(pin)} AND outcome IS NOT NULL"
    published(s, pin, 20)
    rows = s.sql(sql + " ORDER BY number")
    t.equal(rows[0], [str(checker.OUT_NOT_SENT), None], "an attempt that missed its gate is recorded as not sent")
    t.equal([r[0] for r in rows[-1:]], [str(checker.OUT_PUBLISHED)], "a later attempt publishes the pin")
    slow = """SELECT COUNT(*) FROM attempts
              WHERE TIMESTAMPDIFF(MICROSECOND, opened_at, gate_at) > 2000000"""
    t.equal(s.sql(slow), [["0"]], "no attempt passed its gate late")


def late_listing(s):
    """Pinterest lists a pin only seconds after creating it: one listing without it proves nothing."""
    s.admin("listing", {"delay_s": 3600})
    pin = s.call("POST", "/v1/pins", s.pin_body("Answer lost after publishing", title="Unlisted"))["id"]
    lookups = lambda: s.log("worker").count("event=looked_up to=verifying")  # noqa: E731
    s.wait_for(lookups, 20, "the first look-up does not find the pin")
    s.admin("listing", {"delay_s": 0})
    published(s, pin, 20)
    row = s.sql(f"SELECT attempts, confirmed_by FROM pins WHERE id = {hexed(pin)}")
    t.equal(row, [["1", "lookup"]], "a pin that is listed late is found, not sent again")
    t.ok(lookups() >= 1, "the first look-up did not find the pin", lookups())


def twins(s):
    """Two pins of the same text whose answers are both lost: the look-up finds each one's Pinterest
    pin."""
    body = dict(board="Answer lost after publishing", title="Twin")
    ids = [s.call("POST", "/v1/pins", s.pin_body(**body))["id"] for _ in range(2)]
    for i in ids:
        published(s, i, 25)
    rows = [row_of(s, i) for i in ids]
    t.equal([r[2] for r in rows], ["1", "1"], "twins: each was sent once")
    t.ok(rows[0][3] != rows[1][3], "twins: each has a different Pinterest pin", rows)


class SlowDoor:
    """A port that accepts connections only after open_it(), then forwards them."""

    def __init__(self):
        self.door = socket.socket()
        self.door.bind(("127.0.0.1", 0))
        self.door.listen(0)
        self.port, self.target = self.door.getsockname()[1], None
        self.full = []
        for _ in range(4):  # more than the backlog holds: the next client must retry
            knock = socket.socket()
            knock.setblocking(False)
            knock.connect_ex(("127.0.0.1", self.port))
            self.full.append(knock)

    def open_it(self):
        for knock in self.full:
            knock.close()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            near = self.door.accept()[0]
            far = socket.create_connection(("127.0.0.1", self.target))
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self.pipe, args=(a, b), daemon=True).start()

    def pipe(self, a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def fence_is_a_write(s):
    """A condition that only reads the epoch is no fence: each transaction must write its shard's
    row."""
    before = int(s.sql("SELECT SUM(seq) FROM shards")[0][0])
    published(s, s.call("POST", "/v1/pins", s.pin_body(title="Fence"))["id"], 20)
    # at least the intent and the save
    t.ok(int(s.sql("SELECT SUM(seq) FROM shards")[0][0]) >= before + 2, "every transaction writes its fence")


def stopped_in_transaction(s):
    """SIGSTOP while the worker holds its shard's lock."""
    lane = s.sql("SELECT shard FROM lanes")[0][0]
    session = Session(s)
    session.run(f"BEGIN; SELECT seq FROM shards WHERE shard = {lane} FOR UPDATE")
    pin = s.call("POST", "/v1/pins", s.pin_body(title="Stopped"))["id"]
    s.wait_for(lambda: s.sql(WAITING) != [["0"]], 10, "the worker waits for the lock")
    s.programs["worker"].signal(signal.SIGSTOP)
    session.run("ROLLBACK")
    s.add("other", [s.exe("pintempo-worker"), "--config", s.conf])
    s.start("other")
    published(s, pin, 25)
    t.ok(True, "another worker takes over from one stopped while it holds locks")
    s.programs["worker"].signal(signal.SIGCONT)
    s.wait_for(lambda: s.sql("SELECT COUNT(DISTINCT owner) FROM shards") == [["2"]], 15, "both workers share the shards again")
    last = s.call("POST", "/v1/pins", s.pin_body(title="Last"))["id"]
    published(s, last, 20)
    session.close()
    t.equal([s.stop("other"), s.stop("worker")], [0, 0], "both workers stop cleanly")


def main():
    with Stack(overrides=OVERRIDES) as s:
        s.sign_up()
        overtaken_by_cancel(s)
        lost_while_sending(s)
        fence_is_a_write(s)
        stopped_in_transaction(s)
        checker.report(s, t, "fence", skip=("activity",))  # the test cancels in the database
    door = SlowDoor()
    slow = {"base_url": f"http://127.0.0.1:{door.port}/sandbox/v5"}
    slow |= {"oauth_url": f"http://127.0.0.1:{door.port}/sandbox/oauth"}
    with Stack(worker=False, overrides={"sandbox": {"retry_base_ms": 500, "verify_gap_ms": 6000}}) as s:
        s.sign_up()
        door.target = s.port
        s.settings["sandbox"].update(slow)
        parts.write_conf(s.conf, s.settings)
        s.start("worker")
        late_gate(s, door)
        late_listing(s)
        twins(s)
        checker.report(s, t, "late gate")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
