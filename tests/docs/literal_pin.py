#!/usr/bin/env python3
"""Publishes one pin through an installation's simulator.  usage: literal_pin.py URL EMAIL PASSWORD IMAGE_PORT"""

import functools
import http.server
import json
import os
import secrets
import sys
import threading
import time
import urllib.error
import urllib.request

IMAGES = os.path.join(os.path.dirname(__file__), "..", "..", "etc", "sample", "images")
WAIT_S, POLL_S = 60, 0.3


def call(url, body=None, headers=None, must=True):
    head = {"Content-Type": "application/json", **(headers or {})}
    data = json.dumps(body).encode() if body is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, head), timeout=30) as r:
            return json.load(r)
    except urllib.error.HTTPError as e:
        text = e.read().decode(errors="replace")
        if must:
            sys.exit(f"{url}: {e.code} {text[:400]}")
        return None


def retried(seconds, work):
    end = time.monotonic() + seconds
    while (value := work()) is None:
        if time.monotonic() > end:
            sys.exit("not within " + str(seconds) + " s")
        time.sleep(POLL_S)
    return value


def main(url, email, password, port):
    served = functools.partial(http.server.SimpleHTTPRequestHandler, directory=IMAGES)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), served)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    login = retried(30, lambda: call(url + "/v1/auth/login", {"email": email, "password": password}, must=False))
    session = {"Authorization": "Bearer " + login["access_token"]}
    projects = retried(30, lambda: call(url + "/v1/projects/sandbox", {}, session, must=False))["projects"]
    project = next(p["id"] for p in projects if p["environment"] == "sandbox")
    session = {"Authorization": "Bearer " + call(url + "/v1/projects/switch", {"project_id": project}, session)["access_token"]}
    key = {"X-API-Key": call(url + "/v1/api-keys", {"name": "literal"}, session)["api_key"]}
    account = call(url + "/v1/pinterest/accounts", headers=key)[0]["id"]
    boards = call(f"{url}/v1/pinterest/boards?account_id={account}", headers=key)
    board = next(b["id"] for b in boards if b["name"] == "Always works")
    began = time.monotonic()
    pin = call(url + "/v1/pins", {
        "account_id": account, "board_id": board, "title": "To the letter", "idempotency_key": secrets.token_hex(8),
        "image_url": f"http://127.0.0.1:{port}/spring-table.png"}, key)

    def ended():
        now = call(f"{url}/v1/pins/{pin['id']}", headers=key)
        return now if now["status"] in ("published", "failed") else None

    now = retried(WAIT_S, ended)
    if now["status"] != "published":
        sys.exit(f"{now['status']}: {now['error_code']} {now.get('error_message')}")
    print(f"a pin is published after {time.monotonic() - began:.1f} s: {now['pinterest_pin_id']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
