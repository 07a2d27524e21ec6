/*
 * Saving attempts. Locks endpoints before deliveries before attempts. Invariant: only a pending
 * delivery changes, so one that was canceled while its attempt was under way stays canceled.
 */
#include "worker/deliver/deliver_save_db.h"

#include <stdio.h>

#include "lib/crash.h"
#include "lib/log.h"
#include "sql/stmt.h"
#include "sql/store.h"
#include "worker/frame/fence_db.h"
#include "worker/frame/isolate_db.h"

#define ENDPOINTS_LOGGED 20 /* lines a minute, for each project */

/* The results of one transaction. */
struct saving_part {
	struct deliver_saving *s;
	struct deliver_result *const *results;
	size_t len;
};

static enum db_rc
webhook_activity(struct db *db, const struct delivery *d, const char *message)
{
	const struct actor by = { .type = "worker" };
	const struct activity activity = {
		.action = ACTIVITY_WEBHOOK_DISABLED,
		.resource_id = d->webhook_id,
		.message = message,
	};

	return store_activity(db, &d->project_id, &by, &activity);
}

static enum db_rc
webhook_disable(struct db *db, struct deliver_result *r)
{
	const struct delivery *d = r->d;
	bool gone = r->plan.gone;
	enum db_rc rc = db_exec(
	    db, SQL_IN(webhook_disable, .id = db_uuid(&d->webhook_id), .gone = db_int(gone)), NULL);

	if (rc != DB_OK)
		return rc == DB_NONE ? DB_OK : rc;
	r->disabled = gone ? "gone" : "failing";
	return webhook_activity(db, d,
	    gone ? "The webhook was disabled: its endpoint answered 410 Gone."
		 : "The webhook was disabled: all deliveries failed for days.");
}

static struct db_param
status_param(const struct deliver_result *r)
{
	return r->status != 0 ? db_int(r->status) : db_null();
}

static enum db_rc
webhook_failed(struct db *db, struct deliver_result *r)
{
	bool exhausted = r->plan.state == DELIVER_GIVEN_UP;
	enum db_rc rc =
	    db_exec(db, SQL_IN(webhook_fail_first, .id = db_uuid(&r->d->webhook_id)), NULL);

	if (rc == DB_OK)
		r->news = DELIVER_FIRST_FAILURE;
	else if (rc != DB_NONE)
		return rc;
	rc = db_exec(db,
	    SQL_IN(webhook_failure, .id = db_uuid(&r->d->webhook_id),
		.until = db_time(r->plan.pause_us), .exhausted = db_int(exhausted),
		.status = status_param(r), .error = db_text(r->plan.says)),
	    NULL);
	if (rc == DB_NONE)
		return DB_OK;
	return rc == DB_OK && exhausted ? webhook_disable(db, r) : rc;
}

static enum db_rc
note_success(struct db *db, const struct deliver_result *r)
{
	return db_exec(db,
	    SQL_IN(webhook_success, .id = db_uuid(&r->d->webhook_id), .status = status_param(r)),
	    NULL);
}

static enum db_rc
webhook_succeeded(struct db *db, struct deliver_result *r)
{
	enum db_rc rc = note_success(db, r);

	if (rc != DB_NONE)
		return rc;
	rc = db_exec(db, SQL_IN(webhook_recover, .id = db_uuid(&r->d->webhook_id)), NULL);
	if (rc != DB_OK)
		return rc == DB_NONE ? DB_OK : rc;
	r->news = DELIVER_RECOVERED;
	return note_success(db, r);
}

/* True for the first delivered result of each endpoint. */
static bool
first_delivered(const struct saving_part *s, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (s->results[j]->plan.state == DELIVER_DELIVERED &&
		    uuid_equal(&s->results[j]->d->webhook_id, &s->results[i]->d->webhook_id))
			return false;
	return s->results[i]->plan.state == DELIVER_DELIVERED;
}

static enum db_rc
save_endpoints(struct db *db, const struct saving_part *s)
{
	enum db_rc rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < s->len; i++)
		if (s->results[i]->plan.state != DELIVER_DELIVERED)
			rc = webhook_failed(db, s->results[i]);
	for (size_t i = 0; rc == DB_OK && i < s->len; i++)
		if (first_delivered(s, i))
			rc = webhook_succeeded(db, s->results[i]);
	return rc;
}

