#!/usr/bin/env python3
"""What a look-up makes of what boards really show: many pages in any order, pins that are shown late or
twice, listings that fail for a while or for ever, texts that Pinterest rewrote, pins with the same words.
Every Pinterest pin is counted in the simulator's ledger."""

import os
import random
import sys
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
import looked  # noqa: E402
from harness import SLOW, Stack, Tap  # noqa: E402
from looked import ENDLESS, LOOP, TORN  # noqa: E402

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


def shuffled(s, between):
    """Over several pages, in any order, with a page that shows again what the one before had."""
    b = looked.Board(s, t, "shuffled")
    b.others(7)
    order = random.Random(SEED)

    def pages(look, pins):
        order.shuffle(pins)
        mine = [p for p in pins if p["title"] == "Shuffled"]
        rest = [p for p in pins if p["title"] != "Shuffled"]
        return looked.in_pages(mine + rest, 3) + looked.in_pages(mine + rest[-3:], 3)

    between.rules[b.id] = pages
    b.lose()
    i = b.make("Shuffled", description="Words")
    yield
    b.adopted(i, "Shuffled", "shuffled pages")


def late(s, between):
    """Listed a second after it was made, which is sooner than anybody looks."""
    b = looked.Board(s, t, "late")
    s.admin("settings", {"listing_delay_s": 1})
    b.lose()
    i = b.make("Late")
    yield
    b.adopted(i, "Late", "listed before the first look")


def later(s, between):
    """Not in the first listing that counts, but in the second: absence is not proven by one."""
    b = looked.Board(s, t, "later")
    missing = []

    def pages(look, pins):
        first = s.sql(f"SELECT absent_at IS NOT NULL FROM pins WHERE id = x'{i.replace('-', '')}'")[0][0] == "0"
        missing.append(first)
        return [[] if first else pins]

    between.rules[b.id] = pages
    b.lose()
    i = b.make("Later")
    yield
    b.adopted(i, "Later", "listed after the first look")
    t.ok(len(missing) >= 2 and not missing[-1], "the first looks did not show it", missing)


def broken(s, between):
    """The listing fails in every way for a while, then it is whole."""
    b = looked.Board(s, t, "broken")
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
    # The pin is on the last page, which the broken ones never reach.
    between.rules[b.id] = lambda look, pins: ways.get(look, lambda pins: [pins[:2], pins[2:]])(pins)
    b.lose()
    i = b.make("Broken")
    yield
    b.adopted(i, "Broken", "a listing that failed seven times")
    t.equal(between.looks[b.id], 8, "each failure was followed by another look")
    t.ok(between.read[b.id] < 30, "a bookmark that leads to itself was followed once", between.read)


def for_ever(s, between):
    """The listing has no end, and time runs out."""
    b = looked.Board(s, t, "for ever")
    between.rules[b.id] = lambda look, pins: [ENDLESS]
    b.lose()
    i = b.make("For ever", 4)
    yield
    got = b.unknown(i, "For ever", "a listing without an end", 300)  # of some looks at 800 pages each
    t.ok("could not be listed before the deadline" in got["error_message"], "and says why", got)
    t.ok(between.read[b.id] <= 801 * between.looks[b.id], "no look reads more than 800 pages", between.read)
    s.call("POST", f"/v1/pins/{i}/retry")
    s.wait_for(lambda: between.looks[b.id] >= 3, 300, "it looks again")
    between.rules[b.id] = lambda look, pins: [pins]
    b.adopted(i, "For ever", "retried when the listing is whole")


def board_gone(s, between):
    """The board was deleted on Pinterest before anybody could look: that is an end, and not asked for days."""
    b = looked.Board(s, t, "board gone")
    between.rules[b.id] = lambda look, pins: [404]
    b.lose()
    i = b.make("Board gone")
    yield
    got = b.unknown(i, "Board gone", "a board that is gone")
    t.ok("board is not there any more" in got["error_message"], "and says why", got)
    t.equal(between.looks[b.id], 1, "it was asked for once")


