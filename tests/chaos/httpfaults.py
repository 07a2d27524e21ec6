"""Faults on the way to Pinterest and to the webhooks: their part of a plan, the code that carries it out, and
checks that only the relay's records allow.

The programs reach the simulator through relay.py, under a host name whose resolution can hang (slow_resolver.c,
if built); the web server and whole programs are stopped for longer than leases and timeouts; the simulator is
away for long; `pintempo-worker --once` runs from cron beside resident workers."""

import collections
import os
import random
import signal
import subprocess
import time

import checker
from harness import SLOW, Stack
from relay import Relay

CREATE = {"method": "POST", "path": "/sandbox/v5/pins"}
TOKEN = {"method": "POST", "path": "/sandbox/v5/oauth/token"}
LISTING = {"method": "GET", "path": "/sandbox/v5/boards/"}
LATE_MS = 2600  # beyond create_timeout_ms and max_send_delay_ms
# Armed throughout, in random order: what the relay does to one request.
STORM = [
    CREATE | {"do": "reset"},
    CREATE | {"do": "stall", "ms": LATE_MS},
    CREATE | {"do": "pass_close"},
    CREATE | {"do": "pass_reset"},
    CREATE | {"do": "pass_stall", "ms": LATE_MS},
    CREATE | {"do": "half_reset"},
    CREATE | {"do": "drip", "ms": 1000, "skip": 2},
    CREATE | {"do": "reused_reset"},
    TOKEN | {"do": "pass_close"},
    TOKEN | {"do": "reset"},
    TOKEN | {"do": "reused_reset"},
    LISTING | {"do": "reused_reset"},
    LISTING | {"do": "half_reset"},
    LISTING | {"do": "stall", "ms": LATE_MS},
    {"do": "reused_reset"},
    {"do": "reused_reset"},
]
# (kind, seconds it lasts), one after another. Faults that delay a create (web, simulator) must
# together stay below verify_after_ms.
HEAVY = [
    ("connections refused", 2.0),
    ("stop web", 1.8),
    ("kill web", 0),
    ("name hangs", 4.5),
    ("webhook name hangs", 4.0),
    ("stop worker beyond its lease", 5.5),
    ("stop app for long", 4.5),
    ("stop sandbox for long", 2.4),
]
LONG = [("connections refused for long", 12.0), ("simulator away for long", 12.0)]
UPSTREAM, HOOKS = "sandbox.hang.test", "hooks.hang.test"
QUIET_HANG_S, LAG_S = 4.0, 3.0
PULSE_S, PAUSE_S = 1.2, 0.3  # max_send_delay_ms is 1000, create_timeout_ms 1500
ARRIVAL_SLACK_US = 1_500_000
CRON_S = 1.0


def plan(seed, seconds):
    rng = random.Random(f"{seed} http")
    faults, order, t = [], [], rng.uniform(0.5, 1.5)
    heavy = rng.random() < 0.4  # in the other runs the remaining faults get their chance
    while heavy and t < seconds:
        order = order or rng.sample(HEAVY, len(HEAVY))
        kind, lasts = order.pop()
        lasts *= rng.uniform(0.8, 1)
        faults.append((t, kind, {"for": round(lasts, 3), "pick": rng.randrange(100)}))
        t += lasts + rng.uniform(0.5, 1.5)
    if rng.random() < 0.2:
        kind, lasts = rng.choice(LONG)
        faults.append((seconds * rng.uniform(0.3, 0.6), kind, {"for": lasts}))
    for k, rule in enumerate(rng.sample(STORM, len(STORM))):
        rule = rule | {"skip": rule.get("skip", 0) + rng.choice([0, 0, 1, 2])}
        faults.append((0.6 * seconds * k / len(STORM), "relay", {"rule": rule}))
    faults.append((rng.uniform(1, seconds), "connections refused", {"for": rng.uniform(0.3, 0.8)}))
    # Only one listing of a run ends too early: the second look-up must find what it left out.
    for kind, times in (("short_list", 1), ("bookmark_loop", 3)):
        arm = {"match": {"method": "GET", "path_prefix": "/v5/boards/"}, "fault": {"kind": kind}, "times": times}
        faults.append((rng.uniform(0, seconds), "arm", {"arm": arm | {"permille": 300, "seed": rng.randrange(10**6)}}))
    return {
        "faults": faults,
        "page_max": rng.choice([250, 7, 3]),
        "rewrite": rng.choice(["off", "off", "trim", "links"]),
        "listing_delay_s": rng.choice([0, 0, 1, 2]),
        # a lane may have 1/64 of it at most: then this slows the burst down
        "global": rng.choice([512, 512, 256]),
        "cron": rng.random() < 0.3,
        "heavy": heavy,
    }


