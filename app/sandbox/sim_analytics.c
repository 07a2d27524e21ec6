/*
 * Analytics of the account and its pins: nothing but zeros unless the setting `analytics` is
 * "made": then figures that follow from day and metric, so that a test can tell them.
 */
#include <inttypes.h>
#include <string.h>

#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_handlers.h"
#include "app/sandbox/sim_ids.h"
#include "app/sandbox/sim_pins.h"
#include "app/sandbox/sim_view.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/num.h"
#include "lib/rfc3339.h"
#include "sql/sandbox_stmt.h"

#define DAY_US (86400 * US_PER_S)
#define DAYS_BACK 90
#define TOP_MAX 50
#define TOP_DEFAULT 10

/* Metrics by their place: figures follow from it. `ever`: of the pin's whole life. */
static const struct sim_metric {
	const char *name;
	bool account, pin, ever;
} metrics[] = {
#define METRIC(name, account, pin, ever) { name, account, pin, ever },
#include "lib/pinterest_metrics.def"
#undef METRIC
};
#define METRICS DB_LEN(metrics)

struct sim_report {
	struct sim_call *c;
	const char *refusal; /* the message of a 400 */
	int64_t start, end;  /* days since 1970 */
	bool asked[METRICS];
	bool ever; /* the metrics of the pin's whole life are asked for */
};

static bool
day_read(const struct sim_report *r, const char *name, int64_t *day)
{
	struct arena *mem = r->c->mem;
	const char *text = sim_form_value(r->c->req->query, name, mem);
	int64_t us;

	if (text == NULL || strlen(text) != 10 ||
	    rfc3339_fault(arena_printf(mem, "%sT00:00:00Z", text), &us) != NULL)
		return false;
	*day = us / DAY_US;
	return true;
}

static bool
metric_known(struct sim_report *r, const char *name, size_t len, bool pin)
{
	for (size_t i = 0; i < METRICS; i++) {
		if (strlen(metrics[i].name) != len || memcmp(metrics[i].name, name, len) != 0)
			continue;
		r->asked[i] = true;
		return pin ? metrics[i].pin : metrics[i].account;
	}
	return false;
}

/* Metrics of a period and of the whole life cannot be asked for together. */
static bool
metrics_read(struct sim_report *r, bool pin)
{
	const char *at = sim_form_value(r->c->req->query, "metric_types", r->c->mem);
	bool period = false, ever = false;

	if (at == NULL && !pin)
		for (size_t i = 0; i < METRICS; i++)
			r->asked[i] = metrics[i].account;
	for (; at != NULL && *at != '\0'; at += strcspn(at, ","), at += *at == ',')
		if (!metric_known(r, at, strcspn(at, ","), pin))
			return false;
	for (size_t i = 0; i < METRICS; i++) {
		period = period || (r->asked[i] && !metrics[i].ever);
		ever = ever || (r->asked[i] && metrics[i].ever);
	}
	r->ever = ever;
	return period != ever;
}

/* Reads the query. False: the reply is set. */
static bool
report_read(struct sim_report *r, bool pin)
{
	int64_t today = r->c->now_us / DAY_US;

	if (!day_read(r, "start_date", &r->start) || !day_read(r, "end_date", &r->end) ||
	    r->end < r->start || r->end > today || !metrics_read(r, pin))
		return sim_view_refuse(r->c, 400, 400, r->refusal);
	if (r->start < today - DAYS_BACK || r->end - r->start > DAYS_BACK)
		return sim_view_refuse(
		    r->c, 400, 1, "You can only get data from the last 90 days.");
	return true;
}

static int64_t
figure_of(const struct sim_report *r, size_t metric, int64_t day)
{
	return r->c->set.analytics == SIM_ANALYTICS_MADE ? (day * 7 + (int64_t)metric * 13) % 100
							 : 0;
}

/* The sums of the days, or what was asked for of the whole life. */
static struct json_object *
metrics_json(const struct sim_report *r, int64_t from, int64_t to)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < METRICS; i++) {
		int64_t sum = 0;

		for (int64_t day = from; day <= to; day++)
			sum += figure_of(r, i, day);
		if (r->asked[i])
			json_put_int(o, metrics[i].name, sum);
	}
	return o;
}

