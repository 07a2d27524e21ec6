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
/*
 * When `who`, whose share is taken, may ask again: those who are put off follow each other at
 * each_us from now on, so that however many there are, they ask no faster than places become free;
 * at most most_us ahead. places_put_off_at() notes the last such time elsewhere, in the table this
 * is a copy of.
 */
int64_t places_put_off(
    struct places *p, const struct uuid *who, int64_t now_us, int64_t each_us, int64_t most_us);
void places_put_off_at(struct places *p, const struct uuid *who, int64_t at_us);
size_t places_held(const struct places *p, const struct uuid *who);
size_t places_taken(const struct places *p); /* by all */

#endif
