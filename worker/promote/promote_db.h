#ifndef WORKER_PROMOTE_PROMOTE_DB_H
#define WORKER_PROMOTE_PROMOTE_DB_H

#include <stdint.h>

#include "lib/db/db.h"
#include "worker/frame/fence_db.h"
#include "worker/frame/clock_sample.h"

#define PROMOTE_MAX 64

/*
 * Lanes of which so much is due that others would stand behind it: they get what others leave of a
 * batch, a quarter at least. Empty unless more is due than one batch holds.
 */
struct promote_crowd {
	struct uuid lanes[PROMOTE_MAX]; /* behind len: nil */
	size_t len;
	int64_t look_us; /* monotonic: the others are looked for no sooner */
};

/* One batch of promotions, on the DB thread. */
struct promote_run {
	struct leases leases;
	int64_t event_deadline_s;
	size_t limit;               /* at most PROMOTE_MAX */
	struct promote_crowd crowd; /* in and out: for the next batch */
	/* out */
	size_t found, promoted, refused;
	int64_t next_us; /* database time of the next due schedule; TIME_NONE: none */
	int64_t took_us;
	uint64_t lost;
	struct clock_sample sample;
};

enum db_rc promote_run(struct db *db, struct promote_run *p);

#endif
