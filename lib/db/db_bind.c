/*
 * Typed arrays to MYSQL_BIND and back. Text and bytes are fetched in two passes: first the length,
 * then the value directly into the arena. A short value arrives with the first pass.
 */
#include "lib/db/db_bind.h"

#include <limits.h>
#include <mysql.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/db/db_conn.h"
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

/* Howard Hinnant's calendar algorithms, with years that start in March. */
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

	for (i = 0; i < table_len; i++)
		binds = table[i].binds > binds ? table[i].binds : binds;
	s->binds = xcalloc(binds, sizeof(*s->binds));
	s->values = xcalloc(binds, sizeof(*s->values));
	return s;
}

void
db_bind_scratch_free(struct db_scratch *s)
{
	if (s == NULL)
		return;
	free(s->binds);
	free(s->values);
	free(s);
}

/* mysql.h uses one pointer for both directions; the library only reads parameters. */
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
	case DB_P_UUIDS:
		b->buffer_type = MYSQL_TYPE_NULL;
		if (nth < p->len) {
			const struct db_param one = db_uuid((const struct uuid *)p->p + nth);

			bind_bytes(b, v, &one);
		}
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

static void
check_marker_count(MYSQL_STMT *st, const struct db_stmt *desc)
{
	if (mysql_stmt_param_count(st) != desc->binds)
		panic("event=db_bug statement=%s reason=\"%lu markers\"", desc->name,
		    mysql_stmt_param_count(st));
}

/* Number of parameter sets of the next execution; 0: one, as values instead of arrays. */
static void
set_array_size(MYSQL_STMT *st, unsigned n)
{
	mysql_stmt_attr_set(st, STMT_ATTR_ARRAY_SIZE, &n);
}

int
db_bind_in(struct db_scratch *s, struct st_mysql_stmt *st, const struct db_stmt *desc,
    const struct db_param *in)
{
	unsigned i, nth = 0;

	check_marker_count(st, desc);
	if (desc->binds == 0)
		return 0;
	set_array_size(st, 0);
	for (i = 0; i < desc->binds; i++) {
		/* The places of a list are consecutive. */
		nth = i > 0 && desc->order[i] == desc->order[i - 1] ? nth + 1 : 0;
		bind_param(&s->binds[i], &s->values[i], &in[desc->order[i]], nth);
	}
	return mysql_stmt_bind_param(st, s->binds) ? -1 : 0;
}

/* One marker's values in all sets, as the library expects them: one array for each part. */
struct column {
	int64_t *ints;
	void **values;
	unsigned long *lens;
	char *nulls;
};

static void
column_put(struct column *c, size_t at, const struct db_param *p, struct arena *mem)
{
	MYSQL_TIME *t;

	switch (p->kind) {
	case DB_P_NULL: c->nulls[at] = STMT_INDICATOR_NULL; break;
	case DB_P_INT: c->ints[at] = p->i; break;
	case DB_P_TEXT:
	case DB_P_BYTES:
		c->values[at] = unconst(p->p);
		c->lens[at] = (unsigned long)p->len;
		break;
	case DB_P_TIME:
		t = arena_alloc(mem, sizeof(*t));
		time_of_us(p->i, t);
		c->values[at] = t;
		break;
	case DB_P_LIST:
	case DB_P_UUIDS: panic("event=db_bug reason=\"a list among many\"");
	}
}

static void
bind_column(MYSQL_BIND *b, struct column *c, int kind)
{
	memset(b, 0, sizeof(*b));
	b->buffer = kind == DB_P_INT ? (void *)c->ints : (void *)c->values;
	b->length = c->lens;
	b->u.indicator = c->nulls;
	if (kind == DB_P_INT)
		b->buffer_type = MYSQL_TYPE_LONGLONG;
	else if (kind == DB_P_TIME)
		b->buffer_type = MYSQL_TYPE_DATETIME;
	else
		b->buffer_type = kind == DB_P_BYTES ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
}

int
db_bind_many(struct db_scratch *s, struct st_mysql_stmt *st, const struct db_stmt *desc,
    const struct db_param *in, size_t n, struct arena *mem)
{
	check_marker_count(st, desc);
	for (unsigned i = 0; i < desc->binds; i++) {
		struct column c = { arena_alloc(mem, n * sizeof(*c.ints)),
			arena_alloc(mem, n * sizeof(*c.values)),
			arena_alloc(mem, n * sizeof(*c.lens)), arena_alloc(mem, n) };
		int kind = DB_P_NULL;

		memset(c.nulls, STMT_INDICATOR_NONE, n);
		for (size_t k = 0; k < n; k++) {
			const struct db_param *p = &in[k * desc->params + desc->order[i]];

			if (kind == DB_P_NULL)
				kind = p->kind;
			else if (p->kind != DB_P_NULL && (int)p->kind != kind)
				panic(
				    "event=db_bug statement=%s reason=\"mixed kinds\"", desc->name);
			column_put(&c, k, p, mem);
		}
		bind_column(&s->binds[i], &c, kind);
	}
	set_array_size(st, (unsigned)n);
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
