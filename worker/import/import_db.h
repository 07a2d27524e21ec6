#ifndef WORKER_IMPORT_IMPORT_DB_H
#define WORKER_IMPORT_IMPORT_DB_H

#include "worker/frame/batch.h"

struct import_batch {
	struct batch batch; /* more: an import was due, another may be */
	int64_t publish_window_s;
	int64_t created; /* out: pins and schedules made */
};
/*
 * Takes the import that has waited longest and does its next rows, all in one transaction; a row
 * the database refuses fails alone. `arg` is a struct import_batch.
 */
enum db_rc import_batch_run(struct db *db, void *arg);

#endif
