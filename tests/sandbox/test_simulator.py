#!/usr/bin/env python3
"""The simulator behind a web server: every scenario board, limits, paging, OAuth, faults, ledger;
and its answers against Pinterest's OpenAPI document if available. TAP."""

import base64
import concurrent.futures
import hashlib
import http.client
import json
import os
import re
import struct
import sys
import threading
import time
import urllib.parse
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import openapi  # noqa: E402
from harness import START_S, Stack, Tap, parts, wait_for  # noqa: E402

SCOPES = "boards:read,boards:write,pins:read,pins:write,user_accounts:read"
SECRET = "boards:read_secret,boards:write_secret,pins:read_secret,pins:write_secret"
BACK = "http://127.0.0.1:9/back?x=1"
BOARDS = [
    "Always works",
    "Slow (3 s)",
    "Rate limited twice, then works",
    "Server error twice, then works",
    "Answer lost after publishing",
    "Answer lost before publishing",
    "Image cannot be fetched",
    "Image broken",
    "Board vanishes",
    "Token revoked",
    "App not approved",
    "Spam block for a while",
    "Link blocked",
]
LOST = object()

tap = Tap()
ok = tap.ok


def same(got, want, name):
    if not ok(got == want, name):
        print(f"# got  {got!r}\n# want {want!r}")


def png(width, height):
    def chunk(kind, data):
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x80" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width, height, whole=True):
    """The start of a JPEG, enough for its size; the embedded thumbnail's end marker lies inside a
    segment."""
    app = b"\xff\xe1" + struct.pack(">H", 2 + 4) + b"\xff\xd8\xff\xd9"
    sof = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\1\x11\0"
    sos = b"\xff\xda" + struct.pack(">H", 8) + b"\1\1\0\0\x3f\0"
    return b"\xff\xd8" + app + sof + sos + b"\x12\x34" * 9 + (b"\xff\xd9" if whole else b"")


FIXTURES = {
    "/good.png": png(40, 60),
    "/wide.png": png(60, 40),
    "/good.jpg": jpeg(40, 60),
    "/good.gif": b"GIF89a" + struct.pack("<HH", 4, 4) + b"\0\0\0\0;",
    "/good.webp": b"RIFF\x20\0\0\0WEBPVP8 " + b"\0" * 20,
    "/tiny.png": png(1, 1),
    "/tiny.jpg": jpeg(1, 9),
    "/cut.png": png(40, 60)[:-12],
    "/cut.jpg": jpeg(40, 60, whole=False),
    "/text.png": b"<html>no image</html>",
    "/empty.png": b"",
}


class Images(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), ImagesHandler)
        self.hits = 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class ImagesHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.hits += 1
        data = FIXTURES.get(self.path)
        self.send_response(302 if self.path == "/moved.png" else 200 if data is not None else 404)
        if self.path == "/moved.png":
            self.send_header("Location", "/good.png")
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, *args):
        pass


class Simulator(Stack):
    """Runs database, web server and simulator only."""

    def start_all(self):
        self.log_dir = self.path("log")
        os.mkdir(self.log_dir, 0o777)
        os.chmod(self.log_dir, 0o777)
        self.images, self.sink = Images(), Images()
        self.start_database()
        self.take_port()
        self.configure()
        self.operator("init")
        self.start_web()
        self.start_sandbox()
        self.wait_for(lambda: self.status_of("/sandbox/v5/pins") == 401, START_S, "simulator answers")


class Person:
    """One Pinterest user with a token, and the API calls."""

    checked = 0

    def __init__(self, s, name, scope=SCOPES):
        self.s, self.name = s, name
        self.connect(scope)
        self.boards = {b["name"]: b["id"] for b in self.pages("/boards")}
        self.id = self.get("/user_account")["id"]

    def connect(self, scope=SCOPES):
        self.grant = token(self.s, code=authorize(self.s, self.name, scope))[1]
        self.token = self.grant["access_token"]

    def ask(self, method, path, body=None, **headers):
        """(status, headers, value); LOST when the answer was cut off."""
        head = {"Authorization": "Bearer " + self.token, **headers}
        try:
            status, got, value = self.s.api(method, "/sandbox/v5" + path, body, head, auth=False)
        except http.client.IncompleteRead:
            return 0, {}, LOST
        if status < 500 and "X-Sandbox-Fault" not in got:
            check(method, path.partition("?")[0], status, value)
        return status, got, value

    def get(self, path):
        status, _, value = self.ask("GET", path)
        assert status == 200, (path, status, value)
        return value

    def pages(self, path, size=100):
        """All items, page by page."""
        items, mark = [], None
        while True:
            query = {"page_size": size, **({"bookmark": mark} if mark else {})}
            join = "&" if "?" in path else "?"
            page = self.get(path + join + urllib.parse.urlencode(query))
            items += page["items"]
            mark = page["bookmark"]
            if not mark:
                return items

    def body(self, board, image="/good.png", **fields):
        source = {"source_type": "image_url", "url": self.s.images.url + image}
        body = {"board_id": self.boards.get(board, board), "title": "T", "media_source": source}
        body.update(fields)
        return {k: v for k, v in body.items() if v is not None}

    def create(self, board, image="/good.png", **fields):
        return self.ask("POST", "/pins", self.body(board, image, **fields))

    def outcome(self, board, **fields):
        """(status, code) of a create."""
        status, _, value = self.create(board, **fields)
        return status, value.get("code") if isinstance(value, dict) else None

    def count(self, board):
        return len(self.pages(f"/boards/{self.boards[board]}/pins"))


spec = openapi.load()


def check(method, path, status, value):
    """Checks an answer against the OpenAPI document; prints only faults."""
    if spec is None:
        return
    Person.checked += 1
    # For these two the document requires a specific code.
    faults = spec.response(method, path, status, value)
    if faults and spec.operation(method, path):
        ok(False, f"OpenAPI: {method} {path} {status}: {faults}")


def authorize(s, name=None, scope=SCOPES, admin=True, **other):
    query = {"client_id": "sandbox", "redirect_uri": BACK, "response_type": "code", "state": "a b&c"}
    query.update({"scope": scope, **({"sandbox_user": name} if name else {}), **other})
    query = {k: v for k, v in query.items() if v is not None}
    head = {"X-Sandbox-Admin": s.admin_token} if admin else {}
    status, headers, _ = s.request("GET", "/sandbox/oauth/?" + urllib.parse.urlencode(query), headers=head)
    if status != 302:
        return status
    back = urllib.parse.urlsplit(headers["Location"])
    fields = dict(urllib.parse.parse_qsl(back.query))
    if fields.get("state") != "a b&c" or not headers["Location"].startswith(BACK + "&"):
        return headers["Location"]
    return fields.get("code") or fields.get("error")


def token(s, secret="sandbox-secret", path="/token", **form):
    """(status, value) of a token call; `code` and `refresh_token` choose the grant."""
    if "code" in form:
        form = {"grant_type": "authorization_code", "redirect_uri": BACK, **form}
    elif "refresh_token" in form:
        form = {"grant_type": "refresh_token", **form}
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    if secret:
        head["Authorization"] = "Basic " + base64.b64encode(f"sandbox:{secret}".encode()).decode()
    status, _, raw = s.request("POST", "/sandbox/v5/oauth" + path, urllib.parse.urlencode(form), head)
    value = json.loads(raw) if raw else None
    check("POST", "/oauth" + path, status, value)
    return status, value


