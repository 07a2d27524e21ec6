/*
 * Strict RFC 8259 scanner: iterative, one pass. It builds nothing and needs only an explicit stack
 * and eight bytes per key of the open objects.
 */
#include "lib/json_scan.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/utf8.h"
#include "lib/xalloc.h"

#define DEPTH_CAP 64u
#define KEYS_MAX 200u
#define NUMBER_MAX 32u
#define NO_CODE_POINT UINT32_MAX

struct key {
	size_t start; /* after the opening quote */
	uint32_t hash;
};

struct frame {
	bool object;
	size_t first_key; /* index into scan.keys */
};

struct scan {
	const char *text;
	size_t len;
	size_t pos;
	const struct json_limits *limits;
	struct json_fault *fault;
	bool lenient;
	unsigned values;
	unsigned depth;
	struct frame stack[DEPTH_CAP];
	struct key *keys;
	size_t keys_len, keys_room;
};

static int
scan_refuse(struct scan *s, const char *reason)
{
	s->fault->offset = s->pos;
	s->fault->reason = reason;
	return -1;
}

static int
scan_char_at(const struct scan *s, size_t at)
{
	return at < s->len ? (unsigned char)s->text[at] : -1;
}

static int
peek_char(const struct scan *s)
{
	return s->pos < s->len ? (unsigned char)s->text[s->pos] : -1;
}

static void
skip_blank(struct scan *s)
{
	while (s->pos < s->len && strchr(" \t\r\n", s->text[s->pos]) != NULL &&
	       s->text[s->pos] != '\0')
		s->pos++;
}

/* What other languages write, and what JSON has for it. */
static const char *
foreign_word(const struct scan *s)
{
	static const struct {
		const char *word, *reason;
	} words[] = { { "NaN", "NaN is no JSON; null is" }, { "nan", "NaN is no JSON; null is" },
		{ "Infinity", "Infinity is no JSON; null is" },
		{ "-Infinity", "Infinity is no JSON; null is" },
		{ "None", "None is no JSON; null is" }, { "NULL", "NULL is no JSON; null is" },
		{ "undefined", "undefined is no JSON; null is" },
		{ "True", "True is no JSON; true is" }, { "TRUE", "TRUE is no JSON; true is" },
		{ "False", "False is no JSON; false is" },
		{ "FALSE", "FALSE is no JSON; false is" } };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		size_t n = strlen(words[i].word);

		if (s->len - s->pos >= n && memcmp(s->text + s->pos, words[i].word, n) == 0)
			return words[i].reason;
	}
	return NULL;
}

/* Refuses the next character by its own words, or by those for anything else. */
static int
refuse_next(struct scan *s, const char *expected)
{
	int c = peek_char(s);
	const char *word = foreign_word(s);

	if (c == -1)
		return scan_refuse(s, "the text ends here, inside an object or array");
	if (c == '\'')
		return scan_refuse(s, "single quotes are no JSON; double quotes are");
	if (c == '/' || c == '#')
		return scan_refuse(s, "comments are no JSON");
	return scan_refuse(s, word != NULL ? word : expected);
}

static bool
is_utf16(const unsigned char *p, size_t len)
{
	return len >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff) ||
			       (p[0] == 0) != (p[1] == 0));
}

