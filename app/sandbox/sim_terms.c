/* Related terms: the same made-up ones for the same term. */
#include <string.h>

#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_handlers.h"
#include "app/sandbox/sim_view.h"
#include "lib/arena.h"
#include "lib/db/db.h"
#include "lib/json.h"

#define TERMS_PREFIX "terms="

static struct json_object *
related_json(const char *term, struct arena *mem)
{
	static const char *const ends[] = { "ideas", "aesthetic", "inspiration" };
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < DB_LEN(ends); i++)
		json_object_array_add(
		    list, json_object_new_string(arena_printf(mem, "%s %s", term, ends[i])));
	return list;
}

/* GET /terms/related?terms=a&terms=b */
void
sim_terms_related(struct sim_call *c)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array(), *group;
	const char *at = c->req->query != NULL ? c->req->query : "", *term, *first = NULL;
	int64_t count = 0;
	bool good = true;

	for (; good && *at != '\0'; at += strcspn(at, "&"), at += *at == '&') {
		if (strncmp(at, TERMS_PREFIX, strlen(TERMS_PREFIX)) != 0)
			continue;
		term = sim_form_value(at, "terms", c->mem);
		good = term != NULL && *term != '\0';
		if (!good)
			break;
		first = first == NULL ? term : first;
		group = json_object_new_object();
		json_put_text(group, "term", term);
		json_put(group, "related_terms", related_json(term, c->mem));
		count += (int64_t)json_object_array_length(
		    json_object_object_get(group, "related_terms"));
		json_object_array_add(list, group);
	}
	json_put_text(o, "id", first);
	json_put_int(o, "related_term_count", count);
	json_put(o, "related_terms_list", list);
	if (good && first != NULL) {
		sim_reply_json(&c->reply, 200, o, c->mem);
		return;
	}
	json_object_put(o);
	sim_view_error(c, 400, 400, "Invalid terms related parameters.");
}
