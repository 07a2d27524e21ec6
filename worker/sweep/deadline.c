/* When deadlines are enforced. */
#include "worker/sweep/deadline.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/xalloc.h"
#include "worker/frame/periodic.h"
#include "worker/frame/worker.h"
#include "worker/sweep/deadline_db.h"

struct deadline {
	struct worker *w;
	struct periodic periodic;
};

static void
deadline_prepare(void *stage, void *job)
{
	const struct deadline *d = stage;
	struct deadline_batch *b = job;

	b->event_deadline_s = d->w->conf->webhook.deadline_s;
}

static void
deadline_apply(void *stage, void *job, enum db_rc rc)
{
	const struct deadline *d = stage;
	const struct deadline_batch *b = job;

	(void)rc; /* some of a failed batch may have been committed */
	if (b->missed > 0)
		worker_wake(d->w, WAKE_DELIVERY);
}

static const struct periodic_kind deadlines = {
	.failed = "deadlines_failed",
	.batch_max = DEADLINE_MAX,
	.poll_us = 1 * US_PER_S,
	.retry_us = 500 * US_PER_MS,
	.job_size = sizeof(struct deadline_batch),
	.prepare = deadline_prepare,
	.run = deadline_batch_run,
	.apply = deadline_apply,
};

int64_t
deadline_tick(void *self, int64_t mono_us)
{
	struct deadline *d = self;

	return periodic_tick(&d->periodic, mono_us, true);
}

struct deadline *
deadline_new(struct worker *w)
{
	struct deadline *d = xcalloc(1, sizeof(*d));

	d->w = w;
	periodic_init(&d->periodic, w, &deadlines, d);
	return d;
}

unsigned
deadline_busy(const void *self)
{
	const struct deadline *d = self;

	return periodic_busy(&d->periodic);
}

void
deadline_free(void *self)
{
	free(self);
}
