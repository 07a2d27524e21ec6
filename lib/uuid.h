#ifndef LIB_UUID_H
#define LIB_UUID_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"

#define UUID_TEXT_SIZE 37

struct uuid {
	unsigned char b[16];
};

/* UUIDv7 (RFC 9562, 5.7): wall-clock ms, 12 bits of sub-millisecond time, the rest random. */
struct uuid uuid_v7(int64_t now_us);
/*
 * Ids of projects. Their last three bytes count the resets of a project, whose rows from before a
 * reset keep the id that it had; outside of the database it is always shown with zeros there.
 */
struct uuid uuid_project(int64_t now_us);
/* The id after the next reset. */
struct uuid uuid_project_next(const struct uuid *id);
struct uuid uuid_project_shown(const struct uuid *id);
/* The 8-4-4-4-12 form, either case -> 0; anything else -> -1. */
MUST_CHECK int uuid_parse(const char *text, struct uuid *out);
/* Lower case; returns out. */
char *uuid_format(const struct uuid *u, char out[UUID_TEXT_SIZE]);
/* The same for a project, as it is shown. */
char *uuid_format_project(const struct uuid *id, char out[UUID_TEXT_SIZE]);
MUST_CHECK bool uuid_equal(const struct uuid *a, const struct uuid *b);
MUST_CHECK bool uuid_is_nil(const struct uuid *u);
/* The shard (0..63) of a key: the low six bits of a hash of all 16 bytes. */
unsigned uuid_shard(const struct uuid *u);
/* A place (0..places-1) in a table, by all bytes too: those at the end of a project's are zeros. */
unsigned uuid_place(const struct uuid *u, unsigned places);

#define SHARD_COUNT 64

#endif
