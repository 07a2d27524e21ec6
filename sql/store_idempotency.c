/*
 * Idempotency keys of pins and schedules. The key is inserted first, so that of two requests with
 * the same key the second waits and then sees what the first created. A key is never reused.
 */
#include "sql/store_idempotency.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/crypto.h"
#include "sql/stmt.h"

#define CLOCKS_US (3600 * US_PER_S) /* assumed maximum difference of clocks */

enum db_rc
store_key_get(struct db *db, const struct uuid *project, const char *key, struct store_key *out)
{
	const void *hash;
	size_t hash_len;
	int64_t exists, created_us;
	enum db_rc rc = db_row(db,
	    SQL_IN(idempotency_key_get, .project = db_uuid(project),
		.key = db_bytes(key, strlen(key))),
	    SQL_OUT(idempotency_key_get, .body_hash = db_get_bytes(&hash, &hash_len),
		.pin_id = db_get_uuid(&out->ids.pin_id),
		.schedule_id = db_get_uuid(&out->ids.schedule_id), .there = db_get_int(&exists),
		.created_at = db_get_time(&created_us)));

	if (rc != DB_OK)
		return rc;
	if (hash_len != sizeof(out->hash))
		return DB_FAIL;
	memcpy(out->hash, hash, sizeof(out->hash));
	out->checked_us = created_us - CLOCKS_US;
	out->exists = exists != 0;
	return DB_OK;
}

enum store_made
store_key_compare(struct store_key *k, const struct pin_new *p)
{
	unsigned char hash[SHA256_SIZE];

	pin_new_hash(p, hash);
	k->ids.made = !crypto_equal(k->hash, sizeof(k->hash), hash, sizeof(hash)) ? STORE_CONFLICT
		      : k->exists                                                 ? STORE_EXISTING
										  : STORE_GONE;
	return k->ids.made;
}

enum db_rc
store_key_take(
    struct db *db, const struct uuid *project, const struct pin_new *p, struct store_made_ids *out)
{
	unsigned char hash[SHA256_SIZE];
	struct store_key used;
	enum db_rc rc;

	out->made = STORE_CREATED;
	if (p->idempotency_key == NULL)
		return DB_OK;
	pin_new_hash(p, hash);
	rc = db_exec(db,
	    SQL_IN(idempotency_key_insert, .project = db_uuid(project),
		.key = db_bytes(p->idempotency_key, strlen(p->idempotency_key)),
		.hash = db_bytes(hash, sizeof(hash)), .pin = db_uuid_or_null(&out->pin_id),
		.schedule = db_uuid_or_null(&out->schedule_id)),
	    NULL);
	if (rc != DB_DUP)
		return rc;
	rc = store_key_get(db, project, p->idempotency_key, &used);
	if (rc == DB_OK) {
		store_key_compare(&used, p);
		*out = used.ids;
	}
	/* deleted since our insert: the caller starts again */
	return rc == DB_NONE ? DB_RETRY : rc;
}
