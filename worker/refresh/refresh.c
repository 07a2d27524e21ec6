/*
 * Token refresh: mark as begun in the table, ask Pinterest, save. Invariant: a new pair exists only
 * in a refresh_result, which is submitted until the database has it.
 */
#include "worker/refresh/refresh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/arena.h"
#include "lib/backoff.h"
#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/crash.h"
#include "lib/crypto.h"
#include "lib/keyring.h"
#include "lib/log.h"
#include "lib/origin.h"
#include "lib/pinterest.h"
#include "lib/utf8.h"
#include "lib/xalloc.h"
#include "worker/frame/dbq.h"
#include "lib/fair_places.h"
#include "worker/frame/loop.h"
#include "worker/frame/periodic.h"
#include "worker/refresh/refresh_db.h"
#include "worker/frame/shards.h"
#include "worker/http/transport.h"
#include "worker/frame/worker.h"

#define ACCESS_LABEL KEYRING_ACCESS_TOKEN
#define REFRESH_LABEL "pinterest_accounts.refresh"
/* In sum less than the 30 s after which another worker may begin with the same token. */
#define GATE_MS 10000
#define TIMEOUT_MS 15000
#define ANSWER_MAX 65536
#define WAIT_BASE_MS 5000
#define WAIT_CAP_MS 900000
#define SAVE_AGAIN_US (250 * US_PER_MS)
#define SAVE_REFUSED_US (5 * US_PER_S)
#define WEEK_S (7 * 86400LL)
/* Renewals under way in production; of these a part for the sandbox, of each a part for a project.
 */
#define REFRESHES_MAX 64
#define SANDBOX_PART 4
#define PROJECT_PART 2
#define ACCOUNTS_LOGGED 10 /* lines in a minute about one project's accounts */
#define FAILURES_MAX 256   /* accounts whose failures in a row are remembered */

/* How often in a row an account's refresh has failed, for the backoff. */
struct failures {
	struct uuid account_id;
	unsigned n;
};

struct refresh {
	struct periodic beginning;
	struct worker *w;
	LIST_HEAD(, refresh_flight) flights;
	unsigned in_flight;
	struct fair_places *shares[ENV__COUNT];
	struct failures failures[FAILURES_MAX];
	unsigned tried[ENV__COUNT], dead[ENV__COUNT];
	bool warned[ENV__COUNT]; /* that the app's secret may be wrong */
};

struct refresh_flight {
	struct refresh *r;
	struct refresh_begun begun;
	struct refresh_result *result;
	int64_t save_at_us; /* monotonic; LOOP_NEVER: being saved, or not known yet */
	bool save_failed;
	LIST_ENTRY(refresh_flight) link;
};

/* ---- failures in a row ---- */

static struct failures *
failures_of(struct refresh *r, const struct uuid *account)
{
	/* Two accounts in one slot overwrite each other's count: only the backoff starts again. */
	struct failures *f = &r->failures[account->b[15] % FAILURES_MAX];

	if (!uuid_equal(&f->account_id, account)) {
		f->account_id = *account;
		f->n = 0;
	}
	return f;
}

/* ---- shares ---- */

static void
share_give(struct refresh_flight *f)
{
	struct fair_places *shares = f->r->shares[f->begun.environment];

	/* Accounts that were passed over may be due. */
	f->r->beginning.rerun |= !fair_places_open(shares, &f->begun.project_id);
	fair_places_give(shares, &f->begun.project_id);
}

static bool
project_named(const struct uuid *list, size_t n, const struct uuid *project)
{
	for (size_t i = 0; i < n; i++)
		if (uuid_equal(&list[i], project))
			return true;
	return false;
}

/* Whoever has no place is in no list: its environment is not asked for when nothing is free. */
static void
list_full_projects(const struct refresh *r, struct uuid full[REFRESH_FULL])
{
	const struct refresh_flight *f;
	size_t n = 0;

	LIST_FOREACH(f, &r->flights, link)
	{
		const struct uuid *project = &f->begun.project_id;

		if (n < REFRESH_FULL && !project_named(full, n, project) &&
		    !fair_places_open(r->shares[f->begun.environment], project))
			full[n++] = *project;
	}
}

/* Lines of its accounts are counted by project, so that none of another project goes under. */
#define LOG_ACCOUNT(f, event, fmt, ...)                                                            \
	do {                                                                                       \
		char kind_[96], project_[UUID_TEXT_SIZE], account_[UUID_TEXT_SIZE];                \
                                                                                                   \
		snprintf(kind_, sizeof(kind_), event " project=%s",                                \
		    uuid_format_project(&(f)->begun.project_id, project_));                        \
		log_counted(LOG_LVL_WARN, ACCOUNTS_LOGGED, kind_,                                  \
		    event " account=%s project=%s " fmt,                                           \
		    uuid_format(&(f)->begun.account_id, account_), project_, __VA_ARGS__);         \
	} while (0)

