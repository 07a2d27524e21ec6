/* Cleans text in one pass: what is refused is named before anything is stored. */
#include "lib/text.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/chars.h"
#include "lib/utf8.h"

#define FLAG_BASE 0x1f3f4u
#define FLAG_END 0xe007fu
#define FLAG_TAGS_MAX 8u
#define REPLACEMENT 0xfffdu

/* True: a blank where the text begins or ends. */
static bool
edge_blank(enum text_kind kind, uint32_t c)
{
	if (chars_white(c))
		return true;
	if (chars_mark(c))
		return kind == TEXT_KEY;
	return chars_ignorable(c) && chars_fault(c) == NULL && !chars_joined(c);
}

/* The character at s, REPLACEMENT for a malformed byte; returns its length. */
static size_t
char_at(const char *s, size_t len, uint32_t *c)
{
	size_t n = utf8_decode(s, len, c);

	if (n > 0)
		return n;
	*c = REPLACEMENT;
	return 1;
}

static size_t
last_char(const char *s, size_t len, uint32_t *c)
{
	size_t n = 1;

	while (n < len && n < 4 && ((unsigned char)s[len - n] & 0xc0) == 0x80)
		n++;
	if (utf8_decode(s + len - n, n, c) == n)
		return n;
	*c = REPLACEMENT;
	return 1;
}

static const char *
edges_cut(enum text_kind kind, const char *s, size_t *len)
{
	uint32_t c;
	size_t n;

	while (*len > 0 && (n = char_at(s, *len, &c), edge_blank(kind, c))) {
		s += n;
		*len -= n;
	}
	while (*len > 0 && (n = last_char(s, *len, &c), edge_blank(kind, c)))
		*len -= n;
	return s;
}

const char *
text_trim(const char *s, size_t *len)
{
	return edges_cut(TEXT_KEY, s, len);
}

size_t
text_blank(const char *s)
{
	uint32_t c;
	size_t n = *s != '\0' ? utf8_decode(s, strnlen(s, 4), &c) : 0;

	return n > 0 && chars_white(c) ? n : 0;
}

char *
text_squeeze(char *to, const char *s)
{
	char *at = to;
	size_t n;

	while (*s != '\0') {
		n = text_blank(s);
		if (n == 0)
			*at++ = *s++;
		else if (at > to && at[-1] != ' ')
			*at++ = ' ';
		s += n;
	}
	if (at > to && at[-1] == ' ')
		at--;
	*at = '\0';
	return to;
}

bool
text_find_unseen(const char *s, size_t len, uint32_t *c, size_t *at)
{
	size_t n;

	for (*at = 1; len > 0; ++*at, s += n, len -= n) {
		n = char_at(s, len, c);
		if (chars_unseen(*c))
			return true;
	}
	return false;
}

static bool
any_seen(const char *s, size_t len)
{
	uint32_t c;
	size_t n;

	for (; len > 0; s += n, len -= n) {
		n = char_at(s, len, &c);
		if (!chars_unseen(c))
			return true;
	}
	return false;
}

/* The tags that make a flag of the black flag before them: length in bytes, 0 for none. */
static size_t
flag_tags(const char *s, size_t len)
{
	size_t at = 0, n;
	uint32_t c;

	for (unsigned count = 0; count < FLAG_TAGS_MAX && at < len; count++) {
		n = char_at(s + at, len - at, &c);
		at += n;
		if (c == FLAG_END)
			return count > 0 ? at : 0;
		if (!chars_tag(c))
			return 0;
	}
	return 0;
}

/* What a line end, tab or the like becomes; 0: itself, or a fault. */
static char
char_folded(enum text_kind kind, uint32_t c)
{
	bool line_end = c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029;

	if (kind == TEXT_KEY)
		return '\0';
	if (line_end)
		return kind == TEXT_PROSE ? '\n' : ' ';
	if (c == '\t')
		return kind == TEXT_PROSE ? '\t' : ' ';
	return c == '\v' || c == '\f' ? ' ' : '\0';
}

static const char *
fault_named(struct arena *mem, uint32_t c, const char *what, size_t at)
{
	return arena_printf(
	    mem, "must not contain U+%04X (%s), at character %zu", (unsigned)c, what, at);
}

const char *
text_clean(enum text_kind kind, const char *s, size_t len, struct arena *mem, const char **fault)
{
	const char *start, *end, *what;
	char *out, *to, folded;
	size_t at, n, flag;
	uint32_t c;

	if (!utf8_valid(s, len)) {
		*fault = "must be valid UTF-8";
		return NULL;
	}
	start = s;
	s = edges_cut(kind, s, &len);
	at = utf8_length(start, (size_t)(s - start)) + 1;
	end = s + len;
	out = to = arena_alloc(mem, len + 1);
	for (; s < end; s += n, at++) {
		n = char_at(s, (size_t)(end - s), &c);
		folded = char_folded(kind, c);
		what = folded != '\0' ? NULL : chars_fault(c);
		if (what == NULL && kind == TEXT_KEY && (c == 0x2028 || c == 0x2029))
			what = "a line separator";
		if (what != NULL) {
			*fault = fault_named(mem, c, what, at);
			return NULL;
		}
		if (c == '\r' && s + 1 < end && s[1] == '\n')
			continue;
		flag = c == FLAG_BASE ? flag_tags(s + n, (size_t)(end - s) - n) : 0;
		if (folded != '\0')
			*to++ = folded;
		else
			to = (char *)memcpy(to, s, n + flag) + n + flag;
		at += utf8_length(s + n, flag);
		n += flag;
	}
	*to = '\0';
	return any_seen(out, (size_t)(to - out)) ? out : "";
}
