"""What quickstart and the tests start around the programs: MariaDB, a web server, a configuration.

Each function gives a command line or writes a file; nothing here starts anything.
"""

import getpass
import os
import pwd
import re
import secrets
import shutil
import socket
import sys

ETC = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SERVERS = ("lighttpd", "apache", "apache-fcgid", "nginx")
# Apache's children never run as root: if root starts Apache, they run as this user.
WEB_USER = "www-data"


def find(program):
    """Path of a server program; Debian keeps them outside an ordinary user's PATH."""
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin")
    if path is None:
        sys.exit(f"{program} is not installed")
    return path


def free_port(first=0, tries=50):
    """A free port of 127.0.0.1: the kernel's choice, or the first free one from `first` on."""
    for port in range(first, first + tries) if first else [0]:
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            return s.getsockname()[1]
    sys.exit(f"no free port from {first} to {first + tries - 1}")


def user():
    return getpass.getuser() if os.geteuid() else "root"


def mariadb_install(data):
    """The database account is the user who starts the server, authenticated by the unix socket.
    Uses a separate temporary directory: a server that starts empties its temporary directory."""
    cmd = [find("mariadb-install-db"), "--no-defaults", f"--datadir={data}", "--skip-test-db"]
    # A host that cannot resolve its own name is fine: only the socket is used.
    cmd += ["--force"]
    cmd += [f"--tmpdir={os.path.dirname(data)}"]
    cmd += ["--auth-root-authentication-method=socket", f"--auth-root-socket-user={user()}"]
    return cmd + (["--user=root"] if os.geteuid() == 0 else [])


def mariadb_run(data, sock, log):
    cmd = [find("mariadbd"), "--no-defaults", f"--datadir={data}", f"--socket={sock}"]
    cmd += [f"--tmpdir={os.path.dirname(data)}", "--skip-networking", f"--pid-file={data}/mariadbd.pid", f"--log-error={log}"]
    cmd += ["--character-set-server=utf8mb4", "--innodb-buffer-pool-size=128M"]
    cmd += ["--innodb-log-file-size=64M", "--max-connections=300", "--skip-name-resolve"]
    return cmd + (["--user=root"] if os.geteuid() == 0 else [])


def write(path, text, mode=0o600):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as f:
        f.write(text)
    os.chmod(path, mode)


PROGRAMS = ("app", "worker", "ctl", "sandbox")


def sections(run, state, port, database, database_socket, allow):
    """The configuration of an instance with its simulator, all on 127.0.0.1:port. Each program has
    a separate database user; `pintempo init` creates these, their passwords and the instance
    key."""
    url = f"http://127.0.0.1:{port}"
    return {
        "instance": {
            "public_url": url,
            "key_file": f"{state}/instance.key",
            "registration": "open",
            "wakeup_socket": f"{run}/hint.sock",
        },
        "database": {
            "socket": database_socket,
            "name": database,
            "sandbox_name": f"{database}_sandbox",
            "user": user(),
            **{f"{p}_user": f"{database}_{p}" for p in PROGRAMS},
            **{f"{p}_password_file": f"{state}/{p}-password" for p in PROGRAMS},
        },
        "app": {},
        "worker": {"host_id_file": f"{state}/host-id"},
        "outbound": {"allow": ", ".join(f"127.0.0.1/32:{p}" for p in [port, *allow])},
        "sandbox": {
            "base_url": f"{url}/sandbox/v5",
            "oauth_url": f"{url}/sandbox/oauth",
            "client_id": "sandbox",
            "client_secret_file": f"{state}/sandbox-secret",
        },
        "webhooks": {"allow_http": "yes"},
    }


def write_conf(path, conf, mode=0o600):
    lines = []
    for section, keys in conf.items():
        if keys:
            lines += [f"[{section}]", *(f"{k} = {v}" for k, v in keys.items()), ""]
    write(path, "\n".join(lines), mode)


def snippet(name, run, errors):
    """A file of etc/ as shipped, with the paths of an installation replaced by this run's."""
    with open(os.path.join(ETC, name)) as f:
        text = f.read()
    return text.replace("/run/pintempo", run).replace("/usr/share/pintempo/errors", errors)


def copy_errors(to):
    """lighttpd wants files named NNN.html, so the error bodies get a second name."""
    os.makedirs(to, exist_ok=True)
    source = os.path.join(ETC, "errors")
    for name in os.listdir(source):
        shutil.copy(os.path.join(source, name), to)
        shutil.copy(os.path.join(source, name), os.path.join(to, name.replace(".json", ".html")))


