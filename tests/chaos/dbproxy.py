#!/usr/bin/env python3
"""A relay between the programs and MariaDB on unix sockets. It understands enough of the protocol to detect a
COMMIT, or a write outside a transaction, and to lose its answer, the command itself, or the connection.

    dbproxy.py LISTEN SERVER SEED

Each line of standard input is JSON and updates the settings; each is answered by a line with the counts so far.
    {"cut": 3}                  the next three commits are executed, their answers lost, the connections closed
    {"cut_permille": 300}       the same for that many of a thousand commits and writes outside a transaction
    {"lost": 3}, {"lost_permille": 300}    the connection is closed before the commit arrives
    {"of": "INSERT INTO ATTEMPTS"}         only transactions with a statement that begins like this; "": all
    {"slow_ms": [20, 150]}      every answer is delayed by this range; [0, 0] ends it
    {"drop_permille": 10}       that many commands of a thousand are cut before, cut after, or never answered
The relay ends when standard input ends. Each client connection has a separate connection to the server, so that
MariaDB may die and restart.
"""

import asyncio
import collections
import ctypes
import json
import os
import random
import signal
import subprocess
import sys
import threading

COM_QUIT, COM_QUERY, COM_PREPARE, COM_EXECUTE, COM_CLOSE, COM_BULK = 0x01, 0x03, 0x16, 0x17, 0x19, 0xFA
WRITES = (b"INSERT", b"UPDATE", b"DELETE", b"REPLACE")
NORMAL = {"of": "", "cut": 0, "cut_permille": 0, "lost": 0, "lost_permille": 0, "slow_ms": [0, 0], "drop_permille": 0}


