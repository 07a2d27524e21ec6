#!/usr/bin/env python3
"""Published pins that somebody deletes on Pinterest: found when they are asked for, and when their
board is listed anyway; never by an answer that does not say so. TAP on stdout."""

import os
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness import Stack, Tap  # noqa: E402

t = Tap()


def code(got):
    return got[0], (got[2] or {}).get("error", {}).get("code")


def get(s, pin):
    return s.call("GET", "/v1/pins/" + pin)


def published(s, board="Always works", **fields):
    pin = s.call("POST", "/v1/pins", s.pin_body(board, **fields))["id"]
    s.wait_for(lambda: get(s, pin)["status"] == "published", 30, "the pin is published")
    return pin


def older(s, *pins):
    """As if they were published an hour ago."""
    ids = ",".join(f"UNHEX('{p.replace('-', '')}')" for p in pins)
    s.sql(f"UPDATE pins SET published_at = published_at - INTERVAL 1 HOUR WHERE id IN ({ids})")


def gone(s, pin):
    path = "/sandbox/v5/pins/" + get(s, pin)["pinterest_pin_id"]
    return s.api("DELETE", path, auth=s.user_token)[0]


def check(s, pin):
    return s.api("POST", f"/v1/pins/{pin}/check")


def answer(s, status, **more):
    s.admin("arm", {"match": {"method": "GET", "path_prefix": "/v5/pins/"}, "times": 1, "fault": {"kind": "status", "status": status, **more}})


def on_demand(s):
    pin, other = published(s), published(s)
    older(s, pin, other)
    status, _, got = check(s, pin)
    t.equal((status, got.get("removed_from_pinterest_at", "?")), (200, None), "check: a pin that is there is not removed")
    t.equal(gone(s, pin), 204, "somebody deletes the pin on Pinterest")
    before = s.api("GET", "/v1/pins/" + pin)[1]["ETag"]
    status, _, got = check(s, pin)
    at = got.get("removed_from_pinterest_at")
    t.ok(status == 200 and at, "check: a pin that is gone is marked", got)
    t.equal(got["status"], "published", "check: it stays published")
    t.ok(s.api("GET", "/v1/pins/" + pin)[1]["ETag"] != before, "check: its ETag changes")
    t.equal(check(s, pin)[2]["removed_from_pinterest_at"], at, "check: a second one keeps the time")
    listed = lambda which: [p["id"] for p in s.call("GET", f"/v1/pins?removed={which}&limit=200")]  # noqa: E731
    t.ok(listed("true") == [pin] and pin not in listed("false") and other in listed("false"), "the list filters by it", listed("true"))
    t.equal(code(s.api("PATCH", "/v1/pins/" + pin, {"title": "y"})), (409, "pin_removed_on_pinterest"), "it cannot be edited")
    logged = s.sql("SELECT COUNT(*) FROM activity_logs WHERE action = 'pin.removed_from_pinterest'")
    t.equal(logged, [["1"]], "the activity log has it once")
    s.sql(f"UPDATE pins SET removed_at = UTC_TIMESTAMP(6), version = version + 1 WHERE id = UNHEX('{other.replace('-', '')}')")
    t.equal(check(s, other)[2]["removed_from_pinterest_at"], None, "check: a pin that is there after all is not marked any more")


def no_proof(s):
    """Answers that do not say that the pin is gone."""
    pin = published(s)
    older(s, pin)
    marked = lambda: get(s, pin)["removed_from_pinterest_at"]  # noqa: E731
    for name, status, more, want in (
        ("another 404", 404, {"code": 0, "message": "Resource not found."}, 502),
        ("404 for a board", 404, {"code": 40, "message": "Board not found."}, 502),
        ("403", 403, {"code": 29, "message": "You are not permitted to access that resource."}, 403),
        ("500", 500, {"code": 1, "message": "Something went wrong."}, 503),
        ("429", 429, {"code": 8, "message": "This request exceeded a rate limit."}, 429),
    ):
        answer(s, status, **more)
        t.equal((check(s, pin)[0], marked()), (want, None), f"no proof: {name}")
    gone(s, pin)
    s.sql(f"UPDATE pins SET published_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR WHERE id = UNHEX('{pin.replace('-', '')}')")
    got = check(s, pin)
    t.ok(code(got) == (409, "conflict") and int(got[1]["Retry-After"]) > 3000, "no proof: a pin that was published just now", got)
    t.equal(marked(), None, "no proof: it is not marked")
    older(s, pin, pin)
    older(s, pin)
    t.ok(check(s, pin)[2]["removed_from_pinterest_at"], "proof: later it is")
    failed = s.call("POST", "/v1/pins", s.pin_body("Image broken"))["id"]
    s.wait_for(lambda: get(s, failed)["status"] == "failed", 30, "the pin fails")
    t.equal(code(check(s, failed)), (409, "pin_not_published"), "a pin that is not published cannot be checked")
    t.equal(code(check(s, "01a20759-b31a-7045-9b85-de78492e729b")), (404, "not_found"), "nor one that is not there")


def listed_anyway(s):
    """A look-up of an unknown outcome lists the board: pins that it lacks are asked for by their id."""
    lost = "Answer lost after"
    there, moved, away, young = (published(s, lost, title=f"Listed {n}") for n in range(4))
    other = published(s, title="On another board")
    older(s, there, moved, away, other)
    board = s.board("Always works")
    path = "/sandbox/v5/pins/" + get(s, moved)["pinterest_pin_id"]
    t.equal(s.api("PATCH", path, {"board_id": board}, auth=s.user_token)[0], 200, "listing: a pin is moved to another board")
    for pin in (away, young, other):
        gone(s, pin)
    s.sql(f"UPDATE pins SET published_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR WHERE id = UNHEX('{young.replace('-', '')}')")
    published(s, lost, title="Looked up")
    s.wait_for(lambda: get(s, away)["removed_from_pinterest_at"], 30, "the pin that is gone is marked")
    t.equal(get(s, away)["status"], "published", "listing: a pin that is gone is marked")
    marks = {name: get(s, pin)["removed_from_pinterest_at"] for name, pin in (("there", there), ("moved", moved), ("young", young), ("other", other))}
    t.equal(marks, dict.fromkeys(marks), "listing: others are not: there, moved, too young, on a board not listed")
    logged = s.sql(f"SELECT actor_type FROM activity_logs WHERE action = 'pin.removed_from_pinterest' AND resource_id = UNHEX('{away.replace('-', '')}')")
    t.equal(logged, [["worker"]], "listing: the activity log says that the worker found it")
    t.ok("event=pins_removed_on_pinterest pins=1" in s.log("worker"), "listing: so does the worker's log")


def main():
    quick = {"verify_after_ms": 500, "verify_gap_ms": 300}
    with Stack(overrides={"worker": {"poll_ms": 50}, "sandbox": quick}) as s:
        s.sign_up()
        s.user_token = s.pinterest_token()
        for part in (on_demand, no_proof, listed_anyway):
            part(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
