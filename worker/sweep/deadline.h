#ifndef WORKER_SWEEP_DEADLINE_H
#define WORKER_SWEEP_DEADLINE_H

#include <stdint.h>

struct worker;

/* Waiting pins whose publish window is over fail exactly then. Loop thread only. */
struct deadline;

struct deadline *deadline_new(struct worker *w);
int64_t deadline_tick(void *self, int64_t mono_us);
unsigned deadline_busy(const void *self);
void deadline_free(void *self);

#endif
