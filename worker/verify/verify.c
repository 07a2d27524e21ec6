/* Lists boards page by page. Invariant: a listing is complete only when its last page was read. */
#include "worker/verify/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crash.h"
#include "lib/keyring.h"
#include "lib/log.h"
#include "lib/origin.h"
#include "lib/rfc3339.h"
#include "lib/url.h"
#include "lib/xalloc.h"
#include "worker/frame/dbq.h"
#include "worker/frame/loop.h"
#include "lib/fair_places.h"
#include "worker/frame/shards.h"
#include "worker/frame/worker.h"
#include "worker/http/transport.h"
#include "worker/verify/removals.h"
#include "worker/verify/verify_db.h"

#define LOOKUPS_MAX 64
#define PINS_LOGGED 10 /* lines in a minute about one project's pins */
#define SANDBOX_PART 4 /* of all look-ups */
#define PROJECT_PART 2 /* of those of its environment */
#define PAGES_MAX 800  /* of 250 pins: the most that Pinterest allows an account */
#define NEAR_MAX 1000
#define PAGE_TIMEOUT_MS 15000
#define PAGE_BODY_MAX (4 * 1024 * 1024)
#define SAVE_RETRY_US (300 * US_PER_MS)
#define FOREIGN_LOGGED 3 /* lines a minute, over all pins */

struct listing {
	struct verify *v;
	struct arena *mem;
	struct verify_save save;
	const char *token, *board_url;
	char *bookmark;
	unsigned pages;
	int64_t save_us; /* monotonic time to repeat the save; 0: none is due */
	int64_t busy_until_us;
	struct match_seen seen[NEAR_MAX];
	struct removals_seen listed;
	LIST_ENTRY(listing) entry;
};

struct verify {
	struct worker *w;
	struct removals *removals;
	LIST_HEAD(, listing) all;
	unsigned count;
	struct fair_places *shares[ENV__COUNT]; /* by project */
};

static void
listing_free(struct listing *k)
{
	LIST_REMOVE(k, entry);
	k->v->count--;
	fair_places_give(k->v->shares[k->save.lookup.environment], &k->save.lookup.project_id);
	shards_unpin(k->v->w->shards, k->save.lookup.shard);
	removals_forget(&k->listed);
	arena_free(k->mem);
	free(k->bookmark);
	free(k);
}

static enum db_rc
verify_save_job(struct db *db, void *arg)
{
	struct listing *k = arg;

	return verify_save_run(db, &k->save);
}

static void
verify_save_done(void *arg, enum db_rc rc)
{
	struct listing *k = arg;
	struct worker *w = k->v->w;

	worker_clock_sample(w, &k->save.sample);
	if (rc == DB_NONE)
		shards_lost(w->shards, k->save.lost);
	else if (rc != DB_OK)
		log_warn("event=look_up_not_saved rc=%s", db_rc_name(rc));
	if (rc == DB_DOWN || rc == DB_UNKNOWN || rc == DB_RETRY) {
		k->save_us = clock_mono_us() + SAVE_RETRY_US;
		loop_poke(w->loop);
		return;
	}
	if (rc == DB_OK && k->save.complete)
		removals_start(k->v->removals, &k->save.lookup, k->save.sent.board_id, k->token,
		    k->save.started_us, &k->listed);
	worker_wake(w, WAKE_TURN | WAKE_DELIVERY | (k->save.token_refused ? WAKE_REFRESH : 0));
	listing_free(k);
}

static void
verify_save_submit(struct listing *k)
{
	struct worker *w = k->v->w;

	k->save_us = 0;
	shards_leases(w->shards, &k->save.leases);
	dbq_submit(w->dbq, DBQ_WORK, verify_save_job, verify_save_done, k);
}

static void
listing_finish(struct listing *k, const char *failed)
{
	char pin[UUID_TEXT_SIZE], project[UUID_TEXT_SIZE], kind[96];

	CRASH_POINT("verify.looked");
	k->save.complete = failed == NULL;
	uuid_format(&k->save.lookup.pin_id, pin);
	uuid_format_project(&k->save.lookup.project_id, project);
	snprintf(kind, sizeof(kind), "event=listing_failed project=%s", project);
	if (k->save.foreign != NULL)
		log_counted(LOG_LVL_WARN, FOREIGN_LOGGED, "event=listing_failed why=foreign",
		    "event=listing_failed pin=%s why=\"%s\"", pin, failed);
	else if (failed != NULL)
		log_counted(LOG_LVL_WARN, PINS_LOGGED, kind,
		    "event=listing_failed pin=%s project=%s why=\"%s\"", pin, project, failed);
	k->save.seen = k->seen;
	verify_save_submit(k);
}

