#!/usr/bin/env python3
"""Token refresh end to end: on schedule, after a refusal, with lost answers, and with a dead grant.
TAP on stdout."""

import os
import signal
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness import Stack, Tap  # noqa: E402

LONG = 30
PATH = "/v5/oauth/token"


def account(s):
    row = s.sql(
        "SELECT token_version, health, health_code, refresh_at > UTC_TIMESTAMP(6),"
        " access_expires_at > UTC_TIMESTAMP(6), refresh_started_at, HEX(refresh_sealed),"
        " TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), refresh_at)"
        f" FROM pinterest_accounts WHERE id = UNHEX('{s.account_id.replace('-', '')}')"
    )[0]
    names = ("version", "health", "code", "later", "fresh", "started", "refresh", "wait_s")
    return dict(zip(names, row))


def change(s, what):
    s.sql(
        f"UPDATE pinterest_accounts SET {what}"
        f" WHERE id = UNHEX('{s.account_id.replace('-', '')}')"
    )


def version_after(s, was):
    s.wait_for(lambda: int(account(s)["version"]) > int(was["version"]), LONG, "the account has new tokens")
    return account(s)


def publish(s):
    return s.call("POST", "/v1/pins", s.pin_body())["id"]


def pin(s, ident):
    return s.call("GET", "/v1/pins/" + ident)


def published(s, ident):
    s.wait_for(lambda: pin(s, ident)["status"] == "published", LONG, "the pin is published")
    return True


def arm(s, fault, times=1):
    s.admin("arm", {"match": {"path_prefix": PATH}, "times": times, "fault": fault})


def statuses(s, since):
    return [r["status"] for r in s.admin(f"ledger?since={since}")["items"]]


def on_schedule(s, t):
    was = account(s)
    since = s.admin("creates")["last_id"]
    change(s, "access_expires_at = UTC_TIMESTAMP(6), refresh_at = UTC_TIMESTAMP(6)")
    ident = publish(s)
    now = version_after(s, was)
    t.ok(now["refresh"] != was["refresh"], "the refresh token is rotated")
    t.equal((now["fresh"], now["later"], now["health"]), ("1", "1", "0"), "the tokens are fresh and the account is healthy")
    days = int(now["wait_s"]) / 86400
    t.ok(14.9 < days <= 15, "the next refresh is due after half the token's life", days)
    t.ok(published(s, ident), "the pin that waited for the refresh is published")
    t.equal(statuses(s, since), [201], "no request left with the expired token")


def on_refusal(s, t):
    was = account(s)
    s.admin("expire", {"user": s.user, "kind": "access"})
    ident = publish(s)
    t.ok(published(s, ident), "a token that is refused before it expires is replaced and the pin published")
    t.equal(int(account(s)["version"]), int(was["version"]) + 1, "a refused token causes one refresh")
    t.equal(pin(s, ident).get("error_code"), None, "the published pin shows no error")


def pinterest_unavailable(s, t):
    was = account(s)
    arm(s, {"kind": "status", "status": 503, "code": 0}, times=1)
    change(s, "refresh_at = UTC_TIMESTAMP(6)")
    s.wait_for(lambda: account(s)["later"] == "1", LONG, "the refresh is postponed")
    now = account(s)
    t.equal(now["version"], was["version"], "503: the tokens are kept")
    t.equal((now["health"], now["started"]), ("0", None), "503: the account stays healthy")
    t.ok(published(s, publish(s)), "503: pins are published while the access token is valid")
    now = version_after(s, was)
    t.ok(True, "503: the next refresh succeeds")
    arm(s, {"kind": "status", "status": 429, "code": 8, "reset_s": 900}, times=1)
    change(s, "refresh_at = UTC_TIMESTAMP(6)")
    s.wait_for(lambda: account(s)["later"] == "1", LONG, "the refresh is postponed")
    t.ok(int(account(s)["wait_s"]) > 800, "429: the refresh waits as long as Pinterest says", account(s)["wait_s"])
    s.admin("disarm", {})


