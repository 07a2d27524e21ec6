/* The sessions of the signed-in user, in all projects: each can be seen and ended by its user. */
#include <json-c/json.h>

#include "app/api/activity.h"
#include "app/api/handlers.h"
#include "app/api/lists.h"
#include "app/http/auth.h"
#include "app/http/call.h"
#include "lib/json.h"
#include "sql/stmt.h"

struct session_row {
	struct uuid id, project_id;
	int64_t created_us, last_used_us, expires_us;
	const char *network, *user_agent, *project_name;
};

static struct json_object *
session_json(const struct call *c, const void *row)
{
	const struct session_row *s = row;
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "id", &s->id);
	json_put_bool(o, "current", uuid_equal(&s->id, &c->who.session_id));
	json_put_project(o, "workspace_id", &s->project_id);
	json_put_text(o, "workspace_name", s->project_name);
	json_put_text(o, "network", s->network);
	json_put_text(o, "user_agent", s->user_agent);
	json_put_time(o, "created_at", s->created_us);
	json_put_time(o, "last_used_at", s->last_used_us);
	json_put_time(o, "expires_at", s->expires_us);
	return o;
}

/* GET /v1/auth/sessions */
void
sessions_list(struct call *c)
{
	struct session_row s = { .network = NULL };
	struct json_object *all = json_object_new_array();
	enum db_rc rc = list_rows(c, SQL_IN(session_list, .user = db_uuid(&c->who.user_id)),
	    SQL_OUT(session_list, .id = db_get_uuid(&s.id),
		.created_at = db_get_time(&s.created_us),
		.last_used_at = db_get_time(&s.last_used_us),
		.expires_at = db_get_time(&s.expires_us), .network = db_get_text(&s.network),
		.user_agent = db_get_text(&s.user_agent), .project_id = db_get_uuid(&s.project_id),
		.project_name = db_get_text(&s.project_name)),
	    session_json, &s, all);

	call_reply(c, rc, NULL, all);
}

static enum db_rc
end_session(struct call *c, const struct uuid *id)
{
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(session_delete, .id = db_uuid(id), .user = db_uuid(&c->who.user_id)), NULL);

	return rc == DB_OK ? activity_write(c, ACTIVITY_SESSION_ENDED, NULL, id) : rc;
}

static enum db_rc
delete_session(struct call *c, void *arg)
{
	enum db_rc rc = end_session(c, arg);

	if (rc == DB_NONE)
		call_not_found(c, "Session");
	if (rc == DB_OK)
		reply_empty(&c->reply, 204);
	return rc;
}

/* DELETE /v1/auth/sessions/{id} */
void
sessions_delete(struct call *c)
{
	struct uuid id;

	if (call_uuid(c, 0, &id))
		(void)call_transact(c, delete_session, &id);
}

static enum db_rc
delete_other_sessions(struct call *c, void *arg)
{
	struct json_object *body;
	struct uuid user;
	uint64_t ended = 0;
	enum db_rc rc =
	    db_row(c->db, SQL_IN(session_hold, .hash = db_bytes(c->who.token_hash, SHA256_SIZE)),
		SQL_OUT(session_hold, .id = db_get_uuid(&user)));

	(void)arg;
	if (rc == DB_NONE)
		auth_refuse(c, false);
	if (rc == DB_OK)
		rc = db_exec_any(c->db,
		    SQL_IN(session_delete_others, .id = db_uuid(&c->who.session_id),
			.user = db_uuid(&user)),
		    &ended);
	if (rc == DB_OK && ended > 0)
		rc = activity_write(c, ACTIVITY_SESSIONS_ENDED, NULL, NULL);
	if (rc != DB_OK)
		return rc;
	body = json_object_new_object();
	json_put_int(body, "ended", (int64_t)ended);
	reply_json(&c->reply, 200, body);
	return DB_OK;
}

/* DELETE /v1/auth/sessions: all but the one that asks. */
void
sessions_delete_others(struct call *c)
{
	(void)call_transact(c, delete_other_sessions, NULL);
}

static enum db_rc
end_own_session(struct call *c, void *arg)
{
	struct json_object *body;
	enum db_rc rc = end_session(c, &c->who.session_id);

	(void)arg;
	if (rc == DB_NONE)
		auth_refuse(c, false);
	if (rc != DB_OK)
		return rc;
	body = json_object_new_object();
	json_put_text(body, "message", "Logged out.");
	reply_json(&c->reply, 200, body);
	return DB_OK;
}

/* POST /v1/auth/logout */
void
sessions_logout(struct call *c)
{
	(void)call_transact(c, end_own_session, NULL);
}
