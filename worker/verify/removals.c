/* Asks for the pins that a listing lacks, one after another. */
#include "worker/verify/removals.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/url.h"
#include "lib/xalloc.h"
#include "worker/frame/dbq.h"
#include "worker/frame/shards.h"
#include "worker/frame/worker.h"
#include "worker/http/transport.h"
#include "worker/verify/removals_db.h"

#define SEEN_FIRST 1024
#define ANSWER_MAX (256 * 1024)
#define TIMEOUT_MS 15000

struct removal_round {
	struct removals *r;
	struct arena *mem;
	struct removals_job job;
	const char *base_url, *token;
	size_t at; /* the pin that is being asked for */
	LIST_ENTRY(removal_round) link;
};

struct removals {
	struct worker *w;
	LIST_HEAD(, removal_round) rounds;
	unsigned count;
};

void
removals_add_page(struct removals_seen *seen, const struct pinterest_page *page)
{
	if (seen->len + page->len > seen->room) {
		seen->room = 2 * (seen->room + page->len) + SEEN_FIRST;
		seen->ids = xreallocarray(seen->ids, seen->room, sizeof(*seen->ids));
	}
	for (size_t i = 0; i < page->len; i++) {
		uint64_t n = removals_number(page->pins[i].id);

		seen->unusable = seen->unusable || n == 0;
		seen->ids[seen->len++] = n;
	}
}

void
removals_forget(struct removals_seen *seen)
{
	free(seen->ids);
	*seen = (struct removals_seen){ 0 };
}

static void
round_free(struct removal_round *k)
{
	LIST_REMOVE(k, link);
	k->r->count--;
	shards_unpin(k->r->w->shards, k->job.shard);
	free(k->job.seen);
	arena_free(k->mem);
	free(k);
}

static enum db_rc
removals_save_job(struct db *db, void *arg)
{
	struct removal_round *k = arg;

	return removals_db_save(db, &k->job);
}

static void
on_removals_saved(void *arg, enum db_rc rc)
{
	struct removal_round *k = arg;
	char account[UUID_TEXT_SIZE];

	if (rc == DB_NONE)
		shards_lost(k->r->w->shards, k->job.lost);
	else if (rc != DB_OK)
		log_warn("event=removed_not_noted account=%s rc=%s",
		    uuid_format(&k->job.account_id, account), db_rc_name(rc));
	round_free(k);
}

static void
round_end(struct removal_round *k)
{
	size_t gone = 0;

	for (size_t i = 0; i < k->job.len; i++)
		gone += k->job.pins[i].gone;
	if (gone == 0) {
		round_free(k);
		return;
	}
	log_info("event=pins_removed_on_pinterest pins=%zu", gone);
	shards_leases(k->r->w->shards, &k->job.leases);
	dbq_submit(k->r->w->dbq, DBQ_WORK, removals_save_job, on_removals_saved, k);
}

static void round_ask(struct removal_round *k);

/* The pin is there, or gone; any other answer ends the round. */
static void
on_pin_answer(void *arg, const struct outcome *o)
{
	struct removal_round *k = arg;
	bool whole = o->result == OUTCOME_ANSWERED && o->complete;
	bool gone = whole && pinterest_pin_gone(o->status, o->body, o->body_len, k->mem);

	k->job.pins[k->at].gone = gone;
	if (!gone && (!whole || o->status != 200)) {
		round_end(k);
		return;
	}
	k->at++;
	round_ask(k);
}

static void
round_ask(struct removal_round *k)
{
	struct transport_request request = { .method = "GET",
		.bearer = k->token,
		.timeout_ms = TIMEOUT_MS,
		.max_body = ANSWER_MAX };

	if (k->at == k->job.len || k->r->w->draining) {
		round_end(k);
		return;
	}
	request.url = arena_printf(k->mem, "%s/pins/%s", k->base_url,
	    url_encode(k->job.pins[k->at].pinterest_pin_id, k->mem));
	transport_start(k->r->w->pinterest, &request, on_pin_answer, k);
}

static enum db_rc
removals_find_job(struct db *db, void *arg)
{
	struct removal_round *k = arg;

	return removals_db_find(db, &k->job);
}

static void
on_removals_found(void *arg, enum db_rc rc)
{
	struct removal_round *k = arg;

	if (rc == DB_OK)
		round_ask(k);
	else
		round_free(k);
}

void
removals_start(struct removals *r, const struct lookup *from, const char *board_id,
    const char *token, int64_t started_us, struct removals_seen *seen)
{
	const struct upstream *up = &r->w->conf->upstream[from->environment];
	struct removal_round *k;

	if (seen->unusable || r->w->draining) {
		removals_forget(seen);
		return;
	}
	k = xcalloc(1, sizeof(*k));
	k->r = r;
	k->mem = arena_new();
	k->base_url = arena_strdup(k->mem, up->base_url);
	k->token = arena_strdup(k->mem, token);
	k->job.project_id = from->project_id;
	k->job.account_id = from->account_id;
	k->job.shard = from->shard;
	k->job.board_id = arena_strdup(k->mem, board_id);
	/* younger ones may not be listed yet */
	k->job.before_us = started_us - up->verify_after_ms * US_PER_MS;
	k->job.seen = seen->ids;
	k->job.seen_len = seen->len;
	*seen = (struct removals_seen){ 0 };
	LIST_INSERT_HEAD(&r->rounds, k, link);
	r->count++;
	shards_pin(r->w->shards, k->job.shard);
	dbq_submit(r->w->dbq, DBQ_WORK, removals_find_job, on_removals_found, k);
}

struct removals *
removals_new(struct worker *w)
{
	struct removals *r = xcalloc(1, sizeof(*r));

	r->w = w;
	LIST_INIT(&r->rounds);
	return r;
}

unsigned
removals_busy(const struct removals *r)
{
	return r->count;
}

void
removals_free(struct removals *r)
{
	for (struct removal_round *k = LIST_FIRST(&r->rounds), *next; k != NULL; k = next) {
		next = LIST_NEXT(k, link);
		round_free(k);
	}
	free(r);
}
