/*
 * Pins that let others of their lane go first. Invariant: each pin that waits for its link's host
 * gets a time of its own, in their order, so that it is written once and not at every gap.
 */
#include "lib/wait.h"
#include "worker/turn/turn_lane_db.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "sql/pin_move.h"
#include "sql/stmt.h"

enum db_rc
turn_defer_to_lookup(struct turn_tx *tx, struct turn_lane *l, const struct turn_account *a)
{
	const struct turn_head *h = &a->head;
	struct pin_move move = { .project_id = a->project_id,
		.pin_id = h->id,
		.from = 1u << PIN_WAITING,
		.to = PIN_VERIFYING,
		.due_us = l->now_us,
		.absent_us = TIME_NONE,
		.unsent_in_a_row = UNSENT_KEEP,
		.event_deadline_s = tx->t->event_deadline_s };
	enum db_rc rc;

	if (h->unsent_in_a_row >= TURN_NO_OUTCOME_MAX) {
		move.to = PIN_FAILED;
		move.due_us = TIME_NONE;
		move.code = "internal_error";
		move.message =
		    "The pin could not be sent in three attempts; the fault is on our side.";
	}
	rc = pin_move(tx->db, &move);
	tx->t->has_events |= move.to == PIN_FAILED;
	turn_wake_at(l, l->now_us);
	return rc;
}

/* How many earlier pins wait for the same host. */
static enum db_rc
count_pins_before(struct turn_tx *tx, const struct turn_account *a, const char *host, int64_t *n)
{
	return db_row(tx->db,
	    SQL_IN(pin_count_before, .project = db_uuid(&a->project_id),
		.pin = db_uuid(&a->head.id),
		.like = db_text(arena_printf(db_mem(tx->db), "%%://%s%%", host))),
	    SQL_OUT(pin_count_before, .pins = db_get_int(n)));
}

enum db_rc
turn_defer_to_host(struct turn_tx *tx, struct turn_lane *l, const struct turn_account *a,
    const char *host, int64_t until_us)
{
	int64_t n = 0;
	enum db_rc rc = DB_OK;

	if (l->up->host_gap_ms > 0)
		rc = count_pins_before(tx, a, host, &n);
	if (rc != DB_OK)
		return rc;
	until_us += n * l->up->host_gap_ms * US_PER_MS;
	turn_wake_at(l, until_us);

	return db_exec(tx->db,
	    SQL_IN(pin_defer, .project = db_uuid(&a->project_id), .id = db_uuid(&a->head.id),
		.version = db_int(a->head.version), .due = db_time(until_us),
		.code = db_text(wait_wire_code(WAIT_LINK_HOST)),
		.message = db_text(wait_message(WAIT_LINK_HOST))),
	    NULL);
}
