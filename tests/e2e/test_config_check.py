#!/usr/bin/env python3
"""`pintempo config check`: everything that it can find (ctl/check.def) is broken once; it tells the
fault and how to mend it, and its exit code says how bad it is."""

import email.utils
import json
import os
import pwd
import re
import shutil
import ssl
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import TOP, Stack, Tap, parts  # noqa: E402

t = Tap()
ROOT = os.geteuid() == 0
# Another server than MariaDB 10.6 is not at hand: tests/lib/test_db judges version texts.
NOT_BROKEN = {"DB_SERVER"} | (set() if ROOT else {"SECRET_OPEN", "SECRET_FOREIGN", "DIRECTORY_FOREIGN", "SECRET_WEB", "DB_PASSWORD"})


def faults():
    with open(os.path.join(TOP, "ctl", "check.def")) as f:
        text = f.read()
    return {n: (level, fault, fix) for n, level, fault, fix in re.findall(r'^FAULT\((\w+), (\w+),\s*"(.*?)",\s*"(.*?)"\)$', text, re.M)}


FAULTS = faults()
seen = set()


def run(s, *words, changes=(), user=None):
    """The check of the configuration with these (section, key, value) changed; None takes a key out."""
    settings = {name: dict(keys) for name, keys in s.settings.items()}
    for section, key, value in changes:
        settings.setdefault(section, {})[key] = value
        if value is None:
            del settings[section][key]
    conf = s.path("changed.conf")
    parts.write_conf(conf, settings, 0o644)
    command = [s.exe("pintempo"), "-c", conf, "config", "check", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, user=user, group=user, extra_groups=user and [])


def found(done):
    lines = done.stdout.splitlines()
    names = []
    for at, line in enumerate(lines):
        for name, (level, fault, fix) in FAULTS.items():
            if line.startswith((level if level == "FAIL" else "warn") + " ") and fault in line and f"fix: {fix}" in lines[at + 1]:
                names.append(name)
    return names


def broken(s, names, *words, changes=(), says="", user=None):
    """Exactly these faults are found, and the exit code is that of the worst."""
    done = run(s, *words, changes=changes, user=user)
    want = 2 if any(FAULTS[n][0] == "FAIL" for n in names) else 1 if names else 0
    got = found(done)
    seen.update(got)
    t.ok((sorted(set(got)), done.returncode) == (sorted(names), want) and says in done.stdout and "usage" not in done.stderr, f"{' '.join(names) or 'well'} {words} {says}", done)
    return done


class Fake(BaseHTTPRequestHandler):
    """Pinterest's answer without a token, an hour late."""

    def do_GET(self):
        body = json.dumps({"code": 2, "message": "Authentication failed."}).encode()
        self.send_response_only(401)
        self.send_header("Date", email.utils.formatdate(time.time() - 3600, usegmt=True))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def own_certificate(s):
    both = s.path("tls.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", both, "-out", both + ".crt"]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both + ".crt", both)
    return context


def addresses(s):
    broken(s, [], says="All is well.")
    broken(s, [], "--offline", says="without connecting")
    broken(s, ["URL_OTHER"], changes=[("instance", "public_url", s.images.url)], says="404")
    s.stop("app")
    s.programs["app"].listen.close()
    broken(s, ["URL_AWAY"], says="503")
    os.remove(s.path("app.sock"))
    s.programs["app"].listen = s.listener("app")
    s.start("app")
    s.wait_for(lambda: s.status_of("/healthz") == 200, 30, "the application answers")
    secure = ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    secure.socket = own_certificate(s).wrap_socket(secure.socket, server_side=True)
    threading.Thread(target=secure.serve_forever, daemon=True).start()
    broken(s, ["URL_TLS"], changes=[("instance", "public_url", f"https://127.0.0.1:{secure.server_address[1]}")], says="certificate")
    secure.shutdown()
    broken(s, [], changes=[("instance", "public_url", "http://127.0.0.1:1")], says="not reached from here")
    broken(s, ["URL_PATH"], "--offline", changes=[("instance", "public_url", s.url + "/pins")])
    production = [("production", k, v) for k, v in s.settings["sandbox"].items()]
    public = ("instance", "public_url", "http://pins.example.com")
    broken(s, ["URL_HTTP"], "--offline", changes=[public, *production])
    broken(s, [], "--offline", changes=[public])
    broken(s, ["CONF"], changes=[("instance", "nonsense", 1), ("app", "threads", 0)], says="2 faults")


