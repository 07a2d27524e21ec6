/*
 * Cancel is definite: a 200 means that no request for this schedule can leave any more, because the
 * promotion and the worker's intent ask for the version that this write has just left behind.
 */
#include "app/api/activity.h"
#include "app/api/change.h"
#include "app/api/handlers.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "lib/pin.h"
#include "sql/stmt.h"

static enum db_rc
cancel_row(struct call *c, const struct pin_view *r)
{
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(schedule_cancel, .project = db_uuid(&c->who.project_id), .id = db_uuid(&r->id),
		.version = db_int(r->version), .state = db_int(r->own_state)),
	    NULL);

	if (rc != DB_OK)
		return rc == DB_NONE ? DB_RETRY : rc;
	if (r->state == PIN_WAITING && !uuid_is_nil(&r->pin_id))
		rc = change_drop_waiting(c, &r->pin_id, r->pin_version);
	return rc;
}

static enum db_rc
cancel(struct call *c, void *arg)
{
	const struct uuid *id = arg;
	struct pin_view r;
	enum db_rc rc = pin_view_require(c, &pin_view_schedule, id, &r);

	if (rc != DB_OK)
		return rc;
	if (r.state == PIN_SENDING || r.state == PIN_VERIFYING) {
		change_publishing(c, r.state);
		return DB_NONE;
	}
	if (r.state != PIN_PLANNED && r.state != PIN_WAITING) {
		reply_error(&c->reply, 400, "bad_request",
		    r.state == PIN_CANCELED
			? "This schedule is canceled already."
			: "This schedule is over: it can no longer be canceled.");
		return DB_NONE;
	}
	rc = cancel_row(c, &r);
	if (rc == DB_OK)
		rc = activity_write(c, "publishing", "schedule.canceled", "canceled", id,
		    "A schedule was canceled before anything was sent.");
	if (rc == DB_OK)
		rc = pin_view_reply(c, &pin_view_schedule, id, 200);
	return rc == DB_NONE ? DB_RETRY : rc;
}

void
schedules_cancel(struct call *c)
{
	struct uuid id;

	if (call_uuid(c, 0, &id))
		(void)call_transact(c, cancel, &id);
}
