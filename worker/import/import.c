/* When imports are worked off: one group of rows at a time. */
#include "worker/import/import.h"

#include <string.h>

#include "worker/frame/worker.h"
#include "worker/import/import_db.h"

#define SANDBOX_PART 4 /* of the turns: the sandbox comes first in one of so many */

struct import {
	struct periodic periodic;
	unsigned turns;
	struct uuid served[IMPORT_SERVED]; /* projects, the last one last */
	size_t served_len;
};

static void
import_prepare(void *stage, void *job)
{
	const struct import *m = stage;
	struct import_batch *b = job;

	b->publish_window_s = m->periodic.w->conf->publish_window_s;
	b->first = m->turns % SANDBOX_PART == SANDBOX_PART - 1 ? ENV_SANDBOX : ENV_PRODUCTION;
	memcpy(b->served, m->served, sizeof(b->served));
	b->served_len = m->served_len;
}

static void
project_served(struct import *m, const struct uuid *project)
{
	size_t at = 0;

	while (at < m->served_len && !uuid_equal(&m->served[at], project))
		at++;
	if (at == IMPORT_SERVED)
		at = 0; /* whoever was served longest ago is forgotten */
	else if (at == m->served_len)
		m->served_len++;
	memmove(
	    &m->served[at], &m->served[at + 1], (m->served_len - at - 1) * sizeof(m->served[0]));
	m->served[m->served_len - 1] = *project;
}

/* Some of a failed batch may have been committed. */
static void
import_apply(void *stage, void *job, enum db_rc rc)
{
	struct import *m = stage;
	const struct import_batch *b = job;

	(void)rc;
	m->turns++;
	if (!uuid_is_nil(&b->project_id))
		project_served(m, &b->project_id);
	if (b->created > 0)
		worker_wake(m->periodic.w, WAKE_PROMOTE | WAKE_TURN);
}

const struct periodic_kind import_kind = {
	.failed = "import_turn_failed",
	.wake = WAKE_IMPORT,
	.stage_size = sizeof(struct import),
	.job_size = sizeof(struct import_batch),
	.prepare = import_prepare,
	.run = import_batch_run,
	.apply = import_apply,
};
