/* Edits a planned schedule by one UPDATE conditional on state and version. */
#include "app/api/change.h"
#include "app/api/edit.h"
#include "app/api/handlers.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "lib/pin.h"
#include "sql/stmt.h"

static void
refuse_schedule_edit(struct call *c, const struct pin_view *r)
{
	struct problem why = { 0 };

	problem_set(&why, 409, "schedule_not_editable",
	    "This schedule has started or ended and can no longer be edited.");
	if (r->state == PIN_PLANNED)
		why.remediation = "It may have been sent after the backup that was restored, so it "
				  "is first looked up on Pinterest unchanged.";
	else if (r->state == PIN_FAILED)
		why.remediation =
		    "Edit its pin (pin_id) and retry that, or retry the schedule unchanged.";
	else if (r->state == PIN_WAITING)
		why.remediation = "Edit its pin (pin_id), or cancel it and create a new schedule.";
	else if (r->state == PIN_CANCELED)
		why.remediation = "Create a new schedule.";
	else
		why.remediation =
		    "See its pin (pin_id); once published, delete it and publish again.";
	reply_problem(&c->reply, &why);
}

/* False: the reply is the refusal. */
static bool
schedule_editable(struct call *c, const struct edit *e, const struct pin_view *r)
{
	struct problem why = { 0 };

	if (r->state != PIN_PLANNED || r->restored) {
		refuse_schedule_edit(c, r);
		return false;
	}
	if (c->who.environment == ENV_SANDBOX && edit_moves(e, r)) {
		problem_set(&why, 409, "sandbox_board_fixed",
		    "The board of a sandbox schedule cannot be changed.");
		why.remediation = "Cancel it and create a new schedule on the other board.";
	} else {
		edit_check(c, e, r, &why);
	}
	return !call_refused(c, &why);
}

static enum db_rc
update_schedule_row(struct call *c, const struct edit *e, const struct pin_view *r)
{
	const struct pin_patch *p = &e->patch;
	const struct pin_new *to = &p->to;
	struct pin_content content = r->content;
	enum db_rc rc;

	pin_patch_apply(p, &content);
	rc = db_exec(c->db,
	    SQL_IN(schedule_patch, .project = db_uuid(&c->who.project_id), .id = db_uuid(&e->id),
		.version = db_int(r->version), .set = db_int(p->set),
		.run_at = db_time(to->run_at_us), .not_after = db_time(to->not_after_us),
		.publish_window_s = db_int(c->app->conf->publish_window_s),
		PIN_CONTENT_IN(&content)),
	    NULL);

	return rc == DB_NONE ? DB_RETRY : rc;
}

static enum db_rc
patch_schedule(struct call *c, void *arg)
{
	const struct edit *e = arg;
	struct pin_view r;
	enum db_rc rc = pin_view_require(c, &pin_view_schedule, &e->id, &r);

	if (rc != DB_OK)
		return rc;
	if (!schedule_editable(c, e, &r))
		return DB_NONE;
	rc = update_schedule_row(c, e, &r);
	return rc == DB_OK ? change_done(c, &pin_view_schedule, &r, ACTIVITY_SCHEDULE_UPDATED) : rc;
}

void
schedules_patch(struct call *c)
{
	struct edit e = { 0 };
	struct pin_view r;

	if (edit_read(c, PIN_FORM_SCHEDULE, &e) &&
	    pin_view_load(c, &pin_view_schedule, &e.id, &r) && schedule_editable(c, &e, &r) &&
	    edit_accept(c, &e, &r) && call_transact(c, patch_schedule, &e))
		c->wake_worker = true;
}
