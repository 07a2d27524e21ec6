#!/usr/bin/env python3
"""Accounts, boards, schedules, pins, jobs and imports over HTTP, with no worker: what it would do to
the rows is done in SQL, so every state can be asked for."""

import os
import sys
import uuid
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()


def at(**delta):
    return (datetime.now(timezone.utc) + timedelta(**delta)).strftime("%Y-%m-%dT%H:%M:%SZ")


def code(answer):
    return answer[0], answer[2]["error"]["code"] if isinstance(answer[2], dict) else None


def hexed(i):
    return "x'" + i.replace("-", "") + "'"


def schedule_body(s, **fields):
    body = s.pin_body(run_at=at(hours=1), **fields)
    if "idempotency_key" not in fields:
        del body["idempotency_key"]
    return body


def promote(s, schedule):
    """What the worker does when a schedule is due."""
    pin = str(uuid.uuid4())
    cols = """project_id, account_id, lane_id, shard, run_at, not_after, board_id, title, description,
        link_url, image_url"""
    s.sql(
        f"""UPDATE schedules SET state = 1, due_at = NULL, version = version + 1, pin_id = {hexed(pin)}
            WHERE id = {hexed(schedule)};
            INSERT INTO pins (id, schedule_id, state, due_at, deadline_at, text_hash, idempotency_key,
              created_at, updated_at, {cols})
            SELECT {hexed(pin)}, id, 1, UTC_TIMESTAMP(6), not_after, REPEAT('x', 32), HEX(id),
              UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), {cols} FROM schedules WHERE id = {hexed(schedule)}"""
    )
    return pin


def fail(s, pin, error="invalid_image", state=5):
    s.sql(
        f"""UPDATE pins SET state = {state}, error_code = '{error}', error_message = 'It failed.',
              due_at = NULL, deadline_at = NULL, failed_at = UTC_TIMESTAMP(6), retries_spent = 3,
              attempts = attempts + {int(error == 'outcome_unknown')}, not_after = UTC_TIMESTAMP(6), version = version + 1 WHERE id = {hexed(pin)};
            UPDATE schedules SET state = {state}, last_error = 'It failed.', version = version + 1
            WHERE pin_id = {hexed(pin)}"""
    )


def accounts(s):
    listed = s.call("GET", "/v1/pinterest/accounts")
    t.equal(len(listed), 1, "one account")
    a = listed[0]
    want = """id workspace_id pinterest_user_id display_name username scopes created_at updated_at
        revoked_at health_status health_message health_checked_at missing_scopes reconnect_required
        token_expires_at environment paused paused_at""".split()
    t.equal(sorted(a), sorted(want), "its fields")
    t.equal(a["health_status"], "healthy", "it is healthy")
    t.ok("pins:write" in a["scopes"].split(","), "its scopes are one string")
    raw = s.sql("SELECT COUNT(*) FROM pinterest_accounts WHERE access_sealed LIKE '%pina_%'")
    t.equal(raw, [["0"]], "tokens are sealed")
    before = s.sql("SELECT token_version FROM pinterest_accounts")[0][0]
    s.call("POST", "/v1/projects/sandbox", {}, auth=s.token)
    again = s.call("GET", "/v1/pinterest/accounts")
    t.equal([x["id"] for x in again], [a["id"]], f"provisioned again: the same account ({before})")


def oauth(s):
    import urllib.parse

    start = s.call("GET", "/v1/pinterest/oauth/start")["authorization_url"]
    status, headers, _ = s.request("GET", start[len(s.url) :])
    t.ok(status in (302, 303), "the simulator approves at once", status)
    back = headers["Location"]
    t.ok(back.startswith(s.url + "/v1/pinterest/oauth/callback?"), "and sends back", back)
    path = back[len(s.url) :]
    forged = path.replace("state=", "state=x")
    t.equal(code(s.api("GET", forged, auth=False)), (400, "bad_request"), "a forged state")
    done = s.api("GET", path, auth=False)
    t.equal((done[0], done[2].get("status")), (200, "connected"), "connected")
    t.equal(done[2].get("account_id"), s.account_id, "the same account")
    t.equal(code(s.api("GET", path, auth=False)), (409, "conflict"), "a state is good once")
    start = s.call("GET", "/v1/pinterest/oauth/start")["authorization_url"]
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(start).query)["state"][0]
    page = s.request(
        "GET",
        "/v1/pinterest/oauth/callback?error=access_denied&state=" + state,
        headers={"Accept": "text/html"},
    )
    t.equal(page[0], 400, "denied by the person")
    t.ok(page[1]["Content-Type"].startswith("text/html"), "told on a page", page[1])
    bad = s.api("GET", "/v1/pinterest/oauth/start?return_to=https%3A%2F%2Fevil.test%2F")
    t.equal(code(bad), (422, "validation_error"), "return_to elsewhere")
    status, _, body = s.api("GET", "/v1/pinterest/oauth/start", auth=s.production_token)
    t.equal((status, body["error"]["code"]), (503, "pinterest_not_configured"), "production")


