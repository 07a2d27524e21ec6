/* All faults of a row, in one sentence and as a list. */
#include "worker/import/import_errors.h"

#include <stdio.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/json.h"
#include "lib/problem.h"
#include "lib/utf8.h"

#define TAIL_MAX 64 /* "; and 31 more (line 4294967295)" */

void
import_errors_add(struct problem *why, struct arena *mem, const char *code, const char *field,
    const char *message)
{
	problem_field(why, mem, field, message);
	if (why->errors_len == 1)
		why->code = code;
}

/* Only what the decoder says needs its field's name: other sentences are whole. */
static const char *
error_sentence(const struct problem *why, size_t i, struct arena *mem)
{
	const struct problem_field *f = &why->errors[i];

	if (f->path[0] == '\0' || (i == 0 && strcmp(why->code, "validation_error") != 0))
		return f->reason;
	return arena_printf(mem, "%s: %s", f->path, f->reason);
}

const char *
import_errors_message(const struct problem *why, size_t line, struct arena *mem)
{
	struct buf text;
	const char *message;
	size_t i;

	buf_init(&text, IMPORT_MESSAGE_BYTES);
	for (i = 0; i < why->errors_len; i++) {
		const char *one = error_sentence(why, i, mem);
		size_t len = strlen(one), room = IMPORT_MESSAGE_BYTES - TAIL_MAX - text.len;

		if (i > 0 && len + 2 > room)
			break;
		if (i > 0)
			buf_puts(&text, "; ");
		buf_add(&text, one, utf8_cut(one, len, room));
	}
	if (why->errors_len + why->errors_more > i)
		buf_printf(&text, "; and %zu more", why->errors_len + why->errors_more - i);
	if (line > 0)
		buf_printf(&text, " (line %zu)", line);
	message = arena_strdup(mem, buf_str(&text));
	buf_free(&text);
	return message;
}

const char *
import_errors_list(const struct problem *why, struct arena *mem)
{
	struct json_object *list = json_object_new_array();
	const char *text;

	for (size_t i = 0; i < why->errors_len; i++) {
		const struct problem_field *f = &why->errors[i];
		struct json_object *one = json_object_new_object();

		json_put_text(one, "field", f->path[0] != '\0' ? f->path : NULL);
		json_put_text(one, "message", f->reason);
		json_object_array_add(list, one);
	}
	text = arena_strdup(mem, json_dump(list, NULL));
	json_object_put(list);
	return text;
}
