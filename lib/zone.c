/* Time zones. Invariant: every read of a file's bytes is inside the length that its header gave. */
#include "lib/zone.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/xalloc.h"

#define HEADER 44
#define DAY_S 86400
#define OFFSET_MAX_S (26 * 3600)
#define FOOTER_MAX 64

/* One side of the rule that follows the last transition: "M3.5.0/2", "J60" or "59". */
struct rule {
	char form; /* 'M', 'J' or '0' */
	int month, week, day;
	int64_t at_s; /* after local midnight, of the time before the change */
};

struct posix_rule {
	bool given, changes;
	int64_t standard_s, summer_s; /* east of UTC */
	struct rule start, end;       /* of summer time */
};

struct zone {
	size_t len; /* of transitions */
	struct posix_rule rule;
	int64_t first_s; /* offset before all transitions */
	struct {
		int64_t at_s, offset_s;
	} transition[];
};

/* Bytes left to read. */
struct bytes {
	const unsigned char *p;
	size_t left;
};

static const unsigned char *
take_bytes(struct bytes *b, size_t n)
{
	const unsigned char *p = b->p;

	if (n > b->left)
		return NULL;
	b->p += n;
	b->left -= n;
	return p;
}

static int64_t
big_endian(const unsigned char *p, size_t n)
{
	uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

struct counts {
	size_t utc, standard, leaps, times, types, letters;
};

static int
take_zone_header(struct bytes *b, struct counts *n, char *version)
{
	const unsigned char *p = take_bytes(b, HEADER);
	size_t *const all[] = { &n->utc, &n->standard, &n->leaps, &n->times, &n->types,
		&n->letters };

	if (p == NULL || memcmp(p, "TZif", 4) != 0)
		return -1;
	*version = (char)p[4];
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		*all[i] = (size_t)(uint32_t)big_endian(p + 20 + 4 * i, 4);
		if (*all[i] > ZONE_FILE_MAX)
			return -1;
	}
	return 0;
}

static size_t
block_size(const struct counts *n, size_t time_size)
{
	return n->times * (time_size + 1) + n->types * 6 + n->letters + n->leaps * (time_size + 4) +
	       n->standard + n->utc;
}

/* The rule of the footer, in the form of POSIX's TZ variable as RFC 9636 extends it. */

static bool
take_zone_letters(const char **t)
{
	const char *from = *t;

	if (**t == '<') {
		while (**t != '\0' && **t != '>')
			(*t)++;
		return *(*t)++ == '>';
	}
	while ((**t >= 'A' && **t <= 'Z') || (**t >= 'a' && **t <= 'z'))
		(*t)++;
	return *t - from >= 3;
}

static bool
take_number(const char **t, int max, int *out)
{
	const char *from = *t;

	for (*out = 0; **t >= '0' && **t <= '9' && *out <= max; (*t)++)
		*out = *out * 10 + (**t - '0');
	return *t > from && *out <= max;
}

/* "[+-]hh[:mm[:ss]]" in seconds. */
static bool
take_clock(const char **t, int64_t *seconds)
{
	int sign = **t == '-' ? -1 : 1, part[3] = { 0 };

	if (**t == '-' || **t == '+')
		(*t)++;
	if (!take_number(t, 167, &part[0]))
		return false;
	for (int i = 1; i < 3 && **t == ':'; i++) {
		(*t)++;
		if (!take_number(t, 59, &part[i]))
			return false;
	}
	*seconds = sign * ((part[0] * 60LL + part[1]) * 60 + part[2]);
	return true;
}

static bool
take_rule(const char **t, struct rule *r)
{
	r->form = '0';
	r->at_s = 7200;
	if (**t == 'M') {
		r->form = *(*t)++;
		if (!take_number(t, 12, &r->month) || *(*t)++ != '.' ||
		    !take_number(t, 5, &r->week) || *(*t)++ != '.' || !take_number(t, 6, &r->day) ||
		    r->month < 1 || r->week < 1)
			return false;
	} else {
		if (**t == 'J')
			r->form = *(*t)++;
		if (!take_number(t, 365, &r->day) || (r->form == 'J' && r->day < 1))
			return false;
	}
	if (**t != '/')
		return true;
	(*t)++;
	return take_clock(t, &r->at_s);
}

