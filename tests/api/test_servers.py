#!/usr/bin/env python3
"""The application behind each web server: forwarded headers, truncated bodies, the server's own errors, and
a clean stop of a busy application. TAP."""

import http.client
import io
import json
import os
import re
import socket
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness import TOP, Stack, Tap, wait_for  # noqa: E402

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
    for header in ("X_API_Key", "X-API_Key", "X_API-Key"):
        got = raw(
            s, f"GET /v1/pinterest/accounts HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}: {key}\r\n\r\n".encode()
        )
        tap.ok(got.split()[1] in (b"400", b"401"), f"{name}: {header} is no X-API-Key", got)
        version = answer(got)[1]["Server"] or ""
        if not name.startswith("apache"):
            tap.ok("/" not in version, f"{name}: the version of the web server is not told", version)
    status, headers, body = s.api("POST", "/v1/auth/login", person("x@example.com"), {"Content-Encoding": "gzip"})
    tap.ok(status == 415 and problem(headers, body), f"{name}: a body that is said to be compressed is a 415", body)
    return session["active_project"]["id"]


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


# Requests that announce no body or announce it unusually: (label, method, path, version, headers, body,
# the statuses allowed). Most must mean the same behind every server.
JSON = "Content-Type: application/json\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"
MAYBE, NO_HOOK = "/v1/projects/{project}/resume", "/v1/webhooks/11111111-1111-4111-8111-111111111111"
UNANNOUNCED = (
    ("a POST without body and length", "POST", MAYBE, "1.1", "", b"", 200),
    ("the same with HTTP/1.0", "POST", MAYBE, "1.0", "", b"", 200),
    ("the same with a content type", "POST", MAYBE, "1.1", JSON, b"", 200),
    ("the same with Expect", "POST", MAYBE, "1.1", "Expect: 100-continue\r\n", b"", 200),
    ("the same where a body is needed", "POST", "/v1/webhooks", "1.1", "", b"", 400),
    ("the same where no such path is", "POST", "/v1/nothing", "1.1", "", b"", 404),
    ("the same where only GET is taken", "POST", "/healthz", "1.1", "", b"", 405),
    ("a PUT without length", "PUT", NO_HOOK, "1.1", "", b"", 405),
    ("a PATCH without length", "PATCH", NO_HOOK, "1.1", "", b"", 400),
    ("a DELETE without length", "DELETE", NO_HOOK, "1.1", "", b"", 404),
    ("a DELETE without length, HTTP/1.0", "DELETE", NO_HOOK, "1.0", "", b"", 404),
    ("a POST of no chunks", "POST", MAYBE, "1.1", CHUNKED, b"0\r\n\r\n", 200),
    ("a chunked POST", "POST", MAYBE, "1.1", CHUNKED + JSON, b"2\r\n{}\r\n0\r\n\r\n", 200),
    ("a chunked PATCH", "PATCH", NO_HOOK, "1.1", CHUNKED + JSON, b"2\r\n{}\r\n0\r\n\r\n", (404, 422)),
    ("a DELETE of no chunks", "DELETE", NO_HOOK, "1.1", CHUNKED, b"0\r\n\r\n", 404),
    ("Expect: 100-continue with a body", "POST", MAYBE, "1.1",
     "Expect: 100-continue\r\nContent-Length: 2\r\n" + JSON, b"{}", 200),
    ("an Expect that nobody knows", "POST", MAYBE, "1.1", "Expect: x\r\nContent-Length: 2\r\n" + JSON, b"{}", (200, 417)),
    ("a length that is no number", "POST", MAYBE, "1.1", "Content-Length: x\r\n", b"", 400),
    ("a negative length", "POST", MAYBE, "1.1", "Content-Length: -1\r\n", b"", 400),
    ("two lengths in one", "POST", MAYBE, "1.1", "Content-Length: 2, 2\r\n", b"{}", 400),
    ("a length with chunks", "POST", MAYBE, "1.1", CHUNKED + JSON + "Content-Length: 9\r\n", b"2\r\n{}\r\n0\r\n\r\n", (200, 400)),
    ("chunks with HTTP/1.0", "POST", MAYBE, "1.0", CHUNKED + JSON, b"2\r\n{}\r\n0\r\n\r\n", (200, 400)),
    ("another transfer coding", "POST", MAYBE, "1.1", "Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n", (200, 400, 501)),
    ("a method that nobody knows", "BREW", "/v1/pins", "1.1", "", b"", (405, 501)),
    ("TRACE", "TRACE", "/v1/pins", "1.1", "", b"", 405),
    ("an HTTP of the future", "GET", "/healthz", "9.9", "", b"", (200, 505)),
    ("headers without end", "GET", "/healthz", "1.1", "X: " + "x" * 20_000 + "\r\n", b"", (400, 431)),
    ("the refusals' own path", "GET", "/.refused", "1.1", "", b"", 404),
)


