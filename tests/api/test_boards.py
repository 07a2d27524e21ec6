#!/usr/bin/env python3
"""Boards changed and deleted, and related terms: what reaches Pinterest, what its refusals become, what
becomes of pins and schedules of a deleted board, and what a lost answer means. TAP on stdout."""

import os
import sys
import urllib.parse
import uuid

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness import Stack, Tap  # noqa: E402

t = Tap()
LATER = "2031-01-01T08:00:00Z"
GONE = "1" * 18


def told(got):
    return got[0], (got[2] or {}).get("error", {}).get("code")


class Boards:
    def __init__(self, s):
        self.s = s
        self.account = s.account_id

    def make(self, name):
        return self.s.call("POST", "/v1/pinterest/boards", {"account_id": self.account, "name": name})["id"]

    def patch(self, board, **fields):
        return self.s.api("PATCH", f"/v1/pinterest/boards/{board}", {"account_id": self.account, **fields})

    def delete(self, board, more="", **kind):
        return self.s.api("DELETE", f"/v1/pinterest/boards/{board}?account_id={self.account}{more}", **kind)

    def listed(self):
        return {b["id"]: b for b in self.s.call("GET", f"/v1/pinterest/boards?account_id={self.account}")}

    def arm(self, method, path, times=1, **fault):
        self.s.admin("arm", {"match": {"method": method, "path_prefix": path}, "times": times, "fault": fault})

    def body(self, board, **fields):
        return {"account_id": self.account, "board_id": board, "title": "x", "image_url": self.s.image_url, "idempotency_key": uuid.uuid4().hex, **fields}


def changed(s, b):
    board = b.make("Garden")
    got = b.patch(board, name="Garden beds", description="Raised\nbeds")
    t.equal((got[0], got[2]["id"], got[2]["name"], got[2]["description"]), (200, board, "Garden beds", "Raised\nbeds"), "PATCH: name and description")
    t.equal(b.listed()[board]["name"], "Garden beds", "PATCH: Pinterest has the new name")
    t.equal(b.patch(board, name="x" * 180)[2]["name"], "x" * 180, "PATCH: a name of 180 characters")
    t.equal(told(b.patch(board, name="x" * 181)), (422, "validation_error"), "PATCH: a name of 181 characters is refused")
    for empty in (None, ""):
        b.patch(board, description="again")
        t.equal(b.patch(board, description=empty)[2]["description"], None, f"PATCH: {empty!r} clears the description")
    t.equal(b.listed()[board]["name"], "x" * 180, "PATCH: what is not named stays")
    for fields, name in (({}, "no field"), ({"name": ""}, "an empty name"), ({"name": None}, "name null"), ({"privacy": "PROTECTED"}, "PROTECTED, which Pinterest takes for new boards only"), ({"privacy": "OPEN"}, "no such privacy"), ({"nmae": "y"}, "an unknown field"), ({"name": 5}, "a number")):
        t.equal(told(b.patch(board, **fields)), (422, "validation_error"), f"PATCH: {name} is refused")
    status, _, got = s.api("PATCH", f"/v1/pinterest/boards/{board}", {"name": "y"})
    t.equal((status, got["error"]["errors"][0]["loc"][-1]), (422, "account_id"), "PATCH: the account must be named")
    other = b.make("Kitchen")
    got = b.patch(board, name="Kitchen")
    t.equal(told(got), (409, "conflict"), "PATCH: the name of another board")
    t.ok(other in got[2]["error"]["remediation"], "PATCH: which has it is told", got[2])
    t.equal(b.patch(other, name="Kitchen")[0], 200, "PATCH: its own name again")
    got = b.patch(board, privacy="SECRET")
    t.equal(told(got), (409, "scope_missing"), "PATCH: a secret board needs permissions")
    t.ok("boards:write_secret" in got[2]["error"]["message"], "PATCH: they are named", got[2])
    for unknown in (GONE, "abc", "1%2F2"):
        t.equal(told(b.patch(unknown, name="y")), (404, "board_not_found"), f"PATCH: an unknown board: {unknown}")
        t.equal(told(b.delete(unknown)), (404, "board_not_found"), f"DELETE: an unknown board: {unknown}")
    return board