def boards(s):
    t.ok("Always works" in s.boards, "scenario boards are listed", s.boards)
    name = "Made by a test"
    body = {"account_id": s.account_id, "name": name, "privacy": "SECRET"}
    made = s.api("POST", "/v1/pinterest/boards", body)
    t.equal((made[0], made[2].get("name"), made[2].get("privacy")), (201, name, "SECRET"), "made")
    t.equal(code(s.api("POST", "/v1/pinterest/boards", body)), (409, "conflict"), "the name twice")
    t.equal(
        code(s.api("POST", "/v1/pinterest/boards", {**body, "privacy": "x"})),
        (422, "validation_error"),
        "bad privacy",
    )
    access = f"/v1/pinterest/boards/%s/access?account_id={s.account_id}"
    good = s.call("GET", access % s.board("Always works"))
    t.equal((good["publishable"], good["status"], good["source"]), (True, "ok", "cache"), "cached")
    good = s.call("GET", access % s.board("Always works") + "&fresh=true")
    t.equal((good["publishable"], good["source"]), (True, "pinterest"), "fresh")
    bad = s.call("GET", access % "1234567890")
    t.equal((bad["publishable"], bad["code"]), (False, "board_not_found"), "unknown board")
    bad = s.call("GET", access % "no-number")
    t.equal((bad["publishable"], bad["code"]), (False, "board_not_found"), "not an id")
    other = str(uuid.uuid4())
    t.equal(
        code(s.api("GET", f"/v1/pinterest/boards?account_id={other}")),
        (404, "not_found"),
        "unknown account",
    )
    t.equal(code(s.api("GET", "/v1/pinterest/boards")), (422, "validation_error"), "no account")


def schedules(s):
    fields = dict(
        title="Brot & Butter",
        description="100% Ähre",
        link_url="https://example.com/a_b",
        alt_text="Alt",
        related_terms=["a", "b"],
        dominant_color="e88a2d",
        external_id="ext-1",
        campaign="spring",
        idempotency_key="s-1",
    )
    body = schedule_body(s, **fields)
    status, headers, made = s.api("POST", "/v1/schedules", body)
    t.equal((status, made.get("status")), (201, "scheduled"), "created")
    want = """id workspace_id pinterest_account_id run_at status payload last_error pin_id created_at
        updated_at idempotency_key external_id campaign not_after waiting""".split()
    t.equal(sorted(made), sorted(want), "its fields")
    p = made["payload"]
    t.equal(p["dominant_color"], "#E88A2D", "colour in its stored form")
    t.equal(p["related_terms"], ["a", "b"], "terms")
    t.equal((p["media_type"], p["media_url"]), ("image", s.image_url), "media")
    t.equal(made["run_at"], body["run_at"], "run_at")
    again = s.api("POST", "/v1/schedules", body)
    t.equal((again[0], again[2].get("id")), (201, made["id"]), "the key again: the same schedule")
    other = s.api("POST", "/v1/schedules", {**body, "title": "other"})
    t.equal(code(other), (409, "conflict"), "the key with other content")
    key = {"Idempotency-Key": "once"}
    one = s.api("POST", "/v1/schedules", schedule_body(s, title="Second"), headers=key)
    t.equal(one[0], 201, "under an Idempotency-Key")
    past = schedule_body(s)
    past["run_at"] = at(hours=-1)
    t.equal(code(s.api("POST", "/v1/schedules", past)), (422, "validation_error"), "in the past")
    bad = s.api("POST", "/v1/schedules", schedule_body(s) | {"board_id": "999999999"})
    t.equal(code(bad), (422, "board_not_found"), "unknown board")
    bad = s.api("POST", "/v1/schedules", schedule_body(s) | {"account_id": str(uuid.uuid4())})
    t.equal(code(bad), (404, "not_found"), "unknown account")
    bad = schedule_body(s) | {"asset_id": str(uuid.uuid4())}
    del bad["image_url"]
    t.equal(code(s.api("POST", "/v1/schedules", bad)), (422, "asset_not_found"), "unknown file")
    schedule_lists(s, made)
    schedule_edits(s, made)


def schedule_lists(s, made):
    def ids(query):
        status, headers, rows = s.api("GET", "/v1/schedules?" + query)
        if status != 200:
            return status, rows
        return headers["X-Total-Count"], [r["payload"]["title"] for r in rows]

    both = ["Brot & Butter", "Second"]
    t.equal(ids("sort=title_asc"), ("2", both), "all")
    t.equal(ids("sort=title_desc&limit=1"), ("2", both[1:]), "a page and its total")
    t.equal(ids("sort=title_asc&limit=1&offset=1"), ("2", both[1:]), "the next page")
    t.equal(ids("limit=50&offset=9"), ("2", []), "behind the end")
    t.equal(ids("q=BUTTER"), ("1", both[:1]), "q, any case, in the title")
    t.equal(ids("q=100%25"), ("1", both[:1]), "q with a percent sign")
    t.equal(ids("q=a_b"), ("1", both[:1]), "q in the link")
    t.equal(ids("q=%25"), ("1", both[:1]), "a lone percent sign is no wildcard")
    t.equal(ids("campaign=spring&external_id=ext-1"), ("1", both[:1]), "campaign and external_id")
    t.equal(ids("campaign=Spring"), ("0", []), "campaign in other letters")
    t.equal(ids("status=scheduled")[0], "2", "status")
    t.equal(ids("status=done"), ("0", []), "another status")
    t.equal(ids("board_id=1"), ("0", []), "another board")
    t.equal(ids("board_id=%C3%A9"), ("0", []), "a board that is none")
    t.equal(ids(f"account_id={s.account_id}")[0], "2", "account")
    t.equal(ids("since=" + at(hours=2)), ("0", []), "since")
    t.equal(ids("until=" + at(hours=2))[0], "2", "until")
    t.equal(ids("since=" + made["run_at"])[0], "2", "since is inclusive")
    t.equal(ids("until=" + made["run_at"]), ("0", []), "until is exclusive")
    for sort in "run_at created_at title status".split():
        for way in "asc desc".split():
            t.equal(ids(f"sort={sort}_{way}")[0], "2", f"sort={sort}_{way}")
    for bad in "limit=0 limit=201 offset=-1 status=x sort=x account_id=x since=yesterday".split():
        t.equal(ids(bad)[0], 422, bad)


