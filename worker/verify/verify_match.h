#ifndef WORKER_VERIFY_VERIFY_MATCH_H
#define WORKER_VERIFY_VERIFY_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/pinterest.h"

/*
 * Was the pin created? Pure: what was sent, against what a complete listing of its board shows
 * (design/architecture.md 5, "Outcomes nobody knows").
 */
struct match_window {
	int64_t from_us, to_us; /* by Pinterest's clock */
};
/* How far Pinterest's clock is from ours. Ours may have been set since the pin was sent. */
struct match_skew {
	int64_t now_us;       /* as the listing says */
	int64_t own_us;       /* when it was sent, or how ours was set since; 0: nothing is known */
	int64_t lo_us, hi_us; /* least and greatest about the time when it was sent */
};
/* The time in which it may have been created: opened .. busy_until, 60 s around it, by any skew. */
struct match_window verify_match_window(
    int64_t opened_us, int64_t busy_until_us, const struct match_skew *skew);

/* A pin worth asking about: ours, and created in the window (or at a time nobody knows). */
bool verify_match_near(const struct pinterest_pin *p, const struct match_window *w);

/*
 * Created after the window, yet all that was sent is there: Pinterest may have finished the request
 * long after nobody waited for it any more, or somebody made a copy by hand. Nobody can tell.
 */
bool verify_match_late(const struct pinterest_create *sent, const struct pinterest_pin *p,
    const struct match_window *w);

/*
 * Everything that was sent is there, no description and no link beside it (another pin with the
 * same title may have those), and it is known when it was created.
 */
bool verify_match_whole(const struct pinterest_create *sent, const struct pinterest_pin *p);

/* One entry of a listing; the same pin may be there twice, and counts once. */
struct match_seen {
	struct pinterest_pin pin;
	bool tied; /* it is another pin of this lane, or can only be one */
	bool late; /* verify_match_late(): it stands in the way, but is not adopted */
};

/* Is entry i shown before, too? */
bool verify_match_again(const struct match_seen *seen, size_t i);

enum match_result {
	MATCH_FOUND,  /* exactly one untied pin is what was sent: *found */
	MATCH_ABSENT, /* no untied pin at all in the window, and no late one */
	MATCH_UNCLEAR /* several, or such as differ */
};
MUST_CHECK enum match_result verify_match(
    const struct pinterest_create *sent, const struct match_seen *seen, size_t len, size_t *found);

/*
 * The same for a pin of a restored database (`pintempo recover`). The window is long, and much in
 * it may be pins that the backup does not know: only such count as are like what was sent. Several
 * that match and are the same in every text are copies of each other: the oldest untied one is
 * taken.
 */
MUST_CHECK enum match_result verify_match_since(
    const struct pinterest_create *sent, const struct match_seen *seen, size_t len, size_t *found);
/* One of the texts that were sent is there, as it was or cut short: case,
 * blanks and signs are not compared. True also when no text was sent. */
bool verify_match_like(const struct pinterest_create *sent, const struct pinterest_pin *p);

/*
 * Can it only be another pin of the lane, of which nobody knows either what became of it? It is
 * wholly that, and not wholly ours; or all that was sent of that is like it (Pinterest changed
 * blanks or signs, cut a text, put something behind a link), and nothing of ours is.
 */
bool verify_match_theirs(const struct pinterest_create *theirs, const struct pinterest_create *ours,
    const struct pinterest_pin *p);

#endif
