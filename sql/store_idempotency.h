#ifndef SQL_STORE_IDEMPOTENCY_H
#define SQL_STORE_IDEMPOTENCY_H

#include "sql/store.h"

/* Used by sql/store_pin.c and sql/store_schedule.c only. */

/*
 * Takes p's idempotency key for what out->pin_id or out->schedule_id will be. DB_OK with
 * out->made: STORE_CREATED when the key is now ours (or p has none), else what stands in its place
 * (out's ids are then the earlier ones).
 */
enum db_rc store_key_take(
    struct db *db, const struct uuid *project, const struct pin_new *p, struct store_made_ids *out);

#endif
