/*
 * Deadlines and old rows. Invariant: a pin fails by its deadline only while it is still waiting;
 * old rows are deleted by one worker, a batch at a time, other work in between.
 */
#include "worker/sweep/sweep.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "sql/stmt.h"
#include "worker/frame/fence_db.h"
#include "worker/frame/dbq.h"
#include "worker/frame/loop.h"
#include "worker/sweep/retention_db.h"
#include "sql/pin_move.h"
#include "worker/frame/shards.h"
#include "worker/frame/worker.h"

#define DEADLINES_MAX 16
#define RETRY_US (500 * US_PER_MS)
#define CLEAN_US (60 * US_PER_S)
#define POLL_US (1 * US_PER_S)

struct sweep {
	struct worker *w;
	bool under_way;
	int64_t next_us;
	int64_t clean_us; /* the next round over old rows begins, or goes on */
	struct retention_round round;
};

struct pin {
	struct uuid id, project_id;
	int64_t shard, version;
};

struct job {
	struct sweep *s;
	struct leases leases;
	bool clean;
	struct retention retention;
	struct retention_round round;
	int64_t event_deadline_s;
	/* on the DB thread */
	struct pin pins[DEADLINES_MAX], pin;
	size_t len, missed;
	/* out */
	int64_t next_us;
	uint64_t lost;
	struct clock_sample sample;
};

static enum db_rc
find_next(struct db *db, struct job *j)
{
	const struct db_param in[] = { leases_param(&j->leases) };
	struct db_col out[] = { db_get_time(&j->next_us), db_get_time(&j->sample.db_us) };
	enum db_rc rc = db_row(db, STMT_PIN_DEADLINE_NEXT, in, DB_LEN(in), out, DB_LEN(out));

	j->sample.mono_us = clock_mono_us();
	if (rc != DB_NONE)
		return rc;
	j->next_us = TIME_NONE;
	j->sample.db_us = 0;
	return DB_OK;
}

static void
on_pin(void *arg)
{
	struct job *j = arg;

	j->pins[j->len++] = j->pin;
}

static enum db_rc
miss(struct db *db, void *arg)
{
	struct job *j = arg;
	struct fence fence;
	uint64_t mask = 0;
	enum db_rc rc;

	for (size_t i = 0; i < j->len; i++)
		mask |= FENCE_BIT((unsigned)j->pins[i].shard % SHARD_COUNT);
	rc = fence_take(db, &j->leases, mask, &fence);
	j->lost = fence.lost;
	j->missed = 0;
	for (size_t i = 0; i < j->len && rc == DB_OK; i++) {
		const struct pin_move s = { .project_id = j->pins[i].project_id,
			.pin_id = j->pins[i].id,
			.from = 1u << PIN_WAITING,
			.version = j->pins[i].version,
			.to = PIN_FAILED,
			.due_us = TIME_NONE,
			.code = "publish_window_missed",
			.message = "The pin could not be sent before its deadline (not_after).",
			.absent_us = TIME_NONE,
			.unsent_in_a_row = UNSENT_KEEP,
			.event_deadline_s = j->event_deadline_s };

		rc = pin_move(db, &s);
		j->missed += rc == DB_OK;
		if (rc == DB_NONE)
			rc = DB_OK;
	}
	return rc;
}

/* One that is refused must not keep the others; it is tried again later. */
static enum db_rc
miss_each(struct db *db, struct job *j)
{
	size_t n = j->len, missed = 0;
	enum db_rc rc = DB_OK, worst = DB_OK;

	for (size_t i = 0; i < n && (rc == DB_OK || rc == DB_FAIL); i++) {
		j->pins[0] = j->pins[i];
		j->len = 1;
		rc = db_transact(db, miss, j);
		missed += rc == DB_OK ? j->missed : 0;
		worst = rc != DB_OK ? rc : worst;
	}
	j->missed = missed;
	return worst;
}

