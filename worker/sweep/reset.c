/*
 * When what resets left behind is deleted. Invariant: one worker deletes, a batch at a time, so
 * that other work gets in between.
 */
#include "worker/sweep/reset.h"

#include "lib/clock.h"
#include "worker/frame/shards.h"
#include "worker/frame/worker.h"
#include "worker/sweep/reset_db.h"

struct reset_job {
	struct batch batch;
};

/* Of several workers one is enough: the one with shard 0. */
static bool
is_reset_sweeper(const void *stage)
{
	const struct periodic *p = stage;

	return (shards_mask(p->w->shards) & FENCE_BIT(0)) != 0;
}

static void
reset_prepare(void *stage, void *job)
{
	(void)stage;
	(void)job;
}

static enum db_rc
reset_run(struct db *db, void *job)
{
	struct reset_job *j = job;

	return reset_step(db, &j->batch.more);
}

static void
reset_apply(void *stage, void *job, enum db_rc rc)
{
	(void)stage;
	(void)job;
	(void)rc;
}

const struct periodic_kind reset_kind = {
	.failed = "reset_sweep_failed",
	.poll_us = 5 * US_PER_S,
	.stage_size = sizeof(struct periodic),
	.job_size = sizeof(struct reset_job),
	.ready = is_reset_sweeper,
	.prepare = reset_prepare,
	.run = reset_run,
	.apply = reset_apply,
};
