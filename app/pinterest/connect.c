/*
 * Connects a Pinterest account, for a user in a browser and for a sandbox project, which connects
 * itself. Tokens are sealed before they reach the database.
 */
#include "app/pinterest/connect.h"

#include <string.h>

#include "app/http/call.h"
#include "app/http/limits.h"
#include "app/pinterest/upstream.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/keyring.h"
#include "lib/pinterest.h"
#include "lib/sandbox_name.h"
#include "lib/url.h"
#include "sql/stmt.h"

#define WEEK_S (7 * 86400)
#define TOKEN_MAX 4000

struct connection {
	struct call *c;
	const struct connect_ask *ask;
	struct connect_done *done;
	struct pinterest_token token;
	struct pinterest_user user;
	struct uuid lane_id;
	bool more;           /* the project has one account more then */
	struct problem full; /* 409: it may not */
	bool dead;           /* Pinterest refuses the token that the account has */
};

/* Where Pinterest sends the user's browser back to; in the arena. */
static const char *
connect_redirect_uri(struct call *c)
{
	return arena_printf(c->mem, "%s" OAUTH_CALLBACK_PATH, c->app->conf->public_url);
}

const char *
connect_authorize_url(
    struct call *c, const struct uuid *project_id, enum environment environment, const char *state)
{
	const struct uuid shown = uuid_project_shown(project_id); /* a reset changes nothing */
	const struct upstream *u = &c->app->conf->upstream[environment];
	const char *url = arena_printf(c->mem,
	    "%s%cclient_id=%s&redirect_uri=%s&response_type=code&scope=%s&state=%s", u->oauth_url,
	    strchr(u->oauth_url, '?') != NULL ? '&' : '?', url_encode(u->client_id, c->mem),
	    url_encode(connect_redirect_uri(c), c->mem),
	    url_encode(u->scopes != NULL ? u->scopes : "", c->mem), url_encode(state, c->mem));

	if (environment != ENV_SANDBOX)
		return url;
	/* the simulator has one user per sandbox: connecting again finds the same account */
	return arena_printf(c->mem, "%s&sandbox_user=%s", url,
	    sandbox_name_make(u->client_secret, &shown, state, c->mem));
}

static void
answer_unusable(struct problem *why, const char *message)
{
	problem_set(why, 502, "pinterest_unavailable", message);
	why->remediation = "Start the connection again.";
}

static void
not_stored(struct problem *why, enum db_rc rc)
{
	problem_set(why, rc == DB_FAIL ? 500 : 503,
	    rc == DB_FAIL ? "internal_error" : "service_unavailable",
	    "The connection could not be stored.");
	why->retry_after_s = rc == DB_FAIL ? 0 : 5;
}

static bool
code_exchange(struct connection *k, struct problem *why)
{
	struct call *c = k->c;
	const struct upstream_ask ask = { .method = "POST",
		.path = "/oauth/token",
		.type = "application/x-www-form-urlencoded",
		.body = pinterest_code_form(k->ask->code, connect_redirect_uri(c), c->mem) };
	struct http_answer a;
	enum upstream_result r =
	    upstream_plain(c, k->ask->environment, &k->ask->project_id, NULL, &ask, &a, why);

	if (r == UPSTREAM_REFUSED) {
		problem_set(
		    why, 400, "bad_request", "Pinterest did not accept the authorization code.");
		why->remediation =
		    "Start the connection again; a code is good once and for a short time.";
	}
	if (r != UPSTREAM_OK)
		return false;
	if (pinterest_token_parse(&k->token, a.body, a.body_len, c->mem) == 0 &&
	    strlen(k->token.access_token) < TOKEN_MAX &&
	    (k->token.refresh_token == NULL || strlen(k->token.refresh_token) < TOKEN_MAX))
		return true;
	answer_unusable(why, "Pinterest's answer to the authorization code cannot be used.");
	return false;
}

static bool
user_identify(struct connection *k, struct problem *why)
{
	struct call *c = k->c;
	const struct upstream_ask ask = { .method = "GET", .path = "/user_account" };
	struct http_answer a;
	enum upstream_result r = upstream_plain(
	    c, k->ask->environment, &k->ask->project_id, k->token.access_token, &ask, &a, why);

	if (r == UPSTREAM_REFUSED && strcmp(why->code, "scope_missing") == 0) {
		problem_set(why, 409, "scope_missing",
		    arena_printf(c->mem,
			"Pinterest cannot say whose account this is. %s Nothing was changed.",
			k->done->grant.message != NULL ? k->done->grant.message : why->message));
		why->remediation = "Connect again and grant all permissions.";
	}
	if (r != UPSTREAM_OK)
		return false;
	if (pinterest_user_parse(&k->user, a.body, a.body_len, c->mem) == 0 && k->user.id != NULL) {
		k->done->username = k->user.username;
		return true;
	}
	answer_unusable(why, "Pinterest did not say which user this account belongs to.");
	return false;
}

