#!/usr/bin/env python3
"""Repeated requests: creates, retries, settles, replies stored under an Idempotency-Key, and partly done
work that a 503 must report truthfully. Runs without a worker, whose part is done in SQL."""

import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Stack, Tap  # noqa: E402
from test_resources import at, code, fail, hexed, promote, schedule_body, unknown  # noqa: E402

t = Tap()


def told(answer):
    return answer[0], (answer[2] or {}).get("id")


def repeats(s):
    """A create repeated after its run_at has passed or its account is revoked returns the first result."""
    soon = schedule_body(s, idempotency_key="soon")
    soon["run_at"] = at(hours=1)
    made = s.call("POST", "/v1/schedules", soon)["id"]
    # pretend that the first request was two hours ago
    s.sql("UPDATE idempotency_keys SET created_at = created_at - INTERVAL 2 HOUR")
    late = schedule_body(s, idempotency_key="late", title="Late")

    def in_a_moment():
        late["run_at"] = at(seconds=2)
        return late

    first = s.soon("/v1/schedules", in_a_moment)["id"]
    s.wait_for(lambda: at() > late["run_at"], 10, "its time has come")
    t.equal(told(s.api("POST", "/v1/schedules", late)), (201, first), "a repeated create after run_at has passed returns the first schedule")
    other = s.api("POST", "/v1/schedules", {**late, "title": "Other"})
    t.equal(code(other), (422, "validation_error"), "other content under the key is refused with its own fault")
    fresh = s.api("POST", "/v1/schedules", {**late, "idempotency_key": "fresh"})
    t.equal(code(fresh), (422, "validation_error"), "another key is refused with the fault")
    pin = s.pin_body(idempotency_key="pin")
    pin_id = s.call("POST", "/v1/pins", pin)["id"]
    crossed = {**late, "idempotency_key": "pin"}
    t.equal(s.api("POST", "/v1/schedules", crossed)[0], 422, "a pin's key creates no schedule")
    key, s.key = s.key, s.make_key(pinterest_account_ids=[second_account(s)])
    t.equal(code(s.api("POST", "/v1/pins", pin)), (403, "account_not_permitted"), "a repeated create is not shown to a key without the account")
    s.key = key
    s.sql("UPDATE pinterest_accounts SET revoked_at = UTC_TIMESTAMP(6)")
    t.equal(told(s.api("POST", "/v1/pins", pin)), (201, pin_id), "a repeated create returns the pin although its account is revoked")
    t.equal(told(s.api("POST", "/v1/schedules", soon)), (201, made), "a repeated create returns the schedule although its account is revoked")
    s.call("DELETE", "/v1/pins/" + pin_id)
    t.equal(code(s.api("POST", "/v1/pins", pin)), (422, "account_revoked"), "a repeated create does not return a deleted pin")
    s.sql("UPDATE pinterest_accounts SET revoked_at = NULL")


def second_account(s):
    return s.connect("second")


def retries(s):
    made = s.call("POST", "/v1/schedules", schedule_body(s, title="Moves"))["id"]
    pin = promote(s, made)
    fail(s, pin)
    second = second_account(s)
    board = s.boards_of(second)["Always works"]
    s.call("POST", f"/v1/pins/{pin}/retry", {"account_id": second, "board_id": board})
    got = s.call("GET", "/v1/schedules/" + made)
    shown = got["pinterest_account_id"], got["payload"]["board_id"]
    t.equal(shown, (second, board), "a retry on another account and board also changes the schedule")
    rows = s.sql(f"SELECT s.lane_id = p.lane_id, s.shard = p.shard FROM schedules s JOIN pins p ON p.id = s.pin_id WHERE s.id = {hexed(made)}")
    t.equal(rows, [["1", "1"]], "lane and shard of the schedule follow its pin")
    fail(s, pin)
    s.sql(f"UPDATE pinterest_accounts SET revoked_at = UTC_TIMESTAMP(6) WHERE id = {hexed(second)}")
    t.equal(code(s.api("POST", f"/v1/schedules/{made}/retry")), (422, "account_revoked"), "a retry without a connected account is refused")
    s.sql("UPDATE pinterest_accounts SET revoked_at = NULL")
    for title, mark in (("Lost", "attempts = 1"), ("Restored", "error_code = 'invalid_image', maybe_sent_since = NOW(6)")):
        made, pin = unknown(s, title)
        s.sql(f"UPDATE pins SET {mark} WHERE id = {hexed(pin)}")
        s.call("DELETE", "/v1/pins/" + pin)
        again = s.api("POST", f"/v1/schedules/{made}/retry")
        t.equal(code(again), (409, "conflict"), f"{title}: a schedule whose deleted pin may be on Pinterest is not retried")
        t.equal(s.call("GET", "/v1/schedules/" + made)["status"], "failed", f"{title}: the schedule stays failed")
    made = s.call("POST", "/v1/schedules", schedule_body(s, title="Refused"))["id"]
    pin = promote(s, made)
    fail(s, pin)
    s.call("DELETE", "/v1/pins/" + pin)
    t.equal(s.call("POST", f"/v1/schedules/{made}/retry")["status"], "scheduled", "a schedule whose deleted pin was refused is planned again")


