#!/usr/bin/env python3
"""GET /v1/activity-logs: every act is written once, where it happens, with who did it; filters, pages and cursors
find exactly the rows of a plain query; keys for some accounts see theirs only; rows live as long as they say."""

import os
import re
import sys
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import TOP, Stack, Tap  # noqa: E402

t = Tap()
WORDS = {
    "category": {"security", "publishing", "billing", "configuration", "integration"},
    "status": {"success", "failed", "queued", "canceled"},
    "actor_type": {"user", "api_key", "system", "worker", "admin", "billing"},
}


def actions():
    """lib/activity.def: {action: {category, status, resource_type}}."""
    with open(os.path.join(TOP, "lib", "activity.def")) as f:
        rows = re.findall(r'^ACTIVITY\(\w+, "([\w.]+)", (\w+), (\w+), "(\w+)", "([^"]+)"\)$', f.read(), re.M)
    return {a: {"category": c.lower(), "status": s.lower(), "resource_type": r, "message": m} for a, c, s, r, m in rows}


ALL = actions()


def logs(s, query="", **more):
    return s.call("GET", "/v1/activity-logs" + query, **more)


def every(s, query, **more):
    """All items of all pages, and how many pages there were."""
    items, pages, cursor = [], 0, None
    while pages == 0 or cursor:
        got = logs(s, query + (f"&cursor={cursor}" if cursor else ""), **more)
        items += got["items"]
        pages, cursor = pages + 1, got["next_cursor"]
    return items, pages


def for_account(s):
    """As a key for the first account."""
    made = s.call("POST", "/v1/api-keys", {"name": "narrow", "pinterest_account_ids": [s.account_id]}, auth=s.token)
    return {"headers": {"X-API-Key": made["api_key"]}, "auth": False}


def the_list():
    t.ok(len(ALL) > 30 and list(ALL) == sorted(ALL), "lib/activity.def is sorted")
    for field in ("category", "status"):
        t.ok({a[field] for a in ALL.values()} <= WORDS[field], f"every {field} is one that clients know")
    t.ok(all(len(a) <= 40 for a in ALL), "every action fits into the table")