static bool
parse_footer(const char *t, struct posix_rule *r)
{
	int64_t west;

	if (!take_zone_letters(&t) || !take_clock(&t, &west))
		return false;
	r->given = true;
	r->standard_s = -west;
	if (*t == '\0')
		return true;
	r->changes = true;
	r->summer_s = r->standard_s + 3600;
	if (!take_zone_letters(&t))
		return false;
	if (*t != ',' && *t != '\0') {
		if (!take_clock(&t, &west))
			return false;
		r->summer_s = -west;
	}
	return *t++ == ',' && take_rule(&t, &r->start) && *t++ == ',' && take_rule(&t, &r->end) &&
	       *t == '\0';
}

static bool
is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to the first of a year. */
static int64_t
days_to_year(int64_t year)
{
	int64_t y = year - 1;

	return 365 * (year - 1970) + (y / 4 - y / 100 + y / 400) - 477;
}

/* When the rule applies in a year, in local seconds since the epoch. */
static int64_t
rule_in_year(const struct rule *r, int64_t year)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };
	int64_t day = days_to_year(year);

	if (r->form == '0') {
		day += r->day;
	} else if (r->form == 'J') {
		day += r->day - 1 + (is_leap(year) && r->day > 59);
	} else {
		int length =
		    before[r->month] - before[r->month - 1] + (is_leap(year) && r->month == 2);
		int64_t nth;

		day += before[r->month - 1] + (is_leap(year) && r->month > 2);
		/* 1970-01-01 was a Thursday. */
		nth = (r->day - (day + 4) % 7 + 7) % 7 + ((int64_t)r->week - 1) * 7;
		day += nth < length ? nth : nth - 7;
	}
	return day * DAY_S + r->at_s;
}

static int64_t
posix_offset(const struct posix_rule *r, int64_t utc_s)
{
	int64_t year = 1970 + utc_s / (365 * DAY_S + DAY_S / 4), best = INT64_MIN;
	int64_t offset = r->standard_s;

	if (!r->changes)
		return offset;
	for (int64_t y = year - 2; y <= year + 2; y++) {
		int64_t start = rule_in_year(&r->start, y) - r->standard_s;
		int64_t end = rule_in_year(&r->end, y) - r->summer_s;

		/* At the same moment the end of a year gives way to the start of the next. */
		if (end <= utc_s && end > best) {
			best = end;
			offset = r->standard_s;
		}
		if (start <= utc_s && start >= best) {
			best = start;
			offset = r->summer_s;
		}
	}
	return offset;
}

static struct zone *
read_block(struct bytes *b, const struct counts *n)
{
	const unsigned char *times = take_bytes(b, n->times * 8);
	const unsigned char *kinds = take_bytes(b, n->times);
	const unsigned char *types = take_bytes(b, n->types * 6);
	struct zone *z;

	if (times == NULL || kinds == NULL || types == NULL || n->types == 0 ||
	    take_bytes(b, n->letters + n->leaps * 12 + n->standard + n->utc) == NULL)
		return NULL;
	z = xcalloc(1, sizeof(*z) + n->times * sizeof(z->transition[0]));
	z->len = n->times;
	z->first_s = big_endian(types, 4);
	for (size_t i = 0; i < n->times; i++) {
		z->transition[i].at_s = big_endian(times + 8 * i, 8);
		if (kinds[i] >= n->types ||
		    (i > 0 && z->transition[i].at_s <= z->transition[i - 1].at_s)) {
			zone_free(z);
			return NULL;
		}
		z->transition[i].offset_s = big_endian(types + 6 * (size_t)kinds[i], 4);
	}
	return z;
}

static bool
offsets_are_sane(const struct zone *z)
{
	bool sane = llabs(z->first_s) <= OFFSET_MAX_S &&
		    llabs(z->rule.standard_s) <= OFFSET_MAX_S &&
		    llabs(z->rule.summer_s) <= OFFSET_MAX_S;

	for (size_t i = 0; i < z->len; i++)
		sane = sane && llabs(z->transition[i].offset_s) <= OFFSET_MAX_S;
	return sane;
}

