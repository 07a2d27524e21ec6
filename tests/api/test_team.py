#!/usr/bin/env python3
"""The team of an organization: roles, members, invitations, and people in several organizations."""

import concurrent.futures
import os
import secrets
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402
from smtp_server import SmtpServer, link_of, text_of  # noqa: E402

t = Tap()
ROLES = ("owner", "admin", "editor", "viewer")
LIMITS = {"members": 8, "invitations": 6, "invitations_per_day": 60}


class Person:
    """Somebody with an organization of their own, unless invited."""

    def __init__(self, s, name, invite=None, home=True):
        self.s, self.email, self.password = s, f"{name}-{secrets.token_hex(4)}@example.com", secrets.token_urlsafe(12)
        self.token, self.id = None, None
        if home:
            self.take(self.register(invite))

    def register(self, invite=None, **more):
        body = {"full_name": self.email.split("-")[0].title(), "email": self.email, "password": self.password, **more}
        return self.s.api("POST", "/v1/auth/register", body | ({"invite_token": invite} if invite else {}), auth=False)

    def login(self, **more):
        return self.s.api("POST", "/v1/auth/login", {"email": self.email, "password": self.password, **more}, auth=False)

    def take(self, answer):
        if answer[0] >= 300:
            raise AssertionError(f"{self.email}: {answer}")
        self.me = answer[2]
        self.token, self.id = self.me["access_token"], self.me["user"]["id"]
        return self

    def api(self, method, path, body=None, head=None):
        return self.s.api(method, path, body, head, auth=self.token)

    def call(self, method, path, body=None):
        return self.s.call(method, path, body, auth=self.token)

    def go_to(self, boss):
        """Switches to the project that `boss` works in."""
        self.token = self.call("POST", "/v1/projects/switch", {"project_id": boss.me["active_project"]["id"]})["access_token"]

    def invite(self, email, role):
        return self.api("POST", "/v1/team/invitations", {"email": email, "role": role})

    def members(self):
        return {m["user_id"]: m for m in self.call("GET", "/v1/team/members")["items"]}

    def hire(self, name, role, home=True):
        """A new person who is a member from now on, with a session in this organization."""
        person = Person(self.s, name, home=home)
        token = token_of(self.invite(person.email, role)[2])
        if home:
            return person.take(person.api("POST", "/v1/team/invitations/accept", {"token": token}))
        return person.take(person.register(token))

    def member_id(self, person):
        return self.members()[person.id]["id"]


def token_of(invitation):
    return invitation["accept_url"].split("token=")[1]


def code(answer):
    return answer[0], answer[2]["error"]["code"] if answer[0] >= 400 else None


def preview(s, token, **head):
    return s.api("GET", f"/v1/team/invitations/preview?token={token}", auth=False, headers=head)


