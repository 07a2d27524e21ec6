"""The long run (chaos.py --minutes): outages last for minutes, a snapshot is open throughout, and users continue.
Holds its plan, the witness who asks the API why pins wait while Pinterest is away, and the checks beside the
checker's: no pin failed, and pins that fell due during an outage left afterwards.

No crash points here, and no reason for a pin to fail (broken image, narrow window, twins), so that every failed
pin is a fault."""

import calendar
import collections
import http.client
import json
import random
import threading
import time

import checker
import clockfaults
import plan as plans
from harness import SLOW

AWAY_S, DATABASE_S, WORKER_S, PORT_S = 180, 60, 60, 40
STOPPED_S, APP_S = 20, 15  # Pinterest refuses the app; the application itself is stopped
PER_S, IMPORTS_S, PATIENCE_S = 0.4, 12, 240
LOST = [{"kind": "lost_after"}, {"kind": "html_500_after", "status": 502}, {"kind": "truncate"}]
WITNESS_S, AGAIN_S = 5, 0.1
QUEUED_S = 12  # a lease (2 s), creates in flight of a stopped worker (5.5 s), and a turn or two
PAGE = 200
OVERRIDES = {"retry_base_ms": 1000, "retry_cap_ms": 8000}  # closer to production's one minute to one hour
KINDS = {
    "simulator away for minutes",
    "database stopped for a minute",
    "database away for a minute",
    "worker stopped for a minute",
    "Pinterest stops the app",
}


def people(rng, seconds):
    out = plans.people(rng, seconds, PER_S, IMPORTS_S)
    for _, _, _, args in out:
        for word in ("twin", "window", "poison", "blanks"):
            args.pop(word, None)
    return out


def plan(seed, _seconds, _points):
    """Like plan.plan(); the run lasts as long as its outages."""
    rng = random.Random(f"{seed} minutes")
    away = rng.uniform(15, 25)
    base = away + AWAY_S + rng.uniform(25, 30)  # most waiting pins are published by then
    stopped = base + DATABASE_S + rng.uniform(8, 12)
    end = stopped + STOPPED_S + 5
    p = plans.plan(seed, end, ["none"])
    faults = [
        (away, "simulator away for minutes", {"for": AWAY_S}),
        (away + rng.uniform(20, 120), "connections refused for long", {"for": PORT_S}),
        (away + rng.uniform(20, 100), "worker stopped for a minute", {"for": WORKER_S, "pick": rng.randrange(100)}),
        (away + rng.uniform(20, 140), "stop app", {"for": APP_S}),
        (base, rng.choice(["database stopped for a minute", "database away for a minute"]), {"for": DATABASE_S}),
        (stopped, "Pinterest stops the app", {"for": STOPPED_S}),
    ]
    for at in (away - 4, stopped - 6):
        for fault in LOST:
            arm = {"match": {"method": "POST", "path_prefix": "/v5/pins"}, "fault": fault, "times": 2}
            faults.append((at, "arm", {"arm": arm | {"permille": 700, "seed": rng.randrange(10**6)}}))
    faults += [(k, "refresh due", {"pick": rng.randrange(100)}) for k in range(10, int(end), 20)]
    p |= {
        "workers": rng.choice([2, 3]),
        "people": people(rng, end),
        "faults": sorted(faults, key=lambda f: f[0]),
        "crashes": [],
        "database": [(0.1, "snapshot all along", {})],
        "clock": [(rng.uniform(5, 60), clockfaults.KIND, clockfaults.step(rng.choice(clockfaults.BY_S), 200, app, rng)) for app in (0, 1)],
    }  # fmt: skip
    p["http"] |= {"cron": False, "heavy": False, "rewrite": "off"}
    return plans.sealed(p)


