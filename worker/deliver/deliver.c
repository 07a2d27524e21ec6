/*
 * The delivery rail in the loop: claim, queue per endpoint, post, save. Invariant: every claimed
 * delivery is in an endpoint's queue, in a transfer, or among the results until those are saved.
 */
#include "worker/deliver/deliver.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/crash.h"
#include "lib/crypto.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "worker/frame/dbq.h"
#include "worker/deliver/deliver_claim_db.h"
#include "worker/deliver/deliver_endpoint.h"
#include "worker/deliver/deliver_post.h"
#include "worker/deliver/deliver_save_db.h"
#include "worker/frame/loop.h"
#include "worker/frame/shards.h"
#include "worker/frame/worker.h"

#define LEASE_MARGIN_US (15 * US_PER_S)
#define STALE_US (12 * US_PER_S) /* waited so long for a place: left to its lease */
#define BACKLOG 512              /* claimed beyond what may be in flight */
#define SAVES_MAX 2
#define SAVE_AGAIN_US (250 * US_PER_MS)
#define SWEEP_US (10 * US_PER_S)

struct deliver {
	struct worker *w;
	struct deliver_endpoints *endpoints;
	struct deliver_result *results, **results_end;
	unsigned in_flight, queued, unsaved, jobs, saves;
	unsigned singly; /* so many results are saved each by itself: their batch was refused */
	bool claiming, again; /* again: a hint came meanwhile */
	int64_t next_us, save_at_us, swept_us;
};

/* ---- results ---- */

static void
result_drop(struct deliver *m, struct deliver_result *r)
{
	shards_unpin(m->w->shards, r->d->shard);
	m->unsaved--;
	deliver_post_result_free(r);
}

static void
result_push(struct deliver *m, struct deliver_result *r)
{
	r->next = NULL;
	*m->results_end = r;
	m->results_end = &r->next;
}

static struct deliver_result *
result_pop(struct deliver *m)
{
	struct deliver_result *r = m->results;

	if (r == NULL)
		return NULL;
	m->results = r->next;
	if (m->results == NULL)
		m->results_end = &m->results;
	return r;
}

struct save_job {
	struct deliver *m;
	struct deliver_saving saving;
};

static enum db_rc
save_run(struct db *db, void *arg)
{
	struct save_job *j = arg;

	return deliver_save(db, &j->saving);
}

/* Not saved: again, but for what another worker owns now (it sends that once more). */
static void
save_again(struct deliver *m, const struct deliver_saving *s)
{
	for (size_t i = 0; i < s->len; i++) {
		if (s->lost & FENCE_BIT(s->results[i]->d->shard))
			result_drop(m, s->results[i]);
		else
			result_push(m, s->results[i]);
	}
}

static void
save_done(void *arg, enum db_rc rc)
{
	struct save_job *j = arg;
	struct deliver_saving *s = &j->saving;
	struct deliver *m = j->m;
	char id[UUID_TEXT_SIZE];

	m->jobs--;
	m->saves--;
	shards_lost(m->w->shards, s->lost);
	if (rc == DB_FAIL && s->len == 1)
		log_error(
		    "event=delivery_not_saved delivery=%s", uuid_format(&s->results[0]->d->id, id));
	if (rc == DB_OK || (rc == DB_FAIL && s->len == 1)) {
		for (size_t i = 0; i < s->len; i++)
			result_drop(m, s->results[i]);
	} else {
		if (rc == DB_FAIL)
			m->singly += (unsigned)s->len;
		else if (rc != DB_NONE)
			m->save_at_us = clock_mono_us() + SAVE_AGAIN_US;
		save_again(m, s);
	}
	free(j);
	loop_poke(m->w->loop);
}

static void
save_some(struct deliver *m)
{
	struct save_job *j = xcalloc(1, sizeof(*j));
	size_t most = m->singly > 0 ? 1 : DELIVER_BATCH;
	struct deliver_result *r;

	if (m->singly > 0)
		m->singly--;
	j->m = m;
	shards_leases(m->w->shards, &j->saving.leases);
	while (j->saving.len < most && (r = result_pop(m)) != NULL)
		j->saving.results[j->saving.len++] = r;
	m->jobs++;
	m->saves++;
	dbq_submit(m->w->dbq, DBQ_SAVE, save_run, save_done, j);
}

