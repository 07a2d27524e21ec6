/* The fence: a write first, then the epochs compared under its row locks. */
#include "worker/frame/fence_db.h"

#include "sql/stmt.h"

struct reading {
	const struct held *h;
	struct fence *out;
	uint64_t ours;
	int64_t shard, epoch;
	struct bucket bucket;
};

void
fence_held_set(struct held *h, const struct uuid *owner)
{
	h->owner = *owner;
	h->mask = 0;
	h->len = 0;
}

void
fence_held_add(struct held *h, unsigned shard, int64_t epoch)
{
	h->mask |= FENCE_BIT(shard);
	h->epoch[shard] = epoch;
	h->list[h->len++] = (unsigned char)shard;
}

void
fence_held_drop(struct held *h, uint64_t mask)
{
	struct held left;

	fence_held_set(&left, &h->owner);
	for (unsigned s = 0; s < SHARD_COUNT; s++)
		if (h->mask & FENCE_BIT(s) & ~mask)
			fence_held_add(&left, s, h->epoch[s]);
	*h = left;
}

struct db_param
fence_mask_param(uint64_t mask, unsigned char list[SHARD_COUNT])
{
	size_t n = 0;

	for (unsigned s = 0; s < SHARD_COUNT; s++)
		if (mask & FENCE_BIT(s))
			list[n++] = (unsigned char)s;
	return db_list(list, n);
}

struct db_param
fence_param(const struct held *h)
{
	return db_list(h->list, h->len);
}

static void
on_fenced(void *arg)
{
	struct reading *r = arg;
	unsigned s = (unsigned)r->shard % SHARD_COUNT;

	if ((r->h->mask & FENCE_BIT(s)) && r->h->epoch[s] == r->epoch)
		r->ours |= FENCE_BIT(s);
	r->out->bucket[s] = r->bucket;
	bucket_clock_back(&r->out->bucket[s], r->out->now_us);
}

enum db_rc
fence_take(struct db *db, const struct held *h, uint64_t mask, struct fence *out)
{
	unsigned char list[SHARD_COUNT];
	const struct db_param in[] = { db_uuid(&h->owner), fence_mask_param(mask, list) };
	struct reading r = { .h = h, .out = out };
	struct db_col cols[] = { db_get_int(&r.shard), db_get_int(&r.epoch),
		db_get_int(&r.bucket.microtokens), db_get_time(&r.bucket.at_us),
		db_get_time(&out->now_us) };
	enum db_rc rc = db_exec(db, STMT_SHARD_FENCE_TAKE, in, DB_LEN(in), NULL);

	out->lost = mask;
	if (rc == DB_OK)
		rc = db_each(
		    db, STMT_SHARD_FENCE_READ, in, DB_LEN(in), cols, DB_LEN(cols), on_fenced, &r);
	if (rc != DB_OK)
		return rc;
	out->lost = mask & ~r.ours;
	return out->lost == 0 ? DB_OK : DB_NONE;
}

void
fence_debit_add(struct db *db, struct db_many *m, unsigned shard, const struct bucket *b)
{
	const struct db_param in[] = { db_int(shard), db_int(b->microtokens), db_time(b->at_us) };

	db_many_add(db, m, in, DB_LEN(in));
}

enum db_rc
fence_debit(struct db *db, const struct db_many *m)
{
	return db_exec_many(db, STMT_SHARD_DEBIT, m, NULL);
}

struct bucket_rate
fence_rate(const struct bucket_rate *global)
{
	struct bucket_rate r = { (global->capacity + SHARD_COUNT - 1) / SHARD_COUNT,
		global->interval_us * SHARD_COUNT };

	return r;
}
