/* How long look-ups wait, also after a forward clock step. */
#include "worker/verify/lookup.h"

#include "lib/clock.h"
#include "tests/tap.h"

#define OPENED 1700000000000000LL
#define S US_PER_S

static void
check_open_for(void)
{
	is_int(lookup_open_for_us(OPENED, OPENED + 90 * S, INT64_MAX), 90 * S,
	    "without a clock step the database's clock tells how long an outcome is unknown");
	is_int(lookup_open_for_us(OPENED, OPENED + 3600 * S, 20 * S), 20 * S,
	    "after a forward clock step it is the time since the step");
	is_int(lookup_open_for_us(OPENED, OPENED + 5 * S, 20 * S), 5 * S,
	    "a step before the create does not matter");
}

static void
check_absence(void)
{
	struct upstream up = { .verify_after_ms = 60000, .verify_gap_ms = 45000 };

	ok(lookup_absence_wait_us(&up, 35 * S, INT64_MAX) <= 0, "without a clock step: no wait");
	is_int(lookup_absence_wait_us(&up, 35 * S, 20 * S), 40 * S,
	    "after a step a pin is not absent before verify_after has passed");
	is_int(lookup_absence_wait_us(&up, 90 * S, 20 * S), 70 * S,
	    "no look-up before the request must have ended");
	up.verify_gap_ms = 120000;
	is_int(lookup_absence_wait_us(&up, 90 * S, 20 * S), 100 * S,
	    "no look-up before the gap between two listings has passed");
}

static void
check_retry(void)
{
	is_int(lookup_retry_wait_us(0, 600 * S), 30 * S, "a look-up is repeated after 30 s");
	is_int(lookup_retry_wait_us(0, 2 * S), 2 * S, "or after the gap, if that is shorter");
	is_int(lookup_retry_wait_us(480 * S, 600 * S), 60 * S, "later after an eighth of the time");
	is_int(lookup_retry_wait_us(86400 * S, 600 * S), 120 * S, "but after 2 minutes at most");
}

int
main(void)
{
	check_open_for();
	check_absence();
	check_retry();
	return tap_done();
}
