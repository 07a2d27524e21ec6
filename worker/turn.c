/*
 * A turn: probe, fence, lock each due lane, serve it, write it back. Invariant: nothing is decided
 * from a lane that is not locked, and what was granted counts only after COMMIT said so.
 */
#include "worker/turn.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "sql/stmt.h"
#include "worker/turn_lane.h"

/* Lanes by work_at, as the probe saw them. */
struct probe {
	struct turn *t;
	struct uuid ids[TURN_LANES];
	unsigned shards[TURN_LANES];
	size_t len;
	struct uuid id;
	int64_t shard, work_us;
};

struct batch {
	struct turn_work work;
	const struct probe *probe;
};

void
turn_lane_again(struct turn_lane *l, int64_t at_us)
{
	if (at_us != TIME_NONE && (l->work_us == TIME_NONE || at_us < l->work_us))
		l->work_us = at_us;
}

static void
on_due(void *arg)
{
	struct probe *p = arg;
	struct turn *t = p->t;

	if (p->work_us > t->moment.db_us) {
		if (t->next_us == TIME_NONE)
			t->next_us = p->work_us;
		return;
	}
	if (p->len == 0)
		t->oldest_us = t->moment.db_us - p->work_us;
	p->ids[p->len] = p->id;
	p->shards[p->len++] = (unsigned)p->shard % SHARD_COUNT;
}

static enum db_rc
find_due(struct db *db, struct turn *t, struct probe *p)
{
	const struct db_param in[] = { fence_param(&t->held), db_int((int64_t)t->limit) };
	struct db_col out[] = { db_get_uuid(&p->id), db_get_int(&p->shard),
		db_get_time(&p->work_us), db_get_time(&t->moment.db_us) };
	enum db_rc rc;

	p->t = t;
	t->next_us = TIME_NONE;
	rc = db_each(db, STMT_WORK_LANE_DUE, in, DB_LEN(in), out, DB_LEN(out), on_due, p);
	t->moment.mono_us = clock_mono_us();
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
	return db_each(w->db, STMT_WORK_APP_READ, NULL, 0, out, DB_LEN(out), on_app, &r);
}

static enum db_rc
lock_lane(struct turn_work *w, struct turn_lane *l)
{
	struct lane_state *s = &l->state;
	int64_t environment, next_code, hold_code;
	const struct db_param in[] = { db_uuid(&l->id) };
	struct db_col out[] = { db_get_int(&environment), db_get_int(&s->bucket.tokens_u),
		db_get_time(&s->bucket.at_us), db_get_time(&s->next_at_us), db_get_int(&next_code),
		db_get_time(&s->held_until_us), db_get_int(&hold_code),
		db_get_time(&s->busy_until_us), db_get_uuid(&l->open_pin),
		db_get_int(&l->spam_strikes), db_get_text(&l->hosts), db_get_time(&l->look_us),
		db_get_time(&l->now_us) };
	enum db_rc rc = db_row(w->db, STMT_WORK_LANE_LOCK, in, DB_LEN(in), out, DB_LEN(out));

	if (rc != DB_OK)
		return rc;
	s->next_code = (enum wait_code)next_code;
	s->hold_code = (enum wait_code)hold_code;
	s->cap_opened_us = TIME_NONE;
	l->environment = environment == ENV_SANDBOX ? ENV_SANDBOX : ENV_PRODUCTION;
	l->up = w->t->upstream[l->environment];
	l->work_us = TIME_NONE;
	return DB_OK;
}

struct account_row {
	struct turn_lane *l;
	struct turn_account a;
};

static void
on_account(void *arg)
{
	struct account_row *r = arg;

	r->l->accounts[r->l->accounts_len++] = r->a;
}

static enum db_rc
read_accounts(struct turn_work *w, struct turn_lane *l)
{
	struct account_row r = { .l = l };
	struct turn_account *a = &r.a;
	const struct db_param in[] = { db_uuid(&l->id) };
	struct db_col out[] = { db_get_uuid(&a->id), db_get_uuid(&a->project_id),
		db_get_bytes(&a->sealed, &a->sealed_len), db_get_int(&a->token_version),
		db_get_int(&a->fresh), db_get_int(&a->paused), db_get_int(&a->capacity),
		db_get_int(&a->interval_ms), db_get_int(&a->daily_cap) };

	l->accounts_len = 0;
	return db_each(
	    w->db, STMT_WORK_LANE_ACCOUNTS, in, DB_LEN(in), out, DB_LEN(out), on_account, &r);
}

