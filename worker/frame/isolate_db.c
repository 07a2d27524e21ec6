/* Finding the refused row of a batch by bisection. */
#include "worker/frame/isolate_db.h"

static enum db_rc
isolate_range(
    struct db *db, const struct isolate *how, void *arg, size_t first, size_t n, size_t *done)
{
	enum db_rc rc = how->batch(db, arg, first, n);

	if ((rc == DB_FAIL || rc == DB_DUP) && n > 1) {
		rc = isolate_range(db, how, arg, first, n / 2, done);
		return rc == DB_OK ? isolate_range(db, how, arg, first + n / 2, n - n / 2, done)
				   : rc;
	}
	if (rc == DB_FAIL || rc == DB_DUP)
		rc = how->refused(db, arg, first, rc);
	if (rc == DB_OK)
		*done = first + n;
	return rc;
}

enum db_rc
isolate(struct db *db, const struct isolate *how, void *arg, size_t n, size_t *done)
{
	size_t ignored = 0;

	done = done != NULL ? done : &ignored;
	*done = 0;
	return isolate_range(db, how, arg, 0, n, done);
}
