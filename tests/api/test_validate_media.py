#!/usr/bin/env python3
"""validate claims only what it looked at: the head of the image, its address, texts, twins."""

import datetime
import os
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from harness import SLOW, Stack, Tap, parts, wait_for  # noqa: E402

t = Tap()
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\3\xe8\0\0\5\xdc\x08\2\0\0\0...." + b"x" * 100 + b"IEND\xae\x42\x60\x82"
BIG = PNG + b"\0" * 200000
TIFF, BMP = b"II*\0" + b"\0" * 40, b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0" + b"\0" * 40
HEIC, AVIF = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", b"\0\0\0\x1cftypavif\0\0\0\0mif1miafavif"
# path -> status, headers, body; Content-Length and Range are added
FILES = {
    "/good.png": (200, {"Content-Type": "image/png"}, PNG),
    "/b%c3%a4um.png": (200, {"Content-Type": "image/png"}, PNG),
    "/big.png": (200, {"Content-Type": "image/png"}, BIG),
    "/photo.heic": (200, {"Content-Type": "image/heic"}, HEIC),
    "/photo.avif": (200, {"Content-Type": "image/avif"}, AVIF),
    "/logo.svg": (200, {"Content-Type": "image/svg+xml"}, b"<?xml version='1.0'?>\n<svg></svg>"),
    "/scan.tiff": (200, {"Content-Type": "image/tiff"}, TIFF),
    "/old.bmp": (200, {"Content-Type": "image/bmp"}, BMP),
    "/page.png": (200, {"Content-Type": "image/png"}, b"<!doctype html><title>Log in</title>"),
    "/paper.pdf": (200, {"Content-Type": "application/pdf"}, b"%PDF-1.7\n"),
    "/anim.gif": (200, {"Content-Type": "image/gif"}, b"GIF89a\xe8\3\xdc\5\0\0;"),
    "/typeless": (200, {}, PNG),
    "/dot.png": (200, {"Content-Type": "image/png"}, PNG[:16] + b"\0\0\0\1\0\0\0\1" + PNG[24:]),
    "/half.png": (200, {"Content-Type": "image/png"}, PNG[:60]),
    "/empty.png": (200, {"Content-Type": "image/png"}, b""),
    "/zipped.png": (200, {"Content-Type": "image/png", "Content-Encoding": "gzip"}, b"\x1f\x8b\x08\0"),
    "/moved": (301, {"Location": "/good.png"}, b""),
    "/moved-gone": (302, {"Location": "/nothing?token=secret"}, b""),
    "/login": (302, {"Location": "/page.png"}, b""),
    "/circle": (302, {"Location": "/circle2"}, b""),
    "/circle2": (302, {"Location": "/circle"}, b""),
    "/metadata": (302, {"Location": "http://169.254.169.254/latest/meta-data/"}, b""),
    "/intranet": (302, {"Location": "http://10.1.2.3/a.png"}, b""),
    "/file": (302, {"Location": "file:///etc/passwd"}, b""),
}


