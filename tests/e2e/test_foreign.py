#!/usr/bin/env python3
"""Something other than Pinterest answers in Pinterest's place: a proxy, a firewall's page, a captive portal,
a wrong base_url. Nothing fails, no account is lost, no board is gone; the environment is held and the operator
is told what answered; everything is published once when the way is free, at once after `pintempo resume app`
or a reload; what an operator's fault did fail is put back with `pintempo retry`."""

import os
import re
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import checker  # noqa: E402
from harness import Stack, Tap  # noqa: E402

t = Tap()
OVERRIDES = {
    "worker": {"poll_ms": 50},
    "sandbox": {
        "create_timeout_ms": 2000,
        "verify_after_ms": 300,
        "verify_gap_ms": 200,
        "burst": 50,
        "interval_ms": 100,
    },
}
PROXY = "Access denied"
WAYS = {
    "a firewall's page": {"kind": "foreign"},
    "404 of another server": {"kind": "foreign", "status": 404, "type": "application/json", "body": '{"error": "not found"}'},
    "404 of a gRPC gateway": {
        "kind": "foreign",
        "status": 404,
        "type": "application/json",
        "body": '{"code": 5, "message": "Not Found", "details": []}',
    },
    "400 page": {"kind": "foreign", "status": 400},
    "401 without a body": {"kind": "foreign", "status": 401, "body": ""},
    "captive portal": {"kind": "foreign", "status": 302, "location": "http://portal.example/login?secret=1", "body": ""},
    "page with 200": {"kind": "foreign", "status": 200},
    "502 page": {"kind": "foreign", "status": 502},
    "429 page": {"kind": "foreign", "status": 429},
    "403 page after the pin was made": {"kind": "foreign_after", "status": 403},
    "page with 200 after the pin was made": {"kind": "foreign_after", "status": 200},
}


def arm(s, fault, prefix="/v5/", times=100000, **match):
    s.admin("arm", {"match": {"path_prefix": prefix} | match, "times": times, "fault": fault})


def app(s):
    """(is stopped, creates answered so) of the sandbox's app."""
    row = s.sql("SELECT stopped_at IS NOT NULL, answers FROM apps WHERE environment = 1")[0]
    return row[0] == "1", int(row[1])


def stopped(s):
    s.wait_for(lambda: app(s)[0], 20, "the app is stopped")


def pins(s, title):
    return s.call("GET", f"/v1/pins?campaign={title}&limit=100")


def make(s, name, n=3, **more):
    for k in range(n):
        s.call("POST", "/v1/pins", s.pin_body(title=f"{name} {k}", campaign=name, **more))


def published(s, name, n, seconds=30):
    done = lambda: [p["status"] for p in pins(s, name)] == ["published"] * n  # noqa: E731
    try:
        s.wait_for(done, seconds, name)
    except AssertionError:
        pass
    t.ok(done(), f"{name}: all are published", [(p["status"], p["error_code"], p["error_message"]) for p in pins(s, name)])


def resume(s, good=True):
    done = s.operator("resume", "app", "sandbox", check=False)
    t.ok((done.returncode == 0) == good, f"`pintempo resume app` {'succeeds' if good else 'says that it is still so'}", done)
    return done.stdout + done.stderr


def every_way(s):
    for n, (name, fault) in enumerate(WAYS.items()):
        campaign = f"way{n}"
        arm(s, fault)
        make(s, campaign)
        stopped(s)
        wait = lambda: [p for p in pins(s, campaign) if p["status"] == "deferred"]  # noqa: B023, E731
        found = s.wait_for(lambda: len(wait()) >= 2 and wait(), 10, "the others wait")
        t.ok(
            all(p["waiting"]["code"] == "pinterest_unavailable" for p in found)
            and "other than Pinterest" in found[0]["error_message"],
            f"{name}: the others wait and say why",
            found[0],
        )
        t.ok(not [p for p in pins(s, campaign) if p["status"] == "failed"], f"{name}: nothing failed")
        ready = s.call("GET", "/readyz", auth=False)["checks"]["pinterest"]
        t.equal(ready, {"sandbox": "pinterest_unavailable"}, f"{name}: readyz shows that nothing is published")
        status = s.operator("status", check=False).stdout
        words = re.escape(str(fault.get("status", 403)))
        t.ok(re.search(f"STOPPED +sandbox(.*\n)*.*answered a create with {words}", status), f"{name}: status tells it", status)
        s.admin("disarm", {})
        resume(s)
        published(s, campaign, 3)
    t.equal(s.sql("SELECT COUNT(*) FROM pinterest_accounts WHERE health <> 0"), [["0"]], "no account has to be connected again")
    t.equal(s.sql("SELECT COUNT(*) FROM pins WHERE state = 5"), [["0"]], "no pin failed")
    lines = [line for line in s.log("worker").splitlines() if "event=app_stopped" in line]
    t.equal(len(lines), len(WAYS), "the log has one line for each stop")


