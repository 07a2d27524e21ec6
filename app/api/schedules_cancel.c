/*
 * A cancel is final: after a 200 no request for this schedule can leave, because promotion and
 * intent are conditional on the version, which this write changes.
 */
#include "app/api/change.h"
#include "app/api/handlers.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "lib/pin.h"
#include "sql/stmt.h"

static enum db_rc
cancel_schedule_rows(struct call *c, const struct pin_view *r)
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
cancel_schedule(struct call *c, void *arg)
{
	const struct uuid *id = arg;
	struct pin_view r;
	enum db_rc rc = pin_view_require(c, &pin_view_schedule, id, &r);

	if (rc != DB_OK)
		return rc;
	if (change_refuse_publishing(c, r.state))
		return DB_NONE;
	if (r.state != PIN_PLANNED && r.state != PIN_WAITING) {
		reply_error(&c->reply, 400, "bad_request",
		    r.state == PIN_CANCELED
			? "This schedule is already canceled."
			: "This schedule has ended and can no longer be canceled.");
		return DB_NONE;
	}
	rc = cancel_schedule_rows(c, &r);
	return rc == DB_OK ? change_done(c, &pin_view_schedule, &r, ACTIVITY_SCHEDULE_CANCELED)
			   : rc;
}

void
schedules_cancel(struct call *c)
{
	struct uuid id;

	if (call_uuid(c, 0, &id))
		(void)call_transact(c, cancel_schedule, &id);
}
