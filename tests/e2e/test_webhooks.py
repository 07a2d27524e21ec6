#!/usr/bin/env python3
"""Webhook deliveries end to end: signatures, retries, pauses, refusals, and a worker that dies. TAP
on stdout."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness import Sink, Stack, Tap, parts, verify  # noqa: E402

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PLAIN = "a-secret-of-a-person"
LONG = 30
TIMEOUT_MS, PATIENT_MS = 3000, 30000


class Canary:
    """Listens where nothing may connect, and counts connections."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.count = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            self.socket.accept()[0].close()
            self.count += 1


def deliveries(s, hook):
    rows = s.sql(
        "SELECT state, attempts, last_status, last_error, due_at FROM deliveries"
        f" WHERE webhook_id = UNHEX('{hook['id'].replace('-', '')}') ORDER BY id"
    )
    return [dict(zip(("state", "attempts", "status", "error", "due"), r)) for r in rows]


def attempts(s, hook):
    return s.sql(
        "SELECT a.number, a.class, a.http_status, a.remote_ip, a.excerpt FROM delivery_attempts a"
        " JOIN deliveries d ON d.id = a.delivery_id"
        f" WHERE d.webhook_id = UNHEX('{hook['id'].replace('-', '')}') ORDER BY a.started_at, a.number"
    )


def hook_row(s, hook):
    row = s.sql(
        "SELECT is_enabled, disabled_reason, consecutive_failures, last_error,"
        " paused_until IS NOT NULL, last_success_at IS NOT NULL FROM webhooks"
        f" WHERE id = UNHEX('{hook['id'].replace('-', '')}')"
    )[0]
    names = ("enabled", "reason", "failures", "error", "paused", "succeeded")
    return dict(zip(names, row))


def arrived(s, path):
    with s.sink.lock:
        return [d for d in s.sink.got if d.path == path]


def publish(s, count=1, **fields):
    return [s.call("POST", "/v1/pins", s.pin_body(**fields))["id"] for _ in range(count)]


class TemporaryWebhook:
    """A webhook for one case; deleted afterwards, so that cases do not affect each other."""

    def __init__(self, s, path, **fields):
        self.s, self.hook = s, s.webhook(path, **fields)

    def __enter__(self):
        return self.hook

    def __exit__(self, *_):
        self.s.sink.answer = lambda delivery: (204, {})
        self.s.call("DELETE", "/v1/webhooks/" + self.hook["id"])


def wait_deliveries(s, hook, count, state="1"):
    def done():
        rows = deliveries(s, hook)
        return len(rows) >= count and all(r["state"] == state for r in rows)

    s.wait_for(done, LONG, f"{count} deliveries in state {state}")


def plant(s, hook, count, later="0 SECOND"):
    """Inserts events and deliveries of one webhook, as if that many pins had been published, due
    after `later`."""
    ident = hook["id"].replace("-", "")
    body = '{"event":"pin.published","type":"pin.published"}'
    s.sql(
        f"INSERT INTO events SELECT UNHEX(MD5(CONCAT('{ident}', seq))), w.project_id, 1, 1,"
        f" UNHEX(MD5(CONCAT('{ident}', seq))), 1, NULL, '{body}', UTC_TIMESTAMP(6)"
        f" FROM seq_1_to_{count} JOIN webhooks w WHERE w.id = UNHEX('{ident}')"
    )
    s.sql(
        "INSERT INTO deliveries (id, project_id, event_id, webhook_id, shard, state, due_at,"
        " deadline_at, created_at, updated_at)"
        f" SELECT e.id, w.project_id, e.id, w.id, w.shard, 0, UTC_TIMESTAMP(6) + INTERVAL {later},"
        " UTC_TIMESTAMP(6) + INTERVAL 1 DAY, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)"
        f" FROM webhooks w JOIN seq_1_to_{count} s"
        f" JOIN events e ON e.id = UNHEX(MD5(CONCAT('{ident}', s.seq)))"
        f" WHERE w.id = UNHEX('{ident}')"
    )


