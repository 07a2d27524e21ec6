#ifndef LIB_ZONE_H
#define LIB_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

/*
 * A time zone of the IANA database as the system installs it (package tzdata, TZif files, RFC
 * 9636): local times to UTC and back. Immutable, so that threads may share one. By hand, since the
 * C library keeps one zone per process and libical takes the wrong side of a change
 * (docs/design.md).
 */
struct zone;

#define ZONE_DIRECTORY "/usr/share/zoneinfo"
#define ZONE_NAME_MAX 64
#define ZONE_FILE_MAX 65536 /* bytes; the largest file of 2025b has 3,600 */

/*
 * Loads "Europe/Vienna" or "UTC". NULL and *fault, a phrase such as "is not the name of a time
 * zone", when there is no such zone. Free with zone_free().
 */
MUST_CHECK struct zone *zone_load(const char *directory, const char *name, const char **fault);
/* The same from a file's bytes. NULL: not a TZif file of version 2 or later. */
MUST_CHECK struct zone *zone_parse(const void *data, size_t len);
void zone_free(struct zone *z);

/* Seconds east of UTC at a time, in seconds since the epoch. */
int64_t zone_offset(const struct zone *z, int64_t utc_s);
/* How often a wall clock shows a time. */
enum zone_clock { ZONE_ONCE, ZONE_SKIPPED, ZONE_TWICE };
/*
 * What the clocks of the zone show, as seconds since 1970-01-01T00:00:00 there, in UTC. A time that
 * occurs twice is the first of the two; one that is skipped moves forward by the length of the gap
 * (RFC 5545, 3.3.5).
 */
int64_t zone_to_utc(const struct zone *z, int64_t local_s, enum zone_clock *clock);

#endif
