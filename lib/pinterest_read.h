#ifndef LIB_PINTEREST_READ_H
#define LIB_PINTEREST_READ_H

#include <json-c/json.h>
#include <stddef.h>

struct arena;

/*
 * Private to lib/pinterest*.c: reads answers of Pinterest. They are untrusted: the type of each
 * value is checked before it is read, and a wrong one counts as missing. `o` may be NULL.
 */

/* The answer as an object, or NULL. Free with json_object_put(). */
struct json_object *pinterest_read_object(const char *body, size_t len);
/* The member if it has this type, or NULL; borrowed. */
struct json_object *pinterest_read_member(
    struct json_object *o, const char *name, enum json_type type);
/* A text without NUL, in the arena, or NULL. */
const char *pinterest_read_text(struct json_object *o, const char *name, struct arena *mem);

#endif
