/*
 * Users, codes and tokens. Only SHA-256 hashes of codes and tokens are stored. A code is used, and
 * a token pair rotated, in one transaction.
 */
#include "app/sandbox/sim_oauth.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "app/sandbox/sim_admin.h"
#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_handlers.h"
#include "app/sandbox/sim_ids.h"
#include "app/sandbox/sim_scenario.h"
#include "app/sandbox/sim_sweep.h"
#include "app/sandbox/sim_view.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/sandbox_name.h"
#include "lib/scopes.h"
#include "lib/url.h"
#include "sql/sandbox_stmt.h"

#define CODE_LIFE_US (600 * US_PER_S)
#define SESSION_TRIES 40
#define SESSION_GAP_MS 250
#define TOKEN_ROOM 64
#define NAME_KEY_MAX 255

enum token_kind { TOKEN_ACCESS, TOKEN_REFRESH };

/* A token request, for both grant types. */
struct token_grant {
	struct sim_call *c;
	unsigned char hash[SHA256_SIZE]; /* of the code or refresh token */
	const char *redirect_uri;
	const char *wanted; /* scopes to narrow to on refresh, or NULL */
	int64_t user_id;
	const char *scope;
	char access[TOKEN_ROOM];
	char refresh[TOKEN_ROOM]; /* "": not returned */
	int64_t refresh_expires_us;
};

static void
token_hash(const char *text, unsigned char out[SHA256_SIZE])
{
	crypto_sha256(text, strlen(text), out);
}

enum db_rc
sim_oauth_session(struct sim_call *c, bool with_user)
{
	static const char bearer[] = "Bearer ";
	const char *a = c->req->authorization;
	bool given = with_user && strncasecmp(a, bearer, sizeof(bearer) - 1) == 0;
	unsigned char hash[SHA256_SIZE];
	const char *doc = NULL;
	int64_t armed = 0;
	struct db_param token = db_null();
	enum db_rc rc = DB_DOWN;

	if (given) {
		token_hash(a + sizeof(bearer) - 1, hash);
		token = db_bytes(hash, sizeof(hash));
	}
	for (int i = 0; i < SESSION_TRIES; i++) {
		rc = db_row(c->db, SBX_IN(tokens_session, .hash = token),
		    SBX_OUT(tokens_session, .now = db_get_time(&c->now_us),
			.doc = db_get_text(&doc), .armed_faults = db_get_int(&armed),
			.user_id = db_get_int(&c->user_id), .holder = db_get_int(&c->holder),
			.scope = db_get_text(&c->scope), .username = db_get_text(&c->username)));
		if (rc != DB_DOWN && rc != DB_UNKNOWN && rc != DB_RETRY)
			break;
		sim_sleep(SESSION_GAP_MS, c->stop_fd);
	}
	sim_settings_read(&c->set, doc, c->mem);
	c->armed = armed > 0;
	c->known = c->user_id != 0;
	return rc;
}

bool
sim_oauth_permits(struct sim_call *c, const char *scopes)
{
	const char *missing = scopes_missing(scopes, c->scope, c->mem);
	const char *list = "";

	while (*missing != '\0') {
		size_t n = strcspn(missing, ",");

		list = arena_printf(
		    c->mem, "%s%s'%.*s'", list, *list == '\0' ? "" : ", ", (int)n, missing);
		missing += n;
		missing += *missing == ',';
	}
	if (*list == '\0')
		return true;
	return sim_view_refuse(c, 401, 3,
	    arena_printf(c->mem,
		"Your token does not have sufficient permissions to perform this action. "
		"Missing: [%s]",
		list));
}

/* "boards:read,pins:read" as "boards:read_secret,pins:read_secret". */
static const char *
scopes_secret(const struct sim_call *c)
{
	const char *list = c->needed, *out = "";

	while (*list != '\0') {
		size_t n = strcspn(list, ",");

		out = arena_printf(
		    c->mem, "%s%s%.*s_secret", out, *out == '\0' ? "" : ",", (int)n, list);
		list += n;
		list += *list == ',';
	}
	return out;
}

