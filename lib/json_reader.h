#ifndef LIB_JSON_READER_H
#define LIB_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

struct arena;
struct json_object;
struct problem;
struct uuid;

/*
 * Reader of one JSON object: typed getters that add every wrong field to a problem, with its path,
 * and continue, so that one answer lists them all. Text is copied into the arena. An explicit null
 * counts as absent; json_is_null() tells them apart.
 */
struct json_reader {
	struct json_object *object;
	struct arena *mem;
	struct problem *why;
	const char *prefix; /* "" or "pins.3." */
};

enum json_need { JSON_OPTIONAL, JSON_REQUIRED };

void json_reader_init(
    struct json_reader *r, struct json_object *object, struct arena *mem, struct problem *why);
/* Wrong fields: keys that are not in the NULL-ended list ("unknown field; did you mean x?"). */
void json_known(struct json_reader *r, const char *const *names);
/* The key is present with the value null. */
MUST_CHECK bool json_is_null(const struct json_reader *r, const char *name);
/* The key is present, null or not. */
MUST_CHECK bool json_has(const struct json_reader *r, const char *name);
void json_wrong(struct json_reader *r, const char *name, const char *reason);

/* min and max count code points. A NUL inside is wrong. NULL: absent, null or wrong. */
const char *json_text(
    struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max);
/* The same, trimmed before it is measured. */
const char *json_trimmed(
    struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max);
/* 0 and *out; -1 when absent, null or wrong (wrong and missing required fields are noted). */
MUST_CHECK int json_flag(struct json_reader *r, const char *name, enum json_need need, bool *out);
MUST_CHECK int json_uuid(
    struct json_reader *r, const char *name, enum json_need need, struct uuid *out);
/* RFC 3339 with offset -> microseconds. */
MUST_CHECK int json_time(
    struct json_reader *r, const char *name, enum json_need need, int64_t *out_us);
/* An array (borrowed) of min..max elements, or NULL. */
struct json_object *json_array(
    struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max);

#endif
