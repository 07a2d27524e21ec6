#!/usr/bin/env python3
"""Attack: the simulator, by strangers and by one sandbox tenant. It stands open to the world beside
production: whoever sends requests to it takes no other tenant's Pinterest user, no rows, no memory
and nobody's time. TAP."""

import base64
import concurrent.futures
import http.client
import json
import os
import socket
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from attack import LONG, Watch, memory_mb  # noqa: E402
from harness import SLOW, Stack, Tap, wait_for  # noqa: E402

t = Tap()
THREADS = 16  # of the simulator
TABLES = ("users", "boards", "codes", "tokens", "creates", "windows")


def rows(s):
    box = s.database + "_sandbox"
    return {x: int(s.sql(f"SELECT COUNT(*) FROM sandbox_{x}", box)[0][0]) for x in TABLES}


class Tenant:
    """An organisation with a sandbox project."""

    def __init__(self, s):
        self.s, s.key = s, None
        s.register()
        s.sandbox()
        self.token, self.project, self.name = s.token, s.project_id, s.sandbox_user()
        self.account, self.boards = s.account_id, s.boards

    def start(self):
        """Query of a new authorization URL at Pinterest."""
        path = "/v1/pinterest/oauth/start"
        url = self.s.to_pinterest(self.s.call("GET", path, auth=self.token)["authorization_url"])
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))


def visit(s, query):
    """(status, where to) of the authorization page, for a stranger."""
    page = s.request("GET", "/sandbox/oauth?" + urllib.parse.urlencode(query))
    return page[0], page[1]["Location"]


def names(s, alice, mallory):
    """Another organisation's Pinterest user, by every name that Mallory can know or guess."""
    hers, url = alice.start(), mallory.start()
    own = url["sandbox_user"]
    t.ok(alice.project not in urllib.parse.urlencode(hers), "an address at Pinterest does not show whose project it is")
    code = own.partition(".")[2]
    tries = {
        "her project": alice.project,
        "her project without dashes": alice.project.replace("-", ""),
        "her short name": alice.name,
        "her short name with his code": f"{alice.name}.{code}",
        "her name out of her own address": hers["sandbox_user"],
        "no name": None,
        "an empty name": "",
        "a name with a blank": own + " ",
        "his name without code": own.partition(".")[0],
        "another case": own.swapcase(),
        "all that a name holds": "x" * 2000,
    }
    before = rows(s)
    for what, name in tries.items():
        query = {k: v for k, v in {**url, "sandbox_user": name}.items() if v is not None}
        t.equal(visit(s, query), (400, None), f"sandbox_user: {what}")
    twice = urllib.parse.urlencode(url) + "&sandbox_user=" + alice.name
    where = s.request("GET", "/sandbox/oauth?" + twice)
    t.equal(where[0], 302, "a name given twice: the first counts")
    t.equal(rows(s)["users"], before["users"], "no name made a user")
    for what in ("https://evil.example/phish", "//evil.example", s.url + "/v1/pinterest/oauth/callback?x", s.url + "/v1/pinterest/oauth/callback/",
                 s.url + "@evil.example/v1/pinterest/oauth/callback", "javascript:alert(1)"):
        t.equal(visit(s, {**url, "redirect_uri": what}), (400, None), f"redirect_uri: {what}")
    status, where = visit(s, url)
    t.ok(status == 302 and where.startswith(s.url + "/v1/pinterest/oauth/callback?"), "his own address works", (status, where))
    got = s.call("GET", urllib.parse.urlsplit(where)._replace(scheme="", netloc="").geturl(), auth=False)
    t.equal(got["account_id"], mallory.account, "and is his own user")


def growth(s):
    """Strangers' requests write no row."""
    home = {"client_id": "sandbox", "response_type": "code", "scope": "pins:read"}
    home["redirect_uri"] = s.url + "/v1/pinterest/oauth/callback"
    pin = b'{"title": "' + b"x" * 20000 + b'"}'
    asks = (
        lambda i: s.request("GET", f"/sandbox/oauth?{urllib.parse.urlencode(home)}&sandbox_user={i}"),
        lambda i: s.request("GET", "/sandbox/oauth?" + urllib.parse.urlencode(home)),
        lambda i: s.request("POST", "/sandbox/v5/pins", pin, {"Authorization": f"Bearer pina_{i}"}),
        lambda i: s.request("GET", "/sandbox/v5/boards", headers={"Authorization": f"Bearer pina_{i}"}),
        lambda i: s.request("POST", "/sandbox/v5/oauth/token", "grant_type=refresh_token&refresh_token=x"),
    )
    before = rows(s)
    many = 4000 if LONG else 200
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda i: asks[i % len(asks)](i)[0], range(many)))
    t.ok(set(got) <= {400, 401}, f"{many} requests of strangers are refused", set(got))
    t.equal(rows(s), before, "and have written no row")


