#!/usr/bin/env python3
"""Look-ups on listings as Pinterest really shows them: many pages in any order, pins listed late or
twice, listings that fail for a while or for ever, rewritten texts, pins with the same text. Every
Pinterest pin is counted in the simulator's ledger."""

import os
import random
import sys
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
import listing_proxy  # noqa: E402
from harness import SLOW, Stack, Tap  # noqa: E402
from listing_proxy import ENDLESS, LOOP, TORN  # noqa: E402

t = Tap()
OVERRIDES = {
    "worker": {"poll_ms": 100},
    "sandbox": {
        "verify_after_ms": 2000,
        "verify_gap_ms": 1000,
        "create_timeout_ms": 1000,
        "interval_ms": 100,
    },
}
SEED = int(os.environ.get("SEED", "1"))
CROWD = 300
LINK = "https://example.com/a?b=c"


def shuffled(s, proxy):
    """Several pages in any order, with one page repeating what the one before it had."""
    b = listing_proxy.Board(s, t, "shuffled")
    b.others(7)
    order = random.Random(SEED)

    def pages(lookup, pins):
        order.shuffle(pins)
        mine = [p for p in pins if p["title"] == "Shuffled"]
        rest = [p for p in pins if p["title"] != "Shuffled"]
        return listing_proxy.in_pages(mine + rest, 3) + listing_proxy.in_pages(mine + rest[-3:], 3)

    proxy.rules[b.id] = pages
    b.lose()
    i = b.make("Shuffled", description="Words")
    yield
    b.adopted(i, "Shuffled", "shuffled pages")


def listed_late(s, proxy):
    """Listed a second after creation, before the first look-up."""
    b = listing_proxy.Board(s, t, "late")
    s.admin("settings", {"listing_delay_s": 1})
    b.lose()
    i = b.make("Late")
    yield
    b.adopted(i, "Late", "listed before the first look-up")


def listed_on_second(s, proxy):
    """Missing from the first listing that counts, present in the second: one listing does not prove
    absence."""
    b = listing_proxy.Board(s, t, "later")
    missing = []

    def pages(lookup, pins):
        first = s.sql(f"SELECT absent_at IS NOT NULL FROM pins WHERE id = x'{i.replace('-', '')}'")[0][0] == "0"
        missing.append(first)
        return [[] if first else pins]

    proxy.rules[b.id] = pages
    b.lose()
    i = b.make("Later")
    yield
    b.adopted(i, "Later", "listed after the first look-up")
    t.ok(len(missing) >= 2 and not missing[-1], "the first listings did not show the pin", missing)


def failing_listings(s, proxy):
    """The listing fails in every way for a while, then succeeds."""
    b = listing_proxy.Board(s, t, "broken")
    b.others(3)
    ways = {
        1: lambda pins: [503],
        2: lambda pins: [pins[:2], 500],
        3: lambda pins: [pins[:2], TORN],
        4: lambda pins: [pins[:2], LOOP],
        5: lambda pins: [pins[:2], b'{"items": []'],
        6: lambda pins: [pins[:2], b'{"bookmark": null}'],
        7: lambda pins: [[{k: v for k, v in p.items() if k != "id"} for p in pins]],
    }
    # The pin is on the last page, which the failing listings never reach.
    proxy.rules[b.id] = lambda lookup, pins: ways.get(lookup, lambda pins: [pins[:2], pins[2:]])(pins)
    b.lose()
    i = b.make("Broken")
    yield
    b.adopted(i, "Broken", "a listing that failed seven times")
    t.equal(proxy.lookups[b.id], 8, "each failed listing is followed by another look-up")
    t.ok(proxy.read[b.id] < 30, "a bookmark that leads back to itself is followed once", proxy.read)


