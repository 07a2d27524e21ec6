/*
 * The grant: which pin of a lane goes next, and whether it may go now. Invariant: attempt,
 * snapshot, debit and the closed lane are written in the transaction that grants the create.
 */
#include "lib/wait.h"
#include "worker/turn/turn_lane_db.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/pinterest.h"
#include "lib/url.h"
#include "sql/pin_move.h"
#include "sql/stmt.h"
#include "lib/fair_places.h"
#include "worker/publish/verdict.h"
#include "worker/turn/link_hosts.h"

#define SLOT_MIN_US (2 * US_PER_MS)
#define SLOT_MOST_US (60 * US_PER_S)
#define HEADS_MAX 4 /* pins of a lane tried in one turn */
#define UNCONFIGURED_US (60 * US_PER_S)
#define REFRESH_US (5 * US_PER_S)
#define DAY_US (86400 * US_PER_S)
#define OTHERS_FIRST_US (1 * US_PER_S)

/* ---- which pin ---- */

static enum db_rc
read_last_account(struct turn_tx *tx, const struct turn_lane *l, struct uuid *id)
{
	return db_row_any(tx->db, SQL_IN(lane_last_account, .lane = db_uuid(&l->id)),
	    SQL_OUT(lane_last_account, .account_id = db_get_uuid(id)));
}

/* Accounts of one lane alternate: picks the first due one after the account that sent last. */
static enum db_rc
choose_account(struct turn_tx *tx, const struct turn_lane *l, const struct turn_account *const *due,
    size_t n, size_t *chosen)
{
	struct uuid last = { 0 };
	enum db_rc rc = DB_OK;

	*chosen = 0;
	if (n > 1)
		rc = read_last_account(tx, l, &last);
	for (size_t i = 0; i < n && n > 1; i++)
		if (memcmp(&due[i]->id, &last, sizeof(last)) > 0) {
			*chosen = i;
			break;
		}
	return rc;
}

/* The account whose head goes next. DB_NONE: none is due; the lane's next turn is set. */
static enum db_rc
choose_head(struct turn_tx *tx, struct turn_lane *l, const struct turn_account **next)
{
	const struct turn_account **due =
	    arena_alloc(db_mem(tx->db), (l->accounts_len + 1) * sizeof(*due));
	size_t n = 0, chosen;
	enum db_rc rc;

	for (size_t i = 0; i < l->accounts_len; i++) {
		const struct turn_account *a = &l->accounts[i];

		if (uuid_is_nil(&a->head.id))
			continue;
		if (!a->usable || a->sealed == NULL)
			turn_wake_at(l, l->now_us + REFRESH_US);
		else if (a->head.due_us > l->now_us)
			turn_wake_at(l, a->head.due_us);
		else
			due[n++] = a;
	}
	if (n == 0)
		return DB_NONE;
	rc = choose_account(tx, l, due, n, &chosen);
	*next = due[chosen];
	return rc;
}

/* ---- may that pin go, apart from its lane ---- */

/*
 * Starts at the head of *next and defers pins that must wait for themselves. DB_NONE: all tried
 * were deferred. Link hosts are checked only when the lane may send (`may`), because a pin that
 * waits for its lane anyway need not be written.
 */
static enum db_rc
choose_pin(struct turn_tx *tx, struct turn_lane *l, bool may, const struct turn_account **next,
    const char **host)
{
	enum db_rc rc = DB_OK;

	for (int i = 0; i < HEADS_MAX; i++) {
		const struct turn_head *h;
		int64_t until;

		if (i > 0)
			rc = turn_heads(tx, l, 1);
		if (rc == DB_OK && i > 0)
			rc = choose_head(tx, l, next);
		if (rc != DB_OK)
			return rc;
		h = &(*next)->head;
		*host = h->create.link_url != NULL ? url_host(h->create.link_url, db_mem(tx->db))
						   : NULL;
		until = link_hosts_hold_until(l->link_hosts, *host);
		if (h->unsent_in_a_row >= TURN_NO_OUTCOME_MAX || h->verify_first)
			rc = turn_defer_to_lookup(tx, l, *next);
		else if (may && until > l->now_us)
			rc = turn_defer_to_host(tx, l, *next, *host, until);
		else
			return DB_OK;
		if (rc != DB_OK && rc != DB_NONE)
			return rc;
		rc = DB_OK;
	}
	turn_wake_at(l, l->now_us);
	return DB_NONE;
}

