/*
 * Transitions of pins, for a batch with as many statements as for one. Invariant: pin, schedule,
 * attempt, activity and event change together or not at all, and only from the version that was
 * read.
 */
#include "sql/pin_move.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/event.h"
#include "lib/log.h"
#include "sql/stmt.h"

/* A pin (or a schedule that has none) before its move, with its last attempt. */
struct pin_move_reading {
	struct uuid id, project_id;
	int64_t state, version, attempts;
	struct uuid schedule_id, account_id, worker_id;
	int64_t run_at_us, opened_us, now_us, environment;
	struct pin_content content; /* board_id and labels */
};

static const struct actor worker_actor = { .type = "worker", .label = "pintempo-worker" };

struct pin_move_item {
	const struct pin_move *m;
	struct pin_move_reading r;
	bool found, moves;
};

struct pin_move_batch {
	struct pin_move_item *items;
	size_t len;
	struct pin_move_reading row; /* being fetched */
};

static void
on_pin(void *arg)
{
	struct pin_move_batch *b = arg;

	for (size_t i = 0; i < b->len; i++) {
		struct pin_move_item *o = &b->items[i];

		if (!uuid_equal(&o->m->pin_id, &b->row.id) ||
		    !uuid_equal(&o->m->project_id, &b->row.project_id))
			continue;
		o->r = b->row;
		o->found = true;
	}
}

static enum db_rc
read_pins(struct db *db, struct pin_move_batch *b)
{
	struct pin_move_reading *r = &b->row;
	struct uuid ids[PIN_MOVE_MAX] = { 0 }, projects[PIN_MOVE_MAX] = { 0 };
	for (size_t i = 0; i < b->len; i++) {
		ids[i] = b->items[i].m->pin_id;
		projects[i] = b->items[i].m->project_id;
	}
	return db_each(db,
	    SQL_IN(pin_move_read, .projects = db_uuids(projects, b->len),
		.ids = db_uuids(ids, b->len)),
	    SQL_OUT(pin_move_read, .id = db_get_uuid(&r->id),
		.project_id = db_get_uuid(&r->project_id), .state = db_get_int(&r->state),
		.version = db_get_int(&r->version), .attempts = db_get_int(&r->attempts),
		.schedule_id = db_get_uuid(&r->schedule_id),
		.account_id = db_get_uuid(&r->account_id), .run_at = db_get_time(&r->run_at_us),
		.board_id = db_get_text(&r->content.board_id), PIN_LABELS_OUT(&r->content),
		.worker_id = db_get_uuid(&r->worker_id), .opened_at = db_get_time(&r->opened_us),
		.environment = db_get_int(&r->environment), .now = db_get_time(&r->now_us)),
	    on_pin, b);
}

static bool
is_last_attempt(const struct pin_move_reading *r, const struct pin_move_attempt *a)
{
	return r->attempts == a->n && uuid_equal(&r->worker_id, &a->worker_id) &&
	       r->opened_us == a->opened_us;
}

static bool
is_eligible(const struct pin_move *m, const struct pin_move_reading *r)
{
	if (!(m->from & (1u << r->state)) || (m->n != 0 && r->attempts != m->n) ||
	    (m->version != 0 && r->version != m->version))
		return false;
	return m->attempt == NULL || is_last_attempt(r, m->attempt);
}

/* Reads the pins and decides which of them move. */
static enum db_rc
read_batch(struct db *db, struct pin_move_batch *b)
{
	enum db_rc rc = read_pins(db, b);

	for (size_t i = 0; i < b->len && rc == DB_OK; i++) {
		struct pin_move_item *o = &b->items[i];
		enum pin_state from = (enum pin_state)o->r.state;

		o->moves = o->found && is_eligible(o->m, &o->r);
		/* the same state again: a wait or a look-up that is put off */
		if (o->moves && !pin_may_follow(from, o->m->to) && from != o->m->to)
			panic("event=forbidden_transition from=%s to=%s", pin_state_name(from),
			    pin_state_name(o->m->to));
	}
	return rc;
}

/* ---- the writes, one statement of each kind for all ---- */

