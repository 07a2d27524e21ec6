/*
 * A turn: find the due lanes, take the fence, lock the lanes, serve each, write them back.
 * Invariant: nothing is decided from a lane that is not locked, and a grant counts only once its
 * COMMIT is known.
 */
#include "worker/turn/turn_db.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crash.h"
#include "lib/log.h"
#include "lib/wait.h"
#include "sql/stmt.h"
#include "lib/fair_places.h"
#include "worker/turn/turn_lane_db.h"

/* The first lanes by next_turn_at, read without locks. */
struct due_lanes {
	struct turn_job *t;
	struct uuid ids[TURN_LANES];
	unsigned shards[TURN_LANES];
	size_t len;
	struct uuid id;
	int64_t shard, wake_us;
};

static void
on_due_lane(void *arg)
{
	struct due_lanes *p = arg;
	struct turn_job *t = p->t;

	if (p->wake_us > t->batch.sample.db_us) {
		if (t->batch.next_us == TIME_NONE)
			t->batch.next_us = p->wake_us;
		return;
	}
	if (p->len == 0)
		t->oldest_us = t->batch.sample.db_us - p->wake_us;
	p->ids[p->len] = p->id;
	p->shards[p->len++] = (unsigned)p->shard % SHARD_COUNT;
}

static enum db_rc
find_due_lanes(struct db *db, struct due_lanes *p)
{
	struct turn_job *t = p->t;
	enum db_rc rc;

	rc = db_each(db,
	    SQL_IN(lane_due, .shards = leases_param(&t->batch.leases),
		.limit = db_int((int64_t)t->batch.limit)),
	    SQL_OUT(lane_due, .id = db_get_uuid(&p->id), .shard = db_get_int(&p->shard),
		.next_turn_at = db_get_time(&p->wake_us),
		.now = db_get_time(&t->batch.sample.db_us)),
	    on_due_lane, p);
	t->batch.sample.mono_us = clock_mono_us();
	t->due = p->len;
	t->batch.more = p->len == t->batch.limit;
	return rc;
}

/* ---- inside the transaction ---- */

struct lock_row {
	struct turn_tx *tx;
	struct turn_lane *lanes;
	size_t len;
	struct turn_lane l;
	int64_t environment, next_code, hold_code;
};

static void
on_locked_lane(void *arg)
{
	struct lock_row *r = arg;
	struct turn_lane *l = &r->l;

	l->state.next_code = (enum wait_code)r->next_code;
	l->state.hold_code = (enum wait_code)r->hold_code;
	l->state.cap_opened_us = TIME_NONE;
	l->environment = r->environment == ENV_SANDBOX ? ENV_SANDBOX : ENV_PRODUCTION;
	l->up = r->tx->t->upstream[l->environment];
	l->wake_us = TIME_NONE;
	l->locked = true;
	for (size_t i = 0; i < r->len; i++)
		if (uuid_equal(&r->lanes[i].id, &l->id)) {
			l->shard = r->lanes[i].shard;
			r->lanes[i] = *l;
		}
}

/* Skips lanes that a transaction is inserting into, and lanes served meanwhile. */
static enum db_rc
lock_lanes(struct turn_tx *tx, struct turn_lane *lanes, size_t n)
{
	struct lock_row r = { .tx = tx, .lanes = lanes, .len = n };
	struct turn_lane *l = &r.l;
	struct pace_state *s = &l->state;
	struct uuid ids[TURN_LANES] = { 0 };

	for (size_t i = 0; i < n; i++)
		ids[i] = lanes[i].id;
	return db_each(tx->db, SQL_IN(lane_lock, .ids = db_uuids(ids, n)),
	    SQL_OUT(lane_lock, .id = db_get_uuid(&l->id), .environment = db_get_int(&r.environment),
		.microtokens = db_get_int(&s->bucket.microtokens),
		.tokens_at = db_get_time(&s->bucket.at_us), .next_at = db_get_time(&s->next_at_us),
		.next_code = db_get_int(&r.next_code), .hold_until = db_get_time(&s->hold_until_us),
		.hold_code = db_get_int(&r.hold_code), .busy_until = db_get_time(&s->busy_until_us),
		.in_flight_pin = db_get_uuid(&l->in_flight_pin),
		.strikes = db_get_int(&l->spam_strikes),
		.blocked_hosts = db_get_text(&l->link_hosts),
		.verify_due_at = db_get_time(&l->next_lookup_us),
		.lost_since = db_get_time(&l->lost.since_us),
		.lost_until = db_get_time(&l->lost.until_us),
		.lost_creates = db_get_int(&l->lost.creates), .now = db_get_time(&l->now_us)),
	    on_locked_lane, &r);
}

