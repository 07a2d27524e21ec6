/*
 * A user names the Pinterest pin that a pin with an unknown outcome became. Invariant: a Pinterest
 * pin is tied to at most one pin of a lane, and to at most one of a project.
 */
#include <string.h>

#include "app/api/change.h"
#include "app/api/handlers.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "lib/clock.h"
#include "lib/json_reader.h"
#include "lib/pin.h"
#include "sql/pin_move.h"
#include "sql/stmt.h"

struct settle {
	struct uuid id;
	const char *pinterest_pin_id;
};

static bool
settle_decode(struct call *c, struct settle *s)
{
	static const char *const known[] = { "pinterest_pin_id", NULL };
	const char *id;
	struct problem why = { 0 };
	struct json_reader r;

	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	id = s->pinterest_pin_id = json_key(&r, "pinterest_pin_id", JSON_REQUIRED, 1, 64);
	if (id != NULL && id[strspn(id, "0123456789")] != '\0')
		json_wrong(&r, "pinterest_pin_id", "must be digits, as in the pin's address");
	return !call_refused(c, &why);
}

static bool
settle_allowed(struct call *c, const struct pin_view *pin)
{
	if (change_refuse_publishing(c, pin->state))
		return false;
	if (change_is_unknown(pin))
		return true;
	reply_error(&c->reply, 409, "conflict",
	    "Only a pin that failed with outcome_unknown can be settled.");
	return false;
}

static enum db_rc
settle_refuse_taken(struct call *c)
{
	reply_error(&c->reply, 409, "conflict", "This Pinterest pin belongs to another pin here.");
	return DB_NONE;
}

/* DB_OK: the Pinterest pin belongs to another account of this project; DB_NONE: it does not. */
static enum db_rc
find_other_account(struct call *c, const struct settle *s)
{
	struct uuid other;

	return db_row(c->db,
	    SQL_IN(pin_tied_in_project, .project = db_uuid(&c->who.project_id),
		.id = db_uuid(&s->id), .pinterest = db_text(s->pinterest_pin_id)),
	    SQL_OUT(pin_tied_in_project, .id = db_get_uuid(&other)));
}

static enum db_rc
settle_pin(struct call *c, void *arg)
{
	const struct settle *s = arg;
	const struct actor by = call_actor(c);
	struct pin_move m = { .project_id = c->who.project_id,
		.pin_id = s->id,
		.from = 1u << PIN_FAILED,
		.to = PIN_PUBLISHED,
		.due_us = TIME_NONE,
		.pinterest_pin_id = s->pinterest_pin_id,
		.confirmed_by = "user",
		.absent_us = TIME_NONE,
		.unsent_in_a_row = UNSENT_KEEP,
		.by = &by,
		.settled = true,
		.event_deadline_s = c->app->conf->webhook.deadline_s };
	struct pin_view pin;
	enum db_rc rc = pin_view_require(c, &pin_view_pin, &s->id, &pin);

	if (rc != DB_OK)
		return rc;
	if (!settle_allowed(c, &pin))
		return DB_NONE;
	rc = find_other_account(c, s);
	if (rc == DB_OK)
		return settle_refuse_taken(c);
	m.version = pin.version;
	if (rc == DB_NONE)
		rc = pin_move(c->db, &m);
	if (rc == DB_DUP)
		return settle_refuse_taken(c);
	if (rc == DB_OK)
		rc = pin_view_reply_changed(c, &pin_view_pin, &s->id);
	return rc == DB_NONE ? DB_RETRY : rc;
}

/* POST /v1/pins/{id}/settle */
void
pins_settle(struct call *c)
{
	struct settle s = { 0 };

	if (call_uuid(c, 0, &s.id) && settle_decode(c, &s) && call_transact(c, settle_pin, &s))
		c->wake_worker = true; /* for the webhooks */
}
