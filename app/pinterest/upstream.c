/*
 * Blocking calls to Pinterest. Calls are not repeated here: the API client decides that.
 * refused_result() maps Pinterest's refusals to PinBridge error codes.
 */
#include "config.h"

#include "app/pinterest/upstream.h"

#include <string.h>
#include <strings.h>

#include "app/http/call.h"
#include "app/pinterest/upstream_places.h"
#include "lib/arena.h"
#include "lib/keyring.h"
#include "lib/log.h"
#include "lib/origin.h"
#include "lib/pinterest.h"
#include "lib/scopes.h"
#include "sql/stmt.h"

#define ANSWER_MAX (4u << 20)
#define CODE_NOT_YOURS 7
#define WAIT_DEFAULT_S 60
#define FOREIGN_LOGGED 3 /* lines a minute */
#define RECONNECT_LATER                                                                            \
	"Try again in a minute; if this persists, connect the Pinterest account again."

int
upstream_configured(struct call *c, enum environment env, struct problem *why)
{
	const struct upstream *u = &c->app->conf->upstream[env];
	const char *section = conf_environment_name(env);

	if (u->base_url != NULL && u->oauth_url != NULL && u->client_id != NULL &&
	    u->client_secret != NULL)
		return 1;
	problem_set(why, 503, "pinterest_not_configured",
	    "This instance has no Pinterest app configured for this kind of project.");
	why->remediation = arena_printf(c->mem,
	    "The operator sets base_url, oauth_url, client_id and client_secret_file in section "
	    "[%s] "
	    "of the configuration.",
	    section);
	return 0;
}

static enum upstream_result
away_result(struct problem *why, enum upstream_result result)
{
	problem_set(why, result == UPSTREAM_UNKNOWN ? 502 : 503, "pinterest_unavailable",
	    "Pinterest did not answer. Try again in half a minute.");
	why->retry_after_s = 30;
	return result;
}

/* Maps a refusal by Pinterest (Pinterest API v5 docs) to our error. */
static enum upstream_result
refused_result(struct call *c, const struct http_answer *a, const struct pinterest_error *e,
    struct problem *why)
{
	const char *m = e->message;

	if (strcasestr(m, "consumer type") != NULL || strcasestr(m, "Trial access") != NULL) {
		problem_set(why, 403, "pinterest_not_permitted",
		    "Pinterest refuses this instance's app for this action.");
		why->remediation = "The operator has to get the Pinterest app approved.";
	} else if (strcasestr(m, "sufficient permissions") != NULL) {
		const char *named = scopes_refused(m, c->mem);

		problem_set(why, 409, "scope_missing",
		    *named == '\0'
			? "The Pinterest connection lacks a permission that this action needs."
			: arena_printf(c->mem,
			      "The Pinterest connection lacks permissions that this action needs: "
			      "%s.",
			      scopes_spaced(named, c->mem)));
		why->remediation = "Connect the Pinterest account again and grant all permissions.";
	} else if (a->status == 401 && e->code == CODE_NOT_YOURS) {
		problem_set(why, 403, "pinterest_not_permitted",
		    "Pinterest does not show this to the account.");
	} else if (a->status == 401) {
		problem_set(why, 409, "token_expired",
		    "Pinterest no longer accepts the connection's token.");
		why->remediation = RECONNECT_LATER;
	} else if (a->status == 403) {
		problem_set(why, 403, "pinterest_not_permitted", "Pinterest does not permit this.");
	} else if (a->status == 404) {
		problem_set(why, 404, "not_found", "It does not exist on Pinterest.");
	} else {
		problem_set(why, 422, "validation_error",
		    arena_printf(c->mem, "Pinterest refused the request: %s",
			*m != '\0' ? m : "no reason given"));
	}
	return UPSTREAM_REFUSED;
}

static struct origin_answer
answer_origin(const struct upstream_ask *ask, const struct http_answer *a)
{
	struct origin_answer o = { .status = a->status,
		.request_id = a->request_id,
		.type = a->content_type,
		.location = a->location,
		.body = a->body,
		.body_len = a->body_len,
		.complete = true,
		.secret = a->status / 100 == 2 && strcmp(ask->path, "/oauth/token") == 0 };

	return o;
}

/*
 * Did something else answer in Pinterest's place, or does Pinterest know no such call, because
 * base_url is wrong? (The calls that are made here exist.)
 */
