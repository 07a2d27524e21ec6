/*
 * Admits requests to the threads. Invariant: what a call holds is noted in c->admitted, and given
 * back by admit_end() only.
 */
#include "app/http/admit.h"

#include <stdlib.h>
#include <string.h>

#include "app/http/call.h"
#include "app/http/meters.h"
#include "app/http/ratelimit.h"
#include "app/http/shares.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/xalloc.h"

/*
 * Short requests of one client that come together only wait for each other. The threads they wait
 * with are everybody's, so no longer than others may have to: 100 ms with what is to be done.
 */
#define PATIENCE_US (80 * US_PER_MS)
#define PENANCE_US (20 * US_PER_S)

struct admit {
	struct meters *credentials;
	struct shares *projects, *organizations, *long_ones, *long_organizations;
	int organization; /* requests in hand of one, and */
};

/* Bits of c->admitted. */
enum { HOLDS_PROJECT = 1, HOLDS_ORGANIZATION = 2, HOLDS_LONG = 4, HOLDS_LONG_ORGANIZATION = 8 };

struct admit *
admit_new(const struct conf *conf)
{
	struct admit *a = xcalloc(1, sizeof(*a));
	int threads = (int)conf->threads, part = threads > 3 ? threads / 4 : 1;
	static const struct limit_own none;
	int in_hand = (int)limit_value(conf, &none, LIMIT_REQUESTS_IN_HAND);
	int longs = (int)limit_value(conf, &none, LIMIT_LONG_REQUESTS_IN_HAND);

	a->credentials = meters_new();
	a->projects = shares_new(threads, in_hand);
	/* production and sandbox together leave some to the others */
	a->organization = in_hand > threads - part ? in_hand : threads - part;
	a->organizations = shares_new(threads, a->organization);
	a->long_ones = shares_new(threads - part, longs);
	a->long_organizations = shares_new(threads - part, longs + (longs + 1) / 2);
	return a;
}

void
admit_free(struct admit *a)
{
	if (a == NULL)
		return;
	meters_free(a->credentials);
	shares_free(a->projects);
	shares_free(a->organizations);
	shares_free(a->long_ones);
	shares_free(a->long_organizations);
	free(a);
}

static void
admit_refuse(struct call *c, const char *message, const char *remediation, int64_t wait_s)
{
	struct problem p = { 0 };

	problem_set(&p, 429, "rate_limited", message);
	p.remediation = remediation;
	p.retry_after_s = (int)wait_s;
	reply_problem(&c->reply, &p);
}

struct bucket_rate
admit_rate(const struct call *c)
{
	struct bucket_rate rate = c->app->conf->limits.requests;

	rate.capacity = limit_value(c->app->conf, &c->own, LIMIT_REQUESTS_BURST);
	if (limit_is_own(&c->own, LIMIT_REQUESTS_PER_S))
		rate.interval_us = US_PER_S / c->own.value[LIMIT_REQUESTS_PER_S];
	return rate;
}

/* A person's sessions share one bucket: a new session is had for the asking. */
static bool
meter_credential(struct call *c)
{
	/* a status token is in many hands, and has little to read */
	static const struct bucket_rate poller = { .capacity = 300, .interval_us = US_PER_S / 5 };
	const struct bucket_rate rate = c->who.kind == WHO_POLLER ? poller : admit_rate(c);
	const struct uuid *who = c->who.kind == WHO_SESSION ? &c->who.user_id : &c->who.key_id;
	struct meter m = meters_take(c->app->admit->credentials, who, &rate, clock_mono_us());

	c->meter_left = m.remaining;
	c->reply.rate_policy = ratelimit_policy(&rate, c->mem);
	c->reply.rate_state = ratelimit_state(&m, c->mem);
	if (!m.granted)
		admit_refuse(c, "Too many requests with this credential.",
		    "Wait as long as Retry-After says; RateLimit tells how many requests are left.",
		    m.reset_s);
	return m.granted;
}

static bool
place_hold(struct call *c, struct shares *s, const struct uuid *who, int each, unsigned bit)
{
	if (uuid_is_nil(who))
		return true;
	if (!shares_acquire_within(s, who, each, PATIENCE_US, PENANCE_US))
		return false;
	c->admitted |= bit;
	return true;
}

/* Whoever waits for a place among the long ones has no other place meanwhile. */
static bool
places_hold(struct call *c, bool takes_long)
{
	struct admit *a = c->app->admit;
	int in_hand = (int)limit_value(c->app->conf, &c->own, LIMIT_REQUESTS_IN_HAND);
	int longs = (int)limit_value(c->app->conf, &c->own, LIMIT_LONG_REQUESTS_IN_HAND);
	int all = in_hand > a->organization ? in_hand : a->organization;

	c->admitted_for = c->who.project_id;
	if (takes_long && (!place_hold(c, a->long_ones, &c->admitted_for, longs, HOLDS_LONG) ||
			      !place_hold(c, a->long_organizations, &c->who.organization_id,
				  longs + (longs + 1) / 2, HOLDS_LONG_ORGANIZATION))) {
		admit_refuse(c,
		    "Too many searches, exports, imports or other long requests are being "
		    "answered.",
		    "Send them one after the other. The operator can permit more: [limits] "
		    "long_in_hand.",
		    1);
		return false;
	}
	if (!place_hold(c, a->projects, &c->admitted_for, in_hand, HOLDS_PROJECT) ||
	    !place_hold(c, a->organizations, &c->who.organization_id, all, HOLDS_ORGANIZATION)) {
		admit_refuse(c, "Too many requests of this project are being answered.",
		    "Send fewer requests at a time. The operator can permit more: [limits] "
		    "requests_in_hand.",
		    1);
		return false;
	}
	return true;
}

static void
places_give_back(struct call *c)
{
	struct admit *a = c->app->admit;

	if (c->admitted & HOLDS_LONG_ORGANIZATION)
		shares_release(a->long_organizations, &c->who.organization_id);
	if (c->admitted & HOLDS_LONG)
		shares_release(a->long_ones, &c->admitted_for);
	if (c->admitted & HOLDS_ORGANIZATION)
		shares_release(a->organizations, &c->who.organization_id);
	if (c->admitted & HOLDS_PROJECT)
		shares_release(a->projects, &c->admitted_for);
	c->admitted = 0;
}

bool
admit_call(struct call *c, enum route_size size)
{
	if (!meter_credential(c) || !places_hold(c, size == SIZE_LONG || ROUTE_UPLOADS(size)))
		return false;
	c->in_time = size != SIZE_SMALL && strcmp(c->req->method, "POST") != 0;
	if (c->in_time)
		db_limit_time(c->db, c->app->conf->limits.statement_ms);
	return true;
}

bool
admit_long(struct call *c)
{
	if (c->admitted & HOLDS_LONG)
		return true;
	places_give_back(c);
	return places_hold(c, true);
}

void
admit_end(struct call *c)
{
	places_give_back(c);
	db_limit_time(c->db, 0);
}

void
admit_uses(const struct call *c, struct admit_use *in_hand, struct admit_use *in_hand_long)
{
	const struct admit *a = c->app->admit;
	const struct conf *conf = c->app->conf;
	const struct uuid *project = &c->who.project_id;

	in_hand->used = shares_held(a->projects, project);
	in_hand->limit = (int)limit_value(conf, &c->own, LIMIT_REQUESTS_IN_HAND);
	in_hand_long->used = shares_held(a->long_ones, project);
	in_hand_long->limit = (int)limit_value(conf, &c->own, LIMIT_LONG_REQUESTS_IN_HAND);
}
