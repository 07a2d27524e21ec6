#!/usr/bin/env python3
"""Restore from a backup taken during work, after the data directory was lost. After `pintempo
recover` nothing that Pinterest has is sent again, everything else is sent, and creates that the
backup cannot know count against the daily cap and are reported. An interrupted recover lets nothing
be sent."""

import collections
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from harness import START_S, Stack, Tap, parts  # noqa: E402

t = Tap()
OVERRIDES = {
    "worker": {"poll_ms": 100, "lease_ms": 2000, "lease_renew_ms": 500},
    "sandbox": {"burst": 500, "interval_ms": 20, "create_timeout_ms": 2000, "verify_after_ms": 1500},
}
PLANNED, HELD, SAME, MISSED, LATER, ACCEPTED = 160, 38, 2, 12, 4, 50
IMPORTED, DATED = 12, 4  # rows of an import in progress; some have a time
BUSY, FIRST = 60, 6  # being sent when the backup is taken; this many are published by then
CAP, MORE, AT_MOST = 10, 5, 8  # of an account with a daily cap: published before the loss, waiting behind it


def now():
    return datetime.now(timezone.utc)


def hexed(i):
    return "x'" + i.replace("-", "") + "'"


class Account:
    def __init__(self, s, name):
        self.s, self.id = s, s.connect(name)
        self.board = s.boards_of(self.id)["Always works"]

    def pin(self, title):
        body = {"account_id": self.id, "board_id": self.board, "title": title, "idempotency_key": title}
        return self.s.call("POST", "/v1/pins", body | {"image_url": self.s.image_url})["id"]

    def set(self, **values):
        pairs = ", ".join(f"{k} = {v}" for k, v in values.items())
        self.s.sql(f"UPDATE pinterest_accounts SET {pairs} WHERE id = {hexed(self.id)}")

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
        self.set(paused_at="UTC_TIMESTAMP(6)" if on else "NULL")
        self.s.sql("UPDATE lanes SET next_turn_at = UTC_TIMESTAMP(6)")


def arrive(s, *titles):
    """Makes those schedules due."""
    for title in titles:
        s.sql(f"UPDATE schedules SET run_at = NOW(6), due_at = NOW(6) WHERE state = 0 AND title LIKE '{title}%'")


DUE = ("Planned", "The very", "Missed", "Capped")


class World:
    """What the backup contains, grouped by how it ends."""

    def __init__(self, s):
        self.s, due = s, now() + timedelta(hours=1)
        self.first, self.held, self.missed, self.capped, self.busy = (
            Account(s, name) for name in ("first", "held", "missed", "capped", "busy")
        )
        self.import_later()
        self.held.pause(True)
        self.missed.pause(True)
        self.capped.set(daily_cap=CAP)
        self.busy.set(pace_burst=FIRST, pace_interval_ms=3600_000)  # until the backup is taken
        link = "https://example.com/"
        held, first, missed, capped = self.held, self.first, self.missed, self.capped
        self.sent = [held.schedule(f"Held {k:03}", due, link_url=f"{link}h/{k}") for k in range(HELD)]
        self.sent += [first.schedule("The very same", due) for _ in range(SAME)]
        # All pins have the same link, so a look-up can match restored pins by title only.
        self.sent += [
            first.schedule(f"Planned {k:03}", due, link_url=f"{link}campaign", description=f"No. {k}")
            for k in range(PLANNED)
        ]
        self.unsent = [missed.schedule(f"Missed {k:03}", due) for k in range(MISSED)]
        self.later = [missed.schedule(f"Later {k:03}", due) for k in range(LATER)]
        self.capped_sent = [capped.schedule(f"Capped {k:03}", due) for k in range(CAP)]
        self.more = [capped.schedule(f"More {k:03}", due) for k in range(MORE)]
        arrive(s, "Held")
        s.wait_for(lambda: waiting(s) == HELD, 10, "the pins of paused accounts wait")
        self.during = 0
        self.back_up()

    def import_later(self):
        """An import that the backup contains before its first row is imported."""
        s, at = self.s, (now() + timedelta(hours=1)).isoformat()
        rows = [
            {"account_id": self.busy.id, "board_id": self.busy.board, "title": f"Imported {k:03}", "image_url": s.image_url}
            | {"idempotency_key": f"imported {k}"}
            | ({"run_at": at} if k < DATED else {})
            for k in range(IMPORTED)
        ]
        s.stop("worker")
        s.call("POST", "/v1/pins/imports/json", rows)
        s.sql("UPDATE imports SET due_at = NOW(6) + INTERVAL 1 HOUR")
        s.start("worker")

    def back_up(self):
        """Takes the dump while pins are accepted and sent."""
        s, over = self.s, threading.Event()

        def come_in():
            while not over.is_set():
                self.busy.pin(f"During {self.during:03}")
                self.during += 1

        for k in range(BUSY):
            self.busy.pin(f"Busy {k:03}")
        s.wait_for(lambda: published(s) >= FIRST, 10, "some pins are published")
        coming = threading.Thread(target=come_in)
        coming.start()
        s.wait_for(lambda: self.during >= 5, 10, "some pins are accepted during the dump")
        self.since = now().isoformat(timespec="seconds").replace("+00:00", "Z")
        dump(s, s.database)
        over.set()
        coming.join()
        self.release()

    def release(self):
        """Releases the work that was held until the backup had been taken."""
        self.busy.set(pace_burst=2, pace_interval_ms=50)
        self.s.sql("UPDATE lanes SET next_at = NULL, next_code = 0, next_turn_at = UTC_TIMESTAMP(6)")


