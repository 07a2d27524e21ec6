#!/usr/bin/env python3
"""One account imports 10,000 pins due at the same moment; 100 other accounts of five tenants have
one pin each, repeatedly: without the import, while its rows are stored, when all of them fall due,
and while they are published. At the sandbox's pace a pin of the others may be at most 2 s later
than without the import. Lateness is taken from the database: attempts.opened_at and gate_at against
run_at."""

import concurrent.futures
import os
import sys
import time
from datetime import datetime, timedelta, timezone

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path[:0] = [TESTS, os.path.join(TESTS, "e2e")]
import checker  # noqa: E402
from harness import Stack, Tap, wait_for  # noqa: E402
from test_imports import as_csv  # noqa: E402

t = Tap()
TENANTS, EACH = 5, 20
ROWS, PER_IMPORT = 10_000, 500
HANDS = 4
BOUND_S = 2.0
QUIET_S, AFTER_S = 4, 4


def text_of(moment):
    return datetime.fromtimestamp(moment, timezone.utc).isoformat()


class Person:
    """One account of one tenant, usable from any thread."""

    def __init__(self, s, key, token, user):
        self.s, self.key = s, key
        self.account = s.connect(user, auth=token) if user else s.account_id
        self.board = s.boards_of(self.account, auth=token)["Always works"]

    def row(self, title, moment):
        return {
            "account_id": self.account,
            "board_id": self.board,
            "title": title,
            "image_url": self.s.image_url,
            "idempotency_key": f"{self.account} {title}",
            "run_at": text_of(moment),
        }

    def ask(self, path, body, **head):
        return self.s.call("POST", path, body, auth=False, headers={"X-API-Key": self.key, **head})

    def schedule(self, title, moment):
        self.ask("/v1/schedules", self.row(title, moment))


class Singles:
    def __init__(self, s):
        self.s, self.people, self.late = s, [], {}
        for tenant in range(TENANTS):
            s.key = s.token = None
            s.sign_up()
            users = [f"single {tenant}.{k}" for k in range(EACH)]
            with concurrent.futures.ThreadPoolExecutor(HANDS) as hands:
                key, token = s.key, s.token
                self.people += hands.map(lambda u: Person(s, key, token, u), users)
        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(HANDS) as hands:
            row = lambda p: p.row("ahead", time.time() + 86400)  # noqa: E731
            list(hands.map(lambda p: p.ask("/v1/schedules/validate", row(p)), self.people))
        # How long before its begin a plan is written: depends on the machine and its load.
        self.ahead = 3 + 4 * (time.monotonic() - begin)

    def plan(self, phase, moments):
        """Creates one schedule per account at these moments."""
        with concurrent.futures.ThreadPoolExecutor(HANDS) as hands:
            list(hands.map(lambda pm: pm[0].schedule(f"single {phase}", pm[1]), zip(self.people, moments)))

    def sent(self, phase, seconds):
        """Waits until all pins of the phase have ended: {account: seconds late}."""

        def rows():
            got = self.s.sql(
                f"""SELECT HEX(s.account_id), TIMESTAMPDIFF(MICROSECOND, s.run_at, a.opened_at) / 1e6,
                      TIMESTAMPDIFF(MICROSECOND, s.run_at, a.gate_at) / 1e6
                    FROM schedules s JOIN attempts a ON a.pin_id = s.pin_id AND a.number = 1
                    WHERE s.title = 'single {phase}' AND a.gate_at IS NOT NULL"""
            )
            return got if len(got) == len(self.people) else None

        got = wait_for(rows, seconds, f"the single pins have left, {phase}")
        self.late[phase] = {r[0]: max(float(r[1]), float(r[2])) for r in got}
        show(f"single pins, {phase}: late", self.late[phase].values())

    def added(self, phase):
        base = self.late["alone"]
        return [v - base[k] for k, v in self.late[phase].items()]


