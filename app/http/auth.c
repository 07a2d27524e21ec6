/*
 * Credentials and what they allow. Invariant: for a route that is not public, c->who is read from
 * the database in each request, so a revoked key or session is refused at once.
 */
#include "app/http/auth.h"

#include <json-c/json.h>
#include <string.h>
#include <strings.h>

#include "app/http/call.h"
#include "app/http/status_token.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "sql/stmt.h"

#define SESSION_PREFIX "pbs_"

unsigned
auth_role_scopes(unsigned bits)
{
	unsigned scopes = bits != PERM_NONE ? SCOPE_READ : 0;

	if (bits & PERM_PUBLISH)
		scopes |= SCOPE_WRITE;
	if (bits & PERM_DELETE_CONTENT)
		scopes |= SCOPE_DESTRUCTIVE;
	return scopes;
}

struct json_object *
auth_permissions_json(unsigned bits)
{
	struct json_object *o = json_object_new_object();
	size_t i;

	for (i = 0; i < PERM__COUNT; i++)
		json_put_bool(
		    o, role_permission_name((enum role_permission_at)i), (bits & 1u << i) != 0);
	return o;
}

/* The token behind "Bearer ", or NULL. */
static const char *
bearer_token(const struct call *c)
{
	const char *s = c->req->authorization;

	if (s == NULL || strncasecmp(s, "Bearer ", 7) != 0)
		return NULL;
	s += 7;
	s += strspn(s, " ");
	return *s != '\0' ? s : NULL;
}

static bool
is_status_token(const char *token)
{
	return token != NULL &&
	       strncmp(token, STATUS_TOKEN_PREFIX, strlen(STATUS_TOKEN_PREFIX)) == 0;
}

static void
unauthenticated_reply(struct call *c)
{
	reply_error(&c->reply, 401, "unauthorized", "Not authenticated");
}

void
auth_refuse(struct call *c, bool is_key)
{
	if (is_key)
		reply_error(&c->reply, 401, "unauthorized", "Invalid API key");
	else
		unauthenticated_reply(c);
}

/* Hash of `token`; false and a 401 when there is none. */
static bool
credential_hash(struct call *c, const char *token, unsigned char hash[SHA256_SIZE], bool *is_key)
{
	if (token == NULL) {
		unauthenticated_reply(c);
		return false;
	}
	*is_key =
	    strncmp(token, SESSION_PREFIX, strlen(SESSION_PREFIX)) != 0 && !is_status_token(token);
	crypto_sha256(token, strlen(token), hash);
	return true;
}

bool
auth_credential(struct call *c, unsigned char hash[SHA256_SIZE], bool *is_key)
{
	const char *key = c->req->api_key;

	return credential_hash(
	    c, key != NULL && *key != '\0' ? key : bearer_token(c), hash, is_key);
}

static enum db_rc
api_key_load(struct call *c)
{
	int64_t environment, scopes, idle = 0;
	const char *limits = NULL;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(api_key_authenticate, .hash = db_bytes(c->who.token_hash, SHA256_SIZE)),
	    SQL_OUT(api_key_authenticate, .id = db_get_uuid(&c->who.key_id),
		.project_id = db_get_uuid(&c->who.project_id),
		.organization_id = db_get_uuid(&c->who.organization_id),
		.environment = db_get_int(&environment), .scopes = db_get_int(&scopes),
		.account_ids = db_get_text(&c->who.account_ids), .name = db_get_text(&c->who.label),
		.created_by = db_get_uuid(&c->who.user_id), .limits = db_get_text(&limits),
		.stale = db_get_int(&idle), .now = db_get_time(&c->now_us)));

	if (rc != DB_OK)
		return rc;
	c->who.kind = WHO_KEY;
	c->who.environment = environment == ENV_SANDBOX ? ENV_SANDBOX : ENV_PRODUCTION;
	c->who.scopes = (unsigned)scopes & SCOPE_ALL;
	limit_own_read(&c->own, limits);
	if (idle)
		auth_touch(c);
	return DB_OK;
}

