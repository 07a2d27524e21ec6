/* Places for calls to Pinterest: for each environment, for one project, and waiting for one. */
#include "app/pinterest/upstream_places.h"

#include <pthread.h>
#include <stddef.h>

#include "tests/tap.h"

static const struct uuid one = { { 1 } }, two = { { 2 } }, three = { { 3 } };

static bool
take(struct upstream_places *p, enum environment env, const struct uuid *project)
{
	return upstream_places_acquire(p, env, project, 0);
}

static int
take_all(struct upstream_places *p, enum environment env, const struct uuid *project)
{
	int n = 0;

	while (take(p, env, project))
		n++;
	return n;
}

static void
test_shares(void)
{
	struct upstream_places *p = upstream_places_new(8);

	is_int(take_all(p, ENV_SANDBOX, &one), 1, "a sandbox has one of the two places");
	is_int(take_all(p, ENV_SANDBOX, &two), 1, "another sandbox the other one");
	is_int(take_all(p, ENV_SANDBOX, &three), 0, "sandboxes have a quarter of the threads");
	is_int(
	    take_all(p, ENV_PRODUCTION, &one), 2, "production is not concerned: half of its four");
	is_int(take_all(p, ENV_PRODUCTION, &two), 2, "the other half is another project's");
	ok(!take(p, ENV_PRODUCTION, &three), "no more than half of the threads");
	upstream_places_release(p, ENV_SANDBOX, &three);
	ok(!take(p, ENV_SANDBOX, &three), "who holds none gives none back");
	upstream_places_release(p, ENV_PRODUCTION, &one);
	ok(!take(p, ENV_SANDBOX, &three), "a place of production is not the sandbox's");
	ok(take(p, ENV_PRODUCTION, &three), "but any project's of production");
	upstream_places_free(p);
	upstream_places_free(NULL);
}

static void
test_few_threads(void)
{
	struct upstream_places *p = upstream_places_new(1);

	is_int(take_all(p, ENV_SANDBOX, &one), 1, "one thread: one place in the sandbox");
	is_int(take_all(p, ENV_PRODUCTION, &one), 1, "and one in production");
	ok(!upstream_places_acquire(p, ENV_SANDBOX, &one, 60000),
	    "nobody waits when no other thread would be left");
	upstream_places_free(p);
}

struct waiter {
	struct upstream_places *p;
	bool got;
};

static void *
wait_for_place(void *arg)
{
	struct waiter *w = arg;

	w->got = upstream_places_acquire(w->p, ENV_SANDBOX, &one, 60000);
	return NULL;
}

static void
test_wait(void)
{
	struct waiter w = { .p = upstream_places_new(8) };
	pthread_t thread;

	ok(take(w.p, ENV_SANDBOX, &one), "the only place is taken");
	ok(!upstream_places_acquire(w.p, ENV_SANDBOX, &one, 20), "waiting ends in time");
	pthread_create(&thread, NULL, wait_for_place, &w);
	upstream_places_release(w.p, ENV_SANDBOX, &one);
	pthread_join(thread, NULL);
	ok(w.got, "one that waits gets the place that was given back");
	upstream_places_free(w.p);
}

int
main(void)
{
	test_shares();
	test_few_threads();
	test_wait();
	return tap_done();
}
