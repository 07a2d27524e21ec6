"""The users of a chaos run: they send requests, repeat those without a definite answer under the
same idempotency key, and remember what was accepted."""

import collections
import http.client
import json
import secrets
import threading
import time
from datetime import datetime, timedelta, timezone

import dbfaults
import plan as plans

BURST = 25
AGAIN = (0, 429, 500, 502, 503, 504)  # no definite answer: repeat the request
AGAIN_S = 0.15


def at(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


class Tenant:
    def __init__(self, s):
        s.key = s.token = None
        s.sign_up()
        self.email = s.email
        self.key, self.token, self.project = s.key, s.token, s.project_id
        self.own = s.account_id
        self.schedules, self.pins = [], []


class Load:
    patience_s = 60

    def __init__(self, s, plan):
        self.s, self.plan = s, plan
        self.lock = threading.Lock()
        self.acked = {}  # id -> ("pin" | "schedule" | "import", key)
        self.canceled, self.keys = {}, collections.defaultdict(set)
        self.strange, self.gave_up = [], []
        self.stopping = False
        self.counts = collections.Counter()
        self.tenants = [Tenant(s) for _ in range(plans.TENANTS)]
        self.accounts, self.boards, self.hooks = [], [], {}
        for tenant, user in plans.ACCOUNTS:
            t = self.tenants[tenant]
            s.key, s.token = t.key, t.token
            account = s.connect(user) if user else t.own
            self.accounts.append(account)
            self.boards.append(s.boards_of(account)["Always works"])
        for k, t in enumerate(self.tenants):
            s.key, s.token = t.key, t.token
            for name in (f"/hook{k}", f"/other{k}"):
                made = s.webhook(name)
                self.hooks[made["id"].replace("-", "").upper()] = name
            hung = s.hung_webhook()
            if hung:
                self.hooks[hung[0].replace("-", "").upper()] = hung[1]
        narrow = self.accounts[plans.SPIKE].replace("-", "")
        s.sql(f"UPDATE pinterest_accounts SET pace_burst = 3, pace_interval_ms = 200 WHERE id = x'{narrow}'")
        self.began = time.monotonic()

    def once(self, tenant, method, path, body, key):
        head = {"X-API-Key": self.tenants[tenant].key, "Content-Type": "application/json"}
        if key:
            head["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body)
        try:
            status, _, raw = self.s.request(method, path, data, head, timeout=8)
        except (OSError, http.client.HTTPException):
            return 0, None
        try:
            value = json.loads(raw) if raw else None
        except ValueError:
            value = None
        # Error pages come from the web server; a 500 from the application is a bug.
        if status == 500 and isinstance(value, dict) and value.get("code") == "internal_error":
            if value.get("request_id"):
                self.strange.append(f"{method} {path}: {value}")
        return status, value

    def ask(self, tenant, method, path, body=None, key=None):
        """A definite answer, or (0, None) after the time limit."""
        end = time.monotonic() + self.patience_s
        while True:
            status, value = self.once(tenant, method, path, body, key)
            if status not in AGAIN:
                return status, value
            if time.monotonic() > end:
                self.gave_up.append(f"{method} {path}: {status} {value}")
                return 0, None
            time.sleep(AGAIN_S)

    def body(self, args):
        a = args["account"]
        body = {
            "account_id": self.accounts[a],
            "board_id": self.boards[a],
            "title": f"Pin {self.plan['seed']} {args['n']}",
            "image_url": self.s.image_url,
            "idempotency_key": f"{self.plan['seed']}-{args['n']}-{secrets.token_hex(4)}",
        }
        if args.get("blanks"):
            body |= {"title": body["title"].replace(" ", "  "), "description": "  as  it  was\ttyped "}
        if args.get("twin"):
            body["title"] = f"Twin of {a}"
        if args.get("poison"):
            body["title"] = f"{dbfaults.TITLES[args['poison']]} {args['n']}"
        if "link" in args:
            body["link_url"] = f"https://shop{args['link']}.example/{args['n']}"
        return body

    def keep(self, kind, tenant, status, value, key):
        if status in (200, 201, 202):
            with self.lock:
                self.acked[value["id"].replace("-", "").upper()] = (kind, key)
                self.keys[kind, key].add(value["id"])
            return value["id"]
        if status:
            self.strange.append(f"{kind}: {status} {value}")
        return None

    def too_late(self, status, value, run_at):
        """The request took so long that its time had passed by this machine's clock, which is the
        database's."""
        return status in (400, 422) and "run_at" in json.dumps(value) and run_at <= at(0)

    def do(self, tenant, op, args):
        t = self.tenants[tenant]
        if op == "pin":
            body = self.body(args)
            status, value = self.ask(tenant, "POST", "/v1/pins", body)
            made = self.keep("pin", tenant, status, value, body["idempotency_key"])
            if made:
                t.pins.append(made)
        elif op == "schedule":
            body = self.body(args) | {"run_at": at(args["delay"])}
            if "window" in args:
                body["not_after"] = at(args["delay"] + args["window"])
            head = "h-" + body["idempotency_key"]
            status, value = self.ask(tenant, "POST", "/v1/schedules", body, head)
            if self.too_late(status, value, body["run_at"]):
                return
            made = self.keep("schedule", tenant, status, value, body["idempotency_key"])
            if made:
                t.schedules.append(made)
        elif op == "import":
            rows = []
            for k in range(args["rows"]):
                row = self.body(args | {"n": f"{args['n']}.{k}"})
                rows.append(row | {"run_at": at(args["delay"] + 5)})
            status, value = self.ask(tenant, "POST", "/v1/pins/imports/json", rows, "i-" + rows[0]["idempotency_key"])
            self.keep("import", tenant, status, value, args["n"])
        else:
            self.change(tenant, op, args)

    def change(self, tenant, op, args):
        t = self.tenants[tenant]
        if op == "retry pin":
            if t.pins:
                self.ask(tenant, "POST", f"/v1/pins/{t.pins[args['which'] % len(t.pins)]}/retry")
            return
        if not t.schedules:
            return
        ident = t.schedules[args["which"] % len(t.schedules)]
        path = "/v1/schedules/" + ident
        if op == "cancel":
            status, value = self.ask(tenant, "POST", path + "/cancel", None, "c-" + secrets.token_hex(6))
            if status == 200:
                with self.lock:
                    self.canceled[ident.replace("-", "").upper()] = time.time()
        elif op == "edit":
            moved = at(3)
            status, value = self.ask(tenant, "PATCH", path, {"description": "Edited", "run_at": moved})
            if status in (400, 422) and not self.too_late(status, value, moved):
                self.strange.append(f"edit {path}, run_at {moved}, at {at(0)}: {status} {value}")
            if status == 409:  # already a pin
                status, value = self.ask(tenant, "GET", path)
                if status == 200 and value["pin_id"]:
                    path = "/v1/pins/" + value["pin_id"]
                    status, value = self.ask(tenant, "PATCH", path, {"description": "Edited late"})
                    status = 409 if status == 404 else status  # canceled meanwhile
        elif op == "retry":
            status, value = self.ask(tenant, "POST", path + "/retry")
        else:
            status, value = self.ask(tenant, "GET", path)
        if status not in (0, 200, 400, 409, 422):
            self.strange.append(f"{op} {path}: {status} {value}")

    def run(self, tenant):
        ops = [o for o in self.plan["people"] if o[1] == tenant]
        hands = [threading.Thread(target=self.hand, args=(tenant, ops[k::4]), daemon=True) for k in range(4)]
        for h in hands:
            h.start()
        for h in hands:
            h.join()

    def hand(self, tenant, ops):
        for when, _, op, args in ops:
            wait = self.began + when - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            self.do(tenant, op, args)

    def reconnect(self, account):
        """Does what a person does when told that an account needs to be reconnected."""
        tenant, user = plans.ACCOUNTS[account]
        try:
            self.s.connect(user, auth=self.tenants[tenant].token)
        except (OSError, AssertionError, http.client.HTTPException, KeyError, TypeError, ValueError):
            pass  # a fault is in progress: the account will ask again

    def fairness(self, director):
        """Seconds that a single pin of each other lane waits while one account has a burst due."""
        director.admin("disarm", {}, 5)
        self.s.sql("UPDATE lanes SET hold_until = NULL; UPDATE apps SET stopped_at = NULL, hold_until = NULL")
        # An account that has just lost its token waits for other reasons than fairness.
        lost = "SELECT COUNT(*) FROM pinterest_accounts WHERE revoked_at IS NULL AND (health <> 0 OR access_expires_at <= UTC_TIMESTAMP(6))"
        end = time.monotonic() + 60
        while self.s.sql(lost) != [["0"]] and time.monotonic() < end:
            director.tick()
        tenant = plans.ACCOUNTS[plans.SPIKE][0]
        for k in range(BURST):
            self.do(tenant, "pin", {"account": plans.SPIKE, "n": f"burst.{k}"})
        singles = []
        for account, (tenant, user) in enumerate(plans.ACCOUNTS):
            if account != plans.SPIKE:
                self.do(tenant, "pin", {"account": account, "n": f"single.{account}"})
                singles.append(self.tenants[tenant].pins[-1].replace("-", ""))
        director.calm(60)
        rows = self.s.sql(
            "SELECT TIMESTAMPDIFF(MICROSECOND, p.created_at, a.opened_at) / 1e6 FROM pins p JOIN attempts a"
            f" ON a.pin_id = p.id AND a.number = 1 WHERE p.id IN ({', '.join(f'0x{i}' for i in singles)})"
        )
        return [float(r[0]) for r in rows]

    def faults(self, w):
        """{what must hold: [what does not]}"""
        schedules = {x["id"]: x for x in w.schedules}
        rows = {"pin": w.pin, "schedule": schedules}
        imports = {r[0]: r for r in self.s.sql(
            "SELECT HEX(id), status, total_rows, processed_rows, created_rows + existing_rows + failed_rows FROM imports"
        )}  # fmt: skip
        gone, wrong, after, twice = [], [], [], []
        for ident, (kind, key) in self.acked.items():
            if kind == "import":
                r = imports.get(ident)
                if r is None or r[1] not in ("2", "3") or not r[2] == r[3] == r[4]:
                    wrong.append(f"import {ident}: {r}")
            elif ident not in rows[kind]:
                gone.append(f"{kind} {ident}")
        for ident in self.canceled:
            x = schedules.get(ident)
            if x is None or (x["state"] != 6 and not x["deleted_at"]):
                after.append(f"schedule {ident}: {x and x['state']}")
        for (kind, key), ids in self.keys.items():
            if len(ids) > 1:
                twice.append(f"{kind} {key}: {ids}")
        self.counts.update({})
        self.counts = collections.Counter(
            {
                "every accepted item exists": len(self.acked),
                "every import is complete": sum(k == "import" for k, _ in self.acked.values()),
                "every canceled schedule stays canceled": len(self.canceled),
                "one answer per idempotency key": len(self.keys),
                "no unexpected answer": len(self.strange),
                "every request ended": len(self.gave_up),
            }
        )
        return {
            "every accepted item exists": gone,
            "every import is complete": wrong,
            "every canceled schedule stays canceled": after,
            "one answer per idempotency key": twice,
            "no unexpected answer": self.strange,
            "every request ended": self.gave_up,
        }
