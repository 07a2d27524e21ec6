#ifndef WORKER_PIN_POISON_DB_H
#define WORKER_PIN_POISON_DB_H

#include <stdint.h>

#include "lib/db/db.h"
#include "lib/uuid.h"
#include "worker/frame/fence_db.h"

/*
 * The last resort for one pin whose rows the database refuses to write as they should be: it fails,
 * saying so, and its lane goes on. One that may have left is an unknown outcome, with the Pinterest
 * id that its attempt knows as the candidate.
 */
struct poison {
	struct uuid pin_id, lane_id;
	unsigned shard;
	int64_t event_deadline_s;
};

/*
 * On the DB thread, outside a transaction. DB_OK: done, or it is over already. DB_FAIL: even that
 * is refused. DB_NONE: the shard is not ours any more.
 */
enum db_rc poison(struct db *db, const struct leases *leases, const struct poison *g);

#endif
