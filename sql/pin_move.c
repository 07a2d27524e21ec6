/*
 * Transitions of pins, many with the statements of one. Invariant: pin, schedule, attempt and event
 * change together or not at all, and only from the version that was read.
 */
#include "sql/pin_move.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/event.h"
#include "lib/log.h"
#include "sql/stmt.h"
#include "sql/store.h"

/* A pin as it stands, with its last attempt. */
struct reading {
	struct uuid id, project_id;
	int64_t state, version, attempts;
	struct uuid schedule_id, account_id, worker_id;
	int64_t run_at_us, opened_us, now_us, environment;
	const char *board_id, *external_id, *campaign;
};

/* One of a batch. */
struct pin_move_item {
	const struct pin_move *s;
	struct reading r;
	bool found, moves;
};

struct pin_move_batch {
	struct pin_move_item *items;
	size_t len;
	struct reading r;
};

static void
on_pin(void *arg)
{
	struct pin_move_batch *b = arg;

	for (size_t i = 0; i < b->len; i++) {
		struct pin_move_item *o = &b->items[i];

		if (!uuid_equal(&o->s->pin_id, &b->r.id) ||
		    !uuid_equal(&o->s->project_id, &b->r.project_id))
			continue;
		o->r = b->r;
		o->found = true;
	}
}

static enum db_rc
read_pins(struct db *db, struct pin_move_batch *b)
{
	struct reading *r = &b->r;
	struct uuid ids[PIN_MOVE_MAX] = { 0 }, projects[PIN_MOVE_MAX] = { 0 };

	for (size_t i = 0; i < b->len; i++) {
		ids[i] = b->items[i].s->pin_id;
		projects[i] = b->items[i].s->project_id;
	}
	return db_each(db,
	    SQL_IN(pin_move_read, .projects = db_uuids(projects, b->len),
		.ids = db_uuids(ids, b->len)),
	    SQL_OUT(pin_move_read, .id = db_get_uuid(&r->id),
		.project_id = db_get_uuid(&r->project_id), .state = db_get_int(&r->state),
		.version = db_get_int(&r->version), .attempts = db_get_int(&r->attempts),
		.schedule_id = db_get_uuid(&r->schedule_id),
		.account_id = db_get_uuid(&r->account_id), .run_at = db_get_time(&r->run_at_us),
		.board_id = db_get_text(&r->board_id), .external_id = db_get_text(&r->external_id),
		.campaign = db_get_text(&r->campaign), .worker_id = db_get_uuid(&r->worker_id),
		.opened_at = db_get_time(&r->opened_us), .environment = db_get_int(&r->environment),
		.now = db_get_time(&r->now_us)),
	    on_pin, b);
}

static bool
is_last(const struct reading *r, const struct pin_move_attempt *a)
{
	return r->attempts == a->n && uuid_equal(&r->worker_id, &a->worker_id) &&
	       r->opened_us == a->opened_us;
}

static bool
eligible(const struct pin_move *s, const struct reading *r)
{
	if (!(s->from & (1u << r->state)) || (s->n != 0 && r->attempts != s->n) ||
	    (s->version != 0 && r->version != s->version))
		return false;
	return s->attempt == NULL || is_last(r, s->attempt);
}

/* Reads them, and says which may move. */
static enum db_rc
look(struct db *db, struct pin_move_batch *b)
{
	enum db_rc rc = read_pins(db, b);

	for (size_t i = 0; i < b->len && rc == DB_OK; i++) {
		struct pin_move_item *o = &b->items[i];
		enum pin_state from = (enum pin_state)o->r.state;

		o->moves = o->found && eligible(o->s, &o->r);
		if (o->moves && !pin_may_follow(from, o->s->to) && from != o->s->to)
			panic("event=forbidden_transition from=%s to=%s", pin_state_name(from),
			    pin_state_name(o->s->to));
	}
	return rc;
}

/* ---- the writes, one statement of each kind for all ---- */