def schedule_edits(s, made):
    path = "/v1/schedules/" + made["id"]
    got = s.api("GET", path)
    t.equal((got[0], got[2]["id"]), (200, made["id"]), "get")
    etag = got[1]["ETag"]
    t.equal(s.api("GET", path, headers={"If-None-Match": etag})[0], 304, "304 for its ETag")
    run_at = at(hours=5)
    edit = {"run_at": run_at, "title": "New", "description": None, "campaign": "summer"}
    status, _, new = s.api("PATCH", path, edit)
    t.equal((status, new.get("run_at")), (200, run_at), "run_at moved")
    t.equal((new["payload"]["title"], new["payload"]["description"]), ("New", None), "text")
    t.equal((new["payload"]["alt_text"], new["campaign"]), ("Alt", "summer"), "the rest stays")
    first = datetime.fromisoformat(made["not_after"]) - datetime.fromisoformat(made["run_at"])
    then = datetime.fromisoformat(new["not_after"]) - datetime.fromisoformat(new["run_at"])
    t.equal(then, first, "the deadline keeps its distance")
    t.equal(
        s.sql(f"SELECT due_at = run_at FROM schedules WHERE id = {hexed(made['id'])}"),
        [["1"]],
        "and is due then",
    )
    t.equal(
        code(s.api("PATCH", path, {"board_id": s.board("Slow")})),
        (409, "sandbox_board_fixed"),
        "a sandbox schedule keeps its board",
    )
    t.equal(code(s.api("PATCH", path, {})), (422, "validation_error"), "nothing to edit")
    t.equal(code(s.api("DELETE", path)), (400, "bad_request"), "not deleted while planned")
    t.equal(code(s.api("POST", path + "/retry")), (400, "bad_request"), "not retried while planned")
    gone = s.api("POST", path + "/cancel")
    t.equal((gone[0], gone[2].get("status")), (200, "canceled"), "canceled")
    t.equal(code(s.api("POST", path + "/cancel")), (400, "bad_request"), "canceled twice")
    t.equal(code(s.api("PATCH", path, {"title": "x"})), (409, "schedule_not_editable"), "no edit")
    t.equal(s.api("DELETE", path)[0], 204, "deleted")
    t.equal(code(s.api("GET", path)), (404, "not_found"), "gone")
    reused = schedule_body(s, title="x", idempotency_key="s-1")
    t.equal(code(s.api("POST", "/v1/schedules", reused)), (409, "conflict"), "its key stays used")


def promoted(s):
    made = s.call("POST", "/v1/schedules", schedule_body(s, title="Promoted"))
    path = "/v1/schedules/" + made["id"]
    pin = promote(s, made["id"])
    got = s.call("GET", path)
    t.equal((got["status"], got["pin_id"]), ("queued", pin), "promoted: queued")
    s.sql("UPDATE pinterest_accounts SET health = 1, health_code = 'token_revoked'")
    got = s.call("GET", path)
    t.equal(got["status"], "deferred", "held: deferred")
    t.ok(got["waiting"] and got["waiting"]["code"] == "token_revoked", "and says why", got)
    job = s.call("GET", "/v1/jobs/" + pin)
    t.equal((job["status"], job["error_code"]), ("deferred", "token_revoked"), "so does its job")
    listed = s.api("GET", "/v1/schedules?status=deferred")
    t.equal(listed[1]["X-Total-Count"], "1", "filter deferred")
    t.equal(s.api("GET", "/v1/pins?error_code=token_revoked")[1]["X-Total-Count"], "1", "by code")
    s.sql("UPDATE pinterest_accounts SET health = 0, health_code = NULL")
    t.equal(s.api("GET", "/v1/schedules?status=queued")[1]["X-Total-Count"], "1", "filter queued")
    for state in (2, 3):
        s.sql(f"UPDATE pins SET state = {state}, version = version + 1 WHERE id = {hexed(pin)}")
        t.equal(s.call("GET", path)["status"], "running", "running")
        t.equal(code(s.api("POST", path + "/cancel")), (409, "pin_publishing"), "not canceled")
        t.equal(code(s.api("DELETE", "/v1/pins/" + pin)), (409, "pin_publishing"), "not deleted")
    s.sql(f"UPDATE pins SET state = 1, version = version + 1 WHERE id = {hexed(pin)}")
    version = s.sql(f"SELECT version FROM pins WHERE id = {hexed(pin)}")[0][0]
    t.equal(s.call("POST", path + "/cancel")["status"], "canceled", "canceled while it waits")
    t.equal(code(s.api("GET", "/v1/pins/" + pin)), (404, "not_found"), "its pin is gone")
    intent = f"UPDATE pins SET state = 2 WHERE id = {hexed(pin)} AND state = 1 AND version = {version}"
    s.sql(intent)
    t.equal(s.sql(f"SELECT state FROM pins WHERE id = {hexed(pin)}"), [["1"]], "no intent passes")


def retries(s):
    made = s.call("POST", "/v1/schedules", schedule_body(s, title="Retried"))
    path = "/v1/schedules/" + made["id"]
    pin = promote(s, made["id"])
    fail(s, pin)
    got = s.call("GET", path)
    t.equal((got["status"], got["last_error"]), ("failed", "It failed."), "failed")
    job = s.call("GET", "/v1/jobs/" + pin)
    t.equal((job["status"], job["error_code"]), ("failed", "invalid_image"), "its job")
    t.ok(job["completed_at"] is not None, "is complete")
    t.equal(s.call("POST", path + "/retry")["status"], "queued", "retried")
    row = s.sql(
        f"""SELECT state, retries_spent, error_code, due_at <= UTC_TIMESTAMP(6), deadline_at = not_after,
            not_after > UTC_TIMESTAMP(6) + INTERVAL 71 HOUR FROM pins WHERE id = {hexed(pin)}"""
    )
    t.equal(row, [["1", "0", None, "1", "1", "1"]], "its pin is due now, with a new deadline")
    fail(s, pin, "outcome_unknown")
    t.equal(
        code(s.api("POST", f"/v1/pins/{pin}/retry", {"board_id": s.board("Slow")})),
        (409, "conflict"),
        "an unknown outcome is not sent elsewhere",
    )
    got = s.call("POST", f"/v1/pins/{pin}/retry")
    t.equal(got["status"], "publishing", "an unknown outcome is looked up first")
    row = s.sql(f"SELECT state, verify_first FROM pins WHERE id = {hexed(pin)}")
    t.equal(row, [["3", "1"]], "verifying")
    t.equal(s.call("GET", path)["status"], "running", "its schedule follows")
    fail(s, pin, "outcome_unknown")
    body = {"accept_duplicate": True, "board_id": s.board("Slow")}
    got = s.call("POST", f"/v1/pins/{pin}/retry", body)
    t.equal((got["status"], got["board_id"]), ("queued", s.board("Slow")), "a duplicate is accepted")
    t.equal(code(s.api("POST", f"/v1/pins/{pin}/retry")), (409, "conflict"), "not failed: no retry")
    t.equal(s.api("DELETE", "/v1/pins/" + pin)[0], 204, "deleted while it waits")
    t.equal(s.call("GET", path)["status"], "canceled", "its schedule is canceled")


