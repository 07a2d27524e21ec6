/* What the DB halves of several stages do with their batch. */
#include "worker/frame/batch_db.h"

#include "lib/clock.h"
#include "sql/stmt.h"

enum db_rc
batch_find_next(struct db *db, unsigned stmt, struct batch *b)
{
	enum db_rc rc =
	    db_row(db, SQL_IN_LIKE(schedule_due_next, stmt, .shards = leases_param(&b->leases)),
		SQL_OUT(schedule_due_next, .next_at = db_get_time(&b->next_us),
		    .now = db_get_time(&b->sample.db_us)));

	b->sample.mono_us = clock_mono_us();
	if (rc != DB_NONE)
		return rc;
	b->next_us = TIME_NONE;
	b->sample.db_us = 0;
	return DB_OK;
}