def settings(s, **changes):
    return s.admin("settings", changes)


def arm(s, fault, times=1, **match):
    return s.admin("arm", {"match": match, "times": times, "fault": fault})


def test_secret(s):
    """Secret boards and their pins need the secret kind of each scope that a call needs."""
    plain, reader = Person(s, "quiet"), Person(s, "quiet", SCOPES + ",boards:read_secret,pins:read_secret")
    whole = Person(s, "quiet", SCOPES + "," + SECRET)

    def call(person, method, path, body=None):
        status, _, value = person.ask(method, path, body)
        return status, value

    body = {"name": "Hidden", "privacy": "SECRET"}

    def refused(person, method, path, *missing, body=None):
        status, value = call(person, method, path, body)
        want = "Missing: [" + ", ".join(f"'{m}'" for m in missing) + "]"
        ok((status, value.get("code")) == (401, 3) and want in value["message"], f"secret: {method} {path.split('?')[0]} needs {missing}", value)

    refused(plain, "POST", "/boards", "boards:read_secret", "boards:write_secret", body=body)
    refused(reader, "POST", "/boards", "boards:write_secret", body=body)
    status, board = call(whole, "POST", "/boards", body)
    same((status, board.get("privacy")), (201, "SECRET"), "secret: with the scopes a secret board is made")
    path = "/boards/" + board["id"]
    pin = {"board_id": board["id"], "title": "x", "media_source": {"source_type": "image_url", "url": s.images.url + "/good.png"}}
    refused(plain, "POST", "/pins", *SECRET.split(","), body=pin)
    refused(reader, "POST", "/pins", "boards:write_secret", "pins:write_secret", body=pin)
    status, made = call(whole, "POST", "/pins", pin)
    same(status, 201, "secret: with the scopes a pin is made")
    for person, boards, pins in ((plain, 0, 0), (reader, 1, 1), (whole, 1, 1)):
        listed = call(person, "GET", "/boards?page_size=250")[1]["items"]
        same(sum(b["id"] == board["id"] for b in listed), boards, "secret: boards are listed with the scope alone")
        same(len(call(person, "GET", "/boards?privacy=SECRET")[1]["items"]), boards, "secret: also by privacy")
        listed = call(person, "GET", "/pins?page_size=250")[1]["items"]
        same(sum(p["id"] == made["id"] for p in listed), pins, "secret: so are pins")
    refused(plain, "GET", path, "boards:read_secret")
    refused(plain, "GET", path + "/pins", "boards:read_secret", "pins:read_secret")
    refused(plain, "GET", "/pins/" + made["id"], "boards:read_secret", "pins:read_secret")
    refused(reader, "PATCH", path, "boards:write_secret", body={"description": "d"})
    refused(reader, "DELETE", path, "boards:write_secret")
    refused(reader, "PATCH", "/pins/" + made["id"], "boards:write_secret", "pins:write_secret", body={"title": "y"})
    refused(reader, "DELETE", "/pins/" + made["id"], "boards:write_secret", "pins:write_secret")
    open_board = call(plain, "POST", "/boards", {"name": "Open"})[1]["id"]
    refused(plain, "PATCH", "/boards/" + open_board, "boards:read_secret", "boards:write_secret", body={"privacy": "SECRET"})
    kept = call(plain, "POST", "/boards", {"name": "Kept", "privacy": "PROTECTED"})
    same(kept[0], 201, "protected: needs no other scopes than a public board")
    pin = {**pin, "board_id": kept[1]["id"]}
    same(call(plain, "POST", "/pins", pin)[0], 201, "protected: neither does a pin on it")
    same(call(reader, "GET", path + "/pins")[0], 200, "secret: reading needs no more than to read")
    same(call(whole, "DELETE", "/pins/" + made["id"])[0], 204, "secret: with the scopes a pin is deleted")
    same(call(whole, "DELETE", path)[0], 204, "secret: and a board")


def test_doors(s):
    """What a stranger finds: no user, no redirect, no row, and nobody reads what he sends."""
    box = s.database + "_sandbox"
    tables = ("users", "boards", "codes", "tokens", "creates", "windows")
    rows = lambda: [s.sql(f"SELECT COUNT(*) FROM sandbox_{table}", box)[0][0] for table in tables]  # noqa: E731
    home = s.url + "/v1/pinterest/oauth/callback"
    before = rows()
    same(authorize(s, None, admin=False, redirect_uri=home), 400, "a stranger cannot make a user")
    same(authorize(s, "ann", admin=False, redirect_uri=home), 400, "nor name one")
    for uri in ("https://evil.example/", home + "/", home + "?x", home.upper(), home + "/../x", "", None):
        same(authorize(s, "ann", admin=False, redirect_uri=uri), 400, f"and is not redirected to {uri}")
    for method, path in (("GET", "/v5/boards"), ("POST", "/v5/boards"), ("POST", "/v5/pins"), ("GET", "/oauth/"), ("POST", "/v5/oauth/token"),
                         ("POST", "/v5/oauth/token/revoke"), ("POST", "/admin/reset"), ("PATCH", "/v5/pins/1"), ("GET", "/v5/user_account")):
        got = s.request(method, "/sandbox" + path, b"x" * 100_000 if method != "GET" else None)
        ok(got[0] in (400, 401, 403) and b"too large" not in got[2], f"{method} {path}: refused before the body is read", got)
    same(rows(), before, "and none of all that wrote a row")
    ann = Person(s, "ann")
    for size, want in ((65536, 400), (65537, 400)):
        status, _, value = ann.ask("POST", "/boards", json.dumps({"name": ""}).ljust(size))
        same((status, "too large" in value["message"]), (want, size > 65536), f"a body of {size} bytes for a board")
    status, _, value = ann.ask("POST", "/pins", json.dumps({"board_id": "x"}).ljust(65537))
    same((status, "too large" in value["message"]), (400, False), "a create may be larger")
    settings(s, org_read=2)
    for _ in range(4):
        s.request("GET", "/sandbox/v5/boards")
        token(s, secret="wrong", refresh_token="x")
        token(s, refresh_token=ann.grant["refresh_token"] + "x")
    same(token(s, code=authorize(s, "zoe"))[0], 200, "strangers and bad tokens use up nobody's quota")
    settings(s, org_read=None)
    arm(s, {"kind": "status", "status": 418}, path_prefix="/v5/oauth/token", user_id=ann.id)
    same(token(s, code=authorize(s, "zoe"))[0], 200, "a token call belongs to the user of its grant")
    same(token(s, refresh_token=ann.grant["refresh_token"])[0], 418, "here another one's")


