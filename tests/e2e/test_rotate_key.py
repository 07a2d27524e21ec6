#!/usr/bin/env python3
"""`pintempo rotate-key`: a new instance key while the programs work, killed in the middle and run
again, prepared for other machines, and the old key taken out at last."""

import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()


class Lock:
    """Rows that another transaction holds."""

    def __init__(self, s, query):
        command = ["mariadb", "--no-defaults", f"--socket={s.db_socket}", f"--user={s.db_user}", "-N", "--unbuffered"]
        self.client = subprocess.Popen([*command, s.database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.client.stdin.write(f"BEGIN; {query} FOR UPDATE; SELECT 'held';\n")
        self.client.stdin.flush()
        while self.client.stdout.readline().strip() != "held":
            pass

    def end(self):
        self.client.communicate("ROLLBACK;\n")


def key_file(s):
    with open(s.settings["instance"]["key_file"]) as f:
        return [int(line.split()[0]) for line in f]


def sealed_with(s):
    """The keys that what is stored needs."""
    columns = (("pinterest_accounts", "access_sealed"), ("pinterest_accounts", "refresh_sealed"), ("webhooks", "secret_sealed"))
    queries = [f"SELECT CONV(HEX(SUBSTR({c}, 2, 4)), 16, 10) FROM {table}" for table, c in columns]
    return sorted({int(n) for (n,) in s.sql(" UNION ".join(queries))})


def works(s, what):
    """A token, a webhook's secret and what was sealed before open in both programs."""
    path = "/" + what.replace(" ", "-").replace(",", "")
    hook = s.webhook(path)
    s.call("GET", f"/v1/pinterest/boards?account_id={s.account_id}")
    pin = s.call("POST", "/v1/pins", s.pin_body())
    done = ("published", "failed")
    s.wait_for(lambda: s.call("GET", "/v1/pins/" + pin["id"])["status"] in done, 30, f"{what}: the pin ends")
    t.equal(s.call("GET", "/v1/pins/" + pin["id"])["status"], "published", f"{what}: a pin is published")
    s.wait_for(lambda: s.sink.events("/kept"), 30, f"{what}: the webhook of before gets its event")
    s.wait_for(lambda: s.sink.events(path), 30, f"{what}: a new webhook gets its event")
    s.call("DELETE", "/v1/webhooks/" + hook["id"])
    s.sql("DELETE FROM webhooks WHERE deleted_at IS NOT NULL")
    s.sink.got.clear()


def rotates(s):
    before = key_file(s)
    mode = os.stat(s.settings["instance"]["key_file"])
    done = s.operator("rotate-key")
    keys = key_file(s)
    t.ok(len(keys) == 2 and keys[1:] == before and str(keys[0]) in done.stdout, "the new key is the first, the old one stays", done.stdout)
    now = os.stat(s.settings["instance"]["key_file"])
    t.equal((now.st_mode, now.st_uid, now.st_gid), (mode.st_mode, mode.st_uid, mode.st_gid), "the file keeps owner and mode")
    t.equal(sealed_with(s), keys[:1], "everything is sealed with it")
    works(s, "rotated under running programs")
    t.equal(sealed_with(s), keys[:1], "and the programs, never restarted, seal with it")


def killed(s):
    """At a row that is locked: the key is changed, a part of the values is sealed anew. (The server
    still ends the statement of the killed client; there is another webhook.)"""
    old = key_file(s)
    held = Lock(s, "SELECT 1 FROM webhooks")
    command = [s.exe("pintempo"), "-c", s.conf, "rotate-key"]
    rotation = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    s.wait_for(lambda: len(sealed_with(s)) == 2, 30, "a part is sealed anew")
    again = s.operator("rotate-key", check=False)
    t.ok(again.returncode == 1 and "another rotate-key is at work" in again.stderr, "a second one at the same time is refused", again)
    rotation.send_signal(signal.SIGKILL)
    rotation.wait()
    held.end()
    t.equal(sealed_with(s), sorted([key_file(s)[0], old[0]]), "killed between values")
    works(s, "killed")
    done = s.operator("rotate-key")
    t.ok("going on" in done.stdout, "the next run says that it goes on", done.stdout)
    keys = key_file(s)
    t.equal((len(keys), keys[1:]), (len(old) + 1, old), "it made no other key")
    t.equal(sealed_with(s), keys[:1], "and finished what was begun")
    works(s, "finished")


def changed_meanwhile(s):
    """A token that a program renews while it is sealed anew is not overwritten."""
    held = Lock(s, "SELECT 1 FROM pinterest_accounts")
    command = [s.exe("pintempo"), "-c", s.conf, "rotate-key"]
    rotation = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    waits = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE 'UPDATE pinterest_accounts SET access_sealed%'"
    s.wait_for(lambda: s.sql(waits)[0][0] != "0", 30, "it waits for the account")
    held.client.communicate("UPDATE pinterest_accounts SET access_sealed = CONCAT(access_sealed, 'x'); COMMIT;\n")
    t.equal(rotation.wait(30), 1, "a damaged token is told")
    rotation.stdout.close()
    t.ok(s.sql("SELECT access_sealed LIKE '%x' FROM pinterest_accounts")[0][0] == "1", "what was written meanwhile stays")
    s.sql("UPDATE pinterest_accounts SET access_sealed = LEFT(access_sealed, LENGTH(access_sealed) - 1)")
    s.operator("rotate-key")
    t.equal(sealed_with(s), key_file(s)[:1], "mended, it is sealed anew")
    works(s, "changed meanwhile")


def prepared(s):
    old = key_file(s)
    s.operator("rotate-key", "--prepare")
    keys = key_file(s)
    t.equal((keys[:-1], len(keys)), (old, len(old) + 1), "a prepared key is the last")
    t.ok("prepared already" in s.operator("rotate-key", "--prepare").stdout and key_file(s) == keys, "it is prepared once")
    t.equal(s.operator("rotate-key", "--retire", check=False).returncode, 1, "nothing is retired while one is prepared")
    works(s, "prepared")
    t.equal(sealed_with(s), old[:1], "it seals nothing yet")
    s.operator("rotate-key")
    t.equal(key_file(s), [keys[-1], *old], "then it is the first")
    works(s, "a prepared key seals")


def retired(s):
    path = s.settings["instance"]["key_file"]
    keys = key_file(s)
    done = s.operator("rotate-key", "--retire", check=False)
    t.ok(done.returncode == 1 and "try again in" in done.stderr, "not before what is under way has ended", done)
    past = time.time() - 901
    os.utime(path, (past, past))
    s.sql(
        "INSERT INTO idempotency_keys (project_id, kind, route, idem_key, body_hash, status, reply_sealed, created_at) "
        f"SELECT id, 2, 'x', 'x', REPEAT('x', 32), 200, CONCAT('\\1', UNHEX(LPAD(HEX({keys[1]}), 8, '0')), REPEAT('x', 50)), UTC_TIMESTAMP(6) FROM projects LIMIT 1"
    )
    done = s.operator("rotate-key", "--retire", check=False)
    t.ok(done.returncode == 1 and "1 stored replies" in done.stderr, "not while a stored reply needs an old key", done)
    s.sql("DELETE FROM idempotency_keys WHERE route = 'x'")
    s.operator("rotate-key", "--retire")
    t.equal(key_file(s), keys[:1], "only the first key stays")
    works(s, "retired")
    for name in ("app", "worker"):
        s.restart(name)
    s.wait_for(lambda: s.status_of("/readyz?worker=1") == 200, 30, "system is ready")
    works(s, "restarted")
    done = s.operator("rotate-key", "--retire", check=False)
    t.ok(done.returncode == 1 and "none to retire" in done.stderr, "the only key is never retired", done)


def refused(s):
    path = s.settings["instance"]["key_file"]
    with open(path) as f:
        right = f.read()
    with open(path, "w") as f:
        f.write("7 " + "A" * 43 + "=\n")
    done = s.operator("rotate-key", check=False)
    t.ok(done.returncode == 1 and "is not the instance key of this database" in done.stderr, "a wrong key is not rotated", done)
    t.equal(key_file(s), [7], "and the file is left alone")
    with open(path, "w") as f:
        f.write(right)
    t.equal(s.operator("rotate-key", "--prepare", "--retire", check=False).returncode, 2, "one option at a time")
    works(s, "refused")


def main():
    with Stack() as s:
        s.sign_up()
        s.webhook("/kept")
        s.webhook("/also-kept")
        rotates(s)
        killed(s)
        changed_meanwhile(s)
        prepared(s)
        retired(s)
        refused(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
