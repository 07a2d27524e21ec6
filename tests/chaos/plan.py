"""What a chaos run will do, made from its seed alone: the users' requests and the faults, each with
its time. The same seed gives the same plan, whatever the machine does with it."""

import hashlib
import json
import random

import clockfaults
import dbfaults
import httpfaults

TENANTS = 2
# (tenant, name of the simulator's user; None: the sandbox's default user). alice is connected
# twice: one lane.
ACCOUNTS = [(0, None), (0, "alice"), (0, "spike"), (1, None), (1, "alice"), (1, "bob")]
SPIKE = 2

CREATE_FAULTS = [
    {"kind": "lost"},
    {"kind": "lost_after"},
    {"kind": "html_500"},
    {"kind": "html_500_after", "status": 502},
    {"kind": "html_500_after", "status": 503},
    {"kind": "foreign", "status": 404},
    {"kind": "foreign_after", "status": 403},
    {"kind": "no_rid"},
    {"kind": "truncate"},
    {"kind": "empty"},
    {"kind": "no_id"},
    {"kind": "wrong_length"},
    {"kind": "bad_utf8"},
    {"kind": "oversized", "bytes": 400000},
    {"kind": "slow_body", "byte_ms": 20},
    {"kind": "delay_ms", "ms": 400},
    {"kind": "delay_ms", "ms": 1800},
    {"kind": "lost", "ms": 1800},
    {"kind": "delay_ms", "after_ms": 1800},
    {"kind": "revoke"},
    {"kind": "status", "status": 429, "code": 8, "message": "exceeded a rate limit", "reset_s": 1},
    {"kind": "status", "status": 429, "code": 9, "message": "You've hit a block (Pins)"},
    {"kind": "status", "status": 400, "code": 1, "message": "Sorry we could not fetch the image."},
    {"kind": "status", "status": 403, "code": 235, "message": "Sorry, this image is broken."},
    {"kind": "status", "status": 401, "code": 2, "message": "Authentication failed."},
    {"kind": "status", "status": 401, "code": 3, "message": "Your application consumer type is not supported"},
    {"kind": "status", "status": 408, "code": 0, "message": "time-out"},
    {"kind": "status", "status": 409, "code": 409, "message": "conflict"},
    {"kind": "status", "status": 500, "code": 2787, "message": "Sorry! Something went wrong on our end."},
]
LISTING_FAULTS = [
    {"kind": "html_500"},
    {"kind": "status", "status": 429, "code": 8, "message": "exceeded a rate limit", "reset_s": 1},
    {"kind": "truncate"},
    {"kind": "lost"},
]
REFRESH_FAULTS = [{"kind": "lost_after"}, {"kind": "lost"}, {"kind": "html_500"}, {"kind": "truncate"}]
# (kind, seconds it lasts): faults of programs and of the database
DISTURBANCES = [
    ("kill worker", 0),
    ("stop worker", 3.0),
    ("kill app", 0),
    ("stop app", 1.0),
    ("kill sandbox", 0),
    ("sandbox down", 2.5),
    ("stop sandbox", 1.5),
    ("kill database", 0),
    ("stop database", 1.5),
    ("database read-only", 1.0),
    ("database full of connections", 1.0),
    ("cut connections", 0),
    ("locks held", 1.5),
    ("refresh lost", 0),
    ("kill worker", 0),
    ("long snapshot", 8.0),
]


