#!/usr/bin/env python3
"""What pace and daily cap cannot carry is said when it is asked for: creates, changes, imports, validate,
and what waits past its deadline. TAP on stdout."""

import os
import sys
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()
LONG = 30
CAP = 3
CODE = "publish_window_missed"
SAYS = "will not be published before its deadline"


def at(**more):
    return (datetime.now(timezone.utc) + timedelta(**more)).strftime("%Y-%m-%dT%H:%M:%SZ")


def create(s, kind, title, **fields):
    return s.call("POST", f"/v1/{kind}", s.pin_body(title=title, **fields))


def codes(got):
    return [w["code"] for w in got["warnings"]]


def rate_check(s, kind, **fields):
    body = s.pin_body(title="Asked", **fields)
    return next(c for c in s.call("POST", f"/v1/{kind}/validate", body)["checks"] if c["name"] == "rate")


def planned(s):
    """A day that is too short for what is planned for it: the fourth pin is told."""
    day = {"run_at": at(days=3), "not_after": at(days=3, hours=20)}
    t.equal(rate_check(s, "schedules", **day)["status"], "passed", "validate: the first of a day fits")
    for n in range(CAP):
        t.equal(codes(create(s, "schedules", f"Planned {n}", **day)), [], f"number {n + 1} of {CAP} a day fits")
    check = rate_check(s, "schedules", **day)
    t.equal((check["status"], check["code"]), ("warning", CODE), "validate: one more does not")
    made = create(s, "schedules", "One too many", **day)
    t.equal(codes(made), [CODE], "create: neither")
    t.ok(f"{CAP} pins of the account leave before it" in made["warnings"][0]["message"], "the warning says how many are ahead")
    t.ok(made["warnings"][0]["message"].startswith("It " + SAYS), "and what happens")
    again = s.call("PATCH", f"/v1/schedules/{made['id']}", {"not_after": at(days=5)})
    t.equal(codes(again), [], "with a later deadline it fits")
    again = s.call("PATCH", f"/v1/schedules/{made['id']}", {"not_after": at(days=3, hours=21)})
    t.equal(codes(again), [CODE], "a change is told, too")
    other = create(s, "schedules", "Another day", run_at=at(days=9), not_after=at(days=9, hours=1))
    t.equal(codes(other), [], "another day is not concerned")


def imported(s):
    """Rows that do not fit are named by their numbers."""
    rows = [
        s.pin_body(title=f"Row {n}", idempotency_key=f"row-{n}", run_at=at(days=30, seconds=n), not_after=at(days=31, hours=12))
        for n in range(1, 11)
    ]
    job = s.call("POST", "/v1/pins/imports/json", rows)
    path = f"/v1/pins/imports/{job['id']}"
    s.wait_for(lambda: s.call("GET", path)["status"] == "completed", LONG, "the import ends")
    warning = next(w for w in s.call("GET", path)["warnings"] if w["code"] == CODE)
    t.equal(warning["rows"], [7, 8, 9, 10], "an import names the rows that two days cannot carry")
    t.ok(warning["message"].startswith("4 of "), "and counts them")
    behind = create(s, "schedules", "Behind them", run_at=at(days=30, seconds=60), not_after=at(days=32, hours=12))
    t.equal(codes(behind), [], "what fails for its deadline takes no place of what is behind it")


def waiting(s):
    """The cap is reached: what waits until tomorrow says whether its deadline comes first."""
    for n in range(CAP):
        i = create(s, "pins", f"Today {n}")["id"]
        s.wait_for(lambda: s.call("GET", f"/v1/pins/{i}")["status"] == "published", LONG, "published")
    late = create(s, "pins", "Late", not_after=at(hours=2))
    t.equal(codes(late), [CODE], "a pin beyond today's cap is told at once")
    fits = create(s, "pins", "Tomorrow")
    t.equal(codes(fits), [], "with a week's time it fits")
    got = s.wait_for(lambda: s.call("GET", f"/v1/pins/{late['id']}")["waiting"] and s.call("GET", f"/v1/pins/{late['id']}"), LONG, "waits")
    t.ok(got["waiting"]["misses_deadline"] and SAYS in got["waiting"]["message"], "waiting says that it misses its deadline")
    t.ok(SAYS in got["error_message"] and "on its own" not in got["error_message"], "and promises nothing")
    t.ok(SAYS in s.operator("why", late["id"]).stdout, "`pintempo why` says so")
    got = s.call("GET", f"/v1/pins/{fits['id']}")["waiting"]
    t.ok(not got["misses_deadline"] and "on its own" in got["message"], "a wait within the deadline promises")
    check = rate_check(s, "pins", not_after=at(hours=2))
    t.equal((check["status"], check["code"]), ("warning", CODE), "validate knows")
    t.ok(SAYS in check["message"], "in words")
    check = rate_check(s, "pins")
    t.equal(check["code"], "rate_paced", "validate: otherwise it is only later")


def main():
    with Stack(overrides={"sandbox": {"daily_cap": CAP, "burst": 100, "interval_ms": 1000}}) as s:
        s.sign_up()
        planned(s)
        imported(s)
        waiting(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