bool
sim_oauth_permits_secret(struct sim_call *c)
{
	return sim_oauth_permits(c, scopes_secret(c));
}

bool
sim_oauth_sees_secret(const struct sim_call *c)
{
	return *scopes_missing(scopes_secret(c), c->scope, c->mem) == '\0';
}

/* The requested scopes without those in drop_scopes; comma-separated. */
static const char *
scopes_granted(const struct sim_call *c, const char *asked)
{
	const char *got = "";

	while (*asked != '\0') {
		size_t n = strcspn(asked, ", +");
		const char *one = arena_strndup(c->mem, asked, n);

		/* nothing missing: the scope is in drop_scopes */
		if (n > 0 && *scopes_missing(one, c->set.drop_scopes, c->mem) != '\0')
			got = arena_printf(c->mem, "%s%s%s", got, *got == '\0' ? "" : ",", one);
		asked += n;
		asked += *asked != '\0';
	}
	return got;
}

struct authorization {
	struct sim_call *c;
	const char *name_key;
	const char *redirect_uri;
	const char *scope;
	unsigned char code_hash[SHA256_SIZE];
};

static enum db_rc
user_add(struct db *db, const struct authorization *v, int64_t *user_id)
{
	int64_t now = v->c->now_us;
	enum db_rc rc;

	*user_id = sim_id_next(now);
	rc = db_exec(db,
	    SBX_IN(users_insert, .id = db_int(*user_id), .name_key = db_text(v->name_key),
		.username =
		    db_text(arena_printf(v->c->mem, "rehearsal_%" PRId64, *user_id % 100000000))),
	    NULL);
	if (rc == DB_DUP)
		return DB_RETRY; /* another request added the user: the next attempt finds it */
	return rc != DB_OK ? rc : sim_scenario_boards(db, *user_id, now);
}

static enum db_rc
authorize_work(struct db *db, void *arg)
{
	struct authorization *v = arg;
	int64_t user_id = 0;
	enum db_rc rc = DB_NONE;

	if (v->name_key != NULL)
		rc = db_row(db, SBX_IN(users_find, .name_key = db_text(v->name_key)),
		    SBX_OUT(users_find, .id = db_get_int(&user_id)));
	if (rc == DB_OK)
		rc = db_exec(db, SBX_IN(users_use, .id = db_int(user_id)), NULL);
	if (rc == DB_NONE)
		rc = user_add(db, v, &user_id);
	if (rc != DB_OK)
		return rc;
	rc = db_exec(db,
	    SBX_IN(codes_insert, .hash = db_bytes(v->code_hash, sizeof(v->code_hash)),
		.user = db_int(user_id), .scope = db_text(v->scope),
		.redirect_uri = db_text(v->redirect_uri),
		.expires_at = db_time(v->c->now_us + CODE_LIFE_US)),
	    NULL);
	if (rc != DB_OK)
		return rc;
	return db_exec_any(
	    db, SBX_IN(codes_trim, .user = db_int(user_id), .kept = db_int(SIM_SWEEP_CODES)), NULL);
}

static void
authorize_refuse(struct sim_call *c, const char *why)
{
	sim_reply_text(&c->reply, 400, "text/html; charset=utf-8",
	    arena_printf(c->mem,
		"<!DOCTYPE html>\n<html><head><title>Pinterest</title></head>"
		"<body><h1>Sorry</h1><p>%s</p></body></html>\n",
		why));
}

static void
authorize_redirect(
    struct sim_call *c, const char *redirect_uri, const char *name, const char *value)
{
	const char *state = sim_form_value(c->req->query, "state", c->mem);
	const char *with =
	    state == NULL ? "" : arena_printf(c->mem, "&state=%s", url_encode(state, c->mem));

