#ifndef WORKER_STATS_H
#define WORKER_STATS_H

#include <stdint.h>

#include "worker/publish/verdict.h"

struct worker;

/* Counters and one key=value line a minute. Loop thread only. */
struct stats;

struct stats *stats_new(struct worker *w);
int64_t stats_tick(void *self, int64_t mono_us);
unsigned stats_busy(const void *self);
void stats_free(void *self);

void stats_created(struct stats *s, enum verdict_kind k);
/* How long the lane that has waited longest had wanted a turn. */
void stats_oldest(struct stats *s, int64_t us);

#endif
