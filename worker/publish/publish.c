/*
 * Sends creates and saves their outcomes. Invariant: a create is kept from its intent until its
 * outcome is in the database (or the database refuses it for good), and none is ever sent twice.
 */
#include "worker/publish/publish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crash.h"
#include "lib/crypto.h"
#include "lib/keyring.h"
#include "lib/log.h"
#include "lib/pinterest.h"
#include "lib/wait.h"
#include "lib/xalloc.h"
#include "worker/frame/dbq.h"
#include "worker/frame/loop.h"
#include "worker/frame/periodic.h"
#include "lib/fair_places.h"
#include "worker/frame/shards.h"
#include "worker/frame/worker.h"
#include "worker/http/transport.h"
#include "worker/publish/effects.h"
#include "worker/publish/image_peek.h"
#include "worker/publish/in_flight.h"
#include "worker/publish/publish_db.h"

#define BODY_MAX 262144
#define HOLD_US (60 * US_PER_S)     /* between tries of what only the operator can repair */
#define PEEKS_MAX 32                /* images being looked at */
#define PEEKS_OF_PROJECT_MAX 4      /* of them for one project */
#define PINS_LOGGED 10              /* lines in a minute about one project's pins */
#define SANDBOX_PART 4              /* of all creates in flight */
#define PROJECT_PART 2              /* of those of its environment: what one project may have */
#define CREATE_US (500 * US_PER_MS) /* how long one takes, until it is known */
#define SAVE_RETRY_US (200 * US_PER_MS)

struct publish {
	struct worker *w;
	LIST_HEAD(, in_flight) all;
	STAILQ_HEAD(, in_flight) unsaved; /* outcome known, oldest first */
	unsigned count;
	struct fair_places *shares[ENV__COUNT]; /* by project */
	int64_t each_us[ENV__COUNT];            /* average time of a create */
	bool saving;
	int64_t retry_us; /* monotonic: no save before */
	size_t batch;     /* outcomes in one save */
};

static void
in_flight_remove(struct publish *p, struct in_flight *c)
{
	LIST_REMOVE(c, entry);
	p->count--;
	fair_places_give(p->shares[c->intent.environment], &c->intent.project_id);
	shards_unpin(p->w->shards, c->intent.shard);
	arena_free(c->mem);
	free(c);
}

static void
queue_outcome(struct publish *p, struct in_flight *c)
{
	STAILQ_INSERT_TAIL(&p->unsaved, c, unsaved);
	loop_poke(p->w->loop);
}

static struct in_flight *
in_flight_new(struct publish *p, const struct intent *i)
{
	struct in_flight *c = xcalloc(1, sizeof(*c));
	struct arena *mem = arena_new();

	c->mem = mem;
	c->owner = p;
	c->intent = *i;
	c->intent.snapshot = arena_strdup(mem, i->snapshot);
	c->intent.link = arena_strdup(mem, i->link);
	c->intent.sealed = NULL; /* used by publish_start() alone */
	LIST_INSERT_HEAD(&p->all, c, entry);
	p->count++;
	fair_places_take(p->shares[i->environment], &i->project_id);
	shards_pin(p->w->shards, i->shard);
	return c;
}

static struct effects_in
effects_input(const struct in_flight *c, const struct outcome *o)
{
	const struct worker *w = c->owner->w;
	struct effects_in in = { .intent = &c->intent,
		.outcome = o,
		.conf = &w->conf->upstream[c->intent.environment],
		.worker_id = w->id,
		.event_deadline_s = w->conf->webhook.deadline_s,
		.now_us = worker_db_now(w, clock_mono_us()),
		.gate_us = TIME_NONE,
		.random32 = crypto_random32() };

	if (o != NULL && o->gate_mono_us != 0)
		in.gate_us = worker_db_now(w, o->gate_mono_us);
	/* The database's time is only known to about a millisecond here; the intent came first. */
	if (in.gate_us != TIME_NONE && in.gate_us < c->intent.opened_us)
		in.gate_us = c->intent.opened_us;
	return in;
}