def signed(s, t):
    with TemporaryWebhook(s, "/signed", secret=SECRET) as a, TemporaryWebhook(s, "/plain", secret=PLAIN) as b:
        pins = publish(s, 5)
        wait_deliveries(s, a, 5)
        wait_deliveries(s, b, 5)
        for path, secret in (("/signed", SECRET), ("/plain", PLAIN)):
            got = arrived(s, path)
            t.equal([verify(d.headers, d.body, secret) for d in got], [[]] * 5, f"{path}: every signature is genuine")
            t.ok(
                all(verify(d.headers, d.body + b" ", secret) for d in got),
                f"{path}: the signature does not match a changed body",
            )
        events = s.sink.events("/signed")
        t.equal({e["pin_id"] for e in events}, set(pins), "one event for each pin")
        t.equal({e["status"] for e in events}, {"published"}, "every event says that its pin is published")
        first = arrived(s, "/signed")[0].headers
        t.ok(first["User-Agent"].startswith("Pintempo/"), "User-Agent", first["User-Agent"])
        t.equal(first["Content-Type"], "application/json", "a delivery's Content-Type is JSON")
        t.equal(first["webhook-id"], events[0]["event_id"], "webhook-id is the event's id")
        t.equal(attempts(s, a)[0][:4], ["1", "ok", "204", "127.0.0.1"], "the delivery attempt is recorded")
        t.equal(hook_row(s, a)["succeeded"], "1", "the webhook's last success is recorded")


def retried(s, t):
    answers = iter((500, 404, 200))
    s.sink.answer = lambda delivery: (next(answers, 200), {})
    with TemporaryWebhook(s, "/retried", secret=SECRET) as hook:
        publish(s)
        wait_deliveries(s, hook, 1)
        got = arrived(s, "/retried")
        t.equal(len(got), 3, "500, 404, then 200: three attempts")
        t.equal(len({d.body for d in got}), 1, "all attempts send the same body")
        t.equal(len({d.headers["webhook-id"] for d in got}), 1, "all attempts send the same webhook-id")
        t.equal([verify(d.headers, d.body, SECRET) for d in got], [[]] * 3, "each attempt is signed anew")
        t.equal([r[1] for r in attempts(s, hook)], ["http_5xx", "http_4xx", "ok"], "the attempts are recorded with their classes")
        t.equal(hook_row(s, hook)["failures"], "0", "a success resets the failure count")
        t.ok(got[1].at - got[0].at >= 0.8, "the retry waits for its delay, less jitter")


def given_up(s, t):
    s.sink.answer = lambda delivery: (500, {})
    with TemporaryWebhook(s, "/never", secret=SECRET) as hook:
        publish(s)
        wait_deliveries(s, hook, 1, "2")
        row = deliveries(s, hook)[0]
        t.equal((row["attempts"], row["due"]), ("4", None), "a delivery fails after its last retry")
        t.equal(row["error"], "no attempt left: http_5xx 500", "a failed delivery says why")


def shown(s, hook):
    """What the API says of a webhook; the list must say the same."""

    def both():
        one = s.call("GET", "/v1/webhooks/" + hook["id"])
        return one if one in s.call("GET", "/v1/webhooks") else None  # an attempt may come between

    return s.wait_for(both, LONG, "the list says the same")


def log_lines(s, event, hook):
    return [x for x in s.programs["worker"].text().splitlines() if f"event={event} webhook={hook['id']}" in x]


