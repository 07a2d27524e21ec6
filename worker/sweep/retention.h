#ifndef WORKER_SWEEP_RETENTION_H
#define WORKER_SWEEP_RETENTION_H

#include <stdint.h>

struct worker;

/*
 * Once a minute, rows that nobody needs any more are deleted, in small batches until none is left.
 * Loop thread only.
 */
struct retention_sweep;

struct retention_sweep *retention_new(struct worker *w);
int64_t retention_tick(void *self, int64_t mono_us);
unsigned retention_busy(const void *self);
void retention_free(void *self);

#endif