struct zone *
zone_parse(const void *data, size_t len)
{
	struct bytes b = { data, len };
	struct counts n;
	char version, footer[FOOTER_MAX + 1];
	struct zone *z;
	size_t text;

	/* The first block, with times of 32 bits, is for old readers. */
	if (take_zone_header(&b, &n, &version) == -1 || version < '2' ||
	    take_bytes(&b, block_size(&n, 4)) == NULL || take_zone_header(&b, &n, &version) == -1)
		return NULL;
	z = read_block(&b, &n);
	if (z == NULL)
		return NULL;
	text = b.left >= 2 ? b.left - 2 : 0;
	if (b.left < 2 || b.p[0] != '\n' || b.p[b.left - 1] != '\n' || text > FOOTER_MAX)
		goto wrong;
	memcpy(footer, b.p + 1, text);
	footer[text] = '\0';
	if (text > 0 && !parse_footer(footer, &z->rule))
		goto wrong;
	if (offsets_are_sane(z))
		return z;
wrong:
	zone_free(z);
	return NULL;
}

void
zone_free(struct zone *z)
{
	free(z);
}

/* Names are relative paths of plain words, so they cannot leave the directory. */
/* Files beside the zones: with leap seconds, or of whatever this machine is set to. */
static bool
zone_name_special(const char *name)
{
	return strncmp(name, "right/", 6) == 0 || strncmp(name, "posix/", 6) == 0 ||
	       strcmp(name, "localtime") == 0 || strcmp(name, "posixrules") == 0 ||
	       strcmp(name, "Factory") == 0;
}

static bool
zone_name_valid(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > ZONE_NAME_MAX || name[0] == '/' || name[len - 1] == '/' ||
	    strstr(name, "//") != NULL || zone_name_special(name))
		return false;
	return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
	       len;
}

static struct zone *
read_zone_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char *data;
	struct zone *z = NULL;
	size_t len = 0;
	ssize_t n;

	if (fd == -1)
		return NULL;
	data = xmalloc(ZONE_FILE_MAX);
	while (len < ZONE_FILE_MAX && (n = read(fd, data + len, ZONE_FILE_MAX - len)) > 0)
		len += (size_t)n;
	if (len < ZONE_FILE_MAX)
		z = zone_parse(data, len);
	free(data);
	close(fd);
	return z;
}

struct zone *
zone_load(const char *directory, const char *name, const char **fault)
{
	char path[4096];
	struct zone *z = NULL;

	if (zone_name_valid(name) &&
	    snprintf(path, sizeof(path), "%s/%s", directory, name) < (int)sizeof(path))
		z = read_zone_file(path);
	if (z == NULL)
		*fault = access(directory, R_OK) == 0
			     ? "is not the name of a time zone, such as Europe/Vienna or UTC"
			     : "cannot be looked up: the server has no time zones (package tzdata)";
	return z;
}

int64_t
zone_offset(const struct zone *z, int64_t utc_s)
{
	size_t low = 0, high = z->len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (z->transition[mid].at_s <= utc_s)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == z->len && z->rule.given)
		return posix_offset(&z->rule, utc_s);
	return low == 0 ? z->first_s : z->transition[low - 1].offset_s;
}

int64_t
zone_to_utc(const struct zone *z, int64_t local_s, enum zone_clock *clock)
{
	/* Zones change at most once in two days: these are the offsets before and after. */
	int64_t before = zone_offset(z, local_s - OFFSET_MAX_S);
	int64_t after = zone_offset(z, local_s + OFFSET_MAX_S);
	bool first = zone_offset(z, local_s - before) == before;
	bool second = zone_offset(z, local_s - after) == after;

	*clock = first && second && before != after ? ZONE_TWICE
		 : first || second                  ? ZONE_ONCE
						    : ZONE_SKIPPED;
	/* In a gap, by the offset before it, the clock has moved on by its length. */
	return second && !first ? local_s - after : local_s - before;
}
