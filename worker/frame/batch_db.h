#ifndef WORKER_FRAME_BATCH_DB_H
#define WORKER_FRAME_BATCH_DB_H

#include "worker/frame/batch.h"

/*
 * Reads b->next_us and b->sample by a statement with the parameters and columns of
 * schedule_due_next. No row: nothing is due, and there is no sample.
 */
enum db_rc batch_find_next(struct db *db, unsigned stmt, struct batch *b);

#endif
