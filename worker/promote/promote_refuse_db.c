/*
 * The end of a schedule that the database refuses to turn into a pin. Invariant: it is told as
 * loudly as any other failure, though there is no pin to tell of.
 */
#include "worker/promote/promote_refuse_db.h"

#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/event.h"
#include "lib/pin.h"
#include "sql/stmt.h"
#include "sql/store.h"

static const char code[] = "internal_error";
static const char message[] = "internal_error: the schedule could not be turned into a pin.";

static enum db_rc
tell_webhooks(
    struct db *db, const struct uuid *project_id, const struct uuid *id, int64_t deadline_s)
{
	const struct db_param in[] = { db_uuid(project_id), db_uuid(id) };
	struct event_pin e = { .type = EVENT_PIN_FAILED,
		.id = uuid_v7(clock_wall_us()),
		.project_id = *project_id,
		.schedule_id = *id,
		.status = pin_wire(PIN_FAILED, false),
		.error_code = code,
		.error_message = message,
		.published_at_us = TIME_NONE };
	int64_t environment = 0;
	struct db_col out[] = { db_get_uuid(&e.account_id), db_get_int(&environment),
		db_get_text(&e.board_id), db_get_text(&e.external_id), db_get_text(&e.campaign),
		db_get_time(&e.run_at_us), db_get_int(&e.version), db_get_time(&e.at_us) };
	enum db_rc rc = db_row(db, STMT_SCHEDULE_EVENT_FACTS, in, DB_LEN(in), out, DB_LEN(out));

	e.environment = environment == ENV_SANDBOX ? "sandbox" : "production";
	return rc == DB_OK ? store_event(db, &e, deadline_s) : rc;
}

enum db_rc
promote_refuse(struct db *db, const struct uuid *project_id, const struct uuid *id, int64_t version,
    int64_t event_deadline_s)
{
	static const struct actor worker = { .type = "worker", .label = "pintempo-worker" };
	const struct db_param in[] = { db_uuid(project_id), db_uuid(id), db_int(version),
		db_text(message) };
	const struct activity a = { .action = "schedule.failed",
		.category = "publishing",
		.status = "failed",
		.resource_type = "schedule",
		.resource_id = *id,
		.message = message };
	enum db_rc rc = db_exec(db, STMT_SCHEDULE_REFUSE, in, DB_LEN(in), NULL);

	if (rc == DB_OK)
		rc = store_activity(db, project_id, &worker, &a);
	return rc == DB_OK ? tell_webhooks(db, project_id, id, event_deadline_s) : rc;
}
