#include "app/http/meters.h"

#include <string.h>

#include "app/http/ratelimit.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "tests/tap.h"

static const struct bucket_rate rate = { .capacity = 10, .interval_us = 500 * US_PER_MS };

static struct uuid
credential(int n)
{
	struct uuid u = { { 1 } };

	u.b[0] = (unsigned char)(n >> 8);
	u.b[1] = (unsigned char)n;
	return u; /* all in one set */
}

static void
test_one(void)
{
	struct meters *m = meters_new();
	struct uuid who = credential(300);
	int64_t now_us = 1000 * US_PER_S;
	struct meter got = meters_take(m, &who, &rate, now_us);

	ok(got.granted && got.remaining == 9 && got.reset_s == 1, "the first leaves the rest");
	for (int i = 0; i < 9; i++)
		got = meters_take(m, &who, &rate, now_us);
	ok(got.granted && got.remaining == 0 && got.reset_s == 5, "the last leaves none");
	got = meters_take(m, &who, &rate, now_us);
	ok(!got.granted && got.remaining == 0 && got.reset_s == 1, "one more is refused");
	got = meters_take(m, &who, &rate, now_us + US_PER_S);
	ok(got.granted, "after exactly that time it is granted");
	got = meters_take(m, &who, &rate, now_us + US_PER_S);
	ok(got.granted && !meters_take(m, &who, &rate, now_us + US_PER_S).granted,
	    "as many as the time gave");
	meters_free(m);
}

static void
test_many(void)
{
	struct meters *m = meters_new();
	struct uuid hungry = credential(299), idle;
	int64_t now_us = 1000 * US_PER_S;

	for (int i = 0; i < 10; i++)
		(void)meters_take(m, &hungry, &rate, now_us);
	for (int i = 300; i < 400; i++) {
		idle = credential(i);
		(void)meters_take(m, &idle, &rate, now_us);
	}
	ok(!meters_take(m, &hungry, &rate, now_us).granted, "who has used most is not forgotten");
	meters_free(m);
	meters_free(NULL);
}

static void
test_headers(void)
{
	const struct bucket_rate usual = { .capacity = 6000, .interval_us = 10 * US_PER_MS };
	const struct meter state = { .granted = true, .remaining = 5999, .reset_s = 1 };
	struct arena *mem = arena_new();

	is_str(ratelimit_policy(&usual, mem), "\"requests\";q=6000;w=60", "RateLimit-Policy");
	is_str(ratelimit_state(&state, mem), "\"requests\";r=5999;t=1", "RateLimit");
	arena_free(mem);
}

int
main(void)
{
	test_one();
	test_many();
	test_headers();
	return tap_done();
}
