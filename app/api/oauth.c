/*
 * OAuth in the browser: a signed state goes out, is used once on its way back, and becomes an
 * account. The reply is JSON for programs, a plain page for people, or a redirect to an allowed
 * URL.
 */
#include "config.h"

#include <string.h>

#include "app/api/accounts.h"
#include "app/api/connect_begun.h"
#include "app/api/connect_links.h"
#include "app/api/handlers.h"
#include "app/api/lists.h"
#include "app/api/page.h"
#include "app/http/call.h"
#include "app/pinterest/connect.h"
#include "app/pinterest/oauth_state.h"
#include "app/pinterest/upstream.h"
#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/rfc3339.h"
#include "lib/url.h"
#include "lib/utf8.h"
#include "sql/stmt.h"

#define REFUSAL_MAX 300
#define DATABASE_AWAY "The database cannot be reached."

static const char *
read_return_to(struct call *c, struct problem *why)
{
	const char *url = call_query_url(c, "return_to", why);

	if (url != NULL && !oauth_state_return_allowed(c->app->conf->oauth_return_prefixes, url))
		problem_query(why, c->mem, "return_to",
		    "is not below one of the prefixes in [instance] oauth_return_prefixes");
	return url;
}

void
oauth_start(struct call *c)
{
	struct problem why = { 0 };
	struct oauth_state state = { .project_id = c->who.project_id,
		.expires_us = c->now_us + OAUTH_STATE_LIFE_US,
		.return_to = read_return_to(c, &why) };
	struct json_object *body;
	bool given = false;

	if (c->who.kind == WHO_SESSION)
		state.user_id = c->who.user_id;
	else
		state.key_id = c->who.key_id;
	(void)call_query_uuid(c, "account_id", &state.account_id, &given, &why);
	if (!problem_any(&why))
		(void)upstream_configured(c, c->who.environment, &why);
	if (call_refused(c, &why) || !accounts_connecting_permitted(c, &state.account_id))
		return;
	body = json_object_new_object();
	json_put_text(body, "authorization_url",
	    connect_page_url(c, "state", oauth_state_make(c->app->keys, &state, c->mem)));
	reply_json(&c->reply, 200, body);
}

/* The URL with these parameters added, before its fragment. */
static const char *
url_with_query(struct call *c, const char *url, const char *query)
{
	int len = (int)strcspn(url, "#");
	const char *mark = memchr(url, '?', (size_t)len);

	return arena_printf(c->mem, "%.*s%s%s%s", len, url,
	    mark == NULL            ? "?"
	    : mark == url + len - 1 ? ""
				    : "&",
	    query, url + len);
}

static void
reply_not_connected(struct call *c, const struct oauth_state *state, const struct problem *why)
{
	if (state->return_to != NULL)
		reply_redirect(
		    &c->reply, url_with_query(c, state->return_to,
				   arena_printf(c->mem, "status=error&code=%s&message=%s",
				       why->code, url_encode(why->message, c->mem))));
	else if (page_wanted(c))
		page_end(c, why->status, "Not connected",
		    why->remediation == NULL
			? why->message
			: arena_printf(c->mem, "%s %s", why->message, why->remediation));
	else
		reply_problem(&c->reply, why);
}

/* What a person is told: whose account it is, what became of it, and what is missing. */
static const char *
connected_message(struct call *c, const struct connect_done *d)
{
	const char *who = arena_printf(c->mem, "The Pinterest account%s%s",
	    d->username != NULL ? " @" : "", d->username != NULL ? d->username : "");
	const char *again = d->known ? " again" : "";
	char end[RFC3339_SIZE];

	if (d->kept != NULL)
		return arena_printf(c->mem, "%s stays connected as it was. %s", who, d->kept);
	if (d->grant.message != NULL)
		return arena_printf(c->mem, "%s is connected%s, but not with all permissions. %s",
		    who, again, d->grant.message);
	if (d->ends_us != TIME_NONE)
		return arena_printf(c->mem,
		    "%s is connected%s until %.19s UTC; Pinterest gave no token to renew the "
		    "connection with.",
		    who, again, rfc3339_format(d->ends_us, end));
	return arena_printf(c->mem, "%s is connected%s.", who, again);
}

