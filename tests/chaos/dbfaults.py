"""Faults of the database and of the connection to it: their part of a plan, and the code that carries it out.

Beside the director's faults: the relay (dbproxy.py) between the programs and MariaDB loses commits, their
answers or any command, and is slow; other sessions hold locks in the wrong order or longer than the programs
wait, or a snapshot throughout; MariaDB is stopped or down for long; its disk is full."""

import contextlib
import ctypes
import os
import random

from dbproxy import NORMAL, Relay
from harness import Stack

# (kind, seconds it lasts). The relay's occur throughout, several at once; the others one after
# another.
RELAY = [
    ("commit cut", 0),
    ("commits cut", 1.5),
    ("commit lost", 0),
    ("commits lost", 1.5),
    ("slow database", 2.5),
    ("packets lost", 3.0),
]
HEAVY = [
    ("database stopped for long", 6.0),
    ("database down", 4.0),
    ("deadlocks", 3.0),
    ("locks held too long", 3.5),
    ("disk full", 3.5),
]
# Which commits are hit: any, or those where it matters most.
OF = ["", "INSERT INTO ATTEMPTS", "UPDATE ATTEMPTS", "INSERT INTO PINS", "INSERT INTO SCHEDULES", "INSERT INTO EVENTS"]
# In the reverse of the programs' locking order, so that deadlocks occur.
LOCKED = {
    "deliveries": "SELECT id FROM deliveries WHERE state = 0 ORDER BY id DESC LIMIT 5 FOR UPDATE",
    "pins": "SELECT id FROM pins WHERE state < 4 ORDER BY id DESC LIMIT 5 FOR UPDATE",
    "lanes": "SELECT id FROM lanes ORDER BY id DESC FOR UPDATE",
    "schedules": "SELECT id FROM schedules WHERE state < 4 ORDER BY id DESC LIMIT 5 FOR UPDATE",
    "shards": "SELECT shard FROM shards ORDER BY shard DESC FOR UPDATE",
}
# Makes the database refuse rows by their title: the pin, its intent, its result.
TITLES = {"pin": "poison", "intent": "venom", "result": "toxin"}
POISON = """
ALTER TABLE pins ADD CONSTRAINT no_poison CHECK (title NOT LIKE 'poison%');
ALTER TABLE attempts ADD CONSTRAINT no_venom CHECK (snapshot NOT LIKE '%venom%');
ALTER TABLE pins ADD CONSTRAINT no_toxin CHECK (title NOT LIKE 'toxin%' OR state <> 4);
"""
DISK_MB = 256
FILL_TRIES = 20
MS_REC, MS_PRIVATE, MNT_DETACH, CLONE_NEWNS = 0x4000, 0x40000, 2, 0x20000


def plan(seed, seconds):
    rng = random.Random(f"{seed} database")
    out = []
    for kinds, first, pause in ((RELAY, 0.5, (0.3, 1.2)), (HEAVY, 0.6, (0.3, 1.0))):
        order, t = [], rng.uniform(first, 2 * first)
        while t < seconds:
            if not order:
                order = rng.sample(kinds, len(kinds))
            kind, lasts = order.pop()
            args = {"for": round(lasts * rng.uniform(0.6, 1), 3), "pick": rng.randrange(10**6)}
            out.append((t, kind, args))
            t += (lasts if kinds is HEAVY else lasts / 2) + rng.uniform(*pause)
    if rng.random() < 0.5:
        out.append((0.1, "snapshot all along", {}))
    return sorted(out, key=lambda f: f[0])


def poisoned(seed, seconds, accounts):
    """Requests for the plan: one of each kind that the database refuses after the pin was accepted."""
    rng, out = random.Random(f"{seed} poison"), []
    for kind in ("intent", "result"):
        account = rng.randrange(len(accounts))
        args = {"account": account, "n": f"{kind}.0", "delay": rng.uniform(0.2, 3), "poison": kind}
        out.append((rng.uniform(0, seconds), accounts[account][0], "schedule", args))
    return out


def locks(pick, rounds):
    """SQL of a session with that many transactions. Writing first makes MariaDB pick the programs
    as deadlock victims."""
    rng = random.Random(pick)
    words = ["SET SESSION innodb_lock_wait_timeout = 1"]
    for _ in range(rounds):
        tables = [t for t in LOCKED if rng.random() < 0.75]
        if rng.random() < 0.3:
            rng.shuffle(tables)
        words.append("BEGIN; INSERT INTO strangers SELECT seq FROM seq_1_to_200")
        for table in tables:
            words += [LOCKED[table], f"DO SLEEP({rng.uniform(0.005, 0.08):.3f})"]
        words.append(f"ROLLBACK; DO SLEEP({rng.uniform(0.02, 0.1):.3f})")
    return "; ".join(words)


def own_mounts():
    """Makes later mounts visible to this process and its children only. Returns False if that is
    not allowed."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(CLONE_NEWNS) != 0:
        return False
    return libc.mount(b"none", b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None) == 0


class SmallDisk:
    """A small file system for MariaDB's data, which can be filled."""

    def __init__(self, path, megabytes=DISK_MB):
        self.path, self.libc = path, ctypes.CDLL(None, use_errno=True)
        self.filler = os.path.join(path, "filler")
        os.mkdir(path)
        options = f"size={megabytes}m,mode=0755".encode()
        if self.libc.mount(b"tmpfs", path.encode(), b"tmpfs", ctypes.c_ulong(0), options) != 0:
            raise OSError(ctypes.get_errno(), "mount")

    def fill(self, leave=0):
        """Fills the disk except for `leave` bytes."""
        with open(self.filler, "ab") as f:
            for _ in range(FILL_TRIES):
                room = os.fstatvfs(f.fileno())
                size = room.f_bavail * room.f_frsize - leave
                # the server itself may have used some of it meanwhile
                with contextlib.suppress(OSError):
                    if size > 0:
                        os.posix_fallocate(f.fileno(), f.tell(), size)
                    return

    def free(self):
        if os.path.exists(self.filler):
            os.unlink(self.filler)

    def end(self):
        self.libc.umount2(self.path.encode(), MNT_DETACH)


