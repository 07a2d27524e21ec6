/* What Pinterest reports about terms; pure. */
#include "lib/pinterest_reports.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/json.h"
#include "lib/pinterest_read.h"

static void
read_term_group(struct pinterest_term_group *g, struct json_object *o, struct arena *mem)
{
	struct json_object *list = pinterest_read_member(o, "related_terms", json_type_array), *one;
	size_t n = list != NULL ? json_object_array_length(list) : 0;

	*g = (struct pinterest_term_group){ .term = pinterest_read_text(o, "term", mem) };
	g->related = arena_alloc(mem, (n + 1) * sizeof *g->related);
	for (size_t i = 0; i < n; i++) {
		one = json_object_array_get_idx(list, i);
		if (json_object_is_type(one, json_type_string))
			g->related[g->len++] = arena_strdup(mem, json_object_get_string(one));
	}
}

int
pinterest_terms_parse(struct pinterest_terms *t, const char *body, size_t len, struct arena *mem)
{
	struct json_object *o = pinterest_read_object(body, len);
	struct json_object *list = pinterest_read_member(o, "related_terms_list", json_type_array);
	struct json_object *count = pinterest_read_member(o, "related_term_count", json_type_int);
	size_t n = list != NULL ? json_object_array_length(list) : 0;

	*t = (struct pinterest_terms){ .id = pinterest_read_text(o, "id", mem),
		.count = count != NULL ? json_object_get_int64(count) : -1,
		.groups = arena_alloc(mem, (n + 1) * sizeof *t->groups) };
	for (size_t i = 0; i < n; i++) {
		read_term_group(&t->groups[t->len], json_object_array_get_idx(list, i), mem);
		t->len += t->groups[t->len].term != NULL;
	}
	json_object_put(o);
	return list != NULL ? 0 : -1;
}
