#!/usr/bin/env python3
"""The operator's commands for people: passwords (asked twice on a terminal), disabled users, sessions,
keys and lists. What takes a login away takes effect at once."""

import os
import pty
import signal
import subprocess
import sys
import termios
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap, wait_for  # noqa: E402

t = Tap()


def run(s, *words, stdin=""):
    command = [s.exe("pintempo"), "-c", s.conf, *words]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60)


def is_run(s, status, *words, stdin="", says=()):
    done = run(s, *words, stdin=stdin)
    shown = done.stdout + done.stderr
    t.ok(done.returncode == status and all(w in shown for w in says), f"{' '.join(words)}: {status} {says}", done)
    return done


def login(s, password, email=None):
    return s.api("POST", "/v1/auth/login", {"email": email or s.email, "password": password}, auth=False)


def session_counts(s, token):
    return s.api("GET", "/v1/auth/me", auth=token)[0] == 200


def passwords(s):
    old = s.token
    is_run(s, 0, "user", "password", s.email.upper(), stdin="a new password\nmore\n", says=("sessions ended: ", "new password"))
    t.ok(not session_counts(s, old), "a new password ends the sessions")
    t.equal(login(s, s.password)[0], 401, "the old password is refused")
    t.equal(login(s, "a new password")[0], 200, "the new one is accepted")
    file = s.path("new-password")
    for text, status in (("äöüß" * 63 + "xyz", 0), ("xyzäüuvw", 0), ("xyzäüuv", 1), ("xyzä" * 64, 1), ("x" * 2000, 1), ("", 1), ("\udcff" * 9, 1), ("abc\0defghij", 1)):
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as f:
            f.write(text.encode(errors="surrogateescape") + b"\r\nsecond line\n")
        is_run(s, status, "user", "password", s.email, "--password-file", file, says=("8 to 255 characters",) if status else ())
        t.equal(login(s, text)[0] == 200, status == 0, f"a password of {len(text)} characters")
    t.ok(login(s, "xyzäüuvw")[0] == 200, "a refused password leaves the last one")
    for mode in (0o644, 0o620, 0o602):
        os.chmod(file, mode)
        is_run(s, 1, "user", "password", s.email, "--password-file", file, says=(f"mode {mode:o}",))
    is_run(s, 1, "user", "password", s.email, "--password-file", "/nonexistent", says=("No such file",))
    is_run(s, 1, "user", "password", "nobody@example.com", stdin="a new password\n", says=("no user", "pintempo user list"))
    is_run(s, 1, "user", "password", "nonsense", stdin="a new password\n", says=("e-mail",))


class Terminal:
    """The command on a terminal of its own."""

    def __init__(self, s, *words):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(s.exe("pintempo"), ["pintempo", "-c", s.conf, *words])
        self.text = ""

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def asked(self, question):
        """Waits for the question and the end of the echo."""
        while question not in self.text:
            self.text += os.read(self.fd, 1000).decode()
        self.text = self.text.split(question, 1)[1]
        wait_for(lambda: not self.echoes(), 10, "no echo")

    def answer(self, question, line):
        self.asked(question)
        os.write(self.fd, line.encode() + b"\n")

    def end(self):
        try:
            while more := os.read(self.fd, 1000):
                self.text += more.decode()
        except OSError:
            pass  # that is how a terminal ends
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.fd)
        return status


def terminal(s):
    again, new = "The same again: ", "(8 to 255 characters): "
    for words in (("user", "password", s.email), ("user", "add", "typed@example.com")):
        tty = Terminal(s, *words)
        for question, line in ((new, "short"), (new, "typed twice"), (again, "typed twcie"), (new, "typed twice"), (again, "typed twice")):
            tty.answer(question, line)
        t.equal(tty.end(), 0, f"{words[1]}: a password that is typed twice the same is taken")
        t.ok("typed" not in tty.text.replace("typed@", ""), "it is not shown", tty.text)
    t.ok(login(s, "typed twice")[0] == 200 and login(s, "typed twice", "typed@example.com")[0] == 200, "it is the new password")
    tty = Terminal(s, "user", "password", s.email)
    for i in range(3):
        tty.answer(new, "one password")
        tty.answer(again, "other password")
    t.ok(os.waitstatus_to_exitcode(tty.end()) == 1 and "no password was set" in tty.text, "three times two that differ: none is set", tty.text)
    tty = Terminal(s, "user", "password", s.email)
    tty.asked(new)
    os.write(tty.fd, b"\x03")
    wait_for(tty.echoes, 10, "the echo is back")
    t.equal(os.WTERMSIG(tty.end()), signal.SIGINT, "Ctrl-C ends the question, and the terminal echoes again")
    t.equal(login(s, "typed twice")[0], 200, "the password is as it was")


