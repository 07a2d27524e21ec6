#ifndef APP_HTTP_MULTIPART_H
#define APP_HTTP_MULTIPART_H

#include <stddef.h>

struct arena;

/* Extracts one part of a complete multipart/form-data body (RFC 7578, RFC 2046 5.1.1). Pure. */
struct multipart_part {
	const char *data; /* borrowed from the body; not NUL-terminated */
	size_t len;
	const char *filename; /* last path segment, at most 255 bytes of UTF-8; NULL: none */
};

#define MULTIPART_MAX_PARTS 32
/* The fault of a complete body without the field. */
extern const char multipart_no_field[];

/*
 * Finds the part whose Content-Disposition has name=`field`. NULL and *out; otherwise what is wrong
 * (static text): no boundary, no final delimiter, too many parts, bad part header, field missing or
 * repeated.
 */
const char *multipart_find(const char *body, size_t len, const char *boundary, const char *field,
    struct arena *mem, struct multipart_part *out);

/*
 * The boundary of the next delimiter line from *behind on, which moves past it; NULL: no more.
 * *behind is `body` at first. Delimiters stand at the start of a line and fill it.
 */
const char *multipart_delimiter(
    const char *body, size_t len, const char *boundary, const char **behind);

#endif
