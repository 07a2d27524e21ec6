/* Inserts a schedule. Order: key, schedule, activity. Its lane becomes due with the promotion. */
#include "sql/store.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "sql/stmt.h"
#include "sql/store_idempotency.h"

static enum db_rc
insert_schedule(struct db *db, const struct store_account *account, const struct pin_new *p,
    int64_t not_after_us, const struct uuid *id)
{
	return db_exec(db,
	    SQL_IN(schedule_insert, STORE_PLACE_IN(account), .id = db_uuid(id),
		PIN_CONTENT_IN(&p->content), .idempotency_key = db_text(p->idempotency_key),
		.run_at = db_time(p->run_at_us), .not_after = db_time(not_after_us)),
	    NULL);
}

enum db_rc
store_schedule_insert(struct db *db, const struct store_account *account, const struct pin_new *p,
    int64_t publish_window_s, const struct actor *by, struct store_made_ids *out)
{
	struct activity told = { .action = ACTIVITY_SCHEDULE_CREATED, .account_id = account->id };
	int64_t not_after_us = p->not_after_us;
	enum db_rc rc;

	if (p->run_at_us == TIME_NONE)
		panic("event=store_bug reason=\"a schedule without run_at\"");
	if (not_after_us == TIME_NONE)
		not_after_us = p->run_at_us + publish_window_s * US_PER_S;
	memset(out, 0, sizeof(*out));
	out->schedule_id = uuid_v7(clock_wall_us());
	rc = store_key_take(db, &account->project_id, p, out);
	if (rc != DB_OK || out->made != STORE_CREATED)
		return rc;
	rc = insert_schedule(db, account, p, not_after_us, &out->schedule_id);
	told.resource_id = out->schedule_id;
	return rc == DB_OK ? store_activity(db, &account->project_id, by, &told) : rc;
}
