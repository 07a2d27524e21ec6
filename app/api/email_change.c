/*
 * Another e-mail address. Invariants: it counts only once it is confirmed from there, the old
 * address is told of it, and all sessions end with it.
 */
#include <json-c/json.h>
#include <string.h>

#include "app/api/activity.h"
#include "app/api/handlers.h"
#include "app/api/mail.h"
#include "app/api/mail_page.h"
#include "app/api/user_token.h"
#include "app/http/auth.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "sql/stmt.h"

#define CHANGE_PATH "/v1/auth/email/change/confirm"

struct email_asked {
	const char *fresh;
	int again_s;
};

/* The new address is asked; or told that it has an account, so that the caller learns nothing. */
static enum db_rc
mail_fresh(struct call *c, const struct email_asked *a)
{
	struct mail_note n = { .kind = MAIL_EMAIL_CHANGE,
		.to = a->fresh,
		.life_s = TOKEN_EMAIL_CHANGE_S,
		.facts.address = a->fresh };
	struct uuid holder;
	const char *token;
	enum db_rc rc = user_token_end(c, TOKEN_EMAIL_CHANGE, &c->who.user_id);

	if (rc == DB_OK)
		rc = user_token_make(
		    c, TOKEN_EMAIL_CHANGE, &c->who.user_id, a->fresh, TOKEN_EMAIL_CHANGE_S, &token);
	if (rc != DB_OK)
		return rc;
	rc = db_row(c->db, SQL_IN(user_find_mailbox, .email = db_text(a->fresh)),
	    SQL_OUT(user_find_mailbox, .id = db_get_uuid(&holder)));
	if (rc == DB_OK)
		n.kind = MAIL_EMAIL_TAKEN;
	else if (rc == DB_NONE)
		n.facts.link = mail_link(c, CHANGE_PATH, token);
	return rc == DB_OK || rc == DB_NONE ? mail_write(c, &n) : rc;
}

static enum db_rc
write_change_request(struct call *c, void *arg)
{
	const struct email_asked *a = arg;
	struct mail_note n = { .kind = MAIL_EMAIL_CHANGE_ASKED,
		.user_id = c->who.user_id,
		.life_s = TOKEN_EMAIL_CHANGE_S,
		.facts.address = a->fresh };
	struct json_object *body;
	struct uuid held;
	int64_t unused;
	/* a session that was ended while the body was awaited asks for nothing any more */
	enum db_rc rc =
	    db_row(c->db, SQL_IN(session_hold, .hash = db_bytes(c->who.token_hash, SHA256_SIZE)),
		SQL_OUT(session_hold, .id = db_get_uuid(&held)));

	if (rc == DB_OK)
		rc = db_row(c->db, SQL_IN(user_lock, .user = db_uuid(&c->who.user_id)),
		    SQL_OUT(user_lock, .email = db_get_text(&n.to),
			.email_verified = db_get_int(&unused)));
	if (rc == DB_NONE)
		auth_refuse(c, false);
	if (rc == DB_OK)
		rc = mail_fresh(c, a);
	if (rc == DB_OK)
		rc = mail_write(c, &n);
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_USER_EMAIL_CHANGE_REQUESTED, NULL, &c->who.user_id);
	if (rc != DB_OK)
		return rc;
	body = json_object_new_object();
	json_put_text(body, "message",
	    mail_goes_out(c) ? "A mail with a link is on its way to the new address. The address "
			       "counts once it is confirmed by that link, within one day."
			     : "This instance sends no mails: its operator can give you the link "
			       "that confirms the new address.");
	json_put_text(body, "pending_email", a->fresh);
	json_put_time(body, "requested_at", c->now_us);
	if (a->again_s > 0)
		json_put_int(body, "retry_after_seconds", a->again_s);
	else
		json_put(body, "retry_after_seconds", NULL);
	reply_json(&c->reply, 200, body);
	return DB_OK;
}