def refused(s, b, board):
    """What Pinterest says instead."""
    path = "/v5/boards/" + board
    for status, code, message, want in (
        (429, 8, "This request exceeded a rate limit.", (429, "rate_limited")),
        (403, 29, "You are not permitted to access that resource.", (403, "pinterest_not_permitted")),
        (409, 409, "Could not get exclusive access to the board.", (503, "pinterest_unavailable")),
        (500, 0, "Oops", (502, "pinterest_unavailable")),
        (401, 3, "Your token does not have sufficient permissions. Missing: ['boards:write']", (409, "scope_missing")),
    ):
        for method in ("PATCH", "DELETE"):
            b.arm(method, path, kind="status", status=status, code=code, message=message, reset_s=7 if status == 429 else -1)
            got = b.patch(board, name="Refused") if method == "PATCH" else b.delete(board)
            t.equal(told(got), want, f"{method}: {status} of Pinterest")
            if status == 429:
                t.equal(got[1]["Retry-After"], "7", f"{method}: when to try again is told")
    b.arm("PATCH", path, kind="foreign")
    t.equal(told(b.patch(board, name="Foreign")), (502, "pinterest_unavailable"), "PATCH: a proxy's answer is not Pinterest's")
    b.arm("PATCH", path, kind="truncate")
    got = b.patch(board, name="Half told")
    t.equal((told(got), "Repeat" in got[2]["error"]["remediation"]), ((502, "pinterest_unavailable"), True), "PATCH: half an answer")
    t.equal(b.patch(board, name="Half told")[0], 200, "PATCH: it can be repeated")


def deleted(s, b):
    board = b.make("Soon gone")
    pin = s.call("POST", "/v1/pins", b.body(board))["id"]
    s.wait_for(lambda: s.call("GET", "/v1/pins/" + pin)["status"] == "published", 30, "a pin is published")
    kept = s.call("POST", "/v1/pins", b.body(s.board("Always works")))["id"]
    s.wait_for(lambda: s.call("GET", "/v1/pins/" + kept)["status"] == "published", 30, "another is published")
    plan = s.call("POST", "/v1/schedules", b.body(board, run_at=LATER))["id"]
    moved = s.call("POST", "/v1/schedules", b.body(board, run_at=LATER))["id"]
    got = b.delete(board, "&unused_only=true")
    t.equal(told(got), (409, "conflict"), "unused_only: what waits keeps the board")
    t.ok("0 pins, and 2 schedules" in got[2]["error"]["message"] and board in b.listed(), "unused_only: how much is told", got[2])
    t.equal(told(b.delete(board, "&unused_only=maybe")), (422, "validation_error"), "unused_only: true or false")
    narrow = s.call("POST", "/v1/api-keys", {"name": "n", "pinterest_account_ids": [b.account]}, auth=s.token)["api_key"]
    got = b.delete(board, "&unused_only=true", auth=False, headers={"X-API-Key": narrow})
    t.ok(got[0] == 409 and "2" not in got[2]["error"]["message"], "unused_only: a key for some accounts is not told how much", got[2])
    weak = s.call("POST", "/v1/api-keys", {"name": "w", "scopes": ["read", "write"]}, auth=s.token)["api_key"]
    t.equal(told(b.delete(board, auth=False, headers={"X-API-Key": weak})), (403, "insufficient_scope"), "DELETE: needs the scope destructive")
    t.equal(b.delete(board)[0], 204, "DELETE: a board")
    t.ok(board not in b.listed(), "DELETE: it is gone from Pinterest")
    t.equal(told(b.delete(board)), (404, "board_not_found"), "DELETE: twice")
    seen = s.call("GET", "/v1/pins/" + pin)
    t.ok(seen["status"] == "published" and seen["removed_from_pinterest_at"], "DELETE: its published pin is known to be gone", seen)
    t.equal(s.call("GET", "/v1/pins/" + kept)["removed_from_pinterest_at"], None, "DELETE: pins of other boards stay")
    t.equal([p["id"] for p in s.call("GET", "/v1/pins?removed=true")], [pin], "DELETE: it is listed as removed")
    access = s.call("GET", f"/v1/pinterest/boards/{board}/access?account_id={b.account}")
    t.equal((access["publishable"], access["code"]), (False, "board_not_found"), "DELETE: nothing is accepted from a cache")
    t.equal(s.call("GET", "/v1/schedules/" + plan)["status"], "scheduled", "DELETE: what is planned stays planned")
    got = s.call("PATCH", "/v1/schedules/" + plan, {"title": "still editable"})
    t.equal(got["status"], "scheduled", "DELETE: and can be changed")
    s.sql("UPDATE schedules SET run_at = UTC_TIMESTAMP(6), due_at = UTC_TIMESTAMP(6)")
    get = lambda: s.call("GET", "/v1/schedules/" + plan)  # noqa: E731
    s.wait_for(lambda: get()["status"] == "failed", 30, "the schedule fails at its time")
    t.ok(s.call("GET", "/v1/pins/" + get()["pin_id"])["error_code"] == "resource_not_found", "at its time it fails and says that the board is gone", get())
    again = s.call("POST", f"/v1/pins/{get()['pin_id']}/retry", {"board_id": s.board("Always works")})["id"]
    s.wait_for(lambda: s.call("GET", "/v1/pins/" + again)["status"] == "published", 30, "it is published on another board")
    t.ok(True, "and can be moved to another board by retry", moved)
    rows = s.sql("SELECT metadata FROM activity_logs WHERE action = 'board.deleted'")
    t.equal(rows, [[f'{{"board_id":"{board}","removed_pins":1,"waiting_schedules":2,"waiting_pins":0}}']], "the activity log says what went and what waited")


