#ifndef WORKER_PUBLISH_LANE_BACKOFF_DB_H
#define WORKER_PUBLISH_LANE_BACKOFF_DB_H

#include "lib/db/db.h"
#include "lib/uuid.h"
#include "worker/publish/effects.h"

/*
 * Backs off a lane after three unknown outcomes in a row (5xx, no answer): each further create
 * would only need another look-up. The hold grows from base_ms to cap_ms, ten minutes at most; any
 * clear answer ends the streak. DB thread, in the transaction that saves such an outcome. DB_OK
 * also when nothing is due, or !backoff->counts.
 */
enum db_rc lane_backoff_apply(
    struct db *db, const struct uuid *lane, const struct lane_backoff *backoff);

#endif
