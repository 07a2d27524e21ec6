#!/usr/bin/env python3
"""Figures of accounts, pins and all together: what Pinterest is asked, how long it is remembered, what its refusals
become, what is out of range, and the zeros of the sandbox. TAP on stdout."""

import concurrent.futures
import os
import sys
import urllib.parse
import uuid
from datetime import datetime, timedelta, timezone

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness import Stack, Tap, parts  # noqa: E402

t = Tap()
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc).date()
USUAL = ["impression", "save", "pin_click", "outbound_click"]


def today():
    return datetime.now(timezone.utc).date()


def day(back):
    return (today() - timedelta(days=back)).isoformat()


def made(metric, date):
    """What the simulator makes up (app/sandbox/sim_analytics.c)."""
    return ((datetime.fromisoformat(date).date() - EPOCH).days * 7 + USUAL.index(metric) * 13) % 100


def sums(first, last, metrics=USUAL):
    days = [day(n) for n in range(first, last - 1, -1)]
    return {m: sum(made(m, d) for d in days) for m in metrics}


def told(got):
    return got[0], (got[2] or {}).get("error", {}).get("code")


class Figures:
    def __init__(self, s):
        self.s = s
        self.account = s.account_id

    def ask(self, path, **more):
        auth = more.pop("auth", True)
        headers = more.pop("headers", None)
        return self.s.api("GET", f"/v1/{path}?" + urllib.parse.urlencode(more), auth=auth, headers=headers)

    def of_account(self, **more):
        return self.ask(f"pinterest/accounts/{self.account}/analytics", **more)

    def forget(self):
        self.s.sql("DELETE FROM analytics_cache")

    def arm(self, prefix, times=1, **fault):
        self.s.admin("arm", {"match": {"method": "GET", "path_prefix": prefix}, "times": times, "fault": fault})

    def published(self, **fields):
        pin = self.s.call("POST", "/v1/pins", self.s.pin_body(**fields))["id"]
        self.s.wait_for(lambda: self.s.call("GET", "/v1/pins/" + pin)["status"] == "published", 30, "a pin is published")
        return pin


def zeros(f, pin):
    """The sandbox as PinBridge has it."""
    got = f.of_account()[2]
    want = {"provider_mode": "simulated", "source": "simulated", "totals": dict.fromkeys(USUAL, 0), "daily": [], "history_start": None}
    t.equal({k: got[k] for k in want}, want, "sandbox: zeros of the account")
    t.equal((got["account_id"], got["start_date"], got["end_date"]), (f.account, day(29), day(0)), "sandbox: the last 30 days")
    got = f.ask(f"pins/{pin}/analytics")[2]
    t.equal(({k: got[k] for k in want}, got["pin_id"], got["removed_from_pinterest_at"]), (want, pin, None), "sandbox: zeros of a pin")
    got = f.ask("analytics/overview")[2]
    t.equal((got["totals"], got["daily"], got["accounts"][0]["status"]), (dict.fromkeys(USUAL, 0), [], "ok"), "sandbox: zeros of all")


def stored(f, pin):
    for path in (f"pinterest/accounts/{f.account}/analytics", f"pins/{pin}/analytics"):
        status, _, got = f.ask(path, source="stored", start_date=day(300), end_date=day(0))
        t.equal((status, got["source"], got["totals"], got["daily"], got["history_start"], got["data_as_of"]), (200, "stored", {}, [], None, None), f"stored: nothing is, and that is what is said: {path}")
        t.ok("stores no figures" in got["message"], "stored: and why", got)


def account(f):
    status, _, got = f.of_account(start_date=day(6), end_date=day(0))
    t.equal((status, got["provider_mode"], got["source"]), (200, "pinterest", "live"), "live: of the account")
    t.equal(got["totals"], sums(6, 0), "live: totals")
    t.equal([(d["date"], d["data_status"], d["metrics"]["save"]) for d in got["daily"]], [(day(n), "READY", made("save", day(n))) for n in range(6, -1, -1)], "live: daily")
    t.ok(got["data_as_of"].endswith("Z"), "live: when it was asked")
    got = f.of_account(start_date=day(6), end_date=day(0), include_daily="false", metrics="SAVE,impression")[2]
    t.equal((got["daily"], got["totals"]), ([], sums(6, 0, ["save", "impression"])), "live: some metrics, no days")
    got = f.of_account(start_date=day(89), source="live")[2]
    t.equal((got["start_date"], got["end_date"], len(got["daily"])), (day(89), day(0), 90), "live: 90 days")
    t.equal(f.of_account(start_date=day(0), end_date=day(-1))[2]["end_date"], day(-1), "live: where tomorrow has begun")