def endless_listing(s, proxy):
    """The listing has no end, and time runs out."""
    b = listing_proxy.Board(s, t, "for ever")
    proxy.rules[b.id] = lambda lookup, pins: [ENDLESS]
    b.lose()
    i = b.make("For ever", 4)
    yield
    got = b.unknown(i, "For ever", "endless listing", 300)  # several look-ups of 800 pages each
    t.ok("could not be listed before the deadline" in got["error_message"], "endless listing: the error message says why", got)
    t.ok(proxy.read[b.id] <= 801 * proxy.lookups[b.id], "no look-up reads more than 800 pages", proxy.read)
    s.call("POST", f"/v1/pins/{i}/retry")
    s.wait_for(lambda: proxy.lookups[b.id] >= 3, 300, "the retry looks the pin up")
    proxy.rules[b.id] = lambda lookup, pins: [pins]
    b.adopted(i, "For ever", "endless listing, retried when the listing is complete")


def board_gone(s, proxy):
    """The board was deleted on Pinterest before the first look-up: the pin ends at once, without
    days of look-ups."""
    b = listing_proxy.Board(s, t, "board gone")
    proxy.rules[b.id] = lambda lookup, pins: [404]
    b.lose()
    i = b.make("Board gone")
    yield
    got = b.unknown(i, "Board gone", "deleted board")
    t.ok("board is not there any more" in got["error_message"], "deleted board: the error message says why", got)
    t.equal(proxy.lookups[b.id], 1, "a deleted board is listed once")


def refused_until(s, proxy):
    """Pinterest says until when to wait, as a time of day."""
    b = listing_proxy.Board(s, t, "limited")

    def pages(lookup, pins):
        at = datetime.now(timezone.utc) + timedelta(seconds=3)
        ways = {1: {"x-ratelimit-reset": str(int(at.timestamp()))}, 2: {"Retry-After": format_datetime(at, usegmt=True)}}
        return [(429, ways[lookup])] if lookup in ways else [pins]

    proxy.rules[b.id] = pages
    b.lose()
    i = b.make("Limited")
    yield
    b.adopted(i, "Limited", "look-up refused twice until a time of day")
    t.equal(proxy.lookups[b.id], 3, "the look-up is repeated once the time has come")


def long_listing(s, proxy):
    """A listing that takes longer than the look-up's lease: the board is not listed a second time
    meanwhile."""
    b = listing_proxy.Board(s, t, "long")
    other = b.others(1)[0]
    lane = f"(SELECT lane_id FROM pins WHERE id = x'{other.replace('-', '')}')"

    def pages(lookup, pins):
        if lookup == 1:  # as if the lease had expired
            mine = f"WHERE id = x'{i.replace('-', '')}'"
            s.sql(f"UPDATE pins SET due_at = UTC_TIMESTAMP(6) {mine}")
            s.sql(f"UPDATE lanes l JOIN (SELECT {lane} AS id) x ON x.id = l.id SET l.next_turn_at = UTC_TIMESTAMP(6)")
            again = f"SELECT due_at > UTC_TIMESTAMP(6) FROM pins {mine}"
            s.wait_for(lambda: s.sql(again) == [["1"]], 20, "the worker saw that the look-up is due")
        return [pins]

    proxy.rules[b.id] = pages
    b.lose()
    i = b.make("Long")
    yield
    b.adopted(i, "Long", "a long listing")
    t.equal(proxy.lookups[b.id], 1, "a long listing is not started twice")