def imported(s, column):
    """All rows become pins once they are due."""
    dated = "SELECT COUNT(*) FROM schedules WHERE title LIKE 'Imported%'"
    s.wait_for(lambda: s.sql(dated) == [[str(DATED)]], 20, "rows with a time are schedules")
    arrive(s, "Imported")
    pins = f"SELECT COUNT({column}) FROM pins WHERE title LIKE 'Imported%'"
    s.wait_for(lambda: s.sql(pins) == [[str(IMPORTED)]], 30, f"imported pins: {column}")


def waiting(s):
    return int(s.sql("SELECT COUNT(*) FROM pins WHERE state = 1")[0][0])


def published(s):
    return int(s.sql("SELECT COUNT(*) FROM pins WHERE state = 4")[0][0])


def over(s, ids):
    listed = ", ".join(hexed(i) for i in ids)
    return int(s.sql(f"SELECT COUNT(*) FROM schedules WHERE id IN ({listed}) AND state IN (4, 5)")[0][0])


def dump(s, database):
    command = ["mariadb-dump", "--no-defaults", f"--socket={s.db_socket}", f"--user={s.db_user}"]
    command += ["--single-transaction", "--hex-blob", database]
    with open(s.path(database + ".sql"), "wb") as f:
        subprocess.run(command, check=True, stdout=f, timeout=60)


def load(s, database):
    s.sql(f"CREATE DATABASE `{database}` CHARACTER SET utf8mb4", None)
    command = ["mariadb", "--no-defaults", f"--socket={s.db_socket}", f"--user={s.db_user}", database]
    with open(s.path(database + ".sql"), "rb") as f:
        subprocess.run(command, check=True, stdin=f, timeout=60)


def lose_database(s):
    """Starts a new server with the backup. What Pinterest knows (the simulator's database) is not
    lost."""
    for name in ("worker", "app", "sandbox"):
        s.stop(name)
    dump(s, s.database + "_sandbox")
    s.kill9("database")
    shutil.rmtree(s.path("data"))
    with open(os.path.join(s.log_dir, "install.log"), "a") as log:
        subprocess.run(parts.mariadb_install(s.path("data")), check=True, stdout=log, stderr=log)
    s.start("database")
    s.wait_for(lambda: s.sql("SELECT 1", None, check=False), START_S, "the new database answers")
    for database in (s.database, s.database + "_sandbox"):
        load(s, database)
    s.operator("init")
    s.start("sandbox")


def publish_after_backup(s, w):
    """Work that the backup does not know."""
    w.held.pause(False)
    arrive(s, *DUE)
    s.sql("UPDATE imports SET due_at = NOW(6)")
    imported(s, "created_at")
    for k in range(ACCEPTED):
        w.first.pin(f"Accepted {k:03}")
    s.wait_for(lambda: over(s, w.sent + w.capped_sent) == len(w.sent) + CAP, 60, "all pins sent before the loss have ended")
    want = len(w.sent) + CAP + ACCEPTED + BUSY + IMPORTED + w.during
    s.wait_for(lambda: published(s) == want, 40, "all pins are published")
    arrive(s, "More")
    s.wait_for(
        lambda: s.sql("SELECT COUNT(*) FROM pins WHERE title LIKE 'More%' AND state = 1") == [[str(MORE)]],
        20,
        "the other pins of the capped account wait",
    )
    t.equal(len(w.sent), 200, "200 pins are published after the backup")
    t.equal(over(s, w.more), 0, "the pins beyond the daily cap are not published")


