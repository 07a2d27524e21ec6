#include "lib/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/rfc3339.h"
#include "tests/tap.h"

/* What the wall clock shows, and when that is. Expected values: Python's zoneinfo, tzdata 2025b. */
static const struct {
	const char *zone, *local, *utc, *why;
	enum zone_clock clock;
} times[] = {
	{ "UTC", "2027-03-28T02:30:00", "2027-03-28T02:30:00Z", "UTC", ZONE_ONCE },
	{ "Europe/Vienna", "2027-01-15T12:00:00", "2027-01-15T11:00:00Z", "winter", ZONE_ONCE },
	{ "Europe/Vienna", "2027-07-15T12:00:00", "2027-07-15T10:00:00Z", "summer", ZONE_ONCE },
	{ "Europe/Vienna", "2027-03-28T01:59:59", "2027-03-28T00:59:59Z", "before a gap",
	    ZONE_ONCE },
	{ "Europe/Vienna", "2027-03-28T02:30:00", "2027-03-28T01:30:00Z", "a gap: forward",
	    ZONE_SKIPPED },
	{ "Europe/Vienna", "2027-03-28T03:00:00", "2027-03-28T01:00:00Z", "after a gap",
	    ZONE_ONCE },
	{ "Europe/Vienna", "2027-10-31T02:30:00", "2027-10-31T00:30:00Z", "twice: the first",
	    ZONE_TWICE },
	{ "Europe/Vienna", "2027-10-31T03:00:00", "2027-10-31T02:00:00Z", "after the second",
	    ZONE_ONCE },
	{ "Europe/Vienna", "2099-07-15T12:00:00", "2099-07-15T10:00:00Z", "by the rule, far ahead",
	    ZONE_ONCE },
	{ "America/New_York", "2027-03-14T02:30:00", "2027-03-14T07:30:00Z", "a gap in the west",
	    ZONE_SKIPPED },
	{ "America/New_York", "2027-11-07T01:30:00", "2027-11-07T05:30:00Z", "twice in the west",
	    ZONE_TWICE },
	{ "America/Sao_Paulo", "2027-01-15T12:00:00", "2027-01-15T15:00:00Z",
	    "no summer time any more", ZONE_ONCE },
	{ "Asia/Kolkata", "2027-01-15T12:00:00", "2027-01-15T06:30:00Z", "half an hour",
	    ZONE_ONCE },
	{ "Australia/Lord_Howe", "2027-01-15T12:00:00", "2027-01-15T01:00:00Z",
	    "half an hour of summer time", ZONE_ONCE },
	{ "Australia/Sydney", "2027-07-15T12:00:00", "2027-07-15T02:00:00Z", "winter in July",
	    ZONE_ONCE },
	{ "Europe/Dublin", "2027-01-15T12:00:00", "2027-01-15T12:00:00Z", "summer is the standard",
	    ZONE_ONCE },
	{ "Europe/Dublin", "2027-07-15T12:00:00", "2027-07-15T11:00:00Z", "and winter the change",
	    ZONE_ONCE },
	{ "Africa/Casablanca", "2024-07-15T12:00:00", "2024-07-15T11:00:00Z", "by the year's list",
	    ZONE_ONCE },
	{ "America/Nuuk", "2027-07-15T12:00:00", "2027-07-15T13:00:00Z", "changes before midnight",
	    ZONE_ONCE },
	{ "Pacific/Kiritimati", "2027-01-15T12:00:00", "2027-01-14T22:00:00Z",
	    "the first to see a day", ZONE_ONCE },
	{ "Etc/GMT+12", "2027-01-15T12:00:00", "2027-01-16T00:00:00Z", "the last", ZONE_ONCE },
	{ "Europe/Vienna", "1970-01-02T12:00:00", "1970-01-02T11:00:00Z", "the first days",
	    ZONE_ONCE },
};

static const char *const no_zones[] = { "", "Europe/", "/etc/passwd", "../../etc/passwd",
	"Europe/../UTC", "Europe", "Nowhere/Land", "Europe/Vienna ", "europe/vienna", "tzdata.zi",
	"leapseconds", "Europe//Vienna", "+01:00", "right/UTC", "posix/UTC", "localtime",
	"posixrules", "Factory",
	"Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

static void
test_times(void)
{
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		const char *fault = NULL;
		struct zone *z = zone_load(ZONE_DIRECTORY, times[i].zone, &fault);
		char out[RFC3339_SIZE];
		enum zone_clock clock = ZONE_ONCE;
		int64_t us = 0;

		ok(z != NULL && rfc3339_parse_lenient(times[i].local, &us) == 0,
		    "a zone is loaded");
		us = zone_to_utc(z, us / US_PER_S, &clock) * US_PER_S;
		is_int(clock, times[i].clock, "how often its clocks show it");
		is_str(rfc3339_format(us, out), times[i].utc, times[i].why);
		zone_free(z);
	}
}

static void
test_names(void)
{
	const char *fault = NULL;

	for (size_t i = 0; i < sizeof(no_zones) / sizeof(no_zones[0]); i++) {
		ok(zone_load(ZONE_DIRECTORY, no_zones[i], &fault) == NULL,
		    "what is no zone is refused");
		ok(strstr(fault, "is not the name of a time zone") != NULL, "and said so");
	}
	ok(zone_load("/nowhere", "UTC", &fault) == NULL && strstr(fault, "tzdata") != NULL,
	    "without zones the package is named");
}

/* Every prefix of a good file, and every file with one byte changed: read inside its bytes. */
static void
test_damaged(void)
{
	unsigned char data[4096];
	FILE *f = fopen(ZONE_DIRECTORY "/Europe/Dublin", "rb");
	size_t len = f != NULL ? fread(data, 1, sizeof(data), f) : 0, read = 0;

	ok(len > 100, "a file is read");
	if (f != NULL)
		(void)fclose(f);
	for (size_t i = 0; i < len; i++) {
		unsigned char *part = malloc(i + 1);
		enum zone_clock clock;
		struct zone *z;

		memcpy(part, data, i);
		z = zone_parse(part, i);
		read += z != NULL;
		zone_free(z);
		free(part);
		data[i] ^= 0x81;
		z = zone_parse(data, len);
		if (z != NULL)
			(void)zone_to_utc(z, 1800000000, &clock);
		zone_free(z);
		data[i] ^= 0x81;
	}
	is_int((int64_t)read, 0, "no part of a file is a zone");
}

int
main(void)
{
	test_times();
	test_names();
	test_damaged();
	return tap_done();
}
