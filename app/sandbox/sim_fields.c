/* Fields of a JSON body, refused in Pinterest's words. */
#include "app/sandbox/sim_fields.h"

#include <string.h>

#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_ids.h"
#include "app/sandbox/sim_view.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/utf8.h"

bool
sim_field_text(struct sim_call *c, const char *name, size_t max, const char **value)
{
	struct json_object *v = json_object_object_get(c->json, name);
	const char *s;

	*value = NULL;
	if (v == NULL)
		return true;
	s = json_object_get_string(v);
	if (!json_object_is_type(v, json_type_string))
		return SIM_INVALID(c, "%s: %.80s is not of type 'string'", name, s);
	if (utf8_length(s, strlen(s)) > max)
		return SIM_INVALID(
		    c, "%s: '%.80s...' is too long, constraint: maxLength=%zu", name, s, max);
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
	*id =
	    json_object_is_type(v, json_type_string) ? sim_id_parse(json_object_get_string(v)) : -1;
	if (*id > 0)
		return true;
	return SIM_INVALID(
	    c, "%s: '%.80s' does not match '^\\d+$'", name, json_object_get_string(v));
}

int64_t
sim_field_number(struct json_object *o, const char *name, int64_t absent)
{
	struct json_object *v = json_object_object_get(o, name);

	return json_object_is_type(v, json_type_int) ? json_object_get_int64(v) : absent;
}