def limited(s, between):
    """Pinterest asks to wait, by a time of day: until then, and not a day."""
    b = looked.Board(s, t, "limited")

    def pages(look, pins):
        at = datetime.now(timezone.utc) + timedelta(seconds=3)
        ways = {1: {"x-ratelimit-reset": str(int(at.timestamp()))}, 2: {"Retry-After": format_datetime(at, usegmt=True)}}
        return [(429, ways[look])] if look in ways else [pins]

    between.rules[b.id] = pages
    b.lose()
    i = b.make("Limited")
    yield
    b.adopted(i, "Limited", "twice limited until a time of day")
    t.equal(between.looks[b.id], 3, "it was looked for when that had passed")


def long(s, between):
    """A listing that takes longer than the lease of a look: nobody lists the board beside it."""
    b = looked.Board(s, t, "long")
    other = b.others(1)[0]
    lane = f"(SELECT lane_id FROM pins WHERE id = x'{other.replace('-', '')}')"

    def pages(look, pins):
        if look == 1:  # as if the lease had run out
            mine = f"WHERE id = x'{i.replace('-', '')}'"
            s.sql(f"UPDATE pins SET due_at = UTC_TIMESTAMP(6) {mine}")
            s.sql(f"UPDATE lanes l JOIN (SELECT {lane} AS id) x ON x.id = l.id SET l.next_turn_at = UTC_TIMESTAMP(6)")
            again = f"SELECT due_at > UTC_TIMESTAMP(6) FROM pins {mine}"
            s.wait_for(lambda: s.sql(again) == [["1"]], 20, "the worker saw it due")
        return [pins]

    between.rules[b.id] = pages
    b.lose()
    i = b.make("Long")
    yield
    b.adopted(i, "Long", "a long listing")
    t.equal(between.looks[b.id], 1, "a long listing is waited for")


def crowded(s, between):
    """Hundreds of pins of the same minutes, each known to be another's."""
    b = looked.Board(s, t, "crowded")
    other = b.others(1)[0].replace("-", "")
    s.sql(
        f"""INSERT INTO pins (id, project_id, account_id, lane_id, shard, state, run_at, not_after, board_id, title,
              text_hash, idempotency_key, pinterest_pin_id, created_at, updated_at)
            SELECT UNHEX(MD5(CONCAT('crowd ', seq))), project_id, account_id, lane_id, shard, 4, run_at, not_after, board_id,
              title, text_hash, CONCAT('crowd ', seq), 900000 + seq, created_at, updated_at
            FROM pins JOIN seq_1_to_{CROWD} WHERE id = x'{other}'"""
    )
    crowd = [str(900001 + k) for k in range(CROWD)]
    between.rules[b.id] = lambda look, pins: looked.in_pages([pins[0] | {"id": i} for i in crowd] + pins, 100)
    b.lose()
    i = b.make("Crowded")
    yield
    b.adopted(i, "Crowded", "among hundreds")
    rows = lambda pins: [pins[0] | {"id": i} for i in crowd] + pins[:-1] + [pins[-1] | {"title": "Otherwise"}]  # noqa: E731
    between.rules[b.id] = lambda look, pins: looked.in_pages(rows(pins), 100)
    b.lose()
    got = b.unknown(b.make("Crowded, changed"), "Crowded, changed", "changed among hundreds")
    t.equal(got["candidates"], b.made("Crowded, changed"), "changed among hundreds: it is shown, behind all of them")
    s.call("POST", f"/v1/pins/{got['id']}/settle", {"pinterest_pin_id": got["candidates"][0]})
    s.sql("DELETE FROM pins WHERE idempotency_key LIKE 'crowd %'")


def finished_late(s, between):
    """Pinterest finished the request minutes after nobody waited any more: it is not sent again."""
    b = looked.Board(s, t, "finished late")

    def pages(look, pins):
        at = datetime.now(timezone.utc) + timedelta(seconds=200)
        return [[p | {"created_at": at.strftime("%Y-%m-%dT%H:%M:%S")} for p in pins]]

    between.rules[b.id] = pages
    b.lose()
    i = b.make("Finished late", description="Words")
    yield
    got = b.unknown(i, "Finished late", "finished late")
    t.equal(got["candidates"], b.made("Finished late"), "finished late: it is shown")
    s.call("POST", f"/v1/pins/{i}/settle", {"pinterest_pin_id": got["candidates"][0]})
    t.equal(len(b.ledger()), 1, "finished late: one create")


