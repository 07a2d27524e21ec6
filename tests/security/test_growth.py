#!/usr/bin/env python3
"""A tenant makes as many rows as it can: each kind ends at its limit, which GET /v1/limits tells. No worker."""

import concurrent.futures
import os
import sys
from datetime import datetime, timedelta, timezone

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")]
from harness import Stack, Tap  # noqa: E402

t = Tap()
LIMITS = {
    "accounts": 1, "api_keys": 5, "import_rows": 500, "pending_pins": 8, "pending_schedules": 40,
    "sessions": 6, "stored_replies": 12, "members": 3, "invitations": 4, "invitations_per_day": 30,
}  # fmt: skip
SHARES = ("requests", "requests_in_hand", "long_requests_in_hand", "rows_per_import")
SETTINGS = {name: f"[limits] {name}" for name in LIMITS} | {"webhooks": "[webhooks] max_endpoints"}
HANDS = 4  # of these, what one writes while another counts may exceed a leased limit


def later():
    return (datetime.now(timezone.utc) + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")


def shown(s, auth=True):
    return {row["name"]: row for row in s.call("GET", "/v1/limits", auth=auth)["limits"]}


def full(s, answer, name):
    """The refusal names the limit and its setting; GET /v1/limits agrees."""
    error = answer[2]["error"] if answer[0] >= 300 else {}
    good = (answer[0], error.get("code")) == (409, "plan_limit") and SETTINGS[name] in error.get("remediation", "")
    t.ok(good, f"{name}: one more is a 409 that names the setting", answer[2])
    row = shown(s, s.token)[name]
    t.equal((row["used"], row["remaining"], row["setting"]), (row["limit"], 0, SETTINGS[name]), f"{name}: GET /v1/limits says so")


def fill(s, name, make, count, undo=None):
    """`count` more fit and no more; what is undone makes room."""
    made = [make() for _ in range(count)]
    t.equal([a[0] // 100 for a in made], [2] * count, f"{name}: as many as the limit are made")
    full(s, make(), name)
    if undo:
        t.equal(undo(made[-1][2]) // 100, 2, f"{name}: one is removed")
        s.wait_for(lambda: make()[0] // 100 == 2, 30, f"{name}: then one more fits")
        t.ok(True, f"{name}: then one more fits")


def schedule(s, **more):
    return s.api("POST", "/v1/schedules", s.pin_body(run_at=later(), **more))


def schedules(s):
    limit = LIMITS["pending_schedules"]
    key = {"idempotency_key": "kept", "title": "Kept", "run_at": later()}
    first = s.api("POST", "/v1/schedules", s.pin_body(**key))
    with concurrent.futures.ThreadPoolExecutor(HANDS) as hands:
        made = list(hands.map(lambda _: schedule(s), range(2 * limit)))
    stored = int(s.sql("SELECT COUNT(*) FROM schedules WHERE state = 0 OR due_at IS NOT NULL")[0][0])
    t.ok(limit <= stored < limit + HANDS, "pending_schedules: creates at the same time end at the limit", stored)
    t.equal({a[0] for a in made}, {201, 409}, "pending_schedules: the rest is refused")
    full(s, schedule(s), "pending_schedules")
    again = s.api("POST", "/v1/schedules", s.pin_body(**key))
    t.equal((again[0], again[2].get("id")), (201, first[2]["id"]), "pending_schedules: a repeated request needs no room")
    rows = [s.pin_body(run_at=later())]
    t.equal(s.api("POST", "/v1/pins/imports/json", rows)[0], 409, "pending_schedules: an import needs room, too")
    for one in [a[2]["id"] for a in made if a[0] == 201][: HANDS + 2]:
        s.call("POST", f"/v1/schedules/{one}/cancel")
    s.wait_for(lambda: schedule(s)[0] == 201, 30, "canceled schedules make room")


def replies(s):
    """Stored replies: refusals and requests without effect leave none, and there is an end."""
    for n in range(3):
        s.api("POST", "/v1/webhooks", {}, {"Idempotency-Key": f"refused-{n}"})
        s.api("POST", "/v1/pins/validate", {}, {"Idempotency-Key": f"validated-{n}"})
    t.equal(shown(s)["stored_replies"]["used"], 0, "stored_replies: refusals and validate leave none")
    hook = lambda n: s.api("POST", "/v1/webhooks", {"url": "https://example.com/", "secret": "s" * 16}, {"Idempotency-Key": f"hook-{n}"})  # noqa: E731
    made = [hook(n) for n in range(LIMITS["stored_replies"])]
    t.equal({a[0] for a in made}, {201}, "stored_replies: as many as the limit are stored")
    full(s, hook("more"), "stored_replies")
    t.equal((hook(0)[0], hook(0)[1]["Idempotent-Replayed"]), (201, "true"), "stored_replies: a stored one is replayed all the same")
    t.equal(s.api("POST", "/v1/schedules", {})[0], 422, "stored_replies: requests without the header are not concerned")
    for h in s.call("GET", "/v1/webhooks"):
        s.api("DELETE", "/v1/webhooks/" + h["id"])


def imports(s):
    row = lambda: s.pin_body()  # noqa: E731
    small = s.api("POST", "/v1/pins/imports/json", [row()])
    t.equal((small[0], shown(s)["import_rows"]["used"]), (202, 1), "import_rows: rows that wait are counted")
    s.sql("UPDATE imports SET total_rows = 500")
    full(s, s.api("POST", "/v1/pins/imports/json", [row()]), "import_rows")
    s.sql("UPDATE imports SET status = 2, due_at = NULL")
    t.equal(shown(s)["import_rows"]["used"], 0, "import_rows: rows of a finished import are not")


def retries(s, make):
    """What is tried again waits, too."""
    failed = s.call("GET", "/v1/pins?limit=1")[0]["id"]
    s.sql(f"UPDATE pins SET state = 5, failed_at = NOW(6), error_code = 'image_broken', due_at = NULL WHERE id = x'{failed.replace('-', '')}'")
    s.wait_for(lambda: make()[0] == 409, 30, "the others fill its place")
    full(s, s.api("POST", f"/v1/pins/{failed}/retry"), "pending_pins")
    got = s.call("POST", "/v1/pins/bulk-retry", {"ids": [failed]})
    t.ok("plan_limit" in str(got), "pending_pins: nor does a bulk retry exceed it", got)
    t.equal(s.call("GET", "/v1/pins/" + failed)["status"], "failed", "pending_pins: what found no room is as it was")
    s.call("DELETE", "/v1/pins/" + make_room(s, failed))
    s.wait_for(lambda: s.api("POST", f"/v1/pins/{failed}/retry")[0] == 200, 30, "with room it is tried again")


def make_room(s, but):
    return next(p["id"] for p in s.call("GET", "/v1/pins") if p["id"] != but and p["status"] != "failed")


def keys(s):
    make = lambda: s.api("POST", "/v1/api-keys", {"name": "more"}, auth=s.token)  # noqa: E731
    fill(s, "api_keys", make, LIMITS["api_keys"] - 1, lambda k: s.api("DELETE", "/v1/api-keys/" + k["id"], auth=s.token)[0])
    for _ in range(LIMITS["api_keys"] + 2):
        mine = [k["id"] for k in s.call("GET", "/v1/api-keys", auth=s.token) if k["name"] == "more"]
        s.call("DELETE", "/v1/api-keys/" + mine[0], auth=s.token)
        s.call("POST", "/v1/api-keys", {"name": "more"}, auth=s.token)
    stored = int(s.sql("SELECT COUNT(*) FROM api_keys WHERE revoked_at IS NOT NULL")[0][0])
    t.equal(stored, LIMITS["api_keys"], "api_keys: as many revoked ones are kept, and no more")
    listed = s.api("GET", "/v1/api-keys", auth=s.token)
    t.equal((len(listed[2]), listed[1]["X-Total-Count"]), (5, "5"), "api_keys: the list tells how many there are")
    pages = [s.call("GET", f"/v1/api-keys?limit=2&offset={n}", auth=s.token) for n in (0, 2, 4)]
    t.equal([k["id"] for page in pages for k in page], [k["id"] for k in listed[2]], "api_keys: the list has pages")
    t.equal(s.api("GET", "/v1/api-keys?limit=201", auth=s.token)[0], 422, "api_keys: a page has 200 at most")


def accounts(s):
    """Another account is in the place of a revoked one, which cannot be connected again."""
    t.equal(shown(s)["accounts"]["used"], 1, "accounts: the connected one is counted")
    s.call("DELETE", "/v1/pinterest/accounts/" + s.account_id)
    t.equal(shown(s)["accounts"]["used"], 0, "accounts: revoked ones are not")
    s.sql(
        """INSERT INTO pinterest_accounts (id, project_id, lane_id, shard, pinterest_user_id, scopes, created_at, updated_at)
           SELECT REPEAT('o', 16), project_id, lane_id, shard, 'other', scopes, created_at, updated_at FROM pinterest_accounts"""
    )
    try:
        refusal = s.connect()
    except AssertionError as e:
        refusal = str(e)
    t.ok("409" in refusal and "plan_limit" in refusal and SETTINGS["accounts"] in refusal, "accounts: one more is not connected", refusal)
    s.sql("DELETE FROM pinterest_accounts WHERE pinterest_user_id = 'other'")
    t.equal(s.connect(), s.account_id, "accounts: with room it is")


def sessions(s):
    """A person has so many; the oldest goes, and never the one that asks."""
    body = {"email": s.email, "password": s.password}
    tokens = [s.call("POST", "/v1/auth/login", body, auth=False)["access_token"] for _ in range(LIMITS["sessions"])]
    alive = lambda token: s.api("GET", "/v1/auth/me", auth=token)[0]  # noqa: E731
    t.equal([alive(token) for token in tokens], [200] * LIMITS["sessions"], "sessions: the newest are alive")
    t.equal(alive(s.token), 401, "sessions: an older one has gone")
    oldest = tokens[0]
    for _ in range(2 * LIMITS["sessions"]):
        s.call("POST", "/v1/projects/switch", {"project_id": s.project_id}, auth=oldest)
    t.equal(alive(oldest), 200, "sessions: switching the project again and again does not end the one that switches")
    stored = s.sql(f"SELECT COUNT(*) FROM sessions JOIN users u ON u.id = user_id WHERE u.email = '{s.email}'")[0][0]
    t.equal(stored, str(LIMITS["sessions"]), "sessions: nor are there more")
    t.equal(shown(s, oldest)["sessions"]["used"], LIMITS["sessions"], "sessions: GET /v1/limits says so")
    s.token = s.call("POST", "/v1/projects/switch", {"project_id": s.project_id}, auth=oldest)["access_token"]


def own(s):
    """The operator gives one project limits of its own: at once, up to the edge, in both directions, and nobody else's."""
    make = lambda: s.api("POST", "/v1/api-keys", {"name": "more"}, auth=s.token)  # noqa: E731
    others = shown(s, s.other_token)
    s.operator("limits", s.project_id, "api_keys=7", "pending_pins=9", "requests_in_hand=3", "long_requests_in_hand=1", "requests_burst=50000")
    rows = shown(s, s.token)
    names = ("api_keys", "pending_pins", "requests_in_hand", "long_requests_in_hand", "requests")
    t.equal([rows[n]["limit"] for n in names], [7, 9, 3, 1, 50000], "own: GET /v1/limits shows them")
    t.equal({n for n in rows if rows[n].get("own")}, set(names), "own: and which they are")
    t.equal({n: r["limit"] for n, r in shown(s, s.other_token).items()}, {n: r["limit"] for n, r in others.items()}, "own: no other project's")
    fill(s, "api_keys", make, 7 - rows["api_keys"]["used"])
    s.operator("limits", s.project_id, "api_keys=2")
    t.equal(make()[0], 409, "own: a limit below what is there lets no more in")
    t.ok(shown(s, s.token)["api_keys"]["used"] == 2 and s.api("GET", "/v1/auth/me")[0] == 200, "own: what is there stays")
    s.operator("limits", s.project_id, *(n + "=default" for n in ("api_keys", "pending_pins", "requests_in_hand", "long_requests_in_hand", "requests_burst")))
    t.equal({n for n, r in shown(s, s.token).items() if r.get("own")}, set(), "own: they are taken back")
    t.equal(shown(s, s.token)["requests_in_hand"]["limit"], others["requests_in_hand"]["limit"], "own: and the settings hold")


def team(s):
    """Those of the organization; tests/api/test_team.py has the rest."""
    serial = iter(range(100))
    invite = lambda: s.api("POST", "/v1/team/invitations", {"email": f"i-{next(serial)}@example.com", "role": "viewer"}, auth=s.token)  # noqa: E731
    fill(s, "invitations", invite, LIMITS["invitations"], lambda i: s.api("DELETE", "/v1/team/invitations/" + i["id"], auth=s.token)[0])
    t.equal(shown(s)["invitations"]["of"], "organization", "invitations: of the organization")


def listing(s):
    rows = shown(s, s.token)
    t.equal(sorted(rows), sorted([*SHARES, *SETTINGS]), "GET /v1/limits has all of them")
    t.equal({n: rows[n]["limit"] for n in LIMITS}, LIMITS, "with the values in force")
    t.ok(all(r["remaining"] == r["limit"] - r["used"] for r in rows.values() if r["used"] is not None), "and what remains")
    t.equal(sorted(set(rows) - set(shown(s))), ["sessions"], "a key has no sessions")
    t.equal((rows["requests"]["of"], shown(s)["requests"]["of"]), ("person", "api_key"), "requests are counted by credential")
    t.equal(rows["requests_in_hand"]["used"], 1, "the request itself is in hand")


def main():
    with Stack(worker=False, overrides={"limits": LIMITS}) as s:
        s.register()
        s.other_token = s.token
        s.sign_up()
        listing(s)
        replies(s)
        imports(s)
        make = lambda: s.api("POST", "/v1/pins", s.pin_body())  # noqa: E731
        many = s.api("POST", "/v1/pins/imports/json", [s.pin_body()] * (LIMITS["pending_pins"] + 1))
        t.equal((many[0], many[2]["error"]["code"]), (409, "plan_limit"), "pending_pins: an import of more than fit is refused")
        fill(s, "pending_pins", make, LIMITS["pending_pins"], lambda p: s.api("DELETE", "/v1/pins/" + p["id"])[0])
        retries(s, make)
        schedules(s)
        hook = lambda: s.api("POST", "/v1/webhooks", {"url": "https://example.com/", "secret": "s" * 16})  # noqa: E731
        fill(s, "webhooks", hook, 20, lambda h: s.api("DELETE", "/v1/webhooks/" + h["id"])[0])
        keys(s)
        own(s)
        accounts(s)
        team(s)
        sessions(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
