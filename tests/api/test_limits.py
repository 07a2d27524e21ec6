#!/usr/bin/env python3
"""Every limit of docs/api.md, at the limit and one beyond: what fits is stored whole, in any characters;
what does not is a 422 that names the field (413 for a body). No worker."""

import os
import secrets
import sys
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()
WIDE = "\U0001f600"  # four bytes: a limit counts characters
LINK = "https://example.com/"
KIB, MIB = 1 << 10, 1 << 20
YEARS_100 = 36525


def at(**delta):
    return (datetime.now(timezone.utc) + timedelta(**delta)).strftime("%Y-%m-%dT%H:%M:%SZ")


def link(length):
    return LINK + "a" * (length - len(LINK))


def unique(length, char=WIDE):
    """A unique text of that many characters."""
    head = secrets.token_hex(4)
    return head + char * (length - len(head))


def shown(made, field):
    return made.get("payload", {}).get(field, made.get(field))


def edge(s, path, body, field, good, bad, auth=True):
    """`good` is accepted and shown unchanged; the refusal of `bad` names the field."""
    name = f"POST {path}: {field}"
    status, _, made = s.api("POST", path, {**body, field: good}, auth=auth)
    if t.ok(status < 300, f"{name} at its limit is accepted", made) and field in {**made, **made.get("payload", {})}:
        t.ok(shown(made, field) == good, f"{name} at its limit is stored whole", shown(made, field))
    status, _, got = s.api("POST", path, {**body, field: bad}, auth=auth)
    wrong = [e["loc"] for e in got["error"].get("errors", [])] if status == 422 else got
    t.equal(wrong, [["body", field]], f"{name} beyond its limit is refused")


def pins_and_schedules(s):
    for path, more in (("/v1/pins", {}), ("/v1/schedules", {"run_at": at(hours=1)})):

        def check(field, good, bad, path=path, more=more):
            edge(s, path, s.pin_body(**more), field, good, bad)

        for field, most in (("title", 100), ("description", 800), ("alt_text", 500)):
            check(field, WIDE * most, WIDE * (most + 1))
        for field in ("external_id", "campaign", "idempotency_key"):
            check(field, unique(255), unique(256))
        for field in ("image_url", "link_url"):
            check(field, link(2048), link(2049))
        check("title", "a", "")
        check("related_terms", [unique(100) for _ in range(30)], ["a"] * 31)
        check("related_terms", ["a"], ["a" * 101])
        check("dominant_color", "#ABCDEF", "#ABCDEG")
        check("not_after", at(days=YEARS_100 - 1), at(days=YEARS_100 + 1))
    edge(s, "/v1/schedules", s.pin_body(), "run_at", at(days=YEARS_100 - 1), at(days=YEARS_100 + 1))
    edge(s, "/v1/schedules", s.pin_body(), "run_at", at(minutes=1), "9999-12-31T23:59:59Z")
    far = s.pin_body(run_at=at(hours=1), not_after=at(days=YEARS_100 - 1))
    made = s.call("POST", "/v1/schedules", far)
    got = s.api("PATCH", "/v1/schedules/" + made["id"], {"run_at": at(days=YEARS_100 - 1)})
    t.equal(got[0], 200, "the latest possible run_at and deadline are accepted")


def webhooks(s):
    def check(field, good, bad):
        edge(s, "/v1/webhooks", {"url": s.sink_url, "secret": "s" * 16}, field, good, bad)

    check("secret", WIDE * 255, WIDE * 256)
    check("secret", "s" * 16, "s" * 15)
    url = s.sink_url + "?"
    check("url", url + "a" * (2048 - len(url)), url + "a" * (2049 - len(url)))
    check("events", ["pin.published", "pin.failed"], [])
    made = [s.api("POST", "/v1/webhooks", {"url": s.sink_url, "secret": "s" * 16})[0] for _ in range(17)]
    t.equal(made, [201] * 16 + [409], "20 webhooks are accepted and the 21st is refused")


def people(s):
    body = {"full_name": "A Test", "password": "pqrspqrs"}

    def check(field, good, bad):
        mail = {"email": secrets.token_hex(6) + "@example.com"}
        edge(s, "/v1/auth/register", {**mail, **body}, field, good, bad, auth=False)

    check("full_name", WIDE * 255, WIDE * 256)
    check("full_name", "A", " \t ")
    check("workspace_name", WIDE * 255, WIDE * 256)
    check("password", "pqrspqrs", "pqrspqr")
    check("password", WIDE * 252 + "xyz", WIDE * 256)
    check("timezone", "America/Argentina/ComodRivadavia", "Mars/Olympus")
    host = f"{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 59}.com"
    long = secrets.token_hex(4) + "a" * 56 + "@" + host
    check("email", long, long.replace(".com", ".como"))
    check("email", secrets.token_hex(32) + "@example.com", secrets.token_hex(32) + "a@example.com")
    entered = s.call("POST", "/v1/auth/login", {"email": long, "password": "pqrspqrs"}, auth=False)
    token = entered["access_token"]
    made = s.api("POST", "/v1/webhooks", {"url": s.sink_url, "secret": "s" * 16}, auth=token)
    t.equal(made[0], 201, "an action by a user with the longest address can be logged")
    spaced = {**body, "full_name": " Ada  L. ", "email": secrets.token_hex(6) + "@example.com"}
    made = s.call("POST", "/v1/auth/register", spaced, auth=False)
    t.equal(made["user"]["full_name"], "Ada  L.", "a name is stored without surrounding blanks")