def invitations(s, boss):
    """From the invitation to the member."""
    made = boss.invite(" Anna@Example.com ", "EDITOR")
    t.equal((made[0], made[2]["email"], made[2]["role"]), (201, "anna@example.com", "editor"), "an invitation; address and role in lower case")
    token = token_of(made[2])
    t.equal(boss.call("GET", "/v1/team/invitations")["items"], [{k: v for k, v in made[2].items() if k != "accept_url"}], "it is listed, without its token")
    stored = s.sql("SELECT COUNT(*) FROM invitations WHERE token_hash = UNHEX(SHA2('%s', 256))" % token)
    t.equal(stored, [["1"]], "the database has a hash")
    shown = preview(s, token)[2]
    want = {"email": "anna@example.com", "role": "editor", "status": "pending", "organization_name": boss.me["organization"]["name"]}
    t.equal({k: shown.get(k) for k in want}, want, "whoever has the token sees what it is")
    t.equal(sorted(shown), sorted([*want, "organization_id", "expires_at", "inviter_name", "inviter_email", "team_access_enabled"]), "and no more")
    page = s.request("GET", f"/v1/team/invitations/preview?token={token}", headers={"Accept": "text/html"})
    t.ok(page[0] == 200 and b"<h1>Invitation</h1>" in page[2] and token.encode() in page[2], "a browser gets a page", page)
    t.equal(code(boss.invite("anna@example.com", "viewer")), (409, "conflict"), "an address is invited once")
    t.equal(code(boss.invite(boss.email, "viewer")), (409, "conflict"), "nobody invites a member")
    for body in ({"email": "x@example.com", "role": "king"}, {"email": "x", "role": "viewer"}, {"email": "x@example.com"}):
        t.equal(code(boss.api("POST", "/v1/team/invitations", body)), (422, "validation_error"), f"a wrong invitation is refused: {body}")
    again = boss.call("POST", f"/v1/team/invitations/{made[2]['id']}/resend")
    t.ok(again["id"] == made[2]["id"] and token_of(again) != token, "sent again it has another token", again)
    t.equal(preview(s, token)[0], 404, "the one before is void")
    bob = Person(s, "bob")
    t.equal(code(bob.api("POST", "/v1/team/invitations/accept", {"token": token_of(again)})), (403, "forbidden"), "it is for its addressee alone")
    t.equal(code(bob.register(token_of(again))), (422, "validation_error"), "so it is when registering")
    t.equal(code(bob.login(invite_token=token_of(again))), (422, "validation_error"), "and when logging in")
    t.equal(preview(s, token_of(again))[0], 200, "a wrong try uses nothing up")
    s.sql("UPDATE invitations SET expires_at = UTC_TIMESTAMP(6) WHERE token_hash = UNHEX(SHA2('%s', 256))" % token_of(again))
    listed = boss.call("GET", "/v1/team/invitations")["items"]
    t.equal((preview(s, token_of(again))[0], [i["status"] for i in listed]), (404, ["expired"]), "it expires, and the list says so")
    again = boss.call("POST", f"/v1/team/invitations/{made[2]['id']}/resend")
    t.equal(preview(s, token_of(again))[0], 200, "sent again it is good again")
    gone = boss.call("DELETE", f"/v1/team/invitations/{made[2]['id']}")
    t.ok("message" in gone and preview(s, token_of(again))[0] == 404, "a withdrawn one is void", gone)
    t.equal(boss.call("GET", "/v1/team/invitations"), {"items": [], "total": 0}, "and not listed")
    t.equal(code(boss.api("POST", f"/v1/team/invitations/{made[2]['id']}/resend")), (404, "not_found"), "it cannot be sent again")
    for path in ("", "?token=", "?token=" + "x" * 513):
        t.equal(s.api("GET", "/v1/team/invitations/preview" + path, auth=False)[0], 422, f"a preview needs a token: {path[:20]}")


def joining(s, boss):
    """Three ways to accept, each once."""
    for way in ("accept", "login", "register"):
        person = Person(s, way, home=way != "register")
        token = token_of(boss.invite(person.email, "editor")[2])
        send = {
            "accept": lambda: person.api("POST", "/v1/team/invitations/accept", {"token": token}),
            "login": lambda: person.login(invite_token=token),
            "register": lambda: person.register(token),
        }[way]
        got = send()
        t.equal(got[0], 201 if way == "register" else 200, f"{way}: accepted")
        body = got[2]
        t.equal((body["organization"], body["organization_role"]), (boss.me["organization"], "editor"), f"{way}: a session in the organization")
        t.equal(body["permissions"]["can_manage_members"], False, f"{way}: with the permissions of the role")
        homes = [o["organization"]["id"] for o in body["available_organizations"]]
        t.equal(len(homes), 1 if way == "register" else 2, f"{way}: all organizations of the person are listed")
        t.ok(s.api("GET", "/v1/auth/me", auth=body["access_token"])[2]["organization"] == boss.me["organization"], f"{way}: the token works")
        t.ok(send()[0] in (404, 409, 422), f"{way}: once")
        t.equal((preview(s, token)[0], boss.call("GET", "/v1/team/invitations")["total"]), (404, 0), f"{way}: it is used up")
        row = boss.members()[body["user"]["id"]]
        t.equal((row["role"], row["invited_by_user_id"], row["invited_by"]["email"], row["accepted_at"] is not None), ("editor", boss.id, boss.email, True), f"{way}: the member, and who invited")
        t.equal(row["user"]["email_verified"], False, f"{way}: a token that the inviter saw proves no address")
        boss.call("DELETE", "/v1/team/members/" + row["id"])
    person = Person(s, "twice", home=False)
    token = token_of(boss.invite(person.email, "viewer")[2])
    with concurrent.futures.ThreadPoolExecutor(4) as hands:
        got = sorted(a[0] for a in hands.map(lambda _: person.register(token), range(4)))
    t.ok(got[0] == 201 and set(got[1:]) <= {409, 422}, "of four at once one registers", got)
    t.equal(s.sql(f"SELECT COUNT(*) FROM users WHERE email = '{person.email}'"), [["1"]], "and one person is there")
    boss.call("DELETE", "/v1/team/members/" + next(m["id"] for m in boss.members().values() if m["user"]["email"] == person.email))
    got = person.login()
    t.equal(code(got), (403, "forbidden"), "without any organization nobody logs in, and is told why")
    token = token_of(boss.invite(person.email, "viewer")[2])
    t.equal(person.login(invite_token=token)[0], 200, "but with an invitation")
    boss.call("DELETE", "/v1/team/members/" + next(m["id"] for m in boss.members().values() if m["user"]["email"] == person.email))


