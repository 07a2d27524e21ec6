#!/usr/bin/env python3
"""POST /v1/pins/batch: each entry is accepted or refused as by POST /v1/pins, and nothing of one changes the
others; its edges, its idempotency, its limits. Runs without a worker."""

import json
import os
import sys
import threading
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()
RANDOM = "217582604819999999"


def batch(s, pins, **more):
    status, _, body = s.api("POST", "/v1/pins/batch", {"pins": pins}, **more)
    return status, body


def told(body):
    return [(r["index"], r["status"], (r["error"] or {}).get("code")) for r in body["results"]]


def code(answer):
    return answer[0], answer[-1]["error"]["code"]


def pins(s):
    return int(s.sql("SELECT COUNT(*) FROM pins WHERE deleted_at IS NULL")[0][0])


def each_alone(s):
    """Whatever is wrong with an entry, it is refused as POST /v1/pins refuses it, and the others are made."""
    good = s.pin_body(idempotency_key="good", description="d", related_terms="x, y")
    s.call("POST", "/v1/pins", s.pin_body(idempotency_key="taken"))
    wrong = {
        "a missing title": {k: v for k, v in s.pin_body().items() if k != "title"},
        "a key used for something else": s.pin_body(idempotency_key="taken", title="Other"),
        "an unknown board": s.pin_body(idempotency_key="b", board_id=RANDOM),
        "an unknown account": s.pin_body(idempotency_key="a", account_id=str(uuid.uuid4())),
        "an upload": {k: v for k, v in s.pin_body(asset_id=str(uuid.uuid4())).items() if k != "image_url"},
        "an unknown field": s.pin_body(titel="x"),
        "a run_at": s.pin_body(run_at="2099-01-01T00:00:00Z"),
        "no text as account": s.pin_body(account_id=7),
    }
    before = pins(s)
    status, got = batch(s, [*wrong.values(), good])
    t.equal((status, got["created_count"], got["existing_count"], got["failed_count"]), (200, 1, 0, len(wrong)), "wrong entries fail alone")
    for i, (name, body) in enumerate(wrong.items()):
        alone = s.api("POST", "/v1/pins", body)[2]["error"]
        alone.pop("request_id")
        r = got["results"][i]
        t.equal((r["index"], r["status"], r["pin"], r["error"]), (i, "failed", None, alone), f"refused as POST /v1/pins does: {name}")
        t.equal(r["idempotency_key"], body.get("idempotency_key", ""), f"and told with its key: {name}")
    made = got["results"][-1]
    t.equal((made["status"], made["error"], made["idempotency_key"]), ("created", None, "good"), "the good one is made")
    t.equal(made["pin"], s.call("GET", "/v1/pins/" + made["pin"]["id"]), "and shown as GET shows it")
    t.equal(pins(s), before + 1, "nothing else is stored")
    again = batch(s, [good, good, {**good, "title": "Other"}, s.pin_body(idempotency_key="new"), s.pin_body(idempotency_key="new", title="Twice")])[1]
    t.equal(told(again), [(0, "existing", None), (1, "existing", None), (2, "failed", "conflict"), (3, "created", None), (4, "failed", "conflict")],
            "what was made before, or earlier in the batch, exists; under its key nothing else is made")
    t.equal(again["results"][0]["pin"]["id"], made["pin"]["id"], "an existing entry shows the pin")


def whole(s):
    """What is no batch is refused as a whole, and creates nothing."""
    before = pins(s)
    for name, body, want in (
        ("no pins", {}, (422, "validation_error")),
        ("none", {"pins": []}, (422, "validation_error")),
        ("101", {"pins": [s.pin_body() for _ in range(101)]}, (422, "validation_error")),
        ("a text among them", {"pins": [s.pin_body(), "x"]}, (422, "validation_error")),
        ("a field that is not known", {"pins": [s.pin_body()], "dry_run": True}, (422, "validation_error")),
        ("an array", [s.pin_body()], (422, "validation_error")),
        ("a text", {"pins": "x"}, (422, "validation_error")),
    ):
        t.equal(code(s.api("POST", "/v1/pins/batch", body)), want, f"refused as a whole: {name}")
    got = s.api("POST", "/v1/pins/batch", {"pins": [s.pin_body(), "x"]})[2]
    t.equal([e["loc"] for e in got["error"]["errors"]], [["body", "pins", 1]], "and the wrong one is named")
    t.equal(pins(s), before, "nothing was made")


