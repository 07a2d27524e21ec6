#!/usr/bin/env python3
"""Login (finding 7): a storm of anonymous logins shuts nobody out and slows nobody down, nobody can
lock an owner out, no answer tells who has an account, and guessing is bounded by network and by
address. Clients come from several networks: any address of 127.0.0.0/8 is one's own."""

import http.client
import itertools
import json
import os
import secrets
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from attack import LONG, Watch, share, together  # noqa: E402
from harness import Stack, Tap  # noqa: E402

t = Tap()
networks = (f"127.{i}.{j}.1" for i in range(1, 250) for j in range(250))
HOME = "127.0.0.1"


def post(s, path, body, source):
    c = http.client.HTTPConnection("127.0.0.1", s.port, timeout=60, source_address=(source, 0))
    try:
        c.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        r = c.getresponse()
        return r.status, int(r.headers.get("Retry-After") or 0), json.loads(r.read())
    finally:
        c.close()


def enter(s, email, password, source=HOME):
    return post(s, "/v1/auth/login", {"email": email, "password": password}, source)


def later(s, seconds):
    """Lets the time of all counts pass."""
    s.sql(f"UPDATE login_counts SET at = at - INTERVAL {seconds} SECOND")


def counts(s):
    return int(s.sql("SELECT COUNT(*) FROM login_counts")[0][0])


def owner_stays(s):
    """Anybody tries wrong passwords of a known address, for as long as he likes."""
    here, there, home = next(networks), next(networks), HOME
    got = [enter(s, s.email, "wrong password", here)[:2] for _ in range(12)]
    t.equal([x[0] for x in got[:3]], [401] * 3, "three wrong passwords are only wrong")
    limited = [x for x in got if x[0] == 429]
    t.ok(limited and all(1 <= wait <= 30 for _, wait in limited), "then each has to wait, 30 s at most", got)
    t.equal(enter(s, s.email, s.password, home)[0], 200, "the owner, where a good login came from before, does not")
    for _ in range(12):
        enter(s, s.email, "wrong password", here)
        later(s, 31)
    enter(s, s.email, "wrong password", here)
    first = enter(s, s.email, s.password, there)
    t.ok(first[0] == 429 and 1 <= first[1] <= 30, "elsewhere the owner waits", first)
    again = enter(s, s.email, s.password, there)
    t.ok(again[0] == 429 and again[1] <= first[1], "asking again makes it no longer", again)
    later(s, 31)
    enter(s, s.email, "wrong password", here)
    got = enter(s, s.email, s.password, there)
    t.equal(got[0], 200, "and has its turn then, although others try all the time")
    t.equal(enter(s, s.email, s.password, there)[0], 200, "and is known there")


def stranger_learns_nothing(s):
    """The same answers for an address that somebody has and for one that nobody has."""
    answers = []
    for email in (s.email, f"nobody-{secrets.token_hex(4)}@example.com"):
        s.sql("DELETE FROM login_counts")
        source = next(networks)
        told = []
        for i in range(12):  # the longest delay from the eighth on: no test is as slow as that
            status, wait, body = enter(s, email, f"wrong {i}", source)
            told.append((status, body["error"]["code"], body["detail"].split(";")[0], wait > 0))
            if i >= 8:
                status, wait, body = enter(s, email, f"wrong {i}", source)
                told.append((status, body["error"]["code"], body["detail"].split(";")[0], wait > 0))
            later(s, 31)
        answers.append(told)
    t.equal(answers[0], answers[1], "known and unknown addresses are answered alike")
    t.ok({x[0] for x in answers[0]} == {401, 429}, "and both are limited", answers[0])


def median_ms(s, email, source):
    s.sql("DELETE FROM login_counts")
    spent = []
    for i in range(20):
        if i % 2 == 0:
            s.sql("DELETE FROM login_counts")
        began = time.monotonic()
        status = enter(s, email, "wrong", source)[0]
        spent.append((time.monotonic() - began) * 1000)
        assert status == 401, status
    return share(spent, 0.5)


def timing(s):
    known, unknown = (median_ms(s, e, next(networks)) for e in (s.email, "nobody@example.com"))
    print(f"# a wrong password: known {known:.1f} ms, unknown {unknown:.1f} ms", flush=True)
    if LONG:
        t.ok(abs(known - unknown) < max(known, unknown) / 3, "both take equally long", (known, unknown))


