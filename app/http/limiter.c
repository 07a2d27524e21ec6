/* Counts what is under way. Invariant: at most `most` holders at any time. */
#include "app/http/limiter.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "lib/xalloc.h"

struct limiter {
	atomic_int held;
	int most;
};

struct limiter *
limiter_new(int most)
{
	struct limiter *l = xcalloc(1, sizeof(*l));

	l->most = most > 0 ? most : 1;
	atomic_init(&l->held, 0);
	return l;
}

void
limiter_free(struct limiter *l)
{
	free(l);
}

bool
limiter_acquire(struct limiter *l)
{
	if (atomic_fetch_add(&l->held, 1) < l->most)
		return true;
	(void)atomic_fetch_sub(&l->held, 1);
	return false;
}

void
limiter_release(struct limiter *l)
{
	(void)atomic_fetch_sub(&l->held, 1);
}