def refused(s, since):
    done = s.operator("recover", "--since", since, check=False)
    t.ok(
        done.returncode == 1 and "systemctl stop pintempo-worker" in done.stderr,
        "recover beside a running worker is refused and says what to do",
        done.stderr,
    )
    for bad in ("yesterday", "2026-01-01 00:00:00", "2999-01-01T00:00:00Z"):
        t.equal(s.operator("recover", "--since", bad, check=False).returncode, 1, f"recover with --since {bad} is refused")
    t.equal(s.operator("recover", check=False).returncode, 2, "recover without --since is refused")


def interrupted(s, since):
    """The command is killed halfway: no worker gets a shard until it has run to the end."""
    command = ["mariadb", "--no-defaults", f"--socket={s.db_socket}", f"--user={s.db_user}", s.database, "-e"]
    command.append("BEGIN; SELECT id FROM pins WHERE state IN (1, 2, 3) FOR UPDATE; SELECT SLEEP(60)")
    owned = "SELECT COUNT(*) FROM shards WHERE owner = REPEAT(x'ff', 16)"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as lock:
        asleep = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep'"
        s.wait_for(lambda: s.sql(asleep)[0][0] == "1", 10, "locked")
        with subprocess.Popen([s.exe("pintempo"), "-c", s.conf, "recover", "--since", since]) as command:
            s.wait_for(lambda: s.sql(owned)[0][0] == "64", 10, "recover has begun")
            command.send_signal(signal.SIGKILL)
        lock.kill()
    t.ok("run it again" in s.operator("status", check=False).stdout, "interrupted recover: status says to run it again")
    left = s.sql("SELECT COUNT(*) FROM attempts")
    s.start("worker")
    s.wait_for(
        lambda: s.sql("SELECT COUNT(*) FROM workers WHERE stopped_at IS NULL AND pid = " + str(s.pid("worker"))) == [["1"]], 10
    )
    renewals = "SELECT COUNT(*) FROM workers WHERE seen_at > started_at + INTERVAL 1 SECOND AND pid = "
    s.wait_for(lambda: s.sql(renewals + str(s.pid("worker"))) == [["1"]], 10, "a worker tries to lease shards")
    s.stop("worker")
    t.equal(s.sql("SELECT COUNT(*) FROM attempts"), left, "interrupted recover: nothing is sent")
    t.equal(s.sql(owned), [["64"]], "interrupted recover: no worker leases a shard")


def recover(s, w):
    since = w.since
    open_pins = int(s.sql("SELECT COUNT(*) FROM pins WHERE state IN (1, 2, 3)")[0][0])
    known = int(s.sql("SELECT COUNT(*) FROM pins WHERE title LIKE 'During%'")[0][0])
    print(f"# in the backup: {published(s)} published, {open_pins} open; {known} of {w.during} that came in during it")
    t.ok(open_pins > HELD and published(s) >= 5, "the backup was taken during work")
    arrive(s, *DUE, "More")
    s.sql("UPDATE imports SET due_at = NOW(6)")
    w.release()
    interrupted(s, since)
    done = s.operator("recover", "--since", since)
    print("# " + done.stdout.replace("\n", "\n# "))
    t.ok(f"lost       what was accepted, changed or canceled from {since}" in done.stdout, "recover reports the lost interval")
    t.ok(f"pins       {open_pins} " in done.stdout, "recover reports the number of pins", done.stdout)
    t.ok(
        f"schedules  {PLANNED + SAME + MISSED + CAP + MORE} " in done.stdout,
        "recover reports the number of schedules",
        done.stdout,
    )
    t.ok("imports    1 " in done.stdout, "recover reports the number of imports", done.stdout)
    t.ok("--at-most" in done.stdout, "recover explains the effect on daily caps", done.stdout)
    t.equal(
        s.operator("recover", "--since", since).stdout.splitlines()[0],
        done.stdout.splitlines()[0],
        "a second recover reports the same numbers",
    )
    t.equal(
        s.sql("SELECT COUNT(*) FROM pins WHERE state IN (1, 2)")[0][0],
        "0",
        "after recover every open pin is looked up before it is sent",
    )
    t.ok("run it again" not in s.operator("status", check=False).stdout, "after recover, status no longer says to run it again")
    return known


