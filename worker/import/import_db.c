/*
 * Rows to pins and schedules. Invariant: a row's result, what it made and the counters commit in
 * one transaction, so each row is done once, and a rerun continues behind the last commit.
 */
#include "worker/import/import_db.h"

#include <stdio.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crash.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/pin.h"
#include "lib/problem.h"
#include "lib/utf8.h"
#include "sql/stmt.h"
#include "sql/store.h"
#include "worker/frame/fence_db.h"
#include "worker/frame/isolate_db.h"

#define MESSAGE_BYTES 500
#define GROUP_ROWS 20 /* in one transaction */

static const struct json_limits row_limits = { 8, 2000 };

enum row_status { ROW_CREATED, ROW_EXISTING, ROW_FAILED };

struct row_result {
	enum row_status status;
	struct uuid pin_id, schedule_id;
	const char *key;
	const char *code;
	const char *message;
};

struct import_row {
	int64_t n;
	const char *payload;
};

struct import_due {
	struct uuid id, project_id;
	int64_t shard, status, total, processed, created_us;
	int64_t maybe_sent_since_us; /* restored: since then; else TIME_NONE */
	const char *account_ids;
	const char *label;
};

struct importing {
	struct import_batch *b;
	struct import_due import;
	size_t limit; /* rows to take in one transaction */
	bool refuse;  /* the database refuses the first row: it fails without being tried */
	struct import_row row; /* being read */
	struct import_row rows[GROUP_ROWS];
	size_t len;
	int64_t done[3]; /* by enum row_status, of this transaction */
};

static void
row_failed(struct row_result *r, const char *code, const char *message)
{
	r->status = ROW_FAILED;
	r->code = code;
	r->message = message;
}

/* ---- one row ---- */

static bool
account_permitted(const struct import_due *m, const struct uuid *account)
{
	char hex[2 * sizeof(account->b) + 1];

	return m->account_ids == NULL ||
	       strstr(m->account_ids, crypto_hex(account->b, sizeof(account->b), hex)) != NULL;
}

static void
row_invalid(struct row_result *r, const struct problem *why, struct arena *mem)
{
	const struct problem_field *f = &why->errors[0];

	row_failed(r, why->code,
	    why->errors_len == 0 ? why->message
	    : f->path[0] == '\0' ? f->reason
				 : arena_printf(mem, "%s: %s", f->path, f->reason));
}

/* 0, or -1 and the row's result. */
static int
decode_row(
    const char *payload, int64_t now_us, struct arena *mem, struct pin_new *p, struct row_result *r)
{
	struct json_fault fault;
	struct json_object *o = json_parse(payload, strlen(payload), &row_limits, &fault);
	struct problem why = { 0 };
	int rc;

	memset(p, 0, sizeof(*p));
	if (o == NULL) {
		row_failed(r, "validation_error", fault.reason);
		return -1;
	}
	rc = pin_new_decode(p, PIN_FORM_ROW, o, now_us, mem, &why);
	json_object_put(o);
	r->key = p->idempotency_key;
	if (rc == -1)
		row_invalid(r, &why, mem);
	return rc;
}

static enum db_rc
check_asset(struct db *db, const struct import_due *m, bool wanted, const struct uuid *id)
{
	int64_t type;

	return wanted ? db_row(db,
			    SQL_IN(asset_media_type, .project = db_uuid(&m->project_id),
				.id = db_uuid(id)),
			    SQL_OUT(asset_media_type, .media_type = db_get_int(&type)))
		      : DB_OK;
}

/* DB_NONE: the row may not be made; the result says why. */
static enum db_rc
check_row(struct db *db, const struct import_due *m, const struct pin_new *p,
    struct store_account *account, struct row_result *r)
{
	enum db_rc rc;

	if (!account_permitted(m, &p->account_id)) {
		row_failed(r, "account_not_permitted", "This API key may not use this account.");
		return DB_NONE;
	}
	rc = store_account_get(db, &m->project_id, &p->account_id, account);
	if (rc == DB_NONE)
		row_failed(r, "not_found", "Account not found.");
	if (rc != DB_OK)
		return rc;
	if (account->revoked) {
		row_failed(r, "account_revoked", "The Pinterest account is no longer connected.");
		return DB_NONE;
	}
	rc = check_asset(db, m, !uuid_is_nil(&p->content.asset_id), &p->content.asset_id);
	if (rc == DB_OK)
		rc = check_asset(
		    db, m, !uuid_is_nil(&p->content.cover_asset_id), &p->content.cover_asset_id);
	if (rc == DB_NONE)
		row_failed(r, "asset_not_found", "There is no such uploaded file in this project.");
	return rc;
}

