/*
 * The importer's place in the loop: one job at a time, a group of rows each; whose turn it is, the
 * table says.
 */
#include "worker/import/import.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "worker/frame/dbq.h"
#include "worker/import/import_db.h"
#include "worker/frame/loop.h"
#include "worker/frame/shards.h"
#include "worker/frame/worker.h"

struct import_due {
	struct worker *w;
	int64_t next_us; /* monotonic: look again */
	unsigned jobs;
	bool again; /* a hint came while a job was under way */
};

struct job {
	struct import_due *i;
	struct import_batch turn;
};

static enum db_rc
job_run(struct db *db, void *arg)
{
	struct job *j = arg;

	return import_batch_run(db, &j->turn);
}

static void
job_done(void *arg, enum db_rc rc)
{
	struct job *j = arg;
	struct import_due *i = j->i;
	int64_t now = clock_mono_us();

	i->jobs--;
	shards_lost(i->w->shards, j->turn.lost);
	if (j->turn.created > 0)
		worker_wake(i->w, WAKE_PROMOTE | WAKE_TURN);
	if (rc != DB_OK && rc != DB_NONE && rc != DB_DOWN)
		log_error("event=import_turn_failed rc=%s", db_rc_name(rc));
	i->next_us = (rc == DB_OK && j->turn.worked) || i->again
			 ? now
			 : now + i->w->conf->poll_ms * US_PER_MS;
	free(j);
	loop_poke(i->w->loop);
}

int64_t
import_tick(void *self, int64_t mono_us)
{
	struct import_due *i = self;
	struct job *j;

	i->again = i->again || (i->w->woken & WAKE_IMPORT);
	if (i->jobs > 0 || i->w->draining || shards_mask(i->w->shards) == 0)
		return LOOP_NEVER;
	if (mono_us < i->next_us && !i->again)
		return i->next_us;
	j = xcalloc(1, sizeof(*j));
	j->i = i;
	j->turn.publish_window_s = i->w->conf->publish_window_s;
	shards_leases(i->w->shards, &j->turn.leases);
	i->jobs++;
	i->again = false;
	dbq_submit(i->w->dbq, DBQ_WORK, job_run, job_done, j);
	return LOOP_NEVER;
}

struct import_due *
import_new(struct worker *w)
{
	struct import_due *i = xcalloc(1, sizeof(*i));

	i->w = w;
	return i;
}

unsigned
import_busy(const void *self)
{
	const struct import_due *i = self;

	return i->jobs;
}

void
import_free(void *self)
{
	free(self);
}
