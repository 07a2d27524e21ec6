/* Reads JSON whose types may be wrong. */
#include "lib/pinterest_read.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/json.h"

static const struct json_limits answer_limits = { .max_depth = 32, .max_values = 200000 };

struct json_object *
pinterest_read_object(const char *body, size_t len)
{
	struct json_fault ignored;
	struct json_object *o = json_parse_answer(body, len, &answer_limits, &ignored);

	if (o != NULL && !json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		return NULL;
	}
	return o;
}

struct json_object *
pinterest_read_member(struct json_object *o, const char *name, enum json_type type)
{
	struct json_object *v = NULL;

	if (!json_object_is_type(o, json_type_object))
		return NULL;
	json_object_object_get_ex(o, name, &v);
	return json_object_is_type(v, type) ? v : NULL;
}

const char *
pinterest_read_text(struct json_object *o, const char *name, struct arena *mem)
{
	struct json_object *v = pinterest_read_member(o, name, json_type_string);
	const char *s;

	if (v == NULL)
		return NULL;
	s = json_object_get_string(v);
	if (strlen(s) != (size_t)json_object_get_string_len(v))
		return NULL;
	return arena_strdup(mem, s);
}
