#ifndef LIB_RFC3339_H
#define LIB_RFC3339_H

#include <stdint.h>

#include "lib/attr.h"

#define RFC3339_SIZE 28 /* "2026-03-01T08:00:00.123456Z" and NUL */

/*
 * RFC 3339 date-time with a mandatory offset (Z or +hh:mm) -> microseconds since the epoch.
 * Upper or lower case t and z; 1 to 9 fraction digits, truncated to microseconds. ":60", a missing
 * offset and RFC 9557 suffixes are refused. Years 1970 to 9999. 0 and *us, or -1.
 */
MUST_CHECK int rfc3339_parse(const char *text, int64_t *us);
/*
 * Writes UTC with 'Z' into out and returns out. Six fraction digits unless they are all zero, as
 * both Python's and JavaScript's parsers read it. Times before 1970 and after 9999 are clamped;
 * TIME_NONE panics.
 */
char *rfc3339_format(int64_t us, char out[RFC3339_SIZE]);
/* Pinterest's created_at: without an offset it is UTC. */
MUST_CHECK int rfc3339_parse_lenient(const char *text, int64_t *us);
/* HTTP Date header, IMF-fixdate only (RFC 9110 5.6.7) -> epoch microseconds. 0 or -1. */
MUST_CHECK int httpdate_parse(const char *text, int64_t *us);

#endif
