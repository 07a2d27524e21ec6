/* Drives the turns. Invariant: at most one is under way, and shards stay frozen as long. */
#include "worker/turn/turn.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "worker/frame/loop.h"
#include "lib/fair_places.h"
#include "worker/frame/shards.h"
#include "worker/frame/worker.h"
#include "worker/publish/publish.h"
#include "worker/turn/turn_db.h"
#include "worker/verify/verify.h"

#define SKIPPED_RETRY_US (10 * US_PER_MS) /* for lanes that another transaction had locked */

static int64_t
shortest_send_delay_us(const struct conf *conf)
{
	int64_t ms = conf->upstream[0].max_send_delay_ms;

	for (int e = 1; e < ENV__COUNT; e++)
		if (conf->upstream[e].max_send_delay_ms < ms)
			ms = conf->upstream[e].max_send_delay_ms;
	return ms * US_PER_MS;
}

/* When publish is full, its next save wakes the turn. */
static bool
publish_has_capacity(const void *stage)
{
	const struct periodic *p = stage;

	return publish_capacity(p->w->publish) > 0;
}

static void
turn_prepare(void *stage, void *job)
{
	const struct worker *w = ((struct periodic *)stage)->w;
	struct turn_job *t = job;
	size_t capacity = publish_capacity(w->publish);

	t->worker_id = w->id;
	t->clock = w->clock;
	for (int e = 0; e < ENV__COUNT; e++)
		t->upstream[e] = &w->conf->upstream[e];
	t->shard_rate = fence_rate(&w->conf->global_pace);
	t->event_deadline_s = w->conf->webhook.deadline_s;
	t->max_send_delay_us = shortest_send_delay_us(w->conf);
	t->max_intents = capacity < TURN_LANES ? capacity : TURN_LANES;
	for (int e = 0; e < ENV__COUNT; e++) {
		t->shares[e] = publish_shares(w->publish, (enum environment)e);
		t->lookup_shares[e] = verify_shares(w->verify, (enum environment)e);
		t->each_us[e] = publish_each_us(w->publish, (enum environment)e);
	}
	t->max_lookups = verify_capacity(w->verify);
	t->publish_pins = publish_pin_ids(w->publish, &t->publish_pins_len);
	t->verify_pins = verify_pin_ids(w->verify, &t->verify_pins_len);
	shards_freeze(w->shards);
}

static void
turn_hand_out(const struct worker *w, const struct turn_job *t)
{
	for (size_t i = 0; i < t->intents_len; i++) {
		if (t->in_doubt)
			publish_in_doubt(w->publish, &t->intents[i]);
		else
			publish_start(w->publish, &t->intents[i], t->boot_us);
	}
	for (size_t i = 0; i < t->lookups_len && !t->in_doubt; i++)
		verify_start(w->verify, &t->lookups[i]);
}

/* Lanes that were served know their next turn better than the reading before it. */
static void
schedule_next_turn(struct periodic *p, const struct turn_job *t, int64_t now)
{
	int64_t served_us = worker_mono_at(p->w, t->served_wake_us);

	if (t->due > 0)
		p->known_us = now;
	if (t->batch.more)
		return;
	if (t->served < t->due)
		p->next_us = now + SKIPPED_RETRY_US;
	else if (t->served > 0 && served_us < p->next_us)
		p->next_us = served_us;
}

static void
turn_apply(void *stage, void *job, enum db_rc rc)
{
	struct periodic *p = stage;
	struct turn_job *t = job;
	struct worker *w = p->w;

	shards_thaw(w->shards);
	if (rc == DB_OK) {
		if (t->oldest_us > w->counters.oldest_due_us)
			w->counters.oldest_due_us = t->oldest_us;
		turn_hand_out(w, t);
		if (t->has_events)
			worker_wake(w, WAKE_DELIVERY);
		schedule_next_turn(p, t, clock_mono_us());
	} else if (rc == DB_FAIL && p->limit > 1) {
		/* Not isolate(): what smaller turns grant meanwhile must leave at once. */
		p->limit /= 2;
		p->next_us = clock_mono_us();
	}
	for (size_t i = 0; i < t->put_off_len; i++)
		publish_put_off_at(w->publish, t->put_off[i].environment, &t->put_off[i].project_id,
		    t->put_off[i].at_us);
	for (int e = 0; e < ENV__COUNT; e++) {
		fair_places_free(t->shares[e]);
		fair_places_free(t->lookup_shares[e]);
	}
	free(t->publish_pins);
	free(t->verify_pins);
}

const struct periodic_kind turn_kind = {
	.failed = "turn_failed",
	.wake = WAKE_TURN,
	.batch_max = TURN_LANES,
	.retry_us = 200 * US_PER_MS,
	.stage_size = sizeof(struct periodic),
	.job_size = sizeof(struct turn_job),
	.ready = publish_has_capacity,
	.prepare = turn_prepare,
	.run = turn_run,
	.apply = turn_apply,
};