static enum db_rc
deadlines(struct db *db, struct job *j)
{
	struct pin *p = &j->pin;
	const struct db_param in[] = { leases_param(&j->leases), db_int(DEADLINES_MAX) };
	struct db_col out[] = { db_get_uuid(&p->id), db_get_uuid(&p->project_id),
		db_get_int(&p->shard), db_get_int(&p->version) };
	enum db_rc rc = find_next(db, j);

	if (rc != DB_OK || j->next_us == TIME_NONE || j->next_us > j->sample.db_us)
		return rc;
	rc = db_each(db, STMT_PIN_DEADLINE_DUE, in, DB_LEN(in), out, DB_LEN(out), on_pin, j);
	if (rc == DB_OK && j->len > 0)
		rc = db_transact(db, miss, j);
	if (rc == DB_FAIL && j->len > 1)
		rc = miss_each(db, j);
	if (rc == DB_OK && j->missed > 0)
		log_info("event=windows_missed count=%zu", j->missed);
	return rc == DB_OK ? find_next(db, j) : rc;
}

static enum db_rc
run(struct db *db, void *arg)
{
	struct job *j = arg;
	enum db_rc rc = deadlines(db, j);

	/* What the database refuses here is in its log, and waits for the next round. */
	if (rc == DB_OK && j->clean)
		(void)retention_step(db, &j->retention, &j->round);
	return rc;
}

static void
note_round(struct sweep *s, const struct retention_round *round, int64_t now_us)
{
	s->round = *round;
	s->clean_us = now_us;
	if (!round->over) {
		s->next_us = now_us;
		return;
	}
	if (round->rows > 0)
		log_info("event=swept rows=%" PRIu64, round->rows);
	s->round = (struct retention_round){ 0 };
	s->clean_us = now_us + CLEAN_US;
}

/* Of several workers one is enough. */
static bool
is_cleaner(const struct sweep *s)
{
	return (shards_mask(s->w->shards) & FENCE_BIT(0)) != 0;
}

static void
done(void *arg, enum db_rc rc)
{
	struct job *j = arg;
	struct sweep *s = j->s;
	int64_t now = clock_mono_us(), at;

	s->under_way = false;
	worker_clock_sample(s->w, &j->sample);
	if (rc == DB_NONE)
		shards_lost(s->w->shards, j->lost);
	else if (rc != DB_OK && rc != DB_DOWN)
		log_warn("event=sweep_failed rc=%s", db_rc_name(rc));
	if (j->missed > 0)
		worker_wake(s->w, WAKE_DELIVERY);
	at = worker_mono_at(s->w, j->next_us);
	s->next_us = rc != DB_OK ? now + RETRY_US : at < now + POLL_US ? at : now + POLL_US;
	if (j->clean && rc == DB_OK)
		note_round(s, &j->round, now);
	free(j);
	loop_poke(s->w->loop);
}

int64_t
sweep_tick(void *self, int64_t mono_us)
{
	struct sweep *s = self;
	struct job *j;

	if (s->under_way || s->w->draining || shards_mask(s->w->shards) == 0)
		return LOOP_NEVER;
	if (mono_us < s->next_us)
		return s->next_us;
	j = xcalloc(1, sizeof(*j));
	j->s = s;
	shards_leases(s->w->shards, &j->leases);
	j->clean = mono_us >= s->clean_us && is_cleaner(s);
	j->retention = s->w->conf->retention;
	j->round = s->round;
	j->event_deadline_s = s->w->conf->webhook.deadline_s;
	s->under_way = true;
	dbq_submit(s->w->dbq, DBQ_WORK, run, done, j);
	return LOOP_NEVER;
}

struct sweep *
sweep_new(struct worker *w)
{
	struct sweep *s = xcalloc(1, sizeof(*s));

	s->w = w;
	return s;
}

unsigned
sweep_busy(const void *self)
{
	const struct sweep *s = self;

	return s->under_way || (s->round.at > 0 && is_cleaner(s) && !s->w->draining);
}

void
sweep_free(void *self)
{
	free(self);
}
