#include "lib/backoff.h"

#include "tests/child.h"
#include "tests/rng.h"
#include "tests/tap.h"

#define MIDDLE 0x80000000u

static void
negative(void)
{
	backoff_jitter(-1, 10, 0);
}

static void
test_steps(void)
{
	static const struct {
		unsigned n;
		int64_t base, cap, want;
	} cases[] = {
		{ 0, 1000, 60000, 1000 },
		{ 1, 1000, 60000, 1000 },
		{ 2, 1000, 60000, 2000 },
		{ 6, 1000, 60000, 32000 },
		{ 7, 1000, 60000, 60000 },
		{ 1000000000, 1000, 60000, 60000 },
		{ UINT32_MAX, 1, 3600000, 3600000 },
		{ 1, 5000, 1000, 1000 },
		{ 1, 0, 1000, 1 },
		{ 1, 1, 1, 1 },
		{ 70, 1, INT64_MAX / 8, INT64_MAX / 8 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t got = backoff_ms(cases[i].n, cases[i].base, cases[i].cap, MIDDLE);

		ok(got >= cases[i].want && got - cases[i].want <= 1 + cases[i].want / 1000000000,
		    "%u failures: about %" PRId64, cases[i].n, cases[i].want);
	}
}

static void
test_jitter(void)
{
	struct rng rng = rng_new();
	int64_t sum = 0;
	int wrong = 0;

	is_int(backoff_jitter(1000, 20, 0), 800, "jitter: the lowest value");
	is_int(backoff_jitter(1000, 20, UINT32_MAX), 1200, "jitter: the highest value");
	is_int(backoff_jitter(1000, 0, 12345), 1000, "no jitter");
	is_int(backoff_jitter(0, 50, UINT32_MAX), 0, "a delay of 0 stays 0");
	is_int(backoff_jitter(1000, 100, 0), 0, "100 % jitter may remove the whole delay");
	is_int(backoff_jitter(INT64_MAX / 4, 100, UINT32_MAX) > INT64_MAX / 4, 1,
	    "jitter does not overflow");
	for (int i = 0; i < 100000; i++) {
		int64_t value = rng_range(&rng, 0, INT64_MAX / 4);
		unsigned pct = (unsigned)rng_range(&rng, 0, 100);
		int64_t got = backoff_jitter(value, pct, (uint32_t)rng_next(&rng));
		int64_t span = value / 100 * pct + value % 100 * pct / 100;

		wrong += got < value - span || got > value + span;
		sum += backoff_jitter(10000, 20, (uint32_t)rng_next(&rng));
	}
	is_int(wrong, 0, "jitter stays within its percentage");
	ok(sum / 100000 > 9980 && sum / 100000 < 10020, "even on both sides: mean %" PRId64,
	    sum / 100000);
	for (int i = 0; i < 10000; i++)
		wrong += backoff_ms((unsigned)rng_range(&rng, 0, 100), rng_range(&rng, 0, 5),
			     rng_range(&rng, 0, 1000), (uint32_t)rng_next(&rng)) < 1;
	is_int(wrong, 0, "a delay is never less than 1 ms");
}

int
main(void)
{
	test_steps();
	test_jitter();
	ok(child_panics(negative), "a negative delay panics");
	return tap_done();
}