static struct json_object *
daily_json(const struct sim_report *r)
{
	struct json_object *list = json_object_new_array(), *o;
	bool made = r->c->set.analytics == SIM_ANALYTICS_MADE && !r->ever;

	for (int64_t day = r->start; made && day <= r->end; day++) {
		o = json_object_new_object();
		json_put_text(o, "date",
		    arena_strndup(r->c->mem, sim_time_text(day * DAY_US, r->c->mem), 10));
		json_put_text(o, "data_status", "READY");
		json_put(o, "metrics", metrics_json(r, day, day));
		json_object_array_add(list, o);
	}
	return list;
}

static void
report_reply(const struct sim_report *r)
{
	struct json_object *o = json_object_new_object(), *all = json_object_new_object();
	struct json_object *sums = metrics_json(r, r->ever ? r->end : r->start, r->end);

	json_put(all, "daily_metrics", daily_json(r));
	json_put(all, r->ever ? "lifetime_metrics" : "summary_metrics", sums);
	json_put(all, r->ever ? "summary_metrics" : "lifetime_metrics", json_object_new_object());
	json_put(o, "all", all);
	sim_reply_json(&r->c->reply, 200, o, r->c->mem);
}

/* GET /user_account/analytics */
void
sim_analytics_account(struct sim_call *c)
{
	struct sim_report r = { .c = c, .refusal = "Invalid user accounts analytics parameters." };

	if (report_read(&r, false))
		report_reply(&r);
}

/* GET /pins/{id}/analytics */
void
sim_analytics_pin(struct sim_call *c)
{
	struct sim_report r = { .c = c, .refusal = "Invalid pins analytics parameters." };

	if (sim_pins_owned(c) && report_read(&r, true))
		report_reply(&r);
}

struct top_pins {
	const struct sim_report *r;
	struct json_object *list;
	int64_t id;
};

/* Each pin has a little less than the one before. */
static void
top_pin_row(void *arg)
{
	struct top_pins *t = arg;
	const struct sim_report *r = t->r;
	struct json_object *o = json_object_new_object(), *of = json_object_new_object();
	int64_t place = (int64_t)json_object_array_length(t->list);

	for (size_t i = 0; i < METRICS; i++)
		if (r->asked[i])
			json_put_int(of, metrics[i].name,
			    r->c->set.analytics == SIM_ANALYTICS_MADE ? 1000 - 10 * place : 0);
	json_put_text(o, "pin_id", sim_id_text(t->id, r->c->mem));
	json_put(o, "metrics", of);
	json_put(o, "data_status", json_object_new_object());
	json_object_array_add(t->list, o);
}

/* GET /user_account/analytics/top_pins: the newest first */
void
sim_analytics_top(struct sim_call *c)
{
	static const char *const orders[] = { "ENGAGEMENT", "IMPRESSION", "OUTBOUND_CLICK",
		"PIN_CLICK", "SAVE" };
	const char *sort = sim_form_value(c->req->query, "sort_by", c->mem);
	const char *most = sim_form_value(c->req->query, "num_of_pins", c->mem);
	struct sim_report r = { .c = c, .refusal = "Invalid user accounts analytics parameters." };
	struct top_pins t = { .r = &r };
	struct json_object *o;
	int64_t limit = TOP_DEFAULT;
	enum db_rc rc;
	size_t i = 0;

	while (sort != NULL && i < DB_LEN(orders) && strcmp(orders[i], sort) != 0)
		i++;
	if (sort == NULL || i == DB_LEN(orders) ||
	    (most != NULL && num_parse(most, 1, TOP_MAX, &limit) != 0)) {
		sim_view_error(c, 400, 400, r.refusal);
		return;
	}
	if (!report_read(&r, false))
		return;
	t.list = json_object_new_array();
	rc = db_each(c->db, SBX_IN(pins_newest, .user = db_int(c->user_id), .limit = db_int(limit)),
	    SBX_OUT(pins_newest, .id = db_get_int(&t.id)), top_pin_row, &t);
	o = json_object_new_object();
	json_put(o, "pins", t.list);
	json_put_text(o, "sort_by", sort);
	json_put(o, "date_availability", json_object_new_object());
	if (sim_view_done(c, rc))
		sim_reply_json(&c->reply, 200, o, c->mem);
	else
		json_object_put(o);
}