static void
listing_add_pin(struct listing *k, const struct pinterest_pin *p, bool late)
{
	struct match_seen *seen = &k->seen[k->save.len++];

	seen->late = late;
	seen->pin = pinterest_pin_copy(p, k->mem);
}

static int64_t
response_skew_us(const struct listing *k, const struct outcome *o)
{
	int64_t date;

	if (o->date == NULL || httpdate_parse(o->date, &date) == -1)
		return 0;
	return date - worker_db_now(k->v->w, clock_mono_us());
}

/* 0: read, with the next bookmark or NULL; -1: no page, too many pins near, or an endless listing.
 */
static int
listing_read_page(struct listing *k, const struct outcome *o)
{
	struct arena *mem = arena_new();
	struct match_skew skew = k->save.lookup.skew;
	struct match_window window;
	bool restored = k->save.lookup.since_us != TIME_NONE;
	struct pinterest_page page;
	int rc = pinterest_page_parse(&page, o->body, o->body_len, mem);

	skew.now_us = response_skew_us(k, o);
	window = verify_match_window(k->save.lookup.opened_us, k->busy_until_us, &skew);
	for (size_t i = 0; rc == 0 && i < page.len; i++) {
		bool late = !restored && verify_match_late(&k->save.sent, &page.pins[i], &window);

		if (!late && !verify_match_near(&page.pins[i], &window))
			continue;
		if (restored && !verify_match_like(&k->save.sent, &page.pins[i]))
			continue;
		if (k->save.len == NEAR_MAX)
			rc = -1;
		else
			listing_add_pin(k, &page.pins[i], late);
	}
	if (rc == 0)
		removals_add_page(&k->listed, &page);
	if (rc == 0 && page.bookmark != NULL && k->bookmark != NULL &&
	    strcmp(page.bookmark, k->bookmark) == 0)
		rc = -1; /* it would never end */
	free(k->bookmark);
	k->bookmark = rc == 0 && page.bookmark != NULL ? xstrdup(page.bookmark) : NULL;
	arena_free(mem);
	return rc;
}

static void listing_ask_page(struct listing *k);

/* Ends the listing with what was answered instead of a page. */
static void
listing_refused(struct listing *k, const struct outcome *o)
{
	const struct origin_answer a = outcome_answer(o);
	struct verify_save *s = &k->save;
	struct pinterest_error e;
	int64_t wait, now_us = worker_db_now(k->v->w, clock_mono_us());

	if (o->result != OUTCOME_ANSWERED) {
		listing_finish(k, "no answer");
		return;
	}
	wait = pinterest_wait_s(o->ratelimit_reset, o->retry_after, now_us) * US_PER_S;
	if (o->status == 429 && s->retry_us < s->started_us + wait)
		s->retry_us = s->started_us + wait;
	pinterest_error_parse(&e, o->body, o->body_len, k->mem);
	switch (origin_of(&a, &e, false)) {
	case ORIGIN_PINTEREST:
		s->token_refused = o->status == 401;
		s->board_gone = o->status == 404 && pinterest_says_gone(&e);
		listing_finish(
		    k, arena_printf(k->mem, "no page was answered: %s", origin_text(&a, k->mem)));
		break;
	case ORIGIN_FOREIGN:
		s->foreign = arena_printf(k->mem, "%.120s answered a listing with %s", k->board_url,
		    origin_text(&a, k->mem));
		listing_finish(k, s->foreign);
		break;
	case ORIGIN_CUT: listing_finish(k, "the answer was cut"); break;
	}
}

static void
on_listing_page(void *arg, const struct outcome *o)
{
	struct listing *k = arg;

	if (o->result != OUTCOME_ANSWERED || o->status != 200 || !o->complete)
		listing_refused(k, o);
	else if (listing_read_page(k, o) == -1)
		listing_refused(k, o);
	else if (k->bookmark == NULL)
		listing_finish(k, NULL);
	else if (++k->pages >= PAGES_MAX)
		listing_finish(k, "the board has too many pages");
	else if (k->v->w->draining)
		listing_finish(k, "this worker leaves");
	else
		listing_ask_page(k);
}

static void
listing_ask_page(struct listing *k)
{
	struct transport_request r = { .method = "GET",
		.bearer = k->token,
		.timeout_ms = PAGE_TIMEOUT_MS,
		.max_body = PAGE_BODY_MAX };

	r.url = k->board_url;
	if (k->bookmark != NULL)
		r.url = arena_printf(
		    k->mem, "%s&bookmark=%s", k->board_url, url_encode(k->bookmark, k->mem));
	transport_start(k->v->w->pinterest, &r, on_listing_page, k);
}

