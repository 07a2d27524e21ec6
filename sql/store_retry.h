#ifndef SQL_STORE_RETRY_H
#define SQL_STORE_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/db/db.h"
#include "lib/pin.h"
#include "lib/uuid.h"

/*
 * A failed pin waits again, with its schedule: at its account and board, or others. For the
 * application and the operator's command, inside the caller's transaction.
 */
struct store_retry {
	struct uuid project_id, pin_id;
	int64_t version;         /* as it was read in this transaction */
	struct uuid schedule_id; /* nil: none */
	struct uuid account_id, lane_id;
	int64_t shard; /* -1: unchanged */
	const char *board_id;
	const struct pin_content *content; /* its texts */
	bool lookup;                       /* its outcome is unknown: looked up first */
	bool duplicate;                    /* the user accepts one */
	int64_t publish_window_s;          /* its deadline is at least so far away */
};
/* DB_NONE: it was changed since. */
enum db_rc store_retry(struct db *db, const struct store_retry *r);

#endif
