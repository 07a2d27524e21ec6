/* Terms that people search for on Pinterest near given ones. */
#include <string.h>
#include <strings.h>

#include "app/api/boards.h"
#include "app/api/handlers.h"
#include "app/http/call.h"
#include "app/pinterest/upstream.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/pinterest_reports.h"
#include "lib/scopes.h"
#include "lib/text.h"
#include "lib/url.h"

#define TERMS_MAX 20
#define TERM_LENGTH_MAX 100

static const char *
terms_path(struct call *c, const char *const *terms)
{
	const char *path = "/terms/related";

	for (size_t i = 0; terms[i] != NULL; i++)
		path = arena_printf(
		    c->mem, "%s%sterms=%s", path, i == 0 ? "?" : "&", url_encode(terms[i], c->mem));
	return path;
}

/* Is the group about one of the terms themselves? */
static bool
group_asked_for(struct call *c, const struct pinterest_term_group *g, const char *const *terms)
{
	const char *term = text_squeeze(arena_alloc(c->mem, strlen(g->term) + 1), g->term);

	for (size_t i = 0; terms[i] != NULL; i++)
		if (strcasecmp(terms[i], term) == 0)
			return true;
	return false;
}

static struct json_object *
term_group_json(const struct pinterest_term_group *g)
{
	struct json_object *o = json_object_new_object(), *related = json_object_new_array();

	for (size_t i = 0; i < g->len; i++)
		json_object_array_add(related, json_object_new_string(g->related[i]));
	json_put_text(o, "term", g->term);
	json_put(o, "related_terms", related);
	return o;
}

static struct json_object *
terms_json(struct call *c, const struct pinterest_terms *t, const char *const *terms, bool exact)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();
	int64_t count = 0;

	for (size_t i = 0; i < t->len; i++) {
		if (exact && !group_asked_for(c, &t->groups[i], terms))
			continue;
		count += (int64_t)t->groups[i].len;
		json_object_array_add(list, term_group_json(&t->groups[i]));
	}
	json_put_text(o, "id", t->id != NULL ? t->id : terms[0]);
	json_put_int(o, "related_term_count", exact || t->count < 0 ? count : t->count);
	json_put(o, "related_terms_list", list);
	json_put_bool(o, "exact_match", exact);
	return o;
}

/* Pinterest would refuse it, too; but only here can it be said who has to do what. */
static void
refuse_without_ads(struct call *c, const struct store_account *account, struct problem *why)
{
	const char *lacks = scopes_missing(SCOPES_TERMS, account->scopes, c->mem);

	if (*lacks == '\0' || account->reconnect || account->revoked)
		return;
	problem_set(why, 409, "scope_missing",
	    arena_printf(c->mem,
		"Related terms need a permission that the Pinterest connection lacks: %s.", lacks));
	why->remediation =
	    scopes_remedy(lacks, c->app->conf->upstream[account->environment].scopes, c->mem);
}

/* GET /v1/pinterest/terms/related */
void
terms_related(struct call *c)
{
	struct upstream_ask ask = { .method = "GET" };
	struct problem why = { 0 };
	struct store_account account;
	struct pinterest_terms terms;
	struct http_answer a;
	enum upstream_result r;
	const char *const *asked;
	int exact = 0;

	asked = call_query_list(c, "terms", TERMS_MAX, TERM_LENGTH_MAX, &why);
	(void)call_query_bool(c, "exact_match", &exact, &why);
	if (call_refused(c, &why) || !boards_account_of_query(c, &account))
		return;
	refuse_without_ads(c, &account, &why);
	if (call_refused(c, &why))
		return;
	ask.path = terms_path(c, asked);
	r = upstream_account(c, &account, &ask, &a, &why);
	if (r == UPSTREAM_OK && pinterest_terms_parse(&terms, a.body, a.body_len, c->mem) == 0) {
		reply_json(&c->reply, 200, terms_json(c, &terms, asked, exact == 1));
		return;
	}
	if (r == UPSTREAM_OK)
		(void)upstream_misread(c, account.environment, &ask, &a, &why);
	reply_problem(&c->reply, &why);
}
