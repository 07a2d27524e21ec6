/* Waits for places; who holds how many of them lib/fair_places.c knows. */
#include "app/http/shares.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/fair_places.h"
#include "lib/xalloc.h"

#define HASTY 64

/* Who waited in vain, and until when it is not waited for. */
struct hasty {
	struct uuid who;
	int64_t until_us;
};

struct shares {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	struct fair_places *places;
	size_t most, each;
	int waiting;
	size_t next_hasty;
	struct hasty hasty[HASTY]; /* the oldest is replaced */
};

struct shares *
shares_new(int most, int each)
{
	struct shares *s = xcalloc(1, sizeof(*s));
	pthread_condattr_t by_monotonic;

	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&by_monotonic);
	(void)pthread_condattr_setclock(&by_monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&s->freed, &by_monotonic);
	pthread_condattr_destroy(&by_monotonic);
	s->most = most > 0 ? (size_t)most : 1;
	s->each = each > 0 ? (size_t)each : 1;
	s->places = fair_places_new(s->most, 1);
	return s;
}

void
shares_free(struct shares *s)
{
	if (s == NULL)
		return;
	pthread_cond_destroy(&s->freed);
	pthread_mutex_destroy(&s->lock);
	fair_places_free(s->places);
	free(s);
}

static bool
place_take(struct shares *s, const struct uuid *who, int each)
{
	size_t most = each > 0 ? (size_t)each : s->each;

	if (!fair_places_open(s->places, who) || fair_places_held(s->places, who) >= most)
		return false;
	fair_places_take(s->places, who);
	return true;
}

static bool
hasty_now(const struct shares *s, const struct uuid *who, int64_t now_us)
{
	for (size_t i = 0; i < HASTY; i++)
		if (s->hasty[i].until_us > now_us && uuid_equal(&s->hasty[i].who, who))
			return true;
	return false;
}

static bool
place_await(
    struct shares *s, const struct uuid *who, int each, int64_t patience_us, int64_t penance_us)
{
	int64_t now_us = clock_mono_us(), end_us = now_us + patience_us;
	const struct timespec end = { .tv_sec = end_us / US_PER_S,
		.tv_nsec = end_us % US_PER_S * 1000 };
	bool taken = false;

	if (hasty_now(s, who, now_us))
		return false;
	s->waiting++;
	while (!taken && pthread_cond_timedwait(&s->freed, &s->lock, &end) == 0)
		taken = place_take(s, who, each);
	s->waiting--;
	if (!taken)
		taken = place_take(s, who, each);
	if (!taken) {
		s->hasty[s->next_hasty] = (struct hasty){ *who, end_us + penance_us };
		s->next_hasty = (s->next_hasty + 1) % HASTY;
	}
	return taken;
}

bool
shares_acquire_within(
    struct shares *s, const struct uuid *who, int each, int64_t patience_us, int64_t penance_us)
{
	bool taken;

	pthread_mutex_lock(&s->lock);
	taken = place_take(s, who, each);
	if (!taken && patience_us > 0)
		taken = place_await(s, who, each, patience_us, penance_us);
	pthread_mutex_unlock(&s->lock);
	return taken;
}

bool
shares_acquire(struct shares *s, const struct uuid *who)
{
	return shares_acquire_within(s, who, 0, 0, 0);
}

void
shares_release(struct shares *s, const struct uuid *who)
{
	pthread_mutex_lock(&s->lock);
	fair_places_give(s->places, who);
	if (s->waiting > 0)
		pthread_cond_broadcast(&s->freed);
	pthread_mutex_unlock(&s->lock);
}

int
shares_held(struct shares *s, const struct uuid *who)
{
	size_t held;

	pthread_mutex_lock(&s->lock);
	held = fair_places_held(s->places, who);
	pthread_mutex_unlock(&s->lock);
	return (int)held;
}
