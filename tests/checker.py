"""Invariants that must always hold (I1 to I7, I10 and others), judged from the tables and the simulator's
ledger alone.

    world = checker.load(stack)                    # a snapshot of everything
    faults = checker.check(world, ended=True)      # {"I1": [text, ...], ...}; empty lists are good
    checker.report(stack, tap, "after the run")    # one TAP line per invariant

ended: all work has ended, so nothing may wait or be in flight any more.
Reads only, so it may run beside anything (ended=False)."""

import collections
import copy
import json

from checker_lane import SHARDS, shard_pace, out_of_order, overlaps, lane_pace
from checker_unknown import unexplained

BURST, INTERVAL_MS = 50, 1000  # a sandbox lane's defaults
GLOBAL_BURST, GLOBAL_PER_S = 6400, 640
PLANNED, WAITING, SENDING, VERIFYING, PUBLISHED, FAILED, CANCELED = range(7)
STATES = "planned waiting sending verifying published failed canceled".split()
OUT_PUBLISHED, OUT_REFUSED, OUT_UNKNOWN, OUT_NOT_SENT = range(1, 5)
EVENT_PUBLISHED, EVENT_FAILED = 1, 2
NAMES = {
    "I1": "nothing is lost: ended, or waiting with a deadline",
    "I2": "never twice: one Pinterest pin per pin",
    "I3": "never early",
    "I4": "the lane's pace holds in every window",
    "global": "the global pace holds in every window, and each shard's share of it",
    "I5": "one create in flight per lane",
    "I6": "one event per terminal transition, every delivery accounted for",
    "I7": "schedule, pin, attempt and lane agree",
    "I10": "nothing leaves after a cancel",
    "activity": "every start and every end is in the activity log once",
    "order": "a lane sends an account's pins in the order of their times",
    "unknown": "every unknown outcome has a reason",
}

COLUMNS = {
    "pins": """#id #project_id #account_id #lane_id #schedule_id state version run_at! not_after!
        due_at! deadline_at! attempts retries_spent error_code pinterest_pin_id confirmed_by
        published_at! failed_at! created_at! updated_at! deleted_at! board_id #title #description
        #link_url error_message candidates maybe_sent_since!""",
    "schedules": "#id #project_id #account_id #pin_id state version run_at! due_at! updated_at! deleted_at!",
    "attempts": """#pin_id number #lane_id #account_id #worker_id opened_at! gate_at! closed_at! outcome
        http_status #snapshot pinterest_pin_id""",
    "lanes": """#id shard environment pinterest_user_id next_turn_at! busy_until! #in_flight_pin blocked_hosts""",
    "pinterest_accounts": """#id #project_id #lane_id pace_burst pace_interval_ms daily_cap health paused_at!
        revoked_at!""",
    "events": "#id #project_id type #subject_id subject_version created_at!",
    "deliveries": "#event_id #webhook_id state due_at! deadline_at!",
    "webhooks": "#id #project_id events is_enabled created_at! deleted_at!",
    "activity_logs": "#resource_id action created_at!",
}
LEDGER = "id arrived_at! answered_at! user_id board_id #body status pin_id fault"
LISTED = "id board_id #title #description #link #alt_text inserted_at!"
TEXT = set(
    "board_id pinterest_user_id error_code error_message candidates pinterest_pin_id confirmed_by action fault".split()
)


def read(stack, table, columns, database=True):
    """Rows as dicts: columns marked `#` are bytes (as hex), `!` times (in microseconds); other
    numbers are int."""
    names, selects = [], []
    for word in columns.split():
        name = word.strip("#!")
        names.append(name)
        if word.startswith("#"):
            selects.append(f"HEX({name})")
        elif word.endswith("!"):
            selects.append(f"TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {name})")
        else:
            selects.append(name)
    out = []
    for row in stack.sql(f"SELECT {', '.join(selects)} FROM {table}", database):
        values = dict(zip(names, row))
        for word, name in zip(columns.split(), names):
            if values[name] is not None and not word.startswith("#") and name not in TEXT:
                values[name] = int(values[name]) if values[name].lstrip("-").isdigit() else values[name]
        out.append(values)
    return out


