#!/usr/bin/env python3
"""Billing and MCP usage of a server that sells nothing: what clients read before they publish is true. Every
number is counted or a limit of the settings; what cannot be had is refused with a code. Runs without a worker."""

import os
import sys
from datetime import datetime, timedelta

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()
SETTINGS = {
    "limits": {"accounts": 3, "pending_pins": 321},
    "sandbox": {"daily_cap": 7},
    "production": {"daily_cap": 11},
    "retention": {"activity_days": 13},
}


def at(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def now(s):
    return at(s.sql("SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%sZ')")[0][0])


def month(moment):
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, (first + timedelta(days=31)).replace(day=1)


def others(s, path):
    """What somebody else is told."""
    mine = s.key, s.token
    s.key = None
    s.sign_up()
    got = s.call("GET", path)
    s.key, s.token = mine
    return got


def status(s):
    got = s.call("GET", "/v1/billing/status")
    first, following = month(now(s))
    days = (following - first).days
    t.equal((got["plan"], got["billing_provider"], got["billing_status"]), ("enterprise", "database", "active"), "plan and provider")
    t.equal((at(got["current_period_start"]), at(got["current_period_end"]), at(got["quota_reset_at"])), (first, following, following), "the period is this month")
    t.equal((got["pinterest_accounts_limit"], got["quota_calls_monthly"]), (3, 3 * 7 * days), "the quotas are those of the settings")
    t.equal((got["uploaded_media_assets"], got["bulk_imports"], got["quota_exhausted"]), (False, True, False), "features are true where they are there")
    t.equal((got["calls_used"], got["plan_consumption_percent"], got["overage_pins_used"]), (0, 0, 0), "nothing is used yet")
    t.equal(s.call("GET", "/v1/billing/status", auth=s.token), got, "a session is told the same")
    s.sql("UPDATE projects SET limits = 'accounts=2'")
    own = s.call("GET", "/v1/billing/status")
    t.equal((own["pinterest_accounts_limit"], own["quota_calls_monthly"]), (2, 2 * 7 * days), "limits of the project's own are those that count")
    s.sql("UPDATE projects SET limits = NULL")
    plan = s.call("GET", "/v1/billing/pricing", auth=False)["plans"]
    t.equal([(p["plan"], p["quota_calls_monthly"], p["activity_log_retention_days"]) for p in plan], [("enterprise", 3 * 11 * days, 13)], "the only plan is the server's")
    t.ok("At most 321 pins that wait to be sent" in plan[0]["feature_bullets"], "and names its limits", plan)
    t.equal({p["unit_amount"] for p in (plan[0]["monthly_price"], plan[0]["annual_price"])}, {0}, "for nothing")


def used(s):
    """Pins published this month are counted, wherever they are now; others and other projects' are not."""
    made = [s.call("POST", "/v1/pins", s.pin_body(idempotency_key=f"used-{i}"))["id"] for i in range(5)]
    first, _ = month(now(s))
    before = (first - timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S")

    def publish(pin, when, deleted="NULL"):
        s.sql(f"UPDATE pins SET state = 4, published_at = {when}, deleted_at = {deleted} WHERE id = x'{pin.replace('-', '')}'")

    publish(made[0], "UTC_TIMESTAMP(6)")
    publish(made[1], f"'{first:%Y-%m-%d %H:%M:%S}'", "UTC_TIMESTAMP(6)")
    publish(made[2], f"'{before}'")
    publish(made[3], f"'{before}'", "UTC_TIMESTAMP(6)")
    got = s.call("GET", "/v1/billing/status")
    t.equal((got["calls_used"], got["plan_consumption_percent"]), (2, 2 * 100 // got["quota_calls_monthly"]), "pins of this month are counted, deleted ones too")
    t.equal(others(s, "/v1/billing/status")["calls_used"], 0, "not those of others")


def mcp(s):
    """Requests of MCP servers: counted by project and ISO week, never limited."""
    head = {"Authorization": "Bearer " + s.key, "Content-Type": "application/json", "X-Pinbridge-Source": "mcp"}
    code, _, quota = s.api("GET", "/v1/mcp/quota", headers=head, auth=False)
    year, week, day = now(s).isocalendar()
    monday = (now(s) + timedelta(days=8 - day)).replace(hour=0, minute=0, second=0)
    want = {"week": f"{year}-W{week:02}", "requests_used": 0, "requests_limit": 0, "quota_exhausted": False, "resets_at": monday.strftime("%Y-%m-%dT%H:%M:%SZ"), "upgrade": None}
    t.equal((code, quota), (200, want), "before the first request")
    answers = [s.request("POST", "/v1/mcp/track", None, head) for _ in range(3)]
    t.equal([a[0] for a in answers], [200] * 3, "a track without a body, as the MCP server sends it, is a 200")
    t.equal(s.api("POST", "/v1/mcp/track", headers=head, auth=False)[2], {**want, "requests_used": 4}, "each counts one")
    t.equal(s.api("GET", "/v1/mcp/quota", headers=head, auth=False)[2]["requests_used"], 4, "and the quota shows it")
    reader = s.make_key(scopes=["read"])
    t.equal(s.api("POST", "/v1/mcp/track", headers={"X-API-Key": reader}, auth=False)[2]["requests_used"], 5, "a key that may only read counts, too")
    s.sql("UPDATE projects SET mcp_week_at = mcp_week_at - INTERVAL 7 DAY")
    t.equal(s.call("GET", "/v1/mcp/quota")["requests_used"], 0, "another week begins at 0")
    t.equal(s.call("POST", "/v1/mcp/track")["requests_used"], 1, "and counts from there")
    t.equal(others(s, "/v1/mcp/quota")["requests_used"], 0, "not the requests of others")


def refused(s):
    for path, auth in (("/v1/billing/checkout", s.token), ("/v1/billing/portal", s.token), ("/v1/stripe/webhook", False)):
        for body in (None, {"plan": "pro", "billing_cycle": "annual"}):
            code, _, got = s.api("POST", path, body, auth=auth)
            t.equal((code, got["error"]["code"]), (409, "feature_unavailable"), f"nothing is sold here: {path} {body}")
    t.ok("limits" in got["error"]["remediation"], "the remedy says where the limits are", got)


def main():
    with Stack(worker=False, overrides=SETTINGS) as s:
        s.sign_up()
        for part in (status, used, mcp, refused):
            part(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
