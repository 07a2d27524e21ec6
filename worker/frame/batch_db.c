/* What the DB halves of several stages do with their batch. */
#include "worker/frame/batch_db.h"

#include "lib/clock.h"

enum db_rc
batch_find_next(struct db *db, unsigned stmt, struct batch *b)
{
	const struct db_param in[] = { leases_param(&b->leases) };
	struct db_col out[] = { db_get_time(&b->next_us), db_get_time(&b->sample.db_us) };
	enum db_rc rc = db_row(db, stmt, in, DB_LEN(in), out, DB_LEN(out));

	b->sample.mono_us = clock_mono_us();
	if (rc != DB_NONE)
		return rc;
	b->next_us = TIME_NONE;
	b->sample.db_us = 0;
	return DB_OK;
}
