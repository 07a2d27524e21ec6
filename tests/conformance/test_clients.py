#!/usr/bin/env python3
"""Requests as PinBridge's other clients send them, written down from their public sources: the n8n node (its released
line and the newer one) and the MCP server. What they send is accepted as it is, and what they read is there. What cannot
be served is asked for, too: assets, the best pins by comments or reactions, and a board that becomes protected."""

import json
import os
import sys
import urllib.parse
import uuid
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()
N8N, MCP = "n8n", "MCP"
JSON = "application/json"


def at(**delta):
    return datetime.now(timezone.utc) + timedelta(**delta)


class Client:
    """One client's headers; `send` notes what it got under the name of the request."""

    def __init__(self, s, name):
        self.s, self.name = s, name

    def headers(self, path, body):
        if self.name == MCP and path.startswith("/v1/mcp/"):
            return {"Authorization": "Bearer " + self.s.key, "X-Pinbridge-Source": "mcp", "Content-Type": JSON}
        agent = {N8N: "n8n", MCP: "pinbridge-mcp/1.0"}[self.name]
        more = {"Content-Type": JSON} if body is not None else {}
        return {"X-API-Key": self.s.key, "Accept": JSON, "User-Agent": agent} | more

    def send(self, what, method, path, body=None, want=200, reads=()):
        """`reads`: what the client takes from the answer, or from each of a list."""
        data = json.dumps(body).encode() if body is not None else None
        status, head, raw = self.s.request(method, path, data, self.headers(path, body))
        value = json.loads(raw) if raw else None
        rows = value if isinstance(value, list) else [value]
        lacks = {name for row in rows for name in reads if not isinstance(row, dict) or name not in row}
        t.ok(status == want and not lacks, f"{self.name}: {what}", (status, lacks, value))
        return value

    def get(self, what, path, query, reads=(), want=200):
        """A GET with a query as both write it: what is None or empty left out, booleans in small letters."""
        said = {k: str(v).lower() if isinstance(v, bool) else v for k, v in query.items() if v not in (None, "")}
        return self.send(what, "GET", path + ("?" + urllib.parse.urlencode(said, doseq=True) if said else ""), None, want, reads)

    def refused(self, what, method, path, body, status, code):
        value = self.send(what, method, path, body, status, ("error",))
        error = (value or {}).get("error", {})
        t.ok(error.get("code") == code and error.get("message"), f"{self.name}: {what}: error.code and error.message", value)
        return value


ACCOUNT = ("id", "workspace_id", "display_name", "username", "health_status", "missing_scopes", "reconnect_required", "revoked_at")
PIN = ("id", "workspace_id", "pinterest_account_id", "status", "media_type", "title", "media_url", "image_url", "board_id", "pinterest_pin_id",
       "error_code", "error_message", "idempotency_key", "created_at", "updated_at", "published_at", "failed_at", "removed_from_pinterest_at")  # fmt: skip
SCHEDULE = ("id", "workspace_id", "pinterest_account_id", "run_at", "status", "payload", "last_error", "pin_id", "created_at", "updated_at")
WEBHOOK = ("id", "workspace_id", "url", "events", "is_enabled", "created_at", "updated_at")


