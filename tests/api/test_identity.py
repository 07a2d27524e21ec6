#!/usr/bin/env python3
"""A person's own matters: a forgotten password, the e-mail address and its proof, the profile, and
which mails are wanted. Mails go through a real SMTP server with STARTTLS."""

import os
import sys
import tempfile
import time
import urllib.parse
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402
from smtp_server import SmtpServer, link_of, text_of, token_of, unsubscribe_query  # noqa: E402

t = Tap()
HTML = {"Accept": "text/html"}
FRESH = "a-fresh-Passw0rt-of-mine"


def login(s, email, password):
    return s.api("POST", "/v1/auth/login", {"email": email, "password": password}, auth=False)


def lives(s, token):
    return s.api("GET", "/v1/auth/me", auth=token)[0] == 200


def forgot(s, email):
    return s.api("POST", "/v1/auth/forgot-password", {"email": email}, auth=False)


def reset(s, token, password=FRESH):
    return s.api("POST", "/v1/auth/reset-password", {"token": token, "password": password}, auth=False)


def allow_more(s):
    """Forgets the mails that were asked for."""
    s.sql("DELETE FROM login_counts WHERE kind >= 6")


def forgotten(s, mail):
    s.register()
    verify = mail.wait_for(s.email, "confirm")
    t.ok(link_of(verify).startswith(s.url + "/v1/auth/email/verify?token="), "a new user is asked to confirm the address")
    got, strange = forgot(s, s.email), forgot(s, "nobody@example.org")
    t.equal((got[0], strange[0], got[2]), (200, 200, strange[2]), "forgot-password answers the same for an address that nobody has")
    t.equal(set(got[2]), {"message"}, "namely a message")
    message = mail.wait_for(s.email, "password")
    t.equal((message["From"], message["To"]), ("Pintempo <pintempo@example.com>", s.email), "the mail has a sender and a receiver")
    t.ok(message["Message-ID"] and message["Date"] and message["Auto-Submitted"] == "auto-generated", "an id, a date, and says that a machine wrote it")
    token = token_of(message)
    stored = s.sql("SELECT CONCAT_WS(' ', HEX(token_hash), email) FROM user_tokens")
    sealed = s.sql("SELECT COALESCE(GROUP_CONCAT(HEX(text_sealed)), '') FROM mails")
    t.ok(token not in str(stored) and token.encode().hex().upper() not in sealed[0][0], "the token is stored nowhere in clear")
    other = login(s, s.email, s.password)[2]["access_token"]
    t.equal(reset(s, token, "12345678")[0], 422, "a bad password is refused")
    t.equal(reset(s, token + "x")[0], 400, "so is another token")
    done = reset(s, token)
    t.equal((done[0], set(done[2])), (200, {"message"}), "the mailed token sets the password")
    t.equal((lives(s, other), lives(s, s.token)), (False, False), "which ends all sessions")
    t.equal((login(s, s.email, s.password)[0], login(s, s.email, FRESH)[0]), (401, 200), "the new password is the only one")
    t.equal(reset(s, token)[0], 400, "the token is good once")
    mail.wait_for(s.email, "was changed")
    s.password = FRESH
    s.token = login(s, s.email, FRESH)[2]["access_token"]
    t.equal(s.call("GET", "/v1/auth/me", auth=s.token)["user"]["email_verified"], True, "who reads the mail has proved the address")
    t.equal(mail.to("nobody@example.org"), [], "nothing is sent to an address that nobody has")
    log = s.log("app") + s.log("worker")
    t.ok(token not in log and s.email not in s.log("worker"), "no token and no address is logged")


def expired(s, mail):
    allow_more(s)
    before = len(mail.to(s.email, "set a new"))
    forgot(s, s.email)
    forgot(s, s.email)
    tokens = [token_of(mail.wait_for(s.email, "set a new", before + n)) for n in (1, 2)]
    s.sql("UPDATE user_tokens SET expires_at = UTC_TIMESTAMP(6) WHERE purpose = 1")
    t.equal(reset(s, tokens[0])[0], 400, "an expired token is refused")
    s.sql("UPDATE user_tokens SET expires_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR WHERE purpose = 1")
    t.equal(reset(s, tokens[0], FRESH + "2")[0], 200, "one that has not expired is good")
    t.equal(reset(s, tokens[1])[0], 400, "and ends the others")
    s.password = FRESH + "2"
    s.token = login(s, s.email, s.password)[2]["access_token"]
    allow_more(s)
    forgot(s, s.email)
    token = token_of(mail.wait_for(s.email, "set a new", before + 3))
    s.operator("user", "disable", s.email, "--sole-owner")
    t.equal(reset(s, token)[0], 400, "a disabled user cannot come in by a link")
    asked = s.sql("SELECT COUNT(*) FROM mails WHERE state = 1")
    forgot(s, s.email)
    t.equal(s.sql("SELECT COUNT(*) FROM mails WHERE state = 1"), asked, "and gets none")
    s.operator("user", "enable", s.email)


