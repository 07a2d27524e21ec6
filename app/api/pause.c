/* Pause and resume of accounts and projects. A repeated request gets the same reply. */
#include "app/api/accounts.h"
#include "app/api/identity.h"
#include "app/api/handlers.h"
#include "app/http/call.h"
#include "lib/json.h"
#include "sql/store_pause.h"

struct pause_request {
	struct uuid id;
	bool on;
};

static enum db_rc
set_account_pause(struct call *c, void *arg)
{
	const struct pause_request *k = arg;
	const struct actor by = call_actor(c);
	const struct store_pause p = {
		.project = c->who.project_id, .account = &k->id, .on = k->on, .by = &by
	};
	struct json_object *body = NULL;
	enum db_rc rc = store_pause_account(c->db, &p);

	if (rc == DB_OK || rc == DB_NONE)
		rc = accounts_one(c, &k->id, &body);
	if (rc == DB_NONE)
		call_not_found(c, "Account");
	if (rc == DB_OK)
		reply_json(&c->reply, 200, body);
	return rc;
}

static enum db_rc
set_project_pause(struct call *c, void *arg)
{
	const struct pause_request *k = arg;
	const struct actor by = call_actor(c);
	struct store_pause p = { .project = k->id, .on = k->on, .by = &by };
	struct json_object *body = NULL;
	enum db_rc rc = identity_project(c, &p.project, &body);

	json_object_put(body);
	if (rc == DB_NONE)
		call_not_found(c, "Project");
	if (rc != DB_OK)
		return rc;
	rc = store_pause_project(c->db, &p);
	if (rc == DB_OK || rc == DB_NONE)
		rc = identity_project(c, &p.project, &body);
	if (rc == DB_OK)
		reply_json(&c->reply, 200, body);
	return rc == DB_NONE ? DB_RETRY : rc;
}

static void
set_pause_of(struct call *c, enum db_rc (*work)(struct call *c, void *arg), bool on)
{
	struct pause_request k = { .on = on };

	if (call_uuid(c, 0, &k.id) && call_transact(c, work, &k))
		c->wake_worker = true;
}

/* POST /v1/pinterest/accounts/{id}/pause */
void
pause_account(struct call *c)
{
	set_pause_of(c, set_account_pause, true);
}

/* POST /v1/pinterest/accounts/{id}/resume */
void
pause_account_end(struct call *c)
{
	set_pause_of(c, set_account_pause, false);
}

/* POST /v1/projects/{id}/pause: a project of the session's organization */
void
pause_project(struct call *c)
{
	set_pause_of(c, set_project_pause, true);
}

/* POST /v1/projects/{id}/resume */
void
pause_project_end(struct call *c)
{
	set_pause_of(c, set_project_pause, false);
}
