/* Detects steps of the database's clock by comparing it with the monotonic clock. */
#include "worker/frame/clock_step_db.h"

#include "lib/clock.h"
#include "tests/tap.h"

#define S US_PER_S
#define DB 1700000000000000LL

int
main(void)
{
	static const struct {
		const char *what;
		int64_t db_s, mono_s, took_ms, step_s, since_s; /* -1: never */
	} reads[] = {
		{ "the first sample shows no step", 0, 100, 1, 0, -1 },
		{ "time passes", 10, 110, 1, 0, -1 },
		{ "a small difference", 21, 120, 1, 0, -1 },
		{ "an answer that took too long to tell", 45, 150, 5000, 0, -1 },
		{ "an hour ahead", 3651, 150, 1, 3600, 0 },
		{ "no further step", 3656, 155, 1, 0, 5 },
		{ "an hour back", 61, 160, 1, -3600, 10 },
		{ "ahead again, told by a slow answer", 3666, 165, 5000, 3600, 0 },
		{ "no step since", 3667, 166, 1, 0, 1 },
	};
	struct clock_step s = { .known = false };

	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
		struct clock_sample m = { DB + reads[i].db_s * S, reads[i].mono_s * S };
		int64_t step = clock_step_observe(&s, &m, m.mono_us - reads[i].took_ms * 1000);
		int64_t since = clock_step_age(&s, m.mono_us);

		is_int(step, reads[i].step_s * S, reads[i].what);
		is_int(since == INT64_MAX ? -1 : since / S, reads[i].since_s,
		    "time since the last forward step");
	}
	return tap_done();
}