def memory(s):
    """Large bodies of strangers are not kept in memory."""
    path = "/sandbox/v5/oauth/token", "/sandbox/v5/pins", "/sandbox/v5/boards", "/sandbox/admin/arm"
    body = b"grant_type=authorization_code&code=" + b"x" * 8_000_000
    head = {"Content-Type": "application/x-www-form-urlencoded"}

    def send(i):
        try:
            return s.request("POST", path[i % len(path)], body, head)[0]
        except (OSError, http.client.HTTPException):
            return 0  # the web server may end a request whose body nobody reads

    before = memory_mb(s.pid("sandbox"))[0]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        got = list(pool.map(send, range(128 if LONG else 32)))
    now, peak = memory_mb(s.pid("sandbox"))
    print(f"# memory: {before:.0f} MiB, then {peak:.0f} at most, {now:.0f} at the end", flush=True)
    t.ok(not [x for x in got if x == 200 or x > 500], "bodies of 8 MB are refused", got)
    t.ok(peak - before < 16, "and never kept", f"{before} {peak}")


class User:
    """A Pinterest user of the simulator with a token, by the admin door, as a project has one."""

    def __init__(self, s, name):
        self.s = s
        scope = "boards:read,boards:write,pins:read,pins:write"
        query = {"client_id": "sandbox", "redirect_uri": "http://127.0.0.1/back", "response_type": "code", "scope": scope}
        where = s.authorize("/sandbox/oauth?" + urllib.parse.urlencode(query), name)
        code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(where).query))["code"]
        form = {"grant_type": "authorization_code", "redirect_uri": query["redirect_uri"], "code": code}
        basic = base64.b64encode(b"sandbox:sandbox-secret").decode()
        head = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Basic " + basic}
        got = s.request("POST", "/sandbox/v5/oauth/token", urllib.parse.urlencode(form), head)
        self.head = {"Authorization": "Bearer " + json.loads(got[2])["access_token"]}
        self.boards = {b["name"]: b["id"] for b in self.ask("GET", "/boards")[2]["items"]}

    def ask(self, method, path, body=None):
        got = self.s.request(method, "/sandbox/v5" + path, body, self.head, timeout=30 * SLOW)
        return got[0], got[1], json.loads(got[2]) if got[2].startswith(b"{") else got[2]

    def pin(self, board, image):
        source = {"source_type": "image_url", "url": image}
        return json.dumps({"board_id": self.boards[board], "title": "t", "media_source": source})

    def create(self, board, image):
        return self.ask("POST", "/pins", self.pin(board, image))[0]


def others(watch, what):
    """Those who have no part in it are answered, and in the long form quickly."""
    watch.report("others, " + what)
    t.ok(set(watch.answers) == {200}, f"{what}: others are answered", set(map(str, watch.answers)))
    if LONG:
        t.ok(watch.share(0.99) <= 0.1, f"{what}: p99 within 100 ms", watch.share(0.99))
    else:
        t.ok(max(watch.seconds) < 3 * SLOW, f"{what}: without waiting for a slow one", max(watch.seconds))


