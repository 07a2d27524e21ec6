/* Turns CSV into the rows of a JSON import. The only user of libcsv. */
#include "app/api/csv_rows.h"

#include <csv.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/json.h"
#include "lib/pin.h"
#include "lib/problem.h"
#include "lib/utf8.h"

#define MAX_CELL 20000

struct csv_reading {
	struct arena *mem;
	struct problem *why;
	struct json_object *rows;
	struct json_object *row; /* the one being read */
	const char *header[PIN_FIELDS_MAX];
	size_t header_len; /* 0: the header line was not read yet */
	size_t cell;       /* index in the line */
	bool any;          /* a cell of this line is not empty */
	bool stop;         /* the rest of the file is ignored */
};

static void
csv_refuse(struct csv_reading *r, const char *path, const char *reason)
{
	problem_field(r->why, r->mem, path, reason);
}

static const char *
csv_trimmed(const char *text, size_t len, struct arena *mem)
{
	while (len > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	return arena_strndup(mem, text, len);
}

static void
csv_header_cell(struct csv_reading *r, const char *text, size_t len)
{
	const char *name = csv_trimmed(text, len, r->mem), *column;
	size_t i;

	for (i = 0; i < r->cell && i < PIN_FIELDS_MAX; i++) {
		if (r->header[i] != NULL && strcmp(r->header[i], name) == 0) {
			csv_refuse(r, name, "the column occurs twice");
			return;
		}
	}
	for (i = 0; (column = pin_field_name(i)) != NULL && strcmp(column, name) != 0; i++)
		;
	if (column == NULL)
		csv_refuse(r, *name != '\0' ? name : "(empty)", "unknown column");
	else if (r->cell < PIN_FIELDS_MAX)
		r->header[r->cell] = column;
}

static struct json_object *
csv_terms(const char *text, struct arena *mem)
{
	struct json_object *list = json_object_new_array();

	for (;;) {
		size_t n = strcspn(text, ",|");
		const char *one = csv_trimmed(text, n, mem);

		if (*one != '\0')
			json_object_array_add(list, json_object_new_string(one));
		if (text[n] == '\0')
			return list;
		text += n + 1;
	}
}

static void
csv_body_cell(struct csv_reading *r, const char *text, size_t len)
{
	const char *name = r->cell < r->header_len
			       ? r->header[r->cell]
			       : arena_printf(r->mem, "column_%zu", r->cell + 1);

	if (len == 0)
		return;
	r->any = true;
	if (r->row == NULL)
		r->row = json_object_new_object();
	if (strcmp(name, "related_terms") == 0)
		json_put(r->row, name, csv_terms(arena_strndup(r->mem, text, len), r->mem));
	else
		json_put(r->row, name, json_object_new_string_len(text, (int)len));
}

static void
csv_on_cell(void *data, size_t len, void *arg)
{
	struct csv_reading *r = arg;
	const char *text = data != NULL ? data : "";

	if (r->stop)
		return;
	if (len > MAX_CELL) {
		csv_refuse(r, "", "a cell is longer than 20000 bytes");
		r->stop = true;
	} else if (r->header_len == 0) {
		csv_header_cell(r, text, len);
	} else {
		csv_body_cell(r, text, len);
	}
	r->cell++;
}

static void
csv_on_line(int end, void *arg)
{
	struct csv_reading *r = arg;

	(void)end;
	if (!r->stop && r->header_len == 0) {
		r->header_len = r->cell < PIN_FIELDS_MAX ? r->cell : PIN_FIELDS_MAX;
		r->stop = problem_any(r->why);
	} else if (!r->stop && r->any) {
		if (json_object_array_length(r->rows) >= CSV_ROWS_MAX) {
			csv_refuse(r, "", "more than 500 rows");
			r->stop = true;
		} else {
			json_object_array_add(r->rows, r->row);
			r->row = NULL;
		}
	}
	json_object_put(r->row);
	r->row = NULL;
	r->cell = 0;
	r->any = false;
}

static void
csv_read_lines(struct csv_reading *r, const char *text, size_t len)
{
	/* strict: a stray or unclosed quote is an error; cells are not NUL-terminated */
	struct csv_parser p;

	if (csv_init(&p, CSV_STRICT | CSV_STRICT_FINI) != 0) {
		csv_refuse(r, "", "the file cannot be read");
		return;
	}
	if (csv_parse(&p, text, len, csv_on_cell, csv_on_line, r) != len ||
	    csv_fini(&p, csv_on_cell, csv_on_line, r) != 0)
		csv_refuse(r, "",
		    arena_printf(r->mem, "not valid CSV (RFC 4180): a quote in line %zu or later",
			json_object_array_length(r->rows) + (r->header_len > 0) + 1));
	csv_free(&p);
}

struct json_object *
csv_rows_parse(const char *text, size_t len, struct arena *mem, struct problem *why)
{
	struct csv_reading r = { .mem = mem, .why = why, .rows = json_object_new_array() };

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (!utf8_valid(text, len) || memchr(text, '\0', len) != NULL)
		csv_refuse(&r, "", "the file is not UTF-8 text");
	else
		csv_read_lines(&r, text, len);
	json_object_put(r.row);
	if (!problem_any(why) && r.header_len == 0)
		csv_refuse(&r, "", "the file is empty: a header line with column names is needed");
	if (!problem_any(why) && json_object_array_length(r.rows) == 0)
		csv_refuse(&r, "", "the file has no rows");
	if (!problem_any(why))
		return r.rows;
	json_object_put(r.rows);
	return NULL;
}