def overrides(http, base):
    """The configuration for that plan: if pins are listed late, look-ups are late too."""
    out = {section: dict(keys) for section, keys in base.items()}
    out["sandbox"]["verify_after_ms"] += 1000 * http["listing_delay_s"]
    out["worker"] |= {"global_burst": http["global"], "global_per_s": http["global"]}
    return out


class HttpStack(Stack):
    """The programs reach the simulator through a relay, under a host name whose resolution may
    hang."""

    http_relay, base_env = None, {}

    def configure(self):
        import parts  # from etc/quickstart, which the harness has put on the path

        super().configure()
        self.http_relay = Relay(self.port, os.path.join(self.log_dir, "http-relay.log"))
        resolver = os.path.join(self.build, "tests", "chaos", "slow_resolver.so")
        if os.path.exists(resolver):
            os.mkdir(self.path("hang"))
            self.base_env = {"LD_PRELOAD": os.path.abspath(resolver), "SLOW_RESOLVER": self.path("hang")}
        host = UPSTREAM if self.base_env else "127.0.0.1"
        self.settings["sandbox"]["base_url"] = f"http://{host}:{self.http_relay.port}/sandbox/v5"
        self.settings["outbound"]["allow"] += f", 127.0.0.1/32:{self.http_relay.port}"
        parts.write_conf(self.conf, self.settings)

    def add(self, name, command, *more, **named):
        super().add(name, command, *more, **named)
        self.programs[name].env = self.env_of(name)

    def env_of(self, name):
        return dict(self.base_env) if name == "app" or name.startswith("worker") else {}

    def hang(self, name, on):
        path = os.path.join(self.path("hang"), name)
        if on:
            with open(path, "w"):
                pass
        elif os.path.exists(path):
            os.unlink(path)

    def hung_webhook(self):
        """(id, path) of a webhook whose host name may hang; None without slow_resolver."""
        if not self.base_env:
            return None
        url = f"http://{HOOKS}:{self.sink.server_address[1]}/hung"
        made = self.call("POST", "/v1/webhooks", {"url": url, "secret": "sixteen-or-more-characters"})
        return made["id"], "/hung"

    def close(self):
        self.end_programs()
        if self.http_relay is not None:
            self.http_relay.end()
        super().close()


