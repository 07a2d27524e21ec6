/* Counts what is under way. Invariant: at most `most` holders at any time. */
#include "app/http/limiter.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "lib/xalloc.h"

#define WAIT_PAUSE_NS 2000000

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
limiter_wait(struct limiter *l)
{
	const struct timespec pause = { .tv_nsec = WAIT_PAUSE_NS };

	while (l != NULL && !limiter_acquire(l))
		(void)nanosleep(&pause, NULL);
}

void
limiter_release(struct limiter *l)
{
	if (l != NULL)
		(void)atomic_fetch_sub(&l->held, 1);
}
