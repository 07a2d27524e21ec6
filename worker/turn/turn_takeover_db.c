/*
 * What a lane has open: a create that nobody finished, and pins to look up. Invariant: a create
 * that may have left is never treated as not sent.
 */
#include "worker/turn/turn_lane_db.h"

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/pinterest.h"
#include "sql/stmt.h"
#include "worker/pin/last_attempt_db.h"
#include "sql/pin_move.h"
#include "worker/publish/verdict.h"

#define MINE_RETRY_US (1 * US_PER_S)
#define LOOK_LEASE_US (30 * US_PER_S)
#define LOOK_AGAIN_US (30 * US_PER_S)

static bool
is_among(const struct uuid *pins, size_t len, const struct uuid *pin)
{
	for (size_t i = 0; i < len; i++)
		if (uuid_equal(&pins[i], pin))
			return true;
	return false;
}

/* Its worker wrote the answer down but could not finish: the verdict on that answer stands. */
static void
judge_recorded(const struct turn_lane *l, const struct last_attempt *o, struct pin_move *s)
{
	const struct outcome answer = { .result = OUTCOME_ANSWERED,
		.status = o->http_status,
		.complete = true,
		.body = "",
		.error = "" };
	const struct verdict_in in = { .outcome = &answer,
		.error = { .code = o->code, .message = o->message != NULL ? o->message : "" },
		.conf = l->up,
		.now_us = l->now_us };
	struct verdict v;

	if (o->outcome == ATTEMPT_PUBLISHED) {
		s->to = PIN_PUBLISHED;
		s->pinterest_pin_id = o->pinterest_pin_id;
		s->confirmed_by = "answer";
		s->spends_try = true;
		return;
	}
	s->to = PIN_WAITING;
	s->due_us = l->now_us;
	if (o->outcome == ATTEMPT_NOT_SENT)
		return;
	v = verdict(&in);
	s->spends_try = v.spends_try;
	s->code = v.kind == VERDICT_REFUSE || v.kind == VERDICT_RETRY_AT ? v.code : NULL;
	s->message = s->code != NULL ? v.message : NULL;
	if (v.kind == VERDICT_REFUSE)
		s->to = PIN_FAILED;
	else if (v.until_us > s->due_us)
		s->due_us = v.until_us;
}

