/* The shared writes that need no file of their own: activity and waking a lane. */
#include "sql/store.h"

#include "lib/clock.h"
#include "sql/stmt.h"

void
store_activity_add(struct db *db, struct db_many *m, const struct uuid *project,
    const struct actor *by, const struct activity *a)
{
	struct uuid id = uuid_v7(clock_wall_us());
	const struct db_param in[] = {
		db_uuid(&id),
		db_uuid(project),
		db_text(by->type),
		db_uuid(uuid_is_nil(&by->user_id) ? NULL : &by->user_id),
		db_text(by->label),
		db_text(a->action),
		db_text(a->category),
		db_text(a->status),
		db_text(a->resource_type),
		db_uuid(uuid_is_nil(&a->resource_id) ? NULL : &a->resource_id),
		db_text(a->message),
		db_text(a->metadata),
		db_text(by->request_id),
	};

	db_many_add(db, m, in, DB_LEN(in));
}

enum db_rc
store_activity_write(struct db *db, const struct db_many *m)
{
	return db_exec_many(db, STMT_ACTIVITY_INSERT, m, NULL);
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
	const struct db_param in[] = { db_time(due_us), db_uuid(lane) };

	return db_exec_any(db, STMT_LANE_WAKE, in, DB_LEN(in), NULL);
}