static void
row_made(struct row_result *r, const struct store_made_ids *ids)
{
	switch (ids->made) {
	case STORE_CREATED: r->status = ROW_CREATED; break;
	case STORE_EXISTING: r->status = ROW_EXISTING; break;
	case STORE_CONFLICT:
		row_failed(
		    r, "conflict", "This idempotency_key was used before with different content.");
		return;
	case STORE_GONE:
		row_failed(r, "conflict",
		    "This idempotency_key belongs to a pin or schedule that was deleted.");
		return;
	}
	r->pin_id = ids->pin_id;
	r->schedule_id = ids->schedule_id;
}

/* A row made by an earlier run stays made, whatever has changed since (its time may be past). */
static enum db_rc
find_made_before(
    struct db *db, const struct import_due *m, const char *payload, struct row_result *r)
{
	struct row_result ignored = { 0 };
	struct store_key used = { 0 };
	struct pin_new p;
	enum db_rc rc = DB_NONE;

	if (r->key != NULL)
		rc = store_key_get(db, &m->project_id, r->key, &used);
	if (rc == DB_OK && decode_row(payload, used.checked_us, db_mem(db), &p, &ignored) == 0 &&
	    store_key_compare(&used, &p) == STORE_EXISTING && account_permitted(m, &p.account_id)) {
		r->code = r->message = NULL;
		row_made(r, &used.ids);
	}
	return rc == DB_NONE ? DB_OK : rc;
}

/* The row may have become a pin, and been published, after the backup was made. */
static enum db_rc
mark_row_restored(struct db *db, const struct import_due *m, const struct row_result *r)
{
	bool pin = uuid_is_nil(&r->schedule_id);
	unsigned stmt = pin ? SQL_pin_mark_row_restored
			    : SQL_LIKE(pin_mark_row_restored, schedule_mark_row_restored);

	return db_exec(db,
	    SQL_IN_LIKE(pin_mark_row_restored, stmt,
		.id = db_uuid(pin ? &r->pin_id : &r->schedule_id),
		.project = db_uuid(&m->project_id), .since = db_time(m->maybe_sent_since_us)),
	    NULL);
}

static enum db_rc
import_row(struct db *db, const struct importing *k, const char *payload, struct row_result *r)
{
	const struct actor by = { .type = "worker", .label = k->import.label };
	int64_t window_s = k->b->publish_window_s;
	struct store_account account;
	struct store_made_ids ids;
	struct pin_new p;
	enum db_rc rc = DB_NONE;

	if (k->refuse) {
		row_failed(r, "internal_error", "The row could not be stored.");
		return DB_OK;
	}
	if (decode_row(payload, k->import.created_us, db_mem(db), &p, r) == 0)
		rc = check_row(db, &k->import, &p, &account, r);
	if (rc == DB_NONE)
		return find_made_before(db, &k->import, payload, r);
	if (rc == DB_OK)
		rc = p.run_at_us == TIME_NONE
			 ? store_pin_insert(db, &account, &p, window_s, &by, &ids)
			 : store_schedule_insert(db, &account, &p, window_s, &by, &ids);
	if (rc == DB_OK)
		row_made(r, &ids);
	if (rc == DB_OK && r->status == ROW_CREATED && k->import.maybe_sent_since_us != TIME_NONE)
		rc = mark_row_restored(db, &k->import, r);
	/* A missing or duplicate row here is a bug, not a reason to run the group again. */
	return rc == DB_NONE || rc == DB_DUP ? DB_FAIL : rc;
}

static enum db_rc
save_row(struct db *db, struct importing *k, int64_t n, const struct row_result *r)
{
	size_t len = r->message != NULL ? strlen(r->message) : 0;
	enum db_rc rc = db_exec(db,
	    SQL_IN(import_row_save, .id = db_uuid(&k->import.id), .number = db_int(n),
		.status = db_int(r->status), .pin = db_uuid_or_null(&r->pin_id),
		.schedule = db_uuid_or_null(&r->schedule_id), .key = db_text(r->key),
		.code = db_text(r->code),
		.message = db_bytes(r->message,
		    utf8_cut(r->message != NULL ? r->message : "", len, MESSAGE_BYTES))),
	    NULL);

	if (rc == DB_OK)
		k->done[r->status]++;
	return rc == DB_NONE ? DB_OK : rc;
}

