/*
 * Empties the sandbox: it gets another id (uuid_project_next()), which takes along what stays. All
 * else keeps the earlier id, where nobody finds it; the worker deletes it bit by bit
 * (worker/sweep/reset_db.c) and ends what was being sent as usual. One transaction, so that it is
 * either done or not begun.
 */
#include <stddef.h>

#include "app/api/activity.h"
#include "app/api/handlers.h"
#include "app/api/identity.h"
#include "app/http/call.h"
#include "sql/stmt.h"

static const unsigned keeps[] = { SQL_api_key_keep, SQL_LIKE(api_key_keep, session_keep),
	SQL_LIKE(api_key_keep, account_keep), SQL_LIKE(api_key_keep, webhook_keep),
	SQL_LIKE(api_key_keep, asset_keep), SQL_LIKE(api_key_keep, connect_link_keep) };

/* Earlier ids that are remembered, for a quarter of an hour: more resets are refused. */
#define LEFT_MAX 300
#define LEFT_RETRY_S 60

struct reset {
	struct uuid caller; /* the project that the caller works in, before the reset */
	struct uuid from, to;
};

/* DB_RETRY: another reset came first. */
static enum db_rc
renew_project(struct call *c, const struct reset *r)
{
	enum db_rc rc = db_exec(
	    c->db, SQL_IN(project_renew, .from = db_uuid(&r->from), .to = db_uuid(&r->to)), NULL);

	if (rc == DB_OK)
		rc = db_exec(c->db,
		    SQL_IN(project_leave, .from = db_uuid(&r->from), .to = db_uuid(&r->to)), NULL);
	for (size_t i = 0; i < sizeof(keeps) / sizeof(keeps[0]) && rc == DB_OK; i++)
		rc = db_exec_any(c->db,
		    SQL_IN_LIKE(
			api_key_keep, keeps[i], .from = db_uuid(&r->from), .to = db_uuid(&r->to)),
		    NULL);
	return rc == DB_NONE ? DB_RETRY : rc;
}

/* DB_NONE: too many, and the reply is a 429. */
static enum db_rc
check_resets(struct call *c, const struct uuid *project)
{
	int64_t left = 0;
	enum db_rc rc = db_row(c->db, SQL_IN(project_count_left, .project = db_uuid(project)),
	    SQL_OUT(project_count_left, .total = db_get_int(&left)));

	if (rc != DB_OK || left < LEFT_MAX)
		return rc;
	reply_error(&c->reply, 429, "rate_limited",
	    "The sandbox was reset too often; try again in some minutes.");
	c->reply.retry_after_s = LEFT_RETRY_S;
	return DB_NONE;
}

static enum db_rc
reset_project(struct call *c, void *arg)
{
	struct reset *r = arg;
	struct json_object *body;
	enum db_rc rc;

	c->who.project_id = r->caller;
	rc =
	    db_row(c->db, SQL_IN(project_sandbox, .organization = db_uuid(&c->who.organization_id)),
		SQL_OUT(project_sandbox, .id = db_get_uuid(&r->from)));
	if (rc == DB_NONE)
		call_not_found(c, "Sandbox project");
	if (rc == DB_OK)
		rc = check_resets(c, &r->from);
	if (rc != DB_OK)
		return rc;
	r->to = uuid_project_next(&r->from);
	rc = renew_project(c, r);
	if (uuid_equal(&r->caller, &r->from))
		c->who.project_id = r->to;
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_PROJECT_RESET, NULL, NULL);
	if (rc == DB_OK)
		rc = identity_projects(c, &c->who, &body);
	if (rc == DB_OK)
		reply_json(&c->reply, 200, body);
	return rc;
}

/* POST /v1/projects/sandbox/reset: keeps project, keys, sessions, webhooks and accounts. */
void
reset_sandbox(struct call *c)
{
	struct reset r = { .caller = c->who.project_id };

	c->wake_worker = call_transact(c, reset_project, &r);
}
