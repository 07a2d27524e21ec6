#ifndef APP_API_CSV_COLUMNS_H
#define APP_API_CSV_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"

struct arena;
struct csv_line;
struct csv_table;
struct problem;

/*
 * Which column of a CSV file is which field. Header names match a field's name without regard to
 * letter case, blanks, "_", "-" and characters that nobody sees. A column without a name and
 * without a value is padding.
 */
struct csv_columns {
	const char **field; /* by column; NULL: not read. The names of the dialect. */
	size_t len;         /* of `field`: columns behind it are empty */
	size_t header_len;  /* cells of the header line */
	char delimiter;
	const char **ignored; /* names of columns that are not known, as the file writes them */
	size_t ignored_len;
};

/*
 * Maps the header line to `names`, the NULL-ended list of a dialect's columns. `ignore`: columns
 * that it does not have are ignored. 0, or -1: `why` has each wrong column, with its position.
 */
MUST_CHECK int csv_columns_map(struct csv_columns *out, const struct csv_table *t,
    const char *const *names, bool ignore, struct arena *mem, struct problem *why);
/* The name of the list that this one means, or NULL. */
const char *csv_columns_find(const char *name, const char *const *names);
/* How many of the dialect's columns the header line has. */
size_t csv_columns_known(const struct csv_table *t, const char *const *names);
/* What is wrong with a line that has not as many cells as the header line; NULL: nothing. */
const char *csv_columns_line_fault(
    const struct csv_columns *c, const struct csv_line *line, struct arena *mem);

#endif