static struct listing *
listing_new(struct verify *v, const struct lookup *from)
{
	struct listing *k = xcalloc(1, sizeof(*k));

	k->v = v;
	k->mem = arena_new();
	k->save.lookup = *from;
	k->save.lookup.snapshot = arena_strdup(k->mem, from->snapshot);
	k->save.lookup.sealed = NULL;
	LIST_INSERT_HEAD(&v->all, k, entry);
	v->count++;
	fair_places_take(v->shares[from->environment], &from->project_id);
	shards_pin(v->w->shards, from->shard);
	return k;
}

void
verify_start(struct verify *v, const struct lookup *from)
{
	const struct upstream *up = &v->w->conf->upstream[from->environment];
	struct listing *k = listing_new(v, from);
	struct verify_save *s = &k->save;
	int64_t gap = up->verify_gap_ms * US_PER_MS;

	s->started_us = worker_db_now(v->w, clock_mono_us());
	s->retry_us = s->started_us + lookup_retry_wait_us(from->open_for_us, gap);
	s->absent_gap_us = gap;
	s->retry_max = up->retry_max;
	s->event_deadline_s = v->w->conf->webhook.deadline_s;
	k->busy_until_us =
	    from->opened_us + (up->create_timeout_ms + up->max_send_delay_ms + 3000) * US_PER_MS;
	if (from->since_us != TIME_NONE)
		k->busy_until_us = s->started_us;
	k->token = keyring_open_text(v->w->keyring, KEYRING_ACCESS_TOKEN, &from->account_id,
	    from->sealed, from->sealed_len, k->mem);
	if (k->token == NULL || up->base_url == NULL) {
		listing_finish(k, "the access token cannot be opened");
		return;
	}
	if (pinterest_create_parse(&s->sent, s->lookup.snapshot, k->mem) == -1 ||
	    s->sent.board_id == NULL) {
		listing_finish(k, "the snapshot cannot be read");
		return;
	}
	k->board_url = arena_printf(k->mem, "%s/boards/%s/pins?page_size=250", up->base_url,
	    url_encode(s->sent.board_id, k->mem));
	listing_ask_page(k);
}

/* Look-ups are started by turns and driven by callbacks; only saves are repeated here. */
int64_t
verify_tick(void *self, int64_t mono_us)
{
	struct verify *v = self;
	struct listing *k;
	int64_t next = LOOP_NEVER;

	LIST_FOREACH(k, &v->all, entry)
	{
		if (k->save_us != 0 && k->save_us <= mono_us)
			verify_save_submit(k);
		else if (k->save_us != 0 && k->save_us < next)
			next = k->save_us;
	}
	return next;
}

struct verify *
verify_new(struct worker *w)
{
	struct verify *v = xcalloc(1, sizeof(*v));

	v->w = w;
	v->removals = removals_new(w);
	for (int e = 0; e < ENV__COUNT; e++)
		v->shares[e] = fair_places_new(
		    e == ENV_SANDBOX ? LOOKUPS_MAX / SANDBOX_PART : LOOKUPS_MAX, PROJECT_PART);
	return v;
}

unsigned
verify_busy(const void *self)
{
	const struct verify *v = self;

	return v->count + removals_busy(v->removals);
}

void
verify_free(void *self)
{
	struct verify *v = self;

	for (struct listing *k = v != NULL ? LIST_FIRST(&v->all) : NULL, *next; k != NULL;
	     k = next) {
		next = LIST_NEXT(k, entry);
		listing_free(k);
	}
	for (int e = 0; v != NULL && e < ENV__COUNT; e++)
		fair_places_free(v->shares[e]);
	if (v != NULL)
		removals_free(v->removals);
	free(v);
}

struct uuid *
verify_pin_ids(const struct verify *v, size_t *len)
{
	struct uuid *ids = xcalloc(v->count + 1, sizeof(*ids));
	const struct listing *k;

	*len = 0;
	LIST_FOREACH(k, &v->all, entry)
	ids[(*len)++] = k->save.lookup.pin_id;
	return ids;
}

struct fair_places *
verify_shares(const struct verify *v, enum environment env)
{
	return fair_places_copy(v->shares[env]);
}

size_t
verify_capacity(const struct verify *v)
{
	return v->count < LOOKUPS_MAX ? LOOKUPS_MAX - v->count : 0;
}
