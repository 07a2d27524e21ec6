/* Schedules: accept, show, list, delete. Changing one is in schedules_patch.c and schedules_move.c.
 */
#include "config.h"

#include "app/api/filter.h"
#include "app/api/handlers.h"
#include "app/api/intake.h"
#include "app/api/record.h"
#include "app/api/validate.h"
#include "app/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/pin.h"
#include "sql/stmt.h"

#define HINT_WITHIN_US (10 * US_PER_S)

struct creating {
	struct pin_new in;
	struct store_account account;
	bool made;
};

static enum db_rc
create(struct call *c, void *arg)
{
	struct creating *k = arg;
	const struct actor by = call_actor(c);
	struct store_made_ids ids;
	struct record r;
	enum db_rc rc;

	rc =
	    store_schedule_insert(c->db, &k->account, &k->in, c->app->conf->not_after_s, &by, &ids);
	if (rc != DB_OK)
		return rc;
	k->made = ids.made == STORE_CREATED;
	if (ids.made == STORE_CONFLICT || ids.made == STORE_GONE || uuid_is_nil(&ids.schedule_id)) {
		intake_conflict(c, ids.made);
		return DB_NONE;
	}
	rc = record_schedule_get(c, &ids.schedule_id, &r);
	if (rc == DB_NONE) {
		intake_conflict(c, STORE_GONE);
		return DB_NONE;
	}
	if (rc == DB_OK)
		reply_json(&c->reply, 201, record_schedule_json(c->app, &r));
	return rc;
}

void
schedules_create(struct call *c)
{
	struct creating k = { 0 };
	struct problem why = { 0 };
	int64_t hint_before;

	if (pin_new_decode(&k.in, PIN_FORM_SCHEDULE, c->json, c->now_us, c->mem, &why) == -1) {
		reply_problem(&c->reply, &why);
		return;
	}
	/* What is due later is found by the worker's own poll. */
	hint_before = c->now_us + HINT_WITHIN_US + c->app->conf->poll_ms * US_PER_MS;
	if (intake_accept(c, &k.in, &k.account) && call_transact(c, create, &k) && k.made)
		c->poke = k.in.run_at_us < hint_before;
}

void
schedules_validate(struct call *c)
{
	validate_run(c, PIN_FORM_SCHEDULE);
}

void
schedules_get(struct call *c)
{
	struct record r;
	struct uuid id;
	enum db_rc rc;

	if (!call_uuid(c, 0, &id))
		return;
	rc = record_schedule_get(c, &id, &r);
	if (rc == DB_NONE) {
		call_not_found(c, "Schedule");
	} else if (rc != DB_OK) {
		call_db_error(c, rc);
	} else if (call_account_permitted(c, &r.account_id)) {
		reply_json(&c->reply, 200, record_schedule_json(c->app, &r));
		c->reply.etag = 1;
	}
}

struct page {
	struct call *c;
	struct record row;
	struct json_object *out;
};

static void
add(void *arg)
{
	struct page *p = arg;

	json_object_array_add(p->out, record_schedule_json(p->c->app, &p->row));
}

static void
list(struct call *c, const struct filter *f)
{
	struct page p = { .c = c };
	struct db_col cols[RECORD_COLUMNS];
	size_t n = record_schedule_columns(&p.row, cols);
	const struct db_param in[] = { db_uuid(&c->who.project_id), db_text(c->who.account_ids),
		filter_account(f), db_text(f->board_id), filter_low(f), filter_high(f),
		filter_held(f), db_time(f->since_us), db_time(f->until_us), db_text(f->campaign),
		db_text(f->external_id), db_text(f->like), db_int(f->limit), db_int(f->offset) };
	enum db_rc rc;

	p.out = json_object_new_array();
	rc = db_each(
	    c->db, STMT_SCHEDULE_LIST__RUN_AT_DESC + f->sort, in, DB_LEN(in), cols, n, add, &p);
	if (rc == DB_OK) {
		filter_reply(c, f, p.out, STMT_SCHEDULE_COUNT, in, DB_LEN(in) - 2);
		return;
	}
	json_object_put(p.out);
	call_db_error(c, rc);
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
	/* in the order of the statement's `orders:` */
	static const char *const sorts[] = { "run_at_desc", "run_at_asc", "created_at_desc",
		"created_at_asc", "title_asc", "title_desc", "status_asc", "status_desc", NULL };
	struct problem why = { 0 };
	struct filter f;

	if (!filter_read(c, statuses, sorts, &f, &why))
		return;
	if (problem_any(&why))
		reply_problem(&c->reply, &why);
	else
		list(c, &f);
}

static enum db_rc
drop(struct call *c, void *arg)
{
	const struct uuid *id = arg;
	const struct actor by = call_actor(c);
	const struct activity done = { .action = "schedule.deleted",
		.category = "publishing",
		.status = "success",
		.resource_type = "schedule",
		.resource_id = *id,
		.message = "A schedule was deleted." };
	const struct db_param in[] = { db_uuid(&c->who.project_id), db_uuid(id) };
	struct record r;
	enum db_rc rc = record_schedule_get(c, id, &r);

	if (rc == DB_NONE)
		call_not_found(c, "Schedule");
	if (rc != DB_OK)
		return rc;
	if (!call_account_permitted(c, &r.account_id))
		return DB_NONE;
	rc = db_exec(c->db, STMT_SCHEDULE_DELETE, in, DB_LEN(in), NULL);
	if (rc == DB_NONE)
		reply_error(&c->reply, 400, "bad_request",
		    "Only a schedule that is done, failed or canceled can be deleted; cancel it "
		    "first.");
	if (rc != DB_OK)
		return rc;
	reply_empty(&c->reply, 204);
	return store_activity(c->db, &c->who.project_id, &by, &done);
}

void
schedules_delete(struct call *c)
{
	struct uuid id;

	if (call_uuid(c, 0, &id))
		(void)call_transact(c, drop, &id);
}