static void
add_lane_row(struct turn_tx *tx, const struct turn_lane *l)
{
	const struct pace_state *s = &l->state;

	db_many_push(tx->db, &tx->lanes,
	    SQL_IN(lane_save, .id = db_uuid(&l->id), .next_turn_at = db_time(l->wake_us),
		.tokens = db_int(s->bucket.microtokens), .tokens_at = db_time(s->bucket.at_us),
		.next_at = db_time(s->next_at_us), .next_code = db_int(s->next_code),
		.busy_until = db_time(s->busy_until_us),
		.in_flight_pin = db_uuid_or_null(&l->in_flight_pin),
		.hold_until = db_time(s->hold_until_us), .hold_code = db_int(s->hold_code),
		.hosts = db_text(l->link_hosts)));
}

static enum db_rc
serve_lane(struct turn_tx *tx, struct turn_lane *l)
{
	bool in_flight = !uuid_is_nil(&l->in_flight_pin), lookup = l->next_lookup_us != TIME_NONE;
	struct pace_rules r = turn_rules(l);
	enum db_rc rc = DB_OK;

	pace_clock_back(&l->state, &r, turn_busy_us(l->up), l->now_us);
	if (in_flight)
		rc = turn_takeover(tx, l);
	if (rc == DB_OK && lookup)
		rc = turn_lookup(tx, l);
	if (rc == DB_OK)
		turn_clear_culprit(tx);
	if (rc == DB_OK && (in_flight || lookup))
		rc = turn_heads(tx, l, 1); /* the heads may have changed */
	if (rc == DB_OK)
		rc = turn_grant(tx, l);
	if (rc == DB_OK)
		add_lane_row(tx, l);
	if (l->wake_us != TIME_NONE &&
	    (tx->t->served_wake_us == TIME_NONE || l->wake_us < tx->t->served_wake_us))
		tx->t->served_wake_us = l->wake_us;
	tx->t->served++;
	return rc;
}

static enum db_rc
debit_buckets(struct turn_tx *tx)
{
	struct db_many m = { 0 };

	for (unsigned s = 0; s < SHARD_COUNT; s++)
		if (tx->debited & FENCE_BIT(s))
			fence_debit_add(tx->db, &m, s, &tx->fence.bucket[s]);
	return fence_debit(tx->db, &m);
}

/* One statement of each kind for all lanes. */
static enum db_rc
write_turn(struct turn_tx *tx)
{
	const struct intent *only = tx->t->intents;
	enum db_rc rc;

	if (tx->t->intents_len == 1)
		turn_set_culprit(tx, &only->lane_id, only->shard, &only->pin_id);
	rc = turn_intents(tx);
	if (rc == DB_OK)
		turn_clear_culprit(tx);
	if (rc == DB_OK)
		rc = db_many_exec(tx->db, &tx->lanes, NULL);
	return rc == DB_OK ? debit_buckets(tx) : rc;
}

/*
 * Whether one more lane could make every grant of this turn miss max_send_delay. Writing is
 * estimated at one and a half times as long as reading, and a quarter is kept as a reserve.
 */
static bool
turn_is_full(const struct turn_job *t, int64_t read_us)
{
	int64_t spent_us = clock_boot_us() - t->boot_us;

	return t->served > 0 && spent_us + read_us * 3 / 2 > t->max_send_delay_us * 3 / 4;
}

