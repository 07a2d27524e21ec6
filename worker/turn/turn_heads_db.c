/* Reads the accounts of lanes and their heads. Invariant: only after the lanes were locked. */
#include "worker/turn/turn_lane_db.h"

#include <string.h>

#include "lib/arena.h"
#include "sql/stmt.h"

struct account_rows {
	struct turn_tx *tx;
	struct turn_lane *lanes;
	size_t len;
	struct uuid lane_id;
	struct turn_account a;
};

static struct turn_lane *
row_lane(const struct account_rows *r)
{
	for (size_t i = 0; i < r->len; i++)
		if (uuid_equal(&r->lanes[i].id, &r->lane_id))
			return &r->lanes[i];
	return NULL;
}

static void
on_account_row(void *arg)
{
	struct account_rows *r = arg;
	struct turn_lane *l = row_lane(r);
	struct turn_account *more;
	size_t n;

	if (l == NULL || !l->locked)
		return;
	n = l->accounts_len;
	if ((n & (n - 1)) == 0) { /* full: 0, 1, 2, 4, ... */
		more = arena_alloc(db_mem(r->tx->db), (n == 0 ? 1 : n * 2) * sizeof(*more));
		if (n > 0)
			memcpy(more, l->accounts, n * sizeof(*more));
		l->accounts = more;
	}
	l->accounts[l->accounts_len++] = r->a;
}

enum db_rc
turn_heads(struct turn_tx *tx, struct turn_lane *lanes, size_t n)
{
	struct account_rows r = { .tx = tx, .lanes = lanes, .len = n };
	struct turn_account *a = &r.a;
	struct turn_head *h = &a->head;
	struct uuid ids[TURN_LANES];
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		lanes[i].accounts_len = 0;
		if (lanes[i].locked)
			ids[len++] = lanes[i].id;
	}
	if (len == 0)
		return DB_OK;
	return db_each(tx->db, SQL_IN(lane_heads, .lanes = db_uuids(ids, len)),
	    SQL_OUT(lane_heads, .lane_id = db_get_uuid(&r.lane_id), .id = db_get_uuid(&a->id),
		.project_id = db_get_uuid(&a->project_id),
		.access_sealed = db_get_bytes(&a->sealed, &a->sealed_len),
		.token_version = db_get_int(&a->token_version), .usable = db_get_int(&a->usable),
		.pace_burst = db_get_int(&a->capacity),
		.pace_interval_ms = db_get_int(&a->interval_ms),
		.daily_cap = db_get_int(&a->daily_cap), .pin_id = db_get_uuid(&h->id),
		.version = db_get_int(&h->version), .due_at = db_get_time(&h->due_us),
		.schedule_id = db_get_uuid(&h->schedule_id), .attempts = db_get_int(&h->attempts),
		.retries_spent = db_get_int(&h->retries_spent),
		.unsent_in_a_row = db_get_int(&h->unsent_in_a_row),
		.verify_first = db_get_int(&h->verify_first),
		.error_code = db_get_text(&h->error_code),
		.stopped_app_at = db_get_time(&h->stopped_app_us),
		.app_project_id = db_get_uuid(&a->app.project_id),
		.stopped_at = db_get_time(&a->app.stopped_us),
		.stop_code = db_get_int(&a->app.stop_code),
		.hold_until = db_get_time(&a->app.hold_until_us),
		.probe_at = db_get_time(&a->app.probe_us),
		.probes_failed = db_get_int(&a->app.probes_failed),
		.resumed_at = db_get_time(&a->app.resumed_us), PIN_CREATE_OUT(&h->create)),
	    on_account_row, &r);
}
