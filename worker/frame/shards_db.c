/*
 * Leases in the tables. Invariant: a shard is claimed only with the epoch under which it was read
 * as free, so that of several claimants one gets it.
 */
#include "config.h"

#include "worker/frame/shards_db.h"

#include <unistd.h>

#include "lib/clock.h"
#include "lib/crash.h"
#include "lib/version.h"
#include "sql/stmt.h"
#include "worker/frame/clock_step_db.h"

struct lease_read {
	struct lease_round *r;
	/* the row being read */
	int64_t shard, epoch, lapsed, now_us;
	struct uuid row_owner, row_host;
	/* what the rows say */
	uint64_t takeable;
	int64_t seen_epoch[SHARD_COUNT];
};

static enum db_rc
register_worker(struct db *db, struct lease_round *r)
{
	enum db_rc rc = DB_NONE;

	if (!r->register_first)
		rc = db_exec(db, SQL_IN(worker_heartbeat, .id = db_uuid(&r->owner)), NULL);
	if (rc != DB_NONE)
		return rc;
	if (r->host_locked) {
		rc = db_exec_any(db,
		    SQL_IN(worker_stop_host, .host = db_uuid(&r->host), .id = db_uuid(&r->owner)),
		    NULL);
		if (rc != DB_OK)
			return rc;
	}
	rc = db_exec(db,
	    SQL_IN(worker_insert, .id = db_uuid(&r->owner), .host = db_uuid(&r->host),
		.pid = db_int(getpid()), .resident = db_int(r->resident),
		.version = db_text(version_text())),
	    NULL);
	return rc == DB_DUP ? DB_OK : rc;
}

static void
on_lease(void *arg)
{
	struct lease_read *k = arg;
	struct lease_round *r = k->r;
	unsigned s = (unsigned)k->shard & (SHARD_COUNT - 1);
	bool mine = uuid_equal(&k->row_owner, &r->owner);

	k->seen_epoch[s] = k->epoch;
	if (mine)
		leases_add(&r->leases, s, k->epoch);
	else if (k->lapsed || uuid_is_nil(&k->row_owner) ||
		 (r->host_locked && uuid_equal(&k->row_host, &r->host)))
		k->takeable |= FENCE_BIT(s);
}

static enum db_rc
read_leases(struct db *db, struct lease_read *k)
{
	struct lease_round *r = k->r;
	int64_t began_us;
	enum db_rc rc;

	leases_init(&r->leases, &r->owner);
	rc = db_each(db, SQL_IN(shard_list),
	    SQL_OUT(shard_list, .shard = db_get_int(&k->shard), .owner = db_get_uuid(&k->row_owner),
		.host_id = db_get_uuid(&k->row_host), .epoch = db_get_int(&k->epoch),
		.lapsed = db_get_int(&k->lapsed), .now = db_get_time(&k->now_us)),
	    on_lease, k);
	if (rc != DB_OK)
		return rc;
	began_us = clock_mono_us();
	rc = db_row(db,
	    SQL_IN(worker_live_count, .id = db_uuid(&r->owner), .lease = db_int(r->lease_us)),
	    SQL_OUT(worker_live_count, .alive = db_get_int(&r->residents),
		.now = db_get_time(&r->sample.db_us)));
	r->sample.mono_us = clock_mono_us();
	return rc == DB_OK ? clock_step_check(db, r->clock, &r->sample, began_us, &r->leases) : rc;
}

static enum db_rc
renew_leases(struct db *db, const struct lease_round *r)
{
	enum db_rc rc;

	if (r->leases.len == 0)
		return DB_OK;
	CRASH_POINT("lease.before_renew");
	rc = db_exec_any(db,
	    SQL_IN(shard_renew, .owner = db_uuid(&r->owner), .lease = db_int(r->lease_us),
		.shards = leases_param(&r->leases)),
	    NULL);
	CRASH_POINT("lease.after_renew");
	return rc;
}

static enum db_rc
release_leases(struct db *db, struct lease_round *r, uint64_t mask)
{
	unsigned char list[SHARD_COUNT];
	enum db_rc rc;

	if (mask == 0)
		return DB_OK;
	rc = db_exec_any(db,
	    SQL_IN(shard_release, .owner = db_uuid(&r->owner),
		.shards = leases_mask_param(mask, list)),
	    NULL);
	if (rc == DB_OK)
		leases_drop(&r->leases, mask);
	return rc;
}

