/* Invariant: `taken` is the sum of all counts, and no holder has a count of zero. */
#include "lib/fair_places.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "lib/xalloc.h"

#define CHAINS 512

struct holder {
	struct uuid who;
	size_t held;
	int64_t slot_us; /* the last that was given to one who was put off */
	LIST_ENTRY(holder) link;
};

struct fair_places {
	size_t most, part, taken;
	int64_t slot_us; /* likewise, of holders that have none */
	LIST_HEAD(holder_chain, holder) chains[CHAINS];
};

struct fair_places *
fair_places_new(size_t most, size_t part)
{
	struct fair_places *p = xcalloc(1, sizeof(*p));

	p->most = most > 0 ? most : 1;
	p->part = part > 0 ? part : 1;
	return p;
}

static struct holder *
holder_find(const struct fair_places *p, const struct uuid *who)
{
	struct holder *h;

	LIST_FOREACH(h, &p->chains[uuid_place(who, CHAINS)], link)
	if (uuid_equal(&h->who, who))
		return h;
	return NULL;
}

static struct holder *
holder_new(struct fair_places *p, const struct uuid *who)
{
	struct holder *h = xcalloc(1, sizeof(*h));

	h->who = *who;
	LIST_INSERT_HEAD(&p->chains[uuid_place(who, CHAINS)], h, link);
	return h;
}

struct fair_places *
fair_places_copy(const struct fair_places *p)
{
	struct fair_places *copy = fair_places_new(p->most, p->part);
	const struct holder *h;

	copy->taken = p->taken;
	copy->slot_us = p->slot_us;
	for (size_t i = 0; i < CHAINS; i++) {
		LIST_FOREACH(h, &p->chains[i], link)
		{
			struct holder *same = holder_new(copy, &h->who);

			same->held = h->held;
			same->slot_us = h->slot_us;
		}
	}
	return copy;
}

void
fair_places_free(struct fair_places *p)
{
	struct holder *h;

	for (size_t i = 0; p != NULL && i < CHAINS; i++)
		while ((h = LIST_FIRST(&p->chains[i])) != NULL) {
			LIST_REMOVE(h, link);
			free(h);
		}
	free(p);
}

size_t
fair_places_held(const struct fair_places *p, const struct uuid *who)
{
	const struct holder *h = holder_find(p, who);

	return h != NULL ? h->held : 0;
}

size_t
fair_places_taken(const struct fair_places *p)
{
	return p->taken;
}

int64_t
fair_places_slack(const struct fair_places *p, const struct uuid *who)
{
	int64_t left = (int64_t)p->most - (int64_t)p->taken;

	return left > 0 ? left - (int64_t)(fair_places_held(p, who) * (p->part - 1)) : 0;
}

bool
fair_places_open(const struct fair_places *p, const struct uuid *who)
{
	return fair_places_slack(p, who) > 0;
}

int64_t
fair_places_put_off(
    struct fair_places *p, const struct uuid *who, int64_t now_us, int64_t each_us, int64_t most_us)
{
	struct holder *h = holder_find(p, who);
	int64_t *slot = h != NULL ? &h->slot_us : &p->slot_us;

	if (*slot < now_us)
		*slot = now_us;
	*slot += each_us;
	if (*slot > now_us + most_us)
		*slot = now_us + most_us;
	return *slot;
}

void
fair_places_put_off_at(struct fair_places *p, const struct uuid *who, int64_t at_us)
{
	struct holder *h = holder_find(p, who);

	if (h != NULL)
		h->slot_us = at_us;
	else
		p->slot_us = at_us;
}

void
fair_places_take(struct fair_places *p, const struct uuid *who)
{
	struct holder *h = holder_find(p, who);

	if (h == NULL)
		h = holder_new(p, who);
	h->held++;
	p->taken++;
}

void
fair_places_give(struct fair_places *p, const struct uuid *who)
{
	struct holder *h = holder_find(p, who);

	if (h == NULL)
		return;
	p->taken--;
	if (--h->held > 0)
		return;
	LIST_REMOVE(h, link);
	free(h);
}