/* ---- may the lane send now ---- */

/* When the lane's nth last create was opened; TIME_NONE: there were fewer. */
static enum db_rc
read_nth_last_create(struct turn_tx *tx, const struct turn_lane *l, int64_t nth, int64_t *opened_us)
{
	*opened_us = TIME_NONE;
	return db_row_any(tx->db,
	    SQL_IN(lane_nth_last_create, .lane = db_uuid(&l->id), .skip = db_int(nth - 1)),
	    SQL_OUT(lane_nth_last_create, .opened_at = db_get_time(opened_us)));
}

/* Creates that a restored database may not know of count as late as they can have left. */
static enum db_rc
count_lost_creates(struct turn_tx *tx, struct turn_lane *l, const struct pace_rules *r)
{
	struct pace_rules then = turn_full_pace(l);
	int64_t known = 0, lost = pace_lost_creates(&l->lost, &then), at,
		*cap = &l->state.cap_opened_us;
	enum db_rc rc = db_row(tx->db,
	    SQL_IN(lane_creates_since, .lane = db_uuid(&l->id), .since = db_time(l->lost.until_us)),
	    SQL_OUT(lane_creates_since, .creates = db_get_int(&known)));

	if (rc != DB_OK || known >= r->daily_cap || lost == 0)
		return rc;
	at = pace_lost_at(&l->lost, &then, r->daily_cap - known);
	if (r->daily_cap - known > lost)
		rc = read_nth_last_create(tx, l, r->daily_cap - lost, &at);
	if (at != TIME_NONE && (*cap == TIME_NONE || at > *cap))
		*cap = at;
	return rc;
}

static enum db_rc
read_daily_cap(struct turn_tx *tx, struct turn_lane *l, const struct pace_rules *r)
{
	enum db_rc rc;

	if (r->daily_cap == 0)
		return DB_OK;
	rc = read_nth_last_create(tx, l, r->daily_cap, &l->state.cap_opened_us);
	if (rc != DB_OK || l->lost.until_us == TIME_NONE || l->lost.until_us + DAY_US <= l->now_us)
		return rc;
	return count_lost_creates(tx, l, r);
}

/* When the app may be probed next; this turn may have claimed a probe since it was read. */
static int64_t
app_probe_us(const struct turn_tx *tx, const struct turn_app *app)
{
	for (size_t i = 0; i < tx->apps_len; i++)
		if (uuid_equal(&tx->apps[i].project_id, &app->project_id))
			return tx->apps[i].probe_us;
	return app->probe_us;
}

/* The project has all the creates in flight that it may have: when this lane asks again. */
static int64_t
share_slot(struct turn_tx *tx, const struct turn_lane *l, const struct turn_account *a)
{
	struct turn_job *t = tx->t;
	struct fair_places *shares = tx->shares[l->environment];
	int64_t held = (int64_t)fair_places_held(shares, &a->project_id);
	int64_t each_us = t->each_us[l->environment] / (held > 0 ? held : 1);
	struct turn_put_off *o = &t->put_off[t->put_off_len++];

	if (each_us < SLOT_MIN_US)
		each_us = SLOT_MIN_US;
	*o = (struct turn_put_off){ .environment = l->environment, .project_id = a->project_id };
	o->at_us = fair_places_put_off(shares, &a->project_id, l->now_us, each_us, SLOT_MOST_US);
	return o->at_us;
}

/*
 * When the app and the global pace let this lane send; 0: now. A pin that stopped the app leaves
 * the probe to others for a moment: it may be the only one that something else refuses.
 */
