#!/usr/bin/env python3
"""The order of an account's pins in difficult cases: a pin whose INSERT stays uncommitted for long is
not overtaken; a pin deferred because of a twin is overtaken, even if it was edited meanwhile."""

import os
import signal
import sys
import threading
from datetime import datetime, timedelta, timezone

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "chaos")]
import checker  # noqa: E402
from dbproxy import Relay  # noqa: E402
from harness import SLOW, Session, Stack, Tap, parts  # noqa: E402

t = Tap()
OVERRIDES = {
    "worker": {"poll_ms": 100},
    "database": {"timeout_s": 60},  # MariaDB rolls back an idle transaction after a third of it
    "sandbox": {
        "verify_after_ms": int(3000 * SLOW),
        "verify_gap_ms": 500,
        "create_timeout_ms": 1000,
        "max_send_delay_ms": 500,
        "interval_ms": 100,
    },
}
UNSEEN_S = 1.2  # how long an INSERT stays uncommitted
SLOW_MS = 300  # so that it can be stopped between INSERT and COMMIT


def now_us(s):
    return int(s.sql("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))")[0][0])


def first(world, title):
    p = next(p for p in world.pins if bytes.fromhex(p["title"]).decode() == title)
    return p, world.attempts_of[p["id"]][0]["opened_at"]


def published(s, title):
    return s.sql(f"SELECT 1 FROM pins WHERE title = '{title}' AND state = 4")


def slow_app(s):
    """The application reaches MariaDB through a relay; the worker connects directly."""
    relay = Relay(s.path("relay.sock"), s.db_socket, 1, os.path.join(s.log_dir, "relay.log"))
    s.wait_for(lambda: os.path.exists(s.path("relay.sock")), 10, "the relay listens")
    settings = {name: dict(keys) for name, keys in s.settings.items()}
    settings["database"]["socket"] = s.path("relay.sock")
    parts.write_conf(s.path("app.conf"), settings)
    s.stop("app")
    s.programs["app"].command[-1] = s.path("app.conf")
    s.start("app")
    s.wait_for(lambda: s.status_of("/healthz") == 200, 10, "the application answers")
    return relay


def uncommitted(s):
    """A pin is inserted and its application stops before COMMIT; another pin of the account is due
    meanwhile."""
    other = s.connect("beside")
    beside = s.boards_of(other)["Always works"]
    relay = slow_app(s)
    s.stop("worker")
    later = s.call("POST", "/v1/pins", s.pin_body(title="Later"))["id"].replace("-", "")
    s.call("POST", "/v1/pins", s.pin_body(title="Beside", account_id=other, board_id=beside))
    relay.set(slow_ms=[SLOW_MS, SLOW_MS])
    person = threading.Thread(target=s.call, args=("POST", "/v1/pins", s.pin_body(title="Unseen")))
    person.start()
    read = "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at) FROM pins WHERE title = 'Unseen'"
    dirty = "SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED; " + read
    session = Session(s)  # sees the row at once, long before its COMMIT
    made = int(s.wait_for(lambda: session.run(dirty), 30, "the pin is inserted")[0])
    s.programs["app"].signal(signal.SIGSTOP)
    session.close()
    t.equal(s.sql(read), [], "the pin is inserted but not committed")
    due = f"'1970-01-01' + INTERVAL {made + 100_000} MICROSECOND"
    s.sql(f"UPDATE pins SET run_at = {due}, due_at = {due} WHERE id = x'{later}'")
    s.start("worker")
    s.wait_for(lambda: published(s, "Beside"), 20, "another lane sends")
    s.wait_for(lambda: now_us(s) > made + UNSEEN_S * 1e6, 20, "time passes")
    t.equal(s.sql(f"SELECT 1 FROM attempts WHERE pin_id = x'{later}'"), [], "the later pin waits for the uncommitted one")
    s.programs["app"].signal(signal.SIGCONT)
    relay.calm()
    person.join()
    s.wait_for(lambda: published(s, "Later") and published(s, "Unseen"), 30, "both pins are published")
    w = checker.load(s)
    (early, sent), (late, after) = first(w, "Unseen"), first(w, "Later")
    t.ok(
        early["run_at"] < late["run_at"] and sent < after,
        "the pins of a lane are sent in the order of their times",
        (sent, after),
    )
    t.ok(
        sent > early["created_at"] + UNSEEN_S * 1e6,
        "the later pin waited as long as the earlier one was uncommitted",
        sent - early["created_at"],
    )
    return relay


def deferred_twin(s):
    """A pin with the same text as one being looked up is overtaken by pins due later, and sent
    after an edit."""
    board = s.connect("deferred")
    mine = {"account_id": board, "board_id": s.boards_of(board)["Always works"]}
    match = {"method": "POST", "path_prefix": "/v5/pins", "board_id": mine["board_id"]}
    s.admin("arm", {"match": match, "fault": {"kind": "lost_after"}})
    # The first pin's outcome stays unknown until the twin has been seen deferred.
    listings = {"method": "GET", "path_prefix": "/v5/boards", "board_id": mine["board_id"]}
    s.admin("arm", {"match": listings, "times": 10000, "fault": {"kind": "html_500"}})
    s.call("POST", "/v1/pins", s.pin_body(title="Deferred", **mine))
    twin = s.call("POST", "/v1/pins", s.pin_body(title="Deferred", **mine))["id"]
    s.wait_for(lambda: s.sql("SELECT 1 FROM pins WHERE title = 'Deferred' AND state = 3"), 20, "the first pin is looked up")
    at = lambda: (datetime.now(timezone.utc) + timedelta(seconds=0.7)).isoformat()  # noqa: E731
    s.soon("/v1/schedules", lambda: s.pin_body(title="Not deferred", run_at=at(), **mine))
    s.wait_for(lambda: published(s, "Not deferred"), 20, "the later pin is published")
    got = s.call("GET", "/v1/pins/" + twin)
    t.equal((got["status"], got["error_code"]), ("deferred", "verification_pending"), "the twin is deferred, and says why")
    s.admin("disarm", {})
    s.call("PATCH", "/v1/pins/" + twin, {"title": "Edited deferred"})
    s.wait_for(lambda: published(s, "Edited deferred") and published(s, "Deferred"), 30, "all pins are published")
    w = checker.load(s)
    (early, sent), (late, before) = first(w, "Edited deferred"), first(w, "Not deferred")
    t.ok(early["run_at"] < late["run_at"] and before < sent, "the deferred twin was overtaken", (before, sent))
    t.ok(
        before > early["created_at"] + 500_000,
        "judged by the pins' times alone, the order is wrong",
        before - early["created_at"],
    )
    t.equal(checker.check(w)["order"], [], "the checker accepts the order, as the twin could not be sent")

    for a in w.attempts:
        if a["outcome"] == checker.OUT_UNKNOWN and a["lane_id"] == early["lane_id"]:
            a["outcome"] = checker.OUT_PUBLISHED
    t.ok(checker.check(w)["order"], "the checker rejects the order if no look-up was under way")


def main():
    with Stack(overrides=OVERRIDES) as s:
        s.sign_up()
        relay = uncommitted(s)
        deferred_twin(s)
        s.wait_for(lambda: not s.sql("SELECT 1 FROM pins WHERE state < 4"), 30, "all pins have ended")
        checker.report(s, t, "order")
        relay.end()
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