def one_at_a_time(s, t):
    was = account(s)
    # started just now, and allowed to take that long
    change(s, "refresh_at = UTC_TIMESTAMP(6), refresh_started_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR")
    ident = publish(s)
    published(s, ident)  # the worker has checked more than once meanwhile
    t.equal(account(s)["version"], was["version"], "no second refresh starts while one is in flight")
    change(s, "refresh_started_at = UTC_TIMESTAMP(6) - INTERVAL 31 SECOND")
    version_after(s, was)
    t.ok(True, "a refresh that did not end is started again after 30 s")


def shares(s, t):
    """A project with many accounts whose tokens are due has its share, and another project the rest."""
    mine, held = (s.token, s.key, s.project_id, s.account_id, s.boards), "refresh_started_at IS NOT NULL"
    many = [s.connect(f"many{n}") for n in range(10)]
    s.sign_up()
    other = s.account_id
    by_id = "id IN (" + ", ".join(f"UNHEX('{a.replace('-', '')}')" for a in many) + ")"
    by_other = f"id = UNHEX('{other.replace('-', '')}')"
    count = lambda what: int(s.sql("SELECT COUNT(*) FROM pinterest_accounts WHERE " + what)[0][0])  # noqa: E731
    s.programs["sandbox"].signal(signal.SIGSTOP)
    s.sql(f"UPDATE pinterest_accounts SET refresh_at = UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE WHERE {by_id}")
    s.wait_for(lambda: count(f"{by_id} AND {held}") >= 8, LONG, "the project has its share")
    s.sql(f"UPDATE pinterest_accounts SET refresh_at = UTC_TIMESTAMP(6) WHERE {by_other}")
    s.wait_for(lambda: count(f"{by_other} AND {held}") == 1, LONG, "the other project's renewal begins")
    t.equal(count(f"{by_id} AND {held}"), 8, "shares: a sandbox has half of the sandbox's renewals, and another one the rest")
    s.programs["sandbox"].signal(signal.SIGCONT)
    s.wait_for(lambda: count(f"({by_id} OR {by_other}) AND refresh_at > UTC_TIMESTAMP(6) AND NOT {held}") == 11, 2 * LONG, "all end")
    t.equal(count(f"({by_id} OR {by_other}) AND health = 0"), 11, "shares: then those that waited have their turn")
    s.token, s.key, s.project_id, s.account_id, s.boards = mine


def answer_lost(s, t):
    s.admin("settings", {"rotation": "lenient"})
    was = account(s)
    arm(s, {"kind": "lost_after"})
    change(s, "refresh_at = UTC_TIMESTAMP(6)")
    now = version_after(s, was)
    t.equal(now["health"], "0", "lost answer, lenient Pinterest: the old refresh token still works")
    s.admin("settings", {"rotation": "strict"})
    arm(s, {"kind": "lost_after"})
    change(s, "refresh_at = UTC_TIMESTAMP(6)")
    s.wait_for(lambda: account(s)["health"] == "1", LONG, "the account needs to be reconnected")
    t.equal(account(s)["code"], "token_revoked", "lost answer, strict Pinterest: the account must be reconnected")
    s.connect()
    t.equal(account(s)["health"], "0", "the account is healthy after the reconnect")
    t.ok(published(s, publish(s)), "pins are published after the reconnect")


def grant_dead(s, t):
    text = "SELECT COUNT(*) FROM activity_logs WHERE action = 'account.reconnect_required'"
    before = int(s.sql(text)[0][0])
    s.admin("revoke", {"user": s.user})
    first, second = publish(s), publish(s)
    s.wait_for(lambda: account(s)["health"] == "1", LONG, "the account needs to be reconnected")
    s.wait_for(
        lambda: {pin(s, i)["status"] for i in (first, second)} == {"deferred"},
        LONG,
        "pins are deferred",
    )
    t.equal(pin(s, first)["error_code"], "token_revoked", "dead grant: the deferred pin says why")
    t.equal(int(s.sql(text)[0][0]), before + 1, "dead grant: the activity log records it once")
    t.equal(
        s.sql(
            "SELECT refresh_at FROM pinterest_accounts"
            f" WHERE id = UNHEX('{s.account_id.replace('-', '')}')"
        ),
        [[None]],
        "dead grant: no further refresh is tried",
    )
    s.connect()
    t.ok(published(s, first) and published(s, second), "dead grant: both pins are published after the reconnect")


