#!/usr/bin/env python3
"""Webhook deliveries end to end: signatures, retries, pauses, refusals, and a worker that dies.
TAP on stdout."""

import os
import socket
import sys
import threading
import time
from datetime import datetime, timedelta, timezone

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness import Stack, Tap, parts, verify  # noqa: E402

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PLAIN = "a-secret-of-a-person"
LONG = 30
TIMEOUT_MS, PATIENT_MS = 3000, 30000


class Canary:
    """Listens where nobody may connect, and counts who does."""

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


class only:
    """A webhook of its own for one case; gone afterwards, so that cases do not meet."""

    def __init__(self, s, path, **fields):
        self.s, self.hook = s, s.webhook(path, **fields)

    def __enter__(self):
        return self.hook

    def __exit__(self, *_):
        self.s.sink.answer = lambda delivery: (204, {})
        self.s.call("DELETE", "/v1/webhooks/" + self.hook["id"])


def settled(s, hook, count, state="1"):
    def done():
        rows = deliveries(s, hook)
        return len(rows) >= count and all(r["state"] == state for r in rows)

    s.wait_for(done, LONG, f"{count} deliveries in state {state}")


def plant(s, hook, count, later="0 SECOND"):
    """Events and deliveries of one webhook, as if so many pins had been published; due so much later."""
    ident = hook["id"].replace("-", "")
    body = '{"event":"pin.published","type":"pin.published"}'
    s.sql(
        f"INSERT INTO events SELECT UNHEX(MD5(CONCAT('{ident}', seq))), w.project_id, 1,"
        f" UNHEX(MD5(CONCAT('{ident}', seq))), 1, '{body}', UTC_TIMESTAMP(6)"
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
    with only(s, "/signed", secret=SECRET) as a, only(s, "/plain", secret=PLAIN) as b:
        pins = publish(s, 5)
        settled(s, a, 5)
        settled(s, b, 5)
        for path, secret in (("/signed", SECRET), ("/plain", PLAIN)):
            got = arrived(s, path)
            t.equal([verify(d.headers, d.body, secret) for d in got], [[]] * 5, f"{path}: genuine")
            t.ok(
                all(verify(d.headers, d.body + b" ", secret) for d in got),
                f"{path}: a changed body is not",
            )
        events = s.sink.events("/signed")
        t.equal({e["pin_id"] for e in events}, set(pins), "one event for each pin")
        t.equal({e["status"] for e in events}, {"published"}, "they say so")
        first = arrived(s, "/signed")[0].headers
        t.ok(first["User-Agent"].startswith("Pintempo/"), "User-Agent", first["User-Agent"])
        t.equal(first["Content-Type"], "application/json", "Content-Type")
        t.equal(first["webhook-id"], events[0]["event_id"], "webhook-id is the event's id")
        t.equal(attempts(s, a)[0][:4], ["1", "ok", "204", "127.0.0.1"], "the attempt is on record")
        t.equal(hook_row(s, a)["succeeded"], "1", "the webhook's last success too")


def retried(s, t):
    answers = iter((500, 404, 200))
    s.sink.answer = lambda delivery: (next(answers, 200), {})
    with only(s, "/retried", secret=SECRET) as hook:
        publish(s)
        settled(s, hook, 1)
        got = arrived(s, "/retried")
        t.equal(len(got), 3, "500, 404, then 200: three attempts")
        t.equal(len({d.body for d in got}), 1, "of the same bytes")
        t.equal(len({d.headers["webhook-id"] for d in got}), 1, "and the same webhook-id")
        t.equal([verify(d.headers, d.body, SECRET) for d in got], [[]] * 3, "each signed anew")
        t.equal([r[1] for r in attempts(s, hook)], ["http_5xx", "http_4xx", "ok"], "classes")
        t.equal(hook_row(s, hook)["failures"], "0", "a success clears the failures")
        t.ok(got[1].at - got[0].at >= 0.8, "not before the step, less its jitter")


def given_up(s, t):
    s.sink.answer = lambda delivery: (500, {})
    with only(s, "/never", secret=SECRET) as hook:
        publish(s)
        settled(s, hook, 1, "2")
        row = deliveries(s, hook)[0]
        t.equal((row["attempts"], row["due"]), ("4", None), "given up after the last step")
        t.equal(row["error"], "no attempt left: http_5xx 500", "and says why")


def gone(s, t):
    s.sink.answer = lambda delivery: (500 if len(arrived(s, "/gone")) <= 1 else 410, {})
    with only(s, "/gone", secret=SECRET) as hook:
        plant(s, hook, 1, "1 HOUR")  # one that waits for another try
        publish(s)
        s.wait_for(lambda: hook_row(s, hook)["enabled"] == "0", LONG, "webhook disabled")
        t.equal(hook_row(s, hook)["reason"], "gone", "410 disables the endpoint")
        ends = [(r["state"], r["attempts"]) for r in deliveries(s, hook)]
        t.equal(sorted(ends), [("2", "2"), ("4", "0")], "and cancels the rest")
        publish(s)
        s.wait_for(lambda: len(deliveries(s, hook)) == 3, LONG, "third delivery")
        t.equal(sorted(r["state"] for r in deliveries(s, hook)), ["2", "3", "4"], "later events are skipped")
        t.equal(len(arrived(s, "/gone")), 2, "and nothing more is sent")
        told = s.sql("SELECT COUNT(*) FROM activity_logs WHERE action = 'webhook.disabled'")
        t.equal(told, [["1"]], "the activity log tells it")


def asked_to_wait(s, t):
    s.sink.answer = lambda delivery: (
        (429, {"Retry-After": "2"}) if len(arrived(s, "/wait")) == 1 else (200, {})
    )
    with only(s, "/wait", secret=SECRET) as hook:
        publish(s)
        # Two seconds are soon over on a busy machine: then the times alone tell that it was paused.
        paused = lambda: hook_row(s, hook)["paused"] == "1" or len(arrived(s, "/wait")) > 1  # noqa: E731
        s.wait_for(paused, LONG, "the endpoint is paused")
        publish(s)
        settled(s, hook, 2)
        got = arrived(s, "/wait")
        t.ok(got[1].at - got[0].at >= 2.0, "Retry-After is a lower bound", got[1].at - got[0].at)
        t.equal(len(got), 3, "three requests for two events")
        rows = sorted(r["attempts"] for r in deliveries(s, hook))
        t.equal(rows, ["1", "2"], "waiting for the pause spends no attempt")


def with_timeout(s, ms):
    s.settings["webhooks"]["timeout_ms"] = ms
    parts.write_conf(s.conf, s.settings)
    s.restart("worker")


def hanging(s, t):
    """An endpoint that never answers takes nothing from others."""
    release = threading.Event()
    s.sink.answer = lambda delivery: (
        (release.wait(PATIENT_MS / 1000) and 204 or 204, {}) if delivery.path == "/hang" else (204, {})
    )
    with_timeout(s, PATIENT_MS)
    with only(s, "/hang", secret=SECRET) as bad, only(s, "/well", secret=SECRET) as good:
        plant(s, bad, 400)
        s.wait_for(lambda: len(arrived(s, "/hang")) >= 5, LONG, "some hang")
        plant(s, good, 50)
        settled(s, good, 50)
        # Not one of those that hang has ended meanwhile: nobody waited for a place of theirs.
        t.equal(attempts(s, bad), [], "50 deliveries beside 400 to an endpoint that hangs")
        t.ok(len(arrived(s, "/hang")) <= 20, "of which few are under way at once")
        release.set()
    with_timeout(s, TIMEOUT_MS)


def breaker(s, t):
    s.sink.answer = lambda delivery: (500, {})
    with only(s, "/ill", secret=SECRET) as hook:
        where = f"WHERE webhook_id = UNHEX('{hook['id'].replace('-', '')}') AND state = 0"
        plant(s, hook, 60)
        s.wait_for(lambda: hook_row(s, hook)["paused"] == "1", LONG, "the breaker opens")
        s.wait_for(
            lambda: len(attempts(s, hook)) == len(arrived(s, "/ill")), LONG, "all is on record"
        )
        t.ok(5 <= len(arrived(s, "/ill")) <= 20, "60 due, few sent", len(arrived(s, "/ill")))
        tried = sum(int(r["attempts"]) for r in deliveries(s, hook))
        t.equal(tried, len(arrived(s, "/ill")), "waiting spends no attempt")
        s.sink.answer = lambda delivery: (200, {})
        # In this order: one that is due while the endpoint is paused is put off again.
        s.sql(
            "UPDATE webhooks SET paused_until = UTC_TIMESTAMP(6)"
            f" WHERE id = UNHEX('{hook['id'].replace('-', '')}')"
        )
        s.sql(f"UPDATE deliveries SET due_at = UTC_TIMESTAMP(6) {where} ORDER BY attempts LIMIT 1")
        settled(s, hook, 60)
        t.equal(hook_row(s, hook)["failures"], "0", "one success closes it, the rest follows")


def redirected(s, t):
    canary = Canary()
    s.sink.answer = lambda delivery: (302, {"Location": f"http://127.0.0.1:{canary.port}/"})
    with only(s, "/moved", secret=SECRET) as hook:
        publish(s)
        s.wait_for(lambda: attempts(s, hook), LONG, "an attempt")
        t.equal(attempts(s, hook)[0][1:3], ["redirect", "302"], "a redirect is a failure")
        t.equal(canary.count, 0, "and is not followed")


def blocked(s, t):
    canary = Canary()
    targets = [f"http://127.0.0.1:{canary.port}/", f"http://2130706433:{canary.port}/"]
    name = socket.gethostname()  # a name, so only the guard at connect can know
    try:
        if {a[4][0] for a in socket.getaddrinfo(name, 80)} <= {"127.0.0.1", "127.0.1.1"}:
            targets.append(f"http://{name}:{canary.port}/")
    except OSError:
        pass
    for target in targets:
        with only(s, "/blocked", secret=SECRET) as hook:
            where = f"WHERE id = UNHEX('{hook['id'].replace('-', '')}')"
            s.sql(f"UPDATE webhooks SET url = '{target}' {where}")
            publish(s)
            s.wait_for(lambda: attempts(s, hook), LONG, "an attempt")
            t.equal(
                attempts(s, hook)[0][1:],
                ["blocked_address", None, None, None],
                f"{target.split('/')[2].rsplit(':', 1)[0]}: blocked, nothing of it is kept",
            )
    t.equal(canary.count, 0, "nobody ever connected")


def deleted(s, t):
    s.sink.answer = lambda delivery: (500, {})
    hook = s.webhook("/deleted", secret=SECRET)
    publish(s)
    s.wait_for(lambda: attempts(s, hook), LONG, "an attempt")
    s.call("DELETE", "/v1/webhooks/" + hook["id"])
    settled(s, hook, 1, "4")
    t.ok(True, "a deleted endpoint's deliveries are canceled")
    # One that was not canceled by the deletion (an event of the same moment) is, when it is due.
    s.sql(
        "UPDATE deliveries SET state = 0, due_at = UTC_TIMESTAMP(6)"
        f" WHERE webhook_id = UNHEX('{hook['id'].replace('-', '')}')"
    )
    settled(s, hook, 1, "4")
    t.ok(True, "by the worker too")
    s.sink.answer = lambda delivery: (204, {})


def never_a_pin(s, t):
    """A schedule that the database refuses to turn into a pin is told like any other failure."""
    with only(s, "/refused", secret=SECRET):
        s.sql("ALTER TABLE pins ADD CONSTRAINT refused CHECK (title <> 'refused')")

        def body():
            run_at = (datetime.now(timezone.utc) + timedelta(seconds=1)).isoformat()
            return s.pin_body(title="refused", external_id="ours") | {"run_at": run_at}

        made = s.soon("/v1/schedules", body)
        told = s.wait_for(lambda: s.sink.events("/refused"), LONG, "it is told")
        s.sql("ALTER TABLE pins DROP CONSTRAINT refused")
        e = told[0]
        t.equal((e["event"], e["schedule_id"], e["pin_id"]), ("pin.failed", made["id"], None), "of no pin")
        t.equal((e["status"], e["error_code"], e["external_id"]), ("failed", "internal_error", "ours"), "why")
        t.equal(s.call("GET", f"/v1/schedules/{made['id']}")["status"], "failed", "and the schedule says so")


def killed(s, t):
    release = threading.Event()
    s.sink.answer = lambda delivery: (release.wait(20) and 204 or 204, {})
    with only(s, "/killed", secret=SECRET) as hook:
        # All three leave together, so that none has timed out before the last one is under way.
        ident = f"UNHEX('{hook['id'].replace('-', '')}')"
        s.sql(f"UPDATE webhooks SET paused_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR WHERE id = {ident}")
        pins = publish(s, 3)
        put_off = f"SELECT COUNT(*) FROM deliveries WHERE webhook_id = {ident} AND due_at > UTC_TIMESTAMP(6) + INTERVAL 30 MINUTE"
        s.wait_for(lambda: s.sql(put_off) == [["3"]], LONG, "three wait")
        s.sql(f"UPDATE webhooks SET paused_until = NULL WHERE id = {ident}")
        s.sql(f"UPDATE deliveries SET due_at = UTC_TIMESTAMP(6) WHERE webhook_id = {ident}")
        s.wait_for(lambda: len(arrived(s, "/killed")) == 3, LONG, "three are under way")
        s.kill9("worker")
        release.set()
        t.equal([r["state"] for r in deliveries(s, hook)], ["0"] * 3, "nothing is saved yet")
        s.start("worker")
        # What was under way is due again when its lease is over: time-out and 15 s.
        s.wait_for(
            lambda: [r["state"] for r in deliveries(s, hook)] == ["1"] * 3, 60, "delivered again"
        )
        got = s.sink.events("/killed")
        t.equal({e["pin_id"] for e in got}, set(pins), "each event has arrived")
        t.equal(len(got), 6, "those in flight once more")


def main():
    t = Tap()
    overrides = {"webhooks": {"retry_delays_s": "0, 1, 1, 1", "timeout_ms": TIMEOUT_MS, "connect_timeout_ms": 2000}}
    with Stack(overrides=overrides) as s:
        s.sign_up()
        for case in (
            signed,
            retried,
            given_up,
            gone,
            asked_to_wait,
            hanging,
            breaker,
            redirected,
            blocked,
            deleted,
            never_a_pin,
            killed,
        ):
            started = time.monotonic()
            case(s, t)
            print(f"# {case.__name__}: {time.monotonic() - started:.1f} s", flush=True)
        t.equal(s.stop("worker"), 0, "the worker ends well")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
