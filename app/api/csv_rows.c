/* What the cells of our own columns mean. */
#include "app/api/csv_rows.h"

#include <string.h>

#include "app/api/csv_columns.h"
#include "app/api/csv_table.h"
#include "app/api/import_rows.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/problem.h"
#include "lib/text.h"

_Static_assert(CSV_ROWS_MAX <= IMPORT_ROWS_MAX, "the rows of a file have no room");

struct json_object *
csv_rows_terms(const char *text)
{
	struct json_object *list = json_object_new_array();

	/* one more than a pin may have is enough to refuse it */
	while (json_object_array_length(list) <= PIN_TERMS_MAX) {
		size_t n = strcspn(text, ",|"), len = n;
		const char *one = text_trim(text, &len);

		if (len > 0)
			json_object_array_add(list, json_object_new_string_len(one, (int)len));
		if (text[n] == '\0')
			break;
		text += n + 1;
	}
	return list;
}

/* Without the apostrophe that tells spreadsheets that a cell is text; prose may begin with one. */
static const char *
without_text_mark(const char *field, const char *cell)
{
	static const char *const never_begins[] = { "account_id", "board_id", "asset_id",
		"cover_image_asset_id", "image_url", "cover_image_url", "link_url", "run_at",
		"not_after", "dominant_color", NULL };

	if (cell[0] != '\'')
		return cell;
	if (cell[1] != '\0' && cell[1 + strspn(cell + 1, "0123456789")] == '\0')
		return cell + 1;
	for (size_t i = 0; never_begins[i] != NULL; i++)
		if (strcmp(field, never_begins[i]) == 0)
			return cell + 1;
	return cell;
}

/* Rows whose keys were rounded would be made again, or be each other's. */
static bool
key_rounded(const char *field, const char *cell)
{
	return strcmp(field, "idempotency_key") == 0 && strchr(cell, '+') != NULL &&
	       pin_id_rounded(cell);
}

const char *
csv_rows_lost_time(const struct csv_columns *c, const struct csv_table *t,
    const struct csv_line *line, const char *meant)
{
	const char *lost = NULL;

	for (size_t i = 0; i < c->len; i++) {
		const char *name = csv_cell(&t->header, i), *cell = csv_cell(line, i);

		if (c->field[i] != NULL && strcmp(c->field[i], meant) == 0 && *cell != '\0')
			return NULL;
		if (c->field[i] == NULL && import_rows_loses_time(name, cell))
			lost = name;
	}
	return lost;
}

static void
add_csv_row(struct import_rows *out, const struct csv_columns *c, const struct csv_table *t,
    const struct csv_line *line, struct arena *mem)
{
	struct json_object *fields = json_object_new_object();
	const char *fault = csv_columns_line_fault(c, line, mem), *wrong = "";
	const char *lost = csv_rows_lost_time(c, t, line, "run_at");
	struct import_row *row;

	for (size_t i = 0; fault == NULL && i < c->len; i++) {
		const char *field = c->field[i], *cell = csv_cell(line, i);

		if (field == NULL)
			continue;
		cell = without_text_mark(field, cell);
		json_put(fields, field,
		    strcmp(field, "related_terms") == 0 && *cell != '\0'
			? csv_rows_terms(cell)
			: json_object_new_string(cell));
		if (key_rounded(field, cell))
			wrong = field;
	}
	row = import_rows_add(out, fields, mem);
	row->line = line->number;
	if (row->refused_code == NULL && (fault != NULL || *wrong != '\0')) {
		row->refused_code = "validation_error";
		row->refused_field = wrong;
		row->refused_message = fault != NULL ? fault : PIN_ID_ROUNDED;
	} else if (lost != NULL)
		import_rows_refuse_time(row, lost, "run_at", mem);
	json_object_put(fields);
}

int
csv_rows_read(struct import_rows *out, const struct csv_table *t, bool ignore, struct arena *mem,
    struct problem *why)
{
	const char *names[PIN_FIELDS_MAX + 1], *time;
	struct import_ignored ignored = { 0 };
	struct csv_columns columns = { .len = 0 };

	import_rows_fields(names);
	if (csv_columns_map(&columns, t, names, ignore, mem, why) == -1)
		return -1;
	for (size_t i = 0; i < columns.ignored_len; i++) {
		time = import_rows_time_meant(columns.ignored[i]);
		if (time != NULL)
			problem_field(why, mem, columns.ignored[i],
			    arena_printf(mem, "unknown column; did you mean %s?", time));
		import_rows_ignore(&ignored, columns.ignored[i], 0, mem);
	}
	for (size_t i = 0; i < t->len; i++)
		add_csv_row(out, &columns, t, &t->rows[i], mem);
	import_rows_warn(out, &ignored, names);
	import_rows_fit(out, mem, why);
	return problem_any(why) ? -1 : 0;
}