static enum db_rc
save_delivery(struct db *db, const struct deliver_result *r)
{
	const struct delivery *d = r->d;
	const struct deliver_plan *p = &r->plan;
	struct db_param status = status_param(r);
	enum db_rc rc = db_exec_any(db,
	    SQL_IN(delivery_save, .id = db_uuid(&d->id), .number = db_int(d->attempts + 1),
		.state = db_int(p->state), .due = db_time(p->due_us), .step = db_int(d->step + 1),
		.status = status, .error = db_text(p->error[0] != '\0' ? p->error : NULL)),
	    NULL);

	if (rc == DB_OK)
		rc = db_exec_any(db,
		    SQL_IN(delivery_attempt_insert, .id = db_uuid(&d->id),
			.number = db_int(d->attempts + 1), .started = db_time(r->started_us),
			.duration = db_int(r->duration_ms),
			.ip = db_text(r->ip[0] != '\0' ? r->ip : NULL), .status = status,
			.class = db_text(p->class),
			.excerpt = db_bytes(r->excerpt, r->excerpt_len)),
		    NULL);
	return rc == DB_DUP ? DB_OK : rc;
}

/* What this result means for the other deliveries of its endpoint. */
static enum db_rc
release_others(struct db *db, const struct deliver_result *r)
{
	enum db_rc rc = DB_OK;

	if (r->plan.gone)
		rc = db_exec_any(
		    db, SQL_IN(webhook_end_deliveries, .id = db_uuid(&r->d->webhook_id)), NULL);
	else if (r->d->probe && r->plan.state == DELIVER_DELIVERED)
		rc = db_exec_any(
		    db, SQL_IN(webhook_release_deliveries, .id = db_uuid(&r->d->webhook_id)), NULL);
	return rc;
}

static enum db_rc
save_work(struct db *db, void *arg)
{
	struct saving_part *k = arg;
	struct fence fence;
	uint64_t mask = 0;
	enum db_rc rc;

	for (size_t i = 0; i < k->len; i++) {
		mask |= FENCE_BIT(k->results[i]->d->shard);
		k->results[i]->news = DELIVER_NOTHING_NEW;
		k->results[i]->disabled = NULL;
	}
	rc = fence_take(db, &k->s->leases, mask, &fence);
	k->s->lost = fence.lost;
	if (rc == DB_OK)
		rc = save_endpoints(db, k);
	for (size_t i = 0; rc == DB_OK && i < k->len; i++)
		rc = save_delivery(db, k->results[i]);
	for (size_t i = 0; rc == DB_OK && i < k->len; i++)
		rc = release_others(db, k->results[i]);
	CRASH_POINT("delivery.before_commit");
	return rc;
}

/*
 * Not the address: it may hold a secret. Counted by project, so that the many webhooks of one take
 * no more of the log's places than one does, and no line of others goes under; an endpoint may
 * flap.
 */
static void
log_endpoint(const struct deliver_result *r)
{
	char webhook[UUID_TEXT_SIZE], project[UUID_TEXT_SIZE], kind[3][80];

	uuid_format(&r->d->webhook_id, webhook);
	uuid_format_project(&r->d->project_id, project);
	snprintf(kind[0], sizeof(kind[0]), "event=webhook_failing project=%s", project);
	snprintf(kind[1], sizeof(kind[1]), "event=webhook_recovered project=%s", project);
	snprintf(kind[2], sizeof(kind[2]), "event=webhook_disabled project=%s", project);
	if (r->news == DELIVER_FIRST_FAILURE)
		log_counted(LOG_LVL_WARN, ENDPOINTS_LOGGED, kind[0],
		    "event=webhook_failing webhook=%s project=%s class=%s status=%ld", webhook,
		    project, r->plan.class, r->status);
	else if (r->news == DELIVER_RECOVERED)
		log_counted(LOG_LVL_INFO, ENDPOINTS_LOGGED, kind[1],
		    "event=webhook_recovered webhook=%s project=%s status=%ld", webhook, project,
		    r->status);
	if (r->disabled != NULL)
		log_counted(LOG_LVL_WARN, ENDPOINTS_LOGGED, kind[2],
		    "event=webhook_disabled webhook=%s project=%s reason=%s", webhook, project,
		    r->disabled);
}

static enum db_rc
save_rows(struct db *db, void *arg, size_t first, size_t n)
{
	struct deliver_saving *s = arg;
	struct saving_part part = { .s = s, .results = s->results + first, .len = n };
	enum db_rc rc = db_transact(db, save_work, &part);

	for (size_t i = 0; rc == DB_OK && i < n; i++)
		log_endpoint(part.results[i]);
	if (rc == DB_OK)
		CRASH_POINT("delivery.saved");
	return rc;
}

/* The delivery is due again after its lease. */
static enum db_rc
save_row_refused(struct db *db, void *arg, size_t row, enum db_rc rc)
{
	const struct deliver_saving *s = arg;
	char id[UUID_TEXT_SIZE];

	(void)db;
	(void)rc;
	log_error("event=delivery_not_saved delivery=%s", uuid_format(&s->results[row]->d->id, id));
	return DB_OK;
}

enum db_rc
deliver_save(struct db *db, void *arg)
{
	static const struct isolate how = { save_rows, save_row_refused };
	struct deliver_saving *s = arg;

	return isolate(db, &how, s, s->len, &s->done);
}