/* What both the JSON reply and the page that is returned to are told; NULL: left out. */
struct connected_field {
	const char *name, *text;
};
#define CONNECTED_FIELDS 6

static void
connected_fields(
    struct call *c, const struct connect_done *d, struct connected_field out[CONNECTED_FIELDS])
{
	bool lacking = *d->grant.missing != '\0';
	char *id = arena_alloc(c->mem, UUID_TEXT_SIZE);

	out[0] = (struct connected_field){ "status", "connected" };
	out[1] = (struct connected_field){ "account_id", uuid_format(&d->account_id, id) };
	out[2] = (struct connected_field){ "username", d->username };
	out[3] = (struct connected_field){ "code", lacking ? "scope_missing" : NULL };
	out[4] = (struct connected_field){ "message", connected_message(c, d) };
	out[5] = (struct connected_field){ "missing_scopes", lacking ? d->grant.missing : NULL };
}

static void
reply_connected(struct call *c, const struct oauth_state *state, const struct connect_done *d)
{
	bool reconnect = d->kept == NULL && !d->grant.publishes;
	struct connected_field fields[CONNECTED_FIELDS];
	struct json_object *body;
	const char *query = "";

	connected_fields(c, d, fields);
	if (state->return_to == NULL && page_wanted(c)) {
		page_end(c, 200,
		    d->kept != NULL            ? "Nothing was changed"
		    : d->grant.message != NULL ? "Connected, but permissions are missing"
					       : "Connected",
		    connected_message(c, d));
		return;
	}
	body = json_object_new_object();
	for (size_t i = 0; i < CONNECTED_FIELDS; i++) {
		const struct connected_field *f = &fields[i];

		json_put_text(body, f->name, f->text);
		if (f->text != NULL)
			query = arena_printf(c->mem, "%s%s%s=%s", query, i > 0 ? "&" : "", f->name,
			    url_encode(f->text, c->mem));
	}
	json_put(body, "missing_scopes", list_split_json(d->grant.missing, c->mem));
	json_put_bool(body, "reconnect_required", reconnect);
	json_put_bool(body, "unchanged", d->kept != NULL);
	if (state->return_to == NULL) {
		reply_json(&c->reply, 200, body);
		return;
	}
	json_object_put(body);
	reply_redirect(&c->reply,
	    url_with_query(c, state->return_to,
		arena_printf(c->mem, "%s%s%s", query, reconnect ? "&reconnect_required=true" : "",
		    d->kept != NULL ? "&unchanged=true" : "")));
}

/* Reads the state. False: `why` is set. */
static bool
read_oauth_state(struct call *c, struct oauth_state *state, struct problem *why)
{
	const char *text = call_query(c, "state");
	int64_t now_us;

	memset(state, 0, sizeof(*state));
	if (text != NULL && db_now(c->db, &now_us) != DB_OK) {
		problem_set(why, 503, "service_unavailable", DATABASE_AWAY);
		why->retry_after_s = 5;
		return false;
	}
	if (text != NULL &&
	    oauth_state_read(c->app->keys, text, now_us, c->mem, state) == OAUTH_STATE_OK)
		return true;
	/* even an expired state of ours must not cause a redirect */
	state->return_to = NULL;
	problem_set(
	    why, 400, "bad_request", "This connection attempt is not valid or has expired.");
	why->remediation = "Start the connection again.";
	return false;
}

