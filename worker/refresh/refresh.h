#ifndef WORKER_REFRESH_REFRESH_H
#define WORKER_REFRESH_REFRESH_H

#include <stdint.h>

struct worker;

/*
 * Renews Pinterest token pairs of accounts whose refresh_at has come; a stage that finds a token
 * refused sets it to now. One refresh per account at a time over all workers (refresh_started_at).
 * The new pair is saved before it is used, then the lane is woken. Loop thread only.
 */
struct refresh;

struct refresh *refresh_new(struct worker *w);
int64_t refresh_tick(void *self, int64_t mono_us);
unsigned refresh_busy(const void *self);
void refresh_free(void *self);

#endif
