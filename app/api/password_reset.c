/*
 * A forgotten password. Invariants: what forgot-password answers, and how long that takes, is the
 * same for every address; whatever opens a session holds the user's row, so a reset ends them all.
 */
#include <json-c/json.h>
#include <string.h>

#include "app/api/handlers.h"
#include "app/api/login_guard.h"
#include "app/api/mail.h"
#include "app/api/mail_page.h"
#include "app/api/page.h"
#include "app/api/user_token.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "lib/password.h"
#include "lib/url.h"
#include "sql/stmt.h"

#define PAGE_PATH "/v1/auth/reset-password"

/* ---- the mail ---- */

struct forgotten {
	const char *email;
};

static enum db_rc
write_forgotten(struct call *c, void *arg)
{
	const char *email = ((const struct forgotten *)arg)->email, *token;
	struct mail_note n = { .kind = MAIL_PASSWORD_RESET,
		.to = email,
		.life_s = TOKEN_PASSWORD_RESET_S,
		.facts.address = email };
	struct json_object *body;
	enum db_rc rc = db_row(c->db, SQL_IN(user_find_mailbox, .email = db_text(email)),
	    SQL_OUT(user_find_mailbox, .id = db_get_uuid(&n.user_id)));

	/* Nobody has the address: the same is written, and never sent. */
	n.decoy = rc == DB_NONE;
	if (rc == DB_OK || rc == DB_NONE)
		rc = user_token_make(
		    c, TOKEN_PASSWORD_RESET, &n.user_id, email, TOKEN_PASSWORD_RESET_S, &token);
	if (rc != DB_OK)
		return rc;
	n.facts.link = mail_link(c, PAGE_PATH, token);
	rc = mail_write(c, &n);
	if (rc != DB_OK)
		return rc;
	body = json_object_new_object();
	json_put_text(body, "message",
	    mail_goes_out(c)
		? "If somebody has an account with this address, a mail with a link to "
		  "set a new password is on its way. The link works for one hour."
		: "This instance sends no mails. If somebody has an account with this "
		  "address, its operator can give out a link to set a new password.");
	reply_json(&c->reply, 200, body);
	return DB_OK;
}

/* POST /v1/auth/forgot-password */
void
password_forgot(struct call *c)
{
	struct problem why = { 0 };
	struct json_reader r;
	struct forgotten f;
	int again_s;

	json_reader_init(&r, c->json, c->mem, &why);
	f.email = json_email(&r, "email", JSON_REQUIRED);
	if (call_refused(c, &why) || !mail_guard_enter(c, f.email, &again_s))
		return;
	(void)call_transact(c, write_forgotten, &f);
}

/* ---- the new password ---- */

struct reset {
	struct user_token token;
	struct login_guard guard;
	char hash[PASSWORD_HASH_SIZE];
};

static const char done[] =
    "The password was set. All sessions have ended: log in with the new password.";

static enum db_rc
write_reset(struct call *c, void *arg)
{
	const struct reset *r = arg;
	const struct user_token *t = &r->token;
	struct mail_note n = { .kind = MAIL_PASSWORD_CHANGED,
		.user_id = t->user_id,
		.to = t->email,
		.life_s = TOKEN_EMAIL_CHANGE_S,
		.facts.address = t->email };
	struct json_object *body;
	enum db_rc rc = user_token_spend(c, t);

	if (rc != DB_OK)
		return rc;
	rc = db_exec(c->db,
	    SQL_IN(user_reset_password, .user = db_uuid(&t->user_id), .email = db_text(t->email),
		.hash = db_text(r->hash)),
	    NULL);
	if (rc == DB_NONE)
		user_token_refuse(c);
	if (rc == DB_OK)
		rc = db_exec_any(
		    c->db, SQL_IN(session_delete_of_user, .user = db_uuid(&t->user_id)), NULL);
	if (rc == DB_OK)
		rc = user_token_end(c, TOKEN_EMAIL_CHANGE, &t->user_id);
	if (rc == DB_OK)
		rc = login_guard_good(c, &r->guard);
	if (rc == DB_OK)
		rc = mail_write(c, &n);
	if (rc == DB_OK)
		rc = user_token_activity(c, t, ACTIVITY_USER_PASSWORD_RESET);
	if (rc != DB_OK)
		return rc;
	body = json_object_new_object();
	json_put_text(body, "message", done);
	reply_json(&c->reply, 200, body);
	return DB_OK;
}

