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
 * counts as absent, and so does an empty text, whatever the field holds; json_is_empty() tells them
 * apart.
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
/* The key has the value null. */
MUST_CHECK bool json_is_null(const struct json_reader *r, const char *name);
/* The key has the value null, or a text of nothing but blanks, which counts as absent. */
MUST_CHECK bool json_is_empty(const struct json_reader *r, const char *name);
/* The key has any other value, valid or not. */
MUST_CHECK bool json_has(const struct json_reader *r, const char *name);
void json_wrong(struct json_reader *r, const char *name, const char *reason);

/*
 * Text by the rule of lib/text.h. min and max count code points, without blanks at the edges. NULL:
 * absent, empty or wrong. An empty text is wrong where it is required.
 */
const char *json_text(/* TEXT_LINE */
    struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max);
const char *json_prose(/* TEXT_PROSE */
    struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max);
const char *json_key(/* TEXT_KEY */
    struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max);
/* Text as it is, blanks and all, but no NUL: for passwords. */
const char *json_password(
    struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max);
/* An e-mail address by the rule of lib/email.h, in lower case. */
const char *json_email(struct json_reader *r, const char *name, enum json_need need);
/* An http or https URL by the rule of lib/url.h; ASCII blanks at its edges are cut off. */
const char *json_url(struct json_reader *r, const char *name, enum json_need need);
/* 0 and *out; -1 when absent, null or wrong (wrong and missing required fields are noted). */
MUST_CHECK int json_flag(struct json_reader *r, const char *name, enum json_need need, bool *out);
MUST_CHECK int json_whole(struct json_reader *r, const char *name, enum json_need need, int64_t min,
    int64_t max, int64_t *out);
MUST_CHECK int json_uuid(
    struct json_reader *r, const char *name, enum json_need need, struct uuid *out);
/* The same of one element of an array; nothing is noted. */
MUST_CHECK int json_item_uuid(struct json_object *item, struct uuid *out);
/* A text or number that rfc3339_fault() takes -> microseconds. */
MUST_CHECK int json_time(
    struct json_reader *r, const char *name, enum json_need need, int64_t *out_us);
/* An array (borrowed) of min..max elements, or NULL. */
struct json_object *json_array(
    struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max);

#endif
