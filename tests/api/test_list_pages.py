#!/usr/bin/env python3
"""The short lists (members, invitations, keys, accounts, links to connect): links lead through each,
every row once, while rows come and go; edges of limit; cursors of others and of other lists."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()
ROWS = 23


class List:
    """values: of columns, for the row number `seq`; three rows each are of one instant, so that the id counts."""

    def __init__(self, path, most, newest_first, table, values, drop):
        self.path, self.most, self.newest_first, self.table, self.values, self.drop_text = path, most, newest_first, table, values, drop
        self.kind = path.split("/")[-1].split("?")[0]

    def url(self, query):
        return self.path + ("&" if "?" in self.path else "?") + query

    def fill(self, values):
        words = {"at": "TIMESTAMP '2030-01-01 00:00:00' + INTERVAL seq DIV 3 SECOND", "name": f"CONCAT('{self.kind}', seq)"}
        words |= {"id": f"UNHEX(MD5({words['name']}))", "hash": f"UNHEX(SHA2({words['name']}, 256))", "email": f"CONCAT({words['name']}, '@example.com')"}
        return values.format(**words, **self.ids)

    def add(self, s, first, last):
        if self.table == "memberships":
            users = "{id}, {email}, '', NOW(6)"
            s.sql(f"INSERT INTO users (id, email, password_hash, created_at) SELECT {self.fill(users)} FROM seq_{first}_to_{last}")
        s.sql(f"INSERT INTO {self.table} ({', '.join(self.values)}) SELECT {self.fill(', '.join(self.values.values()))} FROM seq_{first}_to_{last}")

    def drop(self, s, row):
        s.sql(f"{self.drop_text.format(self.table)} WHERE id = x'{row['id'].replace('-', '')}'")


DELETE, REVOKE = "DELETE FROM {}", "UPDATE {} SET revoked_at = NOW(6)"
LISTS = (
    List("/v1/team/members", 1000, False, "memberships",
         {"organization_id": "{organization}", "user_id": "{id}", "id": "{id}", "role": "'viewer'", "created_at": "{at}", "updated_at": "{at}"}, DELETE),
    List("/v1/team/invitations", 1000, True, "invitations",
         {"id": "{id}", "token_hash": "{hash}", "organization_id": "{organization}", "email": "{email}", "role": "'viewer'", "invited_by": "{user}",
          "created_at": "{at}", "updated_at": "{at}", "expires_at": "NOW(6)"}, REVOKE),
    List("/v1/api-keys", 200, True, "api_keys",
         {"id": "{id}", "project_id": "{project}", "key_hash": "{hash}", "name": "{name}", "scopes": "1", "created_at": "{at}"}, REVOKE),
    List("/v1/pinterest/accounts?include_revoked=true", 1000, False, "pinterest_accounts",
         {"id": "{id}", "project_id": "{project}", "lane_id": "{id}", "shard": "1", "pinterest_user_id": "{name}", "scopes": "'pins:read'",
          "created_at": "{at}", "updated_at": "{at}", "revoked_at": "IF(seq % 2, {at}, NULL)"}, DELETE),
    List("/v1/pinterest/connect-links", 500, True, "connect_links",
         {"id": "{id}", "project_id": "{project}", "token_hash": "{hash}", "created_at": "{at}", "expires_at": "NOW(6)"}, REVOKE),
)


def rows_of(answer):
    return answer[2]["items"] if isinstance(answer[2], dict) else answer[2]


def links(got):
    return dict(reversed(m) for m in re.findall(r'<([^>]*)>; rel="(\w+)"', got[1]["Link"] or ""))


def follow(s, path, between=lambda: None):
    """The rows of all pages; `between` is called once, behind the first page."""
    rows, at, pages = [], path, 0
    while at and pages < 100:
        got = s.api("GET", at)
        if got[0] != 200:
            raise AssertionError(f"{at}: {got}")
        rows += rows_of(got)
        pages += 1
        more = links(got).get("next")
        at = path.split("?")[0] + more if more else None
        if pages == 1:
            between()
    return rows, pages


def in_order(rows, newest_first):
    keys = [(r["created_at"], r["id"]) for r in rows]
    return keys == sorted(keys, reverse=newest_first) and len(set(keys)) == len(keys)


def pages(s, k):
    k.add(s, 1, ROWS)
    all_rows = rows_of(s.api("GET", k.path))
    t.ok(len(all_rows) >= ROWS and in_order(all_rows, k.newest_first), f"{k.kind}: without a limit all, in order", len(all_rows))
    t.equal(links(s.api("GET", k.path)), {}, f"{k.kind}: the only page has no links")
    for limit in (1, 3, 7, len(all_rows) - 1, len(all_rows), 200):
        rows, n = follow(s, k.url(f"limit={limit}"))
        t.ok(rows == all_rows and n == -(-len(all_rows) // limit), f"{k.kind}: pages of {limit} have each row once", (len(rows), n))
    first = s.api("GET", k.url("limit=5"))
    t.equal(rows_of(s.api("GET", k.path.split("?")[0] + links(first)["first"])), all_rows[:5], f"{k.kind}: rel=first is the first page")
    t.equal(rows_of(s.api("GET", k.url("limit=5&offset=3"))), all_rows[3:8], f"{k.kind}: offset still works")
    t.equal(rows_of(s.api("GET", k.url("offset=100000"))), [], f"{k.kind}: and may be behind the end")


def changes(s, k):
    """Rows come at both ends, those that were shown and the one before the next page go."""
    before = rows_of(s.api("GET", k.path))
    shown, gone = before[:5], before[5]

    def between():
        k.add(s, ROWS + 1, ROWS + 8)
        k.drop(s, shown[-1])
        k.drop(s, gone)

    rows = [r["id"] for r in follow(s, k.url("limit=5"), between)[0]]
    want = [r["id"] for r in before if r["id"] != gone["id"] or r["id"] in rows]
    t.ok(len(rows) == len(set(rows)) and [i for i in rows if i in want] == want, f"{k.kind}: while rows come and go, each that stays is there once", (len(rows), len(want)))
    t.equal(gone["id"] in rows, False, f"{k.kind}: and none that is gone")


def totals(s, k):
    if k.kind in ("members", "invitations"):
        whole = len(rows_of(s.api("GET", k.path)))
        for query in ("limit=1", "limit=2&offset=4", "offset=100000"):
            got = s.api("GET", k.url(query))
            t.equal((got[2]["total"], got[1]["X-Total-Count"]), (whole, str(whole)), f"{k.kind}: total is of all pages: {query}")
        more = links(s.api("GET", k.url("limit=2")))["next"]
        t.equal(s.api("GET", k.path + more)[2]["total"], whole, f"{k.kind}: so it is behind a cursor")


def refusals(s, k, other):
    for query in ("limit=0", "limit=201", "limit=-1", "limit=x", "offset=-1", "offset=x", "cursor=x", "cursor=" + "A" * 4000, "curser=x"):
        got = s.api("GET", k.url(query))
        t.equal((got[0], got[2]["error"]["code"]), (422, "validation_error"), f"{k.kind}: refused: {query[:20]}")
    more = links(s.api("GET", k.url("limit=2")))["next"]
    path, cursor = k.path.split("?")[0], more.split("cursor=")[1]
    got = s.api("GET", path + more, auth=other)
    t.ok(got[0] == 422 and "not a cursor of this project" in str(got[2]), f"{k.kind}: another organization's cursor is refused", got)
    got = s.api("GET", path + more + "&offset=1")
    t.ok(got[0] == 422 and "must not be sent with a cursor" in str(got[2]), f"{k.kind}: not with an offset", got)
    for one in LISTS:
        if one is not k:
            got = s.api("GET", one.url("cursor=" + cursor))
            t.ok(got[0] == 422 and "another list" in str(got[2]), f"{k.kind}: its cursor is none of {one.kind}", got)


def long(s, k):
    """More rows than a client that knows no pages is given at once."""
    k.add(s, 1000, 1000 + k.most)
    got = s.api("GET", k.path)
    t.equal((len(rows_of(got)), "next" in links(got)), (k.most, True), f"{k.kind}: without a limit {k.most}, and a link to the others")
    rows, _ = follow(s, k.path)
    t.ok(len(rows) > k.most and in_order(rows, k.newest_first), f"{k.kind}: which leads to all", len(rows))


def allow_list(s):
    """A key for some accounts pages through those."""
    listed = [a["id"] for a in s.call("GET", "/v1/pinterest/accounts")]
    mine = listed[1:6]
    key = s.call("POST", "/v1/api-keys", {"name": "some", "scopes": ["read"], "pinterest_account_ids": mine}, auth=s.token)["api_key"]
    at, rows = "/v1/pinterest/accounts?limit=2", []
    while at:
        got = s.api("GET", at, headers={"X-API-Key": key}, auth=False)
        rows += [a["id"] for a in got[2]]
        at = "/v1/pinterest/accounts" + links(got)["next"] if "next" in links(got) else None
    t.equal(rows, mine, "a key with an allow-list pages through its accounts")


def main():
    with Stack(worker=False, sandbox=False) as s:
        s.register()
        other = s.call("POST", "/v1/auth/register", {"full_name": "O", "email": "other@example.com", "password": "long enough 1"}, auth=False)
        me = s.call("GET", "/v1/auth/me")
        List.ids = {
            n: "x'" + i.replace("-", "") + "'"
            for n, i in (("organization", me["organization"]["id"]), ("project", me["active_project"]["id"]), ("user", me["user"]["id"]))
        }
        for k in LISTS:
            pages(s, k)
            totals(s, k)
        for k in LISTS:
            refusals(s, k, other["access_token"])
        allow_list(s)
        for k in LISTS:
            changes(s, k)
            long(s, k)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
