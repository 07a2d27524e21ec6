#!/usr/bin/env python3
"""The outbox of mails: what is asked for is sent once, through whatever the mail server does; what is
not sent waits, is shown, and is given up in time; and without a server the operator passes it on."""

import os
import re
import signal
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap, parts  # noqa: E402
from smtp_server import SmtpServer, link_of, text_of  # noqa: E402

t = Tap()


def forgot(s, email):
    s.sql("DELETE FROM login_counts WHERE kind >= 6")
    s.call("POST", "/v1/auth/forgot-password", {"email": email}, auth=False)


def due_now(s):
    s.sql("UPDATE mails SET due_at = UTC_TIMESTAMP(6) WHERE due_at IS NOT NULL")
    wake(s)


def wake(s):
    """A request that wakes the worker."""
    s.sql("DELETE FROM login_counts WHERE kind >= 6")
    s.call("POST", "/v1/auth/forgot-password", {"email": "nobody@example.com"}, auth=False)


def row(s, to, columns="state, attempts, last_error, text_sealed IS NULL"):
    found = s.sql(f"SELECT {columns} FROM mails WHERE recipient = '{to}' ORDER BY id DESC LIMIT 1")
    return found[0] if found else None


def reaches(s, to, state, what):
    s.wait_for(lambda: (row(s, to) or [None])[0] == str(state), 20, what)


def configure(s, **mail):
    s.settings["mail"].update(mail)
    parts.write_conf(s.conf, s.settings)
    s.restart("worker")


def sent_and_forgotten(s, mail):
    s.register()
    mail.wait_for(s.email, "confirm")
    reaches(s, s.email, 2, "the mail is sent")
    t.equal(row(s, s.email), ["2", "1", None, "1"], "a mail that was sent keeps no text")
    t.equal(mail.commands[0][0], "EHLO", "a real server took it")
    raw = mail.raw[-1].decode("ascii")
    t.ok(all(len(line) <= 78 for line in raw.split("\r\n\r\n")[0].split("\r\n")), "its headers are short and in ASCII", raw)


def refused_for_now(s, mail):
    mail.fault = lambda verb, argument: "451 later" if verb == "RCPT" else None
    forgot(s, s.email)
    s.wait_for(lambda: (row(s, s.email) or [0, 0, None])[2], 20, "the mail is refused")
    got = row(s, s.email)
    t.equal((got[0], got[3]), ("1", "0"), "what a server refuses for now waits")
    t.ok("451" in got[2], "and what the server said is known", got)
    status = s.operator("status", check=False)
    t.ok(status.returncode == 1 and "not sent so far" in status.stdout and "451" in status.stdout, "`pintempo status` shows it", status.stdout[:400])
    listed = s.operator("mail", "list").stdout
    t.ok(s.email in listed and "password_reset" in listed and "next try in" in listed, "so does `pintempo mail list`", listed)
    mail.fault = lambda verb, argument: None
    before = len(mail.to(s.email, "set a new"))
    due_now(s)
    mail.wait_for(s.email, "set a new", before + 1)
    reaches(s, s.email, 2, "the next try succeeds")
    t.equal(row(s, s.email)[1], "2", "the next try sends it")


def refused_for_good(s, mail):
    mail.fault = lambda verb, argument: "550 no such user" if verb == "RCPT" else None
    forgot(s, s.email)
    reaches(s, s.email, 5, "the mail is given up")
    t.equal(s.operator("status", check=False).returncode, 0, "what a receiver refuses alarms nobody")
    t.equal((row(s, s.email)[1], row(s, s.email)[3]), ("1", "1"), "a mailbox that does not exist is not asked again")
    mail.fault = lambda verb, argument: "550 not from here" if verb == "MAIL" else None
    forgot(s, s.email)
    s.wait_for(lambda: row(s, s.email)[2], 20, "the sender is refused")
    t.equal(row(s, s.email)[0], "1", "but what may be the operator's fault is")
    s.sql("UPDATE mails SET attempts = 11 WHERE state = 1")
    due_now(s)
    reaches(s, s.email, 3, "tries are bounded")
    t.equal(row(s, s.email)[1], "12", "twelve times at most")
    mail.fault = lambda verb, argument: None


