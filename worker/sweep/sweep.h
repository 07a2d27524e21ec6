#ifndef WORKER_SWEEP_SWEEP_H
#define WORKER_SWEEP_SWEEP_H

#include <stdint.h>

struct worker;

/*
 * What ends by the clock: waiting pins whose window is over fail exactly then, and rows that nobody
 * needs any more are deleted once a minute, in small batches until none is left. Loop thread only.
 */
struct sweep;

struct sweep *sweep_new(struct worker *w);
int64_t sweep_tick(void *self, int64_t mono_us);
unsigned sweep_busy(const void *self);
void sweep_free(void *self);

#endif