static bool
is_foreign(
    const struct upstream_ask *ask, const struct http_answer *a, const struct pinterest_error *e)
{
	const struct origin_answer o = answer_origin(ask, a);
	bool understood = pinterest_is_object(a->body, a->body_len) ||
			  (a->body_len == 0 && strcmp(ask->method, "DELETE") == 0);

	/* calls for analytics are said to repeat the status as the code */
	bool gone =
	    pinterest_says_gone(e) || (e->code == 404 && strstr(ask->path, "/analytics") != NULL);

	return origin_of(&o, e, understood) != ORIGIN_PINTEREST || (a->status == 404 && !gone) ||
	       a->status == 405;
}

/* For the operator's status, too; best effort. */
static void
foreign_note(struct call *c, enum environment env, const struct upstream_ask *ask,
    const struct http_answer *a)
{
	const struct origin_answer o = answer_origin(ask, a);
	const char *base = c->app->conf->upstream[env].base_url;
	const char *text = arena_printf(c->mem, "%.120s%.60s answered with %s", base,
	    arena_strndup(c->mem, ask->path, strcspn(ask->path, "?")), origin_text(&o, c->mem));

	log_counted(LOG_LVL_ERROR, FOREIGN_LOGGED, "event=not_pinterest",
	    "event=not_pinterest request=%s environment=%s message=\"%s\"", c->req->id,
	    conf_environment_name(env), text);
	(void)db_exec(c->db,
	    SQL_IN(app_note_foreign, .environment = db_int(env), .message = db_text(text)), NULL);
}

static enum upstream_result
foreign_result(struct problem *why, enum upstream_result result)
{
	problem_set(why, 502, "pinterest_unavailable",
	    "Something other than Pinterest answers in Pinterest's place.");
	why->remediation = "The operator of this instance has to act: `pintempo status` says what "
			   "answered.";
	why->retry_after_s = 60;
	return result;
}

/* What it means that no usable answer came. */
static enum upstream_result
answer_lost(const struct upstream_ask *ask)
{
	return strcmp(ask->method, "GET") == 0 ? UPSTREAM_AWAY : UPSTREAM_UNKNOWN;
}

enum upstream_result
upstream_misread(struct call *c, enum environment env, const struct upstream_ask *ask,
    const struct http_answer *a, struct problem *why)
{
	const struct origin_answer o = answer_origin(ask, a);
	const struct pinterest_error none = { 0 };

	if (origin_of(&o, &none, false) != ORIGIN_PINTEREST) {
		foreign_note(c, env, ask, a);
		return foreign_result(why, answer_lost(ask));
	}
	problem_set(why, 502, "pinterest_unavailable", "Pinterest's answer cannot be read.");
	return answer_lost(ask);
}

static enum upstream_result
answer_judge(struct call *c, enum environment env, const struct upstream_ask *ask,
    const struct http_answer *a, struct problem *why)
{
	enum upstream_result lost = answer_lost(ask);
	struct pinterest_error e;

	if (a->outcome == HTTP_NOT_SENT)
		return away_result(why, UPSTREAM_AWAY);
	if (a->outcome == HTTP_UNKNOWN)
		return away_result(why, lost);
	pinterest_error_parse(&e, a->body, a->body_len, c->mem);
	if (is_foreign(ask, a, &e)) {
		foreign_note(c, env, ask, a);
		return foreign_result(why, lost);
	}
	if (a->status >= 500 || a->status == 408)
		return away_result(why, lost);
	if (a->status >= 200 && a->status < 300)
		return UPSTREAM_OK;
	if (a->status == 429) {
		problem_set(why, 429, "rate_limited", "Pinterest's rate limit is used up for now.");
		why->retry_after_s = a->retry_after_s > 0 ? (int)a->retry_after_s : WAIT_DEFAULT_S;
		return UPSTREAM_LIMITED;
	}
	return refused_result(c, a, &e, why);
}

