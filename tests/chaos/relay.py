"""A TCP relay between the programs and the web server in front of the simulator: connections are refused, reset,
cut or delayed, as on a bad network. Runs in a separate process (this file as a program).

    r = Relay(to_port, log)     r.port
    r.arm({"method": "POST", "path": "/sandbox/v5/pins", "do": "pass_close", "skip": 2, "times": 1})
    r.refuse(3.5)               connections are refused for that many seconds; open ones continue
    r.calm()                    disarm everything
    r.requests()                what arrived: [{at, conn, n, method, path, do, body}]

do           what happens to the request                                            executed?
reset        reset before its body is read                                          no
reused_reset the same, on a connection that served a request before, on arrival     no
stall        read, then nothing for `ms`, then closed                               no
pass_close   passed on, closed without one byte of answer                           yes
pass_reset   passed on, reset without one byte                                      yes
pass_stall   passed on, then nothing for `ms`, then closed                          yes
half_reset   passed on, half the answer, reset                                      yes
drip         passed on, the answer byte by byte, one every `ms`                     yes
"""

import contextlib
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

CHUNK = 65536
HEAD_MAX = 65536
ANSWER_S = 30
POLL_S, PIECE_S = 0.01, 0.001


class Relay:
    def __init__(self, to_port, log):
        self.log = log
        command = [sys.executable, os.path.abspath(__file__), str(to_port), log]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.lock = threading.Lock()

    def tell(self, **words):
        with self.lock, contextlib.suppress(OSError):
            self.process.stdin.write(json.dumps(words) + "\n")
            self.process.stdin.flush()

    def arm(self, rule):
        self.tell(arm=rule)

    def refuse(self, seconds):
        self.tell(refuse=seconds)

    def calm(self):
        self.tell(calm=True)

    def requests(self):
        with open(self.log) as f:
            return [json.loads(text) for text in f]

    def end(self):
        self.process.kill()
        self.process.communicate()


class Gone(Exception):
    """One side closed its connection: the other is closed too."""


