#!/usr/bin/env python3
"""Why did it not go out? Every reason to wait and every error code has its sentence, the same from the
API and from the operator's command; campaigns, late work and timelines. No worker runs: the rows are
made to say what a worker would have written. TAP on stdout."""

import os
import re
import sys
import urllib.parse
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
LATER = "UTC_TIMESTAMP(6) + INTERVAL 10 MINUTE"

# What makes each reason of lib/wait.h true, and what ends it again; `p` is the pin, `a` its account, `l` its lane.
HOLD = "UPDATE lanes SET hold_until = {later}, hold_code = {code} WHERE id = {lane}"
FREE = "UPDATE lanes SET hold_until = NULL, hold_code = 0, next_at = NULL, busy_until = NULL, in_flight_pin = NULL WHERE id = {lane}"
NEXT = "UPDATE lanes SET next_at = {later}, next_code = {code} WHERE id = {lane}"
ACCOUNT = "UPDATE pinterest_accounts SET {0} WHERE id = {{account}}"
APP = "UPDATE apps SET stopped_at = {stopped}, stop_code = {code}, message = 'to the operator' WHERE environment = 1 AND project_id = {project}"
HEALTHY = "health = 0, health_code = NULL, health_message = NULL, revoked_at = NULL, paused_at = NULL, access_expires_at = UTC_TIMESTAMP(6) + INTERVAL 1 DAY"
REASONS = {
    "WAIT_PACE": (NEXT, FREE),
    "WAIT_DAILY_CAP": (NEXT, FREE),
    "WAIT_COOL_DOWN": (HOLD, FREE),
    "WAIT_SPAM_BLOCK": (HOLD, FREE),
    "WAIT_UPSTREAM_DOWN": (HOLD, FREE),
    "WAIT_KEY_MISMATCH": (HOLD, FREE),
    "WAIT_ACCOUNT_PAUSED": (ACCOUNT.format("paused_at = UTC_TIMESTAMP(6)"), ACCOUNT.format(HEALTHY)),
    "WAIT_PROJECT_PAUSED": (
        "UPDATE projects SET paused_at = UTC_TIMESTAMP(6) WHERE id = {project}",
        "UPDATE projects SET paused_at = NULL WHERE id = {project}",
    ),
    "WAIT_RECONNECT": (ACCOUNT.format("health = 1, health_code = 'token_revoked', health_message = 'Refused.'"), ACCOUNT.format(HEALTHY)),
    "WAIT_SCOPE": (ACCOUNT.format("health = 1, health_code = 'scope_missing', health_message = 'Missing.'"), ACCOUNT.format(HEALTHY)),
    "WAIT_APP_STOPPED": (APP.replace("{stopped}", "UTC_TIMESTAMP(6)"), APP.replace("{stopped}", "NULL")),
    "WAIT_NOT_PINTEREST": (APP.replace("{stopped}", "UTC_TIMESTAMP(6)"), APP.replace("{stopped}", "NULL")),
    "WAIT_RETRY": (
        "UPDATE pins SET due_at = {later}, error_code = 'transient_upstream', error_message = 'Busy.' WHERE id = {pin}",
        "UPDATE pins SET due_at = UTC_TIMESTAMP(6), error_code = NULL, error_message = NULL WHERE id = {pin}",
    ),
    "WAIT_VERIFYING": (
        "UPDATE pins SET state = 3 WHERE id = {other}; UPDATE lanes SET busy_until = {later}, in_flight_pin = {other} WHERE id = {lane}",
        "UPDATE pins SET state = 1 WHERE id = {other}; " + FREE,
    ),
    "WAIT_SAME_TEXT": (
        "UPDATE pins p JOIN pins o ON o.id = {other} SET o.state = 3, o.text_hash = p.text_hash WHERE p.id = {pin}",
        "UPDATE pins SET state = 1, text_hash = UNHEX(SHA2('other', 256)) WHERE id = {other}",
    ),
    "WAIT_TOKEN": (ACCOUNT.format("access_expires_at = UTC_TIMESTAMP(6)"), ACCOUNT.format(HEALTHY)),
}
# A pin behind another of its link host is put off with this message.
LINK_HOST = "WAIT_LINK_HOST"