	sim_reply_text(&c->reply, 302, "text/html; charset=utf-8", "");
	c->reply.location = arena_printf(c->mem, "%s%c%s=%s%s", redirect_uri,
	    strchr(redirect_uri, '?') == NULL ? '?' : '&', name, value, with);
}

/*
 * Whose consent it is. A name counts only if the application made it for this state, so that
 * nobody becomes another project's user by writing his own name. Tests may name anybody, or nobody
 * for a new user. False: the page says why.
 */
static bool
authorize_user(struct authorization *v, bool admin)
{
	struct sim_call *c = v->c;
	const char *secret = c->sim->conf->upstream[ENV_SANDBOX].client_secret;
	const char *given = sim_form_value(c->req->query, "sandbox_user", c->mem);
	const char *state = sim_form_value(c->req->query, "state", c->mem);

	v->name_key = given == NULL || secret == NULL
			  ? NULL
			  : sandbox_name_read(secret, given, state == NULL ? "" : state, c->mem);
	if (v->name_key != NULL)
		return true;
	if (admin && (given == NULL || strlen(given) <= NAME_KEY_MAX)) {
		v->name_key = given != NULL && *given != '\0' ? given : NULL;
		return true;
	}
	authorize_refuse(c,
	    admin ? "sandbox_user is longer than 255 bytes."
		  : "sandbox_user is missing, or was not made for this address by Pintempo. Tests "
		    "may use other names: docs/sandbox.md.");
	return false;
}

/* As Pinterest compares it: byte for byte. */
static bool
authorize_returns_to(const struct sim_call *c, const char *uri, bool admin)
{
	return uri != NULL &&
	       (admin ? url_fault(uri, NULL) == NULL : strcmp(uri, c->sim->callback) == 0);
}

/* False: the page says why. */
static bool
authorize_decode(struct authorization *v)
{
	struct sim_call *c = v->c;
	const char *id = c->sim->conf->upstream[ENV_SANDBOX].client_id;
	const char *client = sim_form_value(c->req->query, "client_id", c->mem);
	const char *type = sim_form_value(c->req->query, "response_type", c->mem);
	bool admin = sim_admin_given(c);

	v->redirect_uri = sim_form_value(c->req->query, "redirect_uri", c->mem);
	v->scope = sim_form_value(c->req->query, "scope", c->mem);
	if (client == NULL || id == NULL || strcmp(client, id) != 0)
		authorize_refuse(c, "The client_id is not one of our applications.");
	else if (!authorize_returns_to(c, v->redirect_uri, admin))
		authorize_refuse(c, "The redirect_uri is not one of the application's.");
	else if (type == NULL || strcmp(type, "code") != 0)
		authorize_refuse(c, "response_type must be code.");
	else if (v->scope == NULL || *v->scope == '\0' || strlen(v->scope) > SCOPES_LIST_MAX)
		authorize_refuse(c, "scope is missing or too long.");
	else
		return authorize_user(v, admin);
	return false;
}

void
sim_oauth_authorize(struct sim_call *c)
{
	struct authorization v = { .c = c };
	char code[TOKEN_ROOM];

	if (!authorize_decode(&v))
		return;
	if (c->set.deny) {
		authorize_redirect(c, v.redirect_uri, "error", "access_denied");
		return;
	}
	v.scope = scopes_granted(c, v.scope);
	crypto_token("", code, sizeof(code));
	token_hash(code, v.code_hash);
	if (sim_view_done(c, db_transact(c->db, authorize_work, &v)))
		authorize_redirect(c, v.redirect_uri, "code", code);
	crypto_wipe(code, sizeof(code));
}

