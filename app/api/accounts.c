/*
 * Connected Pinterest accounts: list, revoke, and the simulated account of a sandbox. Revoking
 * first makes the account unusable, then ends its waiting work in small transactions. A repeated
 * DELETE completes an interrupted one.
 */
#include "config.h"

#include "app/api/accounts.h"

#include <string.h>

#include "app/api/activity.h"
#include "app/api/handlers.h"
#include "app/api/list_page.h"
#include "app/api/lists.h"
#include "app/http/call.h"
#include "app/pinterest/connect.h"
#include "app/pinterest/oauth_state.h"
#include "app/pinterest/upstream.h"
#include "app/pinterest/upstream_places.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/http.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/url.h"
#include "sql/pin_move.h"
#include "sql/stmt.h"

#define LISTED_MOST 1000 /* for clients that know no pages */

struct account_row {
	struct uuid id;
	const char *user_id, *username, *display_name, *scopes, *missing, *health_message;
	int64_t health;
	int64_t created_us, updated_us, revoked_us, paused_us, checked_us, expires_us;
};

/*
 * What is missing now: of what this instance asks for today, and what Pinterest refused since the
 * account was connected.
 */
static struct json_object *
missing_json(const struct call *c, const struct account_row *a)
{
	struct scopes_grant g;

	scopes_examine(&g, c->app->conf->upstream[c->who.environment].scopes, a->scopes, c->mem);
	return list_split_json(
	    scopes_list(arena_printf(c->mem, "%s,%s", g.missing, a->missing), c->mem), c->mem);
}

static struct json_object *
account_json(const struct call *c, const void *row)
{
	const struct account_row *a = row;
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "id", &a->id);
	json_put_project(o, "workspace_id", &c->who.project_id);
	json_put_text(o, "pinterest_user_id", a->user_id);
	json_put_text(o, "display_name", a->display_name);
	json_put_text(o, "username", a->username);
	json_put_text(o, "scopes", a->scopes);
	json_put_time(o, "created_at", a->created_us);
	json_put_time(o, "updated_at", a->updated_us);
	json_put_time(o, "revoked_at", a->revoked_us);
	json_put_text(o, "health_status", a->health == 0 ? "healthy" : "reconnect_required");
	json_put_text(o, "health_message", a->health_message);
	json_put_time(o, "health_checked_at", a->checked_us);
	json_put(o, "missing_scopes", missing_json(c, a));
	json_put_bool(o, "reconnect_required", a->health != 0 || a->revoked_us != TIME_NONE);
	json_put_time(o, "token_expires_at", a->expires_us);
	json_put_text(
	    o, "environment", c->who.environment == ENV_SANDBOX ? "sandbox" : "production");
	json_put_bool(o, "paused", a->paused_us != TIME_NONE);
	json_put_time(o, "paused_at", a->paused_us);
	return o;
}

/* Adds the accounts, each read into *a, to `array`; `only` NULL: all. */
static enum db_rc
load_accounts(struct call *c, bool revoked, const struct uuid *only, struct list_page *p,
    struct account_row *a, struct json_object *array)
{
	return list_page_rows(c, p,
	    SQL_IN(account_list, .project = db_uuid(&c->who.project_id),
		.allow = db_text(c->who.account_ids), .revoked = db_int(revoked),
		.only = db_uuid(only), LIST_PAGE_IN(p)),
	    SQL_OUT(account_list, .id = db_get_uuid(&a->id),
		.pinterest_user_id = db_get_text(&a->user_id),
		.username = db_get_text(&a->username),
		.display_name = db_get_text(&a->display_name), .scopes = db_get_text(&a->scopes),
		.missing_scopes = db_get_text(&a->missing), .health = db_get_int(&a->health),
		.health_message = db_get_text(&a->health_message),
		.health_checked_at = db_get_time(&a->checked_us),
		.access_expires_at = db_get_time(&a->expires_us),
		.paused_at = db_get_time(&a->paused_us), .created_at = db_get_time(&a->created_us),
		.updated_at = db_get_time(&a->updated_us),
		.revoked_at = db_get_time(&a->revoked_us)),
	    account_json, a, array);
}

