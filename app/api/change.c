/* Conditional writes on pins that are not being sent or looked up. */
#include "app/api/change.h"

#include <string.h>

#include "app/api/activity.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/pin.h"
#include "sql/pin_move.h"
#include "sql/stmt.h"

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

/* Gives a retried pin and its schedule their account, lane, board and deadline. */
static enum db_rc
place_retry(struct call *c, const struct pin_view *pin, const struct change_retry *how, bool lookup)
{
	const struct store_account *a = how->account;
	const struct db_param account = db_uuid(a != NULL ? &a->id : &pin->account_id);
	const struct db_param lane = db_uuid(a != NULL ? &a->lane_id : &pin->lane_id);
	const struct db_param shard = a != NULL ? db_int(a->shard) : db_null();
	const char *board = how->board_id != NULL ? how->board_id : pin->content.board_id;
	const struct db_param window = db_int(c->app->conf->publish_window_s);
	unsigned char text_hash[SHA256_SIZE];
	enum db_rc rc;

	pin_text_hash(
	    board, pin->content.title, pin->content.description, pin->content.link_url, text_hash);
	rc = db_exec(c->db,
	    SQL_IN(pin_place, .project = db_uuid(&c->who.project_id), .id = db_uuid(&pin->id),
		.account = account, .lane = lane, .shard = shard, .board = db_text(board),
		.text_hash = db_bytes(text_hash, sizeof(text_hash)), .verify_first = db_int(lookup),
		.duplicate = db_int(how->accept_duplicate && change_is_unknown(pin)),
		.publish_window_s = window),
	    NULL);
	/* The schedule may have been deleted; its pin remains. */
	if (rc == DB_OK && !uuid_is_nil(&pin->schedule_id))
		rc = db_exec_any(c->db,
		    SQL_IN(schedule_place, .project = db_uuid(&c->who.project_id),
			.id = db_uuid(&pin->schedule_id), .pin = db_uuid(&pin->id),
			.account = account, .lane = lane, .shard = shard, .board = db_text(board),
			.publish_window_s = window),
		    NULL);
	return rc;
}

enum db_rc
change_retry(struct call *c, const struct pin_view *pin, const struct change_retry *how)
{
	/* Without an attempt nothing was sent, so there is nothing to look up (a pin restored from
	 * a backup is looked up anyway: maybe_sent_since). */
	bool lookup = change_is_unknown(pin) && pin->attempts > 0 && !how->accept_duplicate;
	const struct pin_move_lane lane = { .id = how->account != NULL ? how->account->lane_id
								       : pin->lane_id };
	struct pin_move m = { .project_id = c->who.project_id,
		.pin_id = pin->id,
		.from = 1u << PIN_FAILED,
		.version = pin->version,
		.to = lookup ? PIN_VERIFYING : PIN_WAITING,
		.absent_us = TIME_NONE,
		.unsent_in_a_row = UNSENT_RESET,
		.lane = &lane };
	enum db_rc rc = db_now(c->db, &m.due_us);

	if (rc == DB_OK)
		rc = pin_move(c->db, &m);
	if (rc == DB_OK)
		rc = place_retry(c, pin, how, lookup);
	return rc == DB_NONE ? DB_RETRY : rc;
}

enum db_rc
change_done(struct call *c, const struct pin_view_kind *kind, const struct uuid *id,
    const char *action, const char *status, const char *message)
{
	enum db_rc rc = activity_write(c, "publishing", action, status, id, message);

	return rc == DB_OK ? pin_view_reply_changed(c, kind, id) : rc;
}