static enum db_rc
write_schedules(struct db *db, const struct pin_move_batch *b)
{
	struct db_many all = { 0 };

	for (size_t i = 0; i < b->len; i++) {
		const struct pin_move *m = b->items[i].m;
		/* A deleted schedule matches no row: its pin lives on. */
		if (b->items[i].moves && !uuid_is_nil(&b->items[i].r.schedule_id))
			db_many_push(db, &all,
			    SQL_IN(schedule_follow, .project = db_uuid(&m->project_id),
				.id = db_uuid(&b->items[i].r.schedule_id),
				.pin = db_uuid(&m->pin_id), .state = db_int(m->to),
				.error = db_text(m->to == PIN_FAILED ? m->message : NULL)));
	}
	return db_many_exec(db, &all, NULL);
}

static enum db_rc
hold_lane(struct db *db, const struct pin_move_lane *l)
{
	enum db_rc rc = DB_OK;

	if (l->hold_until_us != 0)
		rc = db_exec_any(db,
		    SQL_IN(lane_hold, .id = db_uuid(&l->id), .until = db_time(l->hold_until_us),
			.code = db_int(l->hold_code), .strike = db_int(l->strike)),
		    NULL);
	if (rc == DB_OK && l->host != NULL)
		rc = db_exec_any(db,
		    SQL_IN(lane_block_host, .id = db_uuid(&l->id), .host = db_text(l->host),
			.until = db_int(l->host_until_us)),
		    NULL);
	return rc;
}

static enum db_rc
write_lanes(struct db *db, const struct pin_move_batch *b)
{
	struct db_many all = { 0 };
	enum db_rc rc;

	for (size_t i = 0; i < b->len; i++) {
		const struct pin_move *m = b->items[i].m;
		const struct pin_move_lane *l = m->lane;

		if (b->items[i].moves && l != NULL)
			db_many_push(db, &all,
			    SQL_IN(lane_release, .id = db_uuid(&l->id), .pin = db_uuid(&m->pin_id),
				.over = db_int(l->release),
				.pin_waits =
				    db_int(m->to == PIN_WAITING || m->to == PIN_VERIFYING)));
	}
	rc = db_many_exec(db, &all, NULL);
	for (size_t i = 0; i < b->len && rc == DB_OK; i++)
		if (b->items[i].moves && b->items[i].m->lane != NULL)
			rc = hold_lane(db, b->items[i].m->lane);
	return rc;
}

static enum db_rc
write_pins(struct db *db, const struct pin_move_batch *b)
{
	struct db_many all = { 0 };
	uint64_t changed;
	enum db_rc rc;

	for (size_t i = 0; i < b->len; i++) {
		const struct pin_move *m = b->items[i].m;
		const struct pin_move_reading *r = &b->items[i].r;

		if (b->items[i].moves)
			db_many_push(db, &all,
			    SQL_IN(pin_move, .project = db_uuid(&m->project_id),
				.id = db_uuid(&m->pin_id), .version = db_int(r->version),
				.state = db_int(m->to), .due = db_time(m->due_us),
				.due_keep = db_int(m->due_keep), .now = db_time(r->now_us),
				.code = db_text(m->code), .message = db_text(m->message),
				.candidates = db_text(m->candidates),
				.pinterest = db_text(m->pinterest_pin_id),
				.confirmed = db_text(m->confirmed_by),
				.absent = db_time(m->absent_us), .spent = db_int(m->spends_try),
				.unsent = db_int(m->unsent_in_a_row)));
	}
	rc = db_many_exec(db, &all, &changed);
	return rc == DB_OK && changed != all.len ? DB_RETRY : rc;
}

static void
add_attempt(struct db *db, struct db_many *all, const struct uuid *project, const struct uuid *pin,
    const struct pin_move_attempt *a)
{
	db_many_push(db, all,
	    SQL_IN(attempt_close, .project = db_uuid(project), .pin = db_uuid(pin),
		.number = db_int(a->n), .worker = db_uuid(&a->worker_id),
		.opened = db_time(a->opened_us), .gate = db_time(a->gate_us),
		.outcome = db_int(a->outcome),
		.status = a->http_status != 0 ? db_int(a->http_status) : db_null(),
		.code = a->pinterest_code != 0 ? db_int(a->pinterest_code) : db_null(),
		.message = db_text(a->message), .rule = db_text(a->rule),
		.next = db_time(a->next_us), .rid = db_text(a->request_id),
		.skew = a->has_skew ? db_int(a->skew_ms) : db_null(),
		.pinterest = db_text(a->pinterest_pin_id), .stopped_app = db_int(a->stopped_app)));
}