def boards(c, s):
    """Both connect alike: the credential's test, accounts, boards."""
    accounts = c.send("the credential's test", "GET", "/v1/pinterest/accounts", reads=ACCOUNT)
    account = accounts[0]["id"]
    c.send("boards", "GET", f"/v1/pinterest/boards?account_id={account}", reads=("id", "name", "description", "privacy"))
    board = s.board("Always works")
    access = ("account_id", "board_id", "publishable", "status", "code", "message", "remediation", "checked_at", "source")
    c.send("board access, fresh left out", "GET", f"/v1/pinterest/boards/{board}/access?account_id={account}", reads=access)
    c.send("board access, fresh", "GET", f"/v1/pinterest/boards/{board}/access?account_id={account}&fresh=true", reads=access)
    whole = c.send("a board with all fields", "POST", "/v1/pinterest/boards", {"account_id": account, "name": "Whole " + uuid.uuid4().hex[:8], "description": "d", "privacy": "PUBLIC"}, 201, ("id", "name", "description", "privacy"))
    c.send("its description and privacy are changed", "PATCH", f"/v1/pinterest/boards/{whole['id']}", {"account_id": account, "description": "e", "privacy": "PUBLIC"}, 200, ("id", "name", "description", "privacy"))
    made = c.send("a board without optional fields", "POST", "/v1/pinterest/boards", {"account_id": account, "name": "Made " + uuid.uuid4().hex[:8]}, 201, ("id", "name"))
    c.send("a board is renamed", "PATCH", f"/v1/pinterest/boards/{made['id']}", {"account_id": account, "name": "Renamed " + uuid.uuid4().hex[:6]}, 200, ("id", "name"))
    c.send("a board is deleted", "DELETE", f"/v1/pinterest/boards/{made['id']}?account_id={account}", None, 204)
    return account, board


def pin(s, board, **more):
    return {"account_id": s.account_id, "board_id": board, "title": "A pin", "image_url": s.image_url, "idempotency_key": uuid.uuid4().hex} | more


def webhooks(c, s):
    made = c.send("a webhook", "POST", "/v1/webhooks", {"url": s.sink.url + "/hook", "secret": "sixteen-or-more-characters", "events": ["pin.published", "pin.failed"], "is_enabled": True}, 201, WEBHOOK)
    c.send("webhooks", "GET", "/v1/webhooks", reads=WEBHOOK)
    c.send("a webhook is switched off", "PATCH", "/v1/webhooks/" + made["id"], {"is_enabled": False}, 200, WEBHOOK)
    c.send("a webhook is changed", "PATCH", "/v1/webhooks/" + made["id"], {"url": s.sink.url + "/other", "secret": "seventeen-or-more-characters", "events": ["pin.failed"], "is_enabled": True}, 200, WEBHOOK)
    c.send("a webhook is deleted", "DELETE", "/v1/webhooks/" + made["id"], None, 204)


def logs(c):
    item = ("id", "actor_user_id", "actor_type", "actor_label", "action", "category", "resource_type", "resource_id", "status", "message",
            "metadata", "request_id", "retention_days", "expires_at", "created_at")  # fmt: skip
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        got = c.send("a page of the activity log", "GET", "/v1/activity-logs?limit=3&category=publishing" + (f"&cursor={cursor}" if cursor else ""), reads=("items", "next_cursor"))
        seen, cursor, pages = seen + got["items"], got["next_cursor"], pages + 1
    t.ok(pages > 1 and len({i["id"] for i in seen}) == len(seen) and all(set(item) <= set(i) for i in seen), f"{c.name}: its pages end, and hold each row once", pages)


FIGURES = ("account_id", "start_date", "end_date", "provider_mode", "totals", "daily", "source", "data_as_of", "history_start")
PIN_FIGURES = FIGURES + ("pin_id", "pinterest_pin_id", "removed_from_pinterest_at")
OVERVIEW = ("start_date", "end_date", "previous_start_date", "previous_end_date", "metrics", "totals", "previous_totals", "daily", "history_start", "data_as_of", "accounts")
TOP_PIN = ("pin_id", "pinterest_pin_id", "account_id", "title", "link_url", "thumbnail_url", "media_type", "published_at", "totals")
SUMMARY = ("start", "end", "timezone", "granularity", "previous_start", "previous_end", "account_id", "pins", "previous_pins", "series",
           "published_by_account", "queue", "schedules", "import_jobs")  # fmt: skip
RANKS = ("impression", "save", "pin_click", "outbound_click")


def day(back):
    return at(days=-back).strftime("%Y-%m-%d")