static enum db_rc
write_schedules(struct db *db, const struct pin_move_batch *b)
{
	struct db_many m = { 0 };

	for (size_t i = 0; i < b->len; i++) {
		const struct pin_move *s = b->items[i].s;

		if (b->items[i].moves && !uuid_is_nil(&b->items[i].r.schedule_id))
			db_many_push(db, &m,
			    SQL_IN(schedule_follow, .project = db_uuid(&s->project_id),
				.id = db_uuid(&b->items[i].r.schedule_id),
				.pin = db_uuid(&s->pin_id), .state = db_int(s->to),
				.error = db_text(s->to == PIN_FAILED ? s->message : NULL)));
	}
	return db_many_exec(db, &m, NULL);
}

static enum db_rc
hold_lane(struct db *db, const struct pin_move_lane *l)
{
	enum db_rc rc = DB_OK;

	if (l->hold_until_us != 0)
		rc = db_exec(db,
		    SQL_IN(lane_hold, .id = db_uuid(&l->id), .until = db_time(l->hold_until_us),
			.code = db_int(l->hold_code), .strike = db_int(l->strike)),
		    NULL);
	if ((rc == DB_OK || rc == DB_NONE) && l->host != NULL)
		rc = db_exec(db,
		    SQL_IN(lane_block_host, .id = db_uuid(&l->id), .host = db_text(l->host),
			.until = db_int(l->host_until_us)),
		    NULL);
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
write_lanes(struct db *db, const struct pin_move_batch *b)
{
	struct db_many m = { 0 };
	enum db_rc rc;

	for (size_t i = 0; i < b->len; i++) {
		const struct pin_move *s = b->items[i].s;
		const struct pin_move_lane *l = s->lane;

		if (!b->items[i].moves || l == NULL)
			continue;
		db_many_push(db, &m,
		    SQL_IN(lane_release, .id = db_uuid(&l->id), .pin = db_uuid(&s->pin_id),
			.over = db_int(l->release),
			.again = db_int(s->to == PIN_WAITING || s->to == PIN_VERIFYING)));
	}
	rc = db_many_exec(db, &m, NULL);
	for (size_t i = 0; i < b->len && rc == DB_OK; i++)
		if (b->items[i].moves && b->items[i].s->lane != NULL)
			rc = hold_lane(db, b->items[i].s->lane);
	return rc;
}

static enum db_rc
write_pins(struct db *db, const struct pin_move_batch *b)
{
	struct db_many m = { 0 };
	uint64_t changed;
	enum db_rc rc;

	for (size_t i = 0; i < b->len; i++) {
		const struct pin_move *s = b->items[i].s;
		const struct reading *r = &b->items[i].r;

		if (b->items[i].moves)
			db_many_push(db, &m,
			    SQL_IN(pin_move, .project = db_uuid(&s->project_id),
				.id = db_uuid(&s->pin_id), .version = db_int(r->version),
				.state = db_int(s->to), .due = db_time(s->due_us),
				.due_keep = db_int(s->due_keep), .now = db_time(r->now_us),
				.code = db_text(s->code), .message = db_text(s->message),
				.candidates = db_text(s->candidates),
				.pinterest = db_text(s->pinterest_pin_id),
				.confirmed = db_text(s->confirmed_by),
				.absent = db_time(s->absent_us), .spent = db_int(s->spends_try),
				.fault = db_int(s->unsent_in_a_row)));
	}
	rc = db_many_exec(db, &m, &changed);
	return rc == DB_OK && changed != m.len ? DB_RETRY : rc;
}

static void
add_close(struct db *db, struct db_many *m, const struct uuid *project, const struct uuid *pin,
    const struct pin_move_attempt *a)
{
	db_many_push(db, m,
	    SQL_IN(attempt_close, .project = db_uuid(project), .pin = db_uuid(pin),
		.number = db_int(a->n), .worker = db_uuid(&a->worker_id),
		.opened = db_time(a->opened_us), .gate = db_time(a->gate_us),
		.outcome = db_int(a->outcome),
		.status = a->http_status != 0 ? db_int(a->http_status) : db_null(),
		.code = a->pinterest_code != 0 ? db_int(a->pinterest_code) : db_null(),
		.message = db_text(a->message), .rid = db_text(a->request_id),
		.skew = a->has_skew ? db_int(a->skew_ms) : db_null(),
		.pinterest = db_text(a->pinterest_pin_id)));
}

/* Also of a pin that may not move: an open attempt that is ours is closed in any case. */
static enum db_rc
close_attempts(struct db *db, const struct pin_move_batch *b)
{
	struct db_many m = { 0 };

	for (size_t i = 0; i < b->len; i++) {
		const struct pin_move *s = b->items[i].s;

		if (b->items[i].found && s->attempt != NULL)
			add_close(db, &m, &s->project_id, &s->pin_id, s->attempt);
	}
	return db_many_exec(db, &m, NULL);
}

enum db_rc
pin_move_attempt_close(struct db *db, const struct uuid *project, const struct uuid *pin,
    const struct pin_move_attempt *a)
{
	struct db_many m = { 0 };
	uint64_t closed;
	enum db_rc rc;

	add_close(db, &m, project, pin, a);
	rc = db_many_exec(db, &m, &closed);
	return rc == DB_OK && closed == 0 ? DB_NONE : rc;
}

static void
add_activity(struct db *db, struct db_many *m, const struct pin_move *s)
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

	store_activity_add(db, m, &s->project_id, &worker, &a);
}

