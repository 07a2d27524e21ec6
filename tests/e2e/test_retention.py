#!/usr/bin/env python3
"""The worker deletes all old rows, also more than one batch; young rows stay, and live pins keep
their idempotency key at any age. The default ages match docs/operate.md."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import TOP, Stack, Tap  # noqa: E402

t = Tap()
OLD, YOUNG, LONG_AGO = 3200, 40, 400
DEFAULTS = {
    "events_days": 30,
    "activity_days": 90,
    "finished_days": 0,
    "import_rows_days": 30,
    "replies_days": 1,
    "oauth_states_days": 1,
    "workers_days": 7,
    "mails_days": 30,
}


def replies(s, where):
    return int(s.sql(f"SELECT COUNT(*) FROM idempotency_keys WHERE kind = 2 AND {where}")[0][0])


def defaults(s):
    printed = s.operator("config", "print").stdout
    section = printed[printed.index("[retention]") :]
    got = re.findall(r"Default: (\d+)\.\n(\w+) =", section)
    t.equal(
        {name: int(days) for days, name in got}, DEFAULTS, "the configuration has the expected default age for each kind of row"
    )
    with open(os.path.join(TOP, "docs", "operate.md")) as f:
        documented = dict(re.findall(r"^\|[^|]*\| `(\w+_days)` \| (\d+)", f.read(), re.M))
    t.equal({name: int(days) for name, days in documented.items()}, DEFAULTS, "docs/operate.md gives the default ages")


def aged(s, key):
    """Creates a pin with this key and backdates it."""
    body = s.pin_body(idempotency_key=key)
    i = s.call("POST", "/v1/pins", body)["id"].replace("-", "")
    old = f"CONCAT(UNHEX(LPAD(HEX(UNIX_TIMESTAMP(NOW() - INTERVAL {LONG_AGO} DAY) * 1000), 12, '0')), SUBSTR(x'{i}', 7))"
    s.sql(
        f"""UPDATE idempotency_keys SET created_at = created_at - INTERVAL {LONG_AGO} DAY, pin_id = {old} WHERE pin_id = x'{i}';
            UPDATE pins SET created_at = created_at - INTERVAL {LONG_AGO} DAY,
              updated_at = updated_at - INTERVAL {LONG_AGO} DAY, id = {old} WHERE id = x'{i}'"""
    )
    return body


def main():
    keep = {"replies_days": 2, "finished_days": 2}
    with Stack(worker=False, overrides={"retention": keep}) as s:
        s.sign_up()
        s.sql("UPDATE pinterest_accounts SET paused_at = UTC_TIMESTAMP(6)")
        lives, verified, over = aged(s, "lives"), aged(s, "verified"), aged(s, "over")
        s.sql(
            """UPDATE pins SET state = 3, due_at = NOW(6) + INTERVAL 1 HOUR, deadline_at = NULL WHERE idempotency_key = 'verified';
               UPDATE pins SET state = 4, due_at = NULL, deadline_at = NULL, pinterest_pin_id = '1', confirmed_by = 'answer',
                 published_at = updated_at WHERE idempotency_key = 'over'"""
        )
        replanned(s)
        for days, n in ((3, OLD), (1, YOUNG)):
            s.sql(
                f"""INSERT INTO idempotency_keys (project_id, kind, idem_key, body_hash, created_at)
                    SELECT 'p', 2, CONCAT('{days}-', seq), 'b', UTC_TIMESTAMP(6) - INTERVAL {days} DAY
                    FROM seq_1_to_{n}"""
            )
        defaults(s)
        s.start("worker")
        s.wait_for(lambda: replies(s, "idem_key LIKE '3-%'") == 0, 20, "old replies are deleted")
        s.wait_for(lambda: f"event=swept rows={OLD + 3}" in s.log("worker"), 5, "the log counts the deleted rows")
        t.ok(True, "one round deletes seven batches of replies, a pin with its key, and a single pin")
        t.equal(replies(s, "idem_key LIKE '1-%'"), YOUNG, "young replies stay")
        keys(s, lives, verified, over)
        status(s)
        t.equal(s.stop("worker"), 0, "the worker stops cleanly")
    return t.done()


def replanned(s):
    """A schedule whose first pin failed and was deleted long ago; its second pin waits."""
    body = s.pin_body(idempotency_key="replanned", run_at="2100-01-01T00:00:00Z", title="Replanned")
    i = s.call("POST", "/v1/schedules", body)["id"].replace("-", "")
    cols = "project_id, account_id, lane_id, shard, run_at, not_after, board_id, title, image_url, idempotency_key"
    for pin, state, days, gone in (("old pin", 5, LONG_AGO, "created_at"), ("new pin", 1, 0, "NULL")):
        pin = f"UNHEX(RPAD(HEX('{pin}'), 32, '0'))"
        s.sql(
            f"""INSERT INTO pins (id, schedule_id, state, text_hash, created_at, updated_at, deleted_at, {cols})
                SELECT IF({days} > 0, CONCAT(UNHEX(LPAD(HEX(UNIX_TIMESTAMP(NOW() - INTERVAL {days} DAY) * 1000), 12, '0')), SUBSTR({pin}, 7)), {pin}),
                  id, {state}, REPEAT('x', 32), NOW(6) - INTERVAL {days} DAY, NOW(6) - INTERVAL {days} DAY,
                  IF('{gone}' = 'NULL', NULL, NOW(6) - INTERVAL {days} DAY), {cols} FROM schedules WHERE id = x'{i}';
                UPDATE schedules SET state = {state}, due_at = NULL, pin_id = (SELECT MAX(id) FROM pins WHERE schedule_id = x'{i}' AND state = {state})
                WHERE id = x'{i}'"""
        )


def keys(s, lives, verified, over):
    left = s.sql("SELECT idem_key FROM idempotency_keys WHERE kind = 1 ORDER BY 1")
    t.equal(left, [["lives"], ["replanned"], ["verified"]], "keys of live pins stay, others are deleted with their pins")
    t.equal(s.sql("SELECT COUNT(*) FROM pins"), [["3"]], "pins that ended long ago are deleted")
    rows = s.sql("SELECT s.state, p.state FROM schedules s JOIN pins p ON p.id = s.pin_id WHERE s.idempotency_key = 'replanned'")
    t.equal(rows, [["1", "1"]], "a rescheduled schedule outlives its first pin")
    for body in (lives, verified):
        status, _, got = s.api("POST", "/v1/pins", body)
        found = s.sql(f"SELECT LOWER(HEX(id)) FROM pins WHERE idempotency_key = '{body['idempotency_key']}'")
        t.equal(
            [[got["id"].replace("-", "")]],
            found,
            f"{body['idempotency_key']}: repeating the request makes no second pin ({status})",
        )
    t.equal(s.api("POST", "/v1/pins", over)[0], 201, "a deleted key makes a new pin")


def status(s):
    shown = s.operator("status", check=False).stdout
    sizes = dict(re.findall(r"^(\w+) +(?:-?\d+) +(\d+\.\d [KMGT]iB)$", shown, re.M))
    tables = {
        r[0]
        for r in s.sql(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"
        )
    }
    t.equal(set(sizes), tables, "status shows the size of every table")
    t.ok(float(sizes["idempotency_keys"].split()[0]) > 0, "status shows a table size above zero", sizes)
    t.ok(
        "idempotency_keys 24 h ago" in shown and f"pins {LONG_AGO} d ago" in shown,
        "status shows the age of each table's oldest row",
        shown,
    )


if __name__ == "__main__":
    sys.exit(main())