def among_hundreds(s, proxy):
    """Hundreds of pins of the same minutes, each known to belong to another pin."""
    b = listing_proxy.Board(s, t, "crowded")
    other = b.others(1)[0].replace("-", "")
    s.sql(
        f"""INSERT INTO pins (id, project_id, account_id, lane_id, shard, state, run_at, not_after, board_id, title,
              text_hash, idempotency_key, pinterest_pin_id, created_at, updated_at)
            SELECT UNHEX(MD5(CONCAT('crowd ', seq))), project_id, account_id, lane_id, shard, 4, run_at, not_after, board_id,
              title, text_hash, CONCAT('crowd ', seq), 900000 + seq, created_at, updated_at
            FROM pins JOIN seq_1_to_{CROWD} WHERE id = x'{other}'"""
    )
    crowd = [str(900001 + k) for k in range(CROWD)]
    proxy.rules[b.id] = lambda lookup, pins: listing_proxy.in_pages([pins[0] | {"id": i} for i in crowd] + pins, 100)
    b.lose()
    i = b.make("Crowded")
    yield
    b.adopted(i, "Crowded", "among hundreds of other pins")
    rows = lambda pins: [pins[0] | {"id": i} for i in crowd] + pins[:-1] + [pins[-1] | {"title": "Otherwise"}]  # noqa: E731
    proxy.rules[b.id] = lambda lookup, pins: listing_proxy.in_pages(rows(pins), 100)
    b.lose()
    got = b.unknown(b.make("Crowded, changed"), "Crowded, changed", "changed, among hundreds of other pins")
    t.equal(
        got["candidates"],
        b.made("Crowded, changed"),
        "changed, among hundreds of other pins: the candidate behind all of them is shown",
    )
    s.call("POST", f"/v1/pins/{got['id']}/settle", {"pinterest_pin_id": got["candidates"][0]})
    s.sql("DELETE FROM pins WHERE idempotency_key LIKE 'crowd %'")


def finished_late(s, proxy):
    """Pinterest finished the request minutes after the worker stopped waiting: the pin is not sent
    again."""
    b = listing_proxy.Board(s, t, "finished late")

    def pages(lookup, pins):
        at = datetime.now(timezone.utc) + timedelta(seconds=200)
        return [[p | {"created_at": at.strftime("%Y-%m-%dT%H:%M:%S")} for p in pins]]

    proxy.rules[b.id] = pages
    b.lose()
    i = b.make("Finished late", description="Words")
    yield
    got = b.unknown(i, "Finished late", "finished late")
    t.equal(got["candidates"], b.made("Finished late"), "finished late: the Pinterest pin is shown as candidate")
    s.call("POST", f"/v1/pins/{i}/settle", {"pinterest_pin_id": got["candidates"][0]})
    t.equal(len(b.ledger()), 1, "finished late: one create was sent")


def changed_texts(s, proxy):
    """Pinterest changed the text: the outcome stays unknown, and the candidate is shown to a
    person."""
    for name, change, found in (
        ("words", {"title": "Words of ours"}, False),
        ("trimmed", {"title": "  Rewritten trimmed "}, True),
        ("link", {"link": LINK + "&utm_source=pinterest"}, False),
        ("title alone", {"description": "Other words"}, False),
        ("cut", {"description": None}, False),
    ):
        b = listing_proxy.Board(s, t, "rewritten " + name)
        title = "Rewritten " + name
        proxy.rules[b.id] = lambda lookup, pins, change=change: [[p | change for p in pins]]
        b.lose()
        yield b, b.make(title, description="Some words", link_url=LINK), title, found
    yield


def changed_text_ends(s, b, i, title, found):
    if found:
        return b.adopted(i, title, title)
    got = b.unknown(i, title, title)
    t.equal(got["candidates"], b.made(title), f"{title}: the candidate is shown")
    t.ok("may have become" in got["error_message"], f"{title}: the error message mentions the candidate", got)
    s.call("POST", f"/v1/pins/{i}/retry")
    b.unknown(i, title, f"{title}, retried")
    got = s.call("POST", f"/v1/pins/{i}/settle", {"pinterest_pin_id": b.made(title)[0]})
    t.equal((got["status"], got["confirmed_by"]), ("published", "user"), f"{title}: a person settles it")
    t.equal(len(b.ledger()), 1, f"{title}: one create was sent")


def runs_of_blanks(s, proxy):
    """Pinterest trims texts and makes one blank of each run of them: such a pin is found, and a twin
    by blanks alone is told apart from it."""
    s.admin("settings", {"rewrite": "trim"})
    b = listing_proxy.Board(s, t, "blanks")
    title, words = " Oak  shelf,\u00a0brown ", "One.\n\nTwo.\r\n\tThree.\u2028 Four."
    b.lose()
    i = b.make(title, description=words, alt_text="An  oak\nshelf", link_url=LINK)
    twin = b.make("Oak shelf, brown", description="One. Two. Three. Four.", alt_text="An oak shelf", link_url=LINK)
    yield
    got = b.over(i)
    t.equal((got["status"], got["confirmed_by"]), ("published", "lookup"), "runs of blanks: found by a look-up")
    t.equal(b.over(twin)["confirmed_by"], "answer", "runs of blanks: the twin is published by its answer")
    ids = {got["pinterest_pin_id"], b.over(twin)["pinterest_pin_id"]}
    t.equal((len(ids), len(b.ledger())), (2, 2), "runs of blanks: two creates, two Pinterest pins, none twice")