def unknown(s, title):
    """A promoted schedule whose pin was sent once, with no answer and no luck looking: both ids."""
    made = s.call("POST", "/v1/schedules", schedule_body(s, title=title))
    pin = promote(s, made["id"])
    fail(s, pin, "outcome_unknown")
    s.sql(f"UPDATE pins SET candidates = '[\"900\"]' WHERE id = {hexed(pin)}")
    return made["id"], pin


def settling(s):
    s.webhook("/settled", events=["pin.published"])
    schedule, pin = unknown(s, "Settled")
    path = f"/v1/pins/{pin}/settle"
    for bad in ({}, {"pinterest_pin_id": "12x"}, {"pinterest_pin_id": 12}, {"pinterest_pin_id": "1", "x": 1}):
        t.equal(code(s.api("POST", path, bad)), (422, "validation_error"), f"settle: {bad}")
    status, _, got = s.api("POST", path, {"pinterest_pin_id": "900100200"})
    told = got.get("status"), got.get("pinterest_pin_id"), got.get("confirmed_by"), got.get("error_code")
    t.equal((status, told), (200, ("published", "900100200", "user", None)), "settled")
    t.ok(got["published_at"] and not got["failed_at"] and "candidates" not in got, "as published", got)
    t.equal(s.call("GET", "/v1/schedules/" + schedule)["status"], "done", "its schedule follows")
    rows = s.sql(
        f"""SELECT e.type, e.pin_version = p.version, COUNT(d.id) FROM events e JOIN pins p ON p.id = e.pin_id
            LEFT JOIN deliveries d ON d.event_id = e.id WHERE p.id = {hexed(pin)} GROUP BY e.id"""
    )
    t.equal(rows, [["1", "1", "1"]], "one event, one delivery")
    rows = s.sql(f"SELECT action, actor_type FROM activity_logs WHERE resource_id = {hexed(pin)}")
    t.ok(["pin.settled", "api_key"] in rows, "an activity", rows)
    t.equal(code(s.api("POST", path, {"pinterest_pin_id": "1"})), (409, "conflict"), "settled twice")
    schedule, other = unknown(s, "Settled too")
    path = f"/v1/pins/{other}/settle"
    taken = s.api("POST", path, {"pinterest_pin_id": "900100200"})
    t.equal(code(taken), (409, "conflict"), "the id of another pin")
    t.equal(s.call("GET", "/v1/pins/" + other)["status"], "failed", "changes nothing")
    t.equal(s.call("GET", "/v1/schedules/" + schedule)["status"], "failed", "nor its schedule")
    s.sql(f"UPDATE pins SET state = 3, version = version + 1 WHERE id = {hexed(other)}")
    busy = s.api("POST", path, {"pinterest_pin_id": "900100201"})
    t.equal(code(busy), (409, "pin_publishing"), "not while it is looked up")
    fail(s, other)
    busy = s.api("POST", path, {"pinterest_pin_id": "900100201"})
    t.equal(code(busy), (409, "conflict"), "not one that was refused")
    gone = s.api("POST", f"/v1/pins/{uuid.uuid4()}/settle", {"pinterest_pin_id": "1"})
    t.equal(code(gone), (404, "not_found"), "not one that is not there")
    schedule, pin = unknown(s, "Never sent")
    s.sql(f"UPDATE pins SET attempts = 0 WHERE id = {hexed(pin)}")
    got = s.call("POST", f"/v1/pins/{pin}/retry")
    t.equal(got["status"], "queued", "without an attempt there is nothing to look for")
    t.equal(s.call("GET", "/v1/schedules/" + schedule)["status"], "queued", "nor for its schedule")
    s.call("DELETE", "/v1/pins/" + pin)


