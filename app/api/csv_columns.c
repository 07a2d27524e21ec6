/* Names of columns. Every wrong column is told with its number and letter. */
#include "app/api/csv_columns.h"

#include <stdint.h>
#include <string.h>

#include "app/api/csv_table.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/chars.h"
#include "lib/nearest.h"
#include "lib/problem.h"
#include "lib/utf8.h"

#define SHOWN_BYTES 64
#define LIST_MAX 2000

struct column_mapping {
	struct csv_columns *out;
	const struct csv_table *table;
	const char *const *names;
	bool ignore;
	bool unknown; /* a name was not known */
	struct arena *mem;
	struct problem *why;
};

/* The next character of a name that counts; 0 at its end. */
static uint32_t
name_next(const char **at)
{
	uint32_t c = 0;
	size_t n;

	while (**at != '\0') {
		n = utf8_decode(*at, strlen(*at), &c);
		*at += n > 0 ? n : 1;
		if (c != '_' && c != '-' && !chars_unseen(c))
			return c >= 'A' && c <= 'Z' ? c + 32 : c;
	}
	return 0;
}

static bool
same_column_name(const char *a, const char *b)
{
	uint32_t x, y;

	do {
		x = name_next(&a);
		y = name_next(&b);
	} while (x == y && x != 0);
	return x == y;
}

const char *
csv_columns_find(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (same_column_name(name, *names))
			return *names;
	return NULL;
}

/* "column 28 (AB)" */
static const char *
column_place(size_t column, struct arena *mem)
{
	char letters[8];
	size_t at = sizeof letters - 1, n = column + 1;

	letters[at] = '\0';
	for (; n > 0 && at > 0; n = (n - 1) / 26)
		letters[--at] = (char)('A' + (n - 1) % 26);
	return arena_printf(mem, "column %zu (%s)", column + 1, letters + at);
}

static void
refuse_column(struct column_mapping *m, size_t column, const char *reason)
{
	const char *name = csv_cell(&m->table->header, column);
	size_t shown = utf8_cut(name, strlen(name), SHOWN_BYTES);

	problem_field(m->why, m->mem, arena_strndup(m->mem, name, shown),
	    arena_printf(m->mem, "%s: %s", column_place(column, m->mem), reason));
}

static bool
named_column(const char *cell)
{
	return name_next(&cell) != 0;
}

/* The first row with a value there, or NULL. */
static const struct csv_line *
column_first_value(const struct csv_table *t, size_t column)
{
	for (size_t i = 0; i < t->len; i++)
		if (t->rows[i].cells <= t->header.cells && *csv_cell(&t->rows[i], column) != '\0')
			return &t->rows[i];
	return NULL;
}

static void
check_unnamed(struct column_mapping *m, size_t column)
{
	const struct csv_line *filled = column_first_value(m->table, column);
	const char *value = filled != NULL ? csv_cell(filled, column) : "";
	bool last = true;

	for (size_t i = column + 1; i < m->out->len; i++)
		last = last && !named_column(csv_cell(&m->table->header, i));
	/* behind the last name, a value may be what an unquoted delimiter has pushed there */
	if (filled != NULL && (last || !m->ignore))
		refuse_column(m, column,
		    arena_printf(m->mem, "has no name, but line %zu has \"%.*s\" there",
			filled->number, (int)utf8_cut(value, strlen(value), SHOWN_BYTES), value));
}

/* "Link" for link_url: the first name that begins so. */
static const char *
longer_column(const char *name, const char *const *names)
{
	for (; *names != NULL; names++) {
		const char *a = name, *b = *names;
		uint32_t x = name_next(&a);
		size_t n = 0;

		while (x != 0 && x == name_next(&b)) {
			x = name_next(&a);
			n++;
		}
		if (x == 0 && n >= 4)
			return *names;
	}
	return NULL;
}