/* A create left behind: by a dead worker, or by a COMMIT of ours whose answer was lost. */
static enum db_rc
finish(struct turn_work *w, const struct turn_lane *l, const struct last_attempt *o)
{
	const struct pin_move_attempt a = { .n = (unsigned)o->attempts,
		.worker_id = o->worker_id,
		.opened_us = o->opened_us,
		.outcome = o->outcome != 0 ? (enum attempt_outcome)o->outcome : ATTEMPT_UNKNOWN,
		.gate_us = o->gate_us,
		.http_status = (long)o->http_status,
		.pinterest_code = o->code,
		.message = o->outcome != 0 ? o->message
					   : "The worker that sent it left no outcome behind.",
		.request_id = o->request_id,
		.pinterest_pin_id = o->pinterest_pin_id };
	struct pin_move s = { .project_id = o->project_id,
		.pin_id = l->in_flight_pin,
		.from = 1u << PIN_SENDING,
		.to = PIN_VERIFYING,
		.due_us = o->opened_us + l->up->verify_after_ms * US_PER_MS,
		.absent_us = TIME_NONE,
		.spends_try = true,
		.unsent_in_a_row = UNSENT_ADD,
		.attempt = &a,
		.event_deadline_s = w->t->event_deadline_s };
	enum db_rc rc;

	if (o->outcome != 0 && o->outcome != ATTEMPT_UNKNOWN) {
		s.due_us = TIME_NONE;
		s.spends_try = false;
		s.unsent_in_a_row = UNSENT_RESET;
		judge_recorded(l, o, &s);
	}
	rc = pin_move(w->db, &s);
	w->t->ended |= s.to == PIN_PUBLISHED || s.to == PIN_FAILED;
	log_info("event=taken_over state=%s rc=%s", pin_state_name(s.to), db_rc_name(rc));
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
turn_takeover(struct turn_work *w, struct turn_lane *l)
{
	struct last_attempt o = { 0 };
	int64_t left;
	enum db_rc rc;

	if (l->state.busy_until_us != TIME_NONE && l->state.busy_until_us > l->now_us) {
		turn_lane_again(l, l->state.busy_until_us);
		return DB_OK;
	}
	if (is_among(w->t->mine, w->t->mine_len, &l->in_flight_pin)) {
		/* Known here, but not yet saved: its save comes first. */
		l->state.busy_until_us = l->now_us + MINE_RETRY_US;
		turn_lane_again(l, l->state.busy_until_us);
		return DB_OK;
	}
	/* By a clock that leapt ahead it is over, in truth it may not be. */
	left = turn_busy_us(l->up) - clock_step_age(w->t->clock, w->t->sample.mono_us);
	if (left > 0) {
		l->state.busy_until_us = l->now_us + left;
		turn_lane_again(l, l->state.busy_until_us);
		return DB_OK;
	}
	rc = last_attempt_read(w->db, &l->id, &l->in_flight_pin, &o);
	if (rc == DB_OK && o.state == PIN_SENDING) {
		turn_suspect(w, &l->id, l->shard, &l->in_flight_pin);
		rc = finish(w, l, &o);
	}
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	l->in_flight_pin = (struct uuid){ 0 };
	l->state.busy_until_us = TIME_NONE;
	turn_lane_again(l, l->now_us); /* what it became may be due */
	return DB_OK;
}

/* ---- look-ups ---- */

static enum db_rc
look_at(struct turn_work *w, struct turn_lane *l, const struct look *k, int64_t version, int64_t at)
{
	const struct db_param in[] = { db_uuid(&k->project_id), db_uuid(&k->pin_id),
		db_int(version), db_time(at) };
	enum db_rc rc = db_exec(w->db, STMT_PIN_VERIFY_AT, in, DB_LEN(in), NULL);

	turn_lane_again(l, at);
	return rc == DB_NONE ? DB_OK : rc;
}

/* Somebody learned meanwhile how it ended, or nobody can find out any more. */
static enum db_rc
close_look(struct turn_work *w, struct turn_lane *l, const struct look *k, const char *pinterest_id)
{
	struct pin_move s = { .project_id = k->project_id,
		.pin_id = k->pin_id,
		.from = 1u << PIN_VERIFYING,
		.to = pinterest_id != NULL ? PIN_PUBLISHED : PIN_FAILED,
		.due_us = TIME_NONE,
		.absent_us = TIME_NONE,
		.pinterest_pin_id = pinterest_id,
		.confirmed_by = pinterest_id != NULL ? "answer" : NULL,
		.event_deadline_s = w->t->event_deadline_s };
	enum db_rc rc;

	if (pinterest_id == NULL) {
		s.code = "outcome_unknown";
		s.message =
		    "Pinterest's answer was lost and the board could not be looked up before "
		    "the deadline.";
	}
	rc = pin_move(w->db, &s);
	w->t->ended = true;
	turn_lane_again(l, l->now_us);
	return rc == DB_NONE ? DB_OK : rc;
}

static const struct turn_account *
account_of(const struct turn_lane *l, const struct uuid *id)
{
	for (size_t i = 0; i < l->accounts_len; i++)
		if (uuid_equal(&l->accounts[i].id, id) && l->accounts[i].fresh &&
		    l->accounts[i].sealed != NULL)
			return &l->accounts[i];
	return NULL;
}

/* For how long nobody has known; a leap of the clock makes no time pass. */
static int64_t
open_for(const struct turn_work *w, const struct turn_lane *l, const struct look *k)
{
	int64_t by_clock = l->now_us - k->opened_us,
		at_most = clock_step_age(w->t->clock, w->t->sample.mono_us);

	return by_clock < at_most ? by_clock : at_most;
}

/* A leap ahead makes no time pass: how much longer nothing may be said to be absent. */
static int64_t
unsettled(const struct turn_work *w, const struct upstream *up)
{
	int64_t most_us = turn_busy_us(up);

	if (most_us < up->verify_after_ms * US_PER_MS)
		most_us = up->verify_after_ms * US_PER_MS;
	if (most_us < up->verify_gap_ms * US_PER_MS)
		most_us = up->verify_gap_ms * US_PER_MS;
	return most_us - clock_step_age(w->t->clock, w->t->sample.mono_us);
}

static enum db_rc
read_skews(struct turn_work *w, const struct turn_lane *l, struct look *k)
{
	int64_t lo_ms = 0, hi_ms = 0, own_ms = 0;
	const struct db_param in[] = { db_uuid(&l->id), db_uuid(&k->pin_id), db_int(k->n),
		db_time(k->opened_us) };
	struct db_col out[] = { db_get_int(&lo_ms), db_get_int(&hi_ms), db_get_int(&own_ms) };
	enum db_rc rc = db_row(w->db, STMT_ATTEMPT_SKEWS, in, DB_LEN(in), out, DB_LEN(out));

	k->skew = (struct match_skew){
		.own_us = own_ms * US_PER_MS, .lo_us = lo_ms * US_PER_MS, .hi_us = hi_ms * US_PER_MS
	};
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
start_look(struct turn_work *w, struct turn_lane *l, struct look *k, int64_t version)
{
	const struct turn_account *a = account_of(l, &k->account_id);
	int64_t settled = k->opened_us + l->up->verify_after_ms * US_PER_MS;
	int64_t left = unsettled(w, l->up);
	enum db_rc rc;

	if (left > 0)
		return look_at(w, l, k, version, l->now_us + left);
	if (k->since_us != TIME_NONE)
		k->opened_us = k->opened_us != TIME_NONE && k->opened_us < k->since_us
				   ? k->opened_us
				   : k->since_us;
	else if (k->opened_us != TIME_NONE && settled > l->now_us)
		return look_at(w, l, k, version, settled);
	if (a == NULL || l->up->base_url == NULL || k->opened_us == TIME_NONE ||
	    k->snapshot == NULL) {
		if (k->not_after_us <= l->now_us)
			return close_look(w, l, k, NULL);
		return look_at(w, l, k, version, l->now_us + LOOK_AGAIN_US);
	}
	if (w->t->looks_len >= w->t->max_looks)
		return look_at(w, l, k, version, l->now_us + MINE_RETRY_US);
	rc = read_skews(w, l, k);
	if (rc != DB_OK)
		return rc;
	k->open_for_us = open_for(w, l, k);
	k->lane_id = l->id;
	k->shard = l->shard;
	k->environment = l->environment;
	k->sealed = a->sealed;
	k->sealed_len = a->sealed_len;
	k->token_version = a->token_version;
	w->t->looks[w->t->looks_len++] = *k;
	/* A lease: should this worker die with it, it is due again. */
	return look_at(w, l, k, version, l->now_us + LOOK_LEASE_US);
}

enum db_rc
turn_look(struct turn_work *w, struct turn_lane *l)
{
	struct look k = { 0 };
	struct pinterest_create c;
	int64_t version, attempts, outcome, created_us;
	const char *pinterest_id;
	const struct db_param in[] = { db_uuid(&l->id) };
	struct db_col out[] = { db_get_uuid(&k.pin_id), db_get_uuid(&k.project_id),
		db_get_uuid(&k.account_id), db_get_int(&version), db_get_int(&attempts),
		db_get_time(&k.absent_us), db_get_time(&k.not_after_us), db_get_int(&k.tries),
		db_get_uuid(&k.worker_id), db_get_time(&k.opened_us), db_get_text(&k.snapshot),
		db_get_int(&outcome), db_get_text(&pinterest_id), db_get_time(&k.since_us),
		db_get_time(&created_us), db_get_text(&c.board_id), db_get_text(&c.title),
		db_get_text(&c.description), db_get_text(&c.link), db_get_text(&c.alt_text),
		db_get_text(&c.dominant_color), db_get_text(&c.image_url) };
	enum db_rc rc;

	if (l->look_us > l->now_us) {
		turn_lane_again(l, l->look_us);
		return DB_OK;
	}
	rc = db_row(w->db, STMT_PIN_VERIFY_DUE, in, DB_LEN(in), out, DB_LEN(out));
	if (rc != DB_OK)
		return rc == DB_NONE ? DB_OK : rc;
	turn_suspect(w, &l->id, l->shard, &k.pin_id);
	k.n = (unsigned)attempts;
	if (uuid_equal(&l->in_flight_pin, &k.pin_id) && l->state.busy_until_us != TIME_NONE)
		k.busy_until_us = l->state.busy_until_us;
	/* The next one, if there is another, in the next turn. */
	turn_lane_again(l, l->now_us + 10 * US_PER_MS);
	/* A long listing: it goes on, and its lease with it. */
	if (is_among(w->t->looked, w->t->looked_len, &k.pin_id))
		return look_at(w, l, &k, version, l->now_us + LOOK_LEASE_US);
	if (outcome == ATTEMPT_PUBLISHED && pinterest_id != NULL)
		return close_look(w, l, &k, pinterest_id);
	if (k.since_us != TIME_NONE) {
		/* Nobody knows what was sent last: what would have been is looked for. */
		k.snapshot = pinterest_create_body(&c, db_mem(w->db));
		/* Promoted just now, it may have left just before: what left then must show. */
		created_us += l->up->verify_after_ms * US_PER_MS;
		if (created_us > l->now_us)
			return look_at(w, l, &k, version, created_us);
	}
	return start_look(w, l, &k, version);
}