/* ---- saving ---- */

static void
flight_end(struct refresh_flight *f)
{
	LIST_REMOVE(f, link);
	shards_unpin(f->r->w->shards, f->begun.shard);
	share_give(f);
	f->r->in_flight--;
	if (f->result != NULL)
		crypto_wipe(f->result, sizeof(*f->result));
	free(f->result);
	crypto_wipe(&f->begun, sizeof(f->begun));
	free(f);
}

static enum db_rc
refresh_save_run(struct db *db, void *arg)
{
	const struct refresh_flight *f = arg;

	return refresh_db_save(db, f->result);
}

static void
refresh_save_done(void *arg, enum db_rc rc)
{
	struct refresh_flight *f = arg;
	struct worker *w = f->r->w;
	bool last = rc == DB_FAIL && (f->result->what != REFRESH_STORE || w->draining);
	char id[UUID_TEXT_SIZE];

	shards_lost(w->shards, f->result->lost);
	if (rc == DB_OK || rc == DB_NONE || last) {
		if (rc != DB_OK)
			log_warn("event=refresh_not_saved account=%s rc=%s",
			    uuid_format(&f->begun.account_id, id), db_rc_name(rc));
		else if (f->result->what != REFRESH_LATER)
			worker_wake(w, WAKE_TURN);
		flight_end(f);
	} else {
		if (!f->save_failed)
			log_warn("event=refresh_save_waits account=%s rc=%s",
			    uuid_format(&f->begun.account_id, id), db_rc_name(rc));
		f->save_failed = true;
		/* Nobody else knows a new pair, so even one the database refuses is retried. */
		f->save_at_us = clock_mono_us() + (rc == DB_FAIL ? SAVE_REFUSED_US : SAVE_AGAIN_US);
	}
	loop_poke(w->loop);
}

static void
refresh_save(struct refresh_flight *f)
{
	shards_leases(f->r->w->shards, &f->result->leases);
	f->save_at_us = LOOP_NEVER;
	dbq_submit(f->r->w->dbq, DBQ_SAVE, refresh_save_run, refresh_save_done, f);
}

/* ---- Pinterest's answer ---- */

/* When more than half are refused it may be the app, not the accounts. */
static void
count_refused(struct refresh *r, int64_t env)
{
	r->dead[env]++;
	if (r->tried[env] < 2 || r->dead[env] * 2 <= r->tried[env] || r->warned[env])
		return;
	r->warned[env] = true;
	log_error("event=refresh_mostly_refused environment=%s tried=%u refused=%u "
		  "hint=\"check client_id and client_secret_file of the Pinterest app\"",
	    conf_environment_name((enum environment)env), r->tried[env], r->dead[env]);
}

static void
result_refused(struct refresh_flight *f, const struct pinterest_error *e)
{

	f->result->what = REFRESH_DEAD;
	snprintf(f->result->message, sizeof(f->result->message),
	    "Pinterest refused to renew the authorization (code %lld). Connect the account again.",
	    (long long)e->code);
	LOG_ACCOUNT(f, "event=account_reconnect_required", "code=%lld", (long long)e->code);
}

static void
result_later(struct refresh_flight *f, const struct outcome *o)
{
	struct failures *n = failures_of(f->r, &f->begun.account_id);
	int64_t now_us = worker_db_now(f->r->w, clock_mono_us());
	int64_t asked_s = pinterest_wait_s(o->ratelimit_reset, o->retry_after, now_us);

	f->result->what = REFRESH_LATER;
	f->result->wait_ms =
	    backoff_ms(n->n < 20 ? ++n->n : n->n, WAIT_BASE_MS, WAIT_CAP_MS, crypto_random32());
	if (o->status == 429 && asked_s * 1000 > f->result->wait_ms)
		f->result->wait_ms = asked_s * 1000;
	LOG_ACCOUNT(f, "event=refresh_failed", "status=%ld fault=%d wait_ms=%lld why=\"%s\"",
	    o->status, (int)o->fault, (long long)f->result->wait_ms, f->result->foreign);
}

static size_t
seal_token(const struct refresh_flight *f, const char *label, const char *token,
    unsigned char out[REFRESH_SEALED_MAX])
{
	size_t len = token != NULL ? strlen(token) : 0;

	if (len == 0 || len + KEYRING_OVERHEAD > REFRESH_SEALED_MAX)
		return 0;
	return keyring_seal(f->r->w->keyring, label, &f->begun.account_id, token, len, out);
}