def canonical(hexed):
    """The same text for equal JSON, whatever the order of its fields."""
    raw = bytes.fromhex(hexed).decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(raw), sort_keys=True)
    except ValueError:
        return raw


class World:
    """Everything that was read, with the configured rates. `duplicates`: ids of pins that were
    retried with accept_duplicate, and so may exist twice on Pinterest."""

    duplicates = frozenset()

    def of(self, table, key, value):
        return [r for r in getattr(self, table) if r[key] == value]


def load(stack):
    w = World()
    # The ledger is read last: it then has every create that the tables say was sent, if it arrived.
    for table, columns in COLUMNS.items():
        setattr(w, table, read(stack, table, columns))
    w.now = int(stack.sql("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))")[0][0])
    w.creates = read(stack, "sandbox_creates", LEDGER, stack.database + "_sandbox")
    for c in w.creates:
        c["text"] = canonical(c["body"])
        c["pin_id"] = None if c["pin_id"] is None else str(c["pin_id"])
    w.boards = read(stack, "sandbox_pins", LISTED, stack.database + "_sandbox")
    for a in w.attempts:
        a["text"] = canonical(a["snapshot"])
    sandbox = stack.settings["sandbox"]
    w.burst = int(sandbox.get("burst", BURST))
    w.interval_us = int(sandbox.get("interval_ms", INTERVAL_MS)) * 1000
    worker = stack.settings["worker"]
    w.global_burst = int(worker.get("global_burst", GLOBAL_BURST))
    w.global_us = 10**6 // int(worker.get("global_per_s", GLOBAL_PER_S))
    w.gate_us = int(sandbox.get("max_send_delay_ms", 2000)) * 1000
    w.host_gap_us = int(sandbox.get("host_gap_ms", 0)) * 1000
    w.daily_cap = int(sandbox.get("daily_cap", 0))
    w.longest_us = (int(sandbox.get("create_timeout_ms", 30000)) + int(sandbox.get("max_send_delay_ms", 2000))) * 1000
    w.absent_us = (int(sandbox.get("verify_after_ms", 0)) + int(sandbox.get("verify_gap_ms", 0))) * 1000
    index(w)
    return w


def index(w):
    w.pin = {p["id"]: p for p in w.pins}
    w.lane = {x["id"]: x for x in w.lanes}
    w.attempts_of = collections.defaultdict(list)
    w.logs_of = collections.defaultdict(list)
    for r in w.activity_logs:
        w.logs_of[r["resource_id"]].append(r)
    w.by_lane = collections.defaultdict(list)
    for a in sorted(w.attempts, key=lambda a: (a["opened_at"], a["number"])):
        w.attempts_of[a["pin_id"]].append(a)
        w.by_lane[a["lane_id"]].append(a)
    w.committed = collections.defaultdict(list)
    w.received = collections.Counter()
    for c in w.creates:
        w.received[c["text"]] += 1
        if c["pin_id"] is not None:
            w.committed[c["text"]].append(c)
    w.lane_of_user = {x["pinterest_user_id"]: x["id"] for x in w.lanes}
    w.owner = {p["pinterest_pin_id"]: p for p in w.pins if p["pinterest_pin_id"]}
    w.made_of = {c["pin_id"]: c["text"] for c in w.creates if c["pin_id"]}
    w.listed = {str(x["id"]): x | {"id": str(x["id"])} for x in w.boards}


def brief(p):
    return f"pin {p['id'][-8:]} {STATES[p['state']]}"


