"""Explains each `outcome_unknown` from the tables, the simulator's ledger and the boards as the
simulator lists them. An unknown outcome without a reason should not have occurred."""

import collections
import json

SLACK_US = 60_000_000  # worker/verify/verify_match.c
LIKE_MIN = 8
CLOSE_US = 3_000_000  # how long a request may take to end, beyond its timeouts
LOOK_US = 30_000_000  # the longest rest between two look-ups during the first minutes
AVOIDABLE = "another pin's, about to be recorded for it"


def sent_by(attempt):
    """What an attempt sent, as (board, title, description, link, alt text)."""
    body = json.loads(bytes.fromhex(attempt["snapshot"]))
    return tuple(body.get(k) or "" for k in ("board_id", "title", "description", "link", "alt_text"))


def whole(sent, shown):
    """Everything that was sent is shown, and no description or link beyond it."""
    (board, *texts, alt), (on, *seen, told) = sent, shown
    same = all(a.strip() == b.strip() for a, b in zip(texts, seen))
    return same and board == on and (not alt.strip() or alt.strip() == told.strip())


def like(sent, seen):
    """Letters and digits are equal, or one text is the beginning of the other."""
    a, b = ("".join(c for c in text.lower() if c.isalnum()) for text in (sent, seen))
    return a == b if min(len(a), len(b)) < LIKE_MIN else a.startswith(b) or b.startswith(a)


def only_theirs(theirs, ours, seen):
    """Everything that the other pin sent resembles the shown pin, and nothing that ours sent does."""
    texts = [any(t.strip() for t in sent[1:]) for sent in (theirs, ours)]
    alike = [[like(a, b) for a, b in zip(sent[1:], seen[1:]) if a.strip()] for sent in (theirs, ours)]
    return all(texts) and theirs[0] == seen[0] and all(alike[0]) and not any(alike[1])


def shown(row):
    texts = (bytes.fromhex(row[k] or "").decode() for k in ("title", "description", "link", "alt_text"))
    return str(row["board_id"]), *texts


def of_candidates(w, p):
    """The reason, or None."""
    if p["maybe_sent_since"] or not w.attempts_of[p["id"]]:
        return "its database was restored"
    last = w.attempts_of[p["id"]][-1]
    sent, own = sent_by(last), {a["text"] for a in w.attempts_of[p["id"]]}
    seen = [w.listed[i] for i in dict.fromkeys(json.loads(p["candidates"])) if i in w.listed]
    match = [x for x in seen if whole(sent, shown(x))]
    if len(match) > 1:
        return "several Pinterest pins equal what was sent"
    if match:
        end = last["opened_at"] + w.longest_us + CLOSE_US + SLACK_US
        return "Pinterest finished the create too late" if match[0]["inserted_at"] > end else None
    if any(w.made_of.get(x["id"]) in own for x in seen):
        return "Pinterest shows a different text than was sent"
    free = [x for x in seen if x["id"] not in w.owner]
    if not free:
        return AVOIDABLE
    others = [sent_by(a) for i, mine in w.attempts_of.items() if i != p["id"] for a in mine]
    if all(any(only_theirs(other, sent, shown(x)) for other in others) for x in free):
        return None
    return "there are Pinterest pins that may belong to this or to another unknown outcome"


def reason(w, p):
    said = p["error_message"] or ""
    late = p["failed_at"] + LOOK_US >= p["not_after"]
    if "refuses to save" in said:
        return "the database refused to save the result"
    if "id of another pin" in said:
        return "Pinterest answered with another pin's id"
    if "board is not there" in said:
        return "its board is gone"
    if "could not be listed" in said:
        return "no listing was complete before its deadline" if late else None
    if "could not be looked up" in said:
        return "its account could not list boards before its deadline" if late else None
    return of_candidates(w, p) if p["candidates"] else None


def there(w, p):
    """Whether Pinterest has a pin with this text that belongs to no other pin."""
    own = {a["text"] for a in w.attempts_of[p["id"]]}
    return any(c["pin_id"] not in w.owner for text in own for c in w.committed[text])


def unknown(w):
    return [p for p in w.pins if p["error_code"] == "outcome_unknown" and not p["deleted_at"]]


def count(w, of=lambda p: True):
    """Counter of reasons for those pins."""
    return collections.Counter(reason(w, p) or "no reason" for p in unknown(w) if of(p))


def unexplained(w, ended):
    for p in unknown(w):
        if reason(w, p) in (None, AVOIDABLE):
            yield f"pin {p['id'][-8:]}: {reason(w, p) or p['error_message']} (candidates {p['candidates']})"


def line(counts, on_pinterest):
    """The two Counters are of reasons: of all unknown outcomes, and of those that Pinterest has."""
    words = [f"{n} {why} ({on_pinterest[why]} on Pinterest)" for why, n in counts.most_common()]
    return f"unknown outcomes {sum(counts.values())}: " + ("; ".join(words) or "none")