def settled(s):
    second = second_account(s)
    first, other = (unknown(s, f"Settled {n}")[1] for n in range(2))
    to = f"(SELECT * FROM (SELECT id, lane_id FROM pinterest_accounts WHERE id = {hexed(second)}) a)"
    s.sql(f"UPDATE pins p, {to[1:-1].replace('SELECT * FROM ', '')} SET p.account_id = a.id, p.lane_id = a.lane_id WHERE p.id = {hexed(other)}")
    s.call("POST", f"/v1/pins/{first}/settle", {"pinterest_pin_id": "4711"})
    taken = s.api("POST", f"/v1/pins/{other}/settle", {"pinterest_pin_id": "4711"})
    t.equal(code(taken), (409, "conflict"), "a Pinterest id that belongs to another account's pin is refused")
    t.equal(s.call("GET", "/v1/pins/" + other)["status"], "failed", "a refused settle leaves the pin failed")
    t.equal(s.call("POST", f"/v1/pins/{other}/settle", {"pinterest_pin_id": "4712"})["status"], "published", "a Pinterest id of its own settles the pin")


def edits(s):
    pin = s.call("POST", "/v1/pins", s.pin_body(title="Retried late"))["id"]
    s.sql(f"UPDATE pins SET run_at = run_at - INTERVAL 30 DAY WHERE id = {hexed(pin)}")
    s.call("PATCH", "/v1/pins/" + pin, {"not_after": None})
    left = s.sql(f"SELECT deadline_at > NOW(6) + INTERVAL 6 DAY, deadline_at = not_after FROM pins WHERE id = {hexed(pin)}")
    t.equal(left, [["1", "1"]], "a pin edited to no deadline gets the default one counted from now")


def kept_replies(s):
    """A reply stored under an Idempotency-Key is returned only to the one who made the request."""
    head = {"Idempotency-Key": "1"}
    mine = {"email": s.email, "password": s.password}
    first = s.api("POST", "/v1/auth/login", mine, head, auth=False)
    again = s.api("POST", "/v1/auth/login", mine, head, auth=False)
    t.equal((first[0], again[1]["Idempotent-Replayed"]), (200, "true"), "a repeated login is replayed")
    theirs = {"email": "other@example.com", "password": s.password}
    s.call("POST", "/v1/auth/register", {**theirs, "full_name": "Other"}, auth=False)
    got = s.api("POST", "/v1/auth/login", theirs, head, auth=False)
    t.equal((got[0], got[1]["Idempotent-Replayed"]), (200, None), "another user's request under the same Idempotency-Key is not replayed")
    s.sql(
        f"""UPDATE memberships SET organization_id = (SELECT organization_id FROM projects WHERE id = {hexed(s.project_id)}), role = 'editor'
            WHERE user_id = (SELECT id FROM users WHERE email = 'other@example.com')"""
    )
    editor = s.call("POST", "/v1/auth/login", theirs, auth=False)["access_token"]
    body = {"project_id": s.project_id}
    editor = s.call("POST", "/v1/projects/switch", body, auth=editor)["access_token"]
    head = {"Idempotency-Key": "switch"}
    owner = s.call("POST", "/v1/projects/switch", body, headers=head, auth=s.token)["access_token"]
    got = s.api("POST", "/v1/projects/switch", body, head, auth=editor)
    t.equal(code(got), (409, "conflict"), "a colleague's request under the owner's Idempotency-Key is refused")
    t.ok(owner not in str(got[2]), "the refusal does not contain the owner's token")
    pin = s.pin_body(title="Kept")
    s.call("POST", "/v1/pins", pin, headers=head)
    key, s.key = s.key, s.make_key(pinterest_account_ids=[second_account(s)])
    t.equal(code(s.api("POST", "/v1/pins", pin, head)), (409, "conflict"), "a key without the account gets no stored reply about it")
    s.key = key
    for odd in ("caf\xe9", "a b", "\x7f"):
        t.equal(code(s.api("POST", "/v1/pins", pin, {"Idempotency-Key": odd})), (400, "bad_request"), f"the malformed Idempotency-Key {odd!r} is refused")


