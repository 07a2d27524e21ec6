#!/usr/bin/env python3
"""For pollers: ETag on single things and lists, If-Match on changes, web pages of other origins."""

import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Stack, Tap  # noqa: E402
from test_resources import code, schedule_body  # noqa: E402

t = Tap()
PAGE = "https://app.example"
LISTS = ("/v1/pins", "/v1/schedules", "/v1/pins/imports", "/v1/webhooks", "/v1/api-keys", "/v1/pinterest/accounts", "/v1/pinterest/connect-links")


def tag(s, path):
    return s.api("GET", path)[1]["ETag"]


def as_person(s, path):
    """Keys are managed by people."""
    return {"auth": s.token} if "api-keys" in path else {}


def known(s):
    """Every list has a strong tag; 304 has the headers of the 200."""
    for path in LISTS:
        status, head, body = s.api("GET", path, **as_person(s, path))
        etag = head.get("ETag", "")
        t.ok(status == 200 and etag.startswith('"'), f"{path} has a strong ETag", (status, dict(head)))
        for value in (etag, "W/" + etag, f'"other", {etag}', "*"):
            got = s.api("GET", path, headers={"If-None-Match": value}, **as_person(s, path))
            t.ok(got[0] == 304 and got[2] is None and got[1]["ETag"] == etag, f"{path} is known by {value[:3]}", (got, etag))
            t.equal([got[1].get(n) for n in ("Cache-Control", "Vary", "X-Total-Count")], [head.get(n) for n in ("Cache-Control", "Vary", "X-Total-Count")], f"{path}: 304 has what the 200 has")
    s.call("POST", "/v1/pins", s.pin_body(title="Old"))
    before = tag(s, "/v1/pins?limit=1")
    pin = s.call("POST", "/v1/pins", s.pin_body(title="New"))["id"]
    t.equal(s.api("GET", "/v1/pins?limit=1", headers={"If-None-Match": before})[0], 200, "a list with a new row is sent again")
    pages = [s.api("GET", "/v1/pins?limit=1") for _ in (1, 2)]
    t.ok(pages[0][1]["Link"] != pages[1][1]["Link"] and pages[0][1]["ETag"] == pages[1][1]["ETag"], "the sealed cursor of a page does not change its tag")
    before = tag(s, f"/v1/pins/{pin}")
    got = s.api("PATCH", f"/v1/pins/{pin}", {"title": "Newer"})
    t.equal((got[0], got[1]["ETag"]), (200, tag(s, f"/v1/pins/{pin}")), "a change answers the tag that GET would")
    t.ok(got[1]["ETag"] != before, "which is another one")


def things(s, label):
    """(path, what to change, how) of everything that If-Match guards."""
    pin = s.call("POST", "/v1/pins", s.pin_body())["id"]
    planned = s.call("POST", "/v1/schedules", schedule_body(s, idempotency_key=label))["id"]
    hook = s.webhook()["id"]
    with_session, s.key = s.key, None
    key = s.call("POST", "/v1/api-keys", {"name": "k"}, auth=s.token)["id"]
    s.key = with_session
    return (
        (f"/v1/pins/{pin}", {"title": "A"}, ("DELETE", f"/v1/pins/{pin}", None)),
        (f"/v1/schedules/{planned}", {"title": "A"}, ("POST", f"/v1/schedules/{planned}/cancel", {})),
        (f"/v1/webhooks/{hook}", {"events": ["pin.failed"]}, ("POST", f"/v1/webhooks/{hook}/rotate-secret", {})),
        (f"/v1/api-keys/{key}", {"name": "A"}, ("DELETE", f"/v1/api-keys/{key}", None)),
    )


def meant(s):
    """A change with the tag of an earlier state changes nothing."""
    for path, change, (method, action, body) in things(s, "meant"):
        auth = as_person(s, path)
        kind = path.split("/")[2]

        def ask(method, where, body, value):
            return s.api(method, where, body, headers={"If-Match": value}, **auth)

        _, head, first = s.api("GET", path, **auth)
        etag = head["ETag"]
        for wrong in ('"other"', "W/" + etag, etag.strip('"'), '""', etag[:-2] + '"'):
            t.equal(code(ask("PATCH", path, change, wrong)), (412, "precondition_failed"), f"{kind}: {wrong[:6]} is not meant")
        t.equal(s.api("GET", path, **auth)[2], first, f"{kind}: nothing has changed")
        t.equal(ask("PATCH", path, change, f'"other" , {etag}')[0], 200, f"{kind}: one of several tags is meant")
        t.equal(code(ask("PATCH", path, change, etag)), (412, "precondition_failed"), f"{kind}: its earlier tag is not meant any more")
        t.equal(code(ask(method, action, body, etag)), (412, "precondition_failed"), f"{kind}: nor by {method}")
        t.equal(ask("PATCH", path, change, "*")[0], 200, f"{kind}: * means any")
        now = s.api("GET", path, **auth)[1]["ETag"]
        t.ok(ask(method, action, body, now)[0] < 300, f"{kind}: {method} with the tag it has")
        if method == "DELETE":
            t.equal(ask("PATCH", path, change, "*")[0], 404, f"{kind}: what is gone is a 404")
    gone = s.call("POST", "/v1/pins", s.pin_body())["id"]
    got = s.api("DELETE", f"/v1/pins/{gone}?delete_from_pinterest=true", headers={"If-Match": '"other"'})
    t.equal(code(got), (412, "precondition_failed"), "deleting on Pinterest, too, is refused before it begins")
    for method, path, body in (("POST", "/v1/pins", s.pin_body()), ("POST", "/v1/pins/bulk-delete", {"ids": [gone]}), ("DELETE", "/v1/pinterest/accounts/" + s.account_id, None)):
        t.equal(code(s.api(method, path, body, headers={"If-Match": "*"})), (412, "precondition_failed"), f"{method} {path[:20]} has nothing that could match")
    t.equal(s.api("GET", f"/v1/pins/{gone}")[0], 200, "and does nothing")
    t.equal(s.api("POST", "/v1/pins/validate", s.pin_body(), headers={"If-Match": '"x"'})[0], 200, "what changes nothing does not ask for it")