def pin_edits(s):
    made = s.call("POST", "/v1/schedules", schedule_body(s, title="Old", description="Old", link_url="https://example.org/old"))
    pin = promote(s, made["id"])
    path = "/v1/pins/" + pin
    hashed = lambda: s.sql(f"SELECT HEX(text_hash) FROM pins WHERE id = {hexed(pin)}")  # noqa: E731
    before = hashed()
    edit = {"title": "New", "description": None}
    status, _, got = s.api("PATCH", path, edit)
    told = [got.get(k) for k in ("status", "title", "description", "link_url")]
    t.equal((status, told), (200, ["queued", "New", None, "https://example.org/old"]), "a waiting pin is edited")
    t.ok(hashed() != before, "its twins are others now")
    got = s.call("GET", "/v1/schedules/" + made["id"])["payload"]
    t.equal((got["title"], got["description"]), ("New", None), "its schedule says the same")
    rows = s.sql(f"SELECT COUNT(*) FROM activity_logs WHERE resource_id = {hexed(pin)} AND action = 'pin.updated'")
    t.equal(rows, [["1"]], "an activity")
    for bad in ({}, {"title": ""}, {"title": None}, {"run_at": at(hours=2)}, {"not_after": at(hours=-2)}, {"x": 1}):
        t.equal(code(s.api("PATCH", path, bad)), (422, "validation_error"), f"pin edit: {bad}")
    t.equal(code(s.api("PATCH", path, {"board_id": "1"})), (422, "board_not_found"), "a board it has not")
    got = s.call("PATCH", path, {"board_id": s.board("Slow"), "not_after": at(hours=9)})
    t.equal(got["board_id"], s.board("Slow"), "another board")
    row = s.sql(f"SELECT deadline_at = not_after FROM pins WHERE id = {hexed(pin)}")
    t.equal(row, [["1"]], "another deadline")
    for state in (2, 3):
        s.sql(f"UPDATE pins SET state = {state}, version = version + 1 WHERE id = {hexed(pin)}")
        t.equal(code(s.api("PATCH", path, edit)), (409, "pin_publishing"), "not while it is sent or looked up")
    fail(s, pin)
    image = s.image_base + "/other.png"
    t.equal(s.call("PATCH", path, {"image_url": image})["image_url"], image, "a failed one is edited, then retried")
    fail(s, pin, "outcome_unknown")
    t.equal(s.call("PATCH", path, {"title": "Newer"})["title"], "Newer", "an unknown one, too")
    t.equal(code(s.api("PATCH", path, {"board_id": s.board("Always works")})), (409, "conflict"), "but not elsewhere")
    s.sql(f"UPDATE pins SET maybe_sent_since = UTC_TIMESTAMP(6) WHERE id = {hexed(pin)}")
    t.equal(code(s.api("PATCH", path, edit)), (409, "conflict"), "what a restore made uncertain stays as it was")
    retry = s.api("POST", path + "/retry", {"board_id": s.board("Always works")})
    t.equal(code(retry), (409, "conflict"), "and where it was")
    s.sql(f"UPDATE pins SET maybe_sent_since = NULL, state = 4, pinterest_pin_id = '78', version = version + 1 WHERE id = {hexed(pin)}")
    t.equal(code(s.api("PATCH", path, edit)), (409, "pin_already_published"), "not once it is published")
    s.sql(f"UPDATE pins SET removed_at = UTC_TIMESTAMP(6), version = version + 1 WHERE id = {hexed(pin)}")
    t.equal(code(s.api("PATCH", path, edit)), (409, "pin_removed_on_pinterest"), "nor once it is gone again")
    s.call("DELETE", path)
    planned = s.call("POST", "/v1/schedules", schedule_body(s, title="Restored"))["id"]
    s.sql(f"UPDATE schedules SET maybe_sent_since = UTC_TIMESTAMP(6) WHERE id = {hexed(planned)}")
    got = s.api("PATCH", "/v1/schedules/" + planned, {"title": "x"})
    t.equal(code(got), (409, "schedule_not_editable"), "nor a schedule that was restored")
    s.call("POST", f"/v1/schedules/{planned}/cancel")


def pausing(s):
    """Pause and resume of the account and of the project, by the routes: what is shown, written, woken."""
    account, project = "/v1/pinterest/accounts/" + s.account_id, "/v1/projects/" + s.project_id
    pin = s.call("POST", "/v1/pins", s.pin_body(title="Held"))["id"]
    acted = "SELECT action, actor_type FROM activity_logs WHERE action LIKE '%.paused' OR action LIKE '%.resumed' ORDER BY id"
    asleep = "UPDATE lanes SET next_turn_at = NULL"
    for path, kind in ((account, "pinterest"), (project, "project")):
        done = s.sql(acted)
        s.sql(asleep)
        got = s.call("POST", path + "/pause", auth=s.token)
        t.ok(got["id"] in path and got["paused_at"], f"{kind}: paused", got)
        t.equal(s.call("POST", path + "/pause", {}, auth=s.token)["paused_at"], got["paused_at"], f"{kind}: twice")
        held = s.call("GET", "/v1/pins/" + pin)
        t.equal((held["status"], held["error_code"]), ("deferred", "paused"), f"{kind}: its pin waits")
        s.sql(asleep)
        got = s.call("POST", path + "/resume", auth=s.token)
        t.ok(got["id"] in path and got["paused_at"] is None, f"{kind}: resumed", got)
        t.equal(s.sql("SELECT COUNT(*) FROM lanes WHERE next_turn_at <= UTC_TIMESTAMP(6)"), [["1"]], f"{kind}: its lane is woken")
        t.equal(s.call("POST", path + "/resume", auth=s.token)["paused_at"], None, f"{kind}: again")
        t.equal(s.call("GET", "/v1/pins/" + pin)["status"], "queued", f"{kind}: its pin goes next")
        want = done + [[kind + ".paused", "user"], [kind + ".resumed", "user"]]
        t.equal(s.sql(acted), want, f"{kind}: one activity each")
        t.equal(code(s.api("POST", path + "/pause")), (403, "forbidden"), f"{kind}: not with a key")
    s.call("POST", account + "/pause", auth=s.token)
    listed = s.call("GET", "/v1/pinterest/accounts")[0]
    t.ok(listed["paused"] and listed["paused_at"], "the list shows it", listed)
    s.call("POST", account + "/resume", auth=s.token)
    s.call("POST", project + "/pause", auth=s.production_token)
    for path, token in (("/v1/projects", s.token), ("/v1/auth/me", s.token)):
        shown = [p["paused_at"] for p in s.call("GET", path, auth=token)["projects"]]
        t.ok(shown[0] is None and shown[1], f"{path} shows it, changed from another project", shown)
    s.call("POST", project + "/resume", auth=s.token)
    s.call("DELETE", "/v1/pins/" + pin)


