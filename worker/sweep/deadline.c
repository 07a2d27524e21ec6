/* When deadlines are enforced. */
#include "worker/sweep/deadline.h"

#include "lib/clock.h"
#include "worker/frame/worker.h"
#include "worker/sweep/deadline_db.h"

static void
deadline_prepare(void *stage, void *job)
{
	const struct periodic *p = stage;
	struct deadline_batch *b = job;

	b->event_deadline_s = p->w->conf->webhook.deadline_s;
}

/* Some of a failed batch may have been committed. */
static void
deadline_apply(void *stage, void *job, enum db_rc rc)
{
	const struct periodic *p = stage;
	const struct deadline_batch *b = job;

	(void)rc;
	if (b->missed > 0)
		worker_wake(p->w, WAKE_DELIVERY);
}

const struct periodic_kind deadline_kind = {
	.failed = "deadlines_failed",
	.batch_max = DEADLINE_MAX,
	.poll_us = 1 * US_PER_S,
	.retry_us = 500 * US_PER_MS,
	.stage_size = sizeof(struct periodic),
	.job_size = sizeof(struct deadline_batch),
	.prepare = deadline_prepare,
	.run = deadline_batch_run,
	.apply = deadline_apply,
};
