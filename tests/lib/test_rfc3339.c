#include "lib/rfc3339.h"

#include <time.h>

#include "lib/clock.h"
#include "tests/child.h"
#include "tests/rng.h"
#include "tests/tap.h"

#define LAST_US 253402300799999999

static const struct {
	const char *text;
	int64_t us;
	const char *out;
} good[] = {
	{ "1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z" },
	{ "1970-01-01T00:00:00.000001Z", 1, "1970-01-01T00:00:00.000001Z" },
	{ "9999-12-31T23:59:59.999999Z", LAST_US, "9999-12-31T23:59:59.999999Z" },
	{ "9999-12-31T23:59:59.999999999Z", LAST_US, "9999-12-31T23:59:59.999999Z" },
	{ "2026-03-01T09:00:00+01:00", 1772352000000000, "2026-03-01T08:00:00Z" },
	{ "2026-03-01t08:00:00z", 1772352000000000, "2026-03-01T08:00:00Z" },
	{ "2026-03-01T08:00:00-00:00", 1772352000000000, "2026-03-01T08:00:00Z" },
	{ "2026-03-01T08:00:00.5Z", 1772352000500000, "2026-03-01T08:00:00.500000Z" },
	{ "2026-03-01T08:00:00.123456789Z", 1772352000123456, "2026-03-01T08:00:00.123456Z" },
	{ "2026-03-02T07:59:00+23:59", 1772352000000000, "2026-03-01T08:00:00Z" },
	{ "2026-02-28T08:01:00-23:59", 1772352000000000, "2026-03-01T08:00:00Z" },
	{ "2024-02-29T00:00:00Z", 1709164800000000, "2024-02-29T00:00:00Z" },
	{ "2000-02-29T23:59:59Z", 951868799000000, "2000-02-29T23:59:59Z" },
	{ "2023-12-31T23:00:00-02:00", 1704070800000000, "2024-01-01T01:00:00Z" },
	{ "1970-01-01T01:00:00+01:00", 0, "1970-01-01T00:00:00Z" },
	{ "2038-01-19T03:14:08Z", 2147483648000000, "2038-01-19T03:14:08Z" },
};

/* Forms that mean one moment, each the first of March 2026 at eight. */
static const char *const same[] = { "2026-03-01T08:00Z", "2026-03-01T09:00+01:00",
	"2026-03-01 08:00:00Z", "2026-03-01 08:00:00+00:00", "2026-03-01_08:00:00Z",
	"2026-03-01t08:00z", "2026-03-01T08:00:00+0000", "2026-03-01T09:00:00+0100",
	"2026-03-01T09:00:00+01", "2026-03-01T07:00:00-01", "2026-03-01T08:00:00 +0000",
	"2026-03-01T08:00:00 Z",
	"2026-03-01T07:00:00\xe2\x88\x92"
	"01:00",
	"2026-03-01T08:00:00,0Z", "2026-03-01T08:00:00.00000000000000000000Z",
	"2026-03-01T08:00:00.0000009Z", "2026-03-01T08:00:00Z ", " 2026-03-01T08:00:00Z",
	"\t2026-03-01T08:00:00Z\r\n",
	"\xc2\xa0"
	"2026-03-01T08:00:00Z\xe2\x80\x8b",
	"1772352000", "1772352000.0", "1772352000.0000001", "1772352000000", "1772352000000.0",
	"1772352000000.0001", " 1772352000 " };

