/* A set of leased shards. Invariant: mask, list and len say the same. */
#include "worker/frame/leases.h"

void
leases_init(struct leases *l, const struct uuid *owner)
{
	l->owner = *owner;
	l->mask = 0;
	l->len = 0;
}

void
leases_add(struct leases *l, unsigned shard, int64_t epoch)
{
	l->mask |= FENCE_BIT(shard);
	l->epoch[shard] = epoch;
	l->list[l->len++] = (unsigned char)shard;
}

void
leases_drop(struct leases *l, uint64_t mask)
{
	struct leases left;

	leases_init(&left, &l->owner);
	for (unsigned s = 0; s < SHARD_COUNT; s++)
		if (l->mask & FENCE_BIT(s) & ~mask)
			leases_add(&left, s, l->epoch[s]);
	*l = left;
}

struct db_param
leases_mask_param(uint64_t mask, unsigned char list[SHARD_COUNT])
{
	size_t n = 0;

	for (unsigned s = 0; s < SHARD_COUNT; s++)
		if (mask & FENCE_BIT(s))
			list[n++] = (unsigned char)s;
	return db_list(list, n);
}

struct db_param
leases_param(const struct leases *l)
{
	return db_list(l->list, l->len);
}
