/* How many creates could leave right now: on one account's lane and in total. */
#include "app/api/handlers.h"
#include "app/api/lane_meter.h"
#include "app/http/call.h"
#include "lib/bucket.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "sql/stmt.h"

#define TOKEN 1e6

struct meter {
	struct bucket bucket;
	struct bucket_rate rate;
	int64_t now_us;
	int64_t sum_u; /* over shards */
};

static struct json_object *
meter_json(double available, const struct bucket_rate *rate)
{
	struct json_object *o = json_object_new_object();

	json_put(o, "tokens_available", json_object_new_double(available));
	json_put(o, "capacity", json_object_new_double((double)rate->capacity));
	json_put(
	    o, "refill_rate", json_object_new_double((double)US_PER_S / (double)rate->interval_us));
	return o;
}

static void
add_shard_meter(void *arg)
{
	struct meter *m = arg;
	struct bucket b = m->bucket;

	bucket_refill(&b, &m->rate, m->now_us);
	m->sum_u += b.microtokens;
}

/* The global bucket: each shard holds 1/64 of it. */
static enum db_rc
load_global_meter(struct call *c, int64_t now_us, double *available)
{
	const struct bucket_rate *all = &c->app->conf->global_pace;
	struct meter m = { .now_us = now_us,
		.rate = { .capacity = (all->capacity + SHARD_COUNT - 1) / SHARD_COUNT,
		    .interval_us = all->interval_us * SHARD_COUNT } };
	enum db_rc rc = db_each(c->db, SQL_IN(shard_meter),
	    SQL_OUT(shard_meter, .microtokens = db_get_int(&m.bucket.microtokens),
		.tokens_at = db_get_time(&m.bucket.at_us)),
	    add_shard_meter, &m);

	*available = (double)m.sum_u / TOKEN;
	if (*available > (double)all->capacity)
		*available = (double)all->capacity;
	return rc;
}

/* GET /v1/rate-meter?account_id= */
void
rate_meter_get(struct call *c)
{
	struct problem why = { 0 };
	struct lane_meter m = { 0 };
	struct json_object *body, *account;
	char text[UUID_TEXT_SIZE];
	double all = 0;
	struct uuid id;
	bool given;

	if (call_query_uuid(c, "account_id", &id, &given, &why) && !given)
		problem_query(&why, c->mem, "account_id", "is required");
	if (call_refused(c, &why))
		return;
	if (!call_account_permitted(c, &id) ||
	    !call_found(c, lane_meter_get(c, &id, &m), "Account") ||
	    !call_found(c, load_global_meter(c, m.now_us, &all), NULL))
		return;
	body = json_object_new_object();
	account = meter_json((double)m.lane.bucket.microtokens / TOKEN, &m.lane.pace);
	json_put_text(account, "account_id", uuid_format(&id, text));
	json_put(body, "account", account);
	json_put(body, "global", meter_json(all, &c->app->conf->global_pace));
	reply_json(&c->reply, 200, body);
}