def figures(c, s, pin, waiting):
    """Of an account and of a pin, as both ask: nothing, all of it, and each source."""
    account = f"/v1/pinterest/accounts/{s.account_id}/analytics"
    of_pin = f"/v1/pins/{pin}/analytics"
    for path, reads in ((account, FIGURES), (of_pin, PIN_FIGURES)):
        kind = "an account" if path == account else "a pin"
        c.get(f"figures of {kind}, all by default", path, {}, reads)
        got = c.get(f"figures of {kind}, without days", path, {"start_date": day(29), "end_date": day(0), "metrics": "IMPRESSION,SAVE", "source": "auto", "include_daily": False}, reads)
        t.equal((sorted(got["totals"]), got["daily"]), (["impression", "save"], []), f"{c.name}: figures of {kind}: the metrics that were asked for")
        c.get(f"figures of {kind}, live", path, {"start_date": day(89), "source": "live", "include_daily": True}, reads)
        got = c.get(f"figures of {kind}, stored, of a year", path, {"start_date": day(365), "end_date": day(0), "source": "stored"}, reads)
        t.ok(got["source"] in ("stored", "simulated"), f"{c.name}: figures of {kind}: their source is told", got)
        got = c.get(f"figures of {kind}, live, of more than 90 days", path, {"start_date": day(91), "source": "live"}, ("error",), 422)
        t.equal(got["error"]["code"], "invalid_date_range", f"{c.name}: figures of {kind}: the code of it")
    got = c.get("figures of a pin that waits", f"/v1/pins/{waiting}/analytics", {}, ("error",), 409)
    t.equal(got["error"]["code"], "pin_not_published", f"{c.name}: figures of a pin that waits: the code of it")


def summary(c, what, want, **query):
    got = c.get("the dashboard, " + what, "/v1/dashboard/summary", query, SUMMARY)
    t.ok({"total", "submitted", "by_status", "success_rate"} <= set(got["pins"]) & set(got["previous_pins"]) and got["timezone"] == query["tz"],
         f"{c.name}: the dashboard, {what}: its figures", got)  # fmt: skip
    t.ok(all({"start", "created", "published", "failed"} == set(x) for x in got["series"]) and got["series"], f"{c.name}: the dashboard, {what}: its series", got["series"])
    t.equal(got["granularity"], want, f"{c.name}: the dashboard, {what}: {want}s")
    return got


def protected_board(c, s, account):
    """The node offers PROTECTED for a change, too: Pinterest makes only new boards so."""
    body = {"account_id": account, "name": "Kept " + uuid.uuid4().hex[:8], "privacy": "PROTECTED"}
    made = c.send("a protected board", "POST", "/v1/pinterest/boards", body, 201, ("id", "privacy"))
    body = {"account_id": account, "privacy": "PROTECTED"}
    c.refused("a board becomes protected: cannot be", "PATCH", "/v1/pinterest/boards/" + made["id"], body, 422, "validation_error")


