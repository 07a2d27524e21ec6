#!/usr/bin/env python3
"""A sandbox project posts to the board "App not approved" again and again. That stops its own app:
other projects publish, and the operator's status does not speak of it. TAP on stdout."""

import os
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness import Stack, Tap  # noqa: E402
from security.attack import LONG  # noqa: E402

ROUNDS = 20 if LONG else 4


def waiting_code(s, pin, key):
    got = s.call("GET", "/v1/pins/" + pin, auth=False, headers={"X-API-Key": key})
    return got["status"], (got["waiting"] or {}).get("code")


def main():
    t = Tap()
    with Stack() as s:
        s.sign_up()
        other = (s.key, s.account_id, dict(s.boards))
        s.sign_up()
        mine = (s.key, s.account_id, dict(s.boards))
        held = s.call("POST", "/v1/pins", s.pin_body("App not approved"))["id"]
        stopped = ("deferred", "pinterest_not_permitted")
        s.wait_for(lambda: waiting_code(s, held, mine[0]) == stopped, 20, "the attacker's app is stopped")
        own = s.call("POST", "/v1/pins", s.pin_body())["id"]
        t.equal(waiting_code(s, own, mine[0])[1], stopped[1], "it is stopped for all its pins")
        codes = set()
        for _ in range(ROUNDS):
            s.key, s.account_id, s.boards = mine
            s.call("POST", "/v1/pins", s.pin_body("App not approved"))
            s.key, s.account_id, s.boards = other
            pin = s.call("POST", "/v1/pins", s.pin_body())["id"]

            def published(pin=pin):
                status, code = waiting_code(s, pin, other[0])
                codes.add(code)
                return status == "published"

            s.wait_for(published, 30, "another project's pin is published")
        t.ok("pinterest_not_permitted" not in codes, "another project's pins never wait for it", codes)
        rows = s.sql("SELECT COUNT(*) FROM apps WHERE stopped_at IS NOT NULL AND environment = 1")
        t.equal(rows, [["1"]], "one project's app is stopped")
        status = s.operator("status", check=False).stdout
        t.ok("STOPPED" not in status and "BROKEN" not in status, "the operator's status does not speak of it", status)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
