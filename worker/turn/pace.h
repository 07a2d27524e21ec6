#ifndef WORKER_TURN_PACE_H
#define WORKER_TURN_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/bucket.h"
#include "lib/pin.h"

/*
 * Pace of one lane, pure: time and randomness are parameters. Nothing else decides when a create
 * may leave. All times are the database's.
 */
struct pace_rules {
	struct bucket_rate pace;
	int64_t jitter_pct; /* waits are lengthened by up to this, never shortened */
	int64_t daily_cap;  /* 0: none */
};

struct pace_state {
	struct bucket bucket;
	int64_t next_at_us; /* TIME_NONE: none */
	enum wait_code next_code;
	int64_t hold_until_us; /* TIME_NONE: none */
	enum wait_code hold_code;
	int64_t busy_until_us; /* TIME_NONE: nothing under way */
	int64_t cap_opened_us; /* when the daily_cap-th last create was opened; TIME_NONE: fewer */
};

/* Creates that a restored database does not know (`pintempo recover`). */
struct pace_lost {
	int64_t since_us, until_us; /* TIME_NONE: no such time */
	int64_t creates;            /* at most; -1: as many as the pace allowed */
};

struct pace_wait {
	int64_t at_us; /* 0: may leave now */
	enum wait_code code;
};

/* May a create be granted now? If not: why, and the earliest time to ask again. Changes nothing. */
struct pace_wait pace_ready(const struct pace_state *s, const struct pace_rules *r, int64_t now_us);
/*
 * Take the grant that pace_ready() allowed: debits the bucket and sets next_at and next_code for
 * the one after it, jittered.
 */
void pace_take(struct pace_state *s, const struct pace_rules *r, int64_t now_us, uint32_t random32);
/* How many may have left in that time. */
int64_t pace_lost_creates(const struct pace_lost *g, const struct pace_rules *r);
/* The latest time at which the nth last of them (1, 2, ...) may have left. */
int64_t pace_lost_at(const struct pace_lost *g, const struct pace_rules *r, int64_t nth);
/* The slower of two sets of rules, part by part: accounts of one lane may differ. */
struct pace_rules pace_slower(const struct pace_rules *a, const struct pace_rules *b);
/*
 * The clock may have gone back: what lies farther ahead than it ever may does no more. busy_us: how
 * long a create may be under way. Holds stay, how long they were to last nobody knows.
 */
void pace_clock_back(
    struct pace_state *s, const struct pace_rules *r, int64_t busy_us, int64_t now_us);
/*
 * The rules after `strikes` spam blocks: the pace halved by each, but never slower than 1 / most.
 * The bucket and a daily cap keep at least one.
 */
struct pace_rules pace_slowed(const struct pace_rules *r, int64_t strikes, int64_t most);

#endif