class Server:
    def __init__(self, to_port, log):
        self.to_port = to_port
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.lock = threading.Lock()
        self.rules, self.refuse_until, self.conns = [], 0, 0
        # Reserves the port while nothing listens on it.
        self.holder = self.bound()
        self.port = self.holder.getsockname()[1]
        self.listener = None

    def bound(self):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        s.bind(("127.0.0.1", self.port if hasattr(self, "port") else 0))
        return s

    def control(self):
        for text in sys.stdin:
            words = json.loads(text)
            with self.lock:
                if "arm" in words:
                    self.rules.append(dict(words["arm"]))
                if "refuse" in words:
                    self.refuse_until = time.monotonic() + words["refuse"]
                if "calm" in words:
                    self.rules, self.refuse_until = [], 0
        os._exit(0)

    def accept(self):
        while True:
            refusing = time.monotonic() < self.refuse_until
            if refusing and self.listener:
                self.listener.close()
                self.listener = None
            elif not refusing and not self.listener:
                self.listener = self.bound()
                self.listener.listen(256)
            if not self.listener:
                time.sleep(POLL_S)
                continue
            if not select.select([self.listener], [], [], POLL_S)[0]:
                continue
            client, _ = self.listener.accept()
            self.conns += 1
            threading.Thread(target=self.serve, args=(client, self.conns), daemon=True).start()

    def rule_for(self, method, path, n):
        with self.lock:
            for rule in self.rules:
                if rule.get("method", method) != method or not path.startswith(rule.get("path", "")):
                    continue
                if rule["do"] == "reused_reset" and n == 0:
                    continue
                if rule.get("skip", 0) > 0:
                    rule["skip"] -= 1
                    continue
                rule["times"] = rule.get("times", 1) - 1
                if rule["times"] <= 0:
                    self.rules.remove(rule)
                return rule
        return {"do": None}

    def note(self, **fields):
        os.write(self.log, (json.dumps(fields) + "\n").encode())

    def serve(self, client, conn):
        upstream, n = None, 0
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while True:
                head, size = read_head(client)
                method, path = head.split(b" ", 2)[:2]
                method, path = method.decode("latin-1"), path.decode("latin-1")
                rule = self.rule_for(method, path, n)
                seen = peek(client)[len(head) :]
                create = method == "POST" and path.endswith("/v5/pins")
                fields = {"at": time.time_ns() // 1000, "conn": conn, "n": n, "method": method, "path": path}
                if rule["do"] in ("reset", "reused_reset"):
                    self.note(**fields, do=rule["do"], body=seen.decode("utf-8", "replace") if create else None)
                    reset(client)
                    return
                data = read_all(client, len(head) + size)
                body = data[len(head) :].decode("utf-8", "replace") if create else None
                self.note(**fields, do=rule["do"], body=body)
                if rule["do"] == "stall":
                    time.sleep(rule["ms"] / 1000)
                    return
                upstream = upstream or socket.create_connection(("127.0.0.1", self.to_port), ANSWER_S)
                upstream.sendall(data)
                self.answer(client, upstream, method, rule)
                n += 1
        except (OSError, Gone, ValueError):
            pass
        finally:
            for s in (client, upstream):
                if s:
                    s.close()

    def answer(self, client, upstream, method, rule):
        """Handles the answer to one request as the rule says; raises when the connection has ended."""
        kept = b""
        do = rule["do"]
        frame = Frame(method)
        while not frame.done:
            ready, _, _ = select.select([client, upstream], [], [], ANSWER_S)
            if client in ready and not peek(client, wait=False):
                raise Gone
            if upstream not in ready:
                if not ready:
                    raise Gone
                if client in ready:  # the client sends before its turn: watch the other side only
                    select.select([upstream], [], [], ANSWER_S)
            data = upstream.recv(CHUNK)
            if not data:
                if do is None:
                    raise Gone
                break
            frame.add(data)
            if do is None:
                client.sendall(data)
            else:
                kept += data
        if do is None:
            if frame.close:
                raise Gone
            return
        if do == "half_reset":
            client.sendall(kept[: len(kept) // 2])
            select.select([client], [], [], POLL_S)  # the data sent leaves before the reset
        elif do == "pass_stall":
            time.sleep(rule["ms"] / 1000)
        elif do == "drip":
            for k in range(len(kept)):
                client.sendall(kept[k : k + 1])
                time.sleep(rule["ms"] / 1000)
        if do in ("half_reset", "pass_reset"):
            reset(client)
        raise Gone


class Frame:
    """Finds where an answer ends."""

    def __init__(self, method):
        self.head, self.left, self.done, self.close, self.chunked = b"", None, False, False, False
        self.method, self.tail = method, b""

    def add(self, data):
        if self.left is None and not self.chunked:
            self.head += data
            if b"\r\n\r\n" not in self.head:
                return
            head, _, data = self.head.partition(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            status = int(lines[0].split()[1])
            fields = dict(x.split(b":", 1) for x in lines[1:] if b":" in x)
            self.close = b"close" in fields.get(b"connection", b"")
            self.chunked = b"chunked" in fields.get(b"transfer-encoding", b"")
            if not self.chunked:
                # neither: until the connection closes
                self.left = int(fields.get(b"content-length", b"-1")) if status not in (204, 304) else 0
                if self.left < 0:
                    self.left, self.close = 1 << 60, True
        if self.chunked:
            self.tail = (self.tail + data)[-5:]
            self.done = self.tail == b"0\r\n\r\n"
        else:
            self.left -= len(data)
            self.done = self.left <= 0


def peek(s, wait=True):
    try:
        return s.recv(CHUNK, socket.MSG_PEEK | (0 if wait else socket.MSG_DONTWAIT))
    except BlockingIOError:
        return b"?"


def read_head(s):
    """(head, bytes of body that follow), all still unread."""
    before = -1
    while True:
        data = peek(s)
        end = data.find(b"\r\n\r\n")
        if end >= 0:
            break
        if not data or len(data) > HEAD_MAX:
            raise Gone
        if len(data) == before:
            time.sleep(PIECE_S)
        before = len(data)
    head = data[: end + 4]
    size = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            size = int(line.split(b":", 1)[1])
    return head, size


def read_all(s, size):
    data = b""
    while len(data) < size:
        more = s.recv(min(CHUNK, size - len(data)))
        if not more:
            raise Gone
        data += more
    return data


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def main():
    server = Server(int(sys.argv[1]), sys.argv[2])
    print(server.port, flush=True)
    threading.Thread(target=server.control, daemon=True).start()
    server.accept()


if __name__ == "__main__":
    main()