def same_in_time(s):
    """Both do the same work. Of answers that alternate the quickest but one: a busy machine only adds to them."""
    took = {s.email: [], "nobody@example.net": []}
    for _ in range(15):
        for address, times in took.items():
            allow_more(s)
            began = time.perf_counter()
            forgot(s, address)
            times.append(time.perf_counter() - began)
    known, strange = (sorted(x)[1] for x in took.values())
    t.ok(known < strange * 2 and strange < known * 2, "forgot-password takes as long for an unknown address", (known, strange))
    rows = s.sql("SELECT COUNT(*) FROM mails WHERE recipient = 'nobody@example.net'")
    t.equal(rows, [["15"]], "because it writes as much")


def limited(s):
    allow_more(s)
    for address in (s.email, "nobody@example.edu"):
        got = [forgot(s, address) for _ in range(4)]
        t.equal([g[0] for g in got], [200, 200, 200, 429], f"three mails in a row to {address.split('@')[0][:6]}")
        error = got[3][2]["error"]
        t.ok(500 < error["retry_after_seconds"] <= 600 and got[3][1]["Retry-After"], "then one every ten minutes", error)
    s.sql("UPDATE login_counts SET at = at - INTERVAL 10 MINUTE WHERE kind = 7")
    t.equal([forgot(s, s.email)[0] for _ in range(2)], [200, 429], "which is so")
    allow_more(s)
    got = [forgot(s, f"n{n}@example.com")[0] for n in range(31)]
    t.equal(got, [200] * 30 + [429], "and a network asks for thirty in a row")
    allow_more(s)


def page_of_reset(s, mail):
    before = len(mail.to(s.email, "set a new"))
    forgot(s, s.email)
    link = link_of(mail.wait_for(s.email, "set a new", before + 1))
    path = link[len(s.url) :]
    page = s.request("GET", path, headers=HTML)
    t.ok(page[0] == 200 and b'type="password"' in page[2] and page[1]["Cache-Control"] == "no-store", "the link leads to a page that asks for a password", page[1].items())
    form = urllib.parse.urlsplit(page[2].decode().split('action="')[1].split('"')[0])

    def send(password):
        part = f'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n{password}\r\n--b--\r\n'
        head = {**HTML, "Content-Type": "multipart/form-data; boundary=b"}
        return s.request("POST", form.path + "?" + form.query, part.encode(), head)

    bad = send("short")
    t.ok(bad[0] == 422 and b"8 to 255" in bad[2] and b'type="password"' in bad[2], "which says what is wrong with one", bad[2])
    done = send("page-Passw0rt-ä")
    t.ok(done[0] == 200 and b"was set" in done[2], "and sets it", done[2])
    t.equal(login(s, s.email, "page-Passw0rt-ä")[0], 200, "as it was typed")
    again = s.request("GET", path, headers=HTML)
    t.ok(again[0] == 400 and b"used already" in again[2], "once", again[2])
    s.password = "page-Passw0rt-ä"
    s.token = login(s, s.email, s.password)[2]["access_token"]


def verified(s, mail):
    s.register()
    s.api("POST", "/v1/auth/email/verify/request", auth=s.token)
    link = link_of(mail.wait_for(s.email, "confirm your e-mail", 2))
    path = link[len(s.url) :]
    page = s.request("GET", path, headers=HTML)
    t.ok(page[0] == 200 and b"<button" in page[2], "a browser that opens the link is asked first", page[2])
    t.equal(s.call("GET", "/v1/auth/me", auth=s.token)["user"]["email_verified"], False, "as mail programs open links by themselves")
    done = s.request("POST", path, headers=HTML)
    t.ok(done[0] == 200 and b"verified" in done[2], "the button confirms the address", done[2])
    t.equal(s.call("GET", "/v1/auth/me", auth=s.token)["user"]["email_verified"], True, "which shows")
    t.equal(s.call("GET", path, auth=False)["message"], "The e-mail address is verified.", "a program confirms it at once, and twice is well")
    got = s.api("POST", "/v1/auth/email/verify/request", auth=s.token)
    t.ok(got[0] == 200 and "already" in got[2]["message"], "a verified address needs no mail", got[2])
    t.equal(s.api("GET", "/v1/auth/email/verify?token=" + "x" * 40, auth=False)[0], 400, "an unknown token is refused")
    t.equal(s.api("GET", "/v1/auth/email/verify", auth=False)[0], 422, "and none at all")
    s.register()
    got = [s.api("POST", "/v1/auth/email/verify/request", auth=s.token) for _ in range(4)]
    t.equal([g[0] for g in got], [200, 200, 200, 429], "three links in a row can be asked for")
    t.ok(got[0][2]["retry_after_seconds"] is None and 0 < got[2][2]["retry_after_seconds"] <= 600, "and each answer says when the next one can", got[2][2])


