#ifndef WORKER_VERIFY_VERIFY_H
#define WORKER_VERIFY_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "worker/verify/lookup.h"

struct worker;

/*
 * Look-ups of pins whose outcome is unknown: lists the whole board, then judges the listing. A
 * look-up that is lost with its worker is due again by itself. Loop thread only.
 */
struct verify;

struct verify *verify_new(struct worker *w);
int64_t verify_tick(void *self, int64_t mono_us);
unsigned verify_busy(const void *self);
void verify_free(void *self);

/* Looks it up (copied). */
void verify_start(struct verify *v, const struct lookup *k);
/* The pins that are being looked up here; the caller frees. */
struct uuid *verify_pin_ids(const struct verify *v, size_t *len);
/* Who has how many look-ups under way, by project, in one environment: a copy. */
struct fair_places *verify_shares(const struct verify *v, enum environment env);
/* How many more may be started. */
size_t verify_capacity(const struct verify *v);

#endif
