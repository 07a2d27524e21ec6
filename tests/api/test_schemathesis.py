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


def parts_of(s, args):
    """(phases, operations) of each process. Chains need all operations, so one process has these."""
    if args.jobs == 1:
        return [(args.phases, args.operations)]
    phases = [p for p in args.phases.split(",") if p != "stateful"]
    paths = s.call("GET", "/openapi.json", auth=False)["paths"].values()
    names = args.operations or [o["operationId"] for path in paths for o in path.values() if "operationId" in o]
    alone = "stateful" in args.phases.split(",")
    shares = max(args.jobs - alone, 1)
    made = [(",".join(phases), names[n::shares]) for n in range(shares)] if phases else []
    return made + ([("stateful", args.operations)] if alone else [])


def run(s, args):
    """Whether all of them found nothing."""
    config = os.path.join(s.dir, "schemathesis.toml")
    with open(config, "w") as f:
        f.write(CONFIG.format(token=s.token, key=s.key, account=s.account_id))
    env, running = environment(s), []
    sys.stdout.flush()
    for n, (phases, operations) in enumerate(parts_of(s, args)):
        words = [sys.executable, "-m", "schemathesis.cli", "--config-file", config]
        words += ["run", s.url + "/openapi.json", "--seed", str(args.seed), "--max-examples", str(args.examples)]
        words += ["--no-color", "--continue-on-failure", "--phases", phases]
        for name in operations:
            words += ["--include-operation-id", name]
        if args.report:
            words += ["--report", "ndjson", "--report-ndjson-path", f"{args.report}.{n}.ndjson"]
        said = open(f"{args.report}.{n}.txt", "w") if args.report else None
        running.append(subprocess.Popen(words, env=env, cwd=s.dir, stdout=said, stderr=subprocess.STDOUT))
    return not any([r.wait() for r in running])


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

# Where a valid request may be refused, because more counts than its form: a state, link, cursor, token or password
# that was given out before; an address that the operator allows; a state that PinBridge's API answers with 400.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "412", "422", "429", "5xx"]

# Addresses that are too long are refused by the web server.
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "412", "414", "415", "422", "428", "429", "431", "5xx"]

# Not so for these: a request of the right form is done, or there is no such thing, or an If-Match says no.
[[operations]]
include-operation-id = [
    "accounts_list", "accounts_revoke", "api_keys_create", "api_keys_delete", "api_keys_list",
    "api_keys_patch", "attempts_list", "batch_create", "billing_checkout", "billing_portal",
    "billing_pricing", "billing_status", "billing_stripe", "boards_access", "boards_create", "boards_list",
    "bulk_pins_delete", "bulk_pins_retry", "bulk_schedules_cancel", "bulk_schedules_delete",
    "bulk_schedules_retry", "campaigns_get", "campaigns_list", "connect_links_create",
    "connect_links_delete", "connect_links_list", "docs_openapi", "docs_page", "docs_php_client",
    "docs_style", "imports_get", "jobs_get", "limits_get", "login_me", "lookup_pin", "lookup_schedule",
    "mcp_quota", "mcp_track", "pause_account", "pause_account_end", "pause_project", "pause_project_end",
    "pins_check", "pins_create", "pins_delete", "pins_get", "pins_patch", "pins_retry", "pins_settle",
    "projects_list", "projects_sandbox", "projects_switch", "rate_meter_get", "reset_sandbox",
    "schedules_create", "schedules_export", "schedules_get", "schedules_patch", "sessions_delete",
    "sessions_delete_others", "sessions_list", "sessions_logout", "system_healthz", "system_readyz",
    "system_root", "terms_related", "timeline_pin", "timeline_schedule", "webhooks_create",
    "webhooks_delete", "webhooks_get", "webhooks_list", "webhooks_patch", "webhooks_rotate", "why_pin",
    "why_schedule",
]
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "412", "429", "503"]

# A dry run is a 200 that says what is wrong, and so is a batch, whose pins are refused one by one.
[[operations]]
include-operation-id = ["pins_validate", "schedules_validate", "batch_create"]
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
