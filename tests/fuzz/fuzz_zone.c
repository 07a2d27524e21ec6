/* Time zone files: what is accepted gives sane offsets, and times come back to the same clock. */
#include "tests/fuzz/fuzz.h"

#include "lib/zone.h"

#define DAY 86400

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t years[] = { 0, 400000000, 1700000000, 1800000000, 4000000000,
		30000000000 };
	struct zone *z = zone_parse(data, size);

	for (size_t i = 0; z != NULL && i < sizeof(years) / sizeof(years[0]); i++) {
		enum zone_clock clock;
		int64_t offset = zone_offset(z, years[i]), utc = zone_to_utc(z, years[i], &clock);

		MUST(offset >= -26 * 3600 && offset <= 26 * 3600);
		MUST(utc >= years[i] - 2 * DAY && utc <= years[i] + 2 * DAY);
	}
	zone_free(z);
	return 0;
}
