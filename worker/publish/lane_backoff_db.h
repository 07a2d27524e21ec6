#ifndef WORKER_PUBLISH_LANE_BACKOFF_DB_H
#define WORKER_PUBLISH_LANE_BACKOFF_DB_H

#include "lib/db/db.h"
#include "lib/uuid.h"
#include "worker/publish/effects.h"

/*
 * Pinterest takes creates and says nothing of use (5xx, no answer), time and again: each more would
 * only be one more to look up. From the third in a row on the lane rests, longer each time: from
 * base_ms to cap_ms, ten minutes at most, so that it goes on soon after Pinterest does. One answer
 * ends it. DB thread, in the transaction that saves such an outcome; nothing when !backoff->counts.
 */
enum db_rc lane_backoff_apply(
    struct db *db, const struct uuid *lane, const struct lane_backoff *backoff);

#endif
