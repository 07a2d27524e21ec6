#!/usr/bin/env python3
"""Clients that are slow on purpose: uploads that trickle or never come, with and without a credential
and a length; answers that nobody takes; and, at the application's own socket, heads that never end.
First at the socket, where the causes can be seen, then behind each web server. TAP on stdout."""

import json
import os
import select
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from attack import LONG, Watch  # noqa: E402
from harness import SLOW, Stack, Tap, wait_for  # noqa: E402

t = Tap()
THREADS = 8
PATIENCE_S = 1
SOON_S = 5  # for what is answered at once
IMPORT = "/v1/pins/imports/json"
JSON = "application/json"
SERVERS = ("lighttpd", "nginx", "apache", "apache-fcgid")
PROCESSES = 16  # of mod_fcgid, one thread each
BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6


def record(kind, body=b"", number=1):
    return struct.pack(">BBHHBB", 1, kind, number, len(body), 0, 0) + body


def head(method, path, length=None, key=None, kind=JSON, more=()):
    """All of a request but its body, as a web server sends it."""
    params = {"REQUEST_METHOD": method, "REQUEST_URI": path, "CONTENT_TYPE": kind, "REMOTE_ADDR": "::1", **dict(more)}
    if length is not None:
        params["CONTENT_LENGTH"] = str(length)
    if key:
        params["HTTP_X_API_KEY"] = key
    pairs = b"".join(
        struct.pack(">II", len(n) | 1 << 31, len(v) | 1 << 31) + n.encode() + v.encode() for n, v in params.items()
    )
    return record(BEGIN, b"\0\1\0\0\0\0\0\0") + record(PARAMS, pairs) + record(PARAMS)


class Call:
    """A FastCGI connection to the application."""

    def __init__(self, s, sent):
        self.c = socket.socket(socket.AF_UNIX)
        self.c.settimeout(60 * SLOW)
        self.c.connect(s.path("app.sock"))
        self.c.sendall(sent)

    def read(self, n):
        got = b""
        while len(got) < n and (piece := self.c.recv(n - len(got))):
            got += piece
        return got

    def answer(self):
        """(status, headers, body, whether it was ended) once all has been read."""
        text, ended = b"", False
        try:
            while len(h := self.read(8)) == 8 and not ended:
                _, kind, _, length, padding, _ = struct.unpack(">BBHHBB", h)
                content = self.read(length + padding)[:length]
                text += content if kind == STDOUT else b""
                ended = kind == END
        except ConnectionResetError:
            pass
        top, _, body = text.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in top.decode().split("\r\n") if line)
        return int(fields.get("Status", "0")[:3]), fields, body, ended

    def silent(self):
        """Has nothing come back, not even the end?"""
        return not select.select([self.c], [], [], 0)[0]

    def closed(self):
        """Has the application closed the connection? Reads nothing."""
        p = select.poll()
        p.register(self.c, 0)
        return any(what & select.POLLHUP for _, what in p.poll(0))


def trickle(call, ended):
    """Sends a few bytes of the body again and again."""
    while not ended.wait(0.05):
        try:
            call.c.sendall(record(STDIN, b" " * 30))
        except OSError:
            return


def timed(act):
    began = time.monotonic()
    got = act()
    return got, time.monotonic() - began


def problem(got, status, code):
    """Is it that error, whole?"""
    try:
        body = json.loads(got[2])
    except ValueError:
        return False
    return got[0] == status and got[3] and got[1]["Content-Type"] == "application/problem+json" and body["code"] == code


def others(s):
    return Watch(lambda: s.request("GET", "/healthz", timeout=60)[0])


def served(watch, name, seconds=SOON_S):
    watch.report(name)
    good = all(a == 200 for a in watch.answers) and max(watch.seconds) < seconds * SLOW
    t.ok(good, f"{name}: all others are answered", [a for a in watch.answers if a != 200][:3] or max(watch.seconds))
    if LONG and SLOW == 1:
        t.ok(watch.share(0.99) < 0.1, f"{name}: others p99 {watch.share(0.99) * 1000:.0f} ms, at most 100")