def failures_shown(s, t):
    """What is wrong with an endpoint is on the endpoint; the log has its begin and its end."""
    s.sink.answer = lambda delivery: (500, {})
    with TemporaryWebhook(s, "/told", secret=SECRET) as hook:
        new = shown(s, hook)
        quiet = ("disabled_at", "disabled_reason", "last_attempt_at", "last_success_at", "last_status",
                 "last_error", "failing_since", "paused_until")
        t.equal([new[k] for k in quiet], [None] * len(quiet), "a new webhook has no failures")
        publish(s, 3)
        s.wait_for(lambda: len(attempts(s, hook)) >= 4, LONG, "several attempts have failed")
        bad = shown(s, hook)
        t.equal((bad["last_status"], bad["last_error"]), (500, "The endpoint answered 500."), "a failing webhook says what was answered")
        t.ok(new["created_at"] < bad["failing_since"] <= bad["last_attempt_at"], "and since when, and when last", bad)
        t.equal(len(log_lines(s, "webhook_failing", hook)), 1, "the log has one line for all failures")
        s.sink.answer = lambda delivery: (202, {})
        cleared = s.call("PATCH", "/v1/webhooks/" + hook["id"], {"is_enabled": True})
        t.equal([cleared[k] for k in quiet], [None] * len(quiet), "enabling it forgets the failures")
        publish(s)
        s.wait_for(lambda: shown(s, hook)["last_success_at"], LONG, "a delivery succeeds")
        good = shown(s, hook)
        t.equal((good["last_status"], good["last_error"]), (202, None), "a success is shown, too")
        s.call("PATCH", "/v1/webhooks/" + hook["id"], {"is_enabled": False})
        off = shown(s, hook)
        t.equal((off["disabled_reason"], off["disabled_at"] is not None), ("by_user", True), "disabled by a person: it says so")
        made = s.webhook("/born-off", secret=SECRET, is_enabled=False)
        t.equal(made["disabled_reason"], "by_user", "a webhook created disabled says so, too")
        s.call("DELETE", "/v1/webhooks/" + made["id"])


def findings(s):
    """Codes, exit code and worst level of `pintempo status`. How full the disk is belongs to the machine; who
    registered waits for a mail that nobody here sends."""
    done = s.operator("status", "--json", check=False)
    said = json.loads(done.stdout)
    codes = [f["code"] for f in said["findings"] if f["code"] not in ("disk", "mails_wait")]
    return codes, done.returncode if codes else 0, said["status"] if codes else "well"


def status_tells(s, t):
    t.equal(findings(s), ([], 0, "well"), "status: all is well")
    s.sink.answer = lambda delivery: (500, {})
    with TemporaryWebhook(s, "/status?token=secret", secret=SECRET) as hook:
        publish(s)
        s.wait_for(lambda: shown(s, hook)["failing_since"], LONG, "the webhook fails")
        t.equal(findings(s), (["webhooks_failing"], 0, "well"), "status: one tenant's failing webhook is a note")
        text = s.operator("status", check=False).stdout
        t.ok("\nNOTE        1 webhook fails, " in "\n" + text and hook["id"] in text and "The endpoint answered 500." in text, "status: which one, and why", text)
        t.ok("token=secret" not in text, "status: not its address")
    t.equal(findings(s), ([], 0, "well"), "status: a deleted webhook is none")
    s.programs["worker"].signal(signal.SIGSTOP)
    s.sql("UPDATE workers SET seen_at = seen_at - INTERVAL 31 SECOND")
    t.equal(findings(s), (["no_worker"], 2, "broken"), "status: a worker that hangs is none")
    s.programs["worker"].signal(signal.SIGCONT)
    s.wait_for(lambda: findings(s)[1] == 0, LONG, "the worker is back")


def unknown_type(s, t):
    """An event of a type that this version does not know: its delivery is given up, the worker lives."""
    with TemporaryWebhook(s, "/unknown", secret=SECRET) as hook:
        plant(s, hook, 2, later="1 HOUR")
        mine = f"webhook_id = UNHEX('{hook['id'].replace('-', '')}')"
        s.sql(f"UPDATE events SET type = 99 WHERE id = (SELECT MIN(event_id) FROM deliveries WHERE {mine})")
        s.sql(f"UPDATE deliveries SET due_at = UTC_TIMESTAMP(6) WHERE {mine}")
        s.wait_for(lambda: sorted(d["state"] for d in deliveries(s, hook)) == ["1", "2"], LONG, "both have ended")
        over = [d["error"] for d in deliveries(s, hook) if d["state"] == "2"]
        t.equal(over, ["the event is of an unknown type"], "an event of an unknown type is given up, others go on")
        t.ok("event=unknown_event_type type=99 delivery=" in s.log("worker"), "the log names its delivery")


def recovery_logged(s, t):
    answers = iter((500,))
    s.sink.answer = lambda delivery: (next(answers, 200), {})
    with TemporaryWebhook(s, "/recovers", secret=SECRET) as hook:
        publish(s)
        wait_deliveries(s, hook, 1)
        s.wait_for(lambda: log_lines(s, "webhook_recovered", hook), LONG, "the recovery is in the log")
        first, last = log_lines(s, "webhook_failing", hook), log_lines(s, "webhook_recovered", hook)
        t.equal((len(first), len(last)), (1, 1), "the log has the first failure and the recovery")
        t.ok("status=500" in first[0] and "/recovers" not in first[0], "the line has the status and not the address", first)
        publish(s)
        wait_deliveries(s, hook, 2)
        t.equal(len(log_lines(s, "webhook_recovered", hook)), 1, "later successes are not logged")


