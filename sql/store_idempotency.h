#ifndef SQL_STORE_IDEMPOTENCY_H
#define SQL_STORE_IDEMPOTENCY_H

#include "sql/store.h"

/* Used by sql/store_pin.c and sql/store_schedule.c only. */

/*
 * Reserves p's idempotency key for out->pin_id or out->schedule_id. DB_OK with out->made:
 * STORE_CREATED when the key is now ours (or p has none), else the state of the earlier use, with
 * its ids in *out.
 */
enum db_rc store_key_take(
    struct db *db, const struct uuid *project, const struct pin_new *p, struct store_made_ids *out);

/* Where a new pin or schedule belongs: parameters of both INSERTs. */
#define STORE_PLACE_IN(a)                                                                          \
	.project = db_uuid(&(a)->project_id), .account = db_uuid(&(a)->id),                        \
	.lane = db_uuid(&(a)->lane_id), .shard = db_int((a)->shard)

#endif