def test_oauth(s):
    same(authorize(s, "ann", client_id="other"), 400, "an unknown client_id gets an error page, no redirect")
    same(authorize(s, "ann", redirect_uri="javascript:x"), 400, "a bad redirect_uri gets an error page")
    same(authorize(s, "ann", response_type="token"), 400, "an unknown response_type gets an error page")
    same(token(s, secret=None, code="x")[0], 401, "a token call without Basic credentials is refused with 401")
    same(token(s, secret="wrong", code="x")[1].get("code"), 2, "a wrong secret is refused with code 2")
    form = {"client_id": "sandbox", "client_secret": "sandbox-secret", "code": "x"}
    same(token(s, secret=None, **form)[1].get("code"), 2, "credentials in the body are refused with code 2")
    same(token(s, grant_type="password")[0], 400, "an unknown grant_type is refused with 400")
    code = authorize(s, "ann")
    same(token(s, code=code, redirect_uri=BACK + "2")[1].get("code"), 283, "a different redirect_uri is refused with code 283")
    status, first = token(s, code=code)
    same(status, 200, "a code is exchanged for two tokens")
    ok(re.fullmatch(r"pina_[\w-]{43}", first["access_token"]), "an access token has the right shape")
    ok(re.fullmatch(r"pinr\.[\w-]{43}", first["refresh_token"]), "a refresh token has the right shape")
    same((first["expires_in"], first["refresh_token_expires_in"], first["scope"]),
         (2592000, 5184000, SCOPES), "the grant states lifetimes and scope")
    same(token(s, code=code)[1].get("code"), 283, "a code works once")
    status, second = token(s, refresh_token=first["refresh_token"])
    ok(status == 200 and second["refresh_token"] != first["refresh_token"], "a refresh rotates the refresh token")
    same(token(s, refresh_token=first["refresh_token"])[1].get("code"), 283, "strict rotation: the old refresh token is refused")
    settings(s, rotation="lenient", rotation_grace_s=2)
    status, third = token(s, refresh_token=second["refresh_token"])
    same(token(s, refresh_token=second["refresh_token"])[0], 200, "lenient rotation: the old refresh token works for a while")
    settings(s, rotation="keep")
    status, fourth = token(s, refresh_token=third["refresh_token"])
    ok(status == 200 and "refresh_token" not in fourth, "no rotation: no refresh token is returned")
    same(token(s, refresh_token=third["refresh_token"])[0], 200, "no rotation: the refresh token keeps working")
    settings(s, rotation=None, rotation_grace_s=None, access_s=1)
    narrow = token(s, refresh_token=third["refresh_token"], scope="boards:read")[1]
    same(
        (narrow["scope"], narrow["expires_in"]),
        ("boards:read", 1),
        "a refresh may narrow the scope, and a setting shortens the token's life",
    )

    def refused():
        status, _, value = s.api("GET", "/sandbox/v5/boards", auth=narrow["access_token"])
        return None if status == 200 else (status, value["code"])

    same(
        wait_for(refused, 10, "the token has expired after one second"),
        (401, 2),
        "an expired access token is refused with 401 code 2",
    )
    settings(s, access_s=None, drop_scopes="pins:write,boards:write")
    less = token(s, code=authorize(s, "ann"))[1]
    same(less["scope"], "boards:read,pins:read,user_accounts:read", "a setting removes scopes from a grant")
    status, _, value = s.api("POST", "/sandbox/v5/pins", {}, auth=less["access_token"])
    same((status, value["code"]), (401, 3), "a missing scope is refused with 401 code 3")
    ok("Missing: ['boards:write', 'pins:write']" in value["message"], "the refusal names the missing scopes")
    settings(s, drop_scopes=None, deny=1)
    same(authorize(s, "ann"), "access_denied", "a user may deny access")
    settings(s, deny=None)
    same(token(s, path="/token/revoke", token=first["access_token"])[1].get("code"), 29,
         "user tokens cannot be revoked by default")
    settings(s, revocable=1)
    same(token(s, path="/token/revoke", token=less["access_token"])[0], 200, "user tokens can be revoked if a setting allows it")
    same(s.api("GET", "/sandbox/v5/boards", auth=less["access_token"])[0], 401, "a revoked token is refused")
    settings(s, revocable=None)
    ann, again, other = Person(s, "ann"), Person(s, "ann"), Person(s, None)
    ok(ann.id == again.id and ann.id != other.id, "sandbox_user names the user; without it a new user is made")
    status, _, value = other.ask("GET", f"/boards/{ann.boards['Always works']}")
    same((status, value["code"]), (404, 40), "another user's board is not found")
    arm(s, {"kind": "lost_after"}, path_prefix="/v5/oauth/token")
    try:
        token(s, refresh_token=ann.grant["refresh_token"])
        ok(False, "f10: the answer to a refresh is lost")
    except http.client.IncompleteRead:
        ok(True, "f10: the answer to a refresh is lost")
    same(
        token(s, refresh_token=ann.grant["refresh_token"])[1].get("code"),
        283,
        "f10: the refresh token was rotated although the answer was lost",
    )