/* Also of a pin that may not move: an open attempt that is ours is closed in any case. */
static enum db_rc
close_attempts(struct db *db, const struct pin_move_batch *b)
{
	struct db_many all = { 0 };

	for (size_t i = 0; i < b->len; i++) {
		const struct pin_move *m = b->items[i].m;

		if (b->items[i].found && m->attempt != NULL)
			add_attempt(db, &all, &m->project_id, &m->pin_id, m->attempt);
	}
	return db_many_exec(db, &all, NULL);
}

enum db_rc
pin_move_attempt_close(struct db *db, const struct uuid *project, const struct uuid *pin,
    const struct pin_move_attempt *a)
{
	struct db_many one = { 0 };
	uint64_t closed;
	enum db_rc rc;

	add_attempt(db, &one, project, pin, a);
	rc = db_many_exec(db, &one, &closed);
	return rc == DB_OK && closed == 0 ? DB_NONE : rc;
}

static void
add_activity(
    struct db *db, struct db_many *all, const struct pin_move *m, const struct pin_move_reading *r)
{
	bool good = m->to == PIN_PUBLISHED;
	struct activity a = { .action = m->settled ? ACTIVITY_PIN_SETTLED
					: good     ? ACTIVITY_PIN_PUBLISHED
						   : ACTIVITY_PIN_PUBLISH_FAILED,
		.account_id = r->account_id,
		.resource_id = m->pin_id };

	if (!good && !m->settled)
		a.message = arena_printf(db_mem(db), "Pin failed (%s).", m->code);
	store_activity_add(db, all, &m->project_id, m->by != NULL ? m->by : &worker_actor, &a);
}

/* The event of a pin that moves, or of a schedule that fails without a pin. */
static struct event
event_of(const struct pin_move *m, const struct pin_move_reading *r, struct event_pin *facts)
{
	bool good = m->to == PIN_PUBLISHED, pin = !uuid_is_nil(&m->pin_id);

	*facts = (struct event_pin){ .pin_id = m->pin_id,
		.account_id = r->account_id,
		.schedule_id = r->schedule_id,
		.status = pin_wire(m->to, false),
		.content = r->content,
		.pinterest_pin_id = m->pinterest_pin_id,
		.error_code = m->code,
		.error_message = m->message,
		.run_at_us = r->run_at_us,
		.published_at_us = good ? r->now_us : TIME_NONE };
	return (struct event){ .type = good ? EVENT_PIN_PUBLISHED : EVENT_PIN_FAILED,
		.id = uuid_v7(clock_wall_us()),
		.at_us = r->now_us,
		.project_id = m->project_id,
		.environment = r->environment == ENV_SANDBOX ? "sandbox" : "production",
		.subject = pin ? EVENT_OF_PIN : EVENT_OF_SCHEDULE,
		.subject_id = pin ? m->pin_id : r->schedule_id,
		.account_id = r->account_id,
		.version = r->version + 1,
		.put = event_put_pin,
		.facts = facts };
}

/* Activity, event and deliveries of terminal states. */
static enum db_rc
write_events(struct db *db, const struct pin_move_batch *b)
{
	struct event *events = arena_alloc(db_mem(db), b->len * sizeof(*events));
	struct event_pin *facts = arena_alloc(db_mem(db), b->len * sizeof(*facts));
	struct db_many activity = { 0 };
	size_t n = 0;
	enum db_rc rc;

	for (size_t i = 0; i < b->len; i++) {
		const struct pin_move *m = b->items[i].m;

		if (!b->items[i].moves || (m->to != PIN_PUBLISHED && m->to != PIN_FAILED))
			continue;
		add_activity(db, &activity, m, &b->items[i].r);
		events[n] = event_of(m, &b->items[i].r, &facts[n]);
		n++;
	}
	rc = store_activity_write(db, &activity);
	return rc == DB_OK ? store_events(db, events, n, b->items[0].m->event_deadline_s) : rc;
}