/* POST /v1/auth/email/change/request */
void
email_change_request(struct call *c)
{
	static const char *const known[] = { "new_email", NULL };
	struct email_asked a = { .again_s = 0 };
	struct problem why = { 0 };
	struct json_reader r;

	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	a.fresh = json_email(&r, "new_email", JSON_REQUIRED);
	if (a.fresh != NULL && strcmp(a.fresh, c->who.label) == 0)
		json_wrong(&r, "new_email", "is the present one");
	if (!call_refused(c, &why) && mail_guard_enter(c, a.fresh, &a.again_s))
		(void)call_transact(c, write_change_request, &a);
}

/* DB_NONE: the reply is a 409. */
static enum db_rc
put_email(struct call *c, const struct user_token *t)
{
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(user_change_email, .user = db_uuid(&t->user_id), .email = db_text(t->email)),
	    NULL);

	if (rc == DB_DUP)
		reply_error(
		    &c->reply, 409, "conflict", "This e-mail address already has an account.");
	if (rc == DB_NONE)
		user_token_refuse(c);
	return rc == DB_DUP ? DB_NONE : rc;
}

static enum db_rc
end_tokens_and_sessions(struct call *c, const struct uuid *user)
{
	enum db_rc rc = user_token_end(c, TOKEN_PASSWORD_RESET, user);

	if (rc == DB_OK)
		rc = user_token_end(c, TOKEN_EMAIL_VERIFY, user);
	if (rc == DB_OK)
		rc =
		    db_exec_any(c->db, SQL_IN(session_delete_of_user, .user = db_uuid(user)), NULL);
	return rc;
}

static enum db_rc
write_change(struct call *c, void *arg)
{
	const struct user_token *t = arg;
	struct mail_note n = { .kind = MAIL_EMAIL_CHANGED,
		.user_id = t->user_id,
		.to = t->user_email,
		.life_s = 7 * TOKEN_EMAIL_CHANGE_S,
		.facts.address = t->email };
	struct json_object *body;
	int64_t unused;
	enum db_rc rc = db_row(c->db, SQL_IN(user_lock, .user = db_uuid(&t->user_id)),
	    SQL_OUT(user_lock, .email = db_get_text(&n.to), .email_verified = db_get_int(&unused)));

	if (rc == DB_NONE)
		user_token_refuse(c);
	if (rc == DB_OK)
		rc = user_token_spend(c, t);
	if (rc == DB_OK)
		rc = put_email(c, t);
	if (rc == DB_OK)
		rc = end_tokens_and_sessions(c, &t->user_id);
	if (rc == DB_OK)
		rc = mail_write(c, &n);
	if (rc == DB_OK)
		rc = user_token_activity(c, t, ACTIVITY_USER_EMAIL_CHANGED);
	if (rc != DB_OK)
		return rc;
	body = json_object_new_object();
	json_put_text(body, "message",
	    "The e-mail address was changed. All sessions have ended: log in with it.");
	json_put_text(body, "new_email", t->email);
	json_put_bool(body, "requires_reauthentication", true);
	reply_json(&c->reply, 200, body);
	return DB_OK;
}

static void
change_by_token(struct call *c, const char *token)
{
	struct user_token t;

	if (user_token_open(c, TOKEN_EMAIL_CHANGE, token, &t))
		(void)call_transact(c, write_change, &t);
	mail_page_finish(c, "The e-mail address was changed",
	    "All sessions have ended: log in with the new address.");
}

/* GET /v1/auth/email/change/confirm */
void
email_change_confirm(struct call *c)
{
	const char *token = mail_page_token(c);
	struct mail_page p = { .title = "Confirm your new e-mail address",
		.question =
		    "Do you want to log in with this address from now on? All sessions end.",
		.button = "Yes, use it" };

	if (token == NULL)
		return;
	p.action = mail_link(c, CHANGE_PATH, token);
	if (!mail_page_asked(c, &p))
		change_by_token(c, token);
}

/* POST /v1/auth/email/change/confirm: the button was pressed. */
void
email_change_press(struct call *c)
{
	const char *token = mail_page_token(c);

	if (token != NULL)
		change_by_token(c, token);
}