def several(s, boss):
    """One person in two organizations: each session sees one, and switches."""
    anna = Person(s, "anna")
    home = anna.me["organization"]["id"]
    own = anna.me["active_project"]["id"]
    anna.take(anna.api("POST", "/v1/team/invitations/accept", {"token": token_of(boss.invite(anna.email, "viewer")[2])}))
    me = anna.call("GET", "/v1/auth/me")
    orgs = {o["organization"]["id"]: o for o in me["available_organizations"]}
    t.equal({i: o["organization_role"] for i, o in orgs.items()}, {home: "owner", boss.me["organization"]["id"]: "viewer"}, "each organization with its role")
    t.equal(orgs[home]["active_project"]["id"], own, "and its project")
    t.equal(code(anna.api("POST", "/v1/api-keys", {"name": "k"})), (403, "forbidden"), "a viewer here")
    back = anna.call("POST", "/v1/projects/switch", {"project_id": own})
    t.equal(back["organization"]["id"], home, "switch goes to a project of another organization")
    t.equal(s.api("POST", "/v1/api-keys", {"name": "k"}, auth=back["access_token"])[0], 201, "an owner there")
    t.equal(s.call("GET", "/v1/auth/me", auth=back["access_token"])["organization_role"], "owner", "and me says so")
    to = boss.me["active_project"]["id"]
    t.equal(s.call("POST", "/v1/projects/switch", {"project_id": to}, auth=back["access_token"])["organization"], boss.me["organization"], "and back again")
    stranger = Person(s, "eve")
    t.equal(code(stranger.api("POST", "/v1/projects/switch", {"project_id": to})), (404, "not_found"), "strangers find no such project")
    boss.call("DELETE", "/v1/team/members/" + boss.member_id(anna))
    t.equal(anna.api("GET", "/v1/auth/me")[0], 401, "a removed member's sessions in the organization end")
    t.equal(s.api("GET", "/v1/auth/me", auth=back["access_token"])[0], 200, "those elsewhere do not")
    t.equal(s.api("POST", "/v1/projects/switch", {"project_id": to}, auth=back["access_token"])[0], 404, "nor is there a way back")


