#ifndef WORKER_TURN_PACE_H
#define WORKER_TURN_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/bucket.h"
#include "lib/wait.h"

/*
 * The pace of one lane: when its next create may leave. Pure: time and randomness are parameters.
 * All times are the database's.
 */
struct pace_rules {
	struct bucket_rate pace;
	int64_t jitter_pct; /* waits are lengthened by up to this, never shortened */
	int64_t daily_cap;  /* creates in any 24 hours; 0: no cap */
};

struct pace_state {
	struct bucket bucket;
	int64_t next_at_us; /* earliest next create, jittered; TIME_NONE: the bucket decides */
	enum wait_code next_code;
	int64_t hold_until_us; /* TIME_NONE: not held */
	enum wait_code hold_code;
	int64_t busy_until_us; /* a create may be in flight until then; TIME_NONE: none is */
	int64_t cap_opened_us; /* when the daily_cap-th last create was opened; TIME_NONE: fewer */
};

/* Creates that a restored database may not know of (`pintempo recover`). */
struct pace_lost {
	int64_t since_us,
	    until_us;    /* when they may have left; TIME_NONE: the database is not restored */
	int64_t creates; /* upper bound; -1: as many as the pace allowed */
};

struct pace_wait {
	int64_t at_us; /* 0: may leave now */
	enum wait_code code;
};

/* Whether a create may be granted now; if not: why, and the earliest time to ask again. */
struct pace_wait pace_ready(const struct pace_state *s, const struct pace_rules *r, int64_t now_us);
/* Takes the grant that pace_ready() allowed: debits the bucket, and sets next_at_us and next_code
 * for the create after it, jittered. */
void pace_take(struct pace_state *s, const struct pace_rules *r, int64_t now_us, uint32_t random32);
/* How many unknown creates may have left. */
int64_t pace_lost_creates(const struct pace_lost *g, const struct pace_rules *r);
/* The latest time at which the nth last of them (from 1) may have left. */
int64_t pace_lost_at(const struct pace_lost *g, const struct pace_rules *r, int64_t nth);
/* The slower of two sets of rules, field by field: accounts of one lane may differ. */
struct pace_rules pace_slower(const struct pace_rules *a, const struct pace_rules *b);
/*
 * After a backward clock step, clamps times that are too far ahead. busy_us: how long a create may
 * be in flight. Holds stay, because their intended length is not known.
 */
void pace_clock_back(
    struct pace_state *s, const struct pace_rules *r, int64_t busy_us, int64_t now_us);
/*
 * The rules after `strikes` spam blocks: each halves the pace, down to 1 / most of it. Bucket and
 * daily cap keep at least one create.
 */
struct pace_rules pace_slowed(const struct pace_rules *r, int64_t strikes, int64_t most);

#endif
