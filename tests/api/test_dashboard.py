#!/usr/bin/env python3
"""GET /v1/dashboard/summary: every figure against the rows that Python counts itself, in zones whose clocks change;
the edges of the range; keys for some accounts; and the statuses that lists show. TAP on stdout."""

import os
import sys
import urllib.parse
import uuid
from collections import Counter
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness import Stack, Tap  # noqa: E402

t = Tap()
UTC = timezone.utc
FIRST = datetime(2027, 3, 1, tzinfo=UTC)  # clocks change on 2027-03-28 in Vienna, 04-04 in Sydney and Lord Howe
N = 3000


def ask(s, auth=True, headers=None, **query):
    return s.api("GET", "/v1/dashboard/summary?" + urllib.parse.urlencode(query), auth=auth, headers=headers)


def code(got):
    return got[0], (got[2] or {}).get("error", {}).get("code")


def fill(s, second):
    """Pins every 20 minutes: published, failed, waiting, being sent; schedules of every state."""
    places = [f"x'{a.replace('-', '')}'" for a in (s.account_id, second)]
    project = s.sql(f"SELECT HEX(project_id) FROM pinterest_accounts WHERE id = {places[0]}")[0][0]
    when = "TIMESTAMP '2027-03-01 00:00:00.5' + INTERVAL n * 20 MINUTE"
    state = "ELT(n % 10 + 1, 4, 4, 4, 4, 5, 5, 1, 2, 3, 4)"
    s.sql(f"""INSERT INTO pins (id, project_id, account_id, lane_id, shard, state, run_at, not_after, due_at, board_id, title, text_hash,
        idempotency_key, created_at, updated_at, published_at, failed_at, deleted_at)
      SELECT UNHEX(CONCAT('0001', LPAD(HEX(n), 28, '0'))), x'{project}', IF(n % 3 = 0, {places[1]}, {places[0]}), a.lane_id, 0, {state}, {when},
        TIMESTAMP '2037-01-01 00:00:00', NULL, '1', 'x', UNHEX(SHA2(n, 256)), CONCAT('k', n), {when}, {when},
        IF({state} = 4, {when} + INTERVAL 1 DAY, NULL), IF({state} = 5, {when} + INTERVAL 2 DAY, NULL), IF(n % 100 = 99, {when}, NULL)
      FROM (SELECT seq AS n FROM seq_0_to_{N - 1}) q JOIN pinterest_accounts a ON a.id = {places[0]}""")
    s.sql(f"""INSERT INTO schedules (id, project_id, account_id, lane_id, shard, state, run_at, not_after, board_id, title, created_at,
        updated_at) SELECT UNHEX(CONCAT('0002', LPAD(HEX(n), 28, '0'))), x'{project}', IF(n % 3 = 0, {places[1]}, {places[0]}), a.lane_id, 0,
        ELT(n % 4 + 1, 0, 4, 5, 6), {when}, TIMESTAMP '2037-01-01 00:00:00', '1', 'x', {when}, {when}
      FROM (SELECT seq AS n FROM seq_0_to_{N - 1}) q JOIN pinterest_accounts a ON a.id = {places[0]}""")
    rows = []
    for n in range(N):
        at = FIRST + timedelta(minutes=20 * n, milliseconds=500)
        state = (4, 4, 4, 4, 5, 5, 1, 2, 3, 4)[n % 10]
        if n % 100 != 99:
            rows.append((at, state, second if n % 3 == 0 else s.account_id))
    return rows