/* Is this who began, and may they still? False: the reply is set, and the state is not used up. */
static bool
oauth_bound(struct call *c, struct oauth_state *state, enum environment *env)
{
	bool here = connect_cookie_sent(c, CONNECT_GONE_ON, state->nonce, sizeof(state->nonce));
	struct connect_begun begun;
	struct problem why = { 0 };

	if (!here && connect_credential_sent(c)) {
		if (!connect_begun_by_caller(c, state))
			return false;
	} else if (!here) {
		problem_set(&why, 403, "forbidden",
		    "This connection was not begun in this browser, so nothing was connected.");
		why.remediation = "If you want to connect your account, open the address that you "
				  "were given in this browser and continue from there.";
	}
	if (!problem_any(&why) && connect_begun_load(c, state, &begun, &why)) {
		*env = begun.environment;
		return true;
	}
	state->return_to = NULL;
	reply_not_connected(c, state, &why);
	return false;
}

/* Marks the state as used. False: `why` is set. */
static bool
take_oauth_state(struct call *c, const struct oauth_state *state, struct problem *why)
{
	const char *text = call_query(c, "state");
	unsigned char hash[SHA256_SIZE];
	enum db_rc rc;

	crypto_sha256(text, strlen(text), hash);
	rc = db_exec(c->db,
	    SQL_IN(oauth_state_insert, .project = db_uuid(&state->project_id),
		.nonce = db_bytes(state->nonce, sizeof(state->nonce)),
		.hash = db_bytes(hash, sizeof(hash))),
	    NULL);
	if (rc == DB_OK)
		return true;
	if (rc == DB_DUP)
		problem_set(why, 409, "conflict", "This connection attempt was already used.");
	else
		problem_set(why, 503, "service_unavailable", DATABASE_AWAY);
	why->retry_after_s = why->status == 503 ? 5 : 0;
	return false;
}

/* Pinterest's refusal in the query, or a missing code. */
static void
oauth_refusal(struct call *c, struct problem *why)
{
	const char *error = call_query(c, "error");
	const char *said = call_query(c, "error_description");
	const char *code = call_query(c, "code");

	if (error != NULL && *error == '\0')
		error = NULL;
	if (error != NULL && strcmp(error, "access_denied") == 0) {
		problem_set(why, 400, "access_denied",
		    "The connection was not granted on Pinterest. Nothing was changed.");
		why->remediation = "Start the connection again and grant it.";
	} else if (error != NULL) {
		if (said != NULL)
			error = arena_printf(c->mem, "%s: %s", error, said);
		problem_set(why, 400, "bad_request",
		    arena_printf(c->mem,
			"Pinterest refused the connection (%.*s). Nothing was changed.",
			(int)utf8_cut(error, strlen(error), REFUSAL_MAX), error));
		why->remediation = "The operator checks `scopes`, `client_id` and the redirect URI "
				   "of the Pinterest app.";
	} else if (code == NULL || *code == '\0') {
		problem_set(why, 400, "bad_request", "Pinterest sent no authorization code.");
		why->remediation = "Start the connection again.";
	}
}

void
oauth_callback(struct call *c)
{
	struct problem why = { 0 };
	struct oauth_state state;
	struct connect_ask ask = { .code = call_query(c, "code") };
	struct connect_done done;
	bool connected;

	if (!read_oauth_state(c, &state, &why)) {
		reply_not_connected(c, &state, &why);
		return;
	}
	if (!oauth_bound(c, &state, &ask.environment))
		return;
	ask.project_id = state.project_id;
	ask.account_id = state.account_id;
	ask.by = (struct actor){ .type = uuid_is_nil(&state.user_id) ? "api_key" : "user",
		.user_id = state.user_id,
		.request_id = c->req->id };
	if (take_oauth_state(c, &state, &why))
		oauth_refusal(c, &why);
	if (problem_any(&why) || !connect_link_take(c, &state, &why)) {
		reply_not_connected(c, &state, &why);
		return;
	}
	connected = connect_code(c, &ask, &done, &why);
	connect_link_end(c, &state, connected ? &done.account_id : NULL);
	if (connected)
		reply_connected(c, &state, &done);
	else
		reply_not_connected(c, &state, &why);
}
