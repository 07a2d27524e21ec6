#ifndef WORKER_PIN_LAST_ATTEMPT_DB_H
#define WORKER_PIN_LAST_ATTEMPT_DB_H

#include <stdint.h>

#include "lib/db/db.h"
#include "lib/uuid.h"

/* A pin that is under way and its last attempt (zeros and NULLs: none). Text is in the arena. */
struct last_attempt {
	struct uuid project_id, worker_id;
	int64_t state, attempts, opened_us, outcome, gate_us, http_status, code, not_after_us;
	const char *message, *request_id, *pinterest_pin_id;
};

/* DB_NONE: the lane has no such pin. */
enum db_rc last_attempt_read(
    struct db *db, const struct uuid *lane, const struct uuid *pin, struct last_attempt *out);

#endif
