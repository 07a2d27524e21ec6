/* The table of endpoints being served: chains by the random end of their ids. */
#include "worker/deliver/deliver_endpoint.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/xalloc.h"

#define CHAINS 1024
#define IDLE_US (60 * US_PER_S)
#define AHEAD_US (500 * US_PER_MS)
#define AHEAD_MAX 256

struct deliver_endpoints {
	struct deliver_endpoint *chain[CHAINS];
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
	free(e);
}

void
deliver_endpoint_free(struct deliver_endpoints *t)
{
	struct deliver_endpoint *e;

	for (size_t i = 0; i < CHAINS; i++)
		while ((e = t->chain[i]) != NULL) {
			t->chain[i] = e->next;
			endpoint_free(e);
		}
	free(t);
}

size_t
deliver_endpoint_count(const struct deliver_endpoints *t)
{
	return t->count;
}

static struct deliver_endpoint **
chain_of(struct deliver_endpoints *t, const struct uuid *id)
{
	return &t->chain[(id->b[14] * 256u + id->b[15]) % CHAINS];
}

struct deliver_endpoint *
deliver_endpoint_find(struct deliver_endpoints *t, const struct uuid *id)
{
	struct deliver_endpoint *e = *chain_of(t, id);

	while (e != NULL && !uuid_equal(&e->webhook_id, id))
		e = e->next;
	return e;
}

struct deliver_endpoint *
deliver_endpoint_get(struct deliver_endpoints *t, const struct uuid *id)
{
	struct deliver_endpoint *e = deliver_endpoint_find(t, id), **chain = chain_of(t, id);

	if (e != NULL)
		return e;
	e = xcalloc(1, sizeof(*e));
	e->webhook_id = *id;
	e->each_us = DELIVER_ENDPOINT_EACH_US;
	e->tail = &e->head;
	e->next = *chain;
	*chain = e;
	t->count++;
	return e;
}

void
deliver_endpoint_each(
    struct deliver_endpoints *t, void (*each)(struct deliver_endpoint *e, void *arg), void *arg)
{
	for (size_t i = 0; i < CHAINS; i++)
		for (struct deliver_endpoint *e = t->chain[i]; e != NULL; e = e->next)
			each(e, arg);
}

void
deliver_endpoint_sweep(struct deliver_endpoints *t, int64_t mono_us)
{
	for (size_t i = 0; i < CHAINS; i++) {
		struct deliver_endpoint **p = &t->chain[i], *e;

		while ((e = *p) != NULL) {
			if (e->active > 0 || e->queued > 0 || mono_us - e->used_us < IDLE_US) {
				p = &e->next;
				continue;
			}
			*p = e->next;
			t->count--;
			endpoint_free(e);
		}
	}
}

void
deliver_endpoint_queue(struct deliver_endpoint *e, struct delivery *d)
{
	d->next = NULL;
	*e->tail = d;
	e->tail = &d->next;
	e->queued++;
}

struct delivery *
deliver_endpoint_pop(struct deliver_endpoint *e)
{
	struct delivery *d = e->head;

	if (d == NULL)
		return NULL;
	e->head = d->next;
	if (e->head == NULL)
		e->tail = &e->head;
	e->queued--;
	d->next = NULL;
	return d;
}

void
deliver_endpoint_latency(struct deliver_endpoint *e, int64_t us)
{
	e->each_us += (us - e->each_us) / 8;
	if (e->each_us < 1)
		e->each_us = 1;
}

int64_t
deliver_endpoint_cap(int64_t places, int64_t each_us)
{
	int64_t ahead = places * AHEAD_US / each_us;

	return places + (ahead < AHEAD_MAX ? ahead : AHEAD_MAX);
}
