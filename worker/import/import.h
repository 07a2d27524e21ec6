#ifndef WORKER_IMPORT_IMPORT_H
#define WORKER_IMPORT_IMPORT_H

#include <stdint.h>

struct worker;

/*
 * Turns the rows of accepted imports into pins and schedules, a group of rows of one import per
 * transaction, and the imports of the leased shards in turn. Loop thread only.
 */
struct import;

struct import *import_new(struct worker *w);
int64_t import_tick(void *self, int64_t mono_us);
unsigned import_busy(const void *self);
void import_free(void *self);

#endif
