/*
 * Idempotency keys of pins and schedules: inserted first, so that of two requests with one key the
 * second waits for the first and then sees what it made. A used key stays used.
 */
#include "sql/store_key.h"

#include <string.h>

#include "lib/log.h"
#include "sql/stmt.h"

static enum db_rc
read_key(struct db *db, const struct uuid *project, const struct pin_new *p,
    const unsigned char hash[SHA256_SIZE], struct store_made_ids *out)
{
	const void *had = NULL;
	size_t had_len = 0;
	int64_t there;
	const struct db_param in[] = { db_uuid(project),
		db_bytes(p->idempotency_key, strlen(p->idempotency_key)) };
	struct db_col cols[] = {
		db_get_bytes(&had, &had_len),
		db_get_uuid(&out->pin_id),
		db_get_uuid(&out->schedule_id),
		db_get_int(&there),
	};
	enum db_rc rc = db_row(db, STMT_STORE_KEY_GET, in, DB_LEN(in), cols, DB_LEN(cols));

	if (rc == DB_NONE) /* swept between our insert and now: the caller starts again */
		return DB_RETRY;
	if (rc != DB_OK)
		return rc;
	if (!crypto_equal(had, had_len, hash, SHA256_SIZE))
		out->made = STORE_CONFLICT;
	else
		out->made = there ? STORE_EXISTING : STORE_GONE;
	return DB_OK;
}

enum db_rc
store_key_take(
    struct db *db, const struct uuid *project, const struct pin_new *p, struct store_made_ids *out)
{
	unsigned char hash[SHA256_SIZE];
	enum db_rc rc;

	out->made = STORE_CREATED;
	if (p->idempotency_key == NULL)
		return DB_OK;
	pin_new_hash(p, hash);
	const struct db_param in[] = {
		db_uuid(project),
		db_bytes(p->idempotency_key, strlen(p->idempotency_key)),
		db_bytes(hash, sizeof(hash)),
		db_uuid(uuid_is_nil(&out->pin_id) ? NULL : &out->pin_id),
		db_uuid(uuid_is_nil(&out->schedule_id) ? NULL : &out->schedule_id),
	};

	rc = db_exec(db, STMT_STORE_KEY_INSERT, in, DB_LEN(in), NULL);
	return rc == DB_DUP ? read_key(db, project, p, hash, out) : rc;
}