def large(s):
    """100 pins with every text at its limit, in any characters, fit; more values than they can have do not."""
    wide = "\U0001f600"
    full = [s.pin_body(title=wide * 100, description=wide * 800, alt_text=wide * 500, link_url="https://example.com/" + "a" * 2028, campaign=wide * 255,
                       related_terms=[f"{i} {j} " + wide * 90 for j in range(30)]) for i in range(100)]  # fmt: skip
    body = json.dumps({"pins": full}, ensure_ascii=False).encode()
    status, _, got = s.api("POST", "/v1/pins/batch", body, headers={"Content-Type": "application/json"})
    t.equal((status, got.get("created_count")), (200, 100), f"100 pins of full length are one batch ({len(body)} bytes)")
    t.ok(got["results"][99]["pin"]["title"] == wide * 100, "and stored whole")
    t.equal(got["warnings"], [], "no warning without a reason")
    status, got = batch(s, [{"x": [0] * 6000}])
    t.equal(status, 400, "a body of very many values is refused before it is taken apart")


def replayed(s):
    """Idempotency-Key of the whole: the reply is repeated, also what failed in it."""
    head = {"Idempotency-Key": "whole"}
    body = [s.pin_body(idempotency_key="w1"), s.pin_body(idempotency_key="w2", board_id=RANDOM)]
    first = s.api("POST", "/v1/pins/batch", {"pins": body}, headers=head)
    again = s.api("POST", "/v1/pins/batch", {"pins": body}, headers=head)
    t.equal((first[0], again[2], again[1].get("Idempotent-Replayed")), (200, first[2], "true"), "a repeated batch gets the same reply")
    other = s.api("POST", "/v1/pins/batch", {"pins": body[:1]}, headers=head)
    t.equal(code(other), (409, "conflict"), "another batch under the header's key is refused")


def together(s):
    """Equal batches at the same time make each pin once."""
    body = [s.pin_body(idempotency_key=f"race-{i}") for i in range(20)]
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(batch(s, body))) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    good = [b for status, b in answers if status == 200]
    t.ok(good and all(status in (200, 429, 503) for status, _ in answers), "they are answered, or told to wait", [a[0] for a in answers])
    t.equal((sum(b["created_count"] for b in good), sum(b["failed_count"] for b in good)), (20, 0), "each pin is made once")
    ids = {tuple(r["pin"]["id"] for r in b["results"]) for b in good}
    t.equal(len(ids), 1, "and all answers show the same pins")


def at_the_limit(s):
    """Entries that do not fit any more fail with the code of the limit; what exists is told all the same."""
    before = [s.pin_body(idempotency_key=f"fit-{i}") for i in range(3)]
    t.equal(batch(s, before)[1]["created_count"], 3, "three fit")
    room = s.call("GET", "/v1/limits")["limits"]
    left = next(x["remaining"] for x in room if x["name"] == "pending_pins")
    more = [s.pin_body(idempotency_key=f"more-{i}") for i in range(left + 2)]
    status, got = batch(s, [before[0], *more, before[1]])
    want = [(0, "existing", None)] + [(i + 1, "created", None) for i in range(left)]
    want += [(left + 1, "failed", "plan_limit"), (left + 2, "failed", "plan_limit"), (left + 3, "existing", None)]
    t.equal((status, told(got)), (200, want), "those beyond the limit fail, and name it")
    t.equal(got["headroom"], {"quota_remaining": 0}, "headroom is what may still wait")


def deadlines(s):
    """A batch that the pace does not carry is told so, once, with the entries."""
    s.sql("UPDATE pinterest_accounts SET daily_cap = 1")
    soon = s.pin_body(idempotency_key="late-0")
    body = [soon] + [s.pin_body(idempotency_key=f"late-{i}") for i in range(1, 12)]
    got = batch(s, body)[1]
    t.equal([w["code"] for w in got["warnings"]], ["publish_window_missed"], "pins that leave too late are a warning")
    t.ok(set(got["warnings"][0]["rows"]) <= set(range(12)) and 11 in got["warnings"][0]["rows"], "which names their entries", got["warnings"])


def main():
    with Stack(worker=False) as s:
        s.sign_up()
        for part in (each_alone, whole, large, replayed, together, deadlines):
            part(s)
    with Stack(worker=False, overrides={"limits": {"pending_pins": 6}}) as s:
        s.sign_up()
        at_the_limit(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
