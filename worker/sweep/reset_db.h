#ifndef WORKER_SWEEP_RESET_DB_H
#define WORKER_SWEEP_RESET_DB_H

#include <stdbool.h>

#include "lib/db/db.h"

/*
 * Deletes one batch of what a reset left behind. *more: call again, after other work. Also hands
 * on keys, sessions, accounts and webhooks that a request made under the earlier id while the reset
 * was committed.
 */
enum db_rc reset_step(struct db *db, bool *more);

#endif
