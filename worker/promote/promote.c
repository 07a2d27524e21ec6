/* When schedules are promoted, and whom that wakes. */
#include "worker/promote/promote.h"

#include "lib/clock.h"
#include "lib/log.h"
#include "worker/frame/worker.h"
#include "worker/promote/promote_db.h"

struct promote {
	struct periodic periodic;
	struct promote_crowd crowd;
};

static void
promote_prepare(void *stage, void *job)
{
	const struct promote *p = stage;
	struct promote_batch *b = job;

	b->event_deadline_s = p->periodic.w->conf->webhook.deadline_s;
	b->crowd = p->crowd;
}

/* Some of a failed batch may have been committed. */
static void
promote_apply(void *stage, void *job, enum db_rc rc)
{
	struct promote *p = stage;
	const struct promote_batch *b = job;

	(void)rc;
	p->crowd = b->crowd;
	if (b->promoted > 0) {
		log_debug("event=promoted count=%zu", b->promoted);
		worker_wake(p->periodic.w, WAKE_TURN);
	}
	if (b->refused > 0)
		worker_wake(p->periodic.w, WAKE_DELIVERY);
}

const struct periodic_kind promote_kind = {
	.failed = "promotion_failed",
	.wake = WAKE_PROMOTE,
	.batch_max = PROMOTE_MAX,
	.retry_us = 200 * US_PER_MS,
	.stage_size = sizeof(struct promote),
	.job_size = sizeof(struct promote_batch),
	.prepare = promote_prepare,
	.run = promote_batch_run,
	.apply = promote_apply,
};