def bulk(s):
    def results(path, ids, headers=None):
        status, head, got = s.api("POST", path, {"ids": ids}, headers=headers)
        if status != 200:
            return status, got
        count = [sum(r["status"] == w for r in got["results"]) for w in ("succeeded", "skipped", "failed")]
        told = [got[w + "_count"] for w in ("succeeded", "skipped", "failed")]
        t.equal(told, count, f"{path}: counts")
        t.equal([r["id"] for r in got["results"]], ids, f"{path}: in order")
        return [(r["status"], r["error_code"]) for r in got["results"]]

    (s1, refused), (s2, unclear) = [unknown(s, f"Bulk {n}") for n in range(2)]
    fail(s, refused)
    plan = s.call("POST", "/v1/schedules", schedule_body(s, title="Bulk planned"))["id"]
    nobody = str(uuid.uuid4())
    key = {"Idempotency-Key": "bulk-1"}
    want = [("succeeded", None), ("skipped", "outcome_unknown"), ("failed", "not_found"), ("skipped", "conflict")]
    ids = [refused, unclear, nobody, refused]
    t.equal(results("/v1/pins/bulk-retry", ids, key), want, "retry of pins")
    t.equal(results("/v1/pins/bulk-retry", ids, key), want, "the same reply for the same key")
    t.equal(results("/v1/pins/bulk-retry", ids)[0], ("skipped", "conflict"), "another without it")
    t.equal(s.call("GET", "/v1/pins/" + refused)["status"], "queued", "it waits")
    t.equal(s.call("GET", "/v1/pins/" + unclear)["status"], "failed", "passed over: it is as it was")
    fail(s, refused)
    want = [("succeeded", None), ("skipped", "outcome_unknown"), ("skipped", "bad_request"), ("failed", "not_found")]
    t.equal(results("/v1/schedules/bulk-retry", [s1, s2, plan, nobody]), want, "retry of schedules")
    want = [("succeeded", None), ("skipped", "bad_request"), ("succeeded", None), ("failed", "not_found")]
    t.equal(results("/v1/schedules/bulk-cancel", [s1, s2, plan, nobody]), want, "cancel")
    t.equal(code(s.api("GET", "/v1/pins/" + refused)), (404, "not_found"), "its pin is gone")
    want = [("succeeded", None), ("succeeded", None), ("failed", "not_found")]
    t.equal(results("/v1/schedules/bulk-delete", [s1, plan, nobody]), want, "delete of schedules")
    waits = s.call("POST", "/v1/pins", s.pin_body())["id"]
    want = [("succeeded", None), ("succeeded", None), ("failed", "not_found")]
    t.equal(results("/v1/pins/bulk-delete", [unclear, waits, nobody]), want, "delete of pins")
    for bad in ({}, {"ids": []}, {"ids": ["x"]}, {"ids": [7]}, {"ids": [nobody] * 101}, {"ids": nobody}):
        got = s.api("POST", "/v1/pins/bulk-retry", bad)
        t.equal(code(got), (422, "validation_error"), f"bulk: {str(bad)[:30]}")
    got = s.api("POST", "/v1/pins/bulk-delete?delete_from_pinterest=true", {"ids": [nobody]})
    t.equal(code(got), (422, "validation_error"), "on Pinterest one at a time")
    t.equal(len(results("/v1/pins/bulk-retry", [str(uuid.uuid4()) for _ in range(100)])), 100, "a hundred")


def pins(s):
    body = s.pin_body(title="Pin", campaign="c", external_id="e")
    status, _, made = s.api("POST", "/v1/pins", body)
    t.equal((status, made.get("status")), (201, "queued"), "created")
    want = """id workspace_id pinterest_account_id status media_type title description related_terms
        alt_text dominant_color cover_image_url link_url media_url image_url asset_id board_id
        pinterest_pin_id error_code error_message idempotency_key created_at updated_at published_at
        failed_at removed_from_pinterest_at""".split()
    t.equal([f for f in want if f not in made], [], "its fields")
    again = s.api("POST", "/v1/pins", body)
    t.equal((again[0], again[2]["id"]), (201, made["id"]), "the key again")
    other = s.api("POST", "/v1/pins", {**body, "title": "other"})
    t.equal(code(other), (409, "conflict"), "the key with other content")
    t.equal(code(s.api("POST", "/v1/pins", schedule_body(s))), (422, "validation_error"), "run_at")
    path = "/v1/pins/" + made["id"]
    t.equal(s.call("GET", path)["id"], made["id"], "get")
    job = s.call("GET", "/v1/jobs/" + made["id"])
    want = """job_id pin_id status submitted_at completed_at pinterest_pin_id error_code
        error_message""".split()
    t.equal(sorted(job), sorted(want), "job")
    t.equal(s.call("GET", "/v1/jobs/" + made["id"], auth=s.token), job, "job by session")
    t.equal(code(s.api("GET", "/v1/jobs/" + str(uuid.uuid4())))[0], 404, "unknown job")
    t.equal(s.api("GET", "/v1/jobs/x")[0], 404, "a job that is none")
    t.equal(s.api("GET", path, headers={"X-API-Key": "pb_test_wrong"})[0], 401, "wrong key")
    t.equal(s.api("GET", "/v1/jobs/x", headers={"X-API-Key": "pb_test_wrong"})[0], 401, "for jobs")
    total = lambda q: s.api("GET", "/v1/pins?" + q)[1]["X-Total-Count"]  # noqa: E731
    t.equal(total("campaign=c&external_id=e&q=pin&status=queued&limit=1"), "1", "filters")
    t.equal(total("removed=true"), "0", "removed")
    t.equal(total("removed=false&campaign=c"), "1", "not removed")
    t.equal(total("error_code=rate_limited"), "0", "error_code")
    for sort in "created_at published_at title status".split():
        for way in "asc desc".split():
            t.equal(total(f"sort={sort}_{way}&campaign=c"), "1", f"sort={sort}_{way}")
    s.sql(
        f"""UPDATE pins SET state = 4, pinterest_pin_id = '77', published_at = UTC_TIMESTAMP(6)
            WHERE id = {hexed(made['id'])}"""
    )
    t.equal(s.call("GET", path)["status"], "published", "published")
    gone = s.call("DELETE", path + "?delete_from_pinterest=true")
    want = ["deleted", "id", "pinterest_pin_id", "reason", "removed_from_pinterest"]
    t.equal(sorted(gone), want, "deleted on both sides: its fields")
    t.equal((gone["reason"], gone["removed_from_pinterest"]), ("simulated_sandbox", False), "sandbox")
    waits = s.call("POST", "/v1/pins", s.pin_body())
    gone = s.call("DELETE", f"/v1/pins/{waits['id']}?delete_from_pinterest=true")
    t.equal(gone["reason"], "not_published", "not published")


