/* Sets of parameters, gathered in the arena. */
#include "lib/db.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/log.h"

#define FIRST_ROOM 64

static struct db_param *
next_set(struct db *db, struct db_many *m)
{
	struct db_param *more;

	if (m->len == m->room) {
		m->room = m->room == 0 ? FIRST_ROOM : m->room * 2;
		more = arena_alloc(db_mem(db), m->room * m->width * sizeof(*more));
		if (m->len > 0)
			memcpy(more, m->in, m->len * m->width * sizeof(*more));
		m->in = more;
	}
	return m->in + m->len++ * m->width;
}

void
db_many_add(struct db *db, struct db_many *m, const struct db_param *in, size_t in_len)
{
	struct db_param *set;

	if (m->len == 0)
		m->width = in_len;
	if (m->width != in_len)
		panic("event=db_bug reason=\"%zu parameters behind %zu\"", in_len, m->width);
	set = next_set(db, m);
	for (size_t i = 0; i < in_len; i++) {
		void *copy;

		set[i] = in[i];
		if (in[i].p == NULL)
			continue;
		copy = arena_alloc(db_mem(db), in[i].len + 1);
		memcpy(copy, in[i].p, in[i].len);
		set[i].p = copy;
	}
}