def people(rng, seconds, per_s=1.6, imports_s=4):
    """The users' requests: (at, tenant, operation, arguments). per_s: requests per second and
    account; imports_s: seconds from one import to the next."""
    ops, made = [], [0, 0]
    for account in range(len(ACCOUNTS)):
        t = rng.uniform(0, 0.5)
        tenant = ACCOUNTS[account][0]
        while t < seconds:
            kind = rng.random()
            args = {"account": account, "n": len(ops)}
            if rng.random() < 0.3:
                args["link"] = rng.randrange(3)
            if len(ops) % 7 == 3:
                args["blanks"] = True  # Pinterest may change the text
            if rng.random() < 0.08 and ops:
                args["twin"] = True  # the same text as another pin
            if kind < 0.25:
                ops.append((t, tenant, "pin", args))
            elif kind < 0.6 or made[tenant] < 3:
                args["delay"] = rng.uniform(0.2, 5)
                if rng.random() < 0.05:
                    args["window"] = 61
                if rng.random() < 0.03:
                    args["poison"] = "pin"
                ops.append((t, tenant, "schedule", args))
                made[tenant] += 1
            else:
                what = rng.choices(["cancel", "edit", "retry", "retry pin", "get"], [4, 4, 3, 2, 2])[0]
                ops.append((t, tenant, what, {"which": rng.randrange(made[tenant])}))
            t += rng.expovariate(per_s)
    for _ in range(max(2, int(seconds // imports_s))):
        account = rng.randrange(len(ACCOUNTS))
        args = {"account": account, "n": len(ops), "rows": rng.randrange(3, 15), "delay": rng.uniform(1, 5)}
        ops.append((rng.uniform(0, seconds), ACCOUNTS[account][0], "import", args))
    ops.append((rng.uniform(0.5, 2), 0, "import", {"account": SPIKE, "n": len(ops), "rows": 60, "delay": 3}))
    return sorted(ops, key=lambda o: o[0])


def faults(rng, seconds, strict):
    """(at, kind, arguments): faults of programs one after another, the simulator's throughout."""
    out = []
    order = DISTURBANCES[:]
    rng.shuffle(order)
    t = rng.uniform(1, 2)
    while t < seconds:
        if not order:
            order = DISTURBANCES[:]
            rng.shuffle(order)
        kind, lasts = order.pop()
        out.append((t, kind, {"for": round(lasts * rng.uniform(0.6, 1), 3), "pick": rng.randrange(100)}))
        t += lasts + rng.uniform(0.8, 2.0)
    armed = rng.sample(CREATE_FAULTS, len(CREATE_FAULTS))
    for k, fault in enumerate(armed):
        if fault["kind"] == "revoke" and not strict:
            continue
        arm = {"match": {"method": "POST", "path_prefix": "/v5/pins"}, "fault": fault}
        out.append((seconds * k / len(armed), "arm", {"arm": arm | {"permille": 500, "seed": rng.randrange(10**6)}}))
    for fault in LISTING_FAULTS:
        arm = {"match": {"method": "GET", "path_prefix": "/v5/boards"}, "fault": fault, "times": 3}
        out.append((rng.uniform(0, seconds), "arm", {"arm": arm | {"permille": 250, "seed": rng.randrange(10**6)}}))
    for k in range(int(seconds // 2)):
        out.append((2 * k + 1, "refresh due", {"pick": rng.randrange(100)}))
        out.append((2 * k + 0.5, "left by a reset", {"pick": k}))
    return sorted(out, key=lambda f: f[0])


def gentle(p, missing, seconds):
    """That plan for crash points not yet reached: only crash points kill programs, tokens are
    refreshed and answers lost throughout, and an armed worker has time."""
    rng = random.Random(f"{p['seed']} gentle")
    arm = {"match": {"method": "POST", "path_prefix": "/v5/pins"}, "times": 2}
    p["faults"] = [(0.3 + k * 0.7, "refresh due", {"pick": rng.randrange(100)}) for k in range(int(seconds / 0.7))]
    for k in range(8):
        kind = "lost" if k % 2 else "lost_after"
        p["faults"].append((0.5 * k, "arm", {"arm": arm | {"fault": {"kind": kind}, "permille": 1000, "seed": k}}))
    p["faults"] += [(k, "left by a reset", {"pick": k}) for k in range(int(seconds))]
    p["faults"] = sorted(p["faults"], key=lambda f: f[0]) + [(seconds, "refresh due", {"pick": 0})]
    p["database"], p["http"]["cron"], p["workers"] = [], False, 3
    p["crashes"] = [(point, 1) for point in rng.sample(sorted(missing), len(missing))] * 2


def plan(seed, seconds, points):
    rng = random.Random(seed)
    strict = rng.random() < 0.3
    p = {
        "seed": seed,
        "workers": rng.choice([1, 2, 2, 3]),
        "rotation": "strict" if strict else "lenient",
        "listing": rng.choice(["newest", "oldest", "shuffled"]),
        "skew_s": rng.choice([0, 0, 0, 300, -300]),
        "slow_hook": rng.random() < 0.5,
        "people": sorted(people(rng, seconds) + dbfaults.poisoned(seed, seconds, ACCOUNTS), key=lambda o: o[0]),
        "faults": faults(rng, seconds, strict),
        "crashes": [(point, rng.choice([1, 1, 2, 3])) for point in rng.sample(points, len(points))],
    }
    p["database"] = dbfaults.plan(seed, seconds)
    p["http"] = httpfaults.plan(seed, seconds)
    p["clock"] = clockfaults.plan(seed, seconds)
    p["faults"] = sorted(p["faults"] + p["http"].pop("faults"), key=lambda f: f[0])
    if p["http"]["heavy"]:  # one thing at a time: where nothing is sent, nothing can go wrong on the way
        p["database"] = [f for f in p["database"] if f[1] not in dict(dbfaults.HEAVY)]
    return sealed(p)


def sealed(p):
    p.pop("digest", None)
    return p | {"digest": hashlib.sha256(json.dumps(p, sort_keys=True).encode()).hexdigest()[:12]}