class Minutes:
    """What the long run does, observes and checks."""

    def __init__(self, director, load):
        self.d, self.s, self.load = director, director.s, load
        self.spans = {}  # kind: (begin, end) in microseconds
        self.said, self.silent, self.failed = collections.Counter(), [], []
        load.patience_s = PATIENCE_S

    def inject(self, kind, args):
        """Returns True if the fault belongs to this class."""
        d, lasts = self.d, args.get("for", 0)
        if kind not in KINDS:
            return False
        began = d.now_us()
        self.spans[kind] = began, began + int(lasts * 1e6)
        if kind == "simulator away for minutes":
            d.http.away(lasts)
            threading.Thread(target=self.witness, args=(time.monotonic() + lasts - 2,), daemon=True).start()
        elif kind == "worker stopped for a minute":
            d.stop(d.workers[args["pick"] % len(d.workers)], lasts)
        elif kind == "database stopped for a minute":
            d.stop("database", lasts)
        elif kind == "database away for a minute":
            d.down.add("database")
            d.kill("database")
            d.after(lasts, d.up_again, "database")
        else:
            d.admin("settings", {"tier": "unapproved"}, 5)
            d.after(lasts, d.admin, "settings", {"tier": None}, 20)
        return True

    def ask(self, tenant, path):
        """The answer, or None: the application itself may be stopped."""
        head = {"X-API-Key": self.load.tenants[tenant].key}
        try:
            status, _, raw = self.s.request("GET", path, None, head, timeout=8)
            return json.loads(raw) if status == 200 else None
        except (OSError, ValueError, http.client.HTTPException):
            return None

    def pins(self, tenant, status):
        found = []
        while True:
            page = self.ask(tenant, f"/v1/pins?status={status}&limit={PAGE}&offset={len(found)}")
            found += page or []
            if not page or len(page) < PAGE:
                return found

    def witness(self, end):
        """What a user sees while Pinterest is away: every waiting pin says why."""
        pause = threading.Event()
        while not pause.wait(WITNESS_S) and time.monotonic() < end:
            for tenant in range(plans.TENANTS):
                for pin in self.pins(tenant, "deferred"):
                    waiting = pin["waiting"] or {}
                    self.said[waiting.get("code")] += 1
                    if not (pin["error_code"] and waiting.get("code") and waiting.get("message")):
                        self.silent.append(f"{pin['id']}: {pin['error_code']} {pin['waiting']}")
                queued = self.pins(tenant, "queued")
                self.said["queued"] += len(queued)
                first = {p["pinterest_account_id"]: p for p in sorted(queued, key=lambda p: p["run_at"], reverse=True)}
                for pin in first.values():  # the longest waiting pin of each account
                    self.queued(tenant, pin, pause)
                self.said["publishing"] += len(self.pins(tenant, "publishing"))
                self.failed += [f"{p['id']}: {p['error_code']}" for p in self.pins(tenant, "failed")]

    def queued(self, tenant, pin, pause):
        """A pin may say "goes next" between one backoff and the next, but not for long."""
        late = time.time() - calendar.timegm(time.strptime(pin["run_at"][:19], "%Y-%m-%dT%H:%M:%S"))
        if late < WITNESS_S:
            return
        end, now = time.monotonic() + QUEUED_S * SLOW, pin
        while now and now["status"] == "queued" and time.monotonic() < end and not pause.wait(AGAIN_S):
            now = self.ask(tenant, "/v1/pins/" + pin["id"])
        if now and now["status"] == "queued":
            at = (self.d.now_us() - self.spans["simulator away for minutes"][0]) / 1e6
            self.silent.append(f"{at:.0f} s in: {pin['id']} queued for {late:.0f} s, attempts {now['attempt_count']}")

    def judge(self, tap, world):
        tap.ok(self.said["pinterest_unavailable"] + self.said["verification_pending"] > 0, f"while Pinterest is away pins are deferred ({dict(self.said)})")  # fmt: skip
        tap.ok(not self.silent, "while Pinterest is away every waiting pin says why", "\n".join(self.silent[:8]))
        tap.ok(not self.failed, "while Pinterest is away no pin fails", "\n".join(sorted(set(self.failed))[:8]))
        bad = [f"{checker.brief(p)} {p['error_code']}" for p in world.pins if p["state"] == checker.FAILED]
        tap.ok(not bad, "no pin fails in the whole run", "\n".join(bad[:8]))
        for kind, (begin, end) in self.spans.items():
            self.judge_span(tap, world, kind, begin, end)
        history = int(self.s.sql("SHOW GLOBAL STATUS LIKE 'Innodb_history_list_length'")[0][1])
        held = self.d.base.snapshot
        tap.ok(held is not None and held.process.poll() is None, "the snapshot stays open throughout")
        tap.ok(history > len(world.attempts), f"purge was held up: {history} transactions kept")

    def judge_span(self, tap, world, kind, begin, end):
        """Checks that pins due during the outage have left; the checker judges their pace."""
        due = [p for p in world.pins if begin <= p["run_at"] < end and not p["deleted_at"]]
        open_ = [checker.brief(p) for p in due if p["state"] != checker.PUBLISHED]
        after = sorted(p["published_at"] for p in due if p["published_at"] and p["published_at"] >= end)
        lanes = collections.Counter(p["lane_id"] for p in due)
        words = f"{kind}: {len(due)} fell due ({max(lanes.values(), default=0)} of one lane), {len(after)} left after it"
        if after:
            words += f", {(after[0] - end) / 1e6:.1f} to {(after[-1] - end) / 1e6:.1f} s later"
        tap.ok(not open_, words, "\n".join(open_[:8]))
        print(f"# {words}", flush=True)
