#!/usr/bin/env python3
"""Checks the files of etc/: example configuration, error bodies, units, sample. TAP."""

import csv
import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness import TOP, Tap, parts, verify  # noqa: E402

ETC = os.path.join(TOP, "etc")
BUILD = os.environ.get("PINTEMPO_BUILD") or os.path.join(TOP, "build")
tap = Tap()


def application(*words):
    return subprocess.run(
        [os.path.join(BUILD, "pintempo.fcgi"), *words], capture_output=True, text=True, timeout=30
    )


def read(name):
    with open(os.path.join(ETC, name)) as f:
        return f.read()


def example(where):
    """The example as shipped and with every commented setting enabled; secrets in a writable directory."""
    text = read("pintempo.conf.example").replace("/etc/pintempo/", where + "/")
    for path in re.findall(r"^#?\w+_file = (\S+)", text, re.M):
        if path.startswith(where) and not os.path.exists(path):
            pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
            parts.write(path, pem if path.endswith(".pem") else "1 " + "A" * 43 + "=\n")
    whole = re.sub(r"^#(\w+ = )", r"\1", text, flags=re.M)
    return text, re.sub(r"^(host|port) = .*\n", "", whole, flags=re.M)


def keys(text):
    """{section: {key}} of every key named, commented out or not."""
    found, section = {}, None
    for line in text.splitlines():
        if m := re.match(r"\[(\w+)\]", line):
            section = found.setdefault(m[1], set())
        elif (m := re.match(r"#? ?(\w+) =( |$)", line)) and section is not None:
            section.add(m[1])
    return found


def wrong_defaults(printed):
    """Keys whose `#key = value` in the example is not the default; [sandbox] shows no defaults."""
    shown, section, default, wrong = {}, "", None, []
    for line in read("pintempo.conf.example").splitlines():
        if m := re.match(r"\[(\w+)\]", line):
            section = m[1]
        elif m := re.match(r"#(\w+) = (.*)", line):
            shown[section, m[1]] = m[2]
    for line in printed.splitlines():
        if m := re.match(r"\[(\w+)\]", line):
            section = m[1]
        elif m := re.match(r"# Allowed: .*Default: (.*?)\.?$", line):
            default = m[1]
        elif m := re.match(r"(?:# )?(\w+) =", line):
            if default is not None and shown.get((section, m[1]), default) != default:
                wrong.append((section, m[1], default))
            default = None
    return wrong


def configuration(where):
    for text, name in zip(example(where), ("as shipped", "with every setting enabled")):
        path = os.path.join(where, "pintempo.conf")
        parts.write(path, text)
        done = application("--config", path, "--check-config")
        tap.ok(done.returncode == 0, f"pintempo.conf.example {name} is accepted", done.stdout + done.stderr)
    printed = application("--config", path, "--print-config").stdout
    known, named = keys(printed), keys(read("pintempo.conf.example"))
    named["sandbox"] |= named["production"]  # the same keys, shown once
    tap.equal(named, known, "pintempo.conf.example names every setting and no other")
    tap.equal(wrong_defaults(printed), [], "pintempo.conf.example shows the defaults in force")
    path = os.path.join(where, "wrong.conf")
    parts.write(path, text.replace("[app]", "[app]\nthreads = 0\nthreds = 4"))
    done = application("--config", path, "--check-config")
    tap.ok(
        done.returncode != 0 and re.search(r":\d+: .*threds", done.stdout + done.stderr),
        "a wrong key is reported with its line",
        done.stdout + done.stderr,
    )


def errors():
    names = sorted(n for n in os.listdir(os.path.join(ETC, "errors")))
    bad = []
    for name in names:
        body = json.loads(read("errors/" + name))
        same = body["code"] == body["error"]["code"] and body["message"] == body["detail"]
        if f"{body['status']}.json" != name or not same or not body["type"].endswith(body["code"]):
            bad.append(name)
    tap.ok(names and not bad, "error bodies are problems of the status in their name", bad)
    for name in ("apache/pintempo-proxy-fcgi.conf", "apache/pintempo-fcgid.conf", "nginx/pintempo.conf",
                 "lighttpd/pintempo.conf"):
        missing = [n[:3] for n in names if n[:3] not in read(name)]
        tap.equal(missing, [], f"{name} names every error body")