def test_contract(s, p):
    same(list(p.boards), BOARDS, "a new user has the scenario boards")
    status, headers, pin = p.create("Always works", description="d", link="http://example.com/a",
                                    alt_text="alt", dominant_color="#6E7874")
    same(status, 201, "a pin is created")
    ok(re.fullmatch(r"\d{18}", pin["id"]) and re.fullmatch(r"\d{18}", pin["board_id"]), "ids have 18 digits")
    ok(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", pin["created_at"]), "created_at has no time zone")
    ok(pin["parent_pin_id"] is None and "parent_pin_id" in pin, "unset fields are null")
    same(pin["media"]["images"]["600x"]["height"], 900, "image sizes follow the image's proportions")
    for name in ("x-pinterest-rid", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"):
        ok(headers.get(name), f"the header {name} is sent")
    same(headers["x-ratelimit-limit"], "600, 600;w=60", "x-ratelimit-limit states the default quota")
    same(p.get(f"/pins/{pin['id']}"), pin, "GET returns the pin as created")
    twin = p.create("Always works", description="d", link="http://example.com/a", alt_text="alt",
                    dominant_color="#6E7874")[2]
    ok(twin["id"] != pin["id"], "the same body twice makes two pins")
    digest = hashlib.sha256(json.dumps(p.body("Always works", description="d",
                            link="http://example.com/a", alt_text="alt",
                            dominant_color="#6E7874")).encode()).hexdigest()
    seen = {c["body_sha256"]: c for c in s.admin("creates")["items"]}
    same((seen[digest]["received"], seen[digest]["committed"]), (2, 2), "the ledger counts both creates of one body")
    changed = p.ask("PATCH", f"/pins/{pin['id']}", {"title": "new", "link": None})[2]
    same((changed["title"], changed["link"], changed["description"]), ("new", None, "d"), "PATCH changes a pin")
    same(p.ask("DELETE", f"/pins/{twin['id']}")[0], 204, "DELETE deletes a pin")
    for method in ("GET", "DELETE"):
        status, _, value = p.ask(method, f"/pins/{twin['id']}")
        same((status, value["code"], value["message"]), (404, 50, "Pin not found."), f"{method} after the deletion answers 404")
    same(p.get("/boards/" + p.boards["Always works"])["pin_count"], 1, "the board's pin_count is correct")
    account = p.get("/user_account")
    same((account["board_count"], account["pin_count"], account["account_type"]), (13, 1, "BUSINESS"),
         "GET /user_account returns the account")
    status, _, value = p.ask("GET", "/nowhere")
    same((status, value["code"]), (404, 0), "an unknown path is refused with 404 code 0")
    same(p.ask("PUT", "/pins")[2]["code"], 5, "an unknown method is refused with code 5")
    same(p.ask("GET", "/pins/abc")[0], 400, "a malformed pin id is refused")
    status, headers, value = s.api("GET", "/sandbox/v5/pins", auth="pina_nobody")
    same((status, value["code"], value["message"]), (401, 2, "Authentication failed."), "an unknown token is refused with 401")
    ok(headers.get("x-ratelimit-limit") and headers.get("x-pinterest-rid"), "a refusal has the rate and request id headers")
    same(s.request("POST", "/sandbox/admin/reset", "{}")[0], 403, "the admin interface requires its token")


def test_boards(s, p):
    p.connect(SCOPES + "," + SECRET)
    status, _, board = p.ask("POST", "/boards", {"name": "Mine", "description": "x", "privacy": "SECRET"})
    same((status, board["privacy"], board["pin_count"]), (201, "SECRET", 0), "POST /boards creates a secret board")
    status, _, value = p.ask("POST", "/boards", {"name": "Mine"})
    same((status, value["message"]), (400, "The board name is invalid or duplicated."), "a board name can be used once")
    same(p.ask("POST", "/boards", {"description": "x"})[0], 400, "a board without a name is refused")
    same(p.ask("POST", "/boards", {"name": "x", "privacy": "NONE"})[0], 400, "an unknown privacy is refused")
    path = "/boards/" + board["id"]
    changed = p.ask("PATCH", path, {"name": "Ours", "description": None})[2]
    same((changed["name"], changed["description"], changed["privacy"]), ("Ours", None, "SECRET"), "PATCH changes a board")
    same([b["name"] for b in p.pages("/boards?privacy=SECRET")], ["Ours"], "boards are filtered by privacy")
    same(len(p.pages("/boards?privacy=PUBLIC_AND_SECRET", 5)), 14, "both kinds of boards are listed, in pages of 5")
    same(p.create(board["id"])[0], 201, "a pin is created on the new board")
    before = board["board_pins_modified_at"]
    ok(p.get(path)["board_pins_modified_at"] >= before, "board_pins_modified_at follows the last pin")
    same(p.ask("DELETE", path)[0], 204, "DELETE deletes a board")
    status, _, value = p.ask("GET", path)
    same((status, value["code"], value["message"]), (404, 40, "Board not found."), "a deleted board is not found")
    same(p.ask("GET", path + "/pins")[0], 404, "a deleted board's pins are not found")


def test_refusals(s, p):
    url = s.images.url
    long = {"title": 100, "description": 800, "link": 2048, "alt_text": 500}
    for name, most in long.items():
        start = "http://e.com/" if name == "link" else ""
        text = start + "é" * (most - len(start)) if name != "link" else start + "e" * (most - len(start))
        same(p.outcome("Always works", **{name: text}), (201, None), f"{name}: {most} characters are accepted")
        status, _, value = p.create("Always works", **{name: text + "e"})
        same((status, value["code"]), (400, 1), f"{name}: {most + 1} characters are refused")
        ok(f"maxLength={most}" in value["message"], f"{name}: the refusal names the limit")
    status, _, value = p.create("12x")
    same((status, value["code"]), (400, 1), "a malformed board id is refused")
    ok("does not match '^\\d+$'" in value["message"], "the refusal names value and pattern")
    base64_png = base64.b64encode(FIXTURES["/good.png"]).decode()
    one = {"source_type": "image_base64", "content_type": "image/png", "data": base64_png}
    item = {"url": url + "/good.png"}
    urls = {"source_type": "multiple_image_urls"}
    cases = [
        ("no board", {"board_id": None}, 400, 1),
        ("unknown board", {"board_id": "123456789012345678"}, 404, 40),
        ("an unknown board section", {"board_section_id": "1"}, 404, 2031),
        ("no media_source", {"media_source": None}, 400, 1),
        ("a title that is a number", {"title": 5}, 400, 1),
        ("a malformed link", {"link": "nonsense"}, 400, 1),
        ("an unknown source_type", {"media_source": {"source_type": "x"}}, 400, 1),
        ("base64", {"media_source": one}, 201, None),
        ("base64 with a line break", {"media_source": {**one, "data": base64_png + "\n"}}, 400, 1),
        ("data URI", {"media_source": {**one, "data": "data:image/png;base64," + base64_png}}, 400, 1),
        ("wrong content_type", {"media_source": {**one, "content_type": "image/gif"}}, 400, 1),
        ("a truncated base64 image", {"media_source": {**one, "data": base64_png[:40]}}, 403, 235),
        ("two images", {"media_source": {**urls, "items": [item] * 2}}, 201, None),
        ("one image as a list", {"media_source": {**urls, "items": [item]}}, 400, 1),
        ("six images as a list", {"media_source": {**urls, "items": [item] * 6}}, 400, 1),
        ("two images of different proportions", {"media_source": {**urls, "items": [item, {"url": url + "/wide.png"}]}}, 400, 1),
        ("a video without a cover", {"media_source": {"source_type": "video_id", "media_id": "1"}}, 400, 1),
    ]
    for name, fields, status, code in cases:
        same(p.outcome("Always works", **fields), (status, code), name)
    same(p.ask("POST", "/pins", '{"title": "a", "title": "b"}')[0], 400, "a body with duplicate keys is refused")
    same(p.ask("POST", "/pins", "[]")[0], 400, "a body that is not an object is refused")
    images = {"/good.jpg": (201, None), "/good.gif": (201, None), "/good.webp": (201, None),
              "/tiny.png": (403, 233), "/tiny.jpg": (403, 233), "/cut.png": (403, 235),
              "/cut.jpg": (403, 235), "/text.png": (403, 235), "/empty.png": (403, 235),
              "/missing.png": (400, 1), "/moved.png": (400, 1)}
    for image, want in images.items():
        same(p.outcome("Always works", image=image), want, "image " + image)
    away = {"source_type": "image_url", "url": "http://127.0.0.1:1/x.png"}
    status, _, value = p.create("Always works", media_source=away)
    same(
        (status, value["message"]),
        (400, "Sorry we could not fetch the image."),
        "an image host that does not answer fails the create",
    )
    private = Images()
    away["url"] = f"http://127.0.0.1:{private.server_address[1]}/good.png"
    status, _, value = p.create("Always works", media_source=away)
    same(
        (status, value["message"]),
        (400, "Sorry we could not fetch the image."),
        "an image host outside [outbound] allow fails the create",
    )
    same(private.hits, 0, "an image host outside [outbound] allow is not contacted")
    lines = [x for x in s.log("sandbox").splitlines() if "event=image_not_fetched host=127.0.0.1" in x]
    ok(any('do="[outbound] allow"' in x for x in lines), "the log names the setting that keeps it from the host", lines)
    ok(any("status=404" in x and "do=" not in x for x in lines), "the log has the status of an image that is not there", lines)
    ok(not any("png" in x for x in lines), "the log has no address of an image", lines)
    settings(s, image_cache_ms=1000)
    hits = s.images.hits
    for _ in range(3):
        p.create("Always works", image="/good.png?cached")
    ok(s.images.hits - hits == 1, "image_cache_ms: one fetch serves three creates")
    settings(s, image_cache_ms=None, fetch=0)
    same(p.outcome("Always works", image="/missing.png"), (201, None), "fetch=0: the image is accepted without a fetch")
    settings(s, fetch=None)


def test_scenarios(s, p):
    def runs(board, times, **fields):
        got = []
        for _ in range(times):
            status, _, value = p.create(board, **fields)
            got.append(status if value is LOST or not isinstance(value, dict) else
                       (status, value["code"]) if status >= 300 else status)
        return got

    def walled(board):
        """Repeats a create until it succeeds: the refusals, and by the ledger the seconds from the
        first to the last refusal and to the success."""
        who = Person(s, p.name)
        met = set()

        def published():
            status, _, value = who.create(board, title=board)
            if status != 201:
                met.add((status, value["code"], value["message"]))
            return status == 201

        wait_for(published, 20, board)
        at = "SELECT TIMESTAMPDIFF(MICROSECOND, MIN(arrived_at), MAX(IF(status = 201, NULL, arrived_at))) / 1e6,"
        at += " TIMESTAMPDIFF(MICROSECOND, MIN(arrived_at), MAX(arrived_at)) / 1e6 FROM sandbox_creates"
        times = s.sql(f"{at} WHERE board_id = '{who.boards[board]}'", s.database + "_sandbox")[0]
        return met, [float(n) for n in times]

    with concurrent.futures.ThreadPoolExecutor() as pool:
        slow = pool.submit(lambda: (time.monotonic(), p.create("Slow (3 s)")[0], time.monotonic()))
        walls = {b: pool.submit(walled, b) for b in ("App not approved", "Spam block for a while")}
        for part in ("a", "b"):
            same(runs("Rate limited twice, then works", 3, title=part), [(429, 8)] * 2 + [201],
                 f"rate limited twice, then works: body {part}")
            same(runs("Server error twice, then works", 3, title=part), [500, 500, 201],
                 f"server error twice, then works: body {part}")
        same(runs("Rate limited twice, then works", 3, title="a"), [(429, 8)] * 2 + [201],
             "rate limited twice, then works: the sequence starts over once the body was published")
        _, headers, value = p.create("Rate limited twice, then works", title="c")
        same((headers["x-ratelimit-reset"], headers["x-ratelimit-remaining"], headers["Retry-After"]),
             ("1", "0", None), "429: reset in one second, no Retry-After")
        ok(value["message"].startswith("This request exceeded a rate limit."), "429: the message names the rate limit")
        _, headers, value = p.create("Server error twice, then works", title="c")
        ok(headers["Content-Type"].startswith("text/html") and b"<html" in value, "500: the body is HTML")
        same(p.count("Server error twice, then works"), 2, "500: no pin is published")
        same(runs("Answer lost after publishing", 1, title="x"), [0], "lost after: no answer")
        same(p.count("Answer lost after publishing"), 1, "lost after: the pin exists")
        same(runs("Answer lost before publishing", 1, title="x"), [0], "lost before: no answer")
        same(p.count("Answer lost before publishing"), 0, "lost before: no pin exists")
        same(runs("Answer lost before publishing", 1, title="x"), [201], "lost before: the second create succeeds")
        for board, want in (("Image cannot be fetched", (400, 1)), ("Image broken", (403, 235)),
                            ("Board vanishes", (404, 40)), ("Link blocked", (429, 9))):
            same(runs(board, 2), [want] * 2, board)
        _, headers, value = p.create("Link blocked")
        ok("blocked this link" in value["message"], "link blocked: the message says so")
        ok(int(headers["x-ratelimit-remaining"]) > 0, "link blocked: the rate headers show quota left")
        same(
            p.get("/boards/" + p.boards["Board vanishes"])["name"],
            "Board vanishes",
            "board vanishes: the board is still listed",
        )
        begun, status, ended = slow.result()
        ok(status == 201 and 2.9 < ended - begun < 10, "slow: the create succeeds after three seconds")
        messages = {"App not approved": (401, 3, "Your application consumer type is not supported"),
                    "Spam block for a while": (429, 9, "Sorry! You've hit a block (Pins) we have in "
                                               "place to combat spam. Please try again later!")}
        for board, wall in walls.items():
            met, (refused, lasted) = wall.result()
            same(met, {messages[board]}, board)
            ok(refused < 5.5 and 4.5 < lasted, f"{board}: refuses for five seconds ({refused:.1f} to {lasted:.1f})")
    q = Person(s, "revoked")
    same(q.outcome("Token revoked"), (401, 2), "token revoked: the create is refused with 401 code 2")
    same(q.ask("GET", "/boards")[0], 401, "token revoked: every later call is refused")
    same(token(s, refresh_token=q.grant["refresh_token"])[1].get("code"), 283, "token revoked: refreshing is refused")
    q.connect()
    same(q.outcome("Token revoked"), (201, None), "token revoked: a new grant works")


def test_listing(s, p):
    ids = [p.create("Always works", title=f"n{i}")[2]["id"] for i in range(7)]
    board = f"/boards/{p.boards['Always works']}/pins"
    have = {"newest": ids[::-1], "oldest": ids}
    for order in ("newest", "oldest", "shuffled"):
        s.admin("listing", {"order": order})
        for path in (board, "/pins"):
            got = [i["id"] for i in p.pages(path, 3)]
            same(sorted(got), ids, f"{order} {path}: pages of 3 contain every pin once")
            if order in have:
                same(got, have[order], f"{order} {path}: pages are in order")
    page = p.get(board + "?page_size=7")
    same((len(page["items"]), page["bookmark"]), (7, None), "a full last page has no bookmark")
    same(len(p.get(board + "?page_size=0")["items"]), 1, "a page_size of 0 is raised to 1")
    same(p.ask("GET", board + "?page_size=1000")[0], 200, "a page_size of 1000 is lowered")
    same(p.ask("GET", board + "?page_size=x")[0], 400, "a page_size that is not a number is refused")
    same(p.ask("GET", board + "?bookmark=bm9uc2Vuc2U")[0], 400, "an invalid bookmark is refused")
    s.admin("settings", {"page_max": 3})
    page = p.get(board + "?page_size=250")
    same(len(page["items"]), 3, "page_max: a page has at most that many pins")
    same(sorted(i["id"] for i in p.pages(board)), ids, "page_max: all pages together have every pin")
    arm(s, {"kind": "bookmark_loop"}, path_prefix="/v5/boards/")
    looped = p.get(board + "?bookmark=" + page["bookmark"])
    same(looped["bookmark"], page["bookmark"], "bookmark_loop: the bookmark leads to the same page again")
    arm(s, {"kind": "short_list"}, path_prefix="/v5/boards/")
    short = p.get(board)
    same((len(short["items"]), short["bookmark"]), (1, None), "short_list: half a page, without a bookmark")
    s.admin("settings", {"page_max": None, "rewrite": "links"})
    words = {"title": "  two  words ", "description": "\tas\n it is", "link": "https://example.com/a?b=c"}
    status, _, pin = p.create("Always works", **words)
    got = (status, pin["title"], pin["description"], pin["link"])
    want = (201, "two words", "as it is", "https://example.com/a?b=c&utm_source=pinterest")
    same(got, want, "rewrite: the answer shows changed blanks and link")
    same(p.get("/pins/" + pin["id"])["title"], "two words", "rewrite: the pin is listed with the changed text")
    same(p.ask("DELETE", "/pins/" + pin["id"])[0], 204, "rewrite: the pin can be deleted")
    s.admin("settings", {"rewrite": None})
    s.admin("listing", {"order": "newest", "delay_s": 60})
    late = p.create("Always works", title="late")[2]["id"]
    same(p.pages(board), [], "listing delay: a new pin is not listed yet")
    same(p.ask("GET", "/pins/" + late)[0], 200, "listing delay: GET finds the pin")
    s.admin("listing", {"delay_s": 0})
    ok(late in [i["id"] for i in p.pages(board)], "listing delay over: the pin is listed")
    s.admin("clock", {"skew_s": 300})
    _, headers, pin = p.create("Always works", title="skewed")
    seconds = time.mktime(time.strptime(pin["created_at"], "%Y-%m-%dT%H:%M:%S")) - time.timezone
    ok(290 < seconds - time.time() < 310, "f11: created_at is skewed")
    date = time.mktime(time.strptime(headers["Date"], "%a, %d %b %Y %H:%M:%S GMT")) - time.timezone
    ok(290 < date - time.time() < 310, "f11: Date is skewed")
    s.admin("clock", {"skew_s": 0})


def test_limits(s, p):
    settings(s, org_write=3, retry_after=1)
    got = [p.create("Always works", title=str(i)) for i in range(5)]
    same([g[0] for g in got][-2:], [429, 429], "org_write: creates over the quota are refused with 429")
    status, headers, value = got[-1]
    same((value["code"], headers["x-ratelimit-remaining"]), (8, "0"), "org_write: the refusal has code 8 and nothing remaining")
    ok(0 < int(headers["x-ratelimit-reset"]) <= 60, "org_write: the reset is given in seconds")
    same(headers["Retry-After"], headers["x-ratelimit-reset"], "org_write: Retry-After is sent when switched on")
    same(p.ask("GET", "/boards")[0], 200, "org_write: reads have a separate quota")
    settings(s, org_write=0, retry_after=None, per_second=2)
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        got = list(pool.map(lambda _: p.ask("GET", "/boards"), range(40)))
    ok(429 in [g[0] for g in got], "per_second: calls over the quota are refused")
    settings(s, per_second=None, ads_read=1)
    ads = Person(s, "ads", SCOPES + ",ads:read")
    got = [ads.ask("GET", "/terms/related?terms=oak+shelf&terms=garden") for _ in range(2)]
    same([g[0] for g in got], [200, 429], "ads_read: the second call for terms is refused")
    same([g["term"] for g in got[0][2]["related_terms_list"]], ["oak shelf", "garden"], "terms: a group for each")
    settings(s, ads_read=None)
    same(ads.ask("GET", "/terms/related")[0], 400, "terms: without any a 400")
    status, _, value = p.ask("GET", "/terms/related?terms=oak")
    same((status, value["code"], "ads:read" in value["message"]), (401, 3, True), "terms: need ads:read")
    settings(s, day_limit=1)
    got = [p.ask("GET", "/boards") for _ in range(2)]
    same([g[0] for g in got], [200, 429], "day_limit: the second call is refused")
    ok(";w=86400" in got[1][1]["x-ratelimit-limit"], "per_day: the header states a window of a day")
    settings(s, day_limit=None, contention_ms=60000)
    same(
        [p.outcome("Always works", title="w")[0] for _ in range(2)],
        [201, 429],
        "write contention: the second create at once is refused",
    )
    settings(s, contention_ms=None, blocked_hosts="spam.example,worse.example")
    same(p.outcome("Always works", link="http://worse.example/x"), (429, 9), "a blocked link host is refused")
    same(p.outcome("Always works", link="http://fine.example/x"), (201, None), "another link host is accepted")
    settings(s, blocked_hosts=None, spam_host_pins=1, spam_hold_s=1, spam_window_s=60)
    same(p.outcome("Always works", link="http://fine.example/y"), (429, 9), "too many pins of one link host are refused")
    settings(s, spam_host_pins=None, spam_pins=1, spam_window_s=3600, spam_hold_s=3600)
    status, headers, value = p.create("Always works", title="s")
    same((status, value["code"]), (429, 9), "spam limit: too many pins are refused with 429 code 9")
    ok("hit a block (Pins)" in value["message"], "spam limit: the message names the block")
    ok(int(headers["x-ratelimit-remaining"]) > 0, "spam limit: the rate headers show quota left")
    settings(s, spam_pins=None, spam_window_s=None, spam_hold_s=None, tier="trial")
    same(p.outcome("Always works"), (403, 29), "trial: creating pins is refused")
    same(p.ask("GET", "/boards")[0], 200, "trial: listing boards works")
    settings(s, tier="unapproved")
    status, _, value = p.ask("GET", "/boards")
    same((status, value["code"]), (401, 3), "unapproved: every call is refused with 401 code 3")
    settings(s, tier=None, error_extras=1)
    same(p.ask("GET", "/pins/1")[2]["status"], "failure", "error_extras: errors have additional fields")
    head = {"X-Sandbox-Admin": s.admin_token}
    status, _, value = s.api("POST", "/sandbox/admin/settings", {"org_write": -1}, head, auth=False)
    same(status, 400, "a setting out of range is refused")
    settings(s, error_extras=None)


def test_faults(s, p):
    board = p.boards["Always works"]
    post = {"method": "POST", "path_prefix": "/v5/pins", "board_id": board}

    def hurt(fault, name, made, seen):
        before = p.count("Always works")
        arm(s, fault, **post)
        begun = time.monotonic()
        try:
            status, headers, value = p.create("Always works", title=name)
        except (http.client.HTTPException, ValueError) as e:
            status, headers, value = 0, {}, e
        ok(seen(status, headers, value, time.monotonic() - begun), f"{name}: the client sees the fault")
        same(
            p.count("Always works") - before,
            made,
            f"{name}: {'one pin' if made else 'no pin'}",
        )
        last = s.admin("ledger")["items"][-1]
        same((bool(last["pin_id"]), last["fault"]), (bool(made), fault["kind"]), f"{name}: the ledger records the fault")

    def lost(status, headers, value, took):
        return status == 0

    hurt({"kind": "lost"}, "f1 lost", 0, lost)
    hurt({"kind": "lost_after"}, "f2 lost_after", 1, lost)
    hurt({"kind": "delay_ms", "ms": 300}, "delay before", 1, lambda st, h, v, t: st == 201 and t > 0.3)
    hurt({"kind": "delay_ms", "after_ms": 300}, "f3 delay after", 1,
         lambda st, h, v, t: st == 201 and t > 0.3)
    hurt({"kind": "lost", "ms": 300}, "f4 delay, then lost", 0, lambda st, h, v, t: st == 0 and t > 0.3)
    for status in (500, 502, 503):
        hurt({"kind": "html_500_after", "status": status}, f"f5 {status}", 1,
             lambda st, h, v, t: st == status and b"<html" in v)
    hurt({"kind": "status", "status": 503, "code": 4197, "message": "ramped down"}, "f6 503", 0,
         lambda st, h, v, t: (st, v) == (503, {"code": 4197, "message": "ramped down"}))
    hurt({"kind": "html_500"}, "f6 500", 0, lambda st, h, v, t: st == 500)
    hurt({"kind": "truncate"}, "f7 truncate", 1, lambda st, h, v, t: st == 201 and isinstance(v, bytes))
    hurt({"kind": "empty"}, "f7 empty", 1, lambda st, h, v, t: st == 201 and v is None)
    hurt({"kind": "no_id"}, "f7 no_id", 1, lambda st, h, v, t: st == 201 and "id" not in v)
    bare = lambda h: not any(n.lower().startswith(("x-pinterest", "x-ratelimit")) for n in h)  # noqa: E731
    hurt({"kind": "foreign"}, "f15 foreign", 0, lambda st, h, v, t: st == 403 and b"<html" in v and bare(h))
    hurt({"kind": "foreign", "status": 404, "type": "application/json", "body": '{"error": "x"}'}, "f15 JSON", 0,
         lambda st, h, v, t: (st, v) == (404, {"error": "x"}) and bare(h))
    hurt({"kind": "foreign", "status": 302, "location": "http://portal.test/", "body": ""}, "f15 redirect", 0,
         lambda st, h, v, t: (st, h["Location"]) == (302, "http://portal.test/") and bare(h))
    hurt({"kind": "foreign_after", "status": 200}, "f15 foreign_after", 1,
         lambda st, h, v, t: st == 200 and b"<html" in v and bare(h))
    hurt({"kind": "no_rid"}, "f15 no_rid", 1,
         lambda st, h, v, t: st == 201 and "x-pinterest-rid" not in h and h["x-ratelimit-limit"])
    hurt({"kind": "slow_body", "byte_ms": 1}, "f14 slow", 1, lambda st, h, v, t: st == 201 and t > 0.3)
    hurt({"kind": "oversized", "bytes": 3000000}, "f14 oversized", 1,
         lambda st, h, v, t: st == 201 and h["Content-Length"] == "3000000")
    hurt({"kind": "wrong_length"}, "f14 wrong Content-Length", 1, lost)
    hurt({"kind": "bad_utf8"}, "f14 invalid UTF-8", 1, lambda st, h, v, t: st == 201 and isinstance(v, bytes))
    hurt({"kind": "status", "status": 429, "code": 8, "reset_s": 7, "retry_after_s": 9}, "429", 0,
         lambda st, h, v, t: (h["x-ratelimit-reset"], h["Retry-After"]) == ("7", "9"))
    arm(s, {"kind": "status", "status": 500, "code": 0}, times=2, path_prefix="/v5/boards")
    same([p.ask("GET", f"/boards/{board}/pins")[0] for _ in range(3)], [500, 500, 200],
         "f12: two listings fail")
    arm(s, {"kind": "html_500"}, path_prefix="/v5/", user_id="123456789012345678")
    same(p.ask("GET", "/boards")[0], 200, "a fault for another user does not strike")
    same([a["seen"] for a in s.admin("arms")["items"]], [0], "a fault that did not strike stays armed")
    s.admin("disarm", {})
    draws = []
    for _ in range(2):
        s.admin("arm", {"match": {}, "times": 50, "permille": 400, "seed": 7,
                                       "fault": {"kind": "html_500"}})
        draws.append([p.ask("GET", "/user_account")[0] for _ in range(30)])
        s.admin("disarm", {})
    ok(draws[0] == draws[1] and 5 < draws[0].count(500) < 20, "faults by chance are repeatable with the same seed")
    arm(s, {"kind": "revoke"}, path_prefix="/v5/pins")
    same(p.outcome("Always works"), (401, 2), "f9: the token is revoked during the create")
    same(p.ask("GET", "/boards")[0], 401, "f9: the token stays revoked")
    p.connect()
    s.admin("expire", {"user": p.id})
    same(p.ask("GET", "/boards")[0], 401, "an expired access token is refused")
    same(token(s, refresh_token=p.grant["refresh_token"])[0], 200, "the refresh token is still valid")
    s.admin("revoke", {"user": p.id})
    p.connect()
    s.admin("expire", {"user": p.id, "kind": "refresh"})
    same(
        token(s, refresh_token=p.grant["refresh_token"])[1].get("code"),
        283,
        "an expired refresh token is refused with code 283",
    )


def test_many(s, p):
    """Sixteen clients of one user at once, who come again when they are too many: the ledger and the listing agree."""

    def create(title):
        while True:
            status, head, *_ = p.create("Always works", title=title)
            if status != 429 or head["X-Sandbox-Fault"] != "busy":
                return status

    since = s.admin("creates")["last_id"]
    before = p.count("Always works")
    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda i: create(f"many {i}"), range(160)))
    took = time.monotonic() - begun
    same(got.count(201), 160, f"160 concurrent creates succeed ({160 / took:.0f}/s with this client)")
    same(p.count("Always works") - before, 160, "all 160 pins are listed")
    rows = [r for r in s.admin(f"ledger?since={since}")["items"] if r["pin_id"]]
    same(len({r["pin_id"] for r in rows}), 160, "all 160 creates are in the ledger")
    same(len({r["body_sha256"] for r in rows}), 160, "the ledger has each body once")
    arm(s, {"kind": "html_500"}, times=20, path_prefix="/v5/pins")
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda i: create(f"hurt {i}"), range(60)))
    same(got.count(500), 20, "a fault armed 20 times strikes exactly 20 of 60 concurrent creates")


