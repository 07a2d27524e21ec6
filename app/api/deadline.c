/* Warns of what pace and daily cap cannot carry. */
#include "app/api/deadline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/api/lane_meter.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/rfc3339.h"
#include "sql/stmt.h"

/* Behind every run_at that is accepted. */
#define FAR_US (2 * 366 * 86400 * US_PER_S)

struct queued {
	struct uuid id;
	int64_t due_us, not_after_us, leaves_us;
};

struct queue {
	struct call *c;
	struct queued *all;
	size_t len;
	struct queued row; /* being read */
	int64_t *day;      /* recent creates, newest first */
	size_t day_len, day_max;
	int64_t opened_us;
};

static void
add_queued(void *arg)
{
	struct queue *q = arg;

	if (q->len < DEADLINE_QUEUE_MAX)
		q->all[q->len++] = q->row;
}

/* What is due at the deadline or later leaves behind it: it does not count. */
static enum db_rc
read_queue(struct queue *q, const struct uuid *account, int64_t until_us)
{
	struct call *c = q->c;

	q->all = arena_alloc(c->mem, (DEADLINE_QUEUE_MAX + 1) * sizeof(q->all[0]));
	return db_each(c->db,
	    SQL_IN(pin_queue, .account = db_uuid(account), .project = db_uuid(&c->who.project_id),
		.until = db_time(until_us), .most = db_int(DEADLINE_QUEUE_MAX)),
	    SQL_OUT(pin_queue, .id = db_get_uuid(&q->row.id), .due = db_get_time(&q->row.due_us),
		.not_after = db_get_time(&q->row.not_after_us)),
	    add_queued, q);
}

static void
add_recent(void *arg)
{
	struct queue *q = arg;

	if (q->day_len < q->day_max)
		q->day[q->day_len++] = q->opened_us;
}

static enum db_rc
read_recent(struct queue *q, const struct uuid *account, int64_t cap)
{
	struct call *c = q->c;

	if (cap <= 0 || cap > FORECAST_CAP_MAX)
		return DB_OK;
	q->day_max = (size_t)cap;
	q->day = arena_alloc(c->mem, q->day_max * sizeof(q->day[0]));
	return db_each(c->db,
	    SQL_IN(attempt_list_day, .account = db_uuid(account),
		.project = db_uuid(&c->who.project_id), .most = db_int(cap)),
	    SQL_OUT(attempt_list_day, .opened_at = db_get_time(&q->opened_us)), add_recent, q);
}

/* Fills leaves_us of all. DB_NONE: the account is not connected. */
static enum db_rc
forecast_queue(struct queue *q, const struct uuid *account)
{
	struct lane_meter m = { 0 };
	struct forecast *f;
	enum db_rc rc = lane_meter_get(q->c, account, &m);

	if (rc == DB_OK)
		rc = read_recent(q, account, m.lane.daily_cap);
	if (rc != DB_OK)
		return rc;
	f = forecast_new(q->c->mem, &m.lane, m.now_us);
	for (size_t i = q->day_len; i > 0; i--)
		forecast_sent(f, q->day[i - 1]);
	for (size_t i = 0; i < q->len; i++)
		q->all[i].leaves_us = forecast_take(f, q->all[i].due_us);
	return DB_OK;
}

static void
place_in_queue(struct queue *q, const struct queued *one)
{
	size_t at = q->len;

	while (at > 0 && q->all[at - 1].due_us > one->due_us)
		at--;
	memmove(&q->all[at + 1], &q->all[at], (q->len - at) * sizeof(q->all[0]));
	q->all[at] = *one;
	q->len++;
}

/* `id` in the queue: a nil one is placed there first. */
static enum db_rc
forecast_one(
    struct call *c, const struct uuid *account, const struct uuid *id, struct deadline_pin *p)
{
	const struct queued new = { .due_us = p->due_us, .not_after_us = p->not_after_us };
	struct queue q = { .c = c };
	enum db_rc rc = read_queue(&q, account, p->not_after_us);