def lost(w, ended):
    for s in w.schedules:
        name = f"schedule {s['id'][-8:]} {STATES[s['state']]}"
        if s["state"] == PLANNED and s["due_at"] is None:
            yield f"{name}: never due"
        if s["state"] not in (PLANNED, CANCELED) and not s["deleted_at"] and s["pin_id"] not in w.pin:
            if s["state"] != FAILED:
                yield f"{name}: its pin does not exist"
        if ended and s["state"] == PLANNED and s["due_at"] is not None and s["due_at"] < w.now:
            yield f"{name}: overdue"
    for p in w.pins:
        if p["deleted_at"]:
            continue
        lane = w.lane[p["lane_id"]]
        if ended and p["state"] in (WAITING, SENDING, VERIFYING):
            yield f"{brief(p)}: not ended ({p['error_code']})"
        if p["state"] == WAITING:
            if p["due_at"] is None or p["deadline_at"] is None:
                yield f"{brief(p)}: no due time or no deadline"
            accounts = [a for a in w.pinterest_accounts if a["id"] == p["account_id"]]
            usable = accounts and not (accounts[0]["health"] or accounts[0]["paused_at"])
            if usable and lane["next_turn_at"] is None and not lane["in_flight_pin"]:
                yield f"{brief(p)}: its lane has no next turn"
        if p["state"] == SENDING and not any(a["number"] == p["attempts"] for a in w.attempts_of[p["id"]]):
            yield f"{brief(p)}: no attempt"
        if p["state"] == VERIFYING and p["due_at"] is None:
            yield f"{brief(p)}: will never be looked up"
        if p["state"] == PUBLISHED and not (p["pinterest_pin_id"] and p["published_at"] and p["confirmed_by"]):
            yield f"{brief(p)}: published without id, time or source"
        if p["state"] == FAILED and not (p["error_code"] and p["failed_at"]):
            yield f"{brief(p)}: failed without reason or time"
        if p["state"] in (PUBLISHED, FAILED) and (p["due_at"] is not None or p["deadline_at"] is not None):
            yield f"{brief(p)}: ended, but still in flight on its lane"


def twice(w, ended):
    sent = collections.defaultdict(set)  # body -> pins that sent it
    attempts = collections.Counter()
    for a in w.attempts:
        if a["outcome"] != OUT_NOT_SENT:
            sent[a["text"]].add(a["pin_id"])
        if a["gate_at"] is not None or a["outcome"] in (None, OUT_UNKNOWN):
            attempts[a["text"]] += 1
    for text, creates in w.committed.items():
        more = len(sent[text] & w.duplicates)
        if len(creates) > len(sent[text]) + more:
            yield f"{len(creates)} Pinterest pins of {len(sent[text])} pin(s): {text[:100]}"
    for p in w.pins:
        own = {a["text"] for a in w.attempts_of[p["id"]]}
        made = sum(len(w.committed[text]) for text in own if sent[text] == {p["id"]})
        if made > 1 + (p["id"] in w.duplicates):
            yield f"{brief(p)}: {made} Pinterest pins with {len(own)} different bodies"
    for text, count in w.received.items():
        if count > attempts[text]:
            yield f"{count} creates arrived, {attempts[text]} attempts were sent: {text[:100]}"
    owner = {}
    for p in w.pins:
        made = p["pinterest_pin_id"]
        if made is None:
            continue
        if made in owner:
            yield f"{brief(p)}: has the same Pinterest pin as {owner[made]}"
        owner[made] = brief(p)
        bodies = {a["text"] for a in w.attempts_of[p["id"]]}
        if made not in {c["pin_id"] for b in bodies for c in w.committed[b]} and p["confirmed_by"] != "user":
            yield f"{brief(p)}: its Pinterest pin {made} was not made from what it sent"
    for p in w.pins:
        if not ended or p["state"] != FAILED or p["error_code"] == "outcome_unknown":
            continue
        for b in {a["text"] for a in w.attempts_of[p["id"]]}:
            free = [c for c in w.committed[b] if c["pin_id"] not in owner]
            if free:
                yield f"{brief(p)} ({p['error_code']}): but Pinterest has {free[0]['pin_id']}"


def early(w, ended):
    first = {}
    for a in w.attempts:
        run_at = w.pin[a["pin_id"]]["run_at"] if a["pin_id"] in w.pin else 0
        for moment in ("opened_at", "gate_at"):
            if a[moment] is not None and a[moment] < run_at:
                yield f"attempt {a['number']} of {a['pin_id'][-8:]}: {moment} {run_at - a[moment]} us early"
        first[a["text"]] = min(first.get(a["text"], run_at), run_at)
    for c in w.creates:
        if c["text"] in first and c["arrived_at"] < first[c["text"]]:
            yield f"create {c['id']} arrived {first[c['text']] - c['arrived_at']} us early"