def twins(s, proxy):
    """The same text twice on one board; the answer for the first is lost."""
    b = listing_proxy.Board(s, t, "twins")
    proxy.rules[b.id] = lambda lookup, pins: listing_proxy.in_pages(pins[::-1], 1)
    b.lose()
    ids = [b.make("Twin", description="The same") for _ in range(2)]
    yield
    got = [b.over(i) for i in ids]
    t.equal([p["status"] for p in got], ["published"] * 2, "twins: both are published")
    t.equal(sorted(p["pinterest_pin_id"] for p in got), sorted(b.made("Twin")), "twins: each has a different Pinterest pin")
    t.equal(sorted(p["confirmed_by"] for p in got), ["answer", "lookup"], "twins: one was confirmed by a look-up")
    t.equal(len(b.ledger()), 2, "twins: two creates were sent")


def late_twin(s, proxy):
    """The first pin's outcome stays unknown because its board cannot be listed; the second is
    published; then the first is retried: it must not adopt the second's Pinterest pin."""
    b = listing_proxy.Board(s, t, "late twin")
    proxy.rules[b.id] = lambda lookup, pins: [500]
    b.lose()
    first = b.make("Late twin", 3)
    second = b.make("Late twin")
    yield
    b.over(first)
    t.equal(b.over(second)["status"], "published", "late twin: the second is published")
    t.equal(b.get(first)["error_code"], "outcome_unknown", "late twin: the outcome of the first is unknown")
    other = b.get(second)["pinterest_pin_id"]
    status, _, why = s.api("POST", f"/v1/pins/{first}/settle", {"pinterest_pin_id": other})
    t.equal((status, why["code"]), (409, "conflict"), "late twin: the first cannot be settled with the second's Pinterest pin")
    proxy.rules[b.id] = lambda lookup, pins: [pins]
    s.call("POST", f"/v1/pins/{first}/retry")
    got = b.over(first)
    t.equal((got["status"], got["confirmed_by"]), ("published", "lookup"), "late twin: the retry finds the first")
    ids = sorted([got["pinterest_pin_id"], other])
    t.equal(ids, sorted(b.made("Late twin")), "late twin: each has a different Pinterest pin")
    t.equal(len(b.ledger()), 2, "late twin: two creates were sent")


def edited_meanwhile(s, proxy):
    """Edited while the outcome was unknown: the look-up searches for the text as sent, not as
    edited."""
    boards = {}
    for kind in ("lost_after", "lost"):
        b = boards[kind] = listing_proxy.Board(s, t, "edited " + kind)
        proxy.rules[b.id] = lambda lookup, pins: [500]
        b.lose(kind)
        b.pin = b.make("Edited", 3, description="As sent")
    yield
    for kind, b in boards.items():
        t.equal(b.over(b.pin)["error_code"], "outcome_unknown", f"edited, {kind}: the outcome is unknown")
        s.call("PATCH", "/v1/pins/" + b.pin, {"title": "New", "description": "New"})
        proxy.rules[b.id] = lambda lookup, pins: [pins]
        s.call("POST", f"/v1/pins/{b.pin}/retry")
    b = boards["lost_after"]
    b.adopted(b.pin, "Edited", "edited: found by the text as sent")
    t.equal(b.made("New"), [], "edited: a pin that was found is not sent again")
    b = boards["lost"]
    got = b.over(b.pin)
    t.equal((got["status"], got["confirmed_by"]), ("published", "answer"), "edited, never arrived: sent again")
    t.equal(
        (len(b.made("Edited")), b.made("New")),
        (0, [got["pinterest_pin_id"]]),
        "edited, never arrived: published once, with the edited text",
    )


