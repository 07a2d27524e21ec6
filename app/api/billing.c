/*
 * Billing of a server that sells nothing: true answers for clients that look before they publish.
 * Invariant: every number is a limit that is enforced, or a count.
 */
#include <json-c/json.h>
#include <time.h>

#include "app/api/handlers.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/limit.h"
#include "sql/stmt.h"

#define DAY_S INT64_C(86400)

struct month {
	int64_t starts_us, ends_us;
	int64_t days;
};

static struct tm
utc_time(int64_t s)
{
	time_t t = (time_t)s;
	struct tm tm = { 0 };

	gmtime_r(&t, &tm);
	return tm;
}

static struct month
month_of(int64_t now_us)
{
	int64_t today_s = now_us / US_PER_S / DAY_S * DAY_S;
	int64_t first_s = today_s - (utc_time(today_s).tm_mday - 1) * DAY_S;
	/* 31 days after the first the next month has begun, so many days ago */
	int64_t days = 32 - utc_time(first_s + 31 * DAY_S).tm_mday;

	return (struct month){ .starts_us = first_s * US_PER_S,
		.ends_us = (first_s + days * DAY_S) * US_PER_S,
		.days = days };
}

/* Creates that one account's pace and daily cap permit. */
static int64_t
account_carries(const struct upstream *u, const struct month *m)
{
	int64_t pace = u->pace.capacity + m->days * DAY_S * US_PER_S / u->pace.interval_us;
	int64_t capped = u->daily_cap * m->days;

	return u->daily_cap > 0 && capped < pace ? capped : pace;
}

/* Nobody counts pins per month: it is what all accounts that a project may have can carry. */
static int64_t
project_carries(
    const struct conf *conf, int64_t accounts, enum environment e, const struct month *m)
{
	int64_t all = accounts * account_carries(&conf->upstream[e], m);
	int64_t instance =
	    conf->global_pace.capacity + m->days * DAY_S * US_PER_S / conf->global_pace.interval_us;

	return all < instance ? all : instance;
}

/* What GET /v1/billing/status and the only plan have in common. */
static void
put_plan(struct json_object *o, int64_t accounts, int64_t quota)
{
	json_put_text(o, "plan", "enterprise");
	json_put_int(o, "quota_calls_monthly", quota);
	json_put_int(o, "pinterest_accounts_limit", accounts);
	json_put_bool(o, "uploaded_media_assets", false);
	json_put_bool(o, "bulk_imports", true);
}

static struct json_object *
billing_status_json(const struct call *c, const struct month *m, int64_t used)
{
	struct json_object *o = json_object_new_object();
	int64_t accounts = limit_value(c->app->conf, &c->own, LIMIT_ACCOUNTS);
	int64_t quota = project_carries(c->app->conf, accounts, c->who.environment, m);
	int64_t percent = used < quota ? used * 100 / quota : 100;

	put_plan(o, accounts, quota);
	json_put_text(o, "billing_provider", "database");
	json_put_text(o, "billing_cycle", NULL);
	json_put_text(o, "billing_status", "active");
	json_put_bool(o, "trial_active", false);
	json_put_text(o, "trial_ends_at", NULL);
	json_put_time(o, "current_period_start", m->starts_us);
	json_put_time(o, "current_period_end", m->ends_us);
	json_put_text(o, "subscription_cancel_at", NULL);
	json_put_int(o, "calls_used", used);
	json_put_time(o, "quota_reset_at", m->ends_us);
	/* required by older clients */
	json_put_int(o, "overage_pins_used", 0);
	json_put_int(o, "credits_remaining", 0);
	json_put_bool(o, "credits_enabled", false);
	json_put_bool(o, "credits_purchase_allowed", false);
	json_put_bool(o, "quota_exhausted", false);
	json_put_int(o, "plan_consumption_percent", percent);
	json_put_int(o, "storage_quota_bytes", 0);
	json_put_int(o, "storage_used_bytes", 0);
	json_put_int(o, "storage_used_percent", 0);
	json_put_text(o, "storage_warning", NULL);
	return o;
}

/* GET /v1/billing/status */
void
billing_status(struct call *c)
{
	struct month m = month_of(c->now_us);
	int64_t used = 0;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(pin_count_month, .project = db_uuid(&c->who.project_id),
		.since = db_time(m.starts_us)),
	    SQL_OUT(pin_count_month, .used = db_get_int(&used)));

	call_reply(c, rc, NULL, billing_status_json(c, &m, used));
}

/* "At most 500 connected accounts", for each limit of rows. */
static struct json_object *
limit_sentences(struct call *c)
{
	struct json_object *list = json_object_new_array();
	const struct conf *conf = c->app->conf;

#define LIMIT(NAME, name, place, setting, kind, statement, what)                                   \
	json_object_array_add(list, json_object_new_string(arena_printf(c->mem, "At most %lld %s", \
					(long long)conf->place, what)));
#define SHARE(NAME, name, setting, least, most)
#include "lib/limit.def"
#undef LIMIT
#undef SHARE
	return list;
}

static struct json_object *
free_price(const char *cycle)
{
	struct json_object *o = json_object_new_object();

	json_put_text(o, "billing_cycle", cycle);
	json_put_int(o, "unit_amount", 0);
	json_put_text(o, "currency", "usd");
	json_put_text(o, "amount_display", "$0");
	return o;
}

static struct json_object *
price_plan_json(struct call *c)
{
	const struct conf *conf = c->app->conf;
	struct month m = month_of(c->now_us);
	struct json_object *plan = json_object_new_object();

	put_plan(plan, conf->limits.accounts,
	    project_carries(conf, conf->limits.accounts, ENV_PRODUCTION, &m));
	json_put_text(plan, "name", "Self-hosted");
	json_put_text(
	    plan, "subtitle", "What the operator of this server permits; nothing is sold.");
	json_put_bool(plan, "highlight", false);
	json_put(plan, "feature_bullets", limit_sentences(c));
	json_put_text(plan, "monthly_overage", NULL);
	json_put_int(plan, "activity_log_retention_days", conf->retention.activity_days);
	json_put_text(plan, "overage_billing_threshold_pins", NULL);
	json_put(plan, "monthly_price", free_price("monthly"));
	json_put(plan, "annual_price", free_price("annual"));
	return plan;
}

/* GET /v1/billing/pricing */
void
billing_pricing(struct call *c)
{
	struct json_object *o = json_object_new_object(), *plans = json_object_new_array();

	json_object_array_add(plans, price_plan_json(c));
	json_put_text(o, "source", "self_hosted");
	json_put_time(o, "refreshed_at", c->now_us);
	json_put(o, "plans", plans);
	reply_json(&c->reply, 200, o);
}

static void
refuse_payment(struct call *c)
{
	struct problem why = { 0 };

	problem_set(&why, 409, "feature_unavailable",
	    "This server is self-hosted and sells nothing: there is no payment to make or manage.");
	why.remediation = "The operator of this server sets its limits: GET /v1/limits shows them.";
	reply_problem(&c->reply, &why);
}

/* POST /v1/billing/checkout */
void
billing_checkout(struct call *c)
{
	refuse_payment(c);
}

/* POST /v1/billing/portal */
void
billing_portal(struct call *c)
{
	refuse_payment(c);
}

/* POST /v1/stripe/webhook */
void
billing_stripe(struct call *c)
{
	refuse_payment(c);
}
