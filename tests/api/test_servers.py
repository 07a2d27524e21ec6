#!/usr/bin/env python3
"""The application behind each web server: forwarded headers, truncated bodies, the server's own errors, and
a clean stop of a busy application. TAP."""

import http.client
import json
import os
import socket
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness import Stack, Tap, wait_for  # noqa: E402

# The second line keeps mod_fcgid from delaying new processes after others ended.
RECYCLE = "FcgidMaxRequestsPerProcess 25\nFcgidSpawnScoreUpLimit 1000000\n"
PASSWORD = "correct horse battery"
CLIENTS = 8
RESTARTS = 3
ROUND = 60  # requests answered between two restarts

tap = Tap()


def person(email):
    return {"full_name": "A Test", "email": email, "password": PASSWORD}


def raw(s, data, cut=False):
    """Sends the bytes on one connection, half-closed afterwards if `cut`; returns the answer."""
    with socket.create_connection(("127.0.0.1", s.port), timeout=30) as c:
        c.sendall(data)
        if cut:
            c.shutdown(socket.SHUT_WR)
        got = b""
        try:
            while piece := c.recv(65536):
                got += piece
        except ConnectionResetError:
            pass
        return got


def users(s, email):
    return int(s.sql(f"SELECT COUNT(*) FROM users WHERE email = '{email}'")[0][0])


def problem(headers, body):
    try:
        value = json.loads(body) if isinstance(body, bytes) else body
    except ValueError:
        return False
    return (
        headers["Content-Type"] == "application/problem+json"
        and isinstance(value["detail"], str)
        and value["code"] == value["error"]["code"]
        and value["message"] == value["error"]["message"]
        and {"type", "title", "status", "request_id"} <= value.keys()
    )


def headers_pass(s, name):
    session = s.register()
    status, _, me = s.api("GET", "/v1/auth/me", auth=s.token)
    tap.ok(status == 200 and me["user"]["email"] == s.email, f"{name}: Authorization is passed on", me)
    key = s.make_key()
    status, _, _ = s.api("GET", "/v1/pinterest/accounts")
    tap.equal(status, 200, f"{name}: X-API-Key is passed on")
    s.key = None
    head = "Authorization: Bearer " + session["access_token"] + "\r\n"
    got = raw(s, f"GET /v1/auth/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}{head}\r\n".encode())
    tap.ok(got.split()[1] in (b"400", b"401"), f"{name}: two Authorization headers are refused", got)
    head = f"X-API-Key: {key}\r\nX_API_Key: pb_test_other\r\n"
    got = raw(
        s, f"GET /v1/pinterest/accounts HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n".encode()
    )
    tap.ok(got.split()[1] in (b"200", b"400", b"401"), f"{name}: X_API_Key does not replace X-API-Key", got)


def bodies(s, name):
    email = f"chunked-{name}@example.com"
    text = json.dumps(person(email)).encode()
    c = http.client.HTTPConnection("127.0.0.1", s.port, timeout=30)
    pieces = iter([text[:20], text[20:]])
    c.request(
        "POST", "/v1/auth/register", pieces, {"Content-Type": "application/json"}, encode_chunked=True
    )
    r = c.getresponse()
    tap.equal((r.status, users(s, email)), (201, 1), f"{name}: a chunked body is read whole")
    c.close()

    head = "POST /v1/auth/register HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
    email = f"cut-{name}@example.com"
    text = json.dumps(person(email)).encode()
    got = raw(s, f"{head}Content-Length: {len(text) + 40}\r\n\r\n".encode() + text, cut=True)
    tap.ok(
        not got.startswith(b"HTTP/1.1 2") and users(s, email) == 0,
        f"{name}: a truncated body has no effect, even if its part is complete JSON",
        got,
    )
    chunk = b"%x\r\n%s\r\n" % (len(text), text)
    got = raw(s, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk, cut=True)
    tap.ok(
        not got.startswith(b"HTTP/1.1 2") and users(s, email) == 0,
        f"{name}: a chunked body without its end has no effect",
        got,
    )
    status, headers, body = s.api("POST", "/v1/auth/register", b" " * 200_000)
    tap.ok(status == 413 and problem(headers, body), f"{name}: 413 above the application's limit", body)


def own_errors(s, name):
    for method, path, want in (("GET", "/v1/nothing", 404), ("PATCH", "/v1/auth/login", 405)):
        status, headers, body = s.api(method, path)
        tap.ok(status == want and problem(headers, body), f"{name}: {method} {path} is {want}", body)
    status, headers, body = s.request("GET", "/sample/none.png")
    tap.ok(status == 404 and problem(headers, body), f"{name}: the server's own 404 is a problem too", body)
    kind = {"Content-Type": "multipart/form-data; boundary=b", "Authorization": "Bearer " + s.token}
    try:
        status, headers, body = s.request("POST", "/v1/pins/imports/csv", b"x" * 9_000_000, kind)
        tap.ok(status == 413 and problem(headers, body), f"{name}: 413 above the server's limit", body[:300])
    except (BrokenPipeError, ConnectionResetError):
        tap.ok(True, f"{name}: a body above the server's limit is cut off")


def stop_application(s):
    """Restarts the busy application by SIGTERM; returns its exit status. Under mod_fcgid Apache owns the
    processes, and RECYCLE makes it end them."""
    if s.server != "apache-fcgid":
        return s.restart("app")
    done = s.log("web").count("event=stopped")
    wait_for(lambda: s.log("web").count("event=stopped") > done, 60, "Apache ends a process")
    return 0


def busy_stop(s, name):
    """Several clients send requests without pause during restarts: none may fail."""
    lock, seen, over = threading.Lock(), [], threading.Event()

    def client():
        while not over.is_set():
            try:
                status, _, body = s.api("GET", "/v1/auth/me", auth=s.token)
            except (OSError, http.client.HTTPException) as e:
                status, body = 0, repr(e)
            with lock:
                seen.append((status, body if status != 200 else None))

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for t in threads:
        t.start()
    exits = []
    try:
        for _ in range(RESTARTS):
            mark = len(seen)
            wait_for(lambda: len(seen) >= mark + ROUND, 60, "requests are answered")
            exits.append(stop_application(s))
        mark = len(seen)
        wait_for(lambda: len(seen) >= mark + ROUND, 60, "requests are answered after the restarts")
    finally:
        over.set()
        for t in threads:
            t.join()
    bad = [x for x in seen if x[0] != 200]
    tap.ok(not bad, f"{name}: 0 of {len(seen)} requests fail over {RESTARTS} restarts", bad[:3])
    tap.ok(set(exits) == {0}, f"{name}: SIGTERM ends it with status 0", exits)


def gone(s, name):
    s.stop("app")
    os.unlink(s.path("app.sock"))
    status, headers, body = s.request("GET", "/healthz")
    tap.ok(
        status in (502, 503) and problem(headers, body),
        f"{name}: a stopped application is reported as a problem",
        body,
    )


for server in sys.argv[1:] or ("lighttpd", "apache", "apache-fcgid", "nginx"):
    recycle = RECYCLE if server == "apache-fcgid" else ""
    with Stack(server=server, worker=False, sandbox=False, web_extra=recycle) as stack:
        headers_pass(stack, server)
        bodies(stack, server)
        own_errors(stack, server)
        busy_stop(stack, server)
        if server != "apache-fcgid":
            gone(stack, server)
sys.exit(tap.done())
