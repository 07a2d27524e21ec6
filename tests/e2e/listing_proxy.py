"""For look-up tests: a proxy between the worker and the simulator that serves board listings the
simulator cannot produce: any order and page size, torn, endless or rewritten pages. Everything else
passes through unchanged.

    proxy = listing_proxy.ListingProxy()
    with Stack(overrides={"sandbox": {"base_url": proxy.base_url}}) as s:
        proxy.stack = s
        proxy.rules[board_id] = lambda lookup, pins: [page, page, ...]

A rule gets the number of the look-up (1, 2, ...) and all pins of the board, oldest first. A page is a
list of pins, bytes (sent verbatim), a status, or (status, headers), with an error as Pinterest sends it. The last page has no bookmark.
proxy.before[board_id](lookup) is called before the pins are read. proxy.seen lists the paths asked
for. While proxy.silent is true nothing is answered.
Board: a board of a separate account, with helpers that create pins on it and check their outcome."""

import http.client
import json
import random
import re
import threading
import urllib.parse
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import checker

LOOP = "loop"  # as the last page: empty, with a bookmark that leads back to itself
ENDLESS = "endless"  # as the last page: empty pages without end, each with a new bookmark
TORN = "torn"  # a page that ends in the middle
PINS = {"method": "POST", "path_prefix": "/v5/pins"}


def in_pages(pins, size):
    return [pins[k : k + size] for k in range(0, len(pins), size)] or [[]]


class ListingProxy(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.rules, self.before, self.lookups, self.pages, self.read = {}, {}, {}, {}, {}
        self.stack = None
        self.seen = []  # paths asked for, without their queries
        self.silent = False  # drop every answer
        self.base_url = f"http://127.0.0.1:{self.server_address[1]}/sandbox/v5"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # truncated answers end up here


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self, path, method, body):
        c = http.client.HTTPConnection("127.0.0.1", self.server.stack.port, timeout=60)
        try:
            head = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
            c.request(method, path, body, head)
            r = c.getresponse()
            return r.status, r.headers, r.read()
        finally:
            c.close()

    def all_pins(self, board):
        pins, bookmark = [], None
        while True:
            query = {"page_size": 250} | ({"bookmark": bookmark} if bookmark else {})
            path = f"/sandbox/v5/boards/{board}/pins?{urllib.parse.urlencode(query)}"
            status, _, raw = self.forward(path, "GET", None)
            if status != 200:
                raise OSError(f"the simulator answered {status}")
            page = json.loads(raw)
            pins += page["items"]
            bookmark = page["bookmark"]
            if bookmark is None:
                return sorted(pins, key=lambda p: int(p["id"]))

    def listing(self, board, query):
        server = self.server
        bookmark = urllib.parse.parse_qs(query).get("bookmark")
        if bookmark is None:
            server.lookups[board] = server.lookups.get(board, 0) + 1
            server.before.get(board, lambda lookup: None)(server.lookups[board])
            server.pages[board] = server.rules[board](server.lookups[board], self.all_pins(board))
        at = int(bookmark[0]) if bookmark else 0
        server.read[board] = server.read.get(board, 0) + 1
        pages = server.pages[board]
        page = pages[min(at, len(pages) - 1)]
        after = None if at >= len(pages) - 1 else str(at + 1)
        if page in (LOOP, ENDLESS):
            page, after = [], str(at if page == LOOP else at + 1)
        if isinstance(page, int):
            page = (page, {})
        if isinstance(page, tuple):
            error = {"code": 40 if page[0] == 404 else 1, "message": "An error of Pinterest."}
            return page[0], list(page[1].items()), json.dumps(error).encode(), False
        if page == TORN:
            return 200, [], b'{"items": [', True
        if isinstance(page, list):
            page = json.dumps({"items": page, "bookmark": after}).encode()
        return 200, [], page, False

    def answer(self, status, headers, body, torn=False):
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + (1000 if torn else 0)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def do_GET(self):
        path, _, query = self.path.partition("?")
        self.server.seen.append(path)
        board = re.fullmatch(r"/sandbox/v5/boards/(\d+)/pins", path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.close_connection = True
        if self.server.silent:
            return
        if self.command == "GET" and board and board[1] in self.server.rules:
            status, headers, raw, torn = self.listing(board[1], query)
            self.answer(status, [("Content-Type", "application/json"), *headers], raw, torn)
            return
        try:
            status, headers, raw = self.forward(self.path, self.command, body or None)
        except (OSError, http.client.HTTPException):
            return  # the simulator dropped the answer, so drop it here too
        self.answer(status, headers.items(), raw)

    do_POST = do_PATCH = do_DELETE = do_GET

    def log_message(self, *args):
        pass


class Board:
    """A board of a separate account: creates pins on it and checks their outcome."""

    def __init__(self, s, tap, name):
        self.s, self.tap, self.name, self.account = s, tap, name, s.connect(name)
        self.id = s.boards_of(self.account)["Always works"]

    def lose(self, kind="lost_after", times=1):
        self.s.admin("arm", {"match": PINS | {"board_id": self.id}, "times": times, "fault": {"kind": kind}})

    def make(self, title, seconds=None, **fields):
        body = {"account_id": self.account, "board_id": self.id, "title": title, "image_url": self.s.image_url}
        body |= fields
        while True:
            key = {"idempotency_key": f"{self.name} {random.random()}"}
            if not seconds:
                return self.s.call("POST", "/v1/pins", body | key)["id"]
            at = lambda: (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()  # noqa: B023, E731
            made = self.s.soon("/v1/pins", lambda: body | key | {"not_after": at()})["id"]  # noqa: B023
            if self.s.sent_in_time(made):
                return made
            seconds *= 4  # a busy machine did not send it in time

    def others(self, n):
        ids = [self.make(f"{self.name} other {k}") for k in range(n)]
        for i in ids:
            self.over(i)
        return ids

    def get(self, i):
        return self.s.call("GET", "/v1/pins/" + i)

    def over(self, i, seconds=40):
        over = lambda: (p := self.get(i))["status"] in ("published", "failed") and p  # noqa: E731
        return self.s.wait_for(over, seconds, f"{self.name}: over")

    def ledger(self):
        rows = checker.read(self.s, "sandbox_creates", checker.LEDGER, self.s.database + "_sandbox")
        return [r for r in rows if r["board_id"] == self.id]

    def made(self, title):
        """Ids of the Pinterest pins created with this title."""
        mine = [r for r in self.ledger() if r["pin_id"] and json.loads(bytes.fromhex(r["body"]))["title"] == title]
        return [str(r["pin_id"]) for r in mine]

    def adopted(self, i, title, what):
        """Checks that the pin was published once and found by a look-up."""
        got = self.over(i)
        self.tap.equal((got["status"], got["confirmed_by"]), ("published", "lookup"), f"{what}: published after a look-up")
        self.tap.equal(
            [got["pinterest_pin_id"]], self.made(title), f"{what}: Pinterest has one such pin, and the pin carries its id"
        )
        self.tap.equal(got["attempt_count"], 1, f"{what}: one create was sent")

    def unknown(self, i, title, what, seconds=40):
        got = self.over(i, seconds)
        self.tap.equal((got["status"], got["error_code"]), ("failed", "outcome_unknown"), f"{what}: the outcome is unknown")
        self.tap.equal(
            (len(self.made(title)), got["attempt_count"]), (1, 1), f"{what}: one create was sent and made one Pinterest pin"
        )
        return got
