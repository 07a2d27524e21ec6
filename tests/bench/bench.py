#!/usr/bin/env python3
"""Pintempo against bare references, interleaved in one run: `make bench`.

Prints `row, value, goal, met|short` and the medians behind each value. Never part of a pass/fail test.
Environment: PINTEMPO_BUILD, BENCH_ROUNDS (5), BENCH_SECONDS (3), BENCH_WAITING (1000000 schedules
waiting while lateness is measured).
"""

import base64
import concurrent.futures
import os
import re
import secrets
import statistics
import subprocess
import sys
import time
import urllib.parse

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness import Program, Stack, parts  # noqa: E402

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "3"))
WAITING = int(os.environ.get("BENCH_WAITING", "1000000"))
LANES = 1000
CLIENTS = 8
BARE_USERS = 64
PACE_OFF = {
    "sandbox": {"burst": 100000, "interval_ms": 1, "jitter_pct": 0},
    "worker": {"global_burst": 100000000, "global_per_s": 1000000},
    # one tenant asks for all that the machine can do
    "limits": {"requests_burst": 1000000000, "requests_per_s": 1000000, "requests_in_hand": 64, "pending_schedules": 100000000, "accounts": 10000},
}


def row(name, value, goal, met, detail):
    print(f"{name}, {value}, {goal}, {'met' if met else 'short'}")
    print(f"#   {detail}", flush=True)


def wrk(url, script=None, headers=None, total=None):
    """Requests per second, and that none failed; their number is added to total[0]."""
    command = ["wrk", "-t", "1", "-c", str(CLIENTS), "-d", f"{SECONDS}s", "--timeout", "10s"]
    env = dict(os.environ)
    if script:
        command += ["-s", script]
    for i, (name, value) in enumerate((headers or {}).items()):
        env[f"BENCH_H{i}"] = f"{name}: {value}"
    out = subprocess.run(command + [url], capture_output=True, text=True, env=env, check=True).stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", out)
    if bad:
        raise SystemExit(f"wrk {url}: {bad.group(0)}")
    if total is not None:
        total[0] += int(re.search(r"(\d+) requests in", out).group(1))
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def spread(got):
    return "; ".join(f"{n} {min(v):.0f} to {max(v):.0f}" for n, v in got.items())


def interleaved(targets):
    """{name: median requests/s} and the spread between rounds; the targets take turns in every
    round."""
    got = {name: [] for name in targets}
    for _ in range(ROUNDS):
        for name, run in targets.items():
            got[name].append(run())
    return {name: statistics.median(values) for name, values in got.items()} | {"spread": spread(got)}


class Bare:
    """The bare FastCGI programs behind a separate lighttpd, configured like the stack's."""

    def __init__(self, stack):
        self.stack, self.programs = stack, []
        stack.sql("CREATE TABLE bare_row (id VARCHAR(64) PRIMARY KEY, body TEXT) ENGINE=InnoDB")
        stack.sql("CREATE TABLE bare_in (id CHAR(36) PRIMARY KEY, body TEXT) ENGINE=InnoDB")
        self.port = parts.free_port()
        conf = f'server.bind = "127.0.0.1"\nserver.port = {self.port}\n'
        conf += f'server.document-root = "{stack.dir}"\nserver.modules = ("mod_fastcgi")\n'
        conf += "fastcgi.server = ("
        for kind in ("select", "insert"):
            sock = stack.path(f"bare-{kind}.sock")
            command = [stack.exe("tests/bench/bare_fcgi"), kind, sock, "8", stack.db_socket, parts.user()]
            self.run("bare-" + kind, command + [stack.database])
            conf += f'"/{kind}" => (("socket" => "{sock}", "check-local" => "disable", "disable-time" => 0)),'
        parts.write(stack.path("bare.conf"), conf + ")\n")
        self.run("bare-web", [parts.find("lighttpd"), "-D", "-f", stack.path("bare.conf")])

    def run(self, name, command):
        program = Program(name, command, os.path.join(self.stack.log_dir, name + ".out"))
        program.start()
        self.programs.append(program)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self):
        for program in self.programs:
            program.kill9()


