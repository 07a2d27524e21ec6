/*
 * Judges a look-up. Invariant: a pin is sent again only after two complete listings, apart in time,
 * without any pin that it could be; a Pinterest pin is adopted only when it can be no other.
 */
#include "worker/verify/verify_db.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crash.h"
#include "lib/json.h"
#include "lib/log.h"
#include "sql/pin_move.h"
#include "sql/stmt.h"
#include "worker/pin/poison_db.h"

#define CANDIDATES_MAX 50

static enum db_rc
mark_tied_pins(struct db *db, struct verify_save *s)
{
	for (size_t i = 0; i < s->len; i++) {
		int64_t one;
		enum db_rc rc = db_row(db,
		    SQL_IN(pin_tied_in_lane, .lane = db_uuid(&s->lookup.lane_id),
			.pinterest = db_text(s->seen[i].pin.id), .pin = db_uuid(&s->lookup.pin_id)),
		    SQL_OUT(pin_tied_in_lane, .found = db_get_int(&one)));

		if (rc != DB_OK && rc != DB_NONE)
			return rc;
		s->seen[i].tied = rc == DB_OK;
	}
	return DB_OK;
}

/* Another unresolved pin of the lane: what can only be that one is tied to it. */
struct sibling {
	struct verify_save *save;
	struct arena *mem;
	const char *snapshot;
	int64_t since_us, state;
	struct pinterest_create restored; /* what would have been sent for it */
};

static void
on_sibling_pin(void *arg)
{
	struct sibling *b = arg;
	struct verify_save *s = b->save;
	struct pinterest_create theirs = b->restored;

	s->sending = s->sending || b->state == PIN_SENDING;
	if (b->since_us == TIME_NONE &&
	    (b->snapshot == NULL || pinterest_create_parse(&theirs, b->snapshot, b->mem) == -1))
		return;
	for (size_t i = 0; i < s->len; i++)
		if (verify_match_theirs(&theirs, &s->sent, &s->seen[i].pin))
			s->seen[i].tied = true;
}

static enum db_rc
mark_sibling_pins(struct db *db, struct verify_save *s)
{
	struct sibling b = { .save = s, .mem = db_mem(db) };

	s->sending = false;
	if (s->len == 0)
		return DB_OK;
	return db_each(db,
	    SQL_IN(lane_unresolved_pins, .lane = db_uuid(&s->lookup.lane_id),
		.pin = db_uuid(&s->lookup.pin_id)),
	    SQL_OUT(lane_unresolved_pins, .snapshot = db_get_text(&b.snapshot),
		.maybe_sent_since = db_get_time(&b.since_us), .state = db_get_int(&b.state),
		PIN_CREATE_OUT(&b.restored)),
	    on_sibling_pin, &b);
}

static const char *
list_candidates(const struct verify_save *s, struct arena *mem)
{
	struct json_object *list = json_object_new_array();
	const char *text;

	for (size_t i = 0; i < s->len && json_object_array_length(list) < CANDIDATES_MAX; i++)
		if (!s->seen[i].tied && !verify_match_again(s->seen, i))
			json_object_array_add(list, json_object_new_string(s->seen[i].pin.id));
	text = arena_strdup(mem, json_dump(list, NULL));
	json_object_put(list);
	return text;
}

static void
set_unclear(struct pin_move *move, const char *message)
{
	move->to = PIN_FAILED;
	move->due_us = move->absent_us = TIME_NONE;
	move->code = "outcome_unknown";
	move->message = message;
}

static void
judge_failed_listing(const struct verify_save *s, struct pin_move *move)
{
	move->due_us = s->retry_us;
	if (s->board_gone)
		set_unclear(move,
		    "Pinterest's answer was lost and the board is not there any more, so nobody "
		    "can see whether the pin was published.");
	else if (s->retry_us >= s->lookup.not_after_us)
		set_unclear(move,
		    "Pinterest's answer was lost and its board could not be listed before the "
		    "deadline.");
}

static void
judge_absent(const struct verify_save *s, struct pin_move *move)
{
	const struct lookup *k = &s->lookup;

	/* Absence proves nothing while the request may still be in flight. */
	if (s->started_us < k->busy_until_us) {
		move->absent_us = TIME_NONE;
		move->due_us = k->busy_until_us;
		return;
	}
	if (k->absent_us == TIME_NONE || s->started_us < k->absent_us + s->absent_gap_us) {
		move->absent_us = k->absent_us == TIME_NONE ? s->started_us : k->absent_us;
		move->due_us = move->absent_us + s->absent_gap_us;
		return;
	}
	/* Proven absent, so it may be sent again. */
	move->to = PIN_WAITING;
	move->due_us = s->started_us;
	move->absent_us = TIME_NONE;
	if (k->retries_spent < s->retry_max)
		return;
	move->to = PIN_FAILED;
	move->due_us = TIME_NONE;
	move->code = "transient_upstream";
	move->message = "Pinterest's answers were lost repeatedly; the pin does not exist there.";
}