static void
check_unknown(struct column_mapping *m, size_t column)
{
	const char *name = csv_cell(&m->table->header, column);
	const char *near = nearest_name(name, m->names);

	if (m->ignore) {
		m->out->ignored[m->out->ignored_len++] = name;
		return;
	}
	m->unknown = true;
	if (near == NULL)
		near = longer_column(name, m->names);
	refuse_column(m, column,
	    near == NULL ? "unknown column"
			 : arena_printf(m->mem, "unknown column; did you mean %s?", near));
}

static void
map_column(struct column_mapping *m, size_t column)
{
	const char *name = csv_cell(&m->table->header, column), *field;

	if (!named_column(name)) {
		check_unnamed(m, column);
		return;
	}
	field = csv_columns_find(name, m->names);
	if (field == NULL) {
		check_unknown(m, column);
		return;
	}
	for (size_t i = 0; i < column; i++)
		if (m->out->field[i] == field)
			refuse_column(m, column,
			    arena_printf(m->mem, "the column occurs twice; %s is %s too",
				column_place(i, m->mem), field));
	m->out->field[column] = field;
}

/* What is wrong with a header line of which nothing is known. */
static const char *
header_hint(const struct csv_table *t, const char *const *names)
{
	if (csv_columns_known(t, names) > 0)
		return "";
	return t->header.cells == 1 && strpbrk(t->header.cell[0], ",;\t|") != NULL
		   ? "The whole header line is one cell: are the lines in quotes? "
		   : "No column is known: is the header line missing? ";
}

static const char *
list_of_columns(const struct column_mapping *m)
{
	struct buf text;
	const char *list;

	buf_init(&text, LIST_MAX);
	buf_printf(&text, "%sThe columns are ", header_hint(m->table, m->names));
	for (size_t i = 0; m->names[i] != NULL; i++)
		buf_printf(&text, "%s%s", i > 0 ? ", " : "", m->names[i]);
	buf_puts(&text, ". With ?unknown=ignore columns of other names are ignored.");
	list = arena_strdup(m->mem, buf_str(&text));
	buf_free(&text);
	return list;
}

int
csv_columns_map(struct csv_columns *out, const struct csv_table *t, const char *const *names,
    bool ignore, struct arena *mem, struct problem *why)
{
	struct column_mapping m = { out, t, names, ignore, false, mem, why };
	size_t before = why->errors_len, filled = t->header.len;

	for (size_t i = 0; i < t->len; i++)
		if (t->rows[i].len > filled && t->rows[i].cells <= t->header.cells)
			filled = t->rows[i].len;
	*out = (struct csv_columns){ .header_len = t->header.cells, .delimiter = t->delimiter };
	out->len = filled;
	out->field = arena_alloc(mem, filled * sizeof *out->field);
	out->ignored = arena_alloc(mem, filled * sizeof *out->ignored);
	for (size_t i = 0; i < filled; i++)
		map_column(&m, i);
	if (m.unknown)
		why->remediation = list_of_columns(&m);
	return why->errors_len == before ? 0 : -1;
}

size_t
csv_columns_known(const struct csv_table *t, const char *const *names)
{
	size_t n = 0;

	for (size_t i = 0; i < t->header.len; i++)
		n += csv_columns_find(t->header.cell[i], names) != NULL;
	return n;
}

static const char *
delimiter_name(char delimiter)
{
	return delimiter == ','   ? "a comma"
	       : delimiter == ';' ? "a semicolon"
	       : delimiter == '|' ? "a bar"
				  : "a tab";
}

const char *
csv_columns_line_fault(const struct csv_columns *c, const struct csv_line *line, struct arena *mem)
{
	if (line->cells > c->header_len)
		return arena_printf(mem,
		    "the line has %zu cells, the header %zu; is a text with %s in it not quoted?",
		    line->cells, c->header_len, delimiter_name(c->delimiter));
	for (size_t i = line->cells; i < c->len; i++)
		if (c->field[i] != NULL)
			return arena_printf(mem,
			    "the line has %zu cell%s, the header %zu; the first one missing is %s",
			    line->cells, line->cells == 1 ? "" : "s", c->header_len, c->field[i]);
	return NULL;
}
