/*
 * When old rows are deleted. Invariant: one worker deletes, a batch at a time, so that other work
 * gets in between.
 */
#include "worker/sweep/retention.h"

#include <inttypes.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "worker/frame/shards.h"
#include "worker/frame/worker.h"
#include "worker/sweep/retention_db.h"

struct retention_sweep {
	struct periodic periodic;
	struct retention_round round;
};

struct retention_job {
	struct batch batch;
	struct retention rules;
	struct retention_round round;
};

/* Of several workers one is enough: the one with shard 0. */
static bool
is_cleaner(const void *stage)
{
	const struct periodic *p = stage;

	return (shards_mask(p->w->shards) & FENCE_BIT(0)) != 0;
}

static void
retention_prepare(void *stage, void *job)
{
	const struct retention_sweep *s = stage;
	struct retention_job *j = job;

	j->rules = s->periodic.w->conf->retention;
	j->round = s->round;
}

static enum db_rc
retention_run(struct db *db, void *job)
{
	struct retention_job *j = job;
	enum db_rc rc = retention_step(db, &j->rules, &j->round);

	j->batch.more = !j->round.over;
	/* lib/db has logged what was refused; that table waits for the next round. */
	return rc == DB_FAIL || rc == DB_DUP ? DB_OK : rc;
}

static void
retention_apply(void *stage, void *job, enum db_rc rc)
{
	struct retention_sweep *s = stage;
	const struct retention_job *j = job;

	if (rc != DB_OK)
		return;
	s->round = j->round;
	if (!s->round.over)
		return;
	if (s->round.rows > 0)
		log_info("event=swept rows=%" PRIu64, s->round.rows);
	s->round = (struct retention_round){ 0 };
}

const struct periodic_kind retention_kind = {
	.failed = "sweep_failed",
	.poll_us = 60 * US_PER_S,
	.retry_us = 500 * US_PER_MS,
	.stage_size = sizeof(struct retention_sweep),
	.job_size = sizeof(struct retention_job),
	.ready = is_cleaner,
	.prepare = retention_prepare,
	.run = retention_run,
	.apply = retention_apply,
};