def disable(s):
    password = "typed twice"
    token = login(s, password)[2]["access_token"]
    is_run(s, 1, "user", "disable", s.email, says=("no other owner", "--sole-owner"))
    t.ok(session_counts(s, token), "an only owner is kept unless that is meant")
    made = s.sql("SELECT LOWER(HEX(k.id)) FROM api_keys k JOIN users u ON u.id = k.created_by AND u.email = '%s'" % s.email)
    ids = [str(uuid.UUID(row[0])) for row in made]
    is_run(s, 0, "user", "disable", s.email, "--sole-owner", says=("cannot log in", "still work", "key revoke", *ids))
    is_run(s, 0, "key", "list", "--user", s.email.upper(), says=ids)
    t.ok(ids and ids[0] not in run(s, "key", "list", "--user", "typed@example.com").stdout, "key list --user shows those of one user")
    t.ok(not session_counts(s, token), "sessions of a disabled user are dead at once")
    got = login(s, password)
    t.ok(got[0] == 403 and "disabled" in got[2]["detail"], "a disabled user cannot log in", got)
    t.equal(login(s, "wrong password")[0], 401, "who does not know the password learns nothing")
    t.equal(s.api("GET", "/v1/pins")[0], 200, "keys that the user made still work")
    is_run(s, 0, "user", "disable", s.email, says=("already disabled",))
    is_run(s, 0, "user", "password", s.email, stdin="another one\n", says=("still disabled", "user enable"))
    t.ok(" disabled " in run(s, "user", "list").stdout, "user list says so")
    late = "pbs_" + "x" * 43  # a session that a login in flight made
    s.sql(
        "INSERT INTO sessions (token_hash, id, network, user_id, project_id, created_at, expires_at)"
        f" SELECT UNHEX(SHA2('{late}', 256)), u.id, '', u.id, p.id, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 1 DAY"
        f" FROM users u JOIN memberships m ON m.user_id = u.id JOIN projects p USING (organization_id) WHERE u.email = '{s.email}' LIMIT 1"
    )
    t.ok(not session_counts(s, late), "no session of a disabled user counts")
    is_run(s, 0, "user", "enable", s.email, says=("can log in",))
    is_run(s, 0, "user", "enable", s.email, says=("already enabled",))
    t.ok(not session_counts(s, late), "no session of before comes back")
    token = login(s, "another one")[2]["access_token"]
    is_run(s, 0, "session", "revoke", s.email, says=("ended: 1",))
    t.ok(not session_counts(s, token), "session revoke ends the sessions")
    token, other = (login(s, "another one")[2]["access_token"] for _ in range(2))
    ids = {x["current"]: x["id"] for x in s.call("GET", "/v1/auth/sessions", auth=token)}
    done = is_run(s, 0, "session", "list", s.email, says=(ids[True], ids[False], "127.0.0.0/24"))
    is_run(s, 0, "session", "revoke", ids[False], says=("ended",))
    t.ok(session_counts(s, token) and not session_counts(s, other), "session revoke ID ends one")
    is_run(s, 1, "session", "revoke", ids[False], says=("no such session",))
    done = is_run(s, 0, "session", "list", says=(ids[True], s.email))
    t.ok(ids[False] not in done.stdout, "an ended session is not listed")
    is_run(s, 0, "session", "revoke", "typed@example.com", says=("ended: 1",))
    is_run(s, 0, "session", "list", "typed@example.com", says=("no sessions",))
    s.sql(  # a second owner
        "INSERT INTO memberships (organization_id, user_id, id, role, created_at, updated_at)"
        " SELECT m.organization_id, v.id, UNHEX(MD5('2')), 'owner', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM memberships m"
        f" JOIN users u ON u.id = m.user_id JOIN users v ON v.email = 'typed@example.com' WHERE u.email = '{s.email}'"
    )
    is_run(s, 0, "user", "disable", s.email, says=("disabled",))
    is_run(s, 0, "user", "enable", s.email)


def role_of(s, email):
    return s.sql(f"SELECT o.name, m.role FROM memberships m JOIN users u ON u.id = m.user_id JOIN organizations o ON o.id = m.organization_id WHERE u.email = '{email}' ORDER BY m.created_at")


