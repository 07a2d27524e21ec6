/* Invariant: one entry at most is at work; the others wait in the order of their tickets. */
#include "app/http/places.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/xalloc.h"

#define NOBODY (-1)

struct place {
	uint64_t ticket; /* 0: free */
	struct uuid who;
	bool known, working;
};

struct places {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t tickets;
	int most;
	struct place all[];
};

struct places *
places_new(int most)
{
	size_t n = most > 0 ? (size_t)most : 1;
	struct places *p = xcalloc(1, sizeof(*p) + n * sizeof(p->all[0]));
	pthread_condattr_t how;

	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&how);
	pthread_condattr_setclock(&how, CLOCK_MONOTONIC);
	pthread_cond_init(&p->changed, &how);
	pthread_condattr_destroy(&how);
	p->most = (int)n;
	return p;
}

void
places_free(struct places *p)
{
	if (p == NULL)
		return;
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static int
held_by(const struct places *p, const struct uuid *who)
{
	int n = 0, i;

	for (i = 0; i < p->most; i++)
		n += p->all[i].ticket != 0 && uuid_equal(&p->all[i].who, who);
	return n;
}

static int
place_find(const struct places *p, uint64_t ticket)
{
	int i;

	for (i = 0; i < p->most; i++)
		if (p->all[i].ticket == ticket)
			return i;
	return NOBODY;
}

/* The place that the one who comes takes from somebody who waits, or NOBODY. */
static int
place_to_take(const struct places *p, const struct uuid *who, bool known)
{
	int mine = held_by(p, who), best = NOBODY, best_held = 0, i;

	for (i = 0; i < p->most; i++) {
		const struct place *w = &p->all[i];
		int held = held_by(p, &w->who);
		bool unfair = held >= mine + 2 || (known && !w->known && held >= mine + 1);

		if (w->working || !unfair || uuid_equal(&w->who, who))
			continue;
		if (best == NOBODY || held > best_held ||
		    (held == best_held && w->ticket > p->all[best].ticket)) {
			best = i;
			best_held = held;
		}
	}
	return best;
}

static bool
is_turn(const struct places *p, int mine)
{
	const struct place *m = &p->all[mine], *w;
	int i;

	for (i = 0; i < p->most; i++) {
		w = &p->all[i];
		if (i == mine || w->ticket == 0)
			continue;
		if (w->working || (w->known && !m->known) ||
		    (w->known == m->known && w->ticket < m->ticket))
			return false;
	}
	return true;
}

/* False: the place was taken, or the turn did not come in time. */
static bool
turn_await(struct places *p, uint64_t ticket, int64_t wait_ms)
{
	int64_t until_us = clock_mono_us() + wait_ms * US_PER_MS;
	struct timespec until = { .tv_sec = (time_t)(until_us / US_PER_S),
		.tv_nsec = (long)(until_us % US_PER_S) * 1000 };
	int mine, late = 0;

	while ((mine = place_find(p, ticket)) != NOBODY && !is_turn(p, mine) && late == 0)
		late = pthread_cond_timedwait(&p->changed, &p->lock, &until);
	if (mine == NOBODY)
		return false;
	if (is_turn(p, mine)) {
		p->all[mine].working = true;
		return true;
	}
	p->all[mine].ticket = 0;
	pthread_cond_broadcast(&p->changed);
	return false;
}

bool
places_enter(struct places *p, const struct uuid *who, bool known, int64_t wait_ms)
{
	uint64_t ticket;
	bool entered = false;
	int at;

	pthread_mutex_lock(&p->lock);
	at = place_find(p, 0);
	if (at == NOBODY) {
		at = place_to_take(p, who, known);
		pthread_cond_broadcast(&p->changed);
	}
	if (at != NOBODY) {
		ticket = ++p->tickets;
		p->all[at] = (struct place){ .ticket = ticket, .who = *who, .known = known };
		entered = turn_await(p, ticket, wait_ms);
	}
	pthread_mutex_unlock(&p->lock);
	return entered;
}

void
places_leave(struct places *p)
{
	int i;

	pthread_mutex_lock(&p->lock);
	for (i = 0; i < p->most; i++)
		if (p->all[i].working)
			p->all[i] = (struct place){ .ticket = 0 };
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

uint64_t
places_come(struct places *p)
{
	uint64_t tickets;

	pthread_mutex_lock(&p->lock);
	tickets = p->tickets;
	pthread_mutex_unlock(&p->lock);
	return tickets;
}