def rewritten(s, between):
    """Pinterest changed the text: nobody can be sure, and a person is shown what it may be."""
    for name, change, found in (
        ("blanks", {"title": "Words of  ours"}, False),
        ("trimmed", {"title": "  Rewritten trimmed "}, True),
        ("link", {"link": LINK + "&utm_source=pinterest"}, False),
        ("title alone", {"description": "Other words"}, False),
        ("cut", {"description": None}, False),
    ):
        b = looked.Board(s, t, "rewritten " + name)
        title = "Rewritten " + name
        between.rules[b.id] = lambda look, pins, change=change: [[p | change for p in pins]]
        b.lose()
        yield b, b.make(title, description="Some words", link_url=LINK), title, found
    yield


def rewritten_ends(s, b, i, title, found):
    if found:
        return b.adopted(i, title, title)
    got = b.unknown(i, title, title)
    t.equal(got["candidates"], b.made(title), f"{title}: the one it may be is shown")
    t.ok("may have become" in got["error_message"], f"{title}: in words", got)
    s.call("POST", f"/v1/pins/{i}/retry")
    b.unknown(i, title, f"{title}, retried")
    got = s.call("POST", f"/v1/pins/{i}/settle", {"pinterest_pin_id": b.made(title)[0]})
    t.equal((got["status"], got["confirmed_by"]), ("published", "user"), f"{title}: settled by a person")
    t.equal(len(b.ledger()), 1, f"{title}: one create in all")


def twins(s, between):
    """The same words twice on one board; the answer for the first is lost."""
    b = looked.Board(s, t, "twins")
    between.rules[b.id] = lambda look, pins: looked.in_pages(pins[::-1], 1)
    b.lose()
    ids = [b.make("Twin", description="The same") for _ in range(2)]
    yield
    got = [b.over(i) for i in ids]
    t.equal([p["status"] for p in got], ["published"] * 2, "twins: both are published")
    t.equal(sorted(p["pinterest_pin_id"] for p in got), sorted(b.made("Twin")), "twins: each has a pin of its own")
    t.equal(sorted(p["confirmed_by"] for p in got), ["answer", "lookup"], "twins: one was looked up")
    t.equal(len(b.ledger()), 2, "twins: two creates")


def late_twin(s, between):
    """The first is given up because its board cannot be listed; the second is published; then the
    first is retried: the Pinterest pin of the second is not its own."""
    b = looked.Board(s, t, "late twin")
    between.rules[b.id] = lambda look, pins: [500]
    b.lose()
    first = b.make("Late twin", 3)
    second = b.make("Late twin")
    yield
    b.over(first)
    t.equal(b.over(second)["status"], "published", "late twin: the second is published")
    t.equal(b.get(first)["error_code"], "outcome_unknown", "late twin: nobody knows about the first")
    other = b.get(second)["pinterest_pin_id"]
    status, _, why = s.api("POST", f"/v1/pins/{first}/settle", {"pinterest_pin_id": other})
    t.equal((status, why["code"]), (409, "conflict"), "late twin: it cannot be settled with the other's pin")
    between.rules[b.id] = lambda look, pins: [pins]
    s.call("POST", f"/v1/pins/{first}/retry")
    got = b.over(first)
    t.equal((got["status"], got["confirmed_by"]), ("published", "lookup"), "late twin: found by retry")
    ids = sorted([got["pinterest_pin_id"], other])
    t.equal(ids, sorted(b.made("Late twin")), "late twin: each has a pin of its own")
    t.equal(len(b.ledger()), 2, "late twin: two creates")