/* Not an object or array at the top. */
static int
refuse_top(struct scan *s)
{
	const unsigned char *p = (const unsigned char *)s->text;
	size_t at = s->pos + 1;

	if (s->pos == s->len)
		return scan_refuse(s, "an object or an array was expected, and there is nothing");
	if (s->len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		return scan_refuse(
		    s, "it begins with a byte order mark (BOM); send UTF-8 without it");
	while (scan_char_at(s, at) == ' ')
		at++;
	if (peek_char(s) == '"' && (scan_char_at(s, at) == '{' || scan_char_at(s, at) == '['))
		return scan_refuse(s, "it is a text that holds JSON, encoded twice");
	return scan_refuse(s, "an object or an array was expected");
}

static int
hex4(const char *p)
{
	int value = 0, i;

	for (i = 0; i < 4; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + (c - 'A' + 10);
		else
			return -1;
	}
	return value;
}

static uint32_t
plain_escape(char c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = c != '\0' ? strchr(from, c) : NULL;

	return at != NULL ? (unsigned char)to[at - from] : NO_CODE_POINT;
}

/* At a backslash: the code point it stands for. Moves pos past it. */
static int
scan_escape(struct scan *s, uint32_t *cp)
{
	int high, low;

	if (s->len - s->pos < 2)
		return scan_refuse(s, "unfinished string");
	*cp = plain_escape(s->text[s->pos + 1]);
	if (*cp != NO_CODE_POINT) {
		s->pos += 2;
		return 0;
	}
	if (s->text[s->pos + 1] != 'u')
		return scan_refuse(s, "unknown escape");
	if (s->len - s->pos < 6 || (high = hex4(s->text + s->pos + 2)) == -1)
		return scan_refuse(s, "bad \\u escape");
	if (high == 0)
		return scan_refuse(s, "NUL character");
	*cp = (uint32_t)high;
	if (high >= 0xD800 && high <= 0xDBFF && s->len - s->pos >= 12 &&
	    s->text[s->pos + 6] == '\\' && s->text[s->pos + 7] == 'u' &&
	    (low = hex4(s->text + s->pos + 8)) >= 0xDC00 && low <= 0xDFFF) {
		*cp = 0x10000 + ((uint32_t)(high - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
		s->pos += 12;
		return 0;
	}
	if (high >= 0xD800 && high <= 0xDFFF && !s->lenient)
		return scan_refuse(s, "lone surrogate");
	s->pos += 6;
	return 0;
}

/* One character of a string, unescaped. Moves pos past it. */
static int
scan_char(struct scan *s, uint32_t *cp)
{
	unsigned char c = (unsigned char)s->text[s->pos];
	size_t n;

	if (c == '\\')
		return scan_escape(s, cp);
	if (c < 0x20)
		return scan_refuse(s, "control character in a string");
	if (c < 0x80) {
		*cp = c;
		s->pos++;
		return 0;
	}
	n = utf8_decode(s->text + s->pos, s->len - s->pos, cp);
	if (n == 0)
		return scan_refuse(s, "invalid UTF-8");
	s->pos += n;
	return 0;
}

/* At the opening quote; `hash` covers the unescaped content. */
static int
scan_string(struct scan *s, uint32_t *hash)
{
	uint32_t cp;

	*hash = 2166136261u;
	s->pos++;
	while (peek_char(s) != '"') {
		if (peek_char(s) == -1)
			return scan_refuse(s, "unfinished string");
		if (scan_char(s, &cp) == -1)
			return -1;
		*hash = (*hash ^ cp) * 16777619u;
	}
	s->pos++;
	return 0;
}

/* Both keys were scanned before, so scanning them again cannot fail. */
static bool
same_key(const struct scan *s, size_t a_start, size_t b_start)
{
	struct json_fault ignored;
	struct scan a = *s, b = *s;
	uint32_t ca, cb;

	a.fault = b.fault = &ignored;
	a.pos = a_start;
	b.pos = b_start;
	while (peek_char(&a) != '"' && peek_char(&b) != '"') {
		if (scan_char(&a, &ca) == -1 || scan_char(&b, &cb) == -1 || ca != cb)
			return false;
	}
	return peek_char(&a) == '"' && peek_char(&b) == '"';
}

static int
note_key(struct scan *s, size_t start, uint32_t hash)
{
	size_t first = s->stack[s->depth - 1].first_key, i;

	for (i = first; i < s->keys_len; i++)
		if (s->keys[i].hash == hash && same_key(s, s->keys[i].start, start))
			return scan_refuse(s, "duplicate key");
	if (s->keys_len - first >= KEYS_MAX)
		return scan_refuse(s, "too many keys in one object");
	if (s->keys_len == s->keys_room) {
		s->keys_room = s->keys_room == 0 ? 32 : s->keys_room * 2;
		s->keys = xreallocarray(s->keys, s->keys_room, sizeof *s->keys);
	}
	s->keys[s->keys_len++] = (struct key){ .start = start, .hash = hash };
	return 0;
}

/* A key and its colon. */
static int
scan_key(struct scan *s)
{
	size_t start;
	uint32_t hash;

	skip_blank(s);
	if (peek_char(s) == '}')
		return scan_refuse(s, "a comma before a closing bracket is no JSON");
	if (peek_char(s) != '"')
		return refuse_next(s, "a key in double quotes was expected");
	start = s->pos + 1;
	if (scan_string(s, &hash) == -1 || note_key(s, start, hash) == -1)
		return -1;
	skip_blank(s);
	if (peek_char(s) != ':')
		return refuse_next(s, "':' was expected");
	s->pos++;
	return 0;
}

static size_t
count_digits(const char *text, size_t len, size_t at)
{
	size_t n = 0;

	while (at + n < len && text[at + n] >= '0' && text[at + n] <= '9')
		n++;
	return n;
}

/* json-c would clamp silently: integers must fit 64 bits signed, others a finite double. */
static bool
number_fits(const char *start, size_t len, bool integer)
{
	char text[NUMBER_MAX + 1];
	double value;

	memcpy(text, start, len);
	text[len] = '\0';
	value = strtod(text, NULL);
	if (!isfinite(value))
		return false;
	if (!integer)
		return true;
	/* Near 2^63 a double is not exact enough, so compare the digits. */
	if (value >= 9223372036854775808.0)
		return len == 19 && strcmp(text, "9223372036854775807") <= 0;
	if (value <= -9223372036854775808.0)
		return len == 20 && strcmp(text, "-9223372036854775808") <= 0;
	return true;
}

static int
scan_number(struct scan *s)
{
	size_t start = s->pos, at = s->pos, n;
	bool integer = true;

	if (s->text[at] == '-')
		at++;
	n = count_digits(s->text, s->len, at);
	if (n == 0)
		return refuse_next(s, "malformed number");
	if (n > 1 && s->text[at] == '0')
		return scan_refuse(s, "malformed number");
	at += n;
	if (at < s->len && s->text[at] == '.') {
		integer = false;
		n = count_digits(s->text, s->len, at + 1);
		if (n == 0)
			return scan_refuse(s, "malformed number");
		at += 1 + n;
	}
	if (at < s->len && (s->text[at] == 'e' || s->text[at] == 'E')) {
		integer = false;
		at++;
		if (at < s->len && (s->text[at] == '+' || s->text[at] == '-'))
			at++;
		n = count_digits(s->text, s->len, at);
		if (n == 0)
			return scan_refuse(s, "malformed number");
		at += n;
	}
	if (at - start > NUMBER_MAX)
		return scan_refuse(s, "number too long");
	if (!number_fits(s->text + start, at - start, integer))
		return scan_refuse(s, "number out of range");
	s->pos = at;
	return 0;
}

static int
scan_word(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if (s->len - s->pos < n || memcmp(s->text + s->pos, word, n) != 0)
		return refuse_next(s, "unknown word");
	s->pos += n;
	return 0;
}

static int
scan_scalar(struct scan *s)
{
	uint32_t hash;
	int c = peek_char(s);

	if (s->depth == 0)
		return refuse_top(s);
	if (c == '"')
		return scan_string(s, &hash);
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(s);
	if (c == 't')
		return scan_word(s, "true");
	if (c == 'f')
		return scan_word(s, "false");
	if (c == 'n')
		return scan_word(s, "null");
	if (c == ']')
		return scan_refuse(s, "a comma before a closing bracket is no JSON");
	return refuse_next(s, "a value was expected");
}

static int
open_container(struct scan *s)
{
	if (s->depth >= s->limits->max_depth || s->depth >= DEPTH_CAP)
		return scan_refuse(s, "nested too deeply");
	s->stack[s->depth].object = s->text[s->pos] == '{';
	s->stack[s->depth].first_key = s->keys_len;
	s->depth++;
	s->pos++;
	return 0;
}

static void
close_container(struct scan *s)
{
	s->depth--;
	s->keys_len = s->stack[s->depth].first_key;
	s->pos++;
}

static bool
at_close(const struct scan *s)
{
	return s->depth > 0 && peek_char(s) == (s->stack[s->depth - 1].object ? '}' : ']');
}

/* After a value: closes the containers that end here. 1: another value follows; 0: done; -1. */
static int
scan_after(struct scan *s)
{
	for (;;) {
		skip_blank(s);
		if (s->depth == 0)
			return s->pos == s->len ? 0 : scan_refuse(s, "text after the value");
		if (!at_close(s))
			break;
		close_container(s);
	}
	if (peek_char(s) != ',')
		return refuse_next(s, "',' or a closing bracket was expected");
	s->pos++;
	return s->stack[s->depth - 1].object && scan_key(s) == -1 ? -1 : 1;
}

/* One value, up to the end of it or of its first inner value. Returns like scan_after(). */
static int
scan_value(struct scan *s)
{
	int c;

	skip_blank(s);
	if (s->values++ >= s->limits->max_values)
		return scan_refuse(s, "too many values");
	c = peek_char(s);
	if (c != '{' && c != '[')
		return scan_scalar(s) == -1 ? -1 : scan_after(s);
	if (open_container(s) == -1)
		return -1;
	skip_blank(s);
	if (at_close(s))
		return scan_after(s);
	return s->stack[s->depth - 1].object && scan_key(s) == -1 ? -1 : 1;
}

static int
scan_text(const char *text, size_t len, const struct json_limits *limits, bool lenient,
    struct json_fault *fault)
{
	struct scan s = {
		.text = text, .len = len, .limits = limits, .fault = fault, .lenient = lenient
	};
	int more;

	if (is_utf16((const unsigned char *)text, len))
		return scan_refuse(&s, "it is UTF-16; send UTF-8");
	do
		more = scan_value(&s);
	while (more == 1);
	free(s.keys);
	return more;
}

int
json_scan(const char *text, size_t len, const struct json_limits *limits, struct json_fault *fault)
{
	return scan_text(text, len, limits, false, fault);
}

int
json_scan_answer(
    const char *text, size_t len, const struct json_limits *limits, struct json_fault *fault)
{
	return scan_text(text, len, limits, true, fault);
}

bool
json_is_array(const char *text, size_t len)
{
	size_t blank = strspn(text, " \t\r\n");

	return blank < len && text[blank] == '[';
}

const char *
json_array_next(const char *text, size_t len, size_t *at, size_t *one_len)
{
	/* behind the bracket that opens the array, or the comma of the value before */
	size_t from = *at > 0 ? *at : strspn(text, " \t\r\n"), start, i, depth = 0;
	bool quoted = false;

	start = i =
	    from + (text[from] != ']') + strspn(text + from + (text[from] != ']'), " \t\r\n");
	if (i >= len || text[i] == ']')
		return NULL;
	for (; quoted || depth > 0 || (text[i] != ',' && text[i] != ']'); i++) {
		if (text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text[i] == '[' || text[i] == '{'))
			depth++;
		else if (!quoted && (text[i] == ']' || text[i] == '}'))
			depth--;
	}
	*at = i;
	*one_len = i - start;
	return text + start;
}

size_t
json_array_count(const char *text, size_t len)
{
	size_t at = 0, one_len, n = 0;

	while (json_array_next(text, len, &at, &one_len) != NULL)
		n++;
	return n;
}