def lua(stack, name, lines):
    path = stack.path(name + ".lua")
    parts.write(path, "\n".join(lines) + "\n")
    return path


# Headers come through the environment, so that no key appears on a command line.
LUA_HEADERS = [
    "local i = 0",
    'while os.getenv("BENCH_H" .. i) do',
    '  local n, v = string.match(os.getenv("BENCH_H" .. i), "^([^:]+): (.*)$")',
    "  wrk.headers[n] = v",
    "  i = i + 1",
    "end",
]


def read_rows(stack, bare):
    pin = stack.call("POST", "/v1/pins", stack.pin_body())
    job = f"/v1/jobs/{pin['id']}"
    stack.wait_for(lambda: stack.call("GET", job)["status"] == "published", 30, "pin published")
    status, headers, body = stack.request("GET", job, None, {"X-API-Key": stack.key})
    assert status == 200
    quoted = body.decode().replace("\\", "\\\\").replace("'", "\\'")
    stack.sql(f"INSERT INTO bare_row VALUES ('{pin['id']}', '{quoted}')")
    script = lua(stack, "get", LUA_HEADERS)
    key, etag = {"X-API-Key": stack.key}, {"If-None-Match": headers["ETag"]}

    def not_modified():
        again = stack.request("GET", job, None, {**key, **etag})
        assert again[0] == 304 and again[2] == b"", again[0]
        return wrk(stack.url + job, script, {**key, **etag})

    m = interleaved(
        {
            "bare": lambda: wrk(bare.url(f"/select/{pin['id']}")),
            "job": lambda: wrk(stack.url + job, script, key),
            "etag": not_modified,
        }
    )
    said = f"bare select {m['bare']:.0f}/s, job {m['job']:.0f}/s, not modified {m['etag']:.0f}/s ({m['spread']})"
    ratio = m["job"] / m["bare"]
    row("1 GET /v1/jobs/{id} against a bare select", f"{ratio:.2f}", ">= 0.80", ratio >= 0.80, said)
    ratio = m["etag"] / m["bare"]
    row("2 the same, If-None-Match", f"{ratio:.2f}", ">= 0.85", ratio >= 0.85, said)


def write_rows(stack, bare):
    run_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400 * 300))
    fields = {
        "account_id": stack.account_id,
        "board_id": stack.board("Always works"),
        "title": "A pin of the benchmark",
        "image_url": stack.image_url,
        "run_at": run_at,
    }
    text = ",".join(f'"{k}":"{v}"' for k, v in fields.items())
    common = LUA_HEADERS + [
        'wrk.method = "POST"',
        'wrk.headers["Content-Type"] = "application/json"',
        "local n, tag = 0, tostring(os.time()) .. tostring(math.random(1e9))",
        "math.randomseed(os.time())",
        "request = function()",
        "  n = n + 1",
        f"  return wrk.format(nil, nil, nil, '{{{text},\"idempotency_key\":\"'",
        "    .. tag .. math.random(1e9) .. n .. '\"}')",
        "end",
    ]
    script = lua(stack, "post", common)
    key = {"X-API-Key": stack.key}
    posted, inserted = [0], [0]
    m = interleaved(
        {
            "bare": lambda: wrk(bare.url("/insert"), script, None, inserted),
            "post": lambda: wrk(stack.url + "/v1/schedules", script, key, posted),
        }
    )
    # Every request made its row (each client's last one may have been cut off).
    assert int(stack.sql("SELECT COUNT(*) FROM schedules")[0][0]) >= posted[0]
    assert int(stack.sql("SELECT COUNT(*) FROM bare_in")[0][0]) >= inserted[0]
    ratio = m["post"] / m["bare"]
    said = f"bare durable INSERT {m['bare']:.0f}/s, POST /v1/schedules {m['post']:.0f}/s"
    said += f" ({m['spread']})"
    row("4 POST /v1/schedules against a bare INSERT", f"{ratio:.2f}", ">= 0.35", ratio >= 0.35, said)


