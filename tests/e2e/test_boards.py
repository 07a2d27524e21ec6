#!/usr/bin/env python3
"""Every scenario board of the sandbox, each on an account (so a lane) of its own: how the pin ends, with
which attempts, and what the simulator received and made. One event per ending, activity beside it."""

import collections
import json
import os
import sys
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from harness import Stack, Tap  # noqa: E402

t = Tap()
P, R, U = checker.OUT_PUBLISHED, checker.OUT_REFUSED, checker.OUT_UNKNOWN
TRIES = 4
TARDY, TARDY_MS = "Tardy", 5000
Want = collections.namedtuple("Want", "status code outcomes by")

# `by`: how it was confirmed. Creates received = attempts, of which one is made into a pin or none.
BOARDS = {
    "Always works": Want("published", None, [P], "answer"),
    "Slow (3 s)": Want("published", None, [P], "answer"),
    "Rate limited twice, then works": Want("published", None, [R, R, P], "answer"),
    "Server error twice, then works": Want("published", None, [U, U, P], "answer"),
    "Answer lost after publishing": Want("published", None, [U], "lookup"),
    "Answer lost before publishing": Want("published", None, [U, P], "answer"),
    "Image cannot be fetched": Want("failed", "media_url_unreachable", [R] * TRIES, None),
    "Image broken": Want("failed", "invalid_image", [R], None),
    "Board vanishes": Want("failed", "resource_not_found", [R], None),
    "Link blocked": Want("failed", "invalid_payload", [R], None),
    "Spam block for a while": Want("published", None, None, "answer"),
}
APART = {"Token revoked", "App not approved"}  # they have a story of their own below
OVERRIDES = {
    "worker": {"poll_ms": 100},
    "sandbox": {"verify_after_ms": 1000, "verify_gap_ms": 500, "create_timeout_ms": 4000, "retry_max": TRIES},
}


