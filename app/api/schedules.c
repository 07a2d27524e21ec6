/* Schedules: create, validate, get, list, delete. Changes are in schedules_*.c. */
#include "app/api/activity.h"
#include "app/api/change.h"
#include "app/api/filter.h"
#include "app/api/handlers.h"
#include "app/api/accept.h"
#include "app/api/pin_view.h"
#include "app/api/validate.h"
#include "app/http/call.h"
#include "lib/pin.h"
#include "sql/stmt.h"

void
schedules_create(struct call *c)
{
	accept_create(c, PIN_FORM_SCHEDULE);
}

void
schedules_validate(struct call *c)
{
	validate_run(c, PIN_FORM_SCHEDULE);
}

void
schedules_get(struct call *c)
{
	pin_view_show(c, &pin_view_schedule);
}

#define RUN offsetof(struct pin_view, run_at_us)
#define CREATED offsetof(struct pin_view, created_us)

static void
reply_schedule_list(struct call *c, const struct filter *f)
{
	const struct filter_query q = { &pin_view_schedule,
		{ SQL_IN_ORDER(schedule_list, filter_order(f), FILTERS(c, f), FILTER_Q(f),
		    FILTER_AFTER(f), FILTER_PAGE(f)) },
		{ SQL_IN_ORDER(schedule_window, filter_order(f), FILTERS(c, f), FILTER_AFTER(f),
		    FILTER_END(f)) },
		{ SQL_IN(schedule_count, FILTERS(c, f), FILTER_Q(f), FILTER_MOST(f)) },
		{ SQL_IN_ORDER(schedule_count_by, filter_by(f), FILTER_BY(c, f)) } };

	filter_list(c, f, &q);
}

void
schedules_list(struct call *c)
{
	static const struct filter_status statuses[] = {
		{ "scheduled", PIN_PLANNED, PIN_PLANNED, -1 },
		{ "queued", PIN_WAITING, PIN_WAITING, 0 },
		{ "deferred", PIN_WAITING, PIN_WAITING, 1 },
		{ "running", PIN_SENDING, PIN_VERIFYING, -1 },
		{ "done", PIN_PUBLISHED, PIN_PUBLISHED, -1 },
		{ "failed", PIN_FAILED, PIN_FAILED, -1 },
		{ "canceled", PIN_CANCELED, PIN_CANCELED, -1 },
		{ NULL, 0, 0, 0 },
	};
	/* in the order of `orders:` in schedule_list.sql */
	static const struct filter_sort sorts[] = { { "run_at_desc", FILTER_BY_TIME, RUN, 0 },
		{ "run_at_asc", FILTER_BY_TIME, RUN, 0 },
		{ "created_at_desc", FILTER_BY_TIME, CREATED, 0 },
		{ "created_at_asc", FILTER_BY_TIME, CREATED, 0 },
		{ "title_asc", FILTER_BY_TITLE, RUN, 0 }, { "title_desc", FILTER_BY_TITLE, RUN, 0 },
		{ "status_asc", FILTER_BY_STATE, RUN, 1 },
		{ "status_desc", FILTER_BY_STATE, RUN, 0 }, { NULL, FILTER_BY_TIME, 0, 0 } };
	struct problem why = { 0 };
	struct filter f;
	int64_t latest_us;

	if (!filter_read(c, statuses, sorts, &f, &why))
		return;
	/* the window of a search begins where anything can be late */
	latest_us = c->now_us - f.late_s * US_PER_S;
	if (f.late_s >= 0 && (f.until_us == TIME_NONE || f.until_us > latest_us))
		f.until_us = latest_us;
	if (!call_refused(c, &why))
		reply_schedule_list(c, &f);
}

static enum db_rc
delete_schedule(struct call *c, void *arg)
{
	const struct uuid *id = arg;
	struct pin_view r;
	enum db_rc rc = pin_view_require(c, &pin_view_schedule, id, &r);

	if (rc != DB_OK)
		return rc;
	rc = db_exec(c->db,
	    SQL_IN(schedule_delete, .project = db_uuid(&c->who.project_id), .id = db_uuid(id)),
	    NULL);
	if (rc == DB_NONE)
		reply_error(&c->reply, 400, "bad_request",
		    "Only a schedule that is done, failed or canceled can be deleted; cancel it "
		    "first.");
	if (rc != DB_OK)
		return rc;
	reply_empty(&c->reply, 204);
	return activity_write(c, ACTIVITY_SCHEDULE_DELETED, &r.account_id, id);
}

void
schedules_delete(struct call *c)
{
	struct uuid id;

	if (call_uuid(c, 0, &id))
		(void)call_transact(c, delete_schedule, &id);
}