	p->leaves_us = TIME_NONE;
	if (rc == DB_OK && uuid_is_nil(id))
		place_in_queue(&q, &new);
	if (rc == DB_OK)
		rc = forecast_queue(&q, account);
	for (size_t i = 0; rc == DB_OK && i < q.len; i++) {
		if (uuid_equal(&q.all[i].id, id)) {
			p->leaves_us = q.all[i].leaves_us;
			p->ahead = (int64_t)i;
		}
	}
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
deadline_forecast(struct call *c, const struct uuid *account, struct deadline_pin *p)
{
	return forecast_one(c, account, &(struct uuid){ { 0 } }, p);
}

const char *
deadline_message(struct call *c, const struct deadline_pin *p)
{
	char leaves[RFC3339_SIZE], deadline[RFC3339_SIZE];

	if (p->leaves_us == TIME_NONE || p->leaves_us < p->not_after_us)
		return NULL;
	return arena_printf(c->mem,
	    "It will not be published before its deadline, %s: %" PRId64
	    " pins of the account leave before it, and by pace and daily cap it leaves at %s at "
	    "the earliest.",
	    rfc3339_format(p->not_after_us, deadline), p->ahead,
	    rfc3339_format(p->leaves_us, leaves));
}

static struct json_object *
add_warning(struct json_object *warnings, const char *message)
{
	struct json_object *o = json_object_new_object();

	json_put_text(o, "code", "publish_window_missed");
	json_put_text(o, "message", message);
	json_put_text(o, "remediation",
	    "Spread run_at over more days, give a later not_after, or use another account.");
	json_object_array_add(warnings, o);
	return o;
}

enum db_rc
deadline_warn(struct call *c, const struct pin_view *r, struct json_object *o)
{
	struct json_object *warnings = json_object_new_array();
	struct deadline_pin p = { .due_us = r->run_at_us, .not_after_us = r->not_after_us };
	const char *message;
	enum db_rc rc;

	json_put(o, "warnings", warnings);
	if (r->state != PIN_PLANNED && r->state != PIN_WAITING)
		return DB_OK;
	rc = forecast_one(
	    c, &r->account_id, uuid_is_nil(&r->schedule_id) ? &r->id : &r->schedule_id, &p);
	message = rc == DB_OK ? deadline_message(c, &p) : NULL;
	if (message != NULL)
		(void)add_warning(warnings, message);
	return rc;
}

/* What an import created, by id. */
struct created {
	struct uuid id;
	int64_t row;
	bool late;
};

static int
compare_created(const void *a, const void *b)
{
	const struct created *x = a, *y = b;

	return memcmp(&x->id, &y->id, sizeof(x->id));
}

static size_t
read_created(struct json_object *results, struct created *out)
{
	size_t n = 0, len = json_object_array_length(results);

	for (size_t i = 0; i < len; i++) {
		struct json_object *row = json_object_array_get_idx(results, i);
		const char *id = json_object_get_string(json_object_object_get(row, "schedule_id"));

		if (id == NULL)
			id = json_object_get_string(json_object_object_get(row, "pin_id"));
		if (id == NULL || uuid_parse(id, &out[n].id) == -1)
			continue;
		out[n].late = false;
		out[n++].row = json_object_get_int64(json_object_object_get(row, "row_number"));
	}
	qsort(out, n, sizeof(*out), compare_created);
	return n;
}

static enum db_rc
mark_late(struct call *c, const struct uuid *account, struct created *created, size_t len)
{
	struct queue q = { .c = c };
	enum db_rc rc = read_queue(&q, account, c->now_us + FAR_US);

	if (rc == DB_OK)
		rc = forecast_queue(&q, account);
	for (size_t i = 0; rc == DB_OK && i < q.len; i++) {
		struct created key = { .id = q.all[i].id }, *found;

		if (q.all[i].leaves_us < q.all[i].not_after_us)
			continue;
		found = bsearch(&key, created, len, sizeof(key), compare_created);
		if (found != NULL)
			found->late = true;
	}
	return rc == DB_NONE ? DB_OK : rc;
}

static int
compare_rows(const void *a, const void *b)
{
	const struct created *x = a, *y = b;

	return (x->row > y->row) - (x->row < y->row);
}

static void
add_late_rows(struct call *c, struct json_object *warnings, struct created *created, size_t len)
{
	struct json_object *rows = json_object_new_array();
	int64_t late = 0;

	qsort(created, len, sizeof(*created), compare_rows);
	for (size_t i = 0; i < len; i++)
		if (created[i].late && late++ < DEADLINE_ROWS_SHOWN)
			json_object_array_add(rows, json_object_new_int64(created[i].row));
	if (late == 0) {
		json_object_put(rows);
		return;
	}
	json_put(add_warning(warnings,
		     arena_printf(c->mem,
			 "%" PRId64 " of the import's pins will not be published before their "
			 "deadlines: the account's pace and daily cap do not carry what is queued.",
			 late)),
	    "rows", rows);
}

struct accounts {
	struct uuid id, all[DEADLINE_ACCOUNTS_MAX];
	size_t len;
};

static void
add_import_account(void *arg)
{
	struct accounts *a = arg;

	if (a->len < DEADLINE_ACCOUNTS_MAX)
		a->all[a->len++] = a->id;
}

enum db_rc
deadline_warn_import(struct call *c, const struct uuid *import_id, struct json_object *o)
{
	struct json_object *results = json_object_object_get(o, "results");
	struct json_object *warnings = json_object_object_get(o, "warnings");
	struct created *created =
	    arena_alloc(c->mem, (json_object_array_length(results) + 1) * sizeof(*created));
	size_t len = read_created(results, created);
	struct accounts a = { .len = 0 };
	enum db_rc rc = db_each(c->db,
	    SQL_IN(import_account_list, .id = db_uuid(import_id),
		.project = db_uuid(&c->who.project_id), .most = db_int(DEADLINE_ACCOUNTS_MAX)),
	    SQL_OUT(import_account_list, .account_id = db_get_uuid(&a.id)), add_import_account, &a);

	for (size_t i = 0; rc == DB_OK && i < a.len; i++)
		rc = mark_late(c, &a.all[i], created, len);
	if (rc == DB_OK)
		add_late_rows(c, warnings, created, len);
	return rc;
}