static enum db_rc
claim_lease(struct db *db, struct lease_read *k, unsigned shard)
{
	struct lease_round *r = k->r;
	enum db_rc rc = db_exec(db,
	    SQL_IN(shard_claim, .shard = db_int(shard), .epoch = db_int(k->seen_epoch[shard]),
		.owner = db_uuid(&r->owner), .host = db_uuid(&r->host),
		.same_host = db_int(r->host_locked), .lease = db_int(r->lease_us)),
	    NULL);

	if (rc == DB_OK)
		leases_add(&r->leases, shard, k->seen_epoch[shard] + 1);
	return rc == DB_NONE ? DB_OK : rc;
}

/*
 * Leases are shared evenly among resident workers: idle ones beyond this worker's share are given
 * back, missing ones claimed. A worker run by cron takes all, and only when no resident one lives.
 */
static enum db_rc
balance_leases(struct db *db, struct lease_read *k)
{
	struct lease_round *r = k->r;
	size_t sharers = r->resident ? (size_t)r->residents + 1 : 1;
	size_t share = (SHARD_COUNT + sharers - 1) / sharers;
	unsigned first = r->owner.b[15];
	uint64_t give = 0, had = r->leases.mask;
	size_t over = r->leases.len > share ? r->leases.len - share : 0;
	enum db_rc rc = DB_OK;

	for (unsigned i = 0; i < SHARD_COUNT; i++) {
		unsigned s = (first + i) % SHARD_COUNT;

		if (over > 0 && (r->leases.mask & FENCE_BIT(s)) && !(r->in_use & FENCE_BIT(s))) {
			give |= FENCE_BIT(s);
			over--;
		}
		if (rc == DB_OK && r->leases.len < share && (k->takeable & FENCE_BIT(s)))
			rc = claim_lease(db, k, s);
	}
	if (rc == DB_OK)
		rc = clock_step_adopt(db, r->clock, &r->leases, had);
	return rc == DB_OK ? release_leases(db, r, give) : rc;
}

enum db_rc
lease_round_run(struct db *db, void *arg)
{
	struct lease_round *r = arg;
	struct lease_read k = { .r = r };
	enum db_rc rc = DB_OK;

	if (r->renew)
		rc = clock_step_rewind(db, r->lease_us);
	if (rc == DB_OK && r->renew)
		rc = register_worker(db, r);
	if (rc == DB_OK && r->renew)
		rc = renew_leases(db, r);
	if (rc == DB_OK)
		rc = read_leases(db, &k);
	if (rc == DB_OK && r->release_idle)
		return release_leases(db, r, r->leases.mask & ~r->in_use);
	if (rc == DB_OK && (r->resident || r->residents == 0))
		rc = balance_leases(db, &k);
	return rc;
}

/* Cron is expected to start the next --once as long after this one as this came after the last. */
static enum db_rc
read_run_period(struct db *db, const struct lease_stop *f, int64_t *period_us)
{
	enum db_rc rc = db_row(db,
	    SQL_IN(worker_run_period, .id = db_uuid(&f->owner), .host = db_uuid(&f->host)),
	    SQL_OUT(worker_run_period, .period_us = db_get_int(period_us)));

	if (rc == DB_NONE || *period_us < 10 * US_PER_S || *period_us > 86400 * US_PER_S)
		*period_us = 60 * US_PER_S;
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
lease_stop_run(struct db *db, void *arg)
{
	const struct lease_stop *f = arg;
	unsigned char list[SHARD_COUNT];
	int64_t period_us = 0;
	enum db_rc rc = DB_OK;

	if (!f->resident)
		rc = read_run_period(db, f, &period_us);
	if (rc == DB_OK)
		rc = db_exec_any(db,
		    SQL_IN(shard_release, .owner = db_uuid(&f->owner),
			.shards = leases_mask_param(UINT64_MAX, list)),
		    NULL);
	if (rc == DB_OK)
		rc = db_exec(db,
		    SQL_IN(worker_stop, .id = db_uuid(&f->owner),
			.expected = f->resident ? db_null() : db_int(period_us)),
		    NULL);
	return rc;
}
