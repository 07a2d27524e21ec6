/*
 * Typed arrays to MYSQL_BIND and back. Text and bytes are fetched in two passes: the length first,
 * then the value straight into the arena; a short value comes with the first pass.
 */
#include "lib/db_bind.h"

#include <limits.h>
#include <mysql.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/db_conn.h"
#include "lib/log.h"
#include "lib/xalloc.h"

#define SHORT_VALUE 128
#define US_PER_DAY (86400LL * US_PER_S)

struct scalar {
	int64_t i;
	MYSQL_TIME time;
	unsigned long len;
};

struct db_scratch {
	MYSQL_BIND *binds;
	struct scalar *values;
	unsigned char *uses; /* by parameter: how often it was bound so far */
	size_t params;
};

struct slot {
	struct scalar v;
	my_bool null, error;
	unsigned char bytes[SHORT_VALUE];
};

struct db_slots {
	MYSQL_BIND *binds;
	struct slot *slots;
	size_t len;
};

/* Howard Hinnant's calendar algorithms, years counted from March. */
static int64_t
days_of_civil(int64_t y, int64_t m, int64_t d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = y / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void
civil_of_days(int64_t days, MYSQL_TIME *t)
{
	int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	t->day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	t->month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	t->year = (unsigned)(yoe + era * 400 + (t->month <= 2));
}

static int64_t
us_of_time(const MYSQL_TIME *t)
{
	int64_t s = days_of_civil(t->year, t->month, t->day) * 86400;

	s += (int64_t)t->hour * 3600 + (int64_t)t->minute * 60 + (int64_t)t->second;
	return s * US_PER_S + (int64_t)t->second_part;
}

static void
time_of_us(int64_t us, MYSQL_TIME *t)
{
	int64_t days = us / US_PER_DAY, rest = us % US_PER_DAY;

	if (rest < 0) {
		rest += US_PER_DAY;
		days--;
	}
	memset(t, 0, sizeof(*t));
	civil_of_days(days, t);
	t->hour = (unsigned)(rest / (3600 * US_PER_S));
	t->minute = (unsigned)(rest / (60 * US_PER_S) % 60);
	t->second = (unsigned)(rest / US_PER_S % 60);
	t->second_part = (unsigned long)(rest % US_PER_S);
	t->time_type = MYSQL_TIMESTAMP_DATETIME;
}

struct db_scratch *
db_bind_scratch(const struct db_stmt *table, size_t table_len)
{
	struct db_scratch *s = xcalloc(1, sizeof(*s));
	size_t binds = 1, i;

	s->params = 1;
	for (i = 0; i < table_len; i++) {
		binds = table[i].binds > binds ? table[i].binds : binds;
		s->params = table[i].params > s->params ? table[i].params : s->params;
	}
	s->binds = xcalloc(binds, sizeof(*s->binds));
	s->values = xcalloc(binds, sizeof(*s->values));
	s->uses = xcalloc(s->params, 1);
	return s;
}

void
db_bind_scratch_free(struct db_scratch *s)
{
	if (s == NULL)
		return;
	free(s->binds);
	free(s->values);
	free(s->uses);
	free(s);
}

/* mysql.h has one pointer for both directions; the library only reads from a parameter. */
static void *
unconst(const void *p)
{
	return (void *)(uintptr_t)p;
}

static void
bind_int(MYSQL_BIND *b, struct scalar *v, int64_t i)
{
	v->i = i;
	b->buffer_type = MYSQL_TYPE_LONGLONG;
	b->buffer = &v->i;
}

static void
bind_bytes(MYSQL_BIND *b, struct scalar *v, const struct db_param *p)
{
	v->len = (unsigned long)p->len;
	b->buffer_type = p->kind == DB_P_TEXT ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
	b->buffer = unconst(p->p);
	b->buffer_length = v->len;
	b->length = &v->len;
}

static void
bind_param(MYSQL_BIND *b, struct scalar *v, const struct db_param *p, size_t nth)
{
	memset(b, 0, sizeof(*b));
	switch (p->kind) {
	case DB_P_NULL: b->buffer_type = MYSQL_TYPE_NULL; break;
	case DB_P_INT: bind_int(b, v, p->i); break;
	case DB_P_LIST:
		bind_int(
		    b, v, nth < p->len ? ((const unsigned char *)p->p)[nth] : DB_CONN_LIST_PAD);
		break;
	case DB_P_TEXT:
	case DB_P_BYTES: bind_bytes(b, v, p); break;
	case DB_P_TIME:
		time_of_us(p->i, &v->time);
		b->buffer_type = MYSQL_TYPE_DATETIME;
		b->buffer = &v->time;
		break;
	}
}

int
db_bind_in(struct db_scratch *s, struct st_mysql_stmt *st, const struct db_stmt *desc,
    const struct db_param *in)
{
	unsigned i, at;

	if (mysql_stmt_param_count(st) != desc->binds)
		panic("event=db_bug statement=%s reason=\"%lu markers\"", desc->name,
		    mysql_stmt_param_count(st));
	if (desc->binds == 0)
		return 0;
	memset(s->uses, 0, s->params);
	for (i = 0; i < desc->binds; i++) {
		at = desc->order[i];
		bind_param(&s->binds[i], &s->values[i], &in[at], s->uses[at]++);
	}
	return mysql_stmt_bind_param(st, s->binds) ? -1 : 0;
}

struct db_slots *
db_bind_slots(size_t len)
{
	struct db_slots *s = xcalloc(1, sizeof(*s));

	s->binds = xcalloc(len ? len : 1, sizeof(*s->binds));
	s->slots = xcalloc(len ? len : 1, sizeof(*s->slots));
	s->len = len;
	return s;
}

void
db_bind_slots_free(struct db_slots *s)
{
	if (s == NULL)
		return;
	free(s->binds);
	free(s->slots);
	free(s);
}

int
db_bind_out(struct db_slots *s, struct st_mysql_stmt *st, const struct db_col *out)
{
	MYSQL_BIND *b;
	size_t i;

	for (i = 0; i < s->len; i++) {
		b = &s->binds[i];
		memset(b, 0, sizeof(*b));
		b->length = &s->slots[i].v.len;
		b->is_null = &s->slots[i].null;
		b->error = &s->slots[i].error;
		switch (out[i].kind) {
		case DB_C_INT:
			b->buffer_type = MYSQL_TYPE_LONGLONG;
			b->buffer = &s->slots[i].v.i;
			break;
		case DB_C_TIME:
			b->buffer_type = MYSQL_TYPE_DATETIME;
			b->buffer = &s->slots[i].v.time;
			break;
		case DB_C_TEXT:
		case DB_C_BYTES:
		case DB_C_UUID:
			b->buffer_type = MYSQL_TYPE_STRING;
			b->buffer = s->slots[i].bytes;
			b->buffer_length = SHORT_VALUE;
			break;
		}
	}
	return mysql_stmt_bind_result(st, s->binds) ? -1 : 0;
}

static char *
read_bytes(struct slot *s, MYSQL_STMT *st, unsigned column, struct arena *mem)
{
	char *copy = arena_alloc(mem, s->v.len + 1);
	unsigned long len = s->v.len;
	MYSQL_BIND b;

	if (len <= SHORT_VALUE) {
		memcpy(copy, s->bytes, len);
		return copy;
	}
	memset(&b, 0, sizeof(b));
	b.buffer_type = MYSQL_TYPE_STRING;
	b.buffer = copy;
	b.buffer_length = len;
	b.length = &len;
	b.is_null = &s->null;
	b.error = &s->error;
	return mysql_stmt_fetch_column(st, &b, column, 0) ? NULL : copy;
}

static int
read_text(
    struct slot *s, MYSQL_STMT *st, unsigned column, const struct db_col *to, struct arena *mem)
{
	char *copy = s->null ? NULL : read_bytes(s, st, column, mem);

	if (to->kind == DB_C_TEXT)
		*(const char **)to->out = copy;
	else
		*(const void **)to->out = copy;
	if (to->len != NULL)
		*to->len = copy == NULL ? 0 : s->v.len;
	return copy == NULL && !s->null ? -1 : 0;
}

static int
read_uuid(const struct slot *s, struct uuid *to)
{
	memset(to, 0, sizeof(*to));
	if (s->null)
		return 0;
	if (s->v.len != sizeof(to->b))
		return -1;
	memcpy(to->b, s->bytes, sizeof(to->b));
	return 0;
}

int
db_bind_read(
    struct db_slots *s, struct st_mysql_stmt *st, const struct db_col *out, struct arena *mem)
{
	struct slot *from;
	size_t i;
	int rc = 0;

	for (i = 0; i < s->len; i++) {
		from = &s->slots[i];
		switch (out[i].kind) {
		case DB_C_INT: *(int64_t *)out[i].out = from->null ? 0 : from->v.i; break;
		case DB_C_TIME:
			*(int64_t *)out[i].out = from->null ? TIME_NONE : us_of_time(&from->v.time);
			break;
		case DB_C_TEXT:
		case DB_C_BYTES: rc |= read_text(from, st, (unsigned)i, &out[i], mem); break;
		case DB_C_UUID: rc |= read_uuid(from, out[i].out); break;
		}
	}
	return rc;
}