def source(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as f:
        return f.read()


def reasons():
    """Number and sentence of every reason, as lib/wait.h and lib/wait.c have them."""
    numbers = {n: int(v) for n, v in re.findall(r"^\t(WAIT_[A-Z_]+) =\s*(\d+),", source("lib/wait.h"), re.M)}
    texts = {
        n: "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', body))
        for n, body in re.findall(r"\[(WAIT_[A-Z_]+)\] = \{ (?:NULL|\"[a-z_]+\"),\s*SENTENCES\((.*?)\)", source("lib/wait.c"), re.S)
    }
    return {n: (numbers[n], texts[n]) for n in texts}


def hexed(i):
    return "x'" + i.replace("-", "") + "'"


def both(s, i, kind="pins"):
    """What the API answers; the command must say the same."""
    got = s.call("GET", f"/v1/{kind}/{i}/why")
    said = s.operator("why", i).stdout
    t.ok(got["sentence"] in said, f"{got['sentence'][:50]}: the command says the same", (got["sentence"], said))
    return got


def waits(s, ids):
    known = reasons()
    t.equal(set(known) - set(REASONS), {LINK_HOST}, "every waiting reason is tried here")
    for name, (begin, end) in REASONS.items():
        number, words = known[name]
        put = {**ids, "later": LATER, "code": number}
        s.sql(begin.format(**put))
        got = both(s, ids["id"])
        s.sql(end.format(**put))
        t.ok(words in got["sentence"], f"{name}: the sentence is that of the reason", (words, got["sentence"]))
        unmet = [c for c in got["conditions"] if not c["met"]]
        t.ok(unmet and all(c["message"] for c in unmet), f"{name}: a condition is not met", got["conditions"])
        t.ok(got["who"] == "nobody" or got["todo"], f"{name}: whoever acts is told what to do", got)
        t.ok("to the operator" not in str(got), f"{name}: a tenant does not read what the operator is told")
        planned = both(s, ids["schedule"], "schedules")
        t.ok("Is planned for" in planned["sentence"], f"{name}: a planned one is planned still")
    words = known[LINK_HOST][1] + "."
    quoted = words.replace("'", "''")
    s.sql(f"UPDATE pins SET due_at = {LATER}, error_code = 'rate_limited', error_message = '{quoted}' WHERE id = {ids['pin']}")
    got = both(s, ids["id"])
    t.ok(words in got["sentence"], f"{LINK_HOST}: the sentence is that of the reason", got)
    t.ok("spacing" in [c["name"] for c in got["conditions"] if not c["met"]], f"{LINK_HOST}: the spacing is not met", got)
    s.sql(f"UPDATE pins SET due_at = UTC_TIMESTAMP(6), error_code = NULL, error_message = NULL WHERE id = {ids['pin']}")
    s.sql("UPDATE shards SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE")
    got = both(s, ids["id"])
    t.ok("no worker is running" in got["sentence"] and got["who"] == "operator", "no worker: said before all else", got)
    s.sql("UPDATE shards SET lease_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR")


def errors(s, ids):
    codes = re.findall(r'^PIN_ERROR\("([a-z_]+)"', source("lib/pin_errors.def"), re.M)
    for code in codes:
        s.sql(
            f"""UPDATE pins SET state = 5, due_at = NULL, deadline_at = NULL, error_code = '{code}', failed_at = UTC_TIMESTAMP(6),
                error_message = 'What was said.' WHERE id = {ids['pin']}"""
        )
        got = both(s, ids["id"])
        good = got["status"] == "failed" and got["detail"] == "What was said." and got["todo"] and got["error_code"] == code
        t.ok(good and got["sentence"].startswith("Failed at "), f"{code}: says what failed and what to do", got)
    t.equal(got["conditions"], [], "what has ended waits for no condition")
    t.ok(len(codes) > 15, "all codes were read")


def campaigns(s, ids):
    t.equal(s.api("GET", "/v1/campaigns/none")[0], 404, "a campaign that nothing bears is unknown")
    name = "Spring / 50% off?"
    at = lambda seconds: (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()  # noqa: E731
    made = [s.call("POST", "/v1/schedules", s.pin_body(title=f"C{i}", campaign=name, run_at=at(3600 + i), idempotency_key=f"c{i}"))["id"] for i in range(3)]
    pin = s.call("POST", "/v1/pins", s.pin_body(title="C pin", campaign=name))["id"]
    s.call("POST", "/v1/pins", s.pin_body(title="Other", campaign="Autumn"))
    s.call("POST", f"/v1/schedules/{made[0]}/cancel")
    got = s.call("GET", "/v1/campaigns/" + urllib.parse.quote(name, safe=""))
    t.equal((got["name"], got["total"]), (name, 4), "a campaign counts schedules and pins")
    count = {k: v for k, v in got["by_status"].items() if v}
    t.equal(count, {"scheduled": 2, "canceled": 1, "queued": 1}, "by status")
    t.ok(got["first_run_at"] < got["last_run_at"], "from the first time to the last", got)
    t.equal(got["lateness"]["late"], 0, "nothing is late")
    s.sql(f"UPDATE schedules SET run_at = run_at - INTERVAL 2 HOUR WHERE id = {hexed(made[1])}")
    s.sql(
        f"""UPDATE pins SET state = 5, due_at = NULL, deadline_at = NULL, error_code = 'invalid_image', run_at = run_at - INTERVAL 1 HOUR,
            created_at = created_at - INTERVAL 1 HOUR,
            failed_at = UTC_TIMESTAMP(6) WHERE id = {hexed(pin)}"""
    )
    got = s.call("GET", "/v1/campaigns/" + urllib.parse.quote(name, safe=""))
    t.equal(got["lateness"]["late"], 2, "what has not gone in time is late, failed or not")
    t.equal(
        [(r["status"], r["error_code"], r["who"], r["count"]) for r in got["reasons"]],
        [("failed", "invalid_image", "sender", 1)], "with the reasons",
    )
    status, head, first = s.api("GET", "/v1/campaigns?limit=1")
    t.equal((status, [c["name"] for c in first]), (200, ["Autumn"]), "campaigns by name")
    t.ok('rel="next"' in head["Link"], "and a link to the next page", head["Link"])
    link = re.search(r"<(\?[^>]*)>", head["Link"]).group(1)
    status, head, rest = s.api("GET", "/v1/campaigns" + link)
    t.equal(([c["name"] for c in rest], rest[0]["total"], head["Link"]), ([name], 4, None), "which is the last")
    listed = lambda kind, more: [r["id"] for r in s.call("GET", f"/v1/{kind}?campaign={urllib.parse.quote(name)}&{more}")]  # noqa: E731
    t.equal(listed("schedules", "late_by=60"), [made[1]], "?late_by lists what had its time and has not gone")
    t.equal((listed("schedules", "late_by=7000"), listed("pins", "late_by=60"), listed("pins", "late_by=3700")), ([], [pin], []), "by so many seconds")
    s.sql(f"UPDATE schedules SET state = 6 WHERE id = {hexed(made[1])}")
    t.equal(listed("schedules", "late_by=60"), [], "what was canceled is not late")
    s.sql(f"UPDATE schedules SET state = 0 WHERE id = {hexed(made[1])}")
    for bad in ("-1", "x", "31622401"):
        t.equal(s.api("GET", "/v1/pins?late_by=" + bad)[0], 422, f"?late_by={bad} is refused")
    said = s.operator("late", "--since", "8h").stdout
    t.ok(made[1] in said and pin in said and made[2] not in said, "`pintempo late` lists both and no other", said)
    for i, kind in ((made[1], "schedules"), (pin, "pins")):
        t.ok(s.call("GET", f"/v1/{kind}/{i}/why")["sentence"] in said, f"{kind}: with the sentence of why", said)
    t.ok("nothing was late" in s.operator("late", "--since", "10min", "--by", "3600").stdout, "or says that nothing was")
    bad = s.operator("late", "--since", "soon", check=False)
    t.ok(bad.returncode == 1 and "such as" in bad.stderr, "a span that is none is refused", bad)


def external(s):
    """By the id of the client's own system: the newest."""
    name = "order/17 ä"
    path = urllib.parse.quote(name, safe="")
    t.equal(s.api("GET", "/v1/pins/by-external-id/" + path)[0], 404, "an external id that nothing has is unknown")
    pins = [s.call("POST", "/v1/pins", s.pin_body(title=f"E{i}", external_id=name))["id"] for i in range(2)]
    t.equal(s.call("GET", "/v1/pins/by-external-id/" + path)["id"], pins[1], "the newest pin with an external id")
    at = (datetime.now(timezone.utc) + timedelta(days=2)).isoformat()
    made = s.call("POST", "/v1/schedules", s.pin_body(title="E", external_id=name, run_at=at, idempotency_key="e"))
    t.equal(s.call("GET", "/v1/schedules/by-external-id/" + path), s.call("GET", "/v1/schedules/" + made["id"]), "and the schedule")
    t.equal(s.api("GET", "/v1/pins/by-external-id/attempts")[0], 404, "an external id may be a word of a path")


def deleted(s):
    """A schedule that is done, whose pin was deleted here."""
    at = (datetime.now(timezone.utc) + timedelta(days=3)).isoformat()
    i = s.call("POST", "/v1/schedules", s.pin_body(title="Gone", run_at=at, idempotency_key="gone"))["id"]
    pin = s.call("POST", "/v1/pins", s.pin_body(title="Gone pin"))["id"]
    s.sql(f"UPDATE pins SET state = 4, due_at = NULL, deadline_at = NULL, published_at = UTC_TIMESTAMP(6), pinterest_pin_id = '4711', schedule_id = {hexed(i)} WHERE id = {hexed(pin)}")
    s.sql(f"UPDATE schedules SET state = 4, due_at = NULL, pin_id = {hexed(pin)} WHERE id = {hexed(i)}")
    t.ok("Was published at" in both(s, i, "schedules")["sentence"], "a schedule that is done was published")
    t.equal(s.api("DELETE", "/v1/pins/" + pin)[0], 204, "its pin is deleted here")
    t.ok("Was published" in both(s, i, "schedules")["sentence"], "and the schedule is still explained")
    s.sql(f"DELETE FROM pins WHERE id = {hexed(pin)}")
    t.ok("Was published" in both(s, i, "schedules")["sentence"], "also when the pin's row is gone")
    t.equal(s.api("GET", f"/v1/schedules/{i}/timeline")[0], 200, "and has its timeline")


def main():
    with Stack(worker=False) as s:
        s.sign_up()
        s.sql("UPDATE shards SET lease_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR")
        at = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat()
        schedule = s.call("POST", "/v1/schedules", s.pin_body(title="Planned", run_at=at, idempotency_key="planned"))["id"]
        pin, other = (s.call("POST", "/v1/pins", s.pin_body(title=x))["id"] for x in ("One", "Twin"))
        row = s.sql(f"SELECT HEX(lane_id), HEX(project_id) FROM pins WHERE id = {hexed(pin)}")[0]
        ids = {
            "id": pin, "pin": hexed(pin), "other": hexed(other), "account": hexed(s.account_id),
            "lane": f"x'{row[0]}'", "project": f"x'{row[1]}'", "schedule": schedule,
        }
        s.sql(f"INSERT INTO apps (environment, project_id) VALUES (1, {ids['project']})")
        t.ok("Waits for its turn" in both(s, pin)["sentence"], "nothing holds it: its turn comes")
        waits(s, ids)
        errors(s, ids)
        campaigns(s, ids)
        external(s)
        deleted(s)
        for path in ("pins/{}/why", "pins/{}/attempts", "pins/{}/timeline", "schedules/{}/why", "schedules/{}/timeline"):
            for i in ("00000000-0000-7000-8000-000000000000", "x"):
                t.equal(s.api("GET", "/v1/" + path.format(i))[0], 404, f"{path}: unknown is 404")
        got = s.call("GET", f"/v1/schedules/{schedule}/timeline")
        t.equal([(i["kind"], i["name"]) for i in got["items"]], [("activity", "schedule.created")], "the timeline of what is planned")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
