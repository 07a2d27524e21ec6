#include "lib/forecast.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "tests/tap.h"

#define NOW (1700000000 * US_PER_S)
#define MINUTE (60 * US_PER_S)
#define DAY (86400 * US_PER_S)

static const struct forecast_lane idle = { { 0, TIME_NONE }, { 2, MINUTE }, 0, TIME_NONE };

static void
test_pace(struct arena *mem)
{
	struct forecast_lane lane = idle;
	struct forecast *f = forecast_new(mem, &lane, NOW);

	is_int(forecast_take(f, NOW - DAY, INT64_MAX), NOW, "an overdue pin leaves now");
	is_int(forecast_take(f, NOW, INT64_MAX), NOW, "the burst leaves at once");
	is_int(forecast_take(f, NOW, INT64_MAX), NOW + MINUTE, "then one an interval");
	is_int(forecast_take(f, NOW + DAY, INT64_MAX), NOW + DAY,
	    "a pin does not leave before it is due");
	is_int(forecast_take(f, NOW + DAY, INT64_MAX), NOW + DAY, "meanwhile the bucket filled");
	is_int(forecast_take(f, NOW + DAY, INT64_MAX), NOW + DAY + MINUTE, "to its capacity only");
	lane.free_at_us = NOW + 5 * MINUTE;
	f = forecast_new(mem, &lane, NOW);
	is_int(forecast_take(f, NOW, INT64_MAX), NOW + 5 * MINUTE,
	    "nothing leaves while the lane is held");
	is_int(lane.bucket.at_us, TIME_NONE, "the caller's bucket stays as it was");
}

static void
test_cap(struct arena *mem)
{
	struct forecast_lane lane = idle;
	struct forecast *f;

	lane.daily_cap = 3;
	f = forecast_new(mem, &lane, NOW);
	forecast_sent(f, NOW - 30 * MINUTE);
	forecast_sent(f, NOW - 20 * MINUTE);
	is_int(forecast_take(f, NOW, INT64_MAX), NOW, "the last of the cap leaves");
	is_int(forecast_take(f, NOW, INT64_MAX), NOW - 30 * MINUTE + DAY,
	    "the next a day after the first");
	is_int(forecast_take(f, NOW, INT64_MAX), NOW - 20 * MINUTE + DAY, "and so on");
	is_int(forecast_take(f, NOW, INT64_MAX), NOW + DAY, "its own count, too");
	f = forecast_new(mem, &lane, NOW);
	for (int i = 9; i > 0; i--)
		forecast_sent(f, NOW - i * MINUTE);
	is_int(forecast_take(f, NOW, INT64_MAX), NOW - 3 * MINUTE + DAY,
	    "of many only the last count");
	lane.daily_cap = FORECAST_CAP_MAX;
	lane.pace.capacity = FORECAST_CAP_MAX + 1;
	f = forecast_new(mem, &lane, NOW);
	for (int i = 0; i < FORECAST_CAP_MAX; i++)
		forecast_sent(f, NOW - MINUTE);
	is_int(forecast_take(f, NOW, INT64_MAX), NOW - MINUTE + DAY, "the largest cap is followed");
	lane.daily_cap++;
	f = forecast_new(mem, &lane, NOW);
	for (int i = 0; i < FORECAST_CAP_MAX + 1; i++)
		forecast_sent(f, NOW - MINUTE);
	is_int(forecast_take(f, NOW, INT64_MAX), NOW, "a larger one is not");
}

/* A pin that fails for its deadline uses no place: what is behind it leaves earlier. */
static void
test_deadlines(struct arena *mem)
{
	struct forecast *f = forecast_new(mem, &idle, NOW);

	(void)forecast_take(f, NOW, INT64_MAX);
	(void)forecast_take(f, NOW, INT64_MAX);
	for (int i = 0; i < 100; i++)
		is_int(forecast_take(f, NOW, NOW + MINUTE), NOW + MINUTE, "too late");
	is_int(forecast_take(f, NOW, INT64_MAX), NOW + MINUTE, "the next one leaves in its place");
}

/* What fits, leaves in time, whatever the bucket holds; and the cheap answer is not always "no". */
static void
test_fits(struct arena *mem)
{
	static const struct bucket buckets[] = { { 0, TIME_NONE }, { 0, NOW }, { 1, NOW + MINUTE },
		{ 1999999, NOW - MINUTE } };

	for (size_t i = 0; i < sizeof(buckets) / sizeof(buckets[0]); i++) {
		struct forecast_lane lane = idle;
		int64_t most = 0;

		lane.bucket = buckets[i];
		lane.free_at_us = NOW + 2 * MINUTE;
		for (int64_t n = 1; n < 40; n++)
			if (forecast_fits(forecast_new(mem, &lane, NOW), n, NOW, NOW + 30 * MINUTE))
				most = n;
		ok(most >= 20 && most <= 28, "about as many as there are intervals fit");
		for (struct forecast *f = forecast_new(mem, &lane, NOW); most > 0; most--)
			ok(forecast_take(f, NOW, INT64_MAX) < NOW + 30 * MINUTE, "and it does");
		lane.daily_cap = 100;
		ok(!forecast_fits(forecast_new(mem, &lane, NOW), 1, NOW, NOW + DAY),
		    "with a daily cap nobody knows");
	}
}

int
main(void)
{
	struct arena *mem = arena_new();

	test_pace(mem);
	test_cap(mem);
	test_deadlines(mem);
	test_fits(mem);
	arena_free(mem);
	return tap_done();
}
