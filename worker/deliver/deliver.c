/*
 * The steps of a delivery: claim, queue per endpoint, post, save. Invariants: every claimed
 * delivery is in an endpoint's queue, in a transfer, or among the results until those are saved;
 * until then it counts as its organization's in `claims`.
 */
#include "worker/deliver/deliver.h"

#include <stdlib.h>
#include <sys/queue.h>

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
#include "worker/deliver/deliver_rail.h"
#include "worker/deliver/deliver_save_db.h"
#include "worker/frame/loop.h"
#include "worker/frame/periodic.h"
#include "lib/fair_places.h"
#include "worker/frame/shards.h"
#include "worker/frame/worker.h"

#define LEASE_MARGIN_US (15 * US_PER_S)
#define STALE_US (12 * US_PER_S) /* queued longer than this, a delivery is left to its lease */
#define BACKLOG 512              /* deliveries claimed beyond max_in_flight */
#define CLAIMS_PART 4            /* an organization may have at most this part of them */
#define SAVES_MAX 2
#define SAVE_AGAIN_US (250 * US_PER_MS)
#define SWEEP_US (10 * US_PER_S)

struct deliver {
	struct periodic claiming;
	struct worker *w;
	struct deliver_endpoints *endpoints;
	struct deliver_rail *rail;
	struct fair_places *claims; /* which organization has how many deliveries here */
	STAILQ_HEAD(, deliver_result) results;
	unsigned in_flight, queued, unsaved, saves;
	int64_t save_at_us, swept_us;
};

/* ---- results ---- */

struct save_job {
	struct deliver *m;
	struct deliver_saving saving;
};

static void
result_drop(struct deliver *m, struct deliver_result *r)
{
	shards_unpin(m->w->shards, r->d->shard);
	fair_places_give(m->claims, &r->d->organization_id);
	m->unsaved--;
	deliver_post_result_free(r);
}

static enum db_rc
save_job_run(struct db *db, void *arg)
{
	struct save_job *j = arg;

	return deliver_save(db, &j->saving);
}

/* Results of lost shards are dropped: the worker that owns those now delivers once more. */
static void
save_job_done(void *arg, enum db_rc rc)
{
	struct save_job *j = arg;
	const struct deliver_saving *s = &j->saving;
	struct deliver *m = j->m;

	m->saves--;
	if (rc == DB_NONE)
		shards_lost(m->w->shards, s->lost);
	else if (rc != DB_OK)
		m->save_at_us = clock_mono_us() + SAVE_AGAIN_US;
	for (size_t i = 0; i < s->len; i++) {
		struct deliver_result *r = s->results[i];

		if (i < s->done || (rc == DB_NONE && (s->lost & FENCE_BIT(r->d->shard))))
			result_drop(m, r);
		else
			STAILQ_INSERT_TAIL(&m->results, r, link);
	}
	free(j);
	loop_poke(m->w->loop);
}

static void
save_results(struct deliver *m)
{
	struct save_job *j = xcalloc(1, sizeof(*j));
	struct deliver_saving *s = &j->saving;

	j->m = m;
	shards_leases(m->w->shards, &s->leases);
	while (s->len < DELIVER_BATCH && !STAILQ_EMPTY(&m->results)) {
		s->results[s->len++] = STAILQ_FIRST(&m->results);
		STAILQ_REMOVE_HEAD(&m->results, link);
	}
	m->saves++;
	dbq_submit(m->w->dbq, DBQ_SAVE, save_job_run, save_job_done, j);
}

/* ---- posting ---- */

/* Gives it back: due again after its lease, without an attempt. */
static void
delivery_drop(struct deliver *m, struct delivery *d)
{
	shards_unpin(m->w->shards, d->shard);
	fair_places_give(m->claims, &d->organization_id);
	free(d);
}

static void
queue_drop(struct deliver *m, struct deliver_endpoint *e)
{
	struct delivery *d;

	while ((d = deliver_endpoint_pop(e)) != NULL) {
		m->queued--;
		delivery_drop(m, d);
	}
}