def ranks(s, boss):
    """Who may give, take and change which role."""
    people = {role: boss.hire(role, role) for role in ROLES}
    target = boss.hire("target", "viewer")
    ids = {role: boss.member_id(p) for role, p in people.items()}
    for own in ROLES:
        who = people[own]
        for role in ROLES:
            may = own == "owner" or (own == "admin" and role != "owner")
            got = who.invite(f"{own}-{role}@example.com", role)
            t.equal(got[0], 201 if may else 403, f"role {own}: invites as {role}")
            if may:
                t.equal(who.api("DELETE", "/v1/team/invitations/" + got[2]["id"])[0], 200, f"role {own}: withdraws it")
            got = who.api("PATCH", "/v1/team/members/" + boss.member_id(target), {"role": role})
            t.equal((got[0], got[2].get("role")), (200, role) if may else (403, None), f"role {own}: gives the role {role}")
            boss.call("PATCH", "/v1/team/members/" + boss.member_id(target), {"role": "viewer"})
            if own != role and not may:
                t.equal(who.api("PATCH", "/v1/team/members/" + ids[role], {"role": "viewer"})[0], 403, f"role {own}: does not change who has {role}")
                t.equal(who.api("DELETE", "/v1/team/members/" + ids[role])[0], 403, f"role {own}: does not remove who has {role}")
            if ROLES.index(role) < ROLES.index(own):
                t.equal(code(who.api("PATCH", "/v1/team/members/" + ids[own], {"role": role})), (403, "forbidden"), f"role {own}: does not raise itself to {role}")
    offer = boss.invite("boss2@example.com", "owner")[2]
    for method, path in (("DELETE", ""), ("POST", "/resend")):
        t.equal(people["admin"].api(method, f"/v1/team/invitations/{offer['id']}{path}")[0], 403, f"an admin leaves invitations of owners alone: {method}")
    boss.call("DELETE", "/v1/team/invitations/" + offer["id"])
    seen = {role: len(p.members()) for role, p in people.items()}
    t.equal(seen, {"owner": 6, "admin": 6, "editor": 3, "viewer": 3}, "who may not manage members sees the owners and themself")
    for role in ("editor", "viewer"):
        t.equal(people[role].api("GET", "/v1/team/invitations")[0], 403, f"role {role}: sees no invitations")
        new = {"current_password": people[role].password, "new_password": secrets.token_urlsafe(12)}
        t.equal(people[role].api("DELETE", "/v1/auth/sessions")[0], 200, f"role {role}: ends own sessions")
        t.equal(people[role].api("POST", "/v1/auth/change-password", new)[0], 200, f"role {role}: changes the own password")
        people[role].password = new["new_password"]
        people[role].take(people[role].login()).go_to(boss)
    return people


def at_once(s, boss, people):
    """A change counts for the sessions that are there, from the next request on."""
    admin, viewer = people["admin"], people["viewer"]
    offer = admin.invite("friend@example.com", "admin")[2]
    before = admin.members()[admin.id]["updated_at"]
    changed = boss.call("PATCH", "/v1/team/members/" + boss.member_id(admin), {"role": "editor"})
    t.ok(changed["role"] == "editor" and changed["updated_at"] > before, "the member as changed", changed)
    t.equal(code(admin.api("POST", "/v1/api-keys", {"name": "k"})), (403, "forbidden"), "a lowered member's session is narrower at once")
    t.equal(admin.call("GET", "/v1/auth/me")["permissions"]["can_manage_members"], False, "and me says so")
    t.equal(preview(s, token_of(offer))[0], 404, "what a lowered member invited is withdrawn")
    boss.call("PATCH", "/v1/team/members/" + boss.member_id(admin), {"role": "admin"})
    made = admin.call("POST", "/v1/api-keys", {"name": "stays"})
    offer = admin.invite("friend@example.com", "admin")[2]
    gone = boss.call("DELETE", "/v1/team/members/" + boss.member_id(admin))
    t.equal(gone["api_keys"], 1, "removing a member tells how many keys are left")
    t.equal((admin.api("GET", "/v1/auth/me")[0], preview(s, token_of(offer))[0]), (401, 404), "sessions and invitations of a removed member end")
    t.equal(s.api("GET", "/v1/pins", headers={"X-API-Key": made["api_key"]}, auth=False)[0], 200, "API keys belong to the organization")
    t.equal(viewer.api("DELETE", "/v1/team/members/" + viewer.members()[viewer.id]["id"])[0], 200, "everybody may leave")
    t.equal(viewer.api("GET", "/v1/auth/me")[0], 401, "and is out at once")
    token = token_of(boss.invite(viewer.email, "viewer")[2])
    viewer.take(viewer.login(invite_token=token))
    t.equal(viewer.members()[viewer.id]["role"], "viewer", "and may come back with an invitation")


