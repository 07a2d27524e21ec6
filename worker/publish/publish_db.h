#ifndef WORKER_PUBLISH_PUBLISH_DB_H
#define WORKER_PUBLISH_PUBLISH_DB_H

#include "lib/db/db.h"
#include "worker/publish/in_flight.h"
#include "worker/frame/fence_db.h"
#include "worker/frame/clock_sample.h"

/* A save: outcomes of up to PUBLISH_SAVE_MAX creates, in one transaction on the DB thread. */
#define PUBLISH_SAVE_MAX 64

struct publish_save {
	struct publish *owner;
	struct leases leases;
	struct in_flight *creates[PUBLISH_SAVE_MAX];
	size_t len;
	/* out */
	uint64_t lost; /* DB_NONE: shards that are not leased any more */
	bool account_changed;
	int64_t took_us;
	struct clock_sample sample;
};

/* A dbq_run; arg is a struct publish_save. May be repeated after any failure: it finds out what was
 * done. DB_NONE: shards were lost, nothing was written. */
enum db_rc publish_save_run(struct db *db, void *arg);

#endif