def answer_lost(s, mail):
    """The server takes the mail, and its answer does not arrive."""
    mail.fault = lambda verb, argument: "drop" if verb == "END-OF-DATA" else None
    before = len(mail.to(s.email, "set a new"))
    forgot(s, s.email)
    mail.wait_for(s.email, "set a new", before + 1)
    s.wait_for(lambda: row(s, s.email)[2], 20, "the answer is missed")
    mail.fault = lambda verb, argument: None
    due_now(s)
    mail.wait_for(s.email, "set a new", before + 2)
    first, second = mail.to(s.email, "set a new")[-2:]
    t.ok(first["Message-ID"] == second["Message-ID"] and first["Date"] == second["Date"], "a mail whose answer was lost is sent again under its id", (first["Message-ID"], second["Message-ID"]))
    t.equal(link_of(first), link_of(second), "with the same link")
    reaches(s, s.email, 2, "then it is over")


def worker_killed(s, mail):
    """Killed while the server has the mail in hand."""
    held = []
    mail.fault = lambda verb, argument: held.append(1) or "drop" if verb == "END-OF-DATA" else None
    s.programs["worker"].signal(signal.SIGSTOP)
    forgot(s, s.email)
    before = len(mail.to(s.email, "set a new"))
    s.programs["worker"].signal(signal.SIGCONT)
    mail.wait_for(s.email, "set a new", before + 1)
    s.kill9("worker")
    mail.fault = lambda verb, argument: None
    t.equal(row(s, s.email)[0], "1", "a worker that dies leaves the mail waiting")
    s.sql("UPDATE mails SET due_at = UTC_TIMESTAMP(6) WHERE due_at IS NOT NULL")
    s.start("worker")
    mail.wait_for(s.email, "set a new", before + 2)
    reaches(s, s.email, 2, "the next one sends it")
    two = mail.to(s.email, "set a new")[-2:]
    t.equal(two[0]["Message-ID"], two[1]["Message-ID"], "under the same id, so that it shows once")
    waiting = s.sql("SELECT COUNT(*) FROM mails WHERE state = 1")
    t.equal(waiting, [["0"]], "and nothing is left")


def too_late(s, mail):
    mail.fault = lambda verb, argument: "451 later" if verb == "MAIL" else None
    forgot(s, s.email)
    s.wait_for(lambda: row(s, s.email)[2], 20, "the mail is refused")
    s.sql("UPDATE mails SET expires_at = UTC_TIMESTAMP(6) WHERE state = 1")
    due_now(s)
    reaches(s, s.email, 3, "a mail whose link is over is given up")
    t.ok(row(s, s.email)[3] == "1", "a mail whose link is over is given up, with its text")
    mail.fault = lambda verb, argument: None


def names(s, mail):
    """What persons and organizations are called cannot add a header."""
    configure(s, from_name="Pintempö \"Ä\" <evil@example.com>")
    s.register(f"names-{os.getpid()}@example.com")
    message = mail.wait_for(s.email, "confirm")
    t.equal(message["From"].addresses[0].addr_spec, "pintempo@example.com", "a strange sender's name changes no address")
    t.equal(message["From"].addresses[0].display_name, "Pintempö \"Ä\" <evil@example.com>", "and arrives as it is")
    configure(s, from_name="Pintempo")


def keys_rotated(s, mail):
    mail.fault = lambda verb, argument: "451 later" if verb == "MAIL" else None
    forgot(s, s.email)
    s.wait_for(lambda: row(s, s.email)[2], 20, "the mail is refused")
    key = lambda: s.sql("SELECT HEX(SUBSTR(text_sealed, 2, 4)) FROM mails WHERE state = 1")  # noqa: E731
    first = key()
    s.operator("rotate-key")
    t.ok(first and key() and key() != first, "a waiting mail is sealed anew with a new instance key", key())
    mail.fault = lambda verb, argument: None
    before = len(mail.to(s.email, "set a new"))
    due_now(s)
    mail.wait_for(s.email, "set a new", before + 1)
    reaches(s, s.email, 2, "a mail is sent after its key was replaced")
    t.ok(True, "and sent as before")
    t.equal(s.operator("config", "check", check=False).stdout.count("FAULT"), 0, "and the installation is well")


