#ifndef APP_API_CSV_ROWS_H
#define APP_API_CSV_ROWS_H

#include <stddef.h>

struct json_object;
struct problem;
struct arena;

#define CSV_ROWS_MAX 500

/*
 * Converts a CSV upload (RFC 4180, UTF-8, optional BOM) to the JSON array of a JSON import. The
 * first line names the columns as the JSON fields are named. Blank lines are skipped, empty cells
 * are absent fields, related_terms is split at ',' and '|'. A cell beyond the header gets the name
 * "column_<n>", an unknown field, so that only its row fails.
 *
 * NULL when the file cannot be read; `why` says what is wrong. Otherwise the caller frees the array
 * with json_object_put(). Pure.
 */
struct json_object *csv_rows_parse(
    const char *text, size_t len, struct arena *mem, struct problem *why);

#endif
