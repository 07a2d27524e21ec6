/*
 * A turn: probe, fence, lock the due lanes, serve each, write them back. Invariant: nothing is
 * decided from a lane that is not locked, and what was granted counts only after COMMIT said so.
 */
#include "worker/turn/turn_db.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crash.h"
#include "lib/log.h"
#include "sql/stmt.h"
#include "worker/turn/turn_lane_db.h"

/* Lanes by next_turn_at, as the probe saw them. */
struct probe {
	struct turn *t;
	struct uuid ids[TURN_LANES];
	unsigned shards[TURN_LANES];
	size_t len;
	struct uuid id;
	int64_t shard, work_us;
};

struct batch {
	struct turn *t;
	const struct probe *probe;
};

static void
on_due(void *arg)
{
	struct probe *p = arg;
	struct turn *t = p->t;

	if (p->work_us > t->sample.db_us) {
		if (t->next_us == TIME_NONE)
			t->next_us = p->work_us;
		return;
	}
	if (p->len == 0)
		t->oldest_us = t->sample.db_us - p->work_us;
	p->ids[p->len] = p->id;
	p->shards[p->len++] = (unsigned)p->shard % SHARD_COUNT;
}

static enum db_rc
find_due(struct db *db, struct turn *t, struct probe *p)
{
	const struct db_param in[] = { leases_param(&t->leases), db_int((int64_t)t->limit) };
	struct db_col out[] = { db_get_uuid(&p->id), db_get_int(&p->shard),
		db_get_time(&p->work_us), db_get_time(&t->sample.db_us) };
	enum db_rc rc;

	p->t = t;
	t->next_us = TIME_NONE;
	rc = db_each(db, STMT_LANE_DUE, in, DB_LEN(in), out, DB_LEN(out), on_due, p);
	t->sample.mono_us = clock_mono_us();
	t->due = p->len;
	return rc;
}

/* ---- inside the transaction ---- */

struct app_row {
	struct turn_work *w;
	int64_t environment;
	struct turn_app app;
};

static void
on_app(void *arg)
{
	struct app_row *r = arg;

	r->w->app[r->environment == ENV_SANDBOX ? ENV_SANDBOX : ENV_PRODUCTION] = r->app;
}

static enum db_rc
read_apps(struct turn_work *w)
{
	struct app_row r = { .w = w };
	struct db_col out[] = { db_get_int(&r.environment), db_get_time(&r.app.stopped_us),
		db_get_time(&r.app.held_until_us), db_get_time(&r.app.probe_us) };

	for (int e = 0; e < ENV__COUNT; e++)
		w->app[e] = (struct turn_app){ TIME_NONE, TIME_NONE, TIME_NONE };
	return db_each(w->db, STMT_APP_LIST, NULL, 0, out, DB_LEN(out), on_app, &r);
}

struct lock_row {
	struct turn_work *w;
	struct turn_lane *lanes;
	size_t len;
	struct turn_lane l;
	int64_t environment, next_code, hold_code;
};

static void
on_lock(void *arg)
{
	struct lock_row *r = arg;
	struct turn_lane *l = &r->l;

	l->state.next_code = (enum wait_code)r->next_code;
	l->state.hold_code = (enum wait_code)r->hold_code;
	l->state.cap_opened_us = TIME_NONE;
	l->environment = r->environment == ENV_SANDBOX ? ENV_SANDBOX : ENV_PRODUCTION;
	l->up = r->w->t->upstream[l->environment];
	l->work_us = TIME_NONE;
	l->locked = true;
	for (size_t i = 0; i < r->len; i++)
		if (uuid_equal(&r->lanes[i].id, &l->id)) {
			l->shard = r->lanes[i].shard;
			r->lanes[i] = *l;
		}
}

