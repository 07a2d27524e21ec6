/* Delays between tries: exponential, capped, and spread so that retries do not coincide. */
#include "lib/backoff.h"

#include "lib/log.h"

#define JITTER_PCT 20

int64_t
backoff_jitter(int64_t value, unsigned pct, uint32_t random32)
{
	uint64_t span, width, offset;

	if (value < 0 || value > INT64_MAX / 4 || pct > 100)
		panic("backoff_jitter of %lld by %u %%", (long long)value, pct);
	span = (uint64_t)value / 100 * pct + (uint64_t)value % 100 * pct / 100;
	width = 2 * span + 1;
	/* width * random32 / 2^32, computed in halves because the product may need 96 bits. */
	offset = (width >> 32) * random32 + ((width & UINT32_MAX) * random32 >> 32);
	return value - (int64_t)span + (int64_t)offset;
}

int64_t
backoff_ms(unsigned n, int64_t base_ms, int64_t cap_ms, uint32_t random32)
{
	int64_t delay = base_ms > 0 ? base_ms : 1;

	for (unsigned i = 1; i < n && delay < cap_ms; i++)
		delay = delay > cap_ms / 2 ? cap_ms : delay * 2;
	if (delay > cap_ms)
		delay = cap_ms;
	delay = backoff_jitter(delay, JITTER_PCT, random32);
	return delay > 0 ? delay : 1;
}