def told(s):
    """What the operator sees is plain text."""
    arm(s, {"kind": "foreign", "status": 403, "type": "text/html", "body": "<b>\x1b[31mDenied</b> \u202eby \"x\"\u0007"})
    make(s, "told")
    stopped(s)
    status = s.operator("status", check=False).stdout
    t.ok("403, text/html: '[31mDenied ?by 'x''" in status and "\x1b" not in status, "status shows the first words, clean", status)
    before = app(s)[1]
    s.wait_for(lambda: app(s)[1] > before, 20, "a probe is sent by itself")
    t.ok(app(s)[0], "a probe finds that it is still so")
    text = resume(s, good=False)
    t.ok("still stopped" in text and "Denied" in text, "and what answered", text)
    s.admin("disarm", {})
    published(s, "told", 3, 60)
    t.ok(not app(s)[0], "it resumes by itself")


def doors(s):
    """Every other call: boards, a new board, connecting, look-ups, tokens."""
    s.sql("DELETE FROM boards")
    account = s.account_id
    arm(s, {"kind": "foreign", "status": 404})
    answers = {
        "boards": s.api("GET", f"/v1/pinterest/boards?account_id={account}"),
        "a new board": s.api("POST", "/v1/pinterest/boards", {"account_id": account, "name": "New"}),
    }
    for name, (status, _, body) in answers.items():
        t.equal((status, body["code"]), (502, "pinterest_unavailable"), f"{name}: it was not Pinterest that answered")
        t.ok("other than Pinterest" in body["detail"] or "other than Pinterest" in body.get("message", ""), f"{name}: says so", body)
    board = s.board("Always works")
    access = s.call("GET", f"/v1/pinterest/boards/{board}/access?account_id={account}&fresh=true")
    t.equal((access["status"], access["code"]), ("skipped", "pinterest_unavailable"), "a board is not gone because a proxy says 404")
    status = s.operator("status", check=False).stdout
    t.ok("NOT PINTEREST" in status and "/boards" in status, "status tells of calls that something else answered", status)
    s.admin("disarm", {})
    for body in ("{}", '{"ok": true}', '{"id": "1", "name": "Another"}', '{"items": [], "bookmark": 7}'):
        s.sql("DELETE FROM boards; UPDATE apps SET foreign_at = NULL, foreign_message = NULL")
        arm(s, {"kind": "foreign", "status": 200, "type": "application/json", "body": body}, "/v5/boards/")
        access = s.call("GET", f"/v1/pinterest/boards/{board}/access?account_id={account}&fresh=true")
        t.ok(
            (access["status"], access["code"]) == ("skipped", "pinterest_unavailable") and "other than Pinterest" in access["message"],
            f"200 with {body} says nothing about the board",
            access,
        )
        t.equal(s.sql("SELECT COUNT(*) FROM boards"), [["0"]], "and no board is learnt from it")
        t.ok("answered with 200" in s.sql("SELECT foreign_message FROM apps WHERE environment = 1")[0][0], "the operator is told")
        s.admin("disarm", {})
    arm(s, {"kind": "foreign", "status": 200, "type": "application/json", "body": "{}"}, "/v5/boards")
    for name, (status, _, body) in {
        "boards": s.api("GET", f"/v1/pinterest/boards?account_id={account}"),
        "a new board": s.api("POST", "/v1/pinterest/boards", {"account_id": account, "name": "New"}),
    }.items():
        t.ok(status == 502 and "other than Pinterest" in body["message"], f"{name}: 200 with an empty object is not Pinterest", body)
    s.admin("disarm", {})
    for path in ("/v5/oauth/token", "/v5/user_account"):
        try:
            s.connect("newcomer", before_back=lambda: arm(s, {"kind": "foreign", "status": 400}, path))  # noqa: B023
            why = "connected"
        except AssertionError as e:
            why = str(e)
        t.ok("502" in why and "pinterest_unavailable" in why, f"connecting, {path}: it was not Pinterest that answered", why)
        s.admin("disarm", {})
    arm(s, {"kind": "foreign", "status": 401, "type": "application/json", "body": '{"code": 283, "error": "x"}'}, "/v5/oauth/token")
    s.admin("expire", {"user": s.admin("users")["items"][0]["id"], "kind": "access"})
    s.sql("UPDATE pinterest_accounts SET access_expires_at = UTC_TIMESTAMP(6), refresh_at = UTC_TIMESTAMP(6)")
    s.wait_for(lambda: "answered a renewal of tokens with 401" in s.log("worker"), 20, "the renewal is refused by a proxy")
    t.equal(
        s.sql("SELECT COUNT(*) FROM pinterest_accounts WHERE health <> 0"), [["0"]], "a proxy's 401 revokes nobody's tokens"
    )
    s.admin("disarm", {})
    resume(s)
    make(s, "renewed", 1)
    published(s, "renewed", 1)
    arm(s, {"kind": "foreign", "status": 404}, "/v5/boards/", method="GET")
    make(s, "sought", 1, board_id=s.board("Answer lost after"))
    noted = lambda: s.sql("SELECT foreign_message FROM apps WHERE environment = 1")[0][0]  # noqa: E731
    s.wait_for(lambda: "answered a listing with 404" in noted(), 20, "a listing meets the proxy")
    s.admin("disarm", {})
    published(s, "sought", 1)


