#!/usr/bin/env python3
"""Secret boards: refused at every door while the account lacks the permissions for them, named with
what is missing; usable once they are granted. TAP on stdout."""

import os
import secrets
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness import Stack, Tap, parts

t = Tap()
ASKED = "boards:read,boards:write,pins:read,pins:write,user_accounts:read"
SECRET = "boards:read_secret,boards:write_secret,pins:read_secret,pins:write_secret"
RUN = "2031-01-01T08:00:00Z"


def code(got):
    return got[0], (got[2] or {}).get("error", {}).get("code")


def board(s, token, name, privacy):
    return s.call("POST", "/sandbox/v5/boards", {"name": name, "privacy": privacy}, auth=token)["id"]


def body(s, board, **fields):
    return {"account_id": s.account_id, "board_id": board, "title": "x", "image_url": s.image_url, "idempotency_key": secrets.token_hex(8), **fields}


def refused(got, name, lacks=SECRET):
    error = (got[2] or {}).get("error", {})
    t.equal(code(got), (422, "scope_missing"), f"{name}: refused")
    t.ok(lacks.replace(",", ", ") in error.get("message", ""), f"{name}: what is missing is named", error)
    return error


def doors(s, board, lacks, name):
    refused(s.api("POST", "/v1/pins", body(s, board)), f"{name}: POST pins", lacks)
    refused(s.api("POST", "/v1/schedules", body(s, board, run_at=RUN)), f"{name}: POST schedules", lacks)
    failed = s.call("POST", "/v1/pins", body(s, s.board("Image broken")))["id"]
    s.wait_for(lambda: s.call("GET", "/v1/pins/" + failed)["status"] == "failed", 30, "the pin fails")
    refused(s.api("PATCH", "/v1/pins/" + failed, {"board_id": board}), f"{name}: PATCH pin", lacks)
    refused(s.api("POST", f"/v1/pins/{failed}/retry", {"board_id": board}), f"{name}: retry on that board", lacks)
    kept = s.call("GET", "/v1/pins/" + failed)
    t.equal((kept["board_id"], kept["status"]), (s.board("Image broken"), "failed"), f"{name}: the pin stays as it was")
    got = s.call("POST", "/v1/pins/validate", body(s, board))
    check = {c["name"]: c for c in got["checks"]}["board_access"]
    t.equal((got["valid"], check["status"], check["code"]), (False, "failed", "scope_missing"), f"{name}: validate says no")
    t.ok(lacks.replace(",", ", ") in check["message"], f"{name}: validate names what is missing", check)
    access = s.call("GET", f"/v1/pinterest/boards/{board}/access?account_id={s.account_id}")
    t.equal((access["publishable"], access["code"]), (False, "scope_missing"), f"{name}: board access says no")


def imported(s, hidden):
    rows = [body(s, hidden), body(s, s.board("Always works"), run_at=RUN)]
    job = s.call("POST", "/v1/pins/imports/json", rows)["id"]
    ended = lambda: (j := s.call("GET", f"/v1/pins/imports/{job}"))["status"].startswith("completed") and j  # noqa: E731
    results = s.wait_for(ended, 30, "the import ends")["results"]
    t.equal([(r["status"], r.get("error_code")) for r in results], [("failed", "scope_missing"), ("created", None)], "import: the row is refused, the others are taken")
    t.ok(SECRET.replace(",", ", ") in results[0]["error_message"], "import: what is missing is named", results[0])


def lacking(s, hidden):
    listed = s.call("GET", f"/v1/pinterest/boards?account_id={s.account_id}")
    t.ok(hidden not in [b["id"] for b in listed], "no secret scope: the board is not listed")
    doors(s, hidden, SECRET, "no secret scope")
    error = refused(s.api("POST", "/v1/pins", body(s, hidden)), "no secret scope, again")
    t.ok("`scopes`" in error["remediation"], "no secret scope: the remedy names the setting", error)
    made = {"account_id": s.account_id, "name": "Secret", "privacy": "SECRET"}
    got = s.api("POST", "/v1/pinterest/boards", made)
    t.equal(code(got), (409, "scope_missing"), "no secret scope: a secret board cannot be created")
    t.ok("boards:read_secret, boards:write_secret" in got[2]["error"]["message"], "no secret scope: it names them", got[2])
    t.equal(s.call("GET", "/v1/pinterest/accounts")[0]["health_status"], "healthy", "no secret scope: the account stays healthy")


