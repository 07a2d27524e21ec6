#!/usr/bin/env python3
"""What leaked can be taken back: sessions are listed and ended by their user, and all end with a
changed password. Nobody sees or ends another's."""

import os
import subprocess
import sys
import threading
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()


def login(s, password=None, agent=None):
    body = {"email": s.email, "password": password or s.password}
    return s.api("POST", "/v1/auth/login", body, {"User-Agent": agent} if agent else {}, auth=False)


def token(s, **more):
    return login(s, **more)[2]["access_token"]


def lives(s, text):
    return s.api("GET", "/v1/auth/me", auth=text)[0] == 200


def sessions(s, text):
    return s.call("GET", "/v1/auth/sessions", auth=text)


def listed(s):
    mine = token(s, agent="Laptop/1.0 (ä)".encode().decode("latin-1"))
    other = token(s, agent="x" * 400)
    got = sessions(s, mine)
    t.equal([x["current"] for x in got], [False, True, False], "the sessions are listed, newest first; one asks")
    t.equal({x["network"] for x in got}, {"127.0.0.0/24"}, "with the network each was opened from")
    t.equal([x["user_agent"] for x in got[:2]], ["x" * 255, "Laptop/1.0 (ä)"], "and the program, whose name is cut")
    t.ok(got[1]["created_at"] and got[1]["expires_at"] > got[1]["created_at"], "with times", got[1])
    t.ok(sessions(s, mine)[1]["last_used_at"], "the last use is recorded")
    t.ok(mine not in repr(got) and other not in repr(got), "no token is shown")
    switched = s.call("POST", "/v1/projects/switch", {"project_id": s.call("GET", "/v1/projects", auth=mine)["projects"][0]["id"]}, auth=mine)
    t.equal(len(sessions(s, mine)), 4, "a session of another project is one, too")
    return mine, other, switched["access_token"]


def ended(s, mine, other, switched):
    ids = [x["id"] for x in sessions(s, mine)]
    t.equal(s.api("DELETE", f"/v1/auth/sessions/{ids[1]}", auth=mine)[0], 204, "one is ended")
    t.ok(not lives(s, other) and lives(s, switched) and lives(s, mine), "and no other")
    t.equal(s.api("DELETE", f"/v1/auth/sessions/{ids[1]}", auth=mine)[0], 404, "an ended one is unknown")
    t.equal(s.api("DELETE", f"/v1/auth/sessions/{uuid.uuid4()}", auth=mine)[0], 404, "as any other")
    got = s.call("DELETE", "/v1/auth/sessions", auth=mine)
    t.equal((got, lives(s, mine), lives(s, switched), lives(s, s.token)), ({"ended": 2}, True, False, False), "all but the one that asks")
    got = s.api("POST", "/v1/auth/logout", auth=mine)
    t.ok(got[0] == 200 and got[2]["message"], "logout", got)
    t.ok(not lives(s, mine), "a logged out session is refused")
    t.equal(s.api("POST", "/v1/auth/logout", auth=mine)[0], 401, "also when it logs out again")
    once = token(s)
    t.equal(s.api("DELETE", "/v1/auth/sessions/" + sessions(s, once)[0]["id"], auth=once)[0], 204, "a session may end itself by its id")
    t.ok(not lives(s, once), "and has ended then")


def strangers(s):
    alice, email, password = token(s), s.email, s.password
    s.register()
    bob = s.token
    hers = sessions(s, alice)
    t.ok(hers[0]["id"] not in repr(sessions(s, bob)), "another's sessions are not listed")
    for x in hers:
        t.equal(s.api("DELETE", "/v1/auth/sessions/" + x["id"], auth=bob)[0], 404, "nor ended")
    s.call("DELETE", "/v1/auth/sessions", auth=bob)
    t.ok(lives(s, alice), "nor with all of one's own")
    s.email, s.password = email, password


def change(s, auth, current, new):
    return s.api("POST", "/v1/auth/change-password", {"current_password": current, "new_password": new}, auth=auth)


def fields(got):
    return got[0], [d["field"] for d in got[2]["error"].get("details", [])] if got[0] == 422 else got[2]


def passwords(s):
    one, two, old = token(s), token(s), s.password
    t.equal(change(s, one, "wrong", "a better password")[0], 422, "a wrong current password is refused")
    for new in ("short77", "password", "Password1!", "12345678", "        ", s.email.upper(), s.email.split("@")[0], old, "x" * 256):
        got = change(s, one, old, new)
        t.ok(got[0] == 422 and "new_password" in repr(got[2]), f"not as a new password: {new[:20]}", got)
    t.ok(lives(s, one) and lives(s, two), "no session ends by a refusal")
    s.call("POST", "/v1/api-keys", {"name": "k"}, auth=one)
    got = change(s, one, old, "a better password")
    t.ok(got[0] == 200 and got[2]["message"], "a changed password", got)
    t.ok(not lives(s, one) and not lives(s, two), "ends all sessions")
    t.equal(login(s, old)[0], 401, "the old one is refused")
    t.equal(login(s, "a better password")[0], 200, "the new one is accepted")
    s.password = "a better password"
    keys = s.call("GET", "/v1/api-keys", auth=token(s))
    t.equal([k["created_by_email"] for k in keys], [s.email], "keys still work, and say who made them")
    t.equal(s.sql("SELECT COUNT(*) FROM activity_logs WHERE action = 'user.password_changed'"), [["1"]], "the activity log knows")


def races(s):
    """A request that opens a session while the password is being changed leaves none over."""
    mine = token(s)
    project = s.call("GET", "/v1/projects", auth=mine)["projects"][0]["id"]
    changing = subprocess.Popen(
        ["mariadb", "--no-defaults", f"--socket={s.db_socket}", f"--user={s.db_user}", "-N", "-B", "--unbuffered", s.database],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    changing.stdin.write(
        f"BEGIN; UPDATE users SET timezone = 'Europe/Berlin' WHERE email = '{s.email}';"
        f" DELETE x FROM sessions x JOIN users u ON u.id = x.user_id WHERE u.email = '{s.email}'; SELECT 'held';\n"
    )
    changing.stdin.flush()
    t.equal(changing.stdout.readline().strip(), "held", "a change of the password is under way")
    opened = []
    switch = threading.Thread(target=lambda: opened.append(s.api("POST", "/v1/projects/switch", {"project_id": project}, auth=mine)))
    switch.start()
    waits = (
        "SELECT COUNT(*) FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id"
        " WHERE t.trx_state = 'LOCK WAIT' AND p.db = DATABASE()"
    )
    s.wait_for(lambda: opened or s.sql(waits) != [["0"]], 30, "the other request waits")
    changing.stdin.write("COMMIT;\n")
    changing.stdin.close()
    switch.join()
    changing.wait(30)
    t.equal(opened[0][0], 401, "a session is not opened by one that has ended meanwhile")
    t.equal(s.sql(f"SELECT COUNT(*) FROM sessions x JOIN users u ON u.id = x.user_id WHERE u.email = '{s.email}'"), [["0"]], "and none is left over")


def main():
    with Stack(worker=False) as s:
        s.register()
        ended(s, *listed(s))
        strangers(s)
        passwords(s)
        races(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
