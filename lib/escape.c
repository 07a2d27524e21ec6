/* A character is shown as it is or byte by byte: nothing is left out. */
#include "lib/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/chars.h"
#include "lib/utf8.h"

/* Length of the character at s if a terminal may get it; 0: its first byte is to be escaped. */
static size_t
plain_length(const char *s, size_t len)
{
	uint32_t c;
	size_t n = utf8_decode(s, len, &c);
	bool joiner = c == 0x200c || c == 0x200d || (c >= 0xfe00 && c <= 0xfe0f);

	if (n == 0 || c == 0x2028 || c == 0x2029 || chars_fault(c) != NULL)
		return 0;
	return chars_ignorable(c) && !joiner ? 0 : n;
}

size_t
escape_append(char *out, size_t at, size_t room, const char *s, size_t len, size_t *left)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t n; len > 0; s += n, len -= n) {
		n = plain_length(s, len);
		if (at + (n > 0 ? n : 4) > room)
			break;
		if (n > 0) {
			memcpy(out + at, s, n);
			at += n;
		} else {
			unsigned char byte = (unsigned char)*s;

			out[at++] = '\\';
			out[at++] = 'x';
			out[at++] = digits[byte >> 4];
			out[at++] = digits[byte & 15];
			n = 1;
		}
	}
	*left = len;
	return at;
}
