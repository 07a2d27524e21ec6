#ifndef APP_API_PINTEREST_CSV_H
#define APP_API_PINTEREST_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

struct arena;
struct buf;
struct csv_table;
struct import_rows;
struct problem;
struct zone;

/*
 * Pinterest's own bulk-upload CSV, in and out. Source: third-party descriptions of June 2026, such
 * as pinbulk.pages.dev/blog/pinterest-csv-upload-guide; Pinterest's help page was not at hand.
 */
enum pinterest_csv_column {
	PINTEREST_CSV_TITLE,       /* needed; unique within a file that Pinterest takes */
	PINTEREST_CSV_MEDIA,       /* needed */
	PINTEREST_CSV_BOARD,       /* needed: the board's name */
	PINTEREST_CSV_THUMBNAIL,   /* of videos: a time */
	PINTEREST_CSV_DESCRIPTION, /* Pinterest takes 500 characters here */
	PINTEREST_CSV_LINK,
	PINTEREST_CSV_DATE,     /* YYYY-MM-DDTHH:MM:SS without an offset; empty: now */
	PINTEREST_CSV_KEYWORDS, /* separated by commas */
	PINTEREST_CSV__COUNT
};
extern const char *const pinterest_csv_columns[PINTEREST_CSV__COUNT + 1]; /* NULL-ended */

struct pinterest_csv_board {
	const char *id, *name;
};

/* What a file does not say, and what its names and times mean. */
struct pinterest_csv_import {
	const char *account_id;
	const char *key; /* idempotency keys are "key-1", "key-2" by row; NULL: made from the row */
	const struct zone *zone; /* NULL: no date of the file needs one */
	const char *zone_name;
	bool ignore;                              /* columns that are not known */
	const struct pinterest_csv_board *boards; /* of the account */
	size_t boards_len;
};
/*
 * Turns a file's rows into ours. A row whose board or date is wrong becomes one that must fail;
 * what else is wrong the worker tells. 0, or -1 and `why`. Pure.
 */
MUST_CHECK int pinterest_csv_read(struct import_rows *out, const struct csv_table *t,
    const struct pinterest_csv_import *in, struct arena *mem, struct problem *why);

/* Whether a date of the file has no offset. */
bool pinterest_csv_needs_zone(const struct csv_table *t);

/* One row of a file for Pinterest. Times are shown in the zone. */
struct pinterest_csv_row {
	const char *title, *media, *board, *description, *link;
	const char *terms; /* JSON array text, or NULL */
	int64_t run_at_us;
};
/* Appends the header line. */
void pinterest_csv_header(struct buf *out);
void pinterest_csv_write(
    struct buf *out, const struct pinterest_csv_row *r, const struct zone *z, struct arena *mem);

#endif
