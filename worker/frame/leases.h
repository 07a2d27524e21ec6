#ifndef WORKER_FRAME_LEASES_H
#define WORKER_FRAME_LEASES_H

#include <stddef.h>
#include <stdint.h>

#include "lib/db/db.h"
#include "lib/uuid.h"

#define FENCE_BIT(shard) (UINT64_C(1) << (shard))

/* A set of leased shards with their epochs. Plain value: each job gets its own copy. */
struct leases {
	struct uuid owner;
	uint64_t mask;
	int64_t epoch[SHARD_COUNT];
	unsigned char list[SHARD_COUNT]; /* the same as numbers, for `:shards[64]` */
	size_t len;
};

/* Empty. */
void leases_init(struct leases *l, const struct uuid *owner);
void leases_add(struct leases *l, unsigned shard, int64_t epoch);
void leases_drop(struct leases *l, uint64_t mask);
/* As a parameter for `:shards[64]`; *l must live until the statement has run. */
struct db_param leases_param(const struct leases *l);
/* The shards of `mask` as a parameter; `list` must live until the statement has run. */
struct db_param leases_mask_param(uint64_t mask, unsigned char list[SHARD_COUNT]);

#endif
