#ifndef WORKER_VERIFY_VERIFY_MATCH_H
#define WORKER_VERIFY_VERIFY_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/pinterest.h"

/*
 * Was the pin created? Compares what was sent with a complete listing of its board. Pure. See
 * docs/design.md, "Unknown outcomes".
 */
struct match_window {
	int64_t from_us, to_us; /* by Pinterest's clock */
};
/* How far Pinterest's clock is from ours, which may have been set since the pin was sent. */
struct match_skew {
	int64_t now_us;       /* at the listing */
	int64_t own_us;       /* when it was sent, or by how much ours was set since; 0: unknown */
	int64_t lo_us, hi_us; /* least and greatest of other attempts around that time */
};
/* When it may have been created: from opened to busy_until, widened by 60 s and by any skew. */
struct match_window verify_match_window(
    int64_t opened_us, int64_t busy_until_us, const struct match_skew *skew);

/* A candidate: the account's own pin, created in the window (or at an unknown time). */
MUST_CHECK bool verify_match_near(const struct pinterest_pin *p, const struct match_window *w);

/*
 * Created after the window, but equal in everything that was sent: either Pinterest finished the
 * request long after the time-out, or somebody made a copy by hand. It cannot be told which.
 */
MUST_CHECK bool verify_match_late(const struct pinterest_create *sent,
    const struct pinterest_pin *p, const struct match_window *w);

/* One entry of a listing. A pin that is listed twice counts once. */
struct match_seen {
	struct pinterest_pin pin;
	bool tied; /* it belongs to another pin of this lane, or can only be that */
	bool late; /* verify_match_late(): prevents "absent", but is not adopted */
};

/* Is the pin of entry i listed before it, too? */
MUST_CHECK bool verify_match_again(const struct match_seen *seen, size_t i);

enum match_result {
	MATCH_FOUND,  /* exactly one untied pin equals what was sent: *found */
	MATCH_ABSENT, /* no untied pin in the window, and no late one */
	MATCH_UNCLEAR /* several, or different ones */
};
MUST_CHECK enum match_result verify_match(
    const struct pinterest_create *sent, const struct match_seen *seen, size_t len, size_t *found);

/*
 * The same for a pin of a restored database (`pintempo recover`). The window is long and may hold
 * many pins that the backup does not know, so only those count that are like what was sent. Of
 * several that are equal in every text the oldest untied one is taken.
 */
MUST_CHECK enum match_result verify_match_since(
    const struct pinterest_create *sent, const struct match_seen *seen, size_t len, size_t *found);
/* One of the texts that were sent is there, whole or cut; only letters and digits are compared,
 * without case. True also when no text was sent. */
MUST_CHECK bool verify_match_like(
    const struct pinterest_create *sent, const struct pinterest_pin *p);

/*
 * True if this can only be a different unverified pin of the lane: it equals theirs and not ours,
 * or it is like theirs in every text (Pinterest changed blanks or signs, cut a text, added
 * something to a link) and like ours in none.
 */
MUST_CHECK bool verify_match_theirs(const struct pinterest_create *theirs,
    const struct pinterest_create *ours, const struct pinterest_pin *p);

#endif