def secret_refused(s, t):
    """A 401 with code 2 may be caused by the app's secret: accounts are kept while their access
    token is valid."""
    was = account(s)
    arm(s, {"kind": "status", "status": 401, "code": 2})
    change(s, "refresh_at = UTC_TIMESTAMP(6)")
    s.wait_for(lambda: account(s)["later"] == "1" or account(s)["health"] == "1", LONG, "the refresh is refused")
    t.equal((account(s)["health"], account(s)["version"]), ("0", was["version"]), "401 code 2: the account is kept")
    t.ok(published(s, publish(s)), "401 code 2: pins are published while the access token is valid")
    version_after(s, was)
    t.ok(True, "401 code 2: the next refresh succeeds")
    arm(s, {"kind": "status", "status": 401, "code": 2})
    change(s, "access_expires_at = UTC_TIMESTAMP(6), refresh_at = UTC_TIMESTAMP(6)")
    s.wait_for(lambda: account(s)["health"] == "1", LONG, "the account needs to be reconnected")
    t.equal(account(s)["code"], "token_revoked", "401 code 2 with an expired access token: the account must be reconnected")
    s.connect()


def database_away(s, t):
    """New tokens are kept while the database is away, and written when it is back."""
    text = "SELECT COUNT(*) FROM sandbox_tokens"
    for ms in (1000, 4000, 8000):  # answered late; later still if that was not late enough
        was = account(s)
        arm(s, {"kind": "delay_ms", "after_ms": ms})
        before = s.sql(text, s.database + "_sandbox")
        change(s, "refresh_at = UTC_TIMESTAMP(6)")
        s.wait_for(lambda: s.sql(text, s.database + "_sandbox") != before, LONG, "the simulator has rotated the tokens")
        s.programs["worker"].signal(signal.SIGSTOP)  # gets the answer now, and saves it when it continues
        if account(s)["version"] == was["version"]:
            break
        s.programs["worker"].signal(signal.SIGCONT)
    t.equal(account(s)["version"], was["version"], "database away: Pinterest has rotated the tokens, the account has not")
    s.stop("database")
    s.programs["worker"].signal(signal.SIGCONT)
    s.wait_for(lambda: "refresh_save_waits" in s.log("worker"), LONG, "the answer has come")
    s.start("database")
    s.wait_for(lambda: s.sql("SELECT 1", check=False), LONG, "the database is back")
    now = version_after(s, was)
    t.equal(now["health"], "0", "database away: the tokens are stored when it is back")
    s.wait_for(lambda: s.status_of("/readyz?worker=1") == 200, LONG, "all programs are back")
    t.ok(published(s, publish(s)), "database away: the stored tokens work")


def main():
    t = Tap()
    cases = (
        on_schedule,
        on_refusal,
        pinterest_unavailable,
        one_at_a_time,
        shares,
        answer_lost,
        grant_dead,
        secret_refused,
        database_away,
    )
    with Stack(own_database=True) as s:
        s.sign_up()
        s.user = s.sql(
            "SELECT pinterest_user_id FROM pinterest_accounts"
            f" WHERE id = UNHEX('{s.account_id.replace('-', '')}')"
        )[0][0]
        for case in cases:
            case(s, t)
        t.equal(s.stop("worker"), 0, "the worker stops cleanly")
        text = s.log("worker") + s.log("app") + s.log("sandbox")
        t.ok("pina." not in text and "pinr." not in text, "no log contains a token")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
