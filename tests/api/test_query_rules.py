#!/usr/bin/env python3
"""The rule for query parameters: what a route does not declare is a 422 that names the nearest, on routes
that change something and on lists; so is a parameter given twice. What PinBridge's clients send is taken.
No worker."""

import os
import re
import secrets
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import TOP, Stack, Tap  # noqa: E402

t = Tap()
PINS = "account_id board_id status error_code since until q sort removed limit offset"
SCHEDULES = "account_id board_id status since until q sort limit offset"


def route_table():
    with open(os.path.join(TOP, "app", "routes.def")) as f:
        return re.findall(r'^ROUTE\((\w+), "([^"]+)", (\w+),.*, "([^"]*)", \w+\)$', f.read(), re.M)


def faults(got):
    return {e["loc"][-1]: e["msg"] for e in got[2]["error"].get("errors", []) if e["loc"][0] == "query"} if got[0] == 422 else {}


def every_route(s):
    """Strict routes refuse an unknown parameter before they do anything; the others ignore it."""
    wrong = []
    for method, pattern, access, declared in route_table():
        path = pattern.replace("{}", str(uuid.uuid4())) + "?bogus=1"
        auth = s.token if access == "SESSION" else access != "PUBLIC"
        got = s.api(method, path, {} if method in ("POST", "PATCH") else None, auth=auth)
        strict = "*" not in declared.split()
        refused = list(faults(got)) == ["bogus"] or (got[0] in (400, 415) and "multipart" in str(got[2]))
        if strict != refused:
            wrong.append((method, pattern, got[0]))
    t.ok(len(route_table()) > 40, "app/routes.def is read")
    t.equal(wrong, [], "an unknown parameter is refused where it matters, and ignored elsewhere")


def deletions(s):
    pin = s.call("POST", "/v1/pins", s.pin_body())["id"]
    for query, why in (("delete_from_pintrest=true", "did you mean delete_from_pinterest?"),
                       ("deleteFromPinterest=true", "did you mean delete_from_pinterest?"),
                       ("delete_from_pinterest=", "must be true or false"),
                       ("delete_from_pinterest=yes", "must be true or false"),
                       ("delete_from_pinterest=true&delete_from_pinterest=false", "is given twice"),
                       ("_=1", "unknown parameter")):
        got = s.api("DELETE", f"/v1/pins/{pin}?{query}")
        t.ok(why in " ".join(faults(got).values()), f"DELETE ?{query} is refused", got[2])
    t.equal(s.api("GET", "/v1/pins/" + pin)[0], 200, "nothing was deleted")
    for value in ("True", "TRUE", "1"):
        pin = s.call("POST", "/v1/pins", s.pin_body())["id"]
        got = s.api("DELETE", f"/v1/pins/{pin}?delete_from_pinterest={value}")
        t.equal((got[0], got[2] and got[2]["reason"]), (200, "not_published"), f"{value} is true")
    for value in ("False", "0"):
        pin = s.call("POST", "/v1/pins", s.pin_body())["id"]
        t.equal(s.api("DELETE", f"/v1/pins/{pin}?delete_from_pinterest={value}")[0], 204, f"{value} is false")


def lists(s):
    mark = secrets.token_hex(4)
    for n in range(2):
        s.call("POST", "/v1/pins", s.pin_body(campaign=mark))
    for query, name, why in (("status[]=failed", "status[]", "did you mean status?"), ("page=2", "page", "known are"),
                             ("boardId=1", "boardId", "did you mean board_id?"), ("limit=1&limit=2", "limit", "twice"),
                             ("board_id=Always%20works", "board_id", "digits"), ("campaign=a%C2%9Bb", "campaign", "U+009B"),
                             ("external_id=a%E2%80%A8b", "external_id", "U+2028"), ("q=%E2%80%AE", "q", "U+202E"),
                             ("error_code=Board%20gone", "error_code", "code"), ("removed=maybe", "removed", "true or false")):
        got = s.api("GET", "/v1/pins?" + query)
        t.ok(why in faults(got).get(name, ""), f"a list refuses ?{query}", got[2])
    got = s.call("GET", f"/v1/pins?campaign=%C2%A0{mark}%20&_=123&limit=%201")
    t.equal(len(got), 1, "a filter is cleaned like what it is compared with; a cache-buster is ignored")
    for path in ("/v1/webhooks", "/v1/auth/sessions"):
        t.equal(list(faults(s.api("GET", path + "?limit=5", auth=s.token))), ["limit"], f"{path} has no pages, and says so")
    pin = s.call("GET", "/v1/pins?limit=1")[0]["id"]
    t.equal(s.api("GET", f"/v1/pins/{pin}?nocache=1&a[]=2")[0], 200, "one record ignores what it does not know")


def clients(s):
    """What the SDK, the n8n node and the MCP server send: contract/pinbridge-v1.md."""
    value = {"account_id": s.account_id, "board_id": s.board("Always works"), "status": "queued", "error_code": "rate_limited",
             "since": "2026-01-01T00:00:00Z", "until": "2036-01-01T00:00:00Z", "q": "oak", "sort": "created_at_desc",
             "removed": "false", "limit": "50", "offset": "0", "fresh": "false", "source_type": "csv"}
    for path, names in (("/v1/pins", PINS), ("/v1/schedules", SCHEDULES), ("/v1/pins/imports", "limit offset source_type"),
                        ("/v1/pinterest/boards", "account_id"), ("/v1/rate-meter", "account_id"),
                        (f"/v1/pinterest/boards/{value['board_id']}/access", "account_id fresh")):
        query = "&".join(f"{n}={value[n]}" for n in names.split())
        got = s.api("GET", f"{path}?{query}")
        t.equal(got[0], 200, f"{path} takes all that PinBridge's clients send")


with Stack(worker=False) as s:
    s.sign_up()
    for part in (every_route, deletions, lists, clients):
        part(s)
sys.exit(t.done())