static enum db_rc
write_lane(struct turn_work *w, const struct turn_lane *l)
{
	const struct lane_state *s = &l->state;
	const struct db_param in[] = { db_uuid(&l->id), db_time(l->work_us),
		db_int(s->bucket.tokens_u), db_time(s->bucket.at_us), db_time(s->next_at_us),
		db_int(s->next_code), db_time(s->busy_until_us),
		db_uuid(uuid_is_nil(&l->open_pin) ? NULL : &l->open_pin), db_time(s->held_until_us),
		db_int(s->hold_code), db_text(l->hosts) };

	return db_exec(w->db, STMT_WORK_LANE_WRITE, in, DB_LEN(in), NULL);
}

static enum db_rc
serve(struct turn_work *w, struct turn_lane *l)
{
	enum db_rc rc = lock_lane(w, l);

	if (rc == DB_NONE)
		return DB_OK; /* somebody is inserting into it, or it is served already */
	if (rc == DB_OK)
		rc = read_accounts(w, l);
	if (rc == DB_OK && !uuid_is_nil(&l->open_pin))
		rc = turn_takeover(w, l);
	if (rc == DB_OK && l->look_us != TIME_NONE)
		rc = turn_look(w, l);
	if (rc == DB_OK)
		rc = turn_grant(w, l);
	w->t->served++;
	return rc == DB_OK ? write_lane(w, l) : rc;
}

static enum db_rc
debit(struct turn_work *w)
{
	enum db_rc rc = DB_OK;

	for (unsigned s = 0; s < SHARD_COUNT && rc == DB_OK; s++)
		if (w->debited & FENCE_BIT(s))
			rc = fence_debit(w->db, s, &w->fence.bucket[s]);
	return rc;
}

/* The transaction: run again from scratch whenever the database asks for it. */
static enum db_rc
work(struct db *db, void *arg)
{
	struct batch *b = arg;
	struct turn_work *w = &b->work;
	struct turn *t = w->t;
	struct turn_lane *l;
	uint64_t mask = 0;
	enum db_rc rc;

	t->intents_len = t->looks_len = t->served = 0;
	t->boot_us = clock_boot_us();
	w->db = db;
	w->debited = 0;
	for (size_t i = 0; i < b->probe->len; i++)
		mask |= FENCE_BIT(b->probe->shards[i]);
	rc = fence_take(db, &t->held, mask, &w->fence);
	t->lost = w->fence.lost;
	if (rc == DB_OK)
		rc = read_apps(w);
	l = arena_alloc(db_mem(db), sizeof(*l));
	for (size_t i = 0; i < b->probe->len && rc == DB_OK; i++) {
		memset(l, 0, sizeof(*l));
		l->id = b->probe->ids[i];
		l->shard = b->probe->shards[i];
		rc = serve(w, l);
		if (clock_boot_us() - t->boot_us > t->budget_us)
			break;
	}
	return rc == DB_OK ? debit(w) : rc;
}

static enum db_rc
put_off(struct db *db, const struct uuid *lane)
{
	const struct db_param in[] = { db_uuid(lane) };
	char text[UUID_TEXT_SIZE];

	log_error("event=lane_put_off lane=%s", uuid_format(lane, text));
	return db_exec(db, STMT_WORK_LANE_PUT_OFF, in, DB_LEN(in), NULL);
}

enum db_rc
turn_run(struct db *db, struct turn *t)
{
	struct probe p = { .len = 0 };
	struct batch b = { .work = { .t = t }, .probe = &p };
	enum db_rc rc = find_due(db, t, &p);

	if (rc != DB_OK || p.len == 0)
		return rc;
	rc = db_transact(db, work, &b);
	t->took_us = clock_boot_us() - t->boot_us;
	if (rc == DB_OK)
		t->lost = 0;
	/* Cut at COMMIT: they may stand. The save of "not sent" is what reads them back. */
	t->maybe = rc == DB_UNKNOWN;
	if (rc == DB_OK || rc == DB_UNKNOWN)
		return DB_OK;
	t->intents_len = t->looks_len = 0;
	return rc == DB_FAIL && t->limit == 1 ? put_off(db, &p.ids[0]) : rc;
}
