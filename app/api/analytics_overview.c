/*
 * Figures of all accounts together, and the best pins. Each account is one call to Pinterest, so
 * only some accounts are asked, and not for long; what was left out is told with each account.
 */
#include <stdlib.h>
#include <string.h>

#include "app/api/analytics_query.h"
#include "app/api/handlers.h"
#include "app/http/call.h"
#include "app/pinterest/report.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "sql/stmt.h"

#define ACCOUNTS_MAX 20
#define TIME_MAX_US (20 * US_PER_S)
#define TOP_OF_ACCOUNT 50 /* more Pinterest does not tell */
#define METRICS 4
#define DAYS_MAX (2 * ANALYTICS_LIVE_DAYS)

struct account_list {
	struct call *c;
	bool one;
	struct uuid only, row;
	struct uuid ids[ACCOUNTS_MAX];
	size_t len, all;
	int64_t until_us;         /* monotonic */
	struct json_object *told; /* of each account: how it went */
};

static void
on_listed_account(void *arg)
{
	struct account_list *l = arg;

	if (l->all++ < ACCOUNTS_MAX)
		l->ids[l->len++] = l->row;
}

static bool
accounts_load(struct account_list *l)
{
	struct call *c = l->c;
	struct store_account account;

	if (l->one &&
	    (!call_account_permitted(c, &l->only) ||
		!call_found(c, store_account_get(c->db, &c->who.project_id, &l->only, &account),
		    "Account")))
		return false;
	l->until_us = clock_mono_us() + TIME_MAX_US;
	return call_found(c,
	    db_each(c->db,
		SQL_IN(analytics_accounts, .project = db_uuid(&c->who.project_id),
		    .allow = db_text(c->who.account_ids),
		    .account = l->one ? db_uuid(&l->only) : db_null()),
		SQL_OUT(analytics_accounts, .id = db_get_uuid(&l->row)), on_listed_account, l),
	    NULL);
}

static void
account_tell(struct account_list *l, const struct uuid *id, const char *status, const char *code,
    const char *message)
{
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "account_id", id);
	json_put_text(o, "status", status);
	json_put_text(o, "code", code);
	json_put_text(o, "message", message);
	json_object_array_add(l->told, o);
}

/* Asks for one account, and tells how that went. NULL: nothing came of it. Free: json_object_put().
 */
static struct json_object *
account_ask(struct account_list *l, const struct uuid *id, enum report_kind kind, const char *path,
    struct store_account *account, int64_t *as_of_us)
{
	struct call *c = l->c;
	struct problem why = { 0 };
	struct report r;

	if (clock_mono_us() >= l->until_us) {
		account_tell(
		    l, id, "skipped", NULL, "Pinterest was too slow to ask for this account, too.");
		return NULL;
	}
	if (store_account_get(c->db, &c->who.project_id, id, account) != DB_OK) {
		account_tell(l, id, "failed", "service_unavailable",
		    "The database cannot be reached right now.");
		return NULL;
	}
	if (report_fetch(c, account, kind, path, &r, &why) != UPSTREAM_OK) {
		account_tell(l, id, "failed", why.code, why.message);
		return NULL;
	}
	account_tell(l, id, "ok", NULL, "Pinterest told its figures.");
	if (*as_of_us == TIME_NONE || r.as_of_us < *as_of_us)
		*as_of_us = r.as_of_us;
	return r.value;
}

struct overview {
	struct analytics_query q;
	int64_t from; /* the first day that is asked for */
	bool before;  /* the period before is asked for, too */
	double totals[METRICS], previous[METRICS], daily[DAYS_MAX][METRICS];
	bool told[DAYS_MAX];          /* Pinterest told something of the day, */
	const char *status[DAYS_MAX]; /* and this of its data */
	int64_t as_of_us;
};

static const char *
usual_name(size_t i, struct arena *mem)
{
	char *name = arena_strdup(mem, analytics_query_usual[i]);

	for (char *p = name; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return name;
}

static void
add_day(struct overview *v, struct json_object *day, struct arena *mem)
{
	struct json_object *metrics = json_object_object_get(day, "metrics");
	const char *date = json_object_get_string(json_object_object_get(day, "date"));
	int64_t at;

	if (!analytics_query_day(date, &at, mem) || at < v->from || at > v->q.end)
		return;
	for (size_t i = 0; i < METRICS; i++) {
		double n =
		    json_object_get_double(json_object_object_get(metrics, usual_name(i, mem)));

		v->daily[at - v->from][i] += n;
		*(at < v->q.start ? &v->previous[i] : &v->totals[i]) += n;
	}
	v->told[at - v->from] = true;
	if (v->status[at - v->from] == NULL)
		v->status[at - v->from] = arena_strdup(
		    mem, json_object_get_string(json_object_object_get(day, "data_status")));
}

static struct json_object *
number_json(double n)
{
	return n == (double)(int64_t)n ? json_object_new_int64((int64_t)n)
				       : json_object_new_double(n);
}

static struct json_object *
usual_json(const double n[METRICS], struct arena *mem)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < METRICS; i++)
		json_put(o, usual_name(i, mem), number_json(n[i]));
	return o;
}