/* ---- posting ---- */

/* What waits here goes back: due again after its lease, without an attempt. */
static void
queue_drop(struct deliver *m, struct deliver_endpoint *e)
{
	struct delivery *d;

	while ((d = deliver_endpoint_pop(e)) != NULL) {
		m->queued--;
		shards_unpin(m->w->shards, d->shard);
		free(d);
	}
}

static void
posted(struct deliver *m, struct deliver_endpoint *e, struct deliver_result *r)
{
	e->active--;
	m->in_flight--;
	m->unsaved++;
	e->used_us = clock_mono_us();
	e->failures = r->plan.state == DELIVER_DELIVERED ? 0 : e->failures + 1;
	if (r->plan.gone || r->plan.pause_us != TIME_NONE || e->failures >= DELIVER_BREAKER)
		queue_drop(m, e);
	result_push(m, r);
}

static void
on_posted(void *arg, struct deliver_result *r)
{
	struct deliver *m = arg;
	struct deliver_endpoint *e = deliver_endpoint_get(m->endpoints, &r->d->webhook_id);

	CRASH_POINT("delivery.answered");
	deliver_endpoint_latency(e, r->duration_ms * US_PER_MS);
	posted(m, e, r);
	loop_poke(m->w->loop);
}

static void
start_one(struct deliver *m, struct deliver_endpoint *e, struct delivery *d)
{
	struct deliver_result *r;

	e->active++;
	m->in_flight++;
	r = deliver_post(m->w, d, on_posted, m);
	if (r != NULL)
		posted(m, e, r);
}

struct starting {
	struct deliver *m;
	int64_t mono_us;
};

static void
start_endpoint(struct deliver_endpoint *e, void *arg)
{
	const struct starting *k = arg;
	struct deliver *m = k->m;
	const struct webhook_conf *conf = &m->w->conf->webhook;
	struct delivery *d;

	while (e->queued > 0 && e->active < conf->per_endpoint_in_flight &&
	       m->in_flight < conf->max_in_flight) {
		d = deliver_endpoint_pop(e);
		m->queued--;
		if (k->mono_us - d->claimed_us < STALE_US) {
			start_one(m, e, d);
		} else {
			shards_unpin(m->w->shards, d->shard);
			free(d);
		}
	}
}

/* ---- claiming ---- */

struct claim_job {
	struct deliver *m;
	struct deliver_claim claim;
	int64_t db_now_us;
};

static enum db_rc
claim_run(struct db *db, void *arg)
{
	struct claim_job *j = arg;

	return deliver_claim(db, &j->claim);
}

static void
claim_take(struct deliver *m, struct deliver_claim *c)
{
	struct delivery *d;
	struct deliver_endpoint *e;
	int64_t now = clock_mono_us();

	while ((d = c->claimed) != NULL) {
		c->claimed = d->next;
		d->claimed_us = now;
		e = deliver_endpoint_get(m->endpoints, &d->webhook_id);
		e->used_us = now;
		deliver_endpoint_queue(e, d);
		shards_pin(m->w->shards, d->shard);
		m->queued++;
	}
	for (size_t i = 0; i < c->rooms_len; i++) {
		e = deliver_endpoint_find(m->endpoints, &c->rooms[i].webhook_id);
		if (e != NULL)
			e->slot_us = c->rooms[i].slot_us;
	}
}

static void
claim_done(void *arg, enum db_rc rc)
{
	struct claim_job *j = arg;
	struct deliver *m = j->m;
	int64_t now = clock_mono_us();

	m->jobs--;
	m->claiming = false;
	shards_lost(m->w->shards, j->claim.lost);
	worker_clock_sample(m->w, &j->claim.sample);
	claim_take(m, &j->claim);
	m->next_us = (rc == DB_OK && j->claim.full) || m->again
			 ? now
			 : now + m->w->conf->poll_ms * US_PER_MS;
	free(j->claim.rooms);
	free(j);
	loop_poke(m->w->loop);
}

