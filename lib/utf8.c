/* Well-formed UTF-8 according to the table in RFC 3629, section 4. */
#include "lib/utf8.h"

/* Length of the character at s; 0 when it is malformed or longer than len (len >= 1). */
static size_t
char_length(const unsigned char *s, size_t len)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (n > len)
		return 0;
	/* The range of the second byte excludes overlong forms, surrogates and > U+10FFFF. */
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return n;
}

size_t
utf8_decode(const char *s, size_t len, uint32_t *c)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n = char_length(p, len);

	*c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++)
		*c = *c << 6 | (p[i] & 0x3fu);
	return n;
}

bool
utf8_valid(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;

	while (len > 0) {
		size_t n = char_length(p, len);

		if (n == 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

size_t
utf8_length(const char *s, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)s[i] & 0xc0) != 0x80;
	return count;
}

size_t
utf8_cut(const char *s, size_t len, size_t max_bytes)
{
	size_t n = max_bytes;

	if (len <= max_bytes)
		return len;
	while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

size_t
utf8_blank(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	if (p[0] == 0xc2)
		return p[1] == 0x85 || p[1] == 0xa0 ? 2 : 0;
	if (p[0] == 0xe1)
		return p[1] == 0x9a && p[2] == 0x80 ? 3 : 0;
	if (p[0] == 0xe2 && p[1] == 0x80)
		return (p[2] >= 0x80 && p[2] <= 0x8a) || p[2] == 0xa8 || p[2] == 0xa9 ||
			       p[2] == 0xaf
			   ? 3
			   : 0;
	if (p[0] == 0xe2)
		return p[1] == 0x81 && p[2] == 0x9f ? 3 : 0;
	if (p[0] == 0xe3)
		return p[1] == 0x80 && p[2] == 0x80 ? 3 : 0;
	return is_blank(s[0]);
}

char *
utf8_squeeze(char *to, const char *s)
{
	char *at = to;
	size_t n;

	while (*s != '\0') {
		n = utf8_blank(s);
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

const char *
utf8_trim(const char *s, size_t *len)
{
	for (; *len > 0 && is_blank(*s); --*len)
		s++;
	while (*len > 0 && is_blank(s[*len - 1]))
		--*len;
	return s;
}