def events_missing(w, ended):
    events = collections.defaultdict(list)
    for e in w.events:
        events[e["subject_id"]].append(e)
    again, refused = collections.Counter(), collections.Counter()
    for r in w.activity_logs:
        refused[r["resource_id"]] += r["action"] == "schedule.failed"
        if r["action"] in ("pin.retried", "schedule.retried", "pin.settled"):
            again[r["resource_id"]] += 1
    for p in w.pins:
        got = sorted(events.pop(p["id"], []), key=lambda e: e["subject_version"])
        over = p["state"] in (PUBLISHED, FAILED)
        want = over + again[p["id"]] + again[p["schedule_id"]]
        if len(got) != want:
            yield f"{brief(p)}: {len(got)} events, {want} terminal transitions"
        elif over:
            kind = EVENT_PUBLISHED if p["state"] == PUBLISHED else EVENT_FAILED
            if got[-1]["type"] != kind or got[-1]["subject_version"] > p["version"]:
                yield f"{brief(p)}: its last event is of type {got[-1]['type']}"
    for s in w.schedules:
        # A schedule that the database refused to turn into a pin has events under its own id, one
        # per refusal.
        events_found = len(events.pop(s["id"], []))
        if events_found != refused[s["id"]]:
            yield f"schedule {s['id'][-8:]}: refused {refused[s['id']]} times, {events_found} events"
    for e in [e for rest in events.values() for e in rest]:
        yield f"event {e['id'][-8:]} belongs to no pin"
    sent = collections.Counter((d["event_id"], d["webhook_id"]) for d in w.deliveries)
    for e in w.events:
        for h in w.webhooks:
            wanted = h["project_id"] == e["project_id"] and h["events"] >> (e["type"] - 1) & 1
            if wanted and h["created_at"] < e["created_at"] and not h["deleted_at"]:
                if sent[e["id"], h["id"]] != 1:
                    yield f"event {e['id'][-8:]}: {sent[e['id'], h['id']]} deliveries to a webhook"
    for d in w.deliveries:
        if d["state"] == 0 and d["due_at"] is None:
            yield f"a delivery of event {d['event_id'][-8:]} stays pending"


def disagree(w, ended):
    for s in w.schedules:
        p = w.pin.get(s["pin_id"])
        name = f"schedule {s['id'][-8:]} {STATES[s['state']]}"
        if p is None:
            if s["state"] not in (PLANNED, CANCELED, FAILED):
                yield f"{name}: no pin"
            continue
        if p["schedule_id"] != s["id"]:
            yield f"{name}: its pin belongs to another schedule"
        if not p["deleted_at"] and p["state"] != s["state"]:
            yield f"{name}: its {brief(p)}"
        if p["deleted_at"] and s["state"] not in (CANCELED, PUBLISHED, FAILED):
            yield f"{name}: its pin was deleted"
    several = collections.Counter(p["schedule_id"] for p in w.pins if p["schedule_id"])
    for schedule, count in several.items():
        if count > 1:
            yield f"schedule {schedule[-8:]}: {count} pins"
    for p in w.pins:
        mine = w.attempts_of[p["id"]]
        numbers = sorted(a["number"] for a in mine)
        if numbers != list(range(1, p["attempts"] + 1)):
            yield f"{brief(p)}: attempts {numbers}, counted {p['attempts']}"
        if p["state"] in (PUBLISHED, FAILED, WAITING) and any(a["outcome"] is None for a in mine):
            yield f"{brief(p)}: has an open attempt"
        answers = [a for a in mine if a["outcome"] == OUT_PUBLISHED]
        if len(answers) > 1 + (p["id"] in w.duplicates):
            yield f"{brief(p)}: published by {len(answers)} attempts"
        if answers and p["state"] != PUBLISHED and not p["deleted_at"] and p["error_code"] != "outcome_unknown":
            if ended or p["state"] in (WAITING, FAILED):
                yield f"{brief(p)}: not published although an attempt was"
        last = max(mine, key=lambda a: a["number"]) if mine else None
        if p["state"] == FAILED and last and last["outcome"] == OUT_UNKNOWN:
            if p["error_code"] not in ("outcome_unknown", "transient_upstream", "publish_window_missed"):
                yield f"{brief(p)} {p['error_code']}: but its last attempt's outcome is unknown"
    for x in w.lanes:
        if ended and x["in_flight_pin"] and x["busy_until"] is not None and x["busy_until"] < w.now - 5_000_000:
            if w.pin.get(x["in_flight_pin"], {"state": None})["state"] == SENDING:
                yield f"lane {x['id'][-8:]}: not freed after its pin ended"


