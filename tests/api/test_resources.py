#!/usr/bin/env python3
"""Accounts, boards, schedules, pins, jobs and imports over HTTP. Runs without a worker: its changes are
made in SQL, so that every state can be tested."""

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
    """Does what the worker does when a schedule is due."""
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
              run_at = LEAST(run_at, UTC_TIMESTAMP(6)), due_at = NULL, deadline_at = NULL, failed_at = UTC_TIMESTAMP(6), retries_spent = 3,
              attempts = attempts + {int(error == 'outcome_unknown')}, not_after = UTC_TIMESTAMP(6), version = version + 1 WHERE id = {hexed(pin)};
            UPDATE schedules SET state = {state}, last_error = 'It failed.', version = version + 1
            WHERE pin_id = {hexed(pin)}"""
    )


def accounts(s):
    listed = s.call("GET", "/v1/pinterest/accounts")
    t.equal(len(listed), 1, "a new sandbox has one account")
    a = listed[0]
    want = """id workspace_id pinterest_user_id display_name username scopes created_at updated_at
        revoked_at health_status health_message health_checked_at missing_scopes reconnect_required
        token_expires_at environment paused paused_at""".split()
    t.equal(sorted(a), sorted(want), "an account has the documented fields")
    t.equal(a["health_status"], "healthy", "a new account is healthy")
    t.ok("pins:write" in a["scopes"].split(","), "an account's scopes are one string")
    raw = s.sql("SELECT COUNT(*) FROM pinterest_accounts WHERE access_sealed LIKE '%pina_%'")
    t.equal(raw, [["0"]], "tokens are stored sealed")
    before = s.sql("SELECT token_version FROM pinterest_accounts")[0][0]
    s.call("POST", "/v1/projects/sandbox", {}, auth=s.token)
    again = s.call("GET", "/v1/pinterest/accounts")
    t.equal([x["id"] for x in again], [a["id"]], f"provisioning the sandbox again keeps its account ({before})")


def oauth(s):
    import urllib.parse

    start = s.to_pinterest(s.call("GET", "/v1/pinterest/oauth/start")["authorization_url"])
    status, headers, _ = s.request("GET", start[len(s.url) :])
    t.ok(status in (302, 303), "the simulator approves at once", status)
    back = headers["Location"]
    t.ok(back.startswith(s.url + "/v1/pinterest/oauth/callback?"), "the simulator redirects to the callback", back)
    path = back[len(s.url) :]
    forged = path.replace("state=", "state=x")
    t.equal(code(s.api("GET", forged, auth=False)), (400, "bad_request"), "a forged state is refused")
    done = s.api("GET", path, auth=False)
    t.equal((done[0], done[2].get("status")), (200, "connected"), "the callback connects the account")
    t.equal(done[2].get("account_id"), s.account_id, "connecting the same Pinterest user keeps the account")
    t.equal(code(s.api("GET", path, auth=False)), (409, "conflict"), "a state is refused the second time")
    start = s.to_pinterest(s.call("GET", "/v1/pinterest/oauth/start")["authorization_url"])
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(start).query)["state"][0]
    page = s.request(
        "GET",
        "/v1/pinterest/oauth/callback?error=access_denied&state=" + state,
        headers={"Accept": "text/html"},
    )
    t.equal(page[0], 400, "a connection that the user denied is a 400")
    t.ok(page[1]["Content-Type"].startswith("text/html"), "a browser gets the refusal as a page", page[1])
    bad = s.api("GET", "/v1/pinterest/oauth/start?return_to=https%3A%2F%2Fevil.test%2F")
    t.equal(code(bad), (422, "validation_error"), "a return_to that is not allowed is refused")
    status, _, body = s.api("GET", "/v1/pinterest/oauth/start", auth=s.production_token)
    t.equal((status, body["error"]["code"]), (503, "pinterest_not_configured"), "a production project without an app is a 503")


def boards(s):
    t.ok("Always works" in s.boards, "the scenario boards are listed", s.boards)
    name = "Made by a test"
    body = {"account_id": s.account_id, "name": name, "privacy": "PROTECTED"}
    made = s.api("POST", "/v1/pinterest/boards", body)
    t.equal((made[0], made[2].get("name"), made[2].get("privacy")), (201, name, "PROTECTED"), "a board is created")
    t.equal(code(s.api("POST", "/v1/pinterest/boards", body)), (409, "conflict"), "a second board of the same name is refused")
    t.equal(
        code(s.api("POST", "/v1/pinterest/boards", {**body, "privacy": "x"})),
        (422, "validation_error"),
        "an unknown privacy is refused",
    )
    access = f"/v1/pinterest/boards/%s/access?account_id={s.account_id}"
    good = s.call("GET", access % s.board("Always works"))
    t.equal((good["publishable"], good["status"], good["source"]), (True, "ok", "cache"), "board access is answered from the cache")
    good = s.call("GET", access % s.board("Always works") + "&fresh=true")
    t.equal((good["publishable"], good["source"]), (True, "pinterest"), "fresh=true asks Pinterest")
    bad = s.call("GET", access % "1234567890")
    t.equal((bad["publishable"], bad["code"]), (False, "board_not_found"), "an unknown board is not publishable")
    bad = s.call("GET", access % "no-number")
    t.equal((bad["publishable"], bad["code"]), (False, "board_not_found"), "a malformed board id is not publishable")
    other = str(uuid.uuid4())
    t.equal(
        code(s.api("GET", f"/v1/pinterest/boards?account_id={other}")),
        (404, "not_found"),
        "boards of an unknown account are a 404",
    )
    t.equal(code(s.api("GET", "/v1/pinterest/boards")), (422, "validation_error"), "boards without an account are refused")


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
    t.equal((status, made.get("status")), (201, "scheduled"), "a schedule is created")
    want = """id workspace_id pinterest_account_id run_at status payload last_error pin_id created_at
        updated_at idempotency_key external_id campaign not_after waiting warnings""".split()
    t.equal(sorted(made), sorted(want), "a schedule has the documented fields")
    p = made["payload"]
    t.equal(p["dominant_color"], "#E88A2D", "a colour is stored in its canonical form")
    t.equal(p["related_terms"], ["a", "b"], "related terms are shown as an array")
    t.equal((p["media_type"], p["media_url"]), ("image", s.image_url), "media type and URL are shown")
    t.equal(made["run_at"], body["run_at"], "run_at is shown as given")
    again = s.api("POST", "/v1/schedules", body)
    t.equal((again[0], again[2].get("id")), (201, made["id"]), "the same key and content return the first schedule")
    other = s.api("POST", "/v1/schedules", {**body, "title": "other"})
    t.equal(code(other), (409, "conflict"), "the same key with other content is refused")
    key = {"Idempotency-Key": "once"}
    one = s.api("POST", "/v1/schedules", schedule_body(s, title="Second"), headers=key)
    t.equal(one[0], 201, "a create with an Idempotency-Key header is accepted")
    past = schedule_body(s)
    past["run_at"] = at(hours=-1)
    t.equal(code(s.api("POST", "/v1/schedules", past)), (422, "validation_error"), "a run_at in the past is refused")
    bad = s.api("POST", "/v1/schedules", schedule_body(s) | {"board_id": "999999999"})
    t.equal(code(bad), (422, "board_not_found"), "an unknown board is refused")
    bad = s.api("POST", "/v1/schedules", schedule_body(s) | {"account_id": str(uuid.uuid4())})
    t.equal(code(bad), (404, "not_found"), "an unknown account is a 404")
    bad = schedule_body(s) | {"asset_id": str(uuid.uuid4())}
    del bad["image_url"]
    t.equal(code(s.api("POST", "/v1/schedules", bad)), (422, "asset_not_found"), "an unknown uploaded file is refused")
    schedule_lists(s, made)
    schedule_edits(s, made)


def schedule_lists(s, made):
    def ids(query):
        status, headers, rows = s.api("GET", "/v1/schedules?" + query)
        if status != 200:
            return status, rows
        return headers["X-Total-Count"], [r["payload"]["title"] for r in rows]

    both = ["Brot & Butter", "Second"]
    t.equal(ids("sort=title_asc"), ("2", both), "a list shows all rows and their total")
    t.equal(ids("sort=title_desc&limit=1"), ("2", both[1:]), "a page shows its rows and the total of all")
    t.equal(ids("sort=title_asc&limit=1&offset=1"), ("2", both[1:]), "offset shows the next page")
    t.equal(ids("limit=50&offset=9"), ("2", []), "an offset past the end shows no rows and the total")
    t.equal(ids("q=BUTTER"), ("1", both[:1]), "q finds text in the title in any case")
    t.equal(ids("q=100%25"), ("1", both[:1]), "q finds a percent sign")
    t.equal(ids("q=a_b"), ("1", both[:1]), "q finds text in the link")
    t.equal(ids("q=%25"), ("1", both[:1]), "a lone percent sign in q is no wildcard")
    t.equal(ids("campaign=spring&external_id=ext-1"), ("1", both[:1]), "campaign and external_id filter")
    t.equal(ids("campaign=Spring"), ("0", []), "campaign is compared with case")
    t.equal(ids("status=scheduled")[0], "2", "status filters")
    t.equal(ids("status=done"), ("0", []), "another status finds nothing")
    t.equal(ids("board_id=1"), ("0", []), "another board finds nothing")
    t.equal(s.api("GET", "/v1/schedules?board_id=%C3%A9")[0], 422, "a board id that is not digits is refused")
    t.equal(ids(f"account_id={s.account_id}")[0], "2", "account_id filters")
    t.equal(ids("since=" + at(hours=2)), ("0", []), "since filters")
    t.equal(ids("until=" + at(hours=2))[0], "2", "until filters")
    t.equal(ids("since=" + made["run_at"])[0], "2", "since is inclusive")
    t.equal(ids("until=" + made["run_at"]), ("0", []), "until is exclusive")
    for sort in "run_at created_at title status".split():
        for way in "asc desc".split():
            t.equal(ids(f"sort={sort}_{way}")[0], "2", f"sort={sort}_{way} is accepted")
    for bad in "limit=0 limit=201 offset=-1 status=x sort=x account_id=x since=yesterday".split():
        t.equal(ids(bad)[0], 422, f"{bad} is refused")


def schedule_edits(s, made):
    path = "/v1/schedules/" + made["id"]
    got = s.api("GET", path)
    t.equal((got[0], got[2]["id"]), (200, made["id"]), "a schedule is returned by its id")
    etag = got[1]["ETag"]
    t.equal(s.api("GET", path, headers={"If-None-Match": etag})[0], 304, "a request with the current ETag is a 304")
    run_at = at(hours=5)
    edit = {"run_at": run_at, "title": "New", "description": None, "campaign": "summer"}
    status, _, new = s.api("PATCH", path, edit)
    t.equal((status, new.get("run_at")), (200, run_at), "run_at of a planned schedule can be changed")
    t.equal((new["payload"]["title"], new["payload"]["description"]), ("New", None), "texts of a planned schedule can be changed")
    t.equal((new["payload"]["alt_text"], new["campaign"]), ("Alt", "summer"), "fields that an edit does not name stay")
    first = datetime.fromisoformat(made["not_after"]) - datetime.fromisoformat(made["run_at"])
    then = datetime.fromisoformat(new["not_after"]) - datetime.fromisoformat(new["run_at"])
    t.equal(then, first, "the deadline keeps its distance to run_at")
    t.equal(
        s.sql(f"SELECT due_at = run_at FROM schedules WHERE id = {hexed(made['id'])}"),
        [["1"]],
        "a schedule with a changed run_at is due then",
    )
    t.equal(
        code(s.api("PATCH", path, {"board_id": s.board("Slow")})),
        (409, "sandbox_board_fixed"),
        "the board of a sandbox schedule cannot be changed",
    )
    t.equal(code(s.api("PATCH", path, {})), (422, "validation_error"), "an empty edit is refused")
    t.equal(code(s.api("DELETE", path)), (400, "bad_request"), "a planned schedule cannot be deleted")
    t.equal(code(s.api("POST", path + "/retry")), (400, "bad_request"), "a planned schedule cannot be retried")
    gone = s.api("POST", path + "/cancel")
    t.equal((gone[0], gone[2].get("status")), (200, "canceled"), "a planned schedule can be canceled")
    t.equal(code(s.api("POST", path + "/cancel")), (400, "bad_request"), "a canceled schedule cannot be canceled again")
    t.equal(code(s.api("PATCH", path, {"title": "x"})), (409, "schedule_not_editable"), "a canceled schedule cannot be edited")
    t.equal(s.api("DELETE", path)[0], 204, "a canceled schedule can be deleted")
    t.equal(code(s.api("GET", path)), (404, "not_found"), "a deleted schedule is a 404")
    reused = schedule_body(s, title="x", idempotency_key="s-1")
    t.equal(code(s.api("POST", "/v1/schedules", reused)), (409, "conflict"), "the key of a deleted schedule stays used")


def promoted(s):
    made = s.call("POST", "/v1/schedules", schedule_body(s, title="Promoted"))
    path = "/v1/schedules/" + made["id"]
    pin = promote(s, made["id"])
    got = s.call("GET", path)
    t.equal((got["status"], got["pin_id"]), ("queued", pin), "a promoted schedule is queued and names its pin")
    s.sql("UPDATE pinterest_accounts SET health = 1, health_code = 'token_revoked'")
    got = s.call("GET", path)
    t.equal(got["status"], "deferred", "a schedule that its account holds back is deferred")
    t.ok(got["waiting"] and got["waiting"]["code"] == "token_revoked", "a deferred schedule shows the reason", got)
    job = s.call("GET", "/v1/jobs/" + pin)
    t.equal((job["status"], job["error_code"]), ("deferred", "token_revoked"), "the job of a deferred pin shows the reason")
    listed = s.api("GET", "/v1/schedules?status=deferred")
    t.equal(listed[1]["X-Total-Count"], "1", "status=deferred finds it")
    t.equal(s.api("GET", "/v1/pins?error_code=token_revoked")[1]["X-Total-Count"], "1", "error_code finds a deferred pin by its reason")
    s.sql("UPDATE pinterest_accounts SET health = 0, health_code = NULL")
    t.equal(s.api("GET", "/v1/schedules?status=queued")[1]["X-Total-Count"], "1", "status=queued does not find it")
    for state in (2, 3):
        s.sql(f"UPDATE pins SET state = {state}, version = version + 1 WHERE id = {hexed(pin)}")
        t.equal(s.call("GET", path)["status"], "running", "the schedule of a pin being sent is running")
        t.equal(code(s.api("POST", path + "/cancel")), (409, "pin_publishing"), "a running schedule cannot be canceled")
        t.equal(code(s.api("DELETE", "/v1/pins/" + pin)), (409, "pin_publishing"), "a pin being sent cannot be deleted")
    s.sql(f"UPDATE pins SET state = 1, version = version + 1 WHERE id = {hexed(pin)}")
    version = s.sql(f"SELECT version FROM pins WHERE id = {hexed(pin)}")[0][0]
    t.equal(s.call("POST", path + "/cancel")["status"], "canceled", "a waiting schedule can be canceled")
    t.equal(code(s.api("GET", "/v1/pins/" + pin)), (404, "not_found"), "the pin of a canceled schedule is a 404")
    intent = f"UPDATE pins SET state = 2 WHERE id = {hexed(pin)} AND state = 1 AND version = {version}"
    s.sql(intent)
    t.equal(s.sql(f"SELECT state FROM pins WHERE id = {hexed(pin)}"), [["1"]], "a canceled pin stays waiting in the table and is not sent")


def retries(s):
    made = s.call("POST", "/v1/schedules", schedule_body(s, title="Retried"))
    path = "/v1/schedules/" + made["id"]
    pin = promote(s, made["id"])
    fail(s, pin)
    got = s.call("GET", path)
    t.equal((got["status"], got["last_error"]), ("failed", "It failed."), "a failed schedule shows its error")
    job = s.call("GET", "/v1/jobs/" + pin)
    t.equal((job["status"], job["error_code"]), ("failed", "invalid_image"), "the job of a failed pin shows the error")
    t.ok(job["completed_at"] is not None, "the job of a failed pin is completed")
    t.equal(s.call("POST", path + "/retry")["status"], "queued", "a failed schedule can be retried")
    row = s.sql(
        f"""SELECT state, retries_spent, error_code, due_at <= UTC_TIMESTAMP(6), deadline_at = not_after,
            not_after > UTC_TIMESTAMP(6) + INTERVAL 71 HOUR FROM pins WHERE id = {hexed(pin)}"""
    )
    t.equal(row, [["1", "0", None, "1", "1", "1"]], "a retried pin is due now with a new deadline")
    fail(s, pin, "outcome_unknown")
    t.equal(
        code(s.api("POST", f"/v1/pins/{pin}/retry", {"board_id": s.board("Slow")})),
        (409, "conflict"),
        "a pin with an unknown outcome cannot be retried on another board",
    )
    got = s.call("POST", f"/v1/pins/{pin}/retry")
    t.equal(got["status"], "publishing", "a retry of an unknown outcome looks it up first")
    row = s.sql(f"SELECT state, verify_first FROM pins WHERE id = {hexed(pin)}")
    t.equal(row, [["3", "1"]], "the pin is verifying with its lookup first")
    t.equal(s.call("GET", path)["status"], "running", "the schedule follows the pin")
    fail(s, pin, "outcome_unknown")
    body = {"accept_duplicate": True, "board_id": s.board("Slow")}
    got = s.call("POST", f"/v1/pins/{pin}/retry", body)
    t.equal((got["status"], got["board_id"]), ("queued", s.board("Slow")), "accept_duplicate retries on another board without a lookup")
    t.equal(code(s.api("POST", f"/v1/pins/{pin}/retry")), (409, "conflict"), "a pin that has not failed cannot be retried")
    t.equal(s.api("DELETE", "/v1/pins/" + pin)[0], 204, "a waiting pin can be deleted")
    t.equal(s.call("GET", path)["status"], "canceled", "the schedule of a deleted waiting pin is canceled")


def unknown(s, title):
    """A promoted schedule whose pin failed with an unknown outcome: both ids."""
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
        t.equal(code(s.api("POST", path, bad)), (422, "validation_error"), f"a settle with {bad} is refused")
    status, _, got = s.api("POST", path, {"pinterest_pin_id": "900100200"})
    told = got.get("status"), got.get("pinterest_pin_id"), got.get("confirmed_by"), got.get("error_code")
    t.equal((status, told), (200, ("published", "900100200", "user", None)), "a person can settle an unknown outcome")
    t.ok(got["published_at"] and not got["failed_at"] and "candidates" not in got, "a settled pin is shown as published", got)
    t.equal(s.call("GET", "/v1/schedules/" + schedule)["status"], "done", "the schedule of a settled pin is done")
    rows = s.sql(
        f"""SELECT e.type, e.subject_version = p.version, COUNT(d.id) FROM events e JOIN pins p ON p.id = e.subject_id
            LEFT JOIN deliveries d ON d.event_id = e.id WHERE p.id = {hexed(pin)} GROUP BY e.id"""
    )
    t.equal(rows, [["1", "1", "1"]], "a settle writes one event and one delivery")
    rows = s.sql(f"SELECT action, actor_type FROM activity_logs WHERE resource_id = {hexed(pin)}")
    t.ok(["pin.settled", "api_key"] in rows, "a settle writes an activity", rows)
    t.equal(code(s.api("POST", path, {"pinterest_pin_id": "1"})), (409, "conflict"), "a settled pin cannot be settled again")
    schedule, other = unknown(s, "Settled too")
    path = f"/v1/pins/{other}/settle"
    taken = s.api("POST", path, {"pinterest_pin_id": "900100200"})
    t.equal(code(taken), (409, "conflict"), "a Pinterest id of another pin is refused")
    t.equal(s.call("GET", "/v1/pins/" + other)["status"], "failed", "the refused settle leaves the pin failed")
    t.equal(s.call("GET", "/v1/schedules/" + schedule)["status"], "failed", "the refused settle leaves the schedule failed")
    s.sql(f"UPDATE pins SET state = 3, version = version + 1 WHERE id = {hexed(other)}")
    busy = s.api("POST", path, {"pinterest_pin_id": "900100201"})
    t.equal(code(busy), (409, "pin_publishing"), "a pin that is being looked up cannot be settled")
    fail(s, other)
    busy = s.api("POST", path, {"pinterest_pin_id": "900100201"})
    t.equal(code(busy), (409, "conflict"), "a refused pin cannot be settled")
    gone = s.api("POST", f"/v1/pins/{uuid.uuid4()}/settle", {"pinterest_pin_id": "1"})
    t.equal(code(gone), (404, "not_found"), "an unknown pin cannot be settled")
    schedule, pin = unknown(s, "Never sent")
    s.sql(f"UPDATE pins SET attempts = 0 WHERE id = {hexed(pin)}")
    got = s.call("POST", f"/v1/pins/{pin}/retry")
    t.equal(got["status"], "queued", "a retry of a pin without attempts needs no lookup")
    t.equal(s.call("GET", "/v1/schedules/" + schedule)["status"], "queued", "its schedule is queued as well")
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
    t.equal((status, told), (200, ["queued", "New", None, "https://example.org/old"]), "a waiting pin can be edited")
    t.ok(hashed() != before, "an edit changes the text hash")
    got = s.call("GET", "/v1/schedules/" + made["id"])["payload"]
    t.equal((got["title"], got["description"]), ("New", None), "the schedule shows the edit")
    rows = s.sql(f"SELECT COUNT(*) FROM activity_logs WHERE resource_id = {hexed(pin)} AND action = 'pin.updated'")
    t.equal(rows, [["1"]], "an edit writes an activity")
    for bad in ({}, {"title": ""}, {"title": None}, {"run_at": at(hours=2)}, {"not_after": at(hours=-2)}, {"x": 1}):
        t.equal(code(s.api("PATCH", path, bad)), (422, "validation_error"), f"the pin edit {bad} is refused")
    t.equal(code(s.api("PATCH", path, {"board_id": "1"})), (422, "board_not_found"), "an edit to an unknown board is refused")
    got = s.call("PATCH", path, {"board_id": s.board("Slow"), "not_after": at(hours=9)})
    t.equal(got["board_id"], s.board("Slow"), "the board of a pin can be changed")
    row = s.sql(f"SELECT deadline_at = not_after FROM pins WHERE id = {hexed(pin)}")
    t.equal(row, [["1"]], "the deadline of a pin can be changed")
    for state in (2, 3):
        s.sql(f"UPDATE pins SET state = {state}, version = version + 1 WHERE id = {hexed(pin)}")
        t.equal(code(s.api("PATCH", path, edit)), (409, "pin_publishing"), "a pin being sent or looked up cannot be edited")
    fail(s, pin)
    image = s.image_base + "/other.png"
    t.equal(s.call("PATCH", path, {"image_url": image})["image_url"], image, "a failed pin can be edited")
    fail(s, pin, "outcome_unknown")
    t.equal(s.call("PATCH", path, {"title": "Newer"})["title"], "Newer", "a pin with an unknown outcome can be edited")
    t.equal(code(s.api("PATCH", path, {"board_id": s.board("Always works")})), (409, "conflict"), "a pin with an unknown outcome cannot change its board")
    s.sql(f"UPDATE pins SET maybe_sent_since = UTC_TIMESTAMP(6) WHERE id = {hexed(pin)}")
    t.equal(code(s.api("PATCH", path, edit)), (409, "conflict"), "a pin that a restore made uncertain cannot be edited")
    retry = s.api("POST", path + "/retry", {"board_id": s.board("Always works")})
    t.equal(code(retry), (409, "conflict"), "a pin that a restore made uncertain cannot be retried on another board")
    s.sql(f"UPDATE pins SET maybe_sent_since = NULL, state = 4, pinterest_pin_id = '78', version = version + 1 WHERE id = {hexed(pin)}")
    t.equal(code(s.api("PATCH", path, edit)), (409, "pin_already_published"), "a published pin cannot be edited")
    s.sql(f"UPDATE pins SET removed_at = UTC_TIMESTAMP(6), version = version + 1 WHERE id = {hexed(pin)}")
    t.equal(code(s.api("PATCH", path, edit)), (409, "pin_removed_on_pinterest"), "a pin that was removed from Pinterest cannot be edited")
    s.call("DELETE", path)
    planned = s.call("POST", "/v1/schedules", schedule_body(s, title="Restored"))["id"]
    s.sql(f"UPDATE schedules SET maybe_sent_since = UTC_TIMESTAMP(6) WHERE id = {hexed(planned)}")
    got = s.api("PATCH", "/v1/schedules/" + planned, {"title": "x"})
    t.equal(code(got), (409, "schedule_not_editable"), "a restored schedule cannot be edited")
    s.call("POST", f"/v1/schedules/{planned}/cancel")


def pausing(s):
    """Pause and resume of an account and a project: what they show, write and wake."""
    account, project = "/v1/pinterest/accounts/" + s.account_id, "/v1/projects/" + s.project_id
    pin = s.call("POST", "/v1/pins", s.pin_body(title="Held"))["id"]
    acted = "SELECT action, actor_type FROM activity_logs WHERE action LIKE '%.paused' OR action LIKE '%.resumed' ORDER BY id"
    asleep = "UPDATE lanes SET next_turn_at = NULL"
    for path, kind in ((account, "account"), (project, "project")):
        done = s.sql(acted)
        s.sql(asleep)
        got = s.call("POST", path + "/pause", auth=s.token)
        t.ok(got["id"] in path and got["paused_at"], f"{kind}: is paused", got)
        t.equal(s.call("POST", path + "/pause", {}, auth=s.token)["paused_at"], got["paused_at"], f"{kind}: a second pause keeps the time of the first")
        held = s.call("GET", "/v1/pins/" + pin)
        t.equal((held["status"], held["error_code"]), ("deferred", "paused"), f"{kind}: a waiting pin is deferred while paused")
        s.sql(asleep)
        got = s.call("POST", path + "/resume", auth=s.token)
        t.ok(got["id"] in path and got["paused_at"] is None, f"{kind}: is resumed", got)
        t.equal(s.sql("SELECT COUNT(*) FROM lanes WHERE next_turn_at <= UTC_TIMESTAMP(6)"), [["1"]], f"{kind}: resuming wakes the lane")
        t.equal(s.call("POST", path + "/resume", auth=s.token)["paused_at"], None, f"{kind}: a second resume changes nothing")
        t.equal(s.call("GET", "/v1/pins/" + pin)["status"], "queued", f"{kind}: a waiting pin is queued once resumed")
        want = done + [[kind + ".paused", "user"], [kind + ".resumed", "user"]]
        t.equal(s.sql(acted), want, f"{kind}: pause and resume write one activity each")
        t.equal(code(s.api("POST", path + "/pause")), (403, "forbidden"), f"{kind}: an API key may not pause")
    s.call("POST", account + "/pause", auth=s.token)
    listed = s.call("GET", "/v1/pinterest/accounts")[0]
    t.ok(listed["paused"] and listed["paused_at"], "the list of accounts shows the pause", listed)
    s.call("POST", account + "/resume", auth=s.token)
    s.call("POST", project + "/pause", auth=s.production_token)
    for path, token in (("/v1/projects", s.token), ("/v1/auth/me", s.token)):
        shown = [p["paused_at"] for p in s.call("GET", path, auth=token)["projects"]]
        t.ok(shown[0] is None and shown[1], f"{path} shows a pause set from another project", shown)
    s.call("POST", project + "/resume", auth=s.token)
    s.call("DELETE", "/v1/pins/" + pin)


def bulk(s):
    def results(path, ids, headers=None):
        status, head, got = s.api("POST", path, {"ids": ids}, headers=headers)
        if status != 200:
            return status, got
        count = [sum(r["status"] == w for r in got["results"]) for w in ("succeeded", "skipped", "failed")]
        t.ok(headers or head["RateLimit"], f"{path}: the answer tells how many requests are left")
        told = [got[w + "_count"] for w in ("succeeded", "skipped", "failed")]
        t.equal(told, count, f"{path}: the counts add up")
        t.equal([r["id"] for r in got["results"]], ids, f"{path}: results are in the order of the request")
        return [(r["status"], r["error_code"]) for r in got["results"]]

    (s1, refused), (s2, unclear) = [unknown(s, f"Bulk {n}") for n in range(2)]
    fail(s, refused)
    plan = s.call("POST", "/v1/schedules", schedule_body(s, title="Bulk planned"))["id"]
    nobody = str(uuid.uuid4())
    key = {"Idempotency-Key": "bulk-1"}
    want = [("succeeded", None), ("skipped", "outcome_unknown"), ("failed", "not_found"), ("skipped", "conflict")]
    ids = [refused, unclear, nobody, refused]
    t.equal(results("/v1/pins/bulk-retry", ids, key), want, "bulk retry of pins reports each pin")
    t.equal(results("/v1/pins/bulk-retry", ids, key), want, "bulk retry under the same key is replayed")
    t.equal(results("/v1/pins/bulk-retry", ids)[0], ("skipped", "conflict"), "bulk retry without the key skips the pin that waits")
    t.equal(s.call("GET", "/v1/pins/" + refused)["status"], "queued", "a pin of the bulk retry is queued")
    t.equal(s.call("GET", "/v1/pins/" + unclear)["status"], "failed", "a skipped pin with an unknown outcome is unchanged")
    fail(s, refused)
    want = [("succeeded", None), ("skipped", "outcome_unknown"), ("skipped", "bad_request"), ("failed", "not_found")]
    t.equal(results("/v1/schedules/bulk-retry", [s1, s2, plan, nobody]), want, "bulk retry of schedules reports each schedule")
    want = [("succeeded", None), ("skipped", "bad_request"), ("succeeded", None), ("failed", "not_found")]
    t.equal(results("/v1/schedules/bulk-cancel", [s1, s2, plan, nobody]), want, "bulk cancel reports each schedule")
    t.equal(code(s.api("GET", "/v1/pins/" + refused)), (404, "not_found"), "the pin of a bulk-canceled schedule is a 404")
    want = [("succeeded", None), ("succeeded", None), ("failed", "not_found")]
    t.equal(results("/v1/schedules/bulk-delete", [s1, plan, nobody]), want, "bulk delete of schedules reports each schedule")
    waits = s.call("POST", "/v1/pins", s.pin_body())["id"]
    want = [("succeeded", None), ("succeeded", None), ("failed", "not_found")]
    t.equal(results("/v1/pins/bulk-delete", [unclear, waits, nobody]), want, "bulk delete of pins reports each pin")
    for bad in ({}, {"ids": []}, {"ids": ["x"]}, {"ids": [7]}, {"ids": [nobody] * 101}, {"ids": nobody}):
        got = s.api("POST", "/v1/pins/bulk-retry", bad)
        t.equal(code(got), (422, "validation_error"), f"the bulk request {str(bad)[:30]} is refused")
    got = s.api("POST", "/v1/pins/bulk-delete?delete_from_pinterest=true", {"ids": [nobody]})
    t.equal(code(got), (422, "validation_error"), "bulk delete on Pinterest is refused")
    t.equal(len(results("/v1/pins/bulk-retry", [str(uuid.uuid4()) for _ in range(100)])), 100, "100 ids are accepted")


def pins(s):
    body = s.pin_body(title="Pin", campaign="c", external_id="e")
    status, _, made = s.api("POST", "/v1/pins", body)
    t.equal((status, made.get("status")), (201, "queued"), "a pin is created")
    want = """id workspace_id pinterest_account_id status media_type title description related_terms
        alt_text dominant_color cover_image_url link_url media_url image_url asset_id board_id
        pinterest_pin_id error_code error_message idempotency_key created_at updated_at published_at
        failed_at removed_from_pinterest_at""".split()
    t.equal([f for f in want if f not in made], [], "a pin has the documented fields")
    again = s.api("POST", "/v1/pins", body)
    t.equal((again[0], again[2]["id"]), (201, made["id"]), "the same key and content return the first pin")
    other = s.api("POST", "/v1/pins", {**body, "title": "other"})
    t.equal(code(other), (409, "conflict"), "the same key with other content is refused")
    t.equal(code(s.api("POST", "/v1/pins", schedule_body(s))), (422, "validation_error"), "a pin with run_at is refused")
    path = "/v1/pins/" + made["id"]
    t.equal(s.call("GET", path)["id"], made["id"], "a pin is returned by its id")
    job = s.call("GET", "/v1/jobs/" + made["id"])
    want = """job_id pin_id status submitted_at completed_at pinterest_pin_id error_code
        error_message""".split()
    t.equal(sorted(job), sorted(want), "a job has the documented fields")
    t.equal(s.call("GET", "/v1/jobs/" + made["id"], auth=s.token), job, "a session sees the same job")
    t.equal(code(s.api("GET", "/v1/jobs/" + str(uuid.uuid4())))[0], 404, "an unknown job is a 404")
    t.equal(s.api("GET", "/v1/jobs/x")[0], 404, "a malformed job id is a 404")
    t.equal(s.api("GET", path, headers={"X-API-Key": "pb_test_wrong"})[0], 401, "a wrong key is refused for a pin")
    t.equal(s.api("GET", "/v1/jobs/x", headers={"X-API-Key": "pb_test_wrong"})[0], 401, "a wrong key is refused for a job")
    total = lambda q: s.api("GET", "/v1/pins?" + q)[1]["X-Total-Count"]  # noqa: E731
    t.equal(total("campaign=c&external_id=e&q=pin&status=queued&limit=1"), "1", "filters of the list of pins combine")
    t.equal(total("removed=true"), "0", "removed=true finds only removed pins")
    t.equal(total("removed=false&campaign=c"), "1", "removed=false finds pins that were not removed")
    t.equal(total("error_code=rate_limited"), "0", "error_code filters")
    for sort in "created_at published_at title status".split():
        for way in "asc desc".split():
            t.equal(total(f"sort={sort}_{way}&campaign=c"), "1", f"sort={sort}_{way} is accepted")
    s.sql(
        f"""UPDATE pins SET state = 4, pinterest_pin_id = '77', published_at = UTC_TIMESTAMP(6)
            WHERE id = {hexed(made['id'])}"""
    )
    t.equal(s.call("GET", path)["status"], "published", "a published pin is shown as published")
    gone = s.call("DELETE", path + "?delete_from_pinterest=true")
    want = ["deleted", "id", "pinterest_pin_id", "reason", "removed_from_pinterest"]
    t.equal(sorted(gone), want, "a delete on Pinterest has the documented fields")
    t.equal((gone["reason"], gone["removed_from_pinterest"]), ("simulated_sandbox", False), "the delete of a sandbox pin is simulated")
    waits = s.call("POST", "/v1/pins", s.pin_body())
    gone = s.call("DELETE", f"/v1/pins/{waits['id']}?delete_from_pinterest=true")
    t.equal(gone["reason"], "not_published", "the delete of an unpublished pin says so")


def validation(s):
    body = s.pin_body()
    got = s.call("POST", "/v1/pins/validate", body)
    t.equal((got["valid"], got["dry_run"]), (True, True), "a good pin is valid in a dry run")
    names = [c["name"] for c in got["checks"]]
    t.equal(names, ["account", "board_access", "payload", "media", "rate", "duplicate"], "a dry run reports its checks")
    t.equal(got["resolved"]["idempotency_key"], body["idempotency_key"], "a dry run shows the payload as it would be stored")
    made = s.call("POST", "/v1/pins", body)
    got = s.call("POST", "/v1/pins/validate", body)
    t.equal(got["existing_pin_id"], made["id"], "a dry run names the pin that the key created")
    got = s.call("POST", "/v1/pins/validate", s.pin_body() | {"board_id": "12345"})
    failed = [(c["name"], c["code"]) for c in got["checks"] if c["status"] == "failed"]
    t.equal((got["valid"], failed), (False, [("board_access", "board_not_found")]), "a dry run reports an unknown board")
    past = schedule_body(s)
    past["run_at"] = at(hours=-1)
    got = s.call("POST", "/v1/schedules/validate", past)
    failed = [c["name"] for c in got["checks"] if c["status"] == "failed"]
    t.equal((got["valid"], failed), (False, ["run_at"]), "a dry run reports a run_at in the past")
    s.sql("UPDATE lanes SET next_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR, next_code = 1")
    got = s.call("POST", "/v1/schedules/validate", schedule_body(s))
    rate = [c for c in got["checks"] if c["name"] == "rate"]
    t.equal(
        (got["valid"], rate[0]["status"], rate[0]["code"]), (True, "warning", "rate_paced"), "a dry run reports the pace"
    )
    pin = s.call("GET", "/v1/pins/" + made["id"])
    t.equal((pin["status"], pin["error_code"]), ("deferred", "rate_limited"), "a paced pin is deferred with rate_limited")
    t.equal(s.api("GET", "/v1/pins?error_code=rate_limited")[1]["X-Total-Count"], "1", "error_code finds the paced pin")
    s.sql("UPDATE lanes SET next_at = NULL, next_code = 0")
    t.equal(s.api("DELETE", "/v1/pins/" + made["id"])[0], 204, "a deferred pin can be deleted")


def upload(s, data, field="file", name="rows.csv", cut=0):
    head = f'--xyz\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
    body = (head + "Content-Type: text/csv\r\n\r\n").encode() + data + b"\r\n--xyz--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=xyz"}
    return s.api("POST", "/v1/pins/imports/csv", body[: len(body) - cut], headers=kind)


def imports(s):
    rows = [s.pin_body(title=f"Row {n}") for n in range(3)]
    status, _, job = s.api("POST", "/v1/pins/imports/json", rows)
    t.equal((status, job.get("status"), job.get("total_rows")), (202, "queued", 3), "a JSON import is accepted")
    want = """id workspace_id source_type status source_filename total_rows processed_rows created_rows
        existing_rows failed_rows results error_message started_at completed_at created_at
        updated_at warnings""".split()
    t.equal(sorted(job), sorted(want), "an import has the documented fields")
    stored = s.sql(f"SELECT payload FROM import_rows WHERE import_id = {hexed(job['id'])} AND number = 2")
    t.ok('"title":"Row 1"' in stored[0][0], "import rows are stored as given", stored)
    csv = "account_id,board_id,title,image_url,idempotency_key,related_terms\r\n"
    csv += f'{s.account_id},{s.board("Always")},"A, ""b""",{s.image_url},k1,x|y\r\n'
    status, _, job = upload(s, csv.encode())
    t.equal((status, job.get("source_type"), job.get("source_filename")), (202, "csv", "rows.csv"), "a CSV import is accepted")
    listed = s.call("GET", "/v1/pins/imports")
    t.equal([j["source_type"] for j in listed], ["csv", "json"], "imports are listed newest first")
    t.equal(len(s.call("GET", "/v1/pins/imports?source_type=csv&status=queued&limit=1")), 1, "source_type and status filter imports")
    s.sql(
        f"""UPDATE import_rows SET status = 2, error_code = 'validation_error', error_message = 'm'
            WHERE import_id = {hexed(job['id'])}"""
    )
    got = s.call("GET", "/v1/pins/imports/" + job["id"])
    want = dict(row_number=1, status="failed", pin_id=None, schedule_id=None, idempotency_key=None)
    want |= dict(error_code="validation_error", error_message="m", line=2, errors=[])
    t.equal(got["results"], [want], "an import shows the results of its rows")
    t.equal(code(s.api("GET", "/v1/pins/imports/" + str(uuid.uuid4()))), (404, "not_found"), "an unknown import is a 404")
    t.equal(code(s.api("POST", "/v1/pins/imports/json", [])), (422, "validation_error"), "an import without rows is refused")
    many = s.api("POST", "/v1/pins/imports/json", [{}] * 501)
    t.equal(code(many), (422, "validation_error"), "an import of 501 rows is refused")
    t.ok("500" in str(many[2]), "the refusal names the limit", many[2])
    t.equal(s.api("POST", "/v1/pins/imports/json", [{}] * 500)[0], 202, "an import of 500 rows is accepted")
    bad = s.api("POST", "/v1/pins/imports/json", [{}, 1])
    t.equal(code(bad), (422, "validation_error"), "an import row that is not an object is refused")
    t.equal(code(upload(s, b"title,nope\nA,b\n")), (422, "validation_error"), "a CSV with an unknown column is refused")
    t.equal(code(upload(s, b"title\nA\n", field="f")), (422, "validation_error"), "an upload without the field file is refused")
    t.equal(code(upload(s, b"title\nA\n", cut=6)), (422, "validation_error"), "a truncated upload is refused")


