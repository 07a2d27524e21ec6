#ifndef WORKER_FRAME_PLACES_H
#define WORKER_FRAME_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/uuid.h"

/*
 * Places that many share, and who holds how many of them. One holder gets at most 1/part of all,
 * and the less the more others hold: (part - 1) times what it holds stays below what is free. So
 * some are always left for a holder that has none yet, however many others want all they can get.
 * Constant time. Not locked: one thread at a time.
 */
struct places;

/* `most` places, at least one; one holder always may have one while any is free. */
struct places *places_new(size_t most, size_t part);
struct places *places_copy(const struct places *p);
void places_free(struct places *p);
/* What is free, less (part - 1) times what `who` holds: above 0, `who` may have one more. */
int64_t places_slack(const struct places *p, const struct uuid *who);
MUST_CHECK bool places_open(const struct places *p, const struct uuid *who);
void places_take(struct places *p, const struct uuid *who); /* also beyond what is its share */
void places_give(struct places *p, const struct uuid *who);
size_t places_held(const struct places *p, const struct uuid *who);
size_t places_taken(const struct places *p); /* by all */

#endif
