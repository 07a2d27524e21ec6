/*
 * Token buckets by credential. Invariant: a place without a bucket has the nil id. An id has its
 * places in one set, so that finding and forgetting touch eight of them.
 */
#include "app/http/meters.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/xalloc.h"

#define SETS 1024
#define WAYS 8
#define TOKEN 1000000LL

struct metered {
	struct uuid who;
	struct bucket bucket;
	struct bucket_rate rate;
};

struct meters {
	pthread_mutex_t lock;
	struct metered place[SETS][WAYS];
};

struct meters *
meters_new(void)
{
	struct meters *m = xcalloc(1, sizeof(*m));

	pthread_mutex_init(&m->lock, NULL);
	return m;
}

void
meters_free(struct meters *m)
{
	if (m == NULL)
		return;
	pthread_mutex_destroy(&m->lock);
	free(m);
}

/* The bucket of `who`; a full one instead of the fullest in its set when it has none. */
static struct bucket *
metered_find(
    struct meters *m, const struct uuid *who, const struct bucket_rate *rate, int64_t now_us)
{
	unsigned hash = ((unsigned)who->b[14] << 8 | who->b[15]) % SETS;
	struct metered *set = m->place[hash], *fullest = &set[0];

	for (int i = 0; i < WAYS; i++) {
		if (uuid_equal(&set[i].who, who)) {
			set[i].rate = *rate;
			return &set[i].bucket;
		}
		if (uuid_is_nil(&set[i].who)) {
			fullest = &set[i];
			continue;
		}
		bucket_refill(&set[i].bucket, &set[i].rate, now_us);
		if (!uuid_is_nil(&fullest->who) &&
		    set[i].bucket.microtokens > fullest->bucket.microtokens)
			fullest = &set[i];
	}
	*fullest = (struct metered){ .who = *who, .rate = *rate, .bucket = { .at_us = TIME_NONE } };
	return &fullest->bucket;
}

static int64_t
seconds_up(int64_t us)
{
	return (us + US_PER_S - 1) / US_PER_S;
}

struct meter
meters_take(
    struct meters *m, const struct uuid *who, const struct bucket_rate *rate, int64_t now_us)
{
	struct meter got = { .granted = false };
	struct bucket *b;
	int64_t ready_us;

	pthread_mutex_lock(&m->lock);
	b = metered_find(m, who, rate, now_us);
	ready_us = bucket_ready_at(b, rate, now_us);
	if (ready_us == 0) {
		bucket_take(b, rate, now_us);
		got.granted = true;
		got.remaining = b->microtokens / TOKEN;
		got.reset_s = seconds_up((rate->capacity - got.remaining) * rate->interval_us);
	} else {
		got.reset_s = seconds_up(ready_us - now_us);
	}
	pthread_mutex_unlock(&m->lock);
	return got;
}