enum db_rc
accounts_one(struct call *c, const struct uuid *id, struct json_object **out)
{
	struct json_object *array = json_object_new_array();
	struct account_row a = { 0 };
	struct list_page p = { .limit = 1, .id = &a.id, .time_us = &a.created_us };
	enum db_rc rc = load_accounts(c, false, id, &p, &a, array);

	if (rc == DB_OK && json_object_array_length(array) == 0)
		rc = DB_NONE;
	*out = rc == DB_OK ? json_object_get(json_object_array_get_idx(array, 0)) : NULL;
	json_object_put(array);
	return rc;
}

void
accounts_list(struct call *c)
{
	struct problem why = { 0 };
	struct account_row a = { 0 };
	struct list_page p = { .id = &a.id, .time_us = &a.created_us };
	struct json_object *array;
	int revoked = 0;
	enum db_rc rc;

	(void)call_query_bool(c, "include_revoked", &revoked, &why);
	if (call_refused(c, &why) || !list_page_read(c, LISTED_MOST, &p))
		return;
	array = json_object_new_array();
	rc = load_accounts(c, revoked == 1, NULL, &p, &a, array);
	call_reply(c, rc, NULL, array);
	c->reply.etag = 1;
	if (rc == DB_OK)
		list_page_link(c, &p);
}

static enum db_rc
revoke_account(struct call *c, void *arg)
{
	const struct uuid *id = arg;
	struct store_account known;
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(account_revoke, .project = db_uuid(&c->who.project_id), .id = db_uuid(id)),
	    NULL);

	if (rc == DB_NONE) {
		/* it may be revoked already */
		rc = store_account_get(c->db, &c->who.project_id, id, &known);
		if (rc == DB_NONE)
			call_not_found(c, "Account");
		else
			reply_empty(&c->reply, 204);
		return rc;
	}
	if (rc != DB_OK)
		return rc;
	reply_empty(&c->reply, 204);
	return activity_write(c, ACTIVITY_ACCOUNT_DISCONNECTED, id, id);
}

/* Ends a disconnected account's work: planned schedules and waiting pins, some at a time. */
struct account_drop {
	struct call *c;
	const struct uuid *account_id;
	struct uuid row, pins[PIN_MOVE_MAX];
	uint64_t len; /* rows in this transaction; 0: none are left */
};

static enum db_rc
cancel_schedules(struct db *db, void *arg)
{
	struct account_drop *d = arg;

	return db_exec_any(db,
	    SQL_IN(schedule_cancel_of_account, .project = db_uuid(&d->c->who.project_id),
		.account = db_uuid(d->account_id)),
	    &d->len);
}

static void
on_waiting_pin(void *arg)
{
	struct account_drop *d = arg;

	d->pins[d->len++] = d->row;
}

static enum db_rc
fail_pins(struct db *db, void *arg)
{
	struct account_drop *d = arg;
	const struct actor by = call_actor(d->c);
	struct pin_move m[PIN_MOVE_MAX];
	const struct pin_move *all[PIN_MOVE_MAX];
	enum db_rc rc;

	d->len = 0;
	rc = db_each(db,
	    SQL_IN(pin_waiting_of_account, .project = db_uuid(&d->c->who.project_id),
		.account = db_uuid(d->account_id)),
	    SQL_OUT(pin_waiting_of_account, .id = db_get_uuid(&d->row)), on_waiting_pin, d);
	for (size_t i = 0; i < d->len; i++) {
		m[i] = (struct pin_move){ .project_id = d->c->who.project_id,
			.pin_id = d->pins[i],
			.from = 1u << PIN_WAITING,
			.to = PIN_FAILED,
			.due_us = TIME_NONE,
			.code = "account_revoked",
			.message =
			    "The Pinterest account was disconnected before this pin was due.",
			.absent_us = TIME_NONE,
			.unsent_in_a_row = UNSENT_KEEP,
			.by = &by,
			.event_deadline_s = d->c->app->conf->webhook.deadline_s };
		all[i] = &m[i];
	}
	return rc == DB_OK ? pin_move_all(db, all, d->len) : rc;
}

