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

/* An account's lane, and its creates of the last day. */
struct outlook {
	struct lane_meter meter;
	int64_t *day; /* newest first */
	size_t day_len, day_max;
	int64_t opened_us; /* being read */
};

static void
add_recent(void *arg)
{
	struct outlook *l = arg;

	if (l->day_len < l->day_max)
		l->day[l->day_len++] = l->opened_us;
}

/* DB_NONE: the account is not connected. */
static enum db_rc
read_outlook(struct call *c, const struct uuid *account, struct outlook *l)
{
	enum db_rc rc = lane_meter_get(c, account, &l->meter);
	int64_t cap = l->meter.lane.daily_cap;

	if (rc != DB_OK || cap <= 0 || cap > FORECAST_CAP_MAX)
		return rc;
	l->day_max = (size_t)cap;
	l->day = arena_alloc(c->mem, l->day_max * sizeof(l->day[0]));
	return db_each(c->db,
	    SQL_IN(attempt_list_day, .account = db_uuid(account),
		.project = db_uuid(&c->who.project_id), .most = db_int(cap)),
	    SQL_OUT(attempt_list_day, .opened_at = db_get_time(&l->opened_us)), add_recent, l);
}

static struct forecast *
begin_forecast(struct call *c, const struct outlook *l)
{
	struct forecast *f = forecast_new(c->mem, &l->meter.lane, l->meter.now_us);

	for (size_t i = l->day_len; i > 0; i--)
		forecast_sent(f, l->day[i - 1]);
	return f;
}

/*
 * How many may be ahead of *p and it still leaves in time, at most DEADLINE_QUEUE_MAX; -1: none.
 * They are taken to become due only with it, and it leaves no earlier than that.
 */
static int64_t
room_ahead(struct call *c, const struct outlook *l, const struct deadline_pin *p)
{
	struct forecast *f = begin_forecast(c, l);
	int64_t n = -1;

	if (forecast_fits(f, DEADLINE_QUEUE_MAX + 1, p->due_us, p->not_after_us))
		return DEADLINE_QUEUE_MAX;
	while (n < DEADLINE_QUEUE_MAX && forecast_take(f, p->due_us, INT64_MAX) < p->not_after_us)
		n++;
	return n;
}

struct due_list {
	struct forecast *f;
	int64_t left, leave; /* rows to take; how many of them leave in time */
	int64_t due_us, not_after_us;
};

static void
take_due(void *arg)
{
	struct due_list *d = arg;

	if (d->left-- > 0)
		d->leave += forecast_take(d->f, d->due_us, d->not_after_us) < d->not_after_us;
}

static enum db_rc
forecast_exactly(
    struct call *c, const struct uuid *account, const struct outlook *l, struct deadline_pin *p)
{
	struct due_list d = { .f = begin_forecast(c, l), .left = p->ahead };
	enum db_rc rc = db_each(c->db,
	    SQL_IN(queue_due_list, .account = db_uuid(account),
		.project = db_uuid(&c->who.project_id), .due = db_time(p->due_us),
		.most = db_int(DEADLINE_QUEUE_MAX)),
	    SQL_OUT(queue_due_list, .due = db_get_time(&d.due_us),
		.not_after = db_get_time(&d.not_after_us)),
	    take_due, &d);

	p->leaves_us = forecast_take(d.f, p->due_us, p->not_after_us);
	p->ahead = d.leave;
	return rc;
}

/* p->ahead: up to `most`. */
static enum db_rc
count_ahead(struct call *c, const struct uuid *account, int64_t most, struct deadline_pin *p)
{
	enum db_rc rc = db_row(c->db,
	    SQL_IN(queue_count, .account = db_uuid(account), .project = db_uuid(&c->who.project_id),
		.due = db_time(p->due_us), .most = db_int(most + p->queued)),
	    SQL_OUT(queue_count, .ahead = db_get_int(&p->ahead)));

	if (p->queued && p->ahead > 0)
		p->ahead--;
	if (p->ahead > most)
		p->ahead = most;
	return rc;
}

