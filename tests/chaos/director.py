"""Carries out the plan's faults, restarts programs that died, arms the next crash point, and at the
end repairs everything and waits for quiet. Runs in the main thread only."""

import collections
import heapq
import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import time

import plan as plans
from clockfaults import ClockFaults
from dbfaults import DatabaseFaults
from httpfaults import HttpFaults

TICK_S = 0.05
DATABASE_S = 8.0
POINT_PATIENCE_S = 5.0
# What resets of a sandbox leave to the worker: more than it deletes at a time.
LEFT = """BEGIN; SET @left = UNHEX(CONCAT(LPAD(HEX({}), 8, '0'), LEFT(MD5(RAND()), 24)));
    INSERT INTO projects (id, organization_id, name, environment, reset_at, sweep_at, created_at)
      VALUES (@left, '', 'left', 1, UTC_TIMESTAMP(6) - INTERVAL 1 HOUR, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
    INSERT INTO idempotency_keys (project_id, kind, route, idem_key, body_hash, created_at)
      SELECT @left, 2, 'left', seq, REPEAT('x', 32), UTC_TIMESTAMP(6) FROM seq_1_to_1200;
    COMMIT"""
FORGOTTEN = """SELECT COUNT(*) FROM idempotency_keys k LEFT JOIN projects p ON p.id = k.project_id
    WHERE k.route = 'left' AND p.id IS NULL"""


class Session:
    """A database session that stays open."""

    def __init__(self, s, text):
        command = ["mariadb", "--no-defaults", f"--socket={s.db_socket}", f"--user={s.db_user}", "-N", "-n", "-f"]
        self.process = subprocess.Popen(
            [*command, s.database], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
        )
        try:
            self.process.stdin.write(text + ";\n")
            self.process.stdin.flush()
        except OSError:
            pass

    def close(self):
        self.process.kill()
        self.process.communicate()


