/*
 * Pauses of accounts and projects. Invariant: like the worker, this locks the lanes first, so
 * nothing is sent after the commit of a pause, and no resume is missed.
 */
#include "sql/store_pause.h"

#include "sql/stmt.h"

struct lanes {
	struct db *db;
	struct uuid row;
	enum db_rc rc;
};

static enum db_rc
pause_wake_lane(struct db *db, const struct uuid *lane)
{
	return db_exec_any(db, SQL_IN(lane_wake_now, .lane = db_uuid(lane)), NULL);
}

static void
pause_lanes(void *arg)
{
	struct lanes *l = arg;

	if (l->rc == DB_OK)
		l->rc = pause_wake_lane(l->db, &l->row);
}

static enum db_rc
pause_activity(struct db *db, const struct store_pause *p)
{
	struct activity a = { .action = p->on ? ACTIVITY_PROJECT_PAUSED : ACTIVITY_PROJECT_RESUMED,
		.resource_id = p->project };

	if (p->account != NULL) {
		a.action = p->on ? ACTIVITY_ACCOUNT_PAUSED : ACTIVITY_ACCOUNT_RESUMED;
		a.account_id = a.resource_id = *p->account;
	}
	return p->by != NULL ? store_activity(db, &p->project, p->by, &a) : DB_OK;
}

enum db_rc
store_pause_account(struct db *db, const struct store_pause *p)
{
	struct store_account account;
	enum db_rc rc = store_account_get(db, &p->project, p->account, &account);

	if (rc == DB_OK)
		rc = pause_wake_lane(db, &account.lane_id);
	if (rc == DB_OK)
		rc = db_exec(db,
		    SQL_IN(account_pause, .project = db_uuid(&p->project),
			.account = db_uuid(p->account), .on = db_int(p->on)),
		    NULL);
	return rc == DB_OK ? pause_activity(db, p) : rc;
}

enum db_rc
store_pause_project(struct db *db, const struct store_pause *p)
{
	struct lanes l = { .db = db, .rc = DB_OK };
	enum db_rc rc = db_each(db, SQL_IN(project_lanes, .project = db_uuid(&p->project)),
	    SQL_OUT(project_lanes, .lane_id = db_get_uuid(&l.row)), pause_lanes, &l);

	if (rc == DB_OK)
		rc = l.rc;
	if (rc == DB_OK)
		rc = db_exec(db,
		    SQL_IN(project_pause, .project = db_uuid(&p->project), .on = db_int(p->on)),
		    NULL);
	return rc == DB_OK ? pause_activity(db, p) : rc;
}