class Bytes(io.BytesIO):
    """Received bytes as the socket that http.client reads from."""

    def makefile(self, *_):
        return self


def answer(got):
    """The final answer in received bytes: status, headers, body."""
    while got.startswith(b"HTTP/1.1 100"):
        got = got.split(b"\r\n\r\n", 1)[1]
    r = http.client.HTTPResponse(Bytes(got))
    r.begin()
    return r.status, r.headers, r.read()


def unannounced(s, name, project):
    head = f"Host: x\r\nConnection: close\r\nAuthorization: Bearer {s.token}\r\n"
    for label, method, path, version, headers, body, want in UNANNOUNCED:
        got = raw(s, f"{method} {path.format(project=project)} HTTP/{version}\r\n{head}{headers}\r\n".encode() + body)
        status, fields, content = answer(got)
        good = status in (want if isinstance(want, tuple) else (want,))
        good = good and (problem(fields, content) if status >= 400 else json.loads(content) is not None)
        tap.ok(good, f"{name}: {label} is answered with {status}", got[:600])
    got = raw(s, f"POST {MAYBE.format(project=project)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    tap.equal(answer(got)[0], 401, f"{name}: a POST without body, length and token is a 401")
    got = raw(s, b"POST /sandbox/admin/disarm HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    status, fields, content = answer(got)
    good = status == 411 and problem(fields, content) if s.server == "lighttpd" else status in (502, 503)
    tap.ok(good, f"{name}: a POST to the simulator without length is answered truly", got[:600])


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


def proxied(s, name):
    """Behind a proxy, with the lines of docs/install.md: the client's network is the one that the proxy tells of."""
    with open(os.path.join(TOP, "docs", "install.md")) as f:
        row = next(r for r in f if re.match(rf"\| {name}\b", r, re.I) and "orward" in r)
    lines = [x.replace("192.0.2.1", "127.0.0.1") for x in re.findall("`([^`]*)`", row.split("|")[2])]
    load = {
        "apache": "LoadModule remoteip_module /usr/lib/apache2/modules/mod_remoteip.so",
        "lighttpd": 'server.modules += ( "mod_extforward" )',
    }
    with open(s.path("web.conf")) as f:
        text = f.read()
    lines = "\n".join([load.get(name, ""), *lines]) + "\n"
    with open(s.path("web.conf"), "w") as f:
        f.write(text.replace("location /sample/", lines + "location /sample/") if name == "nginx" else text + lines)
    s.restart("web")
    s.wait_for(lambda: s.status_of("/healthz") == 200, 30, "the web server answers again")
    for told, want in (
        (None, "127.0.0.0/24"),
        ("198.51.100.7", "198.51.100.0/24"),
        ("203.0.113.9, 198.51.100.7", "198.51.100.0/24"),  # only what the proxy itself added is believed
        ("2001:db8::7", "2001:db8::/64"),
    ):
        s.sql("DELETE FROM sessions")
        head = {"X-Forwarded-For": told} if told else {}
        s.call("POST", "/v1/auth/login", {"email": s.email, "password": s.password}, headers=head, auth=False)
        tap.equal(s.sql("SELECT network FROM sessions"), [[want]], f"{name}: behind a proxy that tells {told}")


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
        project = headers_pass(stack, server)
        bodies(stack, server)
        unannounced(stack, server, project)
        own_errors(stack, server)
        busy_stop(stack, server)
        if server != "apache-fcgid":
            proxied(stack, server)
            gone(stack, server)
sys.exit(tap.done())