def web_server(kind, run, log, port, wrapper="", extra=""):
    """Writes `run`/web.conf and the pages it serves; returns the command that stays in front.

    The sockets are `run`/app.sock and `run`/sandbox.sock. `wrapper` is the command that mod_fcgid
    starts, and only it needs one. `extra` is put behind the configuration.
    """
    errors, www = f"{run}/errors", f"{run}/www"
    copy_errors(errors)
    os.makedirs(f"{www}/sample", exist_ok=True)
    for name in os.listdir(os.path.join(ETC, "sample", "images")):
        shutil.copy(os.path.join(ETC, "sample", "images", name), f"{www}/sample")
    conf = f"{run}/web.conf"
    make = {"lighttpd": lighttpd, "nginx": nginx, "apache": apache, "apache-fcgid": apache}[kind]
    text, cmd = make(kind, run, log, port, www, errors)
    if wrapper:
        text = re.sub(r'FcgidWrapper "[^"]*"', lambda _: f'FcgidWrapper "{wrapper}"', text)
    write(conf, text + extra, 0o644)
    return cmd


def lighttpd(_, run, log, port, www, errors):
    text = f"""server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{www}"
server.errorlog = "{log}/web.log"
mimetype.assign = ( ".png" => "image/png" )
"""
    return text + snippet("lighttpd/pintempo.conf", run, errors), [
        find("lighttpd"), "-D", "-f", f"{run}/web.conf"]


def nginx(_, run, log, port, www, errors):
    root = "user root;\n" if os.geteuid() == 0 else ""
    temp = "".join(
        f"{m}_temp_path {run}/{m};\n" for m in ("client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
    body = snippet("nginx/pintempo.conf", run, errors)
    text = f"""{root}daemon off;
worker_processes 1;
pid {run}/web.pid;
error_log {log}/web.log warn;
events {{ worker_connections 1024; }}
http {{
access_log off;
{temp}
server {{
listen 127.0.0.1:{port} backlog=1024;
location /sample/ {{ root {www}; types {{ image/png png; }} }}
{body}
}}
}}
"""
    return text, [find("nginx"), "-c", f"{run}/web.conf", "-e", f"{log}/web.log"]


def apache(kind, run, log, port, www, errors):
    fcgid = kind == "apache-fcgid"
    modules = "mpm_event authz_core alias mime headers reqtimeout setenvif proxy proxy_fcgi".split()
    modules += ["fcgid"] if fcgid else []
    load = "".join(f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so\n" for m in modules)
    as_user = f"User {WEB_USER}\nGroup {WEB_USER}\n" if os.geteuid() == 0 else ""
    name = "apache/pintempo-fcgid.conf" if fcgid else "apache/pintempo-proxy-fcgi.conf"
    own = f"FcgidIPCDir {run}/fcgid\nFcgidProcessTableFile {run}/fcgid.shm\n" if fcgid else ""
    text = f"""ServerRoot {run}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
{load}{as_user}PidFile {run}/web.pid
DefaultRuntimeDir {run}
ErrorLog {log}/web.log
LogLevel warn
TypesConfig /dev/null
AddType image/png .png
ServerLimit 4
ThreadsPerChild 50
MaxRequestWorkers 200
DocumentRoot {www}
<Directory {www}>
    Require all granted
</Directory>
{own}"""
    return text + snippet(name, run, errors), [
        find("apache2"), "-D", "FOREGROUND", "-f", f"{run}/web.conf"]


def open_to_web(path):
    """Lets a web server that runs as another user reach a socket or a file."""
    if os.geteuid() == 0:
        os.chown(path, -1, pwd.getpwnam(WEB_USER).pw_gid)
        os.chmod(path, 0o660)


def make_secrets(var):
    """The secrets that are not `pintempo init`'s to make, for quickstart; existing files are kept."""
    for name in ("sandbox-secret", "admin-token", "webhook-secret"):
        if not os.path.exists(f"{var}/{name}"):
            write(f"{var}/{name}", secrets.token_hex(24) + "\n")


def web_of_instance(kind, run, log, port, token):
    """The web server's command; it serves /sample/instance, so that its user knows it from another's."""
    command = web_server(kind, run, log, port)
    write(f"{run}/www/sample/instance", token + "\n", 0o644)
    return command


def setup(var, run, port, receiver_port, database_socket):
    """Writes the configuration for quickstart."""
    conf = sections(run, var, port, "pintempo", database_socket, [receiver_port])
    write_conf(f"{var}/pintempo.conf", conf)


# Command lines for quickstart, one word a line.
COMMANDS = {
    "port": lambda first: [free_port(int(first))],
    "mariadb-install": lambda data: mariadb_install(data),
    "mariadb-run": lambda data, sock, log: mariadb_run(data, sock, log),
    "web": lambda kind, run, log, port, token: web_of_instance(kind, run, log, int(port), token),
    "open": lambda path: open_to_web(path) or [],
    "secrets": lambda var: make_secrets(var) or [],
    "setup": lambda var, run, port, hook, sock: setup(var, run, int(port), int(hook), sock) or [],
}

if __name__ == "__main__":
    for word in COMMANDS[sys.argv[1]](*sys.argv[2:]):
        print(word)
