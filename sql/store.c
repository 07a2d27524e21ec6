/* Shared writes: activity, and making a lane due. */
#include "sql/store.h"

#include "lib/clock.h"
#include "sql/stmt.h"

void
store_activity_add(struct db *db, struct db_many *m, const struct uuid *project,
    const struct actor *by, const struct activity *a)
{
	struct uuid id = uuid_v7(clock_wall_us());

	db_many_push(db, m,
	    SQL_IN(activity_insert, .id = db_uuid(&id), .project = db_uuid(project),
		.account = db_uuid_or_null(&a->account_id), .actor_type = db_text(by->type),
		.actor_user = db_uuid_or_null(&by->user_id), .actor_label = db_text(by->label),
		.action = db_text(activity_kind(a->action)->action),
		.resource = db_uuid_or_null(&a->resource_id), .message = db_text(a->message),
		.metadata = db_text(a->metadata), .request = db_text(by->request_id)));
}

enum db_rc
store_activity_write(struct db *db, const struct db_many *m)
{
	return db_many_exec(db, m, NULL);
}

enum db_rc
store_activity(
    struct db *db, const struct uuid *project, const struct actor *by, const struct activity *a)
{
	struct db_many one = { 0 };

	store_activity_add(db, &one, project, by, a);
	return store_activity_write(db, &one);
}

enum db_rc
store_lane_wake(struct db *db, const struct uuid *lane, int64_t due_us)
{
	return db_exec_any(
	    db, SQL_IN(lane_wake, .due = db_time(due_us), .lane = db_uuid(lane)), NULL);
}
