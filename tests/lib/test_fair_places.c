/* Places: how many one holder gets, alone and beside others. */
#include "lib/fair_places.h"

#include "tests/tap.h"

static struct uuid
holder(unsigned n)
{
	struct uuid u = { .b = {
			      [0] = (unsigned char)(n >> 8), [1] = (unsigned char)n, [15] = 1 } };

	return u;
}

/* Takes all that `who` may have. */
static size_t
take_all(struct fair_places *p, unsigned n)
{
	struct uuid who = holder(n);

	while (fair_places_open(p, &who))
		fair_places_take(p, &who);
	return fair_places_held(p, &who);
}

static void
test_alone(void)
{
	static const struct {
		size_t most, part, want;
	} rows[] = { { 200, 4, 50 }, { 1000, 2, 500 }, { 1000, 1, 1000 }, { 4, 4, 1 }, { 8, 4, 2 },
		{ 7, 4, 2 }, { 3, 4, 1 }, { 1, 4, 1 }, { 0, 0, 1 } };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fair_places *p = fair_places_new(rows[i].most, rows[i].part);

		is_int((int64_t)take_all(p, 1), (int64_t)rows[i].want, "its part, at least one");
		is_int((int64_t)fair_places_taken(p), (int64_t)rows[i].want, "all are counted");
		fair_places_free(p);
	}
}

static void
test_beside_others(void)
{
	struct fair_places *p = fair_places_new(200, 4), *copy;
	struct uuid first = holder(1), late = holder(1000);
	size_t got;

	for (int round = 0; round < 50; round++)
		for (unsigned n = 1; n <= 20; n++)
			if (take_all(p, n) > 1)
				fair_places_give(p, &first);
	ok(fair_places_taken(p) < 200, "twenty who want all leave some free");
	ok(fair_places_open(p, &late), "so a late one gets a place at once");
	copy = fair_places_copy(p);
	got = take_all(p, 1000);
	ok(got >= 1, "and has it");
	is_int((int64_t)fair_places_held(copy, &late), 0, "a copy does not follow");
	is_int((int64_t)fair_places_taken(copy), (int64_t)(fair_places_taken(p) - got),
	    "but has the rest");
	fair_places_free(copy);
	fair_places_free(p);
}

static void
test_full(void)
{
	struct fair_places *p = fair_places_new(3, 4);
	struct uuid a = holder(1), d = holder(4), nobody = holder(9);

	for (unsigned n = 1; n <= 3; n++)
		is_int((int64_t)take_all(p, n), 1, "one each");
	ok(!fair_places_open(p, &d), "none is left for a fourth");
	fair_places_give(p, &nobody);
	is_int((int64_t)fair_places_taken(p), 3, "who holds none gives none back");
	fair_places_give(p, &a);
	ok(fair_places_open(p, &d) && fair_places_open(p, &a),
	    "one that was given back is anybody's");
	fair_places_free(p);
	fair_places_free(NULL);
}

static void
test_put_off(void)
{
	struct fair_places *p = fair_places_new(8, 4), *copy;
	struct uuid one = holder(1), two = holder(2);

	(void)take_all(p, 1);
	is_int(fair_places_put_off(p, &one, 1000, 10, 100), 1010, "the first waits for one place");
	is_int(fair_places_put_off(p, &one, 1000, 10, 100), 1020, "the next for two");
	is_int(
	    fair_places_put_off(p, &two, 1000, 10, 100), 1010, "another holder's are not counted");
	is_int(fair_places_put_off(p, &one, 5000, 10, 100), 5010, "what has passed does not count");
	copy = fair_places_copy(p);
	is_int(fair_places_put_off(copy, &one, 5000, 1000, 100), 5100, "there is a most");
	is_int(fair_places_put_off(p, &one, 5000, 10, 100), 5020, "a copy counts for itself");
	fair_places_put_off_at(p, &one, 5050);
	is_int(fair_places_put_off(p, &one, 5000, 10, 100), 5060, "until it is noted");
	fair_places_free(copy);
	fair_places_free(p);
}

int
main(void)
{
	test_put_off();
	test_alone();
	test_beside_others();
	test_full();
	return tap_done();
}