def names(s):
    def check(path, body, field, good, bad, auth):
        edge(s, path, body, field, good, bad, auth=auth)

    check("/v1/api-keys", {}, "name", WIDE * 255, WIDE * 256, s.token)
    check("/v1/api-keys", {"name": "k"}, "scopes", ["read", "write", "destructive"], [], s.token)
    ids = [s.account_id] * 100
    made = s.api("POST", "/v1/api-keys", {"name": "k", "pinterest_account_ids": ids}, auth=s.token)
    t.equal((made[0], made[2]["pinterest_account_ids"]), (201, [s.account_id]), "an allow-list of 100 accounts is accepted")
    body = {"name": "k", "pinterest_account_ids": ids + ids[:1]}
    t.equal(s.api("POST", "/v1/api-keys", body, auth=s.token)[0], 422, "an allow-list of 101 accounts is refused")
    board = {"account_id": s.account_id}
    check("/v1/pinterest/boards", board, "name", unique(180), unique(181), True)
    check("/v1/pinterest/boards", {**board, "name": "d"}, "description", "d" * 500, "d" * 501, True)
    check("/v1/projects/sandbox", {}, "name", WIDE * 255, WIDE * 256, s.token)


def lists(s):
    for path in ("/v1/pins", "/v1/schedules", "/v1/pins/imports"):
        for good in ("limit=1", "limit=200", "offset=2147483647"):
            t.equal(s.api("GET", f"{path}?{good}")[0], 200, f"{path}?{good} is accepted")
        for bad in ("limit=0", "limit=201", "offset=-1", "offset=2147483648"):
            status, _, got = s.api("GET", f"{path}?{bad}")
            wrong = [e["loc"] for e in got["error"]["errors"]] if status == 422 else got
            t.equal(wrong, [["query", bad.split("=")[0]]], f"{path}?{bad} is refused")
    for path in ("/v1/pins", "/v1/schedules"):
        t.equal(s.api("GET", f"{path}?q={'a' * 500}")[0], 200, f"{path}: a q of 500 characters is accepted")
        t.equal(s.api("GET", f"{path}?q={'a' * 501}")[0], 422, f"{path}: a q of 501 characters is refused")


def bodies(s):
    kind = {"Content-Type": "application/json"}

    def sized(length):
        return "{" + " " * (length - 2) + "}"

    t.equal(s.api("POST", "/v1/pins", sized(64 * KIB), kind)[0], 422, "a body of 64 KiB is read")
    t.equal(s.api("POST", "/v1/pins", sized(64 * KIB + 1), kind)[0], 413, "a body of 64 KiB and one byte is refused")
    rows = "[{}" + " " * (4 * MIB - 4) + "]"
    t.equal(s.api("POST", "/v1/pins/imports/json", rows, kind)[0], 202, "an import of 4 MiB is read")
    t.equal(s.api("POST", "/v1/pins/imports/json", rows + " ", kind)[0], 413, "an import of 4 MiB and one byte is refused")
    deep = "[" * 16 + "]" * 16
    t.equal(s.api("POST", "/v1/pins", f'{{"title":{deep[1:-1]}}}', kind)[0], 422, "JSON nested 16 deep is read")
    t.equal(s.api("POST", "/v1/pins", f'{{"title":{deep}}}', kind)[0], 400, "JSON nested 17 deep is refused")
    key = {"Idempotency-Key": "k" * 255}
    made = [s.api("POST", "/v1/pins", s.pin_body(), key) for _ in range(2)]
    t.equal((made[0][0], made[1][0]), (201, 409), "an Idempotency-Key of 255 characters is stored whole")
    got = s.api("POST", "/v1/pins", s.pin_body(), {"Idempotency-Key": "k" * 256})
    t.equal(got[0], 400, "an Idempotency-Key of 256 characters is refused")


def main():
    with Stack(worker=False) as s:
        s.sign_up()
        for part in (pins_and_schedules, webhooks, people, names, lists, bodies):
            print("# " + part.__name__, flush=True)
            part(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
