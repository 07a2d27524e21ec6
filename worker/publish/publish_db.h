#ifndef WORKER_PUBLISH_PUBLISH_DB_H
#define WORKER_PUBLISH_PUBLISH_DB_H

#include "lib/db/db.h"
#include "worker/frame/clock_sample.h"
#include "worker/frame/fence_db.h"
#include "worker/publish/in_flight.h"

/* A save on the DB thread: outcomes of up to PUBLISH_SAVE_MAX creates, if possible in one
 * transaction. */
#define PUBLISH_SAVE_MAX 64

struct publish_save {
	struct publish *owner;
	struct leases leases;
	struct in_flight *creates[PUBLISH_SAVE_MAX];
	size_t len;
	/* out */
	size_t saved;  /* of them, the first: saved, or refused for good */
	uint64_t lost; /* DB_NONE: shards that are not leased any more */
	bool account_changed;
	int64_t took_us;
	struct clock_sample sample;
};

/*
 * A dbq_run; arg is a struct publish_save. May be repeated for those that are not saved, after any
 * failure: it finds out what was done. DB_NONE: shards of those were lost. A create whose rows the
 * database refuses has its attempt written alone; when even that is refused, its outcome is lost.
 */
enum db_rc publish_save_run(struct db *db, void *arg);

#endif