static const char *
create_failure(const struct in_flight *c, const struct outcome *o)
{
	if (o->result == OUTCOME_ANSWERED)
		return c->effects.move.to == PIN_VERIFYING ? c->effects.verdict.message : "";
	return o->gate_late || o->error[0] == '\0' ? c->effects.verdict.message : o->error;
}

static void
log_create(const struct in_flight *c, const struct outcome *o)
{
	char pin[UUID_TEXT_SIZE];

	log_info(
	    "event=create pin=%s n=%u verdict=%s status=%ld code=%lld ms=%lld rid=%s why=\"%s\"",
	    uuid_format(&c->intent.pin_id, pin), c->intent.n, verdict_name(c->effects.verdict.kind),
	    o->status, (long long)c->effects.attempt.pinterest_code,
	    (long long)(o->duration_us / US_PER_MS), o->request_id != NULL ? o->request_id : "-",
	    create_failure(c, o));
}

/* ---- send ---- */

static void
count_create(struct counters *n, enum verdict_kind kind)
{
	switch (kind) {
	case VERDICT_PUBLISHED: n->published++; break;
	case VERDICT_REFUSE: n->refused++; break;
	case VERDICT_RETRY_AT: n->retried++; break;
	case VERDICT_HOLD_LANE:
	case VERDICT_NEEDS_RECONNECT:
	case VERDICT_REFRESH_TOKEN:
	case VERDICT_STOP_APP: n->held++; break;
	case VERDICT_UNKNOWN:
	case VERDICT_FOREIGN: n->unknown++; break;
	case VERDICT_NOT_SENT: n->not_sent++; break;
	}
}

static void
save_create(struct in_flight *c)
{
	count_create(&c->owner->w->counters, c->effects.verdict.kind);
	queue_outcome(c->owner, c);
}

static void
on_image_seen(void *arg, const struct media_finding *found)
{
	struct in_flight *c = arg;
	char pin[UUID_TEXT_SIZE];

	c->peek = NULL;
	effects_image_seen(&c->effects, found, c->mem);
	log_info("event=image_checked pin=%s n=%u found=%s verdict=%s",
	    uuid_format(&c->intent.pin_id, pin), c->intent.n,
	    found->code != NULL ? found->code : "-", verdict_name(c->effects.verdict.kind));
	save_create(c);
}

/* More are not worth the wait: their messages are only shorter. */
static bool
may_peek(const struct in_flight *c)
{
	const struct publish *p = c->owner;
	const struct in_flight *other;
	unsigned all = 0, of_project = 0;

	LIST_FOREACH(other, &p->all, entry)
	if (other->peek != NULL) {
		all++;
		of_project += uuid_equal(&other->intent.project_id, &c->intent.project_id);
	}
	return p->w->conf->check_images && all < PEEKS_MAX && of_project < PEEKS_OF_PROJECT_MAX;
}

/* Looks at the image of a create that was refused for it. Nothing of the refusal is saved before.
 */
static void
peek_at_image(struct in_flight *c)
{
	const struct worker *w = c->owner->w;
	struct image_peek *k = arena_alloc(c->mem, sizeof(*k));
	struct media_finding found;

	*k = (struct image_peek){ .peek = { .mem = c->mem,
				      .policy = &w->conf->outbound,
				      .public_only = c->intent.environment == ENV_PRODUCTION },
		.transport = w->images,
		.done = on_image_seen,
		.arg = c };
	c->peek = k;
	if (image_peek_start(k, c->image_url, w->conf->image_timeout_ms, &found))
		return;
	on_image_seen(c, &found);
}

