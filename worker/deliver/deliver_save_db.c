/*
 * Saving attempts. Order: the endpoints, then deliveries, then their attempts. Invariant: only a
 * pending delivery changes, so what was canceled while its attempt was under way stays canceled.
 */
#include "worker/deliver/deliver_save_db.h"

#include "lib/crash.h"
#include "lib/log.h"
#include "sql/stmt.h"
#include "sql/store.h"

static enum db_rc
hook_activity(struct db *db, const struct delivery *d, const char *message)
{
	const struct actor by = { .type = "worker" };
	const struct activity told = {
		.action = "webhook.disabled",
		.category = "integration",
		.status = "failed",
		.resource_type = "webhook",
		.resource_id = d->webhook_id,
		.message = message,
	};

	return store_activity(db, &d->project_id, &by, &told);
}

static enum db_rc
hook_disable(struct db *db, const struct delivery *d, bool gone)
{
	const struct db_param in[] = { db_uuid(&d->webhook_id), db_int(gone) };
	enum db_rc rc = db_exec(db, STMT_WEBHOOK_DISABLE, in, DB_LEN(in), NULL);

	if (rc == DB_NONE)
		return DB_OK;
	return rc != DB_OK
		   ? rc
		   : hook_activity(db, d,
			 gone ? "The webhook was disabled: its endpoint answered 410 Gone."
			      : "The webhook was disabled: all deliveries failed for days.");
}

static enum db_rc
hook_failed(struct db *db, const struct deliver_result *r)
{
	bool exhausted = r->plan.state == DELIVER_GIVEN_UP;
	const struct db_param in[] = { db_uuid(&r->d->webhook_id), db_time(r->plan.pause_us),
		db_int(exhausted), db_text(r->plan.error) };
	enum db_rc rc = db_exec(db, STMT_WEBHOOK_FAILURE, in, DB_LEN(in), NULL);

	if (rc == DB_NONE)
		return DB_OK;
	return rc == DB_OK && exhausted ? hook_disable(db, r->d, r->plan.gone) : rc;
}

static enum db_rc
hook_ok(struct db *db, const struct deliver_result *r)
{
	const struct db_param in[] = { db_uuid(&r->d->webhook_id) };
	enum db_rc rc = db_exec(db, STMT_WEBHOOK_SUCCESS, in, DB_LEN(in), NULL);

	return rc == DB_NONE ? DB_OK : rc;
}

/* The first of its endpoint among the results that were delivered. */
static bool
first_ok(const struct deliver_saving *s, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (s->results[j]->plan.state == DELIVER_DELIVERED &&
		    uuid_equal(&s->results[j]->d->webhook_id, &s->results[i]->d->webhook_id))
			return false;
	return s->results[i]->plan.state == DELIVER_DELIVERED;
}

static enum db_rc
hooks(struct db *db, const struct deliver_saving *s)
{
	enum db_rc rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < s->len; i++)
		if (s->results[i]->plan.state != DELIVER_DELIVERED)
			rc = hook_failed(db, s->results[i]);
	for (size_t i = 0; rc == DB_OK && i < s->len; i++)
		if (first_ok(s, i))
			rc = hook_ok(db, s->results[i]);
	return rc;
}

static enum db_rc
delivery(struct db *db, const struct deliver_result *r)
{
	const struct delivery *d = r->d;
	const struct deliver_plan *p = &r->plan;
	struct db_param status = r->status != 0 ? db_int(r->status) : db_null();
	const struct db_param done[] = { db_uuid(&d->id), db_int(d->attempts + 1), db_int(p->state),
		db_time(p->due_us), db_int(d->step + 1), status,
		db_text(p->error[0] != '\0' ? p->error : NULL) };
	const struct db_param attempt[] = { db_uuid(&d->id), db_int(d->attempts + 1),
		db_time(r->started_us), db_int(r->duration_ms),
		db_text(r->ip[0] != '\0' ? r->ip : NULL), status, db_text(p->class),
		db_bytes(r->excerpt, r->excerpt_len) };
	enum db_rc rc = db_exec(db, STMT_DELIVERY_SAVE, done, DB_LEN(done), NULL);

	if (rc == DB_OK || rc == DB_NONE)
		rc = db_exec(db, STMT_DELIVERY_ATTEMPT_INSERT, attempt, DB_LEN(attempt), NULL);
	return rc == DB_NONE || rc == DB_DUP ? DB_OK : rc;
}

/* What an endpoint's other deliveries get from this result. */
static enum db_rc
others(struct db *db, const struct deliver_result *r)
{
	const struct db_param in[] = { db_uuid(&r->d->webhook_id) };
	enum db_rc rc = DB_OK;

	if (r->plan.gone)
		rc = db_exec(db, STMT_WEBHOOK_END_DELIVERIES, in, DB_LEN(in), NULL);
	else if (r->d->probe && r->plan.state == DELIVER_DELIVERED)
		rc = db_exec(db, STMT_WEBHOOK_RELEASE_DELIVERIES, in, DB_LEN(in), NULL);
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
save_all(struct db *db, void *arg)
{
	struct deliver_saving *s = arg;
	struct fence fence;
	uint64_t mask = 0;
	enum db_rc rc;

	for (size_t i = 0; i < s->len; i++)
		mask |= FENCE_BIT(s->results[i]->d->shard);
	rc = fence_take(db, &s->leases, mask, &fence);
	s->lost = fence.lost;
	if (rc == DB_OK)
		rc = hooks(db, s);
	for (size_t i = 0; rc == DB_OK && i < s->len; i++)
		rc = delivery(db, s->results[i]);
	for (size_t i = 0; rc == DB_OK && i < s->len; i++)
		rc = others(db, s->results[i]);
	CRASH_POINT("delivery.before_commit");
	return rc;
}

enum db_rc
deliver_save(struct db *db, struct deliver_saving *s)
{
	enum db_rc rc;

	s->lost = 0;
	rc = db_transact(db, save_all, s);
	if (rc == DB_OK)
		CRASH_POINT("delivery.saved");
	return rc;
}
