/* The fence: first a write, then the epochs are compared under its row locks. */
#include "worker/frame/fence_db.h"

#include "sql/stmt.h"

struct fence_read {
	const struct leases *leases;
	struct fence *out;
	uint64_t ours;
	int64_t shard, epoch;
	struct bucket bucket;
};

static void
on_fence_row(void *arg)
{
	struct fence_read *r = arg;
	unsigned s = (unsigned)r->shard % SHARD_COUNT;

	if ((r->leases->mask & FENCE_BIT(s)) && r->leases->epoch[s] == r->epoch)
		r->ours |= FENCE_BIT(s);
	r->out->bucket[s] = r->bucket;
	bucket_clock_back(&r->out->bucket[s], r->out->now_us);
}

enum db_rc
fence_take(struct db *db, const struct leases *leases, uint64_t mask, struct fence *out)
{
	unsigned char list[SHARD_COUNT];
	struct fence_read r = { .leases = leases, .out = out };
	enum db_rc rc = db_exec(db,
	    SQL_IN(shard_fence_take, .owner = db_uuid(&leases->owner),
		.shards = leases_mask_param(mask, list)),
	    NULL);

	out->lost = rc == DB_NONE ? mask : 0;
	if (rc == DB_OK)
		rc = db_each(db,
		    SQL_IN(shard_fence_read, .owner = db_uuid(&leases->owner),
			.shards = leases_mask_param(mask, list)),
		    SQL_OUT(shard_fence_read, .shard = db_get_int(&r.shard),
			.epoch = db_get_int(&r.epoch),
			.microtokens = db_get_int(&r.bucket.microtokens),
			.tokens_at = db_get_time(&r.bucket.at_us),
			.now = db_get_time(&out->now_us)),
		    on_fence_row, &r);
	if (rc != DB_OK)
		return rc;
	out->lost = mask & ~r.ours;
	return out->lost == 0 ? DB_OK : DB_NONE;
}

void
fence_debit_add(struct db *db, struct db_many *m, unsigned shard, const struct bucket *b)
{
	db_many_push(db, m,
	    SQL_IN(shard_debit, .shard = db_int(shard), .tokens = db_int(b->microtokens),
		.tokens_at = db_time(b->at_us)));
}

enum db_rc
fence_debit(struct db *db, const struct db_many *m)
{
	return db_many_exec(db, m, NULL);
}

struct bucket_rate
fence_rate(const struct bucket_rate *global)
{
	struct bucket_rate r = { (global->capacity + SHARD_COUNT - 1) / SHARD_COUNT,
		global->interval_us * SHARD_COUNT };

	return r;
}
