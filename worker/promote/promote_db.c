/*
 * Promotion. Invariant: the schedule is written first, under state and version, and its pin is
 * inserted in the same transaction or neither is.
 */
#include "worker/promote/promote_db.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crash.h"
#include "lib/log.h"
#include "lib/pin.h"
#include "sql/pin_move.h"
#include "sql/stmt.h"
#include "sql/store.h"
#include "worker/frame/batch_db.h"
#include "worker/frame/fence_db.h"
#include "worker/frame/isolate_db.h"

#define CROWD_PART 16 /* a crowded lane has more than this part of a batch */
#define OTHERS_REST 4 /* rest, in times of what the last query of the other lanes took */

SQL_SAME_OUT(schedule_due, schedule_due_crowded);

/* A due schedule. */
struct due_schedule {
	struct uuid id, project_id, lane_id, pin_id;
	int64_t shard, version;
	const char *board_id, *title, *description, *link;
};

/* Schedules of one transaction. */
struct promoting {
	struct promote_batch *b;
	struct due_schedule *rows;
	size_t len;
	size_t done;
};

struct due_read {
	struct promote_batch *b;
	struct due_schedule *rows;
	struct due_schedule row; /* being read */
};

static void
on_due_schedule(void *arg)
{
	struct due_read *f = arg;

	f->rows[f->b->found++] = f->row;
}

static enum db_rc
read_due_schedules(
    struct db *db, struct promote_batch *b, struct due_schedule *rows, unsigned stmt, size_t limit)
{
	struct due_read f = { .b = b, .rows = rows };
	struct due_schedule *r = &f.row;

	return db_each(db,
	    SQL_IN_LIKE(schedule_due, stmt, .shards = leases_param(&b->batch.leases),
		.crowd = db_uuids(b->crowd.lanes, PROMOTE_MAX), .limit = db_int((int64_t)limit)),
	    SQL_OUT(schedule_due, .id = db_get_uuid(&r->id),
		.project_id = db_get_uuid(&r->project_id), .lane_id = db_get_uuid(&r->lane_id),
		.shard = db_get_int(&r->shard), .version = db_get_int(&r->version),
		.board_id = db_get_text(&r->board_id), .title = db_get_text(&r->title),
		.description = db_get_text(&r->description), .link_url = db_get_text(&r->link)),
	    on_due_schedule, &f);
}

/* More than a batch is due: lanes with more than a sixteenth of this one are crowded. */
static void
add_crowded(struct promote_crowd *c, const struct due_schedule *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct uuid *lane = &rows[i].lane_id;
		size_t same = 0;

		for (size_t k = 0; k < i; k++)
			same += uuid_equal(&rows[k].lane_id, lane);
		if (same != n / CROWD_PART)
			continue; /* not yet more, or noted already */
		if (c->len == PROMOTE_MAX)
			memset(c, 0, sizeof(*c)); /* nearly all lanes are: go by time alone */
		c->lanes[c->len++] = *lane;
	}
}

/* Uncrowded lanes first, so that one account's pin does not wait for another's thousands. */
static enum db_rc
find_due_schedules(struct db *db, struct promote_batch *b, struct due_schedule *rows)
{
	struct promote_crowd *c = &b->crowd;
	size_t part = c->len > 0 ? b->batch.limit - b->batch.limit / 4 : b->batch.limit;
	size_t others;
	int64_t begin = clock_mono_us();
	bool others_due = c->len == 0 || begin >= c->others_us;
	enum db_rc rc = DB_OK;

	b->found = 0;
	if (others_due) {
		rc = read_due_schedules(db, b, rows, SQL_schedule_due, part);
		/* The query passes over all due rows of crowded lanes: spend a part of the time on
		 * it. */
		c->others_us = clock_mono_us() + OTHERS_REST * (clock_mono_us() - begin);
	}
	others = b->found;
	if (rc == DB_OK && c->len > 0)
		rc = read_due_schedules(db, b, rows, SQL_LIKE(schedule_due, schedule_due_crowded),
		    b->batch.limit - others);
	if (rc == DB_OK && others_due && others == part)
		add_crowded(c, rows, part);
	else if (b->found < b->batch.limit && others_due)
		memset(c, 0, sizeof(*c)); /* nothing else is due */
	else if (b->found < b->batch.limit)
		c->others_us = 0;
	return rc;
}

/* ---- inside the transaction ---- */

/* A schedule edited or canceled since it was read keeps its state and gets no pin. */
static enum db_rc
promote_schedules(struct db *db, struct promoting *g, uint64_t *promoted)
{
	struct db_many m = { 0 };

	for (size_t i = 0; i < g->len; i++) {
		struct due_schedule *r = &g->rows[i];

		r->pin_id = uuid_v7(clock_wall_us());
		db_many_push(db, &m,
		    SQL_IN(schedule_promote, .project = db_uuid(&r->project_id),
			.id = db_uuid(&r->id), .version = db_int(r->version),
			.pin = db_uuid(&r->pin_id)));
	}
	return db_many_exec(db, &m, promoted);
}