def keys(s):
    """Keys with a single scope, with an allow-list, and of another project."""
    mine = s.call("POST", "/v1/schedules", schedule_body(s, title="Mine"))
    pin = s.call("POST", "/v1/pins", s.pin_body())
    path = "/v1/schedules/" + mine["id"]

    def key(**fields):
        body = {"name": "k", **fields}
        return {"X-API-Key": s.call("POST", "/v1/api-keys", body, auth=s.token)["api_key"]}

    reader = key(scopes=["read"])
    t.equal(s.api("GET", path, headers=reader)[0], 200, "a key with read alone can read")
    bad = s.api("POST", path + "/cancel", headers=reader)
    t.equal(code(bad), (403, "insufficient_scope"), "a key with read alone cannot cancel")
    writer = key(scopes=["write"])
    bad = s.api("GET", "/v1/jobs/" + pin["id"], headers=writer)
    t.equal(code(bad), (403, "insufficient_scope"), "a key with write alone cannot read a job")
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
        t.equal(code(got), (403, "account_not_permitted"), f"a key is refused an account outside its allow-list: {method} {where[:24]}")
    for where in ("/v1/pins", "/v1/schedules", "/v1/pinterest/accounts", "/v1/pins/imports"):
        got = s.api("GET", where, headers=other)
        t.equal((got[0], got[2]), (200, []), f"a key with an allow-list sees none of the others' rows: {where}")
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
        t.equal(code(got), (404, "not_found"), f"another project gets a 404: {method} {where[:24]}")


