/* The one way to make a waiting pin. Order: lane, key, pin, activity. */
#include "sql/store.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "sql/stmt.h"
#include "sql/store_key.h"

static enum db_rc
insert_pin(struct db *db, const struct store_account *account, const struct pin_new *p,
    int64_t not_after_s, const struct uuid *id)
{
	unsigned char text_hash[SHA256_SIZE];

	pin_text_hash(p->board_id, p->title, p->description, p->link_url, text_hash);
	const struct db_param in[] = {
		db_uuid(id),
		db_uuid(&account->project_id),
		db_uuid(&account->id),
		db_uuid(&account->lane_id),
		db_int(account->shard),
		db_time(p->not_after_us),
		db_int(not_after_s),
		db_text(p->board_id),
		db_text(p->title),
		db_text(p->description),
		db_text(p->link_url),
		db_text(p->alt_text),
		db_text(p->related_terms),
		db_text(p->dominant_color),
		db_text(p->image_url),
		db_uuid(p->has_asset ? &p->asset_id : NULL),
		db_text(p->cover_image_url),
		db_uuid(p->has_cover_asset ? &p->cover_asset_id : NULL),
		db_bytes(text_hash, sizeof(text_hash)),
		db_text(p->idempotency_key),
		db_text(p->external_id),
		db_text(p->campaign),
	};

	return db_exec(db, STMT_STORE_PIN_INSERT, in, DB_LEN(in), NULL);
}

enum db_rc
store_pin_insert(struct db *db, const struct store_account *account, const struct pin_new *p,
    int64_t not_after_s, const struct actor *by, struct store_made_ids *out)
{
	const struct db_param lane[] = { db_uuid(&account->lane_id) };
	struct activity told = {
		.action = "pin.created",
		.category = "publishing",
		.status = "queued",
		.resource_type = "pin",
		.message = "Pin queued for publishing.",
	};
	enum db_rc rc;

	if (p->run_at_us != TIME_NONE)
		return store_schedule_insert(db, account, p, not_after_s, by, out);
	if (p->idempotency_key == NULL)
		panic("event=store_bug reason=\"a pin without an idempotency key\"");
	memset(out, 0, sizeof(*out));
	out->pin_id = uuid_v7(clock_wall_us());
	rc = db_exec(db, STMT_STORE_LANE_WAKE_NOW, lane, DB_LEN(lane), NULL);
	if (rc == DB_OK)
		rc = store_key_take(db, &account->project_id, p, out);
	if (rc != DB_OK || out->made != STORE_CREATED)
		return rc;
	rc = insert_pin(db, account, p, not_after_s, &out->pin_id);
	told.resource_id = out->pin_id;
	return rc == DB_OK ? store_activity(db, &account->project_id, by, &told) : rc;
}