def sprayed(s):
    """One network guesses the passwords of many addresses."""
    s.sql("DELETE FROM login_counts")
    source, began = next(networks), time.monotonic()
    refilled = lambda: (time.monotonic() - began) / 20 + 1  # noqa: E731
    got = [enter(s, f"user{i}@example.com", "Spring-2026", source) for i in range(50)]
    tried = sum(x[0] == 401 for x in got)
    t.ok(30 <= tried <= 30 + refilled(), "a network has 30 guesses, over all addresses", tried)
    t.ok(all(x[0] in (401, 429) and (x[0] == 401 or 1 <= x[1] <= 20) for x in got), "then one in 20 s", got)
    t.equal(enter(s, "user99@example.com", "Spring-2026", next(networks))[0], 401, "another network is not limited")
    rows = counts(s)
    for i in range(50):
        enter(s, f"other{i}@example.com", "x", source)
    t.ok(counts(s) <= rows + refilled(), "what is refused leaves no rows", (rows, counts(s)))
    t.equal(enter(s, s.email, s.password, HOME)[0], 200, "the owner's own network is not limited")


def botnet(s):
    """Many networks guess one password: each waits as long as any other."""
    s.sql("DELETE FROM login_counts")
    got = [enter(s, "target@example.com", f"guess {i}", next(networks)) for i in range(40)]
    tried = sum(x[0] == 401 for x in got)
    t.ok(tried < 20, "an address delays networks that it does not know", tried)
    t.ok(all(x[1] <= 30 for x in got), "by 30 s at most")


def good_logins(s, sources, seconds):
    """Good logins while it lasts: answers and times."""
    got, spent, end = [], [], time.monotonic() + seconds
    for source in itertools.cycle(sources):
        if time.monotonic() > end and len(got) >= 6:
            return got, spent
        began = time.monotonic()
        got.append(enter(s, s.email, s.password, source)[0])
        spent.append(time.monotonic() - began)


def storm(s, crowd, what):
    """Twelve connections log in with addresses that nobody has, `crowd` of them from one network."""
    s.sql("DELETE FROM login_counts")
    sources = [next(networks) for _ in range(12 // crowd)]
    numbers = itertools.count()
    answers = []

    def attack(i):
        email = f"storm{next(numbers)}@example.com"
        answers.append(enter(s, email, "a password", sources[i // crowd])[0])

    begun = threading.Event()
    with together(12, lambda i: (attack(i), begun.set())):
        begun.wait(30)
        with Watch(lambda: s.api("GET", "/v1/auth/me")[0]) as others:
            got, spent = good_logins(s, [HOME], 10 if LONG else 2)
    others.report(f"others, storm {what}")
    print(f"# good logins, storm {what}: {len(got)}, max {max(spent) * 1000:.0f} ms; storm {({x: answers.count(x) for x in set(answers)})}", flush=True)
    t.ok(set(got) <= {200, 503} and got.count(200) > len(got) / 2, f"good logins succeed: storm {what}", got)
    t.equal(set(others.answers), {200}, f"others are answered: storm {what}")
    t.ok({429, 401} & set(answers) and set(answers) <= {401, 429, 503}, f"the storm is refused: {what}", set(answers))
    if LONG:
        t.equal(set(got), {200}, f"each of them: storm {what}")
        t.ok(others.share(0.99) <= 0.1, f"others p99 within 100 ms: storm {what}", others.share(0.99))


def registered(s):
    """Registrations cost a hash, too, and make rows for good."""
    source = next(networks)
    path = "/v1/auth/register"
    s.sql("DELETE FROM login_counts")
    body = lambda i: {"full_name": "A", "email": f"r{i}-{secrets.token_hex(4)}@example.com", "password": "a good password"}  # noqa: E731
    post(s, path, body(0), source)
    s.sql("UPDATE login_counts SET value = 2000000, at = UTC_TIMESTAMP(6) WHERE kind = 5")  # two of 60 are left
    got = [post(s, path, body(i), source)[:2] for i in range(4)]
    t.equal([x[0] for x in got], [201, 201, 429, 429], "registrations of a network are limited")
    t.ok(all(1 <= x[1] <= 60 for x in got[2:]), "to one a minute", got)
    t.equal(post(s, path, body(9), next(networks))[0], 201, "another network is not")
    got = post(s, path, {**body(10), "password": "password"}, source)
    t.equal(got[0], 422, "a common password is refused")


def session_guesses(s):
    """A stolen session does not help to guess the password."""
    s.sql("DELETE FROM login_counts")
    token = enter(s, s.email, s.password)[2]["access_token"]
    body = {"current_password": "a wrong one", "new_password": "another good one"}
    began, got = time.monotonic(), []
    while len(got) < 100 and 429 not in got:
        got.append(s.api("POST", "/v1/auth/change-password", body, auth=token)[0])
    t.ok(set(got[:-1]) == {422} and got[-1] == 429, "wrong current passwords are refused, then limited", got)
    t.ok(21 <= len(got) <= 22 + (time.monotonic() - began) / 30, "after twenty, to one in 30 s", len(got))


def main():
    with Stack(worker=False) as s:
        s.sign_up()
        for part in (owner_stays, stranger_learns_nothing, timing, sprayed, botnet, registered, session_guesses):
            print("# " + part.__name__, flush=True)
            part(s)
        storm(s, 12, "from one network")
        storm(s, 1, "from twelve networks")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
