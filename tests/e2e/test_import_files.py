#!/usr/bin/env python3
"""What the door of imports says: files as spreadsheets and people write them, rows with names that are not
ours, every fault of a row with its line, and boards that the account does not have. TAP on stdout."""

import os
import secrets
import sys
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402
from listing_proxy import ListingProxy  # noqa: E402

t = Tap()
LONG = 60
HEAD = "account_id,board_id,title,image_url,idempotency_key,run_at"


def at(hours):
    return (datetime.now(timezone.utc) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def key():
    return "k" + secrets.token_hex(6)


def upload(s, text, query="", **fields):
    edge = "edge7d1"
    parts = [(f'form-data; name="{n}"', v.encode()) for n, v in fields.items()]
    data = text if isinstance(text, bytes) else text.encode()
    parts.append(('form-data; name="file"; filename="plan.csv"', data))
    body = b"".join(
        f"--{edge}\r\nContent-Disposition: {head}\r\n\r\n".encode() + value + b"\r\n" for head, value in parts
    )
    kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    return s.api("POST", "/v1/pins/imports/csv" + query, body + f"--{edge}--\r\n".encode(), headers=kind)


def post(s, rows, query=""):
    return s.api("POST", "/v1/pins/imports/json" + query, rows)


def ended(s, answer):
    status, _, job = answer
    if status != 202:
        t.ok(False, "the import is accepted", (status, job))
        return {"results": [], "warnings": []}

    def over():
        now = s.call("GET", "/v1/pins/imports/" + job["id"])
        return now if now["completed_at"] else None

    return s.wait_for(over, LONG, "the import has ended")


def rows_of(job):
    """(row, line, status, message) of each row."""
    return [(r["row_number"], r["line"], r["status"], r["error_message"]) for r in job["results"]]


def refusal(answer):
    status, _, body = answer
    error = body["error"]
    said = "; ".join("/".join(str(p) for p in e["loc"]) + " " + e["msg"] for e in error.get("errors", []))
    return status, said + " " + (error.get("remediation") or "")


def line(s, *cells, end="\n"):
    """A line in the order of HEAD; cells replace what follows account_id and board_id."""
    return ",".join((s.account_id, s.board("Always"), *cells)) + end


def good(s, title="Oak shelf", **more):
    return line(s, title, s.image_url, more.get("key", key()), at(24))


def spreadsheets(s):
    """Files that hold what we ask for, in another dress, are read."""
    name = key()
    plain = [f"{s.account_id}", s.board("Always"), "Oak shelf", s.image_url, name, at(24)]
    files = {
        "commas": HEAD + "\n" + ",".join(plain) + "\n",
        "semicolons": HEAD.replace(",", ";") + "\r\n" + ";".join(plain) + "\r\n",
        "tabs": HEAD.replace(",", "\t") + "\r" + "\t".join(plain) + "\r",
        "sep= and a byte order mark": "\ufeffsep=;\r\n" + HEAD.replace(",", ";") + "\r\n" + ";".join(plain),
        "names in other letters": "Account ID,BoardId,TITLE\u00a0,Image-URL,Idempotency Key,Run at\n" + ",".join(plain),
        "padding columns": f",{HEAD},,,\n,{','.join(plain)},,,\n,,,,,,,,,\n",
        "text marks": HEAD + "\n" + ",".join([plain[0], f'="{plain[1]}"', *plain[2:4], f"\"{name} \"", "'" + plain[5]]),
    }
    made = set()
    for dress, text in files.items():
        job = ended(s, upload(s, text))
        made |= {r["schedule_id"] for r in job["results"]}
        t.equal(
            [(r["status"], r["line"], r["error_message"]) for r in job["results"]],
            [("created" if dress == "commas" else "existing", 3 if "sep=" in dress else 2, None)],
            f"{dress}: the row is read, and is the same",
        )
    t.equal(len(made), 1, "one schedule came of them all")


def unreadable(s):
    """A file that cannot be read is refused as a whole, and told where."""
    header, row = HEAD + "\n", good(s)
    for name, text, wanted in (
        ("Windows-1252", (header + row).encode() + b"a,b,Sch\xf6n,c,d,e\n", ["line 3: byte 8 ", "0xF6", "CSV UTF-8"]),
        ("UTF-16", "\ufeff".encode("utf-16-le") + (header + row).encode("utf-16-le"), ["UTF-16"]),
        ("a NUL", (header + row).encode() + b"a,\0b\n", ["line 3: byte 3 ", "NUL"]),
        ("an open quote", header + row + 'a,b,"Oak\n', ["line 3: the quote", "never closed"]),
        ("a stray quote", header + '\n"a\nb",5" shelf,c\n', ["line 4: a quote inside a text"]),
        ("a workbook", b"PK\x03\x04rest", ["Excel workbook"]),
        ("501 rows", header + row * 501, ["501 rows", "500"]),
        ("no rows", header + ",,,,,\n", ["no rows"]),
        ("unknown column", header[:-1] + ",Colour,Campain\n" + row, ["column 7 (G): unknown", "column 8 (H)", "did you mean campaign?", "account_id, board_id, title", "unknown=ignore"]),
        ("unnamed, but filled", header[:-1] + ",,\n" + row[:-1] + ",,x\n", ["column 8 (H): has no name", "line 2", '"x"']),
        ("a name twice", header[:-1] + ",Title\n" + row, ["column 7 (G)", "twice", "column 3 (C)"]),
    ):
        status, said = refusal(upload(s, text))
        t.ok(status == 422 and all(w in said for w in wanted), f"{name}: 422 says {wanted[0]!r} and more", (status, said))
    t.equal(s.call("GET", "/v1/pins/imports?limit=1")[0]["total_rows"], 1, "nothing of them was accepted")


def sizes(s):
    """A file may be as large as max_import_bytes, form and all."""
    room = 4 << 20
    small = HEAD + "\n" + good(s)
    form = 2 * len("--edge7d1") + len('\r\nContent-Disposition: form-data; name="file"; filename="plan.csv"\r\n\r\n') + len("\r\n--\r\n")
    padded = small + "\n" * (room - form - len(small))
    t.equal(ended(s, upload(s, padded))["created_rows"], 1, "a form of 4 MiB is read")
    t.equal(upload(s, padded + "\n")[0], 413, "one of 4 MiB and a byte is refused")


def every_fault(s):
    """Each row fails alone, with all its faults and the line where it begins."""
    text = HEAD + ",campaign\n"
    text += good(s, '"two\nlines"')[:-1] + ",\n"  # line 2 and 3
    text += "\n"
    text += line(s, "Oak shelf, three ways", s.image_url, key(), at(24), "c")  # 5: shifted
    text += line(s, "Oak shelf")  # 6: short
    text += f"nobody,12a,Oak shelf,ftp://x,{key()},yesterday,\n"  # 7
    text += f"{s.account_id},0{s.board('Always')},Oak,{s.image_url},{key()},{at(24)},\n"  # 8
    text += f"{s.account_id},2.17583E+17,Oak,{s.image_url},1.23457E+17,{at(24)},\n"  # 9
    text += line(s, "Oak", s.image_url, "same", at(24), "a")  # 10
    text += line(s, "Oak", s.image_url, '"same "', at(24), "b")  # 11: another row of this key
    text += line(s, '" "', s.image_url, key(), at(24), "")  # 12
    text += good(s, key="12345e678901")[:-1] + ",\n"  # 13: hex, not a number
    text += good(s)[:40]  # 14: cut off
    job = ended(s, upload(s, text))
    got = {r["line"]: r for r in job["results"]}
    t.equal(list(got), [2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14], "every row is told with its line")
    t.equal([r["row_number"] for r in job["results"]], list(range(1, 12)), "and with its number")
    t.equal((job["created_rows"], job["failed_rows"]), (3, 8), "the others are created")
    for n, wanted in (
        (5, ["the line has 8 cells, the header 7", "comma"]),
        (6, ["the line has 3 cells, the header 7", "image_url"]),
        (7, ["account_id: ", "board_id: must consist of digits", "image_url: ", "run_at: "]),
        (8, ["board_id: must not begin with 0"]),
        (9, ["board_id: ", "spreadsheet", "idempotency_key: "]),
        (11, ["different content", "row 7, line 10"]),
        (12, ["title: must not be empty"]),
        (14, ["the line has 2 cells"]),
    ):
        r = got[n]
        said = (r["error_message"] or "")
        t.ok(r["status"] == "failed" and all(w in said for w in wanted) and said.endswith(f"(line {n})"), f"line {n}: {wanted[0]}", r)
    t.equal([e["field"] for e in got[7]["errors"]], ["account_id", "board_id", "image_url", "run_at"], "every wrong field is listed")
    t.equal([e["field"] for e in got[5]["errors"]], [None], "a fault of the whole row has no field")
    t.equal(got[2]["errors"], [], "a row that was created has no errors")
    listed = s.call("GET", "/v1/pins/imports?limit=1")[0]
    t.equal((listed["id"], listed["results"], listed["failed_rows"]), (job["id"], [], job["failed_rows"]), "a list counts the rows, and leaves their results out")


def not_ours(s):
    """Names that are not ours: refused, or ignored and told."""
    rows = [s.pin_body(run_at=at(24), sku=1), s.pin_body(run_at=at(24), sku=2, descripton="x")]
    job = ended(s, post(s, rows))
    warned = [w for w in job["warnings"] if w["code"] == "unknown_ignored"]
    t.equal((job["created_rows"], [w["names"] for w in warned]), (2, [["sku", "descripton"]]), "JSON: ignored, and named")
    t.ok("did you mean description?" in warned[0]["message"], "JSON: a near miss is told", warned)
    again = post(s, [s.pin_body(run_at=at(24))])[2]
    t.equal(again["warnings"], [], "JSON: no warning without reason")
    job = ended(s, post(s, [s.pin_body(run_at=at(24), sku=1)], "?unknown=refuse"))
    t.equal(rows_of(job), [(1, None, "failed", "sku: unknown field")], "JSON, unknown=refuse: the row fails")
    for name in ("runAt", "run_att", "Title"):
        job = ended(s, post(s, [s.pin_body(**{name: at(24)})]))
        t.ok(job["failed_rows"] == 1 and "did you mean" in job["results"][0]["error_message"], f"JSON: {name} is not taken for a foreign name", job["results"])
    for name in ("scheduled_at", "Publish date"):
        job = ended(s, post(s, [s.pin_body(**{name: at(24)}), s.pin_body(run_at=at(24), **{name: at(24)})]))
        said = job["results"][0]["error_message"] or ""
        t.ok((job["failed_rows"], job["created_rows"]) == (1, 1) and name in said and "name it run_at" in said, f"JSON: a row whose only time is {name} does not leave at once", job["results"])
    t.equal(refusal(post(s, rows, "?unknown=maybe"))[0], 422, "unknown= takes refuse and ignore only")
    text = "#," + HEAD + ",Note\n1," + good(s)[:-1] + ",mine\n"
    job = ended(s, upload(s, text, "?unknown=ignore"))
    t.equal((job["created_rows"], job["warnings"][0]["names"]), (1, ["#", "Note"]), "CSV, ?unknown=ignore: ignored, and named")
    job = ended(s, upload(s, text, unknown="ignore"))
    t.equal(job["existing_rows"], 1, "CSV: the same as a field of the form")
    t.equal(refusal(upload(s, text, unknown="yes"))[0], 422, "CSV: another value of the field is refused")
    got = refusal(upload(s, text, "?unknown=ignore", unknown="refuse"))
    t.ok(got[0] == 422 and "unknown is given twice" in got[1], "CSV: two different values in form and query are refused", got)
    for name in ("timezone", "account_id", "idempotency_key"):
        got = refusal(upload(s, text, unknown="ignore", **{name: "UTC"}))
        t.ok(got[0] == 422 and name + " is for dialect=pinterest only" in got[1], f"CSV: {name} beside our own columns is refused, not ignored", got)
    job = ended(s, upload(s, "," + HEAD + "\n0," + good(s), "?unknown=ignore"))
    t.equal(job["created_rows"], 1, "CSV, ?unknown=ignore: an index column without a name is ignored too")
    late = text.replace("Note", "run_att").replace("," + HEAD.split(",")[-1], ",title2", 1)
    t.equal(refusal(upload(s, late, "?unknown=ignore"))[0], 422, "CSV: a near miss of a time is refused all the same")


def boards(s, proxy):
    """A board is asked for once for each account, not for each row, as POST /v1/pins does."""
    other = s.connect("someone-else")
    foreign = next(iter(s.boards_of(other).values()))
    mine = s.board("Always")
    # not an id that looks rounded: those are told in other words
    absent = next(str(n) for n in range(int(mine) + 1, int(mine) + 99) if int(float(n)) != n and n % 10 and str(n) not in s.boards.values())
    s.sql("DELETE FROM boards")
    proxy.seen.clear()
    rows = [s.pin_body(run_at=at(24 + n)) for n in range(40)]
    rows[7]["board_id"] = absent
    rows[8]["board_id"] = absent
    rows[9]["board_id"] = foreign
    rows[10]["board_id"] = foreign
    rows[10]["account_id"] = other
    rows[12]["board_id"] = int(mine)
    rows[11]["title"] = ""
    rows[11]["board_id"] = absent
    job = ended(s, post(s, rows))
    failed = {r["row_number"]: (r["error_code"], r["error_message"]) for r in job["results"] if r["status"] == "failed"}
    t.equal(sorted(failed), [8, 9, 10, 12, 13], "boards that the account does not have fail their rows")
    direct = s.api("POST", "/v1/schedules", s.pin_body(board_id=absent, run_at=at(24)))[2]
    t.equal(failed[8][0], direct["code"], "with the code of POST /v1/schedules")
    t.ok(failed[8][1].startswith(direct["message"]) and failed[10][0] == direct["code"], "and its message; so for another account's board", failed)
    t.ok(failed[12][0] == "validation_error" and "title: " in failed[12][1] and "board_id: " in failed[12][1], "beside other faults", failed[12])
    t.ok("board_id: must be a string" in failed[13][1], "a board's id as a number is told why", failed[13])
    asked = [p for p in proxy.seen if p.startswith("/sandbox/v5/boards")]
    # an id that looks rounded has its account listed, too
    t.ok(len(asked) <= 7, "four boards are asked for, not forty", asked)

    # a board whose rounded ids are no other one's
    ids = list(s.boards.values())

    def rounds(i):
        return str(int(float(i))), i[:15] + "0" * (len(i) - 15)

    def meant(given):
        return [o for o in ids if o[:15] == given[:15] or float(o) == float(given)]

    mine = next(i for i in ids if all(meant(given) == [i] for given in rounds(i)))
    rounded, excel = rounds(mine)
    rows = [s.pin_body(board_id=b, run_at=at(24)) for b in (rounded, excel) if b != mine]
    job = ended(s, post(s, rows))
    t.ok(
        all(r["error_code"] == "board_not_found" and mine in r["error_message"] for r in job["results"]) and rows,
        "an id that a spreadsheet has rounded is told, with the one that was meant",
        job["results"],
    )

    s.sql("DELETE FROM boards")
    proxy.seen.clear()
    names = sorted(s.boards.values())
    rows = [s.pin_body(board_id=b, run_at=at(24)) for b in names] + [s.pin_body(board_id=str(int(mine) + n), run_at=at(24)) for n in range(1, 61) if str(int(mine) + n) not in names]
    wrong = len(rows) - len(names)
    job = ended(s, post(s, rows))
    t.equal((job["created_rows"], job["failed_rows"]), (len(names), wrong), "many boards: each row is judged")
    t.equal({r["error_code"] for r in job["results"] if r["status"] == "failed"}, {"board_not_found"}, "many boards: those that are not listed are not found")
    asked = [p for p in proxy.seen if p.startswith("/sandbox/v5/boards")]
    t.ok(len(asked) < 30, f"many boards: {len(names) + wrong} of them with few calls", len(asked))


def away(s, proxy):
    """When Pinterest cannot be asked, rows are taken and the answer says so."""
    s.sql("DELETE FROM boards")
    proxy.silent = True
    made = post(s, [s.pin_body(run_at=at(24)), s.pin_body(run_at=at(25))])[2]
    proxy.silent = False
    warned = [w for w in made["warnings"] if w["code"] == "board_unchecked"]
    t.equal([w["boards"] for w in warned], [[s.board("Always")]], "an unanswered question about a board is a warning")
    t.equal(ended(s, (202, None, made))["created_rows"], 2, "and the rows are created")
    got = s.call("GET", "/v1/pins/imports/" + made["id"])
    t.ok("board_unchecked" in [w["code"] for w in got["warnings"]], "the warning stays with the import")


def main():
    proxy = ListingProxy()
    with Stack(overrides={"sandbox": {"base_url": proxy.base_url}}) as s:
        proxy.stack = s
        s.sign_up()
        s.sql("UPDATE pinterest_accounts SET paused_at = NOW(6)")
        for case in (spreadsheets, unreadable, sizes, every_fault, not_ours):
            case(s)
        boards(s, proxy)
        away(s, proxy)
        t.equal(s.stop("worker"), 0, "the worker stops cleanly")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
