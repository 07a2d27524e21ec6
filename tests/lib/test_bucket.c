#include "lib/bucket.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "tests/child.h"
#include "tests/rng.h"
#include "tests/tap.h"

#define GRANTS 600
#define NEVER                                                                                      \
	{                                                                                          \
		0, TIME_NONE                                                                       \
	}

static const struct bucket_rate lane = { 5, 60 * US_PER_S };

static void
take_from_empty(void)
{
	struct bucket b = { 0, 1000 };

	bucket_take(&b, &lane, 1000);
}

static void
rate_of_nothing(void)
{
	struct bucket b = NEVER;

	bucket_refill(&b, &(struct bucket_rate){ 0, 1 }, 1000);
}

static void
test_basics(void)
{
	struct bucket b = NEVER;
	int64_t now = 1700000000 * US_PER_S;

	is_int(bucket_ready_at(&b, &lane, now), 0, "an unused bucket is full");
	is_int(b.at_us, TIME_NONE, "bucket_ready_at changes nothing");
	for (int i = 0; i < 5; i++)
		bucket_take(&b, &lane, now);
	is_int(bucket_ready_at(&b, &lane, now), now + 60 * US_PER_S,
	    "after five tokens the sixth waits");
	is_int(bucket_ready_at(&b, &lane, now + 60 * US_PER_S - 1), now + 60 * US_PER_S,
	    "the sixth token is not ready a microsecond early");
	is_int(bucket_ready_at(&b, &lane, now + 60 * US_PER_S), 0,
	    "the sixth token is ready after its interval");
	is_int(bucket_ready_at(&b, &lane, now - 3600 * US_PER_S), now + 60 * US_PER_S,
	    "a backward clock step does not shorten the wait");
	bucket_refill(&b, &lane, now + 1000 * 3600 * US_PER_S);
	is_int(b.microtokens, 5000000, "a bucket holds at most its capacity");
	bucket_refill(&b, &(struct bucket_rate){ 2, 60 * US_PER_S }, now + 1000 * 3600 * US_PER_S);
	is_int(b.microtokens, 2000000, "a lower capacity reduces the saved tokens");
	ok(child_panics(take_from_empty), "taking from an empty bucket panics");
	ok(child_panics(rate_of_nothing), "a rate of 0 panics");
}

static void
test_extremes(void)
{
	struct bucket_rate slow = { 1, INT64_MAX }, wide = { INT64_MAX / 2000000, 1 };
	struct bucket b = { 0, INT64_MAX - 5 }, c = { 0, 0 }, d = { 0, INT64_MIN + 1 };

	is_int(bucket_ready_at(&b, &slow, 0), INT64_MAX, "a time past INT64_MAX becomes INT64_MAX");
	is_int(bucket_ready_at(&c, &slow, INT64_MAX - 1), INT64_MAX,
	    "the slowest rate does not overflow");
	bucket_refill(&c, &wide, INT64_MAX);
	is_int(c.microtokens, INT64_MAX / 2000000 * 1000000, "the largest bucket fills up");
	is_int(bucket_ready_at(&d, &lane, INT64_MAX), 0, "the longest idle time fills a bucket");
}

/* Served whenever ready, token number n comes at exactly start + (n - capacity) * interval. */
static void
test_no_drift(struct rng *rng)
{
	int late = 0;

	for (int round = 0; round < 200; round++) {
		struct bucket_rate r = { rng_range(rng, 1, 20), rng_range(rng, 1, 90000000) };
		int64_t start = rng_range(rng, 0, 1LL << 50), now = start, ready;
		struct bucket b = NEVER;

		for (int64_t n = 1; n <= 300; n++) {
			while ((ready = bucket_ready_at(&b, &r, now)) != 0) {
				/* Asking in between, as a polling worker does, costs nothing. */
				bucket_refill(&b, &r, now + (ready - now) / 3);
				late += bucket_ready_at(&b, &r, ready - 1) != ready;
				now = ready;
			}
			late += n > r.capacity && now != start + (n - r.capacity) * r.interval_us;
			bucket_take(&b, &r, now);
		}
	}
	is_int(late, 0, "each of 300 tokens is ready at its exact microsecond");
}

/* Tokens in any window between two grants: at most capacity + length / interval. */
static int
windows_exceeded(const int64_t *at, int n, const struct bucket_rate *r)
{
	int exceeded = 0;

	for (int i = 0; i < n; i++) {
		for (int k = i; k < n; k++)
			exceeded += k - i + 1 > r->capacity + (at[k] - at[i]) / r->interval_us;
	}
	return exceeded;
}

/* Takes tokens as soon as possible at random moments, with idle times, refills and restarts from
 * stored state. */
static void
test_windows(struct rng *rng)
{
	static int64_t at[GRANTS];
	int exceeded = 0, above = 0, mean = 0;

	for (int round = 0; round < 60; round++) {
		struct bucket_rate r = { rng_range(rng, 1, 50), rng_range(rng, 1, 100000000) };
		struct bucket b = NEVER;
		int64_t now = rng_range(rng, 1, 1LL << 50);
		int n = 0;

		while (n < GRANTS) {
			int64_t ready = bucket_ready_at(&b, &r, now);
			struct bucket stored = b;

			if (ready == 0) {
				bucket_take(&b, &r, now);
				at[n++] = now;
				if (rng_range(rng, 0, 2) == 0)
					now += rng_range(rng, 0, r.interval_us);
			} else if (rng_range(rng, 0, 9) == 0) {
				now = ready + rng_range(rng, 0, r.interval_us * r.capacity * 2);
			} else if (rng_range(rng, 0, 1) == 0) {
				now = ready;
			} else {
				now += rng_range(rng, 0, r.interval_us);
				bucket_refill(&b, &r, now);
				if (rng_range(rng, 0, 3) == 0)
					b = stored;
			}
			above += b.microtokens < 0 || b.microtokens > r.capacity * 1000000;
		}
		exceeded += windows_exceeded(at, n, &r);
		mean += n;
	}
	is_int(exceeded, 0, "no window holds more than capacity + length / interval");
	is_int(above, 0, "the level stays between 0 and capacity");
	is_int(mean, 60 * GRANTS, "every grant succeeds");
}

/* Rates change (jitter) and the clock jumps: the state stays within its bounds. */
static void
test_wild(struct rng *rng)
{
	struct bucket b = NEVER;
	int64_t now = 1LL << 50;
	int wrong = 0;

	for (int i = 0; i < 200000; i++) {
		struct bucket_rate r = { rng_range(rng, 1, 50), rng_range(rng, 1, 100000000) };
		struct bucket before = b;
		int64_t ready;

		now += rng_range(rng, -100000000, 120000000);
		ready = bucket_ready_at(&b, &r, now);
		wrong += ready != 0 && ready <= now;
		if (ready == 0)
			bucket_take(&b, &r, now);
		else
			bucket_refill(&b, &r, now);
		wrong += b.microtokens < 0 || b.microtokens > r.capacity * 1000000;
		wrong += before.at_us != TIME_NONE && b.at_us < before.at_us;
		wrong += b.at_us > now && b.at_us != before.at_us;
		wrong += before.at_us != TIME_NONE && now <= before.at_us &&
			 b.microtokens > before.microtokens;
	}
	is_int(wrong, 0, "random rates and clock jumps keep the state within its bounds");
}

int
main(void)
{
	struct rng rng = rng_new();

	test_basics();
	test_extremes();
	test_no_drift(&rng);
	test_windows(&rng);
	test_wild(&rng);
	return tap_done();
}