static enum db_rc
write_batch(struct db *db, const struct pin_move_batch *b)
{
	enum db_rc rc = write_schedules(db, b);

	if (rc == DB_OK)
		rc = write_lanes(db, b);
	if (rc == DB_OK)
		rc = write_pins(db, b);
	if (rc == DB_OK)
		rc = close_attempts(db, b);
	return rc == DB_OK ? write_events(db, b) : rc;
}

/* Another pin of the lane already has this Pinterest id; which of the two it is remains unknown. */
static struct pin_move
unknown_outcome(struct db *db, const struct pin_move *m)
{
	struct pin_move t = *m;

	t.to = PIN_FAILED;
	t.code = "outcome_unknown";
	t.message = "Pinterest answered with the id of another pin of this account.";
	t.candidates = arena_printf(db_mem(db), "[\"%s\"]", m->pinterest_pin_id);
	t.pinterest_pin_id = t.confirmed_by = NULL;
	return t;
}

enum db_rc
pin_move(struct db *db, const struct pin_move *m)
{
	struct pin_move_item o = { .m = m };
	struct pin_move_batch b = { .items = &o, .len = 1 };
	struct pin_move unknown;
	enum db_rc rc = read_batch(db, &b);

	if (rc == DB_OK)
		rc = write_batch(db, &b);
	if (rc == DB_OK)
		return o.moves ? DB_OK : DB_NONE;
	if (rc != DB_DUP)
		return rc;
	if (m->pinterest_pin_id == NULL)
		return DB_FAIL;
	if (!pin_may_follow((enum pin_state)o.r.state, PIN_FAILED))
		return DB_DUP;
	unknown = unknown_outcome(db, m);
	o.m = &unknown;
	return write_batch(db, &b);
}

enum db_rc
pin_move_all(struct db *db, const struct pin_move *const *m, size_t n)
{
	struct pin_move_batch b = { .len = n };
	enum db_rc rc;

	if (n > PIN_MOVE_MAX)
		panic("event=pin_move_bug reason=\"%zu at once\"", n);
	if (n < 2) {
		rc = n == 0 ? DB_OK : pin_move(db, m[0]);
		return rc == DB_NONE ? DB_OK : rc;
	}
	b.items = arena_alloc(db_mem(db), n * sizeof(*b.items));
	for (size_t i = 0; i < n; i++)
		b.items[i].m = m[i];
	rc = read_batch(db, &b);
	if (rc == DB_OK)
		rc = write_batch(db, &b);
	return rc == DB_DUP ? DB_FAIL : rc;
}

enum db_rc
pin_move_schedule_failed(struct db *db, const struct uuid *project, const struct uuid *schedule,
    int64_t version, int64_t event_deadline_s)
{
	const struct pin_move m = { .project_id = *project,
		.to = PIN_FAILED,
		.code = "internal_error",
		.message = "internal_error: the schedule could not be turned into a pin." };
	struct pin_move_reading r = { .schedule_id = *schedule, .version = version };
	struct activity a = { .action = ACTIVITY_SCHEDULE_FAILED, .resource_id = *schedule };
	struct event_pin facts;
	struct event e;
	enum db_rc rc = db_exec(db,
	    SQL_IN(schedule_fail, .project = db_uuid(project), .id = db_uuid(schedule),
		.version = db_int(version), .message = db_text(m.message)),
	    NULL);

	if (rc == DB_OK)
		rc = db_row(db,
		    SQL_IN(
			schedule_event_facts, .project = db_uuid(project), .id = db_uuid(schedule)),
		    SQL_OUT(schedule_event_facts, .account_id = db_get_uuid(&r.account_id),
			.environment = db_get_int(&r.environment),
			.board_id = db_get_text(&r.content.board_id), PIN_LABELS_OUT(&r.content),
			.run_at = db_get_time(&r.run_at_us), .updated_at = db_get_time(&r.now_us)));
	a.account_id = r.account_id;
	if (rc == DB_OK)
		rc = store_activity(db, project, &worker_actor, &a);
	if (rc != DB_OK)
		return rc;
	e = event_of(&m, &r, &facts);
	return store_events(db, &e, 1, event_deadline_s);
}