def changed(s, mail):
    old, fresh = s.email, f"fresh-{uuid.uuid4().hex}@example.com"
    other = login(s, old, s.password)[2]["access_token"]
    ask = lambda address: s.api("POST", "/v1/auth/email/change/request", {"new_email": address}, auth=s.token)  # noqa: E731
    t.equal([ask(x)[0] for x in (old, "no address", None)], [422, 422, 422], "the present address, none, and no address are refused")
    got = ask(fresh.upper())
    t.equal((got[0], got[2]["pending_email"], set(got[2])), (200, fresh, {"message", "pending_email", "requested_at", "retry_after_seconds"}), "another address can be asked for")
    profile = s.call("GET", "/v1/auth/profile", auth=s.token)
    t.equal((profile["email"], profile["pending_email_change_to"]), (old, fresh), "it waits")
    t.ok(profile["pending_email_change_requested_at"], "since then")
    told = mail.wait_for(old, "was asked for")
    t.ok(fresh in text_of(told) and "token=" not in text_of(told), "the old address is told of it, without the link")
    path = link_of(mail.wait_for(fresh, "new e-mail"))[len(s.url) :]
    page = s.request("GET", path, headers=HTML)
    t.ok(b"<button" in page[2] and login(s, old, s.password)[0] == 200, "a browser is asked first", page[2])
    done = s.call("GET", path, auth=False)
    t.equal((done["new_email"], done["requires_reauthentication"]), (fresh, True), "the link confirms it")
    t.equal((lives(s, other), lives(s, s.token)), (False, False), "and ends all sessions")
    t.equal((login(s, old, s.password)[0], login(s, fresh, s.password)[0]), (401, 200), "the new address logs in, the old one does not")
    mail.wait_for(old, "was changed")
    t.equal(s.api("GET", path, auth=False)[0], 400, "the link is good once")
    s.email, s.token = fresh, login(s, fresh, s.password)[2]["access_token"]
    t.equal(s.call("GET", "/v1/auth/profile", auth=s.token)["pending_email_change_to"], None, "nothing waits any more")


def taken(s, mail):
    mine, token, password = s.email, s.token, s.password
    s.register()
    theirs = s.email
    s.email, s.token, s.password = mine, token, password
    ask = lambda address: s.api("POST", "/v1/auth/email/change/request", {"new_email": address}, auth=s.token)  # noqa: E731
    got = ask(theirs)
    t.equal(got[0], 200, "the address of another user can be asked for, and the answer tells nothing")
    t.ok("token=" not in text_of(mail.wait_for(theirs, "already")), "its owner is told")
    free = f"free-{uuid.uuid4().hex}@example.com"
    ask(free)
    path = link_of(mail.wait_for(free))[len(s.url) :]
    s.sql(f"UPDATE users SET email = '{free}' WHERE email = '{theirs}'")
    t.equal(s.api("GET", path, auth=False)[0], 409, "an address that was taken meanwhile is a conflict")
    t.equal(lives(s, s.token), True, "and changes nothing")
    again = f"again-{uuid.uuid4().hex}@example.com"
    allow_more(s)
    ask(again)
    path = link_of(mail.wait_for(again))[len(s.url) :]
    body = {"current_password": s.password, "new_password": FRESH + "3"}
    got = s.api("POST", "/v1/auth/change-password", body, auth=s.token)
    t.equal((got[0], set(got[2])), (200, {"message"}), "change-password answers with a message")
    t.equal(s.api("GET", path, auth=False)[0], 400, "and ends what was asked for before")
    s.password = FRESH + "3"
    s.token = login(s, s.email, s.password)[2]["access_token"]


