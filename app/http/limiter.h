#ifndef APP_HTTP_LIMITER_H
#define APP_HTTP_LIMITER_H

#include <stdbool.h>

#include "lib/attr.h"

/* Limits how many threads do one slow thing at once, so that the others still answer. */
struct limiter;

/* At most `most` holders, and at least one. */
struct limiter *limiter_new(int most);
void limiter_free(struct limiter *l);
/* Never waits. False when all are taken: the caller answers 503 with Retry-After. */
MUST_CHECK bool limiter_acquire(struct limiter *l);
/* Waits for a place: for what only takes processor time, so that the holders get on. NULL has
 * places for all. */
void limiter_wait(struct limiter *l);
void limiter_release(struct limiter *l);

#endif
