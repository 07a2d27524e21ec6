/*
 * Invariant: a row is written only for a try that has a place, so for each one a password is
 * hashed; and for the turn of a caller that has none.
 */
#include "app/api/login_guard.h"

#include <string.h>

#include "app/api/login_rule.h"
#include "app/http/call.h"
#include "app/http/places.h"
#include "lib/arena.h"
#include "lib/client_prefix.h"
#include "lib/clock.h"
#include "lib/keyring.h"
#include "lib/log.h"
#include "sql/stmt.h"

#define WAIT_MS 2000
#define KNOWN_DAYS 30
#define PLACES_MASK 15 /* of one address: the last network whose hash ends so */
#define TOKEN 1000000

static struct uuid
name_hash(struct call *c, const char *label, const char *name)
{
	unsigned char mac[SHA256_SIZE];
	struct uuid hash;

	keyring_sign(c->app->keys, label, name, strlen(name), mac);
	memcpy(hash.b, mac, sizeof(hash.b));
	return hash;
}

int64_t
login_guard_slot(const struct uuid *hash)
{
	return hash->b[0] << 8 | hash->b[1];
}

static const char *
client_network(struct call *c)
{
	return client_prefix(c->req->client_address, arena_alloc(c->mem, CLIENT_PREFIX_SIZE));
}

void
login_guard_name(struct call *c, const char *email, struct login_guard *g)
{
	const char *network = client_network(c);

	*g = (struct login_guard){ .network = name_hash(c, "login network", network),
		.address = name_hash(c, "login address", email),
		.pair = name_hash(c, "login pair", arena_printf(c->mem, "%s %s", network, email)) };
}

struct count_row {
	const struct login_guard *g;
	struct login_facts facts;
	int64_t kind, value, at_us;
	struct uuid name;
};

static void
count_note(void *arg)
{
	struct count_row *r = arg;
	struct login_facts *f = &r->facts;
	struct bucket b = { .microtokens = r->value, .at_us = r->at_us };

	switch ((enum login_count)r->kind) {
	case COUNT_NETWORK:
	case COUNT_REGISTER: f->network = b; break;
	case COUNT_PAIR: f->pair = b; break;
	case COUNT_ADDRESS:
		f->failed = r->value;
		f->failed_at_us = r->at_us;
		break;
	case COUNT_TURN:
		if (uuid_equal(&r->name, &r->g->pair))
			f->turn_us = r->at_us;
		break;
	case COUNT_MAIL_NETWORK:
	case COUNT_MAIL_ADDRESS: break;
	}
}

static enum db_rc
facts_load(struct call *c, enum login_count network, struct login_guard *g, struct count_row *r)
{
	int64_t known = 0;
	enum db_rc rc;

	*r = (struct count_row){ .g = g, .facts = login_rule_nothing() };
	rc = db_row(c->db,
	    SQL_IN(login_place_get, .address = db_uuid(&g->address),
		.network = db_uuid(&g->network), .days = db_int(KNOWN_DAYS)),
	    SQL_OUT(login_place_get, .known = db_get_int(&known), .now = db_get_time(&c->now_us)));
	if (rc == DB_OK)
		rc = db_each(c->db,
		    SQL_IN(login_count_list, .network_kind = db_int(network),
			.network = db_int(login_guard_slot(&g->network)),
			.address_kind = db_int(COUNT_ADDRESS),
			.address = db_int(login_guard_slot(&g->address)),
			.pair_kind = db_int(COUNT_PAIR), .turn_kind = db_int(COUNT_TURN),
			.pair = db_int(login_guard_slot(&g->pair))),
		    SQL_OUT(login_count_list, .kind = db_get_int(&r->kind),
			.name = db_get_uuid(&r->name), .value = db_get_int(&r->value),
			.at = db_get_time(&r->at_us)),
		    count_note, r);
	g->known = known != 0;
	return rc;
}

static enum db_rc
turn_store(struct call *c, const struct login_guard *g, int64_t turn_us)
{
	return db_exec_any(c->db,
	    SQL_IN(login_turn_put, .kind = db_int(COUNT_TURN),
		.slot = db_int(login_guard_slot(&g->pair)), .name = db_uuid(&g->pair),
		.at = db_time(turn_us), .keep_s = db_int(LOGIN_TURN_S)),
	    NULL);
}

static enum db_rc
bucket_store(struct call *c, enum login_count kind, const struct uuid *name, const struct bucket *b)
{
	return db_exec_any(c->db,
	    SQL_IN(login_count_put, .kind = db_int(kind), .slot = db_int(login_guard_slot(name)),
		.name = db_uuid(name), .value = db_int(b->microtokens), .at = db_time(b->at_us)),
	    NULL);
}

static void
refuse_try(struct call *c, const struct login_verdict *v, const char *what)
{
	struct problem p = { 0 };
	int wait_s = (int)((v->wait_us + US_PER_S - 1) / US_PER_S);

	problem_set(&p, 429, "rate_limited",
	    arena_printf(c->mem, "Too many %s; try again in %d seconds.", what, wait_s));
	p.retry_after_s = wait_s;
	reply_problem(&c->reply, &p);
	if (v->network) {
		const char *network = client_network(c);

		log_counted(LOG_LVL_WARN, 1,
		    arena_printf(c->mem, "event=network_limited network=%s", network),
		    "event=network_limited network=%s what=\"%s\"", network, what);
	}
}

