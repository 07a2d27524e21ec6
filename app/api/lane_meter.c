/* Reads what an account's lane may send. */
#include "app/api/lane_meter.h"

#include "app/http/call.h"
#include "lib/clock.h"
#include "sql/stmt.h"

enum db_rc
lane_meter_get(struct call *c, const struct uuid *account, struct lane_meter *m)
{
	struct forecast_lane *l = &m->lane;
	int64_t environment, capacity, interval_ms, cap, held_us;
	const struct upstream *up;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(lane_meter, .account = db_uuid(account), .project = db_uuid(&c->who.project_id)),
	    SQL_OUT(lane_meter, .microtokens = db_get_int(&l->bucket.microtokens),
		.tokens_at = db_get_time(&l->bucket.at_us), .environment = db_get_int(&environment),
		.pace_burst = db_get_int(&capacity), .pace_interval_ms = db_get_int(&interval_ms),
		.daily_cap = db_get_int(&cap), .held_until = db_get_time(&held_us),
		.now = db_get_time(&m->now_us)));

	if (rc != DB_OK)
		return rc;
	up = &c->app->conf->upstream[environment == ENV_SANDBOX ? ENV_SANDBOX : ENV_PRODUCTION];
	l->pace = up->pace;
	if (capacity > 0)
		l->pace.capacity = capacity;
	if (interval_ms > 0)
		l->pace.interval_us = interval_ms * US_PER_MS;
	l->daily_cap = cap > 0 ? cap : up->daily_cap;
	l->free_at_us = held_us;
	bucket_refill(&l->bucket, &l->pace, m->now_us);
	return DB_OK;
}