def ranges(f, pin):
    for path in (f"pinterest/accounts/{f.account}/analytics", f"pins/{pin}/analytics", "analytics/overview", "analytics/pins"):
        for more, want in (
            ({"start_date": day(1), "end_date": day(2)}, "invalid_date_range"),
            ({"start_date": day(90)}, "invalid_date_range"),
            ({"start_date": day(400)}, "invalid_date_range"),
            ({"end_date": day(-2)}, "invalid_date_range"),
            ({"start_date": "2026-02-30"}, "validation_error"),
            ({"start_date": "2026-03-01T00:00:00Z"}, "validation_error"),
            ({"end_date": "today"}, "validation_error"),
        ):
            t.equal(told(f.ask(path, **more)), (422, want), f"refused: {path.split('/')[-1]} {more}")
    t.equal(told(f.of_account(source="stored", start_date=day(366), end_date=day(0))), (422, "invalid_date_range"), "refused: 367 days stored")
    for more in ({"source": "cached"}, {"metrics": "LIKES"}, {"metrics": "TOTAL_COMMENTS"}, {"include_daily": "x"}):
        t.equal(told(f.of_account(**more)), (422, "validation_error"), f"refused: {more}")
    t.equal(told(f.ask(f"pins/{pin}/analytics", metrics="ENGAGEMENT")), (422, "validation_error"), "refused: a pin has no such figure")
    for path in ("pinterest/accounts/{}/analytics", "pins/{}/analytics"):
        t.equal(told(f.ask(path.format(uuid.uuid4()))), (404, "not_found"), f"unknown: {path}")


def pins(f, pin):
    got = f.ask(f"pins/{pin}/analytics", start_date=day(6), metrics="SAVE,TOTAL_COMMENTS,total_reactions")[2]
    t.equal(sorted(got["totals"]), ["save", "total_comments", "total_reactions"], "pin: figures of the period and of its whole life")
    t.equal((got["totals"]["save"], len(got["daily"])), (sums(6, 0)["save"], 7), "pin: totals and days")
    f.s.call("POST", f"/v1/pinterest/accounts/{f.account}/pause", {}, auth=f.s.token)
    waits = f.s.call("POST", "/v1/pins", f.s.pin_body())["id"]
    for source in ("auto", "stored", "live"):
        t.equal(told(f.ask(f"pins/{waits}/analytics", source=source)), (409, "pin_not_published"), f"pin: not published: {source}")
    f.s.call("POST", f"/v1/pinterest/accounts/{f.account}/resume", {}, auth=f.s.token)
    gone = f.published(title="Gone")
    f.s.call("DELETE", "/sandbox/v5/pins/" + f.s.call("GET", "/v1/pins/" + gone)["pinterest_pin_id"], auth=f.s.pinterest_token())
    t.equal(told(f.ask(f"pins/{gone}/analytics")), (409, "pin_removed_on_pinterest"), "pin: deleted on Pinterest")
    f.s.sql(f"UPDATE pins SET removed_at = UTC_TIMESTAMP(6) WHERE id = x'{gone.replace('-', '')}'")
    t.equal(told(f.ask(f"pins/{gone}/analytics")), (409, "pin_removed_on_pinterest"), "pin: known to be gone")
    f.arm("/v5/pins/", kind="status", status=404, code=404, message="Pin not found.")
    t.equal(told(f.ask(f"pins/{pin}/analytics", start_date=day(3))), (409, "pin_removed_on_pinterest"), "pin: Pinterest's older way to say so")


