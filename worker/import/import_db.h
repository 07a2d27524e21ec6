#ifndef WORKER_IMPORT_IMPORT_DB_H
#define WORKER_IMPORT_IMPORT_DB_H

#include "lib/conf.h"
#include "lib/uuid.h"
#include "worker/frame/batch.h"

#define IMPORT_SERVED 64

struct import_batch {
	struct batch batch; /* more: an import was due, another may be */
	int64_t publish_window_s;
	enum environment first;            /* whose imports come first */
	struct uuid served[IMPORT_SERVED]; /* projects that had a turn of late, the last one last */
	size_t served_len;
	struct uuid project_id; /* out: whose turn it was; nil: none was due */
	int64_t created;        /* out: pins and schedules made */
};
/*
 * Takes the import whose turn it is and does its next rows, all in one transaction; a row
 * the database refuses fails alone. `arg` is a struct import_batch.
 */
enum db_rc import_batch_run(struct db *db, void *arg);

#endif
