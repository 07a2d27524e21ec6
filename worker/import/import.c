/* When imports are worked off: one group of rows at a time; the table says whose turn it is. */
#include "worker/import/import.h"

#include "worker/frame/worker.h"
#include "worker/import/import_db.h"

static void
import_prepare(void *stage, void *job)
{
	const struct periodic *p = stage;
	struct import_batch *b = job;

	b->publish_window_s = p->w->conf->publish_window_s;
}

/* Some of a failed batch may have been committed. */
static void
import_apply(void *stage, void *job, enum db_rc rc)
{
	const struct periodic *p = stage;
	const struct import_batch *b = job;

	(void)rc;
	if (b->created > 0)
		worker_wake(p->w, WAKE_PROMOTE | WAKE_TURN);
}

const struct periodic_kind import_kind = {
	.failed = "import_turn_failed",
	.wake = WAKE_IMPORT,
	.stage_size = sizeof(struct periodic),
	.job_size = sizeof(struct import_batch),
	.prepare = import_prepare,
	.run = import_batch_run,
	.apply = import_apply,
};