def after_cancel(w, ended):
    tied = {p["pinterest_pin_id"] for p in w.pins}
    for s in w.schedules:
        p = w.pin.get(s["pin_id"])
        if s["state"] != CANCELED or p is None:
            continue
        if not p["deleted_at"]:
            yield f"schedule {s['id'][-8:]} is canceled, its {brief(p)} is not"
        for a in w.attempts_of[p["id"]]:
            if a["opened_at"] > s["updated_at"]:
                yield f"schedule {s['id'][-8:]}: attempt {a['number']} after its cancel"
            # A pin with an unknown outcome that waited again was proven absent: that takes time,
            # and Pinterest must not have it.
            free = [c for c in w.committed[a["text"]] if c["pin_id"] not in tied]
            unproven = free or s["updated_at"] < a["opened_at"] + w.absent_us
            if a["outcome"] in (None, OUT_PUBLISHED) or a["outcome"] == OUT_UNKNOWN and unproven:
                yield f"schedule {s['id'][-8:]}: canceled although attempt {a['number']} may have published it"


def unlogged(w, ended):
    logged = collections.Counter((r["resource_id"], r["action"]) for r in w.activity_logs)
    ends = collections.Counter(e["subject_id"] for e in w.events)
    gone = {a["id"] for a in w.pinterest_accounts if a["revoked_at"]}
    for p in w.pins:
        said = sum(logged[p["id"], a] for a in ("pin.published", "pin.publish_failed", "pin.settled"))
        if said != ends[p["id"]]:
            yield f"{brief(p)}: {said} ends logged, {ends[p['id']]} expected"
        if logged[p["id"], "pin.created"] != (p["schedule_id"] is None):
            yield f"{brief(p)}: {logged[p['id'], 'pin.created']} times created"
    for s in w.schedules:
        name = f"schedule {s['id'][-8:]} {STATES[s['state']]}"
        if logged[s["id"], "schedule.created"] != 1:
            yield f"{name}: {logged[s['id'], 'schedule.created']} times created"
        if s["state"] == CANCELED and logged[s["id"], "schedule.canceled"] != 1 and s["account_id"] not in gone:
            yield f"{name}: {logged[s['id'], 'schedule.canceled']} times canceled"
        if s["state"] == FAILED and s["pin_id"] not in w.pin and not logged[s["id"], "schedule.failed"]:
            yield f"{name}: its end is not logged"


CHECKS = {
    "I1": lost,
    "I2": twice,
    "I3": early,
    "I4": lane_pace,
    "global": shard_pace,
    "I5": overlaps,
    "I6": events_missing,
    "I7": disagree,
    "I10": after_cancel,
    "activity": unlogged,
    "order": out_of_order,
    "unknown": unexplained,
}


def check(w, ended=True):
    return {name: list(judge(w, ended)) for name, judge in CHECKS.items()}


def report(stack, tap, what, ended=True, skip=(), duplicates=()):
    """Prints one TAP line per invariant, except those in `skip`; returns the world that was read."""
    w = load(stack)
    w.duplicates = frozenset(i.replace("-", "").upper() for i in duplicates)
    for name, faults in check(w, ended).items():
        if name not in skip:
            tap.ok(not faults, f"{what}: {name} {NAMES[name]}", "\n".join(faults[:8]))
    return w


