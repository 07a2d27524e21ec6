/* Missed deadlines. Invariant: a pin fails by its deadline only while it is still waiting. */
#include "worker/sweep/deadline_db.h"

#include "lib/clock.h"
#include "lib/log.h"
#include "sql/pin_move.h"
#include "sql/stmt.h"
#include "worker/frame/batch_db.h"
#include "worker/frame/fence_db.h"
#include "worker/frame/isolate_db.h"

SQL_SAME_OUT(schedule_due_next, pin_deadline_next);

struct overdue_pin {
	struct uuid id, project_id;
	int64_t shard, version;
};

/* Overdue pins of one transaction, out of all that were read. */
struct overdue {
	struct deadline_batch *b;
	struct overdue_pin pins[DEADLINE_MAX], row; /* row: being read */
	size_t len;
	size_t first, n, missed; /* of the transaction */
	enum db_rc worst;        /* what the database answered to a pin it refused */
};

static void
on_overdue_pin(void *arg)
{
	struct overdue *k = arg;

	if (k->len < DEADLINE_MAX)
		k->pins[k->len++] = k->row;
}

static enum db_rc
read_overdue(struct db *db, struct overdue *k)
{
	struct overdue_pin *p = &k->row;

	return db_each(db,
	    SQL_IN(pin_deadline_due, .shards = leases_param(&k->b->batch.leases),
		.limit = db_int((int64_t)k->b->batch.limit)),
	    SQL_OUT(pin_deadline_due, .id = db_get_uuid(&p->id),
		.project_id = db_get_uuid(&p->project_id), .shard = db_get_int(&p->shard),
		.version = db_get_int(&p->version)),
	    on_overdue_pin, k);
}

static enum db_rc
fail_overdue(struct db *db, const struct overdue *k, const struct overdue_pin *p)
{
	const struct pin_move m = { .project_id = p->project_id,
		.pin_id = p->id,
		.from = 1u << PIN_WAITING,
		.version = p->version,
		.to = PIN_FAILED,
		.due_us = TIME_NONE,
		.code = "publish_window_missed",
		.message = "The pin could not be sent before its deadline (not_after).",
		.absent_us = TIME_NONE,
		.unsent_in_a_row = UNSENT_KEEP,
		.event_deadline_s = k->b->event_deadline_s };

	return pin_move(db, &m);
}

static enum db_rc
overdue_work(struct db *db, void *arg)
{
	struct overdue *k = arg;
	const struct overdue_pin *pins = k->pins + k->first;
	struct fence fence;
	uint64_t mask = 0;
	enum db_rc rc;

	for (size_t i = 0; i < k->n; i++)
		mask |= FENCE_BIT((unsigned)pins[i].shard % SHARD_COUNT);
	rc = fence_take(db, &k->b->batch.leases, mask, &fence);
	k->b->batch.lost = fence.lost;
	k->missed = 0;
	for (size_t i = 0; i < k->n && rc == DB_OK; i++) {
		rc = fail_overdue(db, k, &pins[i]);
		k->missed += rc == DB_OK;
		if (rc == DB_NONE)
			rc = DB_OK;
	}
	return rc;
}

static enum db_rc
overdue_rows(struct db *db, void *arg, size_t first, size_t n)
{
	struct overdue *k = arg;
	enum db_rc rc;

	k->first = first;
	k->n = n;
	rc = db_transact(db, overdue_work, k);
	if (rc == DB_OK)
		k->b->missed += k->missed;
	return rc;
}

/* It is tried again with the next run. */
static enum db_rc
overdue_row_refused(struct db *db, void *arg, size_t row, enum db_rc rc)
{
	struct overdue *k = arg;

	(void)db;
	(void)row;
	k->worst = rc;
	return DB_OK;
}

enum db_rc
deadline_batch_run(struct db *db, void *arg)
{
	static const struct isolate how = { overdue_rows, overdue_row_refused };
	const unsigned next = SQL_LIKE(schedule_due_next, pin_deadline_next);
	struct deadline_batch *b = arg;
	struct overdue k = { .b = b, .worst = DB_OK };
	enum db_rc rc = batch_find_next(db, next, &b->batch);

	if (rc != DB_OK || b->batch.next_us == TIME_NONE ||
	    b->batch.next_us > b->batch.sample.db_us)
		return rc;
	rc = read_overdue(db, &k);
	if (rc == DB_OK && k.len > 0)
		rc = isolate(db, &how, &k, k.len, NULL);
	if (b->missed > 0)
		log_info("event=windows_missed count=%zu", b->missed);
	if (rc == DB_OK)
		rc = k.worst;
	return rc == DB_OK ? batch_find_next(db, next, &b->batch) : rc;
}
