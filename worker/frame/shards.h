#ifndef WORKER_FRAME_SHARDS_H
#define WORKER_FRAME_SHARDS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "worker/frame/leases.h"

struct worker;

/*
 * Which of the 64 shards are leased to this worker (docs/design.md, "Shards and the fence"). Loop
 * thread only.
 */
struct shards;

struct shards *shards_new(struct worker *w);
int64_t shards_tick(void *self, int64_t mono_us);
unsigned shards_busy(const void *self);
void shards_free(void *self);

/* Copies the current leases, for a job. */
void shards_leases(const struct shards *s, struct leases *out);

/* Drops shards that a job found lost, and reads the leases again. */
void shards_lost(struct shards *s, uint64_t mask);
/* No shard is given away between these two: a turn may grant creates on any of them. */
void shards_freeze(struct shards *s);
void shards_thaw(struct shards *s);
/* A pinned shard is not given away: something under way needs it. */
void shards_pin(struct shards *s, unsigned shard);
void shards_unpin(struct shards *s, unsigned shard);
/* Mask of the leased shards. */
uint64_t shards_mask(const struct shards *s);
/* --once: a resident worker is alive, so this one has nothing to do. */
MUST_CHECK bool shards_resident_alive(const struct shards *s);
/* True once the leases were read; before, none being held means nothing. */
MUST_CHECK bool shards_known(const struct shards *s);
/* At the end: gives all back and marks this worker as stopped, then calls `done`. */
void shards_stop(struct shards *s, void (*done)(void *arg), void *arg);

#endif
