#!/usr/bin/env python3
"""Reset of a sandbox: it answers at once, nobody finds what was there before, and the worker deletes that
behind it, bit by bit."""

import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()


def hexed(uuid_text):
    return "x'" + uuid_text.replace("-", "") + "'"


def reset(s):
    """A reset answers at once; nobody finds what was there, even while a pin is being sent; what stays, stays."""
    pin = s.call("POST", "/v1/pins", s.pin_body())["id"]
    s.call("POST", "/v1/schedules", s.pin_body(run_at="2040-01-01T00:00:00Z"))
    rows = [{**s.pin_body(), "run_at": "2040-01-01T00:00:00Z"}]
    job = s.call("POST", "/v1/pins/imports/json", rows)["id"]
    s.sql(f"UPDATE pins SET state = 2 WHERE id = {hexed(pin)}")
    s.call("POST", f"/v1/projects/{s.project_id}/pause", auth=s.token)
    hook = s.call("POST", "/v1/webhooks", {"url": s.sink.url + "/hook", "secret": "sixteen-or-more-characters"})["id"]
    same = s.pin_body(idempotency_key="before and after the reset")
    before = s.call("POST", "/v1/pins", same)["id"]
    more = re.search(r"<([^>]*)>; rel=.next", s.api("GET", "/v1/pins?limit=1")[1]["Link"])[1]
    got = s.api("POST", "/v1/projects/sandbox/reset", auth=s.token)
    t.equal((got[0], got[2]["active_project"]["id"]), (200, s.project_id), "a reset answers with the same project")
    t.equal(got[2]["active_project"]["paused_at"], None, "and ends a pause")
    lists = ("/v1/pins", "/v1/schedules", "/v1/pins/imports", "/v1/pins?status=publishing", "/v1/pins?q=a", "/v1/schedules?sort=title_asc")
    t.equal([s.call("GET", path) for path in lists], [[]] * len(lists), "no list finds anything")
    t.equal(s.api("GET", "/v1/pins" + more)[0], 422, "nor does a cursor")
    paths = (f"/v1/pins/{pin}", f"/v1/jobs/{pin}", f"/v1/pins/imports/{job}", f"/v1/pins/{before}")
    t.equal([s.api("GET", p)[0] for p in paths], [404] * len(paths), "and no id")
    asked = [s.api(m, f"/v1/pins/{before}", b)[0] for m, b in (("PATCH", {"title": "x"}), ("DELETE", None))]
    t.equal(asked, [404, 404], "nothing of it can be changed")
    again = s.call("POST", "/v1/pins", same)
    t.ok(again["id"] != before and again["workspace_id"] == s.project_id, "an idempotency key of before makes a new pin, in the same workspace", again)
    t.equal([h["id"] for h in s.call("GET", "/v1/webhooks")], [hook], "webhooks stay")
    t.equal(len(s.call("GET", "/v1/pinterest/accounts")), 1, "account and key survive the reset")
    t.equal(s.call("GET", "/v1/auth/me", auth=s.token)["active_project"]["id"], s.project_id, "the session, too")
    switched = s.api("POST", "/v1/projects/switch", {"project_id": s.project_id}, auth=s.token)
    t.equal(switched[0], 200, "the project has the same id for a switch")
    listed = s.operator("project", "list").stdout
    t.equal(listed.count(s.project_id), 1, "and for the operator")
    got = [s.api("POST", "/v1/projects/sandbox/reset", auth=s.token)[0] for _ in range(12)]
    t.equal(got, [200] * 12, "a reset may be repeated, more often than there are threads: it keeps no place of theirs")
    used = {u["name"]: u["used"] for u in s.call("GET", "/v1/limits")["limits"] if "in_hand" in u["name"]}
    t.equal(max(used.values()), 1, "nor of its project")
    left = "SELECT COUNT(*) FROM {0} x JOIN projects p ON p.id = x.project_id WHERE p.reset_at IS NOT NULL"
    s.start("worker")
    for table in ("schedules", "imports", "events", "deliveries", "activity_logs", "idempotency_keys"):
        s.wait_for(lambda: s.sql(left.format(table)) == [["0"]], 60, f"the worker has deleted {table}")  # noqa: B023
    s.wait_for(lambda: s.sql(left.format("pins")) == [["1"]], 60, "the worker has deleted pins, but for the one being sent")
    s.sql(f"UPDATE pins SET state = 4 WHERE id = {hexed(pin)}; UPDATE projects SET sweep_at = NOW(6), reset_at = NOW(6) - INTERVAL 16 MINUTE WHERE reset_at IS NOT NULL")
    s.wait_for(lambda: s.sql("SELECT COUNT(*) FROM projects WHERE reset_at IS NOT NULL") == [["0"]], 60, "nothing is left of all resets")
    t.ok(s.sql(f"SELECT COUNT(*) FROM pins WHERE id = {hexed(pin)}") == [["0"]], "the pin that was being sent goes once it has ended")
    s.stop("worker")
    mine = f"x'{s.project_id.replace('-', '')[:26]}'"
    s.sql(f"""INSERT INTO projects (id, organization_id, name, environment, reset_at, created_at)
        SELECT CONCAT({mine}, x'80', CHAR(seq DIV 256 USING binary), CHAR(seq % 256 USING binary)), '', 'left', 1, NOW(6), NOW(6) FROM seq_1_to_299""")
    t.equal(s.api("POST", "/v1/projects/sandbox/reset", auth=s.token)[0], 200, "the 300th reset within a quarter of an hour is done")
    got = s.api("POST", "/v1/projects/sandbox/reset", auth=s.token)
    t.equal((got[0], got[1]["Retry-After"]), (429, "60"), "the next is refused for now")
    s.sql("DELETE FROM projects WHERE name = 'left'")


