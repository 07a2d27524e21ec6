#!/usr/bin/env python3
"""A pin whose rows the database refuses to write, at any step, ends with a truthful reason; the
other pins of its lane and the other lanes are not affected."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from harness import Stack, Tap  # noqa: E402

t = Tap()
OVERRIDES = {
    "worker": {"poll_ms": 100},
    "sandbox": {"verify_after_ms": 1500, "verify_gap_ms": 500, "create_timeout_ms": 1000},
}
PINS = {"method": "POST", "path_prefix": "/v5/pins"}
REFUSED = """
ALTER TABLE attempts ADD CONSTRAINT no_intent CHECK (snapshot NOT LIKE '%no intent%');
ALTER TABLE attempts ADD CONSTRAINT no_answer CHECK (outcome IS NULL OR outcome <> 1 OR snapshot NOT LIKE '%no answer%');
ALTER TABLE pins ADD CONSTRAINT no_result CHECK (title NOT LIKE 'no result%' OR state <> 4);
"""


def put(s, title):
    return s.call("POST", "/v1/pins", s.pin_body(title=title))["id"]


def ended(s, ids):
    """{id: pin} once all have ended."""
    pins = {i: s.call("GET", "/v1/pins/" + i) for i in ids}
    return pins if all(p["status"] in ("published", "failed") for p in pins.values()) else None


def between_good_pins(s, title, want):  # want: (status, error code)
    """One poison pin between good ones of its lane."""
    ids = [put(s, "good before"), put(s, title), put(s, "good behind")]
    try:
        pins = s.wait_for(lambda: ended(s, ids), 40, title + "{title}: all pins have ended")
    except AssertionError as e:
        t.ok(False, title, e)
        for i in ids:
            print("#", {k: v for k, v in s.call("GET", "/v1/pins/" + i).items() if k in ("status", "title", "error_code")})
        return None
    good = [pins[i]["status"] for i in (ids[0], ids[2])]
    t.equal(good, ["published", "published"], f"{title}: the pins before and behind it are published")
    bad = pins[ids[1]]
    t.equal((bad["status"], bad["error_code"]), want, f"{title}: the pin ends with the expected status and code")
    return bad


def main(s):
    s.sign_up()
    s.webhook()
    for statement in REFUSED.split(";")[:-1]:
        s.sql(statement)
    between_good_pins(s, "no intent", ("failed", "internal_error"))
    created = [c for c in checker.load(s).creates if "no intent" in c["text"]]
    t.equal(created, [], "a pin whose intent cannot be written is not sent")
    bad = between_good_pins(s, "no result", ("failed", "outcome_unknown"))
    if bad:
        made = s.sql(f"SELECT candidates FROM pins WHERE id = x'{bad['id'].replace('-', '')}'")[0][0]
        t.ok(made and made != "[]", "a pin whose result cannot be written keeps Pinterest's id as candidate", made)
    between_good_pins(s, "no answer", ("published", None))  # found by a look-up
    for kind in ("delay_ms", "lost_after"):  # for the first and the second create
        s.admin("arm", {"match": PINS, "fault": {"kind": kind}})
    between_good_pins(s, "no result, no answer", ("failed", "outcome_unknown"))
    s.wait_for(lambda: not s.sql("SELECT 1 FROM deliveries WHERE state = 0"), 40, "every delivery ended")
    checker.report(s, t, "poison")
    t.ok("lane_put_off" not in s.log("worker"), "no lane was postponed")


with Stack(overrides=OVERRIDES) as stack:
    main(stack)
sys.exit(t.done())
