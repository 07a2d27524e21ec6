"""What must hold for lanes: their pace and the global pace, one create at a time, and the order of
an account's pins. The functions are checks of checker.py: each yields what is wrong with a world."""

import collections
import json

OUT_PUBLISHED = 1
SHARDS = 64
GATE_SLACK_US = 250_000  # gate_at comes from a clock that is compared with the database's only now and then


def paces(w, lane_id):
    """(burst, interval_us, daily cap) of a lane: for each, the slowest of its accounts."""
    out = [(w.burst, w.interval_us, w.daily_cap)]
    for a in w.pinterest_accounts:
        if a["lane_id"] == lane_id and not a["revoked_at"]:
            interval = a["pace_interval_ms"] * 1000 if a["pace_interval_ms"] else w.interval_us
            cap = a["daily_cap"] if a["daily_cap"] is not None else w.daily_cap
            out.append((a["pace_burst"] or w.burst, interval, cap))
    own = out[1:] or out
    caps = [c for _, _, c in own if c]
    return min(c for c, _, _ in own), max(i for _, i, _ in own), min(caps) if caps else 0


def over_burst(attempts, size, interval):
    """What is wrong with the pace of these attempts (in order of time), or None. In every window
    [first, this one]: count <= size + window / interval."""
    low = None
    for k, a in enumerate(attempts):
        level = k - a["opened_at"] / interval
        low = level if low is None else min(low, level)
        if level - low + 1 > size + 1e-6:
            return f"{level - low + 1:.2f} at attempt {k}, burst {size}"
    return None


def shard_pace(w, ended):
    """Each shard has its share of the bucket and keeps it when it moves to another worker."""
    by_shard = collections.defaultdict(list)
    attempts = sorted(w.attempts, key=lambda a: a["opened_at"])
    for a in attempts:
        by_shard[w.lane[a["lane_id"]]["shard"]].append(a)
    part = -(-w.global_burst // SHARDS)
    for shard, rows in [("all", attempts), *by_shard.items()]:
        one = shard != "all"
        wrong = over_burst(rows, part if one else part * SHARDS, w.global_us * (SHARDS if one else 1))
        if wrong:
            yield f"shard {shard}: {wrong}"


def lane_pace(w, ended):
    for lane_id, attempts in w.by_lane.items():
        size, interval, cap = paces(w, lane_id)
        wrong = over_burst(attempts, size, interval)
        if wrong:
            yield f"lane {lane_id[-8:]}: {wrong}"
        for k in range(cap, len(attempts) if cap else 0):
            if attempts[k]["opened_at"] - attempts[k - cap]["opened_at"] < 86400 * 10**6:
                yield f"lane {lane_id[-8:]}: more than {cap} in 24 hours"
                break


def overlaps(w, ended):
    for a in w.attempts:
        if a["gate_at"] is not None and a["gate_at"] > a["opened_at"] + w.gate_us + GATE_SLACK_US:
            yield f"attempt {a['number']} of {a['pin_id'][-8:]}: sent {a['gate_at'] - a['opened_at']} us after its intent"
    for lane_id, attempts in w.by_lane.items():
        for a, b in zip(attempts, attempts[1:]):
            # An abandoned attempt is closed late; its request cannot have lasted longer than this.
            end = min(a["closed_at"] or 10**18, a["opened_at"] + w.longest_us)
            if end > b["opened_at"]:
                first = f"{a['number']} of {a['pin_id'][-8:]} (opened {b['opened_at'] - a['opened_at']} us before,"
                first += f" closed {(a['closed_at'] or 0) - b['opened_at']} us after, outcome {a['outcome']})"
                more = " by another worker" if a["worker_id"] != b["worker_id"] else ""
                yield f"lane {lane_id[-8:]}: attempt {b['number']} of {b['pin_id'][-8:]}{more} while {first} was open"
    users = collections.defaultdict(list)
    for c in sorted(w.creates, key=lambda c: (c["arrived_at"], c["id"])):
        if c["user_id"] is not None:
            users[c["user_id"]].append(c)
    for user, creates in users.items():
        for a, b in zip(creates, creates[1:]):
            if a["answered_at"] > b["arrived_at"]:
                yield f"user {user}: create {b['id']} arrived while {a['id']} was being answered"


def texts(w, p):
    """The text of a pin and of its attempts, as (board, title, description, link)."""
    said = [bytes.fromhex(p[k] or "").decode("utf-8", "replace") for k in ("title", "description", "link_url")]
    sent = [json.loads(bytes.fromhex(a["snapshot"])) for a in w.attempts_of[p["id"]]]
    return {(p["board_id"], *said)} | {
        tuple(b.get(k) or "" for k in ("board_id", "title", "description", "link")) for b in sent
    }


def there_since(w, p, first):
    """When the pin began to wait for its first attempt; a pin that failed without an attempt starts
    to wait anew."""
    logs = w.logs_of[p["id"]] + (w.logs_of[p["schedule_id"]] if p["schedule_id"] else [])
    again = [r["created_at"] for r in logs if r["action"].endswith(".retried")]
    return max([p["created_at"]] + [at for at in again if at <= first])


def was_deferred(w, p, at):
    """Whether the pin may have been deferred at that time because a twin was being looked up. Its
    text before an edit is not known."""
    mine, first = texts(w, p), w.attempts_of[p["id"]][0]["opened_at"]
    edited = any(r["action"] == "pin.updated" and at < r["created_at"] <= first for r in w.logs_of[p["id"]])
    for a in w.by_lane[p["lane_id"]]:
        if a["opened_at"] >= at:
            return False
        if a["outcome"] == OUT_PUBLISHED or a["pin_id"] == p["id"] or a["pin_id"] not in w.pin:
            continue
        if edited or mine & texts(w, w.pin[a["pin_id"]]):
            return True
    return False


def out_of_order(w, ended):
    """First attempts of one account: of two due pins the earlier goes first. No tolerance is needed:
    a turn reads waiting pins while it has locked the lane's row, and a session that inserts a pin
    locks that row too, from before the INSERT to the end of its COMMIT. So either the turn knew of
    the pin, or the pin's created_at is later than the turn's."""
    firsts = collections.defaultdict(list)
    for p in w.pins:
        if w.attempts_of[p["id"]]:
            firsts[p["account_id"]].append((p, w.attempts_of[p["id"]][0]["opened_at"]))
    for rows in firsts.values():
        rows.sort(key=lambda r: r[1])
        latest = at = None  # of those sent so far, the one with the latest time
        for p, first in rows:
            held = p["link_url"] and (w.host_gap_us or w.lane[p["lane_id"]]["blocked_hosts"])
            if latest and p["run_at"] < latest["run_at"] and there_since(w, p, first) < at:
                if not held and not was_deferred(w, p, at):
                    by = f"{latest['id'][-8:]}, due {latest['run_at'] - p['run_at']} us later and sent at {at}"
                    yield f"pin {p['id'][-8:]}, waiting since {there_since(w, p, first)}, was overtaken by {by}"
            if latest is None or p["run_at"] > latest["run_at"]:
                latest, at = p, first
