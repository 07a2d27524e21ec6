#!/usr/bin/env python3
"""One tenant asks as much as it can: slow requests, searches, storms with one key. All others are answered."""

import concurrent.futures
import os
import re
import sys
import time

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")]
from attack import LONG, Watch, together  # noqa: E402
from harness import Session, Stack, Tap  # noqa: E402

t = Tap()
THREADS = 8
BURST, PER_S = (6000, 100) if LONG else (600, 50)
STATEMENT_MS = 2000 if LONG else 1000
ROWS = 300_000
ANSWERED_S = 1  # a stuck application would take longer by far


class Tenant:
    """An organization with a session and a key of its production project."""

    def __init__(self, s):
        self.s = s
        made = s.register()
        self.token, self.project_id = s.token, made["active_project"]["id"]
        s.key = None
        self.key = s.make_key()
        s.key = None

    def ask(self, method, path, body=None, **head):
        return self.s.api(method, path, body, {"X-API-Key": self.key, **head}, auth=False)


def at_once(count, act):
    with concurrent.futures.ThreadPoolExecutor(count) as hands:
        return list(hands.map(act, range(count)))


def watch(other):
    return Watch(lambda: other.ask("GET", "/v1/auth/me")[0], 0.05)


def others_answered(others, what):
    t.equal(set(others.answers), {200}, f"{what}: others are answered")
    others.report(what)
    most = 0.1 if LONG else ANSWERED_S
    t.ok(others.share(0.99 if LONG else 0.9) <= most, f"{what}: others wait at most {most} s", max(others.seconds))


def refusals_tell(answers, setting, what):
    """429 with all that a client needs."""
    refused = [a for a in answers if a[0] == 429]
    good = [a for a in refused if a[2]["code"] == "rate_limited" and int(a[1]["Retry-After"]) >= 1 and setting in str(a[2]["error"])]
    t.ok(refused and good == refused, f"{what}: what is beyond is a 429 with Retry-After that names {setting}", refused[:1])


