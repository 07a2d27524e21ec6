#!/usr/bin/env python3
"""A web page of another origin follows a pin in a real browser, with nothing but a status token; the
browser's own rules decide what it may read. TAP on stdout."""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import browser  # noqa: E402
from harness import Stack, Tap, parts  # noqa: E402

t = Tap()
LONG = 30
PAGE = """<!doctype html><meta charset="utf-8"><p id="state">asking</p><script>
const api = %s, token = %s;
const log = [];
let etag = null;
async function ask() {
  const headers = {Authorization: "Bearer " + token};
  if (etag) headers["If-None-Match"] = etag;
  const answer = await fetch(api + "/v1/status", {headers, cache: "no-store"});
  log.push(answer.status);
  if (answer.status === 200) {
    etag = answer.headers.get("ETag");
    const states = (await answer.json()).items.map(i => i.status + " " + (i.pinterest_pin_id || ""));
    document.getElementById("state").textContent = states.join(", ");
    if (states.every(s => s.startsWith("published") || s.startsWith("done"))) return;
  } else if (answer.status !== 304) {
    document.getElementById("state").textContent = answer.status + " " + (await answer.json()).code;
    return;
  }
  setTimeout(ask, 200);
}
ask().catch(e => document.getElementById("state").textContent = "unreadable: " + e.message);
</script>"""


class Site(BaseHTTPRequestHandler):
    """A shop's own page."""

    def do_GET(self):
        page = (PAGE % (json.dumps(self.server.api), json.dumps(self.server.token))).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *args):
        pass


def site(s):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.api, server.token = s.url, ""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_address[1]}/"
    return server


def follows(s, chromium):
    good, evil = site(s), site(s)
    s.settings["app"]["cors_origins"] = good.url.rstrip("/")
    parts.write_conf(s.conf, s.settings)
    s.restart("app")
    pin = s.call("POST", "/v1/pins", s.pin_body())["id"]
    good.token = evil.token = s.call("POST", "/v1/status-tokens", {"pins": [pin]})["token"]
    page = chromium.profile()
    page.open(good.url)
    page.wait_for_text("published")
    shown = s.call("GET", f"/v1/pins/{pin}")["pinterest_pin_id"]
    t.ok(shown and shown in page.text(), "the page sees the pin go out, and its id at Pinterest", page.text())
    t.ok(page.js("etag !== null") and page.js("log[0]") == 200, "the page may read the ETag", page.js("log"))
    t.equal(page.js(f"fetch(api + '/v1/status', {{headers: {{Authorization: 'Bearer ' + token, 'If-None-Match': etag}}, cache: 'no-store'}}).then(a => a.status)"), 304, "and gets a 304 for it")
    t.equal(page.js(f"fetch(api + '/v1/pins', {{headers: {{Authorization: 'Bearer ' + token}}}}).then(a => a.status)"), 403, "it may read that the token opens nothing else")
    t.equal(page.js(f"fetch(api + '/v1/pins/{pin}', {{method: 'PATCH', headers: {{Authorization: 'Bearer ' + token, 'Content-Type': 'application/json', 'If-Match': etag}}, body: '{{}}'}}).then(a => a.json()).then(p => p.code)"), "forbidden", "nor changes anything")
    t.equal(page.js("fetch(api + '/v1/status').then(a => a.json()).then(p => p.code)"), "unauthorized", "and why it is refused without one")
    other = chromium.profile()
    other.open(evil.url)
    other.wait_for_text("unreadable")
    t.ok("published" not in other.text(), "the page of an origin that is not named reads nothing, though it has the token", other.text())
    good.token = "pst_nothing"
    page.open(good.url)
    page.wait_for_text("401 unauthorized")
    t.ok(True, "the page is told when its token has ended")


def main():
    if why := browser.missing():
        print("1..0 # SKIP " + why)
        return 0
    with Stack() as s:
        s.sign_up()
        with browser.Chromium() as chromium:
            follows(s, chromium)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