#define NOT_ISO "is not ISO 8601"
#define NO_OFFSET "offset from UTC: Z"
#define ZONE "no name of a zone"
#define NO_TIME "must have a time of day"
#define EPOCH "10 digits"
#define YEARS "from 1970 to 9999"

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", NOT_ISO },
	{ "2026-03-01", NO_TIME },
	{ "2026-03-01T09:00:00", NO_OFFSET },
	{ "2026-03-01T09:00", NO_OFFSET },
	{ "2026-03-01 09:00:00.5", NO_OFFSET },
	{ "2026-03-01T08:00:00Z[Europe/Paris]", ZONE }, /* RFC 9557 */
	{ "2026-03-01T08:00:00+01:00[Europe/Paris]", ZONE },
	{ "2026-03-01T08:00:00 UTC", ZONE },
	{ "2026-03-01T08:00:00 Europe/Berlin", ZONE },
	{ "2026-03-01T08:00:00+01:00 CET", ZONE },
	{ "2026-03-01T09:00:60Z", "leap seconds" },
	{ "2016-12-31T23:59:60Z", "leap seconds" },
	{ "2026-03-01T24:00:00Z", "midnight" },
	{ "2026-03-01T23:60:00Z", "minute" },
	{ "2026-00-01T09:00:00Z", "month" },
	{ "2026-13-01T09:00:00Z", "month" },
	{ "2026-03-00T09:00:00Z", "day that exists" },
	{ "2026-03-32T09:00:00Z", "day that exists" },
	{ "2026-04-31T09:00:00Z", "day that exists" },
	{ "2026-02-29T09:00:00Z", "day that exists" },
	{ "2100-02-29T09:00:00Z", "day that exists" },
	{ "2024-02-30T09:00:00Z", "day that exists" },
	{ "2026-02-30T24:00:00Z", "day that exists" },
	{ "2026-03-01T09:00:00+24:00", "23:59" },
	{ "2026-03-01T09:00:00+01:60", "23:59" },
	{ "2026-03-01T9:00:00Z", NOT_ISO },
	{ "2026-03-01T09Z", NOT_ISO },
	{ "2026-3-01T09:00:00Z", NOT_ISO },
	{ "2026-03-1T09:00:00Z", NOT_ISO },
	{ "26-03-01T09:00:00Z", NOT_ISO },
	{ "02026-03-01T09:00:00Z", NOT_ISO },
	{ "+2026-03-01T09:00:00Z", NOT_ISO },
	{ "03/01/2026", NOT_ISO },
	{ "01.03.2026 09:00", NOT_ISO },
	{ "2026/03/01 09:00:00Z", NOT_ISO },
	{ "March 1, 2026", NOT_ISO },
	{ "tomorrow", NOT_ISO },
	{ "2026-03-01T09:00:00.Z", NOT_ISO },
	{ "2026-03-01T09:00.5Z", ZONE },
	{ "2026-03-01T09:00:00+1:00", NOT_ISO },
	{ "2026-03-01T09:00:00+01:0", NOT_ISO },
	{ "2026-03-01T09:00:00+010", NOT_ISO },
	{ "2026-03-01T09:00:00+01:00x", NOT_ISO },
	{ "2026-03-01  09:00:00Z", NOT_ISO },
	{ "2026-03-01T09:00:00ZZ", NOT_ISO },
	{ "2026-03-01T09:00:00Zulu", NOT_ISO },
	{ "2026-W09-7T09:00:00Z", NOT_ISO },
	{ "2026-060T09:00:00Z", NOT_ISO },
	{ "20260301T090000Z", NOT_ISO },
	{ "20260301", EPOCH },
	{ "20260301090000", EPOCH },
	{ "46082.375", EPOCH }, /* a date of Excel */
	{ "177235200", EPOCH },
	{ "17723520000", EPOCH },
	{ "1772352000000000", EPOCH },
	{ "1772352000000.", NOT_ISO },
	{ "1772352000.", NOT_ISO },
	{ "1772352000.5e3", NOT_ISO },
	{ "-1772352000", NOT_ISO },
	{ "1.7e9", NOT_ISO },
	{ "now", NOT_ISO },
	{ "1969-12-31T23:59:59Z", YEARS },
	{ "1970-01-01T00:59:59+01:00", YEARS },
	{ "1969-12-31T23:30:00-01:00", YEARS },
	{ "9999-12-31T23:59:59-00:01", YEARS },
	{ "0000-01-01T00:00:00Z", YEARS },
	{ "-001-01-01T00:00:00Z", NOT_ISO },
	{ "2026-03-01T08:00:00."
	  "0000000000000000000000000000000000000000000000000000000000000000000000Z",
	    NOT_ISO },
};

static const struct {
	const char *text;
	int64_t us;
} lenient[] = {
	{ "2026-03-01T08:00:00", 1772352000000000 },
	{ "2026-03-01T08:00:00.25", 1772352000250000 },
	{ "2026-03-01T08:00:00Z", 1772352000000000 },
	{ "2026-03-01T09:00:00+01:00", 1772352000000000 },
	{ "2026-03-01T08:00", 1772352000000000 },
	{ "2026-03-01T09:00:00+01", 1772352000000000 },
	{ "2026-03-01", -1 },
	{ "1772352000", -1 },
};

