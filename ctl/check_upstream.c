/* Checks of what is called over HTTP: Pinterest or the simulator, and our own public address. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/check.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/http.h"
#include "lib/origin.h"
#include "lib/pinterest.h"
#include "lib/scopes.h"
#include "lib/url.h"

#define ANSWER_MOST (256 * 1024)
#define PUBLIC_TIMEOUT_MS 3000
#define CLOCK_MOST_US (5 * US_PER_S)

static void
get(struct checks *k, const char *url, int timeout_ms, struct http_answer *a)
{
	const struct http_request r = { .method = "GET",
		.url = url,
		.timeout_ms = timeout_ms,
		.max_body = ANSWER_MOST,
		.head = true };

	http_call(&r, k->mem, a);
}

static struct origin_answer
origin_answer(const struct http_answer *a)
{
	return (struct origin_answer){ .status = a->status,
		.request_id = a->request_id,
		.type = a->content_type,
		.location = a->location,
		.body = a->body != NULL ? a->body : "",
		.body_len = a->body_len,
		.complete = a->complete };
}

static const char *
answer_text(struct checks *k, const struct http_answer *a)
{
	const struct origin_answer o = origin_answer(a);

	return origin_text(&o, k->mem);
}

/* Pinterest refuses a request without a token in its own way. */
static bool
is_pinterest(struct checks *k, const struct http_answer *a)
{
	const struct origin_answer o = origin_answer(a);
	struct pinterest_error e;

	if (a->outcome != HTTP_ANSWERED || a->status != 401)
		return false;
	pinterest_error_parse(&e, a->body, a->body_len, k->mem);
	return origin_of(&o, &e, false) == ORIGIN_PINTEREST;
}

static void
check_pinterest_clock(struct checks *k, int64_t date_us)
{
	int64_t ahead = date_us - (clock_wall_us() + k->db_ahead_us);

	/* The header has whole seconds. */
	if (ahead > CLOCK_MOST_US || ahead < -CLOCK_MOST_US - US_PER_S)
		check_fault(k, CHECK_CLOCK_PINTEREST,
		    arena_printf(
			k->mem, "Pinterest's is %" PRId64 " s ahead", (int64_t)(ahead / US_PER_S)));
}

static void
check_answer(struct checks *k, const struct upstream *u, bool production)
{
	struct http_answer a;

	get(k, arena_printf(k->mem, "%s/user_account", u->base_url), (int)k->conf->call_timeout_ms,
	    &a);
	if (a.status == 0 || (a.outcome != HTTP_ANSWERED && a.error != NULL))
		check_fault(k, CHECK_UP_AWAY, arena_printf(k->mem, "%s: %s", u->base_url, a.error));
	else if (!is_pinterest(k, &a))
		check_fault(k, CHECK_UP_FOREIGN,
		    arena_printf(k->mem, "%s/user_account: %s", u->base_url, answer_text(k, &a)));
	else if (production && a.date_us != TIME_NONE && k->db_ahead_us != TIME_NONE)
		check_pinterest_clock(k, a.date_us);
	if (u->oauth_url == NULL)
		return;
	get(k, u->oauth_url, (int)k->conf->call_timeout_ms, &a);
	if (a.status == 0)
		check_fault(
		    k, CHECK_UP_OAUTH, arena_printf(k->mem, "%s: %s", u->oauth_url, a.error));
	else if (a.status == 404 || a.status >= 500)
		check_fault(k, CHECK_UP_OAUTH,
		    arena_printf(k->mem, "%s: %s", u->oauth_url, answer_text(k, &a)));
}

static bool
ends_in_v5(const char *url)
{
	size_t len = strlen(url);

	return len > 3 && strcmp(url + len - 3, "/v5") == 0;
}

static bool
leaves_in_the_clear(struct checks *k, const char *url)
{
	const char *host = url_host(url, k->mem);

	return strncasecmp(url, "http://", 7) == 0 &&
	       !(host != NULL && (strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0));
}

static void
check_upstream(struct checks *k, const char *name, enum environment environment)
{
	const struct upstream *u = &k->conf->upstream[environment];
	bool production = environment == ENV_PRODUCTION;
	const char *lacks;

	check_begin(k, arena_printf(k->mem, "[%s]", name),
	    u->base_url != NULL
		? u->base_url
		: arena_printf(k->mem, "base_url is not set: %s projects cannot publish", name));
	if (u->base_url == NULL)
		return;
	if (!ends_in_v5(u->base_url))
		check_fault(k, CHECK_UP_V5, u->base_url);
	if (production && leaves_in_the_clear(k, u->base_url))
		check_fault(k, CHECK_UP_HTTP, u->base_url);
	if (u->client_id == NULL)
		check_fault(k, CHECK_UP_NO_ID, name);
	if (u->client_secret == NULL)
		check_fault(k, CHECK_UP_NO_SECRET, name);
	if (u->oauth_url == NULL)
		check_fault(k, CHECK_UP_NO_OAUTH, name);
	lacks = scopes_missing(SCOPES_PUBLISH "," SCOPES_USER, u->scopes, k->mem);
	if (*lacks != '\0')
		check_fault(k, CHECK_UP_SCOPES, scopes_spaced(lacks, k->mem));
	if (!k->offline)
		check_answer(k, u, production);
}

/* Only what answers can be judged: a machine may be unable to reach its own public name. */
static void
check_public(struct checks *k)
{
	const char *url = arena_printf(k->mem, "%s/healthz", k->conf->public_url);
	struct http_answer a;

	get(k, url, PUBLIC_TIMEOUT_MS, &a);
	check_begin(k, "public address",
	    a.status != 0
		? "Pintempo answers"
		: arena_printf(k->mem, "not reached from here, which may be right: %s", a.error));
	if (a.fault == HTTP_F_TLS)
		check_fault(k, CHECK_URL_TLS, arena_printf(k->mem, "%s: %s", url, a.error));
	if (a.status == 0 || (a.body != NULL && strstr(a.body, "\"process\":\"ok\"") != NULL))
		return;
	check_fault(k,
	    a.body != NULL && strstr(a.body, "urn:pintempo:error:") != NULL ? CHECK_URL_AWAY
									    : CHECK_URL_OTHER,
	    arena_printf(k->mem, "%s: %s", url, answer_text(k, &a)));
}

void
check_upstreams(struct checks *k)
{
	if (!k->offline)
		http_start();
	check_upstream(k, "production", ENV_PRODUCTION);
	check_upstream(k, "sandbox", ENV_SANDBOX);
	if (!k->offline)
		check_public(k);
}
