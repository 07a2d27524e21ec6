/*
 * What a reset left behind, under an id that no project has any more. Invariant: schedules go
 * before pins, so that none is promoted afterwards; a pin being sent stays until it has ended.
 */
#include "worker/sweep/reset_db.h"

#include <stddef.h>
#include <stdint.h>

#include "lib/crash.h"
#include "lib/log.h"
#include "lib/uuid.h"
#include "sql/stmt.h"

#define SWEEP_ROWS 500
#define LIKE(stmt) SQL_LIKE(schedule_sweep, stmt)

/* In this order. */
static const unsigned sweeps[] = { SQL_schedule_sweep, LIKE(pin_sweep), LIKE(import_row_sweep),
	LIKE(import_sweep), LIKE(delivery_sweep), LIKE(event_sweep), LIKE(activity_sweep),
	LIKE(idempotency_sweep), LIKE(app_give_back), LIKE(app_sweep), LIKE(account_sweep) };

static const unsigned keeps[] = { SQL_api_key_keep, SQL_LIKE(api_key_keep, session_keep),
	SQL_LIKE(api_key_keep, account_keep), SQL_LIKE(api_key_keep, webhook_keep),
	SQL_LIKE(api_key_keep, asset_keep), SQL_LIKE(api_key_keep, connect_link_keep) };

static enum db_rc
keep_late(struct db *db, const struct uuid *from, const struct uuid *to)
{
	enum db_rc rc = DB_OK;

	for (size_t i = 0; i < sizeof(keeps) / sizeof(keeps[0]) && rc == DB_OK; i++)
		rc = db_exec_any(db,
		    SQL_IN_LIKE(api_key_keep, keeps[i], .from = db_uuid(from), .to = db_uuid(to)),
		    NULL);
	return rc;
}

/* Nothing was left of it. */
static enum db_rc
sweep_done(struct db *db, const struct uuid *id)
{
	char text[UUID_TEXT_SIZE];
	enum db_rc rc = db_exec(db,
	    SQL_IN_LIKE(schedule_sweep, LIKE(project_sweep_end), .project = db_uuid(id),
		.limit = db_int(1)),
	    NULL);

	if (rc == DB_OK)
		log_info("event=reset_swept project=%s", uuid_format_project(id, text));
	return rc == DB_NONE
		   ? db_exec_any(db, SQL_IN(project_sweep_later, .project = db_uuid(id)), NULL)
		   : rc;
}

/* *more: something of it was deleted. DB_OK without: nothing is left. */
static enum db_rc
sweep_batch(struct db *db, const struct uuid *id, const struct uuid *live, bool *more)
{
	enum db_rc rc = uuid_is_nil(live) ? DB_OK : keep_late(db, id, live);

	*more = false;
	for (size_t i = 0; i < sizeof(sweeps) / sizeof(sweeps[0]) && rc == DB_OK && !*more; i++) {
		rc = db_exec(db,
		    SQL_IN_LIKE(schedule_sweep, sweeps[i], .project = db_uuid(id),
			.limit = db_int(SWEEP_ROWS)),
		    NULL);
		*more = rc == DB_OK;
		if (rc == DB_NONE)
			rc = DB_OK;
	}
	return rc;
}

enum db_rc
reset_step(struct db *db, bool *more)
{
	struct uuid id, live = { 0 };
	bool swept = false;
	enum db_rc rc = db_row(db, SQL_IN_NONE(SQL_project_to_sweep),
	    SQL_OUT(project_to_sweep, .id = db_get_uuid(&id), .live = db_get_uuid(&live)));

	*more = rc == DB_OK;
	if (rc != DB_OK)
		return rc == DB_NONE ? DB_OK : rc;
	rc = sweep_batch(db, &id, &live, &swept);
	if (swept)
		CRASH_POINT("reset.swept");
	else if (rc == DB_OK)
		rc = sweep_done(db, &id);
	if (rc != DB_OK)
		(void)db_exec_any(db, SQL_IN(project_sweep_failed, .project = db_uuid(&id)), NULL);
	return rc;
}
