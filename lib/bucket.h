#ifndef LIB_BUCKET_H
#define LIB_BUCKET_H

#include <stdint.h>

/*
 * Integer token bucket, pure: time is a parameter and nothing drifts. Tokens are counted in
 * microtokens; `at_us` is the moment up to which refill has been credited. A bucket never holds
 * more than capacity, and in any window of length w at most capacity + w / interval tokens leave
 * it, over restarts too, when state is stored with each debit.
 */
struct bucket_rate {
	int64_t capacity;    /* whole tokens, >= 1 */
	int64_t interval_us; /* time for one token to come back, >= 1 */
};

struct bucket {
	int64_t microtokens; /* microtokens, 0 .. capacity * 1e6 */
	int64_t at_us;       /* TIME_NONE: never used, that is full */
};

/* Credit refill up to now. A clock that went back credits nothing and moves at_us never forward. */
void bucket_refill(struct bucket *b, const struct bucket_rate *r, int64_t now_us);
/* 0 when a token may be taken now, else the earliest time one will be there. Does not debit. */
int64_t bucket_ready_at(const struct bucket *b, const struct bucket_rate *r, int64_t now_us);
/* Refill, then take one. The caller asked bucket_ready_at() first; panics when there is none. */
void bucket_take(struct bucket *b, const struct bucket_rate *r, int64_t now_us);
/*
 * A bucket that says it was filled later than now: the clock went back. Nothing is credited for
 * that time, and refill goes on from now. A little is let pass: clocks of several servers differ.
 */
void bucket_clock_back(struct bucket *b, int64_t now_us);

#endif
