#!/usr/bin/env python3
"""Connecting an account with a real browser: our page, the button, Pinterest's page on another site
where the person presses Allow, and back. The browser's own rules for cookies between sites decide.
TAP on stdout."""

import html
import os
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import browser  # noqa: E402
from harness import Stack, Tap, parts  # noqa: E402

t = Tap()
BUTTON, ALLOW = "button[type=submit]", "#allow"


class Consent(BaseHTTPRequestHandler):
    """Pinterest's page: Allow leads to the simulator, which grants at once."""

    def do_GET(self):
        query = urllib.parse.urlsplit(self.path).query
        page = f'<a id="allow" href="{html.escape(self.server.simulator)}?{html.escape(query)}">Allow</a>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *args):
        pass


def two_sites(s):
    """Pintempo is at 127.0.0.1, Pinterest at localhost: two sites for a browser. Its address."""
    consent = ThreadingHTTPServer(("127.0.0.1", 0), Consent)
    consent.simulator = f"http://localhost:{s.port}/sandbox/oauth"
    threading.Thread(target=consent.serve_forever, daemon=True).start()
    s.settings["sandbox"]["oauth_url"] = s.pinterest = f"http://localhost:{consent.server_address[1]}/oauth"
    parts.write_conf(s.conf, s.settings)
    s.restart("app")


def start(s):
    return s.call("GET", "/v1/pinterest/oauth/start")["authorization_url"]


def accounts(s):
    return s.sql("SELECT HEX(id), token_version FROM pinterest_accounts ORDER BY id")


def elsewhere(body):
    """A page of no site of ours: a mail, or an attacker's page."""
    return "data:text/html," + urllib.parse.quote(body)


def from_start(s, chromium):
    """oauth/start, our page, the button, Pinterest, and back; the Pinterest user is known already."""
    before = accounts(s)
    page = chromium.profile()
    page.open(start(s))
    name = s.call("GET", "/v1/pinterest/accounts")[0]["username"]
    t.equal(page.status(), 200, "our page is shown")
    t.ok("Connect a Pinterest account" in page.text() and "create, change and delete your public Pins" in page.text(), "a person can read what is asked", page.text())
    t.equal(page.errors, [], "nothing of it is refused by the browser")
    t.ok(all(u.startswith((s.url, "data:")) for u in page.asked), "nothing is loaded from elsewhere", page.asked)
    t.ok(page.js("document.cookie") == "", "no script could read a cookie of ours")
    kept = page.cookies()
    t.ok(kept and all(n.startswith("__Host-") and c["secure"] and c["httpOnly"] for n, c in kept.items()), "the browser keeps our cookie, for this host alone", kept)
    page.click_on(BUTTON)
    t.ok(page.url().startswith(s.pinterest), "the button leads to Pinterest, on another site", page.url())
    page.click_on(ALLOW)
    t.ok(page.status() == 200 and f"@{name}" in page.text() and "onnected" in page.text(), "back from there the account is connected", (page.statuses, page.text()))
    t.equal(page.errors, [], "the browser refused nothing on the way")
    after = accounts(s)
    t.ok(len(after) == len(before) and after != before, "its grant is new", (before, after))
    page.open(page.url())
    t.ok(page.status() == 409, "loaded again, the last page connects nothing", page.text())
    t.equal(accounts(s), after, "and changes nothing")


def link_given(s, chromium):
    """A link for a customer, who opens it out of a mail; the same link in another browser."""
    customer, other = chromium.profile(), chromium.profile()
    made = s.call("POST", "/v1/pinterest/connect-links", {"name": "Customer"})
    customer.open(elsewhere(f'<a href="{html.escape(made["url"])}">Connect</a>'))
    customer.click_on("a")
    t.equal(customer.status(), 200, "a link out of a mail opens our page")
    customer.click_on(BUTTON)
    customer.click_on(ALLOW)
    t.ok("onnected" in customer.text() and customer.status() == 200, "and connects", (customer.statuses, customer.text()))
    back = next(u for u in customer.asked if "/oauth/callback" in u)
    before = accounts(s)
    other.open(made["url"])
    t.ok(other.status() == 404 and "Not connected" in other.text(), "a second browser is refused with the used link", other.text())
    t.ok(not other.shown(BUTTON), "and has no button to press")
    other.open(back)
    t.ok(other.status() in (403, 409), "nor does the customer's address back work there", (other.statuses, other.text()))
    t.equal(accounts(s), before, "nothing was connected by it")


def given_away(s, chromium):
    """An attacker's way, carried on by somebody else's browser."""
    attacker, victim = chromium.profile(), chromium.profile()
    before = accounts(s)
    url = start(s)
    attacker.open(url)
    attacker.click_on(BUTTON)
    victim.open(attacker.url())
    victim.click_on(ALLOW)
    t.ok(victim.status() == 403 and "othing was connected" in victim.text(), "Pinterest's address of another browser connects nothing", (victim.statuses, victim.text()))
    victim.open(url)
    form = f'<form method="post" action="{html.escape(url)}"><button>Win</button></form>'
    victim.open(elsewhere(form + "<script>document.forms[0].submit()</script>"))
    victim.wait_for(lambda: victim.url().startswith(s.url), "the form is sent")
    victim.wait_for_text("Nothing was connected")
    t.equal(victim.status(), 403, "a form on another site does not press our button, though our page was shown")
    victim.open(elsewhere(f'<iframe src="{html.escape(url)}"></iframe>'))
    victim.wait_for(lambda: "net::ERR_BLOCKED_BY_RESPONSE" in victim.errors, "the browser refuses the frame")
    t.ok(url in victim.asked, "another site cannot frame our page")
    t.equal(accounts(s), before, "nothing was connected by all that")


def main():
    if why := browser.missing():
        print("1..0 # SKIP " + why)
        return 0
    with Stack(worker=False) as s, browser.Chromium() as chromium:
        s.sign_up()
        two_sites(s)
        for part in (from_start, link_given, given_away):
            print("# " + part.__name__, flush=True)
            part(s, chromium)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