def test_bounds(s, p):
    """What one user can have: the newest rows of each kind."""
    box = s.database + "_sandbox"
    rows = lambda table, more="": int(s.sql(f"SELECT COUNT(*) FROM sandbox_{table} WHERE user_id = {p.id} {more}", box)[0][0])  # noqa: E731
    codes = [authorize(s, p.name) for _ in range(22)]
    same(rows("codes"), 20, "20 codes of a user are kept")
    same(token(s, code=codes[1])[1].get("code"), 283, "older ones are gone")
    same(token(s, code=codes[2])[0], 200, "the newest work")
    settings(s, rotation="keep", org_read=0)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda _: token(s, refresh_token=p.grant["refresh_token"])[0], range(110)))
    same((set(got), rows("tokens", "AND kind = 0"), rows("tokens", "AND kind = 1")), ({200}, 100, 2),
         "100 access tokens of a user are kept, and all refresh tokens while they are fewer")
    same(p.ask("GET", "/boards")[0], 401, "older ones are gone")
    p.token = token(s, refresh_token=p.grant["refresh_token"])[1]["access_token"]
    same(p.ask("GET", "/boards")[0], 200, "the newest works")
    settings(s, rotation=None, org_read=None, boards_max=15)
    got = [p.ask("POST", "/boards", {"name": f"n{i}"}) for i in range(3)]
    same([g[0] for g in got], [201, 201, 400], "boards_max: the 15th board is made, the 16th is refused")
    ok("you have 15 boards already" in got[2][2]["message"], "boards_max: the refusal says why")
    settings(s, boards_max=None, pins_kept=5)
    made = [p.create("Always works", title=f"b{i}")[2]["id"] for i in range(7)]
    same([i["id"] for i in p.pages("/pins")], made[:1:-1], "pins_kept: the five newest pins are kept")
    same([r["pin_id"] for r in s.admin("ledger")["items"]], made[2:], "pins_kept: and their rows of the ledger")
    for _ in range(7):
        p.outcome("Link blocked")
    same(rows("creates"), 5, "pins_kept: refused creates count in the ledger")
    same(len(p.pages("/pins")), 5, "pins_kept: but not among the pins")
    settings(s, pins_kept=None)


