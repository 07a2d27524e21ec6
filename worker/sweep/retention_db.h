#ifndef WORKER_SWEEP_RETENTION_DB_H
#define WORKER_SWEEP_RETENTION_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/db/db.h"

/* Deleting old rows, a batch at a time. */

#define RETENTION_BATCH 500 /* rows of one statement, about */

/* A round over all tables; begins zeroed. */
struct retention_round {
	size_t at;     /* the current rule */
	uint64_t rows; /* deleted so far */
	bool over;     /* out */
};

/*
 * Deletes one batch at most: of the first rule from round->at on that finds rows. Call again, after
 * other work, until round->over. Another result than DB_OK: the rule is skipped until the next
 * round.
 */
enum db_rc retention_step(struct db *db, const struct retention *r, struct retention_round *round);

#endif
