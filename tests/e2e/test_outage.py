#!/usr/bin/env python3
"""Pinterest is in trouble and answers 503: after three creates with unknown
outcomes the account backs off, longer each time; waiting pins say why; when Pinterest is back every
pin is published once. A look-up that Pinterest refuses until a given moment is repeated then."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from harness import Stack, Tap, wait_for  # noqa: E402

t = Tap()
PINS, IN_A_ROW, LOOKED_AT = 20, 3, 6
BASE_MS, CAP_MS = 500, 3000
OVERRIDES = {
    "worker": {"poll_ms": 50},
    "sandbox": {
        "create_timeout_ms": 2000,
        "max_send_delay_ms": 2000,
        "verify_after_ms": 1000,
        "verify_gap_ms": 500,
        "retry_base_ms": BASE_MS,
        "retry_cap_ms": CAP_MS,
    },
}


def pinterest_stop(s):
    """Pinterest itself is in trouble: 503 with its own headers. (A web server that answers in its place
    is another matter: test_foreign.py.)"""
    s.admin("arm", {"match": {"path_prefix": "/v5/"}, "times": 100000, "fault": {"kind": "html_500", "status": 503}})


def pinterest_start(s):
    s.admin("disarm", {})


def opened(s):
    """When each attempt was made, in milliseconds."""
    text = "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', opened_at) FROM attempts WHERE outcome = 3 ORDER BY opened_at"
    return [int(r[0]) / 1000 for r in s.sql(text)]


def deferred(s):
    """All waiting pins, once every one of them says that Pinterest does not answer."""
    if s.call("GET", "/v1/pins?status=queued"):
        return []
    found = s.call("GET", "/v1/pins?status=deferred")
    return found if found and all(p["waiting"]["code"] == "pinterest_unavailable" for p in found) else []


def backs_off(s):
    wait_for(lambda: len(opened(s)) >= LOOKED_AT, 60, "some pins are tried")
    at = opened(s)
    gaps = [b - a for a, b in zip(at, at[1:])]
    for k, gap in enumerate(gaps[IN_A_ROW - 1 : LOOKED_AT - 1]):
        least = 0.8 * min(CAP_MS, BASE_MS << k)
        t.ok(
            gap >= least,
            f"after {k + IN_A_ROW} unknown outcomes in a row the account backs off ({gap:.0f} ms, at least {least:.0f})",
        )
    found = wait_for(lambda: deferred(s), 20, "waiting pins say why")
    t.ok(len(found) >= PINS // 2, f"at least half of the pins wait for the outage to end ({len(found)})")
    t.ok(
        "does not answer" in found[0]["error_message"],
        "the error message of a waiting pin says that Pinterest does not answer",
        found[0]["error_message"],
    )
    t.ok(all(p["next_attempt_at"] for p in found), "every waiting pin shows its next attempt")


def refused_until(s):
    """A look-up is refused until a moment in time, not for a number of seconds."""
    fault = {"kind": "status", "status": 429, "code": 8, "message": "exceeded a rate limit", "reset_s": int(time.time()) + 3}
    s.admin("arm", {"match": {"method": "GET", "path_prefix": "/v5/boards/"}, "fault": fault})
    made = s.call("POST", "/v1/pins", s.pin_body("Answer lost after", title="looked for"))
    s.wait_for(
        lambda: s.call("GET", "/v1/pins/" + made["id"])["status"] == "published",
        30,
        "the look-up is repeated at the given moment",
    )
    t.ok(True, "a look-up refused until a given moment is repeated then")
    t.equal(s.admin("arms")["items"], [], "the look-up was refused once")


def main():
    with Stack(overrides=OVERRIDES) as s:
        s.sign_up()
        s.call("POST", "/v1/pins", s.pin_body(title="before"))
        s.wait_for(lambda: s.call("GET", "/v1/pins?status=published"), 20, "one pin is published")
        pinterest_stop(s)
        for k in range(PINS):
            s.call("POST", "/v1/pins", s.pin_body(title=f"meanwhile {k}"))
        backs_off(s)
        pinterest_start(s)
        s.wait_for(lambda: len(s.call("GET", "/v1/pins?status=published&limit=50")) == PINS + 1, 60, "all pins are published")
        refused_until(s)
        checker.report(s, t, "outage")


main()
sys.exit(t.done())