def test_sweep(s, p):
    """What is old goes, when the simulator starts and every minute."""
    box = s.database + "_sandbox"
    idle, kept = Person(s, "idle"), Person(s, "kept")
    for person in (idle, kept):
        person.create("Always works", title="old")
        person.create("Always works", title="young")
        authorize(s, person.name)
    ids = f"({idle.id}, {kept.id})"
    tables = ("codes", "tokens", "creates", "pins", "boards")
    count = lambda who: [int(s.sql(f"SELECT COUNT(*) FROM sandbox_{table} WHERE user_id = {who.id}", box)[0][0]) for table in tables]  # noqa: E731
    same((count(idle), count(kept)), ([2, 2, 2, 2, 13], [2, 2, 2, 2, 13]), "sweep: two users")
    ago = lambda days: f"UTC_TIMESTAMP(6) - INTERVAL {int(24 * days)} HOUR"  # noqa: E731
    s.sql(
        f"UPDATE sandbox_codes SET expires_at = {ago(1)} WHERE user_id IN {ids} AND used_at IS NULL;"
        f"UPDATE sandbox_pins SET inserted_at = {ago(31)} WHERE user_id IN {ids} AND title = 'old';"
        f"UPDATE sandbox_creates SET arrived_at = {ago(31)} WHERE user_id IN {ids} AND body LIKE '%\"old\"%';"
        f"UPDATE sandbox_tokens SET expires_at = {ago(2)} WHERE user_id = {idle.id};"
        f"UPDATE sandbox_tokens SET expires_at = {ago(0.5)} WHERE user_id = {kept.id} AND kind = 0;"
        f"UPDATE sandbox_users SET used_at = {ago(91)} WHERE id IN {ids};"
        "INSERT INTO sandbox_windows VALUES ('read:1', 1, 1)",
        box,
    )
    s.restart("sandbox")
    s.wait_for(lambda: count(idle)[1:] == [0, 1, 0, 0], 30, "the idle user's rows are swept")
    s.wait_for(lambda: count(kept) == [1, 2, 1, 1, 13], 30, "the other's old rows are swept")
    same(s.sql(f"SELECT id FROM sandbox_users WHERE id IN {ids}", box), [[kept.id]],
         "sweep: a user without tokens goes after 90 days, one with tokens stays")
    s.wait_for(lambda: s.sql("SELECT COUNT(*) FROM sandbox_windows WHERE ends_us = 1", box) == [["0"]], 30, "rate windows that have ended are swept")
    again = Person(s, "idle")
    ok(again.id != idle.id and again.ask("GET", "/boards")[0] == 200, "sweep: the name may be used again")
    same(token(s, refresh_token=kept.grant["refresh_token"])[0], 200, "sweep: a token that is valid works")


