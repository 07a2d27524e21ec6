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
#include "sql/stmt.h"
#include "sql/store.h"
#include "worker/promote/promote_refuse_db.h"

#define CROWD_PART 16 /* of a batch */
#define LOOK_REST 4

struct row {
	struct uuid id, project_id, lane_id, pin_id;
	int64_t shard, version;
	const char *board_id, *title, *description, *link;
};

struct range {
	struct promote_run *run;
	struct row *rows;
	size_t len;
	size_t done;
};

struct found {
	struct promote_run *run;
	struct row *rows;
	struct row row;
};

static enum db_rc
find_next(struct db *db, struct promote_run *p)
{
	const struct db_param in[] = { leases_param(&p->leases) };
	struct db_col out[] = { db_get_time(&p->next_us), db_get_time(&p->sample.db_us) };
	enum db_rc rc = db_row(db, STMT_SCHEDULE_DUE_NEXT, in, DB_LEN(in), out, DB_LEN(out));

	p->sample.mono_us = clock_mono_us();
	if (rc != DB_NONE)
		return rc;
	p->next_us = TIME_NONE;
	p->sample.db_us = 0;
	return DB_OK;
}

static void
on_row(void *arg)
{
	struct found *f = arg;

	f->rows[f->run->found++] = f->row;
}

static enum db_rc
read_due(struct db *db, struct promote_run *p, struct row *rows, unsigned stmt, size_t limit)
{
	struct found f = { .run = p, .rows = rows };
	struct row *r = &f.row;
	const struct db_param in[] = { leases_param(&p->leases),
		db_uuids(p->crowd.lanes, PROMOTE_MAX), db_int((int64_t)limit) };
	struct db_col out[] = { db_get_uuid(&r->id), db_get_uuid(&r->project_id),
		db_get_uuid(&r->lane_id), db_get_int(&r->shard), db_get_int(&r->version),
		db_get_text(&r->board_id), db_get_text(&r->title), db_get_text(&r->description),
		db_get_text(&r->link) };

	return db_each(db, stmt, in, DB_LEN(in), out, DB_LEN(out), on_row, &f);
}

/* More than a batch is due: whoever has more than his part of this one is crowded. */
static void
add_crowded(struct promote_crowd *c, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct uuid *lane = &rows[i].lane_id;
		size_t same = 0;

		for (size_t k = 0; k < i; k++)
			same += uuid_equal(&rows[k].lane_id, lane);
		if (same != n / CROWD_PART)
			continue; /* not yet more, or noted before */
		if (c->len == PROMOTE_MAX)
			memset(c, 0, sizeof(*c)); /* nearly all are: by time alone, as without */
		c->lanes[c->len++] = *lane;
	}
}

/* Those of lanes that are not crowded first: the pin of one account does not wait for thousands. */
static enum db_rc
find_due(struct db *db, struct promote_run *p, struct row *rows)
{
	struct promote_crowd *c = &p->crowd;
	size_t part = c->len > 0 ? p->limit - p->limit / 4 : p->limit;
	size_t others;
	int64_t begin = clock_mono_us();
	bool look = c->len == 0 || begin >= c->look_us;
	enum db_rc rc = DB_OK;

	p->found = 0;
	if (look) {
		rc = read_due(db, p, rows, STMT_SCHEDULE_DUE, part);
		/* It steps over all that is due of the crowded: at most a part of the time. */
		c->look_us = clock_mono_us() + LOOK_REST * (clock_mono_us() - begin);
	}
	others = p->found;
	if (rc == DB_OK && c->len > 0)
		rc = read_due(db, p, rows, STMT_SCHEDULE_DUE_CROWDED, p->limit - others);
	if (rc == DB_OK && look && others == part)
		add_crowded(c, rows, part);
	else if (p->found < p->limit && look)
		memset(c, 0, sizeof(*c)); /* that was all */
	else if (p->found < p->limit)
		c->look_us = 0;
	return rc;
}

/* ---- inside the transaction ---- */

/* One that was edited or canceled since it was read keeps its state and gets no pin. */
static enum db_rc
promote_schedules(struct db *db, struct range *g, uint64_t *promoted)
{
	struct db_many m = { 0 };

	for (size_t i = 0; i < g->len; i++) {
		struct row *r = &g->rows[i];

		r->pin_id = uuid_v7(clock_wall_us());
		const struct db_param in[] = { db_uuid(&r->project_id), db_uuid(&r->id),
			db_int(r->version), db_uuid(&r->pin_id) };
		db_many_add(db, &m, in, DB_LEN(in));
	}
	return db_exec_many(db, STMT_SCHEDULE_PROMOTE, &m, promoted);
}