bool
sim_oauth_client(struct sim_call *c)
{
	static const char basic[] = "Basic ";
	const struct upstream *app = &c->sim->conf->upstream[ENV_SANDBOX];
	const char *a = c->req->authorization;
	char given[512];
	const char *want;
	int len = -1;

	if (strncasecmp(a, basic, sizeof(basic) - 1) == 0 && app->client_id != NULL &&
	    app->client_secret != NULL)
		len = crypto_base64_decode(a + sizeof(basic) - 1, false, given, sizeof(given));
	if (len > 0) {
		want = arena_printf(c->mem, "%s:%s", app->client_id, app->client_secret);
		c->known = crypto_equal(given, (size_t)len, want, strlen(want));
	}
	return c->known || sim_view_refuse(c, 401, 2, "Authentication failed.");
}

enum db_rc
sim_oauth_owner(struct sim_call *c)
{
	static const char *const names[] = { "code", "refresh_token" };
	unsigned char hash[SHA256_SIZE];
	enum db_rc rc = DB_NONE;

	for (size_t i = 0; i < DB_LEN(names) && rc == DB_NONE; i++) {
		const char *grant = sim_form_value(c->req->body, names[i], c->mem);

		if (grant == NULL)
			continue;
		token_hash(grant, hash);
		rc = db_row(c->db, SBX_IN(tokens_owner, .hash = db_bytes(hash, sizeof(hash))),
		    SBX_OUT(tokens_owner, .user_id = db_get_int(&c->user_id)));
	}
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
token_add(struct db *db, const struct token_grant *g, enum token_kind kind)
{
	bool access = kind == TOKEN_ACCESS;
	int64_t life_s = access ? g->c->set.access_s : g->c->set.refresh_s;
	unsigned char hash[SHA256_SIZE];

	enum db_rc rc;

	token_hash(access ? g->access : g->refresh, hash);
	rc = db_exec(db,
	    SBX_IN(tokens_insert, .hash = db_bytes(hash, sizeof(hash)), .kind = db_int(kind),
		.user = db_int(g->user_id), .scope = db_text(g->scope),
		.expires_at = db_time(g->c->now_us + life_s * US_PER_S)),
	    NULL);
	if (rc != DB_OK)
		return rc;
	return db_exec_any(db,
	    SBX_IN(tokens_trim, .user = db_int(g->user_id), .kind = db_int(kind),
		.kept = db_int(SIM_SWEEP_TOKENS)),
	    NULL);
}

static enum db_rc
token_pair_add(struct db *db, struct token_grant *g, bool with_refresh)
{
	enum db_rc rc;

	crypto_token("pina_", g->access, sizeof(g->access));
	rc = db_exec(db, SBX_IN(users_use, .id = db_int(g->user_id)), NULL);
	if (rc == DB_OK)
		rc = token_add(db, g, TOKEN_ACCESS);
	if (rc != DB_OK || !with_refresh)
		return rc;
	crypto_token("pinr.", g->refresh, sizeof(g->refresh));
	g->refresh_expires_us = g->c->now_us + g->c->set.refresh_s * US_PER_S;
	return token_add(db, g, TOKEN_REFRESH);
}

static enum db_rc
code_grant_work(struct db *db, void *arg)
{
	struct token_grant *g = arg;
	enum db_rc rc = db_exec(db,
	    SBX_IN(codes_use, .hash = db_bytes(g->hash, sizeof(g->hash)),
		.redirect_uri = db_text(g->redirect_uri)),
	    NULL);

	if (rc == DB_OK)
		rc = db_row(db, SBX_IN(codes_get, .hash = db_bytes(g->hash, sizeof(g->hash))),
		    SBX_OUT(codes_get, .user_id = db_get_int(&g->user_id),
			.scope = db_get_text(&g->scope)));
	return rc == DB_OK ? token_pair_add(db, g, true) : rc;
}

static enum db_rc
refresh_grant_work(struct db *db, void *arg)
{
	struct token_grant *g = arg;
	const struct sim_settings *set = &g->c->set;
	bool keep = set->rotation == SIM_ROTATION_KEEP;
	int64_t grace_s = set->rotation == SIM_ROTATION_LENIENT ? set->rotation_grace_s : 0;
	enum db_rc rc =
	    db_row(db, SBX_IN(tokens_lock_refresh, .hash = db_bytes(g->hash, sizeof(g->hash))),
		SBX_OUT(tokens_lock_refresh, .user_id = db_get_int(&g->user_id),
		    .scope = db_get_text(&g->scope),
		    .expires_at = db_get_time(&g->refresh_expires_us)));

	if (rc == DB_OK && !keep)
		rc = db_exec(db,
		    SBX_IN(tokens_retire, .hash = db_bytes(g->hash, sizeof(g->hash)),
			.at = db_time(g->c->now_us + grace_s * US_PER_S)),
		    NULL);
	if (rc == DB_OK) {
		bool narrower =
		    g->wanted != NULL && *scopes_missing(g->wanted, g->scope, g->c->mem) == '\0';

		g->scope = scopes_granted(g->c, narrower ? g->wanted : g->scope);
	}
	return rc == DB_OK ? token_pair_add(db, g, !keep) : rc;
}

static void
token_pair_answer(struct sim_call *c, struct token_grant *g, const char *type, enum db_rc rc)
{
	struct json_object *o;

	if (rc == DB_NONE) {
		sim_view_error(c, 401, 283, "The authorization grant is invalid");
		return;
	}
	if (!sim_view_done(c, rc))
		return;
	o = json_object_new_object();
	json_put_text(o, "response_type", type);
	json_put_text(o, "access_token", g->access);
	json_put_text(o, "token_type", "bearer");
	json_put_int(o, "expires_in", c->set.access_s);
	json_put_text(o, "scope", g->scope);
	if (g->refresh[0] != '\0') {
		json_put_text(o, "refresh_token", g->refresh);
		json_put_int(o, "refresh_token_expires_in", c->set.refresh_s);
		json_put_int(o, "refresh_token_expires_at", g->refresh_expires_us / US_PER_S);
	}
	sim_reply_json(&c->reply, 200, o, c->mem);
}

void
sim_oauth_token(struct sim_call *c)
{
	const char *type = sim_form_value(c->req->body, "grant_type", c->mem);
	const char *code = sim_form_value(c->req->body, "code", c->mem);
	const char *refresh = sim_form_value(c->req->body, "refresh_token", c->mem);
	struct token_grant g = { .c = c };

	g.redirect_uri = sim_form_value(c->req->body, "redirect_uri", c->mem);
	g.wanted = sim_form_value(c->req->body, "scope", c->mem);
	if (strncasecmp(c->req->type, "application/x-www-form-urlencoded", 33) != 0 ||
	    type == NULL) {
		sim_view_error(c, 400, 1, "Invalid request: 'grant_type' is a required property");
	} else if (strcmp(type, "authorization_code") == 0 && code && g.redirect_uri) {
		token_hash(code, g.hash);
		token_pair_answer(c, &g, type, db_transact(c->db, code_grant_work, &g));
	} else if (strcmp(type, "refresh_token") == 0 && refresh) {
		token_hash(refresh, g.hash);
		token_pair_answer(c, &g, type, db_transact(c->db, refresh_grant_work, &g));
	} else {
		sim_view_error(
		    c, 400, 1, "Invalid request: the grant is not supported or incomplete");
	}
	crypto_wipe(&g, sizeof(g));
}

void
sim_oauth_revoke(struct sim_call *c)
{
	const char *token = sim_form_value(c->req->body, "token", c->mem);
	unsigned char hash[SHA256_SIZE];
	enum db_rc rc;

	if (!c->set.revocable) {
		sim_view_error(c, 403, 29, "You are not permitted to access that resource.");
		return;
	}
	token_hash(token == NULL ? "" : token, hash);
	rc = db_exec_any(c->db, SBX_IN(tokens_revoke, .hash = db_bytes(hash, sizeof(hash))), NULL);
	if (sim_view_done(c, rc))
		sim_reply_text(&c->reply, 200, NULL, "");
}
