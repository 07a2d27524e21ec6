/* Hours and days as the clocks of a zone show them: a day may have 23 or 25 hours. */
#include "app/api/dashboard_span.h"

#include <string.h>

#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/rfc3339.h"
#include "lib/zone.h"

#define HOUR_S 3600
#define DAY_S 86400
#define DAYS_MAX 366
#define DAYS_DEFAULT 30
#define HOURLY_S (48 * HOUR_S)
#define DATE_LENGTH 10 /* of 2026-03-01 */

/* A time without an offset: what the clocks of the zone show. False: it is none. */
static bool
local_time_read(const struct zone *z, const char *text, struct arena *mem, int64_t *us)
{
	enum zone_clock clock;
	int64_t local_us;

	if (strlen(text) == DATE_LENGTH)
		text = arena_printf(mem, "%sT00:00:00", text);
	if (rfc3339_fault(text, us) == NULL || rfc3339_parse_lenient(text, &local_us) != 0)
		return false;
	*us = zone_to_utc(z, local_us / US_PER_S, &clock) * US_PER_S + local_us % US_PER_S;
	return true;
}

static void
read_edge(struct call *c, const struct zone *z, const char *name, int64_t *us, struct problem *why)
{
	struct problem fault = { 0 };
	const char *text = call_query_text(c, name, TEXT_KEY, 64, why);

	if (text == NULL || call_query_time(c, name, us, &fault) ||
	    (z != NULL && local_time_read(z, text, c->mem, us)))
		return;
	problem_query(why, c->mem, name, fault.errors[0].reason);
}

static void
range_refuse(struct problem *why, const char *message)
{
	problem_set(why, 422, "invalid_date_range", message);
}

/* What the range must keep to, by the clocks of its zone. */
static void
range_check(struct dashboard_span *s, struct problem *why)
{
	int64_t from = s->start_us / US_PER_S, to = s->end_us / US_PER_S, local;

	local = to + zone_offset(s->zone, to) - from - zone_offset(s->zone, from);
	if (s->end_us <= s->start_us)
		range_refuse(why, "The end must be after the start.");
	else if (to - from > DAYS_MAX * DAY_S && local > DAYS_MAX * DAY_S)
		range_refuse(why, "The range must not be longer than 366 days.");
	s->hourly = s->end_us - s->start_us <= HOURLY_S * US_PER_S;
	s->before_us = s->start_us - (s->end_us - s->start_us);
}

/* Where the hour or day ends that holds a time. */
static int64_t
bucket_end(const struct dashboard_span *s, int64_t at_s)
{
	int64_t local = at_s + zone_offset(s->zone, at_s), end;
	enum zone_clock clock;

	if (s->hourly)
		return at_s + HOUR_S - local % HOUR_S;
	end = zone_to_utc(s->zone, (local / DAY_S + 1) * DAY_S, &clock);
	return end > at_s ? end : at_s + HOUR_S;
}

/* Where the hour or day begins that holds a time. */
static int64_t
bucket_start(const struct dashboard_span *s, int64_t at_s)
{
	int64_t local = at_s + zone_offset(s->zone, at_s);
	enum zone_clock clock;

	return s->hourly ? at_s - local % HOUR_S
			 : zone_to_utc(s->zone, local / DAY_S * DAY_S, &clock);
}

static void
span_divide(struct dashboard_span *s)
{
	int64_t at_s = s->start_us / US_PER_S, end_s = (s->end_us + US_PER_S - 1) / US_PER_S;

	s->at[0] = bucket_start(s, at_s) * US_PER_S;
	for (s->len = 0; at_s < end_s && s->len < DASHBOARD_BUCKETS_MAX;) {
		at_s = bucket_end(s, at_s);
		s->at[++s->len] = at_s * US_PER_S;
	}
}

bool
dashboard_span_read(struct call *c, struct dashboard_span *s, struct problem *why)
{
	const char *fault = NULL;

	s->start_us = s->end_us = TIME_NONE;
	s->timezone = call_query_text(c, "tz", TEXT_KEY, ZONE_NAME_MAX, why);
	if (s->timezone == NULL)
		s->timezone = "UTC";
	s->zone = zone_load(ZONE_DIRECTORY, s->timezone, &fault);
	read_edge(c, s->zone, "start", &s->start_us, why);
	read_edge(c, s->zone, "end", &s->end_us, why);
	if (problem_any(why))
		return false;
	if (s->zone == NULL) {
		problem_set(why, 422, "invalid_timezone",
		    arena_printf(c->mem, "tz: %s %s.", s->timezone, fault));
		why->remediation = "Give the IANA name of a zone, such as Europe/Vienna.";
		return false;
	}
	if (s->end_us == TIME_NONE)
		s->end_us = c->now_us;
	if (s->start_us == TIME_NONE)
		s->start_us = s->end_us - (int64_t)DAYS_DEFAULT * DAY_S * US_PER_S;
	range_check(s, why);
	if (problem_any(why))
		return false;
	span_divide(s);
	return true;
}

void
dashboard_span_free(struct dashboard_span *s)
{
	zone_free(s->zone);
}

size_t
dashboard_span_bucket(const struct dashboard_span *s, int64_t us)
{
	size_t low = 0, high = s->len - 1;

	while (low < high) {
		size_t mid = low + (high - low + 1) / 2;

		if (s->at[mid] <= us)
			low = mid;
		else
			high = mid - 1;
	}
	return low;
}