static void
post_finished(struct deliver *m, struct deliver_endpoint *e, struct deliver_result *r)
{
	deliver_rail_over(m->rail, e, r->d);
	m->in_flight--;
	m->unsaved++;
	e->used_us = clock_mono_us();
	e->failures = r->plan.state == DELIVER_DELIVERED ? 0 : e->failures + 1;
	if (r->plan.gone || r->plan.pause_us != TIME_NONE || e->failures >= DELIVER_BREAKER)
		queue_drop(m, e);
	STAILQ_INSERT_TAIL(&m->results, r, link);
}

static void
on_posted(void *arg, struct deliver_result *r)
{
	struct deliver *m = arg;
	struct deliver_endpoint *e = deliver_endpoint_get(m->endpoints, &r->d->webhook_id);

	CRASH_POINT("delivery.answered");
	deliver_endpoint_latency(e, r->duration_ms * US_PER_MS);
	post_finished(m, e, r);
	loop_poke(m->w->loop);
}

static void
post_start(struct deliver *m, struct deliver_endpoint *e, struct delivery *d)
{
	struct deliver_result *r;

	m->in_flight++;
	r = deliver_post(m->w, d, on_posted, m);
	if (r != NULL)
		post_finished(m, e, r);
}

static void
start_queued(struct deliver *m, int64_t mono_us)
{
	struct deliver_endpoint *e;
	struct delivery *d;

	deliver_rail_again(m->rail);
	while ((d = deliver_rail_next(m->rail, &e)) != NULL) {
		m->queued--;
		if (mono_us - d->claimed_us < STALE_US) {
			post_start(m, e, d);
			continue;
		}
		deliver_rail_over(m->rail, e, d);
		delivery_drop(m, d);
	}
}

/* ---- claiming ---- */

static void
take_claimed(struct deliver *m, struct deliver_claim *c)
{
	struct delivery *d;
	struct deliver_endpoint *e;
	int64_t now = clock_mono_us();

	while ((d = STAILQ_FIRST(&c->claimed)) != NULL) {
		STAILQ_REMOVE_HEAD(&c->claimed, link);
		d->claimed_us = now;
		e = deliver_endpoint_get(m->endpoints, &d->webhook_id);
		e->used_us = now;
		deliver_rail_queue(m->rail, e, d);
		fair_places_take(m->claims, &d->organization_id);
		shards_pin(m->w->shards, d->shard);
		m->queued++;
	}
	for (size_t i = 0; i < c->quotas_len; i++) {
		e = deliver_endpoint_find(m->endpoints, &c->quotas[i].webhook_id);
		if (e != NULL)
			e->slot_us = c->quotas[i].slot_us;
	}
}

static void
claim_apply(void *stage, void *job, enum db_rc rc)
{
	struct deliver_claim *c = job;

	(void)rc; /* nothing is claimed unless all went well */
	take_claimed(stage, c);
	free(c->quotas);
	fair_places_free(c->shares);
}

struct adding_quota {
	struct deliver_claim *c;
	int64_t in_flight_max, db_now_us;
};

static void
add_quota(struct deliver_endpoint *e, void *arg)
{
	const struct adding_quota *k = arg;
	struct endpoint_quota *q;

	if (e->active == 0 && e->queued == 0 && e->slot_us < k->db_now_us && e->failures == 0 &&
	    e->each_us <= DELIVER_ENDPOINT_EACH_US)
		return; /* like an endpoint that is not known */
	q = &k->c->quotas[k->c->quotas_len++];
	q->webhook_id = e->webhook_id;
	q->cap =
	    e->failures < DELIVER_BREAKER ? deliver_endpoint_cap(k->in_flight_max, e->each_us) : 1;
	q->under_way = (int64_t)e->active + e->queued;
	q->each_us = e->each_us / deliver_endpoint_places(k->in_flight_max, e->each_us);
	q->slot_us = e->slot_us;
}

