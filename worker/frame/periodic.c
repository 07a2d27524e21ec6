/* Repeated jobs. Invariant: between dbq_submit() and job_done() under_way is set. */
#include "worker/frame/periodic.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "worker/frame/dbq.h"
#include "worker/frame/loop.h"
#include "worker/frame/shards.h"
#include "worker/frame/worker.h"

/* The stage's job lies behind it. */
struct periodic_job {
	struct periodic *p;
	int64_t took_us;
	_Alignas(max_align_t) unsigned char job[];
};

static enum db_rc
periodic_job_run(struct db *db, void *arg)
{
	struct periodic_job *j = arg;
	int64_t begin = clock_mono_us();
	enum db_rc rc = j->p->kind->run(db, j->job);

	j->took_us = clock_mono_us() - begin;
	return rc;
}

static int64_t
poll_us(const struct periodic *p)
{
	return p->kind->poll_us != 0 ? p->kind->poll_us : p->w->conf->poll_ms * US_PER_MS;
}

static void
schedule_next(struct periodic *p, const struct batch *b, enum db_rc rc, int64_t now)
{
	if (rc == DB_OK) {
		p->scanned = true;
		p->known_us = b->more ? now : worker_mono_at(p->w, b->next_us);
		p->next_us = now + poll_us(p);
		if (p->known_us < p->next_us)
			p->next_us = p->known_us;
		return;
	}
	p->next_us = now + (p->kind->retry_us != 0 ? p->kind->retry_us : poll_us(p));
	if (rc == DB_NONE)
		shards_lost(p->w->shards, b->lost);
	else if (rc != DB_DOWN) /* which lib/db has logged */
		log_warn("event=%s rc=%s", p->kind->failed, db_rc_name(rc));
}

static void
periodic_job_done(void *arg, enum db_rc rc)
{
	struct periodic_job *j = arg;
	struct periodic *p = j->p;
	const struct batch *b = (const struct batch *)j->job;
	int64_t now = clock_mono_us();

	p->under_way = false;
	if (rc == DB_OK)
		p->limit = periodic_limit(p->limit, p->kind->batch_max, j->took_us);
	worker_clock_sample(p->w, &b->sample);
	schedule_next(p, b, rc, now);
	p->kind->apply(p, j->job, rc);
	free(j);
	loop_poke(p->w->loop);
}

static void
periodic_submit(struct periodic *p)
{
	struct periodic_job *j = xcalloc(1, sizeof(*j) + p->kind->job_size);
	struct batch *b = (struct batch *)j->job;

	j->p = p;
	shards_leases(p->w->shards, &b->leases);
	b->limit = p->limit;
	b->next_us = TIME_NONE;
	p->kind->prepare(p, j->job);
	p->rerun = false;
	p->under_way = true;
	dbq_submit(p->w->dbq, DBQ_WORK, periodic_job_run, periodic_job_done, j);
}

static bool
is_ready(const struct periodic *p)
{
	return p->kind->ready == NULL || p->kind->ready(p);
}

int64_t
periodic_tick(void *stage, int64_t mono_us)
{
	struct periodic *p = stage;
	const struct worker *w = p->w;

	p->rerun = p->rerun || (w->woken & p->kind->wake) != 0;
	if (p->under_way || w->draining || !shards_known(w->shards))
		return LOOP_NEVER;
	if (shards_mask(w->shards) == 0) {
		p->rerun = false;
		p->scanned = true;
		return LOOP_NEVER;
	}
	if (!is_ready(p))
		return LOOP_NEVER;
	if (mono_us < p->next_us && !p->rerun)
		return p->next_us;
	periodic_submit(p);
	return LOOP_NEVER;
}

void *
periodic_new(struct worker *w, const struct periodic_kind *kind)
{
	struct periodic *p = xcalloc(1, kind->stage_size);

	p->w = w;
	p->kind = kind;
	p->known_us = LOOP_NEVER;
	p->limit = kind->batch_max;
	return p;
}

unsigned
periodic_busy(const void *stage)
{
	const struct periodic *p = stage;

	if (p->under_way || p->w->draining || !is_ready(p))
		return p->under_way;
	return (unsigned)p->rerun + !p->scanned + (p->known_us <= clock_mono_us());
}

size_t
periodic_limit(size_t limit, size_t limit_max, int64_t took_us)
{
	if (took_us > US_PER_S)
		return limit > 1 ? limit / 2 : limit;
	if (took_us < US_PER_S / 4)
		return limit * 2 < limit_max ? limit * 2 : limit_max;
	return limit;
}
