#ifndef APP_API_CSV_ROWS_H
#define APP_API_CSV_ROWS_H

#include <stdbool.h>

#include "lib/attr.h"

struct arena;
struct csv_columns;
struct csv_line;
struct csv_table;
struct import_rows;
struct json_object;
struct problem;

/*
 * The rows of a CSV file whose columns are named as the JSON fields are. Empty cells are empty
 * texts, which count as absent; related_terms is split at ',' and '|'. A line that has not as many
 * cells as the header becomes a row that must fail. `ignore`: columns that are not ours are
 * ignored, and a warning names them. 0, or -1 and `why`. Pure.
 */
MUST_CHECK int csv_rows_read(struct import_rows *out, const struct csv_table *t, bool ignore,
    struct arena *mem, struct problem *why);

/* The ignored column that seems to hold the time of a line without `meant`; NULL: none. */
const char *csv_rows_lost_time(const struct csv_columns *c, const struct csv_table *t,
    const struct csv_line *line, const char *meant);

/* A cell of several terms, separated by ',' or '|', as an array of texts. The caller owns it. */
struct json_object *csv_rows_terms(const char *text);

#endif