def owners(s, boss, people):
    """An organization keeps an owner who can log in."""
    second = people["owner"]
    me = lambda: "/v1/team/members/" + boss.member_id(boss)  # noqa: E731
    s.operator("user", "disable", second.email, "--sole-owner")
    t.equal(code(boss.api("PATCH", me(), {"role": "admin"})), (409, "conflict"), "a disabled owner does not count")
    s.operator("user", "enable", second.email)
    second.take(second.login()).go_to(boss)
    both = ((boss, boss.member_id(boss)), (second, boss.member_id(second)))
    with concurrent.futures.ThreadPoolExecutor(2) as hands:
        got = sorted(a[0] for a in hands.map(lambda p: p[0].api("PATCH", "/v1/team/members/" + p[1], {"role": "admin"}), both))
    t.equal(got, [200, 409], "of two owners who step down at once one stays")
    left = next(p for p in (boss, second) if p.call("GET", "/v1/auth/me")["organization_role"] == "owner")
    mine = left.member_id(left)
    t.equal(code(left.api("DELETE", "/v1/team/members/" + mine)), (409, "conflict"), "the last owner cannot leave")
    t.equal(code(left.api("PATCH", "/v1/team/members/" + mine, {"role": "viewer"})), (409, "conflict"), "nor step down")
    t.equal(left.api("PATCH", "/v1/team/members/" + mine, {"role": "owner"})[0], 200, "the same role again changes nothing")
    other = second if left is boss else boss
    left.call("PATCH", "/v1/team/members/" + left.member_id(other), {"role": "owner"})
    t.equal(left.api("DELETE", "/v1/team/members/" + mine)[0], 200, "with another owner, the last can leave")
    return other


def limits(s, boss):
    """Rows, and mails a day."""
    shown = lambda: {r["name"]: r for r in boss.call("GET", "/v1/limits")["limits"]}  # noqa: E731
    start = shown()
    t.equal([start[n]["of"] for n in LIMITS], ["organization"] * 3, "the limits are the organization's")
    made = [boss.invite(f"many-{n}@example.com", "viewer") for n in range(LIMITS["invitations"] + 1)]
    t.equal([code(a) for a in made][-2:], [(201, None), (409, "plan_limit")], "invitations: as many as the limit")
    t.equal(shown()["invitations"]["remaining"], 0, "invitations: GET /v1/limits says so")
    t.equal(shown()["invitations_per_day"]["used"] - start["invitations_per_day"]["used"], LIMITS["invitations"], "refused ones count for nothing")
    people = [Person(s, f"many-{n}") for n in range(2)]
    for a in made[:-1]:
        boss.call("DELETE", "/v1/team/invitations/" + a[2]["id"])
    room = LIMITS["members"] - len(boss.members())
    offers = [boss.invite(p.email, "viewer")[2] for p in people]
    hired = [boss.hire(f"fill-{n}", "viewer", home=False) for n in range(room)]
    got = people[0].api("POST", "/v1/team/invitations/accept", {"token": token_of(offers[0])})
    t.equal(code(got), (409, "plan_limit"), "members: nobody joins a full organization")
    t.equal(code(boss.invite("late@example.com", "viewer")), (409, "plan_limit"), "members: nor is anybody invited into one")
    boss.call("DELETE", "/v1/team/members/" + boss.member_id(hired[0]))
    t.equal(people[0].api("POST", "/v1/team/invitations/accept", {"token": token_of(offers[0])})[0], 200, "members: with room the invitation is still good")
    boss.call("DELETE", "/v1/team/members/" + boss.member_id(people[0]))
    s.sql("UPDATE organizations SET invited = %d WHERE invited_on = UTC_DATE()" % LIMITS["invitations_per_day"])
    got = boss.invite("today@example.com", "viewer")
    t.equal((code(got), 0 < int(got[1]["Retry-After"]) <= 86400), ((429, "rate_limited"), True), "a day has so many invitations")
    got = boss.api("POST", f"/v1/team/invitations/{offers[1]['id']}/resend")
    t.equal(code(got), (429, "rate_limited"), "sent again counts, too")
    s.sql("UPDATE organizations SET invited_on = UTC_DATE() - INTERVAL 1 DAY")
    t.equal(boss.invite("today@example.com", "viewer")[0], 201, "and the next day more")
    t.equal(shown()["invitations_per_day"]["used"], 1, "counted from one")


def many_homes(s, boss):
    """A person can be a member of 32 organizations."""
    one = Person(s, "homes")
    for n in range(31):
        s.sql(f"INSERT INTO organizations (id, name, created_at) VALUES (UNHEX(MD5('home{n}')), 'Home', UTC_TIMESTAMP(6))")
        s.sql(
            "INSERT INTO memberships (organization_id, user_id, id, role, created_at, updated_at) VALUES "
            f"(UNHEX(MD5('home{n}')), x'{one.id.replace('-', '')}', UNHEX(MD5('m{n}')), 'viewer', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))"
        )
    t.equal(len(one.call("GET", "/v1/auth/me")["available_organizations"]), 32, "all 32 organizations of a person are listed")
    token = token_of(boss.invite(one.email, "viewer")[2])
    t.equal(code(one.api("POST", "/v1/team/invitations/accept", {"token": token})), (409, "conflict"), "and no more can be joined")
    t.equal(preview(s, token)[0], 200, "which uses nothing up")


