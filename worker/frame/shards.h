#ifndef WORKER_FRAME_SHARDS_H
#define WORKER_FRAME_SHARDS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "worker/frame/leases.h"

struct worker;

/*
 * Leases (design/architecture.md 7): which of the 64 shards are this worker's. Loop thread only.
 */
struct shards;

struct shards *shards_new(struct worker *w);
int64_t shards_tick(void *self, int64_t mono_us);
unsigned shards_busy(const void *self);
void shards_free(void *self);

/* What is held now, copied into a job. */
void shards_leases(const struct shards *s, struct leases *out);

/* A job found these lost. They are dropped at once, and looked at again. */
void shards_lost(struct shards *s, uint64_t mask);
/* Between these two no shard is given away: a turn may grant creates on any of them. */
void shards_freeze(struct shards *s);
void shards_thaw(struct shards *s);
/* Something under way needs this shard; it is not given away while in use. */
void shards_pin(struct shards *s, unsigned shard);
void shards_unpin(struct shards *s, unsigned shard);
/* Mask of what is held now. */
uint64_t shards_mask(const struct shards *s);
/* --once: a resident worker is alive, so this one has nothing to do. */
MUST_CHECK bool shards_resident_alive(const struct shards *s);
/* True once the table has been looked at, so that "nothing held" means something. */
MUST_CHECK bool shards_known(const struct shards *s);
/* At the end: give all back and mark this worker as stopped. `done` runs on the loop thread. */
void shards_stop(struct shards *s, void (*done)(void *arg), void *arg);

#endif