/* ---- a group ---- */

static void
on_pending_row(void *arg)
{
	struct importing *k = arg;

	if (k->len < GROUP_ROWS)
		k->rows[k->len++] = k->row;
}

static enum db_rc
read_pending_rows(struct db *db, struct importing *k)
{
	k->len = 0;
	return db_each(db,
	    SQL_IN(import_row_pending, .id = db_uuid(&k->import.id),
		.done = db_int(k->import.processed), .limit = db_int((int64_t)k->limit)),
	    SQL_OUT(import_row_pending, .number = db_get_int(&k->row.n),
		.payload = db_get_text(&k->row.payload)),
	    on_pending_row, k);
}

static enum db_rc
group_work(struct db *db, void *arg)
{
	struct importing *k = arg;
	struct fence fence;
	enum db_rc rc = fence_take(db, &k->b->batch.leases, FENCE_BIT(k->import.shard), &fence);

	k->b->batch.lost = fence.lost;
	memset(k->done, 0, sizeof(k->done));
	if (rc == DB_OK)
		rc = read_pending_rows(db, k);
	for (size_t i = 0; rc == DB_OK && i < k->len; i++) {
		struct row_result r = { 0 };

		rc = import_row(db, k, k->rows[i].payload, &r);
		if (rc == DB_OK)
			rc = save_row(db, k, k->rows[i].n, &r);
	}
	if (rc != DB_OK)
		return rc;

	/* DB_NONE: the project was reset meanwhile; the rollback removes what was made. */
	rc = db_exec(db,
	    SQL_IN(import_progress, .id = db_uuid(&k->import.id),
		.project = db_uuid(&k->import.project_id), .created = db_int(k->done[ROW_CREATED]),
		.existing = db_int(k->done[ROW_EXISTING]), .failed = db_int(k->done[ROW_FAILED]),
		.ended = db_int(
		    k->len == 0 || k->import.processed + (int64_t)k->len >= k->import.total)),
	    NULL);
	CRASH_POINT("import.before_commit");
	return rc;
}

static enum db_rc
commit_group(struct db *db, struct importing *k)
{
	enum db_rc rc = db_transact(db, group_work, k);

	if (rc != DB_OK)
		return rc;
	CRASH_POINT("import.after_commit");
	k->import.processed += (int64_t)k->len;
	k->b->created += k->done[ROW_CREATED];
	return DB_OK;
}

/* Rows are taken in order behind the last one processed, so `first` is where the import stands. */
static enum db_rc
import_rows(struct db *db, void *arg, size_t first, size_t n)
{
	struct importing *k = arg;

	(void)first;
	k->limit = n;
	k->refuse = false;
	return commit_group(db, k);
}

static enum db_rc
import_row_refused(struct db *db, void *arg, size_t row, enum db_rc rc)
{
	struct importing *k = arg;

	(void)row;
	(void)rc;
	k->limit = 1;
	k->refuse = true;
	return commit_group(db, k);
}

static enum db_rc
next_import(struct db *db, const struct import_batch *b, struct import_due *m)
{
	return db_row(db, SQL_IN(import_due, .shards = leases_param(&b->batch.leases)),
	    SQL_OUT(import_due, .id = db_get_uuid(&m->id),
		.project_id = db_get_uuid(&m->project_id), .shard = db_get_int(&m->shard),
		.status = db_get_int(&m->status), .account_ids = db_get_text(&m->account_ids),
		.actor_label = db_get_text(&m->label), .total_rows = db_get_int(&m->total),
		.processed_rows = db_get_int(&m->processed),
		.created_at = db_get_time(&m->created_us),
		.maybe_sent_since = db_get_time(&m->maybe_sent_since_us)));
}

enum db_rc
import_batch_run(struct db *db, void *arg)
{
	static const struct isolate how = { import_rows, import_row_refused };
	struct import_batch *b = arg;
	struct importing k = { .b = b };
	char id[UUID_TEXT_SIZE];
	int64_t left;
	enum db_rc rc = next_import(db, b, &k.import);

	if (rc != DB_OK)
		return rc == DB_NONE ? DB_OK : rc;
	b->batch.more = true;
	if (k.import.status == 0)
		log_info("event=import_started import=%s rows=%lld", uuid_format(&k.import.id, id),
		    (long long)k.import.total);
	left = k.import.total > k.import.processed ? k.import.total - k.import.processed : 1;
	return isolate(db, &how, &k, left < GROUP_ROWS ? (size_t)left : GROUP_ROWS, NULL);
}
