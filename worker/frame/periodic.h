#ifndef WORKER_FRAME_PERIODIC_H
#define WORKER_FRAME_PERIODIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "worker/frame/batch.h"

struct worker;

/*
 * A job that is run again and again on the DB thread: at most one at a time; at once when its stage
 * was woken (also while a job was under way), when work falls due, and at least every poll_us.
 * Nothing is run while draining or without shards. Loop thread only.
 */
struct periodic {
	struct worker *w;
	const struct periodic_kind *kind;
	bool under_way;
	bool rerun;       /* woken since the last run began */
	bool scanned;     /* there was a complete run, or there is nothing to scan */
	int64_t next_us;  /* monotonic: next run */
	int64_t known_us; /* monotonic: when the earliest known work is due; LOOP_NEVER: none */
	size_t limit;
};

/* `stage` is the struct periodic, or the struct whose first member that is. */
struct periodic_kind {
	const char *failed; /* log event of a failed run */
	unsigned wake;      /* enum wake; 0: none */
	size_t batch_max;   /* upper bound of struct batch's limit; 0: not used */
	int64_t poll_us;    /* 0: conf->poll_ms */
	int64_t retry_us;   /* from a failed run to the next; 0: poll_us */
	size_t stage_size;
	size_t job_size; /* of the stage's job, which begins with a struct batch */

	/* May it run now? Else the stage ticks or is woken when it may. NULL: always. */
	bool (*ready)(const void *stage);
	/* Fills in a zeroed job, whose batch is set already. */
	void (*prepare)(void *stage, void *job);
	/* On the DB thread. */
	enum db_rc (*run)(struct db *db, void *job);
	/* Takes the results. May change next_us and known_us. */
	void (*apply)(void *stage, void *job, enum db_rc rc);
};

/* Makes a zeroed stage with its struct periodic filled in; free() it. */
void *periodic_new(struct worker *w, const struct periodic_kind *kind);
/* Starts a run if one is wanted; returns when to tick again. */
int64_t periodic_tick(void *stage, int64_t mono_us);
/* Not 0 while a run is under way or, unless draining, known to be wanted. */
unsigned periodic_busy(const void *stage);
/*
 * The next limit after a run with `limit` took so long: halved above a second, doubled (up to
 * limit_max) below a quarter, so that no job delays lease renewals on a slow database.
 */
size_t periodic_limit(size_t limit, size_t limit_max, int64_t took_us);

#endif