def members(s):
    """Roles as the operator sees and gives them, whatever the members may do themselves."""
    boss, password = s.email, "long enough 1"
    token = login(s, "another one")[2]["access_token"]
    me = s.call("GET", "/v1/auth/me", auth=token)
    home, project = me["organization"]["name"], me["active_project"]["id"]
    hire = lambda email, role: s.call("POST", "/v1/team/invitations", {"email": email, "role": role}, auth=token)["accept_url"].split("token=")[1]  # noqa: E731
    register = lambda email, more: s.call("POST", "/v1/auth/register", {"full_name": "N", "email": email, "password": password, **more}, auth=False)  # noqa: E731
    anna = register("anna@example.com", {"invite_token": hire("anna@example.com", "editor")})["access_token"]
    bob = register("bob@example.com", {"workspace_name": "Bob's"})
    s.call("POST", "/v1/team/invitations/accept", {"token": hire("bob@example.com", "viewer")}, auth=bob["access_token"])
    everybody = run(s, "member", "list").stdout
    mine = run(s, "member", "list", "--project", project).stdout
    t.ok(all(e in everybody for e in (boss, "anna@example.com", "bob@example.com", "Bob's")), "member list shows those of all organizations", everybody)
    is_run(s, 0, "member", "role", "typed@example.com", "viewer", "--project", project, says=("is viewer now; was owner",))
    rows = {line.split(home, 1)[1].split()[0]: line.split(home, 1)[1].split()[1:3] for line in mine.splitlines() if home in line}
    t.equal((rows[boss], rows["anna@example.com"], rows["bob@example.com"]), (["owner", "enabled"], ["editor", "enabled"], ["viewer", "enabled"]), "--project: those of its organization, with their roles")
    t.ok("Bob's" not in mine and project in mine and len(rows) == 4, "and of no other", mine)
    for words, says in ((("king",), "owner, admin, editor, viewer"), (("",), "no role"), (("admin", "--project", "nonsense"), "not a project id"),
                        (("admin", "--project", "00000000-0000-7000-8000-000000000000"), "there is no project"), (("admin", "--project", bob["active_project"]["id"]), "no member of")):
        is_run(s, 1, "member", "role", "anna@example.com", *words, says=(says,))
    is_run(s, 1, "member", "role", "nobody@example.com", "admin", says=("no member of any organization", "member list"))
    is_run(s, 1, "member", "role", "nonsense", "admin", says=("e-mail",))
    t.equal(role_of(s, "anna@example.com"), [[home, "editor"]], "what is refused changes nothing")
    before = role_of(s, "bob@example.com")
    is_run(s, 1, "member", "role", "bob@example.com", "admin", says=("several organizations", "--project", "Bob's", project))
    t.equal(role_of(s, "bob@example.com"), before, "of several organizations one has to be named")
    is_run(s, 0, "member", "role", "bob@example.com", "admin", "--project", project, says=("is admin now; was viewer",))
    t.equal(sorted(role_of(s, "bob@example.com")), sorted([["Bob's", "owner"], [home, "admin"]]), "and only that one is changed")
    is_run(s, 1, "member", "role", "bob@example.com", "viewer", "--project", bob["active_project"]["id"], says=("only owner", "Bob's"))
    is_run(s, 1, "member", "role", boss, "admin", says=("only owner",))
    t.equal(role_of(s, boss), [[home, "owner"]], "the last owner cannot be taken away")
    is_run(s, 0, "member", "role", "ANNA@example.com", "Owner", says=("is owner now; was editor",))
    t.equal(s.call("GET", "/v1/auth/me", auth=anna)["permissions"]["can_manage_billing"], True, "it counts from the member's next request on")
    is_run(s, 0, "member", "role", "anna@example.com", "owner", says=("is owner already",))
    is_run(s, 0, "user", "disable", "anna@example.com", says=("disabled",))
    is_run(s, 1, "member", "role", boss, "viewer", says=("only owner",))
    is_run(s, 0, "user", "enable", "anna@example.com")
    token_of_friend = hire("friend@example.com", "viewer")
    is_run(s, 0, "member", "role", boss, "editor", says=("is editor now; was owner",))
    t.equal(s.api("GET", "/v1/team/invitations", auth=token)[0], 403, "a lowered member may do less at once")
    t.equal(s.api("GET", f"/v1/team/invitations/preview?token={token_of_friend}", auth=False)[0], 404, "and what they invited is withdrawn")
    anna = login(s, password, "anna@example.com")[2]["access_token"]
    log = s.call("GET", "/v1/activity-logs?action=member.role_changed", auth=anna)["items"]
    want = [("A member's role is editor; it was owner.", "pintempo"), ("A member's role is owner; it was editor.", "pintempo"), ("A member's role is admin; it was viewer.", "pintempo"), ("A member's role is viewer; it was owner.", "pintempo")]
    t.equal([(a["message"], a["actor_label"]) for a in log], want, "the organization's activity log has each change once, as the operator's")
    for email in (boss, "typed@example.com"):
        is_run(s, 0, "member", "role", email, "owner", "--project", project, says=("is owner now",))