/* How many deliveries may be claimed now. */
static int64_t
claim_limit(const struct deliver *m)
{
	int64_t here = (int64_t)m->queued + m->in_flight + m->unsaved;
	int64_t capacity = m->w->conf->webhook.max_in_flight + BACKLOG - here;

	return capacity < DELIVER_BATCH ? capacity : DELIVER_BATCH;
}

static bool
may_claim(const void *stage)
{
	return claim_limit(stage) > 0;
}

static void
claim_prepare(void *stage, void *job)
{
	struct deliver *m = stage;
	struct deliver_claim *c = job;
	const struct webhook_conf *conf = &m->w->conf->webhook;
	struct adding_quota k = { c, conf->per_endpoint_in_flight,
		worker_db_now(m->w, clock_mono_us()) };

	c->limit = claim_limit(m);
	c->lease_us = conf->timeout_ms * US_PER_MS + LEASE_MARGIN_US;
	c->cap = deliver_endpoint_cap(conf->per_endpoint_in_flight, DELIVER_ENDPOINT_EACH_US);
	c->each_us = DELIVER_ENDPOINT_EACH_US / conf->per_endpoint_in_flight;
	c->random32 = crypto_random32();
	c->quotas =
	    xcalloc(deliver_endpoint_count(m->endpoints) + DELIVER_BATCH, sizeof(*c->quotas));
	c->shares = fair_places_copy(m->claims);
	STAILQ_INIT(&c->claimed);
	deliver_endpoint_each(m->endpoints, add_quota, &k);
}

static const struct periodic_kind claiming = {
	.failed = "deliveries_not_claimed",
	.wake = WAKE_DELIVERY,
	.stage_size = sizeof(struct deliver),
	.job_size = sizeof(struct deliver_claim),
	.ready = may_claim,
	.prepare = claim_prepare,
	.run = deliver_claim,
	.apply = claim_apply,
};

int64_t
deliver_tick(void *self, int64_t mono_us)
{
	struct deliver *m = self;
	int64_t next;

	if (m->queued > 0)
		start_queued(m, mono_us);
	while (!STAILQ_EMPTY(&m->results) && m->saves < SAVES_MAX && mono_us >= m->save_at_us)
		save_results(m);
	if (mono_us - m->swept_us > SWEEP_US) {
		deliver_endpoint_sweep(m->endpoints, mono_us);
		m->swept_us = mono_us;
	}
	next = periodic_tick(m, mono_us);
	if (!STAILQ_EMPTY(&m->results) && m->saves < SAVES_MAX && m->save_at_us < next)
		next = m->save_at_us;
	return next;
}

struct deliver *
deliver_new(struct worker *w)
{
	struct deliver *m = periodic_new(w, &claiming);
	const struct webhook_conf *conf = &w->conf->webhook;
	const struct deliver_rail_limits limits = { .in_flight = conf->max_in_flight,
		.per_host = conf->per_host_in_flight,
		.per_endpoint = conf->per_endpoint_in_flight };

	m->w = w;
	m->endpoints = deliver_endpoint_table();
	m->rail = deliver_rail_new(&limits);
	m->claims = fair_places_new((size_t)limits.in_flight + BACKLOG, CLAIMS_PART);
	STAILQ_INIT(&m->results);
	return m;
}

unsigned
deliver_busy(const void *self)
{
	const struct deliver *m = self;

	return periodic_busy(m) + m->queued + m->in_flight + m->unsaved;
}

void
deliver_free(void *self)
{
	struct deliver *m = self;
	struct deliver_result *r;

	while ((r = STAILQ_FIRST(&m->results)) != NULL) {
		STAILQ_REMOVE_HEAD(&m->results, link);
		deliver_post_result_free(r);
	}
	deliver_rail_free(m->rail);
	fair_places_free(m->claims);
	deliver_endpoint_free(m->endpoints);
	free(m);
}
