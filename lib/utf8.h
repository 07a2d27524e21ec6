#ifndef LIB_UTF8_H
#define LIB_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Well-formed UTF-8 (RFC 3629: nothing overlong, no surrogates, <= U+10FFFF). NUL is fine. */
bool utf8_valid(const char *s, size_t len);
/* Number of code points in valid UTF-8. */
size_t utf8_length(const char *s, size_t len);
/* Longest prefix of at most max_bytes that ends between code points. */
size_t utf8_cut(const char *s, size_t len, size_t max_bytes);

/* Where the text begins without the ASCII white space around it; *len becomes its length. */
const char *utf8_trim(const char *s, size_t *len);

#endif