/* A refresh may return fewer scopes than the account had. Without any in the answer they stay. */
static void
result_scopes(struct refresh_flight *f, const char *granted, struct arena *mem)
{
	const char *asked = f->r->w->conf->upstream[f->begun.environment].scopes;
	struct refresh_result *r = f->result;
	struct scopes_grant g;

	if (granted == NULL)
		return;
	scopes_examine(&g, asked, granted, mem);
	r->scoped = true;
	r->reconnect = !g.publishes;
	snprintf(r->scopes, sizeof(r->scopes), "%s", g.granted);
	snprintf(r->missing, sizeof(r->missing), "%s", g.missing);
	snprintf(r->message, sizeof(r->message), "%s", g.message != NULL ? g.message : "");
	if (r->reconnect)
		LOG_ACCOUNT(f, "event=account_reconnect_required", "missing_scopes=%s", g.missing);
}

/* 0, or -1: no usable pair in the answer. */
static int
result_store(struct refresh_flight *f, const struct outcome *o, struct arena *mem)
{
	struct refresh_result *r = f->result;
	struct pinterest_token t;

	if (pinterest_token_parse(&t, o->body, o->body_len, mem) == -1)
		return -1;
	r->what = REFRESH_STORE;
	r->access_len = seal_token(f, ACCESS_LABEL, t.access_token, r->access);
	r->refresh_len = seal_token(f, REFRESH_LABEL, t.refresh_token, r->refresh);
	if (r->access_len == 0)
		return -1;
	r->life_s = t.expires_in_s;
	r->refresh_life_s = t.refresh_expires_in_s;
	r->early_s = t.expires_in_s / 2;
	if (t.expires_in_s > WEEK_S && t.expires_in_s - WEEK_S < r->early_s)
		r->early_s = t.expires_in_s - WEEK_S;
	result_scopes(f, t.scope, mem);
	failures_of(f->r, &f->begun.account_id)->n = 0;
	return 0;
}

/* Pinterest's own error; otherwise code 0, because nobody else can refuse an account. */
static struct pinterest_error
token_error(struct refresh_flight *f, const struct outcome *o, struct arena *mem)
{
	const struct upstream *up = &f->r->w->conf->upstream[f->begun.environment];
	struct origin_answer a = outcome_answer(o);
	struct pinterest_token t;
	struct pinterest_error e;

	a.secret = o->status / 100 == 2;
	pinterest_error_parse(&e, o->body, o->body_len, mem);
	switch (origin_of(&a, &e, pinterest_token_parse(&t, o->body, o->body_len, mem) == 0)) {
	case ORIGIN_PINTEREST: return e;
	case ORIGIN_FOREIGN:
		snprintf(f->result->foreign, sizeof(f->result->foreign),
		    "%.120s answered a renewal of tokens with %s", up->base_url,
		    origin_text(&a, mem));
		break;
	case ORIGIN_CUT: break;
	}
	return (struct pinterest_error){ .message = "" };
}

static void
on_token_answer(void *arg, const struct outcome *o)
{
	struct refresh_flight *f = arg;
	struct refresh *r = f->r;
	struct arena *mem = arena_new();
	struct pinterest_error e = { .message = "" };
	bool answered = o->result == OUTCOME_ANSWERED && o->complete;

	CRASH_POINT("refresh.answered");
	f->result = xcalloc(1, sizeof(*f->result));
	f->result->account_id = f->begun.account_id;
	f->result->project_id = f->begun.project_id;
	f->result->lane_id = f->begun.lane_id;
	f->result->shard = f->begun.shard;
	f->result->version = f->begun.version;
	f->result->started_us = f->begun.started_us;
	f->result->environment = f->begun.environment;
	if (o->result == OUTCOME_ANSWERED)
		e = token_error(f, o, mem);
	if (answered && (o->status / 100 == 2 || (o->status == 401 && e.whole)))
		r->tried[f->begun.environment]++;
	if (o->status != 401 || !answered)
		e.code = 0;
	if (e.code == 283 || e.code == 2)
		count_refused(r, f->begun.environment);
	/* Code 2 may be about the app's secret, so no account fails by it while its token is valid.
	 */
	if (e.code == 283 || (e.code == 2 && !f->begun.alive))
		result_refused(f, &e);
	else if (!answered || o->status / 100 != 2 || result_store(f, o, mem) == -1)
		result_later(f, o);
	f->save_at_us = 0;
	arena_free(mem);
	loop_poke(r->w->loop);
}

/* ---- asking ---- */

/* The sealed token cannot be opened (another key file): only the operator can help. */
static void
refuse_unreadable(struct refresh_flight *f)
{
	char id[UUID_TEXT_SIZE];

	log_error("event=refresh_token_unreadable account=%s hint=\"is this the right key_file?\"",
	    uuid_format(&f->begun.account_id, id));
	flight_end(f);
}