def test_reset(s, p):
    s.admin("reset", {})
    totals = s.admin("creates")
    same((totals["received"], totals["committed"], totals["items"]), (0, 0, []), "reset: no creates")
    same(s.admin(f"pins?user={p.id}"), {"pins": 0, "deleted": 0}, "reset: no pins")
    p.connect()
    same(len(p.pages("/boards")), 13, "reset: the user and the boards still exist")
    s.admin("reset", {"all": True})
    same(p.ask("GET", "/boards")[0], 401, "reset all: the token is refused")
    same(s.admin("users")["items"], [], "reset all: no user exists")


def test_stop(s, p):
    """A request in progress is completed before the simulator stops."""
    p.connect()
    p.boards = {b["name"]: b["id"] for b in p.pages("/boards")}
    before = len(s.admin("ledger")["items"])
    with concurrent.futures.ThreadPoolExecutor() as pool:
        slow = pool.submit(p.create, "Slow (3 s)")
        hits = f"SELECT hits FROM sandbox_windows WHERE window_key = 'write:{p.id}'"
        wait_for(lambda: s.sql(hits, s.database + "_sandbox"), 10, "the create has arrived")
        same(s.stop("sandbox"), 0, "SIGTERM: the simulator stops cleanly")
        same(slow.result()[0], 201, "SIGTERM: the request in progress is answered")
    s.start("sandbox")
    s.wait_for(lambda: s.status_of("/sandbox/v5/pins") == 401, START_S, "simulator answers")
    same(len(s.admin("ledger")["items"]) - before, 1, "SIGTERM: the request in progress is in the ledger")


