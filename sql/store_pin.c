/* Inserts a waiting pin. Order: lane, key, pin, activity. Notes that a published one is gone. */
#include "sql/store.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "sql/stmt.h"
#include "sql/store_idempotency.h"

static enum db_rc
insert_pin(struct db *db, const struct store_account *account, const struct pin_new *p,
    int64_t publish_window_s, const struct uuid *id)
{
	unsigned char text_hash[SHA256_SIZE];

	pin_text_hash(p->content.board_id, p->content.title, p->content.description,
	    p->content.link_url, text_hash);
	return db_exec(db,
	    SQL_IN(pin_insert, STORE_PLACE_IN(account), .id = db_uuid(id),
		PIN_CONTENT_IN(&p->content), .idempotency_key = db_text(p->idempotency_key),
		.not_after = db_time(p->not_after_us), .publish_window_s = db_int(publish_window_s),
		.text_hash = db_bytes(text_hash, sizeof(text_hash))),
	    NULL);
}

enum db_rc
store_pin_insert(struct db *db, const struct store_account *account, const struct pin_new *p,
    int64_t publish_window_s, const struct actor *by, struct store_made_ids *out)
{
	struct activity told = { .action = ACTIVITY_PIN_CREATED, .account_id = account->id };
	enum db_rc rc;

	if (p->idempotency_key == NULL)
		panic("event=store_bug reason=\"a pin without an idempotency key\"");
	memset(out, 0, sizeof(*out));
	out->pin_id = uuid_v7(clock_wall_us());
	rc = db_exec(db, SQL_IN(lane_wake_now, .lane = db_uuid(&account->lane_id)), NULL);
	if (rc == DB_OK)
		rc = store_key_take(db, &account->project_id, p, out);
	if (rc != DB_OK || out->made != STORE_CREATED)
		return rc;
	rc = insert_pin(db, account, p, publish_window_s, &out->pin_id);
	told.resource_id = out->pin_id;
	return rc == DB_OK ? store_activity(db, &account->project_id, by, &told) : rc;
}

enum db_rc
store_pin_removed(struct db *db, const struct store_removal *r, const struct actor *by)
{
	const struct activity told = {
		.action = r->removed ? ACTIVITY_PIN_REMOVED : ACTIVITY_PIN_FOUND_ON_PINTEREST,
		.account_id = r->account_id,
		.resource_id = r->pin_id,
	};
	enum db_rc rc = db_exec(db,
	    SQL_IN(pin_note_removed, .project = db_uuid(&r->project_id), .id = db_uuid(&r->pin_id),
		.pinterest = db_text(r->pinterest_pin_id), .removed = db_int(r->removed)),
	    NULL);

	return rc == DB_OK ? store_activity(db, &r->project_id, by, &told) : rc;
}
