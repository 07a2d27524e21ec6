#include "lib/clock.h"

#include <time.h>

#include "tests/tap.h"

int
main(void)
{
	int64_t wall = clock_wall_us(), mono = clock_mono_us(), boot = clock_boot_us();
	int64_t last = mono;
	bool forward = true;

	ok(wall / US_PER_S - time(NULL) >= -2 && wall / US_PER_S - time(NULL) <= 2,
	    "wall clock is in microseconds since the epoch");
	for (int i = 0; i < 10000; i++) {
		int64_t now = clock_mono_us();

		forward = forward && now >= last;
		last = now;
	}
	ok(forward && last > mono, "monotonic clock goes forward");
	ok(boot >= mono - US_PER_S, "boot clock counts at least what the monotonic one does");
	ok(TIME_NONE < -1000 * US_PER_S, "no time is before all times");
	return tap_done();
}
