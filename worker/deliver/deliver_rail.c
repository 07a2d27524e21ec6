/*
 * Organizations in a ring, each with a ring of its endpoints. Invariants: an endpoint with a queue
 * is in the ring of its organization; an organization lives as long as its ring is not empty.
 */
#include "worker/deliver/deliver_rail.h"

#include <stdlib.h>

#include "lib/xalloc.h"
#include "lib/fair_places.h"

#define ORGANIZATION_PART 4
#define CHAINS 256

struct deliver_ring {
	struct uuid id; /* of the organization */
	TAILQ_HEAD(, deliver_endpoint) endpoints;
	size_t len;
	bool blocked; /* on r->blocked */
	TAILQ_ENTRY(deliver_ring) turn;
	LIST_ENTRY(deliver_ring) chain;
};
TAILQ_HEAD(ring_list, deliver_ring);

struct deliver_rail {
	struct deliver_rail_limits limits;
	struct fair_places *organizations; /* who holds how many of all places */
	struct fair_places *hosts;         /* how many are held of each host */
	struct fair_places *host_shares;   /* and of them by each organization */
	struct ring_list waiting, blocked;
	LIST_HEAD(, deliver_ring) chains[CHAINS];
};

struct deliver_rail *
deliver_rail_new(const struct deliver_rail_limits *limits)
{
	struct deliver_rail *r = xcalloc(1, sizeof(*r));

	r->limits = *limits;
	r->organizations = fair_places_new((size_t)limits->in_flight, ORGANIZATION_PART);
	r->hosts = fair_places_new((size_t)limits->in_flight, 1);
	r->host_shares = fair_places_new((size_t)limits->in_flight, 1);
	TAILQ_INIT(&r->waiting);
	TAILQ_INIT(&r->blocked);
	return r;
}

/* One that waits. */
static void
ring_free(struct deliver_rail *r, struct deliver_ring *o)
{
	TAILQ_REMOVE(&r->waiting, o, turn);
	LIST_REMOVE(o, chain);
	free(o);
}

void
deliver_rail_free(struct deliver_rail *r)
{
	struct deliver_ring *o, *next;

	deliver_rail_again(r);
	for (o = TAILQ_FIRST(&r->waiting); o != NULL; o = next) {
		next = TAILQ_NEXT(o, turn);
		ring_free(r, o);
	}
	fair_places_free(r->organizations);
	fair_places_free(r->hosts);
	fair_places_free(r->host_shares);
	free(r);
}

static struct deliver_ring *
ring_of(struct deliver_rail *r, const struct uuid *organization)
{
	size_t i = organization->b[15] % CHAINS;
	struct deliver_ring *o;

	LIST_FOREACH(o, &r->chains[i], chain)
	if (uuid_equal(&o->id, organization))
		return o;
	o = xcalloc(1, sizeof(*o));
	o->id = *organization;
	TAILQ_INIT(&o->endpoints);
	LIST_INSERT_HEAD(&r->chains[i], o, chain);
	TAILQ_INSERT_TAIL(&r->waiting, o, turn);
	return o;
}

void
deliver_rail_queue(struct deliver_rail *r, struct deliver_endpoint *e, struct delivery *d)
{
	deliver_endpoint_queue(e, d);
	if (e->ring != NULL)
		return;
	e->ring = ring_of(r, &d->organization_id);
	e->ring->len++;
	TAILQ_INSERT_TAIL(&e->ring->endpoints, e, turn);
}

void
deliver_rail_again(struct deliver_rail *r)
{
	struct deliver_ring *o;

	TAILQ_FOREACH(o, &r->blocked, turn)
	o->blocked = false;
	TAILQ_CONCAT(&r->waiting, &r->blocked, turn);
}

/* One organization's share of one host. */
static struct uuid
host_share(const struct delivery *d)
{
	struct uuid u = d->host;

	for (size_t i = 0; i < sizeof u.b; i++)
		u.b[i] ^= d->organization_id.b[i];
	return u;
}

/*
 * What is left for the organization over all, and at the host of `d` (of which it gets at most
 * three quarters). An endpoint leaves some of it to the others of its organization, too.
 */
static bool
delivery_may_start(
    const struct deliver_rail *r, const struct deliver_endpoint *e, const struct delivery *d)
{
	struct uuid share = host_share(d);
	int64_t active = e->active, here = (int64_t)fair_places_held(r->hosts, &d->host), left;

	if (active >= deliver_endpoint_places(r->limits.per_endpoint, e->each_us) ||
	    4 * active >= fair_places_slack(r->organizations, &d->organization_id))
		return false;
	left = 3 * (r->limits.per_host - here) - (int64_t)fair_places_held(r->host_shares, &share);
	return here < r->limits.per_host && 2 * active < left;
}

static struct delivery *
delivery_take(struct deliver_rail *r, struct deliver_endpoint *e)
{
	struct delivery *d = deliver_endpoint_pop(e);
	struct uuid share = host_share(d);

	e->active++;
	fair_places_take(r->organizations, &d->organization_id);
	fair_places_take(r->hosts, &d->host);
	fair_places_take(r->host_shares, &share);
	return d;
}

void
deliver_rail_over(struct deliver_rail *r, struct deliver_endpoint *e, const struct delivery *d)
{
	struct uuid share = host_share(d);

	e->active--;
	fair_places_give(r->organizations, &d->organization_id);
	fair_places_give(r->hosts, &d->host);
	fair_places_give(r->host_shares, &share);
}

/* The next of this organization; NULL: none may start, and `o` is blocked or gone. */
static struct delivery *
ring_next(struct deliver_rail *r, struct deliver_ring *o, struct deliver_endpoint **out)
{
	for (size_t n = o->len; n > 0; n--) {
		struct deliver_endpoint *e = TAILQ_FIRST(&o->endpoints);

		TAILQ_REMOVE(&o->endpoints, e, turn);
		if (e->queued == 0) {
			e->ring = NULL;
			o->len--;
			continue;
		}
		TAILQ_INSERT_TAIL(&o->endpoints, e, turn);
		if (!delivery_may_start(r, e, STAILQ_FIRST(&e->queue)))
			continue;
		TAILQ_REMOVE(&r->waiting, o, turn);
		TAILQ_INSERT_TAIL(&r->waiting, o, turn);
		*out = e;
		return delivery_take(r, e);
	}
	if (o->len == 0) {
		ring_free(r, o);
		return NULL;
	}
	TAILQ_REMOVE(&r->waiting, o, turn);
	TAILQ_INSERT_TAIL(&r->blocked, o, turn);
	o->blocked = true;
	return NULL;
}

struct delivery *
deliver_rail_next(struct deliver_rail *r, struct deliver_endpoint **e)
{
	struct deliver_ring *o, *next;
	struct delivery *d;

	/* One that gives nothing leaves the line. */
	for (o = TAILQ_FIRST(&r->waiting); o != NULL; o = next) {
		next = TAILQ_NEXT(o, turn);
		d = ring_next(r, o, e);
		if (d != NULL)
			return d;
	}
	return NULL;
}
