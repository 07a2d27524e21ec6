/* How long look-ups wait. Invariant: a forward clock step never counts as elapsed time. */
#include "worker/verify/lookup.h"

#include "lib/clock.h"

#define RETRY_MIN_US (30 * US_PER_S)
#define RETRY_MAX_US (120 * US_PER_S)

int64_t
lookup_open_for_us(int64_t opened_us, int64_t now_us, int64_t step_age_us)
{
	return now_us - opened_us < step_age_us ? now_us - opened_us : step_age_us;
}

int64_t
lookup_absence_wait_us(const struct upstream *up, int64_t busy_us, int64_t step_age_us)
{
	int64_t longest_us = busy_us;

	if (longest_us < up->verify_after_ms * US_PER_MS)
		longest_us = up->verify_after_ms * US_PER_MS;
	if (longest_us < up->verify_gap_ms * US_PER_MS)
		longest_us = up->verify_gap_ms * US_PER_MS;
	return longest_us - step_age_us;
}

int64_t
lookup_retry_wait_us(int64_t open_for_us, int64_t gap_us)
{
	int64_t least = gap_us < RETRY_MIN_US ? gap_us : RETRY_MIN_US;
	int64_t wait = open_for_us / 8;

	if (wait > RETRY_MAX_US)
		wait = RETRY_MAX_US;
	return wait > least ? wait : least;
}