def refusals(f):
    path = "/v5/user_account/analytics"
    for status, code, message, want in (
        (429, 8, "This request exceeded a rate limit.", (429, "rate_limited")),
        (403, 403, "Not authorized to access the user account analytics.", (403, "pinterest_not_permitted")),
        (401, 7, "Not authorized.", (403, "pinterest_not_permitted")),
        (401, 3, "Your token does not have sufficient permissions. Missing: ['user_accounts:read']", (409, "scope_missing")),
        (400, 1, "You can only get data from the last 90 days.", (422, "validation_error")),
        (500, 0, "Oops", (503, "pinterest_unavailable")),
    ):
        f.forget()
        f.arm(path, kind="status", status=status, code=code, message=message, reset_s=9 if status == 429 else -1)
        got = f.of_account()
        t.equal(told(got), want, f"Pinterest says {status}/{code}")
        t.ok(status != 429 or got[1]["Retry-After"] == "9", "when to try again is told")
    for kind in ("truncate", "empty", "foreign", "no_rid"):
        f.forget()
        f.arm(path, kind=kind)
        t.equal(told(f.of_account()), (502, "pinterest_unavailable") if kind != "no_rid" else (200, None), f"an answer that is {kind}")
    f.forget()
    f.of_account(start_date=day(5))
    f.s.admin("settings", {"org_analytics": 1})
    got = f.of_account(start_date=day(4))
    t.ok(told(got) == (429, "rate_limited") and 0 < int(got[1]["Retry-After"]) <= 60, "Pinterest's own limit", got[2])
    t.equal(f.of_account(start_date=day(5))[0], 200, "what is remembered needs no call")
    f.s.admin("settings", {"org_analytics": 0})


def remembered(f):
    """One call for equal questions; a collection asks anew."""
    f.forget()
    f.s.admin("settings", {"org_analytics": 1000000})
    f.arm("/v5/user_account/analytics", kind="delay_ms", ms=700)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        got = list(pool.map(lambda _: f.of_account(start_date=day(8)), range(3)))
    t.equal([g[0] for g in got], [200] * 3, "asked three times at once")
    t.equal(len({g[2]["data_as_of"] for g in got}), 1, "and Pinterest once")
    first = f.of_account(start_date=day(8))[2]["data_as_of"]
    t.equal(first, got[0][2]["data_as_of"], "it is remembered")
    status, _, value = f.s.api("POST", f"/v1/analytics/accounts/{f.account}/collect")
    t.equal((status, value["account_id"], value["status"]), (202, f.account, "queued"), "collect: without a body")
    t.ok(f.of_account(start_date=day(8))[2]["data_as_of"] > first, "collect: the next read asks Pinterest")
    again = f.s.api("POST", f"/v1/analytics/accounts/{f.account}/collect")
    t.ok(told(again) == (429, "rate_limited") and 800 < int(again[1]["Retry-After"]) <= 900, "collect: once in 15 minutes", again[2])
    f.s.sql("UPDATE pinterest_accounts SET collected_at = collected_at - INTERVAL 901 SECOND")
    t.equal(f.s.api("POST", f"/v1/analytics/accounts/{f.account}/collect")[0], 202, "collect: and then again")
    t.equal(told(f.s.api("POST", f"/v1/analytics/accounts/{uuid.uuid4()}/collect")), (404, "not_found"), "collect: an unknown account")
    f.of_account(start_date=day(8))
    f.s.sql("UPDATE analytics_cache SET fetched_at = fetched_at - INTERVAL 301 SECOND")
    old = f.s.sql("SELECT COUNT(*) FROM analytics_cache")
    f.of_account(start_date=day(7))
    t.equal((old, f.s.sql("SELECT COUNT(*) FROM analytics_cache")), ([["1"]], [["1"]]), "what is old is forgotten")
    f.s.sql("INSERT INTO analytics_cache SELECT account_id, UNHEX(SHA2(seq, 256)), project_id, answer, fetched_at - INTERVAL seq SECOND FROM analytics_cache JOIN seq_1_to_200")
    f.of_account(start_date=day(3))
    t.equal(f.s.sql("SELECT COUNT(*) FROM analytics_cache"), [["100"]], "and never more than 100 answers of an account are kept")