def races(s):
    """Of two changes with one tag exactly one succeeds."""
    for path, _, _ in things(s, "races"):
        auth = as_person(s, path)
        field = {"webhooks": "events", "api-keys": "name"}.get(path.split("/")[2], "title")
        both = ([["pin.failed"], ["pin.published"]] if field == "events" else [["A"], ["B"]])
        for turn in range(6):
            s.call("PATCH", path, {field: ["pin.failed", "pin.published"] if field == "events" else f"t{turn}"}, **auth)
            etag = s.api("GET", path, **auth)[1]["ETag"]
            got, gate = [], threading.Barrier(2)

            def change(value):
                gate.wait()
                got.append(s.api("PATCH", path, {field: value if field == "events" else value[0]}, headers={"If-Match": etag}, **auth)[0])

            threads = [threading.Thread(target=change, args=(v,)) for v in both]
            [x.start() for x in threads]
            [x.join() for x in threads]
            if sorted(got) != [200, 412]:
                break
        t.equal(sorted(got), [200, 412], f"{path.split('/')[2]}: of two changes at once one is made")


def cors(head):
    return {n.lower() for n in head if n.lower().startswith("access-control-")}


def origins(s):
    """Pages of the named origins, and of no others, may read all answers."""
    page = {"Origin": PAGE}
    ask = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization,if-match"}
    for path in ("/v1/pins/" + s.account_id, "/v1/nothing/here", "/"):
        status, head, body = s.api("OPTIONS", path, headers={**page, **ask}, auth=False)
        t.ok(status == 204 and body is None, f"a preflight of {path[:8]} needs no credential", (status, body))
        t.equal((head["Access-Control-Allow-Origin"], head["Access-Control-Max-Age"], head["Vary"]), (PAGE, "7200", "Origin"), "and is kept for two hours")
        t.ok("PATCH" in head["Access-Control-Allow-Methods"] and {"authorization", "x-api-key", "if-match", "if-none-match", "idempotency-key", "content-type"} <= set(head["Access-Control-Allow-Headers"].split(", ")), "with methods and headers", dict(head))
    for what, (status, head, _) in {
        "a list": s.api("GET", "/v1/pins", headers=page),
        "a 304": s.api("GET", "/v1/pins", headers={**page, "If-None-Match": "*"}),
        "no credential": s.api("GET", "/v1/pins", headers=page, auth=False),
        "no path": s.api("GET", "/v1/nothing", headers=page),
        "no method": s.api("PUT", "/v1/pins", headers=page),
        "no JSON": s.api("POST", "/v1/pins", "{", headers={**page, "Content-Type": "application/json"}),
        "too long": s.api("POST", "/v1/pins", "x" * 70000, headers={**page, "Content-Type": "application/json"}),
        "two keys": s.api("GET", "/v1/pins", headers={**page, "Idempotency-Key": "\x7f"}),
    }.items():
        t.equal((head.get_all("Access-Control-Allow-Origin"), head.get_all("Vary")), ([PAGE], ["Origin"]), f"{what} ({status}) may be read")
        t.ok("ETag" in head.get("Access-Control-Expose-Headers", "") and "Retry-After" in head["Access-Control-Expose-Headers"], "with its headers", dict(head))
        t.ok("Access-Control-Allow-Credentials" not in head, "without cookies")
    for other in ("null", "*", "http://app.example", PAGE + ".evil.example", "https://evilapp.example", PAGE + ":443", PAGE + ":8443", PAGE + "/", PAGE.upper(), PAGE + ",https://b.example", "https://b.example", ""):
        for method in ("GET", "OPTIONS"):
            _, head, _ = s.api(method, "/v1/pins", headers={"Origin": other, **ask})
            t.ok(cors(head) == set() and head["Vary"] == "Origin", f"{method} from {other} may not be read", dict(head))
    t.equal(cors(s.api("GET", "/v1/pins", headers={"Origin": "http://b.example:8080"})[1]), {"access-control-allow-origin", "access-control-expose-headers"}, "a second origin may be named")


def strangers(s):
    """No origin is configured: nothing is said to pages."""
    status, head, _ = s.api("OPTIONS", "/v1/pins", headers={"Origin": PAGE, "Access-Control-Request-Method": "GET"}, auth=False)
    t.ok(status == 204 and cors(head) == set() and "Vary" not in head and "GET" in head["Allow"], "without origins OPTIONS lists the methods", dict(head))
    t.ok(cors(s.api("GET", "/v1/pins", headers={"Origin": PAGE})[1]) == set(), "and no page may read")


def main():
    with Stack(worker=False) as s:
        s.sign_up()
        strangers(s)
        s.webhook()
        known(s)
        meant(s)
        races(s)
    with Stack(worker=False, overrides={"app": {"cors_origins": f"{PAGE}, http://b.example:8080"}}) as s:
        s.sign_up()
        origins(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
