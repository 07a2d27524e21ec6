/*
 * Rows to pins and schedules. Invariant: a row's result, what it made and the counters commit in
 * one transaction, so each row is done once, and a rerun continues behind the last commit.
 */
#include "worker/import/import_db.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crash.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/pin.h"
#include "lib/problem.h"
#include "sql/stmt.h"
#include "sql/store.h"
#include "worker/frame/fence_db.h"
#include "worker/frame/isolate_db.h"
#include "worker/import/import_errors.h"

#define GROUP_ROWS 20 /* in one transaction */

static const struct json_limits row_limits = { 8, 2000 };

enum row_status { ROW_CREATED, ROW_EXISTING, ROW_FAILED };

struct row_result {
	enum row_status status;
	struct uuid pin_id, schedule_id;
	const char *key;
	struct problem why; /* what is wrong with a failed row */
};

struct import_row {
	int64_t n, line; /* line 0: no file */
	const char *payload;
	/* found at the upload; code NULL: nothing */
	const char *refused_code, *refused_field, *refused_message;
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
row_failed(struct row_result *r, struct arena *mem, const char *code, const char *field,
    const char *message)
{
	r->status = ROW_FAILED;
	import_errors_add(&r->why, mem, code, field, message);
}

/* ---- one row ---- */

static bool
account_permitted(const struct import_due *m, const struct uuid *account)
{
	char hex[2 * sizeof(account->b) + 1];

	return m->account_ids == NULL ||
	       strstr(m->account_ids, crypto_hex(account->b, sizeof(account->b), hex)) != NULL;
}

/* What can be read of the row; everything wrong is added to its result. */
static void
decode_row(
    const char *payload, int64_t now_us, struct arena *mem, struct pin_new *p, struct row_result *r)
{
	struct json_fault fault;
	struct json_object *o = json_parse(payload, strlen(payload), &row_limits, &fault);

	memset(p, 0, sizeof(*p));
	if (o == NULL) {
		row_failed(r, mem, "validation_error", "", fault.reason);
		return;
	}
	if (pin_new_decode(p, PIN_FORM_ROW, o, now_us, mem, &r->why) == -1)
		r->status = ROW_FAILED;
	json_object_put(o);
	r->key = p->idempotency_key;
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

static enum db_rc
check_account(struct db *db, const struct import_due *m, const struct pin_new *p,
    struct store_account *account, struct row_result *r)
{
	enum db_rc rc;

	if (uuid_is_nil(&p->account_id))
		return DB_OK;
	if (!account_permitted(m, &p->account_id)) {
		row_failed(r, db_mem(db), "account_not_permitted", "account_id",
		    "This API key may not use this account.");
		return DB_OK;
	}
	rc = store_account_get(db, &m->project_id, &p->account_id, account);
	if (rc == DB_NONE)
		row_failed(r, db_mem(db), "not_found", "account_id", "Account not found.");
	else if (rc == DB_OK && account->revoked)
		row_failed(r, db_mem(db), "account_revoked", "account_id",
		    "The Pinterest account is no longer connected.");
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
check_assets(
    struct db *db, const struct import_due *m, const struct pin_new *p, struct row_result *r)
{
	static const char missing[] = "There is no such uploaded file in this project.";
	const struct pin_content *c = &p->content;
	enum db_rc rc = check_asset(db, m, !uuid_is_nil(&c->asset_id), &c->asset_id);

	if (rc == DB_NONE)
		row_failed(r, db_mem(db), "asset_not_found", "asset_id", missing);
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	rc = check_asset(db, m, !uuid_is_nil(&c->cover_asset_id), &c->cover_asset_id);
	if (rc == DB_NONE)
		row_failed(r, db_mem(db), "asset_not_found", "cover_image_asset_id", missing);
	return rc == DB_NONE ? DB_OK : rc;
}

/* Adds everything that is wrong with the row to its result. */
static enum db_rc
check_row(struct db *db, const struct importing *k, const struct import_row *row, struct pin_new *p,
    struct store_account *account, struct row_result *r)
{
	enum db_rc rc;

	memset(p, 0, sizeof(*p));
	if (row->refused_code != NULL && row->refused_field[0] == '\0') {
		row_failed(r, db_mem(db), row->refused_code, "", row->refused_message);
		return DB_OK;
	}
	decode_row(row->payload, k->import.created_us, db_mem(db), p, r);
	rc = check_account(db, &k->import, p, account, r);
	if (row->refused_code != NULL)
		row_failed(
		    r, db_mem(db), row->refused_code, row->refused_field, row->refused_message);
	return rc == DB_OK ? check_assets(db, &k->import, p, r) : rc;
}

static void
row_made(struct row_result *r, const struct store_made_ids *ids, struct arena *mem)
{
	switch (ids->made) {
	case STORE_CREATED: r->status = ROW_CREATED; break;
	case STORE_EXISTING: r->status = ROW_EXISTING; break;
	case STORE_CONFLICT:
		row_failed(r, mem, "conflict", "idempotency_key",
		    "This idempotency_key was used before with different content.");
		return;
	case STORE_GONE:
		row_failed(r, mem, "conflict", "idempotency_key",
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
	struct row_result then = { 0 };
	struct store_key used = { 0 };
	struct pin_new p;
	enum db_rc rc = DB_NONE;

	if (r->key != NULL)
		rc = store_key_get(db, &m->project_id, r->key, &used);
	if (rc == DB_OK)
		decode_row(payload, used.checked_us, db_mem(db), &p, &then);
	if (rc == DB_OK && then.status != ROW_FAILED &&
	    store_key_compare(&used, &p) == STORE_EXISTING && account_permitted(m, &p.account_id)) {
		*r = (struct row_result){ .key = r->key };
		row_made(r, &used.ids, db_mem(db));
	}
	return rc == DB_NONE ? DB_OK : rc;
}

/* Which row of the same import has the key, if one has. */
static enum db_rc
find_row_of_key(
    struct db *db, const struct import_due *m, const struct import_row *row, struct row_result *r)
{
	int64_t number, line;
	const char *where;
	enum db_rc rc = db_row(db,
	    SQL_IN(import_row_same_key, .id = db_uuid(&m->id), .number = db_int(row->n),
		.key = db_text(r->key)),
	    SQL_OUT(import_row_same_key, .number = db_get_int(&number), .line = db_get_int(&line)));

	if (rc != DB_OK)
		return rc == DB_NONE ? DB_OK : rc;
	where = arena_printf(db_mem(db),
	    line > 0 ? "%s It is that of row %lld, line %lld." : "%s It is that of row %lld.",
	    r->why.errors[0].reason, (long long)number, (long long)line);
	memset(&r->why, 0, sizeof(r->why));
	row_failed(r, db_mem(db), "conflict", "idempotency_key", where);
	return DB_OK;
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
store_row(struct db *db, const struct importing *k, const struct store_account *account,
    const struct pin_new *p, struct row_result *r)
{
	const struct actor by = { .type = "worker", .label = k->import.label };
	int64_t window_s = k->b->publish_window_s;
	struct store_made_ids ids;
	enum db_rc rc = p->run_at_us == TIME_NONE
			    ? store_pin_insert(db, account, p, window_s, &by, &ids)
			    : store_schedule_insert(db, account, p, window_s, &by, &ids);

	if (rc == DB_OK)
		row_made(r, &ids, db_mem(db));
	return rc;
}

static enum db_rc
import_row(
    struct db *db, const struct importing *k, const struct import_row *row, struct row_result *r)
{
	struct store_account account;
	struct pin_new p;
	enum db_rc rc;

	if (k->refuse) {
		row_failed(r, db_mem(db), "internal_error", "", "The row could not be stored.");
		return DB_OK;
	}
	rc = check_row(db, k, row, &p, &account, r);
	if (rc == DB_OK && r->status == ROW_FAILED)
		return find_made_before(db, &k->import, row->payload, r);
	if (rc == DB_OK)
		rc = store_row(db, k, &account, &p, r);
	if (rc == DB_OK && r->status == ROW_FAILED)
		rc = find_row_of_key(db, &k->import, row, r);
	if (rc == DB_OK && r->status == ROW_CREATED && k->import.maybe_sent_since_us != TIME_NONE)
		rc = mark_row_restored(db, &k->import, r);
	/* A missing or duplicate row here is a bug, not a reason to run the group again. */
	return rc == DB_NONE || rc == DB_DUP ? DB_FAIL : rc;
}

static enum db_rc
save_row(struct db *db, struct importing *k, const struct import_row *row, struct row_result *r)
{
	struct arena *mem = db_mem(db);
	bool failed = r->status == ROW_FAILED;
	enum db_rc rc = db_exec(db,
	    SQL_IN(import_row_save, .id = db_uuid(&k->import.id), .number = db_int(row->n),
		.status = db_int(r->status), .pin = db_uuid_or_null(&r->pin_id),
		.schedule = db_uuid_or_null(&r->schedule_id), .key = db_text(r->key),
		.code = db_text(failed ? r->why.code : NULL),
		.message =
		    db_text(failed ? import_errors_message(&r->why, (size_t)row->line, mem) : NULL),
		.errors = db_text(failed ? import_errors_list(&r->why, mem) : NULL)),
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
		.line = db_get_int(&k->row.line), .payload = db_get_text(&k->row.payload),
		.refused_code = db_get_text(&k->row.refused_code),
		.refused_field = db_get_text(&k->row.refused_field),
		.refused_message = db_get_text(&k->row.refused_message)),
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

		rc = import_row(db, k, &k->rows[i], &r);
		if (rc == DB_OK)
			rc = save_row(db, k, &k->rows[i], &r);
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
	return db_row(db,
	    SQL_IN(import_due, .shards = leases_param(&b->batch.leases), .first = db_int(b->first),
		.served = db_uuids(b->served, b->served_len)),
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
	b->project_id = k.import.project_id;
	if (k.import.status == 0)
		log_info("event=import_started import=%s rows=%lld", uuid_format(&k.import.id, id),
		    (long long)k.import.total);
	left = k.import.total > k.import.processed ? k.import.total - k.import.processed : 1;
	return isolate(db, &how, &k, left < GROUP_ROWS ? (size_t)left : GROUP_ROWS, NULL);
}