static struct pin_move
judge_listing(const struct verify_save *s, struct arena *mem)
{
	struct pin_move move = { .project_id = s->lookup.project_id,
		.pin_id = s->lookup.pin_id,
		.from = 1u << PIN_VERIFYING,
		.n = s->lookup.n,
		.to = PIN_VERIFYING,
		.absent_us = s->lookup.absent_us,
		.due_us = s->retry_us,
		.unsent_in_a_row = UNSENT_KEEP,
		.event_deadline_s = s->event_deadline_s };
	enum match_result (*match)(
	    const struct pinterest_create *, const struct match_seen *, size_t, size_t *);
	size_t found = 0;

	if (!s->complete) {
		judge_failed_listing(s, &move);
		return move;
	}
	match = s->lookup.since_us != TIME_NONE ? verify_match_since : verify_match;
	switch (match(&s->sent, s->seen, s->len, &found)) {
	case MATCH_FOUND:
		move.to = PIN_PUBLISHED;
		move.due_us = move.absent_us = TIME_NONE;
		move.pinterest_pin_id = s->seen[found].pin.id;
		move.confirmed_by = "lookup";
		break;
	case MATCH_ABSENT: judge_absent(s, &move); break;
	case MATCH_UNCLEAR:
		/* One of them may be the pin that is being sent now: its answer will tell. */
		move.absent_us = TIME_NONE;
		if (s->sending && s->retry_us < s->lookup.not_after_us)
			break;
		set_unclear(
		    &move, "Pinterest's answer was lost; the pins it may have become are listed.");
		move.candidates = list_candidates(s, mem);
		break;
	}
	return move;
}

/* What the listing says about whoever answers in Pinterest's place. */
static enum db_rc
note_origin(struct db *db, const struct verify_save *s)
{
	int64_t env = s->lookup.environment;
	struct uuid project = env == ENV_SANDBOX ? s->lookup.project_id : (struct uuid){ 0 };

	if (s->foreign != NULL)
		return db_exec_any(db,
		    SQL_IN(app_note_foreign, .environment = db_int(env),
			.message = db_text(s->foreign)),
		    NULL);
	return s->complete ? db_exec_any(db,
				 SQL_IN(app_resume_idle, .environment = db_int(env),
				     .project = db_uuid(&project)),
				 NULL)
			   : DB_OK;
}

static enum db_rc
verify_save_transaction(struct db *db, void *arg)
{
	struct verify_save *s = arg;
	const struct lookup *k = &s->lookup;
	const struct pin_move_lane lane = { .id = k->lane_id };
	struct fence fence;
	struct pin_move move;
	enum db_rc rc = fence_take(db, &s->leases, FENCE_BIT(k->shard), &fence);

	s->lost = fence.lost;
	if (rc != DB_OK)
		return rc;
	s->sample = (struct clock_sample){ fence.now_us, clock_mono_us() };
	rc = mark_tied_pins(db, s);
	if (rc == DB_OK)
		rc = mark_sibling_pins(db, s);
	if (rc != DB_OK)
		return rc;
	move = judge_listing(s, db_mem(db));
	move.lane = &lane;
	rc = pin_move(db, &move);
	if ((rc == DB_OK || rc == DB_NONE) && s->token_refused)
		rc = db_exec_any(db,
		    SQL_IN(account_token_expired, .project = db_uuid(&k->project_id),
			.id = db_uuid(&k->account_id), .version = db_int(k->token_version)),
		    NULL);
	if (rc == DB_OK || rc == DB_NONE)
		rc = note_origin(db, s);
	if (rc == DB_OK)
		log_info("event=looked_up to=%s near=%zu complete=%d", pin_state_name(move.to),
		    s->len, s->complete);
	CRASH_POINT("verify.before_commit");
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
verify_save_run(struct db *db, struct verify_save *s)
{
	const struct poison g = { .pin_id = s->lookup.pin_id,
		.lane_id = s->lookup.lane_id,
		.shard = s->lookup.shard,
		.event_deadline_s = s->event_deadline_s };
	enum db_rc rc = db_transact(db, verify_save_transaction, s);

	if (rc == DB_OK)
		CRASH_POINT("verify.saved");
	/* Another look-up would find the same, which cannot be written. */
	return rc == DB_FAIL && db_refused_row(db) ? poison(db, &s->leases, &g) : rc;
}
