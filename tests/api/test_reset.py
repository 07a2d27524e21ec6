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


def left_behind(s):
    """What remained under an earlier id: the state of its app, an account connected twice. And one that cannot be
    deleted does not keep the others."""
    live = s.sql(f"SELECT HEX(id) FROM projects WHERE LEFT(id, 13) = LEFT({hexed(s.project_id)}, 13) AND reset_at IS NULL")[0][0]
    stuck, later = live[:26] + "F00001", live[:26] + "F00002"
    s.sql(f"UPDATE apps SET stopped_at = NULL, stop_code = 0 WHERE environment = 1; DELETE FROM apps WHERE project_id = x'{live}'")
    for n, left in enumerate((stuck, later)):
        s.sql(f"""INSERT INTO projects (id, organization_id, name, environment, reset_at, created_at)
              VALUES (x'{left}', '', 'left', 1, NOW(6) - INTERVAL 1 HOUR, NOW(6));
            INSERT INTO apps (environment, project_id, stopped_at, stop_code, hold_until)
              VALUES (1, x'{left}', NOW(6), 9, NOW(6) + INTERVAL 1 DAY);
            INSERT INTO idempotency_keys (project_id, kind, idem_key, body_hash, created_at)
              VALUES (x'{left}', 2, 'left', REPEAT('x', 32), NOW(6))""")
    told = lambda: s.call("GET", "/readyz")["checks"]["pinterest"]["sandbox"]  # noqa: E731
    t.equal(told(), "ok", "a stop of before is not the sandbox's of today")
    s.sql(f"UPDATE apps SET stopped_at = NULL WHERE project_id IN (x'{stuck}', x'{later}'); INSERT INTO apps (environment, project_id, stopped_at, stop_code) VALUES (1, x'{live}', NOW(6), 9)")
    t.ok(told() != "ok", "and what is left does not hide that all of today's are stopped", told())
    s.sql(f"DELETE FROM apps WHERE project_id = x'{live}'")
    s.sql(f"""CREATE TABLE twin AS SELECT * FROM pinterest_accounts WHERE project_id = x'{live}' LIMIT 1;
        UPDATE twin SET id = x'{later}', project_id = x'{later}';
        INSERT INTO pinterest_accounts SELECT * FROM twin; DROP TABLE twin;
        CREATE TRIGGER stuck BEFORE DELETE ON idempotency_keys FOR EACH ROW
          SET @refused = IF(OLD.project_id = x'{stuck}', (SELECT 1 UNION SELECT 2), 0);
        UPDATE projects SET sweep_at = IF(id = x'{stuck}', NOW(6) - INTERVAL 1 MINUTE, NOW(6)) WHERE name = 'left'""")
    s.wait_for(lambda: s.sql(f"SELECT COUNT(*) FROM projects WHERE id = x'{later}'") == [["0"]], 60, "one that cannot be deleted lets others go first")
    t.equal(s.sql(f"SELECT COUNT(*) FROM projects WHERE id = x'{stuck}'"), [["1"]], "one that cannot be deleted stays")
    t.equal(s.sql(f"SELECT (SELECT COUNT(*) FROM apps WHERE project_id = x'{later}'), (SELECT COUNT(*) FROM pinterest_accounts WHERE project_id = x'{later}')"), [["0", "0"]], "the state of its app and an account connected twice go with the other")
    s.sql("DROP TRIGGER stuck; UPDATE projects SET sweep_at = NOW(6) WHERE name = 'left'")
    s.wait_for(lambda: s.sql("SELECT COUNT(*) FROM projects WHERE name = 'left'") == [["0"]], 60, "and is deleted once it can be")
    t.equal(s.sql("SELECT HEX(project_id), stopped_at, hold_until FROM apps WHERE environment = 1"), [["0" * 32, None, None]], "no state of an app is left, but the row where foreign answers are noted")
    t.equal(len(s.call("GET", "/v1/pinterest/accounts")), 1, "the sandbox has its account")


with Stack(worker=False, overrides={"webhooks": {"allow_http": "true"}}) as s:
    s.sign_up()
    reset(s)
    s.start("worker")
    under_way(s)
    left_behind(s)
sys.exit(t.done())
