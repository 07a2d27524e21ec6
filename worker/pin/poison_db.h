#ifndef WORKER_PIN_POISON_DB_H
#define WORKER_PIN_POISON_DB_H

#include <stdint.h>

#include "lib/db/db.h"
#include "lib/uuid.h"
#include "worker/frame/fence_db.h"

/*
 * A poison message: a pin whose rows the database refuses to write. It fails and says so, and its
 * lane goes on. One that may have been sent becomes an unknown outcome, with the Pinterest id that
 * its attempt has as the candidate.
 */
struct poison {
	struct uuid pin_id, lane_id;
	unsigned shard;
	int64_t event_deadline_s;
};

/*
 * Fails the pin, in a transaction of its own. DB_OK: done, or the pin is in a final state already.
 * DB_FAIL: the database refuses even that. DB_NONE: the shard is not ours any more.
 */
enum db_rc poison(struct db *db, const struct leases *leases, const struct poison *p);

#endif
