/* Conditional writes on pins that are not being sent or looked up. */
#include "app/api/change.h"

#include <string.h>

#include "app/api/activity.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "app/http/limits.h"
#include "lib/clock.h"
#include "lib/pin.h"
#include "sql/stmt.h"
#include "sql/store_retry.h"

enum db_rc
change_drop_waiting(struct call *c, const struct uuid *pin_id, int64_t version)
{
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(pin_delete_waiting, .project = db_uuid(&c->who.project_id),
		.id = db_uuid(pin_id), .version = db_int(version)),
	    NULL);

	return rc == DB_NONE ? DB_RETRY : rc;
}

bool
change_refuse_publishing(struct call *c, int64_t state)
{
	const struct problem why = { .status = 409,
		.code = "pin_publishing",
		.message =
		    state == PIN_VERIFYING
			? "This pin was sent and its outcome is being looked up on Pinterest."
			: "This pin is being sent to Pinterest right now.",
		.remediation = "Wait until it is published or failed, then decide." };

	return (state == PIN_SENDING || state == PIN_VERIFYING) && call_refused(c, &why);
}

bool
change_is_unknown(const struct pin_view *pin)
{
	return pin->state == PIN_FAILED && pin->error_code != NULL &&
	       strcmp(pin->error_code, "outcome_unknown") == 0;
}

void
change_may_be_published(struct problem *why)
{
	problem_set(why, 409, "conflict",
	    "It is not known whether this pin was published; on another board or with other text "
	    "it might appear twice.");
	why->remediation = "Retry it unchanged, so that it is looked up first, or add "
			   "\"accept_duplicate\": true.";
}

bool
change_skip_unknown(struct call *c, const struct pin_view *pin)
{
	if (!c->part || !change_is_unknown(pin))
		return false;
	reply_error(&c->reply, 409, "outcome_unknown",
	    "It is not known whether this pin was published: retry it alone, or settle it.");
	return true;
}

enum db_rc
change_retry(struct call *c, const struct pin_view *pin, const struct change_retry *how)
{
	const struct store_account *a = how->account;
	bool unknown = change_is_unknown(pin);
	const struct store_retry r = { .project_id = c->who.project_id,
		.pin_id = pin->id,
		.version = pin->version,
		.schedule_id = pin->schedule_id,
		.account_id = a != NULL ? a->id : pin->account_id,
		.lane_id = a != NULL ? a->lane_id : pin->lane_id,
		.shard = a != NULL ? (int64_t)a->shard : -1,
		.board_id = how->board_id != NULL ? how->board_id : pin->content.board_id,
		.content = &pin->content,
		/* Without an attempt nothing was sent, so there is nothing to look up (a pin
		 * restored from a backup is looked up anyway: maybe_sent_since). */
		.lookup = unknown && pin->attempts > 0 && !how->accept_duplicate,
		.duplicate = how->accept_duplicate && unknown,
		.publish_window_s = c->app->conf->publish_window_s };
	enum db_rc rc = limits_claim_one(c, LIMIT_PENDING_PINS);

	if (rc != DB_OK)
		return rc;
	rc = store_retry(c->db, &r);
	return rc == DB_NONE ? DB_RETRY : rc;
}

enum db_rc
change_done(struct call *c, const struct pin_view_kind *kind, const struct pin_view *was,
    enum activity_action action)
{
	enum db_rc rc = activity_write(c, action, &was->account_id, &was->id);

	return rc == DB_OK ? pin_view_reply_changed(c, kind, &was->id) : rc;
}