class Director:
    def __init__(self, s, plan, load, workers, crashes):
        self.s, self.plan, self.load, self.crashes = s, plan, load, crashes
        self.workers = [f"worker{k}" for k in range(workers)]
        self.down = set()  # kept down on purpose
        self.stopped = set()
        self.expected = collections.Counter()  # deaths caused by this harness
        self.armed, self.armed_at = {}, {}
        self.crashed, self.kinds, self.isolation = set(), set(), set()
        self.injected, self.hurt, self.strange = 0, [], []
        self.later, self.order = [], 0
        self.sessions = []
        self.disturbing = False
        self.healthy = True
        self.http = HttpFaults(self, plan["http"])
        self.people_at = self.points_at = self.look_at = 0
        self.base = DatabaseFaults(self, Session)
        self.clocks = ClockFaults(self)
        self.more = []  # further classes that carry out faults

    def start(self):
        self.base.start()
        for name in self.workers:
            self.s.add(name, [self.s.exe("pintempo-worker"), "--config", self.s.conf])
            self.arm(name)
            self.s.start(name)
        self.s.wait_for(lambda: self.s.status_of("/readyz?worker=1") == 200, 30, "ready")

    def after(self, seconds, what, *args):
        self.order += 1
        heapq.heappush(self.later, (time.monotonic() + seconds, self.order, what, args))

    def due(self):
        while self.later and self.later[0][0] <= time.monotonic():
            _, _, what, args = heapq.heappop(self.later)
            what(*args)

    def database_up(self):
        return "database" not in self.stopped and "database" not in self.down and self.s.programs["database"].running()

    def sql(self, text):
        return self.s.sql(text, check=False, timeout=3) if self.database_up() else None

    def for_a_while(self, variable, value, normal, lasts):
        """In one session: others might not get in meanwhile."""
        words = f"SET GLOBAL {variable} = {value}; DO SLEEP({lasts}); SET GLOBAL {variable} = {normal}"
        self.after(lasts + 3, Session(self.s, words).close)

    def admin(self, name, body, tries=1):
        """The simulator itself may be broken: then skipped."""
        head = {"X-Sandbox-Admin": self.s.admin_token, "Content-Type": "application/json"}
        for _ in range(tries):
            try:
                status, _, _ = self.s.request("POST", "/sandbox/admin/" + name, json.dumps(body), head, timeout=3)
            except (OSError, http.client.HTTPException):
                continue
            if 200 <= status < 300 or name == "arm" and self.over:
                return True
        return False

    def admin_aside(self, name, body):
        threading.Thread(target=self.admin, args=(name, body, 5), daemon=True).start()

    def arm(self, name):
        """Puts the next crash point of its kind into the environment of the program's next start."""
        mine = [c for c in self.crashes if c[0].startswith("app.") == (name == "app")]
        self.s.programs[name].env = self.s.env_of(name)
        self.armed.pop(name, None)
        if not mine or not self.disturbing and self.plan_over():
            return
        point = mine[0]
        self.crashes.remove(point)
        self.s.programs[name].env["PINTEMPO_CRASH"] = f"{point[0]}:{point[1]}"
        self.armed[name], self.armed_at[name] = point, time.monotonic()

    over, patience = False, POINT_PATIENCE_S

    def plan_over(self):
        return self.over

    def now_us(self):
        return int(time.time() * 1e6)

    def tend(self):
        """Restarts programs that died and reports deaths that this harness did not cause."""
        for name, program in list(self.s.programs.items()):
            if name in self.down or program.process is None or program.process.poll() is None:
                continue
            code = program.process.returncode
            point = self.armed.pop(name, None)
            if self.expected[name] > 0:
                self.expected[name] -= 1
                if point:
                    self.crashes.append(point)
            elif code == -signal.SIGKILL and point:
                self.crashed.add(point[0])
                self.injected += 1
                self.kinds.add("crash " + point[0])
                self.hurt.append(self.now_us())
                self.crashes.append((point[0], 1 + (point[1] + 1) % 3))
            elif name == "database" and self.base.full:
                pass  # with a full disk it may exit
            else:
                last = "\n".join(x for x in program.text().splitlines()[-200:] if re.search(r"ERROR|FATAL|[Aa]ssert|signal", x))
                last += "\n" + "\n".join(program.text().splitlines()[-8:])
                self.strange.append(f"{name} ended with {code} ({point} was armed):\n{last}")
            self.stopped.discard(name)
            if name == "app" or name in self.workers:
                self.arm(name)
            program.start()

    def kill(self, name):
        program = self.s.programs[name]
        if program.running() and name not in self.stopped:
            self.expected[name] += 1
            program.signal(signal.SIGKILL)
            self.hurt.append(self.now_us())
            program.wait()

    def stop(self, name, seconds):
        program = self.s.programs[name]
        if program.running() and name not in self.stopped:
            self.stopped.add(name)
            program.signal(signal.SIGSTOP)
            self.after(seconds, self.go_on, name, program.process)

    def go_on(self, name, process):
        self.stopped.discard(name)
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            self.hurt.append(self.now_us())

    def up_again(self, name):
        if name == "sandbox" and self.http.gone:
            return  # stays down longer
        self.down.discard(name)

    def inject(self, kind, args):
        name = self.workers[args.get("pick", 0) % len(self.workers)]
        lasts = args.get("for", 0)
        self.injected += 1
        self.kinds.add(kind if kind != "arm" else "simulator " + str(args["arm"]["fault"]))
        if any(who.inject(kind, args) for who in (self.base, self.http, self.clocks, *self.more)):
            pass
        elif kind == "arm":
            self.admin_aside("arm", args["arm"])
        elif kind == "refresh due":
            account = self.load.accounts[args["pick"] % len(self.load.accounts)].replace("-", "")
            self.sql(
                f"UPDATE pinterest_accounts SET refresh_at = UTC_TIMESTAMP(6) WHERE id = x'{account}'"
                " AND refresh_started_at IS NULL AND health = 0"
            )
        elif kind == "refresh lost":
            fault = plans.REFRESH_FAULTS[args["pick"] % len(plans.REFRESH_FAULTS)]
            self.admin_aside("arm", {"match": {"path_prefix": "/v5/oauth/token"}, "fault": fault})
            self.inject("refresh due", args)
        elif kind == "kill worker":
            self.kill(name)
        elif kind == "stop worker":
            self.stop(name, lasts)
        elif kind == "kill app":
            self.kill("app")
        elif kind == "stop app":
            self.stop("app", lasts)
        elif kind == "kill sandbox":
            self.kill("sandbox")
        elif kind == "sandbox down":
            self.down.add("sandbox")
            self.kill("sandbox")
            self.after(lasts, self.up_again, "sandbox")
        elif kind == "stop sandbox":
            self.stop("sandbox", lasts)
        elif kind == "kill database":
            self.kill("database")
        elif kind == "stop database":
            self.stop("database", lasts)
        else:
            self.inject_sql(kind, lasts, args.get("pick", 0))

    def inject_sql(self, kind, lasts, pick):
        if kind == "database read-only":
            self.for_a_while("read_only", 1, 0, lasts)
        elif kind == "database full of connections":
            self.cut()
            self.for_a_while("max_connections", 10, 300, lasts)
        elif kind == "cut connections":
            self.cut()
        elif kind == "locks held":
            session = Session(
                self.s, "BEGIN; SELECT * FROM lanes FOR UPDATE; SELECT * FROM pins WHERE state < 4 LIMIT 5 FOR UPDATE"
            )
            self.after(lasts, session.close)
            for k in range(1, 5):  # waiting transactions show their isolation level
                self.after(lasts * k / 5, self.look_now)
        elif kind == "left by a reset":
            self.sql(LEFT.format(pick))
        elif kind == "long snapshot":
            session = Session(
                self.s, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT"
            )
            self.after(lasts, session.close)
        else:
            raise AssertionError(kind)

    def cut(self):
        users = ", ".join(f"'{self.s.database}_{p}'" for p in ("app", "worker", "sandbox"))
        rows = self.sql(f"SELECT id FROM information_schema.processlist WHERE user IN ({users})") or []
        self.sql("; ".join(f"KILL HARD CONNECTION {r[0]}" for r in rows[::2]) or "SELECT 1")

    def look_now(self):
        self.look_at = 0

    def look(self):
        """From time to time: checks the isolation of running transactions and reconnects accounts
        that ask for it."""
        if time.monotonic() < self.look_at or not self.database_up():
            return
        self.look_at = time.monotonic() + 0.7
        self.base.count()
        user = f"{self.s.database}_worker"
        rows = self.sql(
            "SELECT DISTINCT t.trx_isolation_level FROM information_schema.innodb_trx t"
            f" JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE p.user = '{user}'"
        )
        self.isolation |= {r[0] for r in rows or []}
        rows = self.sql("SELECT LOWER(HEX(id)) FROM pinterest_accounts WHERE health <> 0 AND revoked_at IS NULL") or []
        sick = {r[0] for r in rows}
        for k, account in enumerate(self.load.accounts):
            if account.replace("-", "") in sick:
                threading.Thread(target=self.load.reconnect, args=(k,), daemon=True).start()

    def impatient(self):
        """A crash point that is not reached: kills the program anyway and lets the point have
        another turn."""
        for name, point in list(self.armed.items()):
            # nothing is looked up before verify_after_ms, and one worker sweeps, every five seconds
            patience = self.patience * (3 if point[0].startswith(("verify.", "reset.")) else 1)
            if time.monotonic() - self.armed_at[name] > patience and name not in self.stopped:
                self.kinds.add("kill " + ("app" if name == "app" else "worker"))
                self.injected += 1
                self.kill(name)

    def tick(self):
        self.due()
        self.tend()
        self.look()
        self.base.tick()
        self.http.tick()
        time.sleep(TICK_S)

    def disturb(self, people):
        self.disturbing = True
        if self.patience != POINT_PATIENCE_S:
            self.kill("app")  # nothing else kills it, and only a restart arms a crash point
        faults = self.plan["faults"] + self.base.possible(self.plan["database"])
        faults += self.clocks.possible(self.plan["clock"])
        for at, kind, args in faults:
            self.after(at, self.inject, kind, args)
        end = time.monotonic() + max(f[0] for f in faults)
        while time.monotonic() < end or any(p.is_alive() for p in people):
            self.tick()
            if self.disturbing:
                self.impatient()
            if time.monotonic() > end and self.disturbing:
                self.mend()

    def mend(self):
        """No more kills, stops or cuts; faults still armed in the simulator may strike."""
        self.disturbing, self.over = False, True
        self.crashes.clear()
        for _ in range(400):
            if not self.later:
                break
            self.tick()
        self.base.mend()
        self.http.mend()
        for name in [n for n in self.armed if n not in self.stopped]:
            self.kill(name)
        self.tend()
        if not self.database_normal():
            # The database accepts no connection: all are in use, or it was started on the full disk
            # and checks again only after a minute. An operator on call would restart it.
            self.kill("database")
            self.database_normal()
        self.s.sink.answer = lambda delivery: (204, {})
        self.calm_from = self.now_us()

    def database_normal(self):
        end = time.monotonic() + DATABASE_S
        while time.monotonic() < end:
            if self.sql("SET GLOBAL read_only = 0; SET GLOBAL max_connections = 300") is not None:
                return True
            self.tick()
        return False

    def calm(self, seconds):
        if self.disturbing:
            self.mend()
        self.admin("disarm", {}, 5)  # the last fault: the time limit counts from here
        end = time.monotonic() + seconds
        while self.open_now() != "0":
            self.tick()
            if time.monotonic() > end:
                raise AssertionError(f"not ended {seconds} s after the last fault: {self.open_now()} open")
        self.calm_s = self.calm_s or (self.now_us() - self.calm_from) / 1e6

    calm_s = 0.0

    def open_now(self):
        rows = self.sql(
            """SELECT (SELECT COUNT(*) FROM schedules WHERE state < 4 AND deleted_at IS NULL)
                 + (SELECT COUNT(*) FROM pins WHERE state < 4 AND deleted_at IS NULL)
                 + (SELECT COUNT(*) FROM imports WHERE status < 2)
                 + (SELECT COUNT(*) FROM deliveries WHERE state = 0)
                 + (SELECT COUNT(*) FROM mails WHERE state = 1)"""
        )
        return rows[0][0] if rows else "unknown"

    def show_open(self):
        for what in (
            "SELECT state, error_code, COUNT(*), MIN(due_at), UTC_TIMESTAMP(6) FROM pins WHERE state < 4 GROUP BY 1, 2",
            "SELECT state, COUNT(*), MIN(due_at) FROM schedules WHERE state < 4 GROUP BY 1",
            "SELECT state, COUNT(*), MIN(due_at) FROM deliveries WHERE state = 0 GROUP BY 1",
            "SELECT HEX(id), next_turn_at, next_at, hold_until, hold_code, busy_until, HEX(in_flight_pin) FROM lanes",
            "SELECT HEX(id), health, health_code, refresh_started_at, refresh_at, access_expires_at FROM pinterest_accounts",
            "SELECT * FROM apps",
            "SELECT is_enabled, disabled_reason, paused_until FROM webhooks",
        ):
            print("# " + what, self.sql(what), sep="\n#   ", file=sys.stderr)

    def summary(self):
        return f"{len(self.crashed)} points, {self.injected} faults, over {self.calm_s:.1f} s after the last"

    def end(self):
        self.base.end()
        self.http.end()
        for name in self.workers:
            code = self.s.programs[name].stop()
            if code != 0:
                self.strange.append(f"{name} stopped with {code}")