def no_server(s, mail):
    s.settings["mail"] = {}
    parts.write_conf(s.conf, s.settings)
    s.restart("app")
    s.restart("worker")
    s.wait_for(lambda: s.status_of("/readyz?worker=1") == 200, 30, "system is ready")
    before = len(mail.got)
    s.register()
    got = s.call("POST", "/v1/auth/forgot-password", {"email": s.email}, auth=False)
    t.ok("sends no mails" in got["message"], "without a mail server the answer says so", got)
    listed = s.operator("mail", "list").stdout
    line = next(x for x in listed.splitlines() if s.email in x and "password_reset" in x)
    t.ok("no mail server" in line, "the operator sees who asked", line)
    t.ok("mails wait" in s.operator("status", check=False).stdout, "also in `pintempo status`")
    shown = s.operator("mail", "show", line.split()[0]).stdout
    token = re.search(r"token=(\S+)", shown)[1]
    reset = lambda text: s.api("POST", "/v1/auth/reset-password", {"token": text, "password": "a-fresh-Passw0rt"}, auth=False)[0]  # noqa: E731
    t.equal(reset(token), 200, "and passes the link on")
    link = s.operator("user", "password-link", s.email).stdout.strip()
    t.ok(link.startswith(s.url + "/v1/auth/reset-password?token="), "or makes one", link)
    t.equal([reset(link.split("token=")[1]) for _ in range(2)], [200, 400], "which works once")
    t.equal(s.operator("user", "password-link", "nobody@example.com", check=False).returncode, 1, "for a user that exists")
    t.equal(s.operator("mail", "show", line.split()[0][:-4] + "0000", check=False).returncode, 1, "an unknown mail is not shown")
    t.equal(len(mail.got), before, "nothing was sent")


def other_ways(folder):
    """TLS from the start; a server without TLS gets nothing, unless the operator says so."""
    with SmtpServer(folder, tls="smtps") as safe, SmtpServer(folder, tls=None) as plain:
        with Stack(overrides={"mail": safe.settings()}) as s:
            s.register()
            t.ok("confirm" in text_of(safe.wait_for(s.email)), "smtps works")
            configure(s, ca_file="")
            s.settings["mail"].pop("ca_file")
            configure(s)
            forgot(s, s.email)
            s.wait_for(lambda: row(s, s.email)[2], 20, "the certificate is refused")
            t.ok(row(s, s.email)[0] == "1" and not safe.to(s.email, "set a new"), "a server whose certificate nobody vouches for gets nothing", row(s, s.email))
            configure(s, url=f"smtp://127.0.0.1:{plain.port}")
            due_now(s)
            s.wait_for(lambda: int(row(s, s.email)[1]) > 1, 20, "the plain server is refused")
            s.wait_for(lambda: "TLS" in (row(s, s.email)[2] or ""), 20, "for the want of TLS")
            t.equal([c for c in plain.commands if c[0] in ("MAIL", "DATA")], [], "one without TLS gets nothing")
            configure(s, require_tls="no")
            due_now(s)
            plain.wait_for(s.email, "set a new")
            t.ok(True, "unless the operator says so")


def main():
    with tempfile.TemporaryDirectory() as folder:
        with SmtpServer(folder) as mail, Stack(overrides={"mail": mail.settings()}) as s:
            sent_and_forgotten(s, mail)
            refused_for_now(s, mail)
            refused_for_good(s, mail)
            answer_lost(s, mail)
            worker_killed(s, mail)
            too_late(s, mail)
            names(s, mail)
            keys_rotated(s, mail)
            no_server(s, mail)
        other_ways(folder)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
