/* Endpoints: the table, the queue of each, its average latency, and the cap that follows from it.
 */
#include "worker/deliver/deliver_endpoint.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/xalloc.h"
#include "tests/tap.h"

/* All ids with the same last bytes share a chain of the table. */
static struct uuid
id_of(unsigned char first, unsigned char last)
{
	struct uuid u = { .b = { [0] = first, [15] = last } };

	return u;
}

static void
test_table(void)
{
	struct deliver_endpoints *t = deliver_endpoint_table();
	struct uuid a = id_of(1, 7), b = id_of(2, 7), c = id_of(3, 8);
	struct deliver_endpoint *e = deliver_endpoint_get(t, &a);

	is_int(e->each_us, DELIVER_ENDPOINT_EACH_US, "a new endpoint has the default latency");
	ok(deliver_endpoint_get(t, &a) == e, "the same id is the same endpoint");
	ok(deliver_endpoint_find(t, &b) == NULL, "an unknown id of the same chain is not found");
	ok(deliver_endpoint_get(t, &b) != e, "another id of the same chain is another endpoint");
	ok(deliver_endpoint_get(t, &c) != NULL, "an id of another chain");
	is_int((int64_t)deliver_endpoint_count(t), 3, "three endpoints");

	e->used_us = 100 * US_PER_S;
	e->active = 1;
	deliver_endpoint_get(t, &b)->used_us = 100 * US_PER_S;
	deliver_endpoint_get(t, &c)->used_us = 130 * US_PER_S;
	deliver_endpoint_sweep(t, 159 * US_PER_S);
	is_int((int64_t)deliver_endpoint_count(t), 3, "none was idle for a minute");
	deliver_endpoint_sweep(t, 160 * US_PER_S);
	ok(deliver_endpoint_find(t, &b) == NULL, "an endpoint idle for a minute is removed");
	ok(deliver_endpoint_find(t, &a) == e, "one with an active delivery stays");
	ok(deliver_endpoint_find(t, &c) != NULL, "one used later stays");
	deliver_endpoint_free(t);
}

static void
test_queue(void)
{
	struct deliver_endpoints *t = deliver_endpoint_table();
	struct uuid id = id_of(1, 1);
	struct deliver_endpoint *e = deliver_endpoint_get(t, &id);
	struct delivery *first = xcalloc(1, sizeof(*first)), *second = xcalloc(1, sizeof(*second));

	ok(deliver_endpoint_pop(e) == NULL, "the queue starts empty");
	deliver_endpoint_queue(e, first);
	deliver_endpoint_queue(e, second);
	is_int(e->queued, 2, "two are queued");
	ok(deliver_endpoint_pop(e) == first, "the first comes out first");
	deliver_endpoint_queue(e, first);
	ok(deliver_endpoint_pop(e) == second, "then the second");
	ok(deliver_endpoint_pop(e) == first, "then the one queued again");
	ok(deliver_endpoint_pop(e) == NULL && e->queued == 0,
	    "the endpoint's queue is empty again");
	deliver_endpoint_queue(e, first);
	deliver_endpoint_sweep(t, e->used_us + 3600 * US_PER_S);
	is_int((int64_t)deliver_endpoint_count(t), 1, "an endpoint with a queue is never swept");
	deliver_endpoint_free(t); /* frees the queued one */
	free(second);
}

static void
test_latency(void)
{
	struct deliver_endpoint e = { .each_us = 80000 };

	deliver_endpoint_latency(&e, 160000);
	is_int(e.each_us, 90000, "an eighth of the difference is added");
	deliver_endpoint_latency(&e, 10000);
	is_int(e.each_us, 80000, "or subtracted");
	for (int i = 0; i < 200; i++)
		deliver_endpoint_latency(&e, 0);
	ok(e.each_us >= 1, "the average never reaches 0");
}

static void
test_cap(void)
{
	static const struct {
		int64_t places, each_us, want;
		const char *name;
	} rows[] = {
		{ 10, 50000, 110, "50 ms: ten rounds in half a second, and the places" },
		{ 10, 500000, 20, "half a second: one round ahead" },
		{ 10, 1000000, 15, "a second: all places" },
		{ 10, 1100000, 13, "longer: fewer places" },
		{ 10, 5000000, 2, "5 s: two places, none becomes free so soon" },
		{ 1, 5000000, 1, "5 s, one place: nothing ahead" },
		{ 10, 1, 266, "a fast endpoint has at most 256 ahead" },
		{ 1000, INT64_MAX, 1, "an endpoint that never answers" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_int(deliver_endpoint_cap(rows[i].places, rows[i].each_us), rows[i].want,
		    rows[i].name);
}

int
main(void)
{
	test_table();
	test_queue();
	test_latency();
	test_cap();
	return tap_done();
}
