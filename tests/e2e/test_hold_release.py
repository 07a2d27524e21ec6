#!/usr/bin/env python3
"""The end of large holds: a token revoked under 200 pins, an app stopped under 500 pins of ten
accounts, a project paused under 200. Only pins that miss their window fail, on time; when the hold
ends the others are published, once each and without a retry call."""

import collections
import os
import sys
import time
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from harness import Stack, Tap  # noqa: E402

t = Tap()
ACCOUNTS = 10
OVERRIDES = {
    "worker": {"poll_ms": 100},
    "sandbox": {"burst": 20, "interval_ms": 50, "jitter_pct": 20},
}


class Batch:
    """Pins of one campaign on several accounts, created by one import."""

    def __init__(self, s, name, accounts, each):
        self.s, self.name, self.total = s, name, each * len(accounts)
        self.first = accounts[0]
        self.missing = []
        rows = [self.row(a, f"{name} {k}.{n}") for n in range(each) for k, a in enumerate(accounts)]
        s.call("POST", "/v1/pins/imports/json", rows)

    def row(self, account, title, **more):
        return {
            "account_id": account[0],
            "board_id": account[1],
            "title": title,
            "image_url": self.s.image_url,
            "idempotency_key": title,
            "campaign": self.name,
            **more,
        }

    def add_short_window(self, seconds=2):
        """One more pin, whose window ends during the hold."""
        def body():
            until = (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()
            return self.row(self.first, f"{self.name} late {len(self.missing)}", not_after=until)

        self.missing.append(self.s.soon("/v1/pins", body)["id"])

    def states(self):
        rows = self.s.sql(f"SELECT state, COUNT(*) FROM pins WHERE campaign = '{self.name}' GROUP BY state")
        return {checker.STATES[int(state)]: int(count) for state, count in rows}

    def published(self):
        return self.states().get("published", 0)

    def check_held(self, code, begun):
        """Waits until every unpublished pin is deferred with that code, and checks that none has
        failed."""

        listing = f"/v1/pins?campaign={self.name}&status=deferred&error_code={code}&limit=1"

        def stands():
            now = self.states()
            left = int(self.s.api("GET", listing)[1]["X-Total-Count"])
            whole = now.get("waiting", 0) + now.get("published", 0) == self.total
            return whole and left == now.get("waiting", 0) and now

        states = self.s.wait_for(stands, 10, f"{self.name}: all remaining pins are deferred")
        print(f"# {self.name}: {begun} published before, {states} in the hold", flush=True)
        t.ok(0 < states["published"] < self.total, f"{self.name}: the hold begins halfway through the batch", states)
        t.ok(states["waiting"] > 0, f"{self.name}: every remaining pin says {code}")

    def check_missed(self):
        """The pins of add_short_window() failed on time, unsent, with one event each; no other pin failed."""
        over = lambda: self.states().get("failed", 0) == len(self.missing)  # noqa: E731
        self.s.wait_for(over, 10, f"{self.name}: the short window has ended")
        rows = self.s.sql(
            f"""SELECT TIMESTAMPDIFF(MICROSECOND, not_after, failed_at) DIV 1000, attempts, error_code,
                  (SELECT COUNT(*) FROM events e WHERE e.subject_id = p.id)
                FROM pins p WHERE campaign = '{self.name}' AND state = 5"""
        )
        t.equal(
            {tuple(r[1:]) for r in rows},
            {("0", "publish_window_missed", "1")},
            f"{self.name}: only pins past their window failed, unsent and with one event",
        )
        late_ms = [int(r[0]) for r in rows]
        t.ok(all(0 <= ms <= 1000 for ms in late_ms), f"{self.name}: pins fail within a second of not_after (+ {late_ms} ms)")

    def check_released(self, seconds):
        begin = time.monotonic()
        self.s.wait_for(lambda: self.published() == self.total, seconds, f"{self.name}: published")
        t.equal(
            self.states(), {"published": self.total, "failed": len(self.missing)}, f"{self.name}: all other pins are published"
        )
        print(f"# {self.name}: all {time.monotonic() - begin:.1f} s after the end of the hold", flush=True)
        made = collections.Counter()
        for c in checker.read(self.s, "sandbox_creates", checker.LEDGER, self.s.database + "_sandbox"):
            text = checker.canonical(c["body"])
            if c["pin_id"] is not None and f'"title": "{self.name} ' in text:
                made[text] += 1
        t.equal(sorted(made.values()), [1] * self.total, f"{self.name}: one create was sent per pin")


def revoked(s):
    name = "revoked"
    i = s.connect(name)
    account = (i, s.boards_of(i)["Always works"])
    batch = Batch(s, name, [account], 200)
    s.wait_for(lambda: batch.published() >= 60, 20, "sixty pins are published")
    user = s.sql(f"SELECT pinterest_user_id FROM pinterest_accounts WHERE id = x'{i.replace('-', '')}'")[0][0]
    begun = batch.published()
    s.admin("revoke", {"user": user})
    shown = lambda: {a["id"]: a for a in s.call("GET", "/v1/pinterest/accounts")}[i]  # noqa: E731
    s.wait_for(lambda: shown()["reconnect_required"], 10, "the account needs to be reconnected")
    batch.check_held("token_revoked", begun)
    batch.add_short_window()
    batch.check_missed()
    t.equal(s.connect(name), i, "revoked: reconnecting keeps the account's id")
    batch.check_released(20)


def stopped(s, accounts):
    batch = Batch(s, "stopped", accounts, 50)
    s.wait_for(lambda: batch.published() >= 100, 20, "a hundred pins are published")
    begun = batch.published()
    s.admin("settings", {"tier": "trial"})
    batch.check_held("pinterest_not_permitted", begun)
    batch.add_short_window()
    batch.check_missed()
    s.admin("settings", {"tier": None})
    batch.check_released(30)


def paused(s, accounts):
    batch = Batch(s, "paused", accounts, 20)
    s.wait_for(lambda: batch.published() >= 40, 20, "forty pins are published")
    begun = batch.published()
    s.call("POST", f"/v1/projects/{s.project_id}/pause", auth=s.token)
    now = s.sql("SELECT UTC_TIMESTAMP(6)")[0][0]
    batch.check_held("paused", begun)
    batch.add_short_window()
    batch.check_missed()
    sent = s.sql(f"SELECT COUNT(*) FROM attempts WHERE opened_at > '{now}'")
    t.equal(sent, [["0"]], "paused: nothing is sent after the pause was confirmed")
    s.call("POST", f"/v1/projects/{s.project_id}/resume", auth=s.token)
    batch.check_released(20)


def main():
    with Stack(overrides=OVERRIDES) as s:
        s.sign_up()
        s.admin("settings", {"fetch": 0})
        ids = [s.connect(f"account {n}") for n in range(ACCOUNTS)]
        accounts = [(i, s.boards_of(i)["Always works"]) for i in ids]
        revoked(s)
        stopped(s, accounts)
        paused(s, accounts)
        t.equal(s.sql("SELECT COUNT(*) FROM activity_logs WHERE action LIKE '%.retried'"), [["0"]], "no retry call was needed")
        checker.report(s, t, "released")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
