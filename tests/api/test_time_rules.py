#!/usr/bin/env python3
"""The rule for times (lib/rfc3339.h) at every door: run_at and not_after in JSON and CSV, since and until of
lists, --since of the operator's command. What can mean only one moment is taken; else it is said what is
wrong, and "in the future" says what time it is here."""

import os
import re
import secrets
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()
MOMENT = "2036-03-01T08:00:00Z"
SAME = [MOMENT, "2036-03-01T08:00Z", "2036-03-01T09:00+01:00", "2036-03-01 08:00:00+00:00", "2036-03-01T08:00:00+0000",
        "2036-03-01T09:00:00+01", "2036-03-01t08:00:00z", "2036-03-01T08:00:00,0Z", "2036-03-01T08:00:00.0000000001Z",
        " 2036-03-01T08:00:00Z\n", "2036-03-01T07:00:00\u221201:00", "2087971200", "2087971200000"]
WRONG = {
    "2036-03-01T09:00:00": "must have an offset", "2036-03-01 09:00": "must have an offset", "2036-03-01": "time of day",
    "2037-02-29T09:00:00Z": "day that exists", "2036-04-31T09:00:00Z": "day that exists", "2036-13-01T09:00:00Z": "month",
    "2036-03-01T24:00:00Z": "hour", "2036-03-01T08:00:60Z": "leap seconds", "2036-03-01T08:00:00+24:00": "23:59",
    "2036-03-01T08:00:00Z[Europe/Berlin]": "name of a zone", "2036-03-01 08:00:00 UTC": "name of a zone",
    "03/01/2036": "ISO 8601", "01.03.2036 09:00": "ISO 8601", "tomorrow": "ISO 8601", "20360301": "10 digits", "46082.375": "10 digits",
}
PAST = r"must be in the future: it is 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ here"


def faults(got):
    return {e["loc"][-1]: e["msg"] for e in got[2]["error"].get("errors", [])} if got[0] == 422 else {}


def json_door(s):
    for text in SAME + [2087971200, 2087971200000, 2087971200.0]:
        got = s.api("POST", "/v1/schedules", s.pin_body(run_at=text))
        t.equal((got[0], got[2].get("run_at", got[2])), (201, MOMENT), f"run_at {text!r} is taken")
    made = s.call("POST", "/v1/schedules", s.pin_body(run_at=MOMENT))["id"]
    for text, why in WRONG.items():
        got = [s.api("POST", "/v1/schedules", s.pin_body(run_at=text, not_after=text)), s.api("PATCH", "/v1/schedules/" + made, {"run_at": text})]
        said = [faults(got[0]).get("run_at", ""), faults(got[0]).get("not_after", ""), faults(got[1]).get("run_at", "")]
        t.ok(all(why in x for x in said), f"{text!r} is refused: {why}", said)
    for value in (True, {}, [MOMENT], 20360301):
        t.equal(list(faults(s.api("POST", "/v1/schedules", s.pin_body(run_at=value)))), ["run_at"], f"{value!r} is no time")
    got = faults(s.api("POST", "/v1/schedules", s.pin_body(run_at="2020-01-01T00:00:00Z", not_after="2019-01-01T00:00:00Z")))
    t.ok(re.fullmatch(PAST, got.get("run_at", "")), "a time in the past is told the time here", got)
    got = faults(s.api("POST", "/v1/pins", s.pin_body(not_after="2020-01-01 00:00Z")))
    t.ok(re.fullmatch(PAST, got.get("not_after", "")), "a deadline in the past, too", got)


def query_door(s):
    for text in SAME:
        for shape in {urllib.parse.quote(text.replace("\n", " "), safe=safe) for safe in ("", "+:")}:
            got = s.api("GET", f"/v1/schedules?since={shape}&until={shape}&limit=1")
            t.equal((got[0], got[2]), (200, []), f"?since={shape} is taken")
    for text, why in WRONG.items():
        got = faults(s.api("GET", "/v1/pins?since=" + urllib.parse.quote(text)))
        t.ok(why in got.get("since", ""), f"?since={text} is refused: {why}", got)


def csv_door(s):
    times = SAME[1:5] + list(WRONG)[:4] + ["2020-01-01T00:00Z"]
    head = "account_id,board_id,title,image_url,idempotency_key,run_at"
    rows = [f'{s.account_id},{s.board("Always works")},A,{s.image_url},{secrets.token_hex(6)},"{at}"' for at in times]
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="r.csv"\r\n\r\n' + "\n".join([head, *rows]).encode() + b"\r\n--x--\r\n"
    got = s.api("POST", "/v1/pins/imports/csv", form, headers={"Content-Type": "multipart/form-data; boundary=x"})
    where = "/v1/pins/imports/" + got[2]["id"]
    s.wait_for(lambda: s.call("GET", where)["completed_at"], 60, "the import is done")
    for at, row in zip(times, s.call("GET", where)["results"]):
        want = "created" if at in SAME else WRONG.get(at, "must be in the future: it is 20")
        t.ok(want in f"{row['status']} {row['error_message']}", f"CSV: {at}: {want}", row)


def operator_door(s):
    for text, why in list(WRONG.items())[:3]:
        got = s.operator("recover", "--since", text, check=False)
        t.ok(got.returncode == 1 and why in got.stderr, f"--since {text}: {why}", got.stderr)
    got = s.operator("recover", "--since", "2036-03-01 08:00Z", check=False)
    t.ok("future" in got.stderr or "later" in got.stderr or got.returncode == 1, "--since takes the same forms", got.stderr)
    t.ok("ISO" not in got.stderr and "offset" not in got.stderr, "and complains of the time only", got.stderr)


with Stack() as s:
    s.sign_up()
    for part in (json_door, query_door, csv_door, operator_door):
        part(s)
sys.exit(t.done())
