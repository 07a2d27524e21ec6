/*
 * Mails that a request causes. Invariant: what is counted, and how long it takes, does not depend
 * on whether somebody has the address.
 */
#include "app/api/mail.h"

#include "app/api/login_guard.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/bucket.h"
#include "lib/clock.h"
#include "lib/url.h"
#include "sql/stmt.h"
#include "sql/store_mail.h"

#define ADDRESS_MAILS 3 /* in a row to one address, */
#define ADDRESS_INTERVAL_S 600
#define TOKEN 1000000

enum db_rc
mail_write(struct call *c, const struct mail_note *n)
{
	c->wake_worker = true;
	return store_mail(c->db, c->app->keys, n, c->now_us);
}

const char *
mail_link(struct call *c, const char *path, const char *token)
{
	return arena_printf(
	    c->mem, "%s%s?token=%s", c->app->conf->public_url, path, url_encode(token, c->mem));
}

bool
mail_goes_out(const struct call *c)
{
	return c->app->conf->mail.url != NULL;
}

struct mail_count {
	enum login_count kind;
	struct uuid name;
	struct bucket_rate rate;
	int64_t wait_us; /* out: until the next one */
};
struct mail_counts {
	struct mail_count one[2];
	bool refused;
};

/* Takes a token. Without one *refused is set. */
static enum db_rc
take_mail(struct call *c, struct mail_count *m, bool *refused)
{
	const int64_t slot = login_guard_slot(&m->name);
	struct bucket b;
	int64_t now_us = 0, ready_us;
	enum db_rc rc = db_exec_any(c->db,
	    SQL_IN(login_count_start, .kind = db_int(m->kind), .slot = db_int(slot),
		.name = db_uuid(&m->name), .value = db_int(m->rate.capacity * TOKEN)),
	    NULL);

	if (rc == DB_OK)
		rc = db_row(c->db,
		    SQL_IN(login_count_lock, .kind = db_int(m->kind), .slot = db_int(slot)),
		    SQL_OUT(login_count_lock, .value = db_get_int(&b.microtokens),
			.at = db_get_time(&b.at_us), .now = db_get_time(&now_us)));
	if (rc != DB_OK)
		return rc == DB_NONE ? DB_RETRY : rc; /* the sweep took it */
	bucket_clock_back(&b, now_us);
	ready_us = bucket_ready_at(&b, &m->rate, now_us);
	if (ready_us != 0) {
		m->wait_us = ready_us - now_us;
		*refused = true;
		return DB_OK;
	}
	bucket_take(&b, &m->rate, now_us);
	ready_us = bucket_ready_at(&b, &m->rate, now_us);
	m->wait_us = ready_us != 0 ? ready_us - now_us : 0;
	return db_exec_any(c->db,
	    SQL_IN(login_count_put, .kind = db_int(m->kind), .slot = db_int(slot),
		.name = db_uuid(&m->name), .value = db_int(b.microtokens), .at = db_time(b.at_us)),
	    NULL);
}

struct mail_asking {
	struct call *c;
	struct mail_counts n;
};

/* In one order, so that no two wait for each other. DB_NONE: refused, and nothing is counted. */
static enum db_rc
count_mail(struct db *db, void *arg)
{
	struct mail_asking *a = arg;
	enum db_rc rc;

	(void)db;
	a->n.refused = false;
	rc = take_mail(a->c, &a->n.one[0], &a->n.refused);
	if (rc == DB_OK && !a->n.refused)
		rc = take_mail(a->c, &a->n.one[1], &a->n.refused);
	return rc == DB_OK && a->n.refused ? DB_NONE : rc;
}

static int
whole_seconds(int64_t us)
{
	return (int)((us + US_PER_S - 1) / US_PER_S);
}

bool
mail_guard_enter(struct call *c, const char *email, int *again_s)
{
	struct mail_asking a = { .c = c };
	struct problem p = { 0 };
	struct login_guard g;
	int64_t wait_us;
	enum db_rc rc;

	login_guard_name(c, email, &g);
	a.n.one[0] = (struct mail_count){
		.kind = COUNT_MAIL_NETWORK, .name = g.network, .rate = c->app->conf->login_pace
	};
	a.n.one[1] = (struct mail_count){ .kind = COUNT_MAIL_ADDRESS,
		.name = g.address,
		.rate = { ADDRESS_MAILS, ADDRESS_INTERVAL_S * US_PER_S } };
	rc = db_transact(c->db, count_mail, &a);
	*again_s = whole_seconds(a.n.one[1].wait_us);
	if (rc == DB_OK)
		return true;
	if (rc != DB_NONE) {
		call_db_error(c, rc);
		return false;
	}
	wait_us = a.n.one[0].wait_us > a.n.one[1].wait_us ? a.n.one[0].wait_us : a.n.one[1].wait_us;
	p.retry_after_s = whole_seconds(wait_us);
	problem_set(&p, 429, "rate_limited",
	    arena_printf(c->mem, "Too many mails were asked for; try again in %d seconds.",
		p.retry_after_s));
	p.retry_after_s = whole_seconds(wait_us);
	reply_problem(&c->reply, &p);
	return false;
}
