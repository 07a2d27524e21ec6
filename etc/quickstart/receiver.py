#!/usr/bin/env python3
"""A webhook receiver that trusts nothing: checks both signatures and writes one JSON line for each.

usage: receiver.py PORT SECRET_FILE LOG PORT_FILE

Listens on 127.0.0.1:PORT, or on another port if that is taken or 0, and writes the port to PORT_FILE.
Runs until it is ended.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_S = 300


def standard_key(secret):
    """The key of Standard Webhooks: the decoded whsec_ secret, otherwise the secret's bytes."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret[6:], validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def verify(headers, body, secret, now=None):
    """Names of what is wrong with a delivery; empty if it is genuine."""
    wrong = []
    want = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(headers.get("X-PinBridge-Signature", ""), want):
        wrong.append("X-PinBridge-Signature")
    ident, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    signed = f"{ident}.{stamp}.".encode() + body
    mac = base64.b64encode(hmac.new(standard_key(secret), signed, hashlib.sha256).digest()).decode()
    given = headers.get("webhook-signature", "").split()
    if not ident or f"v1,{mac}" not in given:
        wrong.append("webhook-signature")
    if not stamp.isdigit() or abs(int(stamp) - (now or time.time())) > TOLERANCE_S:
        wrong.append("webhook-timestamp")
    try:
        event = json.loads(body)
        if headers.get("X-PinBridge-Event") != event["event"]:
            wrong.append("X-PinBridge-Event")
    except (ValueError, KeyError, TypeError):
        wrong.append("body")
    if not headers.get("X-PinBridge-Delivery-ID"):
        wrong.append("X-PinBridge-Delivery-ID")
    return wrong


def listen(port, handler):
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:
        return ThreadingHTTPServer(("127.0.0.1", 0), handler)


def serve(port, secret_file, log, port_file):
    with open(secret_file) as f:
        secret = f.read().strip()
    out = open(log, "a", buffering=1)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            wrong = verify(self.headers, body, secret)
            try:
                event = json.loads(body)
            except ValueError:
                event = None
            line = {"at": time.time(), "verified": not wrong, "wrong": wrong, "event": event,
                    "delivery": self.headers.get("X-PinBridge-Delivery-ID")}
            out.write(json.dumps(line) + "\n")
            self.send_response(401 if wrong else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = listen(port, Handler)
    with open(port_file + ".new", "w") as f:
        f.write(f"{server.server_address[1]}\n")
    os.rename(port_file + ".new", port_file)
    server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    serve(int(sys.argv[1]), *sys.argv[2:])
