#!/usr/bin/env python3
"""Lists do not grow with the table: with 15,000 pins and as many schedules in a project, the first page of
each filter and each order reads a bounded number of rows (the server's own counters), totals are exact or
absent, and cursors go through a list without loss while rows come and go. No worker."""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "bench")]
from harness import Session, Stack, Tap  # noqa: E402
from lists_fill import FILTERS, SORTS, fill  # noqa: E402

t = Tap()
ROWS, DELETED = 15000, 3000
IMPORTS = 12000
# Rows read for a page: 50 and one more, each found, read in order, and joined with six tables: 600 to 1,200. A list
# that an index does not serve reads 15,000 and more, each twice.
PAGE_READS = 4000
WINDOW, COUNTED, COUNTED_FEW = 500, 5000, 1000
# A row of a window is found, kept, sorted and read again, for the page and for where the window ends.
WINDOW_READS = 6 * WINDOW
# Why a pin waits is read from six tables.
WAIT_READS = 8 * WINDOW


def reads(s, ask):
    """How many rows the database read meanwhile; nothing else asks."""
    total = "SELECT SUM(variable_value) FROM information_schema.global_status WHERE variable_name IN ({0})".format(
        ", ".join(f"'HANDLER_READ_{n}'" for n in ("FIRST", "KEY", "LAST", "NEXT", "PREV", "RND", "RND_NEXT", "RND_DELETED"))
    )
    # Reading the status reads rows, too: the same number each time.
    first, second = (int(s.counters.run(total)[0]) for _ in range(2))
    got = ask()
    return int(s.counters.run(total)[0]) - second - (second - first), got


def settle(s):
    """The statistics are those of now, and the server does not change its mind meanwhile."""
    s.sql("SET GLOBAL innodb_stats_auto_recalc = OFF; ANALYZE TABLE pins, schedules, imports")


def links(got):
    return dict(reversed(m) for m in re.findall(r'<([^>]*)>; rel="(\w+)"', got[1]["Link"] or ""))


def count_reads(query, got):
    """A row is counted from an index, and kept meanwhile."""
    few = "removed" in query
    return 2 * int(got[1]["X-Total-Count"] or (COUNTED_FEW if few else COUNTED) + 1) + 2


def window_reads(query):
    """0: the rows of the page come from an index. Those that wait are looked at again to be counted."""
    if re.match("status=(queued|deferred)", query):
        return WINDOW_READS + 2 * WAIT_READS
    return WINDOW_READS if re.match("q=|error_code=", query) else 0


def first_pages(s, accounts):
    for kind in FILTERS:
        wide, failed = [], []
        asked = [f.format(*accounts) for f in FILTERS[kind]]
        for query in asked + ["sort=" + o for o in SORTS[kind]]:
            n, got = reads(s, lambda: s.api("GET", f"/v1/{kind}?{query}"))  # noqa: B023
            if got[0] != 200:
                failed.append((query, got))
            elif n > PAGE_READS + (window_reads(query) or count_reads(query, got)):
                wide.append((query, n))
        t.equal(failed, [], f"every filter and order of {kind} is answered")
        t.equal(wide, [], f"every filter and order of {kind} reads a bounded number of rows")


def pages_alone(s, accounts):
    """A page by cursor counts nothing, so that what the page itself costs is seen."""
    for kind in FILTERS:
        wide = []
        asked = [f.format(*accounts) for f in FILTERS[kind] if not window_reads(f)]
        for query in asked + ["sort=" + o for o in SORTS[kind]]:
            more = links(s.api("GET", f"/v1/{kind}?{query}")).get("next")
            if more is None:
                continue
            n, got = reads(s, lambda: s.api("GET", f"/v1/{kind}{more}"))  # noqa: B023
            if got[0] != 200 or n > PAGE_READS:
                wide.append((query, got[0], n))
        t.equal(wide, [], f"the second page of every filter and order of {kind} reads a bounded number of rows")


