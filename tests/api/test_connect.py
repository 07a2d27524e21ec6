#!/usr/bin/env python3
"""Connecting an account: what the person, the program and the page that is returned to are told when
Pinterest grants less than was asked for, and what happens to the account. TAP on stdout."""

import http.client
import json
import os
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness import Stack, Tap, parts

t = Tap()
ASKED = "ads:read,boards:read,boards:write,pins:read,pins:write,user_accounts:read"
SECRET = "boards:read_secret,boards:write_secret,pins:read_secret,pins:write_secret"
BACK = "https://shop.example/done"


class Between(ThreadingHTTPServer):
    """Between Pintempo and the simulator: edit(path, value) may change what the simulator answers."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), BetweenHandler)
        self.stack, self.edit = None, lambda path, value: None
        self.base_url = f"http://127.0.0.1:{self.server_address[1]}/sandbox/v5"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class BetweenHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        head = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
        c = http.client.HTTPConnection("127.0.0.1", self.server.stack.port, timeout=60)
        c.request(self.command, self.path, body or None, head)
        r = c.getresponse()
        raw = r.read()
        if r.status == 200:
            value = json.loads(raw)
            self.server.edit(self.path.removeprefix("/sandbox/v5"), value)
            raw = json.dumps(value).encode()
        c.close()
        self.send_response(r.status)
        for name, value in r.headers.items():
            if name.lower().startswith("x-") or name.lower() == "content-type":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_POST = do_PATCH = do_DELETE = do_GET

    def log_message(self, *args):
        pass


def code(got):
    return got[0], (got[2] or {}).get("error", {}).get("code")


def way_back(s, user=None, **query):
    """The address that the simulator sends the browser back to."""
    start = s.call("GET", "/v1/pinterest/oauth/start?" + urllib.parse.urlencode(query))["authorization_url"]
    return s.authorize(s.to_pinterest(start), user)[len(s.url) :]


def connect(s, user=None, drop=None, **query):
    """The JSON of one connection, of which Pinterest grants all but `drop`."""
    s.admin("settings", {"drop_scopes": drop})
    got = s.api("GET", way_back(s, user, **query), auth=False)
    s.admin("settings", {"drop_scopes": None})
    return got


def account(s, ident):
    return next(a for a in s.call("GET", "/v1/pinterest/accounts") if a["id"] == ident)


def token(s, ident):
    return s.sql(f"SELECT token_version, HEX(access_sealed) FROM pinterest_accounts WHERE id = UNHEX('{ident.replace('-', '')}')")


def whole(s):
    status, _, got = connect(s, "whole")
    t.equal(status, 200, "whole grant: connected")
    a = account(s, got["account_id"])
    t.equal(
        (got["status"], got["code"], got["missing_scopes"], got["reconnect_required"], got["unchanged"]),
        ("connected", None, [], False, False),
        "whole grant: nothing is missing",
    )
    t.equal(got["username"], a["username"], "whole grant: the Pinterest user is named")
    t.equal(got["message"], f"The Pinterest account @{a['username']} is connected.", "whole grant: in the message too")
    again = connect(s, "whole")[2]
    t.equal(
        (again["account_id"], again["message"]),
        (got["account_id"], f"The Pinterest account @{a['username']} is connected again."),
        "whole grant: a second time says so",
    )


def poor_and_new(s):
    status, _, got = connect(s, "poor", "pins:write")
    t.equal(
        (status, got["status"], got["code"], got["missing_scopes"], got["reconnect_required"]),
        (200, "connected", "scope_missing", ["pins:write"], True),
        "missing scope, new account: connected, and what is missing is told",
    )
    t.ok("pins:write" in got["message"] and "Connect again" in got["message"], "missing scope: the message names it", got)
    a = account(s, got["account_id"])
    t.equal(
        (a["health_status"], a["missing_scopes"], "pins:write" in a["scopes"].split(",")),
        ("reconnect_required", ["pins:write"], False),
        "missing scope: the list shows what is granted and what is missing",
    )
    t.ok("pins:write" in a["health_message"], "missing scope: the list says what is wrong", a)
    board = s.boards_of(s.connect("whole"))["Always works"]
    pin = {"account_id": a["id"], "board_id": board, "title": "Waits", "image_url": s.image_url, "idempotency_key": "poor"}
    made = s.call("POST", "/v1/pins", pin)
    s.wait_for(lambda: s.call("GET", "/v1/pins/" + made["id"])["status"] == "deferred", 20, "the pin waits")
    shown = s.call("GET", "/v1/pins/" + made["id"])["waiting"]
    t.equal(shown["code"], "scope_missing", "missing scope: the pin waits with that code")
    got = s.call("POST", "/v1/pins/validate", pin | {"idempotency_key": "v"})
    check = {c["name"]: c["code"] for c in got["checks"]}
    t.equal(check["account"], "scope_missing", "missing scope: validate says it of the account")
    why = s.operator("why", made["id"]).stdout
    t.ok("scope_missing" in why and "pins:write" in why, "missing scope: `pintempo why` says which", why)
    worse = connect(s, "poor", "pins:write,pins:read")[2]
    t.equal(
        (worse["unchanged"], worse["missing_scopes"]),
        (False, ["pins:read", "pins:write"]),
        "broken account, poor grant: it is taken, and what is missing is told",
    )
    t.equal(account(s, a["id"])["missing_scopes"], ["pins:read", "pins:write"], "broken account, poor grant: the list shows the new one")
    better = connect(s, "poor")[2]
    t.equal((better["code"], better["account_id"]), (None, a["id"]), "broken account, whole grant: mended")
    t.equal(account(s, a["id"])["health_status"], "healthy", "broken account, whole grant: healthy")
    everything = connect(s, "nothing", "boards:read,boards:write,pins:read,pins:write")[2]
    t.equal(len(everything["missing_scopes"]), 4, "all scopes missing: all are named")


def poor_and_healthy(s):
    ident = connect(s, "healthy")[2]["account_id"]
    before = token(s, ident)
    status, _, got = connect(s, "healthy", "pins:write,boards:write")
    t.equal(
        (status, got["account_id"], got["unchanged"], got["code"], got["missing_scopes"], got["reconnect_required"]),
        (200, ident, True, "scope_missing", ["boards:write", "pins:write"], False),
        "poor grant, healthy account: it stays as it was, and why is told",
    )
    t.ok("stays connected as it was" in got["message"] and "boards:write, pins:write" in got["message"], "poor grant: the message says both", got)
    t.equal(token(s, ident), before, "poor grant: the tokens are the old ones")
    a = account(s, ident)
    t.equal((a["health_status"], a["missing_scopes"]), ("healthy", []), "poor grant: the account stays healthy")
    logged = s.sql("SELECT COUNT(*) FROM activity_logs WHERE action = 'account.connect_failed'")
    t.equal(logged, [["1"]], "poor grant: the activity log has it")
    s.admin("revoke", {"user": account(s, ident)["pinterest_user_id"]})
    got = connect(s, "healthy", "pins:write")[2]
    t.equal((got["unchanged"], got["reconnect_required"]), (False, True), "poor grant, an account that its owner withdrew: it is taken")
    connect(s, "healthy")
    for name, what in (
        ("revoked", "revoked_at = UTC_TIMESTAMP(6)"),
        ("unhealthy", "revoked_at = NULL, health = 1, health_code = 'token_revoked'"),
        ("expired", "health = 0, access_expires_at = UTC_TIMESTAMP(6), refresh_sealed = NULL"),
    ):
        s.sql(f"UPDATE pinterest_accounts SET {what} WHERE id = UNHEX('{ident.replace('-', '')}')")
        got = connect(s, "healthy", "pins:write")[2]
        t.equal((got["unchanged"], got["reconnect_required"]), (False, True), f"poor grant, {name} account: it is taken")
        connect(s, "healthy")


def no_user(s):
    status, _, got = connect(s, "nameless", "user_accounts:read")
    t.equal((status, got["error"]["code"]), (409, "scope_missing"), "no user_accounts:read: not connected")
    t.ok("user_accounts:read" in got["error"]["message"], "no user_accounts:read: it is named", got)


def pages(s):
    def page(user, drop=None, path=None):
        s.admin("settings", {"drop_scopes": drop})
        back = path or way_back(s, user)
        s.admin("settings", {"drop_scopes": None})
        status, head, raw = s.request("GET", back, headers={"Accept": "text/html,*/*;q=0.8"})
        t.ok(head["Content-Type"].startswith("text/html"), "a browser gets a page", head["Content-Type"])
        return status, raw.decode()

    status, text = page("healthy")
    name = account(s, connect(s, "healthy")[2]["account_id"])["username"]
    t.ok(status == 200 and "<h1>Connected</h1>" in text and "@" + name in text, "page: names the Pinterest user", text)
    status, text = page("page-poor", "pins:write")
    t.ok("pins:write" in text and "<h1>Connected</h1>" not in text, "page: names the missing scope in heading and text", text)
    status, text = page("healthy", "pins:write")
    t.ok("<h1>Nothing was changed</h1>" in text and "pins:write" in text, "page: says that the account stays as it was", text)
    s.between.edit = lambda path, value: value.update({"username": "<b>x</b>&\"'"}) if path == "/user_account" else None
    status, text = page("escaped")
    s.between.edit = lambda path, value: None
    t.ok("<b>" not in text and "@&lt;b&gt;x&lt;/b&gt;&amp;&quot;&#39;" in text, "page: the name is escaped", text)
    s.admin("settings", {"deny": 1})
    status, text = page("healthy")
    s.admin("settings", {"deny": None})
    t.ok(status == 400 and "Nothing was changed" in text, "page: a person who denied is told that nothing was changed", text)
    for accept, kind in (("TEXT/HTML", "text/html"), ("application/json, text/html;q=0", "application/json"), ("text/html;q=0.9", "text/html"), ("*/*", "application/json")):
        head = s.request("GET", way_back(s, "healthy"), headers={"Accept": accept})[1]
        t.ok(head["Content-Type"].startswith(kind), f"Accept: {accept} gets {kind}", head["Content-Type"])
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(way_back(s, "healthy")).query)["state"][0]
    got = s.api("GET", "/v1/pinterest/oauth/callback?error=&state=" + urllib.parse.quote(state), auth=False)
    t.ok("no authorization code" in got[2]["error"]["message"], "an empty error is none", got[2])
    back = way_back(s, "healthy")
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["state"][0]
    query = urllib.parse.urlencode({"state": state, "error": "invalid_scope", "error_description": "<i>no such scope"})
    status, text = page(None, None, "/v1/pinterest/oauth/callback?" + query)
    t.ok(status == 400 and "invalid_scope: &lt;i&gt;no such scope" in text, "page: another refusal is quoted, escaped", text)


def returned_to(s):
    def fields(user, drop=None, to=BACK):
        status, head, _ = connect(s, user, drop, return_to=to)
        t.ok(status == 302, "return_to: a redirect", status)
        where = head["Location"]
        return where, dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(where).query))

    where, got = fields("healthy")
    t.equal((got["status"], "code" in got, "missing_scopes" in got), ("connected", False, False), "return_to: a whole grant")
    t.ok(got["username"] and got["account_id"] and got["message"].startswith("The Pinterest account @"), "return_to: names the user", got)
    where, got = fields("return-poor", "pins:write,pins:read")
    t.equal(
        (got["status"], got["code"], got["missing_scopes"], got["reconnect_required"]),
        ("connected", "scope_missing", "pins:read,pins:write", "true"),
        "return_to: what is missing is told",
    )
    t.ok("pins:read, pins:write" in got["message"], "return_to: with a sentence", got)
    where, got = fields("healthy", "pins:write")
    t.equal((got["unchanged"], got["code"]), ("true", "scope_missing"), "return_to: that nothing was changed is told")
    where, got = fields("healthy", None, BACK + "?a=1#top")
    t.ok(got["a"] == "1" and got["status"] == "connected" and where.endswith("#top"), "return_to: its own query and fragment stay", where)
    where, got = fields("healthy", "user_accounts:read")
    t.equal((got["status"], got["code"]), ("error", "scope_missing"), "return_to: not connected at all")


def other_user(s):
    ident = connect(s, "ann")[2]["account_id"]
    before = token(s, ident)
    count = len(s.call("GET", "/v1/pinterest/accounts"))
    got = connect(s, "ben", account_id=ident)
    t.equal(code(got), (409, "conflict"), "another Pinterest user than the account's: refused")
    name = account(s, ident)["username"]
    t.ok("@" + name in got[2]["error"]["message"], "another Pinterest user: both are named", got[2])
    t.equal(
        (token(s, ident), len(s.call("GET", "/v1/pinterest/accounts"))),
        (before, count),
        "another Pinterest user: nothing was changed",
    )
    got = connect(s, "ann", account_id=ident)
    t.equal((got[0], got[2].get("account_id")), (200, ident), "the account's own user: connected again")
    bad = s.api("GET", "/v1/pinterest/oauth/start?account_id=01a20759-b31a-7045-9b85-de78492e729b")
    t.equal(code(bad), (404, "not_found"), "an account that is not there cannot be connected again")
    bad = s.api("GET", "/v1/pinterest/oauth/start?account_id=x")
    t.equal(code(bad), (422, "validation_error"), "an account_id that is none is refused")


def odd_answers(s):
    """Answers of the token call that the simulator does not give."""

    def answered(user, change):
        s.between.edit = lambda path, value: change(value) if path == "/oauth/token" else None
        try:
            return connect(s, user)[2]
        finally:
            s.between.edit = lambda path, value: None

    got = answered("absent", lambda v: v.pop("scope"))
    t.equal((got["code"], got["missing_scopes"]), (None, []), "no scope in the answer: what was asked for was granted")
    t.equal(account(s, got["account_id"])["scopes"], ASKED, "no scope in the answer: the list shows what was asked for")
    got = answered("null", lambda v: v.update(scope=None))
    t.equal(got["code"], None, "scope null: the same")
    got = answered("empty", lambda v: v.update(scope=""))
    t.equal(len(got["missing_scopes"]), 6, "an empty scope: nothing was granted")
    for name, text in (("blanks", ASKED.replace(",", " ")), ("both", ASKED.replace(",", " , ")), ("list", ASKED.split(","))):
        got = answered(name, lambda v, text=text: v.update(scope=text))
        t.equal((got["code"], account(s, got["account_id"])["scopes"]), (None, ASKED), f"scopes with {name} are read")
    got = answered("strange", lambda v: v.update(scope=ASKED + ",<script>," + "x" * 3000))
    t.equal((got["code"], account(s, got["account_id"])["scopes"]), (None, ASKED), "what is no scope is left out")
    got = answered("short", lambda v: v.pop("refresh_token"))
    t.ok(got["status"] == "connected" and "no token to renew" in got["message"], "no refresh token: connected, and its end is told", got)
    before = token(s, connect(s, "long")[2]["account_id"])
    got = answered("long", lambda v: v.pop("refresh_token"))
    t.ok(got["unchanged"] and "end sooner" in got["message"], "no refresh token, healthy account: it stays as it was", got)
    t.equal(token(s, got["account_id"]), before, "no refresh token, healthy account: with its tokens")
    s.between.edit = lambda path, value: value.pop("id") if path == "/user_account" else None
    got = connect(s, "no-id")
    s.between.edit = lambda path, value: None
    t.equal(code(got), (502, "pinterest_unavailable"), "a Pinterest user without id is not connected")


def renewed_with_less(s):
    ident = connect(s, "renewed")[2]["account_id"]
    due = f"UPDATE pinterest_accounts SET refresh_at = UTC_TIMESTAMP(6) WHERE id = UNHEX('{ident.replace('-', '')}')"
    version = int(token(s, ident)[0][0])
    s.between.edit = lambda path, value: value.pop("scope") if path == "/oauth/token" else None
    s.sql(due)
    s.wait_for(lambda: int(token(s, ident)[0][0]) > version, 30, "the token is renewed")
    s.between.edit = lambda path, value: None
    a = account(s, ident)
    t.equal((a["scopes"], a["health_status"]), (ASKED, "healthy"), "renewed without scopes in the answer: they stay")
    s.admin("settings", {"drop_scopes": "pins:write"})
    s.sql(due)
    s.wait_for(lambda: account(s, ident)["reconnect_required"], 30, "the account lacks a scope")
    s.admin("settings", {"drop_scopes": None})
    a = account(s, ident)
    t.equal(a["missing_scopes"], ["pins:write"], "renewed with fewer scopes: the list shows it")
    t.ok("pins:write" in a["health_message"] and "pins:write" not in a["scopes"], "renewed with fewer scopes: and says so", a)
    logged = s.sql(f"SELECT COUNT(*) FROM activity_logs WHERE action = 'account.reconnect_required' AND resource_id = UNHEX('{ident.replace('-', '')}')")
    t.equal(logged, [["1"]], "renewed with fewer scopes: the activity log has it")


def more_asked(s):
    """The operator asks for more: accounts that were connected before show what they lack."""
    ident = connect(s, "early")[2]["account_id"]
    t.equal(account(s, ident)["missing_scopes"], [], "before: nothing is missing")
    s.settings["sandbox"]["scopes"] = ASKED + "," + SECRET
    parts.write_conf(s.conf, s.settings)
    s.restart("app")
    a = account(s, ident)
    t.equal((a["missing_scopes"], a["health_status"]), (SECRET.split(","), "healthy"), "more is asked for: it is shown as missing, the account works")
    got = connect(s, "early", "pins:write_secret")[2]
    t.equal((got["unchanged"], got["code"], got["missing_scopes"]), (False, "scope_missing", ["pins:write_secret"]), "some of it is granted: taken, the rest is told")
    t.ok("secret boards cannot be used" in got["message"] and not got["reconnect_required"], "some of it: what it means is told", got)
    got = connect(s, "early", "pins:read_secret")[2]
    t.ok(got["unchanged"] and "pins:read_secret" in got["message"], "an optional scope would be lost: it stays as it was", got)


def main():
    between = Between()
    prefixes = {"oauth_return_prefixes": "https://shop.example"}
    with Stack(overrides={"sandbox": {"base_url": between.base_url}, "instance": prefixes, "worker": {"poll_ms": 50}}) as s:
        s.between = between
        between.stack = s
        s.sign_up()
        for part in (whole, poor_and_new, poor_and_healthy, no_user, pages, returned_to, other_user, odd_answers, renewed_with_less, more_asked):
            part(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