static enum db_rc
serve_lanes(struct turn_tx *tx, struct turn_lane *lanes, size_t n)
{
	enum db_rc rc = lock_lanes(tx, lanes, n);
	int64_t read_us;

	/* Starting an app wakes its lanes afterwards, so apps are read (with the heads) after the
	 * locks. */
	if (rc == DB_OK)
		rc = turn_heads(tx, lanes, n);
	read_us = clock_boot_us() - tx->t->boot_us;
	for (size_t i = 0; i < n && rc == DB_OK && !turn_is_full(tx->t, read_us); i++)
		if (lanes[i].locked)
			rc = serve_lane(tx, &lanes[i]);
	return rc == DB_OK ? write_turn(tx) : rc;
}

/* May be run several times (deadlocks), so it starts from scratch. */
static enum db_rc
turn_transaction(struct db *db, void *arg)
{
	const struct due_lanes *due = arg;
	struct turn_job *t = due->t;
	struct turn_tx tx = { .t = t, .db = db };
	struct turn_lane *lanes = arena_alloc(db_mem(db), TURN_LANES * sizeof(*lanes));
	uint64_t mask = 0;
	enum db_rc rc;

	t->intents_len = t->lookups_len = t->served = t->put_off_len = 0;
	for (int e = 0; e < ENV__COUNT; e++) {
		tx.shares[e] = fair_places_copy(t->shares[e]);
		tx.lookup_shares[e] = fair_places_copy(t->lookup_shares[e]);
	}
	t->has_events = false;
	t->served_wake_us = TIME_NONE;
	turn_clear_culprit(&tx);
	t->boot_us = clock_boot_us();
	for (size_t i = 0; i < due->len; i++) {
		lanes[i].id = due->ids[i];
		lanes[i].shard = due->shards[i];
		mask |= FENCE_BIT(lanes[i].shard);
	}
	rc = fence_take(db, &t->batch.leases, mask, &tx.fence);
	t->batch.lost = tx.fence.lost;
	if (rc == DB_OK)
		rc = serve_lanes(&tx, lanes, due->len);
	if (rc == DB_OK && t->intents_len > 0)
		CRASH_POINT("intent.before_commit");
	for (int e = 0; e < ENV__COUNT; e++) {
		fair_places_free(tx.shares[e]);
		fair_places_free(tx.lookup_shares[e]);
	}
	return rc;
}

static enum db_rc
postpone_lane(struct db *db, const struct uuid *lane)
{
	char text[UUID_TEXT_SIZE];

	log_error("event=lane_put_off lane=%s", uuid_format(lane, text));
	return db_exec(db, SQL_IN(lane_postpone, .id = db_uuid(lane)), NULL);
}

/* The turn was rolled back. The row to blame must not stop the other lanes. */
static enum db_rc
turn_refused(struct db *db, struct turn_job *t, const struct uuid *first)
{
	enum db_rc rc = DB_FAIL;

	if (!uuid_is_nil(&t->culprit.pin_id) && db_refused_row(db)) {
		rc = poison(db, &t->batch.leases, &t->culprit);
		t->has_events = rc == DB_OK;
		first = &t->culprit.lane_id;
	}
	if (rc != DB_FAIL)
		return rc;
	return t->batch.limit == 1 || first == &t->culprit.lane_id ? postpone_lane(db, first) : rc;
}

enum db_rc
turn_run(struct db *db, void *job)
{
	struct turn_job *t = job;
	struct due_lanes due = { .t = t };
	int64_t began_us = clock_mono_us();
	enum db_rc rc = find_due_lanes(db, &due);

	if (rc == DB_OK)
		rc = clock_step_check(db, t->clock, &t->batch.sample, began_us, &t->batch.leases);
	if (rc != DB_OK || due.len == 0)
		return rc;
	rc = db_transact(db, turn_transaction, &due);
	if (rc == DB_OK && t->intents_len > 0)
		CRASH_POINT("intent.after_commit");
	if (rc == DB_OK)
		t->batch.lost = 0;
	/* COMMIT unknown: the intents may exist. Saving "not sent" reads them back. */
	t->in_doubt = rc == DB_UNKNOWN;
	if (rc == DB_OK || rc == DB_UNKNOWN)
		return DB_OK;
	t->intents_len = t->lookups_len = t->served = 0;
	return rc == DB_FAIL ? turn_refused(db, t, &due.ids[0]) : rc;
}
