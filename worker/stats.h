#ifndef WORKER_STATS_H
#define WORKER_STATS_H

#include <stdint.h>

struct worker;

/* Logs the worker's counters once a minute, in one key=value line, and resets them. */
struct stats;

struct stats *stats_new(struct worker *w);
int64_t stats_tick(void *self, int64_t mono_us);
unsigned stats_busy(const void *self);
void stats_free(void *self);

#endif
