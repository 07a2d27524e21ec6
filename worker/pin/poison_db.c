/*
 * Fails one poison pin. Invariant: writes no external data, since that may be what was refused. A
 * pin that may have been sent is never recorded as unsent.
 */
#include "worker/pin/poison_db.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/pin.h"
#include "sql/pin_move.h"
#include "worker/pin/last_attempt_db.h"

struct poison_job {
	const struct leases *leases;
	const struct poison *p;
};

static bool
may_be_sent(const struct last_attempt *o)
{
	if (o->state == PIN_VERIFYING)
		return true;
	return o->state == PIN_SENDING && o->outcome != ATTEMPT_NOT_SENT &&
	       o->outcome != ATTEMPT_REFUSED;
}

static void
set_poison_error(struct pin_move *m, const struct last_attempt *o, struct arena *mem)
{
	m->code = "internal_error";
	m->message = "The database refuses to save this pin; the fault is on our side.";
	if (!may_be_sent(o))
		return;
	m->code = "outcome_unknown";
	m->message = "The pin may be on Pinterest, but the database refuses to save what became of "
		     "it; the fault is on our side.";
	if (o->pinterest_pin_id != NULL)
		m->candidates = arena_printf(mem, "[\"%s\"]", o->pinterest_pin_id);
}

static enum db_rc
fail_poison(struct db *db, void *arg)
{
	const struct poison_job *j = arg;
	const struct poison *p = j->p;
	const struct pin_move_lane lane = { .id = p->lane_id, .release = true };
	struct pin_move m = { .pin_id = p->pin_id,
		.to = PIN_FAILED,
		.due_us = TIME_NONE,
		.absent_us = TIME_NONE,
		.unsent_in_a_row = UNSENT_KEEP,
		.lane = &lane,
		.event_deadline_s = p->event_deadline_s };
	struct last_attempt o = { 0 };
	struct fence fence;
	enum db_rc rc = fence_take(db, j->leases, FENCE_BIT(p->shard), &fence);

	if (rc != DB_OK)
		return rc;
	rc = last_attempt_read(db, &p->lane_id, &p->pin_id, &o);
	if (rc == DB_OK) {
		m.project_id = o.project_id;
		m.from = 1u << PIN_WAITING | 1u << PIN_SENDING | 1u << PIN_VERIFYING;
		set_poison_error(&m, &o, db_mem(db));
		rc = pin_move(db, &m);
	}
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
poison(struct db *db, const struct leases *leases, const struct poison *p)
{
	struct poison_job j = { .leases = leases, .p = p };
	enum db_rc rc = db_transact(db, fail_poison, &j);
	char text[UUID_TEXT_SIZE];

	log_error("event=pin_given_up pin=%s rc=%s", uuid_format(&p->pin_id, text), db_rc_name(rc));
	return rc;
}