def totals(s, accounts):
    for query, where in (("", "TRUE"), ("campaign=big", "campaign = 'big'"), ("campaign=small", "campaign = 'small'"),
                         ("status=failed", "state = 5"), ("board_id=1", "board_id = '1'"), ("removed=true", "removed_at IS NOT NULL"),
                         ("account_id=" + accounts[1], "account_id = UNHEX(MD5('account second'))"),
                         ("since=2026-01-01T05:00:00Z", "created_at >= '2026-01-01 05:00:00'"),
                         ("q=ext-", "FALSE"), ("campaign=small&status=failed", "campaign = 'small' AND state = 5"),
                         ("q=Fern&campaign=small", "campaign = 'small' AND title LIKE '%Fern%'"),
                         ("sort=title_asc&limit=200", "TRUE"), ("campaign=small&offset=900", "campaign = 'small'")):
        got = s.api("GET", "/v1/pins?" + query)
        right = s.sql(f"SELECT COUNT(*) FROM pins WHERE {where} AND deleted_at IS NULL")[0][0]
        total = got[1]["X-Total-Count"]
        known = int(right) <= COUNTED and not query.startswith("q=ext-") and "&status" not in query
        t.ok(total == right if known else total in (None, right), f"X-Total-Count of ?{query} is exact or absent", (total, right))


def walk(s, path, edit=lambda n: None):
    """All ids of a list by its links, and the number of pages."""
    ids, pages, more = [], 0, ""
    while more is not None:
        got = s.api("GET", path + more)
        if got[0] != 200:
            raise AssertionError(got)
        ids += [row["id"] for row in got[2]]
        pages += 1
        edit(pages)
        more = links(got).get("next")
        path = path.split("?")[0]
    return ids, pages


def hexes(rows):
    return [f"{r[:8]}-{r[8:12]}-{r[12:16]}-{r[16:20]}-{r[20:]}" for (r,) in rows]


