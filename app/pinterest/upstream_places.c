/* Invariant: `busy` counts all who hold a place or wait for one. */
#include "app/pinterest/upstream_places.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/fair_places.h"
#include "lib/xalloc.h"

#define THREADS_LEFT 2

struct upstream_places {
	pthread_mutex_t lock;
	pthread_cond_t given;
	size_t threads, busy;
	struct fair_places *of[ENV__COUNT];
	size_t each[ENV__COUNT];
};

static size_t
at_least_one(int64_t n)
{
	return n < 1 ? 1 : (size_t)n;
}

struct upstream_places *
upstream_places_new(int64_t threads)
{
	struct upstream_places *p = xcalloc(1, sizeof(*p));
	pthread_condattr_t monotonic;

	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&p->given, &monotonic);
	pthread_condattr_destroy(&monotonic);
	p->threads = at_least_one(threads);
	for (int e = 0; e < ENV__COUNT; e++) {
		size_t most = at_least_one(threads / (e == ENV_SANDBOX ? 4 : 2));

		p->of[e] = fair_places_new(most, 1);
		p->each[e] = at_least_one((int64_t)most / 2);
	}
	return p;
}

void
upstream_places_free(struct upstream_places *p)
{
	if (p == NULL)
		return;
	pthread_cond_destroy(&p->given);
	pthread_mutex_destroy(&p->lock);
	for (int e = 0; e < ENV__COUNT; e++)
		fair_places_free(p->of[e]);
	free(p);
}

static bool
place_is_open(const struct upstream_places *p, enum environment env, const struct uuid *project)
{
	return fair_places_open(p->of[env], project) &&
	       fair_places_held(p->of[env], project) < p->each[env];
}

static struct timespec
wait_end(int64_t wait_ms)
{
	int64_t us = clock_mono_us() + wait_ms * US_PER_MS;
	struct timespec t = { .tv_sec = us / US_PER_S, .tv_nsec = us % US_PER_S * 1000 };

	return t;
}

bool
upstream_places_acquire(
    struct upstream_places *p, enum environment env, const struct uuid *project, int64_t wait_ms)
{
	struct timespec end = wait_end(wait_ms);
	bool open;

	pthread_mutex_lock(&p->lock);
	open = place_is_open(p, env, project);
	if (!open && wait_ms > 0 && p->busy + THREADS_LEFT < p->threads) {
		p->busy++;
		while (!open && pthread_cond_timedwait(&p->given, &p->lock, &end) == 0)
			open = place_is_open(p, env, project);
		p->busy--;
	}
	if (open) {
		fair_places_take(p->of[env], project);
		p->busy++;
	}
	pthread_mutex_unlock(&p->lock);
	return open;
}

void
upstream_places_release(struct upstream_places *p, enum environment env, const struct uuid *project)
{
	pthread_mutex_lock(&p->lock);
	if (fair_places_held(p->of[env], project) > 0) {
		fair_places_give(p->of[env], project);
		p->busy--;
		pthread_cond_broadcast(&p->given);
	}
	pthread_mutex_unlock(&p->lock);
}