static void
on_create_outcome(void *arg, const struct outcome *o)
{
	struct in_flight *c = arg;
	struct effects_in in = effects_input(c, o);
	int64_t *each_us = &c->owner->each_us[c->intent.environment];

	CRASH_POINT("send.answered");
	*each_us += (o->duration_us - *each_us) / 16;
	effects_of_outcome(&c->effects, &in, c->mem);
	log_create(c, o);
	if (c->effects.verdict.about_image && c->image_url != NULL && may_peek(c))
		peek_at_image(c);
	else
		save_create(c);
}

static void
refuse_create(struct in_flight *c, enum unsent_change kind, const char *why)
{
	struct effects_in in = effects_input(c, NULL);
	char pin[UUID_TEXT_SIZE], project[UUID_TEXT_SIZE], alike[96];

	uuid_format_project(&c->intent.project_id, project);
	snprintf(alike, sizeof(alike), "event=create_not_started project=%s", project);
	log_counted(LOG_LVL_WARN, PINS_LOGGED, alike,
	    "event=create_not_started pin=%s project=%s n=%u why=\"%s\"",
	    uuid_format(&c->intent.pin_id, pin), project, c->intent.n, why);
	effects_unsent(&c->effects, &in, kind, why);
	queue_outcome(c->owner, c);
}

/* Holds the lane for the operator; the pin is not to blame. */
static void
hold_create(struct in_flight *c, enum wait_code why)
{
	refuse_create(c, UNSENT_KEEP,
	    why == WAIT_KEY_MISMATCH ? "The access token does not open: is this the right key_file?"
				     : "Pinterest is not configured.");
	c->effects.lane.hold_until_us = worker_db_now(c->owner->w, clock_mono_us()) + HOLD_US;
	c->effects.lane.hold_code = why;
}

void
publish_start(struct publish *p, const struct intent *i, int64_t boot_us)
{
	struct in_flight *c = in_flight_new(p, i);
	const struct upstream *up = &p->w->conf->upstream[i->environment];
	struct pinterest_create asked;
	struct transport_request r = { .method = "POST",
		.type = "application/json",
		.timeout_ms = up->create_timeout_ms,
		.max_body = BODY_MAX,
		.fresh = true,
		.create = true,
		.gate_from_boot_us = boot_us,
		.max_send_delay_ms = up->max_send_delay_ms };

	/* Built from the snapshot, so that a row that cannot be read back fails before it is sent.
	 */
	if (pinterest_create_parse(&asked, c->intent.snapshot, c->mem) == -1) {
		refuse_create(c, UNSENT_ADD, "The snapshot cannot be read.");
		return;
	}
	c->image_url = asked.image_url;
	r.bearer = keyring_open_text(
	    p->w->keyring, KEYRING_ACCESS_TOKEN, &i->account_id, i->sealed, i->sealed_len, c->mem);
	if (r.bearer == NULL || up->base_url == NULL) {
		hold_create(c, r.bearer == NULL ? WAIT_KEY_MISMATCH : WAIT_APP_STOPPED);
		return;
	}
	r.url = arena_printf(c->mem, "%s/pins", up->base_url);
	r.body = pinterest_create_body(&asked, c->mem);
	r.body_len = strlen(r.body);
	transport_start(p->w->pinterest, &r, on_create_outcome, c);
}

void
publish_in_doubt(struct publish *p, const struct intent *i)
{
	refuse_create(
	    in_flight_new(p, i), UNSENT_KEEP, "The result of the intent's COMMIT is unknown.");
}

/* ---- save ---- */

