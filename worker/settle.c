/*
 * Transitions of a pin. Invariant: pin, schedule, attempt and event change together or not at all,
 * and only from the version that was read.
 */
#include "worker/settle.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/event.h"
#include "lib/log.h"
#include "sql/stmt.h"
#include "sql/store.h"

/* The pin as it stands, with its last attempt. */
struct reading {
	int64_t state, version, attempts;
	struct uuid schedule_id, account_id, lane_id, worker_id;
	int64_t run_at_us, opened_us, now_us, environment;
	const char *board_id, *external_id, *campaign;
};

static enum db_rc
read_pin(struct db *db, const struct settle *s, struct reading *r)
{
	const struct db_param in[] = { db_uuid(&s->project_id), db_uuid(&s->pin_id) };
	struct db_col out[] = { db_get_int(&r->state), db_get_int(&r->version),
		db_get_int(&r->attempts), db_get_uuid(&r->schedule_id), db_get_uuid(&r->account_id),
		db_get_uuid(&r->lane_id), db_get_time(&r->run_at_us), db_get_text(&r->board_id),
		db_get_text(&r->external_id), db_get_text(&r->campaign), db_get_uuid(&r->worker_id),
		db_get_time(&r->opened_us), db_get_int(&r->environment), db_get_time(&r->now_us) };

	return db_row(db, STMT_WORK_PIN_READ, in, DB_LEN(in), out, DB_LEN(out));
}

static bool
is_last(const struct reading *r, const struct settle_attempt *a)
{
	return r->attempts == a->n && uuid_equal(&r->worker_id, &a->worker_id) &&
	       r->opened_us == a->opened_us;
}

