/*
 * Look-ups that are due. Invariant: handing one out only postpones the next by a lease, so that
 * none is lost with its worker.
 */
#include "worker/turn/turn_lane_db.h"

#include "lib/clock.h"
#include "lib/pinterest.h"
#include "sql/pin_move.h"
#include "sql/stmt.h"
#include "lib/fair_places.h"

#define LOOKUP_LEASE_US (30 * US_PER_S)
#define LOOKUP_FULL_US (250 * US_PER_MS)
#define LOOKUP_RETRY_US (30 * US_PER_S)

static enum db_rc
set_lookup_time(
    struct turn_tx *tx, struct turn_lane *l, const struct lookup *k, int64_t version, int64_t at)
{
	turn_wake_at(l, at);
	return db_exec_any(tx->db,
	    SQL_IN(pin_verify_at, .project = db_uuid(&k->project_id), .id = db_uuid(&k->pin_id),
		.version = db_int(version), .due = db_time(at)),
	    NULL);
}

/* Ends a pin whose outcome became known meanwhile, or (NULL) can never be known. */
static enum db_rc
end_lookup(
    struct turn_tx *tx, struct turn_lane *l, const struct lookup *k, const char *pinterest_id)
{
	struct pin_move move = { .project_id = k->project_id,
		.pin_id = k->pin_id,
		.from = 1u << PIN_VERIFYING,
		.to = pinterest_id != NULL ? PIN_PUBLISHED : PIN_FAILED,
		.due_us = TIME_NONE,
		.absent_us = TIME_NONE,
		.pinterest_pin_id = pinterest_id,
		.confirmed_by = pinterest_id != NULL ? "answer" : NULL,
		.event_deadline_s = tx->t->event_deadline_s };
	enum db_rc rc;

	if (pinterest_id == NULL) {
		move.code = "outcome_unknown";
		move.message =
		    "Pinterest's answer was lost and the board could not be looked up before "
		    "the deadline.";
	}
	rc = pin_move(tx->db, &move);
	tx->t->has_events = true;
	turn_wake_at(l, l->now_us);
	return rc == DB_NONE ? DB_OK : rc;
}

static const struct turn_account *
usable_account(const struct turn_lane *l, const struct uuid *id)
{
	for (size_t i = 0; i < l->accounts_len; i++)
		if (uuid_equal(&l->accounts[i].id, id) && l->accounts[i].usable &&
		    l->accounts[i].sealed != NULL)
			return &l->accounts[i];
	return NULL;
}

static enum db_rc
read_skews(struct turn_tx *tx, const struct turn_lane *l, struct lookup *k)
{
	int64_t lo_ms = 0, hi_ms = 0, own_ms = 0;
	enum db_rc rc = db_row_any(tx->db,
	    SQL_IN(attempt_skews, .lane = db_uuid(&l->id), .pin = db_uuid(&k->pin_id),
		.number = db_int(k->n), .opened = db_time(k->opened_us)),
	    SQL_OUT(attempt_skews, .slowest = db_get_int(&lo_ms), .fastest = db_get_int(&hi_ms),
		.own = db_get_int(&own_ms)));

	k->skew = (struct match_skew){
		.own_us = own_ms * US_PER_MS, .lo_us = lo_ms * US_PER_MS, .hi_us = hi_ms * US_PER_MS
	};
	return rc;
}

