#!/usr/bin/env python3
"""Refusals that come from the setup: registration closed or by invitation, a wrong configuration, an
unknown schema, and an unreachable database, on every route. No worker."""

import os
import re
import secrets
import signal
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import TOP, Stack, Tap, parts  # noqa: E402

t = Tap()
FORM = b'--x\r\nContent-Disposition: form-data; name="file"; filename="r.csv"\r\n\r\ntitle\nA\n\r\n--x--\r\n'
BODIES = {
    "/v1/auth/login": {"email": "a@example.com", "password": "pqrspqrs"},
    "/v1/auth/register": {"full_name": "A", "email": "b@example.com", "password": "pqrspqrs"},
    "/v1/auth/forgot-password": {"email": "a@example.com"},
    "/v1/auth/reset-password": {"token": "x" * 43, "password": "Correct-horse-7"},
    "/v1/auth/reset-password/form": FORM,
    "/v1/team/invitations/accept/form": FORM,
    "/v1/pins/imports/csv": FORM,
    "/v1/pins/imports/json": [{}],
}
# Routes that are answered without the database.
ALONE = {
    ("GET", "/"), ("GET", "/docs"), ("GET", "/docs/Pintempo.php"), ("GET", "/docs/style.css"), ("GET", "/healthz"), ("GET", "/openapi.json"),
    ("GET", "/v1/pinterest/oauth/callback"), ("GET", "/v1/billing/pricing"), ("POST", "/v1/stripe/webhook"),
    ("GET", "/v1/pinterest/oauth/connect"), ("POST", "/v1/pinterest/oauth/connect"),
    # a link whose seal is looked at first
    ("GET", "/v1/email/unsubscribe"), ("POST", "/v1/email/unsubscribe"),
}  # fmt: skip


def code(answer):
    return answer[0], answer[2]["error"]["code"] if answer[0] >= 400 else None


def newcomer(**more):
    email = secrets.token_hex(6) + "@example.com"
    return {"full_name": "A", "email": email, "password": "pqrspqrs", **more}


def enter(s, body):
    return s.api("POST", "/v1/auth/register", body, auth=False)


def restart_with(s, registration):
    s.settings["instance"]["registration"] = registration
    parts.write_conf(s.conf, s.settings)
    t.equal(s.restart("app"), 0, f"the application restarts with registration = {registration}")
    s.wait_for(lambda: s.status_of("/healthz") == 200, 30, "the application answers")


def registration(s):
    restart_with(s, "closed")
    got = enter(s, newcomer())
    t.equal(code(got), (403, "registration_closed"), "registration = closed refuses a registration")
    t.ok("operator" in got[2]["error"]["remediation"], "the refusal says to ask the operator", got[2])
    person = {"email": s.email, "password": s.password}
    t.equal(s.api("POST", "/v1/auth/login", person, auth=False)[0], 200, "an existing user can still log in")
    restart_with(s, "invite")

    def invitation(*email):
        return s.operator("invite", *email).stdout.strip()

    def refused(body, name):
        got = enter(s, body)
        wrong = [e["loc"] for e in got[2]["error"]["errors"]] if got[0] == 422 else got
        t.equal(wrong, [["body", "invite_token"]], name)

    refused(newcomer(), "registration = invite refuses a registration without a token")
    refused(newcomer(invite_token="pbi_" + "x" * 40), "an unknown invitation is refused")
    token = invitation()
    t.equal(enter(s, newcomer(invite_token=token))[0], 201, "an invitation is accepted")
    refused(newcomer(invite_token=token), "an invitation is refused the second time")
    mine = newcomer()
    token = invitation(mine["email"])
    refused(newcomer(invite_token=token), "an invitation for an address is refused for another one")
    t.equal(enter(s, {**mine, "invite_token": token})[0], 201, "an invitation for an address is accepted for it")
    taken, token = {**mine, "password": "qrstqrst"}, invitation()
    t.equal(code(enter(s, {**taken, "invite_token": token})), (409, "conflict"), "a registration of a taken address is refused")
    t.equal(enter(s, newcomer(invite_token=token))[0], 201, "a refused registration does not use up the invitation")
    token = invitation()
    s.sql("UPDATE invitations SET expires_at = UTC_TIMESTAMP(6) WHERE used_at IS NULL")
    refused(newcomer(invite_token=token), "an expired invitation is refused")
    restart_with(s, "open")


