/* The table of endpoints being served: chains by the random end of their ids. */
#include "worker/deliver/deliver_endpoint.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/xalloc.h"

#define CHAINS 1024
#define IDLE_US (60 * US_PER_S)
#define SLOW_US US_PER_S /* an endpoint slower than this gets fewer places */
#define AHEAD_US (500 * US_PER_MS)
#define AHEAD_MAX 256

struct deliver_endpoints {
	LIST_HEAD(chain, deliver_endpoint) chains[CHAINS];
	size_t count;
};

struct deliver_endpoints *
deliver_endpoint_table(void)
{
	return xcalloc(1, sizeof(struct deliver_endpoints));
}

static void
endpoint_free(struct deliver_endpoint *e)
{
	struct delivery *d;

	while ((d = deliver_endpoint_pop(e)) != NULL)
		free(d);
	LIST_REMOVE(e, link);
	free(e);
}

void
deliver_endpoint_free(struct deliver_endpoints *t)
{
	struct deliver_endpoint *e;

	for (size_t i = 0; i < CHAINS; i++)
		while ((e = LIST_FIRST(&t->chains[i])) != NULL)
			endpoint_free(e);
	free(t);
}

size_t
deliver_endpoint_count(const struct deliver_endpoints *t)
{
	return t->count;
}

static struct chain *
chain_of(struct deliver_endpoints *t, const struct uuid *id)
{
	return &t->chains[(id->b[14] * 256u + id->b[15]) % CHAINS];
}

struct deliver_endpoint *
deliver_endpoint_find(struct deliver_endpoints *t, const struct uuid *id)
{
	struct deliver_endpoint *e;

	LIST_FOREACH(e, chain_of(t, id), link)
	if (uuid_equal(&e->webhook_id, id))
		return e;
	return NULL;
}

struct deliver_endpoint *
deliver_endpoint_get(struct deliver_endpoints *t, const struct uuid *id)
{
	struct deliver_endpoint *e = deliver_endpoint_find(t, id);

	if (e != NULL)
		return e;
	e = xcalloc(1, sizeof(*e));
	e->webhook_id = *id;
	e->each_us = DELIVER_ENDPOINT_EACH_US;
	STAILQ_INIT(&e->queue);
	LIST_INSERT_HEAD(chain_of(t, id), e, link);
	t->count++;
	return e;
}

void
deliver_endpoint_each(
    struct deliver_endpoints *t, void (*each)(struct deliver_endpoint *e, void *arg), void *arg)
{
	struct deliver_endpoint *e;

	for (size_t i = 0; i < CHAINS; i++)
		LIST_FOREACH(e, &t->chains[i], link)
	each(e, arg);
}

void
deliver_endpoint_sweep(struct deliver_endpoints *t, int64_t mono_us)
{
	for (size_t i = 0; i < CHAINS; i++) {
		for (struct deliver_endpoint *e = LIST_FIRST(&t->chains[i]), *next; e != NULL;
		     e = next) {
			next = LIST_NEXT(e, link);
			if (e->active > 0 || e->queued > 0 || e->ring != NULL ||
			    mono_us - e->used_us < IDLE_US)
				continue;
			t->count--;
			endpoint_free(e);
		}
	}
}

void
deliver_endpoint_queue(struct deliver_endpoint *e, struct delivery *d)
{
	STAILQ_INSERT_TAIL(&e->queue, d, link);
	e->queued++;
}

struct delivery *
deliver_endpoint_pop(struct deliver_endpoint *e)
{
	struct delivery *d = STAILQ_FIRST(&e->queue);

	if (d == NULL)
		return NULL;
	STAILQ_REMOVE_HEAD(&e->queue, link);
	e->queued--;
	return d;
}

void
deliver_endpoint_latency(struct deliver_endpoint *e, int64_t us)
{
	e->each_us += (us - e->each_us) / 8;
	if (e->each_us < 1)
		e->each_us = 1;
}

unsigned
deliver_endpoint_places(int64_t in_flight_max, int64_t each_us)
{
	int64_t places = each_us > SLOW_US ? in_flight_max * SLOW_US / each_us : in_flight_max;

	return places > 1 ? (unsigned)places : 1;
}

int64_t
deliver_endpoint_cap(int64_t in_flight_max, int64_t each_us)
{
	int64_t places = deliver_endpoint_places(in_flight_max, each_us);
	int64_t ahead = places * AHEAD_US / each_us;

	return places + (ahead < AHEAD_MAX ? ahead : AHEAD_MAX);
}