def slow_requests(s, one, other):
    """A row that is locked makes requests slow that cost nothing: only their threads are the matter."""
    lock = Session(s)
    lock.run(f"BEGIN; SELECT 1 FROM projects WHERE id = UNHEX(REPLACE('{one.project_id}', '-', '')) FOR UPDATE")
    hook = {"url": "https://example.com/", "secret": "s" * 16}
    with concurrent.futures.ThreadPoolExecutor(2 * THREADS) as hands:
        with watch(other) as others:
            got = [hands.submit(one.ask, "POST", "/v1/webhooks", hook) for _ in range(2 * THREADS)]
            s.wait_for(lambda: sum(g.done() for g in got) >= 2 * THREADS - THREADS // 2, 30, "what is beyond the share is refused")
            s.wait_for(lambda: len(others.answers) > 5, 30, "others are answered meanwhile")
            waiting = [g for g in got if not g.done()]
            lock.run("ROLLBACK")
            lock.close()
            answers = [g.result() for g in got]
    t.equal(len(waiting), THREADS // 2, "slow requests: half of the threads are one project's")
    t.equal(sorted(a[0] for a in answers if a[0] != 429), [201] * (THREADS // 2), "slow requests: those are done in the end")
    refusals_tell(answers, "[limits] requests_in_hand", "slow requests")
    others_answered(others, "slow requests")
    for made in answers:
        if made[0] == 201:
            one.ask("DELETE", "/v1/webhooks/" + made[2]["id"])


def searches(s, one, other, share=THREADS // 4):
    """While its table is locked, every search takes as long as it may."""
    lock = Session(s)
    lock.run("LOCK TABLES pins WRITE")
    paths = ["/v1/pins?q=zzzz", "/v1/pins?campaign=a&sort=title_desc", "/v1/pins?status=deferred", "/v1/pins?offset=10001"]
    with watch(other) as others, watch(one) as itself:
        answers = at_once(THREADS, lambda i: one.ask("GET", paths[i % len(paths)]))
    lock.run("UNLOCK TABLES")
    lock.close()
    t.equal(
        [a[0] for a in sorted(answers, key=lambda a: a[0])], [422] * share + [429] * (THREADS - share),
        f"searches: {share} of the threads are one project's",
    )
    slow = [a for a in answers if a[0] == 422]
    t.ok(all("narrow the filter" in a[2]["detail"] for a in slow), "searches: one that takes too long is told to narrow the filter", slow)
    refusals_tell(answers, "[limits] long_in_hand", "searches")
    others_answered(others, "searches")
    t.equal(set(itself.answers), {200}, "searches: its own light requests are answered, too")
    t.equal(one.ask("GET", "/v1/pins?q=zzzz")[0], 200, "searches: afterwards they are answered")


def limit(answer):
    """(quota, window, remaining, reset) of an answer's RateLimit headers."""
    policy = re.fullmatch(r'"requests";q=(\d+);w=(\d+)', answer[1]["RateLimit-Policy"] or "")
    state = re.fullmatch(r'"requests";r=(\d+);t=(\d+)', answer[1]["RateLimit"] or "")
    return tuple(int(n) for n in policy.groups() + state.groups()) if policy and state else None


def storm(s, one, other):
    before = limit(one.ask("GET", "/v1/auth/me"))
    t.equal(before[:2], (BURST, BURST // PER_S), "storm: RateLimit-Policy is what is configured")
    t.ok(0 <= before[2] < BURST and before[3] >= 1, "storm: RateLimit counts", before)
    for path in ("/v1/no-such-pin", "/v1/pins/x", "/v1/jobs/00000000-0000-7000-8000-000000000000", "/v1/pins?limit=x", "/v1/api-keys"):
        answer = one.ask("GET", path)
        t.equal(limit(answer) is not None, path != "/v1/no-such-pin" and path != "/v1/api-keys", f"storm: RateLimit with {answer[0]} of {path}")
    seen = []

    def ask(_):
        seen.append(one.ask("POST", "/v1/pins/validate", {}))

    with watch(other) as others, together(4, ask):
        s.wait_for(lambda: any(a[0] == 429 for a in seen), 60, "the bucket is empty")
    refused = [a for a in seen if a[0] == 429][0]
    t.equal(refused[2]["code"], "rate_limited", "storm: what is beyond is a 429")
    wait_s = int(refused[1]["Retry-After"])
    t.equal(limit(refused)[2:], (0, wait_s), "storm: nothing remains, and t is Retry-After")
    until = time.monotonic() + wait_s
    s.wait_for(lambda: time.monotonic() >= until, 30, "Retry-After has passed")
    t.equal(one.ask("GET", "/v1/auth/me")[0], 200, "storm: after Retry-After it is granted")
    others_answered(others, "storm")
    person(s, one)


def no_effect(s, one):
    """What changes nothing stores nothing."""
    got = [one.ask("POST", f"/v1/{kind}/validate", {}, **{"Idempotency-Key": "same"}) for kind in ("pins", "schedules") for _ in range(2)]
    t.equal({(a[0], a[1]["Idempotent-Replayed"]) for a in got}, {(200, None)}, "growth: validate takes an Idempotency-Key and replays nothing")
    t.equal(s.sql("SELECT COUNT(*) FROM idempotency_keys WHERE kind = 2"), [["0"]], "growth: no reply is stored where nothing was changed")


def person(s, one):
    """A new session is no new bucket."""
    new = lambda: s.call("POST", "/v1/projects/switch", {"project_id": one.project_id}, auth=one.token)["access_token"]  # noqa: E731
    first, second, seen = new(), new(), []
    with together(4, lambda _: seen.append(s.api("GET", "/v1/auth/me", auth=first)[0])):
        s.wait_for(lambda: 429 in seen, 60, "the bucket is empty")
        began = time.monotonic()
    answer = s.api("GET", "/v1/auth/me", auth=second)
    remaining = limit(answer)[2]
    refilled = (time.monotonic() - began + 1) * PER_S
    t.ok(remaining <= refilled, "storm: all sessions of a person have one bucket", (remaining, refilled))


def table_searches(s, one, other):
    """The long form: what finding 3 did."""
    account = s.sql(f"SELECT HEX(id) FROM projects WHERE id = UNHEX(REPLACE('{one.project_id}', '-', ''))")[0][0]
    s.sql(
        f"""INSERT INTO pins (id, project_id, account_id, lane_id, shard, state, run_at, not_after, board_id, title, text_hash,
              idempotency_key, created_at, updated_at)
            SELECT UNHEX(CONCAT(LPAD(HEX(seq), 16, '0'), '{account[:16]}')), UNHEX('{account}'), UNHEX('{account}'), UNHEX('{account}'), 0, 4,
              UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), '1', CONCAT('title ', MD5(seq)), UNHEX(SHA2(seq, 256)), CONCAT('fill ', seq),
              UTC_TIMESTAMP(6) - INTERVAL seq SECOND, UTC_TIMESTAMP(6) FROM seq_1_to_{ROWS}"""
    )
    end = time.monotonic() + 10
    with watch(other) as others, together(THREADS, lambda _: one.ask("GET", "/v1/pins?q=zzzzqq&sort=title_desc")):
        s.wait_for(lambda: time.monotonic() >= end, 30, "the searches have gone on for a while")
    others_answered(others, f"searches in {ROWS} pins")


def main():
    limits = {"requests_burst": BURST, "requests_per_s": PER_S, "statement_ms": STATEMENT_MS}
    with Stack(worker=False, overrides={"app": {"threads": THREADS}, "limits": limits}) as s:
        one, other = Tenant(s), Tenant(s)
        no_effect(s, one)
        slow_requests(s, one, other)
        searches(s, one, other)
        s.operator("limits", one.project_id, "long_requests_in_hand=1")
        searches(s, one, other, 1)
        s.operator("limits", one.project_id, "long_requests_in_hand=default")
        if LONG:
            table_searches(s, one, other)
        storm(s, one, other)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
