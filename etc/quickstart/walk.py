#!/usr/bin/env python3
"""The newcomer's walk: sign up, import the sample campaign, watch it go out, check every webhook.

usage: walk.py VAR URL RECEIVER_URL DB_SOCKET BUILD
"""

import csv
import io
import json
import os
import secrets
import shlex
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

import parts

LEAD_S = 5
PUBLISH_S = 240
WEBHOOK_S = 60
# placeholder in campaign.csv -> the beginning of the sandbox board's name, and the expected end of
# its pin
BOARDS = {
    "WORKS": ("Always works", "published"),
    "SLOW": ("Slow", "published"),
    "RATE_LIMITED": ("Rate limited twice", "published"),
    "SERVER_ERROR": ("Server error twice", "published"),
    "LOST_AFTER": ("Answer lost after publishing", "published"),
    "LOST_BEFORE": ("Answer lost before publishing", "published"),
    "NO_IMAGE": ("Image cannot be fetched", "failed"),
    "VANISHES": ("Board vanishes", "failed"),
}
FINAL = ("done", "failed", "canceled")
COLOURS = {"published": 32, "done": 32, "failed": 31, "deferred": 33, "publishing": 36, "queued": 36}
# Widths of the table's columns. The reason is never cut; the board gives way.
TIME_W, STATUS_W, REASON_W, TITLE_W, BOARD_MIN_W, BOARD_W = 9, 16, 18, 34, 12, 29
WIDE = 120  # from here on the pins' titles are shown too


