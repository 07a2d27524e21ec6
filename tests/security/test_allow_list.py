#!/usr/bin/env python3
"""A key that is limited to one account asks for what the others do: webhooks as a way around the
list, webhooks of others, connecting, validate as an oracle; and what is left of it once its list
has changed or it was revoked. TAP on stdout."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()
SECRET = "a-secret-of-an-attacker"
TOKEN_URL = "https://hooks.example/T0/B1?token=of-the-owner"


def code(got):
    return got[0], (got[2] or {}).get("error", {}).get("code")


class Key:
    """An API key of the stack's project, made by its owner."""

    def __init__(self, s, **fields):
        self.s = s
        made = s.call("POST", "/v1/api-keys", {"name": "limited", **fields}, auth=s.token)
        self.id, self.head = made["id"], {"X-API-Key": made["api_key"]}

    def api(self, method, path, body=None):
        return self.s.api(method, path, body, headers=self.head, auth=False)

    def call(self, method, path, body=None):
        return self.s.call(method, path, body, headers=self.head, auth=False)

    def hook(self, path, **fields):
        return self.call("POST", "/v1/webhooks", {"url": self.s.sink.url + path, "secret": SECRET, **fields})

    def limit(self, accounts):
        self.s.call("PATCH", "/v1/api-keys/" + self.id, {"pinterest_account_ids": accounts}, auth=self.s.token)

    def revoke(self):
        self.s.call("DELETE", "/v1/api-keys/" + self.id, auth=self.s.token)

    def seen(self):
        return {h["id"] for h in self.call("GET", "/v1/webhooks")}


def publish(s, account, name):
    """Publishes a pin of the account and waits until the owner's webhook has told it."""
    body = {"account_id": account, "board_id": s.board_of[account], "title": name, "image_url": s.image_url, "idempotency_key": name}
    pin = s.call("POST", "/v1/pins", body)["id"]
    s.wait_for(lambda: pin in told(s, "/owner"), 60, "the owner's webhook is told")
    return pin


def told(s, path):
    return [e["pin_id"] for e in s.sink.events(path)]


def events(s, mine, other):
    """Its webhook tells of its own account only."""
    key = Key(s, pinterest_account_ids=[mine])
    hook = key.hook("/limited")
    t.equal(hook["pinterest_account_ids"], [mine], "a webhook shows the list of the key that made it")
    owned = s.call("GET", "/v1/webhooks/" + hook["id"], auth=s.token)
    t.equal(owned["pinterest_account_ids"], [mine], "its owner sees the list, too")
    theirs, ours = publish(s, other, "events-other"), publish(s, mine, "events-mine")
    s.wait_for(lambda: ours in told(s, "/limited"), 60, "the limited webhook is told")
    t.equal(told(s, "/limited"), [ours], "a limited key's webhook is told of its account only")
    rows = s.sql(f"SELECT COUNT(*) FROM deliveries d JOIN events e ON e.id = d.event_id WHERE d.webhook_id = x'{hook['id'].replace('-', '')}' AND e.subject_id = x'{theirs.replace('-', '')}'")
    t.equal(rows, [["0"]], "no delivery was made for the other account")
    return key, hook