def slow_board(s, users, watcher):
    """More slow creates than the simulator has threads, then clients that leave."""
    took = []

    def create(user):
        began = time.monotonic()
        status = user.create("Slow (3 s)", s.image_url)
        took.append(time.monotonic() - began)
        return status

    with concurrent.futures.ThreadPoolExecutor(len(users)) as pool, Watch(lambda: watcher.ask("GET", "/boards")[0]) as watch:
        got = list(pool.map(create, users * (4 if LONG else 1)))
    t.equal(set(got), {201}, f"{len(users)} users on the slow board at once: all are published")
    t.ok(min(took) > 2.9, "each after three seconds", min(took))
    others(watch, "slow board")
    sockets = lambda: len(os.listdir(f"/proc/{s.pid('sandbox')}/fd"))  # noqa: E731
    wait_for(lambda: sockets() < 64, 30, "all answers are through")
    before, began = sockets(), time.monotonic()
    clients = []
    for user in users:
        c = socket.create_connection(("127.0.0.1", s.port))
        body = user.pin("Slow (3 s)", s.image_url).encode()
        head = f"POST /sandbox/v5/pins HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nAuthorization: {user.head['Authorization']}\r\n\r\n"
        c.sendall(head.encode() + body)
        clients.append(c)
    held = wait_for(lambda: max(0, sockets() - before - len(users)), 30, "their answers wait")
    for c in clients:
        c.close()
    wait_for(lambda: sockets() <= before + 8, 30, "the answers to clients that left are dropped")
    print(f"# {held} held, dropped after {time.monotonic() - began:.1f} s", flush=True)


def one_user(s, greedy, watcher):
    """One user whose requests stay in hand has a quarter of the threads."""
    silent = socket.create_server(("127.0.0.1", 0), backlog=64)
    image = f"http://127.0.0.1:{silent.getsockname()[1]}/a.png"
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool, Watch(lambda: watcher.ask("GET", "/boards")[0]) as watch:
        got = [pool.submit(greedy.ask, "POST", "/pins", greedy.pin("Always works", image)) for _ in range(THREADS)]
        wait_for(lambda: sum(g.done() for g in got) >= THREADS * 3 // 4, 30, "what is beyond the share is refused")
        early = [g.result() for g in got if g.done()]
        wait_for(lambda: len(watch.answers) > 5, 30, "others are answered meanwhile")
        while sum(not g.done() for g in got):
            silent.settimeout(0.2)
            try:
                silent.accept()[0].close()
            except TimeoutError:
                pass
    silent.close()
    t.equal([a[0] for a in early], [429] * (THREADS * 3 // 4), "one user: a quarter of the threads is his")
    t.ok(all(a[2]["code"] == 8 and a[1]["X-Sandbox-Fault"] == "busy" for a in early), "one user: the rest is told to wait", early[:1])
    t.equal(sorted(g.result()[0] for g in got)[: THREADS // 4], [400] * (THREADS // 4), "one user: those were tried")
    others(watch, "one user")
    t.equal(greedy.create("Always works", s.image_url), 201, "one user: afterwards he has places again")


def slow_images(s, users, watcher):
    """Images that never come: their servers' users, and nobody else, wait for them."""
    silent = socket.create_server(("127.0.0.1", 0), backlog=512)
    image = f"http://127.0.0.1:{silent.getsockname()[1]}/a.png"
    ended, seen = threading.Event(), []

    def create(user):
        while not ended.is_set():
            seen.append(user.create("Always works", image))

    with concurrent.futures.ThreadPoolExecutor(len(users)) as pool:
        done = [pool.submit(create, user) for user in users]
        # the first time nobody knows that their server is slow
        wait_for(lambda: len(seen) > 2 * len(users), 60, "all of them were slow once")
        with Watch(lambda: watcher.ask("GET", "/boards")[0]) as watch:
            got = [watcher.create("Always works", s.image_url) for _ in range(200 if LONG else 20)]
        ended.set()
        for d in done:
            d.result()
    t.equal(set(got), {201}, "slow images: another user's pins are published")
    t.ok(set(seen) <= {400, 429}, "slow images: the slow ones are told to wait, or that nothing came", set(seen))
    others(watch, "slow images")
    silent.close()


def main():
    allow = "127.0.0.1/32"
    with Stack(worker=False, overrides={"outbound": {"allow": allow}}) as s:
        alice, mallory = Tenant(s), Tenant(s)
        s.request("GET", "/sandbox/v5/pins")
        for part in (growth, memory):
            print("# " + part.__name__, flush=True)
            part(s)
        print("# names", flush=True)
        names(s, alice, mallory)
        watcher = User(s, "watcher")
        users = [User(s, f"slow {i}") for i in range(200 if LONG else 40)]
        one_user(s, User(s, "greedy"), watcher)
        for part in (slow_board, slow_images):
            print("# " + part.__name__, flush=True)
            part(s, users, watcher)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