def n8n_analytics(c, s, pin, waiting):
    """The node's resource "analytics", one operation after the other."""
    figures(c, s, pin, waiting)
    for query in ({}, {"account_id": s.account_id}, {"start_date": day(29), "end_date": day(0)}):
        got = c.get(f"getOverview {sorted(query)}", "/v1/analytics/overview", query, OVERVIEW)
        t.ok(all({"account_id", "status", "message"} <= set(a) for a in got["accounts"]) and got["accounts"], "n8n: getOverview: how it went with each account", got)
    for rank in RANKS:
        got = c.get("listTopPins by " + rank, "/v1/analytics/pins", {"sort_by": rank, "limit": 100, "offset": 0}, ("items", "total"))
        t.ok(got["items"] and all(set(TOP_PIN) <= set(i) for i in got["items"]), f"n8n: listTopPins by {rank}: what it reads of a pin", got)
    page = c.get("listTopPins, a later page", "/v1/analytics/pins", {"sort_by": "save", "start_date": day(9), "account_id": s.account_id, "limit": 50, "offset": 100}, ("items", "total"))
    t.equal(page["items"], [], "n8n: listTopPins ends with a page that is not full")
    # Pinterest has no order by comments and reactions, so these two cannot be served.
    for rank in ("total_comments", "total_reactions"):
        got = c.get(f"listTopPins by {rank}: cannot be", "/v1/analytics/pins", {"sort_by": rank, "limit": 50, "offset": 0}, ("error",), 422)
        t.ok(got["error"]["code"] == "validation_error" and "sort_by" in got["error"]["errors"][0]["loc"], f"n8n: listTopPins by {rank}: the code and field of it", got)
    picked = at(days=-20).strftime("%Y-%m-%dT00:00:00")  # what the date picker gives, without an offset
    got = summary(c, "from a picked time on, in the workflow's zone", "day", start=picked, tz="Europe/Paris")
    # The answer's start is in UTC: midnight in Paris is the evening before.
    t.ok(got["start"] < picked and got["series"][0]["start"].startswith(picked), "n8n: the dashboard: a time without an offset is one of the zone", got["start"])
    summary(c, "its time with milliseconds, as of a Date", "hour", start=at(hours=-30).strftime("%Y-%m-%dT%H:%M:%S.000Z"), end=at().strftime("%Y-%m-%dT%H:%M:%S.000Z"), tz="America/New_York")
    got = summary(c, "of one account", "day", tz="UTC", account_id=s.account_id)
    t.equal((got["import_jobs"], got["account_id"]), (None, s.account_id), "n8n: the dashboard, of one account: imports are not told")
    c.send("collectAccount, without a body", "POST", f"/v1/analytics/accounts/{s.account_id}/collect", None, 202, ("account_id", "status", "message"))
    c.refused("collectAccount once more", "POST", f"/v1/analytics/accounts/{s.account_id}/collect", None, 429, "rate_limited")


def mcp_analytics(c, s, pin, waiting):
    """get_account_analytics, get_pin_analytics, get_dashboard_summary."""
    figures(c, s, pin, waiting)
    summary(c, "all by default, which sends tz", "day", tz="UTC")
    summary(c, "a time as Python writes it, and one account", "day", start=at(days=-3).isoformat(), end=at().isoformat(), tz="Asia/Kolkata", account_id=s.account_id)
    summary(c, "times without an offset", "hour", start=at(days=-1).strftime("%Y-%m-%dT00:00:00"), end=at().strftime("%Y-%m-%dT00:00:00"), tz="Australia/Lord_Howe")
    for code, query in (("invalid_timezone", {"tz": "Mars/Olympus"}), ("invalid_date_range", {"tz": "UTC", "start": at(days=-400).isoformat()})):
        got = c.get("get_dashboard_summary: " + code, "/v1/dashboard/summary", query, ("error",), 422)
        t.equal(got["error"]["code"], code, "MCP: the code of it")


def uploads(c):
    """The seven endpoints of assets, which cannot be served yet: images are given by URL. Said with a clear code."""
    one = "/v1/assets/" + str(uuid.uuid4())
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\npng\r\n--x--\r\n'
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    asked = [("POST", "/v1/assets/images", part, form), ("POST", "/v1/assets/videos", part, form), ("GET", one, None, {}), ("GET", one + "/content", None, {})]
    asked += [("GET", "/v1/assets?limit=100&offset=0&asset_type=image&in_use=false&sort=size_desc", None, {}), ("DELETE", one + "?confirm=true", None, {})]
    asked += [("DELETE", "/v1/assets", json.dumps({"asset_ids": [], "confirm": False}).encode(), {"Content-Type": JSON})]
    for method, path, body, more in asked:
        status, _, raw = c.s.request(method, path, body, c.headers(path, None) | more)
        error = json.loads(raw)["error"]
        t.ok(status == 404 and error["code"] == "not_found" and error["message"], f"{c.name}: {method} {path.split('?')[0].replace(one, '/v1/assets/ID')}: no uploads, and that is said", raw)


