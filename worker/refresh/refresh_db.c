/* Token refresh in the tables. Invariant: a pair replaces only the version it was made from. */
#include "worker/refresh/refresh_db.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crash.h"
#include "sql/stmt.h"
#include "worker/frame/fence_db.h"
#include "sql/store.h"

struct candidate {
	struct uuid account_id;
	unsigned shard;
};

struct beginning {
	struct refresh_begin *b;
	struct candidate all[REFRESH_BATCH];
	size_t all_len;
	struct uuid id; /* being read */
	int64_t shard;
};

static void
on_due_account(void *arg)
{
	struct beginning *k = arg;

	if (k->all_len < REFRESH_BATCH) {
		k->all[k->all_len].account_id = k->id;
		k->all[k->all_len++].shard = (unsigned)k->shard;
	}
}

static enum db_rc
find_due_accounts(struct db *db, struct beginning *k)
{
	struct refresh_begin *b = k->b;
	const struct db_param in[] = { leases_param(&b->batch.leases), db_int(b->environments),
		db_int(REFRESH_BATCH) };
	struct db_col out[] = { db_get_uuid(&k->id), db_get_int(&k->shard) };

	return db_each(
	    db, STMT_ACCOUNT_REFRESH_DUE, in, DB_LEN(in), out, DB_LEN(out), on_due_account, k);
}

static enum db_rc
read_tokens(struct db *db, struct refresh_begun *r)
{
	const void *sealed = NULL;
	const struct db_param in[] = { db_uuid(&r->account_id) };
	struct db_col out[] = { db_get_uuid(&r->project_id), db_get_uuid(&r->lane_id),
		db_get_int(&r->environment), db_get_bytes(&sealed, &r->sealed_len),
		db_get_int(&r->version), db_get_time(&r->started_us), db_get_int(&r->alive) };
	enum db_rc rc = db_row(db, STMT_ACCOUNT_REFRESH_GET, in, DB_LEN(in), out, DB_LEN(out));

	if (rc != DB_OK)
		return rc;
	if (sealed == NULL || r->sealed_len > REFRESH_SEALED_MAX)
		return DB_NONE;
	memcpy(r->sealed, sealed, r->sealed_len);
	return DB_OK;
}

static enum db_rc
begin_work(struct db *db, void *arg)
{
	struct beginning *k = arg;
	struct refresh_begin *b = k->b;
	struct fence fence;
	uint64_t mask = 0;
	enum db_rc rc;

	b->boot_us = clock_boot_us();
	for (size_t i = 0; i < k->all_len; i++)
		mask |= FENCE_BIT(k->all[i].shard);
	rc = fence_take(db, &b->batch.leases, mask, &fence);
	b->batch.lost = fence.lost;
	b->begun_len = 0;
	for (size_t i = 0; rc == DB_OK && i < k->all_len; i++) {
		struct refresh_begun *r = &b->begun[b->begun_len];
		const struct db_param in[] = { db_uuid(&k->all[i].account_id) };

		rc = db_exec(db, STMT_ACCOUNT_REFRESH_START, in, DB_LEN(in), NULL);
		r->account_id = k->all[i].account_id;
		r->shard = k->all[i].shard;
		if (rc == DB_OK)
			rc = read_tokens(db, r);
		if (rc == DB_OK)
			b->begun_len++;
		if (rc == DB_NONE)
			rc = DB_OK;
	}
	return rc;
}

enum db_rc
refresh_db_begin(struct db *db, void *arg)
{
	struct refresh_begin *b = arg;
	struct beginning k = { .b = b };
	enum db_rc rc = find_due_accounts(db, &k);

	if (rc != DB_OK || k.all_len == 0)
		return rc;
	b->begun = arena_alloc(db_mem(db), k.all_len * sizeof(*b->begun));
	rc = db_transact(db, begin_work, &k);
	if (rc == DB_OK && b->begun_len > 0)
		CRASH_POINT("refresh.started");
	/* What may not have been committed does not count as begun: it can be, 30 s later. */
	if (rc != DB_OK)
		b->begun_len = 0;
	b->batch.more = b->begun_len > 0 && k.all_len == REFRESH_BATCH;
	return rc;
}

/* ---- save ---- */

static enum db_rc
store_tokens(struct db *db, const struct refresh_result *r)
{
	const struct db_param in[] = { db_uuid(&r->account_id), db_int(r->version),
		db_bytes(r->access, r->access_len),
		r->refresh_len > 0 ? db_bytes(r->refresh, r->refresh_len) : db_null(),
		db_int(r->life_s), r->refresh_life_s > 0 ? db_int(r->refresh_life_s) : db_null(),
		db_int(r->early_s) };

	return db_exec(db, STMT_ACCOUNT_REFRESH_SAVE, in, DB_LEN(in), NULL);
}

static enum db_rc
mark_refused(struct db *db, const struct refresh_result *r)
{
	const struct actor by = { .type = "worker" };
	const struct activity activity = {
		.action = "account.reconnect_required",
		.category = "integration",
		.status = "failed",
		.resource_type = "account",
		.resource_id = r->account_id,
		.message = "Pinterest no longer accepts this account's authorization.",
	};
	const struct db_param in[] = { db_uuid(&r->account_id), db_int(r->version),
		db_text("token_revoked"), db_text(r->message) };
	enum db_rc rc = db_exec(db, STMT_ACCOUNT_REFRESH_REFUSED, in, DB_LEN(in), NULL);

	return rc == DB_OK ? store_activity(db, &r->project_id, &by, &activity) : rc;
}

static enum db_rc
postpone_refresh(struct db *db, const struct refresh_result *r)
{
	const struct db_param in[] = { db_uuid(&r->account_id), db_time(r->started_us),
		db_int(r->wait_ms) };

	return db_exec(db, STMT_ACCOUNT_REFRESH_POSTPONE, in, DB_LEN(in), NULL);
}

static enum db_rc
refresh_save_work(struct db *db, void *arg)
{
	struct refresh_result *r = arg;
	const struct db_param lane[] = { db_uuid(&r->lane_id) };
	struct fence fence;
	enum db_rc rc = DB_OK;

	r->lost = 0;
	if (r->what != REFRESH_STORE) {
		rc = fence_take(db, &r->leases, FENCE_BIT(r->shard), &fence);
		r->lost = fence.lost;
	}
	/* Everybody locks the lane before its account. */
	if (rc == DB_OK && r->what != REFRESH_LATER)
		rc = db_exec(db, STMT_LANE_WAKE_NOW, lane, DB_LEN(lane), NULL);
	if (rc != DB_OK)
		return rc;
	switch (r->what) {
	case REFRESH_STORE:
		rc = store_tokens(db, r);
		CRASH_POINT("refresh.before_commit");
		return rc;
	case REFRESH_LATER: return postpone_refresh(db, r);
	case REFRESH_DEAD: return mark_refused(db, r);
	}
	return rc;
}

enum db_rc
refresh_db_save(struct db *db, struct refresh_result *r)
{
	enum db_rc rc = db_transact(db, refresh_save_work, r);

	if (rc == DB_OK && r->what == REFRESH_STORE)
		CRASH_POINT("refresh.stored");
	return rc;
}