def capped(s, w, sent):
    """The backup shows none of today's creates, yet the lane may have used up its day."""
    want = {"deferred": MORE - sent, "done": sent}
    states = lambda: collections.Counter(s.call("GET", f"/v1/schedules/{i}")["status"] for i in w.more)  # noqa: E731
    s.wait_for(lambda: states() == {k: n for k, n in want.items() if n}, 20, f"daily cap: {sent} more pins are published")
    open_pins = "SELECT HEX(id) FROM pins WHERE title LIKE 'More%' AND state <> 4"
    i = s.sql(open_pins)[0][0].lower()
    shown = lambda: s.call("GET", f"/v1/pins/{i[:8]}-{i[8:12]}-{i[12:16]}-{i[16:20]}-{i[20:]}")  # noqa: E731
    pin = s.wait_for(lambda: "daily number" in ((p := shown())["error_message"] or "") and p, 10, "the waiting pin says why")
    t.equal(
        (pin["status"], pin["error_code"]), ("deferred", "rate_limited"), "daily cap: the other pins are deferred and say why"
    )
    made = [c for c in creates(s) if c["board_id"] == w.capped.board and c["pin_id"]]
    t.equal(len(made), CAP + sent, f"daily cap: {CAP} pins were published before the loss, {sent} after it")


def creates(s):
    return checker.read(s, "sandbox_creates", checker.LEDGER, s.database + "_sandbox")


def check_result(s, w):
    sent, unsent, later = w.sent + w.capped_sent, w.unsent, w.later
    s.wait_for(lambda: over(s, sent) == len(sent), 90, "the restored pins have ended")
    t.equal(over(s, unsent), 0, "pins of a paused account are looked up, but not sent")
    w.missed.pause(False)
    s.wait_for(lambda: over(s, unsent) == len(unsent), 30, "the pins past their window have ended")
    s.wait_for(
        lambda: s.sql("SELECT COUNT(*) FROM pins WHERE title < 'E' AND state <> 4") == [["0"]],
        30,
        "the busy account's pins are published",
    )
    imported(s, "published_at")
    how = collections.Counter(
        (r[0], r[1], r[2])
        for r in s.sql("SELECT SUBSTR(title, 1, 6), state, COALESCE(confirmed_by, error_code) FROM pins")
        if r[0] not in ("Later ", "More 0", "Busy 0", "During")
    )
    want = {
        ("Held 0", "4", "lookup"): HELD,
        ("The ve", "4", "lookup"): SAME,
        ("Planne", "4", "lookup"): PLANNED,
        ("Missed", "4", "answer"): MISSED,
        ("Capped", "4", "lookup"): CAP,
        ("Import", "4", "lookup"): IMPORTED,
    }
    t.equal(dict(how), want, "pins that Pinterest has are adopted, the others sent")
    found = int(s.sql("SELECT COUNT(*) FROM pins WHERE title < 'E' AND title > 'B' AND confirmed_by = 'lookup'")[0][0])
    t.ok(found > CAP, f"some pins in flight at the backup were found ({found - CAP})")
    arrive(s, "Later")
    s.wait_for(lambda: over(s, later) == len(later), 60, "the later pins have ended")


def totals(s, w, known, more):
    sent = creates(s)
    bodies = collections.Counter(json.dumps([c["user_id"], checker.canonical(c["body"])]) for c in sent if c["pin_id"])
    t.equal({b: n for b, n in bodies.items() if n > (SAME if "The very same" in b else 1)}, {}, "no pin was made twice")
    restored = 200 + MISSED + LATER + CAP + BUSY + IMPORTED + more
    t.equal(sum(bodies.values()), restored + ACCEPTED + w.during, "every accepted pin was made on Pinterest")
    ids = s.sql("SELECT COUNT(*), COUNT(DISTINCT pinterest_pin_id) FROM pins WHERE state = 4")[0]
    t.equal(ids, [str(restored + known)] * 2, "each pin has a different Pinterest pin")
    t.equal(s.sql("SELECT COUNT(*) FROM events")[0][0], ids[0], "each pin has one event")


def main():
    with Stack(overrides=OVERRIDES, own_database=True) as s:
        s.sign_up()
        w = World(s)
        publish_after_backup(s, w)
        refused(s, w.since)
        lose_database(s)
        known = recover(s, w)
        s.start("app")
        s.start("worker")
        check_result(s, w)
        capped(s, w, 0)
        s.stop("worker")
        s.operator("recover", "--since", w.since, "--at-most", str(AT_MOST))
        s.start("worker")
        capped(s, w, CAP - AT_MOST)
        totals(s, w, known, CAP - AT_MOST)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
