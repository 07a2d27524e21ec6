"""Mails of a chaos run: a person forgets the password again and again, a real SMTP server takes the
mails and sometimes drops the connection. Every mail that is recorded as sent must have arrived, and
one that arrived twice is the same message."""

import collections
import http.client
import json
import os
import random
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from smtp_server import SmtpServer  # noqa: E402

EVERY_S = 0.4
OPEN = "SELECT COUNT(*) FROM mails WHERE state = 1"


class Mails:
    def __init__(self, seed):
        self.server = SmtpServer(None, tls=None)
        self.rng = random.Random(seed)
        self.quiet = threading.Event()
        self.thread = None

    def settings(self):
        return self.server.settings(timeout_ms=1000)

    def begin(self, s, email):
        """Faults begin, and somebody asks for mails."""
        self.server.fault = self.fault
        self.thread = threading.Thread(target=self.ask, args=(s, email), daemon=True)
        self.thread.start()

    def end(self):
        """No more faults, nothing more is asked for."""
        self.server.fault = lambda verb, argument: None
        self.quiet.set()
        if self.thread:
            self.thread.join()

    def fault(self, verb, argument):
        what = self.rng.random()
        if verb == "END-OF-DATA":
            return "drop" if what < 0.1 else None
        return "421 later" if verb == "MAIL" and what < 0.05 else None

    def ask(self, s, email):
        body = json.dumps({"email": email})
        while not self.quiet.wait(EVERY_S):
            s.sql("DELETE FROM login_counts WHERE kind >= 6", check=False, timeout=10)
            try:
                s.request("POST", "/v1/auth/forgot-password", body, {"Content-Type": "application/json"}, timeout=8)
            except (OSError, http.client.HTTPException):
                pass

    def judge(self, s, tap):
        rows = s.sql("SELECT LOWER(HEX(id)), state FROM mails WHERE state <> 4")
        got = collections.defaultdict(set)
        with self.server.lock:
            for _, message in self.server.got:
                got[message["Message-ID"].split("@")[0].strip("<").replace("-", "")].add(message.get_content())
        missing = [i for i, state in rows if state == "2" and i not in got]
        tap.ok(not missing, f"every mail recorded as sent arrived ({len(rows)})", missing[:5])
        tap.equal([r for r in rows if r[1] != "2"], [], "and all of them were sent")
        tap.ok(all(len(texts) == 1 for texts in got.values()), "one that arrives twice is the same message")
        tap.ok(set(got) <= {i for i, _ in rows}, "no mail was sent that does not exist")
