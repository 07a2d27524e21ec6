/* Prints RateLimit and RateLimit-Policy. */
#include "app/http/ratelimit.h"

#include <inttypes.h>

#include "app/http/meters.h"
#include "lib/arena.h"
#include "lib/bucket.h"
#include "lib/clock.h"

#define POLICY "requests"

int64_t
ratelimit_window_s(const struct bucket_rate *rate)
{
	return (rate->capacity * rate->interval_us + US_PER_S - 1) / US_PER_S;
}

const char *
ratelimit_policy(const struct bucket_rate *rate, struct arena *mem)
{
	return arena_printf(mem, "\"" POLICY "\";q=%" PRId64 ";w=%" PRId64, rate->capacity,
	    ratelimit_window_s(rate));
}

const char *
ratelimit_state(const struct meter *meter, struct arena *mem)
{
	return arena_printf(
	    mem, "\"" POLICY "\";r=%" PRId64 ";t=%" PRId64, meter->remaining, meter->reset_s);
}
