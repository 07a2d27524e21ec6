/* Date-time text in fixed formats, and the proleptic Gregorian calendar in integers. */
#include "lib/rfc3339.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"

#define YEAR_MIN 1970
#define YEAR_MAX 9999
#define US_MAX 253402300799999999 /* 9999-12-31T23:59:59.999999Z */

struct civil {
	int year, month, day, hour, minute, second;
};

/* Exactly `digits` decimal digits at *text, which moves past them. -1 when there are fewer. */
static int
take_digits(const char **text, int digits)
{
	int n = 0;

	for (; digits > 0; digits--, (*text)++) {
		if (**text < '0' || **text > '9')
			return -1;
		n = n * 10 + (**text - '0');
	}
	return n;
}

static bool
take_char(const char **text, const char *one_of)
{
	if (**text == '\0' || strchr(one_of, **text) == NULL)
		return false;
	(*text)++;
	return true;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool
civil_valid(const struct civil *c)
{
	return c->year >= YEAR_MIN && c->year <= YEAR_MAX && c->month >= 1 && c->month <= 12 &&
	       c->day >= 1 && c->day <= days_in_month(c->year, c->month) && c->hour >= 0 &&
	       c->hour <= 23 && c->minute >= 0 && c->minute <= 59 && c->second >= 0 &&
	       c->second <= 59;
}

/* Seconds since the epoch. Years start in March, so that the leap day is the last of its year. */
static int64_t
civil_seconds(const struct civil *c)
{
	int year = c->year - (c->month <= 2), month = (c->month + 9) % 12;
	int64_t days = 365LL * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 +
		       c->day - 1 - 719468;

	return ((days * 24 + c->hour) * 60 + c->minute) * 60 + c->second;
}

static struct civil
civil_of_seconds(int64_t seconds)
{
	int64_t days = seconds / 86400 + 719468;
	int rest = (int)(seconds % 86400), era = (int)(days / 146097);
	int day_of_era = (int)(days % 146097);
	int year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int month = (5 * day + 2) / 153;

	return (struct civil){
		.year = era * 400 + year_of_era + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = day - (153 * month + 2) / 5 + 1,
		.hour = rest / 3600,
		.minute = rest / 60 % 60,
		.second = rest % 60,
	};
}

/* ".123" as microseconds, 0 when there is none, -1 when malformed. */
static int64_t
take_fraction(const char **text)
{
	int64_t us = 0, unit = 100000;
	int digits = 0;

	if (!take_char(text, "."))
		return 0;
	for (; **text >= '0' && **text <= '9'; (*text)++, digits++) {
		us += unit * (**text - '0');
		unit /= 10;
	}
	return digits >= 1 && digits <= 9 ? us : -1;
}

/* "Z" or "+hh:mm" as seconds east of UTC. 0 or -1. */
static int
take_offset(const char **text, int64_t *seconds)
{
	bool west = **text == '-';
	int hour, minute;

	*seconds = 0;
	if (take_char(text, "Zz"))
		return 0;
	if (!take_char(text, "+-"))
		return -1;
	hour = take_digits(text, 2);
	if (hour < 0 || hour > 23 || !take_char(text, ":"))
		return -1;
	minute = take_digits(text, 2);
	if (minute < 0 || minute > 59)
		return -1;
	*seconds = (hour * 60 + minute) * (west ? -60 : 60);
	return 0;
}

static int
parse_date_time(const char *text, bool offset_required, int64_t *us)
{
	struct civil c;
	const struct {
		int *value, digits;
		const char *then; /* one of these characters must follow; NULL: none */
	} parts[] = {
		{ &c.year, 4, "-" },
		{ &c.month, 2, "-" },
		{ &c.day, 2, "Tt" },
		{ &c.hour, 2, ":" },
		{ &c.minute, 2, ":" },
		{ &c.second, 2, NULL },
	};
	int64_t fraction, offset = 0, total;

	if (text == NULL)
		return -1;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		*parts[i].value = take_digits(&text, parts[i].digits);
		if (*parts[i].value == -1)
			return -1;
		if (parts[i].then != NULL && !take_char(&text, parts[i].then))
			return -1;
	}
	fraction = take_fraction(&text);
	if (!civil_valid(&c) || fraction == -1)
		return -1;
	if ((offset_required || *text != '\0') && take_offset(&text, &offset) == -1)
		return -1;
	total = (civil_seconds(&c) - offset) * US_PER_S + fraction;
	if (*text != '\0' || total < 0 || total > US_MAX)
		return -1;
	*us = total;
	return 0;
}

int
rfc3339_parse(const char *text, int64_t *us)
{
	return parse_date_time(text, true, us);
}

int
rfc3339_parse_lenient(const char *text, int64_t *us)
{
	return parse_date_time(text, false, us);
}

char *
rfc3339_format(int64_t us, char out[RFC3339_SIZE])
{
	struct civil c;
	char text[128] = "", fraction[32] = "";

	if (us == TIME_NONE)
		panic("rfc3339_format of no time");
	us = us < 0 ? 0 : us > US_MAX ? US_MAX : us;
	c = civil_of_seconds(us / US_PER_S);
	if (us % US_PER_S != 0)
		snprintf(fraction, sizeof fraction, ".%06d", (int)(us % US_PER_S));
	/* A larger buffer, since the compiler cannot see how few digits the numbers have. */
	snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", c.year, c.month, c.day,
	    c.hour, c.minute, c.second, fraction);
	text[RFC3339_SIZE - 1] = '\0';
	memcpy(out, text, RFC3339_SIZE);
	return out;
}

/* Number (from 1) of the three-letter name at *text, which moves past it; 0: none of them. */
static int
take_name(const char **text, const char *names)
{
	for (int i = 0; names[3 * i] != '\0'; i++) {
		if (strncmp(*text, names + (ptrdiff_t)3 * i, 3) == 0) {
			*text += 3;
			return i + 1;
		}
	}
	return 0;
}

static bool
take_text(const char **text, const char *expected)
{
	size_t len = strlen(expected);

	if (strncmp(*text, expected, len) != 0)
		return false;
	*text += len;
	return true;
}

int
httpdate_parse(const char *text, int64_t *us)
{
	struct civil c;

	if (text == NULL || take_name(&text, "MonTueWedThuFriSatSun") == 0 ||
	    !take_text(&text, ", "))
		return -1;
	c.day = take_digits(&text, 2);
	if (c.day == -1 || !take_char(&text, " "))
		return -1;
	c.month = take_name(&text, "JanFebMarAprMayJunJulAugSepOctNovDec");
	if (c.month == 0 || !take_char(&text, " "))
		return -1;
	c.year = take_digits(&text, 4);
	if (c.year == -1 || !take_char(&text, " "))
		return -1;
	c.hour = take_digits(&text, 2);
	if (c.hour == -1 || !take_char(&text, ":"))
		return -1;
	c.minute = take_digits(&text, 2);
	if (c.minute == -1 || !take_char(&text, ":"))
		return -1;
	c.second = take_digits(&text, 2);
	if (!take_text(&text, " GMT") || *text != '\0' || !civil_valid(&c))
		return -1;
	*us = civil_seconds(&c) * US_PER_S;
	return 0;
}