static void
refresh_start(struct refresh *r, const struct refresh_begun *b, int64_t boot_us)
{
	const struct upstream *up = &r->w->conf->upstream[b->environment];
	struct refresh_flight *f = xcalloc(1, sizeof(*f));
	struct arena *mem = arena_new();
	char *token = arena_alloc(mem, REFRESH_SEALED_MAX);
	int len;

	f->r = r;
	f->begun = *b;
	f->save_at_us = LOOP_NEVER;
	LIST_INSERT_HEAD(&r->flights, f, link);
	r->in_flight++;
	fair_places_take(r->shares[b->environment], &b->project_id);
	shards_pin(r->w->shards, b->shard);
	len = keyring_open(r->w->keyring, REFRESH_LABEL, &b->account_id, b->sealed, b->sealed_len,
	    token, REFRESH_SEALED_MAX - 1);
	if (len <= 0 || up->base_url == NULL || up->client_id == NULL) {
		refuse_unreadable(f);
		goto out;
	}
	token[len] = '\0';
	const char *form = pinterest_refresh_form(token, mem);
	const struct transport_request request = {
		.method = "POST",
		.url = arena_printf(mem, "%s/oauth/token", up->base_url),
		.basic = arena_printf(mem, "%s:%s", up->client_id,
		    up->client_secret != NULL ? up->client_secret : ""),
		.type = "application/x-www-form-urlencoded",
		.body = form,
		.body_len = strlen(form),
		.timeout_ms = TIMEOUT_MS,
		.max_body = ANSWER_MAX,
		.fresh = true,
		.gate_from_boot_us = boot_us,
		.max_send_delay_ms = GATE_MS,
	};

	transport_start(r->w->pinterest, &request, on_token_answer, f);
out:
	arena_free(mem);
}

static unsigned
open_environments(const struct refresh *r)
{
	static const struct uuid nobody = { { 0 } };
	const struct upstream *up = r->w->conf->upstream;
	unsigned bits = 0;

	for (unsigned e = 0; e < ENV__COUNT; e++)
		if (up[e].base_url != NULL && up[e].client_id != NULL &&
		    fair_places_open(r->shares[e], &nobody))
			bits |= 1u << e;
	return bits;
}

static void
begin_prepare(void *stage, void *job)
{
	const struct refresh *r = stage;
	struct refresh_begin *b = job;

	b->environments = open_environments(r);
	for (int e = 0; e < ENV__COUNT; e++)
		b->shares[e] = fair_places_copy(r->shares[e]);
	list_full_projects(r, b->full);
}

static void
begin_apply(void *stage, void *job, enum db_rc rc)
{
	const struct refresh_begin *b = job;

	(void)rc;
	for (int e = 0; e < ENV__COUNT; e++)
		fair_places_free(b->shares[e]);
	for (size_t i = 0; i < b->begun_len; i++)
		refresh_start(stage, &b->begun[i], b->boot_us);
}

static const struct periodic_kind beginning = {
	.failed = "refresh_not_begun",
	.wake = WAKE_REFRESH,
	.stage_size = sizeof(struct refresh),
	.job_size = sizeof(struct refresh_begin),
	.prepare = begin_prepare,
	.run = refresh_db_begin,
	.apply = begin_apply,
};

int64_t
refresh_tick(void *self, int64_t mono_us)
{
	struct refresh *r = self;
	struct refresh_flight *f;
	int64_t next = periodic_tick(r, mono_us);

	LIST_FOREACH(f, &r->flights, link)
	{
		if (f->save_at_us <= mono_us)
			refresh_save(f);
		if (f->save_at_us < next)
			next = f->save_at_us;
	}
	return next;
}

struct refresh *
refresh_new(struct worker *w)
{
	struct refresh *r = periodic_new(w, &beginning);

	r->w = w;
	LIST_INIT(&r->flights);
	for (int e = 0; e < ENV__COUNT; e++)
		r->shares[e] = fair_places_new(
		    e == ENV_SANDBOX ? REFRESHES_MAX / SANDBOX_PART : REFRESHES_MAX, PROJECT_PART);
	return r;
}

unsigned
refresh_busy(const void *self)
{
	const struct refresh *r = self;

	return periodic_busy(r) + r->in_flight;
}

void
refresh_free(void *self)
{
	struct refresh *r = self;

	for (struct refresh_flight *f = LIST_FIRST(&r->flights), *next; f != NULL; f = next) {
		next = LIST_NEXT(f, link);
		flight_end(f);
	}
	for (int e = 0; e < ENV__COUNT; e++)
		fair_places_free(r->shares[e]);
	free(r);
}
