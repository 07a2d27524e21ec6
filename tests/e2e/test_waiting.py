#!/usr/bin/env python3
"""What wakes the worker without polling, and what a waiting pin says: webhooks leave when their
event is written; an expired token or one that cannot be decrypted; twins; many accounts of one
Pinterest user. TAP on stdout."""

import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from harness import Stack, Tap  # noqa: E402

t = Tap()
LONG = 30
PINS = {"method": "POST", "path_prefix": "/v5/pins"}
TOKENS = {"path_prefix": "/v5/oauth/token"}
ROWS = 70  # accounts of one lane


def hexed(i):
    return "x'" + i.replace("-", "") + "'"


def change(s, what):
    s.sql(f"UPDATE pinterest_accounts SET {what} WHERE id = {hexed(s.account_id)}")


def publish(s, title, board="Always works", **fields):
    return s.call("POST", "/v1/pins", s.pin_body(board, title=title, **fields))["id"]


def pin(s, i):
    return s.call("GET", "/v1/pins/" + i)


def published(s, i, what):
    s.wait_for(lambda: pin(s, i)["status"] == "published", LONG, what)


def deferred(s, i, code, words, what):
    def waits():
        got = pin(s, i)
        return got["status"] == "deferred" and got["error_code"] == code and got

    got = s.wait_for(waits, LONG, f"{what}: deferred with {code}")
    t.ok(words in got["error_message"], f"{what}: the error message says why", got["error_message"])
    t.ok(words in s.operator("why", i).stdout, f"{what}: `pintempo why` says why")
    why = s.call("GET", f"/v1/pins/{i}/why")
    t.ok(words in why["sentence"] and why["status"] == "deferred", f"{what}: GET why says the same", why)
    t.ok(why["who"] == "nobody" or why["todo"], f"{what}: whoever has to act is told what", why)


def delivered_after_ms(s, i):
    """Milliseconds from the event to the pin's only delivery; None if not delivered."""
    row = s.sql(
        f"""SELECT TIMESTAMPDIFF(MICROSECOND, d.created_at, a.started_at) DIV 1000
            FROM events e JOIN deliveries d ON d.event_id = e.id JOIN delivery_attempts a ON a.delivery_id = d.id
            WHERE e.subject_id = {hexed(i)}"""
    )
    return int(row[0][0]) if row else None


def check_delivered_soon(s, i, what):
    s.wait_for(lambda: delivered_after_ms(s, i) is not None, LONG, f"{what}: delivered without polling")
    t.ok(
        delivered_after_ms(s, i) < 20000,
        f"{what}: delivered {delivered_after_ms(s, i)} ms after its event although the worker polls once a minute",
    )


