/* Edit of a planned schedule: one conditional UPDATE on state and version. */
#include "config.h"

#include <string.h>

#include "app/api/change.h"
#include "app/api/handlers.h"
#include "app/api/intake.h"
#include "app/api/record.h"
#include "app/board.h"
#include "app/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/pin.h"
#include "sql/stmt.h"

struct editing {
	struct uuid id;
	struct pin_patch patch;
};

static void
not_editable(struct call *c, const struct record *r)
{
	struct problem why = { 0 };

	problem_set(&why, 409, "schedule_not_editable",
	    "This schedule has started or is over: it can no longer be edited.");
	if (r->state == PIN_FAILED)
		why.remediation = "Retry it, or retry its pin with another board.";
	else if (r->state == PIN_WAITING)
		why.remediation = "Cancel it while it waits, and make a new schedule.";
	else if (r->state == PIN_CANCELED)
		why.remediation = "Make a new schedule.";
	else
		why.remediation =
		    "Look at its pin_id; once published, delete it and publish again.";
	reply_problem(&c->reply, &why);
}

/* What only makes sense together with the row. True: fine so far. */
static bool
fits(struct call *c, const struct editing *e, const struct record *r)
{
	const struct pin_patch *p = &e->patch;
	struct problem why = { 0 };
	int64_t run_at = p->set & PIN_F_RUN_AT ? p->to.run_at_us : r->run_at_us;

	if (r->state != PIN_PLANNED) {
		not_editable(c, r);
		return false;
	}
	if (c->who.environment == ENV_SANDBOX && (p->set & PIN_F_BOARD) &&
	    strcmp(p->to.board_id, r->board_id) != 0) {
		problem_set(&why, 409, "sandbox_board_fixed",
		    "The board of a sandbox schedule cannot be changed.");
		why.remediation = "Cancel it and make a new schedule on the other board.";
	} else if ((p->set & PIN_F_NOT_AFTER) && p->to.not_after_us != TIME_NONE &&
		   p->to.not_after_us <= run_at) {
		problem_field(&why, c->mem, "not_after", "must be after run_at");
	} else if ((p->set & PIN_F_COVER) && !(p->set & PIN_F_IMAGE) && r->image_url != NULL &&
		   (p->to.cover_image_url != NULL || p->to.has_cover_asset)) {
		problem_field(&why, c->mem, "cover_image_url", "only a video has a cover");
	}
	if (problem_any(&why))
		reply_problem(&c->reply, &why);
	return !problem_any(&why);
}

static enum db_rc
write_row(struct call *c, const struct editing *e, const struct record *r)
{
	const struct pin_patch *p = &e->patch;
	const struct pin_new *to = &p->to;
	const struct db_param in[] = { db_uuid(&c->who.project_id), db_uuid(&e->id),
		db_int(r->version), db_int(p->set), db_time(to->run_at_us),
		db_time(to->not_after_us), db_int(c->app->conf->not_after_s), db_text(to->board_id),
		db_text(to->title), db_text(to->description), db_text(to->link_url),
		db_text(to->alt_text), db_text(to->related_terms), db_text(to->dominant_color),
		db_text(to->image_url), db_uuid(to->has_asset ? &to->asset_id : NULL),
		db_text(to->cover_image_url),
		db_uuid(to->has_cover_asset ? &to->cover_asset_id : NULL), db_text(to->external_id),
		db_text(to->campaign) };
	enum db_rc rc = db_exec(c->db, STMT_SCHEDULE_PATCH, in, DB_LEN(in), NULL);

	return rc == DB_NONE ? DB_RETRY : rc;
}

static enum db_rc
patch(struct call *c, void *arg)
{
	const struct editing *e = arg;
	struct record r;
	enum db_rc rc = record_open(c, &record_schedule, &e->id, &r);

	if (rc != DB_OK)
		return rc;
	if (!fits(c, e, &r))
		return DB_NONE;
	rc = write_row(c, e, &r);
	if (rc == DB_OK)
		rc = change_note(
		    c, "schedule", &e->id, "schedule.updated", "success", "A schedule was edited.");
	if (rc == DB_OK)
		rc = record_reply(c, &record_schedule, &e->id, 200);
	return rc == DB_NONE ? DB_RETRY : rc;
}

/* Account, files and the new board, before the transaction. */
static bool
accept(struct call *c, const struct editing *e)
{
	const struct pin_patch *p = &e->patch;
	struct problem why = { 0 };
	struct store_account account;
	struct record r;
	enum db_rc rc;

	if (!record_load(c, &record_schedule, &e->id, &r) || !fits(c, e, &r))
		return false;
	rc = intake_media(c, &p->to, &why);
	if (rc == DB_NONE)
		reply_problem(&c->reply, &why);
	else if (rc != DB_OK)
		call_db_error(c, rc);
	if (rc != DB_OK)
		return false;
	if (!(p->set & PIN_F_BOARD) || strcmp(p->to.board_id, r.board_id) == 0)
		return true;
	return intake_account(c, &r.account_id, &account) &&
	       board_accept(c, &account, p->to.board_id);
}

void
schedules_patch(struct call *c)
{
	struct editing e = { 0 };
	struct problem why = { 0 };

	if (!call_uuid(c, 0, &e.id))
		return;
	if (pin_patch_decode(&e.patch, PIN_FORM_SCHEDULE, c->json, c->now_us, c->mem, &why) == -1) {
		reply_problem(&c->reply, &why);
		return;
	}
	if (accept(c, &e) && call_transact(c, patch, &e))
		c->poke = true;
}