enum db_rc
deadline_forecast(struct call *c, const struct uuid *account, struct deadline_pin *p)
{
	struct outlook l = { .day_len = 0 };
	enum db_rc rc = read_outlook(c, account, &l);
	int64_t room;

	p->leaves_us = TIME_NONE;
	if (rc != DB_OK)
		return rc == DB_NONE ? DB_OK : rc;
	/* Most queues are short: what is ahead is counted only so far, and its list not read. */
	room = room_ahead(c, &l, p);
	if (room == DEADLINE_QUEUE_MAX)
		return DB_OK;
	rc = count_ahead(c, account, room + 1, p);
	if (rc != DB_OK || p->ahead <= room)
		return rc;
	rc = count_ahead(c, account, DEADLINE_QUEUE_MAX, p);
	return rc == DB_OK ? forecast_exactly(c, account, &l, p) : rc;
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
	struct deadline_pin p = { .due_us = r->state == PIN_WAITING ? r->due_us : r->run_at_us,
		.not_after_us = r->not_after_us,
		.queued = true };
	const char *message;
	enum db_rc rc;

	json_put(o, "warnings", warnings);
	if (r->state != PIN_PLANNED && r->state != PIN_WAITING)
		return DB_OK;
	rc = deadline_forecast(c, &r->account_id, &p);
	message = rc == DB_OK ? deadline_message(c, &p) : NULL;
	if (message != NULL)
		(void)add_warning(warnings, message);
	return rc;
}

static int
compare_created(const void *a, const void *b)
{
	const struct deadline_row *x = a, *y = b;

	return memcmp(&x->id, &y->id, sizeof(x->id));
}

struct marking {
	struct forecast *f;
	struct deadline_row *created;
	size_t len;
	struct uuid id; /* being read */
	int64_t due_us, not_after_us;
};

static void
mark_if_late(void *arg)
{
	struct marking *m = arg;
	struct deadline_row key = { .id = m->id }, *found;

	if (forecast_take(m->f, m->due_us, m->not_after_us) < m->not_after_us)
		return;
	found = bsearch(&key, m->created, m->len, sizeof(key), compare_created);
	if (found != NULL)
		found->late = true;
}

static enum db_rc
mark_late(struct call *c, const struct uuid *account, struct deadline_row *created, size_t len)
{
	struct marking m = { .created = created, .len = len };
	struct outlook l = { .day_len = 0 };
	enum db_rc rc = read_outlook(c, account, &l);

	if (rc == DB_NONE)
		return DB_OK;
	if (rc != DB_OK)
		return rc;
	m.f = begin_forecast(c, &l);
	return db_each(c->db,
	    SQL_IN(queue_list, .account = db_uuid(account), .project = db_uuid(&c->who.project_id),
		.most = db_int(DEADLINE_QUEUE_MAX)),
	    SQL_OUT(queue_list, .id = db_get_uuid(&m.id), .due = db_get_time(&m.due_us),
		.not_after = db_get_time(&m.not_after_us)),
	    mark_if_late, &m);
}

static int
compare_rows(const void *a, const void *b)
{
	const struct deadline_row *x = a, *y = b;

	return (x->row > y->row) - (x->row < y->row);
}

static void
add_late_rows(
    struct call *c, struct json_object *warnings, struct deadline_row *created, size_t len)
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
			 "%" PRId64 " of these pins will not be published before their "
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
deadline_warn_rows(struct call *c, const struct uuid *accounts, size_t accounts_len,
    struct deadline_row *rows, size_t len, struct json_object *warnings)
{
	enum db_rc rc = DB_OK;

	qsort(rows, len, sizeof(*rows), compare_created);
	for (size_t i = 0; rc == DB_OK && i < accounts_len; i++)
		rc = mark_late(c, &accounts[i], rows, len);
	if (rc == DB_OK)
		add_late_rows(c, warnings, rows, len);
	return rc;
}

enum db_rc
deadline_warn_import(struct call *c, const struct uuid *import_id, struct deadline_row *rows,
    size_t len, struct json_object *warnings)
{
	struct accounts a = { .len = 0 };
	enum db_rc rc = db_each(c->db,
	    SQL_IN(import_account_list, .id = db_uuid(import_id),
		.project = db_uuid(&c->who.project_id), .most = db_int(DEADLINE_ACCOUNTS_MAX)),
	    SQL_OUT(import_account_list, .account_id = db_get_uuid(&a.id)), add_import_account, &a);

	return rc == DB_OK ? deadline_warn_rows(c, a.all, a.len, rows, len, warnings) : rc;
}