def under_way(s):
    """What is sent while the sandbox is reset ends as usual; nobody hears of it, and the next pin goes out."""
    hook = s.sink.events
    first = s.call("POST", "/v1/pins", s.pin_body("Slow", title="Sent during the reset"))["id"]
    s.wait_for(lambda: s.call("GET", "/v1/pins/" + first)["status"] == "publishing", 60, "the pin is being sent")
    waiting = [s.call("POST", "/v1/pins", s.pin_body(title=f"Waits {n}"))["id"] for n in range(3)]
    begin = time.monotonic()
    t.equal(s.api("POST", "/v1/projects/sandbox/reset", auth=s.token)[0], 200, "a reset is not refused while a pin is being sent")
    print(f"# reset while sending: {(time.monotonic() - begin) * 1000:.0f} ms")
    after = s.call("POST", "/v1/pins", s.pin_body(title="Sent after the reset"))["id"]
    s.wait_for(lambda: s.call("GET", "/v1/pins/" + after)["status"] == "published", 60, "a pin of after the reset is published")
    s.wait_for(lambda: s.sql(f"SELECT COUNT(*) FROM pins WHERE id IN ({', '.join(map(hexed, [first, *waiting]))})") == [["0"]], 60, "the others are deleted")
    sent = s.sql("SELECT body FROM sandbox_creates", s.database + "_sandbox")
    t.ok("Sent during" in str(sent) and "Waits" not in str(sent), "what waited is never sent", sent)
    s.wait_for(lambda: [e for e in hook() if after in str(e)], 60, "the webhook tells of the new pin")
    t.ok(not [e for e in hook() if first in str(e)], "and not of the one of before", hook())
    t.equal(s.sql("SELECT COUNT(*) FROM lanes WHERE in_flight_pin IS NOT NULL"), [["0"]], "no lane is held by a pin of before")


with Stack(worker=False, overrides={"webhooks": {"allow_http": "true"}}) as s:
    s.sign_up()
    reset(s)
    s.start("worker")
    under_way(s)
sys.exit(t.done())
