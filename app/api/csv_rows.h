#ifndef APP_API_CSV_ROWS_H
#define APP_API_CSV_ROWS_H

#include <stddef.h>

struct json_object;
struct problem;
struct arena;

#define CSV_ROWS_MAX 500

/*
 * A CSV upload (RFC 4180, UTF-8, an optional BOM) -> the JSON array that the same rows would be in
 * a JSON import. The first line names the columns, by the names of the JSON fields. Blank lines are
 * skipped, empty cells are absent fields, related_terms is split at ',' and '|'. A cell without a
 * column gets the name "column_<n>", which no row may have, so it fails that row alone.
 *
 * NULL when the file as a whole cannot be read; `why` says what is wrong. Otherwise the caller
 * frees the array with json_object_put(). Pure.
 */
struct json_object *csv_rows_parse(
    const char *text, size_t len, struct arena *mem, struct problem *why);

#endif
