/* Figures of Pinterest. A cache that fails costs a call more, and nothing else. */
#include "app/pinterest/report.h"

#include <string.h>

#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/pinterest_reports.h"
#include "sql/stmt.h"

#define CACHED_MAX 100 /* answers of one account */
#define TURN_WAIT_S 5

struct report_ask {
	struct call *c;
	const struct store_account *account;
	enum report_kind kind;
	const char *path;
	unsigned char question[SHA256_SIZE];
	const char *turn; /* name of the lock */
};

/* True: it was there. */
static bool
report_cached(const struct report_ask *r, struct report *out)
{
	const struct json_limits limits = { 16, 200000 };
	struct call *c = r->c;
	struct json_fault ignored;
	const char *answer = NULL;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(analytics_cache_get, .project = db_uuid(&r->account->project_id),
		.account = db_uuid(&r->account->id),
		.question = db_bytes(r->question, sizeof(r->question)),
		.seconds = db_int(c->app->conf->analytics_cache_s)),
	    SQL_OUT(analytics_cache_get, .answer = db_get_text(&answer),
		.fetched_at = db_get_time(&out->as_of_us)));

	if (rc == DB_OK && answer != NULL)
		out->value = json_parse(answer, strlen(answer), &limits, &ignored);
	return out->value != NULL;
}

static void
report_keep(const struct report_ask *r, const struct report *out)
{
	struct call *c = r->c;

	(void)db_exec_any(c->db,
	    SQL_IN(analytics_cache_trim, .project = db_uuid(&r->account->project_id),
		.account = db_uuid(&r->account->id), .most = db_int(CACHED_MAX - 1),
		.seconds = db_int(c->app->conf->analytics_cache_s)),
	    NULL);
	(void)db_exec_any(c->db,
	    SQL_IN(analytics_cache_put, .project = db_uuid(&r->account->project_id),
		.account = db_uuid(&r->account->id),
		.question = db_bytes(r->question, sizeof(r->question)),
		.answer = db_text(json_dump(out->value, NULL)), .now = db_time(out->as_of_us)),
	    NULL);
}

static enum upstream_result
report_ask(const struct report_ask *r, struct report *out, struct problem *why)
{
	const struct upstream_ask ask = { .method = "GET", .path = r->path };
	struct http_answer a;
	enum upstream_result result = upstream_account(r->c, r->account, &ask, &a, why);

	if (result != UPSTREAM_OK)
		return result;
	out->as_of_us = r->c->now_us;
	switch (r->kind) {
	case REPORT_FIGURES: out->value = pinterest_report_parse(a.body, a.body_len); break;
	case REPORT_TOP_PINS: out->value = pinterest_top_pins_parse(a.body, a.body_len); break;
	}
	if (out->value == NULL)
		return upstream_misread(r->c, r->account->environment, &ask, &a, why);
	return UPSTREAM_OK;
}

/* Waits while somebody asks the same thing, but not for long. True: turn_end() must follow. */
static bool
turn_take(const struct report_ask *r)
{
	int64_t got = 0;

	return db_row(r->c->db,
		   SQL_IN(analytics_turn_take, .name = db_text(r->turn),
		       .seconds = db_int(TURN_WAIT_S)),
		   SQL_OUT(analytics_turn_take, .got = db_get_int(&got))) == DB_OK &&
	       got == 1;
}

static void
turn_end(const struct report_ask *r)
{
	int64_t freed;

	(void)db_row(r->c->db, SQL_IN(analytics_turn_end, .name = db_text(r->turn)),
	    SQL_OUT(analytics_turn_end, .freed = db_get_int(&freed)));
}

enum upstream_result
report_fetch(struct call *c, const struct store_account *account, enum report_kind kind,
    const char *path, struct report *out, struct problem *why)
{
	struct report_ask r = { .c = c, .account = account, .kind = kind, .path = path };
	enum upstream_result result = UPSTREAM_OK;
	char account_text[UUID_TEXT_SIZE], hex[SHA256_HEX_SIZE];
	const char *asked;
	bool mine;

	*out = (struct report){ .value = NULL };
	if (c->app->conf->analytics_cache_s == 0)
		return report_ask(&r, out, why);
	asked = arena_printf(c->mem, "%s %s", uuid_format(&account->id, account_text), path);
	crypto_sha256(asked, strlen(asked), r.question);
	r.turn = arena_printf(c->mem, "pt:%.60s", crypto_hex(r.question, SHA256_SIZE, hex));
	if (report_cached(&r, out))
		return UPSTREAM_OK;
	mine = turn_take(&r);
	if (!report_cached(&r, out)) {
		result = report_ask(&r, out, why);
		if (result == UPSTREAM_OK)
			report_keep(&r, out);
	}
	if (mine)
		turn_end(&r);
	return result;
}
