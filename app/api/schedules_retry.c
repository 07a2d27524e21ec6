/* Retries a failed schedule: its pin if it has one, else the schedule is planned again. */
#include "app/api/change.h"
#include "app/api/handlers.h"
#include "app/api/accept.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "app/http/limits.h"
#include "lib/pin.h"
#include "sql/stmt.h"

/* The schedule failed before it became a pin, or its pin was deleted. */
static enum db_rc
replan_schedule(struct call *c, const struct pin_view *r)
{
	struct problem why = { 0 };
	struct uuid pin;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(pin_deleted_unknown, .project = db_uuid(&c->who.project_id),
		.id = db_uuid(&r->pin_id)),
	    SQL_OUT(pin_deleted_unknown, .id = db_get_uuid(&pin)));

	if (rc == DB_OK) {
		problem_set(&why, 409, "conflict",
		    "Its pin was deleted while it was unknown whether it had been published.");
		why.remediation = "Look at the board on Pinterest; if it is not there, create a "
				  "new schedule.";
		reply_problem(&c->reply, &why);
		return DB_NONE;
	}
	if (rc == DB_NONE)
		rc = limits_claim_one(c, LIMIT_PENDING_SCHEDULES);
	if (rc != DB_OK)
		return rc;
	rc = db_exec(c->db,
	    SQL_IN(schedule_replan, .project = db_uuid(&c->who.project_id), .id = db_uuid(&r->id),
		.version = db_int(r->version),
		.publish_window_s = db_int(c->app->conf->publish_window_s)),
	    NULL);
	return rc == DB_NONE ? DB_RETRY : rc;
}

static enum db_rc
retry_schedule_or_pin(struct call *c, const struct pin_view *r)
{
	static const struct change_retry same = { 0 };
	struct pin_view pin;
	enum db_rc rc = DB_NONE;

	if (!uuid_is_nil(&r->pin_id))
		rc = pin_view_get(c, &pin_view_pin, &r->pin_id, &pin);
	if (rc == DB_OK && change_skip_unknown(c, &pin))
		return DB_NONE;
	if (rc == DB_OK && pin.state == PIN_FAILED)
		return change_retry(c, &pin, &same);
	if (rc == DB_OK)
		return DB_RETRY;
	return rc == DB_NONE ? replan_schedule(c, r) : rc;
}

static enum db_rc
retry_schedule(struct call *c, void *arg)
{
	const struct uuid *id = arg;
	struct pin_view r;
	struct store_account account;
	enum db_rc rc = pin_view_require(c, &pin_view_schedule, id, &r);

	if (rc != DB_OK)
		return rc;
	if (r.state != PIN_FAILED) {
		reply_error(
		    &c->reply, 400, "bad_request", "Only a failed schedule can be retried.");
		return DB_NONE;
	}
	if (!accept_account(c, &r.account_id, &account))
		return DB_NONE;
	rc = retry_schedule_or_pin(c, &r);
	return rc == DB_OK ? change_done(c, &pin_view_schedule, &r, ACTIVITY_SCHEDULE_RETRIED) : rc;
}

void
schedules_retry(struct call *c)
{
	struct uuid id;

	if (call_uuid(c, 0, &id) && call_transact(c, retry_schedule, &id))
		c->wake_worker = true;
}