/* One that can be used. False: the reply is set. */
static bool
open_reset(struct call *c, const char *text, struct user_token *t)
{
	if (!user_token_open(c, TOKEN_PASSWORD_RESET, text, t))
		return false;
	if (!t->used && strcmp(t->email, t->user_email) == 0)
		return true;
	user_token_refuse(c);
	return false;
}

static void
set_password(struct call *c, struct reset *r, const char *password)
{
	const char *fault = password_fault(password, r->token.email);
	struct problem why = { 0 };
	bool hashed;

	if (fault != NULL)
		problem_field(&why, c->mem, "password", fault);
	if (call_refused(c, &why) || !login_guard_enter(c, r->token.email, true, &r->guard))
		return;
	hashed = crypto_password_hash(password, r->hash) == 0;
	login_guard_leave(c);
	if (hashed)
		(void)call_transact(c, write_reset, r);
	else
		call_db_error(c, DB_FAIL);
}

/* POST /v1/auth/reset-password */
void
password_reset(struct call *c)
{
	struct problem why = { 0 };
	struct json_reader r;
	struct reset n = { .hash = "" };
	const char *token, *password;

	json_reader_init(&r, c->json, c->mem, &why);
	token = json_key(&r, "token", JSON_REQUIRED, 20, 512);
	password = json_password(&r, "password", JSON_REQUIRED, PASSWORD_MIN, PASSWORD_MAX);
	if (!call_refused(c, &why) && open_reset(c, token, &n.token))
		set_password(c, &n, password);
}

/* ---- the page ---- */

static void
show_form(struct call *c, int status, const char *token, const char *email, const char *fault)
{
	const char *action = arena_printf(c->mem, "%s" PAGE_PATH "/form?token=%s",
	    c->app->conf->public_url, url_encode(token, c->mem));

	page_reply(c, status, "Set a new password",
	    arena_printf(c->mem,
		"%s<p>For %s. All sessions end.</p><form method=\"post\" "
		"enctype=\"multipart/form-data\" action=\"%s\"><p><label>New password (%d to %d "
		"characters) <input type=\"password\" name=\"password\" minlength=\"%d\" "
		"maxlength=\"%d\" autocomplete=\"new-password\" required></label></p>"
		"<button type=\"submit\">Set the password</button></form>",
		fault != NULL
		    ? arena_printf(c->mem, "<p>The password %s.</p>", page_escape(fault, c->mem))
		    : "",
		page_escape(email, c->mem), page_escape(action, c->mem), PASSWORD_MIN, PASSWORD_MAX,
		PASSWORD_MIN, PASSWORD_MAX));
	c->reply.has_secret = 1;
}

/* GET /v1/auth/reset-password: the page that the mail's link leads to. */
void
password_reset_page(struct call *c)
{
	const char *token = mail_page_token(c);
	struct user_token t;

	if (token == NULL)
		return;
	if (open_reset(c, token, &t))
		show_form(c, 200, token, t.email, NULL);
	else
		mail_page_finish(c, "", "");
}

/* POST /v1/auth/reset-password/form */
void
password_reset_form(struct call *c)
{
	const char *token = mail_page_token(c), *password, *fault;
	struct reset n = { .hash = "" };

	if (token == NULL)
		return;
	if (open_reset(c, token, &n.token)) {
		password = mail_page_password(c, n.token.email, &fault);
		if (password == NULL) {
			show_form(c, 422, token, n.token.email, fault);
			return;
		}
		set_password(c, &n, password);
	}
	mail_page_finish(c, "The password was set", done);
}
