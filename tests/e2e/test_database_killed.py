#!/usr/bin/env python3
"""MariaDB is killed repeatedly while hundreds of pins are published: nothing is lost or made twice."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402
from harness import Stack, Tap  # noqa: E402
from workload import accounts, body, each, iso, now_us, open_pins, titles  # noqa: E402

t = Tap()
KILLS, KILL_PINS = 5, 300


def database_killed():
    """MariaDB is killed five times during a run of 300 pins."""
    sandbox = {"burst": 400, "verify_after_ms": 1000, "verify_gap_ms": 500, "create_timeout_ms": 10000}
    with Stack(own_database=True, overrides={"sandbox": sandbox}) as s:
        s.sign_up()
        some = accounts(s, 6)
        arm = {"match": {"method": "POST", "path_prefix": "/v5/pins"}, "times": 100000}
        s.admin("arm", arm | {"fault": {"kind": "delay_ms", "ms": 60}})
        start = now_us()

        def create(k):
            fields = {"title": f"Killed {k}", "idempotency_key": f"killed-{k}"}
            path = "/v1/pins"
            if k % 3:
                path, fields = "/v1/schedules", fields | {"run_at": iso(start + 5_000_000 + k * 20_000)}
            for _ in range(100):
                status, _, value = s.api("POST", path, body(s, some[k % 6], **fields))
                if status == 201:
                    return value["id"]
                if status == 422:  # its time had passed before validation
                    fields["run_at"] = iso(now_us() + 1_000_000)
            raise AssertionError(f"{status} {value}")

        each(create, range(KILL_PINS))
        for kill in range(KILLS):
            published = s.wait_for(lambda: past(s, 30 + kill * 50), 40, "the run goes on")
            s.kill9("database")
            s.start("database")
            last = time.monotonic()
            print(f"# killed and started at {published} published", flush=True)
        s.wait_for(lambda: open_pins(s) == 0, 60, "all pins have ended")
        took = time.monotonic() - last
        t.ok(took < 60, f"database killed: all pins end within 60 s of the last start ({took:.0f} s)")
        made = titles(s)
        t.equal(len(made), KILL_PINS, "database killed: every pin was made on Pinterest")
        t.equal({k: v for k, v in made.items() if v != 1}, {}, "database killed: no pin was made twice")
        t.equal(s.log("worker").count("event=taken_over"), 0, "database killed: the worker survived and lost no answer")
        states = s.sql("SELECT state, error_code, COUNT(*) FROM pins GROUP BY 1, 2")
        t.equal(states, [["4", None, str(KILL_PINS)]], "database killed: all pins are published")
        checker.report(s, t, "database killed")


def past(s, count):
    row = s.sql("SELECT COUNT(*) FROM pins WHERE state = 4", check=False)
    return row and int(row[0][0]) >= count and int(row[0][0])


def main():
    database_killed()
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