def certificate(folder):
    """A private authority and a certificate of it for 127.0.0.1: (authority, certificate and key)."""
    ca, key, request, cert, both = (os.path.join(folder, n) for n in ("ca.pem", "ca.key", "r.csr", "r.pem", "both.pem"))
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    quiet = {"check": True, "capture_output": True}
    subprocess.run([*new, "-x509", "-days", "2", "-subj", "/CN=Private", "-keyout", key, "-out", ca], **quiet)
    subprocess.run([*new, "-subj", "/CN=hook", "-keyout", both, "-out", request], **quiet)
    parts.write(os.path.join(folder, "r.ext"), "subjectAltName = IP:127.0.0.1\n")
    subprocess.run(["openssl", "x509", "-req", "-in", request, "-CA", ca, "-CAkey", key, "-CAcreateserial", "-days", "2",
                    "-extfile", os.path.join(folder, "r.ext"), "-out", cert], **quiet)
    with open(both, "a") as out, open(cert) as text:
        out.write(text.read())
    return ca, both


def private_authority(s, t):
    """A receiver with a certificate of a private authority: refused with the reason, trusted with ca_file."""
    folder = s.path("tls")
    os.mkdir(folder)
    ca, both = certificate(folder)
    secure = Sink()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    url = secure.url.replace("http:", "https:")
    allow = s.settings["outbound"]["allow"]
    s.settings["outbound"]["allow"] = f"{allow}, 127.0.0.1:{secure.server_address[1]}"
    parts.write_conf(s.conf, s.settings)
    s.restart("app")
    reload_worker(s)
    with TemporaryWebhook(s, "/tls", secret=SECRET) as hook:
        s.call("PATCH", "/v1/webhooks/" + hook["id"], {"url": url + "/tls"})
        publish(s)
        says = s.wait_for(lambda: shown(s, hook)["last_error"], LONG, "it fails")
        t.ok("certificate" in says and "[outbound] ca_file" in says, "an unknown authority: what failed, and the setting", says)
        s.settings["outbound"]["ca_file"] = ca
        parts.write_conf(s.conf, s.settings)
        reload_worker(s)
        wait_deliveries(s, hook, 1)
        t.equal(shown(s, hook)["last_status"], 204, "with ca_file, after a reload, it is delivered")
        t.equal(secure.events("/tls")[0]["event"], "pin.published", "the event arrived over TLS")
    body = s.pin_body(image_url=url + "/spring-table.png")
    seen = s.call("POST", "/v1/pins/validate", body)["checks"]
    t.ok(any("certificate" in str(c) or c["status"] != "passed" for c in seen if c["name"] == "media"), "an image there is not trusted before", seen)
    for name in ("app", "sandbox"):
        s.restart(name)
    s.wait_for(lambda: s.status_of("/readyz") == 200, LONG, "the application answers")
    body = s.pin_body(image_url=url + "/spring-table.png")
    seen = s.call("POST", "/v1/pins/validate", body)["checks"]
    t.equal([c["status"] for c in seen if c["name"] == "media"], ["passed"], "with ca_file an image there is seen")
    pin = s.call("POST", "/v1/pins", s.pin_body(image_url=url + "/spring-table.png"))["id"]
    s.wait_for(lambda: s.call("GET", "/v1/pins/" + pin)["status"] == "published", LONG, "the simulator fetches it, too")
    del s.settings["outbound"]["ca_file"]
    s.settings["outbound"]["allow"] = allow
    parts.write_conf(s.conf, s.settings)
    for name in ("app", "sandbox"):
        s.restart(name)
    reload_worker(s)


def reload_worker(s):
    before = s.programs["worker"].text().count("event=reloaded")
    s.programs["worker"].signal(signal.SIGHUP)
    s.wait_for(lambda: s.programs["worker"].text().count("event=reloaded") > before, LONG, "the worker has reloaded")


