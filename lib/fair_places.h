#ifndef LIB_FAIR_PLACES_H
#define LIB_FAIR_PLACES_H

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
struct fair_places;

/* `most` places, at least one; one holder always may have one while any is free. */
struct fair_places *fair_places_new(size_t most, size_t part);
struct fair_places *fair_places_copy(const struct fair_places *p);
void fair_places_free(struct fair_places *p);
/* What is free, less (part - 1) times what `who` holds: above 0, `who` may have one more. */
int64_t fair_places_slack(const struct fair_places *p, const struct uuid *who);
MUST_CHECK bool fair_places_open(const struct fair_places *p, const struct uuid *who);
void fair_places_take(
    struct fair_places *p, const struct uuid *who); /* also beyond what is its share */
void fair_places_give(struct fair_places *p, const struct uuid *who);
/*
 * When `who`, whose share is taken, may ask again: those who are put off follow each other at
 * each_us from now on, so that however many there are, they ask no faster than places become free;
 * at most most_us ahead. fair_places_put_off_at() notes the last such time elsewhere, in the table
 * this is a copy of.
 */
int64_t fair_places_put_off(struct fair_places *p, const struct uuid *who, int64_t now_us,
    int64_t each_us, int64_t most_us);
void fair_places_put_off_at(struct fair_places *p, const struct uuid *who, int64_t at_us);
size_t fair_places_held(const struct fair_places *p, const struct uuid *who);
size_t fair_places_taken(const struct fair_places *p); /* by all */

#endif
