#ifndef WORKER_DELIVER_DELIVER_H
#define WORKER_DELIVER_DELIVER_H

#include <stdint.h>

struct worker;

/*
 * Due webhook deliveries of the leased shards are claimed, signed, posted and their outcome saved,
 * each at least once. Loop thread only.
 */
struct deliver;

struct deliver *deliver_new(struct worker *w);
int64_t deliver_tick(void *self, int64_t mono_us);
unsigned deliver_busy(const void *self);
void deliver_free(void *self);

#endif