def others_webhooks(s, key, hook, mine, other):
    """It neither sees nor changes what tells more than it may know."""
    wider, same = Key(s, pinterest_account_ids=[mine, other]), Key(s, pinterest_account_ids=[mine])
    everything = s.call("POST", "/v1/webhooks", {"url": s.sink.url + "/all", "secret": SECRET}, auth=s.token)
    both = wider.hook("/both")
    twin = same.hook("/same")
    t.equal(key.seen(), {hook["id"], twin["id"]}, "a limited key sees webhooks within its list only")
    t.ok({hook["id"], both["id"], twin["id"]} == wider.seen(), "a wider one sees those within its own")
    before = s.call("GET", "/v1/webhooks", auth=s.token)
    for name, target in (("the project's", everything), ("a wider key's", both)):
        path = "/v1/webhooks/" + target["id"]
        for method, body in (("GET", None), ("PATCH", {"url": s.sink.url + "/stolen"}), ("DELETE", None)):
            t.equal(code(key.api(method, path, body)), (404, "not_found"), f"{name} webhook is as unknown as none: {method}")
    t.equal(s.call("GET", "/v1/webhooks", auth=s.token), before, "no webhook has changed")
    changed = key.call("PATCH", "/v1/webhooks/" + twin["id"], {"url": s.sink.url + "/mine"})
    t.equal(changed["pinterest_account_ids"], [mine], "one within the list may be changed, and keeps its list")
    same.limit([mine, other])
    pin = publish(s, other, "takeover")
    t.ok(pin not in told(s, "/mine"), "another key's list, widened later, gives it nothing")
    t.equal(key.api("DELETE", "/v1/webhooks/" + twin["id"])[0], 204, "and may be deleted")
    t.equal(code(key.api("GET", "/v1/pinterest/oauth/start")), (403, "account_not_permitted"), "a limited key connects no further account")
    t.equal(key.api("GET", "/v1/pinterest/oauth/start?account_id=" + mine)[0], 200, "but its own again")
    t.equal(code(key.api("GET", "/v1/pinterest/oauth/start?account_id=" + other)), (403, "account_not_permitted"), "not another's")
    for h in (everything, both):
        s.call("DELETE", "/v1/webhooks/" + h["id"], auth=s.token)


def oracle(s, key, mine, other):
    """validate says nothing of what another account made under the same key."""
    for kind in ("pins", "schedules"):
        name = "oracle-" + kind
        body = {"account_id": other, "board_id": s.board_of[other], "title": name, "image_url": s.image_url, "idempotency_key": name}
        if kind == "schedules":
            body["run_at"] = "2040-01-01T00:00:00Z"
        ident = s.call("POST", "/v1/" + kind, body)["id"]
        own = body | {"account_id": mine, "board_id": s.board_of[mine]}
        for what, ask in (("nothing else", {"idempotency_key": name}), ("the same", body), ("its own account", own)):
            for door in ("pins", "schedules"):
                got = key.call("POST", f"/v1/{door}/validate", ask)
                t.ok(ident not in repr(got) and got["existing_pin_id"] is None, f"{door}/validate with {what} tells nothing of another account's {kind}", got)
        got = s.call("POST", f"/v1/{kind}/validate", body)
        t.ok(ident in repr(got), f"the owner is told: {kind}", got)
        t.equal(code(key.api("POST", "/v1/" + kind, own)), (409, "conflict"), f"creating under that key is refused: {kind}")
        refused = key.api("POST", "/v1/" + kind, own)
        t.ok(ident not in repr(refused[2]), f"and the refusal names no id: {kind}", refused)
        job = key.call("POST", "/v1/pins/imports/json", [own])
        done = lambda job=job: key.call("GET", "/v1/pins/imports/" + job["id"])["status"] not in ("queued", "processing")  # noqa: E731
        s.wait_for(done, 60, "the import has ended")
        got = key.call("GET", "/v1/pins/imports/" + job["id"])
        t.ok(ident not in repr(got) and got["failed_rows"] == 1, f"nor does an import: {kind}", got)


def addresses(s):
    """Addresses of receivers are told in full to those who manage them."""
    hook = s.call("POST", "/v1/webhooks", {"url": TOKEN_URL, "secret": SECRET, "is_enabled": False}, auth=s.token)
    t.equal(hook["url"], TOKEN_URL, "who makes a webhook sees its address")
    path = "/v1/webhooks/" + hook["id"]
    reader, writer = Key(s, scopes=["read"]), Key(s, scopes=["read", "write"])
    t.equal(writer.call("GET", path)["url"], TOKEN_URL, "a key with write sees it")
    for name, value in (("one", reader.call("GET", path)), ("list", next(h for h in reader.call("GET", "/v1/webhooks") if h["id"] == hook["id"]))):
        t.equal(value["url"], "https://hooks.example/", f"a reading key sees scheme and host only: {name}")
        t.ok("of-the-owner" not in repr(value), f"and the token nowhere: {name}")
    role = "UPDATE memberships m JOIN projects p USING (organization_id) SET m.role = '%s' WHERE p.id = x'%s'"
    for who, want in (("editor", "https://hooks.example/"), ("admin", TOKEN_URL), ("owner", TOKEN_URL)):
        s.sql(role % (who, s.project_id.replace("-", "")))
        t.equal(s.call("GET", path, auth=s.token)["url"], want, f"role {who} sees {want}")
    s.call("DELETE", path, auth=s.token)