class HttpFaults:
    def __init__(self, director, http):
        self.d, self.s, self.plan = director, director.s, http
        self.cron, self.cron_at, self.cron_runs, self.cron_bad = [], 0, 0, []
        self.hung_at, self.gone = None, False

    def inject(self, kind, args):
        """Returns True if the fault belongs to this class."""
        d, s, lasts = self.d, self.s, args.get("for", 0)
        if kind == "relay":
            s.http_relay.arm(args["rule"])
            d.injected -= 1  # counted when it strikes
            d.kinds.discard(kind)
        elif kind in ("connections refused", "connections refused for long"):
            s.http_relay.refuse(lasts)
            d.after(lasts, lambda: None)
        elif kind == "stop web":
            d.stop("web", lasts)
        elif kind == "kill web":
            d.kill("web")
        elif kind in ("name hangs", "webhook name hangs"):
            self.hang(UPSTREAM if kind == "name hangs" else HOOKS, lasts, args["pick"] % 2)
        elif kind == "stop worker beyond its lease":
            d.stop(d.workers[args["pick"] % len(d.workers)], lasts)
        elif kind == "stop app for long":
            d.stop("app", lasts)
        elif kind == "stop sandbox for long":
            d.stop("sandbox", lasts)
        elif kind == "simulator away for long":
            self.away(lasts)
        else:
            return False
        return True

    def hang(self, name, lasts, at_once):
        """At once, or in pulses, so that requests begun during a hang are answered between the
        gate's limit and the end."""
        if not self.s.base_env:
            return
        pulse = lasts if at_once else PULSE_S
        for k in range(max(1, int(lasts / (pulse + PAUSE_S)))):
            self.d.after(k * (pulse + PAUSE_S), self.s.hang, name, True)
            self.d.after(k * (pulse + PAUSE_S) + pulse, self.s.hang, name, False)

    def away(self, seconds):
        """Even the simulator's socket is gone: the web server answers by itself."""
        d, s = self.d, self.s
        d.down.add("sandbox")
        self.gone = True
        d.go_on("sandbox", s.programs["sandbox"].process)
        d.kill("sandbox")
        s.programs["sandbox"].listen.close()
        os.unlink(s.path("sandbox.sock"))
        d.after(seconds, self.back)

    def back(self):
        self.gone = False
        self.s.programs["sandbox"].listen = self.s.listener("sandbox")
        self.d.up_again("sandbox")

    def tick(self):
        """As from cron: beside resident workers it has nothing to do, without one it does the work."""
        for p in [p for p in self.cron if p.poll() is not None]:
            self.cron.remove(p)
            if p.returncode < 0 and p.returncode != -signal.SIGKILL:
                self.cron_bad.append(p.returncode)
        if not self.plan["cron"] or not self.d.disturbing or time.monotonic() < self.cron_at or len(self.cron) > 2:
            return
        self.cron_at = time.monotonic() + CRON_S
        self.cron_runs += 1
        with open(os.path.join(self.s.log_dir, "once.out"), "ab") as log:
            command = [self.s.exe("pintempo-worker"), "--config", self.s.conf, "--once"]
            env = {**os.environ, **self.s.base_env}
            self.cron.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env))

    def mend(self):
        self.s.http_relay.calm()
        for name in (UPSTREAM, HOOKS):
            if self.s.base_env:
                self.s.hang(name, False)

    def end(self):
        for p in self.cron:
            p.kill()
            p.wait()

    def hang_in_quiet(self):
        if self.s.base_env:
            self.hung_at = self.d.now_us()
            self.s.hang(HOOKS, True)
            self.d.after(QUIET_HANG_S, self.s.hang, HOOKS, False)

    def lag(self, hooks):
        """Longest time in seconds from an event to its arrival at any other webhook."""
        if self.hung_at is None:
            return 0.0
        rows = self.s.sql(
            "SELECT HEX(d.event_id), HEX(d.webhook_id), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', e.created_at)"
            " FROM deliveries d JOIN events e ON e.id = d.event_id"
        )
        came = {}
        for got in self.s.sink.got:
            key = got.headers["webhook-id"].replace("-", "").upper(), got.path
            came[key] = min(got.at, came.get(key, got.at))
        end = self.hung_at + int(QUIET_HANG_S * 1e6)
        lags = [
            came.get((event, hooks[hook]), time.time()) - int(at) / 1e6
            for event, hook, at in rows
            if self.hung_at <= int(at) <= end and hooks[hook] != "/hung"
        ]
        return max(lags, default=0.0)

    def struck(self):
        return collections.Counter(r["do"] for r in self.s.http_relay.requests() if r["do"])

    def judge(self, tap, world, hooks):
        d = self.d
        for do, count in self.struck().items():
            d.injected += count
            d.kinds.add("relay " + do)
        if self.cron_runs:
            d.kinds.add("--once beside a worker")
        creates = [r for r in self.s.http_relay.requests() if r["method"] == "POST" and r["path"] == CREATE["path"]]
        used = [r for r in creates if r["n"] > 0]
        tap.ok(not used, f"f8 each create has a separate connection ({len(creates)})", used[:3])
        self.arrivals(tap, world, creates)
        lag = self.lag(hooks)
        tap.ok(lag <= LAG_S * SLOW, f"while one webhook's host name hangs, other webhooks get events within {lag:.2f} s", lag)
        tap.ok(not self.cron_bad, f"--once beside a worker ends well ({self.cron_runs})", self.cron_bad)

    def arrivals(self, tap, world, creates):
        """No attempt is sent twice and none after its gate's limit: a program continued after a
        stop sends nothing old."""
        attempts, twice, late = collections.defaultdict(list), [], []
        for a in world.attempts:
            attempts[a["text"]].append(a)
        seen = collections.Counter()
        for r in creates:
            text = checker.canonical(r["body"].encode().hex())
            if text not in attempts:
                if r["do"] != "reset":  # for "reset" perhaps only the beginning was read
                    twice.append(f"nobody's: {text[:100]}")
                continue
            seen[text] += 1
            if not any(0 <= r["at"] - a["opened_at"] <= world.gate_us + ARRIVAL_SLACK_US * SLOW for a in attempts[text]):
                late.append(f"{r['at']}: {text[:80]}: {[r['at'] - a['opened_at'] for a in attempts[text]]}")
        for text, count in seen.items():
            if count > len(attempts[text]):
                twice.append(f"{count} requests of {len(attempts[text])} attempts: {text[:100]}")
        tap.ok(not twice, "f8 no attempt was sent twice", "\n".join(twice[:5]))
        tap.ok(not late, "a program continued after a stop sends nothing whose gate has passed", "\n".join(late[:5]))