def rank(values, part):
    values = sorted(values)
    return values[max(0, -(-len(values) * part // 100) - 1)]


def show(what, values):
    figures = [rank(values, 50), rank(values, 99), max(values)]
    print("# {}: p50 {:.3f} s, p99 {:.3f} s, max {:.3f} s".format(what, *figures), flush=True)


class Importer:
    def __init__(self, s):
        s.key = s.token = None
        s.sign_up()
        self.s, self.person, self.jobs = s, Person(s, s.key, s.token, None), []

    def post(self, name, first, count, moment):
        rows = [self.person.row(f"{name} {n}", moment) for n in range(first, first + count)]
        if first // count % 2:
            self.jobs.append(self.person.ask("/v1/pins/imports/json", rows)["id"])
        else:
            edge = "edge7d1"
            head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="plan.csv"\r\n'
            body = head.encode() + b"Content-Type: text/csv\r\n\r\n" + as_csv(rows) + f"\r\n--{edge}--\r\n".encode()
            kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
            self.jobs.append(self.person.ask("/v1/pins/imports/csv", body, **kind)["id"])

    def ended(self, seconds):
        over = lambda: self.s.sql("SELECT COUNT(*) FROM imports WHERE due_at IS NOT NULL") == [["0"]]  # noqa: E731
        wait_for(over, seconds, "the imports have ended")

    def states(self):
        sql = "SELECT state, COUNT(*) FROM schedules WHERE title LIKE 'big %' GROUP BY state"
        return {checker.STATES[int(state)]: int(n) for state, n in self.s.sql(sql)}


def spread(begin, seconds, count):
    return [begin + seconds * k / count for k in range(count)]


def import_rows(s, singles, big):
    """Imports all rows; the moment when they are due."""
    begin = time.time()
    big.post("probe", 0, PER_IMPORT, begin + 86400)
    big.ended(60)
    estimate = (time.time() - begin) * ROWS / PER_IMPORT
    count = len(singles.people)
    begin = time.time() + singles.ahead
    singles.plan("stored", spread(begin, estimate, count))
    wait_for(lambda: time.time() >= begin, singles.ahead, "the first pin is due")
    # Due once all rows are stored, however long that takes.
    for first in range(0, ROWS, PER_IMPORT):
        big.post("big", first, PER_IMPORT, begin + 86400)
    print(f"# {ROWS} rows posted in {time.time() - begin:.1f} s", flush=True)
    big.ended(300)
    sql = "SELECT TIMESTAMPDIFF(MICROSECOND, MIN(created_at), MAX(completed_at)) / 1e6, SUM(created_rows) FROM imports"
    took, made = s.sql(sql + " WHERE total_rows > 1 AND created_at > (SELECT MIN(created_at) FROM imports)")[0]
    t.equal(int(made), ROWS, f"all {ROWS} rows are imported")
    print(f"# import of {ROWS} rows: {float(took):.1f} s", flush=True)
    singles.sent("stored", estimate + 30)
    due = time.time() + 2 * singles.ahead
    at = datetime.fromtimestamp(due, timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
    s.sql(f"UPDATE schedules SET run_at = '{at}', due_at = '{at}' WHERE title LIKE 'big %'")
    # A third are due at the very moment of the ten thousand, the others while those are promoted.
    singles.plan("due", [due if k % 3 == 0 else due + 5 * k / count for k in range(count)])
    return due


def promote_rows(s, singles, big, due):
    done = lambda: "planned" not in big.states()  # noqa: E731
    wait_for(done, due - time.time() + 300, "all schedules are promoted")
    sql = "SELECT TIMESTAMPDIFF(MICROSECOND, MIN(run_at), MAX(created_at)) / 1e6, COUNT(*) FROM pins"
    took, count = s.sql(sql + " WHERE title LIKE 'big %'")[0]
    t.equal(int(count), ROWS, "all imported schedules become pins")
    # On a fast machine too: a pin due at the same moment does not wait behind all imported ones.
    sql = """SELECT (SELECT COUNT(*) FROM pins b WHERE b.title LIKE 'big %' AND b.created_at < p.created_at)
             FROM pins p WHERE p.title = 'single due' AND p.run_at = (SELECT MIN(run_at) FROM pins WHERE title = 'single due')"""
    before = sorted(int(n) for (n,) in s.sql(sql))
    t.ok(
        len(before) > 30 and before[-1] <= ROWS // 4,
        f"due: at most {ROWS // 4} imported pins are promoted before another's pin of the same moment",
        before,
    )
    print(f"# promotion of {ROWS} schedules: {float(took):.1f} s", flush=True)
    begin = time.time() + singles.ahead
    singles.plan("published", spread(begin, AFTER_S, len(singles.people)))
    singles.sent("due", 60)
    singles.sent("published", AFTER_S + 60)
    t.ok(big.states().get("published", 0) > 0, "the importing account's pins are published meanwhile", big.states())


def main():
    with Stack() as s:
        s.admin("settings", {"fetch": 0})
        singles, big = Singles(s), Importer(s)
        t.equal(len(set(p.account for p in singles.people)), TENANTS * EACH, "there are a hundred accounts")
        singles.plan("alone", spread(time.time() + singles.ahead, QUIET_S, len(singles.people)))
        singles.sent("alone", QUIET_S + 30)
        due = import_rows(s, singles, big)
        promote_rows(s, singles, big, due)
        for phase in ("stored", "due", "published"):
            added = singles.added(phase)
            show(f"added while the import is {phase}", added)
            t.ok(rank(added, 99) <= BOUND_S, f"{phase}: the import adds at most {BOUND_S} s at p99", rank(added, 99))
        t.equal(s.stop("worker"), 0, "the worker stops cleanly")
        checker.report(s, t, "fairness", ended=False)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
