#ifndef LIB_DB_BIND_H
#define LIB_DB_BIND_H

#include <stddef.h>

#include "lib/attr.h"
#include "lib/db/db.h"

/* Converts between our typed arrays and MYSQL_BIND. Private to lib/db. */

struct arena;
struct st_mysql_stmt;
struct db_scratch;
struct db_slots;

/* Room for the parameters of any statement of the table. */
struct db_scratch *db_bind_scratch(const struct db_stmt *table, size_t table_len);
void db_bind_scratch_free(struct db_scratch *s);

/* Binds `in` by the statement's order; the values must live until it is executed. 0 or -1. */
MUST_CHECK int db_bind_in(struct db_scratch *s, struct st_mysql_stmt *st,
    const struct db_stmt *desc, const struct db_param *in);

/* The same for n consecutive sets of parameters; the arrays are in `mem`. */
MUST_CHECK int db_bind_many(struct db_scratch *s, struct st_mysql_stmt *st,
    const struct db_stmt *desc, const struct db_param *in, size_t n, struct arena *mem);

/* Room for one row of `len` columns. */
struct db_slots *db_bind_slots(size_t len);
void db_bind_slots_free(struct db_slots *s);
MUST_CHECK int db_bind_out(struct db_slots *s, struct st_mysql_stmt *st, const struct db_col *out);
/* Copies the fetched row into `out`. 0, or -1 when a column does not fit its kind. */
MUST_CHECK int db_bind_read(
    struct db_slots *s, struct st_mysql_stmt *st, const struct db_col *out, struct arena *mem);

#endif
