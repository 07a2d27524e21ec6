#include "app/http/shares.h"

#include "tests/tap.h"

static const struct uuid one = { { 1 } }, two = { { 2 } }, three = { { 3 } };

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
	shares_free(s);
	s = shares_new(-1, 0);
	ok(shares_acquire(s, &one) && !shares_acquire(s, &two), "a limit below one is one");
	shares_free(s);
	shares_free(NULL);
	return tap_done();
}