def beside_changed_text(s, proxy):
    """A pin whose text Pinterest changed stays unknown, and does not stop another from being proven
    absent: its candidate can only belong to itself."""
    b = listing_proxy.Board(s, t, "beside")
    proxy.rules[b.id] = lambda lookup, pins: [[p | {"title": p["title"] + "!"} for p in pins]] * 2
    b.lose()
    shown = b.make("Words with a sign")
    yield
    got = b.unknown(shown, "Words with a sign", "changed text")
    t.equal(got["candidates"], b.made("Words with a sign"), "changed text, listed on two pages: one candidate is shown")
    b.lose("lost")
    lost = b.make("Nothing like it")
    got = b.over(lost)
    t.equal((got["status"], got["confirmed_by"]), ("published", "answer"), "beside a changed text: proven absent, sent again")
    t.equal(
        (len(b.made("Nothing like it")), got["attempt_count"]), (1, 2), "beside a changed text: two creates, one Pinterest pin"
    )
    b.lose("lost")
    alike = b.make("Words, with a sign, and more")
    got = b.over(alike)
    t.equal(got["error_code"], "outcome_unknown", "similar to a changed text: the outcome is unknown")
    t.equal(b.made("Words, with a sign, and more"), [], "similar to a changed text: not sent again")
    s.call("POST", f"/v1/pins/{shown}/settle", {"pinterest_pin_id": b.made("Words with a sign")[0]})
    s.call("POST", f"/v1/pins/{alike}/retry")
    t.equal(b.over(alike)["status"], "published", "similar to a changed text: sent again once a person has settled the other")


def other_in_flight(s, proxy):
    """A pin in flight during the look-up is listed and looks like the lost one: its answer decides."""
    b = listing_proxy.Board(s, t, "under way")
    words = {"description": "Words that both have"}
    sent = []

    def meanwhile(lookup):
        if not sent:
            s.admin("arm", {"match": listing_proxy.PINS | {"board_id": b.id}, "fault": {"kind": "delay_ms", "after_ms": 500}})
            sent.append(b.make("Under way", **words))
            s.wait_for(lambda: b.made("Under way"), 10, "the other pin is on Pinterest")

    proxy.before[b.id] = meanwhile
    proxy.rules[b.id] = lambda lookup, pins: [[p | {"title": "Shown otherwise"} for p in pins]]
    b.lose("lost")
    lost = b.make("Lost", **words)
    yield
    got = b.over(lost)
    if b.over(sent[0])["confirmed_by"] != "answer":
        return t.skip("in flight: sent again when the other's answer came", "it took too long to come")
    t.equal(
        (got["status"], got["attempt_count"]),
        ("published", 2),
        "in flight: the lost pin is sent again once the other's answer came",
    )
    t.equal((len(b.made("Lost")), len(b.made("Under way"))), (1, 1), "in flight: each pin exists once on Pinterest")


PARTS = (
    beside_changed_text,
    other_in_flight,
    runs_of_blanks,
    shuffled,
    listed_late,
    listed_on_second,
    failing_listings,
    endless_listing,
    twins,
    late_twin,
    edited_meanwhile,
    board_gone,
    refused_until,
    long_listing,
    among_hundreds,
    finished_late,
)


def main():
    proxy = listing_proxy.ListingProxy()
    overrides = OVERRIDES | {"sandbox": OVERRIDES["sandbox"] | {"base_url": proxy.base_url}}
    print(f"# seed {SEED}, slow {SLOW}", flush=True)
    with Stack(overrides=overrides) as s:
        proxy.stack = s
        s.sign_up()
        begun = [part(s, proxy) for part in PARTS]
        for part in begun:
            next(part)
        pins = [made for made in changed_texts(s, proxy) if made]
        for part in begun:
            next(part, None)
        for made in pins:
            changed_text_ends(s, *made)
        checker.report(s, t, "looked up")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