def count_slowly(stack, key, state):
    """Number of pins with such a key in that state; read twice a second, to leave the machine to
    the measurement."""
    text = f"SELECT COUNT(*) FROM pins WHERE idempotency_key LIKE '{key}-%' AND state = {state}"
    stack.sql("SELECT SLEEP(0.5)")
    return int(stack.sql(text)[0][0])


def connect_lanes(stack):
    """LANES accounts, each of a different Pinterest user; rows (account, lane, shard, board)."""

    def connect(n):
        start = stack.call("GET", "/v1/pinterest/oauth/start")["authorization_url"]
        back = urllib.parse.urlsplit(stack.authorize(stack.to_pinterest(start), f"lane {n}"))
        stack.call("GET", f"{back.path}?{back.query}", auth=False)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(connect, range(LANES)))
    box = stack.database + "_sandbox"
    stack.sql(
        "CREATE TABLE bench_lane AS SELECT a.id account_id, a.lane_id, a.shard, a.project_id,"
        " CAST(b.id AS CHAR CHARACTER SET ascii) board_id, ROW_NUMBER() OVER (ORDER BY a.id) - 1 n"
        f" FROM pinterest_accounts a JOIN {box}.sandbox_boards b ON b.user_id = a.pinterest_user_id"
        " WHERE b.name = 'Always works' AND a.revoked_at IS NULL"
    )
    stack.sql("ALTER TABLE bench_lane ADD PRIMARY KEY (n)")
    return int(stack.sql("SELECT COUNT(*) FROM bench_lane")[0][0])


def insert_schedules(stack, count, run_at_sql, tag):
    """Inserts `count` planned schedules, spread over the lanes; run_at_sql is an expression of `s`
    (1..count)."""
    sql = (
        "INSERT INTO schedules (id, project_id, account_id, lane_id, shard, state, run_at,"
        " not_after, due_at, board_id, title, image_url, idempotency_key, created_at, updated_at)"
        f" SELECT UNHEX(REPLACE(UUID(), '-', '')), l.project_id, l.account_id, l.lane_id, l.shard,"
        f" 0, x.at, x.at + INTERVAL 3 DAY, x.at, l.board_id, CONCAT('{tag} ', x.s),"
        f" '{stack.image_url}', CONCAT('{tag}-', x.s), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)"
        f" FROM (SELECT seq s, {run_at_sql} at FROM seq_1_to_{count}) x"
        f" JOIN bench_lane l ON l.n = x.s % (SELECT COUNT(*) FROM bench_lane)"
    )
    stack.sql(sql.replace("`seq`", "seq"))


