/*
 * Giving one pin up. Invariant: nothing is written that came from outside, for that is what the
 * database may have refused; what may have been sent never looks as if it had not.
 */
#include "worker/pin/poison_db.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/pin.h"
#include "worker/pin/last_attempt_db.h"
#include "sql/pin_move.h"

struct job {
	const struct leases *leases;
	const struct poison *g;
};

static bool
may_have_left(const struct last_attempt *o)
{
	if (o->state == PIN_VERIFYING)
		return true;
	return o->state == PIN_SENDING && o->outcome != ATTEMPT_NOT_SENT &&
	       o->outcome != ATTEMPT_REFUSED;
}

static void
say(struct pin_move *s, const struct last_attempt *o, struct arena *mem)
{
	s->code = "internal_error";
	s->message = "The database refuses to save this pin; the fault is on our side.";
	if (!may_have_left(o))
		return;
	s->code = "outcome_unknown";
	s->message = "The pin may be on Pinterest, but the database refuses to save what became of "
		     "it; the fault is on our side.";
	if (o->pinterest_pin_id != NULL)
		s->candidates = arena_printf(mem, "[\"%s\"]", o->pinterest_pin_id);
}

static enum db_rc
work(struct db *db, void *arg)
{
	const struct job *j = arg;
	const struct poison *g = j->g;
	const struct pin_move_lane lane = { .id = g->lane_id, .release = true };
	struct pin_move s = { .pin_id = g->pin_id,
		.to = PIN_FAILED,
		.due_us = TIME_NONE,
		.absent_us = TIME_NONE,
		.unsent_in_a_row = UNSENT_KEEP,
		.lane = &lane,
		.event_deadline_s = g->event_deadline_s };
	struct last_attempt o = { 0 };
	struct fence fence;
	enum db_rc rc = fence_take(db, j->leases, FENCE_BIT(g->shard), &fence);

	if (rc != DB_OK)
		return rc;
	rc = last_attempt_read(db, &g->lane_id, &g->pin_id, &o);
	if (rc == DB_OK) {
		s.project_id = o.project_id;
		s.from = 1u << PIN_WAITING | 1u << PIN_SENDING | 1u << PIN_VERIFYING;
		say(&s, &o, db_mem(db));
		rc = pin_move(db, &s);
	}
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
poison(struct db *db, const struct leases *leases, const struct poison *g)
{
	struct job j = { .leases = leases, .g = g };
	enum db_rc rc = db_transact(db, work, &j);
	char text[UUID_TEXT_SIZE];

	log_error("event=pin_given_up pin=%s rc=%s", uuid_format(&g->pin_id, text), db_rc_name(rc));
	return rc;
}
