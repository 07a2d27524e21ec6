/*
 * CSV files: an accepted file is 1 to 500 rows, each a JSON object or a reason, in rising lines; a
 * refusal has a reason. Files of an odd size ignore unknown columns.
 */
#include "tests/fuzz/fuzz.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "app/api/csv_rows.h"
#include "app/api/csv_table.h"
#include "app/api/import_rows.h"
#include "lib/arena.h"
#include "lib/problem.h"
#include "lib/utf8.h"

static void
check_row(const struct import_row *row, size_t *line)
{
	struct json_object *fields = json_tokener_parse(row->payload);

	MUST(json_object_is_type(fields, json_type_object));
	MUST(row->line > *line);
	*line = row->line;
	MUST((row->refused_code == NULL) == (row->refused_message == NULL));
	MUST(utf8_valid(row->payload, strlen(row->payload)));
	json_object_put(fields);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xmalloc(size > 0 ? size : 1);
	struct arena *mem = arena_new();
	struct import_rows *rows = arena_alloc(mem, sizeof *rows);
	struct problem why = { 0 };
	struct csv_table *t;
	size_t line = 0;
	int rc = -1;

	memcpy(text, data, size);
	t = csv_table_read(text, size, mem, &why);
	if (t != NULL)
		rc = csv_rows_read(rows, t, size % 2 == 1, mem, &why);
	if (rc == -1)
		MUST(why.status == 422 && why.errors_len > 0);
	else
		MUST(rows->len >= 1 && rows->len <= IMPORT_ROWS_MAX && why.status == 0);
	for (size_t i = 0; rc == 0 && i < rows->len; i++)
		check_row(&rows->row[i], &line);
	json_object_put(rows->warnings);
	arena_free(mem);
	free(text);
	return 0;
}
