#!/usr/bin/env python3
"""Status tokens: what they read, what they never do, and when they end."""

import os
import re
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import TOP, Stack, Tap  # noqa: E402
from test_resources import code, schedule_body  # noqa: E402

t = Tap()
POLLED = {"/v1/pins/{}", "/v1/schedules/{}", "/v1/jobs/{}", "/v1/status"}
PATH = "/v1/status-tokens"


def new_pin(s, **fields):
    return s.call("POST", "/v1/pins", s.pin_body(**fields))["id"]


def token(s, **fields):
    return s.call("POST", PATH, fields)["token"]


def status(s, text, **more):
    return s.api("GET", "/v1/status", auth=text, **more)


def made(s, pins, planned):
    """The edges of what a token may hold."""
    t.equal(code(s.api("POST", PATH, {})), (422, "validation_error"), "a token of nothing is refused")
    t.equal(code(s.api("POST", PATH, {"pins": [], "schedules": []})), (422, "validation_error"), "so is one of empty lists")
    for n_pins, n_planned, want in ((1, 0, 201), (0, 1, 201), (60, 40, 201), (65, 35, 201), (65, 36, 422), (66, 35, 422)):
        got = s.api("POST", PATH, {"pins": pins[:n_pins], "schedules": planned[:n_planned]})
        t.equal(got[0], want, f"a token of {n_pins} pins and {n_planned} schedules is a {want}")
        if want == 201:
            t.ok(got[2]["token"].startswith("pst_") and len(got[2]["token"]) < 4096, "which fits into a header", len(got[2]["token"]))
            t.ok(got[1]["Cache-Control"] == "no-store" and "ETag" not in got[1], "and is not kept by anybody", dict(got[1]))
            shown = status(s, got[2]["token"])[2]["items"]
            t.equal([(i["kind"], i["id"]) for i in shown], [("pin", i) for i in pins[:n_pins]] + [("schedule", i) for i in planned[:n_planned]], "and shows all of them, in their order")
    t.equal(s.api("POST", PATH, {"pins": pins[:1] * 100})[2]["pins"], pins[:1], "an id that is given twice counts once")
    for seconds, want in ((0, 422), (1, 201), (86400, 201), (86401, 422), ("60", 422)):
        t.equal(s.api("POST", PATH, {"pins": pins[:1], "expires_in_seconds": seconds})[0], want, f"{seconds} seconds are a {want}")
    lasts = s.sql(f"SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), '{s.call('POST', PATH, {'pins': pins[:1]})['expires_at'][:19].replace('T', ' ')}')")
    t.ok(3590 <= int(lasts[0][0]) <= 3600, "it lasts an hour by default", lasts)
    for wrong in ({"pins": ["x"]}, {"pins": pins[0]}, {"pins": planned[:1]}, {"pin": pins[:1]}):
        t.equal(code(s.api("POST", PATH, wrong)), (422, "validation_error"), f"{str(wrong)[:20]} is refused")


def foreign(s, theirs, pin):
    """Ids of others are as unknown as any."""
    answers = []
    for strange in (theirs, str(uuid.uuid4())):
        got = s.api("POST", PATH, {"pins": [pin, strange]})
        answers.append((got[0], repr(got[2]["error"]["errors"]).replace(strange, "ID")))
    t.ok(answers[0] == answers[1] and answers[0][0] == 422 and "'pins', 1" in answers[0][1], "another tenant's pin is as unknown as a random one", answers)
    text = token(s, pins=[pin])
    for kind, path in (("pin", "pins"), ("job", "jobs")):
        got = [s.api("GET", f"/v1/{path}/{i}", auth=text) for i in (theirs, str(uuid.uuid4()), new_pin(s))]
        t.ok({code(g) for g in got} == {(404, "not_found")} and len({g[2]["message"] for g in got}) == 1, f"a {kind} that the token does not name is not there", got)


