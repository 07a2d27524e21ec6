/*
 * Pauses of accounts and projects. Invariant: their lanes are locked first, as the worker does, so
 * that after the commit of a pause nothing more leaves, and the end of one is never overlooked.
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
	const struct db_param in[] = { db_uuid(lane) };

	return db_exec_any(db, STMT_LANE_WAKE_NOW, in, DB_LEN(in), NULL);
}

static void
pause_lanes(void *arg)
{
	struct lanes *l = arg;

	if (l->rc == DB_OK)
		l->rc = pause_wake_lane(l->db, &l->row);
}

static enum db_rc
pause_activity(struct db *db, const struct store_pause *p, const char *type, const struct uuid *id)
{
	bool account = id == p->account;
	const struct activity a = { .action = account
						  ? p->on ? "pinterest.paused" : "pinterest.resumed"
					      : p->on ? "project.paused"
						      : "project.resumed",
		.category = "configuration",
		.status = "success",
		.resource_type = type,
		.resource_id = *id,
		.message = p->on ? "Publishing was paused." : "Publishing goes on." };

	return p->by != NULL ? store_activity(db, &p->project, p->by, &a) : DB_OK;
}

enum db_rc
store_pause_account(struct db *db, const struct store_pause *p)
{
	const struct db_param in[] = { db_uuid(&p->project), db_uuid(p->account), db_int(p->on) };
	struct store_account account;
	enum db_rc rc = store_account_get(db, &p->project, p->account, &account);

	if (rc == DB_OK)
		rc = pause_wake_lane(db, &account.lane_id);
	if (rc == DB_OK)
		rc = db_exec(db, STMT_ACCOUNT_PAUSE, in, DB_LEN(in), NULL);
	return rc == DB_OK ? pause_activity(db, p, "pinterest_account", p->account) : rc;
}

enum db_rc
store_pause_project(struct db *db, const struct store_pause *p)
{
	struct lanes l = { .db = db, .rc = DB_OK };
	const struct db_param which[] = { db_uuid(&p->project) };
	const struct db_param in[] = { db_uuid(&p->project), db_int(p->on) };
	struct db_col out[] = { db_get_uuid(&l.row) };
	enum db_rc rc = db_each(
	    db, STMT_PROJECT_LANES, which, DB_LEN(which), out, DB_LEN(out), pause_lanes, &l);

	if (rc == DB_OK)
		rc = l.rc;
	if (rc == DB_OK)
		rc = db_exec(db, STMT_PROJECT_PAUSE, in, DB_LEN(in), NULL);
	return rc == DB_OK ? pause_activity(db, p, "project", &p->project) : rc;
}