def keys(s):
    token = login(s, "another one")[2]["access_token"]
    project = s.call("GET", "/v1/projects", auth=token)["projects"][0]["id"]
    listed = run(s, "project", "list").stdout
    t.ok(project in listed and s.email in listed, "project list shows ids and owners", listed)
    text = run(s, "key", "add", "--project", project, "--name", "Ünïque", "--scopes", "read").stdout.strip()
    row = [line.split() for line in run(s, "key", "list", "--project", project).stdout.splitlines() if "Ünïque" in line]
    t.ok(len(row) == 1 and row[0][1:4] == [project, "read", "all"], "key list shows it", row)
    t.equal(s.api("GET", "/v1/pins", headers={"X-API-Key": text}, auth=False)[0], 200, "the key works")
    is_run(s, 0, "key", "revoke", row[0][0], says=("Ünïque", "revoked"))
    t.equal(s.api("GET", "/v1/pins", headers={"X-API-Key": text}, auth=False)[0], 401, "a revoked key is refused at once")
    t.equal(s.sql("SELECT COUNT(*) FROM activity_logs WHERE action = 'api_key.revoked' AND actor_label = 'pintempo'"), [["1"]], "the activity log knows")
    is_run(s, 0, "key", "revoke", text, says=("already revoked",))
    t.ok("Ünïque" not in run(s, "key", "list").stdout and "revoked" in run(s, "key", "list", "--all").stdout, "only --all lists it now")
    is_run(s, 0, "key", "revoke", s.key, says=("revoked",))
    t.equal(s.api("GET", "/v1/pins")[0], 401, "a key is found by its text, too")
    s.token = token
    s.make_key()
    is_run(s, 0, "user", "disable", s.email, "--keys", says=("keys     revoked: 1",))
    t.equal(s.api("GET", "/v1/pins")[0], 401, "disable --keys revokes the user's keys")
    for text in ("nonsense", "00000000-0000-7000-8000-000000000000", "pb_live_x"):
        is_run(s, 1, "key", "revoke", text, says=("pintempo key list",))
    is_run(s, 1, "key", "list", "--project", "nonsense", says=("not a project id",))


def accounts(s):
    listed = run(s, "account", "list").stdout
    t.ok(s.account_id in listed and " connected " in listed and s.project_id in listed, "account list shows ids and states", listed)
    is_run(s, 0, "account", "list", "--project", s.project_id, says=(s.account_id,))
    is_run(s, 1, "account", "list", "--project", "00000000-0000-7000-8000-000000000000", says=("there is no project",))
    is_run(s, 0, "pause", "account", s.account_id)
    t.ok(" paused " in run(s, "account", "list", "--project", s.project_id).stdout, "a paused account is shown as that")


GROUPS = ("user", "key", "account", "project", "session", "member", "pause", "resume", "config")


def usage(s):
    for group in GROUPS:
        is_run(s, 2, group, says=(f"usage: pintempo {group} ",))
        is_run(s, 2, group, "nonsense", says=(f"unknown command \"{group} nonsense\"", f"usage: pintempo {group} "))
        is_run(s, 0, "help", group, says=(f"  {group} ",))
    for words in (("user", "password"), ("user", "disable"), ("user", "enable"), ("user", "add"), ("key", "revoke"), ("session", "revoke"), ("member", "role"), ("member", "role", "a@example.com"), ("member", "list", "x"), ("user", "list", "x"), ("version", "x"), ("key", "add"), ("why",)):
        is_run(s, 2, *words, says=(f"usage: pintempo {words[0]}",))
    is_run(s, 2, "help", "nonsense", says=("no command \"nonsense\"",))
    is_run(s, 2, "help", "us", says=("no command",))
    done = is_run(s, 0, "help", "user", "password", says=("user password EMAIL",))
    t.ok("user add" not in done.stdout.splitlines()[0], "help of one command is about that one")
    is_run(s, 0, "user", "password", "--help", says=("user password EMAIL",))
    is_run(s, 2, "--nonsense", says=("unknown option",))
    is_run(s, 0, "-V", says=("pintempo ",))


def main():
    with Stack(worker=False) as s:
        s.sign_up()
        for part in (passwords, terminal, disable, members, keys, accounts, usage):
            print("# " + part.__name__, flush=True)
            part(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
