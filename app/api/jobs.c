/*
 * A job is its pin. Integrations poll this, so one statement checks the API key and reads the row.
 * A session is checked as for other routes.
 */
#include "app/api/handlers.h"
#include "app/api/pin_view.h"
#include "app/http/admit.h"
#include "app/http/auth.h"
#include "app/http/call.h"
#include "app/http/status_token.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/pin.h"
#include "sql/stmt.h"

static void
job_reply(struct call *c, const struct pin_view *r)
{
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "job_id", &r->id);
	json_put_uuid(o, "pin_id", &r->id);
	json_put_text(o, "status", pin_wire((enum pin_state)r->state, pin_view_deferred(r)));
	json_put_time(o, "submitted_at", r->created_us);
	json_put_time(o, "completed_at",
	    r->state == PIN_PUBLISHED ? r->published_us
	    : r->state == PIN_FAILED  ? r->failed_us
				      : TIME_NONE);
	json_put_text(o, "pinterest_pin_id", r->pinterest_pin_id);
	json_put_text(o, "error_code", pin_view_error_code(r));
	json_put_text(o, "error_message", pin_view_error_message(r));
	reply_json(&c->reply, 200, o);
	c->reply.etag = 1;
}

static void
job_by_session(struct call *c, const struct uuid *id)
{
	struct pin_view r;

	if (!auth_check(c, AUTH_ANY) || !admit_call(c, SIZE_SMALL) ||
	    !auth_permitted(c, SCOPE_READ, PERM_NONE))
		return;
	if (!status_token_shows(c, true, id))
		call_not_found(c, "Job");
	else if (call_found(c, pin_view_get(c, &pin_view_pin, id, &r), "Job") &&
		 call_account_permitted(c, &r.account_id))
		job_reply(c, &r);
}

static void
job_by_key(struct call *c, const struct uuid *id, const unsigned char hash[SHA256_SIZE])
{
	struct pin_view r = { 0 };
	int64_t scopes, idle;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(api_key_job, .hash = db_bytes(hash, SHA256_SIZE), .id = db_uuid(id)),
	    SQL_OUT(api_key_job, .id = db_get_uuid(&c->who.key_id),
		.project_id = db_get_uuid(&c->who.project_id), .scopes = db_get_int(&scopes),
		.account_ids = db_get_text(&c->who.account_ids), .stale = db_get_int(&idle),
		.pin_id = db_get_uuid(&r.id), .account_id = db_get_uuid(&r.account_id),
		.state = db_get_int(&r.state), .error_code = db_get_text(&r.error_code),
		.error_message = db_get_text(&r.error_message),
		.pinterest_pin_id = db_get_text(&r.pinterest_pin_id),
		.created_at = db_get_time(&r.created_us),
		.published_at = db_get_time(&r.published_us),
		.failed_at = db_get_time(&r.failed_us)));

	if (rc == DB_NONE) {
		auth_refuse(c, true);
		return;
	}
	if (rc != DB_OK) {
		call_db_error(c, rc);
		return;
	}
	c->who.kind = WHO_KEY;
	c->who.scopes = (unsigned)scopes & SCOPE_ALL;
	if (idle != 0)
		auth_touch(c);
	if (!admit_call(c, SIZE_SMALL))
		return;
	if (!(c->who.scopes & SCOPE_READ))
		auth_refuse_scope(c, SCOPE_READ);
	else if (uuid_is_nil(&r.id))
		call_not_found(c, "Job");
	else if (call_account_permitted(c, &r.account_id) &&
		 call_found(c, pin_view_wait(c, &r.id, &r), NULL))
		job_reply(c, &r);
}

void
jobs_get(struct call *c)
{
	unsigned char hash[SHA256_SIZE];
	struct uuid id = { { 0 } };
	bool is_key;

	if (!auth_credential(c, hash, &is_key))
		return;
	/* a malformed id matches no row; the credential is checked first */
	if (uuid_parse(c->param[0], &id) == -1)
		id = (struct uuid){ { 0 } };
	if (is_key)
		job_by_key(c, &id, hash);
	else
		job_by_session(c, &id);
}
