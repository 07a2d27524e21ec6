#!/usr/bin/env python3
"""Webhook secrets are rotated with an overlap: for a while every secret signs, so a receiver never
meets a delivery that it cannot check."""

import base64
import hashlib
import hmac
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap, verify  # noqa: E402

t = Tap()
FIRST = "sixteen-or-more-characters"


def standard(delivery, secret):
    key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
    text = f"{delivery.headers['webhook-id']}.{delivery.headers['webhook-timestamp']}.".encode() + delivery.body
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


class Hook:
    def __init__(self, s, name):
        self.s, self.path = s, "/" + name
        self.id = s.webhook(self.path, FIRST)["id"]
        self.at = "/v1/webhooks/" + self.id

    def rotate(self, **body):
        return self.s.api("POST", self.at + "/rotate-secret", body or None)

    def next(self):
        """The delivery of one more event."""
        self.s.sink.got.clear()
        self.s.call("POST", "/v1/pins", self.s.pin_body())
        find = [d for d in self.s.sink.got if d.path == self.path]
        return find[0] if find else self.s.wait_for(
            lambda: next((d for d in self.s.sink.got if d.path == self.path), None), 30, "a delivery"
        )

    def signed_by(self, delivery, *secrets):
        return delivery.headers["webhook-signature"].split() == [standard(delivery, x) for x in secrets]


def overlap(s):
    h = Hook(s, "overlap")
    status, _, body = h.rotate()
    made = body["secret"]
    t.ok(status == 200 and made.startswith("whsec_") and len(base64.b64decode(made[6:])) == 32, "a secret is made", body)
    t.ok("secret" not in s.call("GET", h.at), "it is shown once")
    until = s.call("GET", h.at)["previous_secret_until"]
    t.ok(until is not None and until == body["previous_secret_until"], "when the earlier one ends is shown", body)
    got = h.next()
    t.ok(h.signed_by(got, made, FIRST), "both sign, the current one first", got.headers["webhook-signature"])
    t.equal(verify(got.headers, got.body, made), [], "a receiver with the new one takes it")
    hexed = hmac.new(made.encode(), got.body, hashlib.sha256).hexdigest()
    t.equal(got.headers["X-PinBridge-Signature"], hexed, "the PinBridge signature is the current one's")
    third = "third-" + "\U0001f600" * 249
    t.equal(h.rotate(secret=third, grace_seconds=604800)[0], 200, "a given one of 255 characters, for seven days")
    t.ok(h.signed_by(h.next(), third, made, FIRST), "three sign")
    status, _, body = h.rotate()
    t.ok(status == 409 and until in body["detail"], "a fourth is refused, with the time when one ends", body)
    s.sql(f"UPDATE webhooks SET old_secret_until = '2020-01-01' WHERE id = UNHEX('{h.id.replace('-', '')}')")
    t.equal(s.call("GET", h.at)["previous_secret_until"], None, "an overlap that has ended is not shown")


def at_once(s):
    h = Hook(s, "at-once")
    h.rotate()
    last = h.rotate(grace_seconds=0)[2]
    t.equal(last["previous_secret_until"], None, "without grace no earlier one is left")
    t.ok(h.signed_by(h.next(), last["secret"]), "only the last one signs")
    h.rotate()
    s.call("PATCH", h.at, {"secret": "set-by-a-change-of-it"})
    t.equal(s.call("GET", h.at)["previous_secret_until"], None, "PATCH with a secret ends the earlier ones")
    t.ok(h.signed_by(h.next(), "set-by-a-change-of-it"), "and it alone signs")


def ends(s):
    h = Hook(s, "ends")
    fresh = h.rotate(grace_seconds=1)[2]["secret"]
    s.wait_for(lambda: s.call("GET", h.at)["previous_secret_until"] is None, 10, "the overlap ends")
    t.ok(h.signed_by(h.next(), fresh), "after its end the earlier one does not sign")


def refused(s):
    h = Hook(s, "refused")
    for body, field in (
        ({"grace_seconds": -1}, "grace_seconds"),
        ({"grace_seconds": 604801}, "grace_seconds"),
        ({"grace_seconds": 1.5}, "grace_seconds"),
        ({"grace_seconds": "60"}, "grace_seconds"),
        ({"secret": "x" * 15}, "secret"),
        ({"secret": "x" * 256}, "secret"),
        ({"secret": "whsec_no base64 at all"}, "secret"),
        ({"secret": "two\nlines-of-sixteen"}, "secret"),
        ({"other": 1}, "other"),
    ):
        status, _, got = h.rotate(**body)
        t.ok(status == 422 and got["error"]["errors"][0]["loc"][-1] == field, f"{body} is refused", got)
    t.ok(h.signed_by(h.next(), FIRST), "and the secret is as it was")
    t.equal(s.api("POST", f"/v1/webhooks/{urllib.parse.quote(s.account_id)}/rotate-secret")[0], 404, "an unknown one is not found")


def with_a_new_key(s):
    h = Hook(s, "with-a-new-key")
    made = h.rotate()[2]["secret"]
    s.operator("rotate-key")
    t.ok(h.signed_by(h.next(), made, FIRST), "a rotation of the instance key keeps all of them")


def main():
    with Stack() as s:
        s.sign_up()
        overlap(s)
        at_once(s)
        ends(s)
        refused(s)
        with_a_new_key(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