def profile(s):
    get = lambda: s.call("GET", "/v1/auth/profile", auth=s.token)  # noqa: E731
    put = lambda body: s.api("PUT", "/v1/auth/profile", body, auth=s.token)  # noqa: E731
    first = get()
    t.equal((first["full_name"], first["email"], first["company_name"]), ("A Test", s.email, None), "a profile has what is known")
    wanted = {
        "full_name": "Zoë Test",
        "workspace_name": "Atelier",
        "company_name": "Keramik GmbH",
        "company_website": "https://example.com/",
        "billing_email": "bill@example.com",
        "billing_phone": "+49 30 1",
        "tax_id": "DE1",
        "address_line1": "Weg 1",
        "address_line2": "Hof",
        "address_city": "Köln",
        "address_state": "NRW",
        "address_postal_code": "50667",
        "address_country": "DE",
    }
    got = put(wanted)
    t.equal((got[0], {k: got[2][k] for k in wanted}), (200, wanted), "all of it can be set")
    t.equal(get(), got[2], "and stays")
    t.equal(put({"address_city": "Bonn"})[2], {**got[2], "address_city": "Bonn"}, "what is not given stays")
    t.equal(put({"tax_id": None})[2]["tax_id"], None, "a null clears")
    t.equal(s.call("GET", "/v1/auth/me", auth=s.token)["active_project"]["name"], "Atelier", "the workspace has its name everywhere")
    wrong = {"billing_phone": "1" * 51, "tax_id": "1" * 101, "address_city": "x" * 121, "address_country": "x" * 11,
             "address_postal_code": "x" * 41, "full_name": "", "workspace_name": "x" * 256, "billing_email": "x", "company_website": "ftp://x", "email": "a@b.cd"}  # fmt: skip
    bad = put(wrong)
    t.equal((bad[0], {e["loc"][-1] for e in bad[2]["error"]["errors"]}), (422, set(wrong)), "each has its limit", )
    t.equal(put({"billing_phone": "1" * 50, "address_country": "x" * 10})[0], 200, "up to which it is taken")
    s.sql("UPDATE memberships SET role = 'editor'")
    t.equal([put(b)[0] for b in ({"full_name": "Me"}, {"company_name": "X"}, {"workspace_name": "X"})], [200, 403, 403], "a role without billing changes its own name only")
    s.sql("UPDATE memberships SET role = 'owner'")


def preferences(s):
    get = lambda: s.call("GET", "/v1/email/preferences", auth=s.token)  # noqa: E731
    first = get()
    switches = {"transactional_enabled": True, "alerts_enabled": True, "verification_enabled": True}
    t.equal({k: first[k] for k in switches}, switches, "all mails are wanted at first")
    t.ok(uuid.UUID(first["id"]) and first["created_at"] and get() == first, "which is one thing, always the same", first)
    got = s.call("PATCH", "/v1/email/preferences", {"alerts_enabled": False}, auth=s.token)
    t.equal((got["alerts_enabled"], got["transactional_enabled"], got["id"]), (False, True, first["id"]), "one can be switched off")
    t.equal(get(), got, "and stays so")
    t.equal(s.api("PATCH", "/v1/email/preferences", {"alerts_enabled": "x", "mails": True}, auth=s.token)[0], 422, "others are refused")
    t.equal(s.api("PATCH", "/v1/email/preferences", {}, auth=s.token)[0], 422, "a change of nothing is refused")


def unsubscribed(s):
    get = lambda: s.call("GET", "/v1/email/preferences", auth=s.token)  # noqa: E731
    mine = get()
    query = unsubscribe_query(s.settings["instance"]["key_file"], mine["workspace_id"], mine["user_id"])
    path = lambda **more: "/v1/email/unsubscribe?" + urllib.parse.urlencode(query | more)  # noqa: E731
    page = s.request("GET", path(), headers=HTML)
    t.ok(page[0] == 200 and b"<button" in page[2] and get() == mine, "a browser is asked before it unsubscribes", page[2])
    got = s.api("GET", path(), auth=False)
    t.equal((got[0], set(got[2])), (200, {"message"}), "a program unsubscribes by the link")
    now = get()
    t.equal((now["transactional_enabled"], now["alerts_enabled"], now["verification_enabled"]), (False, False, True), "which switches off what can be")
    s.call("PATCH", "/v1/email/preferences", {"alerts_enabled": True}, auth=s.token)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    t.equal(s.request("POST", path(), "List-Unsubscribe=One-Click", form)[0], 200, "a mail program presses the button by itself (RFC 8058)")
    t.equal(get()["alerts_enabled"], False, "with the same effect")
    other = str(uuid.uuid4())
    got = [s.api("GET", path(**wrong), auth=False)[0] for wrong in ({"user_id": other}, {"workspace_id": other}, {"token": "x" * 43}, {"token": ""})]
    t.equal(got, [400, 400, 400, 422], "the link is for one person and one project")


def main():
    with tempfile.TemporaryDirectory() as folder, SmtpServer(folder, login=("pintempo", "word ä")) as mail:
        with Stack(overrides={"mail": mail.settings()}) as s:
            forgotten(s, mail)
            expired(s, mail)
            same_in_time(s)
            limited(s)
            page_of_reset(s, mail)
            verified(s, mail)
            changed(s, mail)
            taken(s, mail)
            profile(s)
            preferences(s)
            unsubscribed(s)
            t.ok(all(secure for verb, _, secure in mail.commands if verb in ("AUTH", "MAIL", "DATA")), "nothing goes to the mail server in clear")
    return t.done()


sys.exit(main())