class DatabaseStack(Stack):
    """The programs reach MariaDB through a relay, the harness directly. small_disk: the data is on
    a file system of limited size; call own_mounts() first."""

    relay = disk = None

    def __init__(self, *more, seed=0, small_disk=False, **named):
        super().__init__(*more, own_database=True, **named)
        self.seed, self.small_disk = seed, small_disk

    def start_database(self):
        if self.small_disk:
            self.disk = SmallDisk(self.path("data"))
        super().start_database()

    def configure(self):
        super().configure()
        listen = self.path("relay.sock")
        self.relay = Relay(listen, self.db_socket, self.seed, os.path.join(self.log_dir, "relay.log"))
        self.wait_for(lambda: os.path.exists(listen), 10, "the relay listens")
        true, self.settings["database"]["socket"] = self.settings["database"]["socket"], listen
        assert true == self.db_socket
        self.rewrite()

    def rewrite(self):
        import parts  # from etc/quickstart, which the harness has put on the path

        parts.write_conf(self.conf, self.settings)

    def close(self):
        self.end_programs()
        if self.relay is not None:
            self.relay.end()
        if self.disk is not None:
            self.disk.end()
        super().close()


class DatabaseFaults:
    def __init__(self, director, session):
        self.d, self.s, self.session = director, director.s, session
        self.full = False
        self.snapshot = self.seen_pid = None
        self.counted = {"deadlocks": 0, "lock time-outs": 0}
        self.last, self.look_at = {}, 0

    def start(self):
        self.s.sql("CREATE TABLE strangers (seq INT) ENGINE = InnoDB")

    def possible(self, faults):
        """The faults of a plan that are possible here: a disk is only filled where one could be
        mounted."""
        return [f for f in faults if f[1] != "disk full" or self.s.disk is not None]

    def relay_for(self, seconds, **what):
        self.s.relay.set(**what)
        calm = {name: NORMAL[name] for name in what if name != "of"}
        self.d.after(seconds, lambda: self.s.relay.set(**calm))

    def inject(self, kind, args):
        """Returns False if the fault does not belong to this class."""
        lasts, pick = args.get("for", 0), args.get("pick", 0)
        if kind == "commit cut":
            self.s.relay.set(cut=1 + pick % 4, of=OF[pick % len(OF)])
        elif kind == "commits cut":
            self.relay_for(lasts, cut_permille=300, of=OF[pick % len(OF)])
        elif kind == "commit lost":
            self.s.relay.set(lost=1 + pick % 4, of=OF[pick % len(OF)])
        elif kind == "commits lost":
            self.relay_for(lasts, lost_permille=300, of=OF[pick % len(OF)])
        elif kind == "slow database":
            self.relay_for(lasts, slow_ms=[20, 20 + pick % 131])
        elif kind == "packets lost":
            self.relay_for(lasts, drop_permille=5 + pick % 16)
        elif kind == "database stopped for long":
            self.d.stop("database", lasts)
        elif kind == "database down":
            self.d.down.add("database")
            self.d.kill("database")
            self.d.after(lasts, self.d.up_again, "database")
        elif kind == "deadlocks":
            self.stranger(lasts, locks(pick, 60))
        elif kind == "locks held too long":
            table = list(LOCKED)[pick % len(LOCKED)]
            # much longer than lib/db/db_conn.c lets a statement wait
            self.stranger(lasts, f"BEGIN; {LOCKED[table]}; {LOCKED['pins']}; DO SLEEP(60)")
        elif kind == "snapshot all along":
            self.snapshot = "wanted"
        elif kind == "disk full":
            self.full = True
            self.s.disk.fill()
            self.d.after(lasts, self.empty)
        else:
            return False
        return True

    def stranger(self, lasts, words):
        self.d.after(lasts, self.session(self.s, words).close)

    def empty(self):
        self.s.disk.free()
        self.full = False

    def tick(self):
        """A restarted MariaDB has lost the snapshot, and its counters start at zero."""
        program = self.s.programs["database"]
        if self.snapshot and program.running() and program.process.pid != self.seen_pid and self.d.sql("SELECT 1"):
            self.close_snapshot()
            self.seen_pid = program.process.pid
            words = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT"
            self.snapshot = self.session(self.s, words)

    def count(self):
        rows = self.d.sql(
            "SELECT name, count FROM information_schema.innodb_metrics WHERE name IN ('lock_deadlocks', 'lock_timeouts')"
        )
        for name, count in rows or []:
            name = {"lock_deadlocks": "deadlocks", "lock_timeouts": "lock time-outs"}[name]
            now = int(count)
            self.counted[name] += now - self.last.get(name, 0) if now >= self.last.get(name, 0) else now
            self.last[name] = now

    def close_snapshot(self):
        if self.snapshot not in (None, "wanted"):
            self.snapshot.close()

    def mend(self):
        """Ends all faults; the snapshot stays until the end of the run."""
        self.s.relay.calm()
        if self.full:
            self.empty()

    def end(self):
        self.count()
        self.close_snapshot()
        self.snapshot = None

    def struck(self):
        """{fault: count} as the relay applied them and MariaDB counted them."""
        counts = {k: n for k, n in self.s.relay.counts().items() if k != "slow"}
        return counts | self.counted

