#ifndef APP_PINTEREST_UPSTREAM_PLACES_H
#define APP_PINTEREST_UPSTREAM_PLACES_H

#include <stdint.h>

#include "lib/attr.h"
#include "lib/conf.h"
#include "lib/uuid.h"

/*
 * How many threads wait for Pinterest at once, so that the others still answer: half of them for
 * production, a quarter for the sandbox, and of each environment's places half for one project, all
 * at least one. Neither environment can take the other's.
 */
struct upstream_places;

#define UPSTREAM_PLACE_WAIT_MS 1000 /* what a call that a user waits for may spend on it */

struct upstream_places *upstream_places_new(int64_t threads);
void upstream_places_free(struct upstream_places *p); /* NULL is harmless */
/*
 * Waits up to wait_ms while all that the project may have are taken, but never so that fewer than
 * two threads are left. False: none; the caller answers 503 with Retry-After.
 */
MUST_CHECK bool upstream_places_acquire(
    struct upstream_places *p, enum environment env, const struct uuid *project, int64_t wait_ms);
void upstream_places_release(
    struct upstream_places *p, enum environment env, const struct uuid *project);

#endif
