/*
 * Is the e-mail address the user's? Nothing depends on the answer but what is shown. A link that
 * was used says so again, because people press twice.
 */
#include "app/api/email_verify.h"

#include <json-c/json.h>
#include <string.h>

#include "app/api/handlers.h"
#include "app/api/mail.h"
#include "app/api/mail_page.h"
#include "app/api/user_token.h"
#include "app/http/auth.h"
#include "app/http/call.h"
#include "lib/json.h"
#include "sql/stmt.h"

#define VERIFY_PATH "/v1/auth/email/verify"

static const char verified[] = "The e-mail address is verified.";

enum db_rc
email_verify_send(
    struct call *c, const struct uuid *user, const char *email, const struct uuid *project)
{
	struct mail_note n = { .kind = MAIL_EMAIL_VERIFY,
		.to = email,
		.life_s = TOKEN_EMAIL_VERIFY_S,
		.facts.address = email };
	const char *token;
	enum db_rc rc =
	    user_token_make(c, TOKEN_EMAIL_VERIFY, user, email, TOKEN_EMAIL_VERIFY_S, &token);

	if (project != NULL) {
		n.user_id = *user;
		n.project_id = *project;
	}
	n.facts.link = rc == DB_OK ? mail_link(c, VERIFY_PATH, token) : NULL;
	return rc == DB_OK ? mail_write(c, &n) : rc;
}

static void
reply_verify(struct call *c, const char *message, int again_s)
{
	struct json_object *body = json_object_new_object();

	json_put_text(body, "message", message);
	if (again_s > 0)
		json_put_int(body, "retry_after_seconds", again_s);
	else
		json_put(body, "retry_after_seconds", NULL);
	reply_json(&c->reply, 200, body);
}

struct verify_asked {
	const char *email;
	int again_s;
};

static enum db_rc
write_verify_request(struct call *c, void *arg)
{
	const struct verify_asked *a = arg;
	enum db_rc rc = email_verify_send(c, &c->who.user_id, a->email, NULL);

	if (rc == DB_OK)
		reply_verify(c,
		    mail_goes_out(c)
			? "A mail with a link is on its way. The link works for two days."
			: "This instance sends no mails: its operator can give you the "
			  "link.",
		    a->again_s);
	return rc;
}

/* POST /v1/auth/email/verify/request */
void
email_verify_request(struct call *c)
{
	struct verify_asked a = { .again_s = 0 };
	int64_t is_verified = 0;
	enum db_rc rc = db_row(c->db, SQL_IN(user_mailbox, .user = db_uuid(&c->who.user_id)),
	    SQL_OUT(user_mailbox, .email = db_get_text(&a.email),
		.email_verified = db_get_int(&is_verified)));

	if (rc == DB_NONE)
		auth_refuse(c, false);
	else if (rc != DB_OK)
		call_db_error(c, rc);
	else if (is_verified)
		reply_verify(c, "The e-mail address is verified already.", 0);
	else if (mail_guard_enter(c, a.email, &a.again_s))
		(void)call_transact(c, write_verify_request, &a);
}

static enum db_rc
write_verified(struct call *c, void *arg)
{
	const struct user_token *t = arg;
	enum db_rc rc = user_token_spend(c, t);

	if (rc != DB_OK)
		return rc;
	rc = db_exec(c->db,
	    SQL_IN(user_verify_email, .user = db_uuid(&t->user_id), .email = db_text(t->email)),
	    NULL);
	if (rc == DB_NONE)
		user_token_refuse(c);
	if (rc == DB_OK)
		rc = user_token_activity(c, t, ACTIVITY_USER_EMAIL_VERIFIED);
	if (rc == DB_OK)
		reply_verify(c, verified, 0);
	return rc;
}

static void
verify_token(struct call *c, const char *token)
{
	struct user_token t;

	if (user_token_open(c, TOKEN_EMAIL_VERIFY, token, &t)) {
		if (strcmp(t.email, t.user_email) != 0)
			user_token_refuse(c);
		else if (t.verified)
			reply_verify(c, verified, 0);
		else
			(void)call_transact(c, write_verified, &t);
	}
	mail_page_finish(c, "Verified", verified);
}

/* GET /v1/auth/email/verify */
void
email_verify_confirm(struct call *c)
{
	const char *token = mail_page_token(c);
	struct mail_page p = { .title = "Confirm your e-mail address",
		.question = "Is this your e-mail address?",
		.button = "Yes, confirm it" };

	if (token == NULL)
		return;
	p.action = mail_link(c, VERIFY_PATH, token);
	if (!mail_page_asked(c, &p))
		verify_token(c, token);
}

/* POST /v1/auth/email/verify: the button was pressed. */
void
email_verify_press(struct call *c)
{
	const char *token = mail_page_token(c);

	if (token != NULL)
		verify_token(c, token);
}
