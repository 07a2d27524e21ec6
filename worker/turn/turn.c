/* The driver of turns. Invariant: at most one turn is under way. */
#include "worker/turn/turn.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "worker/frame/dbq.h"
#include "worker/deliver/deliver.h"
#include "worker/frame/loop.h"
#include "worker/publish/publish.h"
#include "worker/frame/shards.h"
#include "worker/stats.h"
#include "worker/turn/turn_db.h"
#include "worker/verify/verify.h"
#include "worker/frame/worker.h"

#define SKIPPED_US (10 * US_PER_MS)
#define RETRY_US (200 * US_PER_MS)

struct lanes {
	struct worker *w;
	bool under_way, scanned;
	bool again; /* poked while a turn was under way */
	int64_t next_us, known_us;
	size_t limit; /* lanes per turn; fewer while the database refuses some row */
};

struct job {
	struct lanes *l;
	struct turn turn;
};

static void
hand_out(struct lanes *l, const struct turn *t)
{
	for (size_t i = 0; i < t->intents_len; i++) {
		if (t->maybe)
			publish_doubt(l->w->publish, &t->intents[i]);
		else
			publish_start(l->w->publish, &t->intents[i], t->boot_us);
	}
	for (size_t i = 0; i < t->lookups_len && !t->maybe; i++)
		verify_start(l->w->verify, &t->lookups[i]);
}

static int64_t
next_turn(const struct lanes *l, const struct turn *t, int64_t now)
{
	int64_t next = now + l->w->conf->poll_ms * US_PER_MS,
		others = worker_mono_at(l->w, t->next_us),
		these = t->served > 0 ? worker_mono_at(l->w, t->again_us) : LOOP_NEVER;

	if (t->due == t->limit)
		return now;
	if (t->served < t->due)
		return now + SKIPPED_US;
	if (others < next)
		next = others;
	return these < next ? these : next;
}

static enum db_rc
run(struct db *db, void *arg)
{
	struct job *j = arg;

	return turn_run(db, &j->turn);
}

static void
turn_done(void *arg, enum db_rc rc)
{
	struct job *j = arg;
	struct lanes *l = j->l;
	struct turn *t = &j->turn;
	int64_t now = clock_mono_us();

	l->under_way = false;
	worker_clock_sample(l->w, &t->sample);
	if (rc == DB_OK) {
		l->scanned = true;
		l->limit = worker_batch(l->limit, TURN_LANES, t->took_us);
		stats_oldest(l->w->stats, t->oldest_us);
		hand_out(l, t);
		if (t->ended)
			deliver_poke(l->w->deliver);
		l->next_us = next_turn(l, t, now);
		l->known_us = t->due > 0 ? now : worker_mono_at(l->w, t->next_us);
	} else {
		if (t->lost != 0 && rc == DB_NONE)
			shards_lost(l->w->shards, t->lost);
		else if (rc != DB_DOWN)
			log_warn("event=turn_failed rc=%s due=%zu", db_rc_name(rc), t->due);
		l->next_us = now + RETRY_US;
		if (rc == DB_FAIL && l->limit > 1) {
			l->limit /= 2;
			l->next_us = now; /* the others wait for the one to be found */
		}
	}
	if (l->again)
		l->next_us = now;
	l->again = false;
	free(t->mine);
	free(t->looked);
	free(j);
	loop_poke(l->w->loop);
}

static int64_t
shortest_gate(const struct conf *conf)
{
	int64_t ms = conf->upstream[0].max_send_delay_ms;

	for (int e = 1; e < ENV__COUNT; e++)
		if (conf->upstream[e].max_send_delay_ms < ms)
			ms = conf->upstream[e].max_send_delay_ms;
	return ms * US_PER_MS;
}

static void
submit(struct lanes *l)
{
	struct job *j = xcalloc(1, sizeof(*j));
	struct turn *t = &j->turn;
	const struct conf *conf = l->w->conf;
	size_t room = publish_room(l->w->publish);

	j->l = l;
	shards_leases(l->w->shards, &t->leases);
	t->worker_id = l->w->id;
	t->clock = l->w->clock;
	for (int e = 0; e < ENV__COUNT; e++)
		t->upstream[e] = &conf->upstream[e];
	t->shard_rate = fence_rate(&conf->global_pace);
	t->event_deadline_s = conf->webhook.deadline_s;
	t->limit = l->limit;
	t->gate_us = shortest_gate(conf);
	t->max_intents = room < TURN_LANES ? room : TURN_LANES;
	t->max_lookups = verify_room(l->w->verify);
	t->mine = publish_mine(l->w->publish, &t->mine_len);
	t->looked = verify_looked(l->w->verify, &t->looked_len);
	l->under_way = true;
	dbq_submit(l->w->dbq, DBQ_WORK, run, turn_done, j);
}

int64_t
lanes_tick(void *self, int64_t mono_us)
{
	struct lanes *l = self;

	if (l->under_way) {
		l->again = l->again || l->w->poked;
		return LOOP_NEVER;
	}
	if (l->w->draining || !shards_known(l->w->shards))
		return LOOP_NEVER;
	if (shards_mask(l->w->shards) == 0)
		l->scanned = true;
	if (shards_mask(l->w->shards) == 0 || publish_room(l->w->publish) == 0)
		return LOOP_NEVER; /* a lease or a save pokes */
	if (mono_us < l->next_us && !l->w->poked)
		return l->next_us;
	submit(l);
	return LOOP_NEVER;
}

struct lanes *
lanes_new(struct worker *w)
{
	struct lanes *l = xcalloc(1, sizeof(*l));

	l->w = w;
	l->known_us = LOOP_NEVER;
	l->limit = TURN_LANES;
	return l;
}

unsigned
lanes_busy(const void *self)
{
	const struct lanes *l = self;

	if (l->w->draining)
		return l->under_way;
	return (unsigned)l->under_way + (unsigned)!l->scanned + (l->known_us <= clock_mono_us());
}

void
lanes_free(void *self)
{
	free(self);
}

bool
lanes_turning(const struct lanes *l)
{
	return l->under_way;
}

void
lanes_poke(struct lanes *l)
{
	if (l->under_way)
		l->again = true;
	else
		l->next_us = 0;
	loop_poke(l->w->loop);
}