def validation(s):
    body = s.pin_body()
    got = s.call("POST", "/v1/pins/validate", body)
    t.equal((got["valid"], got["dry_run"]), (True, True), "valid")
    names = [c["name"] for c in got["checks"]]
    t.equal(names, ["account", "board_access", "media", "rate"], "its checks")
    t.equal(got["resolved"]["idempotency_key"], body["idempotency_key"], "resolved")
    made = s.call("POST", "/v1/pins", body)
    got = s.call("POST", "/v1/pins/validate", body)
    t.equal(got["existing_pin_id"], made["id"], "existing_pin_id")
    got = s.call("POST", "/v1/pins/validate", s.pin_body() | {"board_id": "12345"})
    failed = [(c["name"], c["code"]) for c in got["checks"] if c["status"] == "failed"]
    t.equal((got["valid"], failed), (False, [("board_access", "board_not_found")]), "bad board")
    past = schedule_body(s)
    past["run_at"] = at(hours=-1)
    got = s.call("POST", "/v1/schedules/validate", past)
    failed = [c["name"] for c in got["checks"] if c["status"] == "failed"]
    t.equal((got["valid"], failed), (False, ["run_at"]), "past run_at")
    s.sql("UPDATE lanes SET next_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR, next_code = 1")
    got = s.call("POST", "/v1/schedules/validate", schedule_body(s))
    rate = [c for c in got["checks"] if c["name"] == "rate"]
    t.equal(
        (got["valid"], rate[0]["status"], rate[0]["code"]), (True, "warning", "rate_paced"), "paced"
    )
    pin = s.call("GET", "/v1/pins/" + made["id"])
    t.equal((pin["status"], pin["error_code"]), ("deferred", "rate_limited"), "a paced pin")
    t.equal(s.api("GET", "/v1/pins?error_code=rate_limited")[1]["X-Total-Count"], "1", "by code")
    s.sql("UPDATE lanes SET next_at = NULL, next_code = 0")
    t.equal(s.api("DELETE", "/v1/pins/" + made["id"])[0], 204, "deleted")


def upload(s, data, field="file", name="rows.csv", cut=0):
    head = f'--xyz\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
    body = (head + "Content-Type: text/csv\r\n\r\n").encode() + data + b"\r\n--xyz--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=xyz"}
    return s.api("POST", "/v1/pins/imports/csv", body[: len(body) - cut], headers=kind)


def imports(s):
    rows = [s.pin_body(title=f"Row {n}") for n in range(3)]
    status, _, job = s.api("POST", "/v1/pins/imports/json", rows)
    t.equal((status, job.get("status"), job.get("total_rows")), (202, "queued", 3), "json")
    want = """id workspace_id source_type status source_filename total_rows processed_rows created_rows
        existing_rows failed_rows results error_message started_at completed_at created_at
        updated_at""".split()
    t.equal(sorted(job), sorted(want), "its fields")
    stored = s.sql(f"SELECT payload FROM import_rows WHERE import_id = {hexed(job['id'])} AND number = 2")
    t.ok('"title":"Row 1"' in stored[0][0], "rows are stored as they came", stored)
    csv = "account_id,board_id,title,image_url,idempotency_key,related_terms\r\n"
    csv += f'{s.account_id},{s.board("Always")},"A, ""b""",{s.image_url},k1,x|y\r\n'
    status, _, job = upload(s, csv.encode())
    t.equal((status, job.get("source_type"), job.get("source_filename")), (202, "csv", "rows.csv"), "csv")
    listed = s.call("GET", "/v1/pins/imports")
    t.equal([j["source_type"] for j in listed], ["csv", "json"], "listed, newest first")
    t.equal(len(s.call("GET", "/v1/pins/imports?source_type=csv&status=queued&limit=1")), 1, "filters")
    s.sql(
        f"""UPDATE import_rows SET status = 2, error_code = 'validation_error', error_message = 'm'
            WHERE import_id = {hexed(job['id'])}"""
    )
    got = s.call("GET", "/v1/pins/imports/" + job["id"])
    want = dict(row_number=1, status="failed", pin_id=None, schedule_id=None, idempotency_key=None)
    want |= dict(error_code="validation_error", error_message="m")
    t.equal(got["results"], [want], "its results")
    t.equal(code(s.api("GET", "/v1/pins/imports/" + str(uuid.uuid4()))), (404, "not_found"), "unknown")
    t.equal(code(s.api("POST", "/v1/pins/imports/json", [])), (422, "validation_error"), "no rows")
    many = s.api("POST", "/v1/pins/imports/json", [{}] * 501)
    t.equal(code(many), (422, "validation_error"), "501 rows")
    t.ok("500" in str(many[2]), "and the limit is named", many[2])
    t.equal(s.api("POST", "/v1/pins/imports/json", [{}] * 500)[0], 202, "500 rows")
    bad = s.api("POST", "/v1/pins/imports/json", [{}, 1])
    t.equal(code(bad), (422, "validation_error"), "a row that is no object")
    t.equal(code(upload(s, b"title,nope\nA,b\n")), (422, "validation_error"), "unknown column")
    t.equal(code(upload(s, b"title\nA\n", field="f")), (422, "validation_error"), "no file")
    t.equal(code(upload(s, b"title\nA\n", cut=6)), (422, "validation_error"), "truncated")