class Pictures(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        server.seen.append((self.path, dict(self.headers)))
        path = self.path.split("?")[0]
        if path == "/hangs":
            server.waiting.release()
            server.go.wait(60)
            path = "/good.png"
        if path == "/chunked.png":
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n" % len(PNG) + PNG + b"\r\n0\r\n\r\n")
            return
        if path == "/25mb.png":
            self.send_response(206)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Range", f"bytes 0-{len(PNG) - 1}/26214400")
            self.send_header("Content-Length", str(len(PNG)))
            self.end_headers()
            self.wfile.write(PNG)
            return
        status, headers, body = FILES.get(path, (404, {"Content-Type": "text/html"}, b"<html>no</html>"))
        if path.startswith("/status/"):
            status, headers, body = int(path[8:]), {"Content-Type": "text/html"}, b"<html>no</html>"
        if status == 200 and path not in ("/big.png",) and self.headers.get("Range") and body:
            status = 206
            headers = headers | {"Content-Range": f"bytes 0-{len(body) - 1}/{len(body)}"}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass  # the reader has seen enough

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


def at(**ahead):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_of(answer, name):
    found = [c for c in answer["checks"] if c["name"] == name]
    return found[0] if len(found) == 1 else {"status": None, "code": None, "message": str(answer)}


def media(s, url, **fields):
    return check_of(s.call("POST", "/v1/pins/validate", s.pin_body(image_url=url, **fields)), "media")


def looked_at(s, web):
    got = s.call("POST", "/v1/pins/validate", s.pin_body(image_url=web.url + "/good.png"))
    good = check_of(got, "media")
    t.equal((got["valid"], good["status"], good["code"]), (True, "passed", None), "a good image passes")
    want = dict(http_status=206, content_type="image/png", seen_type="a PNG image", width=1000, height=1500)
    want |= dict(bytes=len(PNG), bytes_fetched=len(PNG), redirects=[], findings=[])
    t.equal(good["details"], want, "details say what was seen")
    t.ok(f"{len(PNG)} bytes" in good["checked"], "checked says what was looked at", good)
    path, headers = web.seen[-1]
    t.equal(headers.get("Range"), "bytes=0-65535", "only the head is asked for")
    named = [h for h in headers if h.lower() in ("cookie", "authorization", "referer")]
    t.equal((path, named), ("/good.png", []), "without credentials")
    big = media(s, web.url + "/big.png")
    t.equal((big["status"], big["details"]["bytes"]), ("passed", len(BIG)), "a server without ranges is cut off, its length told")
    t.ok(0 < big["details"]["bytes_fetched"] <= 65536 and "the first" in big["checked"], "only the head is read", big)
    t.equal(media(s, web.url + "/chunked.png")["status"], "passed", "a chunked answer is read")
    t.equal(media(s, web.url + "/bäum.png")["status"], "passed", "letters beyond ASCII are asked for encoded")
    for c in got["checks"]:
        t.ok(c["checked"], f"{c['name']} says what it looked at", c)


CASES = [
    # path, status, code, in the message
    ("/photo.heic", "failed", "invalid_image", "HEIC"),
    ("/photo.avif", "failed", "invalid_image", "AVIF"),
    ("/logo.svg", "failed", "invalid_image", "SVG"),
    ("/scan.tiff", "failed", "invalid_image", "TIFF"),
    ("/old.bmp", "failed", "invalid_image", "BMP"),
    ("/paper.pdf", "failed", "invalid_image", "PDF"),
    ("/page.png", "failed", "invalid_image", "HTML"),
    ("/half.png", "failed", "invalid_image", "ends in the middle"),
    ("/empty.png", "failed", "invalid_image", "without any content"),
    ("/25mb.png", "failed", "image_too_large", "26214400 bytes"),
    ("/dot.png", "failed", "image_too_small", "1 x 1"),
    ("/anim.gif", "warning", "media_type_unconfirmed", "GIF"),
    ("/typeless", "warning", "media_type_mismatch", "no Content-Type"),
    ("/zipped.png", "warning", "media_not_checked", "compresses"),
    ("/status/401", "failed", "media_url_unreachable", "401"),
    ("/status/403", "failed", "media_url_unreachable", "403"),
    ("/status/404", "failed", "media_url_unreachable", "404"),
    ("/status/410", "failed", "media_url_unreachable", "410"),
    ("/status/429", "warning", "media_url_temporarily_unavailable", "429"),
    ("/status/500", "warning", "media_url_temporarily_unavailable", "500"),
    ("/status/503", "warning", "media_url_temporarily_unavailable", "503"),
    ("/moved", "warning", "media_url_redirects", "(301) to http://127.0.0.1"),
    ("/moved-gone", "failed", "media_url_unreachable", "/nothing;"),
    ("/login", "failed", "invalid_image", "HTML page"),
    ("/circle", "failed", "media_url_unreachable", "in a circle"),
    ("/metadata", "warning", "media_url_redirects", "169.254.169.254 is private"),
    ("/intranet", "warning", "media_url_redirects", "10.1.2.3 is private"),
    ("/file", "failed", "media_url_unreachable", "without a usable target"),
]


def answers(s, web):
    for path, status, code, says in CASES:
        got = media(s, web.url + path)
        t.equal((got["status"], got["code"]), (status, code), f"{path} is {status}")
        t.ok(says in got["message"], f"{path}: the message says {says}", got["message"])
    t.ok("secret" not in media(s, web.url + "/moved-gone")["message"], "queries of targets are not in the message")


def addresses(s, web):
    before = len(web.seen)
    port = web.url.rsplit(":", 1)[1]
    for url, code, says in [
        ("http://192.168.1.20/a.png", "media_url_private", "192.168.1.20 is private"),
        ("http://[fd00::1]/a.png", "media_url_private", "private"),
        ("http://169.254.169.254/latest/", "media_url_private", "private"),
        ("http://images.invalid/a.png", "media_url_unreachable", "could not be resolved"),
        (f"https://127.0.0.1:{port}/good.png", "media_url_unreachable", "TLS failed"),
        ("http://127.0.0.1:1/a.png", "media_not_checked", "port"),
        ("https://drive.google.com/file/d/1AbC/view?usp=sharing", "media_url_viewer", "Google Drive"),
        ("https://www.dropbox.com/s/x/a.png?dl=0", "media_url_viewer", "Dropbox"),
    ]:
        got = media(s, url)
        t.equal(got["status"], "warning", f"{url} is a warning")
        codes = [f["code"] for f in got["details"]["findings"]]
        t.ok(code in codes and says in got["message"], f"{url}: {code}", got)
    t.equal(len(web.seen), before, "none of them was fetched")
    body = s.pin_body(run_at=at(days=30)) | {"image_url": web.url + "/good.png?X-Amz-Date=" + at(days=0).replace("-", "").replace(":", "") + "&X-Amz-Expires=604800"}
    got = check_of(s.call("POST", "/v1/schedules/validate", body), "media")
    t.equal((got["status"], got["code"]), ("warning", "media_url_expires"), "a signature that ends before run_at is a warning")
    body["run_at"] = at(days=6)
    got = check_of(s.call("POST", "/v1/schedules/validate", body), "media")
    t.equal(got["status"], "passed", "one that lasts is none")


def texts_and_twins(s, web):
    body = s.pin_body(title="Oak &amp; pine", image_url=web.url + "/good.png")
    got = s.call("POST", "/v1/pins/validate", body)
    t.equal((got["valid"], check_of(got, "payload")["code"]), (True, "html_in_text"), "HTML in a title is a warning")
    got = s.call("POST", "/v1/pins/validate", body | {"title": '<a title="a' + "ä" * 40 + '">'})
    t.ok('(<a title="aää' in check_of(got, "payload")["message"], "what is shown of it ends between characters")
    got = s.call("POST", "/v1/pins/validate", body | {"title": "I <3 oak & pine; a < b"})
    t.equal(check_of(got, "payload")["status"], "passed", "signs of text are not HTML")

    def twin(**fields):
        new = s.pin_body(**{"title": "Twin", "image_url": web.url + "/good.png", **fields})
        return check_of(s.call("POST", "/v1/pins/validate", new), "duplicate")

    t.equal(twin()["status"], "passed", "the first of its text has no twin")
    plan = s.pin_body(title="Twin", run_at=at(days=3))
    made = s.call("POST", "/v1/schedules", plan)
    got = twin()
    t.equal((got["status"], got["code"]), ("warning", "duplicate_pin"), "a planned schedule with the same text is a twin")
    t.ok(made["id"] in got["message"] and "another image" in got["message"], "it is named", got)
    again = s.call("POST", "/v1/schedules/validate", plan)
    t.equal(check_of(again, "duplicate")["status"], "passed", "what the same key created is no twin")
    t.equal(twin(title="twin")["status"], "passed", "another case is another text")
    t.equal(twin(link_url="https://example.com/1")["status"], "passed", "so is another link")
    t.equal(twin(board="Image cannot")["status"], "passed", "so is another board")
    s.call("POST", f"/v1/schedules/{made['id']}/cancel")
    t.equal(twin()["status"], "passed", "a canceled schedule is no twin")
    pin = s.call("POST", "/v1/pins", s.pin_body(title="Twin", image_url=web.url + "/good.png"))
    got = twin()
    t.ok(pin["id"] in got["message"] and "already waits" in got["message"] and "the same image" in got["message"], "a waiting pin is a twin", got)
    s.sql("UPDATE pins SET state = 4, due_at = NULL, deadline_at = NULL, published_at = UTC_TIMESTAMP(6) WHERE title = 'Twin'")
    t.ok("already published" in twin()["message"], "so is a published one", twin())


def bounded(s, web):
    """Images that hang: few at once for one project, none for longer than the limit."""
    results, lock = [], threading.Lock()

    def one():
        got = media(s, web.url + "/hangs")
        with lock:
            results.append(got)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in threads:
        t.ok(web.waiting.acquire(timeout=60), "an image hangs")
    got = media(s, web.url + "/good.png")
    t.equal((got["status"], got["code"]), ("skipped", "media_not_checked"), "a third at once is skipped")
    t.ok("nothing was fetched" in got["checked"], "and says that nothing was fetched", got)
    t.equal(s.status_of("/healthz"), 200, "others are answered meanwhile")
    wait_for(lambda: len(results) == 2, 30, "both have ended")
    web.go.set()
    for got in results:
        t.equal((got["status"], got["code"]), ("warning", "media_url_temporarily_unavailable"), "an image that hangs is a warning")
    t.equal(media(s, web.url + "/good.png")["status"], "passed", "then there is room again")


def production(s, web, user):
    """Pinterest itself cannot reach what only this machine may reach."""
    s.settings["production"] = dict(s.settings["sandbox"])
    parts.write_conf(s.conf, s.settings)
    s.restart("app")
    s.wait_for(lambda: s.status_of("/healthz") == 200, 30, "application answers")
    s.account_id = s.connect(user)
    s.boards = s.boards_of(s.account_id)
    got = media(s, web.url + "/good.png")
    t.equal((got["status"], got["code"]), ("warning", "media_url_private"), "in production a private host is a warning, although allowed here")
    t.equal(media(s, web.url + "/status/403")["status"], "failed", "and is still looked at")
    s.settings["outbound"]["check_images"] = "no"
    parts.write_conf(s.conf, s.settings)
    s.restart("app")
    s.wait_for(lambda: s.status_of("/healthz") == 200, 30, "application answers")
    got = media(s, "https://example.com/a.png")
    t.equal((got["status"], "check_images" in got["message"]), ("skipped", True), "an operator may turn it off; then nothing is claimed")
    got = media(s, "http://192.168.1.20/a.png")
    t.equal(got["status"], "warning", "addresses are judged all the same")


def main():
    web = serve()
    overrides = {"outbound": {"allow": "127.0.0.1/32", "image_timeout_ms": min(30000, int(3000 * SLOW))}}
    with Stack(worker=False, overrides=overrides) as s:
        s.register()
        home = s.token
        s.sign_up()
        for part in (looked_at, answers, addresses, texts_and_twins, bounded):
            print("# " + part.__name__, flush=True)
            part(s, web)
        start = s.to_pinterest(s.call("GET", "/v1/pinterest/oauth/start")["authorization_url"])
        user = urllib.parse.parse_qs(urllib.parse.urlsplit(start).query)["sandbox_user"][0]
        print("# production", flush=True)
        s.token, s.key = home, None
        s.key = s.make_key()
        production(s, web, user)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
