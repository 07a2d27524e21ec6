/* Projects of the signed-in user's organization: list, create the sandbox, switch to any other. */
#include <json-c/json.h>

#include "app/api/accounts.h"
#include "app/api/identity.h"
#include "app/api/handlers.h"
#include "app/api/activity.h"
#include "app/http/auth.h"
#include "app/http/call.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "sql/stmt.h"

struct sandbox {
	struct uuid id;
	const char *name;
	bool made; /* it did not exist before */
};

/* GET /v1/projects */
void
projects_list(struct call *c)
{
	identity_reply_projects(c, 200);
}

struct sandbox_work {
	struct call *c;
	struct sandbox *s;
};

static enum db_rc
find_sandbox(struct call *c, struct sandbox *s)
{
	return db_row(c->db,
	    SQL_IN(project_sandbox, .organization = db_uuid(&c->who.organization_id)),
	    SQL_OUT(project_sandbox, .id = db_get_uuid(&s->id)));
}

static enum db_rc
insert_sandbox(struct db *db, void *arg)
{
	struct sandbox_work *w = arg;
	const struct principal *who = &w->c->who;
	enum db_rc rc = db_exec(db,
	    SQL_IN(project_insert, .id = db_uuid(&w->s->id),
		.organization = db_uuid(&who->organization_id), .name = db_text(w->s->name),
		.environment = db_int(ENV_SANDBOX), .sandbox_of = db_uuid(&who->organization_id),
		.timezone = db_text("UTC")),
	    NULL);

	if (rc == DB_OK)
		rc = activity_write(w->c, ACTIVITY_PROJECT_CREATED, NULL, &w->s->id);
	return rc;
}

/*
 * Finds or creates the organization's sandbox. After a concurrent insert or an unknown commit it is
 * read again.
 */
static enum db_rc
ensure_sandbox(struct call *c, struct sandbox *s)
{
	struct sandbox_work w = { .c = c, .s = s };
	enum db_rc rc = find_sandbox(c, s);

	if (rc != DB_NONE)
		return rc;
	s->id = uuid_project(c->now_us);
	rc = db_transact(c->db, insert_sandbox, &w);
	s->made = rc == DB_OK;
	return rc == DB_DUP || rc == DB_UNKNOWN ? find_sandbox(c, s) : rc;
}

/*
 * POST /v1/projects/sandbox. Account, lane and boards are created after the project, so a repeated
 * request completes what failed while the simulator could not be reached.
 */
void
projects_sandbox(struct call *c)
{
	static const char *const known[] = { "name", NULL };
	struct sandbox s = { .name = NULL };
	struct problem why = { 0 };
	struct json_reader r;

	if (c->json != NULL) {
		json_reader_init(&r, c->json, c->mem, &why);
		json_known(&r, known);
		s.name = json_text(&r, "name", JSON_OPTIONAL, 1, 255);
	}
	if (call_refused(c, &why))
		return;
	if (s.name == NULL)
		s.name = "Sandbox";
	if (call_found(c, ensure_sandbox(c, &s), NULL) && accounts_provision_sandbox(c, &s.id))
		identity_reply_projects(c, 201);
}

static enum db_rc
switch_project(struct call *c, void *arg)
{
	struct principal who = c->who;
	const char *token;
	struct json_object *body;
	struct uuid user;
	enum db_rc rc =
	    db_row(c->db, SQL_IN(session_hold, .hash = db_bytes(c->who.token_hash, SHA256_SIZE)),
		SQL_OUT(session_hold, .id = db_get_uuid(&user)));

	if (rc == DB_NONE)
		auth_refuse(c, false);
	if (rc != DB_OK)
		return rc;
	rc = db_row(c->db,
	    SQL_IN(project_get_of_user, .project = db_uuid(arg), .user = db_uuid(&c->who.user_id)),
	    SQL_OUT(project_get_of_user, .id = db_get_uuid(&who.project_id),
		.organization_id = db_get_uuid(&who.organization_id)));
	if (rc == DB_NONE)
		call_not_found(c, "Project");
	if (rc != DB_OK)
		return rc;
	rc = identity_open_session(c, &who, &token);
	if (rc == DB_OK)
		rc = identity_projects(c, &who, &body);
	if (rc == DB_NONE)
		call_not_found(c, "Project");
	if (rc != DB_OK)
		return rc;
	identity_put_token(c, body, token);
	reply_json(&c->reply, 200, body);
	c->reply.has_secret = 1;
	return DB_OK;
}

/* POST /v1/projects/switch: opens a new session in that project. */
void
projects_switch(struct call *c)
{
	static const char *const known[] = { "project_id", NULL };
	struct problem why = { 0 };
	struct json_reader r;
	struct uuid id;

	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	(void)json_uuid(&r, "project_id", JSON_REQUIRED, &id);
	if (!call_refused(c, &why))
		(void)call_transact(c, switch_project, &id);
}