static struct bucket_rate
network_rate(const struct call *c, bool registration)
{
	const struct conf *conf = c->app->conf;

	return registration ? conf->register_pace : conf->login_pace;
}

/* False: the reply is a 429 or 503. */
static bool
try_allowed(
    struct call *c, bool registration, bool session, struct login_guard *g, struct count_row *r)
{
	enum login_count kind = registration ? COUNT_REGISTER : COUNT_NETWORK;
	struct bucket_rate rate = network_rate(c, registration);
	enum db_rc rc = facts_load(c, kind, g, r);
	struct login_verdict v;

	if (rc == DB_OK) {
		g->known = !registration && (g->known || session);
		r->facts.known = g->known;
		if (registration)
			r->facts.failed_at_us = TIME_NONE;
		v = login_rule_judge(&r->facts, &rate, c->now_us);
		if (v.wait_us == 0)
			return true;
		if (v.turn_us != TIME_NONE)
			rc = turn_store(c, g, v.turn_us);
	}
	if (rc == DB_OK)
		refuse_try(c, &v, registration ? "registrations" : "failed logins");
	else
		call_db_error(c, rc);
	return false;
}

/* In its place: counts it as failed. False: the reply is a 503. */
static bool
try_count(struct call *c, bool registration, const struct login_guard *g, struct count_row *r)
{
	struct bucket_rate rate = network_rate(c, registration);
	enum db_rc rc;

	login_rule_take(&r->facts, &rate, c->now_us);
	if (g->known)
		rc = bucket_store(c, COUNT_PAIR, &g->pair, &r->facts.pair);
	else
		rc = bucket_store(c, registration ? COUNT_REGISTER : COUNT_NETWORK, &g->network,
		    &r->facts.network);
	if (rc == DB_OK && !registration)
		rc = db_exec_any(c->db,
		    SQL_IN(login_failure_count, .kind = db_int(COUNT_ADDRESS),
			.slot = db_int(login_guard_slot(&g->address)), .name = db_uuid(&g->address),
			.forget_s = db_int(LOGIN_FORGET_S)),
		    NULL);
	if (rc == DB_OK && r->facts.turn_us != TIME_NONE)
		rc = db_exec_any(c->db,
		    SQL_IN(login_turn_delete, .kind = db_int(COUNT_TURN),
			.slot = db_int(login_guard_slot(&g->pair)), .name = db_uuid(&g->pair)),
		    NULL);
	if (rc != DB_OK)
		call_db_error(c, rc);
	return rc == DB_OK;
}

/* It is judged again in its place, as others may have come meanwhile. */
static bool
guard_enter(struct call *c, bool registration, bool session, struct login_guard *g)
{
	static const struct problem busy = { .status = 503,
		.code = "service_unavailable",
		.message = "Too many logins at once.",
		.remediation = "Repeat the request a little later.",
		.retry_after_s = 2 };
	struct count_row r;

	if (!try_allowed(c, registration, session, g, &r))
		return false;
	if (!places_enter(c->app->logins, &g->network, g->known, WAIT_MS)) {
		reply_problem(&c->reply, &busy);
		return false;
	}
	if (try_allowed(c, registration, session, g, &r) && try_count(c, registration, g, &r))
		return true;
	places_leave(c->app->logins);
	return false;
}

bool
login_guard_enter(struct call *c, const char *email, bool session, struct login_guard *g)
{
	login_guard_name(c, email, g);
	return guard_enter(c, false, session, g);
}

bool
login_guard_register(struct call *c, struct login_guard *g)
{
	login_guard_name(c, "", g);
	return guard_enter(c, true, false, g);
}

void
login_guard_leave(struct call *c)
{
	places_leave(c->app->logins);
}

static enum db_rc
place_store(struct call *c, const struct login_guard *g)
{
	return db_exec_any(c->db,
	    SQL_IN(login_place_put, .address = db_uuid(&g->address),
		.slot = db_int(g->network.b[15] & PLACES_MASK), .network = db_uuid(&g->network)),
	    NULL);
}

enum db_rc
login_guard_good(struct call *c, const struct login_guard *g)
{
	enum login_count kind = g->known ? COUNT_PAIR : COUNT_NETWORK;
	enum db_rc rc = db_exec_any(c->db,
	    SQL_IN(login_count_give, .kind = db_int(kind),
		.slot = db_int(login_guard_slot(g->known ? &g->pair : &g->network)),
		.token = db_int(TOKEN)),
	    NULL);

	if (rc == DB_OK)
		rc = db_exec_any(c->db,
		    SQL_IN(login_failure_clear, .kind = db_int(COUNT_ADDRESS),
			.slot = db_int(login_guard_slot(&g->address))),
		    NULL);
	return rc == DB_OK ? place_store(c, g) : rc;
}

enum db_rc
login_guard_registered(struct call *c, const char *email)
{
	struct login_guard g;

	login_guard_name(c, email, &g);
	return place_store(c, &g);
}
