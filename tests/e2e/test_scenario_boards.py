#!/usr/bin/env python3
"""Every scenario board of the sandbox, each on a separate account and so a separate lane: how the
pin ends, with which attempts, what the simulator received and created, one event per ending, and
activity."""

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

# `by`: how the outcome was confirmed. The simulator receives one create per attempt and makes at
# most one into a pin.
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
# What `why` says in the end, in the API and in the operator's command.
SENTENCES = {
    "Image cannot be fetched": "Pinterest could not fetch the image",
    "Image broken": "Pinterest does not take the image",
    "Board vanishes": "Pinterest does not know the board",
    "Link blocked": "Pinterest does not take what the pin says",
}
RULES = {
    "Always works": ["created"],
    "Slow (3 s)": ["created"],
    "Rate limited twice, then works": ["too_fast", "too_fast", "created"],
    "Server error twice, then works": ["server_error", "server_error", "created"],
    "Answer lost after publishing": ["no_pin_named"],
    "Answer lost before publishing": ["no_pin_named", "created"],
    "Image cannot be fetched": ["image_not_fetched"] * TRIES,
    "Image broken": ["image_broken"],
    "Board vanishes": ["board_not_found"],
    "Link blocked": ["link_blocked"],
}
TESTED_SEPARATELY = {"Token revoked", "App not approved"}  # tested separately below
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

    return s.wait_for(final, seconds, "the schedules of all boards have ended")


def check_ending(s, world, board, schedule, want):
    """Checks one schedule against what its board promises."""
    pin = pin_of(s, schedule)
    t.equal(
        (pin["status"], pin["error_code"]),
        (want.status, want.code),
        f"{board}: the pin ends with the expected status and error code",
    )
    rows = sorted(world.of("attempts", "pin_id", pin["id"].replace("-", "").upper()), key=lambda a: a["number"])
    outcomes = [a["outcome"] for a in rows]
    if want.outcomes is None:
        t.ok(
            len(outcomes) >= 2 and outcomes == [R] * (len(outcomes) - 1) + [P],
            f"{board}: the attempts have the expected outcomes",
            outcomes,
        )
    else:
        t.equal(outcomes, want.outcomes, f"{board}: the attempts have the expected outcomes")
    t.ok(all(a["gate_at"] and a["closed_at"] for a in rows), f"{board}: every attempt was sent and closed")
    row = world.pin[pin["id"].replace("-", "").upper()]
    t.equal(row["confirmed_by"], want.by, f"{board}: the outcome is confirmed as expected")
    text = rows[0]["text"]
    made = world.committed[text]
    t.equal(world.received[text], len(rows), f"{board}: the simulator received one create per attempt")
    t.equal(len(made), int(want.status == "published"), f"{board}: the simulator made the expected number of pins")
    t.equal(
        [c["pin_id"] for c in made],
        [i for i in [pin["pinterest_pin_id"]] if i],
        f"{board}: the pin carries the id of the Pinterest pin",
    )
    sent = json.loads(text)
    t.equal(
        (sent["title"], sent["board_id"], sent["media_source"]["source_type"]),
        (pin["title"], pin["board_id"], "image_url"),
        f"{board}: the create carried the pin's fields",
    )
    got_schedule = schedule_of(s, schedule)
    t.equal(
        got_schedule["status"], "done" if want.status == "published" else "failed", f"{board}: the schedule ends like its pin"
    )
    events = world.of("events", "subject_id", row["id"])
    t.equal(
        [e["type"] for e in events],
        [1 if want.status == "published" else 2],
        f"{board}: one event of the right type was written",
    )
    actions = [r["action"] for r in world.of("activity_logs", "resource_id", row["id"])]
    word = "pin.published" if want.status == "published" else "pin.publish_failed"
    t.equal(actions.count(word), 1, f"{board}: the activity log records the end once")
    if want.status == "failed":
        t.ok(
            pin["error_message"] and got_schedule["last_error"],
            f"{board}: a failed pin and its schedule say why",
            (pin, got_schedule),
        )


def explained(s, board, schedule):
    """Support asks why, what was tried, and what happened when."""
    pin = pin_of(s, schedule)
    words = SENTENCES.get(board, "Was published at ")
    for path in (f"/v1/pins/{pin['id']}", f"/v1/schedules/{schedule}"):
        why = s.call("GET", path + "/why")
        t.ok(words in why["sentence"] and why["conditions"] == [], f"{board}: GET {path.split('/')[2]} why says it", why)
        t.ok(why["sentence"] in s.operator("why", path.split("/")[3]).stdout, f"{board}: `pintempo why` says the same")
    failed = pin["status"] == "failed"
    t.equal((why["detail"], bool(why["todo"])), (pin["error_message"], failed), f"{board}: with what Pinterest said and what to do")
    attempts = s.call("GET", f"/v1/pins/{pin['id']}/attempts")
    rules = [a["rule"] for a in attempts["items"]]
    if board in RULES:
        t.equal(rules, RULES[board], f"{board}: each attempt names the rule that decided")
    else:
        t.ok(all(rules), f"{board}: each attempt names the rule that decided", rules)
    t.equal(attempts["total"], len(rules), f"{board}: all attempts are listed")
    again = attempts["items"][:-1]
    t.ok(all(a["next_at"] and a["duration_ms"] >= 0 for a in again), f"{board}: each but the last says when next", again)
    items = s.call("GET", f"/v1/schedules/{schedule}/timeline")["items"]
    kinds = collections.Counter(i["kind"] for i in items)
    t.equal((kinds["attempt"], kinds["event"]), (len(rules), 1), f"{board}: the timeline has the attempts and the event")
    names = [i["name"] for i in items if i["kind"] == "activity"]
    last = "pin.publish_failed" if failed else "pin.published"
    t.ok(names[0] == "schedule.created" and last in names, f"{board}: and what was done", names)
    t.equal([i["at"] for i in items], sorted(i["at"] for i in items), f"{board}: in the order of time")
    t.equal(s.call("GET", f"/v1/pins/{pin['id']}/timeline")["items"], items, f"{board}: the same for its pin")


