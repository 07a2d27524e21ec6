/*
 * Claiming due deliveries. Invariant: a claimed delivery is due again after its lease, so that it
 * is sent at least once even if this worker dies; nothing here spends an attempt.
 */
#include "worker/deliver/deliver_claim_db.h"

#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crash.h"
#include "lib/crypto.h"
#include "lib/event.h"
#include "lib/log.h"
#include "lib/url.h"
#include "lib/xalloc.h"
#include "sql/stmt.h"
#include "worker/frame/fence_db.h"
#include "lib/fair_places.h"

#define SLOT_MIN_US (100 * US_PER_MS)
#define SLOT_MAX_US (120 * US_PER_S)
#define SLOT_SPREAD_US (60 * US_PER_S)

struct due_delivery {
	struct uuid id, project_id, organization_id, event_id, webhook_id;
	int64_t shard, attempts, step, deadline_us, enabled, deleted, paused_us, failures, type;
	const char *url;
	const void *secret, *body;
	size_t secret_len, body_len;
};

struct claiming {
	struct deliver_claim *c;
	struct due_delivery row; /* being read */
	struct due_delivery *due;
	size_t len;
	int64_t now_us;
	size_t quotas_len; /* before the transaction */
};

static void
on_due_delivery(void *arg)
{
	struct claiming *k = arg;

	if (k->len < DELIVER_BATCH)
		k->due[k->len++] = k->row;
}

static enum db_rc
read_due_deliveries(struct db *db, struct claiming *k)
{
	struct due_delivery *d = &k->row;

	return db_each(db,
	    SQL_IN(delivery_due, .shards = leases_param(&k->c->batch.leases),
		.limit = db_int(k->c->limit)),
	    SQL_OUT(delivery_due, .id = db_get_uuid(&d->id),
		.project_id = db_get_uuid(&d->project_id),
		.organization_id = db_get_uuid(&d->organization_id),
		.event_id = db_get_uuid(&d->event_id), .webhook_id = db_get_uuid(&d->webhook_id),
		.shard = db_get_int(&d->shard), .attempts = db_get_int(&d->attempts),
		.step = db_get_int(&d->step), .deadline_at = db_get_time(&d->deadline_us),
		.url = db_get_text(&d->url),
		.secret_sealed = db_get_bytes(&d->secret, &d->secret_len),
		.is_enabled = db_get_int(&d->enabled), .gone = db_get_int(&d->deleted),
		.paused_until = db_get_time(&d->paused_us),
		.consecutive_failures = db_get_int(&d->failures), .type = db_get_int(&d->type),
		.body = db_get_bytes(&d->body, &d->body_len)),
	    on_due_delivery, k);
}

static struct endpoint_quota *
quota_of(struct deliver_claim *c, const struct due_delivery *d)
{
	struct endpoint_quota *r;

	for (size_t i = 0; i < c->quotas_len; i++)
		if (uuid_equal(&c->quotas[i].webhook_id, &d->webhook_id))
			return &c->quotas[i];
	r = &c->quotas[c->quotas_len++];
	r->webhook_id = d->webhook_id;
	r->cap = c->cap;
	r->under_way = 0;
	r->each_us = c->each_us;
	r->slot_us = 0;
	return r;
}

static enum db_rc
postpone_delivery(struct db *db, const struct due_delivery *d, int64_t due_us)
{
	return db_exec(
	    db, SQL_IN(delivery_postpone, .id = db_uuid(&d->id), .due = db_time(due_us)), NULL);
}

static enum db_rc
end_delivery(struct db *db, const struct due_delivery *d, enum deliver_state state, const char *why)
{
	return db_exec(db,
	    SQL_IN(
		delivery_end, .id = db_uuid(&d->id), .state = db_int(state), .error = db_text(why)),
	    NULL);
}

static enum db_rc
postpone_to_slot(
    struct db *db, const struct claiming *k, struct endpoint_quota *r, const struct due_delivery *d)
{
	int64_t spread;

	if (r->slot_us < k->now_us + SLOT_MIN_US)
		r->slot_us = k->now_us + SLOT_MIN_US;
	r->slot_us += r->each_us;
	if (r->slot_us <= k->now_us + SLOT_MAX_US)
		return postpone_delivery(db, d, r->slot_us);
	r->slot_us = k->now_us + SLOT_MAX_US;
	/* So long a queue is asked for again in parts, or others would wait behind the whole of it.
	 */
	spread = (d->id.b[14] * 256u + d->id.b[15]) * (SLOT_SPREAD_US / 65536);
	return postpone_delivery(db, d, r->slot_us - spread);
}

static struct uuid
target_host(const char *url, struct arena *mem)
{
	const char *host = url_host(url, mem);
	unsigned char hash[SHA256_SIZE];
	struct uuid u = { { 0 } };

	if (host == NULL)
		return u;
	crypto_sha256(host, strlen(host), hash);
	memcpy(u.b, hash, sizeof u.b);
	return u;
}