def closed(s):
    """Without registration, only who is invited into an organization registers."""
    boss = Person(s, "boss", home=False)
    with open(os.open(s.path("password"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
        f.write(boss.password + "\n")
    s.operator("user", "add", boss.email, "--password-file", s.path("password"))
    boss.take(boss.login())
    stranger = Person(s, "eve", home=False)
    t.equal(code(stranger.register()), (403, "registration_closed"), "registration is closed")
    t.equal(code(stranger.register("pti_" + "x" * 43)), (422, "validation_error"), "and a made-up invitation is none")
    t.equal(code(stranger.register("x" * 43)), (403, "registration_closed"), "of either kind")
    token = s.operator("invite", stranger.email).stdout.strip()
    t.equal(code(stranger.register(token)), (403, "registration_closed"), "the operator's needs the setting")
    anna = boss.hire("anna", "editor", home=False)
    t.equal([o["organization_role"] for o in anna.me["available_organizations"]], ["editor"], "who is invited into an organization may come")
    t.equal(s.sql("SELECT COUNT(*) FROM organizations"), [["1"]], "and no other organization arises")
    t.equal(code(boss.api("POST", "/v1/team/invitations/accept", {"token": token})), (404, "not_found"), "the operator's invitation opens no organization")
    t.ok(preview(s, token)[0] == 404, "nor is it shown")
    listed = s.operator("user", "list").stdout
    t.ok("(editor)" in listed and "(owner)" in listed, "the operator sees the roles", listed)


def mailed(s, mail):
    """With a mail server the link goes to the address alone, and proves it."""
    boss = Person(s, "boss")
    anna = Person(s, "anna", home=False)
    made = boss.invite(anna.email, "editor")
    t.ok(made[0] == 201 and "accept_url" not in made[2], "who invites is not shown the link", made[2])
    letter = mail.wait_for(anna.email)
    t.ok(boss.email in text_of(letter) and boss.me["organization"]["name"] in text_of(letter), "the mail says who and where to", text_of(letter))
    old = link_of(letter).split("token=")[1]
    t.equal(preview(s, old)[2]["email"], anna.email, "and has the link")
    t.equal(boss.api("POST", f"/v1/team/invitations/{made[2]['id']}/resend")[0], 200, "sent again")
    token = link_of(mail.wait_for(anna.email, count=2)).split("token=")[1]
    t.equal((preview(s, old)[0], preview(s, token)[0]), (404, 200), "with another token")
    got = anna.register(token)
    t.equal((got[0], got[2]["user"]["email_verified"]), (201, True), "who has it has the address")
    got = [code(boss.invite("spam@example.com", "viewer"))]
    for _ in range(3):
        boss.call("DELETE", "/v1/team/invitations/" + boss.call("GET", "/v1/team/invitations")["items"][0]["id"])
        got.append(code(boss.invite("spam@example.com", "viewer")))
        if got[-1][0] != 201:
            break
    t.equal(got, [(201, None)] * 3 + [(429, "rate_limited")], "an address gets so many mails, and no more")
    t.equal(code(Person(s, "other").invite("spam@example.com", "viewer")), (429, "rate_limited"), "whatever organization asks")
    t.equal(boss.call("GET", "/v1/team/invitations")["items"], [], "then nobody is invited")


def main():
    with Stack(worker=False, overrides={"limits": LIMITS}) as s:
        boss = Person(s, "boss")
        t.equal([m["role"] for m in boss.members().values()], ["owner"], "whoever registers is the owner")
        invitations(s, boss)
        joining(s, boss)
        several(s, boss)
        people = ranks(s, boss)
        at_once(s, boss, people)
        boss = owners(s, boss, people)
        limits(s, boss)
        many_homes(s, boss)
        s.sql("DELETE FROM sessions")
    with Stack(worker=False, overrides={"instance": {"registration": "closed"}}) as s:
        closed(s)
    with tempfile.TemporaryDirectory() as folder, SmtpServer(folder) as mail:
        with Stack(sandbox=False, overrides={"mail": mail.settings()}) as s:
            mailed(s, mail)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