static enum db_rc
start_lookup(struct turn_tx *tx, struct turn_lane *l, struct lookup *k, int64_t version)
{
	const struct turn_account *a = usable_account(l, &k->account_id);
	int64_t verify_us = k->opened_us + l->up->verify_after_ms * US_PER_MS;
	int64_t step_age_us = clock_step_age(tx->t->clock, tx->t->batch.sample.mono_us);
	int64_t left = lookup_absence_wait_us(l->up, turn_busy_us(l->up), step_age_us);
	enum db_rc rc;

	if (left > 0)
		return set_lookup_time(tx, l, k, version, l->now_us + left);
	if (k->since_us != TIME_NONE)
		k->opened_us = k->opened_us != TIME_NONE && k->opened_us < k->since_us
				   ? k->opened_us
				   : k->since_us;
	else if (k->opened_us != TIME_NONE && verify_us > l->now_us)
		return set_lookup_time(tx, l, k, version, verify_us);
	if (a == NULL || l->up->base_url == NULL || k->opened_us == TIME_NONE ||
	    k->snapshot == NULL) {
		if (k->not_after_us <= l->now_us)
			return end_lookup(tx, l, k, NULL);
		return set_lookup_time(tx, l, k, version, l->now_us + LOOKUP_RETRY_US);
	}
	if (tx->t->lookups_len >= tx->t->max_lookups ||
	    !fair_places_open(tx->lookup_shares[l->environment], &k->project_id))
		return set_lookup_time(tx, l, k, version, l->now_us + LOOKUP_FULL_US);
	rc = read_skews(tx, l, k);
	if (rc != DB_OK)
		return rc;
	k->open_for_us = lookup_open_for_us(k->opened_us, l->now_us, step_age_us);
	k->lane_id = l->id;
	k->shard = l->shard;
	k->environment = l->environment;
	k->sealed = a->sealed;
	k->sealed_len = a->sealed_len;
	k->token_version = a->token_version;
	tx->t->lookups[tx->t->lookups_len++] = *k;
	fair_places_take(tx->lookup_shares[l->environment], &k->project_id);
	/* A lease: if this worker dies, the look-up is due again. */
	return set_lookup_time(tx, l, k, version, l->now_us + LOOKUP_LEASE_US);
}

enum db_rc
turn_lookup(struct turn_tx *tx, struct turn_lane *l)
{
	struct lookup k = { 0 };
	struct pinterest_create c;
	int64_t version, attempts, outcome, created_us;
	const char *pinterest_id;
	enum db_rc rc;

	if (l->next_lookup_us > l->now_us) {
		turn_wake_at(l, l->next_lookup_us);
		return DB_OK;
	}
	rc = db_row(tx->db, SQL_IN(pin_verify_due, .lane = db_uuid(&l->id)),
	    SQL_OUT(pin_verify_due, .id = db_get_uuid(&k.pin_id),
		.project_id = db_get_uuid(&k.project_id), .account_id = db_get_uuid(&k.account_id),
		.version = db_get_int(&version), .attempts = db_get_int(&attempts),
		.absent_at = db_get_time(&k.absent_us), .not_after = db_get_time(&k.not_after_us),
		.retries_spent = db_get_int(&k.retries_spent),
		.opened_at = db_get_time(&k.opened_us), .snapshot = db_get_text(&k.snapshot),
		.outcome = db_get_int(&outcome), .pinterest_pin_id = db_get_text(&pinterest_id),
		.maybe_sent_since = db_get_time(&k.since_us),
		.created_at = db_get_time(&created_us), PIN_CREATE_OUT(&c)));
	if (rc != DB_OK)
		return rc == DB_NONE ? DB_OK : rc;
	turn_set_culprit(tx, &l->id, l->shard, &k.pin_id);
	k.n = (unsigned)attempts;
	if (uuid_equal(&l->in_flight_pin, &k.pin_id) && l->state.busy_until_us != TIME_NONE)
		k.busy_until_us = l->state.busy_until_us;
	/* Another pin of the lane, if any, is looked up in the next turn. */
	turn_wake_at(l, l->now_us + 10 * US_PER_MS);
	/* A long listing is still running here: renew its lease. */
	if (turn_is_among(tx->t->verify_pins, tx->t->verify_pins_len, &k.pin_id))
		return set_lookup_time(tx, l, &k, version, l->now_us + LOOKUP_LEASE_US);
	if (outcome == ATTEMPT_PUBLISHED && pinterest_id != NULL)
		return end_lookup(tx, l, &k, pinterest_id);
	if (k.since_us != TIME_NONE) {
		/* It is not known what was sent last, so look for what would have been sent. */
		k.snapshot = pinterest_create_body(&c, db_mem(tx->db));
		/* It may have been sent just before it was promoted: wait until that must show. */
		created_us += l->up->verify_after_ms * US_PER_MS;
		if (created_us > l->now_us)
			return set_lookup_time(tx, l, &k, version, created_us);
	}
	return start_lookup(tx, l, &k, version);
}
