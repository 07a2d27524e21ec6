/*
 * Figures of accounts and of single pins, as Pinterest tells them now. Nothing is stored but for
 * minutes: Pinterest's developer guidelines want data of the API fetched anew.
 */
#include <string.h>

#include "app/api/activity.h"
#include "app/api/analytics_query.h"
#include "app/api/handlers.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "app/pinterest/report.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/pin.h"
#include "lib/url.h"
#include "sql/stmt.h"

#define COLLECT_EVERY_S 900

struct figures {
	struct call *c;
	struct analytics_query q;
	struct store_account account;
	struct json_object *totals, *daily;
	int64_t as_of_us;
	bool pin_gone; /* Pinterest has no such pin */
};

/* The metrics of one kind, parted by commas; "": none. */
static const char *
metric_list(const struct analytics_query *q, bool ever, struct arena *mem)
{
	const char *list = "";

	for (size_t i = 0; i < q->metrics_len; i++)
		if (analytics_query_ever(q->metrics[i]) == ever)
			list = arena_printf(
			    mem, "%s%s%s", list, *list != '\0' ? "," : "", q->metrics[i]);
	return list;
}

static void
figures_add(struct figures *f, const struct report *r)
{
	struct json_object *totals = json_object_object_get(r->value, "totals");
	struct json_object *daily = json_object_object_get(r->value, "daily");
	struct json_object_iterator at = json_object_iter_begin(totals),
				    end = json_object_iter_end(totals);

	for (; totals != NULL && !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
		json_put(f->totals, json_object_iter_peek_name(&at),
		    json_object_get(json_object_iter_peek_value(&at)));
	if (json_object_array_length(daily) > 0 && f->q.daily) {
		json_object_put(f->daily);
		f->daily = json_object_get(daily);
	}
	f->as_of_us = r->as_of_us;
}

/* Asks Pinterest: once for the figures of the period, and once for those of a pin's whole life. */
static bool
figures_read(struct figures *f, const char *path, struct problem *why)
{
	struct call *c = f->c;

	for (int ever = 0; ever < 2; ever++) {
		const char *list = metric_list(&f->q, ever == 1, c->mem);
		struct report r;
		enum upstream_result result;

		if (*list == '\0')
			continue;
		result = report_fetch(c, &f->account, REPORT_FIGURES,
		    arena_printf(c->mem, "%s?%s&metric_types=%s", path,
			analytics_query_path(&f->q, c->mem), list),
		    &r, why);
		if (result != UPSTREAM_OK) {
			f->pin_gone = result == UPSTREAM_REFUSED && why->status == 404;
			return false;
		}
		figures_add(f, &r);
		json_object_put(r.value);
	}
	return true;
}

static void
figures_begin(struct figures *f)
{
	f->totals = json_object_new_object();
	f->daily = json_object_new_array();
	f->as_of_us = TIME_NONE;
}

/* The answer, to which the caller may add; takes the figures. */
static struct json_object *
figures_json(struct figures *f)
{
	struct call *c = f->c;
	bool stored = f->q.source == ANALYTICS_STORED;
	bool simulated = f->account.environment == ENV_SANDBOX;
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "account_id", &f->account.id);
	json_put_text(o, "start_date", analytics_query_date(f->q.start, c->mem));
	json_put_text(o, "end_date", analytics_query_date(f->q.end, c->mem));
	json_put_text(o, "provider_mode", simulated ? "simulated" : "pinterest");
	json_put_text(o, "source", stored ? "stored" : simulated ? "simulated" : "live");
	json_put(o, "totals", f->totals);
	json_put(o, "daily", f->daily);
	json_put_time(o, "data_as_of", f->as_of_us);
	json_put(o, "history_start", NULL);
	if (stored)
		json_put_text(o, "message",
		    "This instance stores no figures, as Pinterest's guidelines want it: ask for "
		    "source=live.");
	return o;
}

static void
figures_drop(struct figures *f)
{
	json_object_put(f->totals);
	json_object_put(f->daily);
}

/* Reads the query. False: the reply is set. */
static bool
figures_query(struct figures *f, bool pin)
{
	struct problem why = { 0 };

	analytics_query_read(f->c, &f->q, pin, &why);
	if (!problem_any(&why) && f->q.source != ANALYTICS_STORED)
		analytics_query_live(&f->q, &why);
	return !call_refused(f->c, &why);
}

/* The account that the path names. False: the reply is set. */
static bool
analytics_account(struct call *c, struct store_account *account)
{
	struct uuid id;

	return call_uuid(c, 0, &id) && call_account_permitted(c, &id) &&
	       call_found(c, store_account_get(c->db, &c->who.project_id, &id, account), "Account");
}