static const char *
user_shown(const char *username, const char *id, struct arena *mem)
{
	return username != NULL ? arena_printf(mem, "@%s", username)
				: arena_printf(mem, "user %s", id);
}

/* Is this the user whose account is to be connected again? */
static bool
user_expected(struct connection *k, struct problem *why)
{
	struct call *c = k->c;
	const char *id, *name, *wanted;
	enum db_rc rc;

	if (uuid_is_nil(&k->ask->account_id))
		return true;
	rc = db_row(c->db,
	    SQL_IN(account_name, .project = db_uuid(&k->ask->project_id),
		.id = db_uuid(&k->ask->account_id)),
	    SQL_OUT(account_name, .pinterest_user_id = db_get_text(&id),
		.username = db_get_text(&name)));
	if (rc == DB_OK && strcmp(id, k->user.id) == 0)
		return true;
	if (rc != DB_OK) {
		not_stored(why, rc);
		return false;
	}
	wanted = user_shown(name, id, c->mem);
	problem_set(why, 409, "conflict",
	    arena_printf(c->mem,
		"The browser is logged in to Pinterest as %s, but the account to connect again is "
		"%s. Nothing was changed.",
		user_shown(k->user.username, k->user.id, c->mem), wanted));
	why->remediation = arena_printf(
	    c->mem, "Log in to Pinterest as %s and start the connection again.", wanted);
	return false;
}

static enum db_rc
lane_find_or_create(struct db *db, struct connection *k, int64_t now_us)
{
	enum db_rc rc = db_row(db,
	    SQL_IN(
		lane_find, .environment = db_int(k->ask->environment), .user = db_text(k->user.id)),
	    SQL_OUT(lane_find, .id = db_get_uuid(&k->lane_id)));

	if (rc == DB_OK)
		return store_lane_wake(db, &k->lane_id, now_us);
	if (rc != DB_NONE)
		return rc;
	k->lane_id = uuid_v7(now_us);
	rc = db_exec(db,
	    SQL_IN(lane_insert, .id = db_uuid(&k->lane_id),
		.environment = db_int(k->ask->environment), .user = db_text(k->user.id),
		.shard = db_int(uuid_shard(&k->lane_id))),
	    NULL);
	return rc == DB_DUP ? DB_RETRY : rc;
}

/* Seals one token for its column; NULL stays NULL. */
static struct db_param
token_sealed(struct connection *k, const char *label, const char *token)
{
	unsigned char *out;
	size_t len;

	if (token == NULL)
		return db_null();
	len = strlen(token);
	out = arena_alloc(k->c->mem, len + KEYRING_OVERHEAD);
	len = keyring_seal(k->c->app->keys, label, &k->done->account_id, token, len, out);
	return db_bytes(out, len);
}

/* Why a working account is better off with the grant that it has; NULL: it is not. */
static const char *
poorer(const struct connection *k, const char *asked, const char *before, bool renewable)
{
	struct arena *mem = k->c->mem;
	const struct scopes_grant *g = &k->done->grant;
	const char *lost = scopes_lost(g, asked, before, mem);

	if (*lost != '\0')
		return arena_printf(mem,
		    "This time permissions were not granted that it has: %s. Connect again and "
		    "grant "
		    "them to renew the connection.",
		    scopes_spaced(lost, mem));
	if (renewable && k->token.refresh_token == NULL &&
	    *scopes_missing(g->granted, before, mem) == '\0')
		return "This time Pinterest gave no token to renew it with, so it would end "
		       "sooner.";
	return NULL;
}

static enum db_rc
account_find(struct db *db, struct connection *k)
{
	const char *asked = k->c->app->conf->upstream[k->ask->environment].scopes;
	const char *before;
	int64_t usable = 0, renewable = 0, revoked = 0;
	enum db_rc rc = db_row(db,
	    SQL_IN(
		account_find, .project = db_uuid(&k->ask->project_id), .user = db_text(k->user.id)),
	    SQL_OUT(account_find, .id = db_get_uuid(&k->done->account_id),
		.scopes = db_get_text(&before), .usable = db_get_int(&usable),
		.renewable = db_get_int(&renewable), .revoked = db_get_int(&revoked)));

	k->done->known = rc == DB_OK;
	k->more = rc == DB_NONE || revoked != 0;
	k->done->kept = rc == DB_OK && usable != 0 && !k->dead
			    ? poorer(k, asked, before, renewable != 0)
			    : NULL;
	return rc;
}

