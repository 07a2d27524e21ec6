/* Fields of a JSON body, refused in Pinterest's words. */
#include "app/sandbox/sim_fields.h"

#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_ids.h"
#include "app/sandbox/sim_view.h"
#include "lib/arena.h"
#include "lib/json.h"

static size_t
code_points(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

bool
sim_field_text(struct sim_call *c, const char *name, size_t max, const char **value)
{
	struct json_object *v = json_object_object_get(c->json, name);
	const char *s;

	*value = NULL;
	if (v == NULL)
		return true;
	s = json_object_get_string(v);
	if (!json_object_is_type(v, json_type_string)) {
		sim_view_error(c, 400, 1,
		    arena_printf(
			c->mem, "Invalid request: %s: %.80s is not of type 'string'", name, s));
		return false;
	}
	if (code_points(s) > max) {
		sim_view_error(c, 400, 1,
		    arena_printf(c->mem,
			"Invalid request: %s: '%.80s...' is too long, constraint: maxLength=%zu",
			name, s, max));
		return false;
	}
	*value = arena_strdup(c->mem, s);
	return true;
}

bool
sim_field_id(struct sim_call *c, const char *name, int64_t *id)
{
	struct json_object *v = json_object_object_get(c->json, name);

	*id = 0;
	if (v == NULL)
		return true;
	if (json_object_is_type(v, json_type_string))
		*id = sim_id_parse(json_object_get_string(v));
	else
		*id = -1;
	if (*id > 0)
		return true;
	sim_view_error(c, 400, 1,
	    arena_printf(c->mem, "Invalid request: %s: '%.80s' does not match '^\\d+$'", name,
		json_object_get_string(v)));
	return false;
}
