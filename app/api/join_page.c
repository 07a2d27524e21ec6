/*
 * The page of an invitation, where a person without a client accepts it: with a password that they
 * have here, or by choosing one. Nothing is accepted by opening the page.
 */
#include "app/api/join_page.h"

#include <json-c/json.h>

#include "app/api/handlers.h"
#include "app/api/join.h"
#include "app/api/login.h"
#include "app/api/mail_page.h"
#include "app/api/page.h"
#include "app/api/team.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/password.h"
#include "lib/rfc3339.h"
#include "lib/url.h"

#define FORM_PATH "/v1/team/invitations/accept/form"
#define FORM_BEGIN "<form method=\"post\" enctype=\"multipart/form-data\" action=\"%s\">"
#define NAME_MAX_POINTS 255

/* Who has a login here is not told: whoever holds the token need not be its addressee. */
static const char *
offer_forms(struct call *c, const char *token)
{
	const char *action = page_escape(arena_printf(c->mem, "%s" FORM_PATH "?token=%s",
					     c->app->conf->public_url, url_encode(token, c->mem)),
	    c->mem);

	return arena_printf(c->mem,
	    "<h2>If you have a password here</h2>" FORM_BEGIN
	    "<p><label>Password <input type=\"password\" name=\"password\" maxlength=\"%d\" "
	    "autocomplete=\"current-password\" required></label></p>"
	    "<button type=\"submit\">Accept</button></form>"
	    "<h2>If you are new</h2>" FORM_BEGIN
	    "<p><label>Your name <input name=\"full_name\" maxlength=\"%d\" "
	    "autocomplete=\"name\" required></label></p>"
	    "<p><label>New password (%d to %d characters) <input type=\"password\" "
	    "name=\"password\" minlength=\"%d\" maxlength=\"%d\" autocomplete=\"new-password\" "
	    "required></label></p><button type=\"submit\">Sign up and accept</button></form>",
	    action, PASSWORD_MAX, action, NAME_MAX_POINTS, PASSWORD_MIN, PASSWORD_MAX, PASSWORD_MIN,
	    PASSWORD_MAX);
}

void
join_page_show(
    struct call *c, int status, const struct join_offer *i, const char *token, const char *fault)
{
	char until[RFC3339_SIZE];

	rfc3339_format(i->expires_us, until);
	page_reply(c, status, "Invitation",
	    arena_printf(c->mem,
		"%s<p>%s (%s) invites %s to join <b>%s</b> as %s, until %s.</p>%s"
		"<p>Or give this invitation to your client of %s: <code>%s</code>. For programs: "
		"<code>invite_token</code> of POST /v1/auth/register or /v1/auth/login, or "
		"<code>token</code> of POST /v1/team/invitations/accept.</p>"
		"<p>If you do not know who invites you, close this page: nothing happens.</p>",
		fault != NULL ? arena_printf(c->mem, "<p>%s</p>", page_escape(fault, c->mem)) : "",
		page_escape(i->by_name != NULL ? i->by_name : "Somebody", c->mem),
		page_escape(i->by_email, c->mem), page_escape(i->email, c->mem),
		page_escape(i->organization, c->mem), i->role, until, offer_forms(c, token),
		page_escape(c->app->conf->public_url, c->mem), page_escape(token, c->mem)));
	c->reply.has_secret = 1;
}

bool
join_page_find(struct call *c, const char *token, struct join_offer *offer)
{
	struct problem why = { 0 };
	enum db_rc rc = join_find(c, token, offer);

	if (rc == DB_OK)
		return true;
	if (rc != DB_NONE) {
		call_db_error(c, rc);
		return false;
	}
	problem_set(&why, 404, "not_found", TEAM_INVITATION_GONE);
	why.remediation = TEAM_INVITATION_ASK;
	reply_problem(&c->reply, &why);
	if (page_wanted(c))
		page_end(c, 404, "No invitation", TEAM_INVITATION_GONE " " TEAM_INVITATION_ASK);
	return false;
}

/* What the form says, as a body of login or register. NULL: *fault says what is wrong. */
static struct json_object *
read_join_form(
    struct call *c, const struct join_offer *offer, const char *token, const char **fault)
{
	const char *name = mail_page_field(c, "full_name"), *password;
	struct json_object *o;

	*fault = "Enter your name.";
	if (name != NULL && (name[0] == '\0' || name[0] == ' '))
		return NULL;
	if (name != NULL) {
		password = mail_page_password(c, offer->email, fault);
		*fault = arena_printf(c->mem, "The password %s.", *fault != NULL ? *fault : "");
	} else {
		password = mail_page_field(c, "password");
		*fault = "Enter your password.";
	}
	if (password == NULL || password[0] == '\0')
		return NULL;
	o = json_object_new_object();
	json_put_text(o, "email", offer->email);
	json_put_text(o, "password", password);
	json_put_text(o, "invite_token", token);
	if (name != NULL)
		json_put_text(o, "full_name", name);
	return o;
}

/* POST /v1/team/invitations/accept/form: either button. */
void
join_page_press(struct call *c)
{
	const char *token = mail_page_token(c), *fault;
	struct join_offer offer;
	struct problem why = { 0 };

	if (token == NULL || !join_page_find(c, token, &offer))
		return;
	c->json = read_join_form(c, &offer, token, &fault);
	if (c->json == NULL) {
		problem_set(&why, 422, "validation_error", fault);
		reply_problem(&c->reply, &why);
	} else if (json_object_object_get_ex(c->json, "full_name", NULL)) {
		login_join_new(c);
	} else {
		login_join(c);
	}
	if (page_wanted(c) && c->reply.error_message != NULL)
		join_page_show(c, c->reply.status, &offer, token,
		    arena_strdup(c->mem, c->reply.error_message));
	else
		mail_page_finish(c, "You are a member",
		    arena_printf(c->mem,
			"You are a member of %s now. Log in as %s in your client of %s.",
			offer.organization, offer.email, c->app->conf->public_url));
}
