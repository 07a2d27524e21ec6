#!/usr/bin/env python3
"""Makes up requests out of /openapi.json with Schemathesis: every operation, valid and invalid, and chains
of operations. In check few of them, always the same; with --examples 200 as many as
docs/reliability.md tells of.

    test_schemathesis.py [--examples N] [--seed N] [OPERATION...]

Runs itself again inside a virtual environment under $PINTEMPO_VAR. Exits 77 when the package index cannot
be reached.
"""

import argparse
import os
import re
import subprocess
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

import venv_of  # noqa: E402

venv_of.enter("schemathesis", "4.32.5")

from harness import Stack, Tap  # noqa: E402

def register_other(s):
    """The token of another person, who may end all sessions."""
    who = {"full_name": "Other", "email": "other@example.com", "password": "Correct-horse-7"}
    return s.call("POST", "/v1/auth/register", who, auth=False)["access_token"]


def run(s, args):
    config = os.path.join(s.dir, "schemathesis.toml")
    with open(config, "w") as f:
        f.write(CONFIG.format(token=s.token, key=s.key, account=s.account_id))
    words = [sys.executable, "-m", "schemathesis.cli", "--config-file", config]
    words += ["run", s.url + "/openapi.json", "--seed", str(args.seed), "--max-examples", str(args.examples)]
    words += ["--no-color", "--continue-on-failure", "--phases", args.phases]
    for name in args.operations:
        words += ["--include-operation-id", name]
    env = {**os.environ, "SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PTT_URL": s.url, "PTT_TOKEN": s.token}
    env.update(PTT_ACCOUNT=s.account_id, PTT_BOARD=s.board("Always works"))
    env.update(PTT_KEY_ID=s.call("GET", "/v1/api-keys", auth=s.token)[0]["id"])
    env.update(PTT_SESSION=next(x["id"] for x in s.call("GET", "/v1/auth/sessions", auth=s.token) if x["current"]))
    env.update(PTT_OTHER=register_other(s))
    env.update(PTT_PROJECT=s.call("GET", "/v1/projects", auth=s.token)["active_project"]["id"])
    env.update(PYTHONPATH=os.path.join(TOP, "tests", "api") + ":" + os.path.join(TOP, "tests"))
    return subprocess.run(words, env=env, cwd=s.dir, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


# What is not asked, and why. All other checks are on, for all operations.
CONFIG = """
[auth.openapi.session]
bearer = "{token}"
[auth.openapi.bearer]
bearer = "{token}"
[auth.openapi.key]
api_key = "{key}"
[parameters]
"query.account_id" = "{account}"
"query.timezone" = "Europe/Vienna"
[generation]
with-security-parameters = false
# JSON with NUL in a text of no meaning is refused as a whole.
allow-x00 = false
[output.sanitization]
enabled = false
[warnings]
enabled = false

# A state or link that was given out by us has to be there, and a current password.
[[operations]]
include-operation-id = ["oauth_callback", "connect_page_show", "connect_page_go", "password_change"]
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "422"]

# Addresses to return to are those that the operator allows; a cursor is of an earlier answer.
[[operations]]
include-operation-id = ["oauth_start", "pins_list", "schedules_list", "imports_list"]
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "422", "503"]

# What is not named in these may be any JSON, but of that are refused numbers that no machine holds.
[[operations]]
include-operation-id = ["imports_json", "login_login", "login_register"]
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "403", "404", "409", "429"]

# PinBridge's API answers 400 when a schedule is not in a state for that.
[[operations]]
include-operation-id = ["schedules_cancel", "schedules_delete", "schedules_retry"]
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "403", "404", "409", "422"]

# A dry run is a 200 that says what is wrong; rows and bulk ids are refused one by one.
[[operations]]
include-operation-id = ["pins_validate", "schedules_validate"]
[operations.checks.negative_data_rejection]
enabled = false
"""


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--examples", type=int, default=10)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--phases", default="fuzzing,stateful", help="or examples,coverage,fuzzing,stateful")
    p.add_argument("operations", nargs="*")
    args = p.parse_args()
    t = Tap()
    limits = {"requests_burst": 1000000, "requests_per_s": 1000, "sessions": 10000, "api_keys": 10000}
    with Stack(overrides={"limits": limits}) as s:
        s.sign_up()
        done = run(s, args)
        print(done.stdout)
        t.ok(done.returncode == 0, "no request that /openapi.json leads to is answered otherwise than it says")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
