#!/usr/bin/env python3
"""Requests as PinBridge's other clients send them, written down from their public sources: the n8n node (its released
line and the newer one) and the MCP server. What they send is accepted as it is, and what they read is there."""

import json
import os
import sys
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
    c.send("a webhook is deleted", "DELETE", "/v1/webhooks/" + made["id"], None, 204)


def logs(c):
    item = ("id", "actor_user_id", "actor_type", "actor_label", "action", "category", "resource_type", "resource_id", "status", "message",
            "metadata", "request_id", "retention_days", "expires_at", "created_at")  # fmt: skip
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        got = c.send("a page of the activity log", "GET", "/v1/activity-logs?limit=3&category=publishing" + (f"&cursor={cursor}" if cursor else ""), reads=("items", "next_cursor"))
        seen, cursor, pages = seen + got["items"], got["next_cursor"], pages + 1
    t.ok(pages > 1 and len({i["id"] for i in seen}) == len(seen) and all(set(item) <= set(i) for i in seen), f"{c.name}: its pages end, and hold each row once", pages)


def n8n(s):
    """One operation of the node after the other. Empty options are left out, bodies hold what was filled in."""
    c = Client(s, N8N)
    account, board = boards(c, s)
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
    c.send("get_pin", "GET", "/v1/pins/" + made["id"], reads=PIN)
    c.send("update_pin", "PATCH", "/v1/pins/" + made["id"], {"description": "new"}, 200, PIN)
    c.refused("retry_pin", "POST", f"/v1/pins/{made['id']}/retry", None, 409, "conflict")
    c.send("delete_pin, which deletes at Pinterest by default", "DELETE", f"/v1/pins/{made['id']}?delete_from_pinterest=true", None, 200, ("deleted", "removed_from_pinterest", "reason"))
    later = at(hours=5).replace(microsecond=0).isoformat()
    plan = {k: v for k, v in body.items() if k != "idempotency_key"}
    c.send("create_schedule, dry_run", "POST", "/v1/schedules/validate", plan | {"run_at": later}, 200, ("valid", "checks"))
    planned = c.send(f"create_schedule at {later}", "POST", "/v1/schedules", plan | {"run_at": later}, 201, SCHEDULE)
    c.send("list_schedules", "GET", "/v1/schedules?limit=20&offset=0&status=scheduled", reads=SCHEDULE)
    c.send("get_schedule", "GET", "/v1/schedules/" + planned["id"], reads=SCHEDULE)
    c.send("update_schedule", "PATCH", "/v1/schedules/" + planned["id"], {"title": "New"}, 200, SCHEDULE)
    c.send("cancel_schedule", "POST", f"/v1/schedules/{planned['id']}/cancel", None, 200, SCHEDULE)
    c.refused("retry_schedule", "POST", f"/v1/schedules/{planned['id']}/retry", None, 400, "bad_request")
    c.send("delete_schedule", "DELETE", "/v1/schedules/" + planned["id"], None, 204)
    webhooks(c, s)
    c.send("get_rate_meter", "GET", f"/v1/rate-meter?account_id={account}", reads=("account", "global"))
    logs(c)
    got, s.key = s.key, "pb_live_wrong"
    c.refused("a refused key", "GET", "/v1/billing/status", None, 401, "unauthorized")
    s.key = got


def main():
    with Stack(worker=False) as s:
        s.sign_up()
        n8n(s)
        mcp(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