void
accounts_revoke(struct call *c)
{
	struct account_drop d = { .c = c };
	struct uuid id;
	enum db_rc rc;

	if (!call_uuid(c, 0, &id) || !call_account_permitted(c, &id) ||
	    !call_transact(c, revoke_account, &id))
		return;
	c->done = "The account is disconnected.";
	d.account_id = &id;
	do
		rc = db_transact(c->db, cancel_schedules, &d);
	while (rc == DB_OK && d.len > 0);
	while (rc == DB_OK) {
		rc = db_transact(c->db, fail_pins, &d);
		if (d.len == 0)
			break;
	}
	c->wake_worker = true;
	if (rc != DB_OK)
		call_db_error(c, rc);
}

bool
accounts_connecting_permitted(struct call *c, const struct uuid *id)
{
	struct store_account account;

	if (!uuid_is_nil(id))
		return call_account_permitted(c, id) &&
		       call_found(c, store_account_get(c->db, &c->who.project_id, id, &account),
			   "Account");
	if (c->who.account_ids == NULL)
		return true;
	reply_error(&c->reply, 403, "account_not_permitted",
	    "This API key is limited to some accounts, so it may only connect those again.");
	return false;
}

/* The authorization code in the simulator's redirect, or NULL. */
static const char *
code_of_redirect(const char *location, struct arena *mem)
{
	const char *query = location != NULL ? strchr(location, '?') : NULL;

	while (query != NULL) {
		query++;
		if (strncmp(query, "code=", 5) == 0)
			return url_decode(query + 5, strcspn(query + 5, "&#"), true, mem);
		query = strchr(query, '&');
	}
	return NULL;
}

/* An authorization code for the sandbox's own Pinterest user, or NULL after a log line. */
static const char *
sandbox_authorization_code(struct call *c, const struct uuid *project_id)
{
	struct oauth_state state = { .project_id = *project_id,
		.expires_us = c->now_us + OAUTH_STATE_LIFE_US };
	const struct http_request request = { .method = "GET",
		.url = connect_authorize_url(
		    c, project_id, ENV_SANDBOX, oauth_state_make(c->app->keys, &state, c->mem)),
		.max_body = 65536,
		.timeout_ms = (int)c->app->conf->call_timeout_ms };
	struct http_answer a = { .outcome = HTTP_NOT_SENT, .error = "no slot is free" };
	const char *code = NULL;

	if (upstream_places_acquire(
		c->app->upstream_calls, ENV_SANDBOX, project_id, UPSTREAM_PLACE_WAIT_MS)) {
		http_call(&request, c->mem, &a);
		upstream_places_release(c->app->upstream_calls, ENV_SANDBOX, project_id);
	}
	if (a.outcome == HTTP_ANSWERED)
		code = code_of_redirect(a.location, c->mem);
	if (code == NULL)
		log_warn("event=sandbox_not_authorized request=%s status=%ld error=\"%s\"",
		    c->req->id, a.status, a.error != NULL ? a.error : "");
	return code;
}

bool
accounts_provision_sandbox(struct call *c, const struct uuid *project_id)
{
	struct problem why = { 0 };
	struct connect_ask ask = {
		.project_id = *project_id, .environment = ENV_SANDBOX, .by = call_actor(c)
	};
	struct connect_done done;

	if (upstream_configured(c, ENV_SANDBOX, &why)) {
		ask.code = sandbox_authorization_code(c, project_id);
		if (ask.code != NULL && connect_code(c, &ask, &done, &why))
			return true;
	}
	if (!problem_any(&why)) {
		problem_set(
		    &why, 503, "pinterest_unavailable", "The sandbox's simulator did not answer.");
		why.remediation =
		    "The operator checks oauth_url and base_url in section [sandbox].";
		why.retry_after_s = 5;
	}
	reply_problem(&c->reply, &why);
	return false;
}