def n8n(s):
    """One operation of the node after the other. Empty options are left out, bodies hold what was filled in."""
    c = Client(s, N8N)
    account, board = boards(c, s)
    protected_board(c, s, account)
    c.send("related terms, joined by commas", "GET", f"/v1/pinterest/terms/related?account_id={account}&terms=oak%2Clamp", reads=("related_term_count", "related_terms_list"))
    c.send("the rate meter", "GET", f"/v1/rate-meter?account_id={account}", reads=("account", "global"))
    c.send("the address where an account is connected", "GET", "/v1/pinterest/oauth/start", reads=("authorization_url",))
    body = pin(s, board, description="d", link_url="https://example.com/x", alt_text="a", dominant_color="E88A2D", related_terms=["x", "y"])
    made = c.send("a pin", "POST", "/v1/pins", body, 201, PIN)
    same = c.send("the same pin again, since a step is retried", "POST", "/v1/pins", body, 201, PIN)
    t.equal(same["id"], made["id"], "n8n: a retried step makes no second pin")
    c.refused("the key of another item", "POST", "/v1/pins", body | {"title": "Other"}, 409, "conflict")
    entry = ("index", "idempotency_key", "status", "pin", "error")
    got = c.send("a batch", "POST", "/v1/pins/batch", {"pins": [pin(s, board), pin(s, "1" * 18)]}, 200, ("created_count", "existing_count", "failed_count", "results"))
    t.ok(all(set(entry) <= set(r) for r in got["results"]) and got["results"][1]["error"]["code"] == "board_not_found", "n8n: each entry of a batch has what it reads", got)
    c.send("a dry run", "POST", "/v1/pins/validate", pin(s, board), 200, ("valid", "dry_run", "checks", "resolved", "existing_pin_id", "headroom"))
    for query in ("?limit=100&offset=0", "?limit=200", "?limit=50&status=queued&account_id=" + account, "?q=pin&sort=created_at_asc", "?removed=false", "?since=2026-01-01T00%3A00%3A00.000Z", "?board_id=" + board):
        c.send("pins" + query, "GET", "/v1/pins" + query, reads=PIN)
    status, head, _ = s.api("GET", "/v1/pins?limit=1")
    t.ok(status == 200 and head["X-Total-Count"].isdigit(), "n8n: the total of a list")
    c.send("a pin is read", "GET", "/v1/pins/" + made["id"], reads=PIN)
    c.send("a pin is edited, its link cleared", "PATCH", "/v1/pins/" + made["id"], {"title": "New", "link_url": None}, 200, PIN)
    c.send("its job", "GET", "/v1/jobs/" + made["id"], reads=("job_id", "pin_id", "status", "submitted_at", "completed_at"))
    c.refused("retry of a pin that has not failed", "POST", f"/v1/pins/{made['id']}/retry", None, 409, "conflict")
    c.send("a pin is deleted at Pinterest, too", "DELETE", f"/v1/pins/{made['id']}?delete_from_pinterest=true", None, 200, ("id", "deleted", "removed_from_pinterest", "reason"))
    job = c.send("an import of rows", "POST", "/v1/pins/imports/json", [pin(s, board), pin(s, board, run_at=at(hours=2).strftime("%Y-%m-%dT%H:%M:%S.000Z"))], 202, ("id", "status", "total_rows"))
    c.send("imports", "GET", "/v1/pins/imports?limit=100&offset=0", reads=("id", "status", "results"))
    c.send("an import", "GET", "/v1/pins/imports/" + job["id"], reads=("id", "status", "results", "error_message"))
    plan = pin(s, board)
    plan.pop("idempotency_key")
    planned = [c.send(f"a schedule at {when}", "POST", "/v1/schedules", plan | {"run_at": when}, 201, SCHEDULE)
               for when in (at(hours=1).strftime("%Y-%m-%dT%H:%M:%S.000Z"), at(hours=2).strftime("%Y-%m-%dT%H:%M:%S-00:00"), at(hours=3).strftime("%Y-%m-%dT%H:%M:%S+02:00").replace("+02:00", "+00:00"))]  # fmt: skip
    c.send("schedules", "GET", "/v1/schedules?limit=100&offset=0&sort=run_at_asc", reads=SCHEDULE)
    c.send("a schedule is edited", "PATCH", "/v1/schedules/" + planned[0]["id"], {"run_at": at(hours=4).strftime("%Y-%m-%dT%H:%M:%S.000Z"), "description": None}, 200, SCHEDULE)
    c.send("a schedule is canceled, without a body", "POST", f"/v1/schedules/{planned[0]['id']}/cancel", None, 200, SCHEDULE)
    c.refused("and once more", "POST", f"/v1/schedules/{planned[0]['id']}/cancel", None, 400, "bad_request")
    c.refused("retry of a schedule that has not failed", "POST", f"/v1/schedules/{planned[1]['id']}/retry", None, 400, "bad_request")
    c.refused("deletion of one that is planned", "DELETE", "/v1/schedules/" + planned[1]["id"], None, 400, "bad_request")
    c.send("a schedule is deleted", "DELETE", "/v1/schedules/" + planned[0]["id"], None, 204)
    webhooks(c, s)
    logs(c)
    c.refused("an id that nobody has", "GET", "/v1/pins/" + str(uuid.uuid4()), None, 404, "not_found")
    got = c.refused("a field that is missing", "POST", "/v1/pins", {k: v for k, v in pin(s, board).items() if k != "title"}, 422, "validation_error")
    t.ok(got["detail"] and got["error"]["errors"][0]["loc"] and got["error"]["request_id"], "n8n: a wrong field is told with its place", got)
    got, s.key = s.key, "pb_live_wrong"
    c.refused("a wrong key", "GET", "/v1/pinterest/accounts", None, 401, "unauthorized")
    s.key = got


