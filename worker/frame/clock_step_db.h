#ifndef WORKER_FRAME_CLOCK_STEP_DB_H
#define WORKER_FRAME_CLOCK_STEP_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/db/db.h"
#include "worker/frame/fence_db.h"
#include "worker/frame/clock_sample.h"

/*
 * What to do when somebody sets the database's clock. It stays the truth for what is due, but what
 * was measured with it before (leases, waits, the time of an attempt) is no longer what it says.
 */

/* The database's clock against the monotonic one, as a worker sees it. All 0: not seen yet. */
struct clock_step {
	bool known;
	int64_t offset_us;
	int64_t by_us, at_us; /* it was last set by this, at this monotonic time; 0: never */
	int64_t ahead_us;     /* monotonic time when it last leapt ahead; 0: never */
};

/*
 * A reading that was asked for at the monotonic time before_us. By how much the clock was set since
 * the last one; 0: not, by less than two seconds, or the answer took too long to tell.
 */
int64_t clock_step_observe(struct clock_step *s, const struct clock_sample *m, int64_t before_us);
/* True time since the database's clock was seen to leap ahead; INT64_MAX: never. */
int64_t clock_step_age(const struct clock_step *s, int64_t mono_us);

/*
 * The same, and what follows for these shards when it was set: buckets go by the new clock, so that
 * no time is credited that did not pass. The creates that are under way or looked up were opened on
 * the other one: noted on their attempts as the distance of Pinterest's clock, where that is not
 * known. Done twice it credits less, no more.
 */
enum db_rc clock_step_check(struct db *db, struct clock_step *s, const struct clock_sample *m,
    int64_t before_us, const struct leases *h);
/*
 * What follows for those of `h` that are not in the mask `had`, when the clock was set so shortly
 * before that their last owner may have been dead.
 */
enum db_rc clock_step_adopt(
    struct db *db, const struct clock_step *s, const struct leases *h, uint64_t had);
/*
 * Did the clock go back since any worker was seen? Then leases and waits that lie farther ahead
 * than they ever may are shortened, and every lane is looked at. For all shards, by whoever sees it
 * first.
 */
enum db_rc clock_step_rewind(struct db *db, int64_t lease_us);

#endif
