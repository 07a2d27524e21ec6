#!/usr/bin/env python3
"""GET /v1/events: the same bodies as webhooks get, in an order in which a reader misses nothing,
whenever an event is committed. TAP on stdout."""

import json
import os
import re
import sys
import threading
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Session, Stack, Tap  # noqa: E402

t = Tap()
LONG = 30
SETTLED = 2.0  # SETTLE_S of app/api/events.c


def code(answer):
    return answer[0], answer[2]["error"]["code"]


def next_page(head):
    found = re.search(r'<([^>]*)>; rel="next"', head.get("Link", ""))
    return "/v1/events" + found[1] if found else None


class Reader:
    """As docs/api.md says: follow rel="next"; without one, ask the same address again."""

    def __init__(self, s, path="/v1/events", **more):
        self.s, self.path, self.more, self.got = s, path, more, []

    def read(self):
        while True:
            status, head, body = self.s.api("GET", self.path, **self.more)
            if status != 200:
                raise AssertionError((status, body))
            self.got += [e["event_id"] for e in body]
            if not next_page(head):
                return self.got
            self.path = next_page(head)


def publish(s, board="Always works", **fields):
    return s.call("POST", "/v1/pins", s.pin_body(board=board, **fields))["id"]


def same_bodies(s):
    """What webhooks get, byte for byte; by type, by account, and after one that is known."""
    s.webhook()
    good, bad = publish(s), publish(s, "Link blocked")
    s.wait_for(lambda: len(s.sink.events("/hook")) == 2, LONG, "both events are delivered")
    s.wait_for(lambda: len(s.call("GET", "/v1/events")) == 2, LONG, "both are listed")
    raw = s.request("GET", "/v1/events", headers={"X-API-Key": s.key})[2]
    raw = raw if isinstance(raw, str) else raw.decode()
    with s.sink.lock:
        sent = [d.body.decode() for d in s.sink.got]
    t.ok(all(body in raw for body in sent), "the bodies are those of the webhooks", (raw, sent))
    listed = json.loads(raw)
    t.equal({e["pin_id"] for e in listed}, {good, bad}, "of both pins")
    by_type = {n: [e["type"] for e in s.call("GET", f"/v1/events?types={n}")] for n in ("pin.failed", "pin.published", "pin.published,pin.failed")}
    t.equal({n: len(v) for n, v in by_type.items()}, {"pin.failed": 1, "pin.published": 1, "pin.published,pin.failed": 2}, "of some types")
    first, second = (e["event_id"] for e in listed)
    t.equal([e["event_id"] for e in s.call("GET", f"/v1/events?after={first}")], [second], "after one that is known")
    t.equal(s.call("GET", f"/v1/events?after={second}"), [], "and after the last one nothing")
    t.equal(s.call("GET", "/v1/events?since=2099-01-01T00:00:00Z"), [], "nor later than now")
    for wrong in ("types=pin.gone", "limit=0", "limit=201", "after=x", "cursor=x", "before=1", f"after={uuid.uuid4()}"):
        t.equal(code(s.api("GET", "/v1/events?" + wrong)), (422, "validation_error"), f"{wrong[:20]} is refused")
    narrow = s.call("POST", "/v1/api-keys", {"name": "n", "pinterest_account_ids": [s.connect("second")]}, auth=s.token)["api_key"]
    reader = Reader(s, auth=narrow)
    t.equal(reader.read(), [], "a key for another account reads none of them")
    t.ok(first not in repr(s.api("GET", "/v1/events", auth=narrow)), "and is not told of any")
    got = [s.api("GET", f"/v1/events?after={i}", auth=narrow) for i in (first, str(uuid.uuid4()))]
    t.equal({(code(g), g[2]["error"]["errors"][0]["msg"]) for g in got}, {((422, "validation_error"), got[0][2]["error"]["errors"][0]["msg"])}, "another account's event is as unknown as a random one")
    etag = s.api("GET", "/v1/events")[1]["ETag"]
    t.equal(s.api("GET", "/v1/events", headers={"If-None-Match": etag})[0], 304, "an unchanged page is a 304")
    return listed[0]


def row(like, event_id):
    """The INSERT of another event, as the worker makes it."""
    text = json.dumps({**like, "event_id": event_id}).replace("'", "''").replace("\\", "\\\\")
    return (
        "INSERT INTO events (id, project_id, type, subject_type, subject_id, subject_version, account_id, body, created_at)"
        f" SELECT UNHEX('{event_id.replace('-', '')}'), project_id, type, subject_type, UNHEX('{uuid.uuid4().hex}'), 1, account_id, '{text}', UTC_TIMESTAMP(6)"
        f" FROM events WHERE id = UNHEX('{like['event_id'].replace('-', '')}')"
    )


def pages(s, like):
    """Many events, in pages of every size."""
    ids = [str(uuid.uuid4()) for _ in range(60)]
    for i in ids:
        s.sql(row(like, i))
    s.wait_for(lambda: ids[-1] in {e["event_id"] for e in s.call("GET", "/v1/events?limit=200")}, LONG, "all are listed")
    whole = [e["event_id"] for e in s.call("GET", "/v1/events?limit=200")]
    t.equal(whole[-60:], ids, "they come in the order in which they were written")
    for limit in (1, 7, 61, 62, 200):
        t.equal(Reader(s, f"/v1/events?limit={limit}").read(), whole, f"pages of {limit} leave out none and repeat none")
    reader = Reader(s, "/v1/events?types=pin.failed&limit=5")
    t.equal(len(reader.read()), sum(e["type"] == "pin.failed" for e in s.call("GET", "/v1/events?limit=200")), "pages without an event of the type lead on")


def late_commits(s, like):
    """An event whose transaction ends late, long after others that began later."""
    reader = Reader(s)
    before = list(reader.read())
    late, early = str(uuid.uuid4()), str(uuid.uuid4())
    slow = Session(s)
    slow.run("START TRANSACTION")
    slow.run(row(like, late))
    s.sql(row(like, early))
    began = time.monotonic()
    # ask until both would have been listed if nothing waited
    seen, took, stop = [], [], threading.Event()

    def poll():
        while not stop.is_set():
            asked = time.monotonic()
            status, head, body = s.api("GET", reader.path)
            took.append(time.monotonic() - asked)
            if status == 200:
                seen.extend(e["event_id"] for e in body)
                reader.path = next_page(head) or reader.path

    thread = threading.Thread(target=poll)
    thread.start()
    while time.monotonic() - began < SETTLED * 2 and not seen:
        slow.run("DO SLEEP(0.1)")
    t.equal(seen, [], "what was written behind an open transaction is held back")
    slow.run("COMMIT")
    s.wait_for(lambda: early in seen, LONG, "both are listed")
    stop.set()
    thread.join()
    slow.close()
    t.equal(seen, [late, early], "then a reader gets both, each once and in order")
    t.ok(0.9 < max(took) < 4, f"and waits a second each time, not five times ({max(took):.1f} s)")
    t.equal(Reader(s).read(), before + [late, early], "as everybody who comes later")


def main():
    with Stack() as s:
        s.sign_up()
        like = same_bodies(s)
        pages(s, like)
        late_commits(s, like)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
