#ifndef WORKER_TURN_TURN_H
#define WORKER_TURN_TURN_H

#include <stdint.h>

struct worker;

/*
 * Drives the turns: one at a time on the DB thread, as soon as a lane is due. The creates that a
 * turn granted go to publish, its look-ups to verify. Loop thread only.
 */
struct turn;

struct turn *turn_new(struct worker *w);
int64_t turn_tick(void *self, int64_t mono_us);
unsigned turn_busy(const void *self);
void turn_free(void *self);

#endif
