/* Retry of failed pins. Invariant: pin, schedule, lane and deadline change together. */
#include "sql/store_retry.h"

#include "lib/clock.h"
#include "lib/crypto.h"
#include "sql/pin_move.h"
#include "sql/stmt.h"

/* Gives the pin and its schedule their account, lane, board and deadline. */
static enum db_rc
place_retry(struct db *db, const struct store_retry *r)
{
	const struct db_param account = db_uuid(&r->account_id), lane = db_uuid(&r->lane_id);
	const struct db_param shard = r->shard >= 0 ? db_int(r->shard) : db_null();
	const struct db_param window = db_int(r->publish_window_s);
	unsigned char text_hash[SHA256_SIZE];
	enum db_rc rc;

	pin_text_hash(r->board_id, r->content->title, r->content->description, r->content->link_url,
	    text_hash);
	rc = db_exec(db,
	    SQL_IN(pin_place, .project = db_uuid(&r->project_id), .id = db_uuid(&r->pin_id),
		.account = account, .lane = lane, .shard = shard, .board = db_text(r->board_id),
		.text_hash = db_bytes(text_hash, sizeof(text_hash)),
		.verify_first = db_int(r->lookup), .duplicate = db_int(r->duplicate),
		.publish_window_s = window),
	    NULL);
	/* The schedule may have been deleted; its pin remains. */
	if (rc == DB_OK && !uuid_is_nil(&r->schedule_id))
		rc = db_exec_any(db,
		    SQL_IN(schedule_place, .project = db_uuid(&r->project_id),
			.id = db_uuid(&r->schedule_id), .pin = db_uuid(&r->pin_id),
			.account = account, .lane = lane, .shard = shard,
			.board = db_text(r->board_id), .publish_window_s = window),
		    NULL);
	return rc;
}

enum db_rc
store_retry(struct db *db, const struct store_retry *r)
{
	const struct pin_move_lane lane = { .id = r->lane_id };
	struct pin_move m = { .project_id = r->project_id,
		.pin_id = r->pin_id,
		.from = 1u << PIN_FAILED,
		.version = r->version,
		.to = r->lookup ? PIN_VERIFYING : PIN_WAITING,
		.absent_us = TIME_NONE,
		.unsent_in_a_row = UNSENT_RESET,
		.lane = &lane };
	enum db_rc rc = db_now(db, &m.due_us);

	if (rc == DB_OK)
		rc = pin_move(db, &m);
	if (rc == DB_OK)
		rc = place_retry(db, r);
	return rc;
}
