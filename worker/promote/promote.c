/* The driver of promotions: one batch at a time, the timer armed for the next due time. */
#include "worker/promote/promote.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "worker/frame/dbq.h"
#include "worker/frame/loop.h"
#include "worker/promote/promote_db.h"
#include "worker/frame/shards.h"
#include "worker/frame/worker.h"

#define RETRY_US (200 * US_PER_MS)

struct promote {
	struct worker *w;
	bool under_way, scanned, again;
	int64_t next_us, known_us;
	size_t limit;
	struct promote_crowd crowd;
};

struct job {
	struct promote *p;
	struct promote_run run;
};

static enum db_rc
run(struct db *db, void *arg)
{
	struct job *j = arg;

	return promote_run(db, &j->run);
}

static void
done(void *arg, enum db_rc rc)
{
	struct job *j = arg;
	struct promote *p = j->p;
	int64_t now = clock_mono_us(), poll = now + p->w->conf->poll_ms * US_PER_MS;

	p->under_way = false;
	p->crowd = j->run.crowd;
	p->limit = worker_batch(p->limit, PROMOTE_MAX, j->run.took_us);
	worker_clock_sample(p->w, &j->run.sample);
	if (rc == DB_OK) {
		p->scanned = true;
		p->known_us = worker_mono_at(p->w, j->run.next_us);
		p->next_us = p->known_us < poll ? p->known_us : poll;
	} else {
		if (rc == DB_NONE)
			shards_lost(p->w->shards, j->run.lost);
		else if (rc != DB_DOWN) /* the database door has said so */
			log_warn("event=promotion_failed rc=%s", db_rc_name(rc));
		p->next_us = now + RETRY_US;
	}
	if (j->run.promoted > 0) {
		log_debug("event=promoted count=%zu", j->run.promoted);
		worker_wake(p->w, WAKE_TURN);
	}
	if (j->run.refused > 0)
		worker_wake(p->w, WAKE_DELIVERY);
	if (p->again)
		p->next_us = now;
	p->again = false;
	free(j);
	loop_poke(p->w->loop);
}

int64_t
promote_tick(void *self, int64_t mono_us)
{
	struct promote *p = self;
	struct job *j;

	if (p->under_way) {
		p->again = p->again || (p->w->woken & WAKE_PROMOTE);
		return LOOP_NEVER;
	}
	if (p->w->draining || !shards_known(p->w->shards))
		return LOOP_NEVER;
	if (shards_mask(p->w->shards) == 0) {
		p->scanned = true;
		return LOOP_NEVER;
	}
	if (mono_us < p->next_us && !(p->w->woken & WAKE_PROMOTE))
		return p->next_us;
	j = xcalloc(1, sizeof(*j));
	j->p = p;
	j->run.limit = p->limit;
	j->run.event_deadline_s = p->w->conf->webhook.deadline_s;
	j->run.crowd = p->crowd;
	shards_leases(p->w->shards, &j->run.leases);
	p->under_way = true;
	dbq_submit(p->w->dbq, DBQ_WORK, run, done, j);
	return LOOP_NEVER;
}

struct promote *
promote_new(struct worker *w)
{
	struct promote *p = xcalloc(1, sizeof(*p));

	p->w = w;
	p->known_us = LOOP_NEVER;
	p->limit = PROMOTE_MAX;
	return p;
}

unsigned
promote_busy(const void *self)
{
	const struct promote *p = self;

	if (p->w->draining)
		return p->under_way;
	return (unsigned)p->under_way + (unsigned)!p->scanned + (p->known_us <= clock_mono_us());
}

void
promote_free(void *self)
{
	free(self);
}