def lateness_row(stack):
    step = 100000
    for done in range(0, WAITING, step):
        size = min(step, WAITING - done)
        insert_schedules(
            stack,
            size,
            f"UTC_TIMESTAMP(6) + INTERVAL 30 DAY + INTERVAL ({done} + seq) SECOND",
            f"far{done}",
        )
    count = 2000
    insert_schedules(
        stack, count, "UTC_TIMESTAMP(6) + INTERVAL 3 SECOND + INTERVAL seq * 10000 MICROSECOND", "due"
    )
    stack.wait_for(lambda: count_slowly(stack, "due", 4) == count, 120, "due pins published")
    late = [
        float(r[0])
        for r in stack.sql(
            "SELECT TIMESTAMPDIFF(MICROSECOND, p.run_at, a.gate_at) / 1000 FROM pins p"
            " JOIN attempts a ON a.pin_id = p.id AND a.number = 1 WHERE p.idempotency_key LIKE 'due-%'"
        )
    ]
    late.sort()
    p50, p99 = late[len(late) // 2], late[int(len(late) * 0.99)]
    said = f"{count} pins, {LANES} lanes, {WAITING} waiting; min {late[0]:.1f}, max {late[-1]:.1f} ms"
    row(
        "5 lateness p50 / p99",
        f"{p50:.1f} / {p99:.1f} ms",
        "<= 10 / <= 50 ms",
        p50 <= 10 and p99 <= 50,
        said,
    )


def access_token(stack, user):
    split = urllib.parse.urlsplit(stack.settings["sandbox"]["oauth_url"])
    back = stack.url + "/back"
    query = urllib.parse.urlencode(
        {"client_id": "sandbox", "redirect_uri": back, "response_type": "code", "state": "s",
         "scope": "boards:read,boards:write,pins:read,pins:write"}
    )
    back_to = stack.authorize(f"{split.path}/?{query}", user)
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(back_to).query)["code"][0]
    basic = base64.b64encode(b"sandbox:sandbox-secret").decode()
    form = urllib.parse.urlencode(
        {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
    )
    got = stack.call(
        "POST",
        "/sandbox/v5/oauth/token",
        form,
        auth=False,
        headers={"Authorization": "Basic " + basic,
                 "Content-Type": "application/x-www-form-urlencoded"},
    )
    return got["access_token"]


def bare_requests(stack):
    """Files with a create of each of several users: Pinterest answers no user who sends 64 at once."""
    paths = []
    for n in range(BARE_USERS):
        token = access_token(stack, f"bare {n}")
        boards = stack.api("GET", "/sandbox/v5/boards?page_size=100", auth=token)[2]
        board = next(b["id"] for b in boards["items"] if b["name"] == "Always works")
        paths.append(stack.path(f"bare.{n}"))
        parts.write(
            paths[-1],
            f"Authorization: Bearer {token}\nContent-Type: application/json\n\n"
            f'{{"board_id":"{board}","title":"bare","media_source":{{"source_type":"image_url",'
            f'"url":"{stack.image_url}"}}}}',
        )
    return paths


def publish_row(stack):
    requests = bare_requests(stack)
    count, bare, ours = 1000, [], []
    for n in range(ROUNDS):
        out = subprocess.run(
            [stack.exe("tests/bench/bare_multi"), stack.settings["sandbox"]["base_url"] + "/pins", str(count),
             "64", *requests],
            capture_output=True, text=True, check=True).stdout
        bare.append(float(out.split()[0]))
        tag = f"rush{n}{secrets.token_hex(2)}"
        insert_schedules(stack, count, "UTC_TIMESTAMP(6) + INTERVAL 1 SECOND", tag)
        stack.wait_for(lambda: count_slowly(stack, tag, 4) == count, 120, "rush published")
        took = stack.sql(
            "SELECT TIMESTAMPDIFF(MICROSECOND, MIN(p.run_at), MAX(p.published_at)) / 1e6"
            f" FROM pins p WHERE p.idempotency_key LIKE '{tag}-%'"
        )
        ours.append(count / float(took[0][0]))
    ratio = statistics.median(ours) / statistics.median(bare)
    row(
        "7 publishes per second against a bare multi loop",
        f"{ratio:.2f}",
        ">= 0.50",
        ratio >= 0.50,
        f"bare {statistics.median(bare):.0f}/s, worker {statistics.median(ours):.0f}/s"
        f" ({spread({'bare': bare, 'worker': ours})})",
    )


def main():
    print("row, value, goal, met|short")
    with Stack(server="lighttpd", overrides=PACE_OFF) as stack:
        stack.sign_up()
        stack.admin("settings", {"org_write": 0, "org_read": 0, "image_cache_ms": 1000})
        bare = Bare(stack)
        stack.wait_for(lambda: os.path.exists(stack.path("bare-insert.sock")), 10, "bare programs")
        try:
            read_rows(stack, bare)
            write_rows(stack, bare)
        finally:
            bare.stop()
        stack.sql("DELETE FROM schedules")
        lanes = connect_lanes(stack)
        assert lanes >= LANES, lanes
        publish_row(stack)
        lateness_row(stack)


main()
