#!/usr/bin/env python3
"""Checks what the application and the worker send, and what the simulator answers, against
Pinterest's OpenAPI document. A recorder between them and the simulator forwards everything."""

import http.client
import json
import os
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import openapi  # noqa: E402
from harness import Stack, Tap  # noqa: E402

t = Tap()
PREFIX = "/sandbox/v5"
# operation -> what sends it; each must occur
EXPECTED = {
    ("POST", "/oauth/token"): "connecting, refreshing",
    ("GET", "/user_account"): "connecting",
    ("GET", "/boards"): "listing boards",
    ("POST", "/boards"): "making a board",
    ("GET", "/boards/{board_id}"): "asking for access",
    ("POST", "/pins"): "publishing",
    ("GET", "/boards/{board_id}/pins"): "looking up a lost answer",
}


class Recorder(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Forward)
        self.calls, self.lock, self.target = [], threading.Lock(), None
        self.url = f"http://127.0.0.1:{self.server_address[1]}{PREFIX}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # some boards make the client leave early


class Forward(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        head = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
        c = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=30)
        status, answer, headers = 0, b"", []
        try:
            c.request(self.command, self.path, body, head)
            r = c.getresponse()
            status, headers = r.status, r.getheaders()
            answer = r.read()
        except (OSError, http.client.HTTPException):
            status = 0
        finally:
            c.close()
        with self.server.lock:
            self.server.calls.append((self.command, self.path, dict(self.headers), body, status, answer))
        self.close_connection = True
        if status == 0:
            return  # the simulator dropped the answer, so drop it here too
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = pass_on

    def log_message(self, *args):
        pass


def work(s):
    """Causes one of everything that is sent to Pinterest."""
    s.sign_up()
    second = s.connect("somebody")
    boards = s.boards_of(second)
    s.call("POST", "/v1/pinterest/boards", {"account_id": s.account_id, "name": "Ä board", "privacy": "PROTECTED"})
    described = {"account_id": s.account_id, "name": "Other", "description": "What it is for"}
    s.call("POST", "/v1/pinterest/boards", described)
    access = f"/v1/pinterest/boards/{s.board('Always works')}/access?account_id={s.account_id}&fresh=true"
    s.call("GET", access)
    full = {
        "title": "T" * 100,
        "description": "Ünïcode \U0001f600 \"quoted\" \\ " + "d" * 700,
        "link_url": "https://shop.example/a?b=c&d=%C3%A9#e",
        "alt_text": "a" * 500,
        "dominant_color": "#6E7874",
        "related_terms": ["one", "two"],
        "external_id": "not for Pinterest",
        "campaign": "neither",
    }
    ids = [s.call("POST", "/v1/pins", s.pin_body(**full))["id"]]
    ids.append(s.call("POST", "/v1/pins", s.pin_body(title="Plain"))["id"])
    lost = s.pin_body(title="Lost", account_id=second, board_id=boards["Answer lost after publishing"])
    ids.append(s.call("POST", "/v1/pins", lost)["id"])
    s.wait_for(
        lambda: all(s.call("GET", "/v1/jobs/" + i)["status"] == "published" for i in ids), 30, "published"
    )
    versions = "SELECT MIN(token_version) FROM pinterest_accounts"
    before = s.sql(versions)
    s.sql("UPDATE pinterest_accounts SET refresh_at = UTC_TIMESTAMP(6), access_expires_at = UTC_TIMESTAMP(6)")
    s.wait_for(lambda: s.sql(versions) != before, 30, "tokens are refreshed")


def value_of(headers, body):
    if not body:
        return None
    if "json" in headers.get("Content-Type", ""):
        return json.loads(body)
    return dict(urllib.parse.parse_qsl(body.decode(), strict_parsing=True))


def parameters(spec, operation, query):
    """Faults in a query string."""
    known = {p["name"]: p for p in map(spec.deref, operation.get("parameters", [])) if p["in"] == "query"}
    faults = []
    for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
        schema = spec.deref(known.get(name, {}).get("schema", {}))
        if name not in known:
            faults.append(f"{name}: no such parameter")
        elif schema.get("type") == "integer":
            faults += spec.check(schema, int(value), name)
        elif schema.get("type") == "string":
            faults += spec.check(schema, value, name)
    missing = [n for n, p in known.items() if p.get("required") and n not in dict(urllib.parse.parse_qsl(query))]
    return faults + [f"{n}: missing" for n in missing]