def units(where):
    """Runs systemd-analyze on units whose programs and user exist."""
    if not shutil.which("systemd-analyze"):
        tap.skip("units", "no systemd-analyze")
        return
    exe = shutil.which("true")
    bad = []
    for name in sorted(os.listdir(os.path.join(ETC, "systemd"))):
        text = re.sub(r"/usr/libexec/\S+", exe, read("systemd/" + name))
        parts.write(os.path.join(where, name), text, 0o644)
    for name in sorted(os.listdir(os.path.join(ETC, "systemd"))):
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", os.path.join(where, name)], capture_output=True, text=True)
        bad += [line for line in done.stderr.splitlines() if re.search(r"Unknown|Invalid|Failed to parse", line)]
    tap.equal(bad, [], "systemd accepts every line of the units")


def unit_promises():
    """What keeps an installation from being stranded: no limit of starts, and a reload."""
    for name in sorted(os.listdir(os.path.join(ETC, "systemd"))):
        text = read("systemd/" + name)
        if name.endswith(".socket"):
            tap.ok("\nTriggerLimitIntervalSec=0\n" in text, f"{name} does not fail for many requests")
            continue
        program = re.search(r"^ExecStart=(\S+ .*)$", text, re.M)[1]
        reloads = re.findall(r"^ExecReload=(.*)$", text, re.M)
        tap.ok("\nStartLimitIntervalSec=0\n" in text.split("[Service]")[0], f"{name} is started again for ever")
        tap.ok("\nRestart=always\n" in text and "sleep" in text, f"{name} pauses between starts that fail")
        tap.ok(reloads and "kill -HUP $MAINPID" in reloads[-1], f"{name} can be reloaded")
        if len(reloads) > 1:
            tap.equal(reloads[0], program + " --check-config", f"{name} refuses to reload a wrong configuration")
        pause = re.search(r"^ExecStopPost=/bin/sh -c '(.*)'$", text, re.M)[1]
        pause = re.sub(r"sleep \d+", "echo paused", pause)
        said = {}
        for kind, status in (("exited", "1"), ("exited", "2"), ("exited", "0"), ("killed", "KILL")):
            env = {**os.environ, "EXIT_CODE": kind, "EXIT_STATUS": status}
            said[kind + status] = subprocess.run(["/bin/sh", "-c", pause], capture_output=True, text=True, env=env).stdout
        want = {"exited1": "paused\n", "exited2": "paused\n", "exited0": "", "killedKILL": ""}
        tap.equal(said, want, f"{name} waits after a failed start only")


def sample():
    with open(os.path.join(ETC, "sample", "campaign.csv"), newline="") as f:
        rows = list(csv.DictReader(f))
    images = {os.path.basename(r["image_url"]) for r in rows}
    there = set(os.listdir(os.path.join(ETC, "sample", "images")))
    tap.ok(len(rows) == 12 and images == there, "the sample campaign has 12 pins with an image each", there ^ images)
    sizes = {n: os.path.getsize(os.path.join(ETC, "sample", "images", n)) for n in there}
    tap.ok(max(sizes.values()) < 20_000, "images are small", sizes)


def receiver():
    """quickstart's receiver: the test vector of Standard Webhooks, and an altered body."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "X-PinBridge-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }
    signed = {"webhook-signature", "webhook-timestamp", "X-PinBridge-Signature"}
    tap.equal(signed & set(verify(headers, body, secret, 1614265330)), set(), "good signatures are accepted")
    wrong = verify(headers, body + b" ", secret, 1614265330 + 301)
    tap.equal(signed & set(wrong), signed, "an altered body and an old timestamp are refused")


with tempfile.TemporaryDirectory(dir="/tmp") as folder:
    receiver()
    configuration(folder)
    errors()
    units(folder)
    unit_promises()
    sample()
sys.exit(tap.done())