static int64_t
outer_wait_until(struct turn_tx *tx, const struct turn_lane *l, const struct turn_account *a)
{
	const struct turn_head *h = &a->head;
	const struct turn_app *app = &a->app;
	int64_t at, probe = app_probe_us(tx, app);

	if (probe != TIME_NONE && h->stopped_app_us != TIME_NONE)
		probe += OTHERS_FIRST_US;

	if (app->hold_until_us != TIME_NONE && app->hold_until_us > l->now_us)
		return app->hold_until_us;
	if (app->stopped_us != TIME_NONE && probe != TIME_NONE && probe > l->now_us)
		return probe;
	at = bucket_ready_at(&tx->fence.bucket[l->shard], &tx->t->shard_rate, l->now_us);
	if (at > l->now_us)
		return at;
	if (tx->t->intents_len >= tx->t->max_intents)
		return l->now_us;
	return fair_places_open(tx->shares[l->environment], &a->project_id) ? 0
									    : share_slot(tx, l, a);
}

/* The app is stopped: one create at a time may probe it. DB_NONE: another worker claimed it. */
static enum db_rc
claim_app_probe(struct turn_tx *tx, struct turn_lane *l, const struct turn_app *app)
{
	struct verdict_probe probe = verdict_probe(l->environment, (enum wait_code)app->stop_code);
	int64_t next = l->now_us + probe.first_us;
	enum db_rc rc = db_exec(tx->db,
	    SQL_IN(app_probe_claim, .environment = db_int(l->environment),
		.project = db_uuid(&app->project_id), .now = db_time(l->now_us),
		.first_us = db_int(probe.first_us), .most_us = db_int(probe.most_us)),
	    NULL);

	if (rc == DB_OK || rc == DB_NONE) {
		tx->apps[tx->apps_len] = *app;
		tx->apps[tx->apps_len++].probe_us = next;
	}
	if (rc == DB_NONE)
		turn_wake_at(l, next);
	return rc;
}

/* ---- the intent ---- */

static void
add_intent_rows(struct turn_tx *tx, const struct turn_lane *l, const struct turn_head *h,
    const struct intent *i)
{
	if (!uuid_is_nil(&h->schedule_id))
		db_many_push(tx->db, &tx->follow,
		    SQL_IN(schedule_follow, .project = db_uuid(&i->project_id),
			.id = db_uuid(&h->schedule_id), .pin = db_uuid(&i->pin_id),
			.state = db_int(PIN_SENDING), .error = db_null()));
	db_many_push(tx->db, &tx->send,
	    SQL_IN(pin_send, .project = db_uuid(&i->project_id), .id = db_uuid(&i->pin_id),
		.version = db_int(h->version)));
	db_many_push(tx->db, &tx->attempts,
	    SQL_IN(attempt_insert, .pin = db_uuid(&i->pin_id), .number = db_int(i->n),
		.project = db_uuid(&i->project_id), .lane = db_uuid(&l->id),
		.worker = db_uuid(&tx->t->worker_id), .account = db_uuid(&i->account_id),
		.opened = db_time(i->opened_us), .snapshot = db_text(i->snapshot)));
}

/* DB_RETRY unless all rows of `m` changed: one was edited or canceled since it was read. */
static enum db_rc
write_all_rows(struct turn_tx *tx, const struct db_many *m)
{
	uint64_t changed;
	enum db_rc rc = db_many_exec(tx->db, m, &changed);

	return rc == DB_OK && changed != m->len ? DB_RETRY : rc;
}

enum db_rc
turn_intents(struct turn_tx *tx)
{
	enum db_rc rc = write_all_rows(tx, &tx->follow);

	if (rc == DB_OK)
		rc = write_all_rows(tx, &tx->send);
	if (rc == DB_OK)
		rc = db_many_exec(tx->db, &tx->attempts, NULL);
	return rc == DB_DUP ? DB_FAIL : rc;
}

static void
fill_intent(
    struct turn_tx *tx, const struct turn_lane *l, const struct turn_account *a, struct intent *i)
{
	const struct turn_head *h = &a->head;
	const struct turn_app *app = &a->app;

	i->pin_id = h->id;
	i->project_id = a->project_id;
	i->account_id = a->id;
	i->lane_id = l->id;
	i->shard = l->shard;
	i->environment = l->environment;
	i->n = (unsigned)h->attempts + 1;
	i->retries_spent = (unsigned)h->retries_spent;
	i->spam_strikes = (unsigned)l->spam_strikes;
	i->refreshed = h->error_code != NULL && strcmp(h->error_code, "token_expired") == 0;
	i->stop_code = (enum wait_code)app->stop_code;
	i->probe = app->stopped_us != TIME_NONE || app->probes_failed > 0;
	i->suspect = h->stopped_app_us != TIME_NONE && app->resumed_us != TIME_NONE &&
		     app->resumed_us > h->stopped_app_us;
	i->opened_us = l->now_us;
	i->busy_until_us = l->now_us + turn_busy_us(l->up);
	i->snapshot = pinterest_create_body(&h->create, db_mem(tx->db));
	i->link = h->create.link_url;
	i->sealed = a->sealed;
	i->sealed_len = a->sealed_len;
	i->token_version = a->token_version;
}

