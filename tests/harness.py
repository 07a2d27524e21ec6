"""A whole Pintempo on 127.0.0.1 for one test: database, web server, application, simulator, worker,
webhook sink, image server. Kernel-chosen ports, its own temporary directory, nothing left behind.

    with Stack(server="apache", overrides={"worker": {"poll_ms": 50}}) as s:
        s.sign_up()                       # account, sandbox project, API key: s.key
        status, headers, body = s.api("GET", "/v1/pins")

Environment: PINTEMPO_BUILD    build directory (default build/ of the source tree)
             PINTEMPO_TEST_SOCKET  a running MariaDB where databases may be made (else a private one)
             PINTEMPO_SLOW    factor for every time limit (instrumented builds)
             PINTEMPO_DESCRIBED  0: do not hold answers against /openapi.json
             PINTEMPO_KEEP     keep the temporary directory
"""

import atexit
import base64
import collections
import ctypes
import hmac
import http.client
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.join(TOP, "etc", "quickstart"))
sys.path.insert(0, os.path.join(TOP, "tests"))

import described  # noqa: E402
import parts  # noqa: E402
from receiver import verify  # noqa: E402, F401  (tests check signatures with it)

IMAGES = os.path.join(TOP, "etc", "sample", "images")
SLOW = float(os.environ.get("PINTEMPO_SLOW", "1"))
POLL_S = 0.02
START_S = 30
STOP_S = 40

Delivery = collections.namedtuple("Delivery", "path headers body at")


def wait_for(state, seconds, what="state"):
    """Returns the first true value of state(), called repeatedly; AssertionError after `seconds`."""
    end = time.monotonic() + seconds * SLOW
    while True:
        value = state()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not reached in {seconds} s")
        time.sleep(POLL_S)