def configuration(s):
    with open(s.conf) as f:
        good = f.read()
    parts.write(s.conf, good + "\n[app]\nthreads = many\n")
    app = s.programs["app"]
    app.signal(signal.SIGHUP)
    s.wait_for(lambda: "event=reload_refused" in s.log("app"), 10, "the refusal is logged")
    line = good.count("\n") + 3
    t.ok(f"{s.conf}:{line}:" in s.log("app"), "SIGHUP with a wrong configuration logs the wrong line's number")
    t.equal(s.status_of("/healthz"), 200, "the application goes on with the old configuration")
    t.equal(s.restart("app"), 0, "the application stops for a restart")
    app.wait()
    t.ok(app.process.returncode == 1 and "step=configuration" in s.log("app"), "the application does not start with a wrong configuration")
    parts.write(s.conf, good)
    s.start("app")
    s.wait_for(lambda: s.status_of("/healthz") == 200, 30, "the application answers")


def shift(s, by):
    way = "DESC" if by > 0 else "ASC"
    s.sql(f"UPDATE schema_versions SET version = version + {by} ORDER BY version {way}")


def schema(s):
    """Both programs, the running application and a starting one."""
    known = int(s.sql("SELECT MAX(version) FROM schema_versions")[0][0])
    for by, advice in ((1, "upgrade this program"), (-1, "run: pintempo migrate")):
        shift(s, by)
        got = s.api("GET", "/readyz", auth=False)
        t.equal((code(got), got[2]["detail"]), ((503, "service_unavailable"), "Not ready: schema."), "readyz names the schema")
        t.ok(got[1]["Retry-After"], "the 503 has Retry-After")
        for name in ("app", "worker"):
            program = s.programs[name]
            program.stop()
            program.start()
            t.equal(program.wait(), 1, f"schema {known + by}: {name} does not start")
            program.process = None
            t.ok("event=database_refused" in program.text() and advice in program.text(), f"schema {known + by}: the log says: {advice}")
        done = s.operator("status", check=False)
        t.ok(done.returncode != 0 and advice in done.stdout + done.stderr, f"schema {known + by}: the command refuses with the same advice", done)
        shift(s, -by)
        s.start("app")
        s.wait_for(lambda: s.status_of("/healthz") == 200, 30, "the application answers")
    got = s.api("GET", "/readyz?worker=1", auth=False)
    t.equal((got[0], got[2]["detail"]), (503, "Not ready: worker."), "readyz names the worker when only it is missing")


def routes():
    with open(os.path.join(TOP, "app", "routes.def")) as f:
        found = re.findall(r'ROUTE\((\w+), "([^"]+)", (\w+),.*"([^"]*)", \w+\)', f.read())
    t.ok(len(found) > 40, "app/routes.def is read", len(found))
    return found


def database_away(s):
    s.stop("database")
    for method, pattern, access, query in routes():
        path = pattern.replace("{}", str(uuid.uuid4()))
        if "account_id" in query.split():
            path += "?account_id=" + s.account_id + ("&terms=x" if "terms+" in query else "")
        if "token" in query.split():
            path += "?token=" + "x" * 43
        body = None if method in ("GET", "DELETE") else BODIES.get(pattern, {})
        kind = {"Content-Type": "multipart/form-data; boundary=x"} if body is FORM else {}
        auth = {"PUBLIC": False, "SESSION": s.token}.get(access, True)
        got = s.api(method, path, body, kind, auth=auth)
        if (method, pattern) in ALONE:
            t.ok(got[0] < 500, f"a route without database access answers without a database: {method} {pattern}", got)
        else:
            t.equal(code(got), (503, "service_unavailable"), f"a route with database access is a 503 without a database: {method} {pattern}")
            t.ok(int(got[1]["Retry-After"] or 0) > 0, "the 503 has Retry-After")
    t.equal(s.api("GET", "/readyz", auth=False)[2]["detail"], "Not ready: database.", "readyz names the database")
    s.start("database")
    s.wait_for(lambda: s.api("GET", "/v1/pins")[0] == 200, 60, "it works again by itself")
    t.ok(True, "the application is back without a restart once the database is")


def main():
    with Stack(worker=False, own_database=True) as s:
        s.sign_up()
        for part in (registration, configuration, schema, database_away):
            print("# " + part.__name__, flush=True)
            part(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
