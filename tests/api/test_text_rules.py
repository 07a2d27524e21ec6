#!/usr/bin/env python3
"""The rule for text and the rule for addresses (lib/text.h, lib/url.h) at every door: JSON bodies,
CSV cells and the operator's command. What must not be in a text is refused with its name and place,
blanks at the edges are cut off, what is required can be seen, and emoji and Persian pass whole."""

import json
import os
import secrets
import sys
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()
ESC, NBSP, ZWSP, BOM, RLO, NONCHAR, C1 = "\x1b", "\u00a0", "\u200b", "\ufeff", "\u202e", "\ufffe", "\u009b"
BAD = {ESC: "U+001B", C1: "U+009B", RLO: "U+202E", NONCHAR: "U+FFFE", "\U000e0061": "U+E0061"}
UNSEEN = [" ", NBSP, ZWSP, "\u3164", "\u2800"]
WHOLE = ["\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u2764\ufe0f"]
RUN_AT = (datetime.now(timezone.utc) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")


def faults(got):
    return {e["loc"][-1]: e["msg"] for e in got[2]["error"].get("errors", [])} if got[0] == 422 else {}


def key():
    return secrets.token_hex(8)


class Door:
    """A field of a request: how to send a value in it, and how the value is shown afterwards."""

    def __init__(self, s, name, method, path, body, field, show=True, required=False, auth=True):
        self.s, self.name, self.method, self.path = s, name, method, path
        self.body, self.field, self.show, self.required, self.auth = body, field, show, required, auth

    def send(self, value):
        return self.s.api(self.method, self.path, {**self.body(), self.field: value}, auth=self.auth)

    def check(self):
        refused = [c for c in BAD if BAD[c] not in faults(self.send(f"ab{c}c {key()}")).get(self.field, "")]
        t.equal(refused, [], f"{self.name}: what no text may hold is refused by name")
        at = faults(self.send("ä" + ESC + key())).get(self.field, "")
        t.ok("at character 2" in at, f"{self.name}: the place is said", at)
        if self.required:
            taken = [c for c in UNSEEN if "empty" not in faults(self.send(c)).get(self.field, "")]
            t.equal(taken, [], f"{self.name}: a text that cannot be seen is empty")
        for whole in WHOLE:
            text = whole + key()
            got = self.send(f" {NBSP}{text}{ZWSP}\n")
            shown = {**got[2], **got[2].get("payload", {})} if got[0] < 300 else got
            t.equal(shown.get(self.field) if got[0] < 300 else shown, text if self.show else shown.get(self.field),
                    f"{self.name}: blanks at the edges are cut off, the rest stays")


def json_doors(s):
    pin, schedule = s.pin_body, lambda: s.pin_body(run_at=RUN_AT)
    made = s.call("POST", "/v1/schedules", schedule())["id"]
    for field in ("title", "description", "alt_text", "external_id", "campaign", "idempotency_key"):
        required = field in ("title", "idempotency_key")
        Door(s, f"pin {field}", "POST", "/v1/pins", pin, field, required=required).check()
    Door(s, "schedule title", "POST", "/v1/schedules", schedule, "title", required=True).check()
    Door(s, "PATCH title", "PATCH", f"/v1/schedules/{made}", dict, "title").check()
    Door(s, "key name", "POST", "/v1/api-keys", dict, "name", required=True, auth=s.token).check()
    sandbox = s.api("POST", "/v1/projects/sandbox", {"name": "a" + RLO}, auth=s.token)
    t.ok("U+202E" in faults(sandbox).get("name", ""), "project name: the same rule", sandbox[2])
    board = {"account_id": s.account_id}
    for name in ("   ", ZWSP, "a" + ESC):
        got = s.api("POST", "/v1/pinterest/boards", {**board, "name": name})
        t.ok("name" in faults(got), f"board name {name!r} is refused", got[2])
    got = s.api("POST", "/v1/pins", pin(related_terms=["oak", "a" + C1]))
    t.ok("U+009B" in faults(got).get("related_terms", ""), "related_terms: the same rule", got[2])
    got = s.call("POST", "/v1/pins", pin(related_terms=f"oak{NBSP}, {ZWSP}shelf"))
    t.equal(got["related_terms"], ["oak", "shelf"], "related_terms are trimmed one by one")
    person = {"full_name": "A", "password": "pqrspqrs"}
    for email in (f"a{ZWSP}@example.com", "a b@example.com"):
        got = s.api("POST", "/v1/auth/register", {**person, "email": email}, auth=False)
        t.ok("email" in faults(got), f"e-mail {email!r} is refused", got[2])
    login = {"email": f"\u200e{s.email} \n", "password": s.password}
    t.equal(s.api("POST", "/v1/auth/login", login, auth=False)[0], 200, "a login trims the address")


def lines_of_texts(s):
    got = s.call("POST", "/v1/pins", s.pin_body(title="Oak\vshelf\nnew", description="a\r\nb\vc\td\u2028e"))
    t.equal(got["title"], "Oak shelf new", "a title is one line")
    t.equal(got["description"], "a\nb c\td\ne", "a description keeps its lines; a vertical tab becomes a blank")
    got = s.api("POST", "/v1/pins", s.pin_body(external_id="a\tb", idempotency_key="a\nb"))
    t.equal(set(faults(got)), {"external_id", "idempotency_key"}, "keys are compared exactly: no tabs, no line ends")


def ids_and_times(s):
    body = s.pin_body(run_at=f" {RUN_AT}\n", idempotency_key=" " + key())
    body.update(account_id=f"\t{body['account_id']} ", board_id=body["board_id"] + NBSP, image_url=f" {body['image_url']} ")
    got = s.api("POST", "/v1/schedules", body)
    t.equal(got[0], 201, "blanks around ids, times, keys and addresses do no harm")
    again = s.api("POST", "/v1/schedules", {**body, "idempotency_key": body["idempotency_key"][1:], "account_id": s.account_id})
    t.equal((again[0], again[2]["id"]), (201, got[2]["id"]), "the padded key is the same key")
    done = s.call("POST", "/v1/schedules/bulk-cancel", {"ids": [f" {got[2]['id']}{ZWSP}"]})
    t.equal(done["succeeded_count"], 1, "blanks around the ids of a list do no harm")
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\xe2\x80\xaecsv.b"\r\n\r\ntitle\nA\r\n--x--\r\n'
    made = s.call("POST", "/v1/pins/imports/csv", form, headers={"Content-Type": "multipart/form-data; boundary=x"})
    t.equal(made["source_filename"], None, "a file name that reorders text is dropped")


def empty_is_absent(s):
    optional = ("description", "link_url", "alt_text", "related_terms", "dominant_color", "not_after", "external_id", "campaign", "asset_id")
    got = s.api("POST", "/v1/schedules", s.pin_body(run_at=RUN_AT, **dict.fromkeys(optional, "")))
    t.equal(got[0], 201, "an empty text is an absent field, whatever the field holds")
    where = "/v1/schedules/" + got[2]["id"]
    s.call("PATCH", where, {"description": "x", "campaign": "y"})
    got = s.call("PATCH", where, {"description": "", "campaign": " "})
    payload = {**got, **got.get("payload", {})}
    t.equal((payload.get("description"), payload.get("campaign")), (None, None), "in a PATCH it clears like null")
    t.equal(set(faults(s.api("PATCH", where, {"title": ""}))), {"title"}, "but not what is required")
    hook = s.webhook()
    got = s.api("PATCH", "/v1/webhooks/" + hook["id"], {"secret": "", "url": ""})
    t.equal(got[0], 422, "an empty secret changes nothing")


def addresses(s):
    wrong = {
        "https://shop.example/oak" + NBSP: "U+00A0 at character 25",
        "https://shop.example/o" + ZWSP + "ak": "U+200B at character 23",
        BOM + "https://shop.example/oak": "U+FEFF at character 1",
        "https://shop\u2060.example/": "U+2060",
        "https://shop.example/a b": "U+0020",
        "https://shop%E2%80%8B.example/": "percent sign",
        "https://https://shop.example/oak": "second",
        "https://http//shop.example/oak": "second",
        "https:///oak": "host",
        "https://me@shop.example/": "user name",
        "https://shop.example:99999/": "port",
        "shop.example": "http",
    }
    doors = [("POST", "/v1/pins", s.pin_body, "link_url"), ("POST", "/v1/pins", s.pin_body, "image_url"),
             ("POST", "/v1/webhooks", lambda: {"secret": "s" * 16}, "url")]
    for method, path, body, field in doors:
        missed = [(url, said) for url, why in wrong.items()
                  if why not in (said := str(faults(s.api(method, path, {**body(), field: url})).get(field)))]
        t.equal(missed, [], f"{path} {field}: addresses are refused by what is wrong with them")
    s.call("POST", "/v1/pins", s.pin_body(link_url="https://b\u00fccher.example/\u00e4?q=%C2%A0"))
    wide = "https://shop.example/" + "\u00e4" * (2048 - 21)
    t.equal(s.call("POST", "/v1/pins", s.pin_body(link_url=wide))["link_url"], wide, "2048 characters, not bytes")


def secrets_of_webhooks(s):
    for secret, why in ((" sixteen-or-more-characters", "begin or end"), ("sixteen-or-more-characters\n", "begin or end"),
                        ("\n" * 16, "empty"), ("sixteen-or-more" + ESC + "-characters", "U+001B"),
                        ("whsec_!!!!!!!!!!!!!!!!", "base64")):
        got = s.api("POST", "/v1/webhooks", {"url": s.sink.url, "secret": secret})
        t.ok(why in faults(got).get("secret", ""), f"the secret {secret!r} is refused", got[2])
    s.webhook(secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    t.ok(True, "a Standard Webhooks secret is accepted")


def csv_door(s):
    names = ["account_id", "board_id", "title", "image_url", "idempotency_key", "link_url"]
    good = [s.account_id, s.board("Always works"), "Oak", s.image_url, "k1", ""]
    rows = [
        ("padded cells", {0: " %s ", 1: "%s" + NBSP, 3: " %s", 4: " %s "}, None),
        ("a control", {2: "O" + ESC + "ak", 4: "k2"}, "U+001B"),
        ("a title that cannot be seen", {2: ZWSP, 4: "k3"}, "title: "),
        ("a link with U+00A0", {5: "https://shop.example/a" + NBSP + "b", 4: "k4"}, "U+00A0"),
        ("the key again, without blanks", {4: "k1"}, "existing"),
    ]
    lines = [",".join(names)]
    for _, change, _ in rows:
        cells = [(change[i] % c if "%s" in change.get(i, "") else change.get(i, c)) for i, c in enumerate(good)]
        lines.append(",".join('"%s"' % c for c in cells))
    data = "\r\n".join(lines).encode()
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="r.csv"\r\n\r\n' + data + b"\r\n--x--\r\n"
    got = s.api("POST", "/v1/pins/imports/csv", form, headers={"Content-Type": "multipart/form-data; boundary=x"})
    where = "/v1/pins/imports/" + got[2]["id"]
    s.wait_for(lambda: s.call("GET", where)["completed_at"], 60, "the import is done")
    for (name, _, want), result in zip(rows, s.call("GET", where)["results"]):
        said = f"{result['status']} {result['error_message']}"
        t.ok((want or "created") in said, f"CSV: {name}", said)


def operator_door(s):
    got = s.operator("user", "add", f" A-{key()}@Example.com", "--name", "a" + ESC, check=False)
    t.ok(got.returncode == 1 and "U+001B" in got.stderr and ESC not in got.stderr, "the operator's names follow the rule", got.stderr)
    got = s.operator("invite", f"a{ZWSP}@example.com", check=False)
    t.ok(got.returncode == 1 and ZWSP not in got.stderr, "and addresses", got.stderr)
    made = s.call("POST", "/v1/pins", s.pin_body(title="Escape me"))["id"]
    raw = "a\x1b[2J\x1b]0;x\x07\u202e\u009b\nstate published"
    literal = "0x" + raw.encode().hex()
    s.sql(f"UPDATE pins SET title = CONVERT({literal} USING utf8mb4) WHERE id = UNHEX('{made.replace('-', '')}')")
    s.sql(f"UPDATE projects SET name = CONVERT({literal} USING utf8mb4)")
    for words in (("why", made), ("status",)):
        got = s.operator(*words, check=False)
        shown = got.stdout + got.stderr
        loose = [c for c in raw if c in "\x1b\x07\u202e\u009b" and c in shown]
        t.equal(loose, [], f"pintempo {words[0]} shows nothing raw, whatever the database holds")
        if words[0] == "why":
            t.ok("\\x1b[2J" in shown and "\nstate published" not in shown, "it shows it escaped, on one line", shown)


with Stack() as s:
    s.sign_up()
    for part in (json_doors, lines_of_texts, ids_and_times, empty_is_absent, addresses, secrets_of_webhooks, csv_door, operator_door):
        part(s)
sys.exit(t.done())