class Sink(ThreadingHTTPServer):
    """Records every POST; `answer(delivery)` returns (status, headers) and may block."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), SinkHandler)
        self.got = []
        self.lock = threading.Lock()
        self.answer = lambda delivery: (204, {})
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def events(self, path=None):
        """Bodies that arrived (on `path`), parsed, in order of arrival."""
        with self.lock:
            return [json.loads(d.body) for d in self.got if path in (None, d.path)]

    def handle_error(self, request, client_address):
        pass  # some tests make the client leave early


class SinkHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        delivery = Delivery(self.path, self.headers, body, time.time())
        with self.server.lock:
            self.server.got.append(delivery)
        status, headers = self.server.answer(delivery)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    # The image server: /NAME.png from the samples, /text.png is not an image, /broken.png is cut
    # off, everything else is 404.
    def do_GET(self):
        name = urllib.parse.urlsplit(self.path).path.lstrip("/")
        path = os.path.join(IMAGES, os.path.basename(name))
        status, kind, data = 404, "text/plain", b"no such image\n"
        if name == "text.png":
            status, data = 200, b"this is no image\n"
        elif name == "broken.png":
            status, kind, data = 200, "image/png", b"\x89PNG\r\n\x1a\n\0\0"
        elif os.path.isfile(path):
            with open(path, "rb") as f:
                status, kind, data = 200, "image/png", f.read()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    do_HEAD = do_GET

    def log_message(self, *args):
        pass


class Program:
    """One process with its log; `listen` is a listening socket passed to it as standard input."""

    def __init__(self, name, command, log, listen=None, own_log=None):
        self.name, self.command, self.log, self.listen = name, command, log, listen
        self.own_log = own_log  # the file that the program writes itself
        self.env = {}  # added to the environment
        self.process = None

    def start(self):
        libc = ctypes.CDLL(None)

        def die_with_us():
            libc.prctl(1, signal.SIGKILL)

        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=self.listen or subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **self.env},
                # the kernel ties this to the calling thread, so only the main thread may ask for it
                preexec_fn=die_with_us
                if threading.current_thread() is threading.main_thread()
                else None,
            )

    def running(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        if self.running():
            self.process.send_signal(number)

    def wait(self, seconds=STOP_S):
        if self.process is not None:
            try:
                return self.process.wait(seconds * SLOW)
            except subprocess.TimeoutExpired:
                raise AssertionError(f"{self.name} did not end in {seconds} s") from None

    def stop(self, seconds=STOP_S):
        self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def kill9(self):
        self.end_group()
        self.wait()

    def end_group(self):
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def text(self):
        text = ""
        for path in (self.log, self.own_log):
            if path and os.path.exists(path):
                with open(path, errors="replace") as f:
                    text += f.read()
        return text


class Stack:
    def __init__(
        self,
        server="lighttpd",
        worker=True,
        sandbox=True,
        overrides=None,
        own_database=False,
        build=None,
        wrap=None,
        web_extra="",
        clock=None,
    ):
        """overrides: {section: {key: value}} of the configuration. own_database: a private server
        that may be killed. wrap: {program name: [words put before its command]}. web_extra:
        lines appended to the web server's configuration. clock: a SimulatedClock for all
        programs."""
        self.server, self.with_worker, self.with_sandbox = server, worker, sandbox
        self.web_extra = web_extra
        self.overrides, self.own_database, self.wrap = overrides or {}, own_database, wrap or {}
        self.build = build or os.environ.get("PINTEMPO_BUILD") or os.path.join(TOP, "build")
        self.clock = clock
        self.description, self.undescribed = described.load(self.build), {}
        self.programs = {}
        self.token = self.key = self.account_id = self.boards = self.email = self.password = None
        self.admin_token = secrets.token_hex(16)
        self.cookies = []  # "name=value" of the last connections, as a browser keeps them

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="ptt-", dir="/tmp")
        os.chmod(self.dir, 0o755)
        if self.clock:
            self.clock.begin(self.dir)
        atexit.register(self.close)
        try:
            self.start_all()
        except BaseException:
            self.show_logs()
            self.close()
            raise
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None and not issubclass(kind, (SystemExit, KeyboardInterrupt)):
            self.show_logs()
        self.end_programs()
        reports = self.sanitizer_reports()
        self.close()
        if reports:
            raise AssertionError("a sanitizer complained:\n" + reports)
        if self.undescribed and kind is None:
            raise AssertionError("not as app/api/*.api describe it:\n" + "\n".join(self.undescribed))

    def sanitizer_reports(self):
        """Sanitizer output in the logs of an instrumented build, from the first report on."""
        found = ""
        for name, program in self.programs.items():
            text = program.text()
            if m := re.search(r"^.*(Sanitizer:|runtime error:).*$", text, re.M):
                found += f"{name}: {text[m.start() : m.start() + 4000]}\n"
        return found

    def end_programs(self):
        for program in self.programs.values():
            if program.name != "database":
                program.signal(signal.SIGTERM)
        for program in reversed(list(self.programs.values())):
            try:
                if program.name != "database":
                    program.wait(10)
            except AssertionError:
                pass
            program.end_group()
            if program.process is not None:
                program.process.wait()

    def close(self):
        atexit.unregister(self.close)
        self.end_programs()
        if not self.private_database and self.database:
            drop = [f"DROP DATABASE IF EXISTS `{self.database}{end}`" for end in ("", "_sandbox")]
            drop += [f"DROP USER IF EXISTS `{self.database}_{p}`@localhost" for p in parts.PROGRAMS]
            self.sql(";".join(drop), None, check=False)
        if not os.environ.get("PINTEMPO_KEEP"):
            shutil.rmtree(self.dir, ignore_errors=True)

    database, private_database, db_user = None, True, "root"

    def start_all(self):
        self.log_dir = self.path("log")
        os.mkdir(self.log_dir, 0o777)
        os.chmod(self.log_dir, 0o777)
        self.sink, self.images = Sink(), Sink()
        self.sink_url = self.sink.url + "/hook"
        self.image_base = self.images.url
        self.image_url = self.images.url + "/spring-table.png"
        self.start_database()
        self.take_port()
        self.configure()
        self.operator("init")
        self.start_web()
        if self.with_sandbox:
            self.start_sandbox()
        if self.server != "apache-fcgid":
            self.add("app", [self.exe("pintempo.fcgi"), "--config", self.conf], self.listener("app"))
            self.start("app")
        self.wait_for(lambda: self.status_of("/healthz") == 200, START_S, "application answers")
        self.add("worker", [self.exe("pintempo-worker"), "--config", self.conf])
        if self.with_worker:
            self.start("worker")
            self.wait_for(lambda: self.status_of("/readyz?worker=1") == 200, START_S, "system is ready")

    def take_port(self):
        """Reserves a port for the web server: a bound socket that does not listen keeps the kernel
        from giving the port to anything else."""
        self.port_kept = socket.socket()
        self.port_kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.port_kept.bind(("127.0.0.1", 0))
        self.port = self.port_kept.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start_database(self):
        self.db_socket = os.environ.get("PINTEMPO_TEST_SOCKET")
        # Apache's user could not enter a folder that another user created for a shared server.
        other_user = self.server == "apache-fcgid" and os.geteuid() == 0
        self.private_database = self.own_database or other_user or not self.db_socket
        self.db_user = parts.user() if self.private_database else "root"
        if self.private_database:
            data, self.db_socket = self.path("data"), self.path("db.sock")
            install = parts.mariadb_install(data)
            with open(os.path.join(self.log_dir, "install.log"), "w") as log:
                subprocess.run(install, check=True, stdout=log, stderr=log)
            log = os.path.join(self.log_dir, "database.log")
            run = parts.mariadb_run(data, self.db_socket, log)
            self.add("database", run, own_log=log)
            self.start("database")
        self.wait_for(lambda: self.sql("SELECT 1", None, check=False), START_S, "database answers")
        self.database = f"pt_{os.getpid()}_{secrets.token_hex(4)}"

    def configure(self):
        allow = [urllib.parse.urlsplit(u).port for u in (self.sink.url, self.images.url)]
        self.settings = parts.sections(
            self.dir, self.dir, self.port, self.database, self.db_socket, allow
        )
        self.settings["database"]["user"] = self.db_user
        for section, keys in self.overrides.items():
            self.settings.setdefault(section, {}).update(keys)
        parts.write(self.path("sandbox-secret"), "sandbox-secret\n")
        parts.write(self.path("admin-token"), self.admin_token + "\n")
        self.conf = self.path("pintempo.conf")
        parts.write_conf(self.conf, self.settings)

    def start_web(self):
        wrapper = ""
        if self.server == "apache-fcgid":
            wrapper = f"{self.fcgid_program()} --config {self.fcgid_conf()}"
        log = os.path.join(self.log_dir, "web.log")
        command = parts.web_server(self.server, self.dir, self.log_dir, self.port, wrapper, self.web_extra)
        self.add("web", command, own_log=log)
        self.start("web")

    # mod_fcgid runs the application as Apache's user, one request at a time in each process.
    def fcgid_program(self):
        return shutil.copy(self.exe("pintempo.fcgi"), self.path("pintempo.fcgi"))

    def fcgid_conf(self):
        settings = {name: dict(keys) for name, keys in self.settings.items()}
        settings["app"]["threads"] = 1
        conf = self.path("fcgid.conf")
        os.makedirs(self.path("fcgid"), exist_ok=True)
        if os.geteuid() == 0:
            owner = pwd.getpwnam(parts.WEB_USER)
            os.chown(self.path("fcgid"), owner.pw_uid, owner.pw_gid)
            for keys in settings.values():
                for name in [k for k in keys if k.endswith("_file") and k != "host_id_file"]:
                    copy = shutil.copy(keys[name], self.path("web-" + os.path.basename(keys[name])))
                    os.chown(copy, owner.pw_uid, owner.pw_gid)
                    os.chmod(copy, 0o600)
                    keys[name] = copy
        parts.write_conf(conf, settings, 0o644)
        return conf

    def start_sandbox(self):
        command = [self.exe("pintempo-sandbox.fcgi"), "--config", self.conf]
        command += ["--admin-token-file", self.path("admin-token")]
        self.add("sandbox", command, self.listener("sandbox"))
        self.start("sandbox")

    def listener(self, name):
        """The listening socket is created here, as systemd would: restarts refuse no connection."""
        s = socket.socket(socket.AF_UNIX)
        s.bind(self.path(name + ".sock"))
        s.listen(1024)
        parts.open_to_web(self.path(name + ".sock"))
        return s

    def path(self, name):
        return os.path.join(self.dir, name)

    def exe(self, name):
        return os.path.join(self.build, name)

    def add(self, name, command, listen=None, own_log=None):
        log = os.path.join(self.log_dir, name + ".out")
        command = [*self.wrap.get(name, []), *command]
        self.programs[name] = Program(name, command, log, listen, own_log)
        if self.clock:
            self.programs[name].env.update(self.clock.env(name))

    def start(self, name):
        self.programs[name].start()

    def stop(self, name):
        """Sends SIGTERM; the exit status."""
        return self.programs[name].stop()

    def kill9(self, name):
        self.programs[name].kill9()

    def restart(self, name):
        status = self.stop(name)
        self.start(name)
        return status

    def pid(self, name):
        return self.programs[name].process.pid

    def log(self, name):
        return self.programs[name].text()

    def show_logs(self, lines=40):
        for name, program in self.programs.items():
            for line in program.text().splitlines()[-lines:]:
                print(f"# {name}: {line}", file=sys.stderr)

    def operator(self, *words, check=True, timeout=120):
        """Runs the operator's command."""
        command = [self.exe("pintempo"), "-c", self.conf, *words]
        env = {**os.environ, **(self.clock.env("operator") if self.clock else {})}
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=env)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(words)}: {done.stdout}{done.stderr}")
        return done

    def request(self, method, path, body=None, headers=None, timeout=60):
        """One request on a new connection: (status, headers, raw body)."""
        headers = dict(headers or {})
        if path.startswith("/v1/pinterest/oauth/callback"):
            headers.setdefault("Cookie", "; ".join(self.cookies))
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            c.request(method, path, body, headers)
            r = c.getresponse()
            raw = r.read()
        finally:
            c.close()
        self.describe(method, path, body, r.status, r.headers, raw)
        return r.status, r.headers, raw

    def describe(self, method, path, body, status, headers, raw):
        """Notes what /openapi.json does not say of this answer; the end of the test tells it."""
        if self.description is None:
            return
        try:
            sent = json.loads(body) if body else None
        except (TypeError, ValueError):
            sent = None
        for fault in self.description.faults(method, path, sent, status, headers, raw):
            self.undescribed[fault] = True

    def api(self, method, path, body=None, headers=None, auth=True):
        """JSON in, JSON out: (status, headers, value). auth: True sends the API key if there is
        one, else the session; a string is sent as bearer token; False sends nothing."""
        head = {"Accept": "application/json"}
        if auth is True and self.key:
            head["X-API-Key"] = self.key
        elif auth and (auth is not True or self.token):
            head["Authorization"] = "Bearer " + (self.token if auth is True else auth)
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            head["Content-Type"] = "application/json"
        head.update(headers or {})
        status, got, raw = self.request(method, path, body, head)
        try:
            return status, got, json.loads(raw) if raw else None
        except ValueError:
            if status >= 400 and not path.startswith("/sandbox/"):
                raise AssertionError(f"{method} {path}: {status}, no JSON: {raw[:500]}") from None
            return status, got, raw

    def call(self, method, path, body=None, **more):
        """Like api(), but must succeed; returns the value."""
        status, _, value = self.api(method, path, body, **more)
        if status >= 300:
            raise AssertionError(f"{method} {path}: {status} {value}")
        return value

    def soon(self, path, make):
        """POSTs what make() returns, whose times are slightly ahead; returns the value. On a busy
        machine a time may pass before the request is handled: then make() is called again."""
        for _ in range(50):
            status, _, value = self.api("POST", path, make())
            errors = value["error"].get("errors", []) if status == 422 else []
            if not errors or any(not e["msg"].startswith("must be in the future") for e in errors):
                break
        if status >= 300:
            raise AssertionError(f"POST {path}: {status} {value}")
        return value

    def sent_in_time(self, pin):
        """Whether the pin was tried before its window ended; a busy machine may not manage that."""
        get = lambda: self.call("GET", "/v1/pins/" + pin)  # noqa: E731
        tried = lambda: (p := get())["attempt_count"] > 0 or p["status"] == "failed"  # noqa: E731
        self.wait_for(tried, 60, "the pin is tried")
        return get()["attempt_count"] > 0

    def status_of(self, path):
        try:
            return self.request("GET", path)[0]
        except (OSError, http.client.HTTPException):
            return 0

    def wait_for(self, state, seconds, what="state"):
        for name, program in self.programs.items():
            if program.process is not None and program.process.poll() not in (None, 0):
                raise AssertionError(f"{name} ended with {program.process.returncode}")
        return wait_for(state, seconds, what)

    def register(self, email=None):
        self.email = email or f"t-{secrets.token_hex(6)}@example.com"
        self.password = secrets.token_urlsafe(16)
        body = {"full_name": "A Test", "email": self.email, "password": self.password}
        made = self.call("POST", "/v1/auth/register", body, auth=False)
        self.token = made["access_token"]
        return made

    def sandbox(self):
        """Switches to the sandbox project: its ready account, and its boards by name."""
        self.call("POST", "/v1/projects/sandbox", {}, auth=self.token)
        listing = self.call("GET", "/v1/projects", auth=self.token)
        project = [p for p in listing["projects"] if p["environment"] == "sandbox"][0]
        switched = self.call(
            "POST", "/v1/projects/switch", {"project_id": project["id"]}, auth=self.token
        )
        self.token = switched["access_token"]
        self.project_id = project["id"]
        self.account_id = self.call("GET", "/v1/pinterest/accounts", auth=self.token)[0]["id"]
        boards = self.call(
            "GET", f"/v1/pinterest/boards?account_id={self.account_id}", auth=self.token
        )
        self.boards = {b["name"]: b["id"] for b in boards}
        return project

    def make_key(self, **fields):
        body = {"name": "test", **fields}
        self.key = self.call("POST", "/v1/api-keys", body, auth=self.token)["api_key"]
        return self.key

    def sign_up(self):
        """register, sandbox, make_key."""
        self.register()
        self.sandbox()
        return self.make_key()

    def to_pinterest(self, start):
        """What a browser does with an authorization_url or connect link: it opens our page and
        continues; returns Pinterest's address. request() then brings the cookie back."""
        path = start[len(self.url) :]
        page = self.request("GET", path)
        shown = (page[1]["Set-Cookie"] or "").split(";")[0]
        form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": shown}
        went = self.request("POST", path, headers=form)
        if went[0] not in (302, 303):
            raise AssertionError(f"connect: {page[0]} {went[0]} {went[2][:500]}")
        self.cookies = self.cookies[-19:] + [went[1]["Set-Cookie"].split(";")[0]]
        return went[1]["Location"]

    def connect(self, sandbox_user=None, auth=True, before_back=lambda: None):
        """Connects or reconnects the simulator's user of that name as a browser would: the
        account's id. None: the sandbox's default user. before_back is called before the browser
        returns to Pintempo."""
        start = self.call("GET", "/v1/pinterest/oauth/start", auth=auth)["authorization_url"]
        back = self.authorize(self.to_pinterest(start), sandbox_user)
        if not back.startswith(self.url + "/"):
            raise AssertionError(f"authorize: {back}")
        before_back()
        return self.call("GET", back[len(self.url) :], auth=False)["account_id"]

    def authorize(self, url, sandbox_user=None):
        """Where the simulator's authorization page sends the browser. With a name the admin door
        is used: for the Pinterest user of that name, and to any address."""
        url = urllib.parse.urlsplit(url)
        query = dict(urllib.parse.parse_qsl(url.query))
        query.update({"sandbox_user": sandbox_user} if sandbox_user else {})
        head = {"X-Sandbox-Admin": self.admin_token} if sandbox_user else {}
        page = self.request("GET", url.path + "?" + urllib.parse.urlencode(query), headers=head)
        if page[0] not in (302, 303):
            raise AssertionError(f"authorize: {page[0]} {page[2]}")
        return page[1]["Location"]

    def sandbox_user(self):
        """The name of the sandbox project's own Pinterest user, as the simulator knows it."""
        project = uuid.UUID(self.project_id).bytes
        name = hmac.new(b"sandbox_user", project, "sha256").digest()
        return base64.urlsafe_b64encode(name).decode()[:22]

    def pinterest_token(self, scope="boards:read,boards:write,pins:read,pins:write"):
        """A token of the sandbox's Pinterest user that Pintempo knows nothing of, for what the
        user does at Pinterest."""
        back = "http://127.0.0.1/back"
        query = {"client_id": "sandbox", "redirect_uri": back, "response_type": "code", "scope": scope}
        url = "/sandbox/oauth/?" + urllib.parse.urlencode(query)
        where = urllib.parse.urlsplit(self.authorize(url, self.sandbox_user()))
        code = dict(urllib.parse.parse_qsl(where.query))["code"]
        form = {"grant_type": "authorization_code", "redirect_uri": back, "code": code}
        basic = base64.b64encode(b"sandbox:sandbox-secret").decode()
        head = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Basic " + basic}
        path = "/sandbox/v5/oauth/token"
        return json.loads(self.request("POST", path, urllib.parse.urlencode(form), head)[2])["access_token"]

    def boards_of(self, account_id, auth=True):
        """Boards of the account: name -> id."""
        listed = self.call("GET", f"/v1/pinterest/boards?account_id={account_id}", auth=auth)
        return {b["name"]: b["id"] for b in listed}

    def board(self, words):
        """Id of the sandbox board whose name starts with these words."""
        found = [i for n, i in self.boards.items() if n.lower().startswith(words.lower())]
        if len(found) != 1:
            raise AssertionError(f"{words!r} matches {len(found)} of {sorted(self.boards)}")
        return found[0]

    def pin_body(self, board="Always works", **fields):
        return {
            "account_id": self.account_id,
            "board_id": self.board(board),
            "title": "A pin",
            "image_url": self.image_url,
            "idempotency_key": secrets.token_hex(8),
            **fields,
        }

    def webhook(self, path="/hook", secret="sixteen-or-more-characters", **fields):
        body = {"url": self.sink.url + path, "secret": secret, **fields}
        return self.call("POST", "/v1/webhooks", body)

    def admin(self, name, body=None):
        """The simulator's interface for tests: admin("creates"), admin("arm", {...})."""
        token = {"X-Sandbox-Admin": self.admin_token}
        method = "GET" if body is None else "POST"
        return self.call(method, "/sandbox/admin/" + name, body, auth=False, headers=token)

    def sql(self, text, database=True, check=True, timeout=120):
        """Rows of a script's result as lists of strings; NULL is None. A single statement that
        MariaDB rolled back because of a deadlock is repeated."""
        command = ["mariadb", "--no-defaults", f"--socket={self.db_socket}", f"--user={self.db_user}"]
        command += ["-N", "-B", "--default-character-set=utf8mb4", "-e", text]
        if database:
            command.append(self.database if database is True else database)
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            if check:
                raise
            return None
        if "ERROR 1213 " in done.stderr and ";" not in text:
            return self.sql(text, database, check, timeout)
        if done.returncode != 0:
            if check:
                raise AssertionError(f"SQL: {done.stderr.strip()}: {text[:200]}")
            return None
        return [
            [None if v == "NULL" else v for v in re.split("\t", line)]
            for line in done.stdout.splitlines()
        ]