/* Those that nobody is inserting into, and that were not served meanwhile. */
static enum db_rc
lock_lanes(struct turn_work *w, struct turn_lane *lanes, size_t n)
{
	struct lock_row r = { .w = w, .lanes = lanes, .len = n };
	struct turn_lane *l = &r.l;
	struct lane_state *s = &l->state;
	struct uuid ids[TURN_LANES] = { 0 };
	const struct db_param in[] = { db_uuids(ids, n) };
	struct db_col out[] = { db_get_uuid(&l->id), db_get_int(&r.environment),
		db_get_int(&s->bucket.microtokens), db_get_time(&s->bucket.at_us),
		db_get_time(&s->next_at_us), db_get_int(&r.next_code),
		db_get_time(&s->held_until_us), db_get_int(&r.hold_code),
		db_get_time(&s->busy_until_us), db_get_uuid(&l->in_flight_pin),
		db_get_int(&l->spam_strikes), db_get_text(&l->hosts), db_get_time(&l->look_us),
		db_get_time(&l->lost.since_us), db_get_time(&l->lost.until_us),
		db_get_int(&l->lost.creates), db_get_time(&l->now_us) };

	for (size_t i = 0; i < n; i++)
		ids[i] = lanes[i].id;
	return db_each(w->db, STMT_LANE_LOCK, in, DB_LEN(in), out, DB_LEN(out), on_lock, &r);
}

static void
add_lane(struct turn_work *w, const struct turn_lane *l)
{
	const struct lane_state *s = &l->state;
	const struct db_param in[] = { db_uuid(&l->id), db_time(l->work_us),
		db_int(s->bucket.microtokens), db_time(s->bucket.at_us), db_time(s->next_at_us),
		db_int(s->next_code), db_time(s->busy_until_us),
		db_uuid(uuid_is_nil(&l->in_flight_pin) ? NULL : &l->in_flight_pin),
		db_time(s->held_until_us), db_int(s->hold_code), db_text(l->hosts) };

	db_many_add(w->db, &w->lanes, in, DB_LEN(in));
}

static enum db_rc
serve(struct turn_work *w, struct turn_lane *l)
{
	bool open = !uuid_is_nil(&l->in_flight_pin), look = l->look_us != TIME_NONE;
	struct lane_rules r = turn_rules(l);
	enum db_rc rc = DB_OK;

	lane_clock_back(&l->state, &r, turn_busy_us(l->up), l->now_us);
	if (open)
		rc = turn_takeover(w, l);
	if (rc == DB_OK && look)
		rc = turn_lookup(w, l);
	if (rc == DB_OK)
		turn_clear_culprit(w);
	if (rc == DB_OK && (open || look))
		rc = turn_heads(w, l, 1); /* another pin may be first now */
	if (rc == DB_OK)
		rc = turn_grant(w, l);
	if (rc == DB_OK)
		add_lane(w, l);
	if (l->work_us != TIME_NONE && (w->t->again_us == TIME_NONE || l->work_us < w->t->again_us))
		w->t->again_us = l->work_us;
	w->t->served++;
	return rc;
}

static enum db_rc
debit(struct turn_work *w)
{
	struct db_many m = { 0 };

	for (unsigned s = 0; s < SHARD_COUNT; s++)
		if (w->debited & FENCE_BIT(s))
			fence_debit_add(w->db, &m, s, &w->fence.bucket[s]);
	return fence_debit(w->db, &m);
}

/* What the lanes' turns came to, one statement of each kind for all. */
static enum db_rc
write_turn(struct turn_work *w)
{
	const struct intent *only = w->t->intents;
	enum db_rc rc;

	if (w->t->intents_len == 1)
		turn_set_culprit(w, &only->lane_id, only->shard, &only->pin_id);
	rc = turn_intents(w);
	if (rc == DB_OK)
		turn_clear_culprit(w);
	if (rc == DB_OK)
		rc = db_exec_many(w->db, STMT_LANE_SAVE, &w->lanes, NULL);
	return rc == DB_OK ? debit(w) : rc;
}

/*
 * Would one more lane make all that is granted leave too late? What is still to be written takes
 * about one and a half times as long as what was read; a quarter is kept for chance.
 */
static bool
is_full(const struct turn *t, int64_t read_us)
{
	int64_t spent_us = clock_boot_us() - t->boot_us;

	return t->served > 0 && spent_us + read_us * 3 / 2 > t->gate_us * 3 / 4;
}