static enum db_rc
wake_lanes(struct db *db, const struct range *g)
{
	struct db_many m = { 0 };
	uint64_t woken;
	enum db_rc rc;

	for (size_t i = 0; i < g->len; i++) {
		const struct uuid *lane = &g->rows[i].lane_id;
		const struct db_param in[] = { db_uuid(lane) };

		if (i == 0 || !uuid_equal(lane, &g->rows[i - 1].lane_id))
			db_many_add(db, &m, in, DB_LEN(in));
	}
	rc = db_exec_many(db, STMT_LANE_WAKE_NOW, &m, &woken);
	return rc == DB_OK && woken != m.len ? DB_FAIL : rc;
}

static enum db_rc
insert_pins(struct db *db, const struct range *g, uint64_t *inserted)
{
	struct uuid schedules[PROMOTE_MAX], pins[PROMOTE_MAX];
	unsigned char hashes[PROMOTE_MAX][32];

	for (size_t i = 0; i < g->len; i++) {
		const struct row *r = &g->rows[i];

		schedules[i] = r->id;
		pins[i] = r->pin_id;
		pin_text_hash(r->board_id, r->title, r->description, r->link, hashes[i]);
	}
	const struct db_param in[] = { db_uuids(schedules, g->len), db_uuids(pins, g->len),
		db_bytes(hashes, g->len * sizeof(hashes[0])) };
	return db_exec(db, STMT_PIN_PROMOTE, in, DB_LEN(in), inserted);
}

static enum db_rc
promote_work(struct db *db, void *arg)
{
	struct range *g = arg;
	struct fence fence;
	uint64_t mask = 0, promoted = 0, inserted = 0;
	enum db_rc rc;

	g->done = 0;
	for (size_t i = 0; i < g->len; i++)
		mask |= FENCE_BIT((unsigned)g->rows[i].shard % SHARD_COUNT);
	rc = fence_take(db, &g->run->leases, mask, &fence);
	g->run->lost |= fence.lost;
	if (rc == DB_OK)
		rc = promote_schedules(db, g, &promoted);
	if (rc != DB_OK || promoted == 0)
		return rc;
	rc = wake_lanes(db, g);
	if (rc == DB_OK)
		rc = insert_pins(db, g, &inserted);
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	g->done = inserted;
	CRASH_POINT("promote.before_commit");
	return inserted == promoted ? DB_OK : DB_FAIL;
}

static enum db_rc
refuse_work(struct db *db, void *arg)
{
	struct range *g = arg;
	const struct row *r = g->rows;
	struct fence fence;
	enum db_rc rc =
	    fence_take(db, &g->run->leases, FENCE_BIT((unsigned)r->shard % SHARD_COUNT), &fence);

	return rc == DB_OK ? promote_refuse(
				 db, &r->project_id, &r->id, r->version, g->run->event_deadline_s)
			   : rc;
}

/* ---- batches ---- */

static enum db_rc
refuse(struct db *db, struct range *g)
{
	char id[UUID_TEXT_SIZE];
	enum db_rc rc = db_transact(db, refuse_work, g);

	log_error("event=schedule_refused schedule=%s rc=%s", uuid_format(&g->rows->id, id),
	    db_rc_name(rc));
	g->run->refused++;
	return rc == DB_NONE ? DB_OK : rc;
}

/* All of them, or in halves until the one that the database refuses stands alone. */
static enum db_rc
promote_range(struct db *db, struct range *g)
{
	struct range left = *g, right = *g;
	enum db_rc rc = db_transact(db, promote_work, g);

	if (rc == DB_OK)
		CRASH_POINT("promote.after_commit");
	if (rc == DB_OK)
		g->run->promoted += g->done;
	if (rc != DB_FAIL && rc != DB_DUP)
		return rc;
	if (g->len == 1)
		return rc == DB_DUP || db_refused_row(db) ? refuse(db, g) : rc;
	left.len = g->len / 2;
	right.rows += left.len;
	right.len -= left.len;
	rc = promote_range(db, &left);
	return rc == DB_OK ? promote_range(db, &right) : rc;
}

enum db_rc
promote_run(struct db *db, struct promote_run *p)
{
	struct range g = { .run = p };
	int64_t begin = clock_mono_us();
	enum db_rc rc;

	g.rows = arena_alloc(db_mem(db), PROMOTE_MAX * sizeof(*g.rows));
	rc = find_due(db, p, g.rows);
	g.len = p->found;
	if (rc == DB_OK && g.len > 0)
		rc = promote_range(db, &g);
	p->took_us = clock_mono_us() - begin;
	return rc == DB_OK ? find_next(db, p) : rc;
}
