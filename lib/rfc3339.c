/* Date-time text in fixed formats, and the proleptic Gregorian calendar in integers. */
#include "lib/rfc3339.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/text.h"

#define YEAR_MIN 1970
#define YEAR_MAX 9999
#define US_MAX 253402300799999999 /* 9999-12-31T23:59:59.999999Z */

#define TIME_TEXT_MAX 80
#define MINUS_SIGN "\xe2\x88\x92" /* U+2212, which ISO 8601 prefers */
#define NOT_ISO "is not ISO 8601 with dashes and colons: must be such as 2026-03-01T08:00:00Z"
#define NO_OFFSET "must have an offset from UTC: Z, or such as +01:00"
#define ZONE_NAME "must have an offset from UTC, Z or such as +01:00, and no name of a zone"

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

/* NULL, or which part does not exist. Years are judged with their offset. */
static const char *
civil_fault(const struct civil *c)
{
	if (c->month < 1 || c->month > 12)
		return "must have a month from 01 to 12";
	if (c->day < 1 || c->day > days_in_month(c->year, c->month))
		return "must be a day that exists: its month does not have that one";
	if (c->hour > 23)
		return "must have an hour from 00 to 23; midnight is 00:00 of the next day";
	if (c->minute > 59)
		return "must have a minute from 00 to 59";
	return c->second > 59 ? "must have a second from 00 to 59; leap seconds are not taken"
			      : NULL;
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

	if (!take_char(text, ".,"))
		return 0;
	for (; **text >= '0' && **text <= '9'; (*text)++, digits++) {
		us += unit * (**text - '0');
		unit /= 10;
	}
	return digits >= 1 ? us : -1;
}

/* "+", "-" or U+2212, after at most one blank: 1 or -1; 0: none of them. */
static int
take_sign(const char **text)
{
	const char *at = *text + (**text == ' ');
	int sign = *at == '+' ? 1 : *at == '-' ? -1 : 0;

	if (sign != 0)
		at++;
	else if (strncmp(at, MINUS_SIGN, strlen(MINUS_SIGN)) == 0) {
		sign = -1;
		at += strlen(MINUS_SIGN);
	}
	if (sign != 0)
		*text = at;
	return sign;
}

/* "Z", "+hh:mm", "+hhmm" or "+hh", and the end, as seconds east of UTC. NULL or the fault. */
static const char *
take_offset(const char **text, int64_t *seconds)
{
	int sign, hour, minute = 0;

	*seconds = 0;
	if ((*text)[0] == ' ' && ((*text)[1] == 'Z' || (*text)[1] == 'z'))
		(*text)++;
	if (!take_char(text, "Zz")) {
		if (**text == '\0')
			return NO_OFFSET;
		sign = take_sign(text);
		if (sign == 0)
			return ZONE_NAME;
		hour = take_digits(text, 2);
		if (take_char(text, ":") || (**text >= '0' && **text <= '9'))
			minute = take_digits(text, 2);
		if (hour == -1 || minute == -1)
			return NOT_ISO;
		if (hour > 23 || minute > 59)
			return "must have an offset from -23:59 to +23:59";
		*seconds = sign * (hour * 60 + minute) * 60;
	}
	if (**text == '[' || (**text == ' ' && (*text)[1] >= 'A'))
		return ZONE_NAME;
	return **text == '\0' ? NULL : NOT_ISO;
}

/* "hh:mm", "hh:mm:ss" or "hh:mm:ss.f". NULL or the fault. */
static const char *
take_time_of_day(const char **text, struct civil *c, int64_t *fraction)
{
	*fraction = 0;
	c->hour = take_digits(text, 2);
	if (c->hour == -1 || !take_char(text, ":"))
		return NOT_ISO;
	c->minute = take_digits(text, 2);
	if (take_char(text, ":")) {
		c->second = take_digits(text, 2);
		*fraction = take_fraction(text);
	}
	return c->minute == -1 || c->second == -1 || *fraction == -1 ? NOT_ISO : NULL;
}

/* Seconds with a fraction, or milliseconds, since the epoch: told apart by their digits. */
static const char *
parse_epoch(const char *text, size_t digits, int64_t *us)
{
	const char *rest = text + digits;
	int64_t n = 0, fraction;

	if ((digits != 10 && digits != 13))
		return "must be seconds (10 digits) or milliseconds (13 digits) since 1970, if it "
		       "is a "
		       "number";
	for (size_t i = 0; i < digits; i++)
		n = n * 10 + (text[i] - '0');
	fraction = take_fraction(&rest);
	if (fraction == -1 || *rest != '\0')
		return NOT_ISO;
	*us = digits == 10 ? n * US_PER_S + fraction : n * US_PER_MS + fraction / US_PER_MS;
	return NULL;
}

/* Of text without blanks at its edges. NULL and *us, or the fault. */
static const char *
parse_date_time(const char *text, bool offset_required, int64_t *us)
{
	struct civil c = { 0 };
	int64_t fraction, offset = 0, total;
	const char *fault;

	c.year = take_digits(&text, 4);
	if (c.year == -1 || !take_char(&text, "-"))
		return NOT_ISO;
	c.month = take_digits(&text, 2);
	if (c.month == -1 || !take_char(&text, "-"))
		return NOT_ISO;
	c.day = take_digits(&text, 2);
	if (c.day == -1 || (*text != '\0' && !take_char(&text, "Tt_ ")))
		return NOT_ISO;
	if (*text == '\0')
		return "must have a time of day and an offset, such as 2026-03-01T08:00:00Z";
	fault = take_time_of_day(&text, &c, &fraction);
	if (fault == NULL && (offset_required || *text != '\0'))
		fault = take_offset(&text, &offset);
	if (fault == NULL)
		fault = civil_fault(&c);
	if (fault != NULL)
		return fault;
	total = (civil_seconds(&c) - offset) * US_PER_S + fraction;
	if (c.year < YEAR_MIN || total < 0 || total > US_MAX)
		return "must be from 1970 to 9999";
	*us = total;
	return NULL;
}

/* What follows the digits of a number: nothing, or a point and digits. */
static bool
is_decimal(const char *rest)
{
	return *rest == '\0' || (*rest == '.' && rest[1 + strspn(rest + 1, "0123456789")] == '\0');
}

static const char *
parse_any(const char *text, bool strict, int64_t *us)
{
	char copy[TIME_TEXT_MAX + 1];
	size_t len = text != NULL ? strlen(text) : 0, digits;

	if (text == NULL)
		return NOT_ISO;
	text = text_trim(text, &len);
	if (len > TIME_TEXT_MAX)
		return NOT_ISO;
	memcpy(copy, text, len);
	copy[len] = '\0';
	digits = strspn(copy, "0123456789");
	if (strict && digits > 0 && is_decimal(copy + digits))
		return parse_epoch(copy, digits, us);
	return parse_date_time(copy, strict, us);
}

const char *
rfc3339_fault(const char *text, int64_t *us)
{
	return parse_any(text, true, us);
}

int
rfc3339_parse_lenient(const char *text, int64_t *us)
{
	return parse_any(text, false, us) == NULL ? 0 : -1;
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
	if (!take_text(&text, " GMT") || *text != '\0' || civil_fault(&c) != NULL ||
	    c.year < YEAR_MIN)
		return -1;
	*us = civil_seconds(&c) * US_PER_S;
	return 0;
}