def settings_named(s, t):
    """A refusal names the setting of the operator that would permit it."""
    for url, want in (
        ("https://10.0.0.1/x", "[outbound] allow"),
        ("https://example.com:22/x", "[outbound] allow"),
        ("https://169.254.169.254/x", "never called"),
    ):
        status, _, body = s.api("POST", "/v1/webhooks", {"url": url, "secret": SECRET})
        msg = body["error"]["errors"][0]["msg"] if status == 422 else body
        t.ok(status == 422 and want in msg, f"{url} is refused: {want}", body)


def gone(s, t):
    s.sink.answer = lambda delivery: (500 if len(arrived(s, "/gone")) <= 1 else 410, {})
    with TemporaryWebhook(s, "/gone", secret=SECRET) as hook:
        plant(s, hook, 1, "1 HOUR")  # one that waits for a retry
        publish(s)
        s.wait_for(lambda: hook_row(s, hook)["enabled"] == "0", LONG, "webhook disabled")
        t.equal(hook_row(s, hook)["reason"], "gone", "410 disables the endpoint")
        off = shown(s, hook)
        t.equal(
            (off["is_enabled"], off["disabled_reason"], off["last_status"], off["disabled_at"] is not None),
            (False, "gone", 410, True),
            "410: the webhook says why it is disabled",
        )
        t.equal(len(log_lines(s, "webhook_disabled", hook)), 1, "410: the log says so")
        ends = [(r["state"], r["attempts"]) for r in deliveries(s, hook)]
        t.equal(sorted(ends), [("2", "2"), ("4", "0")], "410 cancels the other deliveries")
        publish(s)
        s.wait_for(lambda: len(deliveries(s, hook)) == 3, LONG, "third delivery")
        t.equal(sorted(r["state"] for r in deliveries(s, hook)), ["2", "3", "4"], "410: later events are skipped")
        t.equal(len(arrived(s, "/gone")), 2, "410: nothing more is sent")
        reported = s.sql("SELECT COUNT(*) FROM activity_logs WHERE action = 'webhook.disabled'")
        t.equal(reported, [["1"]], "410: the activity log records it")


def retry_after(s, t):
    s.sink.answer = lambda delivery: (
        (429, {"Retry-After": "2"}) if len(arrived(s, "/wait")) == 1 else (200, {})
    )
    with TemporaryWebhook(s, "/wait", secret=SECRET) as hook:
        publish(s)
        # On a busy machine two seconds are soon over: then only the times show that it was paused.
        paused = lambda: hook_row(s, hook)["paused"] == "1" or len(arrived(s, "/wait")) > 1  # noqa: E731
        s.wait_for(paused, LONG, "the endpoint is paused")
        publish(s)
        wait_deliveries(s, hook, 2)
        got = arrived(s, "/wait")
        t.ok(got[1].at - got[0].at >= 2.0, "the pause lasts at least as long as Retry-After says", got[1].at - got[0].at)
        t.equal(len(got), 3, "Retry-After: three requests for two events")
        rows = sorted(r["attempts"] for r in deliveries(s, hook))
        t.equal(rows, ["1", "2"], "Retry-After: waiting for the end of the pause spends no attempt")


def with_timeout(s, ms):
    s.settings["webhooks"]["timeout_ms"] = ms
    parts.write_conf(s.conf, s.settings)
    s.restart("worker")


def hanging(s, t):
    """An endpoint that never answers does not delay others."""
    release = threading.Event()
    s.sink.answer = lambda delivery: (
        (release.wait(PATIENT_MS / 1000) and 204 or 204, {}) if delivery.path == "/hang" else (204, {})
    )
    with_timeout(s, PATIENT_MS)
    with TemporaryWebhook(s, "/hang", secret=SECRET) as bad, TemporaryWebhook(s, "/well", secret=SECRET) as good:
        plant(s, bad, 400)
        s.wait_for(lambda: len(arrived(s, "/hang")) >= 5, LONG, "several deliveries hang")
        plant(s, good, 50)
        wait_deliveries(s, good, 50)
        # No hanging delivery has ended meanwhile, so the others did not wait for its place.
        t.equal(attempts(s, bad), [], "50 deliveries complete beside 400 to an endpoint that hangs")
        t.ok(len(arrived(s, "/hang")) <= 20, "at most 20 deliveries to a hanging endpoint are in flight")
        release.set()
    with_timeout(s, TIMEOUT_MS)