static struct event_pin
event_of(const struct pin_move *s, const struct reading *r)
{
	bool good = s->to == PIN_PUBLISHED;

	return (struct event_pin){ .type = good ? EVENT_PIN_PUBLISHED : EVENT_PIN_FAILED,
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
}

/* Terminal states are told: activity, event, deliveries. */
static enum db_rc
write_events(struct db *db, const struct pin_move_batch *b)
{
	struct event_pin *events = arena_alloc(db_mem(db), b->len * sizeof(*events));
	struct db_many activity = { 0 };
	size_t n = 0;
	enum db_rc rc;

	for (size_t i = 0; i < b->len; i++) {
		const struct pin_move *s = b->items[i].s;

		if (!b->items[i].moves || (s->to != PIN_PUBLISHED && s->to != PIN_FAILED))
			continue;
		add_activity(db, &activity, s);
		events[n++] = event_of(s, &b->items[i].r);
	}
	rc = store_activity_write(db, &activity);
	return rc == DB_OK ? store_events(db, events, n, b->items[0].s->event_deadline_s) : rc;
}

/* The id belongs to another pin of the lane already: which of the two it is, nobody knows. */
static struct pin_move
tied(struct db *db, const struct pin_move *s)
{
	struct pin_move t = *s;

	t.to = PIN_FAILED;
	t.code = "outcome_unknown";
	t.message = "Pinterest answered with the id of another pin of this account.";
	t.candidates = arena_printf(db_mem(db), "[\"%s\"]", s->pinterest_pin_id);
	t.pinterest_pin_id = t.confirmed_by = NULL;
	return t;
}

static enum db_rc
apply(struct db *db, const struct pin_move_batch *b)
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

enum db_rc
pin_move(struct db *db, const struct pin_move *s)
{
	struct pin_move_item o = { .s = s };
	struct pin_move_batch b = { .items = &o, .len = 1 };
	struct pin_move other;
	enum db_rc rc = look(db, &b);

	if (rc == DB_OK)
		rc = apply(db, &b);
	if (rc == DB_OK)
		return o.moves ? DB_OK : DB_NONE;
	if (rc != DB_DUP || s->pinterest_pin_id == NULL)
		return rc == DB_DUP ? DB_FAIL : rc;
	other = tied(db, s);
	o.s = &other;
	return apply(db, &b);
}

enum db_rc
pin_move_all(struct db *db, const struct pin_move *const *s, size_t n)
{
	struct pin_move_batch b = { .len = n };
	enum db_rc rc;

	if (n > PIN_MOVE_MAX)
		panic("event=settle_bug reason=\"%zu at once\"", n);
	if (n < 2) {
		rc = n == 0 ? DB_OK : pin_move(db, s[0]);
		return rc == DB_NONE ? DB_OK : rc;
	}
	b.items = arena_alloc(db_mem(db), n * sizeof(*b.items));
	for (size_t i = 0; i < n; i++)
		b.items[i].s = s[i];
	rc = look(db, &b);
	if (rc == DB_OK)
		rc = apply(db, &b);
	return rc == DB_DUP ? DB_FAIL : rc;
}
