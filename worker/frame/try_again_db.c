/* What the operator may have mended is tried at once. */
#include "worker/frame/try_again_db.h"

#include "sql/store_app.h"

static enum db_rc
try_again_work(struct db *db, void *arg)
{
	struct try_again *t = arg;

	for (int e = 0; e < ENV__COUNT; e++) {
		enum db_rc rc = store_app_try_again(db, (enum environment)e);

		if (rc != DB_OK && rc != DB_NONE)
			return rc;
		t->stopped[e] = rc == DB_OK;
	}
	return DB_OK;
}

enum db_rc
try_again_run(struct db *db, void *job)
{
	return db_transact(db, try_again_work, job);
}
