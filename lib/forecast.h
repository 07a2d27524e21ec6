#ifndef LIB_FORECAST_H
#define LIB_FORECAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/bucket.h"

struct arena;

/*
 * When the pins of a queue leave at the earliest, by pace and daily cap alone: no jitter, holds
 * that are still to come, gaps of link hosts or repeated tries. So what it calls too late is too
 * late. Pure: time is a parameter.
 */
struct forecast;

/* Caps above this are not followed: no forecast looks at as many pins. */
#define FORECAST_CAP_MAX 10000

struct forecast_lane {
	struct bucket bucket; /* as stored; its tokens are spent in a copy */
	struct bucket_rate pace;
	int64_t daily_cap;  /* creates in any 24 hours; 0: no cap */
	int64_t free_at_us; /* nothing leaves before; TIME_NONE: not held */
};

/* Lives in the arena. */
struct forecast *forecast_new(struct arena *mem, const struct forecast_lane *lane, int64_t now_us);
/* Counts a create of the past against the daily cap. Oldest first, before any forecast_take(). */
void forecast_sent(struct forecast *f, int64_t at_us);
/*
 * Takes the next pin of the queue, in the order of due_us: when it leaves at the earliest. One that
 * could not leave before its deadline fails instead, and leaves its place to the others.
 */
int64_t forecast_take(struct forecast *f, int64_t due_us, int64_t not_after_us);
/*
 * True: so many that are due at due_us surely leave before not_after_us. Cheap; false: only
 * forecast_take() tells.
 */
MUST_CHECK bool forecast_fits(
    const struct forecast *f, int64_t count, int64_t due_us, int64_t not_after_us);

#endif