def cursors(s):
    order = {"created_at": "created_at", "published_at": "published_at", "title": "title", "status": "state {0}, created_at", "run_at": "run_at"}
    for kind in FILTERS:
        wrong = []
        for sort in SORTS[kind]:
            name, way = sort.rsplit("_", 1)
            by = order[name].replace("created_at", "run_at") if kind == "schedules" and name == "status" else order[name]
            got, _ = walk(s, f"/v1/{kind}?campaign=small&limit=5&sort={sort}")
            want = hexes(s.sql(f"SELECT LOWER(HEX(id)) FROM {kind} WHERE campaign = 'small' ORDER BY {by.format(way)} {way}, id {way}"))
            if got != want:
                wrong.append((sort, len(got), len(want)))
        t.equal(wrong, [], f"links go through {kind} in each order, each row once")
    got, pages = walk(s, "/v1/pins?q=number%201000")
    want = hexes(s.sql("SELECT LOWER(HEX(id)) FROM pins WHERE title LIKE '%number 1000%' ORDER BY created_at DESC, id DESC"))
    t.equal((got, pages), (want, ROWS // WINDOW), "a search goes on where its window ended, until all rows were looked at")
    got = s.api("GET", "/v1/pins?campaign=none")
    t.equal(list(links(got)), [], "the only page has no link to another")
    got = s.api("GET", "/v1/pins?campaign=rare&limit=1")
    t.equal(list(links(got)), [], "a full last page has none either")
    seen = s.sql("SELECT COUNT(*) FROM pins WHERE campaign = 'small'")[0][0]

    def edit(page):
        if page == 1:  # a new first row, and the last row of the page is gone
            s.sql("UPDATE pins SET deleted_at = NOW(6) WHERE campaign = 'small' ORDER BY created_at DESC, id DESC LIMIT 5")
            s.sql("UPDATE pins SET campaign = 'small', created_at = NOW(6) WHERE campaign = 'big' LIMIT 1")

    got, _ = walk(s, "/v1/pins?campaign=small&limit=5", edit)
    t.equal((len(got), len(set(got))), (int(seen), int(seen)), "a list does not shift while rows come and go")
    s.sql("UPDATE pins SET deleted_at = NULL")


def waits(s):
    """Why pins wait is found out for a window of them, and the links lead to all."""
    for kind in FILTERS:
        s.sql(f"UPDATE {kind} SET state = 1, pin_id = UNHEX(INSERT(HEX(id), 13, 1, '1'))"
              if kind == "schedules" else "UPDATE pins SET state = 1, error_code = NULL")
    s.sql("UPDATE pinterest_accounts SET paused_at = NOW(6) WHERE id = UNHEX(MD5('account second'))")
    for path in ("/v1/pins?status=deferred", "/v1/pins?error_code=paused", "/v1/schedules?status=deferred"):
        n, got = reads(s, lambda: s.api("GET", path))  # noqa: B023
        t.ok(got[0] == 200 and n <= PAGE_READS + WINDOW_READS + WAIT_READS, f"{path} finds out why a bounded number of pins wait", (got[0], n))
        kind, by = path.split("?")[0][4:], "run_at" if "schedules" in path else "created_at"
        want = hexes(s.sql(f"SELECT LOWER(HEX(id)) FROM {kind} WHERE account_id = UNHEX(MD5('account second')) ORDER BY {by} DESC, id DESC"))
        got, pages = walk(s, path + "&limit=200")
        t.ok(got == want and pages == ROWS // WINDOW, f"the links of {path} lead to all", (len(got), len(want), pages))
    s.sql("UPDATE pinterest_accounts SET paused_at = NOW(6)")
    for kind in FILTERS:
        n, got = reads(s, lambda: s.api("GET", f"/v1/{kind}?status=queued"))  # noqa: B023
        t.ok(got[:1] + got[2:] == (200, []) and n <= PAGE_READS + WINDOW_READS + WAIT_READS, f"no {kind} queued are found in bounds", n)
        got, pages = walk(s, f"/v1/{kind}?status=queued")
        t.equal((got, pages), ([], ROWS // WINDOW), f"no {kind} are queued while their accounts are paused")


def far_back(s, second):
    """What many rows share, but none of those that come first: an order that needs no sorting is no use then."""
    for table in FILTERS:
        s.sql(f"""UPDATE {table} SET board_id = '9', campaign = 'old', external_id = 'old',
            account_id = UNHEX(MD5('account second')) ORDER BY id LIMIT {ROWS // 2};
            UPDATE {table} SET account_id = UNHEX(MD5('account first')) ORDER BY id DESC LIMIT {ROWS // 2}""")
    settle(s)
    for kind in FILTERS:
        wide = []
        for query in ("board_id=9", "campaign=old", "external_id=old", "account_id=" + second):
            more = links(s.api("GET", f"/v1/{kind}?{query}"))["next"]
            n, got = reads(s, lambda: s.api("GET", f"/v1/{kind}{more}"))  # noqa: B023
            if got[0] != 200 or n > PAGE_READS:
                wide.append((query, got[0], n))
        t.equal(wide, [], f"a page of {kind} is found far back in a bounded number of rows")


def imports(s):
    project = "(SELECT project_id FROM pins LIMIT 1)"
    s.sql(f"""INSERT INTO imports (id, project_id, shard, source_type, status, total_rows, created_at, updated_at)
        SELECT UNHEX(MD5(seq)), {project}, 1, seq % 7 = 0, CASE WHEN seq % 400 = 8 THEN 4 WHEN seq > 6000 THEN 3 ELSE 2 END, 0,
          TIMESTAMP '2026-01-01 00:00:00' + INTERVAL seq DIV 3 SECOND, NOW(6) FROM seq_1_to_{IMPORTS}""")
    settle(s)
    wide = []
    for query in ("", "status=failed", "status=completed", "status=queued", "status=completed_with_errors", "source_type=csv",
                  "source_type=json", "limit=200", "offset=1000"):
        n, got = reads(s, lambda: s.api("GET", "/v1/pins/imports?" + query))  # noqa: B023
        if got[0] != 200 or n > PAGE_READS:
            wide.append((query, got[0], n))
    t.equal(wide, [], "every filter of imports reads a bounded number of rows")
    for query, where in (("limit=200", "TRUE"), ("status=failed", "status = 4"), ("status=failed&limit=1", "status = 4"),
                         ("source_type=csv&limit=200", "source_type = 1"), ("status=failed&source_type=csv&limit=2", "status = 4 AND source_type = 1")):
        got, _ = walk(s, "/v1/pins/imports?" + query)
        want = hexes(s.sql(f"SELECT LOWER(HEX(id)) FROM imports WHERE {where} ORDER BY created_at DESC, id DESC"))
        t.ok(got == want, f"links go through imports, each once: {query}", (len(got), len(want)))
    got = s.api("GET", "/v1/pins/imports")
    t.ok(sorted(links(got)) == ["first", "next"] and s.api("GET", "/v1/pins/imports" + links(got)["first"])[2] == got[2]
         and got[1]["X-Total-Count"] is None, "a page of imports has links, and no total that would have to be counted", links(got))
    got = s.api("GET", "/v1/pins/imports?status=failed")
    t.ok(got[1]["X-Total-Count"] == str(len(got[2])) and links(got) == {}, "the only page shows how many imports there are", got[1])
    cursor = links(s.api("GET", "/v1/pins/imports"))["next"].split("cursor=")[1]
    for path, why in ((f"/v1/pins/imports?status=failed&cursor={cursor}", "another list"), (f"/v1/pins?cursor={cursor}", "another list"),
                      ("/v1/pins/imports?cursor=x", "not a cursor"), (f"/v1/pins/imports?cursor={cursor}&offset=1", "must not be sent")):
        got = s.api("GET", path)
        t.ok(got[0] == 422 and why in str(got[2]), f"a cursor of imports is refused: {why}", got)


def refused(s, other):
    more = links(s.api("GET", "/v1/pins?campaign=big&limit=2"))["next"]
    cursor = more.split("cursor=")[1]
    for query, why in ((f"campaign=big&cursor={cursor[:-2]}AA", "not a cursor of this project"), ("cursor=x", "not a cursor"),
                       ("cursor=" + "A" * 4000, "not a cursor"), (f"campaign=big&cursor={cursor}&offset=5", "must not be sent with a cursor"),
                       (f"campaign=small&cursor={cursor}", "another list"), (f"cursor={cursor}", "another list"),
                       (f"campaign=big&sort=title_asc&cursor={cursor}", "another list")):
        got = s.api("GET", "/v1/pins?" + query)
        t.ok(got[0] == 422 and why in str(got[2]), f"a cursor is refused: {why}", got)
    t.equal(s.api("GET", f"/v1/schedules?campaign=big&cursor={cursor}")[0], 422, "a cursor of pins is none of schedules")
    got = s.api("GET", "/v1/pins" + more, auth=other)
    t.ok(got[0] == 422 and "not a cursor of this project" in str(got[2]), "another tenant's cursor is refused", got)
    t.equal(s.api("GET", f"/v1/pins?sort=created_at_desc&limit=7&offset=0&campaign=big&cursor={cursor}")[0], 200,
            "the limit may change, and the default order be named")
    got = s.api("GET", "/v1/pins?q=" + "%F0%9F%98%80" * 500 + "&limit=1")
    t.ok(got[0] == 200 and len(got[1]["Link"]) < 8000, "the longest search has a link that web servers pass", got)


with Stack(worker=False, sandbox=False, own_database=True) as s:
    ids = fill(s, ROWS)
    mine = (s.token, s.key)
    s.key = None
    other = s.register()["access_token"]
    s.token, s.key = mine
    for table in FILTERS:  # the rows that come first in most orders
        s.sql(f"UPDATE {table} SET deleted_at = NOW(6) ORDER BY id DESC LIMIT {DELETED}")
    settle(s)
    s.counters = Session(s)
    first_pages(s, ids)
    pages_alone(s, ids)
    for table in FILTERS:
        s.sql(f"UPDATE {table} SET deleted_at = NULL")
    totals(s, ids)
    cursors(s)
    refused(s, other)
    imports(s)
    waits(s)
    far_back(s, ids[1])
    s.counters.close()
sys.exit(t.done())
