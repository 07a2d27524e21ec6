/* Conditional writes on pins that are not under way. Order: schedule, lane, pin. */
#include "app/api/change.h"

#include <string.h>

#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "lib/pin.h"
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

enum db_rc
change_note(struct call *c, const char *resource_type, const struct uuid *id, const char *action,
    const char *status, const char *message)
{
	const struct actor by = call_actor(c);
	const struct activity a = { .action = action,
		.category = "publishing",
		.status = status,
		.resource_type = resource_type,
		.resource_id = *id,
		.message = message };

	return store_activity(c->db, &c->who.project_id, &by, &a);
}

void
change_publishing(struct call *c, int64_t state)
{
	struct problem why = { 0 };

	problem_set(&why, 409, "pin_publishing",
	    state == PIN_VERIFYING
		? "This pin was sent and its outcome is being looked up on Pinterest."
		: "This pin is being sent to Pinterest right now.");
	why.remediation = "Wait until it is published or failed, then decide.";
	reply_problem(&c->reply, &why);
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
	    "It is not known whether this pin was published; elsewhere or with other words it "
	    "might "
	    "appear twice.");
	why->remediation = "Retry it as it is, so that it is looked up first, or add "
			   "\"accept_duplicate\": true.";
}

bool
change_skip_unknown(struct call *c, const struct pin_view *pin)
{
	struct problem why = { 0 };

	if (!c->part || !change_is_unknown(pin))
		return false;
	problem_set(&why, 409, "outcome_unknown",
	    "It is not known whether this pin was published: retry it alone, or settle it.");
	reply_problem(&c->reply, &why);
	return true;
}

/* Where a pin that waits again goes. */
struct place {
	struct db_param account, lane, shard, board;
};

static enum db_rc
schedule_follows(struct call *c, const struct pin_view *pin, const struct place *to, bool looks)
{
	/* the schedule may have been deleted: its pin lives on */
	return db_exec_any(c->db,
	    SQL_IN(schedule_retry, .project = db_uuid(&c->who.project_id),
		.id = db_uuid(&pin->schedule_id), .pin = db_uuid(&pin->id), .account = to->account,
		.lane = to->lane, .shard = to->shard, .board = to->board,
		.state = db_int(looks ? PIN_VERIFYING : PIN_WAITING),
		.publish_window_s = db_int(c->app->conf->publish_window_s)),
	    NULL);
}

enum db_rc
change_retry(struct call *c, const struct pin_view *pin, const struct change_retry *how)
{
	/* without an attempt nothing has left: nothing to look for, unless restored
	 * (maybe_sent_since) */
	bool unknown = change_is_unknown(pin) && pin->attempts > 0;
	bool looks = unknown && !how->accept_duplicate;
	const struct store_account *a = how->account;
	const char *board = how->board_id != NULL ? how->board_id : pin->board_id;
	const struct place to = { .account = db_uuid(a != NULL ? &a->id : &pin->account_id),
		.lane = db_uuid(a != NULL ? &a->lane_id : &pin->lane_id),
		.shard = a != NULL ? db_int(a->shard) : db_null(),
		.board = db_text(board) };
	unsigned char text_hash[32];
	int64_t now_us;
	enum db_rc rc = DB_OK;

	pin_text_hash(board, pin->title, pin->description, pin->link_url, text_hash);

	if (!uuid_is_nil(&pin->schedule_id))
		rc = schedule_follows(c, pin, &to, looks);
	if (rc == DB_OK)
		rc = db_now(c->db, &now_us);
	if (rc == DB_OK)
		rc = store_lane_wake(c->db, a != NULL ? &a->lane_id : &pin->lane_id, now_us);
	if (rc == DB_OK)
		rc = db_exec(c->db,
		    SQL_IN(pin_retry, .project = db_uuid(&c->who.project_id),
			.id = db_uuid(&pin->id), .version = db_int(pin->version),
			.account = to.account, .lane = to.lane, .shard = to.shard,
			.board = to.board, .text_hash = db_bytes(text_hash, sizeof(text_hash)),
			.state = db_int(looks ? PIN_VERIFYING : PIN_WAITING), .look = db_int(looks),
			.duplicate = db_int(how->accept_duplicate && change_is_unknown(pin)),
			.publish_window_s = db_int(c->app->conf->publish_window_s)),
		    NULL);
	return rc == DB_NONE ? DB_RETRY : rc;
}
