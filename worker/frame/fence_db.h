#ifndef WORKER_FRAME_FENCE_DB_H
#define WORKER_FRAME_FENCE_DB_H

#include <stddef.h>
#include <stdint.h>

#include "lib/bucket.h"
#include "lib/db/db.h"
#include "lib/uuid.h"

/*
 * The fence (design/architecture.md 7): every worker transaction begins with a write on the shards
 * of the rows it will change, conditional on owner and epoch. The lease only decides who tries; the
 * fence decides who writes.
 */
#define FENCE_BIT(shard) (UINT64_C(1) << (shard))

/* The shards held when a job was made: a copy for it, from shards_held(). */
struct held {
	struct uuid owner;
	uint64_t mask;
	int64_t epoch[SHARD_COUNT];
	unsigned char list[SHARD_COUNT]; /* the same as numbers, for `:shards[64]` */
	size_t len;
};
/* As a parameter for `:shards[64]`; *h must live until the statement has run. */
struct db_param fence_param(const struct held *h);

/* The fence's answer: with the row locks held until the end of the transaction. */
struct fence {
	uint64_t lost;                     /* of the mask: no longer ours */
	struct bucket bucket[SHARD_COUNT]; /* of the mask: slice of the global bucket */
	int64_t now_us;                    /* database time */
};
/*
 * DB thread, first thing in a transaction: adds one to seq of every shard in `mask` and checks
 * owner and epoch under those row locks. DB_OK: all are ours. DB_NONE: out->lost are not; roll
 * back, and tell shards_lost() on the loop thread.
 */
enum db_rc fence_take(struct db *db, const struct held *h, uint64_t mask, struct fence *out);
/* After the fence: store what is left of the global bucket's slices; add each, then write them. */
void fence_debit_add(struct db *db, struct db_many *m, unsigned shard, const struct bucket *b);
enum db_rc fence_debit(struct db *db, const struct db_many *m);
/* The global bucket's rate, for one shard. */
struct bucket_rate fence_rate(const struct bucket_rate *global);

/* Editing a `struct held`, for the module that keeps the leases. */
void fence_held_set(struct held *h, const struct uuid *owner);
void fence_held_add(struct held *h, unsigned shard, int64_t epoch);
void fence_held_drop(struct held *h, uint64_t mask);
/* The shards of `mask` as a parameter; `list` must live until the statement has run. */
struct db_param fence_mask_param(uint64_t mask, unsigned char list[SHARD_COUNT]);

#endif