static const struct {
	const char *text;
	int64_t us;
} dates[] = {
	{ "Sun, 06 Nov 1994 08:49:37 GMT", 784111777000000 },
	{ "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
	{ "Thu, 29 Feb 2024 23:59:59 GMT", 1709251199000000 },
	{ "Sunday, 06-Nov-94 08:49:37 GMT", -1 },
	{ "Sun Nov  6 08:49:37 1994", -1 },
	{ "Sun, 06 Nov 1994 08:49:37 UTC", -1 },
	{ "Sun, 06 Nov 1994 08:49:37 +0000", -1 },
	{ "Sun, 06 Nov 1994 08:49:37 GMT ", -1 },
	{ "Sun, 6 Nov 1994 08:49:37 GMT", -1 },
	{ "sun, 06 Nov 1994 08:49:37 GMT", -1 },
	{ "Sun, 06 NOV 1994 08:49:37 GMT", -1 },
	{ "Sun, 31 Nov 1994 08:49:37 GMT", -1 },
	{ "Sun, 06 Nov 1994 08:49:60 GMT", -1 },
	{ "Sun, 06 Nov 1969 08:49:37 GMT", -1 },
	{ "Sun, 06 Nov 1994 08:49:", -1 },
	{ "Sun, 06 ", -1 },
	{ "Su", -1 },
	{ "", -1 },
};

static void
no_time(void)
{
	char out[RFC3339_SIZE];

	rfc3339_format(TIME_NONE, out);
}

/* Compares with the C library's calendar over the whole range. */
static void
test_random(void)
{
	struct rng rng = rng_new();
	int wrong = 0;

	for (int i = 0; i < 200000; i++) {
		int64_t us = rng_range(&rng, 0, LAST_US), back = -1;
		time_t s;
		char out[RFC3339_SIZE], want[64];
		struct tm tm;
		size_t n;

		us -= i % 3 == 0 ? us % US_PER_S : 0;
		s = (time_t)(us / US_PER_S);
		gmtime_r(&s, &tm);
		n = strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S", &tm);
		if (us % US_PER_S != 0)
			n += (size_t)snprintf(
			    want + n, sizeof want - n, ".%06d", (int)(us % US_PER_S));
		snprintf(want + n, sizeof want - n, "Z");
		wrong += strcmp(rfc3339_format(us, out), want) != 0;
		wrong += rfc3339_fault(out, &back) != NULL || back != us;
	}
	is_int(wrong, 0, "random times agree with the C library and survive a round trip");
}

/* Every day of the range exists, in order, and the day after a month's last is refused. */
static void
test_every_day(void)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t want = 0, us = -1;
	int wrong = 0;
	char text[64];

	for (int year = 1970; year <= 9999; year++) {
		for (int month = 1; month <= 12; month++) {
			bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
			int last = days[month - 1] + (leap && month == 2);

			for (int day = 1; day <= last + 1; day++) {
				bool good_day;

				snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", year, month,
				    day);
				good_day = rfc3339_fault(text, &us) == NULL;
				wrong += day > last ? good_day : !good_day || us != want;
				want += day > last ? 0 : 86400 * US_PER_S;
			}
		}
	}
	is_int(wrong, 0, "every day from 1970 to 9999 is accepted");
}

static void
test_tables(void)
{
	char out[RFC3339_SIZE];
	const char *fault;
	int64_t us;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		us = -1;
		ok(rfc3339_fault(good[i].text, &us) == NULL && us == good[i].us, "%s",
		    good[i].text);
		is_str(rfc3339_format(good[i].us, out), good[i].out, good[i].out);
	}
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		us = -1;
		fault = rfc3339_fault(same[i], &us);
		ok(fault == NULL && us == 1772352000000000, "%s: %s", same[i], fault ? fault : "");
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		us = 4711;
		fault = rfc3339_fault(bad[i].text, &us);
		ok(fault != NULL && us == 4711 && strstr(fault, bad[i].why) != NULL, "%s: %s",
		    bad[i].text, fault != NULL ? fault : "taken");
	}
	for (size_t i = 0; i < sizeof lenient / sizeof lenient[0]; i++) {
		us = -1;
		ok(rfc3339_parse_lenient(lenient[i].text, &us) == (lenient[i].us < 0 ? -1 : 0) &&
			us == lenient[i].us,
		    "lenient: %s", lenient[i].text);
	}
	for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
		us = -1;
		ok(httpdate_parse(dates[i].text, &us) == (dates[i].us < 0 ? -1 : 0) &&
			us == dates[i].us,
		    "HTTP date: %s", dates[i].text);
	}
}

int
main(void)
{
	char out[RFC3339_SIZE];
	int64_t us;

	test_tables();
	test_random();
	test_every_day();
	ok(rfc3339_fault(NULL, &us) != NULL && httpdate_parse(NULL, &us) == -1, "NULL is refused");
	is_str(rfc3339_format(-1, out), "1970-01-01T00:00:00Z",
	    "a time before the range is formatted as its first moment");
	is_str(rfc3339_format(INT64_MAX, out), "9999-12-31T23:59:59.999999Z",
	    "a time after the range is formatted as its last moment");
	ok(child_panics(no_time), "formatting TIME_NONE panics");
	return tap_done();
}
