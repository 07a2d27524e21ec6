#!/usr/bin/env python3
"""HTTP behavior and basic resources: order of refusals, credentials, login, keys, projects, webhooks,
rate meter, Idempotency-Key, conditional requests, and stopping while busy."""

import http.client
import os
import re
import signal
import sys
import threading
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import clock  # noqa: E402
from harness import SLOW, Stack, Tap  # noqa: E402

t = Tap()
PASSWORD = "correct horse"


def code(answer):
    return answer[0], answer[2]["error"]["code"] if isinstance(answer[2], dict) else None


def wrong(answer):
    """Paths of the wrong fields of a 422."""
    if answer[0] != 422:
        return answer[0], answer[2]
    return sorted(".".join(map(str, e["loc"][1:])) for e in answer[2]["error"]["errors"])


def together(count, work):
    """Runs work(i) in `count` threads at once; returns the results."""
    got = [None] * count

    def one(i):
        got[i] = work(i)

    threads = [threading.Thread(target=one, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def raw(s, method, path, headers):
    """A request whose headers are sent with names and repetitions as given."""
    c = http.client.HTTPConnection("127.0.0.1", s.port, timeout=20)
    c.putrequest(method, path)
    for name, value in headers:
        c.putheader(name, value)
    c.endheaders()
    r = c.getresponse()
    r.read()
    return r.status


def system(s):
    t.equal(s.call("GET", "/", auth=False)["service"], "Pintempo", "GET / names the service")
    t.equal(s.call("GET", "/healthz", auth=False)["status"], "ok", "GET /healthz says ok")
    got = s.call("GET", "/readyz", auth=False)
    t.equal((got["status"], got["worker"], got["checks"]["worker"]), ("ok", "away", "away"), "readyz is about the application: a missing worker is a field")
    for value in ("1", "true"):
        bad = s.api("GET", "/readyz?worker=" + value, auth=False)
        t.ok(bad[0] == 503 and "worker" in bad[2]["detail"], f"readyz?worker={value} is a 503 without a worker", bad[2])
    t.equal(s.api("GET", "/readyz?worker=false", auth=False)[0], 200, "readyz?worker=false is readyz")
    t.equal(s.api("GET", "/readyz?worker=maybe", auth=False)[0], 422, "readyz?worker=maybe is refused")
    s.sql(
        """INSERT INTO workers (id, host_id, pid, resident, version, started_at, seen_at)
           VALUES (REPEAT('w', 16), REPEAT('h', 16), 1, 1, '0', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))"""
    )
    got = s.call("GET", "/readyz?worker=1", auth=False)
    t.equal((got["database"], got["worker"]), ("ok", "ok"), "readyz says ok with a live worker")
    s.sql("UPDATE workers SET seen_at = seen_at - INTERVAL 31 SECOND")
    t.equal(s.api("GET", "/readyz?worker=1", auth=False)[0], 503, "readyz?worker=1 is a 503 when the worker was last seen too long ago")
    s.sql("UPDATE workers SET stopped_at = seen_at, expected_at = UTC_TIMESTAMP(6) - INTERVAL 50 SECOND")
    t.equal(s.api("GET", "/readyz?worker=1", auth=False)[0], 200, "readyz?worker=1 is a 200 when cron should start a worker about now")
    s.sql("DELETE FROM workers")


def routing(s):
    t.equal(code(s.api("GET", "/nope", auth=False)), (404, "not_found"), "an unknown path is a 404")
    t.equal(code(s.api("GET", "/v1/pins/", auth=False)), (404, "not_found"), "a path with a trailing slash is a 404")
    got = s.api("DELETE", "/v1/pins/imports", auth=False)
    t.equal((code(got), got[1]["Allow"]), ((405, "method_not_allowed"), "GET, HEAD, OPTIONS"), "a 405 lists the allowed methods")
    got = s.api("OPTIONS", "/v1/webhooks/x", auth=False)
    t.equal((got[0], got[1]["Allow"]), (204, "DELETE, GET, HEAD, PATCH, OPTIONS"), "OPTIONS lists the allowed methods")
    got = s.api("GET", "/v1/pins", auth=False)
    t.equal((got[0], got[1]["WWW-Authenticate"]), (401, "Bearer"), "a request without a credential is a 401 with WWW-Authenticate")
    for name in ("X-Request-Id", "Cache-Control", "X-Content-Type-Options", "Content-Security-Policy"):
        t.ok(got[1][name], f"a refusal has the header {name}")
    t.equal(got[2]["request_id"], got[1]["X-Request-Id"], "the body of a refusal names the request id")
    t.equal(s.api("GET", "/v1/pins?" + "&".join(["a=1"] * 65))[0], 400, "more than 64 query parameters are refused")
    t.equal(s.api("GET", "/v1/webhooks/%00")[0], 400, "a NUL in the path is refused")


def bodies(s):
    head = {"Content-Type": "application/json"}

    def post(body, **headers):
        return s.api("POST", "/v1/webhooks", body, headers={**head, **headers}, auth=s.token)

    t.equal(code(post('{"url":1,"url":2}')), (400, "bad_request"), "JSON with a repeated name is refused")
    t.ok("byte 10" in post('{"url":1, nope}')[2]["detail"], "a JSON error names the byte")
    t.equal(post('{"url":"a\\u0000"}')[0], 400, "a NUL in JSON text is refused")
    t.equal(post(b'{"url":"\xff"}')[0], 400, "invalid UTF-8 in JSON is refused")
    t.equal(post("[1]")[0], 422, "an array in place of an object is refused")
    t.equal(post("")[0], 400, "an empty body is refused")
    got = s.api("POST", "/v1/webhooks", "{}", headers={"Content-Type": "text/plain"}, auth=s.token)
    t.equal(code(got), (415, "unsupported_media_type"), "another content type is a 415")
    t.equal(code(post('"' + "x" * 70000 + '"')), (413, "payload_too_large"), "a body that is too large is a 413")
    got = s.api("POST", "/v1/webhooks", "x" * 70000, headers={"Content-Type": "text/plain"}, auth=False)
    t.equal(got[0], 413, "413 is decided before 415 and 401")
    got = s.api("POST", "/v1/webhooks", "x", headers={"Content-Type": "text/plain"}, auth=False)
    t.equal(got[0], 415, "415 is decided before 401")
    t.equal(s.api("POST", "/v1/webhooks", "x", headers=head, auth=False)[0], 401, "401 is decided before the JSON is parsed")
    t.equal(post("{}", **{"Idempotency-Key": "x" * 256})[0], 400, "an Idempotency-Key of 256 characters is refused")


def registration(s):
    email = f"u{uuid.uuid4().hex[:8]}@example.com"
    body = {"email": email.upper(), "password": PASSWORD, "full_name": "Ada", "timezone": "Europe/Berlin"}
    first = s.api("POST", "/v1/auth/register", body, {"Idempotency-Key": email}, auth=False)
    t.equal((first[0], first[2]["user"]["email"]), (201, email), "a registration is created with the e-mail address in lower case")
    again = s.api("POST", "/v1/auth/register", body, {"Idempotency-Key": f'"{email}"'}, auth=False)
    t.equal((again[2], again[1]["Idempotent-Replayed"]), (first[2], "true"), "a quoted Idempotency-Key equals the unquoted one")
    body["full_name"] = "Eve"
    got = s.api("POST", "/v1/auth/register", body, {"Idempotency-Key": email}, auth=False)
    t.equal(code(got), (409, "conflict"), "the same Idempotency-Key with another body is a 409")
    t.equal(code(s.api("POST", "/v1/auth/register", body, auth=False)), (409, "conflict"), "a second registration of an address is a 409")
    bad = {"email": "x", "password": "short", "timezone": "Mars/X"}
    got = wrong(s.api("POST", "/v1/auth/register", bad, auth=False))
    t.equal(got, ["email", "full_name", "password", "timezone"], "every wrong field is listed")
    return email, first[2]["access_token"]


def login(s, email):
    def enter(password, who=email):
        return s.api("POST", "/v1/auth/login", {"email": who, "password": password}, auth=False)

    got = enter(PASSWORD)
    t.equal((got[0], got[2]["token_type"], got[2]["expires_in"]), (200, "bearer", 86400), "a login returns a bearer token for a day")
    t.equal(code(enter("wrong password")), (401, "unauthorized"), "a wrong password is a 401")
    t.equal(code(enter(PASSWORD, "nobody@example.com")), (401, "unauthorized"), "an unknown user is a 401")
    t.equal(enter(PASSWORD)[0], 200, "a good login is accepted after failed ones")


def credentials(s):
    me = s.call("GET", "/v1/auth/me", auth=s.token)
    t.ok(me["permissions"]["can_publish"] and me["organization_role"] == "owner", "a session's user has role and permissions")
    t.equal(me["workspace"], me["active_project"], "workspace is the active project")
    made = s.call("POST", "/v1/api-keys", {"name": "k", "scopes": ["read"]}, auth=s.token)
    key, where = made["api_key"], "/v1/api-keys/" + made["id"]
    t.ok(key.startswith("pb_test_"), "a sandbox key begins with pb_test_")
    me = s.call("GET", "/v1/auth/me", headers={"X-API-Key": key}, auth=False)
    t.equal((me["permissions"], len(me["projects"])), (None, 1), "a key has no permissions and sees only its own project")
    t.equal(s.api("GET", "/v1/auth/me", auth=key)[0], 200, "a key is accepted as bearer token")
    got = s.api("GET", "/v1/auth/me", auth="pb_live_x")
    t.equal((got[0], got[2]["detail"]), (401, "Invalid API key"), "a wrong key is a 401")
    t.equal(s.api("GET", "/v1/auth/me", auth="pbs_x")[2]["detail"], "Not authenticated", "a wrong session token is a 401")
    t.equal(s.api("GET", "/v1/api-keys", headers={"X-API-Key": key}, auth=False)[0], 403, "a key is refused on a route for sessions")
    got = s.call("GET", "/v1/api-keys", headers={"X-API-Key": key}, auth=s.token)
    t.ok(got[0]["last_used_at"], "with both headers the session opens a route for sessions, and the key's earlier use was recorded")
    got = s.api("POST", "/v1/webhooks", {}, headers={"X-API-Key": key}, auth=False)
    t.equal(code(got), (403, "insufficient_scope"), "a key without the scope is refused")
    t.equal(raw(s, "GET", "/v1/webhooks", [("Authorization", "Bearer " + key)] * 2), 400, "two Authorization headers are refused")
    t.equal(raw(s, "GET", "/v1/webhooks", [("X_API_Key", key)]), 401, "X_API_Key is no X-API-Key")
    two = [("X-API-Key", key), ("X_API_Key", "pb_test_other")]
    t.equal(raw(s, "GET", "/v1/webhooks", two), 200, "nor does it matter beside one")
    got = s.call("PATCH", where, {"name": "n", "scopes": ["read", "write"]}, auth=s.token)
    t.equal((got["name"], got["scopes"]), ("n", ["read", "write"]), "name and scopes of a key can be changed")
    t.equal(s.api("PATCH", where, {}, auth=s.token)[0], 422, "an empty change of a key is refused")
    t.equal(wrong(s.api("PATCH", where, {"bogus": 1}, auth=s.token)), ["bogus"], "an unknown field in a change of a key is refused")
    other = [str(uuid.uuid4())]
    got = s.api("PATCH", where, {"pinterest_account_ids": other}, auth=s.token)
    t.equal(wrong(got), ["pinterest_account_ids"], "an allow-list with an account outside the project is refused")
    got = s.call("PATCH", where, {"pinterest_account_ids": [s.account_id]}, auth=s.token)
    t.equal(got["pinterest_account_ids"], [s.account_id], "a key's allow-list can be set")
    got = s.api("GET", "/v1/rate-meter?account_id=" + other[0], auth=key)
    t.equal(code(got), (403, "account_not_permitted"), "a key is refused an account outside its allow-list")
    got = s.call("PATCH", where, {"pinterest_account_ids": None}, auth=s.token)
    t.equal(got["pinterest_account_ids"], None, "null clears the allow-list")
    t.equal(s.api("DELETE", where, auth=s.token)[0], 204, "a key can be revoked")
    t.equal(s.api("GET", "/v1/auth/me", auth=key)[0], 401, "a revoked key is refused at once")


def strangers(s, token):
    """A session of another organization cannot reach our rows."""
    hook = s.webhook()
    for method, path, body in (
        ("GET", "/v1/webhooks/" + hook["id"], None),
        ("PATCH", "/v1/webhooks/" + hook["id"], {"is_enabled": False}),
        ("DELETE", "/v1/webhooks/" + hook["id"], None),
        ("POST", "/v1/projects/switch", {"project_id": s.project_id}),
        ("GET", "/v1/rate-meter?account_id=" + s.account_id, None),
        ("POST", "/v1/projects/sandbox/reset", None),
    ):
        t.equal(s.api(method, path, body, auth=token)[0], 404, f"another project gets a 404 for {method} {path.split('?')[0]}")
    t.equal(s.call("GET", "/v1/webhooks", auth=token), [], "another project's list of webhooks is empty")
    t.equal(s.api("DELETE", "/v1/webhooks/" + hook["id"])[0], 204, "the owner can delete the webhook")


def webhooks(s):
    url = s.sink.url + "/x"
    made = s.call("POST", "/v1/webhooks", {"url": url, "secret": "s" * 16})
    path = "/v1/webhooks/" + made["id"]
    t.equal((made["events"], made["is_enabled"]), (["pin.published", "pin.failed"], True), "a webhook is enabled and has both events by default")
    t.ok("secret" not in made, "the reply does not contain the webhook's secret")
    stored = s.sql("SELECT HEX(secret_sealed) FROM webhooks")[0][0]
    t.ok((b"s" * 16).hex().upper() not in stored, "the table does not contain the secret in plain text")
    status, head, _ = s.api("GET", path)
    tag = head["ETag"]
    t.equal((status, head["Cache-Control"]), (200, "private, no-cache"), "a single webhook is sent with an ETag")
    for value, want in ((tag, 304), (f'"a", W/{tag}', 304), ("*", 304), ('"a"', 200), (tag[:-2] + '"', 200)):
        got = s.api("GET", path, headers={"If-None-Match": value})
        t.equal((got[0], got[1]["ETag"]), (want, tag), f"If-None-Match {value[:6]} is a {want}")
    got = s.request("HEAD", path, headers={"X-API-Key": s.key})
    t.equal((got[0], got[2], got[1]["ETag"]), (200, b"", tag), "HEAD sends the ETag without a body")
    got = s.call("PATCH", path, {"events": ["pin.failed"], "is_enabled": False, "secret": "t" * 255})
    t.equal((got["events"], got["is_enabled"]), (["pin.failed"], False), "events and is_enabled can be changed")
    t.ok(s.api("GET", path)[1]["ETag"] != tag, "a changed webhook has another ETag")
    bad = {"url": "ftp://x", "secret": "s", "events": ["x"], "is_enabled": "yes"}
    t.equal(wrong(s.api("POST", "/v1/webhooks", bad)), ["events", "is_enabled", "secret", "url"], "all wrong fields of a webhook are listed")
    got = s.api("POST", "/v1/webhooks", {"url": "http://10.0.0.1/x", "secret": "s" * 16})
    t.equal(code(got), (422, "blocked_address"), "a webhook at a private address is refused")
    for own in (s.url + "/v1/webhooks", s.url.replace("127.0.0.1", "LocalHost"), s.url + "//healthz"):
        got = s.api("POST", "/v1/webhooks", {"url": own, "secret": "s" * 16})
        t.equal(code(got), (422, "blocked_address"), "a webhook at the API itself is refused: " + own.rpartition(":")[2])
    t.ok("this API itself" in str(got), "and the refusal says why", got)
    lost = {"User-Agent": "Pintempo/0.1.0", "webhook-id": "01a20755-416c-7a0c-8b9b-c1c4d49055f0"}
    got = s.api("POST", "/v1/auth/login", {"email": "a@example.com", "password": "x"}, headers=lost)
    t.equal(code(got), (403, "webhook_loop"), "a delivery that finds the API under another name is refused")
    for some in ({"User-Agent": "Pintempo/0.1.0"}, {"webhook-id": lost["webhook-id"]}):
        t.equal(s.request("GET", "/healthz", headers=some)[0], 200, "one of its headers alone is no delivery")
    s.sql(
        f"""INSERT INTO deliveries (id, project_id, event_id, webhook_id, shard, state, due_at,
              deadline_at, created_at, updated_at)
            SELECT REPEAT('d', 16), project_id, REPEAT('e', 16), id, shard, 0, UTC_TIMESTAMP(6),
              UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM webhooks
            WHERE deleted_at IS NULL"""
    )
    t.equal(s.api("DELETE", path)[0], 204, "a webhook can be deleted")
    t.equal(s.sql("SELECT state, due_at FROM deliveries"), [["4", None]], "pending deliveries of a deleted webhook are canceled")
    t.equal([s.api("DELETE", path)[0], s.api("GET", path)[0]], [404, 404], "a deleted webhook is a 404")
    made = together(24, lambda i: s.api("POST", "/v1/webhooks", {"url": f"{url}{i}", "secret": "s" * 16}))
    t.equal(sorted(a[0] for a in made), [201] * 20 + [409] * 4, "parallel creates do not exceed the limit of webhooks")
    for hook in s.call("GET", "/v1/webhooks"):
        s.api("DELETE", "/v1/webhooks/" + hook["id"])


def idempotency(s):
    body, head = {"url": s.sink.url + "/once", "secret": "s" * 16}, {"Idempotency-Key": "once"}
    got = together(50, lambda i: s.api("POST", "/v1/webhooks", body, head))
    fresh = [a for a in got if a[0] == 201 and not a[1]["Idempotent-Replayed"]]
    replayed = [a for a in got if a[0] == 201 and a[1]["Idempotent-Replayed"]]
    t.equal((len(fresh), len(replayed)), (1, 49), "of 50 equal requests one has an effect and 49 are replayed")
    t.ok(all(a[2] == fresh[0][2] for a in replayed), "all 50 replies are equal")
    t.equal(len(s.call("GET", "/v1/webhooks")), 1, "one webhook was created")
    other = s.call("POST", "/v1/projects/switch", {"project_id": s.production_id}, auth=s.token)
    got = s.api("POST", "/v1/webhooks", body, head, auth=other["access_token"])
    t.equal((got[0], got[1]["Idempotent-Replayed"]), (201, None), "another project's request under the same Idempotency-Key is not replayed")
    head = {"Idempotency-Key": "refused"}
    got = [s.api("POST", "/v1/webhooks", {"url": "x", "secret": "s" * 16}, head)[0] for _ in range(2)]
    t.equal(got, [422, 422], "a refusal is not stored under the Idempotency-Key")
    t.equal(s.api("POST", "/v1/webhooks", body, head)[0], 201, "the Idempotency-Key of a refused request can be used again")
    stored = s.sql("SELECT COUNT(*) FROM idempotency_keys WHERE INSTR(reply_sealed, 'workspace') > 0")
    t.equal(stored, [["0"]], "stored replies are sealed")
    name = {"name": "secret"}
    first, again = (s.api("POST", "/v1/api-keys", name, {"Idempotency-Key": "k"}, auth=s.token) for _ in range(2))
    t.equal(first[2]["api_key"], again[2]["api_key"], "a repeated request for an API key returns the same key")


def meter(s):
    got = s.call("GET", "/v1/rate-meter?account_id=" + s.account_id)
    full = got["account"]["capacity"]
    t.equal(got["account"]["tokens_available"], full, "an unused lane has all its tokens")
    t.ok(got["account"]["account_id"] == s.account_id and got["global"]["capacity"] > 0, "the meter names the account and the global pace", got)
    s.sql("UPDATE lanes SET microtokens = 0, tokens_at = UTC_TIMESTAMP(6)")
    left = s.call("GET", "/v1/rate-meter?account_id=" + s.account_id)["account"]["tokens_available"]
    t.ok(left < full, "a lane that sent has fewer tokens", left)
    s.sql("UPDATE pinterest_accounts SET pace_burst = 3, pace_interval_ms = 4000")
    got = s.call("GET", "/v1/rate-meter?account_id=" + s.account_id)["account"]
    t.equal((got["capacity"], got["refill_rate"]), (3, 0.25), "the meter shows the account's own pace")
    s.sql("UPDATE pinterest_accounts SET pace_burst = NULL, pace_interval_ms = NULL")
    s.sql("UPDATE lanes SET tokens_at = NULL")
    t.equal(wrong(s.api("GET", "/v1/rate-meter")), ["account_id"], "a rate meter without an account is refused")
    t.equal(s.api("GET", "/v1/rate-meter?account_id=" + str(uuid.uuid4()))[0], 404, "a rate meter of an unknown account is a 404")


def refusals_logged(s):
    """A refusal can be found in the log by its request id, with who it was; a flood of them cannot fill the disk."""
    made = s.call("POST", "/v1/api-keys", {"name": "logged"}, auth=s.token)
    keyed = {"X-API-Key": made["api_key"]}
    _, head, _ = s.api("POST", "/v1/pins?secret=of-the-address", {"title": 1}, headers=keyed, auth=False)
    ident = head["X-Request-Id"]

    def line():
        return [x for x in s.log("app").splitlines() if f"event=request id={ident}" in x]

    (got,) = s.wait_for(line, 10, "the refusal is logged")
    project = s.sql(f"SELECT LOWER(HEX(project_id)) FROM api_keys WHERE id = UNHEX('{made['id'].replace('-', '')}')")[0][0]
    t.ok(" info " in got, "a refusal is logged at info", got)
    for part in ("method=POST", "route=/v1/pins ", "status=422", "code=validation_error", "key=" + made["id"]):
        t.ok(part in got, f"the line has {part}", got)
    t.equal(re.search(r"project=(\S+)", got)[1].replace("-", ""), project, "the line has the project")
    t.ok("of-the-address" not in got and made["api_key"] not in got, "the line has neither the query nor the key", got)
    _, head, _ = s.api("GET", "/v1/pins/" + str(uuid.uuid4()), auth=s.token)
    ident = head["X-Request-Id"]
    (got,) = s.wait_for(line, 10, "the refusal is logged")
    t.ok("status=404" in got and " person=" in got and " key=" not in got, "a session's line has the person", got)
    for _ in range(60):
        s.api("GET", "/v1/pins/" + str(uuid.uuid4()), headers=keyed, auth=False)
    return made["id"]


def counted_at_the_end(s, key):
    s.wait_for(lambda: not s.programs["app"].running(), 20, "the application ends")
    lines = [x for x in s.log("app").splitlines() if "status=404 ms=" in x]
    (project,) = {re.search(r"project=\S+", x)[0] for x in lines if "key=" + key in x}
    written = sum("key=" + key in x for x in lines)
    # other refusals of the minute count as well, and a minute may end meanwhile
    t.ok(0 < written < 20, "of 60 equal refusals of a project at most ten a minute are written", written)
    counts = re.findall(rf"event=request status=404 code=not_found {project} more=(\d+)", s.log("app"))
    t.ok(written + sum(map(int, counts)) >= 60, "the others are counted", (written, counts))


def counted_while_idle(s):
    """When a flood is over and nobody asks any more, its count is still written."""
    if not clock.installed() or SLOW > 1:
        t.skip("the count of a flood is written when its minute is over", "no libfaketime, or an instrumented build")
        return
    moved = clock.SimulatedClock(passes=True)
    moved.begin(s.dir)
    app = s.programs["app"]
    app.env = moved.env("worker")  # its monotonic clock moves, too
    s.restart("app")
    s.wait_for(lambda: s.status_of("/healthz") == 200, 20, "application answers")
    for _ in range(60):
        s.api("GET", "/v1/pins/" + str(uuid.uuid4()))
    begin = len(s.log("app"))
    moved.step("worker", 61)
    counted = lambda: re.findall(r"status=404 code=not_found project=\S+ more=(\d+)", s.log("app")[begin:])  # noqa: E731
    t.equal(s.wait_for(counted, 20, "the count is written"), ["50"], "the count of a flood is written when its minute is over")
    app.env = {}
    s.restart("app")
    s.wait_for(lambda: s.status_of("/healthz") == 200, 20, "application answers")


def stopping(s):
    """A restart on an inherited listening socket, as with systemd, fails no request."""
    bad, count, done = [], [0], threading.Event()

    def ask():
        while not done.is_set():
            status = s.status_of("/v1/pinterest/accounts")
            count[0] += 1
            if status != 401:
                bad.append(status)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    s.wait_for(lambda: count[0] > 200, 20, "requests")
    begin = time.monotonic()
    s.programs["app"].signal(signal.SIGTERM)
    s.wait_for(lambda: not s.programs["app"].running(), 20, "the application ends")
    took, before = time.monotonic() - begin, count[0]
    s.start("app")
    s.wait_for(lambda: count[0] > before + 200, 20, "requests again")
    done.set()
    for thread in threads:
        thread.join()
    t.ok(took < 10, f"a busy application stops in {took:.2f} s, less than 10 s")
    t.equal(bad, [], f"none of {count[0]} requests failed during the stop")
    t.ok("event=stopped" in s.log("app"), "the application stopped cleanly")
    s.programs["app"].signal(signal.SIGHUP)
    s.wait_for(lambda: "event=reloaded" in s.log("app"), 10, "SIGHUP")
    s.programs["sandbox"].signal(signal.SIGHUP)
    s.wait_for(lambda: "event=reloaded" in s.log("sandbox"), 10, "SIGHUP of the simulator")
    s.programs["app"].signal(signal.SIGUSR1)
    s.wait_for(lambda: not s.programs["app"].running(), 20, "SIGUSR1 ends it")
    t.ok(True, "SIGHUP reloads the configuration and SIGUSR1 stops")


def main():
    with Stack(worker=False) as s:
        made = s.register()
        s.production_id = made["active_project"]["id"]
        s.sandbox()
        s.make_key()
        email, stranger = registration(s)
        for part in (system, routing, bodies, credentials, webhooks, idempotency, meter):
            print("# " + part.__name__, flush=True)
            part(s)
        strangers(s, stranger)
        login(s, email)
        counted_while_idle(s)
        key = refusals_logged(s)
        stopping(s)
        counted_at_the_end(s, key)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