static void
publish_save_done(void *arg, enum db_rc rc)
{
	struct publish_save *s = arg;
	struct publish *p = s->owner;

	p->saving = false;
	p->batch = periodic_limit(p->batch, PUBLISH_SAVE_MAX, s->took_us);
	worker_clock_sample(p->w, &s->sample);
	if (s->saved > 0) {
		CRASH_POINT("forget");
		worker_wake(
		    p->w, WAKE_TURN | WAKE_DELIVERY | (s->account_changed ? WAKE_REFRESH : 0));
	}
	for (size_t i = 0; i < s->saved; i++)
		in_flight_remove(p, s->creates[i]);
	for (size_t i = s->len; i-- > s->saved;) {
		struct in_flight *c = s->creates[i];

		if (rc == DB_NONE && (s->lost & FENCE_BIT(c->intent.shard)))
			c->attempt_only = true;
		STAILQ_INSERT_HEAD(&p->unsaved, c, unsaved);
	}
	if (rc == DB_NONE) {
		shards_lost(p->w->shards, s->lost);
	} else if (rc != DB_OK) {
		log_warn("event=save_repeated rc=%s", db_rc_name(rc));
		p->retry_us = clock_mono_us() + SAVE_RETRY_US;
	}
	free(s);
	loop_poke(p->w->loop);
}

static void
publish_save_submit(struct publish *p)
{
	struct publish_save *s = xcalloc(1, sizeof(*s));

	s->owner = p;
	shards_leases(p->w->shards, &s->leases);
	while (!STAILQ_EMPTY(&p->unsaved) && s->len < p->batch) {
		s->creates[s->len++] = STAILQ_FIRST(&p->unsaved);
		STAILQ_REMOVE_HEAD(&p->unsaved, unsaved);
	}
	p->saving = true;
	dbq_submit(p->w->dbq, DBQ_SAVE, publish_save_run, publish_save_done, s);
}

int64_t
publish_tick(void *self, int64_t mono_us)
{
	struct publish *p = self;

	if (p->saving || STAILQ_EMPTY(&p->unsaved))
		return LOOP_NEVER;
	if (mono_us < p->retry_us)
		return p->retry_us;
	publish_save_submit(p);
	return LOOP_NEVER;
}

/* ---- the module ---- */

struct publish *
publish_new(struct worker *w)
{
	struct publish *p = xcalloc(1, sizeof(*p));

	p->w = w;
	STAILQ_INIT(&p->unsaved);
	for (int e = 0; e < ENV__COUNT; e++) {
		size_t most = (size_t)w->conf->max_in_flight;

		p->shares[e] =
		    fair_places_new(e == ENV_SANDBOX ? most / SANDBOX_PART : most, PROJECT_PART);
		p->each_us[e] = CREATE_US;
	}
	p->batch = PUBLISH_SAVE_MAX;
	return p;
}

unsigned
publish_busy(const void *self)
{
	const struct publish *p = self;

	return p->count + p->saving;
}

void
publish_free(void *self)
{
	struct publish *p = self;

	for (struct in_flight *c = p != NULL ? LIST_FIRST(&p->all) : NULL, *next; c != NULL;
	     c = next) {
		next = LIST_NEXT(c, entry);
		in_flight_remove(p, c);
	}
	for (int e = 0; p != NULL && e < ENV__COUNT; e++)
		fair_places_free(p->shares[e]);
	free(p);
}

struct fair_places *
publish_shares(const struct publish *p, enum environment env)
{
	return fair_places_copy(p->shares[env]);
}

int64_t
publish_each_us(const struct publish *p, enum environment env)
{
	return p->each_us[env];
}

void
publish_put_off_at(
    struct publish *p, enum environment env, const struct uuid *project, int64_t at_us)
{
	fair_places_put_off_at(p->shares[env], project, at_us);
}

size_t
publish_capacity(const struct publish *p)
{
	size_t most = (size_t)p->w->conf->max_in_flight;

	return p->count < most ? most - p->count : 0;
}

struct uuid *
publish_pin_ids(const struct publish *p, size_t *len)
{
	struct uuid *ids = xcalloc(p->count + 1, sizeof(*ids));
	const struct in_flight *c;

	*len = 0;
	LIST_FOREACH(c, &p->all, entry)
	ids[(*len)++] = c->intent.pin_id;
	return ids;
}