static struct delivery *
delivery_new(const struct due_delivery *d, struct arena *mem)
{
	size_t url_len = strlen(d->url);
	struct delivery *x = xcalloc(1, sizeof(*x) + url_len + 1 + d->body_len + 1);

	x->id = d->id;
	x->project_id = d->project_id;
	x->organization_id = d->organization_id;
	x->host = target_host(d->url, mem);
	x->event_id = d->event_id;
	x->webhook_id = d->webhook_id;
	x->shard = (unsigned)d->shard;
	x->attempts = d->attempts;
	x->step = d->step;
	x->deadline_us = d->deadline_us;
	x->type = d->type;
	x->probe = d->failures >= DELIVER_BREAKER;
	memcpy(x->secret, d->secret, d->secret_len);
	x->secret_len = d->secret_len;
	x->url = (char *)(x + 1);
	memcpy(x->url, d->url, url_len);
	x->body = x->url + url_len + 1;
	x->body_len = d->body_len;
	memcpy(x->body, d->body, d->body_len);
	return x;
}

/* Written by hand, or by a later version. */
static enum db_rc
end_of_unknown_type(struct db *db, const struct due_delivery *d)
{
	char id[UUID_TEXT_SIZE], project[UUID_TEXT_SIZE];

	log_counted(LOG_LVL_ERROR, LOG_SAME_MOST, "event=unknown_event_type",
	    "event=unknown_event_type type=%lld delivery=%s project=%s", (long long)d->type,
	    uuid_format(&d->id, id), uuid_format_project(&d->project_id, project));
	return end_delivery(db, d, DELIVER_GIVEN_UP, "the event is of an unknown type");
}

static enum db_rc
claim_one(struct db *db, struct claiming *k, const struct due_delivery *d)
{
	struct endpoint_quota *r;
	struct delivery *claimed;
	enum db_rc rc;

	if (d->deleted)
		return end_delivery(db, d, DELIVER_CANCELED, "the endpoint was deleted");
	if (!d->enabled)
		return end_delivery(db, d, DELIVER_SKIPPED, "the endpoint is disabled");
	if (d->body == NULL || d->secret == NULL || d->secret_len > DELIVER_SECRET_SEALED_MAX)
		return end_delivery(db, d, DELIVER_GIVEN_UP, "the event is no longer there");
	if (!event_type_known(d->type))
		return end_of_unknown_type(db, d);
	if (d->deadline_us <= k->now_us)
		return end_delivery(db, d, DELIVER_GIVEN_UP, "deadline");
	/* Spread those that come back, so that they do not reach the endpoint all at once. */
	if (d->paused_us != TIME_NONE && d->paused_us > k->now_us)
		return postpone_delivery(
		    db, d, d->paused_us + (d->paused_us - k->now_us) * (k->c->random32 % 64) / 512);
	r = quota_of(k->c, d);
	if (r->under_way >= (d->failures >= DELIVER_BREAKER ? 1 : r->cap) ||
	    !fair_places_open(k->c->shares, &d->organization_id))
		return postpone_to_slot(db, k, r, d);
	rc = postpone_delivery(db, d, k->now_us + k->c->lease_us);
	if (rc != DB_OK)
		return rc;
	r->under_way++;
	fair_places_take(k->c->shares, &d->organization_id);
	claimed = delivery_new(d, db_mem(db));
	STAILQ_INSERT_TAIL(&k->c->claimed, claimed, link);
	return DB_OK;
}

static void
claims_drop(struct deliver_claim *c)
{
	struct delivery *d;

	while ((d = STAILQ_FIRST(&c->claimed)) != NULL) {
		STAILQ_REMOVE_HEAD(&c->claimed, link);
		fair_places_give(c->shares, &d->organization_id);
		free(d);
	}
}

static enum db_rc
claim_work(struct db *db, void *arg)
{
	struct claiming *k = arg;
	struct fence fence;
	uint64_t mask = 0;
	enum db_rc rc;

	claims_drop(k->c);
	k->c->quotas_len = k->quotas_len;
	for (size_t i = 0; i < k->len; i++)
		mask |= FENCE_BIT(k->due[i].shard);
	rc = fence_take(db, &k->c->batch.leases, mask, &fence);
	k->c->batch.lost = fence.lost;
	k->now_us = fence.now_us;
	for (size_t i = 0; rc == DB_OK && i < k->len; i++) {
		rc = claim_one(db, k, &k->due[i]);
		if (rc == DB_NONE) /* canceled since it was read */
			rc = DB_OK;
	}
	return rc;
}

enum db_rc
deliver_claim(struct db *db, void *arg)
{
	struct deliver_claim *c = arg;
	struct claiming k = { .c = c, .quotas_len = c->quotas_len };
	enum db_rc rc;

	STAILQ_INIT(&c->claimed);
	k.due = arena_alloc(db_mem(db), DELIVER_BATCH * sizeof(*k.due));
	rc = read_due_deliveries(db, &k);
	if (rc != DB_OK || k.len == 0)
		return rc;
	c->batch.more = (int64_t)k.len == c->limit;
	rc = db_transact(db, claim_work, &k);
	if (rc == DB_OK && !STAILQ_EMPTY(&c->claimed))
		CRASH_POINT("delivery.claimed");
	if (rc == DB_OK)
		c->batch.sample = (struct clock_sample){ k.now_us, clock_mono_us() };
	else
		claims_drop(
		    c); /* those that were claimed all the same come back after their lease */
	return rc;
}
