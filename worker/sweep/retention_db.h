#ifndef WORKER_SWEEP_RETENTION_DB_H
#define WORKER_SWEEP_RETENTION_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/db/db.h"

/* Deleting what nobody needs any more, a batch at a time. On the DB thread. */

#define RETENTION_BATCH 500 /* rows of one statement, about */

/* A round over all tables; zeroed it begins. */
struct retention_round {
	size_t at;     /* the table it is at */
	uint64_t rows; /* deleted so far */
	bool over;     /* out */
};

/*
 * Deletes at most one batch: of the first table from round->at on that has any. Then either
 * round->over is set, or it wants to be called again (others may go first). DB_OK, or what the
 * database said; the table is passed over then, until the next round.
 */
enum db_rc retention_step(struct db *db, const struct retention *r, struct retention_round *round);

#endif