class Relay:
    """The relay's process, for its users: relay.set(cut=3), relay.counts()."""

    def __init__(self, listen, server, seed, log):
        libc = ctypes.CDLL(None)
        command = [sys.executable, os.path.abspath(__file__), listen, server, str(seed)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=open(log, "ab"),
            text=True,
            preexec_fn=lambda: libc.prctl(1, signal.SIGKILL),
        )
        self.lock = threading.Lock()
        self.set()

    def set(self, **what):
        with self.lock:
            self.process.stdin.write(json.dumps(what) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())

    def counts(self):
        return self.set()

    def calm(self):
        return self.set(**NORMAL)

    def end(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(10)
        self.process.stdout.close()


class Fate:
    """Decides what happens to the next command."""

    def __init__(self, seed):
        self.rng, self.what, self.counts = random.Random(seed), dict(NORMAL), collections.Counter()

    def strikes(self, name, decides):
        if self.what[name] > 0 and decides == "commit":
            self.what[name] -= 1
            return True
        return self.rng.random() * 1000 < self.what[name + "_permille"]

    def of(self, decides, ran):
        """"pass", "cut" (executed, answer lost), "lost" (never arrives), "hang" (executed, never
        answered) or "hole" (neither executed nor answered)."""
        fate = "pass"
        meant = decides and any(words.startswith(self.what["of"].encode()) for words in ran)
        if meant and self.strikes("lost", decides):
            fate = "lost"
        elif meant and self.strikes("cut", decides):
            fate = "cut"
        if fate != "pass":
            self.counts[f"{decides} {fate}"] += 1
        elif self.rng.random() * 1000 < self.what["drop_permille"]:
            fate = self.rng.choice(["cut", "lost", "lost", "hang", "hole"])
            self.counts["packet " + fate] += 1
        return fate

    def late_s(self):
        low, high = self.what["slow_ms"]
        if high == 0:
            return 0
        self.counts["slow"] += 1
        return self.rng.uniform(low, high) / 1000


class Client(asyncio.Protocol):
    def __init__(self, fate, server):
        self.fate, self.path, self.server, self.transport = fate, server, None, None
        self.buffer, self.early = bytearray(), []
        self.in_transaction, self.gone, self.drop_answer, self.deaf = False, False, False, False
        self.asked = False  # a command was sent whose answer has not begun
        self.preparing, self.texts = None, {}
        self.ran = []  # the statements of the transaction, or the single one outside of any
        self.late, self.timer = collections.deque(), None

    def connection_made(self, transport):
        self.transport = transport
        asyncio.ensure_future(self.connect())

    async def connect(self):
        loop = asyncio.get_running_loop()
        try:
            self.server, _ = await loop.create_unix_connection(lambda: Server(self), self.path)
        except OSError:
            self.close()
            return
        if self.gone:
            self.server.abort()
            return
        for data in self.early:
            self.server.write(data)

    def data_received(self, data):
        self.buffer += data
        while len(self.buffer) >= 4 and not self.gone:
            size = 4 + int.from_bytes(self.buffer[:3], "little")
            if len(self.buffer) < size:
                break
            packet = bytes(self.buffer[:size])
            del self.buffer[:size]
            self.packet(packet)

    def forward(self, packet):
        if self.server is None:
            self.early.append(packet)
        else:
            self.server.write(packet)

    def packet(self, packet):
        if self.deaf:
            return
        # A packet with number 0 is a command; the login has number 1.
        if packet[3] != 0 or len(packet) < 5 or packet[4] in (COM_QUIT, COM_CLOSE):
            self.forward(packet)
            return
        self.asked = True
        decides = self.decides(packet)
        fate = self.fate.of(decides, self.ran)
        if fate == "lost":
            self.close()
        elif fate == "hole":
            self.deaf = True
        else:
            self.forward(packet)
            self.drop_answer = fate == "cut"
            self.deaf = fate == "hang"

    def decides(self, packet):
        """Whether this command makes changes permanent: "commit", "write", or None."""
        kind, rest = packet[4], packet[5:]
        words = rest[:40].lstrip().upper()
        self.preparing = words if kind == COM_PREPARE else None
        if kind in (COM_EXECUTE, COM_BULK):
            words = self.texts.get(rest[:4], b"")
        elif kind != COM_QUERY:
            return None
        if words.startswith((b"START TRANSACTION", b"BEGIN")):
            self.in_transaction, self.ran = True, []
        elif words.startswith((b"COMMIT", b"ROLLBACK")):
            self.in_transaction = False
            return "commit" if words.startswith(b"COMMIT") else None
        elif words.startswith(WRITES):
            self.ran = [*self.ran, words] if self.in_transaction else [words]
            return None if self.in_transaction else "write"
        return None

    def connection_lost(self, error):
        self.close()

    def answer(self, data):
        if self.gone or self.deaf:
            return
        if self.drop_answer:
            self.close()  # it has answered, so it was executed
            return
        if self.preparing is not None and len(data) >= 9 and data[4] == 0:
            self.texts[data[5:9]] = self.preparing
        self.preparing = None
        late = self.fate.late_s() if self.asked else 0
        self.asked = False
        if late or self.late:
            loop = asyncio.get_running_loop()
            self.late.append((loop.time() + late, data))
            if self.timer is None:
                self.timer = loop.call_at(self.late[0][0], self.deliver)
        else:
            self.transport.write(data)

    def deliver(self):
        self.timer, loop = None, asyncio.get_running_loop()
        while self.late and not self.gone and self.late[0][0] <= loop.time() + 0.001:
            self.transport.write(self.late.popleft()[1])
        if self.late and not self.gone:
            self.timer = loop.call_at(self.late[0][0], self.deliver)

    def server_closed(self):
        """The server's last answer is still delivered, except behind a hole."""
        if not self.deaf:
            self.close()

    def close(self):
        self.gone = True
        if self.timer is not None:
            self.timer.cancel()
        if self.transport is not None:
            self.transport.close()
        if self.server is not None:
            self.server.close()


class Server(asyncio.Protocol):
    def __init__(self, client):
        self.client = client

    def data_received(self, data):
        self.client.answer(data)

    def connection_lost(self, error):
        self.client.server_closed()


async def serve(listen, server, seed):
    loop, fate = asyncio.get_running_loop(), Fate(seed)
    await loop.create_unix_server(lambda: Client(fate, server), listen, backlog=512)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        fate.what.update(json.loads(line))
        print(json.dumps(fate.counts), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], int(sys.argv[3])))
