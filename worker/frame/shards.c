/*
 * Leases. Invariant: `leases` were ours when the table was last read; only the fence knows whether
 * they still are.
 */
#include "worker/frame/shards.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "worker/frame/dbq.h"
#include "worker/frame/loop.h"
#include "worker/frame/shards_db.h"
#include "worker/frame/worker.h"

#define RESHARE_US (500 * US_PER_MS)

struct shards {
	struct worker *w;
	struct leases leases;
	unsigned in_use[SHARD_COUNT];
	int64_t next_us;  /* monotonic: next round */
	int64_t renew_us; /* monotonic: next round that renews */
	bool registered, known, resident_alive, under_way, frozen, down, freed;
	uint64_t lost; /* reported by jobs while a round was under way */
};

struct lease_job {
	struct shards *s;
	struct lease_round round;
};

static void
log_shards(const struct shards *s, uint64_t before)
{
	uint64_t gained = s->leases.mask & ~before, lost = before & ~s->leases.mask;

	if (gained != 0 || lost != 0)
		log_info("event=shards_changed held=%zu gained=%d lost=%d", s->leases.len,
		    __builtin_popcountll(gained), __builtin_popcountll(lost));
}

static enum db_rc
lease_job_run(struct db *db, void *arg)
{
	struct lease_job *j = arg;

	return lease_round_run(db, &j->round);
}

static void
lease_job_done(void *arg, enum db_rc rc)
{
	struct lease_job *j = arg;
	struct lease_round *r = &j->round;
	struct shards *s = j->s;
	uint64_t before = s->leases.mask;
	int64_t now = clock_mono_us();

	s->under_way = false;
	if (rc == DB_OK) {
		s->leases = r->leases;
		s->registered = s->known = true;
		s->down = false;
		s->resident_alive = r->residents > 0;
		worker_clock_sample(s->w, &r->sample);
		leases_drop(&s->leases, s->lost);
		log_shards(s, before);
		if (r->renew)
			s->renew_us = now + s->w->conf->lease_renew_ms * US_PER_MS;
		s->next_us = s->renew_us;
		/* Other workers may leave, or give shards away. */
		if ((r->residents > 0 || !r->resident || s->leases.len < SHARD_COUNT) &&
		    s->next_us > now + RESHARE_US)
			s->next_us = now + RESHARE_US;
		if (s->lost != 0)
			s->next_us = now;
		s->freed = s->freed || r->release_idle;
	} else {
		if (!s->down)
			log_warn("event=lease_renewal_failed rc=%s", db_rc_name(rc));
		s->down = true;
		s->next_us = now + 250 * US_PER_MS;
	}
	s->lost = 0;
	free(j);
	loop_poke(s->w->loop);
}

static uint64_t
pinned_shards(const struct shards *s)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < SHARD_COUNT; i++)
		if (s->in_use[i] > 0)
			mask |= FENCE_BIT(i);
	return mask;
}

int64_t
shards_tick(void *self, int64_t mono_us)
{
	struct shards *s = self;
	struct lease_job *j;

	if (s->under_way || s->frozen)
		return LOOP_NEVER;
	/* Draining: shards that nothing under way needs are free at once. */
	if (mono_us < s->next_us && !(s->w->draining && !s->freed && s->registered))
		return s->next_us;
	j = xcalloc(1, sizeof(*j));
	j->s = s;
	j->round = (struct lease_round){ .clock = s->w->clock,
		.leases = s->leases,
		.owner = s->w->id,
		.host = s->w->host_id,
		.register_first = !s->registered,
		.resident = s->w->resident,
		.host_locked = s->w->host_locked,
		.release_idle = s->w->draining,
		.renew = !s->registered || mono_us >= s->renew_us,
		.in_use = pinned_shards(s),
		.lease_us = s->w->conf->lease_ms * US_PER_MS };
	s->under_way = true;
	dbq_submit(s->w->dbq, DBQ_SAVE, lease_job_run, lease_job_done, j);
	return LOOP_NEVER;
}

struct shards *
shards_new(struct worker *w)
{
	struct shards *s = xcalloc(1, sizeof(*s));

	s->w = w;
	leases_init(&s->leases, &w->id);
	return s;
}

unsigned
shards_busy(const void *self)
{
	const struct shards *s = self;

	return s->under_way;
}

void
shards_free(void *self)
{
	free(self);
}

void
shards_leases(const struct shards *s, struct leases *out)
{
	*out = s->leases;
}

void
shards_lost(struct shards *s, uint64_t mask)
{
	uint64_t before = s->leases.mask;

	if (mask == 0)
		return;
	log_warn("event=shards_lost count=%d", __builtin_popcountll(mask & before));
	leases_drop(&s->leases, mask);
	s->lost |= mask;
	s->next_us = 0;
	loop_poke(s->w->loop);
}

void
shards_freeze(struct shards *s)
{
	s->frozen = true;
}

void
shards_thaw(struct shards *s)
{
	s->frozen = false;
}

void
shards_pin(struct shards *s, unsigned shard)
{
	s->in_use[shard]++;
}

void
shards_unpin(struct shards *s, unsigned shard)
{
	if (s->in_use[shard]-- == 0)
		panic("event=shard_unpinned_twice shard=%u", shard);
}

uint64_t
shards_mask(const struct shards *s)
{
	return s->leases.mask;
}

bool
shards_resident_alive(const struct shards *s)
{
	return s->resident_alive;
}

bool
shards_known(const struct shards *s)
{
	return s->known;
}

/* ---- the end ---- */

struct stop_job {
	struct lease_stop stop;
	void (*done)(void *arg);
	void *arg;
};

static enum db_rc
stop_job_run(struct db *db, void *arg)
{
	struct stop_job *j = arg;

	return lease_stop_run(db, &j->stop);
}

static void
stop_job_done(void *arg, enum db_rc rc)
{
	struct stop_job *j = arg;

	if (rc != DB_OK)
		log_warn("event=stop_not_recorded rc=%s", db_rc_name(rc));
	j->done(j->arg);
	free(j);
}

void
shards_stop(struct shards *s, void (*done)(void *arg), void *arg)
{
	struct stop_job *j = xcalloc(1, sizeof(*j));

	j->stop = (struct lease_stop){ s->w->id, s->w->host_id, s->w->resident };
	j->done = done;
	j->arg = arg;
	dbq_submit(s->w->dbq, DBQ_SAVE, stop_job_run, stop_job_done, j);
}
