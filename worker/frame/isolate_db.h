#ifndef WORKER_FRAME_ISOLATE_DB_H
#define WORKER_FRAME_ISOLATE_DB_H

#include <stddef.h>

#include "lib/db/db.h"

/* How to save rows of which the database may refuse some (a value it cannot take, a bug of ours).
 */
struct isolate {
	/* The rows [first, first + n) in one transaction. */
	enum db_rc (*batch)(struct db *db, void *arg, size_t first, size_t n);
	/* This row alone made `batch` fail with rc. DB_OK: go on with the others. */
	enum db_rc (*refused)(struct db *db, void *arg, size_t row, enum db_rc rc);
};

/*
 * Rows 0 to n - 1 in one transaction. When the database refuses them (DB_FAIL, DB_DUP), in halves
 * until the rows it refuses stand alone; those go to `refused`. Rows are finished in their order:
 * *done (may be NULL) counts them, also when another result than DB_OK ends it early.
 */
enum db_rc isolate(struct db *db, const struct isolate *how, void *arg, size_t n, size_t *done);

#endif