def keys(s):
    """A key of another project, a narrow key, an allow-list."""
    mine = s.call("POST", "/v1/schedules", schedule_body(s, title="Mine"))
    pin = s.call("POST", "/v1/pins", s.pin_body())
    path = "/v1/schedules/" + mine["id"]

    def key(**fields):
        body = {"name": "k", **fields}
        return {"X-API-Key": s.call("POST", "/v1/api-keys", body, auth=s.token)["api_key"]}

    reader = key(scopes=["read"])
    t.equal(s.api("GET", path, headers=reader)[0], 200, "a reader reads")
    bad = s.api("POST", path + "/cancel", headers=reader)
    t.equal(code(bad), (403, "insufficient_scope"), "and cancels nothing")
    writer = key(scopes=["write"])
    bad = s.api("GET", "/v1/jobs/" + pin["id"], headers=writer)
    t.equal(code(bad), (403, "insufficient_scope"), "a writer reads no job")
    other = key(name="narrow")
    s.sql("UPDATE api_keys SET account_ids = REPEAT('0', 32) WHERE name = 'narrow'")
    for method, where in [
        ("GET", path),
        ("PATCH", path),
        ("POST", path + "/cancel"),
        ("GET", "/v1/pins/" + pin["id"]),
        ("GET", "/v1/jobs/" + pin["id"]),
        ("DELETE", "/v1/pins/" + pin["id"]),
        ("POST", "/v1/pins/" + pin["id"] + "/retry"),
        ("GET", "/v1/pins?account_id=" + s.account_id),
        ("GET", "/v1/pinterest/boards?account_id=" + s.account_id),
        ("DELETE", "/v1/pinterest/accounts/" + s.account_id),
    ]:
        got = s.api(method, where, {"title": "x"} if method == "PATCH" else None, headers=other)
        t.equal(code(got), (403, "account_not_permitted"), f"allow-list: {method} {where[:24]}")
    for where in ("/v1/pins", "/v1/schedules", "/v1/pinterest/accounts", "/v1/pins/imports"):
        got = s.api("GET", where, headers=other)
        t.equal((got[0], got[2]), (200, []), f"allow-list: {where} is empty")
    foreign = {"X-API-Key": "", "Authorization": "Bearer " + s.production_token}
    for method, where in [
        ("GET", path),
        ("POST", path + "/cancel"),
        ("POST", path + "/retry"),
        ("DELETE", path),
        ("GET", "/v1/pins/" + pin["id"]),
        ("GET", "/v1/jobs/" + pin["id"]),
        ("DELETE", "/v1/pins/" + pin["id"]),
        ("POST", "/v1/pins/" + pin["id"] + "/retry"),
        ("DELETE", "/v1/pinterest/accounts/" + s.account_id),
    ]:
        got = s.api(method, where, headers=foreign)
        t.equal(code(got), (404, "not_found"), f"another project: {method} {where[:24]}")


def revoke(s):
    planned = s.call("POST", "/v1/schedules", schedule_body(s, title="Planned"))
    due = s.call("POST", "/v1/schedules", schedule_body(s, title="Due"))
    pin = promote(s, due["id"])
    s.webhook()
    path = "/v1/pinterest/accounts/" + s.account_id
    t.equal(s.api("DELETE", path)[0], 204, "revoked")
    t.equal(s.call("GET", "/v1/pinterest/accounts"), [], "listed no more")
    t.equal(len(s.call("GET", "/v1/pinterest/accounts?include_revoked=true")), 1, "unless asked")
    t.equal(s.call("GET", "/v1/schedules/" + planned["id"])["status"], "canceled", "planned work")
    got = s.call("GET", "/v1/pins/" + pin)
    t.equal((got["status"], got["error_code"]), ("failed", "account_revoked"), "waiting work")
    t.equal(s.call("GET", "/v1/schedules/" + due["id"])["status"], "failed", "its schedule")
    rows = s.sql(f"SELECT COUNT(*) FROM events WHERE pin_id = {hexed(pin)}")
    t.equal(rows, [["1"]], "an event tells of it")
    t.ok(s.sql("SELECT COUNT(*) FROM deliveries")[0][0] != "0", "and a delivery")
    row = s.sql("SELECT access_sealed IS NULL, refresh_sealed IS NULL FROM pinterest_accounts")
    t.equal(row, [["1", "1"]], "tokens are wiped")
    t.equal(s.api("DELETE", path)[0], 204, "revoked again")
    bad = s.api("POST", "/v1/pins", s.pin_body())
    t.equal(code(bad), (422, "account_revoked"), "no new work for it")
    got = s.call("POST", "/v1/pins/validate", s.pin_body())
    t.equal(got["checks"][0]["code"], "account_revoked", "nor in a dry run")
    s.call("POST", "/v1/projects/sandbox", {}, auth=s.token)
    again = s.call("GET", "/v1/pinterest/accounts")
    t.equal([a["id"] for a in again], [s.account_id], "connected again: the same account")


def main():
    with Stack(worker=False) as s:
        s.register()
        s.production_token = s.token
        s.sandbox()
        s.make_key()
        parts = (accounts, oauth, boards, schedules, promoted, retries, pin_edits, pins, validation, imports, settling, bulk, pausing)
        for part in parts:
            print("# " + part.__name__, flush=True)
            part(s)
        keys(s)
        revoke(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
