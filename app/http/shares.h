#ifndef APP_HTTP_SHARES_H
#define APP_HTTP_SHARES_H

#include "lib/attr.h"
#include "lib/uuid.h"

/* Like struct limiter, with a limit for each of those who share it, too. */
struct shares;

/* At most `most` holders, of them `each` for one; both at least one. */
struct shares *shares_new(int most, int each);
void shares_free(struct shares *s);
/* Never waits. False when all, or all of `who`, are taken. */
MUST_CHECK bool shares_acquire(struct shares *s, const struct uuid *who);
void shares_release(struct shares *s, const struct uuid *who);

#endif
