#!/usr/bin/env python3
"""One organization's receivers answer 200, but late. Its two projects have every endpoint they may
have, and a queue for each; other organizations' webhooks must go on as if it were not there. TAP on
stdout."""

import hashlib
import os
import socket
import sys
import threading
import time
import uuid

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness import Stack, Tap  # noqa: E402
from security.attack import LONG, share  # noqa: E402

ENDPOINTS, QUEUE, OTHERS = (40, 60, 6) if LONG else (24, 12, 3)
ROUNDS, HELD_S, PAUSE_S = (25, 14, 0.8) if LONG else (4, 3, 0)
MAX_IN_FLIGHT, PER_HOST = 200, 20


class Receiver:
    """Answers 204 on every address of 127/8, after hold_s, and knows how many wait at each."""

    def __init__(self, hold_s):
        self.hold_s, self.lock = hold_s, threading.Lock()
        self.now, self.most, self.arrived = {}, {}, {}
        self.socket = socket.create_server(("0.0.0.0", 0), backlog=512)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            threading.Thread(target=self.serve, args=self.socket.accept(), daemon=True).start()

    def count(self, host, by):
        with self.lock:
            for what in (host, "all"):
                self.now[what] = self.now.get(what, 0) + by
                self.most[what] = max(self.most.get(what, 0), self.now[what])

    def serve(self, connection, _):
        host = connection.getsockname()[0]
        with connection, connection.makefile("rb") as stream:
            while stream.readline():
                size, event = 0, None
                while (line := stream.readline().strip()) != b"":
                    name, _, value = line.partition(b": ")
                    size = int(value) if name.lower() == b"content-length" else size
                    event = value.decode() if name.lower() == b"webhook-id" else event
                stream.read(size)
                with self.lock:
                    self.arrived.setdefault(event, time.time())
                self.count(host, 1)
                time.sleep(self.hold_s)
                self.count(host, -1)
                try:
                    connection.sendall(b"HTTP/1.1 204 Done\r\nContent-Length: 0\r\n\r\n")
                except OSError:
                    return


def plant(s, project, hooks, each):
    """So many due events of a project, each for one of its webhooks; their ids."""
    planted = []
    for hook in hooks:
        events, rows, deliveries = [], [], []
        for _ in range(each):
            event = uuid.uuid4()
            events.append(str(event))
            rows.append(
                f"(x'{event.hex}', x'{project}', 1, 1, x'{uuid.uuid4().hex}', 1, '{{}}', UTC_TIMESTAMP(6))"
            )
            deliveries.append(
                f"(x'{uuid.uuid4().hex}', x'{project}', x'{event.hex}', x'{hook}',"
                f" (SELECT shard FROM webhooks WHERE id = x'{hook}'), 0, UTC_TIMESTAMP(6),"
                " UTC_TIMESTAMP(6) + INTERVAL 1 HOUR, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))"
            )
        s.sql(
            "INSERT INTO events (id, project_id, type, subject_type, subject_id, subject_version, body,"
            " created_at) VALUES " + ",".join(rows) + ";"
            "INSERT INTO deliveries (id, project_id, event_id, webhook_id, shard, state, due_at,"
            " deadline_at, created_at, updated_at) VALUES " + ",".join(deliveries)
        )
        planted += events
    return planted


def hooks_of(s, count, url):
    """Webhooks of the project that is signed in: their ids."""
    made = [
        s.call("POST", "/v1/webhooks", {"url": url(i), "secret": "sixteen-or-more-characters"}, auth=s.token)
        for i in range(count)
    ]
    return [m["id"].replace("-", "") for m in made]


def project_of(s):
    hashed = hashlib.sha256(s.token.encode()).hexdigest()
    return s.sql(f"SELECT HEX(project_id) FROM sessions WHERE token_hash = x'{hashed}'")[0][0]


def measure(s, others, quick):
    """How long each of others' webhooks takes, from its event to its arrival."""
    seconds = []
    for _ in range(ROUNDS):
        began = time.time()
        for project, hook in others:
            (event,) = plant(s, project, [hook], 1)
            s.wait_for(lambda e=event: e in quick.arrived, 60, "another organization's webhook arrives")
            seconds.append(quick.arrived[event] - began)
            began = time.time()
        time.sleep(PAUSE_S)
    return seconds


def main():
    t = Tap()
    slow, quick = Receiver(HELD_S), Receiver(0)
    overrides = {
        "outbound": {"allow": f"127.0.0.0/8:{slow.port}, 127.0.0.0/8:{quick.port}"},
        "worker": {"poll_ms": 20},
    }
    with Stack(overrides=overrides) as s:
        others = []
        for i in range(OTHERS):
            s.register()
            url = f"http://127.0.1.{i + 1}:{quick.port}/"
            others.append((project_of(s), hooks_of(s, 1, lambda _, u=url: u)[0]))
        s.register()
        attack = [(project_of(s), hooks_of(s, ENDPOINTS // 2, lambda i: f"http://127.0.2.{i + 1}:{slow.port}/"))]
        s.sandbox()
        # Those of the sandbox share one host.
        attack.append((project_of(s), hooks_of(s, ENDPOINTS // 2, lambda i: f"http://127.0.3.1:{slow.port}/{i}")))
        for project, hooks in reversed(attack):
            plant(s, project, hooks, QUEUE)
        s.wait_for(lambda: slow.now.get("all", 0) >= 20, 30, "the slow receivers are busy")
        seconds = measure(s, others, quick)
        p50, p90 = share(seconds, 0.5), share(seconds, 0.9)
        print(
            f"# others' webhooks: {len(seconds)}, p50 {p50:.2f} s, p90 {p90:.2f} s, max {max(seconds):.2f} s;"
            f" slow: {slow.most['all']} at once, {slow.most.get('127.0.3.1', 0)} at one host",
            flush=True,
        )
        t.ok(p90 <= (1 if LONG else 10), "others' webhooks do not wait for slow receivers", p90)
        t.ok(slow.most["all"] <= MAX_IN_FLIGHT // 4, "one organization has a quarter of all places", slow.most["all"])
        most = slow.most.get("127.0.3.1", 0)
        t.ok(0 < most <= PER_HOST, "one host gets no more than its places", most)
        failed = s.sql("SELECT COUNT(*) FROM delivery_attempts WHERE class <> 'ok'")
        t.equal(failed, [["0"]], "none failed")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
