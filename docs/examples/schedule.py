#!/usr/bin/env python3
"""Schedules a pin ten seconds ahead and waits until it is published or has failed.

    PINTEMPO_URL=... PINTEMPO_API_KEY=... PINTEMPO_ACCOUNT_ID=... PINTEMPO_BOARD_ID=... schedule.py TITLE IMAGE-URL
"""

import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

URL, KEY = os.environ["PINTEMPO_URL"], os.environ["PINTEMPO_API_KEY"]


def ask(method, path, body=None, etag=None):
    """(value, ETag); the value is None when nothing has changed since that ETag."""
    head = {"X-API-Key": KEY, "Content-Type": "application/json"}
    if etag:
        head["If-None-Match"] = etag
    request = urllib.request.Request(URL + path, json.dumps(body).encode() if body else None, head, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer), answer.headers["ETag"]
    except urllib.error.HTTPError as e:
        if e.code == 304:
            return None, etag
        error = json.load(e)["error"]
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.get("errors", [])]
        sys.exit("\n".join([f"{e.code} {error['code']}: {error['message']}", *wrong, error.get("remediation") or ""]))


def main():
    title, image = sys.argv[1:]
    schedule, _ = ask("POST", "/v1/schedules", {
        "account_id": os.environ["PINTEMPO_ACCOUNT_ID"],
        "board_id": os.environ["PINTEMPO_BOARD_ID"],
        "title": title,
        "image_url": image,
        "run_at": (datetime.now(timezone.utc) + timedelta(seconds=10)).isoformat(),
        # The same key for the same pin: whoever runs this twice gets one pin.
        "idempotency_key": hashlib.sha256(f"{title} {image}".encode()).hexdigest(),
    })  # fmt: skip
    etag = None
    while True:
        now, etag = ask("GET", "/v1/schedules/" + schedule["id"], etag=etag)
        if now:
            why = (now["waiting"] or {}).get("message") or now["last_error"] or ""
            print(now["status"], why, flush=True)
            if now["status"] in ("done", "failed", "canceled"):
                return now["status"] != "done"
        time.sleep(2)


if __name__ == "__main__":
    sys.exit(main())