/* GET /v1/pinterest/accounts/{id}/analytics */
void
analytics_of_account(struct call *c)
{
	struct figures f = { .c = c };
	struct problem why = { 0 };

	if (!figures_query(&f, false) || !analytics_account(c, &f.account))
		return;
	figures_begin(&f);
	if (f.q.source == ANALYTICS_STORED || figures_read(&f, "/user_account/analytics", &why)) {
		reply_json(&c->reply, 200, figures_json(&f));
		return;
	}
	figures_drop(&f);
	reply_problem(&c->reply, &why);
}

static void
refuse_gone(struct problem *why)
{
	*why = (struct problem){ 0 };
	problem_set(why, 409, "pin_removed_on_pinterest", "The pin is no longer on Pinterest.");
	why->remediation = "There are no figures of it any more.";
}

/* Has the pin figures? False: the reply says why not. */
static bool
pin_has_figures(struct figures *f, const struct pin_view *pin)
{
	struct problem why = { 0 };

	if (f->q.source == ANALYTICS_STORED && pin->state == PIN_PUBLISHED)
		return true;
	if (pin->state != PIN_PUBLISHED || pin->pinterest_pin_id == NULL)
		problem_set(&why, 409, "pin_not_published", "Only a published pin has figures.");
	else if (pin->removed_us != TIME_NONE)
		refuse_gone(&why);
	return !call_refused(f->c, &why);
}

/* GET /v1/pins/{id}/analytics */
void
analytics_of_pin(struct call *c)
{
	struct figures f = { .c = c };
	struct problem why = { 0 };
	struct json_object *o;
	struct pin_view pin;
	const char *path;
	struct uuid id;

	if (!call_uuid(c, 0, &id) || !figures_query(&f, true) ||
	    !pin_view_load(c, &pin_view_pin, &id, &pin) || !pin_has_figures(&f, &pin) ||
	    !call_found(c,
		store_account_get(c->db, &c->who.project_id, &pin.account_id, &f.account), "Pin"))
		return;
	figures_begin(&f);
	path = arena_printf(c->mem, "/pins/%s/analytics",
	    pin.pinterest_pin_id != NULL ? url_encode(pin.pinterest_pin_id, c->mem) : "");
	if (f.q.source != ANALYTICS_STORED && !figures_read(&f, path, &why)) {
		figures_drop(&f);
		if (f.pin_gone)
			refuse_gone(&why);
		reply_problem(&c->reply, &why);
		return;
	}
	o = figures_json(&f);
	json_put_uuid(o, "pin_id", &pin.id);
	json_put_text(o, "pinterest_pin_id", pin.pinterest_pin_id);
	json_put_time(o, "removed_from_pinterest_at", pin.removed_us);
	reply_json(&c->reply, 200, o);
}

struct collection {
	struct uuid account_id;
	int64_t wait_s;
};

static enum db_rc
collect_again(struct call *c, void *arg)
{
	struct collection *k = arg;
	struct problem why = { 0 };
	struct json_object *o;
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(account_collect, .project = db_uuid(&c->who.project_id),
		.id = db_uuid(&k->account_id), .seconds = db_int(COLLECT_EVERY_S)),
	    NULL);

	if (rc == DB_NONE) {
		rc = db_row(c->db,
		    SQL_IN(account_collected, .project = db_uuid(&c->who.project_id),
			.id = db_uuid(&k->account_id), .seconds = db_int(COLLECT_EVERY_S)),
		    SQL_OUT(account_collected, .wait_s = db_get_int(&k->wait_s)));
		if (rc == DB_NONE)
			call_not_found(c, "Account");
		if (rc != DB_OK)
			return rc;
		problem_set(&why, 429, "rate_limited",
		    "The account's figures were asked for less than 15 minutes ago.");
		why.retry_after_s = (int)k->wait_s;
		reply_problem(&c->reply, &why);
		return DB_NONE;
	}
	if (rc == DB_OK)
		rc = db_exec_any(c->db,
		    SQL_IN(analytics_cache_forget, .project = db_uuid(&c->who.project_id),
			.account = db_uuid(&k->account_id)),
		    NULL);
	if (rc == DB_OK)
		rc =
		    activity_write(c, ACTIVITY_ANALYTICS_COLLECTED, &k->account_id, &k->account_id);
	if (rc != DB_OK)
		return rc;
	o = json_object_new_object();
	json_put_uuid(o, "account_id", &k->account_id);
	json_put_text(o, "status", "queued");
	json_put_text(o, "message",
	    "This instance stores no figures: what it had cached is forgotten, and the next read "
	    "asks Pinterest.");
	reply_json(&c->reply, 202, o);
	return DB_OK;
}

/* POST /v1/analytics/accounts/{id}/collect */
void
analytics_collect(struct call *c)
{
	struct store_account account;
	struct collection k = { .wait_s = 0 };

	if (!analytics_account(c, &account))
		return;
	k.account_id = account.id;
	(void)call_transact(c, collect_again, &k);
}
