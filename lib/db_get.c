/* Columns to fetch into. */
#include "lib/db.h"

struct db_col
db_get_int(int64_t *out)
{
	return (struct db_col){ .kind = DB_C_INT, .out = out };
}

struct db_col
db_get_text(const char **out)
{
	return (struct db_col){ .kind = DB_C_TEXT, .out = out };
}

struct db_col
db_get_bytes(const void **out, size_t *len)
{
	return (struct db_col){ .kind = DB_C_BYTES, .out = out, .len = len };
}

struct db_col
db_get_uuid(struct uuid *out)
{
	return (struct db_col){ .kind = DB_C_UUID, .out = out };
}

struct db_col
db_get_time(int64_t *out_us)
{
	return (struct db_col){ .kind = DB_C_TIME, .out = out_us };
}
