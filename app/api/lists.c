/* Lists of rows, and lists of names that are stored as bits. */
#include "app/api/lists.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "lib/uuid.h"

#define HEX_LEN 32

struct list_target {
	struct call *c;
	list_render *render;
	const void *row;
	struct json_object *array;
};

static void
add_rendered_row(void *arg)
{
	struct list_target *t = arg;

	json_object_array_add(t->array, t->render(t->c, t->row));
}

enum db_rc
list_rows(struct call *c, unsigned stmt, const struct db_param *in, size_t in_len,
    struct db_col *out, size_t out_len, list_render *render, const void *row,
    struct json_object *array)
{
	struct list_target t = { c, render, row, array };

	return db_each(c->db, stmt, in, in_len, out, out_len, add_rendered_row, &t);
}

void
list_begin(struct buf *text)
{
	buf_init(text, REPLY_BYTES_MAX);
	(void)buf_putc(text, '[');
}

void
list_add(struct buf *text, struct json_object *row)
{
	if (text->len > 1)
		(void)buf_putc(text, ',');
	json_write(text, row);
}

void
list_reply(struct call *c, struct buf *text)
{
	(void)buf_putc(text, ']');
	reply_large(&c->reply, 200, text);
	c->reply.etag = 1;
}

struct json_object *
list_split_json(const char *text, struct arena *mem)
{
	struct json_object *out = json_object_new_array();

	while (text != NULL && *text != '\0') {
		size_t n = strcspn(text, ",");

		if (n > 0)
			json_object_array_add(
			    out, json_object_new_string(arena_strndup(mem, text, n)));
		text += n + (text[n] != '\0');
	}
	return out;
}

struct json_object *
list_accounts_json(const char *ids)
{
	struct json_object *a;
	char text[UUID_TEXT_SIZE];

	if (ids == NULL)
		return NULL;
	a = json_object_new_array();
	for (; strlen(ids) >= HEX_LEN; ids += HEX_LEN + (ids[HEX_LEN] == ',')) {
		snprintf(text, sizeof(text), "%.8s-%.4s-%.4s-%.4s-%.12s", ids, ids + 8, ids + 12,
		    ids + 16, ids + 20);
		json_object_array_add(a, json_object_new_string(text));
	}
	return a;
}

struct json_object *
list_names_json(int64_t bits, const char *const *names)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; names[i] != NULL; i++)
		if (bits & INT64_C(1) << i)
			json_object_array_add(array, json_object_new_string(names[i]));
	return array;
}

/* "must hold read, write or destructive" */
static const char *
allowed_names(struct arena *mem, const char *const *names)
{
	const char *text = arena_printf(mem, "must hold %s", names[0]);

	for (size_t i = 1; names[i] != NULL; i++)
		text = arena_printf(
		    mem, "%s%s%s", text, names[i + 1] == NULL ? " or " : ", ", names[i]);
	return text;
}

int64_t
list_read_names(struct json_reader *r, const char *key, const char *const *names)
{
	struct json_object *array, *item;
	int64_t bits = 0;
	size_t n = 0, k;

	while (names[n] != NULL)
		n++;
	array = json_array(r, key, JSON_OPTIONAL, 1, n);
	for (size_t i = 0; array != NULL && i < json_object_array_length(array); i++) {
		item = json_object_array_get_idx(array, i);
		for (k = 0; k < n && (!json_object_is_type(item, json_type_string) ||
					 strcmp(json_object_get_string(item), names[k]) != 0);)
			k++;
		if (k == n) {
			json_wrong(r, key, allowed_names(r->mem, names));
			return 0;
		}
		bits |= INT64_C(1) << k;
	}
	return bits;
}
