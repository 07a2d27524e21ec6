/*
 * Invariant: what grows with the number of pins is read from an index in ranges of time. Only pins
 * that wait are looked at one by one, for why they do, and of each account no more than a search
 * looks at.
 */
#include "app/api/dashboard_count.h"

#include <string.h>

#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/pin.h"
#include "lib/wait.h"
#include "lib/zone.h"
#include "sql/stmt.h"

#define SLOT_MIN 15 /* every zone's offset has been a multiple of it since 1972 */
#define SLOT_ALL (100000000 * INT64_C(1)) /* minutes */
#define FEW_ACCOUNTS 8
#define LOOKED_AT 3000 /* pins of one account */

struct slot_reading {
	struct dashboard *d;
	enum { SLOT_CREATED, SLOT_PUBLISHED, SLOT_FAILED } what;
	int64_t origin_us, slot, pins, total;
	bool sum; /* only that */
};

static void
slot_add(struct slot_reading *r, int64_t at_us)
{
	struct dashboard *d = r->d;
	struct dashboard_bucket *b;

	r->total += r->pins;
	if (r->sum)
		return;
	b = &d->buckets[dashboard_span_bucket(&d->span, at_us)];
	switch (r->what) {
	case SLOT_CREATED: b->created += r->pins; break;
	case SLOT_PUBLISHED: b->published += r->pins; break;
	case SLOT_FAILED: b->failed += r->pins; break;
	}
}

static void
on_slot(void *arg)
{
	struct slot_reading *r = arg;

	slot_add(r, r->origin_us + r->slot * SLOT_MIN * 60 * US_PER_S);
}

/* Of one account, or (NULL) of the whole project. */
static enum db_rc
slots_read(struct slot_reading *r, const struct uuid *account, int64_t since_us, int64_t until_us)
{
	static const unsigned orders[2][3] = {
		{ SQL_dashboard_slots__created, SQL_dashboard_slots__published,
		    SQL_dashboard_slots__failed },
		{ SQL_dashboard_slots__account_created, SQL_dashboard_slots__account_published,
		    SQL_dashboard_slots__account_failed },
	};
	struct call *c = r->d->c;

	return db_each(c->db,
	    SQL_IN_ORDER(dashboard_slots, orders[account != NULL][r->what],
		.project = db_uuid(&c->who.project_id), .account = db_uuid(account),
		.since = db_time(since_us), .until = db_time(until_us),
		.origin = db_time(r->origin_us), .step = db_int(r->sum ? SLOT_ALL : SLOT_MIN)),
	    SQL_OUT(dashboard_slots, .slot = db_get_int(&r->slot), .pins = db_get_int(&r->pins)),
	    on_slot, r);
}

/* The same for one bucket after the other: faster, unless there are very many accounts. */
static enum db_rc
ranges_read(struct slot_reading *r, const struct uuid *account, int64_t since_us, int64_t until_us)
{
	static const unsigned orders[2][3] = {
		{ SQL_dashboard_range__created, SQL_dashboard_range__published,
		    SQL_dashboard_range__failed },
		{ SQL_dashboard_range__account_created, SQL_dashboard_range__account_published,
		    SQL_dashboard_range__account_failed },
	};
	const struct dashboard_span *s = &r->d->span;
	struct call *c = r->d->c;
	size_t buckets = r->sum ? 1 : s->len;
	enum db_rc rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < buckets; i++) {
		int64_t from = r->sum || s->at[i] < since_us ? since_us : s->at[i];
		int64_t until = r->sum || s->at[i + 1] > until_us ? until_us : s->at[i + 1];

		rc = db_row(c->db,
		    SQL_IN_ORDER(dashboard_range, orders[account != NULL][r->what],
			.project = db_uuid(&c->who.project_id), .account = db_uuid(account),
			.since = db_time(from), .until = db_time(until)),
		    SQL_OUT(dashboard_range, .pins = db_get_int(&r->pins)));
		if (rc == DB_OK)
			slot_add(r, from);
	}
	return rc;
}

/* Is the dashboard of the whole project, or the sum of the accounts that the caller may see? */
static bool
is_whole(const struct dashboard *d)
{
	return !d->one && d->c->who.account_ids == NULL;
}