/* An account is kept as it is only if it works: its owner may have withdrawn what it has. */
static void
account_probe(struct connection *k)
{
	struct call *c = k->c;
	const struct upstream_ask ask = { .method = "GET", .path = "/user_account" };
	struct store_account account;
	struct problem why = { 0 };
	struct http_answer a;

	if (account_find(c->db, k) == DB_OK && k->done->kept != NULL &&
	    store_account_get(c->db, &k->ask->project_id, &k->done->account_id, &account) == DB_OK)
		k->dead = upstream_account(c, &account, &ask, &a, &why) == UPSTREAM_REFUSED &&
			  a.status == 401 && strcmp(why.code, "token_expired") == 0;
}

static enum db_rc
account_save(struct db *db, struct connection *k, int64_t now_us)
{
	struct connect_done *d = k->done;
	int64_t life = k->token.expires_in_s, early = life / 2;
	enum db_rc rc;

	if (!d->known)
		d->account_id = uuid_v7(now_us);
	if (k->token.refresh_token == NULL)
		d->ends_us = now_us + life * US_PER_S;
	if (life > WEEK_S && life - WEEK_S < early)
		early = life - WEEK_S;
	rc = db_exec(db,
	    SQL_IN_LIKE(account_insert,
		d->known ? SQL_LIKE(account_insert, account_reconnect) : SQL_account_insert,
		.project = db_uuid(&k->ask->project_id), .id = db_uuid(&d->account_id),
		.lane = db_uuid(&k->lane_id), .shard = db_int(uuid_shard(&k->lane_id)),
		.user = db_text(k->user.id), .username = db_text(k->user.username),
		.display = db_text(k->user.name), .scopes = db_text(d->grant.granted),
		.missing = db_text(d->grant.missing),
		.access = token_sealed(k, KEYRING_ACCESS_TOKEN, k->token.access_token),
		.refresh = token_sealed(k, "pinterest_accounts.refresh", k->token.refresh_token),
		.life = db_int(life),
		.refresh_life = k->token.refresh_expires_in_s > 0
				    ? db_int(k->token.refresh_expires_in_s)
				    : db_null(),
		.early = k->token.refresh_token != NULL ? db_int(early) : db_null(),
		.health = db_int(!d->grant.publishes),
		.health_code = db_text(d->grant.publishes ? NULL : "scope_missing"),
		.health_message = db_text(d->grant.message)),
	    NULL);
	return rc == DB_DUP ? DB_RETRY : rc;
}

static enum db_rc
connection_save(struct db *db, void *arg)
{
	struct connection *k = arg;
	struct activity done = { .action = ACTIVITY_ACCOUNT_CONNECTED };
	int64_t now_us;
	enum db_rc rc = db_now(db, &now_us);

	if (rc == DB_OK)
		rc = lane_find_or_create(db, k, now_us);
	if (rc == DB_OK)
		rc = account_find(db, k);
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	if (k->more)
		rc = limits_claim(k->c, LIMIT_ACCOUNTS, &k->ask->project_id, 1, &k->full);
	if (problem_any(&k->full))
		return DB_NONE;
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	if (k->done->kept != NULL) {
		done.action = ACTIVITY_ACCOUNT_CONNECT_FAILED;
		rc = DB_OK;
	} else {
		rc = account_save(db, k, now_us);
	}
	if (rc != DB_OK)
		return rc;
	done.account_id = done.resource_id = k->done->account_id;
	return store_activity(db, &k->ask->project_id, &k->ask->by, &done);
}

bool
connect_code(
    struct call *c, const struct connect_ask *ask, struct connect_done *done, struct problem *why)
{
	struct connection k = { .c = c, .ask = ask, .done = done };
	enum db_rc rc;

	memset(done, 0, sizeof(*done));
	done->ends_us = TIME_NONE;
	if (!code_exchange(&k, why))
		return false;
	scopes_examine(
	    &done->grant, c->app->conf->upstream[ask->environment].scopes, k.token.scope, c->mem);
	if (!user_identify(&k, why) || !user_expected(&k, why))
		return false;
	account_probe(&k);
	rc = db_transact(c->db, connection_save, &k);
	/* COMMIT in doubt: running it again finds or creates the account */
	if (rc == DB_UNKNOWN)
		rc = db_transact(c->db, connection_save, &k);
	if (problem_any(&k.full)) {
		*why = k.full;
		return false;
	}
	if (rc != DB_OK) {
		not_stored(why, rc);
		return false;
	}
	c->wake_worker = true;
	return true;
}