def revoke(s):
    planned = s.call("POST", "/v1/schedules", schedule_body(s, title="Planned"))
    due = s.call("POST", "/v1/schedules", schedule_body(s, title="Due"))
    pin = promote(s, due["id"])
    s.webhook()
    path = "/v1/pinterest/accounts/" + s.account_id
    t.equal(s.api("DELETE", path)[0], 204, "an account can be revoked")
    t.equal(s.call("GET", "/v1/pinterest/accounts"), [], "a revoked account is not listed")
    t.equal(len(s.call("GET", "/v1/pinterest/accounts?include_revoked=true")), 1, "include_revoked=true lists it")
    t.equal(s.call("GET", "/v1/schedules/" + planned["id"])["status"], "canceled", "a revoke cancels planned schedules")
    got = s.call("GET", "/v1/pins/" + pin)
    t.equal((got["status"], got["error_code"]), ("failed", "account_revoked"), "a revoke fails waiting pins")
    t.equal(s.call("GET", "/v1/schedules/" + due["id"])["status"], "failed", "a revoke fails the schedule of a waiting pin")
    rows = s.sql(f"SELECT COUNT(*) FROM events WHERE subject_id = {hexed(pin)}")
    t.equal(rows, [["1"]], "a revoke writes an event for the failed pin")
    t.ok(s.sql("SELECT COUNT(*) FROM deliveries")[0][0] != "0", "a revoke writes a delivery for the failed pin")
    row = s.sql("SELECT access_sealed IS NULL, refresh_sealed IS NULL FROM pinterest_accounts")
    t.equal(row, [["1", "1"]], "a revoke wipes the tokens")
    t.equal(s.api("DELETE", path)[0], 204, "a second revoke is accepted")
    bad = s.api("POST", "/v1/pins", s.pin_body())
    t.equal(code(bad), (422, "account_revoked"), "a revoked account accepts no new pins")
    got = s.call("POST", "/v1/pins/validate", s.pin_body())
    t.equal(got["checks"][0]["code"], "account_revoked", "a dry run reports a revoked account")
    s.call("POST", "/v1/projects/sandbox", {}, auth=s.token)
    again = s.call("GET", "/v1/pinterest/accounts")
    t.equal([a["id"] for a in again], [s.account_id], "connecting again keeps the account")


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
