#include "app/http/shares.h"

#include <pthread.h>

#include "lib/clock.h"
#include "tests/tap.h"

static const struct uuid one = { { 1 } }, two = { { 2 } }, three = { { 3 } };

/* Gives one place back while the main thread waits for it. */
static void *
place_give_back(void *arg)
{
	shares_release(arg, &one);
	return NULL;
}

static void
test_waiting(void)
{
	struct shares *s = shares_new(3, 1);
	int64_t began_us = clock_mono_us();
	pthread_t other;

	ok(shares_acquire_within(s, &one, 0, US_PER_S, US_PER_S), "a free place needs no waiting");
	pthread_create(&other, NULL, place_give_back, s);
	ok(shares_acquire_within(s, &one, 0, 100 * US_PER_S, US_PER_S), "one given back is taken");
	pthread_join(other, NULL);
	is_int(shares_held(s, &one), 1, "and counted");
	ok(!shares_acquire_within(s, &one, 0, 20 * US_PER_MS, 1000 * US_PER_S), "patience ends");
	ok(clock_mono_us() - began_us >= 20 * US_PER_MS, "not before its time");
	ok(!shares_acquire_within(s, &one, 0, 1000 * US_PER_S, US_PER_S),
	    "who waited in vain is not waited for again");
	ok(shares_acquire_within(s, &two, 0, 0, 0), "another is not concerned");
	shares_free(s);
}

int
main(void)
{
	struct shares *s = shares_new(3, 2);

	ok(shares_acquire(s, &one) && shares_acquire(s, &one), "one may hold its own number");
	ok(!shares_acquire(s, &one), "but no more, although a place is free");
	ok(shares_acquire(s, &two), "which another one gets");
	ok(!shares_acquire(s, &three), "all places together are limited, too");
	shares_release(s, &two);
	ok(shares_acquire(s, &three), "a place given back is free for anyone");
	shares_release(s, &one);
	ok(shares_acquire(s, &one) && !shares_acquire(s, &one), "one given back is one");
	shares_release(s, &three);
	ok(shares_acquire_within(s, &one, 3, 0, 0), "who may have more gets it");
	ok(!shares_acquire_within(s, &one, 4, 0, 0), "but never more than there are");
	shares_free(s);
	s = shares_new(-1, 0);
	ok(shares_acquire(s, &one) && !shares_acquire(s, &two), "a limit below one is one");
	shares_free(s);
	test_waiting();
	shares_free(NULL);
	return tap_done();
}
