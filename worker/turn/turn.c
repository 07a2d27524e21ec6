/* Drives the turns. Invariant: at most one is under way. */
#include "worker/turn/turn.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "worker/frame/dbq.h"
#include "worker/frame/loop.h"
#include "worker/frame/periodic.h"
#include "worker/publish/publish.h"
#include "worker/frame/shards.h"
#include "worker/turn/turn_db.h"
#include "worker/verify/verify.h"
#include "worker/frame/worker.h"

#define SKIPPED_US (10 * US_PER_MS)
#define RETRY_US (200 * US_PER_MS)

struct turn {
	struct worker *w;
	bool under_way, scanned;
	bool again; /* poked while a turn was under way */
	int64_t next_us, known_us;
	size_t limit; /* lanes per turn; fewer while the database refuses some row */
};

struct job {
	struct turn *l;
	struct turn_job turn;
};

static void
turn_hand_out(struct turn *l, const struct turn_job *t)
{
	for (size_t i = 0; i < t->intents_len; i++) {
		if (t->in_doubt)
			publish_in_doubt(l->w->publish, &t->intents[i]);
		else
			publish_start(l->w->publish, &t->intents[i], t->boot_us);
	}
	for (size_t i = 0; i < t->lookups_len && !t->in_doubt; i++)
		verify_start(l->w->verify, &t->lookups[i]);
}

static int64_t
turn_next_us(const struct turn *l, const struct turn_job *t, int64_t now)
{
	int64_t next = now + l->w->conf->poll_ms * US_PER_MS,
		others = worker_mono_at(l->w, t->next_us),
		these = t->served > 0 ? worker_mono_at(l->w, t->served_wake_us) : LOOP_NEVER;

	if (t->due == t->limit)
		return now;
	if (t->served < t->due)
		return now + SKIPPED_US;
	if (others < next)
		next = others;
	return these < next ? these : next;
}

static enum db_rc
turn_job_run(struct db *db, void *arg)
{
	struct job *j = arg;

	return turn_run(db, &j->turn);
}

static void
turn_done(void *arg, enum db_rc rc)
{
	struct job *j = arg;
	struct turn *l = j->l;
	struct turn_job *t = &j->turn;
	int64_t now = clock_mono_us();

	l->under_way = false;
	shards_thaw(l->w->shards);
	worker_clock_sample(l->w, &t->sample);
	if (rc == DB_OK) {
		l->scanned = true;
		l->limit = periodic_limit(l->limit, TURN_LANES, t->took_us);
		if (t->oldest_us > l->w->counters.oldest_due_us)
			l->w->counters.oldest_due_us = t->oldest_us;
		turn_hand_out(l, t);
		if (t->has_events)
			worker_wake(l->w, WAKE_DELIVERY);
		l->next_us = turn_next_us(l, t, now);
		l->known_us = t->due > 0 ? now : worker_mono_at(l->w, t->next_us);
	} else {
		if (t->lost != 0 && rc == DB_NONE)
			shards_lost(l->w->shards, t->lost);
		else if (rc != DB_DOWN)
			log_warn("event=turn_failed rc=%s due=%zu", db_rc_name(rc), t->due);
		l->next_us = now + RETRY_US;
		if (rc == DB_FAIL && l->limit > 1) {
			l->limit /= 2;
			l->next_us = now; /* the refused row is searched for at once */
		}
	}
	if (l->again)
		l->next_us = now;
	l->again = false;
	free(t->publish_pins);
	free(t->verify_pins);
	free(j);
	loop_poke(l->w->loop);
}

static int64_t
shortest_send_delay_us(const struct conf *conf)
{
	int64_t ms = conf->upstream[0].max_send_delay_ms;

	for (int e = 1; e < ENV__COUNT; e++)
		if (conf->upstream[e].max_send_delay_ms < ms)
			ms = conf->upstream[e].max_send_delay_ms;
	return ms * US_PER_MS;
}

static void
turn_submit(struct turn *l)
{
	struct job *j = xcalloc(1, sizeof(*j));
	struct turn_job *t = &j->turn;
	const struct conf *conf = l->w->conf;
	size_t room = publish_capacity(l->w->publish);

	j->l = l;
	shards_leases(l->w->shards, &t->leases);
	t->worker_id = l->w->id;
	t->clock = l->w->clock;
	for (int e = 0; e < ENV__COUNT; e++)
		t->upstream[e] = &conf->upstream[e];
	t->shard_rate = fence_rate(&conf->global_pace);
	t->event_deadline_s = conf->webhook.deadline_s;
	t->limit = l->limit;
	t->max_send_delay_us = shortest_send_delay_us(conf);
	t->max_intents = room < TURN_LANES ? room : TURN_LANES;
	t->max_lookups = verify_capacity(l->w->verify);
	t->publish_pins = publish_pin_ids(l->w->publish, &t->publish_pins_len);
	t->verify_pins = verify_pin_ids(l->w->verify, &t->verify_pins_len);
	l->under_way = true;
	shards_freeze(l->w->shards);
	dbq_submit(l->w->dbq, DBQ_WORK, turn_job_run, turn_done, j);
}

int64_t
turn_tick(void *self, int64_t mono_us)
{
	struct turn *l = self;

	if (l->under_way) {
		l->again = l->again || (l->w->woken & WAKE_TURN);
		return LOOP_NEVER;
	}
	if (l->w->draining || !shards_known(l->w->shards))
		return LOOP_NEVER;
	if (shards_mask(l->w->shards) == 0)
		l->scanned = true;
	if (shards_mask(l->w->shards) == 0 || publish_capacity(l->w->publish) == 0)
		return LOOP_NEVER; /* a lease or a save pokes */
	if (mono_us < l->next_us && !(l->w->woken & WAKE_TURN))
		return l->next_us;
	turn_submit(l);
	return LOOP_NEVER;
}

struct turn *
turn_new(struct worker *w)
{
	struct turn *l = xcalloc(1, sizeof(*l));

	l->w = w;
	l->known_us = LOOP_NEVER;
	l->limit = TURN_LANES;
	return l;
}

unsigned
turn_busy(const void *self)
{
	const struct turn *l = self;

	if (l->w->draining)
		return l->under_way;
	return (unsigned)l->under_way + (unsigned)!l->scanned + (l->known_us <= clock_mono_us());
}

void
turn_free(void *self)
{
	free(self);
}
