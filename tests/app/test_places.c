#include "app/http/places.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "lib/log.h"
#include "tests/tap.h"

static const struct uuid one = { { 1 } }, two = { { 2 } }, three = { { 3 } };

struct guest {
	struct places *places;
	const struct uuid *who;
	bool known;
	int64_t wait_ms;
	atomic_int *order; /* counts those that got in */
	int got;           /* 0: not in */
	pthread_t thread;
};

static void *
guest_run(void *arg)
{
	struct guest *g = arg;

	if (places_enter(g->places, g->who, g->known, g->wait_ms)) {
		g->got = atomic_fetch_add(g->order, 1) + 1;
		places_leave(g->places);
	}
	return NULL;
}

/* Starts one that waits, and returns when it is inside. */
static void
guest_come(struct guest *g)
{
	uint64_t before = places_come(g->places);

	if (pthread_create(&g->thread, NULL, guest_run, g) != 0)
		panic("event=no_thread");
	while (places_come(g->places) == before)
		sched_yield();
}

static void
test_alone(void)
{
	struct places *p = places_new(0);

	ok(places_enter(p, &one, false, 0), "a free place is had at once");
	ok(!places_enter(p, &two, true, 10000), "with room for one nobody waits");
	places_leave(p);
	ok(places_enter(p, &two, false, 0), "a place given back is free");
	places_leave(p);
	places_free(p);
	p = places_new(2);
	ok(places_enter(p, &one, false, 0), "one is at work");
	ok(!places_enter(p, &two, false, 1), "the other waits in vain");
	ok(!places_enter(p, &two, false, 1), "and leaves no trace");
	places_leave(p);
	places_free(p);
}

/* Four inside, of whom one is at work; then come others. */
static void
test_shares(void)
{
	struct places *p = places_new(4);
	atomic_int order = 0;
	struct guest crowd[3], fresh, known;

	ok(places_enter(p, &one, false, 0), "one of a crowd is at work");
	for (int i = 0; i < 3; i++) {
		crowd[i] =
		    (struct guest){ .places = p, .who = &one, .wait_ms = 60000, .order = &order };
		guest_come(&crowd[i]);
	}
	ok(!places_enter(p, &one, false, 60000), "no more of the crowd has room");
	fresh = (struct guest){ .places = p, .who = &two, .wait_ms = 60000, .order = &order };
	guest_come(&fresh);
	known = (struct guest){
		.places = p, .who = &three, .known = true, .wait_ms = 60000, .order = &order
	};
	guest_come(&known);
	places_leave(p);
	for (int i = 0; i < 3; i++)
		pthread_join(crowd[i].thread, NULL);
	pthread_join(fresh.thread, NULL);
	pthread_join(known.thread, NULL);
	is_int(known.got, 1, "who is known is next");
	is_int(crowd[0].got, 2, "then the first of the crowd");
	is_int(crowd[1].got + crowd[2].got, 0, "whose others made room");
	is_int(fresh.got, 3, "for those who came later from elsewhere");
	ok(places_enter(p, &one, false, 0), "and in the end all is free");
	places_leave(p);
	places_free(p);
}

int
main(void)
{
	test_alone();
	test_shares();
	return tap_done();
}