static enum db_rc
session_load(struct call *c)
{
	int64_t environment, idle = 0;
	const char *limits = NULL;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(session_authenticate, .hash = db_bytes(c->who.token_hash, SHA256_SIZE)),
	    SQL_OUT(session_authenticate, .id = db_get_uuid(&c->who.session_id),
		.user_id = db_get_uuid(&c->who.user_id), .email = db_get_text(&c->who.label),
		.project_id = db_get_uuid(&c->who.project_id),
		.organization_id = db_get_uuid(&c->who.organization_id),
		.environment = db_get_int(&environment), .role = db_get_text(&c->who.role),
		.limits = db_get_text(&limits), .stale = db_get_int(&idle),
		.now = db_get_time(&c->now_us)));

	if (rc != DB_OK)
		return rc;
	c->who.kind = WHO_SESSION;
	c->who.environment = environment == ENV_SANDBOX ? ENV_SANDBOX : ENV_PRODUCTION;
	c->who.scopes = auth_role_scopes(role_permissions(c->who.role));
	limit_own_read(&c->own, limits);
	/* Best effort, as in auth_touch(). */
	if (idle)
		(void)db_exec(
		    c->db, SQL_IN(session_touch, .id = db_uuid(&c->who.session_id)), NULL);
	return DB_OK;
}

/* The session token for a session-only route: an API key, valid or not, is refused with 403. */
static bool
session_credential(struct call *c, bool *is_key)
{
	const char *token = bearer_token(c);

	if (token == NULL && c->req->api_key == NULL) {
		unauthenticated_reply(c);
		return false;
	}
	if (token == NULL || strncmp(token, SESSION_PREFIX, strlen(SESSION_PREFIX)) != 0) {
		struct problem p = { 0 };

		problem_set(
		    &p, 403, "forbidden", "This needs a signed-in session, not an API key.");
		p.remediation =
		    "Log in at POST /v1/auth/login and send its access_token as a bearer.";
		reply_problem(&c->reply, &p);
		return false;
	}
	return credential_hash(c, token, c->who.token_hash, is_key);
}

/* With a status token: the reply is a 401, 403 or 503 unless it reads this. */
static bool
poller_check(struct call *c, const char *token)
{
	static const char *const polled[] = { "/v1/jobs/{}", "/v1/pins/{}", "/v1/schedules/{}",
		"/v1/status" };
	bool reads = strcmp(c->req->method, "GET") == 0 || strcmp(c->req->method, "HEAD") == 0;
	enum db_rc rc;
	size_t i = 0;

	while (i < sizeof(polled) / sizeof(polled[0]) && strcmp(polled[i], c->route) != 0)
		i++;
	if (!reads || i == sizeof(polled) / sizeof(polled[0])) {
		reply_error(&c->reply, 403, "forbidden",
		    "A status token only reads the states of its pins and schedules.");
		return false;
	}
	rc = status_token_load(c, token);
	if (rc == DB_NONE)
		reply_error(&c->reply, 401, "unauthorized",
		    "This status token has ended: ask for another one.");
	else if (rc != DB_OK)
		call_db_error(c, rc);
	return rc == DB_OK;
}

bool
auth_check(struct call *c, enum auth_access access)
{
	const char *token = c->req->api_key != NULL ? NULL : bearer_token(c);
	bool is_key = false, sent;
	enum db_rc rc;

	if (access == AUTH_PUBLIC || access == AUTH_INSIDE)
		return true;
	if (access == AUTH_ANY && is_status_token(token))
		return poller_check(c, token);
	sent = access == AUTH_SESSION ? session_credential(c, &is_key)
				      : auth_credential(c, c->who.token_hash, &is_key);
	if (!sent)
		return false;
	rc = is_key ? api_key_load(c) : session_load(c);
	if (rc == DB_NONE)
		auth_refuse(c, is_key);
	else if (rc != DB_OK)
		call_db_error(c, rc);
	return rc == DB_OK;
}

void
auth_refuse_scope(struct call *c, unsigned scope)
{
	struct problem p = { 0 };
	const char *name = scope == SCOPE_READ    ? "read"
			   : scope == SCOPE_WRITE ? "write"
						  : "destructive";

	problem_set(&p, 403, "insufficient_scope",
	    arena_printf(c->mem, "This needs a credential with the scope \"%s\".", name));
	p.remediation = "Use an API key that has this scope.";
	reply_problem(&c->reply, &p);
}

bool
auth_permitted(struct call *c, unsigned scope, unsigned permission)
{
	unsigned has = role_permissions(c->who.role);

	if (c->who.kind == WHO_SESSION && permission != PERM_NONE && (has & permission) == 0) {
		reply_error(&c->reply, 403, "forbidden", "Your role does not allow this.");
		return false;
	}
	if ((c->who.scopes & scope) != scope) {
		auth_refuse_scope(c, scope);
		return false;
	}
	return true;
}

void
auth_touch(struct call *c)
{
	/* Best effort: a key stays valid when its last use cannot be recorded. */
	(void)db_exec(c->db,
	    SQL_IN(api_key_touch, .id = db_uuid(&c->who.key_id),
		.project = db_uuid(&c->who.project_id)),
	    NULL);
}
