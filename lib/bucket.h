#ifndef LIB_BUCKET_H
#define LIB_BUCKET_H

#include <stdint.h>

/*
 * Integer token bucket, pure: time is a parameter and nothing drifts. Tokens are counted in
 * microtokens; `at_us` is the moment up to which refill has been credited. A bucket never holds
 * more than capacity, and in any window of length w at most capacity + w / interval tokens leave
 * it. This holds across restarts if the state is stored with each debit.
 */
struct bucket_rate {
	int64_t capacity;    /* in whole tokens, >= 1 */
	int64_t interval_us; /* time to refill one token, >= 1 */
};

struct bucket {
	int64_t microtokens; /* 0 .. capacity * 1e6 */
	int64_t at_us;       /* TIME_NONE: never used, hence full */
};

/* Credits the refill up to now. After a backward clock step nothing is credited. */
void bucket_refill(struct bucket *b, const struct bucket_rate *r, int64_t now_us);
/* 0 when a token may be taken now, else the earliest time at which one is available. No debit. */
int64_t bucket_ready_at(const struct bucket *b, const struct bucket_rate *r, int64_t now_us);
/* Refills, then takes one token. Panics without one: ask bucket_ready_at() first. */
void bucket_take(struct bucket *b, const struct bucket_rate *r, int64_t now_us);
/*
 * Repairs a bucket after a backward clock step: if its at_us is more than 2 s ahead of now (the
 * clocks of several servers may differ a little), refill continues from now.
 */
void bucket_clock_back(struct bucket *b, int64_t now_us);

#endif
