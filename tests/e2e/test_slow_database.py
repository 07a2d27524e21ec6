#!/usr/bin/env python3
"""A database so slow that no create may leave in time after its intent: the pin waits, says why, and goes out
once when the database is itself again."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "chaos")]
import checker  # noqa: E402
from dbfaults import DatabaseStack  # noqa: E402
from harness import Tap  # noqa: E402

t = Tap()
OVERRIDES = {"worker": {"poll_ms": 100}, "sandbox": {"max_send_delay_ms": 100}}
SLOW_MS = 40  # for each of the ten or so statements from the intent to its commit


def main():
    with DatabaseStack(overrides=OVERRIDES) as s:
        s.sign_up()
        s.relay.set(slow_ms=[SLOW_MS, SLOW_MS])
        path = "/v1/pins/" + s.call("POST", "/v1/pins", s.pin_body())["id"]
        pin = s.wait_for(lambda: (p := s.call("GET", path))["error_code"] and p, 30, "it says why it waits")
        t.equal((pin["status"], pin["error_code"]), ("queued", "internal_error"), "it waits")
        t.ok("database" in pin["error_message"], "and says for what", pin["error_message"])
        s.wait_for(lambda: "verdict=not_sent status=0" in s.log("worker") and "is slow" in s.log("worker"), 10, "so does the log")
        t.equal(s.sql("SELECT COUNT(*) FROM sandbox_creates", s.database + "_sandbox"), [["0"]], "nothing left")
        s.relay.calm()
        s.wait_for(lambda: s.call("GET", path)["status"] == "published", 30, "published")
        pin = s.call("GET", path)
        t.equal(pin["error_code"], None, "nothing is left of the reason")
        t.equal(s.sql("SELECT retries_spent FROM pins"), [["1"]], "only the one that left was spent")
        t.equal(s.sql("SELECT COUNT(*) FROM sandbox_creates", s.database + "_sandbox"), [["1"]], "once")
        checker.hold(s, t, "a slow database")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