def together(f, second):
    s = f.s
    got = f.ask("analytics/overview", start_date=day(9), end_date=day(0))[2]
    t.equal((got["start_date"], got["end_date"], got["previous_start_date"], got["previous_end_date"]), (day(9), day(0), day(19), day(10)), "overview: the periods")
    t.equal(got["metrics"], USUAL, "overview: its metrics")
    t.equal(got["totals"], {m: 2 * n for m, n in sums(9, 0).items()}, "overview: both accounts together")
    t.equal(got["previous_totals"], {m: 2 * n for m, n in sums(19, 10).items()}, "overview: the period before")
    t.equal([(d["date"], d["metrics"]["impression"]) for d in got["daily"]], [(day(n), 2 * made("impression", day(n))) for n in range(9, -1, -1)], "overview: days")
    t.equal([(a["account_id"], a["status"]) for a in got["accounts"]], [(f.account, "ok"), (second, "ok")], "overview: how it went")
    one = f.ask("analytics/overview", start_date=day(9), account_id=second)[2]
    t.equal((one["totals"], len(one["accounts"])), (sums(9, 0), 1), "overview: of one account")
    got = f.ask("analytics/overview", start_date=day(60))[2]
    t.equal((got["previous_totals"], got["totals"]), (None, {m: 2 * n for m, n in sums(60, 0).items()}), "overview: no period before where Pinterest tells none")
    f.forget()
    f.arm("/v5/user_account/analytics", kind="status", status=429, code=8, message="This request exceeded a rate limit.", reset_s=3)
    got = f.ask("analytics/overview", start_date=day(9))[2]
    t.equal((sorted(a["status"] for a in got["accounts"]), got["totals"]), (["failed", "ok"], sums(9, 0)), "overview: one account fails, the other is told")
    t.equal([a["code"] for a in got["accounts"] if a["status"] == "failed"], ["rate_limited"], "overview: and why")
    top = f.ask("analytics/pins", start_date=day(9))[2]
    mine = [p["id"] for p in s.call("GET", "/v1/pins?status=published&removed=false")]
    t.equal(([i["pin_id"] for i in top["items"]], top["total"]), (mine, len(mine)), "top pins: those of the project, the best first")
    item = top["items"][0]
    t.equal((item["totals"]["impression"], item["account_id"], item["media_type"], item["thumbnail_url"]), (1000, f.account, "image", s.image_url), "top pins: what is told of one")
    page = f.ask("analytics/pins", start_date=day(9), limit=1, offset=1, sort_by="outbound_click")[2]
    t.equal(([i["pin_id"] for i in page["items"]], page["total"]), (mine[1:2], len(mine)), "top pins: a page")
    for more in ({"sort_by": "total_comments"}, {"sort_by": "likes"}, {"limit": 101}, {"limit": 0}, {"cursor": "x"}):
        t.equal(told(f.ask("analytics/pins", **more)), (422, "validation_error"), f"top pins: refused: {more}")


def keys(f, second):
    s = f.s
    narrow = s.call("POST", "/v1/api-keys", {"name": "n", "pinterest_account_ids": [second]}, auth=s.token)["api_key"]
    head = {"auth": False, "headers": {"X-API-Key": narrow}}
    t.equal(told(f.of_account(**head)), (403, "account_not_permitted"), "a key for some accounts: not of others")
    t.equal([a["account_id"] for a in f.ask("analytics/overview", **head)[2]["accounts"]], [second], "a key for some accounts: the overview is theirs")
    t.equal(f.ask("analytics/pins", **head)[2]["items"], [], "a key for some accounts: and the pins")
    t.equal(told(s.api("POST", f"/v1/analytics/accounts/{f.account}/collect", **head)), (403, "account_not_permitted"), "a key for some accounts: collects no others")


def main():
    with Stack() as s:
        s.sign_up()
        f = Figures(s)
        pin = f.published(title="First")
        f.published(title="Second")
        zeros(f, pin)
        stored(f, pin)
        s.admin("settings", {"analytics": "made", "org_analytics": 0})
        second = s.connect("second")
        pins(f, pin)
        s.settings["production"] = dict(s.settings["sandbox"])
        parts.write_conf(s.conf, s.settings)
        s.restart("app")
        s.sql("UPDATE projects SET environment = 0, sandbox_of = NULL WHERE environment = 1")
        f.forget()
        for part in (account, remembered, refusals):
            print("# " + part.__name__, flush=True)
            part(f)
        ranges(f, pin)
        together(f, second)
        keys(f, second)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
