/*
 * OAuth in the browser: a signed state goes out, is used once on its way back, and becomes an
 * account. The reply is JSON for programs, a plain page for people, or a redirect to an allowed
 * URL.
 */
#include "config.h"

#include <string.h>

#include "app/api/handlers.h"
#include "app/http/call.h"
#include "app/pinterest/connect.h"
#include "app/pinterest/oauth_state.h"
#include "app/pinterest/upstream.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/url.h"
#include "sql/stmt.h"

#define PAGE_MAX 8192
#define DATABASE_AWAY "The database cannot be reached."

void
oauth_start(struct call *c)
{
	struct problem why = { 0 };
	struct oauth_state state = { .project_id = c->who.project_id,
		.expires_us = c->now_us + OAUTH_STATE_LIFE_US,
		.return_to = req_query(c->req, "return_to") };
	struct json_object *body;

	if (c->who.kind == WHO_SESSION)
		state.user_id = c->who.user_id;
	if (state.return_to != NULL &&
	    (url_fault(state.return_to) != NULL ||
		!oauth_state_return_allowed(c->app->conf->oauth_return_prefixes, state.return_to)))
		problem_query(&why, c->mem, "return_to",
		    "is not below one of the prefixes in [instance] oauth_return_prefixes");
	if (!problem_any(&why))
		(void)upstream_configured(c, c->who.environment, &why);
	if (call_refused(c, &why))
		return;
	body = json_object_new_object();
	json_put_text(body, "authorization_url",
	    connect_authorize_url(c, &c->who.project_id, c->who.environment,
		oauth_state_make(c->app->keys, &state, c->mem)));
	reply_json(&c->reply, 200, body);
}

static const char *
html_escaped(const char *text, struct arena *mem)
{
	struct buf b;
	const char *out;

	buf_init(&b, PAGE_MAX);
	for (; text != NULL && *text != '\0'; text++) {
		if (*text == '<')
			(void)buf_puts(&b, "&lt;");
		else if (*text == '>')
			(void)buf_puts(&b, "&gt;");
		else if (*text == '&')
			(void)buf_puts(&b, "&amp;");
		else if (*text == '"')
			(void)buf_puts(&b, "&quot;");
		else
			(void)buf_putc(&b, *text);
	}
	out = arena_strdup(mem, buf_str(&b));
	buf_free(&b);
	return out;
}

static bool
wants_html_page(const struct call *c)
{
	return c->req->accept != NULL && strstr(c->req->accept, "text/html") != NULL;
}

static void
reply_page(struct call *c, int status, const char *title, const char *message)
{
	reply_text(&c->reply, status, "text/html; charset=utf-8",
	    arena_printf(c->mem,
		"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width\"><title>%s</title>"
		"<body style=\"font:16px/1.5 sans-serif;max-width:34em;margin:4em auto;padding:0 "
		"1em\">"
		"<h1>%s</h1><p>%s</p><p>You may close this window.</p></body></html>",
		title, title, html_escaped(message, c->mem)));
}

static const char *
url_with_query(struct call *c, const char *url, const char *query)
{
	return arena_printf(c->mem, "%s%c%s", url, strchr(url, '?') != NULL ? '&' : '?', query);
}

static void
reply_not_connected(struct call *c, const struct oauth_state *state, const struct problem *why)
{
	if (state->return_to != NULL)
		reply_redirect(
		    &c->reply, url_with_query(c, state->return_to,
				   arena_printf(c->mem, "status=error&code=%s&message=%s",
				       why->code, url_encode(why->message, c->mem))));
	else if (wants_html_page(c))
		reply_page(c, why->status, "Not connected", why->message);
	else
		reply_problem(&c->reply, why);
}

static void
reply_connected(struct call *c, const struct oauth_state *state, const struct uuid *account)
{
	static const char message[] = "Your Pinterest account is connected.";
	char id[UUID_TEXT_SIZE];
	struct json_object *body;

	(void)uuid_format(account, id);
	if (state->return_to != NULL) {
		reply_redirect(
		    &c->reply, url_with_query(c, state->return_to,
				   arena_printf(c->mem, "status=connected&account_id=%s", id)));
		return;
	}
	if (wants_html_page(c)) {
		reply_page(c, 200, "Connected", message);
		return;
	}
	body = json_object_new_object();
	json_put_text(body, "status", "connected");
	json_put_text(body, "message", message);
	json_put_text(body, "account_id", id);
	reply_json(&c->reply, 200, body);
}

/* Checks the state and marks it as used. False: `why` is set. */
static bool
take_oauth_state(
    struct call *c, struct oauth_state *state, enum environment *env, struct problem *why)
{
	const char *text = req_query(c->req, "state");
	unsigned char hash[SHA256_SIZE];
	int64_t environment, now_us;
	enum db_rc rc;

	memset(state, 0, sizeof(*state));
	if (text != NULL && db_now(c->db, &now_us) != DB_OK) {
		problem_set(why, 503, "service_unavailable", DATABASE_AWAY);
		why->retry_after_s = 5;
		return false;
	}
	if (text == NULL ||
	    oauth_state_read(c->app->keys, text, now_us, c->mem, state) != OAUTH_STATE_OK) {
		/* even an expired state of ours must not cause a redirect */
		state->return_to = NULL;
		problem_set(why, 400, "bad_request",
		    "This connection attempt is not valid or has expired.");
		why->remediation = "Start the connection again.";
		return false;
	}
	crypto_sha256(text, strlen(text), hash);

	rc = db_row(c->db, SQL_IN(project_environment, .project = db_uuid(&state->project_id)),
	    SQL_OUT(project_environment, .environment = db_get_int(&environment)));
	if (rc == DB_OK)
		rc = db_exec(c->db,
		    SQL_IN(oauth_state_insert, .project = db_uuid(&state->project_id),
			.nonce = db_bytes(state->nonce, sizeof(state->nonce)),
			.hash = db_bytes(hash, sizeof(hash))),
		    NULL);
	if (rc == DB_OK) {
		*env = environment == ENV_SANDBOX ? ENV_SANDBOX : ENV_PRODUCTION;
		return true;
	}
	if (rc == DB_DUP)
		problem_set(why, 409, "conflict", "This connection attempt was already used.");
	else if (rc == DB_NONE)
		problem_set(
		    why, 404, "not_found", "The project of this connection attempt is gone.");
	else
		problem_set(why, 503, "service_unavailable", DATABASE_AWAY);
	why->retry_after_s = why->status == 503 ? 5 : 0;
	return false;
}

void
oauth_callback(struct call *c)
{
	struct problem why = { 0 };
	struct oauth_state state;
	struct connect_ask ask = { .code = req_query(c->req, "code") };
	const char *error = req_query(c->req, "error");
	struct uuid account;

	if (!take_oauth_state(c, &state, &ask.environment, &why)) {
		reply_not_connected(c, &state, &why);
		return;
	}
	ask.project_id = state.project_id;
	ask.by = (struct actor){ .type = uuid_is_nil(&state.user_id) ? "api_key" : "user",
		.user_id = state.user_id,
		.request_id = c->req->id };
	if (error != NULL || ask.code == NULL || *ask.code == '\0')
		problem_set(&why, 400,
		    error != NULL && strcmp(error, "access_denied") == 0 ? "access_denied"
									 : "bad_request",
		    error != NULL ? "The connection was not granted on Pinterest."
				  : "Pinterest sent no authorization code.");
	if (!problem_any(&why) && connect_code(c, &ask, &account, &why))
		reply_connected(c, &state, &account);
	else
		reply_not_connected(c, &state, &why);
}