def reads(s, pin, planned):
    """It reads its own, and opens nothing else."""
    text = token(s, pins=[pin], schedules=[planned])
    for path in (f"/v1/pins/{pin}", f"/v1/jobs/{pin}", f"/v1/schedules/{planned}"):
        want, got = s.api("GET", path), s.api("GET", path, auth=text)
        t.equal((got[0], got[2], got[1]["ETag"]), (200, want[2], want[1]["ETag"]), f"{path[:12]} is read as by the key")
        t.equal(s.api("GET", path, auth=text, headers={"If-None-Match": got[1]["ETag"]})[0], 304, "and is a 304 when it is known")
    got = status(s, text)
    known = got[2]["items"][0]
    whole = s.call("GET", f"/v1/pins/{pin}")
    t.equal({k: v for k, v in known.items() if k not in ("kind",)}, {k: whole[k] for k in known if k != "kind"}, "the state of a pin is what the pin shows")
    t.equal(status(s, text, headers={"If-None-Match": got[1]["ETag"]})[0], 304, "all states are a 304 when they are known")
    with open(os.path.join(TOP, "app", "routes.def")) as f:
        routes = re.findall(r'^ROUTE\((\w+), "([^"]+)", (\w+),', f.read(), re.M)
    opened = []
    for method, pattern, access in routes:
        if access == "PUBLIC" or (method == "GET" and pattern in POLLED):
            continue
        path = pattern.replace("{}", planned if "schedules" in pattern else pin)
        got = code(s.api(method, path, {} if method != "GET" else None, auth=text))
        if got not in ((403, "forbidden"), (401, "unauthorized")) and not pattern.endswith("/csv"):
            opened.append((method, pattern, got))
    t.ok(len(routes) > 60 and opened == [], "no other route takes it", opened)
    t.equal(s.api("PATCH", f"/v1/pins/{pin}", {"title": "x"}, auth=text)[0], 403, "it changes nothing")
    t.equal(code(s.api("GET", "/v1/status")), (403, "forbidden"), "keys have no states of their own")
    t.equal(code(s.api("GET", "/v1/status", auth=s.token)), (403, "forbidden"), "nor have people")
    t.equal(code(s.api("GET", "/v1/status", auth=False)), (401, "unauthorized"), "nor those who send nothing")
    t.equal(code(s.api("GET", f"/v1/pins/{pin}", headers={"X-API-Key": text}, auth=False)), (401, "unauthorized"), "it is no key")
    for at in (5, 40, len(text) // 2, len(text) - 2):
        broken = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
        t.equal(code(status(s, broken)), (401, "unauthorized"), "an altered token is none")
    for wrong in ("pst_", "pst_x", text[:-8], text + "AAAA", text[:4] + text[4:] * 2):
        t.equal(code(status(s, wrong)), (401, "unauthorized"), "nor is a cut or longer one")


def rates(s, pin):
    """Each token has a small bucket of its own."""
    text = token(s, pins=[pin])
    before = s.api("GET", "/v1/limits")[1]["RateLimit-Policy"]
    got = status(s, text)[1]
    t.ok("q=300;" in got["RateLimit-Policy"] and got["RateLimit-Policy"] != before, "its bucket is a small one", dict(got))
    left = [int(re.search(r"r=(\d+)", status(s, text)[1]["RateLimit"])[1]) for _ in range(40)]
    t.ok(left[-1] < left[0] < 300, "which empties", left)
    t.equal((status(s, token(s, pins=[pin], expires_in_seconds=77))[0], s.api("GET", "/v1/pins")[0]), (200, 200), "others and the key still have theirs")


def ends(s, pin):
    """It ends with its time, and with whoever gave it."""
    text = token(s, pins=[pin], expires_in_seconds=1)
    s.wait_for(lambda: code(status(s, text)) == (401, "unauthorized") if status(s, text)[0] != 200 else False, 10, "it expires")
    t.ok(True, "a token ends with its time")
    whole, by_key = s.key, s.call("POST", "/v1/api-keys", {"name": "giver", "scopes": ["read"]}, auth=s.token)
    s.key = by_key["api_key"]
    text = token(s, pins=[pin])
    s.key = whole
    t.equal(status(s, text)[0], 200, "a key that only reads may give one")
    s.call("PATCH", f"/v1/api-keys/{by_key['id']}", {"scopes": ["write"]}, auth=s.token)
    t.equal(status(s, text)[0], 401, "a key that may not read any more takes its tokens along")
    s.call("PATCH", f"/v1/api-keys/{by_key['id']}", {"scopes": ["read"]}, auth=s.token)
    t.equal(status(s, text)[0], 200, "while it may, they read")
    s.call("DELETE", f"/v1/api-keys/{by_key['id']}", auth=s.token)
    t.equal([s.api("GET", p, auth=text)[0] for p in ("/v1/status", f"/v1/pins/{pin}", f"/v1/jobs/{pin}")], [401] * 3, "a revoked key takes its tokens along")
    s.key = None
    text = token(s, pins=[pin])
    t.equal(status(s, text)[0], 200, "a session may give one")
    session = s.token
    s.call("POST", "/v1/auth/logout", {})
    t.equal(status(s, text)[0], 401, "which ends with the session")
    s.token = s.call("POST", "/v1/auth/login", {"email": s.email, "password": s.password}, auth=False)["access_token"]
    s.sandbox()
    t.ok(s.token != session, "a new session")
    s.key = whole


def narrow(s, pin):
    """A key for some accounts gives tokens for those, and as long as they are its."""
    second = s.connect("second")
    key = s.call("POST", "/v1/api-keys", {"name": "n", "pinterest_account_ids": [second]}, auth=s.token)
    whole, s.key = s.key, key["api_key"]
    got = [s.api("POST", PATH, {"pins": [i]}) for i in (pin, str(uuid.uuid4()))]
    t.equal([g[2]["error"]["errors"][0]["msg"].split(":")[0] for g in got], ["is not in this project"] * 2, "an account's pin that the key may not use is unknown")
    s.call("PATCH", f"/v1/api-keys/{key['id']}", {"pinterest_account_ids": None}, auth=s.token)
    text = token(s, pins=[pin])
    t.equal(len(status(s, text)[2]["items"]), 1, "with all accounts it is there")
    s.call("PATCH", f"/v1/api-keys/{key['id']}", {"pinterest_account_ids": [second]}, auth=s.token)
    t.equal((status(s, text)[2]["items"], s.api("GET", f"/v1/pins/{pin}", auth=text)[0], s.api("GET", f"/v1/jobs/{pin}", auth=text)[0]), ([], 403, 403), "a narrower key narrows its tokens")
    s.key = whole


def gone(s):
    """What is deleted is not shown; a reset ends all tokens of the sandbox."""
    pins = [new_pin(s), new_pin(s)]
    text = token(s, pins=pins)
    s.call("DELETE", f"/v1/pins/{pins[0]}")
    t.equal([i["id"] for i in status(s, text)[2]["items"]], pins[1:], "a deleted pin is left out")
    t.equal(s.api("GET", f"/v1/pins/{pins[0]}", auth=text)[0], 404, "and not there")
    s.call("POST", "/v1/projects/sandbox/reset", {}, auth=s.token)
    t.equal(code(status(s, text)), (401, "unauthorized"), "a reset of the sandbox ends its tokens")


def main():
    with Stack(worker=False) as s:
        s.sign_up()
        theirs = new_pin(s)
        s.key = None
        s.sign_up()
        pins = [new_pin(s) for _ in range(66)]
        planned = [s.call("POST", "/v1/schedules", schedule_body(s, idempotency_key=f"s{n}"))["id"] for n in range(40)]
        made(s, pins, planned)
        foreign(s, theirs, pins[0])
        reads(s, pins[0], planned[0])
        rates(s, pins[0])
        ends(s, pins[0])
        narrow(s, pins[0])
        gone(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
