#!/usr/bin/env python3
"""The page that the link of an invitation leads to: whoever is new signs up there, whoever has a password
uses it, in a real browser; refusals are shown with the reason and use nothing up."""

import os
import secrets
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import browser  # noqa: E402
from harness import Stack, Tap  # noqa: E402

t = Tap()
HTML = {"Accept": "text/html"}
PASSWORD = "long enough 1"
LOGIN, SIGN_UP = "input[autocomplete=current-password]", "input[autocomplete=new-password]"


def name():
    return f"p-{secrets.token_hex(5)}@example.com"


def invite(s, email, role="editor"):
    return s.call("POST", "/v1/team/invitations", {"email": email, "role": role}, auth=s.token)["accept_url"]


def register(s, email):
    return s.call("POST", "/v1/auth/register", {"full_name": "Anna", "email": email, "password": PASSWORD}, auth=False)


def members(s):
    return {m["user"]["email"]: m["role"] for m in s.call("GET", "/v1/team/members", auth=s.token)["items"]}


def press(s, link, accept="text/html", **fields):
    """The form, as a browser sends it."""
    page = s.request("GET", link[len(s.url) :], headers=HTML)
    actions = {part.split('"')[0] for part in page[2].decode().split('action="')[1:]}
    if page[0] != 200:
        actions = {s.url + "/v1/team/invitations/accept/form?token=" + link.split("token=")[1]}
    (action,) = actions
    at = urllib.parse.urlsplit(action)
    body = "".join(f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()) + "--b--\r\n"
    head = {"Accept": accept, "Content-Type": "multipart/form-data; boundary=b"}
    return s.request("POST", f"{at.path}?{at.query}", body.encode(), head)


def sessions(s):
    return s.sql("SELECT COUNT(*) FROM sessions")[0][0]


def refused(s):
    """Each with its reason, on the page with its forms; then the invitation is still good."""
    email = name()
    register(s, email)
    link = invite(s, email)
    shown = s.request("GET", link[len(s.url) :], headers=HTML)
    policy = shown[1]["Content-Security-Policy"]
    t.ok(policy.startswith("default-src 'none'") and b"<script" not in shown[2] and shown[1]["Cache-Control"] == "no-store" and shown[1]["Referrer-Policy"] == "no-referrer", "the page has no scripts and is not kept", shown[1].items())
    t.ok(s.request("HEAD", link[len(s.url) :], headers=HTML)[0] in (200, 405) and email not in members(s), "opening it accepts nothing")
    for fields, status, why in (({"password": "wrong"}, 401, b"password is wrong"), ({"password": ""}, 422, b"Enter your password"), ({}, 422, b"Enter your password"),
                                ({"full_name": "A", "password": "short"}, 422, b"8 to 255"), ({"full_name": "A", "password": "aaaaaaaa"}, 422, b"different"),
                                ({"full_name": "", "password": PASSWORD}, 422, b"Enter your name"), ({"full_name": "A", "password": PASSWORD}, 409, b"already has an account")):
        got = press(s, link, **fields)
        t.ok(got[0] == status and why in got[2] and got[2].count(b"<form") == 2, f"refused with the reason: {fields} {status}", got)
    s.sql("DELETE FROM login_counts")
    token = link.split("token=")[1]
    got = press(s, link, full_name="<b>&", password="x")
    t.ok(b"<b>&" not in got[2], "nothing that was typed comes back as HTML")
    t.equal(email in members(s), False, "and nothing was accepted")
    before = sessions(s)
    got = press(s, link, password=PASSWORD)
    t.ok(got[0] == 200 and b"You are a member" in got[2] and email.encode() in got[2] and token.encode() not in got[2], "the invitation was still good", got)
    t.equal((members(s)[email], sessions(s)), ("editor", before), "a member by now, without a session that nobody has")
    for again in (press(s, link, password=PASSWORD), s.request("GET", link[len(s.url) :], headers=HTML)):
        t.ok(again[0] == 404 and b"was used" in again[2] and b"<form" not in again[2], "once: then the page says why not", again)
    made_up = s.request("POST", "/v1/team/invitations/accept/form", b"--b--\r\n", {**HTML, "Content-Type": "multipart/form-data; boundary=b"})
    t.equal(made_up[0], 422, "a token is required")
    for program in ("app", "web"):
        t.ok(token not in s.log(program), f"the log of {program} has no token")


def programs(s):
    """What asks for JSON gets it, and a person who is new needs no page."""
    email = name()
    got = press(s, invite(s, email, "viewer"), accept="application/json", full_name="Bob", password=PASSWORD)
    t.ok(got[0] == 200 and b'"message"' in got[2] and b"access_token" not in got[2], "a program is told in JSON, without a session", got)
    t.equal(members(s)[email], "viewer", "and the person is there")
    other = name()
    link = invite(s, other)
    row = next(i for i in s.call("GET", "/v1/team/invitations", auth=s.token)["items"] if i["email"] == other)
    s.call("DELETE", f"/v1/team/invitations/{row['id']}", auth=s.token)
    got = press(s, link, full_name="Eve", password=PASSWORD)
    t.ok(got[0] == 404 and b"withdrawn" in got[2], "a withdrawn one is refused", got)
    t.equal(s.sql(f"SELECT COUNT(*) FROM users WHERE email = '{other}'"), [["0"]], "and nobody signs up by it")


def in_browser(s, chromium):
    new, old = name(), name()
    register(s, old)
    page = chromium.profile()
    page.open(invite(s, new))
    t.equal(page.status(), 200, "the link leads to the page")
    page.fill("input[name=full_name]", "Newcomer")
    page.fill(SIGN_UP, PASSWORD)
    page.click_on("form:nth-of-type(2) button")
    page.wait_for_text("You are a member")
    t.equal(members(s).get(new), "editor", "who is new signs up and is a member")
    t.equal(s.api("POST", "/v1/auth/login", {"email": new, "password": PASSWORD}, auth=False)[0], 200, "and logs in with the password")
    page = chromium.profile()
    page.open(invite(s, old))
    page.fill(LOGIN, "not mine")
    page.click_on("form:nth-of-type(1) button")
    page.wait_for_text("password is wrong")
    page.fill(LOGIN, PASSWORD)
    page.click_on("form:nth-of-type(1) button")
    page.wait_for_text("You are a member")
    t.equal(members(s).get(old), "editor", "who has a password tries again and is a member")


def main():
    with Stack(worker=False, sandbox=False) as s:
        s.register()
        refused(s)
        programs(s)
        if why := browser.missing():
            print("# no browser: " + why)
        else:
            with browser.Chromium() as chromium:
                in_browser(s, chromium)
    with Stack(worker=False, sandbox=False, overrides={"instance": {"registration": "invite"}}) as s:
        token = s.operator("invite", "boss@example.com").stdout.strip()
        s.token = s.call("POST", "/v1/auth/register", {"full_name": "B", "email": "boss@example.com", "password": PASSWORD, "invite_token": token}, auth=False)["access_token"]
        email = name()
        t.equal(press(s, invite(s, email), full_name="C", password=PASSWORD)[0], 200, "the setting of registration does not matter to who is invited")
        t.equal(s.sql("SELECT COUNT(*) FROM organizations"), [["1"]], "and no other organization arises")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