def acts(s):
    """(what is done, action, actor, resource) of everything that a person or a key can do."""
    token, key, account = s.token, s.key, s.account_id
    later = (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat()
    me = s.call("GET", "/v1/auth/me", auth=token)["user"]

    def act(method, path, body=None, auth=True, status=None):
        got = s.api(method, path, body, auth=auth)
        assert got[0] < 300, got
        return got[2]

    made = act("POST", "/v1/pins", s.pin_body(idempotency_key="one"))["id"]
    yield "pin.created", "api_key", made, account
    act("POST", "/v1/pins/batch", {"pins": [s.pin_body(idempotency_key="two"), s.pin_body(idempotency_key="one")]})
    second = s.sql("SELECT LOWER(HEX(id)) FROM pins ORDER BY created_at DESC LIMIT 1")[0][0]
    yield "pin.created", "api_key", second, account
    act("PATCH", "/v1/pins/" + made, {"title": "New"})
    yield "pin.updated", "api_key", made, account
    s.sql(f"UPDATE pins SET state = 5, error_code = 'invalid_image', failed_at = UTC_TIMESTAMP(6) WHERE id = x'{made.replace('-', '')}'")
    act("POST", f"/v1/pins/{made}/retry", auth=token)
    yield "pin.retried", "user", made, account
    act("DELETE", "/v1/pins/" + made)
    yield "pin.deleted", "api_key", made, account
    plan = act("POST", "/v1/schedules", s.pin_body(run_at=later))["id"]
    yield "schedule.created", "api_key", plan, account
    act("PATCH", "/v1/schedules/" + plan, {"title": "New"})
    yield "schedule.updated", "api_key", plan, account
    act("POST", f"/v1/schedules/{plan}/cancel")
    yield "schedule.canceled", "api_key", plan, account
    act("DELETE", "/v1/schedules/" + plan)
    yield "schedule.deleted", "api_key", plan, account
    job = act("POST", "/v1/pins/imports/json", [s.pin_body(idempotency_key="row")])["id"]
    yield "import.created", "api_key", job, None
    hook = s.webhook()["id"]
    yield "webhook.created", "api_key", hook, None
    act("PATCH", "/v1/webhooks/" + hook, {"events": ["pin.failed"]})
    yield "webhook.updated", "api_key", hook, None
    act("POST", f"/v1/webhooks/{hook}/rotate-secret")
    yield "webhook.secret_rotated", "api_key", hook, None
    act("DELETE", "/v1/webhooks/" + hook)
    yield "webhook.deleted", "api_key", hook, None
    spare = act("POST", "/v1/api-keys", {"name": "spare"}, token)["id"]
    yield "api_key.created", "user", spare, None
    act("PATCH", "/v1/api-keys/" + spare, {"name": "new"}, token)
    yield "api_key.updated", "user", spare, None
    act("DELETE", "/v1/api-keys/" + spare, auth=token)
    yield "api_key.revoked", "user", spare, None
    act("POST", "/v1/pinterest/boards", {"account_id": account, "name": "Logged"})
    yield "board.created", "api_key", None, account
    link = act("POST", "/v1/pinterest/connect-links")["id"]
    yield "connect_link.created", "api_key", link, None
    act("DELETE", "/v1/pinterest/connect-links/" + link)
    yield "connect_link.deleted", "api_key", link, None
    second = s.connect("second")
    yield "account.connected", "api_key", second, second
    act("POST", f"/v1/pinterest/accounts/{second}/pause", auth=token)
    yield "account.paused", "user", second, second
    act("POST", f"/v1/pinterest/accounts/{second}/resume", auth=token)
    yield "account.resumed", "user", second, second
    act("DELETE", "/v1/pinterest/accounts/" + second)
    yield "account.disconnected", "api_key", second, second
    project = s.project_id
    act("POST", f"/v1/projects/{project}/pause", auth=token)
    yield "project.paused", "user", project, None
    act("POST", f"/v1/projects/{project}/resume", auth=token)
    yield "project.resumed", "user", project, None
    other = act("POST", "/v1/auth/login", {"email": s.email, "password": s.password}, False)["access_token"]
    act("POST", "/v1/projects/switch", {"project_id": project}, other)
    one = next(x["id"] for x in s.call("GET", "/v1/auth/sessions", auth=token) if not x["current"])
    act("DELETE", "/v1/auth/sessions/" + one, auth=token)
    yield "session.ended", "user", one, None
    act("DELETE", "/v1/auth/sessions", auth=token)
    yield "session.others_ended", "user", None, None
    assert (s.token, s.key, bool(me["id"])) == (token, key, True)


def each_once(s):
    before = {r["id"] for r in logs(s, "?limit=200")["items"]}
    seen = set(before)
    for action, actor, resource, account in acts(s):
        rows = [r for r in logs(s, f"?action={action}&limit=200")["items"] if r["id"] not in seen]
        seen.update(r["id"] for r in rows)
        t.equal([(r["action"], r["actor_type"], (r["resource_id"] or "").replace("-", ""), r["account_id"]) for r in rows],
                [(action, actor, (resource or "").replace("-", ""), account)], f"written once, with who did what: {action}")
        want = {k: v for k, v in ALL[action].items() if k != "resource_type" or resource}
        got = {k: rows[0][k] for k in want} if rows else {}
        t.equal(got, want, f"and with the words of the list: {action}")
    both = logs(s, "?limit=200")["items"]
    t.equal({r["id"] for r in both}, seen, "and nothing else was written")
    t.ok(all(r["request_id"] for r in both if r["actor_type"] != "system"), "each names its request")
    user = [r for r in both if r["actor_type"] == "user"][0]
    t.ok(user["actor_user_id"] and "@" in user["actor_label"], "a person is named", user)
    home = s.call("GET", "/v1/projects", auth=s.token)["projects"]
    first = next(p["id"] for p in home if p["environment"] == "production")
    token = s.call("POST", "/v1/projects/switch", {"project_id": first}, auth=s.token)["access_token"]
    got = logs(s, "?limit=200", auth=token)["items"]
    want = {"user.registered", "user.logged_in"}
    t.ok(want <= {r["action"] for r in got} and all(r["category"] == "security" for r in got if r["action"] in want), "registration and login are in the log of the first project", got)


def fill(s):
    """Rows of every action, at times of which many are equal, in this project and another's."""
    project = "x'" + s.project_id.replace("-", "") + "'"
    names = ",".join(f"'{a}'" for a in ALL)
    one, two = (f"x'{x.replace('-', '')}'" for x in (s.account_id, s.connect("other")))
    s.sql("DELETE FROM activity_logs")
    for owner, n in ((project, 900), ("x'" + "77" * 16 + "'", 300)):
        s.sql(
            f"""INSERT INTO activity_logs (id, project_id, account_id, actor_type, action, resource_id, created_at)
            SELECT UNHEX(MD5(CONCAT(HEX({owner}), seq))), {owner}, ELT(1 + seq % 3, {one}, {two}, NULL), 'worker',
              ELT(1 + (seq * 7) % {len(ALL)}, {names}), UNHEX(MD5(seq)), '2026-11-01' + INTERVAL seq DIV 5 MINUTE
            FROM seq_1_to_{n}"""
        )
    return one, two


def pages(s):
    """Every filter, in pages of several sizes, finds what a plain query finds, in order, each row once."""
    one, two = fill(s)
    rows = logs(s, "?limit=200")["items"]
    t.equal(len(rows), 200, "a page has at most 200 rows")
    whole = [r["id"] for r in every(s, "?limit=200")[0]]
    want = s.sql("SELECT LOWER(HEX(id)) FROM activity_logs WHERE project_id = x'%s' ORDER BY created_at DESC, id DESC" % s.project_id.replace("-", ""))
    t.equal([w.replace("-", "") for w in whole], [w[0] for w in want], "without filters: all of the project, newest first, and none of others")
    by_id = {r["id"]: r for r in every(s, "?limit=200")[0]}
    for query in ("?category=publishing", "?category=security&status=success", "?status=failed", "?resource_type=pin", "?action=pin.published",
                  "?category=billing", "?action=pin.imagined", "?status=nonsense", "?category=publishing&since=2026-11-01T01:00:00Z"):  # fmt: skip
        fields = dict(x.split("=") for x in query[1:].split("&"))
        since = fields.pop("since", "")
        expect = [i for i in whole if all(by_id[i][k] == v for k, v in fields.items()) and by_id[i]["created_at"] >= since]
        for limit in (7, 50, 200):
            got, n = every(s, f"{query}&limit={limit}")
            t.ok([r["id"] for r in got] == expect and n == max(1, -(-len(expect) // limit)), f"pages of {limit}: {query}", (len(got), len(expect), n))
    narrow = for_account(s)
    for query in ("?limit=7", "?limit=200&category=publishing"):
        got, _ = every(s, query, **narrow)
        expect = [i for i in whole if by_id[i]["account_id"] == s.account_id and by_id[i]["category"] in (query.partition("category=")[2] or by_id[i]["category"])]
        t.equal([r["id"] for r in got], expect, f"a key for one account sees the rows of that: {query}")
        t.ok(len(got) > 20 and not any(r["actor_label"] or r["actor_user_id"] for r in got), "and not who did it")


def explained(s, name, **params):
    with open(os.path.join(TOP, "sql", "stmt", "app", name + ".sql")) as f:
        text = "".join(line for line in f if not line.startswith("--"))
    return " ".join(map(str, s.sql("EXPLAIN " + re.sub(r":(\w+)", lambda m: params[m[1]], text))[0]))


def long_log(s):
    """A rare action in a long log is found by its index; a narrow key's page goes on where it stopped looking."""
    project = "x'" + s.project_id.replace("-", "") + "'"
    s.sql("DELETE FROM activity_logs")
    s.sql(
        f"""INSERT INTO activity_logs (id, project_id, account_id, actor_type, action, created_at)
        SELECT UNHEX(MD5(CONCAT('long', seq))), {project}, IF(seq = 1, x'{s.account_id.replace("-", "")}', NULL), 'worker',
          IF(seq = 1, 'api_key.revoked', 'pin.published'), '2026-11-02' + INTERVAL seq SECOND FROM seq_1_to_30000"""
    )
    s.sql("ANALYZE TABLE activity_logs")
    got = logs(s, "?category=security")
    t.equal(([r["action"] for r in got["items"]], got["next_cursor"]), (["api_key.revoked"], None), "a rare action is found at once")
    for name, index in (("activity_keys", "by_created"), ("activity_keys_of", "by_action"), ("activity_window", "by_created")):
        plan = explained(s, name, project=project, action="'pin.published'", since="'1970-01-01'", at="'9999-12-31'", id="x'" + "ff" * 16 + "'", limit="51")
        t.ok(index in plan and "filesort" not in plan and (name == "activity_window" or "Using index" in plan), f"{name} reads its page from an index", plan)
    narrow = for_account(s)
    items, n = every(s, "?limit=50", **narrow)
    t.equal(([r["action"] for r in items], n), (["api_key.revoked"], 10 + 1), "a narrow key gets there in windows of 3,000 rows")


def refused(s):
    def code(query, **more):
        status, _, got = s.api("GET", "/v1/activity-logs" + query, **more)
        return status, got["error"]["code"] if status >= 400 else None

    cursor = logs(s, "?limit=1")["next_cursor"]
    t.ok(cursor, "a page that is not the last has a cursor")
    for query in ("?cursor=x", "?cursor=" + cursor[:-2], f"?cursor={cursor}&category=security", "?since=yesterday", "?limit=0", "?limit=201", "?page=2"):
        t.equal(code(query), (422, "validation_error"), f"refused: {query[:20]}")
    mine = s.key, s.token, s.account_id, s.project_id, s.boards
    s.key = None
    s.sign_up()
    t.equal(code("?cursor=" + cursor), (422, "validation_error"), "a cursor of another project is refused")
    t.equal({r["action"] for r in logs(s)["items"]}, {"account.connected", "api_key.created"}, "others see what they did themselves")
    s.key, s.token, s.account_id, s.project_id, s.boards = mine


def retention(s):
    got = logs(s, "?limit=1")
    item = got["items"][0]
    days = (datetime.fromisoformat(item["expires_at"][:19]) - datetime.fromisoformat(item["created_at"][:19])).days
    t.equal((got["current_retention_days"], got["current_retention_label"], item["retention_days"], days), (17, "17 days", 17, 17), "rows say how long they are kept")


def for_ever(s):
    got = logs(s)
    item = got["items"][0]
    t.equal((got["current_retention_days"], got["current_retention_label"], item["expires_at"]), (0, "for ever", "9999-12-31T23:59:59Z"), "or that they are kept for ever")


def main():
    the_list()
    with Stack(worker=False, overrides={"retention": {"activity_days": 17}}) as s:
        s.sign_up()
        for part in (each_once, pages, refused, retention, long_log):
            part(s)
    with Stack(worker=False, overrides={"retention": {"activity_days": 0}}) as s:
        s.sign_up()
        for_ever(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
