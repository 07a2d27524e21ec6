"""A real browser for tests: headless Chromium, driven over the pipe of its own debugging protocol (no
port, no library). Each profile has cookies of its own, as another person's browser.

    with Chromium() as chromium:
        page = chromium.profile()
        page.open(url)
        page.click("button[type=submit]")
        page.wait_for_text("Connected")

Environment: PINTEMPO_CHROMIUM  the program (default: chromium)
             PINTEMPO_SLOW      factor for every time limit, as in harness.py
"""

import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

from harness import SLOW, wait_for

PROGRAM = os.environ.get("PINTEMPO_CHROMIUM", "chromium")
ANSWER_S = 30
# What asks the network for something of its own, or needs what a bare machine lacks.
FLAGS = """--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --no-proxy-server
    --disable-background-networking --disable-component-update --disable-sync --disable-default-apps
    --disable-extensions
    --disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,LocalNetworkAccessChecks
    --password-store=basic --use-mock-keychain --remote-debugging-pipe""".split()


def missing():
    """Why there is no browser here, or None."""
    return None if shutil.which(PROGRAM) else f"no {PROGRAM}"


class Gone(Exception):
    """What was asked of a document that has been left meanwhile."""


class Chromium:
    """One process, many profiles."""

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="ptt-chromium-")
        to_browser, self.write_fd = os.pipe()
        self.read_fd, from_browser = os.pipe()
        with open(os.path.join(self.dir, "log"), "wb") as log:
            # The protocol wants its ends at 3 and 4, which may be taken here: the shell moves them.
            self.process = subprocess.Popen(
                ["/bin/bash", "-c", f'exec "$@" 3<&{to_browser} 4>&{from_browser}', "chromium", PROGRAM]
                + [*FLAGS, f"--user-data-dir={self.dir}/profile", "about:blank"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(to_browser, from_browser),
                start_new_session=True,
                env={**os.environ, "HOME": self.dir},
            )
        os.close(to_browser)
        os.close(from_browser)
        self.last_id, self.rest, self.answers, self.listeners = 0, b"", {}, {}
        try:
            self.call("Browser.getVersion")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        os.close(self.write_fd)  # it ends by itself then, but need not
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.read_fd)
        shutil.rmtree(self.dir, ignore_errors=True)

    def profile(self):
        """A page in a browser that has seen nothing yet."""
        return Page(self, self.call("Target.createBrowserContext")["browserContextId"])

    def call(self, method, session=None, **params):
        """Asks the browser, and returns its answer."""
        self.last_id += 1
        ask = {"id": self.last_id, "method": method, "params": params}
        text = json.dumps({**ask, "sessionId": session} if session else ask).encode() + b"\0"
        while text:
            text = text[os.write(self.write_fd, text) :]
        end = time.monotonic() + ANSWER_S * SLOW
        while ask["id"] not in self.answers:
            self.read(end, method)
        got = self.answers.pop(ask["id"])
        if "error" in got:
            why = got["error"]["message"]
            left = ("navigated or closed", "context was destroyed", "Cannot find context", "No node with given id")
            raise (Gone if any(w in why for w in left) else AssertionError)(f"{method}: {why}")
        return got["result"]

    def read(self, end, what):
        """Takes what the browser says next; waits until `end`."""
        ready, _, _ = select.select([self.read_fd], [], [], max(0, end - time.monotonic()))
        more = os.read(self.read_fd, 1 << 16) if ready else b""
        if not more:
            with open(os.path.join(self.dir, "log"), errors="replace") as log:
                raise AssertionError(f"{what}: the browser does not answer: {log.read()[-2000:]}")
        *whole, self.rest = (self.rest + more).split(b"\0")
        for text in whole:
            said = json.loads(text)
            if "id" in said:
                self.answers[said["id"]] = said
            elif said.get("sessionId") in self.listeners:
                self.listeners[said["sessionId"]](said["method"], said["params"])


