#ifndef WORKER_FRAME_BATCH_DB_H
#define WORKER_FRAME_BATCH_DB_H

#include "worker/frame/batch.h"

/*
 * Reads b->next_us and b->sample by a statement that takes the shards and answers the time of the
 * earliest due row and the time now; no row: nothing is due, and no sample.
 */
enum db_rc batch_find_next(struct db *db, unsigned stmt, struct batch *b);

#endif
