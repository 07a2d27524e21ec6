/*
 * Change of the own password. Invariant: the user's row is written before the sessions are deleted,
 * and whatever opens a session holds that row, so that none is left over.
 */
#include <json-c/json.h>
#include <string.h>

#include "app/api/activity.h"
#include "app/api/handlers.h"
#include "app/api/login_guard.h"
#include "app/api/mail.h"
#include "app/api/user_token.h"
#include "app/http/auth.h"
#include "app/http/call.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "lib/password.h"
#include "sql/stmt.h"

#define NOTE_LIFE_S (7 * 86400)

struct password_change {
	const char *current, *fresh;
	const char *old_hash;
	struct login_guard guard;
	char hash[PASSWORD_HASH_SIZE];
};

/* False: the reply is a 422. */
static bool
read_password_change(struct call *c, struct password_change *n)
{
	static const char *const known[] = { "current_password", "new_password", NULL };
	struct problem why = { 0 };
	struct json_reader r;
	const char *fault;

	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	n->current = json_password(&r, "current_password", JSON_REQUIRED, 1, PASSWORD_MAX);
	n->fresh = json_password(&r, "new_password", JSON_REQUIRED, PASSWORD_MIN, PASSWORD_MAX);
	fault = n->fresh != NULL ? password_fault(n->fresh, c->who.label) : NULL;
	if (fault == NULL && n->fresh != NULL && n->current != NULL &&
	    strcmp(n->fresh, n->current) == 0)
		fault = "is the current one";
	if (fault != NULL)
		json_wrong(&r, "new_password", fault);
	return !call_refused(c, &why);
}

/* False: the reply is set. */
static bool
hash_password_change(struct call *c, struct password_change *n)
{
	struct problem why = { 0 };
	enum db_rc rc = db_row(c->db, SQL_IN(user_get_password, .user = db_uuid(&c->who.user_id)),
	    SQL_OUT(user_get_password, .password_hash = db_get_text(&n->old_hash)));

	if (rc == DB_NONE)
		auth_refuse(c, false);
	else if (rc != DB_OK)
		call_db_error(c, rc);
	if (rc != DB_OK)
		return false;
	if (!crypto_password_verify(n->old_hash, n->current)) {
		problem_field(&why, c->mem, "current_password", "is wrong");
		reply_problem(&c->reply, &why);
		return false;
	}
	if (crypto_password_hash(n->fresh, n->hash) == 0)
		return true;
	call_db_error(c, DB_FAIL);
	return false;
}

static enum db_rc
write_password_change(struct call *c, void *arg)
{
	const struct password_change *n = arg;
	const struct mail_note note = { .kind = MAIL_PASSWORD_CHANGED,
		.user_id = c->who.user_id,
		.to = c->who.label,
		.life_s = NOTE_LIFE_S,
		.facts.address = c->who.label };
	struct json_object *body;
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(user_change_password, .user = db_uuid(&c->who.user_id), .hash = db_text(n->hash),
		.old = db_text(n->old_hash)),
	    NULL);

	if (rc == DB_NONE)
		auth_refuse(c, false);
	if (rc == DB_OK)
		rc = db_exec_any(
		    c->db, SQL_IN(session_delete_of_user, .user = db_uuid(&c->who.user_id)), NULL);
	if (rc == DB_OK)
		rc = user_token_end(c, TOKEN_PASSWORD_RESET, &c->who.user_id);
	if (rc == DB_OK)
		rc = user_token_end(c, TOKEN_EMAIL_CHANGE, &c->who.user_id);
	if (rc == DB_OK)
		rc = login_guard_good(c, &n->guard);
	if (rc == DB_OK)
		rc = mail_write(c, &note);
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_USER_PASSWORD_CHANGED, NULL, &c->who.user_id);
	if (rc != DB_OK)
		return rc;
	body = json_object_new_object();
	json_put_text(
	    body, "message", "The password was changed. All sessions have ended: log in again.");
	reply_json(&c->reply, 200, body);
	return DB_OK;
}

/* POST /v1/auth/change-password */
void
password_change(struct call *c)
{
	struct password_change n = { .current = NULL };
	bool good;

	if (!read_password_change(c, &n) || !login_guard_enter(c, c->who.label, true, &n.guard))
		return;
	good = hash_password_change(c, &n);
	login_guard_leave(c);
	if (good)
		(void)call_transact(c, write_password_change, &n);
}
