#ifndef APP_API_CSV_TABLE_H
#define APP_API_CSV_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"

struct arena;
struct buf;
struct problem;

/*
 * A CSV file as lines of cells, whatever the columns mean. RFC 4180 in UTF-8, as spreadsheets write
 * it: byte order marks are skipped, line ends are LF, CRLF or CR, and the delimiter (, ; tab |) is
 * named by a first line "sep=;" or is the one that occurs most often in the header line.
 */
#define CSV_ROWS_MAX 500     /* IMPORT_ROWS_MAX */
#define CSV_COLUMNS_MAX 1024 /* that are not empty; cells in all: IMPORT_VALUES_MAX */

struct csv_line {
	size_t number;     /* of the file's line where it begins, from 1 */
	size_t cells;      /* empty ones too */
	size_t len;        /* cells up to the last one that is not empty, and within the header */
	const char **cell; /* trimmed, valid UTF-8 without NUL; ="text" is text */
};

struct csv_table {
	char delimiter;
	struct csv_line header; /* the first line that is not blank */
	struct csv_line *rows;  /* 1 to CSV_ROWS_MAX: the others that are not blank */
	size_t len;
};

/* NULL: `why` says what is wrong, and in which line. Lives in `mem`. Pure. */
struct csv_table *csv_table_read(
    const char *text, size_t len, struct arena *mem, struct problem *why);
/* The i-th cell, "" when the line has no such one. */
const char *csv_cell(const struct csv_line *line, size_t i);

/* Appends a cell, quoted, and what separates it from the next. */
void csv_put_cell(struct buf *out, const char *text, bool last);

#endif
