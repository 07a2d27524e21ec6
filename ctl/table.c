/* Lists for people. Rows are kept until all are known, so that no column is too narrow. */
#include "ctl/table.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/utf8.h"
#include "lib/log.h"

struct line {
	const char *cell[TABLE_COLUMNS];
	struct line *next;
};

struct table {
	struct arena *mem;
	size_t columns, width[TABLE_COLUMNS];
	struct line headings, *last;
};

static size_t
cell_width(const char *text)
{
	size_t len = strlen(text);

	return utf8_valid(text, len) ? utf8_length(text, len) : len;
}

static void
line_fill(struct table *t, struct line *line, const char *const *cells)
{
	size_t i, width;

	for (i = 0; i < t->columns; i++) {
		line->cell[i] = cells[i] != NULL && cells[i][0] != '\0' ? cells[i] : "-";
		width = cell_width(line->cell[i]);
		if (width > t->width[i])
			t->width[i] = width;
	}
}

struct table *
table_new(struct arena *mem, const char *const *headings)
{
	struct table *t = arena_alloc(mem, sizeof(*t));

	*t = (struct table){ .mem = mem };
	while (headings[t->columns] != NULL)
		t->columns++;
	if (t->columns > TABLE_COLUMNS)
		panic("a table of %zu columns", t->columns);
	line_fill(t, &t->headings, headings);
	t->last = &t->headings;
	return t;
}

void
table_row(struct table *t, const char *const *cells)
{
	struct line *line = arena_alloc(t->mem, sizeof(*line));

	line->next = NULL;
	line_fill(t, line, cells);
	t->last->next = line;
	t->last = line;
}

static void
line_print(const struct table *t, const struct line *line)
{
	size_t i, pad;

	for (i = 0; i < t->columns; i++) {
		fputs(line->cell[i], stdout);
		if (i + 1 == t->columns)
			break;
		for (pad = cell_width(line->cell[i]); pad < t->width[i] + 2; pad++)
			putchar(' ');
	}
	putchar('\n');
}

void
table_print(const struct table *t, const char *none)
{
	const struct line *line;

	if (t->headings.next == NULL) {
		puts(none);
		return;
	}
	for (line = &t->headings; line != NULL; line = line->next)
		line_print(t, line);
}