enum upstream_result
upstream_plain(struct call *c, enum environment env, const struct uuid *project, const char *token,
    const struct upstream_ask *ask, struct http_answer *answer, struct problem *why)
{
	const struct upstream *u = &c->app->conf->upstream[env];
	const struct http_request request = {
		.method = ask->method,
		.url =
		    arena_printf(c->mem, "%s%s", u->base_url != NULL ? u->base_url : "", ask->path),
		.bearer = token,
		.basic = token == NULL
			     ? arena_printf(c->mem, "%s:%s", u->client_id, u->client_secret)
			     : NULL,
		.type = ask->type,
		.body = ask->body,
		.body_len = ask->body != NULL ? strlen(ask->body) : 0,
		.timeout_ms = (int)c->app->conf->call_timeout_ms,
		.max_body = ANSWER_MAX,
	};
	enum upstream_result result;

	memset(answer, 0, sizeof(*answer));
	if (!upstream_configured(c, env, why))
		return UPSTREAM_AWAY;
	if (!upstream_places_acquire(
		c->app->upstream_calls, env, project, UPSTREAM_PLACE_WAIT_MS)) {
		problem_set(why, 503, "service_unavailable",
		    "Too many calls to Pinterest are under way. Try again shortly.");
		why->retry_after_s = 5;
		return UPSTREAM_LIMITED;
	}
	http_call(&request, c->mem, answer);
	upstream_places_release(c->app->upstream_calls, env, project);
	result = answer_judge(c, env, ask, answer, why);
	if (result != UPSTREAM_OK)
		log_warn("event=upstream_call_failed request=%s method=%s path=%.100s outcome=%d "
			 "status=%ld rid=%s error=\"%s\"",
		    c->req->id, ask->method, ask->path, (int)answer->outcome, answer->status,
		    answer->request_id != NULL ? answer->request_id : "-",
		    answer->error != NULL ? answer->error : "");
	return result;
}

struct account_token {
	const char *text;
	int64_t version;
};

static void
token_refresh_request(struct call *c, const struct store_account *account, int64_t version)
{
	if (db_exec(c->db,
		SQL_IN(account_refresh_due_now, .project = db_uuid(&account->project_id),
		    .id = db_uuid(&account->id), .version = db_int(version)),
		NULL) == DB_OK)
		c->wake_worker = true;
}

/* The account's opened token. UPSTREAM_OK, or UPSTREAM_REFUSED or _AWAY with `why`. */
static enum upstream_result
account_token_open(struct call *c, const struct store_account *account, struct account_token *t,
    struct problem *why)
{
	int64_t is_expired, revoked, health;
	const void *sealed;
	size_t sealed_len;
	const char *health_code, *health_message;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(account_token, .project = db_uuid(&account->project_id),
		.id = db_uuid(&account->id)),
	    SQL_OUT(account_token, .access_sealed = db_get_bytes(&sealed, &sealed_len),
		.token_version = db_get_int(&t->version), .expired = db_get_int(&is_expired),
		.revoked = db_get_int(&revoked), .health = db_get_int(&health),
		.health_code = db_get_text(&health_code),
		.health_message = db_get_text(&health_message)));

	if (rc != DB_OK && rc != DB_NONE) {
		problem_set(why, 503, "service_unavailable", "The database cannot be reached.");
		why->retry_after_s = 5;
		return UPSTREAM_AWAY;
	}
	if (rc == DB_NONE || revoked != 0) {
		problem_set(
		    why, 422, "account_revoked", "The Pinterest account is no longer connected.");
		why->remediation = "Connect the Pinterest account again.";
		return UPSTREAM_REFUSED;
	}
	if (health != 0 || sealed == NULL) {
		problem_set(
		    why, 409, "token_revoked", "The Pinterest account has to be connected again.");
		if (health_code != NULL && strcmp(health_code, "scope_missing") == 0) {
			why->code = "scope_missing";
			why->message = health_message;
		}
		why->remediation = "Connect the Pinterest account again.";
		return UPSTREAM_REFUSED;
	}
	if (is_expired != 0) {
		token_refresh_request(c, account, t->version);
		problem_set(why, 409, "token_expired", "The connection's token has expired.");
		why->remediation = RECONNECT_LATER;
		return UPSTREAM_REFUSED;
	}
	t->text = keyring_open_text(
	    c->app->keys, KEYRING_ACCESS_TOKEN, &account->id, sealed, sealed_len, c->mem);
	if (t->text == NULL) {
		log_error("event=token_not_opened request=%s", c->req->id);
		problem_set(why, 500, "internal_error", "The stored token cannot be opened.");
		return UPSTREAM_REFUSED;
	}
	return UPSTREAM_OK;
}

enum upstream_result
upstream_account(struct call *c, const struct store_account *account,
    const struct upstream_ask *ask, struct http_answer *answer, struct problem *why)
{
	struct account_token t;
	enum upstream_result result;

	memset(answer, 0, sizeof(*answer));
	if (!upstream_configured(c, account->environment, why))
		return UPSTREAM_AWAY;
	result = account_token_open(c, account, &t, why);
	if (result != UPSTREAM_OK)
		return result;
	result =
	    upstream_plain(c, account->environment, &account->project_id, t.text, ask, answer, why);
	if (answer->status == 401 && strcmp(why->code, "token_expired") == 0)
		token_refresh_request(c, account, t.version);
	return result;
}