def header_missing(s):
    """Pinterest's own words count without its request id."""
    arm(s, {"kind": "no_rid"}, "/v5/pins", times=1)
    make(s, "unmarked", 1)
    published(s, "unmarked", 1)
    fault = {"kind": "foreign", "status": 404, "type": "application/json", "body": '{"code": 40, "message": "Board not found."}'}
    arm(s, fault, "/v5/pins", times=1)
    make(s, "gone", 1)
    got = s.wait_for(lambda: [p for p in pins(s, "gone") if p["status"] == "failed"], 20, "a board that is gone")[0]
    t.equal(got["error_code"], "resource_not_found", "a board is gone when Pinterest's code says so")
    t.ok(not app(s)[0], "and nobody else is held")


def wrong_address(s):
    """`/v5` is forgotten; the worker is reloaded with the right address."""
    right = s.settings["sandbox"]["base_url"]
    configure(s, right.replace("/v5", ""))
    make(s, "address", 3)
    stopped(s)
    status = s.operator("status", check=False).stdout
    t.ok("Resource not found." in status and "base_url" in status, "status points at base_url", status)
    t.equal([p["status"] for p in pins(s, "address")], ["deferred"] * 3, "all pins wait")
    s.sql("UPDATE apps SET probe_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR, probes_failed = 9 WHERE environment = 1")
    answers = app(s)[1]
    configure(s, right.replace("/v5", ""))
    s.wait_for(lambda: app(s)[1] > answers, 10, "a reload probes at once")
    t.ok(app(s)[0], "a reload that mends nothing: it is still stopped")
    t.ok("event=app_still_stopped" in s.log("worker"), "and the log says so")
    s.sql("UPDATE apps SET probe_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR WHERE environment = 1")
    configure(s, right)
    published(s, "address", 3, 15)


def configure(s, base_url):
    """Writes base_url and reloads the worker."""
    with open(s.conf) as f:
        text = f.read()
    section, rest = text.split("[sandbox]", 1)
    rest = re.sub(r"(?m)^base_url *=.*$", f"base_url = {base_url}", rest, count=1)
    with open(s.conf, "w") as f:
        f.write(section + "[sandbox]" + rest)
    n = s.log("worker").count("event=reloaded")
    os.kill(s.pid("worker"), signal.SIGHUP)
    s.wait_for(lambda: s.log("worker").count("event=reloaded") > n, 10, "reloaded")


