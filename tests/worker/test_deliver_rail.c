/* The rail: whose delivery starts next. */
#include "worker/deliver/deliver_rail.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/xalloc.h"
#include "tests/tap.h"

static const struct deliver_rail_limits limits = { 200, 20, 10 };

struct rail {
	struct deliver_endpoints *endpoints;
	struct deliver_rail *r;
	unsigned started[256]; /* of each organization */
};

static struct rail
rail_new(void)
{
	struct rail k = { .endpoints = deliver_endpoint_table(), .r = deliver_rail_new(&limits) };

	return k;
}

static void
rail_free(struct rail *k)
{
	deliver_rail_free(k->r);
	deliver_endpoint_free(k->endpoints);
}

/* `n` deliveries of an organization for one of its endpoints, which is at `host`. */
static struct deliver_endpoint *
queue_some(struct rail *k, unsigned char organization, unsigned char endpoint, unsigned char host,
    unsigned n)
{
	struct uuid id = { .b = { organization, endpoint, 1 } };
	struct deliver_endpoint *e = deliver_endpoint_get(k->endpoints, &id);

	while (n-- > 0) {
		struct delivery *d = xcalloc(1, sizeof *d);

		d->webhook_id = id;
		d->organization_id = (struct uuid){ .b = { [15] = organization } };
		d->host = (struct uuid){ .b = { [0] = host, [14] = 7 } };
		deliver_rail_queue(k->r, e, d);
	}
	return e;
}

/* Starts up to `most`; they stay under way for ever. */
static unsigned
start_some(struct rail *k, unsigned most)
{
	struct deliver_endpoint *e;
	struct delivery *d;
	unsigned n = 0;

	deliver_rail_again(k->r);
	while (n < most && (d = deliver_rail_next(k->r, &e)) != NULL) {
		k->started[d->organization_id.b[15]]++;
		n++;
		free(d);
	}
	return n;
}

static void
test_quarter(void)
{
	struct rail k = rail_new();
	unsigned n;

	for (unsigned char e = 0; e < 40; e++)
		queue_some(&k, 1, e, e, 60);
	n = start_some(&k, 1000);
	ok(n > 45 && n <= 50, "one organization has at most a quarter of the places");
	queue_some(&k, 2, 0, 100, 1);
	is_int(start_some(&k, 1000), 1, "another one's delivery starts at once");
	for (unsigned char o = 3; o < 60; o++)
		for (unsigned char e = 0; e < 5; e++)
			queue_some(&k, o, e, (unsigned char)(o + e), 9);
	(void)start_some(&k, 1000);
	queue_some(&k, 200, 0, 255, 1);
	is_int(start_some(&k, 1000), 1, "also when sixty want all they can get");
	rail_free(&k);
}

static void
test_turns(void)
{
	struct rail k = rail_new();

	for (unsigned char e = 0; e < 20; e++)
		queue_some(&k, 1, e, e, 10);
	queue_some(&k, 2, 0, 100, 5);
	queue_some(&k, 3, 0, 101, 1);
	is_int(start_some(&k, 9), 9, "nine places became free");
	ok(k.started[1] == 4 && k.started[2] == 4 && k.started[3] == 1,
	    "organizations take turns, however much each has");
	rail_free(&k);
}

static void
test_host(void)
{
	struct rail k = rail_new();
	unsigned all = 0;

	for (unsigned char e = 0; e < 10; e++)
		queue_some(&k, 1, e, 1, 10);
	is_int(start_some(&k, 1000), 15, "one organization has three quarters of a host's places");
	for (unsigned char o = 2; o < 40; o++)
		queue_some(&k, o, 0, 1, 10);
	(void)start_some(&k, 1000);
	is_int(start_some(&k, 1000), 0, "a host has a limit over all tenants");
	for (size_t i = 0; i < 256; i++)
		all += k.started[i];
	ok(all > 15 && all <= 20, "which is twenty");
	queue_some(&k, 50, 0, 2, 10);
	is_int(start_some(&k, 1000), 10, "another host is not concerned");
	rail_free(&k);
}

/* One that hangs leaves places to the others of its organization, at the same host, too. */
static void
test_own_others(void)
{
	struct rail k = rail_new();
	struct deliver_endpoint *hangs = queue_some(&k, 1, 0, 1, 20);

	is_int(start_some(&k, 1000), 10, "an endpoint alone at its host has its ten places");
	for (unsigned char e = 1; e < 3; e++)
		queue_some(&k, 1, e, 1, 20);
	ok(start_some(&k, 1000) >= 2 && hangs->active == 10, "others at this host start, too");
	ok(queue_some(&k, 1, 1, 1, 0)->active > 0 && queue_some(&k, 1, 2, 1, 0)->active > 0,
	    "each of them");
	for (unsigned char e = 3; e < 20; e++)
		queue_some(&k, 1, e, e, 20);
	(void)start_some(&k, 1000);
	ok(k.started[1] > 45 && k.started[1] <= 50, "all together have their quarter");
	rail_free(&k);
}

static void
test_slow(void)
{
	struct rail k = rail_new();
	struct deliver_endpoint *e = queue_some(&k, 1, 1, 1, 20);
	struct deliver_endpoint *out;
	struct delivery *d;

	e->each_us = 5 * US_PER_S;
	is_int(start_some(&k, 1000), 2, "an endpoint that takes 5 s has a fifth of its places");
	e->each_us = US_PER_S;
	is_int(start_some(&k, 1000), 8, "when it is fast again it has all");
	queue_some(&k, 1, 2, 2, 1);
	deliver_rail_again(k.r);
	d = deliver_rail_next(k.r, &out);
	ok(d != NULL && out != e, "a full endpoint does not keep its organization's others");
	deliver_rail_over(k.r, out, d);
	is_int(out->active, 0, "it is over");
	free(d);
	rail_free(&k);
}

int
main(void)
{
	test_quarter();
	test_turns();
	test_host();
	test_own_others();
	test_slow();
	return tap_done();
}
