#!/usr/bin/env python3
"""When Pinterest could not fetch an image or calls it broken, the worker looks once and says what it
saw; what cannot work is not tried again."""

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap, parts  # noqa: E402

t = Tap()
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\3\xe8\0\0\5\xdc\x08\2\0\0\0...." + b"x" * 100 + b"IEND\xae\x42\x60\x82"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
OVERRIDES = {
    "worker": {"poll_ms": 100},
    "outbound": {"allow": "127.0.0.1/32", "image_timeout_ms": 10000},
    "sandbox": {"retry_base_ms": 600000, "retry_cap_ms": 600000, "verify_after_ms": 500, "verify_gap_ms": 200, "create_timeout_ms": 3000},
}


class Pictures(BaseHTTPRequestHandler):
    """The simulator asks for JSON, the worker for images: what each saw is told apart by that."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server, path = self.server, self.path.split("?")[0]
        peek = self.headers.get("Accept", "").startswith("image/")
        server.seen.append((path, "whole" if peek and "Range" not in self.headers else peek))
        status, headers, body = 404, {}, b"<html>no</html>"
        if path.startswith("/status/"):
            status = int(path.split("/")[2])
        elif path == "/photo.heic":
            status, headers, body = 200, {"Content-Type": "image/heic"}, HEIC
        elif path == "/moved":
            status, headers, body = 301, {"Location": "/good.png?secret=1"}, b""
        elif path == "/good.png" or (path == "/shy.png" and peek):
            status, headers, body = 200, {"Content-Type": "image/png"}, PNG
        elif path == "/shy.png":
            status = 403
        elif path == "/hangs":
            status = 403
            if peek:
                server.waiting.release()
                server.go.wait(120)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def serve():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    server.daemon_threads = True
    server.seen, server.go, server.waiting = [], threading.Event(), threading.Semaphore(0)
    server.handle_error = lambda request, client: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    return server


def make(s, url, board="Always works"):
    # each its own text, so that none waits for the look-up of another
    return s.call("POST", "/v1/pins", s.pin_body(board, title=url[-90:] + board[:5], image_url=url))["id"]


def tried(s, pin, seconds=30):
    """The pin once it has failed or waits for another try."""

    def state():
        got = s.call("GET", "/v1/pins/" + pin)
        return got if got["status"] == "failed" or (got["attempt_count"] and got["error_code"]) else None

    return s.wait_for(state, seconds, f"pin {pin} was tried")


CASES = [
    # path, status, error_code, in the message
    ("/status/401", "failed", "media_url_unreachable", "could not fetch the image. Pintempo looked at the image: The address answers 401"),
    ("/status/403", "failed", "media_url_unreachable", "answers 403"),
    ("/status/404", "failed", "media_url_unreachable", "answers 404"),
    ("/photo.heic", "failed", "invalid_image", "this image is broken. Pintempo looked at the image: It is a HEIC image"),
    ("/status/503", "deferred", "media_url_temporarily_unavailable", "answers 503"),
    ("/moved", "deferred", "media_url_temporarily_unavailable", "redirects (301) to http://127.0.0.1"),
    ("/shy.png", "deferred", "media_url_temporarily_unavailable", "It can be fetched from here"),
]


def answers(s, web):
    made = [(case, make(s, web.url + case[0])) for case in CASES]
    for (path, status, code, says), pin in made:
        got = tried(s, pin)
        t.equal((got["status"], got["error_code"], got["attempt_count"]), (status, code, 1), f"{path}: {status} after one try")
        t.ok(says in got["error_message"], f"{path}: the message says what was seen", got["error_message"])
        t.ok("secret" not in got["error_message"], f"{path}: without queries of targets")
        looks = [p for p in web.seen if p == (path, True)]
        t.equal(len(looks), 1, f"{path}: the worker looked once")
    private = make(s, "http://10.1.2.3/a.png")
    got = tried(s, private)
    t.equal(got["status"], "deferred", "a private host: it may be mended")
    t.ok("10.1.2.3 is private" in got["error_message"], "a private host is named and not asked", got["error_message"])
    good = s.call("GET", "/v1/pins/" + make(s, web.url + "/good.png"))
    s.wait_for(lambda: s.call("GET", "/v1/pins/" + good["id"])["status"] == "published", 30, "a good image is published")
    t.ok(("/good.png", True) in web.seen, "the redirect was followed")


def events_tell(s, web):
    s.webhook()
    pin = make(s, web.url + "/status/410")
    tried(s, pin)
    s.wait_for(lambda: s.sink.events(), 30, "the failure is delivered")
    t.ok("answers 410" in s.sink.events()[-1]["error_message"], "the webhook tells it, too", s.sink.events())


def killed_while_looking(s, web):
    """The refusal is saved after the look: a worker that dies meanwhile loses neither."""
    pin = make(s, web.url + "/hangs")
    t.ok(web.waiting.acquire(timeout=60), "the worker looks at an image that hangs")
    t.equal(s.call("GET", "/v1/pins/" + pin)["status"], "publishing", "meanwhile the pin is being published")
    s.kill9("worker")
    web.go.set()
    s.start("worker")
    got = tried(s, pin, 60)
    t.equal((got["status"], got["error_code"]), ("failed", "media_url_unreachable"), "the next worker looks it up, tries again and sees the same")
    t.ok("answers 403" in got["error_message"], "and tells it", got["error_message"])


def turned_off(s, web):
    s.settings["outbound"]["check_images"] = "no"
    parts.write_conf(s.conf, s.settings)
    s.restart("worker")
    web.seen.clear()
    pin = make(s, web.url + "/status/404?off")
    got = tried(s, pin)
    t.equal((got["status"], got["error_message"]), ("deferred", "Sorry we could not fetch the image."), "turned off, only Pinterest's words are told")
    t.equal([p for p in web.seen if p[1]], [], "and nothing is fetched")


def main():
    web = serve()
    with Stack(overrides=OVERRIDES) as s:
        s.sign_up()
        for part in (answers, events_tell, killed_while_looking, turned_off):
            print("# " + part.__name__, flush=True)
            part(s, web)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