def bucket(at, zone, hourly):
    local = at.astimezone(zone)
    if hourly:
        return (at - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)).astimezone(zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def figures(rows, start, end):
    created = [r for r in rows if start <= r[0] < end]
    published = [r for r in rows if r[1] == 4 and start <= r[0] + timedelta(days=1) < end]
    failed = [r for r in rows if r[1] == 5 and start <= r[0] + timedelta(days=2) < end]
    return created, published, failed


def pins_of(rows, start, end):
    created, published, failed = figures(rows, start, end)
    by = {
        "queued": sum(r[1] == 1 for r in created),
        "deferred": 0,
        "publishing": sum(r[1] in (2, 3) for r in created),
        "published": len(published),
        "failed": len(failed),
    }
    ended = len(published) + len(failed)
    return {"total": sum(by.values()), "submitted": len(created), "by_status": by, "success_rate": len(published) / ended if ended else None}


def same_pins(got, want, name):
    rate = got.pop("success_rate"), want.pop("success_rate")
    t.equal(got, want, name)
    t.ok(rate == (None, None) or abs(rate[0] - rate[1]) < 1e-9, f"{name}: success_rate", rate)


def compare(s, rows, tz, start, end, **more):
    """The whole answer for a range, given as local times of the zone."""
    zone = ZoneInfo(tz)
    name = f"{tz} {start} to {end}" + (" of one account" if "account_id" in more else "")
    status, _, got = ask(s, tz=tz, start=start, end=end, **more)
    if not t.equal(status, 200, f"{name}: is answered"):
        return
    low, high = (datetime.fromisoformat(x).replace(tzinfo=zone).astimezone(UTC) for x in (start, end))
    mine = [r for r in rows if more.get("account_id") in (None, r[2])]
    hourly = high - low <= timedelta(hours=48)
    t.equal((got["granularity"], got["timezone"]), ("hour" if hourly else "day", tz), f"{name}: granularity")
    edges = [datetime.fromisoformat(got[k].replace("Z", "+00:00")) for k in ("previous_start", "previous_end", "start", "end")]
    t.equal(edges, [low - (high - low), low, low, high], f"{name}: the edges")
    same_pins(got["pins"], pins_of(mine, low, high), f"{name}: pins")
    same_pins(got["previous_pins"], pins_of(mine, low - (high - low), low), f"{name}: the period before")
    want = {}
    at = low
    while at < high:
        want[bucket(at, zone, hourly).isoformat()] = [0, 0, 0]
        at += timedelta(minutes=15)
    shifts = (timedelta(0), timedelta(days=1), timedelta(days=2))
    for i, (found, shift) in enumerate(zip(figures(mine, low, high), shifts)):
        for r in found:
            want[bucket(r[0] + shift, zone, hourly).isoformat()][i] += 1
    series = {p["start"]: [p["created"], p["published"], p["failed"]] for p in got["series"]}
    t.equal(series, want, f"{name}: the series")
    t.equal([p["start"] for p in got["series"]], sorted(series, key=datetime.fromisoformat), f"{name}: in order, each once")
    accounts = Counter(r[2] for r in figures(mine, low, high)[1])
    t.equal({a["account_id"]: a["published"] for a in got["published_by_account"]}, dict(accounts), f"{name}: published by account")
    return got


def ranges(s, rows, second):
    compare(s, rows, "UTC", "2027-03-01T00:00:00", "2027-03-31T00:00:00")
    compare(s, rows, "UTC", "2027-03-10T12:34:56", "2027-03-12T12:34:56")
    compare(s, rows, "UTC", "2027-03-10T12:34:56", "2027-03-12T12:34:57")
    compare(s, rows, "Europe/Vienna", "2027-03-20T00:00:00", "2027-04-05T00:00:00")
    compare(s, rows, "Europe/Vienna", "2027-03-27T12:00:00", "2027-03-29T00:30:00")
    compare(s, rows, "Australia/Lord_Howe", "2027-03-30T00:00:00", "2027-04-09T17:00:00")
    compare(s, rows, "Asia/Kolkata", "2027-03-03T09:10:00", "2027-03-04T10:00:00")
    compare(s, rows, "America/St_Johns", "2027-03-05T00:00:00", "2027-03-25T00:00:00", account_id=second)
    got = compare(s, rows, "Pacific/Apia", "2027-03-01T00:00:00", "2027-04-01T00:00:00", account_id=s.account_id)
    t.equal((got["import_jobs"], got["account_id"]), (None, s.account_id), "of one account: no imports")
    compare(s, rows, "UTC", "2026-05-01T00:00:00", "2027-05-02T00:00:00")
    naive, whole = (ask(s, tz="Europe/Vienna", start=a, end=b)[2] for a, b in (("2027-03-20", "2027-04-05"), ("2027-03-19T23:00:00Z", "2027-04-04T22:00:00Z")))
    t.equal(naive, whole, "a date is the zone's midnight; times with an offset are taken as they are")
    got = ask(s)[2]
    span = [datetime.fromisoformat(got[k].replace("Z", "+00:00")) for k in ("start", "end")]
    t.equal((span[1] - span[0], got["timezone"]), (timedelta(days=30), "UTC"), "30 days up to now by default")
    t.equal(got["pins"]["success_rate"], None, "no rate without outcomes")


def schedules(s):
    got = ask(s, start="2027-03-01T00:00:00Z", end="2027-03-11T00:00:00Z")[2]
    t.equal(got["schedules"]["by_status"], {"scheduled": 180, "queued": 0, "deferred": 0, "running": 0, "done": 180, "failed": 180, "canceled": 180}, "schedules of the period by status")
    t.equal(got["schedules"]["upcoming"], N // 4, "all that are still to come")
    s.call("POST", "/v1/pins/imports/json", [{"title": "x"}])
    jobs = ask(s)[2]["import_jobs"]["by_status"]
    t.equal((sum(jobs.values()), sorted(jobs)), (1, ["completed", "completed_with_errors", "failed", "processing", "queued"]), "imports by status")


def waiting(s, second):
    """What lists call deferred is deferred here: held as a whole, and pins that wait for themselves."""

    def listed(what, **more):
        found, path = 0, "/v1/pins?" + urllib.parse.urlencode({"status": what, "limit": 200, **more})
        while path:
            status, head, got = s.api("GET", path)
            assert status == 200, (status, got)
            found += len(got)
            link = [x for x in (head["Link"] or "").split(", ") if 'rel="next"' in x]
            path = "/v1/pins" + link[0][link[0].index("<") + 1 : link[0].index(">")] if link else None
        return found

    def check(name):
        for more in ({}, {"account_id": second}):
            got = ask(s, **more)[2]
            want = {w: listed(w, **more) for w in ("queued", "deferred", "publishing")}
            t.equal(got["queue"], want, f"{name}: the queue is what lists show{' of one account' if more else ''}")
            got = ask(s, start="2027-03-01T00:00:00Z", end="2027-03-21T00:00:00Z", **more)[2]["pins"]["by_status"]
            span = {"since": "2027-03-01T00:00:00Z", "until": "2027-03-21T00:00:00Z"}
            want = {w: listed(w, **span, **more) for w in ("queued", "deferred", "publishing")}
            t.equal({k: got[k] for k in want}, want, f"{name}: and of the period")

    check("nothing holds")
    s.sql("UPDATE pins SET error_code = 'transient_upstream', due_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR WHERE state = 1 AND CONV(RIGHT(HEX(id), 4), 16, 10) % 20 = 6")
    check("some pins wait for a retry")
    s.call("POST", f"/v1/pinterest/accounts/{second}/pause", {}, auth=s.token)
    check("one account is paused")
    t.ok(ask(s)[2]["queue"]["deferred"] > 100, "and some are deferred indeed")


def refused(s, second):
    for query, want in (
        ({"start": "2027-03-02", "end": "2027-03-01"}, "invalid_date_range"),
        ({"start": "2027-03-02T00:00:00Z", "end": "2027-03-02T00:00:00Z"}, "invalid_date_range"),
        ({"start": "2030-01-01"}, "invalid_date_range"),
        ({"start": "2026-03-01", "end": "2027-03-02T00:00:01"}, "invalid_date_range"),
        ({"tz": "Vienna"}, "invalid_timezone"),
        ({"tz": "../passwd"}, "invalid_timezone"),
        ({"tz": "+01:00"}, "invalid_timezone"),
        ({"start": "yesterday"}, "validation_error"),
        ({"end": "2027-02-30"}, "validation_error"),
        ({"since": "2027-03-01"}, "validation_error"),
        ({"account_id": "5"}, "validation_error"),
    ):
        t.equal(code(ask(s, **query)), (422, want), f"refused: {query}")
    t.equal(ask(s, start="2026-03-01", end="2027-03-02")[0], 200, "366 days are taken")
    t.equal(ask(s, start="2026-07-01", end="2027-07-02", tz="Europe/Vienna")[0], 200, "366 days of a zone are taken")
    t.equal(code(ask(s, account_id=str(uuid.uuid4()))), (404, "not_found"), "an unknown account")
    narrow = {"auth": False, "headers": {"X-API-Key": s.call("POST", "/v1/api-keys", {"name": "n", "pinterest_account_ids": [second]}, auth=s.token)["api_key"]}}
    span = {"start": "2027-03-01T00:00:00Z", "end": "2027-03-21T00:00:00Z"}
    mine, own = ask(s, **span, **narrow)[2], ask(s, account_id=second, **span)[2]
    mine.pop("account_id"), own.pop("account_id")
    t.equal(mine, own, "a key for one account sees that account's figures")
    t.equal(code(ask(s, account_id=s.account_id, **narrow)), (403, "account_not_permitted"), "and is refused others")


def main():
    with Stack(worker=False) as s:
        s.sign_up()
        second = s.connect("second")
        rows = fill(s, second)
        ranges(s, rows, second)
        schedules(s)
        waiting(s, second)
        refused(s, second)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