def test_database():
    """MariaDB is killed and restarted: each create answered 201 has one pin, and the ledger records
    it."""
    with Simulator(own_database=True) as s:
        p = Person(s, "x")
        answers = {}
        kill = threading.Event()

        def one(i):
            if i == 60:
                kill.set()
            try:
                answers[i] = p.create("Always works", title=f"t{i}")[0]
            except (OSError, http.client.HTTPException):
                answers[i] = 0

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            done = [pool.submit(one, i) for i in range(200)]
            kill.wait(60)
            s.kill9("database")
            s.start("database")
            for d in done:
                d.result()
        titles = [i["title"] for i in p.pages(f"/boards/{p.boards['Always works']}/pins")]
        lost = [i for i, status in answers.items() if status == 201 and titles.count(f"t{i}") != 1]
        same(lost, [], f"killed database: each 201 has one pin ({list(answers.values()).count(201)} of 200)")
        same([t for t in set(titles) if titles.count(t) > 1], [], "killed database: no pin exists twice")
        totals = s.admin("creates")
        same(totals["committed"], len(titles), "killed database: the ledger agrees with the listing")


def test_server(kind):
    """Behaviour that may differ between web servers: a lost answer, the Authorization header."""
    with Simulator(server=kind) as s:
        p = Person(s, "x")
        same(p.create("Always works")[0], 201, f"{kind}: a pin is created")
        for board, made in (("Answer lost after publishing", 1), ("Answer lost before publishing", 0)):
            begun = time.monotonic()
            try:
                status = p.create(board)[0]
            except (OSError, http.client.HTTPException):
                status = 0
            took = time.monotonic() - begun
            ok((status == 0 or status >= 500) and took < 4, f"{kind}: {board}: status {status}, {took:.1f} s")
            same(p.count(board), made, f"{kind}: {board}: pins")
        begun = time.monotonic()
        status = p.create("Slow (3 s)")[0]
        took = time.monotonic() - begun
        ok(status == 201 and took > 2.9, f"{kind}: a slow answer comes, and late: status {status}, {took:.1f} s")
        arm(s, {"kind": "wrong_length"}, path_prefix="/v5/pins")
        try:
            status = p.create("Always works")[0]
        except (OSError, http.client.HTTPException):
            status = 0
        ok(status == 0 or status >= 500, f"{kind}: wrong_length: status {status}")


def test_validator():
    """Shows that the check against the document can fail."""
    if spec is None:
        return
    pin = {"id": "1", "title": "t", "media": {"media_type": "image", "images": {}}}
    bad = [{"title": "t"}, {**pin, "id": 1}, {**pin, "id": "x"}, {**pin, "title": "t" * 101},
           {**pin, "created_at": "today"}, {**pin, "creative_type": "NONE"}, {**pin, "is_owner": "yes"},
           {**pin, "media": {"media_type": "none"}}, {**pin, "media": {"media_type": "image", "images": 1}}]
    same(spec.response("POST", "/pins", 201, pin), [], "validator: a valid pin is accepted")
    same([b for b in bad if not spec.response("GET", "/pins/1", 200, b)], [], "validator: invalid pins are refused")
    ok(spec.response("GET", "/pins", 200, {"items": [{}]}), "validator: faults inside a list are found")
    ok(spec.request("POST", "/pins", {"board_id": "x"}), "validator: an invalid request is refused")
    ok(spec.response("GET", "/boards/1/pins", 200, {"bookmark": None}), "validator: faults inside allOf are found")


def main():
    with Simulator() as s:
        test_doors(s)
        test_oauth(s)
        test_secret(s)
        for number, test in enumerate((test_contract, test_boards, test_refusals, test_scenarios,
                                       test_listing, test_limits, test_faults, test_many, test_bounds, test_sweep, test_reset,
                                       test_stop)):
            print(f"# {test.__name__}")
            test(s, Person(s, f"person {number}"))
            s.admin("reset", {})
        log = s.log("sandbox")
        ok("pina_" not in log and "pinr." not in log, "the log contains no token")
    for kind in ("apache", "nginx"):
        test_server(kind)
    test_database()
    test_validator()
    if spec is None:
        tap.skip("answers against the OpenAPI document", openapi.REASON)
    else:
        ok(Person.checked > 300, f"{Person.checked} answers checked against the OpenAPI document")


if __name__ == "__main__":
    main()
    sys.exit(tap.done())