static enum db_rc
write_schedule(struct db *db, const struct settle *s, const struct reading *r)
{
	const struct db_param in[] = { db_uuid(&s->project_id), db_uuid(&r->schedule_id),
		db_uuid(&s->pin_id), db_int(s->to),
		db_text(s->to == PIN_FAILED ? s->message : NULL) };
	enum db_rc rc;

	if (uuid_is_nil(&r->schedule_id))
		return DB_OK;
	rc = db_exec(db, STMT_WORK_SCHEDULE_FOLLOW, in, DB_LEN(in), NULL);
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
write_lane(struct db *db, const struct settle *s)
{
	const struct settle_lane *l = s->lane;
	const struct db_param after[] = { db_uuid(&l->id), db_uuid(&s->pin_id),
		db_int(l->release) };
	const struct db_param hold[] = { db_uuid(&l->id), db_time(l->hold_until_us),
		db_int(l->hold_code), db_int(l->strike) };
	const struct db_param host[] = { db_uuid(&l->id), db_text(l->host),
		db_int(l->host_until_us) };
	enum db_rc rc = db_exec(db, STMT_WORK_LANE_AFTER, after, DB_LEN(after), NULL);

	if ((rc == DB_OK || rc == DB_NONE) && l->hold_until_us != 0)
		rc = db_exec(db, STMT_WORK_LANE_HOLD, hold, DB_LEN(hold), NULL);
	if ((rc == DB_OK || rc == DB_NONE) && l->host != NULL)
		rc = db_exec(db, STMT_WORK_LANE_HOST, host, DB_LEN(host), NULL);
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
write_pin(struct db *db, const struct settle *s, const struct reading *r)
{
	const struct db_param in[] = { db_uuid(&s->project_id), db_uuid(&s->pin_id),
		db_int(r->version), db_int(s->to), db_time(s->due_us), db_int(s->due_keep),
		db_time(r->now_us), db_text(s->code), db_text(s->message), db_text(s->candidates),
		db_text(s->pinterest_pin_id), db_text(s->confirmed_by), db_time(s->absent_us),
		db_int(s->spends_try), db_int(s->fault) };
	enum db_rc rc = db_exec(db, STMT_WORK_PIN_SETTLE, in, DB_LEN(in), NULL);

	return rc == DB_NONE ? DB_RETRY : rc;
}

static enum db_rc
tell(struct db *db, const struct settle *s, const struct reading *r)
{
	static const struct actor worker = { .type = "worker", .label = "pintempo-worker" };
	bool good = s->to == PIN_PUBLISHED;
	const struct activity a = { .action = good ? "pin.published" : "pin.publish_failed",
		.category = "publishing",
		.status = good ? "success" : "failed",
		.resource_type = "pin",
		.resource_id = s->pin_id,
		.message = good ? "Pin published."
				: arena_printf(db_mem(db), "Pin failed (%s).", s->code) };
	const struct event_pin e = { .type = good ? EVENT_PIN_PUBLISHED : EVENT_PIN_FAILED,
		.id = uuid_v7(clock_wall_us()),
		.at_us = r->now_us,
		.project_id = s->project_id,
		.pin_id = s->pin_id,
		.account_id = r->account_id,
		.schedule_id = r->schedule_id,
		.environment = r->environment == ENV_SANDBOX ? "sandbox" : "production",
		.status = pin_wire(s->to, false),
		.board_id = r->board_id,
		.pinterest_pin_id = s->pinterest_pin_id,
		.error_code = s->code,
		.error_message = s->message,
		.external_id = r->external_id,
		.campaign = r->campaign,
		.run_at_us = r->run_at_us,
		.published_at_us = good ? r->now_us : TIME_NONE,
		.version = r->version + 1 };
	enum db_rc rc;

	if (s->to != PIN_PUBLISHED && s->to != PIN_FAILED)
		return DB_OK;
	rc = store_activity(db, &s->project_id, &worker, &a);
	return rc == DB_OK ? store_event(db, &e, s->event_deadline_s) : rc;
}

enum db_rc
settle_attempt(struct db *db, const struct uuid *project, const struct uuid *pin,
    const struct settle_attempt *a)
{
	const struct db_param in[] = { db_uuid(project), db_uuid(pin), db_int(a->n),
		db_uuid(&a->worker_id), db_time(a->opened_us), db_time(a->gate_us),
		db_int(a->outcome), a->http_status != 0 ? db_int(a->http_status) : db_null(),
		a->pinterest_code != 0 ? db_int(a->pinterest_code) : db_null(), db_text(a->message),
		db_text(a->request_id), a->has_skew ? db_int(a->skew_ms) : db_null(),
		db_text(a->pinterest_pin_id) };

	return db_exec(db, STMT_WORK_ATTEMPT_CLOSE, in, DB_LEN(in), NULL);
}

static enum db_rc
close_attempt(struct db *db, const struct settle *s)
{
	enum db_rc rc;

	if (s->attempt == NULL)
		return DB_OK;
	rc = settle_attempt(db, &s->project_id, &s->pin_id, s->attempt);
	return rc == DB_NONE ? DB_OK : rc;
}

/* The id belongs to another pin of the lane already: which of the two it is, nobody knows. */
static struct settle
tied(struct db *db, const struct settle *s)
{
	struct settle t = *s;

	t.to = PIN_FAILED;
	t.code = "outcome_unknown";
	t.message = "Pinterest answered with the id of another pin of this account.";
	t.candidates = arena_printf(db_mem(db), "[\"%s\"]", s->pinterest_pin_id);
	t.pinterest_pin_id = t.confirmed_by = NULL;
	return t;
}

static bool
eligible(const struct settle *s, const struct reading *r)
{
	if (!(s->from & (1u << r->state)) || (s->n != 0 && r->attempts != s->n) ||
	    (s->version != 0 && r->version != s->version))
		return false;
	return s->attempt == NULL || is_last(r, s->attempt);
}

static enum db_rc
apply(struct db *db, const struct settle *s, const struct reading *r)
{
	enum db_rc rc = write_schedule(db, s, r);

	if (rc == DB_OK && s->lane != NULL)
		rc = write_lane(db, s);
	if (rc == DB_OK)
		rc = write_pin(db, s, r);
	if (rc == DB_OK)
		rc = close_attempt(db, s);
	return rc == DB_OK ? tell(db, s, r) : rc;
}

enum db_rc
settle(struct db *db, const struct settle *s)
{
	struct reading r = { 0 };
	struct settle other;
	enum db_rc rc = read_pin(db, s, &r);

	if (rc != DB_OK)
		return rc;
	if (!eligible(s, &r)) {
		rc = close_attempt(db, s);
		return rc == DB_OK ? DB_NONE : rc;
	}
	if (!pin_may_follow((enum pin_state)r.state, s->to) && (enum pin_state)r.state != s->to)
		panic("event=forbidden_transition from=%s to=%s",
		    pin_state_name((enum pin_state)r.state), pin_state_name(s->to));
	rc = apply(db, s, &r);
	if (rc != DB_DUP || s->pinterest_pin_id == NULL)
		return rc == DB_DUP ? DB_FAIL : rc;
	other = tied(db, s);
	return apply(db, &other, &r);
}