def breaker(s, t):
    s.sink.answer = lambda delivery: (500, {})
    with TemporaryWebhook(s, "/ill", secret=SECRET) as hook:
        where = f"WHERE webhook_id = UNHEX('{hook['id'].replace('-', '')}') AND state = 0"
        plant(s, hook, 60)
        s.wait_for(lambda: hook_row(s, hook)["paused"] == "1", LONG, "the circuit breaker opens")
        s.wait_for(
            lambda: len(attempts(s, hook)) == len(arrived(s, "/ill")), LONG, "all attempts are recorded"
        )
        t.ok(5 <= len(arrived(s, "/ill")) <= 20, "the breaker lets few of 60 due deliveries pass", len(arrived(s, "/ill")))
        tried = sum(int(r["attempts"]) for r in deliveries(s, hook))
        t.equal(tried, len(arrived(s, "/ill")), "waiting for the breaker spends no attempt")
        s.sink.answer = lambda delivery: (200, {})
        # In this order, since a delivery that is due while the endpoint is paused is postponed.
        s.sql(
            "UPDATE webhooks SET paused_until = UTC_TIMESTAMP(6)"
            f" WHERE id = UNHEX('{hook['id'].replace('-', '')}')"
        )
        s.sql(f"UPDATE deliveries SET due_at = UTC_TIMESTAMP(6) {where} ORDER BY attempts LIMIT 1")
        wait_deliveries(s, hook, 60)
        t.equal(hook_row(s, hook)["failures"], "0", "one success closes the breaker, and the other deliveries follow")


def redirected(s, t):
    canary = Canary()
    s.sink.answer = lambda delivery: (302, {"Location": f"http://127.0.0.1:{canary.port}/"})
    with TemporaryWebhook(s, "/moved", secret=SECRET) as hook:
        publish(s)
        s.wait_for(lambda: attempts(s, hook), LONG, "an attempt is recorded")
        t.equal(attempts(s, hook)[0][1:3], ["redirect", "302"], "a redirect is a failure")
        t.equal(canary.count, 0, "a redirect is not followed")
        says = shown(s, hook)["last_error"]
        t.ok(f"http://127.0.0.1:{canary.port}/" in says, "a redirect: the webhook says where to", says)


def blocked(s, t):
    canary = Canary()
    targets = [f"http://127.0.0.1:{canary.port}/", f"http://2130706433:{canary.port}/"]
    name = socket.gethostname()  # a name, so that only the check at connect can know
    try:
        if {a[4][0] for a in socket.getaddrinfo(name, 80)} <= {"127.0.0.1", "127.0.1.1"}:
            targets.append(f"http://{name}:{canary.port}/")
    except OSError:
        pass
    for target in targets:
        with TemporaryWebhook(s, "/blocked", secret=SECRET) as hook:
            where = f"WHERE id = UNHEX('{hook['id'].replace('-', '')}')"
            s.sql(f"UPDATE webhooks SET url = '{target}' {where}")
            publish(s)
            s.wait_for(lambda: attempts(s, hook), LONG, "an attempt is recorded")
            t.equal(
                attempts(s, hook)[0][1:],
                ["blocked_address", None, None, None],
                f"{target.split('/')[2].rsplit(':', 1)[0]}: blocked, and nothing of its answer is stored",
            )
            says = shown(s, hook)["last_error"]
            t.ok(says and "[outbound] allow" in says, "blocked: the webhook says so, and names the setting", says)
    t.equal(canary.count, 0, "nothing connects to a blocked address")


def deleted(s, t):
    s.sink.answer = lambda delivery: (500, {})
    hook = s.webhook("/deleted", secret=SECRET)
    publish(s)
    s.wait_for(lambda: attempts(s, hook), LONG, "an attempt is recorded")
    s.call("DELETE", "/v1/webhooks/" + hook["id"])
    wait_deliveries(s, hook, 1, "4")
    t.ok(True, "deliveries of a deleted endpoint are canceled")
    # A delivery that the deletion missed (its event was written at the same moment) is canceled
    # when due.
    s.sql(
        "UPDATE deliveries SET state = 0, due_at = UTC_TIMESTAMP(6)"
        f" WHERE webhook_id = UNHEX('{hook['id'].replace('-', '')}')"
    )
    wait_deliveries(s, hook, 1, "4")
    t.ok(True, "the worker cancels a due delivery of a deleted endpoint")
    s.sink.answer = lambda delivery: (204, {})