static enum db_rc
serve_all(struct turn_work *w, struct turn_lane *lanes, size_t n)
{
	enum db_rc rc = lock_lanes(w, lanes, n);
	int64_t read_us;

	/* Whoever starts an app wakes the lanes afterwards: it must not be read before they are
	 * locked. */
	if (rc == DB_OK)
		rc = read_apps(w);
	if (rc == DB_OK)
		rc = turn_heads(w, lanes, n);
	read_us = clock_boot_us() - w->t->boot_us;
	for (size_t i = 0; i < n && rc == DB_OK && !is_full(w->t, read_us); i++)
		if (lanes[i].locked)
			rc = serve(w, &lanes[i]);
	return rc == DB_OK ? write_turn(w) : rc;
}

/* The transaction: run again from scratch whenever the database asks for it. */
static enum db_rc
work(struct db *db, void *arg)
{
	struct batch *b = arg;
	struct turn *t = b->t;
	struct turn_work w = { .t = t, .db = db };
	struct turn_lane *lanes = arena_alloc(db_mem(db), TURN_LANES * sizeof(*lanes));
	uint64_t mask = 0;
	enum db_rc rc;

	t->intents_len = t->lookups_len = t->served = 0;
	t->ended = false;
	t->again_us = TIME_NONE;
	turn_clear_culprit(&w);
	t->boot_us = clock_boot_us();
	for (size_t i = 0; i < b->probe->len; i++) {
		lanes[i].id = b->probe->ids[i];
		lanes[i].shard = b->probe->shards[i];
		mask |= FENCE_BIT(lanes[i].shard);
	}
	rc = fence_take(db, &t->leases, mask, &w.fence);
	t->lost = w.fence.lost;
	if (rc == DB_OK)
		rc = serve_all(&w, lanes, b->probe->len);
	if (rc == DB_OK && t->intents_len > 0)
		CRASH_POINT("intent.before_commit");
	return rc;
}

static enum db_rc
put_off(struct db *db, const struct uuid *lane)
{
	const struct db_param in[] = { db_uuid(lane) };
	char text[UUID_TEXT_SIZE];

	log_error("event=lane_put_off lane=%s", uuid_format(lane, text));
	return db_exec(db, STMT_LANE_POSTPONE, in, DB_LEN(in), NULL);
}

/* The turn is undone. Whoever was to blame must not stop the others. */
static enum db_rc
refused(struct db *db, struct turn *t, const struct uuid *first)
{
	enum db_rc rc = DB_FAIL;

	if (!uuid_is_nil(&t->culprit.pin_id) && db_refused_row(db)) {
		rc = poison(db, &t->leases, &t->culprit);
		t->ended = rc == DB_OK;
		first = &t->culprit.lane_id;
	}
	if (rc != DB_FAIL)
		return rc;
	return t->limit == 1 || first == &t->culprit.lane_id ? put_off(db, first) : rc;
}

enum db_rc
turn_run(struct db *db, struct turn *t)
{
	struct probe p = { .len = 0 };
	struct batch b = { .t = t, .probe = &p };
	int64_t began_us = clock_mono_us();
	enum db_rc rc = find_due(db, t, &p);

	if (rc == DB_OK)
		rc = clock_step_check(db, t->clock, &t->sample, began_us, &t->leases);
	if (rc != DB_OK || p.len == 0)
		return rc;
	rc = db_transact(db, work, &b);
	if (rc == DB_OK && t->intents_len > 0)
		CRASH_POINT("intent.after_commit");
	t->took_us = clock_boot_us() - t->boot_us;
	if (rc == DB_OK)
		t->lost = 0;
	/* Cut at COMMIT: they may stand. The save of "not sent" is what reads them back. */
	t->maybe = rc == DB_UNKNOWN;
	if (rc == DB_OK || rc == DB_UNKNOWN)
		return DB_OK;
	t->intents_len = t->lookups_len = t->served = 0;
	return rc == DB_FAIL ? refused(db, t, &p.ids[0]) : rc;
}
