#ifndef APP_API_LISTS_H
#define APP_API_LISTS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/db/db.h"

struct arena;
struct call;
struct json_object;
struct json_reader;

/* Renders the row that was fetched into *row. */
typedef struct json_object *list_render(const struct call *c, const void *row);

/* Adds every row of a query to `array`; takes SQL_IN() and SQL_OUT(), whose columns are in *row. */
enum db_rc list_rows(struct call *c, unsigned stmt, const struct db_param *in, size_t in_len,
    struct db_col *out, size_t out_len, list_render *render, const void *row,
    struct json_object *array);

/* The names in a text that separates them by commas. */
struct json_object *list_split_json(const char *text, struct arena *mem);
/* An allow-list (32 hex digits each, comma-separated) as UUIDs; NULL for NULL. */
struct json_object *list_accounts_json(const char *ids);
/* Bit n of `bits` as names[n]; the names end with NULL. */
struct json_object *list_names_json(int64_t bits, const char *const *names);
/* The array `key` of such names as bits; 0: absent, or wrong and noted. */
int64_t list_read_names(struct json_reader *r, const char *key, const char *const *names);

/*
 * A long array, put together in `text` row by row, so that one row is an object at a time.
 * list_reply() ends it and makes it the reply; otherwise buf_free().
 */
void list_begin(struct buf *text);
void list_add(struct buf *text, struct json_object *row); /* takes over `row` */
void list_reply(struct call *c, struct buf *text);

#endif
