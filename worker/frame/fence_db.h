#ifndef WORKER_FRAME_FENCE_DB_H
#define WORKER_FRAME_FENCE_DB_H

#include "lib/bucket.h"
#include "worker/frame/leases.h"

/*
 * The fence (docs/design.md, "Shards and the fence"): every worker transaction begins with a write
 * on the shards of the rows it will change, conditional on owner and epoch. The lease only decides
 * who tries; the fence decides who writes.
 */

/* Valid while the transaction holds the row locks. */
struct fence {
	uint64_t lost;                     /* of the mask: no longer ours */
	struct bucket bucket[SHARD_COUNT]; /* of the mask: slice of the global bucket */
	int64_t now_us;                    /* database time */
};
/*
 * First thing in a transaction: adds one to seq of every shard in `mask` and checks owner and epoch
 * under those row locks. DB_OK: all are ours. DB_NONE: out->lost are not; roll back, and call
 * shards_lost() on the loop thread.
 */
enum db_rc fence_take(struct db *db, const struct leases *leases, uint64_t mask, struct fence *out);
/* After the fence: stores what is left of the global bucket's slices; add each, then write them. */
void fence_debit_add(struct db *db, struct db_many *m, unsigned shard, const struct bucket *b);
enum db_rc fence_debit(struct db *db, const struct db_many *m);
/* The global bucket's rate, for one shard. */
struct bucket_rate fence_rate(const struct bucket_rate *global);

#endif