static struct json_object *
overview_daily_json(const struct overview *v, struct arena *mem)
{
	struct json_object *list = json_object_new_array();

	for (int64_t day = v->q.start; day <= v->q.end; day++) {
		struct json_object *o;

		if (!v->told[day - v->from])
			continue;
		o = json_object_new_object();
		json_put_text(o, "date", analytics_query_date(day, mem));
		json_put_text(o, "data_status", v->status[day - v->from]);
		json_put(o, "metrics", usual_json(v->daily[day - v->from], mem));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *
overview_json(struct overview *v, struct account_list *l)
{
	struct call *c = l->c;
	struct json_object *o = json_object_new_object(), *names = json_object_new_array();
	int64_t days = v->q.end - v->q.start + 1;

	for (size_t i = 0; i < METRICS; i++)
		json_object_array_add(names, json_object_new_string(usual_name(i, c->mem)));
	json_put_text(o, "start_date", analytics_query_date(v->q.start, c->mem));
	json_put_text(o, "end_date", analytics_query_date(v->q.end, c->mem));
	json_put_text(o, "previous_start_date", analytics_query_date(v->q.start - days, c->mem));
	json_put_text(o, "previous_end_date", analytics_query_date(v->q.start - 1, c->mem));
	json_put_text(
	    o, "provider_mode", c->who.environment == ENV_SANDBOX ? "simulated" : "pinterest");
	json_put(o, "metrics", names);
	json_put(o, "totals", usual_json(v->totals, c->mem));
	json_put(o, "previous_totals", v->before ? usual_json(v->previous, c->mem) : NULL);
	json_put(o, "daily", overview_daily_json(v, c->mem));
	json_put(o, "history_start", NULL);
	json_put_time(o, "data_as_of", v->as_of_us);
	json_put(o, "accounts", json_object_get(l->told));
	json_put_int(o, "accounts_left_out", (int64_t)(l->all - l->len));
	return o;
}

static const char *
overview_path(const struct overview *v, struct arena *mem)
{
	struct analytics_query q = v->q;

	q.start = v->from;
	return arena_printf(mem, "/user_account/analytics?%s&metric_types=%s,%s,%s,%s",
	    analytics_query_path(&q, mem), analytics_query_usual[0], analytics_query_usual[1],
	    analytics_query_usual[2], analytics_query_usual[3]);
}

/* Reads the days and account_id. False: the reply is set. */
static bool
overview_query(struct account_list *l, struct analytics_query *q, struct problem *why)
{
	struct call *c = l->c;

	(void)call_query_uuid(c, "account_id", &l->only, &l->one, why);
	analytics_query_days(c, q, why);
	if (!problem_any(why))
		analytics_query_live(q, why);
	return !call_refused(c, why) && accounts_load(l);
}

/* GET /v1/analytics/overview */
void
analytics_overview(struct call *c)
{
	struct overview *v = arena_alloc(c->mem, sizeof(*v));
	struct account_list l = { .c = c };
	struct problem why = { 0 };
	struct store_account account;
	struct json_object *r, *daily;
	const char *path;
	int64_t first;

	v->as_of_us = TIME_NONE;
	if (!overview_query(&l, &v->q, &why))
		return;
	/* one call tells both periods, if Pinterest looks back so far */
	first = v->q.start - (v->q.end - v->q.start + 1);
	v->before = first > v->q.today - ANALYTICS_LIVE_DAYS;
	v->from = v->before ? first : v->q.start;
	path = overview_path(v, c->mem);
	l.told = json_object_new_array();
	for (size_t i = 0; i < l.len; i++) {
		r = account_ask(&l, &l.ids[i], REPORT_FIGURES, path, &account, &v->as_of_us);
		daily = json_object_object_get(r, "daily");
		for (size_t k = 0; r != NULL && k < json_object_array_length(daily); k++)
			add_day(v, json_object_array_get_idx(daily, k), c->mem);
		json_object_put(r);
	}
	reply_json(&c->reply, 200, overview_json(v, &l));
	json_object_put(l.told);
}

struct top_pin {
	double by; /* what it is sorted by */
	struct json_object *item;
};

struct top_list {
	struct account_list accounts;
	struct analytics_query q;
	int sort;
	int64_t limit, offset, as_of_us;
	struct top_pin pins[ACCOUNTS_MAX * TOP_OF_ACCOUNT];
	size_t len;
};

/* Adds the pin, if it is one of the project's. */
static enum db_rc
top_pin_add(struct top_list *t, const struct store_account *account, struct json_object *told)
{
	struct call *c = t->accounts.c;
	const char *pinterest = json_object_get_string(json_object_object_get(told, "pin_id"));
	struct json_object *metrics = json_object_object_get(told, "metrics"), *o;
	const char *title, *link, *image;
	int64_t published_us;
	struct uuid id;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(pin_by_pinterest_id, .project = db_uuid(&c->who.project_id),
		.account = db_uuid(&account->id), .lane = db_uuid(&account->lane_id),
		.pinterest = db_text(pinterest)),
	    SQL_OUT(pin_by_pinterest_id, .id = db_get_uuid(&id), .title = db_get_text(&title),
		.link_url = db_get_text(&link), .image_url = db_get_text(&image),
		.published_at = db_get_time(&published_us)));

	if (rc != DB_OK || t->len == sizeof(t->pins) / sizeof(t->pins[0]))
		return rc == DB_NONE ? DB_OK : rc;
	o = json_object_new_object();
	json_put_uuid(o, "pin_id", &id);
	json_put_text(o, "pinterest_pin_id", pinterest);
	json_put_uuid(o, "account_id", &account->id);
	json_put_text(o, "title", title);
	json_put_text(o, "link_url", link);
	json_put_text(o, "thumbnail_url", image);
	json_put_text(o, "media_type", "image");
	json_put_time(o, "published_at", published_us);
	json_put(o, "totals", json_object_get(metrics));
	t->pins[t->len++] = (struct top_pin){ .item = o,
		.by = json_object_get_double(
		    json_object_object_get(metrics, usual_name((size_t)t->sort, c->mem))) };
	return rc;
}

static int
better_pin(const void *a, const void *b)
{
	const struct top_pin *x = a, *y = b;

	return (x->by < y->by) - (x->by > y->by);
}

static struct json_object *
top_json(struct top_list *t)
{
	struct json_object *o = json_object_new_object(), *items = json_object_new_array();

	if (t->len > 0)
		qsort(t->pins, t->len, sizeof(t->pins[0]), better_pin);
	for (size_t i = 0; i < t->len; i++) {
		if ((int64_t)i >= t->offset && (int64_t)i < t->offset + t->limit)
			json_object_array_add(items, t->pins[i].item);
		else
			json_object_put(t->pins[i].item);
	}
	json_put(o, "items", items);
	json_put_int(o, "total", (int64_t)t->len);
	json_put_time(o, "data_as_of", t->as_of_us);
	json_put(o, "accounts", json_object_get(t->accounts.told));
	json_put_int(o, "accounts_left_out", (int64_t)(t->accounts.all - t->accounts.len));
	return o;
}

static void
top_query(struct top_list *t, struct problem *why)
{
	static const char *const sorts[] = { "impression", "save", "pin_click", "outbound_click",
		"total_comments", "total_reactions", NULL };
	struct call *c = t->accounts.c;

	t->limit = 50;
	t->sort = call_query_enum(c, "sort_by", sorts, 0, why);
	(void)call_query_int(c, "limit", 1, 100, &t->limit, why);
	(void)call_query_int(c, "offset", 0, 1000000, &t->offset, why);
	if (t->sort >= METRICS)
		problem_query(why, c->mem, "sort_by",
		    "must be one of: impression, save, pin_click, outbound_click; Pinterest sorts "
		    "by no others, and this instance stores no figures");
}

/* GET /v1/analytics/pins */
void
analytics_top_pins(struct call *c)
{
	struct top_list *t = arena_alloc(c->mem, sizeof(*t));
	struct account_list *l = &t->accounts;
	struct store_account account;
	struct problem why = { 0 };
	struct json_object *r;
	enum db_rc rc = DB_OK;
	const char *path;

	l->c = c;
	t->as_of_us = TIME_NONE;
	top_query(t, &why);
	if (!overview_query(l, &t->q, &why))
		return;
	path = arena_printf(c->mem,
	    "/user_account/analytics/"
	    "top_pins?%s&sort_by=%s&num_of_pins=%d&metric_types=%s,%s,%s,%s",
	    analytics_query_path(&t->q, c->mem), analytics_query_usual[t->sort], TOP_OF_ACCOUNT,
	    analytics_query_usual[0], analytics_query_usual[1], analytics_query_usual[2],
	    analytics_query_usual[3]);
	l->told = json_object_new_array();
	for (size_t i = 0; rc == DB_OK && i < l->len; i++) {
		r = account_ask(l, &l->ids[i], REPORT_TOP_PINS, path, &account, &t->as_of_us);
		for (size_t k = 0; r != NULL && rc == DB_OK && k < TOP_OF_ACCOUNT &&
				   k < json_object_array_length(r);
		     k++)
			rc = top_pin_add(t, &account, json_object_array_get_idx(r, k));
		json_object_put(r);
	}
	if (call_found(c, rc, NULL))
		reply_json(&c->reply, 200, top_json(t));
	else
		for (size_t i = 0; i < t->len; i++)
			json_object_put(t->pins[i].item);
	json_object_put(l->told);
}
