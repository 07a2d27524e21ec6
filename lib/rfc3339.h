#ifndef LIB_RFC3339_H
#define LIB_RFC3339_H

#include <stdint.h>

#include "lib/attr.h"

#define RFC3339_SIZE 28 /* "2026-03-01T08:00:00.123456Z" and NUL */

/*
 * A time from outside -> microseconds since the epoch. NULL and *us, or why not (static). Taken is
 * what can mean only one moment: ISO 8601 with an offset (Z, +hh:mm, +hhmm, +hh; a minus may be
 * U+2212), with T, t, a blank or "_" before the time of day, with or without seconds, with any
 * fraction after a point or comma, truncated to microseconds; seconds (10 digits)
 * or milliseconds (13 digits) since 1970, with any fraction. Blanks at the edges do not count.
 * Refused, each by its own words: no offset, the name of a zone, what is no day or hour, ":60".
 * Years 1970 to 9999.
 */
const char *rfc3339_fault(const char *text, int64_t *us);
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
