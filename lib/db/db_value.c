/* Parameters, sets of parameters, and columns of statements. */
#include "lib/db/db_value.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/db/db_conn.h"
#include "lib/log.h"

#define MANY_FIRST 64 /* initial capacity of a db_many, in sets */

struct db_param
db_null(void)
{
	return (struct db_param){ .kind = DB_P_NULL };
}

struct db_param
db_int(int64_t v)
{
	return (struct db_param){ .kind = DB_P_INT, .i = v };
}

struct db_param
db_text(const char *s)
{
	return s == NULL ? db_null()
			 : (struct db_param){ .kind = DB_P_TEXT, .p = s, .len = strlen(s) };
}

struct db_param
db_bytes(const void *p, size_t len)
{
	return p == NULL ? db_null() : (struct db_param){ .kind = DB_P_BYTES, .p = p, .len = len };
}

struct db_param
db_uuid(const struct uuid *u)
{
	return db_bytes(u, u == NULL ? 0 : sizeof(u->b));
}

struct db_param
db_time(int64_t us)
{
	return us == TIME_NONE ? db_null() : (struct db_param){ .kind = DB_P_TIME, .i = us };
}

struct db_param
db_list(const unsigned char *values, size_t n)
{
	if (n > DB_CONN_LIST_MAX)
		panic("event=db_bug reason=\"list of %zu\"", n);
	return (struct db_param){ .kind = DB_P_LIST, .p = values, .len = n };
}

struct db_param
db_uuids(const struct uuid *values, size_t n)
{
	if (n > DB_CONN_LIST_MAX)
		panic("event=db_bug reason=\"list of %zu\"", n);
	return (struct db_param){ .kind = DB_P_UUIDS, .p = values, .len = n };
}

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

static struct db_param *
many_next(struct db *db, struct db_many *m)
{
	struct db_param *more;

	if (m->len == m->room) {
		m->room = m->room == 0 ? MANY_FIRST : m->room * 2;
		more = arena_alloc(db->mem, m->room * m->width * sizeof(*more));
		if (m->len > 0)
			memcpy(more, m->in, m->len * m->width * sizeof(*more));
		m->in = more;
	}
	return m->in + m->len++ * m->width;
}

void
db_many_push(
    struct db *db, struct db_many *m, unsigned stmt, const struct db_param *in, size_t in_len)
{
	struct db_param *set;

	if (m->len == 0) {
		m->stmt = stmt;
		m->width = in_len;
	}
	if (m->stmt != stmt || m->width != in_len)
		panic("event=db_bug reason=\"sets of statements %u and %u\"", m->stmt, stmt);
	set = many_next(db, m);
	for (size_t i = 0; i < in_len; i++) {
		void *copy;

		set[i] = in[i];
		if (in[i].p == NULL)
			continue;
		copy = arena_alloc(db->mem, in[i].len + 1);
		memcpy(copy, in[i].p, in[i].len);
		set[i].p = copy;
	}
}
