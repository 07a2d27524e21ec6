#ifndef WORKER_TURN_TURN_H
#define WORKER_TURN_TURN_H

#include <stdbool.h>
#include <stdint.h>

struct worker;

/*
 * Drives the turns: one at a time on the DB thread, as soon as a lane wants one. What a turn
 * granted goes to publish, what is to be looked up goes to verify. Loop thread only.
 */
struct lanes;

struct lanes *lanes_new(struct worker *w);
int64_t lanes_tick(void *self, int64_t mono_us);
unsigned lanes_busy(const void *self);
void lanes_free(void *self);
/* A turn is under way: it may grant creates on any shard held. */
bool lanes_turning(const struct lanes *l);
/* A lane may have become due: take a turn now. */
void lanes_poke(struct lanes *l);

#endif