def all_boards(s):
    accounts = {board: Account(s, board) for board in BOARDS}
    names = set(accounts["Always works"].boards)
    t.equal(names - set(BOARDS) - TESTED_SEPARATELY, set(), "every scenario board is tested here")
    # The create finishes only after the worker has given up on it, so two listings without the pin
    # prove nothing before that.
    BOARDS[TARDY] = Want("published", None, [U], "lookup")
    accounts[TARDY] = tardy = Account(s, TARDY)
    tardy.boards[TARDY] = tardy.boards["Always works"]
    match = {"method": "POST", "path_prefix": "/v5/pins", "board_id": tardy.boards[TARDY]}
    s.admin("arm", {"match": match, "fault": {"kind": "delay_ms", "ms": TARDY_MS}})
    ids = {board: accounts[board].schedule(board, 1.5) for board in BOARDS}
    over(s, ids.values())
    world = checker.load(s)
    for board, want in BOARDS.items():
        check_ending(s, world, board, ids[board], want)
        explained(s, board, ids[board])
    hosts = s.sql("SELECT COUNT(*) FROM lanes WHERE blocked_hosts LIKE '%shop.example%'")
    t.equal(hosts, [["1"]], "a blocked link holds its host, on this lane only")


def wait_deferred(s, schedule, code):
    """Waits until the schedule is deferred with that code."""

    def deferred():
        got = schedule_of(s, schedule)
        return got["status"] == "deferred" and got["waiting"]["code"] == code

    s.wait_for(deferred, 15, f"the schedule is deferred with {code}")


def revoked(s):
    account = Account(s, "revoked")
    board = "Token revoked"
    first, second = account.schedule(board, 1), account.schedule("Always works", 1.5)
    wait_deferred(s, first, "token_revoked")
    wait_deferred(s, second, "token_revoked")
    pin = pin_of(s, first)
    t.equal((pin["status"], pin["error_code"]), ("deferred", "token_revoked"), f"{board}: the pin is deferred, not failed")
    why = s.call("GET", f"/v1/pins/{pin['id']}/why")
    unmet = [c["name"] for c in why["conditions"] if not c["met"]]
    t.ok((why["who"], unmet[0], why["expected_at"]) == ("account_owner", "account", None), f"{board}: why names the owner and the account", why)
    t.ok(why["sentence"] in s.operator("why", first).stdout, f"{board}: `pintempo why` says the same", why["sentence"])
    listed = {a["id"]: a for a in s.call("GET", "/v1/pinterest/accounts")}[account.id]
    t.ok(listed["reconnect_required"], f"{board}: the account asks to be reconnected", listed)
    t.equal(listed["health_status"] == "healthy", False, f"{board}: the account is not shown as healthy")
    received = s.admin("creates?limit=1")["received"]
    t.equal(account.s.connect("revoked"), account.id, f"{board}: reconnecting keeps the account's id")
    over(s, [first, second], 20)
    t.equal(
        [pin_of(s, i)["status"] for i in (first, second)],
        ["published"] * 2,
        f"{board}: both pins are published after the reconnect",
    )
    t.ok(s.admin("creates?limit=1")["received"] == received + 2, f"{board}: nothing is sent while the account waits")
    retried = s.sql("SELECT COUNT(*) FROM activity_logs WHERE action LIKE '%.retried'")
    t.equal(retried, [["0"]], f"{board}: no retry call was needed")


def unapproved(s):
    account, other = Account(s, "unapproved"), Account(s, "bystander")
    board = "App not approved"
    held = account.schedule(board, 1)

    def stands():
        """The hold ends by itself, so everything that holds during it is read at once."""
        got = schedule_of(s, held)
        pin = got["pin_id"] and pin_of(s, held)
        app = s.sql("SELECT stopped_at IS NOT NULL FROM apps WHERE environment = 1")
        return (app, got["status"], (got["waiting"] or {}).get("code"), pin and pin["status"]) == whole

    whole = ([["1"]], "deferred", "pinterest_not_permitted", "deferred")
    s.wait_for(stands, 15, f"{board}: the whole app is stopped and the pin is deferred, not failed")
    t.ok(True, f"{board}: the whole app is stopped and the pin is deferred, not failed")
    third = other.schedule("Always works", 0.5)
    over(s, [held, third], 40)
    t.equal(
        [pin_of(s, i)["status"] for i in (held, third)],
        ["published"] * 2,
        f"{board}: the pins of both accounts are published after the hold",
    )
    row = s.sql("SELECT stopped_at IS NULL FROM apps WHERE environment = 1")
    t.equal(row, [["1"]], f"{board}: the app is no longer stopped")


def main():
    with Stack(overrides=OVERRIDES) as s:
        s.sign_up()
        s.webhook()
        all_boards(s)
        revoked(s)
        unapproved(s)
        checker.report(s, t, "boards")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
