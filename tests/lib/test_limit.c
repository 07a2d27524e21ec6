/* Limits of one project: read, written, and what is in force. */
#include "lib/limit.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/conf.h"
#include "tests/tap.h"

static void
test_own(void)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ NULL, NULL },
		{ "", NULL },
		{ "accounts=5", "accounts=5" },
		{ "webhooks=0  api_keys=3 ", "api_keys=3 webhooks=0" },
		{ "accounts=5 accounts=6", "accounts=6" },
		{ "accounts=1000000000", "accounts=1000000000" },
		{ "accounts=1000000001", NULL },
		{ "requests_in_hand=64 long_requests_in_hand=1",
		    "requests_in_hand=64 long_requests_in_hand=1" },
		{ "requests_in_hand=65 long_requests_in_hand=0", NULL },
		{ "sessions=5", NULL },
		{ "accounts account=5 accounts= accounts=x accounts=-1 accounts=5x =5 =", NULL },
		{ "accounts=000000000000000000000000000000000000000000001", NULL },
		{ "requests_burst=1 requests_per_s=1", "requests_burst=1 requests_per_s=1" },
	};
	struct arena *mem = arena_new();
	struct limit_own own;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		limit_own_read(&own, rows[i].text);
		is_str(limit_own_text(&own, mem), rows[i].want,
		    rows[i].text != NULL ? rows[i].text : "none");
	}
	arena_free(mem);
}

static void
test_value(void)
{
	static const struct limit_own none;
	struct conf conf = { .threads = 8 };
	struct limit_own own;

	conf.limits.accounts = 500;
	conf.limits.requests = (struct bucket_rate){ 6000, US_PER_S / 100 };
	limit_own_read(&own, "accounts=0 long_requests_in_hand=5");
	is_int(limit_value(&conf, &none, LIMIT_ACCOUNTS), 500, "the setting");
	is_int(limit_value(&conf, &own, LIMIT_ACCOUNTS), 0, "the project's own");
	is_int(limit_value(&conf, &own, LIMIT_REQUESTS_BURST), 6000, "the rest as set");
	is_int(limit_value(&conf, &own, LIMIT_REQUESTS_PER_S), 100, "per second");
	is_int(limit_value(&conf, &own, LIMIT_REQUESTS_IN_HAND), 4, "half of the threads");
	is_int(limit_value(&conf, &none, LIMIT_LONG_REQUESTS_IN_HAND), 2, "a quarter of them");
	is_int(limit_value(&conf, &own, LIMIT_LONG_REQUESTS_IN_HAND), 5, "or its own");
	conf.threads = 1;
	is_int(limit_value(&conf, &none, LIMIT_LONG_REQUESTS_IN_HAND), 1, "at least one");
	conf.limits.long_in_hand = 7;
	is_int(limit_value(&conf, &none, LIMIT_LONG_REQUESTS_IN_HAND), 7, "or as set");
}

int
main(void)
{
	test_own();
	test_value();
	return tap_done();
}