def files(s):
    secret = s.settings["database"]["app_password_file"]
    for path in (secret, s.settings["sandbox"]["client_secret_file"]):
        for mode in (0o644, 0o602, 0o620, 0o666):
            os.chmod(path, mode)
            broken(s, ["CONF"], says=f"{path}: mode {mode:o}, ")
        os.chmod(path, 0o600)
    if ROOT:
        os.chown(secret, 0, 65534)
        os.chmod(secret, 0o640)
        broken(s, ["SECRET_OPEN"], says=secret)
        os.chmod(secret, 0o600)
    broken(s, ["DIRECTORY_MISSING"], changes=[("instance", "wakeup_socket", "/nonexistent/hint.sock")], says="does not exist: /nonexistent")
    broken(s, ["DIRECTORY_MISSING"], changes=[("worker", "host_id_file", s.path("app-password") + "/host-id")])
    if not ROOT:
        return
    host_id = s.path("host-id")
    with open(host_id, "a"):
        os.chown(host_id, 65534, 65534)
    broken(s, ["SECRET_FOREIGN", "DIRECTORY_FOREIGN"], says="instance.key, for user nobody")
    os.remove(host_id)
    key_file, web = s.settings["instance"]["key_file"], pwd.getpwnam(parts.WEB_USER)
    os.chown(key_file, 0, web.pw_gid)
    broken(s, ["SECRET_WEB"], says=f"for user {parts.WEB_USER}")
    os.chown(key_file, 0, 0)
    broken(s, ["CONF"], user=65534, says="sandbox-secret: Permission denied")
    done = run(s, changes=[("sandbox", "client_secret_file", None)], user=65534)
    seen.update(found(done))
    t.ok("DB_PASSWORD" in found(done) and "KEY_FILE" in found(done), "who may not read passwords and key is told so", done)


def database(s):
    users = {p: s.settings["database"][p + "_user"] for p in parts.PROGRAMS}
    wrong = s.path("wrong-password")
    parts.write(wrong, "wrong\n")
    for program in parts.PROGRAMS:
        broken(s, ["DB_ACCESS"], changes=[("database", program + "_password_file", wrong)], says=f"FAIL  database {program}")
    broken(s, ["DB_ACCESS"], changes=[("database", "socket", "/nonexistent")], says="/nonexistent")
    broken(s, ["DB_ACCESS"], changes=[("database", "socket", None), ("database", "host", "nowhere.invalid")])
    broken(s, ["DB_ACCESS"], changes=[("database", "name", "nosuch")], says="nosuch")
    broken(s, [], "--offline", changes=[("database", "name", "nosuch")])
    for by in (1, -1):
        s.sql(f"UPDATE schema_versions SET version = version + {by}")
        broken(s, ["DB_SCHEMA"], says="schema version")
        s.sql(f"UPDATE schema_versions SET version = version - {by}")
    s.sql("UPDATE schema_versions SET version = version + 1", s.database + "_sandbox")
    broken(s, ["DB_SCHEMA"], says="FAIL  database sandbox")
    s.sql("UPDATE schema_versions SET version = version - 1", s.database + "_sandbox")
    for program, right, table in (("app", "INSERT", "pins"), ("worker", "UPDATE", "lanes"), ("ctl", "SELECT", "workers")):
        on = f"{right} ON `{s.database}`.{table}"
        s.sql(f"REVOKE {on} FROM {users[program]}@localhost")
        broken(s, ["DB_RIGHTS_MISSING"], says="pintempo init")
        s.sql(f"GRANT {on} TO {users[program]}@localhost")
    for right, on in (("DELETE", f"`{s.database}`.users"), ("SELECT", f"`{s.database}_sandbox`.sandbox_users"), ("CREATE", f"`{s.database}`.*"), ("PROCESS", "*.*")):
        s.sql(f"GRANT {right} ON {on} TO {users['worker']}@localhost")
        broken(s, ["DB_RIGHTS_MORE"], says=f"{right} on {on.replace('`', '')}")
        s.sql(f"REVOKE {right} ON {on} FROM {users['worker']}@localhost")
    s.sql(f"ALTER USER {users['app']}@localhost WITH MAX_USER_CONNECTIONS 7")
    broken(s, ["DB_CONNECTIONS"], says="7, threads = 8")
    s.sql(f"ALTER USER {users['app']}@localhost WITH MAX_USER_CONNECTIONS 0")
    one = [("database", p + end, None) for p in parts.PROGRAMS for end in ("_user", "_password_file")]
    broken(s, [], changes=one, says="without least privilege")
    s.sql("UPDATE schema_views SET text_hash = REPEAT('0', 64)")
    broken(s, ["DB_VIEW"], says="waiting")
    s.operator("init")
    broken(s, [], says="All is well.")
    s.sql("SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP() - 60'")
    broken(s, ["CLOCK_DB"], says="-60 s ahead")
    s.sql("SET GLOBAL init_connect = ''")


