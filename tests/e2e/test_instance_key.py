#!/usr/bin/env python3
"""A wrong instance key stops the programs before they seal or open anything, with one clear line; a
rotation does not."""

import base64
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()
PROGRAMS = ("app", "worker")


def new_key(number):
    return f"{number} {base64.b64encode(os.urandom(32)).decode()}\n"


def write(s, text, mode=0o640):
    path = s.settings["instance"]["key_file"]
    with open(path + ".new", "w") as f:
        f.write(text)
    os.chmod(path + ".new", mode)
    os.rename(path + ".new", path)


def refused(s, text, why, mode=0o640):
    """Neither program starts with this key file; the command tells the same."""
    write(s, text, mode)
    for name in PROGRAMS:
        program = s.programs[name]
        before = len(program.text())
        program.start()
        t.equal(program.wait(), 1, f"{why}: {name} does not start")
        program.process = None
        lines = [line for line in program.text()[before:].splitlines() if why in line]
        t.equal(len(lines), 1, f"{why}: {name} says so once")
    done = s.operator("status", check=False)
    shown = [line for line in done.stdout.splitlines() if line.startswith("BROKEN") and why in line]
    t.equal(len(shown), 1, f"{why}: status has one line")


def start(s):
    for name in PROGRAMS:
        s.start(name)
    s.wait_for(lambda: s.status_of("/readyz") == 200, 30, "system is ready")


def wrong_keys(s, right):
    number = right.split()[0]
    for name in PROGRAMS:
        s.stop(name)
    refused(s, new_key(77), "is not the instance key of this database")
    refused(s, new_key(number), f"is not the key {number} that this database knows")
    refused(s, new_key(number) + new_key(78), f"is not the key {number} that this database knows")
    refused(s, "", "no key in it")
    refused(s, right, "everybody can read it", 0o644)
    write(s, right)
    start(s)
    t.ok(True, "the right key starts them again")


def readyz(s):
    """The running application notices that the database is another one's."""
    s.sql("UPDATE instance_keys SET fingerprint = REVERSE(fingerprint)")
    got = s.api("GET", "/readyz", auth=False)
    t.equal((got[0], got[2]["detail"]), (503, "Not ready: key."), "readyz names the key")
    s.sql("UPDATE instance_keys SET fingerprint = REVERSE(fingerprint)")
    t.equal(s.api("GET", "/readyz", auth=False)[2]["checks"]["key"], "ok", "readyz says that the key is right")


def database_away(s, right):
    """A wrong key is noticed also when the database answers only after the start."""
    s.stop("app")
    s.stop("database")
    write(s, new_key(77))
    program = s.programs["app"]
    program.start()
    s.wait_for(lambda: s.api("GET", "/readyz", auth=False)[0] == 503, 30, "the application answers")
    s.start("database")
    t.equal(program.wait(30), 1, "the application ends once the database shows that its key is wrong")
    program.process = None
    write(s, right)
    s.start("app")
    s.wait_for(lambda: s.status_of("/readyz") == 200, 60, "system is ready")


def rotation(s, right):
    """The steps of operate.md, a reload with a wrong key between them, and an old key that goes too early."""
    added = new_key(2)

    def reloaded(text, event):
        write(s, text)
        before = s.log("worker").count(event)
        s.programs["worker"].signal(1)
        s.wait_for(lambda: s.log("worker").count(event) > before, 30, event)

    reloaded(new_key(77), "event=reload_refused")
    t.ok("is not the instance key" in s.log("worker"), "the worker refuses a reload with a wrong key")
    for text in (right + added, added + right):
        reloaded(text, "event=reloaded")
        s.restart("app")
        s.wait_for(lambda: s.status_of("/readyz") == 200, 30, "system is ready")
    t.equal(sorted(int(n) for (n,) in s.sql("SELECT key_id FROM instance_keys")), sorted([2, int(right.split()[0])]), "both keys are known")
    for name in PROGRAMS:
        s.stop(name)
    refused(s, added, f"key {right.split()[0]} is missing")
    write(s, added + right)
    start(s)
    s.webhook("/rotated")
    s.call("POST", "/v1/pins", s.pin_body())
    s.wait_for(lambda: s.sink.events("/rotated"), 30, "an event arrives")
    t.ok(True, "tokens of the old key and secrets of the new one open")


def lost(s):
    """A key that is lost for good: the owners and the webhooks' owners are told what they have to do."""
    hook = s.webhook("/lost")
    os.remove(s.settings["instance"]["key_file"])
    done = s.operator("init", "--replace-key", check=False)
    t.ok(done.returncode == 1 and "stop all programs" in done.stderr, "a key is not replaced under a running worker", done)
    for name in PROGRAMS:
        s.stop(name)
    t.equal(s.operator("init", check=False).returncode, 1, "a lost key is not replaced unasked")
    s.operator("init", "--replace-key")
    start(s)
    t.ok(s.call("GET", "/v1/pinterest/accounts")[0]["reconnect_required"], "the account has to be connected again")
    path = "/v1/webhooks/" + hook["id"]
    got = s.call("GET", path)
    t.equal((got["is_enabled"], got["disabled_reason"]), (False, "secret_lost"), "the webhook says why it is disabled")
    got = s.api("PATCH", path, {"is_enabled": True})
    t.ok(got[0] == 422 and got[2]["error"]["errors"][0]["loc"] == ["body", "secret"], "it is not enabled without a secret", got)
    s.call("PATCH", path, {"is_enabled": True, "secret": "another-secret-of-16"})
    s.connect()
    s.call("POST", "/v1/pins", s.pin_body())
    s.wait_for(lambda: s.sink.events("/lost"), 30, "an event arrives")
    t.ok(True, "connected again and with a new secret all is well")


def main():
    with Stack(own_database=True) as s:
        s.sign_up()
        with open(s.settings["instance"]["key_file"]) as f:
            right = f.read()
        wrong_keys(s, right)
        readyz(s)
        database_away(s, right)
        rotation(s, right)
        lost(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
