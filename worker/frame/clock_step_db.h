#ifndef WORKER_FRAME_CLOCK_STEP_DB_H
#define WORKER_FRAME_CLOCK_STEP_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/db/db.h"
#include "worker/frame/clock_sample.h"
#include "worker/frame/leases.h"

/*
 * What follows when the database's clock is set. It still decides what is due, but what was
 * measured by it before (leases, waits, times of attempts) no longer means what it says.
 */

/* The database's clock against the monotonic one, as this worker has seen it. All 0: not yet. */
struct clock_step {
	bool known;
	int64_t offset_us;
	int64_t by_us, at_us; /* the last step, and its monotonic time; at_us 0: none */
	int64_t ahead_us;     /* monotonic time of the last step forward; 0: none */
};

/*
 * Takes a sample that was asked for at the monotonic time before_us. Returns by how much the clock
 * was set since the last one; 0: not at all, by less than two seconds, or by less than that and the
 * time that a slow answer took.
 */
int64_t clock_step_observe(
    struct clock_step *s, const struct clock_sample *sample, int64_t before_us);
/* True time since the last step forward; INT64_MAX: there was none. */
int64_t clock_step_age(const struct clock_step *s, int64_t mono_us);

/*
 * Observes a sample and, after a step, adapts the rows of these shards: buckets move with the
 * clock, so that no time is credited that did not pass; attempts that are under way or being looked
 * up, which were opened by the old clock, note the step as their distance from Pinterest's clock
 * where that is not known. Done twice it credits less, never more.
 */
enum db_rc clock_step_check(struct db *db, struct clock_step *s, const struct clock_sample *sample,
    int64_t before_us, const struct leases *leases);
/*
 * Adapts the leased shards that are not in the mask `had` to a step so recent that their previous
 * owner may have died without doing so.
 */
enum db_rc clock_step_adopt(
    struct db *db, const struct clock_step *s, const struct leases *leases, uint64_t had);
/*
 * If the clock went back since any worker was seen: shortens leases and waits that lie too far
 * ahead and makes every lane due. The first worker to notice does it for all shards.
 */
enum db_rc clock_step_rewind(struct db *db, int64_t lease_us);

#endif