def tampered(w, name):
    """Copies of a good world with that invariant broken, each in one way: (what, world)."""

    def change(what, edit):
        other = copy.deepcopy(w)
        edit(other)
        index(other)
        return what, other

    def first(x, table, **fields):
        return next(r for r in getattr(x, table) if all(r[k] == v for k, v in fields.items()))

    def put(table, fields, **values):
        return lambda x: first(x, table, **fields).update(values)

    def twin(table, fields, **values):
        def edit(x):
            row = dict(first(x, table, **fields))
            row.update({k: f(row) if callable(f) else f for k, f in values.items()})
            getattr(x, table).append(row)

        return edit

    def crowd(x):
        lane = x.attempts[0]["lane_id"]
        for k in range(x.burst + 1):
            x.attempts.append({**x.attempts[0], "lane_id": lane, "number": 100 + k, "pin_id": "0" * 32})

    def two_slices(x):
        """Spends a full slice and at once another, as if a new owner had started with a full one."""
        lane, n = x.attempts[0]["lane_id"], -(-x.global_burst // SHARDS) + 1
        for k in range(n):
            x.attempts.append({**x.attempts[0], "lane_id": lane, "number": 1000 + k, "pin_id": "0" * 32})

    def everywhere(x):
        """No shard greatly exceeds its share, but all together do."""
        x.global_burst = SHARDS
        for k in range(SHARDS + 1):
            lane = f"{k:032X}"
            x.lanes.append({**x.lanes[0], "id": lane, "shard": k})
            x.attempts.append({**x.attempts[0], "lane_id": lane, "number": 1000 + k, "pin_id": "0" * 32})

    def longest(x):
        a, b = next((a, b) for rows in x.by_lane.values() for a, b in zip(rows, rows[1:]))
        a["closed_at"] = b["opened_at"] + 1
        x.longest_us = 10**18

    def overtake(x):
        rows = sorted(
            (p for p in x.pins if p["attempts"] and not x.lane[p["lane_id"]]["blocked_hosts"]),
            key=lambda p: (p["account_id"], x.attempts_of[p["id"]][0]["opened_at"]),
        )
        for a, b in zip(rows, rows[1:]):
            if a["account_id"] == b["account_id"]:
                first = x.attempts_of[a["id"]][0]["opened_at"]
                b["run_at"], b["created_at"] = a["run_at"] - 10, first - 1

    done = {"state": PUBLISHED}
    published = first(w, "pins", state=PUBLISHED)
    made = next(c for c in w.creates if c["pin_id"] is not None)
    unknown = {"state": FAILED, "error_code": "outcome_unknown", "failed_at": published["created_at"]}
    ways = {
        "I1": [
            ("a pin left waiting", put("pins", done, state=WAITING, due_at=1, deadline_at=1)),
            ("a schedule that is never due", put("schedules", done, state=PLANNED, due_at=None)),
            ("published without an id", put("pins", done, pinterest_pin_id=None)),
        ],
        "I2": [
            ("a second Pinterest pin", twin("creates", {"id": made["id"]}, pin_id="1")),
            ("a create without attempt", twin("creates", {"id": made["id"]}, pin_id=None)),
            ("the Pinterest id of another pin", put("pins", done, pinterest_pin_id=[p for p in w.pins if p["state"] == PUBLISHED][-1]["pinterest_pin_id"])),  # fmt: skip
        ],
        "I3": [
            ("sent before its time", lambda x: first(x, "pins", id=x.attempts[0]["pin_id"]).update(run_at=x.attempts[0]["opened_at"] + 1)),  # fmt: skip
        ],
        "I4": [("a burst", crowd)],
        "global": [("a slice that was full twice", two_slices), ("more than all shards together", everywhere)],
        "I5": [
            ("an attempt while another was open", longest),
            ("sent long after its intent", put("attempts", {"number": 1}, gate_at=10**18)),
            ("an answer that came late", put("creates", {"id": min(c["id"] for c in w.creates)}, answered_at=10**18)),
        ],
        "I6": [
            ("an event twice", twin("events", {"type": 1})),
            ("a missing event", lambda x: x.events.pop()),
        ],
        "I7": [
            ("pin and schedule differ", put("schedules", done, state=FAILED)),
            ("one attempt too many", twin("attempts", {"number": 1}, number=lambda r: 90)),
        ],
        "I10": [("canceled, but published", put("schedules", done, state=CANCELED))],
        "activity": [
            ("an end that is not logged", lambda x: x.activity_logs.remove(first(x, "activity_logs", action="pin.published"))),
            ("created twice", twin("activity_logs", {"action": "pin.created"})),
        ],
        "order": [("overtaken", overtake)],
        "unknown": [
            ("the Pinterest pin was found", put("pins", done, **unknown, candidates=json.dumps([published["pinterest_pin_id"]]), error_message="")),
            ("there was time for a look-up", put("pins", done, **unknown, error_message="could not be listed")),
        ],
    }  # fmt: skip
    return [change(what, edit) for what, edit in ways[name]]
