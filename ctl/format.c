/* Values formatted for people. */
#include "ctl/format.h"

#include <inttypes.h>

#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/rfc3339.h"

const char *
format_distance(struct arena *mem, int64_t us, int64_t now_us)
{
	const char *unit = "s";
	int64_t s, n;

	if (us == TIME_NONE)
		return "-";
	s = (us - now_us) / US_PER_S;
	n = s < 0 ? -s : s;
	if (n == 0)
		return "now";
	if (n >= 2 * 86400) {
		n /= 86400;
		unit = "d";
	} else if (n >= 2 * 3600) {
		n /= 3600;
		unit = "h";
	} else if (n >= 120) {
		n /= 60;
		unit = "min";
	}
	return s < 0 ? arena_printf(mem, "%" PRId64 " %s ago", n, unit)
		     : arena_printf(mem, "in %" PRId64 " %s", n, unit);
}

const char *
format_stamp(struct arena *mem, int64_t us)
{
	char text[RFC3339_SIZE];

	return us == TIME_NONE ? "-"
			       : arena_strdup(mem, rfc3339_format(us / US_PER_S * US_PER_S, text));
}

const char *
format_time(struct arena *mem, int64_t us, int64_t now_us)
{
	if (us == TIME_NONE)
		return "-";
	return arena_printf(
	    mem, "%s (%s)", format_stamp(mem, us), format_distance(mem, us, now_us));
}

const char *
format_bytes(struct arena *mem, int64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double n = (double)bytes / 1024;
	size_t i = 0;

	while (n >= 1024 && i + 1 < sizeof(units) / sizeof(units[0])) {
		n /= 1024;
		i++;
	}
	return arena_printf(mem, "%.1f %s", n, units[i]);
}

const char *
format_environment(int64_t environment)
{
	return environment == ENV_SANDBOX ? "sandbox" : "production";
}
