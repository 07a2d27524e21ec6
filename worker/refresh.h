#ifndef WORKER_REFRESH_H
#define WORKER_REFRESH_H

#include <stdint.h>

#include "lib/uuid.h"

struct worker;

/*
 * Rotates Pinterest token pairs: accounts whose refresh_at has come, and those that somebody asks
 * for. One refresh per account at a time over all workers (refresh_started_at). The new pair is
 * stored before anybody uses it. Loop thread only.
 */
struct refresh;

struct refresh *refresh_new(struct worker *w);
int64_t refresh_tick(void *self, int64_t mono_us);
unsigned refresh_busy(const void *self);
void refresh_free(void *self);

/*
 * Pinterest refused this account's access token: refresh it now. Asking again while it is under
 * way does nothing. Tells nobody: after success, and when the account needs its owner, its lane is
 * woken by work_at.
 */
void refresh_request(struct refresh *r, const struct uuid *account, unsigned shard);

#endif
