/*
 * A person looked at the board and says which Pinterest pin an unknown outcome became. Invariant: a
 * Pinterest pin is tied to one pin of a lane, and of a project, whoever says so.
 */
#include <string.h>

#include "app/api/change.h"
#include "app/api/handlers.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "lib/clock.h"
#include "lib/event.h"
#include "lib/json_reader.h"
#include "lib/pin.h"
#include "sql/stmt.h"

struct settling {
	struct uuid id;
	const char *pinterest_pin_id;
};

static bool
decode(struct call *c, struct settling *s)
{
	static const char *const known[] = { "pinterest_pin_id", NULL };
	const char *id;
	struct problem why = { 0 };
	struct json_reader r;

	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	id = s->pinterest_pin_id = json_text(&r, "pinterest_pin_id", JSON_REQUIRED, 1, 64);
	if (id != NULL && id[strspn(id, "0123456789")] != '\0')
		json_wrong(&r, "pinterest_pin_id", "must be digits, as in the pin's address");
	return !call_refused(c, &why);
}

static bool
may(struct call *c, const struct pin_view *pin)
{
	if (pin->state == PIN_SENDING || pin->state == PIN_VERIFYING) {
		change_publishing(c, pin->state);
		return false;
	}
	if (change_is_unknown(pin))
		return true;
	reply_error(&c->reply, 409, "conflict",
	    "Only a pin that failed with outcome_unknown can be settled.");
	return false;
}

static enum db_rc
taken(struct call *c)
{
	reply_error(&c->reply, 409, "conflict", "This Pinterest pin belongs to another pin here.");
	return DB_NONE;
}

/* DB_NONE: no pin of another account of this project is it. */
static enum db_rc
find_other(struct call *c, const struct settling *s)
{
	struct uuid other;

	return db_row(c->db,
	    SQL_IN(pin_tied_in_project, .project = db_uuid(&c->who.project_id),
		.id = db_uuid(&s->id), .pinterest = db_text(s->pinterest_pin_id)),
	    SQL_OUT(pin_tied_in_project, .id = db_get_uuid(&other)));
}

/* Schedule, then pin. */
static enum db_rc
write_rows(struct call *c, const struct settling *s, const struct pin_view *pin, int64_t now_us)
{
	enum db_rc rc = DB_OK;

	if (!uuid_is_nil(&pin->schedule_id))
		rc = db_exec(c->db,
		    SQL_IN(schedule_settle, .project = db_uuid(&c->who.project_id),
			.id = db_uuid(&pin->schedule_id), .pin = db_uuid(&pin->id)),
		    NULL);
	/* the schedule may have been deleted: its pin lives on */
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	rc = db_exec(c->db,
	    SQL_IN(pin_settle, .project = db_uuid(&c->who.project_id), .id = db_uuid(&pin->id),
		.version = db_int(pin->version), .pinterest = db_text(s->pinterest_pin_id),
		.now = db_time(now_us)),
	    NULL);
	if (rc == DB_DUP)
		return taken(c);
	return rc == DB_NONE ? DB_RETRY : rc;
}

static enum db_rc
tell(struct call *c, const struct settling *s, const struct pin_view *pin, int64_t now_us)
{
	const struct event_pin e = { .type = EVENT_PIN_PUBLISHED,
		.id = uuid_v7(c->now_us),
		.at_us = now_us,
		.project_id = c->who.project_id,
		.pin_id = pin->id,
		.account_id = pin->account_id,
		.schedule_id = pin->schedule_id,
		.environment = c->who.environment == ENV_SANDBOX ? "sandbox" : "production",
		.status = pin_wire(PIN_PUBLISHED, false),
		.board_id = pin->board_id,
		.pinterest_pin_id = s->pinterest_pin_id,
		.external_id = pin->external_id,
		.campaign = pin->campaign,
		.run_at_us = pin->run_at_us,
		.published_at_us = now_us,
		.version = pin->version + 1 };
	enum db_rc rc = store_event(c->db, &e, c->app->conf->webhook.deadline_s);

	return rc == DB_OK ? change_note(c, "pin", &pin->id, "pin.settled", "success",
				 "A person said which Pinterest pin this became.")
			   : rc;
}

static enum db_rc
work(struct call *c, void *arg)
{
	const struct settling *s = arg;
	struct pin_view pin;
	int64_t now_us = TIME_NONE;
	enum db_rc rc = pin_view_require(c, &pin_view_pin, &s->id, &pin);

	if (rc != DB_OK)
		return rc;
	if (!may(c, &pin))
		return DB_NONE;
	rc = find_other(c, s);
	if (rc == DB_OK)
		return taken(c);
	if (rc == DB_NONE)
		rc = db_now(c->db, &now_us);
	if (rc == DB_OK)
		rc = write_rows(c, s, &pin, now_us);
	if (rc != DB_OK)
		return rc;
	rc = tell(c, s, &pin, now_us);
	if (rc == DB_OK)
		rc = pin_view_reply(c, &pin_view_pin, &s->id, 200);
	return rc == DB_NONE ? DB_RETRY : rc;
}

/* POST /v1/pins/{id}/settle */
void
pins_settle(struct call *c)
{
	struct settling s = { 0 };

	if (call_uuid(c, 0, &s.id) && decode(c, &s) && call_transact(c, work, &s))
		c->wake_worker = true; /* for the webhooks */
}
