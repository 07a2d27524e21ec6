#!/usr/bin/env python3
"""A database too slow for any create to leave in time after its intent: the pin waits and says why,
and is published once when the database has recovered."""

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
        pin = s.wait_for(lambda: (p := s.call("GET", path))["error_code"] and p, 30, "the pin says why it waits")
        t.equal((pin["status"], pin["error_code"]), ("queued", "internal_error"), "the pin is queued")
        t.ok("database" in pin["error_message"], "the pin's error message names the database", pin["error_message"])
        s.wait_for(
            lambda: "verdict=not_sent status=0" in s.log("worker") and "is slow" in s.log("worker"),
            10,
            "the log names the database",
        )
        t.equal(
            s.sql("SELECT COUNT(*) FROM sandbox_creates", s.database + "_sandbox"),
            [["0"]],
            "nothing is sent while the database is slow",
        )
        s.relay.calm()
        s.wait_for(lambda: s.call("GET", path)["status"] == "published", 30, "published")
        pin = s.call("GET", path)
        t.equal(pin["error_code"], None, "the published pin shows no error")
        t.equal(s.sql("SELECT retries_spent FROM pins"), [["1"]], "only the create that left counts as a retry")
        t.equal(s.sql("SELECT COUNT(*) FROM sandbox_creates", s.database + "_sandbox"), [["1"]], "the pin is sent once")
        checker.report(s, t, "slow database")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
