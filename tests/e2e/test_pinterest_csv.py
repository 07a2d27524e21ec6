#!/usr/bin/env python3
"""Pinterest's own bulk-upload CSV, in and out. TAP on stdout."""

import csv
import io
import os
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()
LONG = 30
COLUMNS = ["Title", "Media URL", "Pinterest board", "Thumbnail", "Description", "Link", "Publish date", "Keywords"]
ZONE = "America/New_York"
EXPORT = "/v1/schedules/export"


def local(**more):
    return (datetime.now(ZoneInfo(ZONE)) + timedelta(**more)).strftime("%Y-%m-%dT%H:%M:%S")


def a_file(s, rows):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for title, more in rows:
        row = {"Title": title, "Media URL": s.pin_body()["image_url"], "Pinterest board": "Always works", **more}
        writer.writerow([row.get(c, "") for c in COLUMNS])
    return out.getvalue().encode()


def post(s, data, **fields):
    edge = "edge7d1"
    body = b""
    for name, value in fields.items():
        body += f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    body += f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="pins.csv"\r\n\r\n'.encode()
    body += data + f"\r\n--{edge}--\r\n".encode()
    return s.api("POST", "/v1/pins/imports/csv", body, headers={"Content-Type": f"multipart/form-data; boundary={edge}"})


def imports(s):
    rows = [
        ("Scheduled", {"Publish date": local(days=3), "Keywords": "reading nook,cozy home", "Description": "Warm, soft"}),
        ("Lost board", {"Pinterest board": "Always wroks", "Publish date": local(days=3)}),
        ("Past", {"Publish date": local(days=-3)}),
        ("Now", {}),
        ("Long name", {"Pinterest board": "a" + "ä" * 700}),
    ]
    fields = {"dialect": "pinterest", "timezone": ZONE, "account_id": s.account_id}
    status, _, job = post(s, a_file(s, rows), **fields)
    t.equal(status, 202, "Pinterest's file is taken")
    path = f"/v1/pins/imports/{job['id']}"
    s.wait_for(lambda: s.call("GET", path)["status"].startswith("completed"), LONG, "the import ends")
    results = s.call("GET", path)["results"]
    t.equal([r["status"] for r in results], ["created", "failed", "failed", "created", "failed"], "good rows are created, others fail alone")
    t.ok('"Always works"' in results[1]["error_message"], "an unknown board: the nearest names", results[1]["error_message"])
    t.ok("the nearest:" in results[4]["error_message"], "also of a very long name", results[4]["error_message"])
    made = s.call("GET", f"/v1/schedules/{results[0]['schedule_id']}")
    at = datetime.fromisoformat(made["run_at"].replace("Z", "+00:00")).astimezone(ZoneInfo(ZONE))
    t.equal(at.strftime("%Y-%m-%dT%H:%M:%S"), rows[0][1]["Publish date"], "its time is that of the zone")
    t.equal(made["payload"]["related_terms"], ["reading nook", "cozy home"], "keywords are kept as terms")
    s.wait_for(lambda: s.call("GET", f"/v1/pins/{results[3]['pin_id']}")["status"] == "published", LONG, "a row without a date is published")
    _, _, again = post(s, a_file(s, rows), **fields)
    path = f"/v1/pins/imports/{again['id']}"
    s.wait_for(lambda: s.call("GET", path)["status"].startswith("completed"), LONG, "the same file again")
    t.equal(s.call("GET", path)["results"][0]["status"], "existing", "creates nothing twice")


def refusals(s):
    good = {"dialect": "pinterest", "timezone": ZONE, "account_id": s.account_id}
    data = a_file(s, [("A", {"Publish date": local(days=3)})])
    got = post(s, data)
    t.equal(got[0], 422, "without a dialect the file is refused")
    t.ok("dialect=pinterest" in str(got[2]), "and told how to send it")
    for name, value, says in [
        ("timezone", "", "required"),
        ("timezone", "Europe/Wien", "not the name of a time zone"),
        ("timezone", "../../etc/passwd", "not the name of a time zone"),
        ("account_id", "", "required"),
        ("account_id", "x", "UUID"),
        ("dialect", "tailwind", "pintempo or pinterest"),
        ("idempotency_key", "k" * 251, "250 characters"),
    ]:
        status, _, body = post(s, data, **{**good, name: value})
        t.ok(status == 422 and says in str(body), f"{name}={value[:20]!r} is refused: {says}", body)
    with_offset = a_file(s, [("Offset", {"Publish date": "2030-03-10T14:30:00+01:00"}), ("Now", {"Publish date": ""})])
    t.equal(post(s, with_offset, dialect="pinterest", account_id=s.account_id)[0], 202, "dates with an offset, or none, need no zone")
    status, _, _ = post(s, data, **{**good, "account_id": "01a20755-0000-7000-8000-000000000001"})
    t.equal(status, 404, "another account is not found")


def exports(s):
    for n in range(101):
        s.call("POST", "/v1/schedules", s.pin_body(title=f"Out {n:03}", run_at=(datetime.now(timezone.utc) + timedelta(days=2, minutes=n)).isoformat(), campaign="out", related_terms=["a", "b c"]))
    for title, more in [("Out 000", {"days": 5}), ("Far", {"days": 20})]:
        s.call("POST", "/v1/schedules", s.pin_body(title=title, run_at=(datetime.now(timezone.utc) + timedelta(**more)).isoformat(), campaign="out"))
    query = f"{EXPORT}?account_id={s.account_id}&timezone={ZONE}&campaign=out"
    plan = s.call("GET", query)
    t.equal([p["rows"] for p in plan["parts"]], [100, 2], "files of at most 100 rows, a title once in each")
    t.equal([(o["title"], "14 days" in o["reason"]) for o in plan["left_out"]], [("Far", True)], "what no file can hold is named")
    status, headers, body = s.api("GET", query + "&part=1")
    t.equal(status, 200, "a part is a file")
    t.ok(headers["Content-Type"].startswith("text/csv") and "pinterest-1-of-2.csv" in headers["Content-Disposition"], "CSV with a name")
    rows = list(csv.DictReader(io.StringIO(body.decode(), newline="")))
    t.equal((len(rows), list(rows[0])), (100, COLUMNS), "with Pinterest's columns")
    first = s.call("GET", "/v1/schedules?campaign=out&sort=run_at_asc&limit=1")[0]
    at = datetime.fromisoformat(first["run_at"].replace("Z", "+00:00")).astimezone(ZoneInfo(ZONE))
    t.equal(rows[0]["Publish date"], at.strftime("%Y-%m-%dT%H:%M:%S"), "times are the zone's, without an offset")
    t.equal((rows[0]["Keywords"], "Always works" in rows[0]["Pinterest board"]), ("a,b c", True), "terms and the board's name")
    t.equal(s.api("GET", query + "&part=3")[0], 404, "there is no third part")
    for wrong in ["", f"?account_id={s.account_id}", f"?account_id={s.account_id}&timezone=Mars", f"?account_id={s.account_id}&timezone=UTC&part=0"]:
        t.equal(s.api("GET", EXPORT + wrong)[0], 422, f"export{wrong[:60]} is refused")
    fields = {"dialect": "pinterest", "timezone": ZONE, "account_id": s.account_id}
    _, _, job = post(s, body, **fields)
    path = f"/v1/pins/imports/{job['id']}"
    s.wait_for(lambda: s.call("GET", path)["status"] == "completed", LONG, "what is exported can be imported")
    t.equal(s.call("GET", path)["created_rows"], 100, "all of it")


def main():
    with Stack() as s:
        s.sign_up()
        imports(s)
        refusals(s)
        exports(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
