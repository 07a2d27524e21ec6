#!/usr/bin/env python3
"""Attack: the simulator, by strangers and by one sandbox tenant. It stands open to the world beside
production: whoever sends requests to it takes no other tenant's Pinterest user, no rows, no memory
and nobody's time. TAP."""

import concurrent.futures
import http.client
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from attack import LONG, Watch, memory_mb, together  # noqa: E402
from harness import Stack, Tap, wait_for  # noqa: E402

t = Tap()
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
        url = self.s.call("GET", path, auth=self.token)["authorization_url"]
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


def main():
    with Stack(worker=False) as s:
        alice, mallory = Tenant(s), Tenant(s)
        s.request("GET", "/sandbox/v5/pins")
        for part in (growth, memory):
            print("# " + part.__name__, flush=True)
            part(s)
        print("# names", flush=True)
        names(s, alice, mallory)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
