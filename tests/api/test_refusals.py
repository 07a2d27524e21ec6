#!/usr/bin/env python3
"""What the application refuses because of how it is set up or what it stands on: registration that is
closed or by invitation, a configuration that does not hold, a schema it does not know, a database that
is away on every route there is. No worker."""

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
    "/v1/auth/login": {"email": "a@example.com", "password": "p" * 8},
    "/v1/auth/register": {"full_name": "A", "email": "b@example.com", "password": "p" * 8},
    "/v1/pins/imports/csv": FORM,
    "/v1/pins/imports/json": [{}],
}
# No fact of the database is needed to answer these.
ALONE = {("GET", "/"), ("GET", "/healthz"), ("GET", "/v1/pinterest/oauth/callback")}


def code(answer):
    return answer[0], answer[2]["error"]["code"] if answer[0] >= 400 else None


def newcomer(**more):
    email = secrets.token_hex(6) + "@example.com"
    return {"full_name": "A", "email": email, "password": "p" * 8, **more}


def enter(s, body):
    return s.api("POST", "/v1/auth/register", body, auth=False)


def restart_with(s, registration):
    s.settings["instance"]["registration"] = registration
    parts.write_conf(s.conf, s.settings)
    t.equal(s.restart("app"), 0, f"restarted with registration = {registration}")
    s.wait_for(lambda: s.status_of("/healthz") == 200, 30, "the application answers")


def registration(s):
    restart_with(s, "closed")
    got = enter(s, newcomer())
    t.equal(code(got), (403, "registration_closed"), "closed: refused")
    t.ok("operator" in got[2]["error"]["remediation"], "and whom to ask is said", got[2])
    person = {"email": s.email, "password": s.password}
    t.equal(s.api("POST", "/v1/auth/login", person, auth=False)[0], 200, "who is in may log in")
    restart_with(s, "invite")

    def invitation(*email):
        return s.operator("invite", *email).stdout.strip()

    def refused(body, name):
        got = enter(s, body)
        wrong = [e["loc"] for e in got[2]["error"]["errors"]] if got[0] == 422 else got
        t.equal(wrong, [["body", "invite_token"]], name)

    refused(newcomer(), "invite: not without a token")
    refused(newcomer(invite_token="pbi_" + "x" * 40), "nor with one that is none")
    token = invitation()
    t.equal(enter(s, newcomer(invite_token=token))[0], 201, "with an invitation")
    refused(newcomer(invite_token=token), "which is good once")
    mine = newcomer()
    token = invitation(mine["email"])
    refused(newcomer(invite_token=token), "one for an address is for nobody else")
    t.equal(enter(s, {**mine, "invite_token": token})[0], 201, "but for that one")
    taken, token = {**mine, "password": "q" * 8}, invitation()
    t.equal(code(enter(s, {**taken, "invite_token": token})), (409, "conflict"), "an address in use")
    t.equal(enter(s, newcomer(invite_token=token))[0], 201, "does not use up the invitation")
    token = invitation()
    s.sql("UPDATE invitations SET expires_at = UTC_TIMESTAMP(6) WHERE used_at IS NULL")
    refused(newcomer(invite_token=token), "nor does one that has expired")
    restart_with(s, "open")


def configuration(s):
    with open(s.conf) as f:
        good = f.read()
    parts.write(s.conf, good + "\n[app]\nthreads = many\n")
    app = s.programs["app"]
    app.signal(signal.SIGHUP)
    s.wait_for(lambda: "event=reload result=refused" in s.log("app"), 10, "the refusal is logged")
    line = good.count("\n") + 3
    t.ok(f"{s.conf}:{line}:" in s.log("app"), "SIGHUP: a wrong line is told by its number")
    t.equal(s.status_of("/healthz"), 200, "and the application goes on")
    t.equal(s.restart("app"), 0, "a restart")
    app.wait()
    t.ok(app.process.returncode == 1 and "step=configuration" in s.log("app"), "refuses it")
    parts.write(s.conf, good)
    s.start("app")
    s.wait_for(lambda: s.status_of("/healthz") == 200, 30, "the application answers")


def shift(s, by):
    way = "DESC" if by > 0 else "ASC"
    s.sql(f"UPDATE schema_versions SET version = version + {by} ORDER BY version {way}")


def schema(s):
    """Both programs; the application that runs, and one that starts."""
    known = int(s.sql("SELECT MAX(version) FROM schema_versions")[0][0])
    for by, advice in ((1, "upgrade this program"), (-1, "run: pintempo migrate")):
        shift(s, by)
        got = s.api("GET", "/readyz", auth=False)
        t.equal((code(got), got[2]["detail"]), ((503, "service_unavailable"), "Not ready: schema."), "readyz")
        t.ok(got[1]["Retry-After"], "with Retry-After")
        for name in ("app", "worker"):
            program = s.programs[name]
            program.stop()
            program.start()
            t.equal(program.wait(), 1, f"schema {known + by}: the {name} does not start")
            program.process = None
            t.ok("event=database_refused" in program.text() and advice in program.text(), f"and says: {advice}")
        done = s.operator("status", check=False)
        t.ok(done.returncode != 0 and advice in done.stdout + done.stderr, "so does the command", done)
        shift(s, -by)
        s.start("app")
        s.wait_for(lambda: s.status_of("/healthz") == 200, 30, "the application answers")
    got = s.api("GET", "/readyz", auth=False)
    t.equal((got[0], got[2]["detail"]), (503, "Not ready: worker."), "readyz: only the worker is missing")


def routes():
    with open(os.path.join(TOP, "app", "routes.def")) as f:
        found = re.findall(r'ROUTE\((\w+), "([^"]+)", (\w+),', f.read())
    t.ok(len(found) > 40, "app/routes.def is read", len(found))
    return found


def database_away(s):
    s.stop("database")
    for method, pattern, access in routes():
        path = pattern.replace("{}", str(uuid.uuid4())) + "?account_id=" + s.account_id
        body = None if method in ("GET", "DELETE") else BODIES.get(pattern, {})
        kind = {"Content-Type": "multipart/form-data; boundary=x"} if body is FORM else {}
        auth = {"PUBLIC": False, "SESSION": s.token}.get(access, True)
        got = s.api(method, path, body, kind, auth=auth)
        if (method, pattern) in ALONE:
            t.ok(got[0] < 500, f"answers without a database: {method} {pattern}", got)
        else:
            t.equal(code(got), (503, "service_unavailable"), f"database away: {method} {pattern}")
            t.ok(int(got[1]["Retry-After"] or 0) > 0, "with Retry-After")
    t.equal(s.api("GET", "/readyz", auth=False)[2]["detail"], "Not ready: database.", "readyz says which")
    s.start("database")
    s.wait_for(lambda: s.api("GET", "/v1/pins")[0] == 200, 60, "it works again by itself")
    t.ok(True, "back without a restart")


def main():
    with Stack(worker=False, own_database=True) as s:
        s.sign_up()
        for part in (registration, configuration, schema, database_away):
            print("# " + part.__name__, flush=True)
            part(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