def key(s):
    path = s.settings["instance"]["key_file"]
    other = s.path("other.key")
    broken(s, ["KEY_FILE"], changes=[("instance", "key_file", "/nonexistent")], says="No such file")
    parts.write(other, "7 " + "A" * 43 + "=\n", 0o640)
    broken(s, ["KEY_WRONG"], changes=[("instance", "key_file", other)], says="is not the instance key of this database")
    shutil.copy(path, other)
    os.chmod(other, 0o644)
    broken(s, ["KEY_FILE"], changes=[("instance", "key_file", other)], says="everybody can read it")
    s.sql("CREATE TABLE kept AS SELECT * FROM instance_keys; DELETE FROM instance_keys")
    broken(s, ["KEY_UNKNOWN"])
    s.sql("INSERT INTO instance_keys SELECT * FROM kept; DROP TABLE kept")
    s.webhook()
    broken(s, [], says="all ")
    for table, column in (("webhooks", "secret_sealed"), ("pinterest_accounts", "access_sealed"), ("pinterest_accounts", "refresh_sealed")):
        flip = f"UPDATE {table} SET {column} = CONCAT(LEFT({column}, 40), REVERSE(SUBSTR({column}, 41)))"
        s.sql(flip)
        broken(s, ["SEALED"], says=f"{table}.{column.split('_')[0]} of ")
        s.sql(flip)


def upstream(s):
    sandbox = {k: ("sandbox", k, None) for k in ("client_id", "client_secret_file", "oauth_url")}
    broken(s, ["UP_NO_ID"], changes=[sandbox["client_id"]])
    broken(s, ["UP_SCOPES"], changes=[("sandbox", "scopes", "boards:read,boards:write,pins:read,user_accounts:read")])
    broken(s, ["UP_NO_SECRET"], changes=[sandbox["client_secret_file"]])
    broken(s, ["UP_NO_OAUTH"], changes=[sandbox["oauth_url"]])
    broken(s, ["UP_V5", "UP_FOREIGN"], changes=[("sandbox", "base_url", s.url + "/sandbox")], says="/sandbox/user_account: 404, application/json")
    broken(s, ["UP_FOREIGN"], changes=[("sandbox", "base_url", s.images.url + "/v5")], says="404, text/plain: 'no such image'")
    broken(s, ["UP_AWAY"], changes=[("sandbox", "base_url", "http://127.0.0.1:1/v5")])
    broken(s, ["UP_AWAY"], changes=[("sandbox", "base_url", "http://nowhere.invalid/v5")])
    broken(s, ["UP_OAUTH"], changes=[("sandbox", "oauth_url", s.images.url + "/nothing")], says="404")
    broken(s, ["UP_OAUTH"], changes=[("sandbox", "oauth_url", "http://127.0.0.1:1/")])
    production = [("production", k, v) for k, v in s.settings["sandbox"].items()]
    broken(s, ["UP_HTTP"], "--offline", changes=[*production, ("production", "base_url", "http://pins.example.com/v5")])
    broken(s, [], changes=production, says="ok    [production]")
    fake = ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    threading.Thread(target=fake.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{fake.server_address[1]}/v5"
    broken(s, ["CLOCK_PINTEREST"], changes=[*production, ("production", "base_url", url)], says="s ahead")
    fake.shutdown()


def main():
    t.ok(len(FAULTS) > 25, "ctl/check.def is read", FAULTS)
    with Stack(worker=False, own_database=True) as s:
        s.sign_up()
        s.connect()
        for part in (addresses, files, database, key, upstream):
            print("# " + part.__name__, flush=True)
            part(s)
        t.equal(run(s, "--nonsense").returncode, 3, "an unknown option is wrong usage, not a fault")
    t.equal(sorted(set(FAULTS) - seen), sorted(NOT_BROKEN), "every fault was found once")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