class Locked:
    """Another client locks a row until commit(), or for longer than any lock wait."""

    def __init__(self, s, row, change=""):
        command = ["mariadb", "--no-defaults", f"--socket={s.db_socket}", f"--user={s.db_user}"]
        command += ["-N", "-B", "--unbuffered", s.database]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.say(f"BEGIN;\n{change}SELECT 'held' FROM {row} FOR UPDATE;\n")
        t.equal(self.process.stdout.readline(), "held\n", "another client locks the row")

    def say(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def partly(s):
    """A 503 does not deny what was already done."""
    second = second_account(s)
    board = s.boards_of(second)["Always works"]
    pin = s.call("POST", "/v1/pins", s.pin_body(title="Swept") | {"account_id": second, "board_id": board})["id"]
    with Locked(s, f"pins WHERE id = {hexed(pin)}"):
        got = s.api("DELETE", "/v1/pinterest/accounts/" + second)
    t.equal((got[0], got[1]["Retry-After"] is not None), (503, True), "a revoke that cannot fail the pins in time is a 503")
    t.ok("is disconnected" in got[2]["detail"] and "nothing was changed" not in got[2]["detail"], "the 503 says that the account is disconnected", got[2])
    t.equal(s.api("DELETE", "/v1/pinterest/accounts/" + second)[0], 204, "a repeated revoke completes it")
    t.equal(s.call("GET", "/v1/pins/" + pin)["error_code"], "account_revoked", "the waiting pin fails")
    for table in ("boards", "activity_logs"):
        s.sql(f"CREATE TRIGGER no_{table} BEFORE INSERT ON {table} FOR EACH ROW SIGNAL SQLSTATE '45000'")
        got = s.api("POST", "/v1/pinterest/boards", {"account_id": s.account_id, "name": "In spite of " + table})
        t.equal((got[0], got[2].get("name")), (201, "In spite of " + table), f"a board is created although {table} cannot be written")
        listed = s.api("GET", "/v1/pinterest/boards?account_id=" + s.account_id)
        t.equal(listed[0], 200, f"boards are listed although {table} cannot be written")
        s.sql(f"DROP TRIGGER no_{table}")


def taken_back(s):
    """`pintempo why` reports a pin deleted while waiting as deleted."""
    pin = s.call("POST", "/v1/pins", s.pin_body(title="Taken back"))["id"]
    t.ok("Waits" in s.operator("why", pin).stdout, "why says what a waiting pin waits for")
    s.call("DELETE", "/v1/pins/" + pin)
    why = s.operator("why", pin).stdout
    t.ok("\ndeleted " in why and "Waits" not in why, "why says that a deleted pin was deleted and waits for nothing", why)


def deleted_there(s):
    """The reply to a delete on Pinterest is true."""
    _, pin = unknown(s, "Nobody knows")
    got = s.call("DELETE", f"/v1/pins/{pin}?delete_from_pinterest=true")
    t.equal((got["removed_from_pinterest"], got["reason"]), (False, "outcome_unknown"), "deleting a pin with an unknown outcome does not claim that it was not published")
    pin = s.call("POST", "/v1/pins", s.pin_body(title="Overtaken"))["id"]
    change = f"UPDATE pins SET state = 4, pinterest_pin_id = '815', version = version + 1 WHERE id = {hexed(pin)};\n"
    answers = []
    ask = threading.Thread(target=lambda: answers.append(s.api("DELETE", f"/v1/pins/{pin}?delete_from_pinterest=true")))
    # of this database alone, since tests share a server; innodb_trx is refreshed only when nobody has read it for a while
    waits = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE 'UPDATE %' AND time_ms > 200"
    with Locked(s, f"pins WHERE id = {hexed(pin)}", change) as holder:
        ask.start()
        s.wait_for(lambda: s.sql(waits) != [["0"]], 20, "it waits for the row")
        holder.say("COMMIT;\n")
        ask.join()
    t.equal(code(answers[0]), (409, "conflict"), "a pin that was published meanwhile is not deleted as unpublished")
    got = s.call("DELETE", f"/v1/pins/{pin}?delete_from_pinterest=true")
    t.equal((got["pinterest_pin_id"], got["reason"]), ("815", "simulated_sandbox"), "a second delete removes it as a published pin")


def resetting(s):
    """A reset under an Idempotency-Key is executed once: its repetition does not empty what came after."""
    key = {"Idempotency-Key": "empty-it"}
    first = s.api("POST", "/v1/projects/sandbox/reset", headers=key, auth=s.token)
    pin = s.call("POST", "/v1/pins", s.pin_body(title="After the reset"))["id"]
    again = s.api("POST", "/v1/projects/sandbox/reset", headers=key, auth=s.token)
    t.equal((first[0], again[0], again[2], again[1]["Idempotent-Replayed"]), (200, 200, first[2], "true"), "a repeated reset gets the same reply")
    t.equal(s.api("GET", "/v1/pins/" + pin)[0], 200, "and empties nothing again")


def main():
    quick = {"database": {"timeout_s": 2}}
    with Stack(worker=False, overrides=quick) as s:
        s.sign_up()
        for part in (repeats, retries, settled, edits, kept_replies, partly, taken_back, deleted_there, resetting):
            part(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
