/*
 * The checked reader. The JSON type is compared before a value is read: json-c would convert "12"
 * to 12 and "false" to true.
 */
#include "lib/json_reader.h"

#include <json-c/json.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/nearest.h"
#include "lib/problem.h"
#include "lib/rfc3339.h"
#include "lib/utf8.h"
#include "lib/uuid.h"

#define KEY_SHOWN_BYTES 64

void
json_reader_init(
    struct json_reader *r, struct json_object *object, struct arena *mem, struct problem *why)
{
	*r = (struct json_reader){ .object = object, .mem = mem, .why = why, .prefix = "" };
	if (!json_object_is_type(object, json_type_object)) {
		r->object = NULL;
		problem_field(why, mem, "", "must be a JSON object");
	}
}

void
json_wrong(struct json_reader *r, const char *name, const char *reason)
{
	size_t shown = utf8_cut(name, strlen(name), KEY_SHOWN_BYTES);

	problem_field(
	    r->why, r->mem, arena_printf(r->mem, "%s%.*s", r->prefix, (int)shown, name), reason);
}

static bool
name_listed(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

void
json_known(struct json_reader *r, const char *const *names)
{
	struct json_object_iterator at, end;
	const char *name, *near;

	if (r->object == NULL)
		return;
	at = json_object_iter_begin(r->object);
	end = json_object_iter_end(r->object);
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		name = json_object_iter_peek_name(&at);
		if (name_listed(name, names))
			continue;
		near = nearest_name(name, names);
		json_wrong(r, name,
		    near == NULL ? "unknown field"
				 : arena_printf(r->mem, "unknown field; did you mean %s?", near));
	}
}

bool
json_has(const struct json_reader *r, const char *name)
{
	return r->object != NULL && json_object_object_get_ex(r->object, name, NULL);
}

bool
json_is_null(const struct json_reader *r, const char *name)
{
	struct json_object *v = NULL;

	return r->object != NULL && json_object_object_get_ex(r->object, name, &v) && v == NULL;
}

/* The value if it is present and of this type; else NULL, with the fault noted. */
static struct json_object *
get_member(struct json_reader *r, const char *name, enum json_need need, enum json_type type,
    const char *wrong_type)
{
	struct json_object *v = NULL;

	if (r->object == NULL)
		return NULL;
	json_object_object_get_ex(r->object, name, &v);
	if (v == NULL) {
		if (need == JSON_REQUIRED)
			json_wrong(r, name, "Field required");
		return NULL;
	}
	if (!json_object_is_type(v, type)) {
		json_wrong(r, name, wrong_type);
		return NULL;
	}
	return v;
}

/* Text in the JSON object; not NUL-terminated. */
struct span {
	const char *s;
	size_t len;
};

static bool
get_text_span(struct json_reader *r, const char *name, enum json_need need, struct span *out)
{
	struct json_object *v = get_member(r, name, need, json_type_string, "must be a string");

	if (v == NULL)
		return false;
	out->s = json_object_get_string(v);
	out->len = (size_t)json_object_get_string_len(v);
	return true;
}

/* A copy, or NULL with the fault noted. */
static const char *
checked_text(struct json_reader *r, const char *name, struct span text, size_t min, size_t max)
{
	size_t points;

	if (memchr(text.s, '\0', text.len) != NULL) {
		json_wrong(r, name, "must not contain NUL");
		return NULL;
	}
	points = utf8_length(text.s, text.len);
	if (points < min && points == 0) {
		json_wrong(r, name, "must not be empty");
		return NULL;
	}
	if (points < min || points > max) {
		json_wrong(r, name,
		    points < min ? arena_printf(r->mem, "must have at least %zu characters", min)
				 : arena_printf(r->mem, "must have at most %zu characters", max));
		return NULL;
	}
	return arena_strndup(r->mem, text.s, text.len);
}

const char *
json_text(struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max)
{
	struct span text;

	return get_text_span(r, name, need, &text) ? checked_text(r, name, text, min, max) : NULL;
}

const char *
json_trimmed(struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max)
{
	struct span text;

	if (!get_text_span(r, name, need, &text))
		return NULL;
	text.s = utf8_trim(text.s, &text.len);
	return checked_text(r, name, text, min, max);
}

int
json_flag(struct json_reader *r, const char *name, enum json_need need, bool *out)
{
	struct json_object *v =
	    get_member(r, name, need, json_type_boolean, "must be true or false");

	if (v == NULL)
		return -1;
	*out = json_object_get_boolean(v);
	return 0;
}

int
json_uuid(struct json_reader *r, const char *name, enum json_need need, struct uuid *out)
{
	struct json_object *v = get_member(r, name, need, json_type_string, "must be a UUID");

	if (v == NULL)
		return -1;
	if (strlen(json_object_get_string(v)) != (size_t)json_object_get_string_len(v) ||
	    uuid_parse(json_object_get_string(v), out) == -1) {
		json_wrong(r, name, "must be a UUID");
		return -1;
	}
	return 0;
}

int
json_time(struct json_reader *r, const char *name, enum json_need need, int64_t *out_us)
{
	static const char wrong[] =
	    "must be an RFC 3339 date-time with an offset, such as 2026-03-01T08:00:00Z";
	struct json_object *v = get_member(r, name, need, json_type_string, wrong);

	if (v == NULL)
		return -1;
	if (strlen(json_object_get_string(v)) != (size_t)json_object_get_string_len(v) ||
	    rfc3339_parse(json_object_get_string(v), out_us) == -1) {
		json_wrong(r, name, wrong);
		return -1;
	}
	return 0;
}

struct json_object *
json_array(struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max)
{
	struct json_object *v = get_member(r, name, need, json_type_array, "must be an array");
	size_t len;

	if (v == NULL)
		return NULL;
	len = json_object_array_length(v);
	if (len < min || len > max) {
		json_wrong(
		    r, name, arena_printf(r->mem, "must have %zu to %zu elements", min, max));
		return NULL;
	}
	return v;
}
