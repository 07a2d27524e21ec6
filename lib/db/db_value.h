#ifndef LIB_DB_VALUE_H
#define LIB_DB_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/uuid.h"

/* Parameters and columns of statements. Include lib/db/db.h instead. */
struct db;

/* A parameter, built with the functions below and passed by name (lib/db/db_named.h). */
struct db_param {
	enum { DB_P_NULL, DB_P_INT, DB_P_TEXT, DB_P_BYTES, DB_P_TIME, DB_P_LIST, DB_P_UUIDS } kind;
	int64_t i;
	const void *p;
	size_t len;
};
struct db_param db_null(void);
struct db_param db_int(int64_t v);
struct db_param db_text(const char *s);              /* NULL: SQL NULL */
struct db_param db_bytes(const void *p, size_t len); /* p NULL: SQL NULL */
struct db_param db_uuid(const struct uuid *u);       /* u NULL: SQL NULL */
struct db_param db_time(int64_t us);                 /* TIME_NONE: SQL NULL */
/* For `:name[64]` in a statement: n <= 64 small numbers; unused places are bound to 255. */
struct db_param db_list(const unsigned char *values, size_t n);
/* The same for n <= 64 UUIDs, which must stay valid until the statement has run; unused: NULL. */
struct db_param db_uuids(const struct uuid *values, size_t n);

/* A column to fetch into, by name (lib/db/db_named.h). */
struct db_col {
	enum { DB_C_INT, DB_C_TEXT, DB_C_BYTES, DB_C_UUID, DB_C_TIME } kind;
	void *out;
	size_t *len;
};
struct db_col db_get_int(int64_t *out);      /* NULL reads as 0 */
struct db_col db_get_text(const char **out); /* NULL reads as NULL; in the arena */
struct db_col db_get_bytes(const void **out, size_t *len);
struct db_col db_get_uuid(struct uuid *out); /* NULL reads as the nil UUID */
struct db_col db_get_time(int64_t *out_us);  /* NULL reads as TIME_NONE */

#define DB_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Sets of parameters for one statement; starts as { 0 }. Values are copied. */
struct db_many {
	struct db_param *in;
	size_t width, len, room;
	unsigned stmt;
};
void db_many_push(
    struct db *db, struct db_many *m, unsigned stmt, const struct db_param *in, size_t in_len);

#endif
