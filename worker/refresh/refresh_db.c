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
	struct uuid id, project_id; /* being read */
	int64_t shard, environment;
	size_t read;
};

static void
on_due_account(void *arg)
{
	struct beginning *k = arg;

	struct fair_places *shares = k->b->shares[k->environment == ENV_SANDBOX];

	k->read++;
	if (k->all_len < REFRESH_BATCH && fair_places_open(shares, &k->project_id)) {
		fair_places_take(shares, &k->project_id);
		k->all[k->all_len].account_id = k->id;
		k->all[k->all_len++].shard = (unsigned)k->shard;
	}
}

static enum db_rc
find_due_accounts(struct db *db, struct beginning *k)
{
	struct refresh_begin *b = k->b;

	return db_each(db,
	    SQL_IN(account_refresh_due, .shards = leases_param(&b->batch.leases),
		.environments = db_int(b->environments), .full = db_uuids(b->full, REFRESH_FULL),
		.limit = db_int(REFRESH_BATCH)),
	    SQL_OUT(account_refresh_due, .id = db_get_uuid(&k->id),
		.project_id = db_get_uuid(&k->project_id), .shard = db_get_int(&k->shard),
		.environment = db_get_int(&k->environment)),
	    on_due_account, k);
}

static enum db_rc
read_tokens(struct db *db, struct refresh_begun *r)
{
	const void *sealed = NULL;
	enum db_rc rc = db_row(db, SQL_IN(account_refresh_get, .id = db_uuid(&r->account_id)),
	    SQL_OUT(account_refresh_get, .project_id = db_get_uuid(&r->project_id),
		.lane_id = db_get_uuid(&r->lane_id), .environment = db_get_int(&r->environment),
		.refresh_sealed = db_get_bytes(&sealed, &r->sealed_len),
		.token_version = db_get_int(&r->version),
		.refresh_started_at = db_get_time(&r->started_us),
		.usable = db_get_int(&r->alive)));

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

		rc = db_exec(
		    db, SQL_IN(account_refresh_start, .id = db_uuid(&k->all[i].account_id)), NULL);
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
	b->batch.more = b->begun_len > 0 && k.read == REFRESH_BATCH;
	return rc;
}

/* ---- save ---- */

static enum db_rc
log_reconnect(struct db *db, const struct refresh_result *r)
{
	const struct actor by = { .type = "worker" };
	const struct activity activity = {
		.action = ACTIVITY_ACCOUNT_RECONNECT_REQUIRED,
		.account_id = r->account_id,
		.resource_id = r->account_id,
		.message = r->what == REFRESH_DEAD
			       ? "Pinterest no longer accepts this account's authorization."
			       : "Pinterest renewed this account's authorization with fewer "
				 "permissions.",
	};

	return store_activity(db, &r->project_id, &by, &activity);
}

static enum db_rc
store_tokens(struct db *db, const struct refresh_result *r)
{
	enum db_rc rc = db_exec(db,
	    SQL_IN(account_refresh_save, .id = db_uuid(&r->account_id),
		.version = db_int(r->version), .access = db_bytes(r->access, r->access_len),
		.refresh = r->refresh_len > 0 ? db_bytes(r->refresh, r->refresh_len) : db_null(),
		.life = db_int(r->life_s),
		.refresh_life = r->refresh_life_s > 0 ? db_int(r->refresh_life_s) : db_null(),
		.early = db_int(r->early_s), .scopes = db_text(r->scoped ? r->scopes : NULL),
		.missing = db_text(r->scoped ? r->missing : NULL), .health = db_int(r->reconnect),
		.health_code = db_text(r->reconnect ? "scope_missing" : NULL),
		.health_message = db_text(r->message[0] != '\0' ? r->message : NULL)),
	    NULL);

	if (rc == DB_OK && r->reconnect)
		rc = log_reconnect(db, r);
	return rc;
}

static enum db_rc
mark_refused(struct db *db, const struct refresh_result *r)
{
	enum db_rc rc = db_exec(db,
	    SQL_IN(account_refresh_refused, .id = db_uuid(&r->account_id),
		.version = db_int(r->version), .code = db_text("token_revoked"),
		.message = db_text(r->message)),
	    NULL);

	if (rc == DB_OK)
		rc = log_reconnect(db, r);
	return rc;
}

static enum db_rc
postpone_refresh(struct db *db, const struct refresh_result *r)
{
	enum db_rc rc = db_exec(db,
	    SQL_IN(account_refresh_postpone, .id = db_uuid(&r->account_id),
		.started = db_time(r->started_us), .wait_ms = db_int(r->wait_ms)),
	    NULL);

	if (rc != DB_OK || r->foreign[0] == '\0')
		return rc;
	return db_exec_any(db,
	    SQL_IN(app_note_foreign, .environment = db_int(r->environment),
		.message = db_text(r->foreign)),
	    NULL);
}

static enum db_rc
refresh_save_work(struct db *db, void *arg)
{
	struct refresh_result *r = arg;
	struct fence fence;
	enum db_rc rc = DB_OK;

	r->lost = 0;
	if (r->what != REFRESH_STORE) {
		rc = fence_take(db, &r->leases, FENCE_BIT(r->shard), &fence);
		r->lost = fence.lost;
	}
	/* Everybody locks the lane before its account. */
	if (rc == DB_OK && r->what != REFRESH_LATER)
		rc = db_exec(db, SQL_IN(lane_wake_now, .lane = db_uuid(&r->lane_id)), NULL);
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