class Page:
    """One page of one profile."""

    def __init__(self, chromium, context):
        self.chromium, self.context = chromium, context
        target = chromium.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        self.session = chromium.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.errors = []  # of scripts, of the console, and what the browser refused to load
        self.statuses = []  # of each document that was shown or led on: (status, URL)
        self.asked = []  # URL of each request, of documents and of all they load
        chromium.listeners[self.session] = self.take_event
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")

    def call(self, method, **params):
        return self.chromium.call(method, self.session, **params)

    def take_event(self, method, p):
        if method == "Runtime.exceptionThrown":
            self.errors.append(p["exceptionDetails"].get("exception", {}).get("description") or p["exceptionDetails"]["text"])
        elif method == "Runtime.consoleAPICalled" and p["type"] in ("error", "assert"):
            self.errors.append(" ".join(str(a.get("value", a.get("description"))) for a in p["args"]))
        elif method == "Log.entryAdded" and p["entry"]["level"] == "error":
            self.errors.append(p["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.asked.append(p["request"]["url"])
            if "redirectResponse" in p and p.get("type") == "Document":
                self.statuses.append((p["redirectResponse"]["status"], p["redirectResponse"]["url"]))
        elif method == "Network.responseReceived" and p.get("type") == "Document":
            self.statuses.append((p["response"]["status"], p["response"]["url"]))
        elif method == "Network.loadingFailed" and not p.get("canceled"):
            self.errors.append(p["errorText"])

    def open(self, url):
        """As if a person typed the address; returns when a document is there: this, or where it leads."""
        before = self.loader()
        got = self.call("Page.navigate", url=url)
        if got.get("errorText"):
            raise AssertionError(f"{url}: {got['errorText']}")
        if "loaderId" in got:
            self.wait_for(lambda: self.loader() != before, f"{url} is open")
        self.wait_for(lambda: self.js("document.readyState") == "complete", f"{url} is loaded")

    def loader(self):
        return self.call("Page.getFrameTree")["frameTree"]["frame"]["loaderId"]

    def js(self, text):
        """The value of an expression in the page; a promise is awaited."""
        got = self.call("Runtime.evaluate", expression=text, returnByValue=True, awaitPromise=True, userGesture=True)
        if "exceptionDetails" in got:
            raise AssertionError(f"{text}: {got['exceptionDetails'].get('exception', {}).get('description')}")
        return got["result"].get("value")

    def find(self, css):
        """Expression for the first element that is shown: for js()."""
        return f"[...document.querySelectorAll({json.dumps(css)})].find(e => e.getClientRects().length)"

    def shown(self, css):
        return self.js(f"!!{self.find(css)}")

    def text(self):
        """What a person reads."""
        return self.js("document.body ? document.body.innerText : ''")

    def url(self):
        return self.js("location.href")

    def status(self):
        """HTTP status of the document that is shown."""
        return self.statuses[-1][0] if self.statuses else None

    def wait_for(self, state, what, seconds=20):
        def now():
            try:
                self.chromium.call("Browser.getVersion")  # events until now are taken with it
                return state()
            except Gone:
                return None

        try:
            return wait_for(now, seconds, what)
        except AssertionError as e:
            raise AssertionError(f"{e}\nat {self.url()}: {self.text()[:2000]}\n{self.errors}") from None

    def wait_for_text(self, words, seconds=20):
        self.wait_for(lambda: words in self.text(), f"the page says {words!r}", seconds)

    def click(self, css):
        """Presses the mouse in the middle of the element, once it is shown; what lies above it gets
        the click, as a person's would."""
        self.wait_for(lambda: self.shown(css), f"{css} is shown")
        box = self.js(f"(e => (e.scrollIntoView({{block: 'center', behavior: 'instant'}}), (b => [b.x + b.width / 2, b.y + b.height / 2])(e.getBoundingClientRect())))({self.find(css)})")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def click_on(self, css):
        """click(), and waits for the next document."""
        before = self.loader()
        self.click(css)
        self.wait_for(lambda: self.loader() != before and self.js("document.readyState") == "complete", f"{css} leads on")

    def fill(self, css, text):
        """Types into a field instead of what it holds."""
        self.click(css)
        self.js(f"{self.find(css)}.select?.()")
        self.call("Input.insertText", text=text)

    def press(self, key):
        """A key by its name: "Enter", "Tab", "Escape"."""
        code = {"Enter": 13, "Tab": 9, "Escape": 27}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **(text if kind == "keyDown" else {}))

    def cookies(self):
        """All cookies of this profile: name -> cookie."""
        got = self.chromium.call("Storage.getCookies", browserContextId=self.context)["cookies"]
        return {c["name"]: c for c in got}
