/* When schedules are promoted, and whom that wakes. */
#include "worker/promote/promote.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "worker/frame/periodic.h"
#include "worker/frame/worker.h"
#include "worker/promote/promote_db.h"

struct promote {
	struct worker *w;
	struct periodic periodic;
	struct promote_crowd crowd;
};

static void
promote_prepare(void *stage, void *job)
{
	const struct promote *p = stage;
	struct promote_batch *b = job;

	b->event_deadline_s = p->w->conf->webhook.deadline_s;
	b->crowd = p->crowd;
}

static void
promote_apply(void *stage, void *job, enum db_rc rc)
{
	struct promote *p = stage;
	const struct promote_batch *b = job;

	(void)rc; /* some of a failed batch may have been committed */
	p->crowd = b->crowd;
	if (b->promoted > 0) {
		log_debug("event=promoted count=%zu", b->promoted);
		worker_wake(p->w, WAKE_TURN);
	}
	if (b->refused > 0)
		worker_wake(p->w, WAKE_DELIVERY);
}

static const struct periodic_kind promotion = {
	.failed = "promotion_failed",
	.wake = WAKE_PROMOTE,
	.batch_max = PROMOTE_MAX,
	.retry_us = 200 * US_PER_MS,
	.job_size = sizeof(struct promote_batch),
	.prepare = promote_prepare,
	.run = promote_batch_run,
	.apply = promote_apply,
};

int64_t
promote_tick(void *self, int64_t mono_us)
{
	struct promote *p = self;

	return periodic_tick(&p->periodic, mono_us, true);
}

struct promote *
promote_new(struct worker *w)
{
	struct promote *p = xcalloc(1, sizeof(*p));

	p->w = w;
	periodic_init(&p->periodic, w, &promotion, p);
	return p;
}

unsigned
promote_busy(const void *self)
{
	const struct promote *p = self;

	return periodic_busy(&p->periodic);
}

void
promote_free(void *self)
{
	free(self);
}
