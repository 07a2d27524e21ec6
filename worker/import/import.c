/* When imports are worked off: one group of rows at a time; the table says whose turn it is. */
#include "worker/import/import.h"

#include <stdlib.h>

#include "lib/xalloc.h"
#include "worker/frame/periodic.h"
#include "worker/frame/worker.h"
#include "worker/import/import_db.h"

struct import {
	struct worker *w;
	struct periodic periodic;
};

static void
import_prepare(void *stage, void *job)
{
	const struct import *i = stage;
	struct import_batch *b = job;

	b->publish_window_s = i->w->conf->publish_window_s;
}

static void
import_apply(void *stage, void *job, enum db_rc rc)
{
	const struct import *i = stage;
	const struct import_batch *b = job;

	(void)rc; /* some of a failed batch may have been committed */
	if (b->created > 0)
		worker_wake(i->w, WAKE_PROMOTE | WAKE_TURN);
}

static const struct periodic_kind importing = {
	.failed = "import_turn_failed",
	.wake = WAKE_IMPORT,
	.job_size = sizeof(struct import_batch),
	.prepare = import_prepare,
	.run = import_batch_run,
	.apply = import_apply,
};

int64_t
import_tick(void *self, int64_t mono_us)
{
	struct import *i = self;

	return periodic_tick(&i->periodic, mono_us, true);
}

struct import *
import_new(struct worker *w)
{
	struct import *i = xcalloc(1, sizeof(*i));

	i->w = w;
	periodic_init(&i->periodic, w, &importing, i);
	return i;
}

unsigned
import_busy(const void *self)
{
	const struct import *i = self;

	return periodic_busy(&i->periodic);
}

void
import_free(void *self)
{
	free(self);
}
