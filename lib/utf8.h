#ifndef LIB_UTF8_H
#define LIB_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

/* Well-formed UTF-8 (RFC 3629: no overlong forms or surrogates, <= U+10FFFF). NUL is allowed. */
MUST_CHECK bool utf8_valid(const char *s, size_t len);
/* The first character of `len` bytes (>= 1): its length and code point, or 0 when malformed. */
MUST_CHECK size_t utf8_decode(const char *s, size_t len, uint32_t *c);
/* Number of code points in valid UTF-8. */
size_t utf8_length(const char *s, size_t len);
/* Length of the longest prefix of at most max_bytes that ends between code points. */
size_t utf8_cut(const char *s, size_t len, size_t max_bytes);

#endif