def revoked(s, key, hook, mine, other):
    """What is left of a webhook when its key loses an account, or ends."""
    key.limit([other])
    t.equal(key.seen(), set(), "a key that lost the account does not see its webhook any more")
    before = len(told(s, "/limited"))
    one, two = publish(s, mine, "lost-mine"), publish(s, other, "lost-other")
    key.limit([mine])
    back = publish(s, mine, "back-mine")
    s.wait_for(lambda: back in told(s, "/limited"), 60, "the webhook is told again")
    t.equal(told(s, "/limited")[before:], [back], "meanwhile it was told nothing, neither of the old account nor of the new")
    key.revoke()
    shown = s.call("GET", "/v1/webhooks/" + hook["id"], auth=s.token)
    t.equal((shown["is_enabled"], shown["disabled_reason"], bool(shown["disabled_at"])), (False, "key_revoked", True), "a revoked key's webhook is shown as disabled")
    s.sql("CREATE TABLE purged AS SELECT * FROM api_keys WHERE revoked_at IS NOT NULL; DELETE FROM api_keys WHERE revoked_at IS NOT NULL")
    for where, shown in (("alone", s.call("GET", "/v1/webhooks/" + hook["id"], auth=s.token)), ("in the list", next(h for h in s.call("GET", "/v1/webhooks", auth=s.token) if h["id"] == hook["id"]))):
        t.equal((shown["is_enabled"], shown["disabled_reason"]), (False, "key_revoked"), f"also when the key is not kept any more: {where}")
    s.sql("INSERT INTO api_keys SELECT * FROM purged; DROP TABLE purged")
    gone = publish(s, mine, "revoked-mine")
    t.ok(gone not in told(s, "/limited") and one != two, "and is told nothing")
    shown = s.call("PATCH", "/v1/webhooks/" + hook["id"], {"is_enabled": True}, auth=s.token)
    t.equal((shown["is_enabled"], shown["disabled_reason"], shown["pinterest_account_ids"]), (True, None, [mine]), "its owner may take it over; the list stays")
    theirs, ours = publish(s, other, "over-other"), publish(s, mine, "over-mine")
    s.wait_for(lambda: ours in told(s, "/limited"), 60, "the webhook is told again")
    t.ok(theirs not in told(s, "/limited") and gone not in told(s, "/limited"), "with its list")


def pending(s, mine):
    """A delivery that waits when its key is revoked is not sent any more."""
    key = Key(s, pinterest_account_ids=[mine])
    key.hook("/pending")
    s.sink.answer = lambda d: (503, {"Retry-After": "1"}) if d.path == "/pending" else (204, {})
    pin = publish(s, mine, "pending")
    s.wait_for(lambda: pin in told(s, "/pending"), 60, "the first attempt fails")
    key.revoke()
    seen = len(told(s, "/pending"))
    ended = lambda: not s.sql("SELECT 1 FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE w.url LIKE '%/pending' AND d.due_at IS NOT NULL")  # noqa: E731
    s.wait_for(ended, 60, "the delivery has ended")
    t.ok(len(told(s, "/pending")) <= seen + 1, "a delivery that waited for a revoked key's webhook ends unsent")


def main():
    with Stack(overrides={"worker": {"poll_ms": 50}}) as s:
        s.sign_up()
        mine, other = s.account_id, s.connect("second", auth=s.token)
        s.board_of = {a: s.boards_of(a)["Always works"] for a in (mine, other)}
        s.call("POST", "/v1/webhooks", {"url": s.sink.url + "/owner", "secret": SECRET}, auth=s.token)
        key, hook = events(s, mine, other)
        others_webhooks(s, key, hook, mine, other)
        oracle(s, key, mine, other)
        addresses(s)
        revoked(s, key, hook, mine, other)
        pending(s, mine)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