static void
close_lane_for(struct turn_tx *tx, struct turn_lane *l, const struct intent *i, const char *host)
{
	struct pace_rules r = turn_rules(l);

	pace_take(&l->state, &r, l->now_us, crypto_random32());
	bucket_take(&tx->fence.bucket[l->shard], &tx->t->shard_rate, l->now_us);
	tx->debited |= FENCE_BIT(l->shard);
	l->state.busy_until_us = i->busy_until_us;
	l->in_flight_pin = i->pin_id;
	l->link_hosts = link_hosts_updated(l->link_hosts, l->up->host_gap_ms > 0 ? host : NULL,
	    l->now_us + l->up->host_gap_ms * US_PER_MS, l->now_us, db_mem(tx->db));
	/* Closed until its outcome is saved, which wakes the lane. An earlier look-up stays. */
	if (l->wake_us == TIME_NONE || l->wake_us <= l->now_us || l->wake_us > i->busy_until_us)
		l->wake_us = i->busy_until_us;
}

static enum db_rc
grant_create(
    struct turn_tx *tx, struct turn_lane *l, const struct turn_account *a, const char *host)
{
	struct intent *i = &tx->t->intents[tx->t->intents_len];
	enum db_rc rc = DB_OK;

	if (a->app.stopped_us != TIME_NONE)
		rc = claim_app_probe(tx, l, &a->app);
	if (rc != DB_OK)
		return rc;
	memset(i, 0, sizeof(*i));
	fill_intent(tx, l, a, i);
	add_intent_rows(tx, l, &a->head, i);
	close_lane_for(tx, l, i, host);
	fair_places_take(tx->shares[l->environment], &i->project_id);
	tx->t->intents_len++;
	return DB_OK;
}

/* When the lane may send; 0: now. The reason is stored on the lane. */
static enum db_rc
lane_wait_until(
    struct turn_tx *tx, struct turn_lane *l, const struct turn_account *a, int64_t *at_us)
{
	struct pace_rules r = turn_rules(l);
	struct pace_wait wait;
	int64_t outer;
	enum db_rc rc = read_daily_cap(tx, l, &r);

	if (rc != DB_OK)
		return rc;
	if (l->up->base_url == NULL && l->state.hold_until_us <= l->now_us) {
		l->state.hold_until_us = l->now_us + UNCONFIGURED_US;
		l->state.hold_code = WAIT_APP_STOPPED;
	}
	wait = pace_ready(&l->state, &r, l->now_us);
	outer = outer_wait_until(tx, l, a);
	*at_us = outer > wait.at_us ? outer : wait.at_us;
	if (wait.code == WAIT_PACE || wait.code == WAIT_DAILY_CAP) {
		/* The reason that clients are shown. */
		l->state.next_at_us = wait.at_us;
		l->state.next_code = wait.code;
	}
	return DB_OK;
}

enum db_rc
turn_grant(struct turn_tx *tx, struct turn_lane *l)
{
	const struct turn_account *next = NULL;
	const char *host = NULL;
	int64_t at_us = 0;
	enum db_rc rc;

	if (l->accounts_len == 0)
		return DB_OK; /* making an account usable again wakes the lane */
	rc = choose_head(tx, l, &next);
	if (rc == DB_OK)
		rc = lane_wait_until(tx, l, next, &at_us);
	if (rc == DB_OK)
		rc = choose_pin(tx, l, at_us == 0, &next, &host);
	if (rc != DB_OK)
		return rc == DB_NONE ? DB_OK : rc;
	if (at_us == 0) {
		rc = grant_create(tx, l, next, host);
		return rc == DB_NONE ? DB_OK : rc;
	}
	turn_wake_at(l, at_us);
	return DB_OK;
}
