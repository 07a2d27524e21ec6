/*
 * Edits a waiting or failed pin and its schedule by writes conditional on state and version.
 * Invariant: the text that verification searches for stays the text that may have been sent.
 */
#include "app/api/change.h"
#include "app/api/edit.h"
#include "app/api/handlers.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "lib/clock.h"
#include "sql/stmt.h"

static void
pin_published_problem(struct problem *why, const struct pin_view *r)
{
	if (r->removed_us != TIME_NONE) {
		problem_set(why, 409, "pin_removed_on_pinterest",
		    "This pin was published and has since been removed from Pinterest.");
		why->remediation = "Publish it again as a new pin.";
		return;
	}
	problem_set(why, 409, "pin_already_published",
	    "This pin is published: Pintempo does not edit pins on Pinterest.");
	why->remediation = "Delete it and publish it again.";
}

/* False: the reply says why not. */
static bool
pin_editable(struct call *c, const struct edit *e, const struct pin_view *r)
{
	struct problem why = { 0 };

	if (change_refuse_publishing(c, r->state))
		return false;
	if (r->state == PIN_PUBLISHED)
		pin_published_problem(&why, r);
	else if (r->restored || (change_is_unknown(r) && edit_moves(e, r)))
		change_may_be_published(&why);
	else
		edit_check(c, e, r, &why);
	return !call_refused(c, &why);
}

/* The pin after the edit: fields that the edit names, else those of the row. */
static struct pin_new
merge_pin(struct call *c, const struct edit *e, const struct pin_view *r)
{
	const struct pin_patch *p = &e->patch;
	int64_t default_us = c->app->conf->publish_window_s * US_PER_S;
	struct pin_new n = { .content = r->content,
		.not_after_us = p->set & PIN_F_NOT_AFTER ? p->to.not_after_us : r->not_after_us };

	pin_patch_apply(p, &n.content);
	/* the default deadline counts from run_at, or from now when that is past */
	if (n.not_after_us == TIME_NONE)
		n.not_after_us =
		    (r->run_at_us + default_us > c->now_us ? r->run_at_us : c->now_us) + default_us;
	return n;
}

static enum db_rc
update_pin_rows(struct call *c, const struct pin_view *r, const struct pin_new *n)
{
	unsigned char text_hash[32];
	enum db_rc rc = DB_OK;

	if (!uuid_is_nil(&r->schedule_id))
		rc = db_exec(c->db,
		    SQL_IN(schedule_patch_by_pin, .project = db_uuid(&c->who.project_id),
			.id = db_uuid(&r->schedule_id), .pin = db_uuid(&r->id),
			PIN_CONTENT_IN(&n->content), .not_after = db_time(n->not_after_us)),
		    NULL);
	if (rc != DB_OK && rc != DB_NONE) /* the schedule may have been deleted */
		return rc;
	pin_text_hash(n->content.board_id, n->content.title, n->content.description,
	    n->content.link_url, text_hash);
	rc = db_exec(c->db,
	    SQL_IN(pin_patch, .project = db_uuid(&c->who.project_id), .id = db_uuid(&r->id),
		PIN_CONTENT_IN(&n->content), .not_after = db_time(n->not_after_us),
		.version = db_int(r->version), .text_hash = db_bytes(text_hash, sizeof(text_hash))),
	    NULL);
	return rc == DB_NONE ? DB_RETRY : rc;
}

static enum db_rc
patch_pin(struct call *c, void *arg)
{
	const struct edit *e = arg;
	struct pin_new n;
	struct pin_view r;
	enum db_rc rc = pin_view_require(c, &pin_view_pin, &e->id, &r);

	if (rc != DB_OK)
		return rc;
	if (!pin_editable(c, e, &r))
		return DB_NONE;
	n = merge_pin(c, e, &r);
	rc = update_pin_rows(c, &r, &n);
	return rc == DB_OK ? change_done(c, &pin_view_pin, &r, ACTIVITY_PIN_UPDATED) : rc;
}

void
pins_patch(struct call *c)
{
	struct edit e = { 0 };
	struct pin_view r;

	if (edit_read(c, PIN_FORM_PIN, &e) && pin_view_load(c, &pin_view_pin, &e.id, &r) &&
	    pin_editable(c, &e, &r) && edit_accept(c, &e, &r))
		(void)call_transact(c, patch_pin, &e);
}