static enum db_rc
slots_sum(struct slot_reading *r, int64_t since_us, int64_t until_us)
{
	const struct dashboard *d = r->d;
	enum db_rc rc = DB_OK;

	r->total = 0;
	if (is_whole(d))
		return ranges_read(r, NULL, since_us, until_us);
	for (size_t i = 0; rc == DB_OK && i < d->accounts_len; i++)
		rc = d->accounts_len > FEW_ACCOUNTS
			 ? slots_read(r, &d->accounts[i].id, since_us, until_us)
			 : ranges_read(r, &d->accounts[i].id, since_us, until_us);
	return rc;
}

/* Counts one thing in the period, by buckets, and in the one before. */
static enum db_rc
count_history(struct dashboard *d, int what, int64_t *now, int64_t *before)
{
	const struct dashboard_span *s = &d->span;
	struct slot_reading r = { .d = d, .what = what, .origin_us = s->at[0] };
	enum db_rc rc = slots_sum(&r, s->start_us, s->end_us);

	*now = r.total;
	if (rc != DB_OK)
		return rc;
	r.sum = true;
	rc = slots_sum(&r, s->before_us, s->start_us);
	*before = r.total;
	return rc;
}

static enum db_rc
count_published_by_account(struct dashboard *d)
{
	enum db_rc rc = DB_OK;

	for (size_t i = 0; d->now.published > 0 && rc == DB_OK && i < d->accounts_len; i++) {
		struct slot_reading r = {
			.d = d, .what = SLOT_PUBLISHED, .origin_us = d->span.at[0], .sum = true
		};

		rc = ranges_read(&r, &d->accounts[i].id, d->span.start_us, d->span.end_us);
		d->accounts[i].published = r.total;
	}
	return rc;
}

struct account_reading {
	struct dashboard *d;
	struct uuid id;
};

static void
on_dashboard_account(void *arg)
{
	struct account_reading *r = arg;
	struct dashboard *d = r->d;

	if (d->accounts_len == d->accounts_room) {
		size_t room = 2 * d->accounts_room + 16;
		struct dashboard_account *more = arena_alloc(d->c->mem, room * sizeof(*more));

		if (d->accounts_len > 0)
			memcpy(more, d->accounts, d->accounts_len * sizeof(*more));
		d->accounts = more;
		d->accounts_room = room;
	}
	d->accounts[d->accounts_len++] = (struct dashboard_account){ .id = r->id };
}

static enum db_rc
list_dashboard_accounts(struct dashboard *d)
{
	struct call *c = d->c;
	struct account_reading r = { .d = d };

	return db_each(c->db,
	    SQL_IN(dashboard_accounts, .project = db_uuid(&c->who.project_id),
		.allow = db_text(c->who.account_ids),
		.account = d->one ? db_uuid(&d->account_id) : db_null()),
	    SQL_OUT(dashboard_accounts, .id = db_get_uuid(&r.id)), on_dashboard_account, &r);
}

struct waiting_reading {
	struct dashboard *d;
	struct uuid account_id, schedule_id;
	int64_t pins, created, created_before, planned, wait_code;
	int64_t created_us, run_us;
	struct waiting_account {
		struct uuid id;
		bool held; /* as a whole */
	} * accounts;
	size_t len, held;
};

/* Adds waiting pins, which are deferred or not. */
static void
add_waiting(struct waiting_reading *r, bool deferred, int64_t sign)
{
	struct dashboard *d = r->d;

	*(deferred ? &d->queue.deferred : &d->queue.queued) += sign * r->pins;
	*(deferred ? &d->now.deferred : &d->now.queued) += sign * r->created;
	*(deferred ? &d->before.deferred : &d->before.queued) += sign * r->created_before;
	*(deferred ? &d->schedules.deferred : &d->schedules.queued) += sign * r->planned;
}

static void
on_waiting_account(void *arg)
{
	struct waiting_reading *r = arg;
	bool held = r->wait_code != WAIT_NONE;

	if (r->len == r->d->accounts_len)
		return; /* connected this moment */
	r->accounts[r->len++] = (struct waiting_account){ .id = r->account_id, .held = held };
	r->held += held;
}

/* A pin that was taken for a queued one is deferred. */
static void
on_deferred_pin(void *arg)
{
	struct waiting_reading *r = arg;
	const struct dashboard_span *s = &r->d->span;

	r->pins = 1;
	r->created = r->created_us >= s->start_us && r->created_us < s->end_us;
	r->created_before = r->created_us >= s->before_us && r->created_us < s->start_us;
	r->planned =
	    !uuid_is_nil(&r->schedule_id) && r->run_us >= s->start_us && r->run_us < s->end_us;
	add_waiting(r, false, -1);
	add_waiting(r, true, 1);
}