def edited(s, between):
    """Edited after nobody knew: what was sent is looked for, not what it would be now."""
    boards = {}
    for kind in ("lost_after", "lost"):
        b = boards[kind] = looked.Board(s, t, "edited " + kind)
        between.rules[b.id] = lambda look, pins: [500]
        b.lose(kind)
        b.pin = b.make("Edited", 3, description="As sent")
    yield
    for kind, b in boards.items():
        t.equal(b.over(b.pin)["error_code"], "outcome_unknown", f"edited, {kind}: nobody knows")
        s.call("PATCH", "/v1/pins/" + b.pin, {"title": "New", "description": "New"})
        between.rules[b.id] = lambda look, pins: [pins]
        s.call("POST", f"/v1/pins/{b.pin}/retry")
    b = boards["lost_after"]
    b.adopted(b.pin, "Edited", "edited: found as it was sent")
    t.equal(b.made("New"), [], "edited: and not sent again")
    b = boards["lost"]
    got = b.over(b.pin)
    t.equal((got["status"], got["confirmed_by"]), ("published", "answer"), "edited, never arrived: sent again")
    t.equal((len(b.made("Edited")), b.made("New")), (0, [got["pinterest_pin_id"]]), "edited, never arrived: once, as it is now")


def beside(s, between):
    """A pin that Pinterest shows otherwise stays unknown, and is not in the way of another: it can only be its own."""
    b = looked.Board(s, t, "beside")
    between.rules[b.id] = lambda look, pins: [[p | {"title": " ".join(p["title"].split())} for p in pins]] * 2
    b.lose()
    shown = b.make("Words  with  blanks")
    yield
    got = b.unknown(shown, "Words  with  blanks", "shown otherwise")
    t.equal(got["candidates"], b.made("Words  with  blanks"), "shown otherwise, on two pages: told once")
    b.lose("lost")
    lost = b.make("Nothing like it")
    got = b.over(lost)
    t.equal((got["status"], got["confirmed_by"]), ("published", "answer"), "beside it: proven absent, sent again")
    t.equal((len(b.made("Nothing like it")), got["attempt_count"]), (1, 2), "beside it: one pin, two creates")
    b.lose("lost")
    alike = b.make("Words, with blanks, and more")
    got = b.over(alike)
    t.equal(got["error_code"], "outcome_unknown", "like it: nobody knows")
    t.equal(b.made("Words, with blanks, and more"), [], "like it: not sent again")
    s.call("POST", f"/v1/pins/{shown}/settle", {"pinterest_pin_id": b.made("Words  with  blanks")[0]})
    s.call("POST", f"/v1/pins/{alike}/retry")
    t.equal(b.over(alike)["status"], "published", "like it: sent again once a person said whose that is")


def under_way(s, between):
    """What is being sent at the moment of the look is listed, and looks like the lost one: its answer decides."""
    b = looked.Board(s, t, "under way")
    words = {"description": "Words that both have"}
    sent = []

    def meanwhile(look):
        if not sent:
            s.admin("arm", {"match": looked.PINS | {"board_id": b.id}, "fault": {"kind": "delay_ms", "after_ms": 500}})
            sent.append(b.make("Under way", **words))
            s.wait_for(lambda: b.made("Under way"), 10, "it is on Pinterest")

    between.before[b.id] = meanwhile
    between.rules[b.id] = lambda look, pins: [[p | {"title": "Shown otherwise"} for p in pins]]
    b.lose("lost")
    lost = b.make("Lost", **words)
    yield
    got = b.over(lost)
    if b.over(sent[0])["confirmed_by"] != "answer":
        return t.skip("under way: sent again when the other's answer came", "it took too long to come")
    t.equal((got["status"], got["attempt_count"]), ("published", 2), "under way: the lost one is sent again")
    t.equal((len(b.made("Lost")), len(b.made("Under way"))), (1, 1), "under way: each is there once")


PARTS = (beside, under_way, shuffled, late, later, broken, for_ever, twins, late_twin, edited, board_gone, limited, long, crowded, finished_late)


def main():
    between = looked.Between()
    overrides = OVERRIDES | {"sandbox": OVERRIDES["sandbox"] | {"base_url": between.base_url}}
    print(f"# seed {SEED}, slow {SLOW}", flush=True)
    with Stack(overrides=overrides) as s:
        between.stack = s
        s.sign_up()
        begun = [part(s, between) for part in PARTS]
        for part in begun:
            next(part)
        pins = [made for made in rewritten(s, between) if made]
        for part in begun:
            next(part, None)
        for made in pins:
            rewritten_ends(s, *made)
        checker.hold(s, t, "looked up")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
