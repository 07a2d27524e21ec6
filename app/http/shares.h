#ifndef APP_HTTP_SHARES_H
#define APP_HTTP_SHARES_H

#include <stdint.h>

#include "lib/attr.h"
#include "lib/uuid.h"

/* Like struct limiter, with a limit for each of those who share it, too. */
struct shares;

/* At most `most` holders, of them `each` for one; both at least one. */
struct shares *shares_new(int most, int each);
void shares_free(struct shares *s);
/* Never waits. False when all, or all of `who`, are taken. */
MUST_CHECK bool shares_acquire(struct shares *s, const struct uuid *who);
/*
 * Of these `each` for `who` (0: as many as for everyone). Waits for a place, at most patience_us.
 * Whoever waited in vain is not waited for again until `penance_us` later: places that are held for
 * long then cost nobody else a waiting thread.
 */
MUST_CHECK bool shares_acquire_within(
    struct shares *s, const struct uuid *who, int each, int64_t patience_us, int64_t penance_us);
void shares_release(struct shares *s, const struct uuid *who);
/* How many `who` holds now. */
MUST_CHECK int shares_held(struct shares *s, const struct uuid *who);

#endif