def unnamed(s, hidden):
    """Pinterest's answers do not always name the scopes."""
    text = "Your token does not have sufficient permissions to perform this operation."
    s.admin("arm", {"match": {"method": "GET", "path_prefix": "/v5/boards/" + hidden}, "times": 1, "fault": {"kind": "status", "status": 401, "code": 3, "message": text}})
    refused(s.api("POST", "/v1/pins", body(s, hidden)), "unnamed scopes")
    s.admin("arm", {"match": {"method": "GET", "path_prefix": "/v5/boards/" + hidden}, "times": 1, "fault": {"kind": "status", "status": 404, "code": 40, "message": "Board not found."}})
    got = s.api("POST", "/v1/pins", body(s, hidden))
    t.equal(code(got), (422, "board_not_found"), "hidden: a board that Pinterest denies is not found")
    t.ok("secret board" in got[2]["error"]["remediation"], "hidden: the remedy mentions secret boards", got[2])
    s.admin("arm", {"match": {"method": "GET", "path_prefix": "/v5/boards/" + hidden}, "times": 1, "fault": {"kind": "status", "status": 401, "code": 3, "message": "... sufficient permissions ... Missing: ['boards:read']"}})
    t.equal(s.api("POST", "/v1/pins", body(s, hidden))[0], 201, "a permission that all boards need: the pin is accepted and waits")


def became_secret(s, token):
    """The board was public when the pin was accepted: this pin fails, the account goes on."""
    was = board(s, token, "Open at first", "PUBLIC")
    s.call("POST", f"/v1/pinterest/accounts/{s.account_id}/pause", {}, auth=s.token)
    pin = s.call("POST", "/v1/pins", body(s, was))["id"]
    s.call("PATCH", "/sandbox/v5/boards/" + was, {"privacy": "SECRET"}, auth=token)
    s.call("POST", f"/v1/pinterest/accounts/{s.account_id}/resume", {}, auth=s.token)
    get = lambda: s.call("GET", "/v1/pins/" + pin)
    s.wait_for(lambda: get()["status"] == "failed", 30, "the pin fails")
    t.ok(get()["error_code"] == "scope_missing" and "boards:write_secret" in get()["error_message"], "became secret: the pin fails with what is missing", get())
    other = s.call("POST", "/v1/pins", body(s, s.board("Always works")))["id"]
    s.wait_for(lambda: s.call("GET", "/v1/pins/" + other)["status"] == "published", 30, "the next pin is published")
    t.ok(True, "became secret: other boards of the account are published to")
    return pin


def granted(s, hidden, failed):
    s.settings["sandbox"]["scopes"] = ASKED + "," + SECRET
    parts.write_conf(s.conf, s.settings)
    s.restart("app")
    s.admin("settings", {"drop_scopes": "pins:write_secret"})
    s.connect()
    s.admin("settings", {"drop_scopes": None})
    listed = s.call("GET", f"/v1/pinterest/boards?account_id={s.account_id}")
    t.ok(hidden in [b["id"] for b in listed], "half granted: the board is listed")
    doors(s, hidden, "pins:write_secret", "half granted")
    error = refused(s.api("POST", "/v1/pins", body(s, hidden)), "half granted, again", "pins:write_secret")
    t.ok("Connect the Pinterest account again" in error["remediation"], "half granted: the remedy is to connect again", error)
    s.connect()
    pin = s.call("POST", "/v1/pins", body(s, hidden))["id"]
    s.wait_for(lambda: s.call("GET", "/v1/pins/" + pin)["status"] == "published", 30, "the pin is published")
    t.ok(True, "granted: a pin on a secret board is published")
    s.call("POST", f"/v1/pins/{failed}/retry")
    s.wait_for(lambda: s.call("GET", "/v1/pins/" + failed)["status"] == "published", 30, "the pin is published")
    t.ok(True, "granted: the pin that failed is published by a retry")
    made = s.api("POST", "/v1/pinterest/boards", {"account_id": s.account_id, "name": "Secret", "privacy": "SECRET"})
    t.equal((made[0], made[2].get("privacy")), (201, "SECRET"), "granted: a secret board can be created")


def main():
    with Stack(overrides={"worker": {"poll_ms": 50}, "app": {"board_cache_s": 0}}) as s:
        s.sign_up()
        token = s.pinterest_token(ASKED + "," + SECRET)
        hidden = board(s, token, "Hidden", "SECRET")
        lacking(s, hidden)
        imported(s, hidden)
        unnamed(s, hidden)
        shown = board(s, token, "Protected", "PROTECTED")
        t.equal(s.api("POST", "/v1/pins", body(s, shown))[0], 201, "a protected board needs nothing more")
        failed = became_secret(s, token)
        granted(s, hidden, failed)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
