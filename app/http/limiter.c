/* Counts what is under way. Invariant: 0 <= taken <= most. */
#include "app/http/limiter.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "lib/xalloc.h"

struct slots {
	atomic_int taken;
	int most;
};

struct slots *
slots_new(int most)
{
	struct slots *s = xcalloc(1, sizeof(*s));

	s->most = most > 0 ? most : 1;
	atomic_init(&s->taken, 0);
	return s;
}

void
slots_free(struct slots *s)
{
	free(s);
}

bool
slots_take(struct slots *s)
{
	if (atomic_fetch_add(&s->taken, 1) < s->most)
		return true;
	(void)atomic_fetch_sub(&s->taken, 1);
	return false;
}

void
slots_give(struct slots *s)
{
	(void)atomic_fetch_sub(&s->taken, 1);
}
