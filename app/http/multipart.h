#ifndef APP_HTTP_MULTIPART_H
#define APP_HTTP_MULTIPART_H

#include <stddef.h>

struct arena;

/* multipart/form-data (RFC 7578, RFC 2046 5.1.1), pure: a complete body in memory, one part wanted.
 */
struct multipart_part {
	const char *data; /* borrowed from the body; not NUL-ended */
	size_t len;
	const char *filename; /* last path segment, at most 255 bytes of UTF-8; NULL: none given */
};

#define MULTIPART_MAX_PARTS 32

/*
 * The part whose Content-Disposition has name=`field`. NULL and *out; else why not (static text):
 * no boundary, not closed by its last delimiter, too many parts, bad part header, no such field,
 * two.
 */
const char *multipart_find(const char *body, size_t len, const char *boundary, const char *field,
    struct arena *mem, struct multipart_part *out);

#endif