def credentials(path, headers):
    """Basic for tokens, bearer for everything else, and no unneeded headers."""
    kind = headers.get("Authorization", "").split(" ")[0]
    want = "Basic" if path == "/oauth/token" else "Bearer"
    allowed = {"host", "user-agent", "accept", "authorization", "content-type", "content-length", "connection"}
    faults = [] if kind == want else [f"Authorization: {kind or 'none'} instead of {want}"]
    extra = {h.lower() for h in headers} - allowed - {"x-forwarded-for", "accept-encoding"}
    return faults + [f"header {h}" for h in sorted(extra)]


def judge(spec, calls):
    seen, faults = {}, {}
    for method, target, headers, body, status, answer in calls:
        url = urllib.parse.urlsplit(target)
        path = url.path[len(PREFIX) :] if url.path.startswith(PREFIX + "/") else url.path
        operation = spec.operation(method, path)
        template = next(
            (p for p, item in spec.doc["paths"].items() if item.get(method.lower()) is operation), path
        )
        name = (method, template)
        seen[name] = seen.get(name, 0) + 1
        bad = faults.setdefault(name, [])
        if operation is None:
            bad.append("is not in the document")
            continue
        value = value_of(headers, body)
        bad += parameters(spec, operation, url.query) + credentials(path, headers)
        bad += [f"request {f}" for f in spec.request(method, path, value)]
        declared = spec.deref(operation.get("requestBody", {})).get("content", {})
        kind = headers.get("Content-Type", "").split(";")[0]
        if declared and kind not in declared:
            bad.append(f"Content-Type {kind}")
        if isinstance(value, dict) and kind == "application/json":
            schema = spec.deref(declared["application/json"]["schema"])
            bad += [f"unknown field {f}" for f in value if f not in schema.get("properties", value)]
        if status and answer[:1] in (b"{", b"["):
            bad += [f"{status}: {f}" for f in spec.response(method, path, status, json.loads(answer))]
    return seen, faults


def main():
    spec = openapi.load()
    if spec is None:
        t.skip("requests against the OpenAPI document", openapi.REASON)
        return t.done()
    recorder = Recorder()
    overrides = {
        "sandbox": {"base_url": recorder.url, "verify_after_ms": 500, "verify_gap_ms": 500, "create_timeout_ms": 5000},
        "outbound": {"allow": "127.0.0.1/32"},
        "worker": {"poll_ms": 100},
    }
    with Stack(overrides=overrides) as s:
        recorder.target = s.port
        work(s)
        with recorder.lock:
            calls = list(recorder.calls)
    seen, faults = judge(spec, calls)
    for (method, path), who in EXPECTED.items():
        t.ok((method, path) in seen, f"{method} {path} was sent ({who})", sorted(seen))
    for name in sorted(seen):
        t.ok(not faults[name], f"{' '.join(name)}: {seen[name]} conform to the document", "\n".join(faults[name][:5]))
    grants = [value_of(h, b)["grant_type"] for m, p, h, b, _, _ in calls if p.endswith("/oauth/token")]
    t.equal(set(grants), {"authorization_code", "refresh_token"}, "both OAuth grants were used")
    creates = [json.loads(b) for m, p, _, b, _, _ in calls if (m, p) == ("POST", PREFIX + "/pins")]
    full = next(c for c in creates if c["title"].startswith("TTT"))
    want = {"board_id", "title", "description", "link", "alt_text", "dominant_color", "media_source"}
    t.equal(set(full), want, "a create carries no field of Pintempo's own")
    plain = next(c for c in creates if c["title"] == "Plain")
    t.equal(set(plain), {"board_id", "title", "media_source"}, "a create leaves out fields that were not given")
    t.equal(len([c for c in creates if c["title"] == "Lost"]), 1, "a lost answer is looked up, not sent again")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