def heads(s):
    """More connections than threads whose requests never get whole heads."""
    whole = head("GET", "/healthz")
    cuts = [b"", whole[:5], whole[:20], whole[:-8], whole[:-1]] * 3
    with others(s) as watch:
        calls = [Call(s, cut) for cut in cuts]
        ends, took = timed(lambda: [call.answer() for call in calls])
    t.ok(all(e[0] == 0 for e in ends), f"{len(cuts)} heads that never end are closed without an answer", ends)
    t.ok(took < 20 * SLOW, "within seconds", took)
    served(watch, "heads that never end")
    call = Call(s, head("GET", "/healthz")[:-8] + record(9, number=0))
    t.equal(call.answer()[0], 0, "what is no request is closed, too")
    call = Call(s, head("GET", "/healthz"))
    t.equal(call.answer()[0::3], (200, True), "a request whose body never ends is answered before")


def credentials_first(s):
    """Nobody waits for the body of a request that is refused without it."""
    for key, kind, length, more, want in (
        (None, JSON, 4_000_000, {}, 401),
        ("pb_test_wrong", JSON, 4_000_000, {}, 401),
        (s.reader, JSON, 4_000_000, {}, 403),
        (s.key, JSON, 4_194_305, {}, 413),
        (s.key, "text/plain", 10, {}, 415),
        (s.key, JSON, 10, {"HTTP_CONTENT_ENCODING": "gzip"}, 415),
        (s.key, JSON, "many", {}, 400),
        (None, JSON, None, {}, 401),
    ):
        got, took = timed(Call(s, head("POST", IMPORT, length, key, kind, more.items())).answer)
        t.ok(got[0] == want and got[3] and took < SOON_S * SLOW, f"a body that never comes is not waited for: {want}", (got, took))


def late(s):
    """Bodies that are too slow, within the pace and at its end."""
    for name, path, key, length in (
        ("of an import", IMPORT, s.key, 4_000_000),
        ("of a login", "/v1/auth/login", None, 60_000),
        ("without a length", IMPORT, s.key, None),
    ):
        for sent in (False, True):
            call, ended = Call(s, head("POST", path, length, key)), threading.Event()
            sender = threading.Thread(target=trickle, args=(call, ended))
            if sent:
                sender.start()
            got, took = timed(call.answer)
            ended.set()
            if sent:
                sender.join()
            what = "trickles" if sent else "never comes"
            t.ok(problem(got, 408, "request_timeout"), f"a body {name} that {what} is a 408", got)
            t.ok(took > PATIENCE_S / 2, "after the patience", took)
            t.ok(took < (PATIENCE_S + SOON_S) * SLOW, "and not much later", took)
    body = json.dumps([{"title": "x"}]).encode()
    call = Call(s, head("POST", IMPORT, len(body), s.key) + record(STDIN, body[:5]))
    time.sleep(PATIENCE_S / 10)
    call.c.sendall(record(STDIN, body[5:]) + record(STDIN))
    got = call.answer()
    t.ok(got[3] and got[0] not in (0, 400, 408), "a body that comes in two parts is read whole", got)
    call = Call(s, head("POST", IMPORT, len(body), s.key) + record(STDIN, body[:5]) + record(2))
    t.equal(call.answer()[0], 400, "one that the web server gives up is incomplete")


def imports(s):
    """At most half of the threads hold an import, whoever sends it."""
    calls = [Call(s, head("POST", IMPORT, 4_000_000, k)) for k in (s.key, s.other_key) for _ in range(2)]
    got = Call(s, head("POST", IMPORT, 2, s.other_key) + record(STDIN, b"[]") + record(STDIN)).answer()
    t.ok(got[0] in (422, 429, 503), "an import beside as many as there may be is answered at once", got)
    ends = [call.answer() for call in calls]
    t.ok(all(problem(e, 408, "request_timeout") for e in ends), "the others had their time", ends)
    got = Call(s, head("POST", IMPORT, 2, s.other_key) + record(STDIN, b"[]") + record(STDIN)).answer()
    t.equal(got[0], 422, "and left their places")


