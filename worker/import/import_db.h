#ifndef WORKER_IMPORT_IMPORT_DB_H
#define WORKER_IMPORT_IMPORT_DB_H

#include "worker/frame/fence_db.h"

/* One import's turn, on the DB thread. */

#define IMPORT_ROWS_GROUP 20 /* rows in one transaction */

struct import_batch {
	struct leases leases; /* in */
	int64_t publish_window_s;
	uint64_t lost;   /* out: shards that are no longer ours */
	bool worked;     /* an import was due: another may be */
	int64_t created; /* pins and schedules made */
};
/*
 * Takes the import that waits longest and does its next rows: all in one transaction, or, when the
 * database refuses that, each in its own, so that only the offender fails. DB_NONE: the shard was
 * lost.
 */
enum db_rc import_batch_run(struct db *db, struct import_batch *t);

#endif