class Session:
    """A database session that stays open between statements."""

    def __init__(self, s):
        command = ["mariadb", "--no-defaults", f"--socket={s.db_socket}", f"--user={s.db_user}", "-N", "-B", "-n"]
        self.process = subprocess.Popen(
            [*command, s.database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, text):
        """Runs the statement to its end and returns the printed lines."""
        self.process.stdin.write(text + "; SELECT 'done';\n")
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline()) != "done\n":
            if not line:
                raise AssertionError("the session has ended: " + text[:200])
            lines.append(line[:-1])
        return lines

    def close(self):
        self.process.stdin.close()
        self.process.wait(STOP_S * SLOW)


class Tap:
    """Writes TAP; for test programs in Python."""

    def __init__(self):
        self.n = self.failed = 0

    def ok(self, good, name, detail=""):
        self.n += 1
        self.failed += not good
        print(f"{'' if good else 'not '}ok {self.n} - {name}", flush=True)
        if not good and detail != "":
            print("# " + str(detail).replace("\n", "\n# "), flush=True)
        return bool(good)

    def equal(self, got, want, name):
        return self.ok(got == want, name, f"got  {got!r}\nwant {want!r}")

    def skip(self, name, why):
        self.n += 1
        print(f"ok {self.n} - {name} # SKIP {why}", flush=True)

    def done(self):
        print(f"1..{self.n}", flush=True)
        return 1 if self.failed else 0