def schedule_refused_by_database(s, t):
    """A schedule that the database refuses to turn into a pin is reported like any other failure."""
    with TemporaryWebhook(s, "/refused", secret=SECRET):
        s.sql("ALTER TABLE pins ADD CONSTRAINT refused CHECK (title <> 'refused')")

        def body():
            run_at = (datetime.now(timezone.utc) + timedelta(seconds=1)).isoformat()
            return s.pin_body(title="refused", external_id="ours") | {"run_at": run_at}

        made = s.soon("/v1/schedules", body)
        reported = s.wait_for(lambda: s.sink.events("/refused"), LONG, "the failure is reported")
        s.sql("ALTER TABLE pins DROP CONSTRAINT refused")
        e = reported[0]
        t.equal(
            (e["event"], e["schedule_id"], e["pin_id"]),
            ("pin.failed", made["id"], None),
            "the event of a schedule without a pin names the schedule only",
        )
        t.equal(
            (e["status"], e["error_code"], e["external_id"]),
            ("failed", "internal_error", "ours"),
            "the event gives status, error code and external id",
        )
        t.equal(s.call("GET", f"/v1/schedules/{made['id']}")["status"], "failed", "the schedule has failed")


def killed(s, t):
    release = threading.Event()
    s.sink.answer = lambda delivery: (release.wait(20) and 204 or 204, {})
    with TemporaryWebhook(s, "/killed", secret=SECRET) as hook:
        # All three leave together, so that none times out before the last is in flight.
        ident = f"UNHEX('{hook['id'].replace('-', '')}')"
        s.sql(f"UPDATE webhooks SET paused_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR WHERE id = {ident}")
        pins = publish(s, 3)
        put_off = f"SELECT COUNT(*) FROM deliveries WHERE webhook_id = {ident} AND due_at > UTC_TIMESTAMP(6) + INTERVAL 30 MINUTE"
        s.wait_for(lambda: s.sql(put_off) == [["3"]], LONG, "three deliveries wait")
        s.sql(f"UPDATE webhooks SET paused_until = NULL WHERE id = {ident}")
        s.sql(f"UPDATE deliveries SET due_at = UTC_TIMESTAMP(6) WHERE webhook_id = {ident}")
        s.wait_for(lambda: len(arrived(s, "/killed")) == 3, LONG, "three deliveries are in flight")
        s.kill9("worker")
        release.set()
        t.equal([r["state"] for r in deliveries(s, hook)], ["0"] * 3, "killed: no result is saved before the kill")
        s.start("worker")
        # Deliveries that were in flight are due again when their lease ends: timeout plus 15 s.
        s.wait_for(
            lambda: [r["state"] for r in deliveries(s, hook)] == ["1"] * 3, 60, "all three are delivered again"
        )
        got = s.sink.events("/killed")
        t.equal({e["pin_id"] for e in got}, set(pins), "killed: every event arrives")
        t.equal(len(got), 6, "killed: deliveries that were in flight are sent once more")


def main():
    t = Tap()
    overrides = {"webhooks": {"retry_delays_s": "0, 1, 1, 1", "timeout_ms": TIMEOUT_MS, "connect_timeout_ms": 2000}}
    with Stack(overrides=overrides) as s:
        s.sign_up()
        for case in (
            signed,
            retried,
            given_up,
            failures_shown,
            status_tells,
            unknown_type,
            recovery_logged,
            private_authority,
            settings_named,
            gone,
            retry_after,
            hanging,
            breaker,
            redirected,
            blocked,
            deleted,
            schedule_refused_by_database,
            killed,
        ):
            started = time.monotonic()
            case(s, t)
            print(f"# {case.__name__}: {time.monotonic() - started:.1f} s", flush=True)
        t.equal(s.stop("worker"), 0, "the worker stops cleanly")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
