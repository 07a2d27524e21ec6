#!/usr/bin/env python3
"""The examples of docs/examples as they are shipped: the PHP pages behind Apache with php-fpm, the one that polls
in headless Chromium, shell, Python."""

import glob
import http.cookiejar
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import browser  # noqa: E402
from harness import TOP, Stack, Tap, parts  # noqa: E402

t = Tap()
EXAMPLES = os.path.join(TOP, "docs", "examples")
IMAGE = "/blue-door.png"
SECRET = "whsec_" + "c2l4dGVlbi1vci1tb3JlLWNoYXJhY3RlcnM="
SITE = """ServerRoot {www}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_fcgi_module /usr/lib/apache2/modules/mod_proxy_fcgi.so
{user}PidFile {www}/apache.pid
DefaultRuntimeDir {www}
ErrorLog {www}/apache.log
DocumentRoot {www}
<Directory {www}>
    Require all granted
</Directory>
<FilesMatch "\\.php$">
    SetHandler "proxy:unix:{www}/fpm.sock|fcgi://shop/"
</FilesMatch>
"""
POOL = """[global]
error_log = {www}/fpm.log
daemonize = no
[shop]
{user}listen = {www}/fpm.sock
listen.mode = 0666
pm = static
pm.max_children = 2
catch_workers_output = yes
php_admin_value[session.save_path] = {www}/sessions
php_admin_value[error_log] = {www}/php.log
php_admin_flag[display_errors] = off
"""


def lay_out(www, s, port):
    """The pages, the client that the instance gives away, and settings."""
    for page in glob.glob(os.path.join(EXAMPLES, "php", "*")):
        shutil.copy(page, www)
    status, headers, client = s.request("GET", "/docs/Pintempo.php")
    t.ok(status == 200 and headers["Content-Type"].startswith("text/plain"), "the instance gives its client away", headers)
    with open(os.path.join(www, "Pintempo.php"), "wb") as f:
        f.write(client)
    settings = {"url": s.url, "key": s.key, "account": s.account_id, "board": s.board("Always works")}
    settings.update(secret=SECRET, seen=os.path.join(www, "seen"))
    with open(os.path.join(www, "settings.php"), "w") as f:
        f.write("<?php return json_decode('" + json.dumps(settings) + "', true);")
    for name in ("seen", "sessions"):
        os.mkdir(os.path.join(www, name))
        os.chmod(os.path.join(www, name), 0o777)
    as_root = f"User {parts.WEB_USER}\nGroup {parts.WEB_USER}\n" if os.geteuid() == 0 else ""
    with open(os.path.join(www, "apache.conf"), "w") as f:
        f.write(SITE.format(www=www, port=port, user=as_root))
    user = f"user = {parts.WEB_USER}\ngroup = {parts.WEB_USER}\n" if os.geteuid() == 0 else ""
    with open(os.path.join(www, "fpm.conf"), "w") as f:
        f.write(POOL.format(www=www, user=user))