/* Counts an account's waiting pins one by one. */
static enum db_rc
count_waiting_of(struct waiting_reading *r, const struct waiting_account *a)
{
	struct call *c = r->d->c;
	const struct dashboard_span *s = &r->d->span;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(dashboard_waiting, .project = db_uuid(&c->who.project_id),
		.account = db_uuid(&a->id), .start = db_time(s->start_us),
		.end = db_time(s->end_us), .before = db_time(s->before_us)),
	    SQL_OUT(dashboard_waiting, .pins = db_get_int(&r->pins),
		.created = db_get_int(&r->created),
		.created_before = db_get_int(&r->created_before),
		.planned = db_get_int(&r->planned)));

	if (rc == DB_OK)
		add_waiting(r, a->held, 1);
	return rc;
}

static enum db_rc
count_waiting_in(struct dashboard *d, int64_t since_us, int64_t until_us, int64_t *pins)
{
	return db_row(d->c->db,
	    SQL_IN(dashboard_waiting_all, .project = db_uuid(&d->c->who.project_id),
		.since = db_time(since_us), .until = db_time(until_us)),
	    SQL_OUT(dashboard_waiting_all, .pins = db_get_int(pins)));
}

/* All of a project's, while its accounts are held all together or none is: from indexes alone. */
static enum db_rc
count_waiting_all(struct waiting_reading *r)
{
	struct dashboard *d = r->d;
	const struct dashboard_span *s = &d->span;
	enum db_rc rc = count_waiting_in(d, TIME_NONE, TIME_NONE, &r->pins);

	if (rc == DB_OK)
		rc = count_waiting_in(d, s->start_us, s->end_us, &r->created);
	if (rc == DB_OK)
		rc = count_waiting_in(d, s->before_us, s->start_us, &r->created_before);
	if (rc == DB_OK)
		rc = db_row(d->c->db,
		    SQL_IN(dashboard_planned_all, .project = db_uuid(&d->c->who.project_id),
			.since = db_time(s->start_us), .until = db_time(s->end_us)),
		    SQL_OUT(dashboard_planned_all, .schedules = db_get_int(&r->planned)));
	r->planned = r->planned > d->schedules.running ? r->planned - d->schedules.running : 0;
	if (rc == DB_OK)
		add_waiting(r, r->held > 0, 1);
	return rc;
}

static enum db_rc
list_waits(struct waiting_reading *r)
{
	struct call *c = r->d->c;

	return db_each(c->db,
	    SQL_IN(dashboard_waits, .project = db_uuid(&c->who.project_id),
		.allow = db_text(c->who.account_ids),
		.account = r->d->one ? db_uuid(&r->d->account_id) : db_null()),
	    SQL_OUT(dashboard_waits, .id = db_get_uuid(&r->account_id),
		.wait_code = db_get_int(&r->wait_code)),
	    on_waiting_account, r);
}

/* Takes the pins that wait for a reason of their own from the queued ones. */
static enum db_rc
move_deferred(struct waiting_reading *r, const struct uuid *account)
{
	struct call *c = r->d->c;

	return db_each(c->db,
	    SQL_IN(dashboard_waiting_pins, .project = db_uuid(&c->who.project_id),
		.account = db_uuid(account), .most = db_int(LOOKED_AT)),
	    SQL_OUT(dashboard_waiting_pins, .created_at = db_get_time(&r->created_us),
		.run_at = db_get_time(&r->run_us), .schedule_id = db_get_uuid(&r->schedule_id)),
	    on_deferred_pin, r);
}

static enum db_rc
count_waiting(struct dashboard *d)
{
	struct waiting_reading r = { .d = d };
	bool all;
	enum db_rc rc;

	r.accounts = arena_alloc(d->c->mem, (d->accounts_len + 1) * sizeof(*r.accounts));
	rc = list_waits(&r);
	all = is_whole(d) && (r.held == 0 || r.held == r.len);
	if (rc == DB_OK && all && r.len > 0)
		rc = count_waiting_all(&r);
	for (size_t i = 0; rc == DB_OK && i < r.len; i++) {
		if (!all)
			rc = count_waiting_of(&r, &r.accounts[i]);
		if (rc == DB_OK && !r.accounts[i].held)
			rc = move_deferred(&r, &r.accounts[i].id);
	}
	return rc;
}