class Api:
    def __init__(self, url):
        self.url, self.headers = url, {}

    def send(self, method, path, body=None, kind="application/json"):
        data = json.dumps(body).encode() if body is not None and not isinstance(body, bytes) else body
        head = dict(self.headers, **({"Content-Type": kind} if data is not None else {}))
        request = urllib.request.Request(self.url + path, data, head, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as r:
                raw = r.read()
                return r.status, json.loads(raw) if raw else None
        except urllib.error.HTTPError as e:
            raw = e.read()
            try:
                return e.code, json.loads(raw)
            except ValueError:
                return e.code, {"detail": raw.decode(errors="replace")[:200]}
        except (urllib.error.URLError, OSError) as e:
            return 0, {"detail": str(e)}

    def must(self, method, path, body=None, **more):
        status, value = self.send(method, path, body, **more)
        if not 200 <= status < 300:
            sys.exit(f"{method} {path}: {status} {value.get('detail', value) if value else ''}")
        return value


def until(state, seconds, what):
    end = time.monotonic() + seconds
    while not (value := state()):
        if time.monotonic() > end:
            sys.exit(f"{what}: not reached within {seconds} s")
        time.sleep(0.2)
    return value


def read_env(path):
    try:
        with open(path) as f:
            return dict(w.split("=", 1) for line in f for w in shlex.split(line) if "=" in w)
    except FileNotFoundError:
        return {}


class Walk:
    def __init__(self, var, url, receiver_url, db_socket, build):
        self.var, self.url, self.receiver_url, self.db_socket = var, url, receiver_url, db_socket
        self.build, self.hooks = build, f"{var}/log/webhooks.jsonl"
        self.api = Api(url)
        self.env = read_env(f"{var}/env")

    def sign_up(self):
        """Uses the same account on every run, as long as the database has it."""
        who = {"email": self.env.get("PINTEMPO_EMAIL"), "password": self.env.get("PINTEMPO_PASSWORD")}
        status, session = self.api.send("POST", "/v1/auth/login", who) if who["email"] else (0, None)
        if status != 200:
            who = {"email": f"you-{secrets.token_hex(3)}@example.com",
                   "password": secrets.token_urlsafe(12)}
            session = self.api.must("POST", "/v1/auth/register", {"full_name": "You", **who})
            say(f"registered {who['email']}")
        else:
            say(f"logged in as {who['email']}")
        self.who = who
        self.api.headers = {"Authorization": "Bearer " + session["access_token"]}

    def sandbox(self):
        projects = self.api.must("POST", "/v1/projects/sandbox", {})["projects"]
        project = next(p for p in projects if p["environment"] == "sandbox")
        switched = self.api.must("POST", "/v1/projects/switch", {"project_id": project["id"]})
        self.api.headers = {"Authorization": "Bearer " + switched["access_token"]}
        key = self.env.get("PINTEMPO_API_KEY")
        session, self.api.headers = self.api.headers, {"X-API-Key": key or "none"}
        if not key or self.api.send("GET", "/v1/pinterest/accounts")[0] != 200:
            self.api.headers = session
            key = self.api.must("POST", "/v1/api-keys", {"name": "quickstart"})["api_key"]
            self.api.headers = {"X-API-Key": key}
        self.key = key
        self.account = self.api.must("GET", "/v1/pinterest/accounts")[0]
        boards = self.api.must("GET", f"/v1/pinterest/boards?account_id={self.account['id']}")
        self.board_names = {b["id"]: b["name"] for b in boards}
        self.boards = {}
        for word, (name, _) in BOARDS.items():
            found = [b["id"] for b in boards if b["name"].startswith(name)]
            if len(found) != 1:
                sys.exit(f"the sandbox has no board {name!r}: {sorted(self.board_names.values())}")
            self.boards[word] = found[0]
        say(f"sandbox account {self.account.get('username') or self.account['id']} with {len(boards)} boards")

    def webhook(self):
        """Points one webhook at this run's receiver."""
        mine = [w for w in self.api.must("GET", "/v1/webhooks") if w["url"].endswith("/quickstart")]
        want = {"url": self.receiver_url + "/quickstart", "is_enabled": True}
        if mine:
            if mine[0]["url"] != want["url"] or not mine[0]["is_enabled"]:
                self.api.must("PATCH", f"/v1/webhooks/{mine[0]['id']}", want)
        else:
            with open(f"{self.var}/webhook-secret") as f:
                self.api.must("POST", "/v1/webhooks", {**want, "secret": f.read().strip()})

    def save_env(self):
        values = {
            "PINTEMPO_URL": self.url,
            "PINTEMPO_API_KEY": self.key,
            "PINTEMPO_EMAIL": self.who["email"],
            "PINTEMPO_PASSWORD": self.who["password"],
            "PINTEMPO_ACCOUNT_ID": self.account["id"],
            "PINTEMPO_BOARD_ID": self.boards["WORKS"],
            "PINTEMPO_IMAGE_URL": self.url + "/sample/spring-table.png",
            "PINTEMPO_DB_SOCKET": self.db_socket,
            "PINTEMPO_CONF": f"{self.var}/pintempo.conf",
            "PINTEMPO_KEY_FILE": f"{self.var}/key.header",
        }
        text = "".join(f"export {k}={shlex.quote(v)}\n" for k, v in values.items())
        parts.write(f"{self.var}/env", text)
        parts.write(f"{self.var}/key.header", f"X-API-Key: {self.key}\n")

    def campaign(self):
        """campaign.csv with this run's ids and times; new keys, so that nothing counts as a
        repetition."""
        self.hooks_start = os.path.getsize(self.hooks) if os.path.exists(self.hooks) else 0
        start = datetime.now(timezone.utc) + timedelta(seconds=LEAD_S)
        self.stamp = start.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(2)
        values = {"ACCOUNT_ID": self.account["id"], "IMAGE_URL": self.url + "/sample",
                  "KEY": self.stamp, "CAMPAIGN": self.stamp}
        values.update((f"BOARD_{word}", ident) for word, ident in self.boards.items())
        with open(os.path.join(parts.ETC, "sample", "campaign.csv")) as f:
            text = f.read()
        for word, value in values.items():
            text = text.replace(f"@{word}@", value)
        while (at := text.find("@RUN_AT+")) >= 0:
            end = text.index("@", at + 1)
            when = start + timedelta(seconds=int(text[at + 8 : end]))
            text = text[:at] + when.strftime("%Y-%m-%dT%H:%M:%S.%fZ") + text[end + 1 :]
        parts.write(f"{self.var}/campaign.csv", text)
        self.rows = list(csv.DictReader(io.StringIO(text)))
        want = {self.boards[word]: end for word, (_, end) in BOARDS.items()}
        self.want = {r["idempotency_key"]: want[r["board_id"]] for r in self.rows}
        return text.encode()

    def send(self, text):
        mark = secrets.token_hex(16)
        body = (f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="campaign.csv"\r\n'
                "Content-Type: text/csv\r\n\r\n").encode() + text + f"\r\n--{mark}--\r\n".encode()
        job = self.api.must("POST", "/v1/pins/imports/csv", body,
                            kind=f"multipart/form-data; boundary={mark}")
        done = until(lambda: self.ended(job["id"]), 30, "import")
        bad = [r for r in done["results"] if r["status"] != "created"]
        if done["status"] != "completed" or bad or len(done["results"]) != len(self.rows):
            sys.exit(f"import {done['status']}: {json.dumps(bad)}")
        self.schedules = {r["schedule_id"]: r["idempotency_key"] for r in done["results"]}
        say(f"imported campaign {self.stamp}: {len(self.rows)} pins, the first in a few seconds")

    def ended(self, job):
        job = self.api.must("GET", f"/v1/pins/imports/{job}")
        return job if job["status"] not in ("queued", "processing") else None

    def look(self):
        """The campaign's schedules and pins as the API shows them now: key -> row for the table."""
        only = f"campaign={self.stamp}&limit=200"
        schedules = [s for s in self.api.must("GET", f"/v1/schedules?{only}")
                     if s["id"] in self.schedules]
        pins = {p["id"]: p for p in self.api.must("GET", f"/v1/pins?{only}")}
        rows = {}
        for s in schedules:
            pin = pins.get(s.get("pin_id"), {})
            rows[self.schedules[s["id"]]] = {
                "status": pin.get("status") or s["status"], "final": s["status"] in FINAL,
                # Without a pin there is only a sentence.
                "detail": pin.get("error_code") or pin.get("pinterest_pin_id") or (not pin and s.get("last_error")) or "",
                "pin_id": pin.get("id"), "schedule_id": s["id"],
            }
        return rows

    def watch(self):
        table = Table(self.rows, self.board_names, self.want)
        end = time.monotonic() + PUBLISH_S
        while True:
            rows = self.look()
            table.show(rows)
            if len(rows) == len(self.rows) and all(r["final"] for r in rows.values()):
                return rows
            if time.monotonic() > end:
                open_keys = sorted(k for k, r in rows.items() if not r["final"])
                sys.exit(f"not all pins have ended after {PUBLISH_S} s: {', '.join(open_keys)}\n"
                         f"Ask PINTEMPO_CONF={self.var}/pintempo.conf {self.build}/pintempo why ID")
            time.sleep(0.25)

    def deliveries(self, pins):
        """What the receiver recorded about these pins; waits until it has an event for every pin."""
        def arrived():
            with open(self.hooks) as f:
                f.seek(self.hooks_start)
                lines = [json.loads(line) for line in f if line.endswith("\n")]
            mine = [x for x in lines if x["event"] and x["event"].get("pin_id") in pins]
            return mine if {x["event"]["pin_id"] for x in mine} == pins else None
        if not os.path.exists(self.hooks):
            sys.exit("the webhook receiver is not running")
        return until(arrived, WEBHOOK_S, "a webhook for every pin")

    def lateness_ms(self):
        """Milliseconds from each pin's time to the gate of its first attempt (just before its first
        byte is sent)."""
        sql = ("SELECT TIMESTAMPDIFF(MICROSECOND, p.run_at, a.gate_at) / 1000 FROM pins p JOIN attempts a"
               f" ON a.pin_id = p.id AND a.number = 1 WHERE p.campaign = '{self.stamp}' AND a.gate_at IS NOT NULL")
        out = subprocess.run(
            [parts.find("mariadb"), "--no-defaults", f"--socket={self.db_socket}",
             f"--user={parts.user()}", "-N", "-B", "-e", sql, "pintempo"],
            check=True, capture_output=True, text=True).stdout
        return [float(x) for x in out.split()]

    def conclude(self, rows):
        wrong = [f"{k}: {r['status']} ({r['detail']}), expected {self.want[k]}"
                 for k, r in sorted(rows.items()) if r["status"] != self.want[k]]
        got = self.deliveries({r["pin_id"] for r in rows.values() if r["pin_id"]})
        status = {r["pin_id"]: r["status"] for r in rows.values()}
        for x in got:
            if not x["verified"]:
                wrong.append(f"webhook {x['delivery']}: {', '.join(x['wrong'])}")
            if x["event"].get("status") != status[x["event"]["pin_id"]]:
                wrong.append(f"webhook {x['delivery']} says {x['event'].get('status')}")
        late = self.lateness_ms()
        early = [x for x in late if x < 0]
        if early:
            wrong.append(f"{len(early)} pins left before their time")
        count = {s: sum(r["status"] == s for r in rows.values()) for s in ("published", "failed")}
        print()
        say(f"{count['published']} published, {count['failed']} failed as expected, "
            f"{sum(x['verified'] for x in got)} of {len(got)} webhooks verified")
        if late:
            say(f"lateness of the first send: p50 {statistics.median(late):.0f} ms, max {max(late):.0f} ms\n"
                "(one account: a pin waits while the one before it is slow, held or looked up)")
        for line in wrong:
            say("WRONG " + line)
        return 1 if wrong else 0


class Table:
    """Redrawn in place on a terminal that is large enough; elsewhere one plain line per change."""

    def __init__(self, rows, board_names, want):
        self.rows, self.board_names, self.want = rows, board_names, want
        self.tty = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.colours = self.tty and not os.environ.get("NO_COLOR")
        self.seen, self.drawn, self.headed = {}, 0, False

    def show(self, states):
        room = os.get_terminal_size(sys.stdout.fileno()) if self.tty else os.terminal_size((WIDE + 1, 0))
        fits = room.lines > len(self.rows) + 1 and room.columns > self.width(0, states)
        if self.tty and (self.drawn or fits):
            self.draw(states, room.columns - 1)
            return
        if not self.headed:
            print(self.header(room.columns - 1, {}), flush=True)
            self.headed = True
        for row in self.rows:
            key = row["idempotency_key"]
            now = states.get(key)
            if now and self.seen.get(key) != (now["status"], now["detail"]):
                self.seen[key] = (now["status"], now["detail"])
                print(self.line(row, now, room.columns - 1, {}).rstrip(), flush=True)

    def reason_width(self, states):
        """Codes and ids are shown whole, sentences as far as they fit."""
        return max([REASON_W, *(len(s["detail"]) for s in states.values() if " " not in s["detail"])])

    def width(self, board, states):
        return TIME_W + max(board, BOARD_MIN_W) + STATUS_W + self.reason_width(states) + 4

    def columns(self, words, room, states):
        """The words of a line, cut and padded for a terminal of `room` columns."""
        time_, board, title, status, reason = words
        wide = room >= WIDE
        left = room - self.width(0, states) + BOARD_MIN_W - (TITLE_W + 2 if wide else 0)
        board_w = min(BOARD_W, max(BOARD_MIN_W, left))
        shown = [f"{time_:{TIME_W}}{board[:board_w]:{board_w}}"]
        shown += [f"{title[:TITLE_W]:{TITLE_W}}"] if wide else []
        before = "  ".join(shown) + "  "
        return before, f"{status:{STATUS_W}}", "  " + reason[: max(0, room - len(before) - STATUS_W - 2)]

    def header(self, room, states):
        words = ("UTC", "BOARD", "TITLE", "STATUS", "PIN OR REASON")
        return "".join(self.columns(words, room, states))

    def line(self, row, now, room, states):
        status = now["status"]
        if status == "failed" and self.want[row["idempotency_key"]] == status:
            status += ", expected"
        board = self.board_names[row["board_id"]].split(",")[0]
        words = (row["run_at"][11:19], board, row["title"], status, now["detail"])
        before, status, after = self.columns(words, room, states)
        colour = COLOURS.get(now["status"], 0)
        return f"{before}\033[{colour}m{status}\033[0m{after}" if self.colours else before + status + after

    def draw(self, states, room):
        out = f"\033[{self.drawn}A" if self.drawn else ""
        out += f"\033[K{self.header(room, states)}\n"
        for row in self.rows:
            now = states.get(row["idempotency_key"], {"status": "scheduled", "detail": ""})
            out += f"\033[K{self.line(row, now, room, states)}\n"
        self.drawn = len(self.rows) + 1
        sys.stdout.write(out)
        sys.stdout.flush()


def say(text):
    print(text, flush=True)


def tries(walk, rows):
    """What to do next, as commands that work from the folder of quickstart. 80 columns."""
    env = os.path.relpath(f"{walk.var}/env")
    env = env if not env.startswith("../") else f"{walk.var}/env"
    asks = "curl -w '\\n' -H @$PINTEMPO_KEY_FILE"
    failed = next((r["schedule_id"] for r in rows.values() if r["status"] == "failed"), "ID")
    return f"""
It keeps running at {walk.url}. Ids and secrets are in
{env}. Try:

  . {env}
  {walk.build}/pintempo status
  {walk.build}/pintempo why {failed}
  {asks} "$PINTEMPO_URL/v1/schedules?limit=3"
  {asks} \\
    "$PINTEMPO_URL/v1/rate-meter?account_id=$PINTEMPO_ACCOUNT_ID"
  {asks} -H 'Content-Type: application/json' \\
    "$PINTEMPO_URL/v1/pins" -d '{{"title": "Mine",
    "account_id": "'$PINTEMPO_ACCOUNT_ID'", "board_id": "'$PINTEMPO_BOARD_ID'",
    "image_url": "'$PINTEMPO_IMAGE_URL'", "idempotency_key": "'$(date +%s)'"}}'

./quickstart stop ends it, ./quickstart clean removes it."""


def main(*args):
    walk = Walk(*args)
    until(lambda: walk.api.send("GET", "/readyz?worker=1")[0] == 200, 30, f"{walk.url}/readyz?worker=1")
    walk.sign_up()
    walk.sandbox()
    walk.webhook()
    walk.save_env()
    walk.send(walk.campaign())
    rows = walk.watch()
    status = walk.conclude(rows)
    say(tries(walk, rows))
    return status


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)  # quickstart says what is left