static void
add_room(struct deliver_endpoint *e, void *arg)
{
	struct claim_job *j = arg;
	int64_t places = j->m->w->conf->webhook.per_endpoint_in_flight;
	struct deliver_room *r;

	if (e->active == 0 && e->queued == 0 && e->slot_us < j->db_now_us && e->failures == 0 &&
	    e->each_us <= DELIVER_ENDPOINT_EACH_US)
		return; /* as one that is not known */
	r = &j->claim.rooms[j->claim.rooms_len++];
	r->webhook_id = e->webhook_id;
	r->cap = e->failures < DELIVER_BREAKER ? deliver_endpoint_cap(places, e->each_us) : 1;
	r->under_way = (int64_t)e->active + e->queued;
	r->each_us = e->each_us / places;
	r->slot_us = e->slot_us;
}

static void
claim(struct deliver *m, int64_t mono_us, int64_t limit)
{
	const struct webhook_conf *conf = &m->w->conf->webhook;
	struct claim_job *j = xcalloc(1, sizeof(*j));
	struct deliver_claim *c = &j->claim;

	j->m = m;
	j->db_now_us = worker_db_now(m->w, mono_us);
	c->limit = limit;
	c->lease_us = conf->timeout_ms * US_PER_MS + LEASE_MARGIN_US;
	c->cap = deliver_endpoint_cap(conf->per_endpoint_in_flight, DELIVER_ENDPOINT_EACH_US);
	c->each_us = DELIVER_ENDPOINT_EACH_US / conf->per_endpoint_in_flight;
	c->random32 = crypto_random32();
	c->rooms = xcalloc(deliver_endpoint_count(m->endpoints) + DELIVER_BATCH, sizeof(*c->rooms));
	deliver_endpoint_each(m->endpoints, add_room, j);
	shards_leases(m->w->shards, &c->leases);
	m->claiming = true;
	m->again = false;
	m->jobs++;
	dbq_submit(m->w->dbq, DBQ_WORK, claim_run, claim_done, j);
}

/* How many may be claimed now. */
static int64_t
claim_limit(const struct deliver *m)
{
	int64_t there = (int64_t)m->queued + m->in_flight + m->unsaved;
	int64_t room = m->w->conf->webhook.max_in_flight + BACKLOG - there;

	return room < DELIVER_BATCH ? room : DELIVER_BATCH;
}

int64_t
deliver_tick(void *self, int64_t mono_us)
{
	struct deliver *m = self;
	struct starting k = { m, mono_us };
	int64_t next = LOOP_NEVER, limit = claim_limit(m);

	if (m->queued > 0)
		deliver_endpoint_each(m->endpoints, start_endpoint, &k);
	while (m->results != NULL && m->saves < SAVES_MAX && mono_us >= m->save_at_us)
		save_some(m);
	if (m->results != NULL && m->saves < SAVES_MAX)
		next = m->save_at_us;
	if (mono_us - m->swept_us > SWEEP_US) {
		deliver_endpoint_sweep(m->endpoints, mono_us);
		m->swept_us = mono_us;
	}
	m->again = (m->again || (m->w->woken & WAKE_DELIVERY)) && shards_mask(m->w->shards) != 0;
	if (m->claiming || limit <= 0 || m->w->draining || shards_mask(m->w->shards) == 0)
		return next;
	if (mono_us >= m->next_us || m->again) {
		claim(m, mono_us, limit);
		return next;
	}
	return next < m->next_us ? next : m->next_us;
}

struct deliver *
deliver_new(struct worker *w)
{
	struct deliver *m = xcalloc(1, sizeof(*m));

	m->w = w;
	m->endpoints = deliver_endpoint_table();
	m->results_end = &m->results;
	return m;
}

unsigned
deliver_busy(const void *self)
{
	const struct deliver *m = self;

	return m->jobs + m->queued + m->in_flight + m->unsaved + (m->again && !m->w->draining);
}

void
deliver_free(void *self)
{
	struct deliver *m = self;
	struct deliver_result *r;

	while ((r = result_pop(m)) != NULL)
		deliver_post_result_free(r);
	deliver_endpoint_free(m->endpoints);
	free(m);
}
