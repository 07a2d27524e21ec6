#ifndef WORKER_PROMOTE_PROMOTE_H
#define WORKER_PROMOTE_PROMOTE_H

#include <stdint.h>

struct worker;

/*
 * Due schedules become waiting pins, up to 64 in one transaction, as soon as the database's clock
 * says so. Loop thread only.
 */
struct promote;

struct promote *promote_new(struct worker *w);
int64_t promote_tick(void *self, int64_t mono_us);
unsigned promote_busy(const void *self);
void promote_free(void *self);

#endif