def at(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


def wakes_without_poll():
    """Every kind of event: its webhook does not wait for the next poll."""
    overrides = {
        "worker": {"poll_ms": 60000},
        "sandbox": {"verify_after_ms": 300, "verify_gap_ms": 300, "create_timeout_ms": 1000, "max_send_delay_ms": 900},
    }
    with Stack(overrides=overrides) as s:
        s.sign_up()
        s.webhook()
        check_delivered_soon(s, publish(s, "Published"), "published")
        check_delivered_soon(s, publish(s, "Refused", "Image broken"), "refused")
        s.admin("arm", {"match": PINS, "fault": {"kind": "lost_after"}})
        lost = publish(s, "Looked up")
        s.wait_for(lambda: pin(s, lost)["status"] == "published", LONG, "the pin is looked up")
        check_delivered_soon(s, lost, "looked up")
        s.operator("pause", "project", s.project_id)
        missed = publish(s, "Missed", not_after=at(1.5))
        s.wait_for(lambda: pin(s, missed)["status"] == "failed", LONG, "missed")
        check_delivered_soon(s, missed, "missed its window")
        s.operator("resume", "project", s.project_id)
        s.stop("worker")
        last = publish(s, "Cron")
        words = [s.exe("pintempo-worker"), "--config", s.conf, "--once"]
        with open(s.path("log/cron.out"), "ab") as log:
            t.equal(subprocess.run(words, stdout=log, stderr=log, timeout=60).returncode, 0, "--once ends well")
        t.ok(delivered_after_ms(s, last) is not None, "--once does not exit before its pin's webhook is delivered")
        checker.report(s, t, "no polling")


def not_renewed(s):
    """The access token expired and Pinterest issues no new one: the account's pins say so."""
    s.admin("arm", {"match": TOKENS, "times": 500, "fault": {"kind": "status", "status": 503, "code": 0}})
    change(s, "access_expires_at = UTC_TIMESTAMP(6), refresh_at = UTC_TIMESTAMP(6)")
    i = publish(s, "Not renewed")
    deferred(s, i, "token_expired", "access token expired", "not renewed")
    s.admin("disarm", {})
    change(s, "refresh_at = UTC_TIMESTAMP(6)")
    published(s, i, "renewed")
    row = s.sql(f"SELECT HEX(refresh_sealed) FROM pinterest_accounts WHERE id = {hexed(s.account_id)}")
    change(s, "access_expires_at = UTC_TIMESTAMP(6), refresh_at = NULL, refresh_sealed = NULL")
    i = publish(s, "No refresh token")
    deferred(s, i, "token_revoked", "connected again by its owner", "no refresh token")
    change(s, f"refresh_sealed = x'{row[0][0]}', refresh_at = UTC_TIMESTAMP(6)")
    published(s, i, "renewed with its refresh token")


def not_opened(s):
    """The account's token cannot be decrypted: nothing fails; the lane waits for the operator."""
    row = s.sql(f"SELECT HEX(access_sealed) FROM pinterest_accounts WHERE id = {hexed(s.account_id)}")[0][0]
    change(s, "access_sealed = CONCAT(LEFT(access_sealed, 30), REPEAT('x', LENGTH(access_sealed) - 30))")
    i = publish(s, "Not opened")
    deferred(s, i, "pinterest_not_permitted", "key file", "not opened")
    change(s, f"access_sealed = x'{row}'")
    s.sql("UPDATE lanes SET hold_until = NULL, next_at = NULL, next_turn_at = UTC_TIMESTAMP(6)")
    published(s, i, "the token opens again")
    t.equal(pin(s, i)["error_code"], None, "not opened: the published pin shows no error")


def twins(s):
    """A pin of the same text on the same board waits for the look-up, and says so."""
    s.admin("arm", {"match": PINS, "fault": {"kind": "html_500_after"}})
    first = publish(s, "Twin")
    s.wait_for(lambda: s.sql(f"SELECT state FROM pins WHERE id = {hexed(first)}") == [["3"]], LONG, "the first pin is looked up")
    second = publish(s, "Twin")
    deferred(s, second, "verification_pending", "same text", "twin")
    for i in (first, second):
        published(s, i, "twins are published")


def shared_lane(s):
    """The accounts of one Pinterest user share a lane; with many accounts even the last one gets
    its turn."""
    names = s.sql(
        """SELECT GROUP_CONCAT(column_name) FROM information_schema.columns WHERE table_schema = DATABASE()
           AND table_name = 'pinterest_accounts' AND column_name NOT IN ('id', 'pinterest_user_id')"""
    )[0][0]
    s.sql(
        f"""INSERT INTO pinterest_accounts (id, pinterest_user_id, {names})
            SELECT UNHEX(LPAD(HEX(seq), 32, '0')), CONCAT('many', seq), {names}
            FROM pinterest_accounts JOIN seq_1_to_{ROWS} WHERE id = {hexed(s.account_id)}"""
    )
    published(s, publish(s, "Many"), f"behind {ROWS} other accounts of its lane")
    t.ok(True, f"a pin behind {ROWS} other accounts of its lane is published")
    s.sql("DELETE FROM pinterest_accounts WHERE pinterest_user_id LIKE 'many%'")


def main():
    wakes_without_poll()
    with Stack(overrides={"sandbox": {"verify_after_ms": 4000, "verify_gap_ms": 500}}) as s:
        s.sign_up()
        not_renewed(s)
        not_opened(s)
        twins(s)
        shared_lane(s)
        checker.report(s, t, "waits")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
