#ifndef WORKER_PROMOTE_PROMOTE_REFUSE_DB_H
#define WORKER_PROMOTE_PROMOTE_REFUSE_DB_H

#include <stdint.h>

#include "lib/db/db.h"

/*
 * Inside a fenced transaction: a schedule that the database will not turn into a pin fails as
 * `internal_error`, with its activity and its `pin.failed` event (whose pin_id is null).
 * DB_NONE: it was edited or canceled since `version`; nothing was done.
 */
enum db_rc promote_refuse(struct db *db, const struct uuid *project_id, const struct uuid *id,
    int64_t version, int64_t event_deadline_s);

#endif
