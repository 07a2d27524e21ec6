"""A small SMTP server for tests: STARTTLS or TLS from the start, AUTH PLAIN, and faults on demand.

    with SmtpServer(folder) as mail:
        Stack(overrides={"mail": mail.settings()})
        message = mail.wait_for("somebody@example.com", "password_reset")
        link_of(message)
"""

import base64
import email
import email.policy
import hmac
import os
import re
import socketserver
import ssl
import subprocess
import threading
import uuid

from harness import wait_for


def make_certificate(folder):
    """Key and certificate of 127.0.0.1, which is its own authority."""
    key, cert = os.path.join(folder, "smtp.key"), os.path.join(folder, "smtp.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", key, "-out", cert], check=True, capture_output=True)
    return key, cert


def text_of(message):
    return message.get_content()


def link_of(message):
    """The link of a mail."""
    return re.search(r"https?://\S+", text_of(message))[0]


def token_of(message):
    return re.search(r"token=(\S+)", link_of(message))[1]


def unsubscribe_query(key_file, workspace, user):
    """The query of the link that mails to be unsubscribed from have (lib/mail.c)."""
    with open(key_file) as f:
        key = base64.b64decode(f.readline().split()[1])
    derived = hmac.new(key, b"mail unsubscribe", "sha256").digest()
    mac = hmac.new(derived, uuid.UUID(workspace).bytes + uuid.UUID(user).bytes, "sha256").digest()
    token = base64.urlsafe_b64encode(mac).decode().rstrip("=")
    return {"workspace_id": workspace, "user_id": user, "token": token}


class SmtpServer(socketserver.ThreadingTCPServer):
    """tls: "starttls", "smtps" or None. fault(verb, argument) -> a reply that is sent instead of the
    usual one, None, or "drop", which cuts the connection (of DATA's end: after the mail was kept)."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, folder, tls="starttls", login=None):
        super().__init__(("127.0.0.1", 0), SmtpHandler)
        self.folder, self.tls, self.login = folder, tls, login
        self.fault = lambda verb, argument: None
        self.got, self.raw, self.commands, self.lock = [], [], [], threading.Lock()
        self.context = None
        if tls:
            self.key, self.cert = make_certificate(folder)
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(self.cert, self.key)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *args):
        self.shutdown()
        self.server_close()

    @property
    def port(self):
        return self.server_address[1]

    def settings(self, **more):
        """The section [mail] of a configuration."""
        out = {
            "url": f"{'smtps' if self.tls == 'smtps' else 'smtp'}://127.0.0.1:{self.port}",
            "from": "pintempo@example.com",
            **({"ca_file": self.cert} if self.tls else {"require_tls": "no"}),
        }
        if self.login:
            path = os.path.join(self.folder, "smtp-password")
            with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as f:
                f.write(self.login[1] + "\n")
            out.update(user=self.login[0], password_file=path)
        return {**out, **more}

    def to(self, address, word=""):
        """Mails to the address whose subject has the word, oldest first."""
        with self.lock:
            mails = list(self.got)
        return [m for to, m in mails if to == address and word.lower() in m["Subject"].lower()]

    def wait_for(self, address, word="", count=1, seconds=20):
        """The count-th mail to the address whose subject has the word."""
        what = f"mail {count} to {address} with {word!r}"
        wait_for(lambda: len(self.to(address, word)) >= count, seconds, what)
        return self.to(address, word)[count - 1]

    def handle_error(self, request, client_address):
        pass


class SmtpHandler(socketserver.StreamRequestHandler):
    timeout = 30

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()

    def line(self):
        line = self.rfile.readline()
        if not line:
            raise ConnectionError
        return line

    def secure(self):
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
        self.encrypted = True

    def handle(self):
        self.encrypted, self.logged_in, self.receiver, self.closing = False, False, None, False
        try:
            if self.server.tls == "smtps":
                self.secure()
            self.say("220 test ESMTP")
            while not self.closing:
                verb, _, argument = self.line().decode().strip().partition(" ")
                with self.server.lock:
                    self.server.commands.append((verb.upper(), argument, self.encrypted))
                self.answer(verb.upper(), argument)
        except (OSError, ssl.SSLError, ConnectionError, ValueError):
            pass

    def finish(self):
        super().finish()
        self.connection.close()

    def answer(self, verb, argument):
        fault = self.server.fault(verb, argument)
        if fault == "drop":
            self.closing = True
        elif fault:
            self.say(fault)
        else:
            getattr(self, "do_" + verb, self.do_unknown)(argument)

    def do_unknown(self, argument):
        self.say("502 what?")

    def do_EHLO(self, argument):
        able = ["test", "8BITMIME"]
        if self.server.tls == "starttls" and not self.encrypted:
            able.append("STARTTLS")
        if self.server.login:
            able.append("AUTH PLAIN")
        for word in able[:-1]:
            self.say("250-" + word)
        self.say("250 " + able[-1])

    def do_STARTTLS(self, argument):
        self.say("220 go on")
        self.secure()

    def do_AUTH(self, argument):
        kind, _, initial = argument.partition(" ")
        if not initial:
            self.say("334 ")
            initial = self.line().decode().strip()
        _, name, word = base64.b64decode(initial).decode().split("\0")
        self.logged_in = (name, word) == self.server.login
        self.say("235 welcome" if self.logged_in else "535 no")

    def do_MAIL(self, argument):
        good = self.logged_in or not self.server.login
        self.say("250 well" if good else "530 log in first")

    def do_RCPT(self, argument):
        self.receiver = re.search(r"<(.*)>", argument)[1]
        self.say("250 well")

    def do_DATA(self, argument):
        self.say("354 go on")
        lines = []
        while (line := self.line()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        raw = b"".join(lines)
        message = email.message_from_bytes(raw, policy=email.policy.default)
        with self.server.lock:
            self.server.got.append((self.receiver, message))
            self.server.raw.append(raw)
        self.answer("END-OF-DATA", self.receiver)

    def setup(self):
        super().setup()
        setattr(self, "do_END-OF-DATA", lambda argument: self.say("250 taken"))

    def do_RSET(self, argument):
        self.say("250 well")

    def do_QUIT(self, argument):
        self.say("221 bye")
        self.closing = True
