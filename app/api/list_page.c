/* Pages of short lists. */
#include "app/api/list_page.h"

#include <json-c/json.h>
#include <string.h>

#include "app/api/filter.h"
#include "app/http/admit.h"
#include "app/http/call.h"

struct page_target {
	struct call *c;
	struct list_page *page;
	list_render *render;
	const void *row;
	struct json_object *array;
};

static void
add_paged_row(void *arg)
{
	struct page_target *t = arg;
	struct list_page *p = t->page;

	if (p->fetched++ == p->limit)
		return;
	p->last =
	    (struct cursor){ .given = true, .id = *p->id, .time_us = *p->time_us, .title = "" };
	json_object_array_add(t->array, t->render(t->c, t->row));
}

bool
list_page_read(struct call *c, int64_t most, struct list_page *p)
{
	struct problem why = { 0 };
	const char *limit = call_query(c, "limit");

	filter_page(c, &p->limit, &p->offset, &why);
	if (limit == NULL || limit[0] == '\0')
		p->limit = most;
	cursor_read(c, NULL, &p->after, &why);
	return !call_refused(c, &why) && (!filter_deep(p->offset) || admit_long(c));
}

enum db_rc
list_page_rows(struct call *c, struct list_page *p, unsigned stmt, const struct db_param *in,
    size_t in_len, struct db_col *out, size_t out_len, list_render *render, const void *row,
    struct json_object *array)
{
	struct page_target t = { c, p, render, row, array };

	return db_each(c->db, stmt, in, in_len, out, out_len, add_paged_row, &t);
}

void
list_page_link(struct call *c, const struct list_page *p)
{
	if (p->fetched > p->limit)
		c->reply.link = cursor_link(c, NULL, &p->last);
}
