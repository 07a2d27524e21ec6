/* Invariant: `busy` counts all who hold a place or wait for one. */
#include "app/pinterest/upstream_places.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/xalloc.h"

#define PLACES_MAX 64
#define THREADS_LEFT 2

struct env_places {
	size_t most, each, held;
	struct uuid holders[PLACES_MAX]; /* the first `held` */
};

struct upstream_places {
	pthread_mutex_t lock;
	pthread_cond_t given;
	size_t threads, busy;
	struct env_places of[ENV__COUNT];
};

static size_t
at_least_one(int64_t n)
{
	return n < 1 ? 1 : n > PLACES_MAX ? PLACES_MAX : (size_t)n;
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
	p->of[ENV_PRODUCTION].most = at_least_one(threads / 2);
	p->of[ENV_SANDBOX].most = at_least_one(threads / 4);
	for (int e = 0; e < ENV__COUNT; e++)
		p->of[e].each = at_least_one((int64_t)p->of[e].most / 2);
	return p;
}

void
upstream_places_free(struct upstream_places *p)
{
	if (p == NULL)
		return;
	pthread_cond_destroy(&p->given);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static bool
place_is_open(const struct env_places *e, const struct uuid *project)
{
	size_t own = 0;

	for (size_t i = 0; i < e->held; i++)
		own += uuid_equal(&e->holders[i], project);
	return e->held < e->most && own < e->each;
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
	struct env_places *e = &p->of[env];
	struct timespec end = wait_end(wait_ms);
	bool open;

	pthread_mutex_lock(&p->lock);
	open = place_is_open(e, project);
	if (!open && wait_ms > 0 && p->busy + THREADS_LEFT < p->threads) {
		p->busy++;
		while (!open && pthread_cond_timedwait(&p->given, &p->lock, &end) == 0)
			open = place_is_open(e, project);
		p->busy--;
	}
	if (open) {
		e->holders[e->held++] = *project;
		p->busy++;
	}
	pthread_mutex_unlock(&p->lock);
	return open;
}

void
upstream_places_release(struct upstream_places *p, enum environment env, const struct uuid *project)
{
	struct env_places *e = &p->of[env];

	pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < e->held; i++)
		if (uuid_equal(&e->holders[i], project)) {
			e->holders[i] = e->holders[--e->held];
			p->busy--;
			pthread_cond_broadcast(&p->given);
			break;
		}
	pthread_mutex_unlock(&p->lock);
}