class Visitor:
    """A browser with cookies."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}/"
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)

    def open(self, path, form=None):
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            with self.opener.open(self.url + path, data, timeout=60) as r:
                return r.status, r.url, r.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.url, e.read().decode()


def soon(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


def answers(port):
    try:
        return Visitor(port).open("index.php")[0] == 200
    except OSError:
        return False


def pages(s, port, www):
    print("# a shop in PHP")
    hook = {"url": f"http://127.0.0.1:{port}/hook.php", "secret": SECRET}
    s.call("POST", "/v1/webhooks", hook)
    visitor = Visitor(port)
    status, _, page = visitor.open("index.php")
    form = re.search(r'name="form" value="(\w+)"', page)
    if not t.ok(status == 200 and form, "the form is shown", page + s.log("fpm")):
        return
    image = s.images.url + IMAGE
    fields = {"form": form[1], "title": "Oak shelf", "image": image, "at": soon(3)}
    status, url, page = visitor.open("index.php", fields)
    t.ok(status == 200 and "?id=" in url and '<b id="status">' in page, "a pin is scheduled", page)
    again = visitor.open("index.php", {**fields})[1]
    t.equal(again, url, "the form sent twice makes one schedule")
    path = url[len(visitor.url) :]
    before = visitor.open(path)[2]
    t.ok("as before" in visitor.open(path)[2] or "as before" in before, "while nothing changes, 304s are enough")

    def published():
        return re.search(r'id="status">(\w+)<', visitor.open(path)[2])[1] == "done"

    s.wait_for(published, 60, "the page says that it is published")
    t.ok(True, "the page follows the schedule to its end")
    seen = os.path.join(www, "seen")
    s.wait_for(lambda: os.listdir(seen), 60, "the webhook")
    with open(os.path.join(seen, os.listdir(seen)[0])) as f:
        noted = f.read().split()
    schedule = s.call("GET", "/v1/schedules/" + path.split("=")[1])
    pin = s.call("GET", "/v1/pins/" + schedule["pin_id"])
    t.equal(noted, ["pin.published", pin["id"], pin["pinterest_pin_id"]], "the webhook is received, and is genuine")
    status, _, text = visitor.open("hook.php", {"type": "pin.published"})
    t.ok(status == 400 and len(os.listdir(seen)) == 1, "what is not signed is refused", text)
    status, _, page = visitor.open("index.php", {**fields, "form": "x", "title": " ", "at": soon(30)})
    t.ok(status == 422 and "body.title: must not be empty" in page, "a wrong field is named", page)
    s.call("PATCH", "/v1/api-keys/" + key_id(s), {"scopes": ["read"]}, auth=s.token)
    status, _, page = visitor.open("index.php", {**fields, "form": "y", "at": soon(30)})
    t.ok(status == 422 and "403 insufficient_scope" in page, "so is a key that may not", page)
    s.call("PATCH", "/v1/api-keys/" + key_id(s), {"scopes": ["read", "write", "destructive"]}, auth=s.token)


def follows(s, port):
    print("# a page in a browser")
    if browser.missing():
        t.skip("a page that polls with a status token", browser.missing())
        return
    if "/v1/status-tokens" not in s.call("GET", "/openapi.json", auth=False)["paths"]:
        t.skip("a page that polls with a status token", "no status tokens")
        return
    body = s.pin_body(run_at=soon(8))
    schedule = s.call("POST", "/v1/schedules", body)
    with browser.Chromium() as chromium:
        page = chromium.profile()
        page.open(f"http://127.0.0.1:{port}/status.php?id={schedule['id']}")
        page.wait_for_text("It is scheduled", 60)
        t.ok(True, "the page of another origin reads the state with its token")
        page.wait_for_text("It is done", 90)
        t.ok(page.js("document.body.dataset.same") is not None, "while nothing changed it got 304s, and then the end")
        html = page.js("document.documentElement.outerHTML")
        t.ok(s.key not in html and "pb_" not in html, "no key is in the page", html)


def key_id(s):
    return s.call("GET", "/v1/api-keys", auth=s.token)[0]["id"]


def programs(s):
    env = {**os.environ, "PINTEMPO_URL": s.url, "PINTEMPO_API_KEY": s.key, "PINTEMPO_ACCOUNT_ID": s.account_id}
    env["PINTEMPO_BOARD_ID"] = s.board("Always works")
    for name in ("schedule.sh", "schedule.py"):
        print("#", name)
        if name.endswith(".sh") and not shutil.which("jq"):
            t.skip(name, "no jq")
            continue
        words = [os.path.join(EXAMPLES, name), "By " + name, s.images.url + IMAGE]
        began = time.monotonic()
        done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=120)
        lines = [line.split()[0] for line in done.stdout.splitlines()]
        t.ok(done.returncode == 0 and lines and lines[-1] == "done", f"{name} waits for its pin", done)
        t.ok(len(lines) == len(set(lines)) and time.monotonic() - began > 8, f"{name} prints what has changed only", lines)
        words[1] = " "
        done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60)
        t.ok(done.returncode == 1 and "must not be empty" in done.stderr, f"{name} says what is wrong", done)


def main():
    fpm = sorted(glob.glob("/usr/sbin/php-fpm*"))
    if not fpm:
        print("1..0 # SKIP no php-fpm")
        return 77
    www = tempfile.mkdtemp(prefix="ptt-php-", dir="/tmp")
    os.chmod(www, 0o755)
    port = parts.free_port()
    try:
        # ports come with the stack: it may call all of this machine
        allow = {"outbound": {"allow": "127.0.0.1/32"}, "app": {"cors_origins": f"http://127.0.0.1:{port}"}}
        with Stack(overrides=allow) as s:
            s.sign_up()
            lay_out(www, s, port)
            s.add("fpm", [fpm[-1], "-R", "-y", os.path.join(www, "fpm.conf")])
            s.start("fpm")
            s.add("apache", [parts.find("apache2"), "-D", "FOREGROUND", "-f", os.path.join(www, "apache.conf")])
            s.start("apache")
            s.wait_for(lambda: answers(port), 20, "Apache and php-fpm answer")
            pages(s, port, www)
            follows(s, port)
            programs(s)
    finally:
        shutil.rmtree(www)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
