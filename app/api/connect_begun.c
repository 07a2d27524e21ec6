/*
 * Binds a connection to who began it. The cookie's name has __Host- wherever browsers accept that:
 * with https, and on the own machine. It differs between connections, so that several may go on in
 * one browser.
 */
#include "app/api/connect_begun.h"

#include <string.h>

#include "app/http/auth.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/keyring.h"
#include "lib/url.h"
#include "sql/stmt.h"

#define NAME_DIGITS 8 /* of the value, in the name */
#define LIFE_S (OAUTH_STATE_LIFE_US / US_PER_S)

bool
connect_begun_load(
    struct call *c, const struct oauth_state *s, struct connect_begun *out, struct problem *why)
{
	const char *role = NULL;
	int64_t environment = 0, scopes = 0;
	bool may;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(connect_begun_get, .project = db_uuid(&s->project_id),
		.user = db_uuid(&s->user_id), .key = db_uuid(&s->key_id),
		.account = db_uuid(&s->account_id)),
	    SQL_OUT(connect_begun_get, .project = db_get_text(&out->project),
		.organization = db_get_text(&out->organization),
		.environment = db_get_int(&environment), .username = db_get_text(&out->username),
		.role = db_get_text(&role), .key_scopes = db_get_int(&scopes)));

	out->environment = environment == ENV_SANDBOX ? ENV_SANDBOX : ENV_PRODUCTION;
	if (rc != DB_OK && rc != DB_NONE) {
		problem_set(why, 503, "service_unavailable", "The database cannot be reached.");
		why->retry_after_s = 5;
		return false;
	}
	may = uuid_is_nil(&s->key_id) ? (role_permissions(role) & PERM_CONNECT) != 0
				      : (scopes & SCOPE_WRITE) != 0;
	if (rc == DB_OK && may)
		return true;
	problem_set(why, 403, "forbidden",
	    "Who asked for this connection may not connect accounts any more. Nothing was "
	    "connected.");
	return false;
}

/* Browsers take cookies for https only from addresses of the own machine, too. */
static bool
cookies_secure(const struct call *c)
{
	const char *url = c->app->conf->public_url, *host = url_host(url, c->mem);

	return strncmp(url, "https://", 8) == 0 ||
	       (host != NULL && (strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
				    strncmp(host, "127.", 4) == 0));
}

/* "name=value" */
static const char *
cookie_pair(const struct call *c, enum connect_step step, const void *secret, size_t len)
{
	static const char *const labels[] = {
		[CONNECT_SHOWN] = "connect.shown", [CONNECT_GONE_ON] = "connect.gone_on"
	};
	unsigned char proof[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];

	keyring_sign(c->app->keys, labels[step], secret, len, proof);
	(void)crypto_hex(proof, sizeof(proof), hex);
	return arena_printf(c->mem, "%spintempo_connect_%.*s=%s",
	    cookies_secure(c) ? "__Host-" : "", NAME_DIGITS, hex, hex);
}

void
connect_cookie_set(struct call *c, enum connect_step step, const void *secret, size_t len)
{
	c->reply.cookie = arena_printf(c->mem, "%s; Max-Age=%d; Path=/; HttpOnly; SameSite=%s%s",
	    cookie_pair(c, step, secret, len), (int)LIFE_S,
	    step == CONNECT_SHOWN ? "Strict" : "Lax", cookies_secure(c) ? "; Secure" : "");
}

bool
connect_cookie_sent(const struct call *c, enum connect_step step, const void *secret, size_t len)
{
	const char *want = cookie_pair(c, step, secret, len), *at = c->req->cookie;
	size_t n;

	for (; at != NULL && *at != '\0'; at += n + (at[n] != '\0')) {
		at += strspn(at, " \t");
		n = strcspn(at, ";");
		if (crypto_equal(at, n, want, strlen(want)))
			return true;
	}
	return false;
}

bool
connect_credential_sent(const struct call *c)
{
	return (c->req->authorization != NULL && c->req->authorization[0] != '\0') ||
	       (c->req->api_key != NULL && c->req->api_key[0] != '\0');
}

bool
connect_begun_by_caller(struct call *c, const struct oauth_state *s)
{
	bool same;

	if (!auth_check(c, AUTH_ANY) || !auth_permitted(c, SCOPE_WRITE, PERM_CONNECT))
		return false;
	if (c->who.kind == WHO_SESSION)
		same = uuid_is_nil(&s->key_id) && uuid_equal(&c->who.user_id, &s->user_id);
	else
		same = !uuid_is_nil(&s->key_id) && uuid_equal(&c->who.project_id, &s->project_id) &&
		       (c->who.account_ids == NULL || call_account_listed(c, &s->account_id));
	if (same && uuid_is_nil(&s->link_id))
		return true;
	reply_error(&c->reply, 403, "forbidden",
	    "Another credential began this connection, so nothing was connected.");
	return false;
}