def logged(s):
    """A flood of refusals cannot fill the disk."""
    for _ in range(100):
        Call(s, head("POST", IMPORT, 4_000_000)).answer()
    lines = [x for x in s.log("app").splitlines() if "event=request id=" in x and "status=401" in x]
    t.ok(len(lines) <= 40, "of more than a hundred equal refusals of strangers some are logged", len(lines))


def places(s):
    """At most half of the threads wait for bodies, half of these for one project or for strangers."""
    cases = [("login", None)] * THREADS + [("import", s.key)] * THREADS + [("import", s.other_key)] * THREADS
    calls = []
    with others(s) as watch:
        for name, key in cases:
            path, length = (IMPORT, 4_000_000) if name == "import" else ("/v1/auth/login", 60_000)
            calls.append(Call(s, head("POST", path, length, key)))
        got = [call.answer() for call in calls]
    waited = [sum(g[0] == 408 for g in got[i : i + THREADS]) for i in range(0, len(got), THREADS)]
    refused = [g for g in got if g[0] != 408]
    told = all(problem(g, 503, "service_unavailable") or problem(g, 429, "rate_limited") for g in refused)
    t.ok(1 <= max(waited) and told, "who finds no place is refused", [g[0] for g in got])
    t.ok(all(int(g[1]["Retry-After"]) > 0 for g in refused), "and told when to try again")
    served(watch, "bodies that never come")
    calls = [Call(s, head("POST", IMPORT, 4_000_000, s.key)) for _ in range(THREADS)]
    wait_for(lambda: sum(not c.silent() for c in calls) == THREADS - 2, 30, "six of eight are refused")
    t.ok(True, "one project waits for a quarter of the threads")
    mine = Call(s, head("POST", IMPORT, 4_000_000, s.other_key))
    got = mine.answer()
    t.ok(problem(got, 408, "request_timeout"), "another project has its places meanwhile", got)
    for call in calls:
        call.answer()
    calls = [Call(s, head("POST", IMPORT, 4_000_000, k)) for k in (s.key, s.production_key) for _ in range(THREADS // 2)]
    wait_for(lambda: sum(not c.silent() for c in calls) == THREADS - 2, 30, "six of eight are refused")
    t.ok(True, "and with its two projects an organization has no more")
    t.ok(problem(Call(s, head("POST", IMPORT, 4_000_000, s.other_key)).answer(), 408, "request_timeout"), "beside which another has its places")
    for call in calls:
        call.answer()


def readers(s):
    """More connections than threads that ask for a large answer and never take it."""
    ask = head("GET", s.large, key=s.key) + record(STDIN)
    whole = Call(s, ask).answer()
    t.ok(whole[0] == 200 and whole[3] and len(whole[2]) > 300_000, "a large answer is sent whole", (whole[0], len(whole[2])))
    with others(s) as watch:
        calls = []
        for _ in range(THREADS * 2):  # one after the other: nobody waits for a place
            calls.append(Call(s, ask))
            wait_for(lambda: not calls[-1].silent(), 30, "the answer begins")
        wait_for(lambda: all(c.closed() for c in calls), 60, "all are given up")
        got = [call.answer() for call in calls]
    t.ok(all(g[0] == 200 for g in got), "answers that nobody takes are begun", [g[0] for g in got])
    late = [g for g in got if not g[3] and len(g[2]) < len(whole[2])]
    t.ok(len(late) == len(got), "given up after the patience, and not ended as if they were whole", len(late))
    served(watch, "answers that nobody takes")
    again = Call(s, ask).answer()
    t.equal((again[0], len(again[2]), again[3]), (200, len(whole[2]), True), "and who takes it has it whole")


class Slow:
    """A slow client behind a web server: it sends `first`, and `piece` with each more()."""

    def __init__(self, s, first, piece=b"", readers=False):
        self.c = socket.socket()
        if readers:
            self.c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.c.connect(("127.0.0.1", s.port))
        self.c.settimeout(60)
        self.c.sendall(first)
        self.piece = piece

    def more(self):
        try:
            self.c.sendall(self.piece)
        except OSError:
            pass

    def status(self):
        """The status that it is told in the end, or 0."""
        got = b""
        try:
            while piece := self.c.recv(65536):
                got += piece
        except OSError:
            pass
        return int(got.split()[1]) if got.startswith(b"HTTP/1.1 ") else 0

    def close(self):
        self.c.close()


def slow_requests(s):
    """Kinds of slow clients: what each sends at once, and then each second."""
    base = f"Host: x\r\nConnection: close\r\nContent-Type: {JSON}\r\n"
    key = f"X-API-Key: {s.key}\r\n"
    length, chunked = "Content-Length: 4000000\r\n", "Transfer-Encoding: chunked\r\n"
    post, part = f"POST {IMPORT} HTTP/1.1\r\n{base}", b" " * 600
    return {
        "uploads of strangers": (post + length, part),
        "uploads": (post + key + length, part),
        "chunked uploads": (post + key + chunked, b"258\r\n" + part + b"\r\n"),
        "logins": (f"POST /v1/auth/login HTTP/1.1\r\n{base}Content-Length: 60000\r\n", part),
        "readers": (f"GET {s.large} HTTP/1.1\r\n{base}{key}", b""),
    }


def behind(s, server):
    """More clients of each kind than threads: in the short form all kinds together."""
    number = (PROCESSES if server == "apache-fcgid" else THREADS) + 2
    kinds = slow_requests(s)
    pause = threading.Event()  # never set
    rounds = [[name] for name in kinds] if LONG else [list(kinds)]
    for names in rounds:
        clients = []
        with others(s) as watch:
            for name in names:
                first, piece = kinds[name]
                first = (first + "\r\n").encode() + piece
                clients += [Slow(s, first, piece, name == "readers") for _ in range(number)]
            for _ in range(20 if LONG else 2):
                pause.wait(1)
                for client in clients:
                    client.more()
        for client in clients:
            client.close()
        served(watch, f"{server}, {number} slow {' and '.join(names)}")
    wait_for(lambda: s.status_of("/healthz") == 200, 30, "the application answers")


def warm(s):
    """mod_fcgid starts processes one after another: here, all that it may."""
    for _ in range(3):
        threads = [threading.Thread(target=s.api, args=("GET", s.large)) for _ in range(PROCESSES * 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def told(s, server):
    """What a slow client is told is true: a refusal with a reason, never a success or another's error."""
    if server == "apache":
        post = f"POST {IMPORT} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {JSON}\r\nContent-Length: 400000\r\n"
        for name, more, want in (("without a key", "", 401), ("with a key", f"X-API-Key: {s.key}\r\n", 408)):
            client, ended = Slow(s, (post + more + "\r\n").encode(), b" " * 2000), threading.Event()

            def send(client=client, ended=ended):
                while not ended.wait(0.1):
                    client.more()

            sender = threading.Thread(target=send)
            sender.start()
            status = client.status()
            ended.set()
            sender.join()
            t.equal(status, want, f"{server}: a slow upload {name} is told {want}")


def fill(s):
    """A project whose list of pins is a large answer, and keys."""
    s.register()
    s.production_key = s.make_key()
    s.sandbox()
    s.make_key()
    s.reader = s.call("POST", "/v1/api-keys", {"name": "r", "scopes": ["read"]}, auth=s.token)["api_key"]
    rows = [s.pin_body(description="d" * 790, title=f"pin {i}") for i in range(200)]
    for row in rows:
        s.call("POST", "/v1/pins", row)
    s.large = "/v1/pins?limit=200"


def main():
    pace = {"app": {"client_patience_s": PATIENCE_S, "threads": THREADS}}
    with Stack(worker=False, overrides=pace) as s:
        s.register()
        s.sandbox()
        s.other_key = s.make_key()
        fill(s)
        for part in (heads, credentials_first, late, imports, places, readers, logged):
            print("# " + part.__name__, flush=True)
            part(s)
    for server in SERVERS:
        with Stack(server=server, worker=False, overrides={"app": {"threads": THREADS}} if LONG else pace) as s:
            fill(s)
            if server == "apache-fcgid":
                warm(s)
            behind(s, server)
            if not LONG:
                told(s, server)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