def at(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


def hexed(i):
    return "x'" + i.replace("-", "") + "'"


class Account:
    def __init__(self, s, name):
        self.s, self.name = s, name
        self.id = s.connect(name)
        self.boards = s.boards_of(self.id)

    def schedule(self, board, seconds=1, **fields):
        def body():
            return {
                "account_id": self.id,
                "board_id": self.boards[board],
                "title": f"{self.name}: {board}",
                "link_url": f"https://shop.example/{len(self.name)}",
                "image_url": self.s.image_url,
                "run_at": at(seconds),
                **fields,
            }

        return self.s.soon("/v1/schedules", body)["id"]


def schedule_of(s, i):
    return s.call("GET", "/v1/schedules/" + i)


def pin_of(s, i):
    return s.call("GET", "/v1/pins/" + schedule_of(s, i)["pin_id"])


def over(s, ids, seconds=40):
    def final():
        rows = [schedule_of(s, i)["status"] for i in ids]
        return all(r in ("done", "failed") for r in rows) and rows

    return s.wait_for(final, seconds, "all boards are over")


def ended(s, world, board, schedule, want):
    """One schedule against what its board promises."""
    pin = pin_of(s, schedule)
    t.equal((pin["status"], pin["error_code"]), (want.status, want.code), f"{board}: its end")
    rows = sorted(world.of("attempts", "pin_id", pin["id"].replace("-", "").upper()), key=lambda a: a["number"])
    outcomes = [a["outcome"] for a in rows]
    if want.outcomes is None:
        t.ok(len(outcomes) >= 2 and outcomes == [R] * (len(outcomes) - 1) + [P], f"{board}: attempts", outcomes)
    else:
        t.equal(outcomes, want.outcomes, f"{board}: attempts")
    t.ok(all(a["gate_at"] and a["closed_at"] for a in rows), f"{board}: each left, each was closed")
    row = world.pin[pin["id"].replace("-", "").upper()]
    t.equal(row["confirmed_by"], want.by, f"{board}: confirmed by")
    text = rows[0]["text"]
    made = world.committed[text]
    t.equal(world.received[text], len(rows), f"{board}: creates received")
    t.equal(len(made), int(want.status == "published"), f"{board}: creates made into pins")
    t.equal([c["pin_id"] for c in made], [i for i in [pin["pinterest_pin_id"]] if i], f"{board}: the id")
    sent = json.loads(text)
    t.equal(
        (sent["title"], sent["board_id"], sent["media_source"]["source_type"]),
        (pin["title"], pin["board_id"], "image_url"),
        f"{board}: what was sent",
    )
    told = schedule_of(s, schedule)
    t.equal(told["status"], "done" if want.status == "published" else "failed", f"{board}: its schedule")
    events = world.of("events", "pin_id", row["id"])
    t.equal([e["type"] for e in events], [1 if want.status == "published" else 2], f"{board}: one event")
    actions = [r["action"] for r in world.of("activity_logs", "resource_id", row["id"])]
    word = "pin.published" if want.status == "published" else "pin.publish_failed"
    t.equal(actions.count(word), 1, f"{board}: activity")
    if want.status == "failed":
        t.ok(pin["error_message"] and told["last_error"], f"{board}: says why", (pin, told))


def all_boards(s):
    accounts = {board: Account(s, board) for board in BOARDS}
    names = set(accounts["Always works"].boards)
    t.equal(names - set(BOARDS) - APART, set(), "every scenario board is tried here")
    # Made only after its sender has given up: two listings without it prove nothing before that.
    BOARDS[TARDY] = Want("published", None, [U], "lookup")
    accounts[TARDY] = tardy = Account(s, TARDY)
    tardy.boards[TARDY] = tardy.boards["Always works"]
    match = {"method": "POST", "path_prefix": "/v5/pins", "board_id": tardy.boards[TARDY]}
    s.admin("arm", {"match": match, "fault": {"kind": "delay_ms", "ms": TARDY_MS}})
    ids = {board: accounts[board].schedule(board, 1.5) for board in BOARDS}
    over(s, ids.values())
    world = checker.load(s)
    for board, want in BOARDS.items():
        ended(s, world, board, ids[board], want)
    hosts = s.sql("SELECT COUNT(*) FROM lanes WHERE blocked_hosts LIKE '%shop.example%'")
    t.equal(hosts, [["1"]], "the host of the blocked link is held, on its lane alone")


def waits(s, schedule, code):
    """The schedule is deferred with that code."""

    def deferred():
        got = schedule_of(s, schedule)
        return got["status"] == "deferred" and got["waiting"]["code"] == code

    s.wait_for(deferred, 15, f"deferred with {code}")


def revoked(s):
    account = Account(s, "revoked")
    board = "Token revoked"
    first, second = account.schedule(board, 1), account.schedule("Always works", 1.5)
    waits(s, first, "token_revoked")
    waits(s, second, "token_revoked")
    pin = pin_of(s, first)
    t.equal((pin["status"], pin["error_code"]), ("deferred", "token_revoked"), f"{board}: held, not failed")
    listed = {a["id"]: a for a in s.call("GET", "/v1/pinterest/accounts")}[account.id]
    t.ok(listed["reconnect_required"], f"{board}: the account asks to be connected", listed)
    t.equal(listed["health_status"] == "healthy", False, f"{board}: and is not healthy")
    received = s.admin("creates?limit=1")["received"]
    t.equal(account.s.connect("revoked"), account.id, f"{board}: connected again as the same account")
    over(s, [first, second], 20)
    t.equal([pin_of(s, i)["status"] for i in (first, second)], ["published"] * 2, f"{board}: published, unasked")
    t.ok(s.admin("creates?limit=1")["received"] == received + 2, f"{board}: nothing was sent while it waited")
    retried = s.sql("SELECT COUNT(*) FROM activity_logs WHERE action LIKE '%.retried'")
    t.equal(retried, [["0"]], f"{board}: without a retry call")


def unapproved(s):
    account, other = Account(s, "unapproved"), Account(s, "bystander")
    board = "App not approved"
    held = account.schedule(board, 1)

    def stands():
        """The hold ends by itself: what is true in it is looked at in one go."""
        got = schedule_of(s, held)
        pin = got["pin_id"] and pin_of(s, held)
        app = s.sql("SELECT stopped_at IS NOT NULL FROM apps WHERE environment = 1")
        return (app, got["status"], (got["waiting"] or {}).get("code"), pin and pin["status"]) == whole

    whole = ([["1"]], "deferred", "pinterest_not_permitted", "deferred")
    s.wait_for(stands, 15, f"{board}: the whole app stands, the pin is held, not failed")
    t.ok(True, f"{board}: the whole app stands, the pin is held, not failed")
    third = other.schedule("Always works", 0.5)
    over(s, [held, third], 40)
    t.equal([pin_of(s, i)["status"] for i in (held, third)], ["published"] * 2, f"{board}: then all goes on")
    row = s.sql("SELECT stopped_at IS NULL FROM apps WHERE environment = 1")
    t.equal(row, [["1"]], f"{board}: the app is no longer stopped")


def main():
    with Stack(overrides=OVERRIDES) as s:
        s.sign_up()
        s.webhook()
        all_boards(s)
        revoked(s)
        unapproved(s)
        checker.hold(s, t, "boards")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