static enum db_rc
wake_promoted_lanes(struct db *db, const struct promoting *g)
{
	struct db_many m = { 0 };
	uint64_t woken;
	enum db_rc rc;

	for (size_t i = 0; i < g->len; i++) {
		const struct uuid *lane = &g->rows[i].lane_id;

		if (i == 0 || !uuid_equal(lane, &g->rows[i - 1].lane_id))
			db_many_push(db, &m, SQL_IN(lane_wake_now, .lane = db_uuid(lane)));
	}
	rc = db_many_exec(db, &m, &woken);
	return rc == DB_OK && woken != m.len ? DB_FAIL : rc;
}

static enum db_rc
insert_promoted_pins(struct db *db, const struct promoting *g, uint64_t *inserted)
{
	struct uuid schedules[PROMOTE_MAX], pins[PROMOTE_MAX];
	unsigned char hashes[PROMOTE_MAX][32];

	for (size_t i = 0; i < g->len; i++) {
		const struct due_schedule *r = &g->rows[i];

		schedules[i] = r->id;
		pins[i] = r->pin_id;
		pin_text_hash(r->board_id, r->title, r->description, r->link, hashes[i]);
	}
	return db_exec(db,
	    SQL_IN(pin_promote, .schedules = db_uuids(schedules, g->len),
		.pins = db_uuids(pins, g->len),
		.hashes = db_bytes(hashes, g->len * sizeof(hashes[0]))),
	    inserted);
}

static enum db_rc
promote_work(struct db *db, void *arg)
{
	struct promoting *g = arg;
	struct fence fence;
	uint64_t mask = 0, promoted = 0, inserted = 0;
	enum db_rc rc;

	g->done = 0;
	for (size_t i = 0; i < g->len; i++)
		mask |= FENCE_BIT((unsigned)g->rows[i].shard % SHARD_COUNT);
	rc = fence_take(db, &g->b->batch.leases, mask, &fence);
	g->b->batch.lost |= fence.lost;
	if (rc == DB_OK)
		rc = promote_schedules(db, g, &promoted);
	if (rc != DB_OK || promoted == 0)
		return rc;
	rc = wake_promoted_lanes(db, g);
	if (rc == DB_OK)
		rc = insert_promoted_pins(db, g, &inserted);
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	g->done = inserted;
	CRASH_POINT("promote.before_commit");
	return inserted == promoted ? DB_OK : DB_FAIL;
}

static enum db_rc
refuse_work(struct db *db, void *arg)
{
	struct promoting *g = arg;
	const struct due_schedule *r = g->rows;
	struct fence fence;
	enum db_rc rc = fence_take(
	    db, &g->b->batch.leases, FENCE_BIT((unsigned)r->shard % SHARD_COUNT), &fence);

	return rc == DB_OK ? pin_move_schedule_failed(
				 db, &r->project_id, &r->id, r->version, g->b->event_deadline_s)
			   : rc;
}

/* ---- batches ---- */

static enum db_rc
promote_rows(struct db *db, void *arg, size_t first, size_t n)
{
	const struct promoting *k = arg;
	struct promoting part = { .b = k->b, .rows = k->rows + first, .len = n };
	enum db_rc rc = db_transact(db, promote_work, &part);

	if (rc == DB_OK) {
		CRASH_POINT("promote.after_commit");
		k->b->promoted += part.done;
	}
	return rc;
}

static enum db_rc
promote_row_refused(struct db *db, void *arg, size_t row, enum db_rc rc)
{
	const struct promoting *k = arg;
	struct promoting one = { .b = k->b, .rows = k->rows + row, .len = 1 };
	char id[UUID_TEXT_SIZE];

	if (rc != DB_DUP && !db_refused_row(db))
		return rc;
	rc = db_transact(db, refuse_work, &one);
	log_error("event=schedule_refused schedule=%s rc=%s", uuid_format(&one.rows->id, id),
	    db_rc_name(rc));
	k->b->refused++;
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
promote_batch_run(struct db *db, void *arg)
{
	static const struct isolate how = { promote_rows, promote_row_refused };
	struct promote_batch *b = arg;
	struct promoting k = { .b = b };
	enum db_rc rc;

	k.rows = arena_alloc(db_mem(db), PROMOTE_MAX * sizeof(*k.rows));
	rc = find_due_schedules(db, b, k.rows);
	k.len = b->found;
	if (rc == DB_OK && k.len > 0)
		rc = isolate(db, &how, &k, k.len, NULL);
	return rc == DB_OK ? batch_find_next(db, SQL_schedule_due_next, &b->batch) : rc;
}