def lost(s, b):
    board = b.make("Lost answer")
    b.arm("DELETE", "/v5/boards/" + board, kind="lost_after")
    t.equal(b.delete(board)[0], 204, "DELETE: done though its answer was lost")
    board = b.make("Lost request")
    b.arm("DELETE", "/v5/boards/" + board, kind="lost")
    t.equal(told(b.delete(board)), (502, "pinterest_unavailable"), "DELETE: an answer that was lost, and the board is there")
    t.ok(board in b.listed(), "DELETE: it is there indeed")


def many(s, b):
    """More published pins than one batch."""
    board = b.make("Many")
    s.sql(f"""INSERT INTO pins (id, project_id, account_id, lane_id, shard, state, run_at, not_after, board_id, title, text_hash,
      idempotency_key, created_at, updated_at, published_at)
      SELECT UNHEX(CONCAT('0000', LPAD(HEX(seq), 28, '0'))), p.project_id, p.account_id, p.lane_id, p.shard, 4, p.run_at, p.not_after,
      '{board}', 'many', p.text_hash, CONCAT('many', seq), p.created_at, p.updated_at, p.published_at
      FROM seq_1_to_200 JOIN (SELECT * FROM pins WHERE state = 4 LIMIT 1) p""")
    t.equal(b.delete(board)[0], 204, "DELETE: a board with 200 pins")
    t.equal(s.sql(f"SELECT COUNT(*), SUM(removed_at IS NOT NULL), MIN(version), MAX(version) FROM pins WHERE board_id = '{board}'"), [["200", "200", "2", "2"]], "each of them is known to be gone, once")


def terms(s, b):
    def ask(*values, account=b.account, **more):
        query = urllib.parse.urlencode([("account_id", account), *(("terms", v) for v in values), *more.items()])
        return s.api("GET", "/v1/pinterest/terms/related?" + query)

    status, _, got = ask("Oak shelf", "garden")
    t.equal((status, got["id"], [g["term"] for g in got["related_terms_list"]], got["exact_match"]), (200, "Oak shelf", ["Oak shelf", "garden"], False), "terms: given several times")
    t.equal(got["related_term_count"], sum(len(g["related_terms"]) for g in got["related_terms_list"]), "terms: how many there are")
    t.equal(ask("Oak shelf, garden")[2], got, "terms: parted by commas")
    t.equal(ask(" oak   shelf ,Oak shelf,, GARDEN", "garden,")[2]["related_terms_list"][0]["term"], "oak shelf", "terms: blanks and repeats do not count")
    t.equal(len(ask("a,A, a ,b")[2]["related_terms_list"]), 2, "terms: each is asked for once")
    exact = ask("Garden", exact_match="true")[2]
    t.equal((exact["exact_match"], [g["term"] for g in exact["related_terms_list"]]), (True, ["Garden"]), "terms: exact_match")
    t.equal(ask(*[f"t{i}" for i in range(20)])[0], 200, "terms: 20 of them")
    for values, name in ((["t%d" % i for i in range(21)], "21 of them"), ([], "none"), ([" ,"], "only blanks"), (["x" * 101], "101 characters"), (["a\u202eb"], "a character that reorders text")):
        t.equal(told(ask(*values)), (422, "validation_error"), f"terms: {name} are refused")
    t.equal(told(s.api("GET", f"/v1/pinterest/terms/related?account_id={b.account}&account_id={b.account}&terms=a")), (422, "validation_error"), "terms: nothing else may be given twice")
    t.equal(told(ask("a", exact_match="perhaps")), (422, "validation_error"), "terms: exact_match is true or false")
    t.equal(told(ask("a", account=str(uuid.uuid4()))), (404, "not_found"), "terms: an unknown account")
    s.admin("settings", {"ads_read": 1})
    ask("a")
    got = ask("a")
    t.equal(told(got), (429, "rate_limited"), "terms: Pinterest's limit")
    t.ok(0 < int(got[1]["Retry-After"]) <= 60 and got[2]["error"]["retry_after_seconds"] == int(got[1]["Retry-After"]), "terms: when to try again is told", got[2])
    s.admin("settings", {"ads_read": None, "drop_scopes": "ads:read"})
    s.connect("no-ads")
    account = [a for a in s.call("GET", "/v1/pinterest/accounts") if a["id"] != b.account][0]
    t.equal(account["health_status"], "healthy", "terms: an account without ads:read works")
    got = ask("a", account=account["id"])
    t.equal(told(got), (409, "scope_missing"), "terms: need ads:read")
    t.ok("ads:read" in got[2]["error"]["message"] and got[2]["error"]["remediation"], "terms: which is named", got[2])


def main():
    with Stack() as s:
        s.sign_up()
        b = Boards(s)
        board = changed(s, b)
        refused(s, b, board)
        deleted(s, b)
        many(s, b)
        lost(s, b)
        terms(s, b)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
