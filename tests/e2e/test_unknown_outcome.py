#!/usr/bin/env python3
"""Unknown outcomes to the end: settled by a person, looked up by a retry, sent again because
duplicates are accepted, skipped by bulk retry; and one that was never sent."""

import os
import sys
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from harness import Stack, Tap  # noqa: E402

t = Tap()
OVERRIDES = {
    "worker": {"poll_ms": 100},
    "sandbox": {"verify_after_ms": 500, "verify_gap_ms": 300, "create_timeout_ms": 1000},
}
PINS = {"method": "POST", "path_prefix": "/v5/pins"}
WINDOWS_S = (2.5, 10, 40)  # tried in turn until the pin is sent within its window
LISTINGS = {"method": "GET", "path_prefix": "/v5/boards"}


def at(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


class Lost:
    """A pin of a separate account whose answer was lost and whose board cannot be listed."""

    def __init__(self, s, name, fault):
        self.s, self.account = s, s.connect(name)
        self.board = s.boards_of(self.account)["Always works"]
        s.admin("arm", {"match": PINS | {"board_id": self.board}, "fault": {"kind": fault}})
        s.admin("arm", {"match": LISTINGS | {"board_id": self.board}, "times": 500, "fault": {"kind": "html_500"}})
        body = {
            "account_id": self.account,
            "board_id": self.board,
            "title": name,
            "image_url": s.image_url,
        }
        for window in WINDOWS_S:
            more = {"idempotency_key": f"{name} {window}"}
            self.id = s.soon("/v1/pins", lambda: body | more | {"not_after": at(window)})["id"]  # noqa: B023
            if s.sent_in_time(self.id):
                break
        self.path = "/v1/pins/" + self.id

    def get(self):
        return self.s.call("GET", self.path)

    def wait(self, status, what):
        got = self.s.wait_for(lambda: (p := self.get())["status"] == status and p, 15, what)
        t.equal(got["status"], status, what)
        return got

    def creates(self):
        """Pinterest pins made for the board."""
        rows = checker.read(self.s, "sandbox_creates", checker.LEDGER, self.s.database + "_sandbox")
        return [r["pin_id"] for r in rows if r["board_id"] == self.board]


def main():
    with Stack(overrides=OVERRIDES) as s:
        s.sign_up()
        s.webhook()
        settled, found, again = Lost(s, "settled", "lost_after"), Lost(s, "found", "lost_after"), Lost(s, "again", "lost")
        for p in (settled, found, again):
            t.equal(p.wait("failed", "the pin fails")["error_code"], "outcome_unknown", "the outcome is unknown")
        got = s.call("POST", "/v1/pins/bulk-retry", {"ids": [settled.id, found.id, again.id]})
        webhook_ids = {(r["status"], r["error_code"]) for r in got["results"]}
        t.equal(webhook_ids, {("skipped", "outcome_unknown")}, "bulk retry skips unknown outcomes")

        made = settled.creates()[0]
        settle = {"pinterest_pin_id": str(made)}
        got = s.call("POST", settled.path + "/settle", settle)
        t.equal(
            (got["status"], got["confirmed_by"]), ("published", "user"), "a settled pin is published and confirmed by the user"
        )
        before = len(s.sql("SELECT 1 FROM attempts"))
        s.call("POST", again.path + "/retry", {"accept_duplicate": True})
        got = again.wait("published", "a pin that accepts duplicates is sent again although its board cannot be listed")
        t.equal(
            (got["confirmed_by"], len(again.creates())),
            ("answer", 2),
            "a pin that accepts duplicates is published by a second create",
        )
        t.equal(len(s.sql("SELECT 1 FROM attempts")), before + 1, "the retried pin is sent once more")

        s.admin("disarm", {})
        t.equal(s.call("POST", found.path + "/retry")["status"], "publishing", "retry begins with a look-up")
        got = found.wait("published", "retry finds the pin by a look-up")
        t.equal((got["confirmed_by"], len(found.creates())), ("lookup", 1), "retry adopts the pin without another create")

        def webhook_ids():
            events = [(e["pin_id"], e["type"]) for e in s.sink.events("/hook")]
            return {p for p, kind in events if kind == "pin.published"}

        ids = {settled.id, found.id, again.id}
        s.wait_for(lambda: webhook_ids() == ids, 10, "all three pins are reported as published")
        t.equal(webhook_ids(), ids, "all three pins are reported as published")
        checker.report(s, t, "unknown outcomes", duplicates=[again.id])
        refused(s, settled)
        never_sent(s)
        by_schedule(s)
    return t.done()


def refused(s, settled):
    """Only an unknown outcome can be settled, and only with a Pinterest id."""
    made = str(settled.creates()[0])
    status, _, why = s.api("POST", settled.path + "/settle", {"pinterest_pin_id": "1"})
    t.equal(
        (status, why["code"], settled.get()["pinterest_pin_id"]),
        (409, "conflict", made),
        "settling a published pin is refused and leaves its id unchanged",
    )
    for bad in ("not digits", "", 7, None):
        t.equal(
            s.api("POST", settled.path + "/settle", {"pinterest_pin_id": bad})[0],
            422,
            f"settling with {bad!r} is refused: not a Pinterest id",
        )
    fails = s.call("POST", "/v1/pins", s.pin_body("Image broken"))["id"]
    s.wait_for(lambda: s.call("GET", f"/v1/pins/{fails}")["status"] == "failed", 10, "Pinterest has refused the pin")
    for i, what in ((fails, "failed for a known reason"), (later(s), "planned")):
        status = s.api("POST", f"/v1/pins/{i}/settle", {"pinterest_pin_id": "1"})[0]
        t.equal(status, 404 if what == "planned" else 409, f"settling a pin that is {what} is refused")


def later(s):
    body = s.pin_body(run_at=at(3600))
    del body["idempotency_key"]
    return s.call("POST", "/v1/schedules", body)["id"]


def by_schedule(s):
    """A schedule whose pin's outcome is unknown: skipped by bulk retry, looked up when retried by
    id."""
    lost = {"match": PINS | {"board_id": s.board("Always works")}, "fault": {"kind": "lost_after"}}
    s.admin("arm", lost)
    s.admin("arm", {"match": LISTINGS, "times": 500, "fault": {"kind": "html_500"}})
    for window in WINDOWS_S:
        body = lambda: s.pin_body(title="By schedule", run_at=at(0.5), not_after=at(0.5 + window))  # noqa: B023, E731
        i = s.soon("/v1/schedules", body)["id"]
        s.wait_for(lambda: s.call("GET", f"/v1/schedules/{i}")["status"] == "failed", 20 + window, "the schedule has failed")
        if s.sent_in_time(s.call("GET", f"/v1/schedules/{i}")["pin_id"]):
            break
    got = s.call("POST", "/v1/schedules/bulk-retry", {"ids": [i]})["results"][0]
    t.equal(
        (got["status"], got["error_code"]),
        ("skipped", "outcome_unknown"),
        "bulk retry skips a schedule whose pin's outcome is unknown",
    )
    s.admin("disarm", {})
    t.equal(s.call("POST", f"/v1/schedules/{i}/retry")["status"], "running", "retry of the schedule begins with a look-up")
    s.wait_for(lambda: s.call("GET", f"/v1/schedules/{i}")["status"] == "done", 10, "retry of the schedule finds the pin")
    pin = s.call("GET", "/v1/pins/" + s.call("GET", f"/v1/schedules/{i}")["pin_id"])
    t.equal(
        (pin["confirmed_by"], pin["attempt_count"]),
        ("lookup", 1),
        "retry of the schedule adopts the pin without another create",
    )


def never_sent(s):
    """outcome_unknown without any attempt: nothing was sent, so nothing is looked up."""
    account = f"x'{s.account_id.replace('-', '')}'"
    s.sql(f"UPDATE pinterest_accounts SET paused_at = UTC_TIMESTAMP(6) WHERE id = {account}")
    i = s.call("POST", "/v1/pins", s.pin_body(title="Never sent"))["id"]
    s.sql(
        f"""UPDATE pins SET state = 5, error_code = 'outcome_unknown', due_at = NULL, deadline_at = NULL,
              failed_at = UTC_TIMESTAMP(6), version = version + 1 WHERE id = x'{i.replace("-", "")}'"""
    )
    s.sql(f"UPDATE pinterest_accounts SET paused_at = NULL WHERE id = {account}")
    t.equal(s.call("POST", f"/v1/pins/{i}/retry")["status"], "queued", "never sent: retry begins without a look-up")
    s.wait_for(lambda: s.call("GET", f"/v1/pins/{i}")["status"] == "published", 10, "published")
    t.equal(s.call("GET", f"/v1/pins/{i}")["attempt_count"], 1, "never sent: retry sends the pin once")


if __name__ == "__main__":
    sys.exit(main())
