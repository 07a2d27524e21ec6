#ifndef LIB_JSON_H
#define LIB_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/json_scan.h"
#include "lib/uuid.h"

/* Scans strictly, then parses. NULL and *fault when invalid. Free with json_object_put(). */
MUST_CHECK struct json_object *json_parse(
    const char *text, size_t len, const struct json_limits *limits, struct json_fault *fault);
/* Like json_parse(), with json_scan_answer(): for answers of other systems. */
MUST_CHECK struct json_object *json_parse_answer(
    const char *text, size_t len, const struct json_limits *limits, struct json_fault *fault);

/* Builders: they add to `o`; NULL and TIME_NONE are written as null. `text` is copied. */
void json_put_text(struct json_object *o, const char *name, const char *text);
void json_put_int(struct json_object *o, const char *name, int64_t value);
void json_put_bool(struct json_object *o, const char *name, bool value);
/* NULL and the nil UUID: null. */
void json_put_uuid(struct json_object *o, const char *name, const struct uuid *value);
/* The id of a project, as it is shown. */
void json_put_project(struct json_object *o, const char *name, const struct uuid *id);
void json_put_time(struct json_object *o, const char *name, int64_t us);
/* Adds `value`, taking ownership. */
void json_put(struct json_object *o, const char *name, struct json_object *value);
/* Compact text, no escaped slashes; borrowed from the object. */
const char *json_dump(struct json_object *o, size_t *len);
/* Appends that text, and frees the object. */
void json_write(struct buf *out, struct json_object *o);
/* Adds JSON that is stored as text, without parsing it; NULL: an empty array. */
void json_put_stored(struct json_object *o, const char *name, const char *text);

#endif