def mcp(s):
    """One tool after the other, as the server turns them into requests through the SDK."""
    c = Client(s, MCP)
    plan = c.send("the plan of a key", "GET", "/v1/billing/status", reads=("plan", "billing_status", "quota_calls_monthly", "calls_used", "pinterest_accounts_limit"))
    t.equal(plan["plan"], "enterprise", "MCP: no plan is above it")
    usage = ("week", "requests_used", "requests_limit", "quota_exhausted", "resets_at")
    c.send("its quota", "GET", "/v1/mcp/quota", reads=usage)
    c.send("a tool call is counted, without a body", "POST", "/v1/mcp/track", None, 200, usage)
    account, board = boards(c, s)
    c.send("list_related_terms, repeated", "GET", f"/v1/pinterest/terms/related?account_id={account}&terms=oak&terms=lamp&exact_match=false", reads=("id", "related_term_count", "related_terms_list"))
    body = pin(s, board)
    c.send("create_pin, dry_run", "POST", "/v1/pins/validate", body, 200, ("valid", "checks", "headroom"))
    made = c.send("create_pin", "POST", "/v1/pins", body, 201, PIN)
    c.send("create_pins_batch", "POST", "/v1/pins/batch", {"pins": [pin(s, board) for _ in range(3)]}, 200, ("results", "headroom"))
    c.send("list_pins", "GET", "/v1/pins?limit=20&offset=0&status=queued", reads=PIN)
    since, until = at(days=-1).isoformat(), at(days=1).isoformat()
    rows = {"limit": 200, "offset": 0, "account_id": account, "board_id": board, "since": since, "until": until, "q": "pin"}
    c.get("list_pins, with all it can say", "/v1/pins", rows | {"error_code": "board_not_found", "status": "failed", "sort": "created_at_desc", "removed": False}, PIN)
    c.get("list_pins, those that are gone", "/v1/pins", {"limit": 20, "offset": 0, "removed": True}, PIN)
    c.send("get_pin", "GET", "/v1/pins/" + made["id"], reads=PIN)
    c.send("update_pin", "PATCH", "/v1/pins/" + made["id"], {"description": "new"}, 200, PIN)
    c.send("update_pin, all", "PATCH", "/v1/pins/" + made["id"], {"title": "T", "description": "d", "link_url": "https://example.com/t", "alt_text": "a", "board_id": board}, 200, PIN)
    c.refused("retry_pin", "POST", f"/v1/pins/{made['id']}/retry", None, 409, "conflict")
    c.refused("retry_pin, elsewhere", "POST", f"/v1/pins/{made['id']}/retry", {"board_id": board, "account_id": account}, 409, "conflict")
    c.send("delete_pin, which deletes at Pinterest by default", "DELETE", f"/v1/pins/{made['id']}?delete_from_pinterest=true", None, 200, ("deleted", "removed_from_pinterest", "reason"))
    later = at(hours=5).replace(microsecond=0).isoformat()
    plan = {k: v for k, v in body.items() if k != "idempotency_key"}
    c.send("create_schedule, dry_run", "POST", "/v1/schedules/validate", plan | {"run_at": later}, 200, ("valid", "checks"))
    planned = c.send(f"create_schedule at {later}", "POST", "/v1/schedules", plan | {"run_at": later}, 201, SCHEDULE)
    c.send("list_schedules", "GET", "/v1/schedules?limit=20&offset=0&status=scheduled", reads=SCHEDULE)
    c.get("list_schedules, with all it can say", "/v1/schedules", rows | {"until": at(days=9).isoformat(), "status": "scheduled", "sort": "run_at_asc"}, SCHEDULE)
    c.send("get_schedule", "GET", "/v1/schedules/" + planned["id"], reads=SCHEDULE)
    c.send("update_schedule", "PATCH", "/v1/schedules/" + planned["id"], {"title": "New"}, 200, SCHEDULE)
    more = {"run_at": at(hours=6).isoformat(), "board_id": board, "description": "d", "link_url": "https://example.com/s", "image_url": s.image_url}
    c.send("update_schedule, all", "PATCH", "/v1/schedules/" + planned["id"], more, 200, SCHEDULE)
    c.send("cancel_schedule", "POST", f"/v1/schedules/{planned['id']}/cancel", None, 200, SCHEDULE)
    c.refused("retry_schedule", "POST", f"/v1/schedules/{planned['id']}/retry", None, 400, "bad_request")
    c.send("delete_schedule", "DELETE", "/v1/schedules/" + planned["id"], None, 204)
    webhooks(c, s)
    c.send("get_rate_meter", "GET", f"/v1/rate-meter?account_id={account}", reads=("account", "global"))
    logs(c)
    got, s.key = s.key, "pb_live_wrong"
    c.refused("a refused key", "GET", "/v1/billing/status", None, 401, "unauthorized")
    s.key = got


def published_and_waiting(s):
    pin_id = s.call("POST", "/v1/pins", s.pin_body())["id"]
    s.wait_for(lambda: s.call("GET", "/v1/pins/" + pin_id)["status"] == "published", 30, "a pin is published")
    s.call("POST", f"/v1/pinterest/accounts/{s.account_id}/pause", {}, auth=s.token)
    return pin_id, s.call("POST", "/v1/pins", s.pin_body())["id"]


def main():
    with Stack(worker=False) as s:
        s.sign_up()
        n8n(s)
        mcp(s)
        s.start("worker")
        pin_id, waiting = published_and_waiting(s)
        s.admin("settings", {"analytics": "made", "org_analytics": 0})
        for name, ask in ((N8N, n8n_analytics), (MCP, mcp_analytics)):
            ask(Client(s, name), s, pin_id, waiting)
            uploads(Client(s, name))
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
