/*
 * Idempotency keys of pins and schedules. The key is inserted first, so that of two requests with
 * the same key the second waits and then sees what the first created. A key is never reused.
 */
#include "sql/store_idempotency.h"

#include <json-c/json.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/problem.h"
#include "sql/stmt.h"

#define CLOCKS_US (3600 * US_PER_S) /* assumed maximum difference of clocks */

/* A stored key. */
struct kept {
	const void *hash;
	size_t hash_len;
	int64_t there, created_us;
};

static enum db_rc
read_stored_key(struct db *db, const struct uuid *project, const char *key, struct kept *k,
    struct store_made_ids *out)
{
	return db_row(db,
	    SQL_IN(idempotency_key_get, .project = db_uuid(project),
		.key = db_bytes(key, strlen(key))),
	    SQL_OUT(idempotency_key_get, .body_hash = db_get_bytes(&k->hash, &k->hash_len),
		.pin_id = db_get_uuid(&out->pin_id), .schedule_id = db_get_uuid(&out->schedule_id),
		.there = db_get_int(&k->there), .created_at = db_get_time(&k->created_us)));
}

/* What the key created, if the content is the same. */
static enum store_made
stands_for(const struct kept *k, const unsigned char hash[SHA256_SIZE])
{
	if (!crypto_equal(k->hash, k->hash_len, hash, SHA256_SIZE))
		return STORE_CONFLICT;
	return k->there ? STORE_EXISTING : STORE_GONE;
}

enum db_rc
store_repeated(struct db *db, const struct uuid *project, enum pin_form form,
    struct json_object *in, struct pin_new *p, struct store_made_ids *out)
{
	unsigned char hash[SHA256_SIZE];
	struct json_object *key = NULL;
	struct problem ignored = { 0 };
	struct kept k;
	enum db_rc rc;

	memset(out, 0, sizeof(*out));
	if (!json_object_object_get_ex(in, "idempotency_key", &key) ||
	    !json_object_is_type(key, json_type_string))
		return DB_NONE;
	rc = read_stored_key(db, project, json_object_get_string(key), &k, out);
	if (rc != DB_OK)
		return rc;
	/* as it was judged then; the content says whether it is the same */
	if (pin_new_decode(p, form, in, k.created_us - CLOCKS_US, db_mem(db), &ignored) == -1)
		return DB_NONE;
	pin_new_hash(p, hash);
	out->made = stands_for(&k, hash);
	return out->made == STORE_EXISTING ? DB_OK : DB_NONE;
}

enum db_rc
store_key_take(
    struct db *db, const struct uuid *project, const struct pin_new *p, struct store_made_ids *out)
{
	unsigned char hash[SHA256_SIZE];
	struct kept k;
	enum db_rc rc;

	out->made = STORE_CREATED;
	if (p->idempotency_key == NULL)
		return DB_OK;
	pin_new_hash(p, hash);

	rc = db_exec(db,
	    SQL_IN(idempotency_key_insert, .project = db_uuid(project),
		.key = db_bytes(p->idempotency_key, strlen(p->idempotency_key)),
		.hash = db_bytes(hash, sizeof(hash)),
		.pin = db_uuid(uuid_is_nil(&out->pin_id) ? NULL : &out->pin_id),
		.schedule = db_uuid(uuid_is_nil(&out->schedule_id) ? NULL : &out->schedule_id)),
	    NULL);
	if (rc != DB_DUP)
		return rc;
	rc = read_stored_key(db, project, p->idempotency_key, &k, out);
	if (rc == DB_OK)
		out->made = stands_for(&k, hash);
	/* deleted since our insert: the caller starts again */
	return rc == DB_NONE ? DB_RETRY : rc;
}