def one_pin_alone(s):
    """A firewall refuses one pin's text: the others are published."""
    s.admin("settings", {"fetch": 0})
    other = s.connect("other")
    board = s.boards_of(other)["Always works"]
    arm(s, {"kind": "foreign"}, "/v5/pins", board_id=s.board("Slow"))
    made = s.call("POST", "/v1/pins", s.pin_body("Slow", title="refused", campaign="alone"))
    stopped(s)
    for k in range(3):
        s.call("POST", "/v1/pins", s.pin_body(title=f"free {k}", campaign="free", account_id=other, board_id=board))
    published(s, "free", 3, 30)
    tries = lambda: int(s.sql(f"SELECT COUNT(*) FROM attempts WHERE pin_id = x'{made['id'].replace('-', '')}'")[0][0])  # noqa: E731
    s.wait_for(lambda: tries() >= 3, 60, "it is tried again")
    t.ok(not app(s)[0], "one pin that something else refuses holds nobody else, when others are published")
    t.ok(s.call("GET", "/v1/pins/" + made["id"])["status"] != "failed", "and it does not fail")
    s.admin("disarm", {})
    published(s, "alone", 1, 60)


def operator_retry(s):
    """`pintempo retry` shows what it would put back, does it when told to, and only that."""
    since = s.sql("SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%fZ')")[0][0]
    fault = {"kind": "status", "status": 404, "code": 40, "message": "Board not found."}
    arm(s, fault, "/v5/pins", times=4)
    make(s, "back", 4)
    failed = lambda name: [p for p in pins(s, name) if p["status"] == "failed"]  # noqa: E731
    s.wait_for(lambda: len(failed("back")) == 4, 20, "four pins fail")
    arm(s, {"kind": "status", "status": 403, "code": 235, "message": "Sorry, this image is broken."}, "/v5/pins", times=1)
    make(s, "broken", 1)
    s.wait_for(lambda: failed("broken"), 20, "another fails for its own fault")
    s.sql("UPDATE pins SET not_after = UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE WHERE campaign = 'back' AND title = 'back 3'")
    code = ("--code", "resource_not_found")
    shown = s.operator("retry", "--since", since, *code).stdout
    t.ok(
        re.search(r"(?m)^4 +resource_not_found +sandbox", shown) and "4 would wait again" in shown and '"back 0"' in shown,
        "`pintempo retry` shows how many of which account, and examples",
        shown,
    )
    t.ok("1 of them are past their deadline" in shown, "it tells of deadlines that are over", shown)
    t.ok("With --yes" in shown and len(failed("back")) == 4, "without --yes nothing is changed", shown)
    nobody = "00000000-0000-7000-8000-000000000000"
    for words in (
        ("--since", since, "--code", "no_such_code"),
        ("--since", since, *code, "--env", "production"),
        ("--since", s.sql("SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%fZ')")[0][0], *code),
    ):
        none = s.operator("retry", *words, "--yes").stdout
        t.ok("nothing to do" in none and len(failed("back")) == 4, f"no other pins: {words[2:]}", none)
    for words in (("--since", since), (*code,), ("--since", since, *code, "--project", nobody), ("--since", "yesterday", *code), ("--since", "2999-01-01T00:00:00Z", *code)):
        t.ok(s.operator("retry", *words, check=False).returncode != 0, f"refused: {words}")
    done = s.operator("retry", "--since", since, *code, "--project", s.project_id, "--env", "sandbox", "--yes").stdout
    t.ok("4 wait again" in done, "with --yes it is done", done)
    published(s, "back", 4)
    t.equal(len(failed("broken")), 1, "a pin with another code stays failed")
    logged = "SELECT COUNT(*) FROM activity_logs WHERE action = 'pin.retried' AND actor_label = 'pintempo'"
    t.equal(s.sql(logged), [["4"]], "the activity log has one line for each")
    arm(s, {"kind": "lost_after"}, "/v5/pins", times=1)
    arm(s, {"kind": "status", "status": 404, "code": 40, "message": "Board not found."}, "/v5/boards/", times=1)
    make(s, "maybe", 1)
    s.wait_for(lambda: failed("maybe"), 20, "the outcome is unknown")
    s.operator("retry", "--since", since, "--code", "other,outcome_unknown", "--yes")
    published(s, "maybe", 1)
    t.equal(pins(s, "maybe")[0]["confirmed_by"], "lookup", "a pin whose outcome is unknown is looked up first")


def main():
    with Stack(overrides=OVERRIDES) as s:
        s.sign_up()
        every_way(s)
        told(s)
        doors(s)
        header_missing(s)
        wrong_address(s)
        operator_retry(s)
        one_pin_alone(s)
        checker.report(s, t, "foreign")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