static enum db_rc
count_publishing(struct dashboard *d)
{
	struct call *c = d->c;
	const struct dashboard_span *s = &d->span;

	return db_row(c->db,
	    SQL_IN(dashboard_publishing, .project = db_uuid(&c->who.project_id),
		.allow = db_text(c->who.account_ids),
		.account = d->one ? db_uuid(&d->account_id) : db_null(),
		.start = db_time(s->start_us), .end = db_time(s->end_us),
		.before = db_time(s->before_us)),
	    SQL_OUT(dashboard_publishing, .pins = db_get_int(&d->queue.publishing),
		.created = db_get_int(&d->now.publishing),
		.created_before = db_get_int(&d->before.publishing),
		.planned = db_get_int(&d->schedules.running)));
}

static enum db_rc
count_schedules_of(struct dashboard *d, const struct uuid *account, enum pin_state state,
    int64_t since_us, int64_t until_us, int64_t *total)
{
	struct call *c = d->c;
	int64_t n = 0;
	enum db_rc rc = db_row(c->db,
	    SQL_IN_ORDER(dashboard_schedules,
		account != NULL ? SQL_dashboard_schedules__account : SQL_dashboard_schedules__every,
		.project = db_uuid(&c->who.project_id), .account = db_uuid(account),
		.state = db_int(state), .since = db_time(since_us), .until = db_time(until_us)),
	    SQL_OUT(dashboard_schedules, .total = db_get_int(&n)));

	*total += n;
	return rc;
}

static enum db_rc
count_schedules(struct dashboard *d)
{
	const struct dashboard_span *s = &d->span;
	struct dashboard_schedules *n = &d->schedules;
	const struct {
		enum pin_state state;
		int64_t *total, since_us, until_us;
	} all[] = {
		{ PIN_PLANNED, &n->scheduled, s->start_us, s->end_us },
		{ PIN_PUBLISHED, &n->done, s->start_us, s->end_us },
		{ PIN_FAILED, &n->failed, s->start_us, s->end_us },
		{ PIN_CANCELED, &n->canceled, s->start_us, s->end_us },
		{ PIN_PLANNED, &n->upcoming, d->c->now_us, TIME_NONE },
	};
	size_t accounts = is_whole(d) ? 1 : d->accounts_len;
	enum db_rc rc = DB_OK;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (size_t k = 0; rc == DB_OK && k < accounts; k++)
			rc = count_schedules_of(d, is_whole(d) ? NULL : &d->accounts[k].id,
			    all[i].state, all[i].since_us, all[i].until_us, all[i].total);
	return rc;
}

struct import_reading {
	struct dashboard *d;
	int64_t status, imports;
};

static void
on_import_status(void *arg)
{
	struct import_reading *r = arg;

	if (r->status >= 0 && r->status < DASHBOARD_IMPORT_STATES)
		r->d->imports[r->status] += r->imports;
}

static enum db_rc
count_imports(struct dashboard *d)
{
	struct call *c = d->c;
	struct import_reading r = { .d = d };

	d->has_imports = is_whole(d);
	if (!d->has_imports)
		return DB_OK;
	return db_each(c->db,
	    SQL_IN(dashboard_imports, .project = db_uuid(&c->who.project_id),
		.since = db_time(d->span.start_us), .until = db_time(d->span.end_us)),
	    SQL_OUT(dashboard_imports, .status = db_get_int(&r.status),
		.imports = db_get_int(&r.imports)),
	    on_import_status, &r);
}

enum db_rc
dashboard_count(struct dashboard *d)
{
	enum db_rc rc = list_dashboard_accounts(d);

	if (rc == DB_OK)
		rc = count_history(d, SLOT_CREATED, &d->now.submitted, &d->before.submitted);
	if (rc == DB_OK)
		rc = count_history(d, SLOT_PUBLISHED, &d->now.published, &d->before.published);
	if (rc == DB_OK)
		rc = count_history(d, SLOT_FAILED, &d->now.failed, &d->before.failed);
	if (rc == DB_OK)
		rc = count_published_by_account(d);
	if (rc == DB_OK)
		rc = count_publishing(d);
	if (rc == DB_OK)
		rc = count_waiting(d);
	if (rc == DB_OK)
		rc = count_schedules(d);
	return rc == DB_OK ? count_imports(d) : rc;
}
