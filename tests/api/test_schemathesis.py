#!/usr/bin/env python3
"""Makes up requests out of /openapi.json with Schemathesis: every operation, valid and invalid, and chains
of operations. In check few of them, always the same; with --examples 200 as many as
docs/reliability.md tells of.

    test_schemathesis.py [--examples N] [--seed N] [--phases NAMES] [--jobs N] [--report PATH] [OPERATION...]

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


def environment(s):
    """What schemathesis_hooks.py asks for."""
    env = {**os.environ, "SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PTT_URL": s.url, "PTT_TOKEN": s.token}
    env.update(PTT_ACCOUNT=s.account_id, PTT_BOARD=s.board("Always works"))
    env.update(PTT_KEY_ID=s.call("GET", "/v1/api-keys", auth=s.token)[0]["id"])
    env.update(PTT_SESSION=next(x["id"] for x in s.call("GET", "/v1/auth/sessions", auth=s.token) if x["current"]))
    env.update(PTT_OTHER=register_other(s))
    env.update(PTT_PROJECT=s.call("GET", "/v1/projects", auth=s.token)["active_project"]["id"])
    env.update(PYTHONPATH=os.path.join(TOP, "tests", "api") + ":" + os.path.join(TOP, "tests"))
    return env


def parts_of(args, known):
    """(phases, operations) of each process. Chains need all operations, so one process has these."""
    if args.jobs == 1:
        return [(args.phases, args.operations)]
    phases = [p for p in args.phases.split(",") if p != "stateful"]
    names = args.operations or known
    alone = "stateful" in args.phases.split(",")
    shares = max(args.jobs - alone, 1)
    made = [(",".join(phases), names[n::shares]) for n in range(shares)] if phases else []
    return made + ([("stateful", args.operations)] if alone else [])


def run(s, args):
    """Whether all of them found nothing."""
    paths = s.call("GET", "/openapi.json", auth=False)["paths"].values()
    known = [o["operationId"] for path in paths for o in path.values() if "operationId" in o]
    named = {name for names in re.findall(r"operation-id = \[(.*?)\]", CONFIG, re.S) for name in re.findall(r'"(\w+)"', names)}
    assert named <= set(known), f"no operations: {named - set(known)}"
    config = os.path.join(s.dir, "schemathesis.toml")
    with open(config, "w") as f:
        f.write(CONFIG.format(token=s.token, key=s.key, account=s.account_id))
    env, running = environment(s), []
    sys.stdout.flush()
    for n, (phases, operations) in enumerate(parts_of(args, known)):
        words = [sys.executable, "-m", "schemathesis.cli", "--config-file", config]
        words += ["run", s.url + "/openapi.json", "--seed", str(args.seed), "--max-examples", str(args.examples)]
        words += ["--no-color", "--continue-on-failure", "--phases", phases]
        for name in operations:
            words += ["--include-operation-id", name]
        if args.report:
            words += ["--report", "ndjson", "--report-ndjson-path", f"{args.report}.{n}.ndjson"]
        said = open(f"{args.report}.{n}.txt", "w") if args.report else None
        running.append(subprocess.Popen(words, env=env, cwd=s.dir, stdout=said, stderr=subprocess.STDOUT))
    good = not any([r.wait() for r in running])
    for n in range(len(running) if args.report else 0):
        with open(f"{args.report}.{n}.txt") as f:
            print(f.read())
    return good


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

# A request of the right form is done, or not allowed, or there is no such thing, or its state, an If-Match, a pace or
# Pinterest says no.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "412", "429", "503"]

# Addresses that are too long are refused by the web server.
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "412", "414", "415", "422", "428", "429", "431", "5xx"]

# More than the form counts: an event, link, token, id or password that was given out before.
[[operations]]
include-operation-id = [
    "connect_page_go", "connect_page_show", "email_change_confirm", "email_change_press", "email_preferences_press",
    "email_preferences_unsubscribe", "email_verify_confirm", "email_verify_press", "events_list", "oauth_callback",
    "password_change", "password_reset", "password_reset_form", "password_reset_page", "status_tokens_create",
]
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "412", "422", "429", "503"]

# Days that Pinterest still tells, its names of figures, times that clocks of a zone show, addresses that the operator
# allows, terms that are counted when they have been split at commas and doubles are gone.
[[operations]]
include-operation-id = [
    "analytics_of_account", "analytics_of_pin", "analytics_overview", "analytics_top_pins", "dashboard_summary", "oauth_start",
    "terms_related",
]
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "429", "503"]

# States that PinBridge's API answers with 400.
[[operations]]
include-operation-id = ["schedules_cancel", "schedules_delete", "schedules_retry"]
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "412", "429", "503"]

# A dry run is a 200 that says what is wrong, and so is a batch, whose pins are refused one by one. Too many terms are
# right when some are there twice.
[[operations]]
include-operation-id = ["pins_validate", "schedules_validate", "batch_create", "terms_related"]
[operations.checks.negative_data_rejection]
enabled = false
"""


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--examples", type=int, default=5)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--phases", default="fuzzing,stateful", help="or examples,coverage,fuzzing,stateful")
    p.add_argument("--jobs", type=int, default=1, help="so many processes, of which one has the chains")
    p.add_argument("--report", help="what happens goes to REPORT.N.txt and, as it happens, to REPORT.N.ndjson")
    p.add_argument("operations", nargs="*")
    args = p.parse_args()
    t = Tap()
    limits = {"requests_burst": 1000000, "requests_per_s": 1000, "sessions": 10000, "api_keys": 10000}
    with Stack(overrides={"limits": limits}) as s:
        s.sign_up()
        t.ok(run(s, args), "no request that /openapi.json leads to is answered otherwise than it says")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
