#include "app/api/login_rule.h"

#include "lib/clock.h"
#include "tests/tap.h"

#define S US_PER_S
#define NOW (1000000 * S)

static const struct bucket_rate rate = { .capacity = 3, .interval_us = 20 * S };

/* Tries until it has to wait; how many. */
static int
tries(struct login_facts *f, int64_t now_us)
{
	int n = 0;

	while (n < 100 && login_rule_judge(f, &rate, now_us).wait_us == 0) {
		login_rule_take(f, &rate, now_us);
		n++;
	}
	return n;
}

static void
test_network(void)
{
	struct login_facts f = login_rule_nothing();
	struct login_verdict v;

	is_int(tries(&f, NOW), 3, "a network has as many tries as its bucket holds");
	v = login_rule_judge(&f, &rate, NOW);
	ok(v.wait_us == 20 * S && v.network && v.turn_us == TIME_NONE, "then it waits");
	is_int(login_rule_judge(&f, &rate, NOW + 20 * S - 1).wait_us, 1, "for one interval");
	is_int(tries(&f, NOW + 20 * S), 1, "and has one more");
	is_int(tries(&f, NOW + 86400 * S), 3, "it never holds more than it did");
	is_int(login_rule_judge(&f, &rate, NOW - 86400 * S).wait_us, 20 * S,
	    "a clock that was set back does not make the wait longer");
}

static void
test_delays(void)
{
	static const int64_t want[] = { 0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30 };

	for (int64_t i = 0; i < (int64_t)(sizeof(want) / sizeof(want[0])); i++)
		is_int(login_rule_delay_s(i), want[i], "delay by number of failures");
	is_int(login_rule_delay_s(INT64_MAX), 30, "there is no longer one");
}

static struct login_facts
failed_often(int64_t failed, int64_t at_us)
{
	struct login_facts f = login_rule_nothing();

	f.failed = failed;
	f.failed_at_us = at_us;
	return f;
}

static void
test_address(void)
{
	struct login_facts f = failed_often(2, NOW);
	struct login_verdict v;

	is_int(login_rule_judge(&f, &rate, NOW).wait_us, 0, "two failures delay nobody");
	f.failed = 5;
	v = login_rule_judge(&f, &rate, NOW + 1 * S);
	ok(v.wait_us == 3 * S && !v.network, "five delay for 4 s from the last");
	is_int(v.turn_us, NOW + 4 * S, "the caller gets a turn");
	is_int(login_rule_judge(&f, &rate, NOW + 4 * S - 1).wait_us, 1, "not earlier");
	is_int(login_rule_judge(&f, &rate, NOW + 4 * S).wait_us, 0, "nor later");
	f = failed_often(INT64_MAX, NOW);
	is_int(login_rule_judge(&f, &rate, NOW).wait_us, 30 * S, "30 s at most");
	is_int(login_rule_judge(&f, &rate, NOW - 86400 * S).wait_us, 30 * S,
	    "also when the clock was set back");
	ok(login_rule_judge(&f, &rate, NOW + LOGIN_FORGET_S * S).wait_us == 0,
	    "all is forgotten in the end");
}

static void
test_turn(void)
{
	struct login_facts f = failed_often(50, NOW);
	struct login_verdict v;

	f.turn_us = NOW + 10 * S;
	v = login_rule_judge(&f, &rate, NOW);
	ok(v.wait_us == 10 * S && v.turn_us == TIME_NONE, "who has a turn is told the same again");
	f.failed_at_us = NOW + 10 * S - 1;
	is_int(login_rule_judge(&f, &rate, NOW + 10 * S).wait_us, 0,
	    "it stands, whatever others do meanwhile");
	f.failed_at_us = NOW + 70 * S - 1;
	is_int(login_rule_judge(&f, &rate, NOW + 70 * S - 1).wait_us, 0, "for a minute");
	v = login_rule_judge(&f, &rate, NOW + 70 * S);
	ok(v.wait_us > 0 && v.turn_us != TIME_NONE, "then there is another one");
	f.turn_us = NOW + 86400 * S;
	f.failed_at_us = NOW;
	is_int(login_rule_judge(&f, &rate, NOW).wait_us, 30 * S,
	    "a turn that the clock moved far away is none");
	f.turn_us = NOW;
	(void)tries(&f, NOW);
	ok(login_rule_judge(&f, &rate, NOW).network,
	    "a turn does not help against the network's limit");
}

static void
test_known(void)
{
	struct login_facts f = failed_often(50, NOW);

	f.known = true;
	is_int(tries(&f, NOW), LOGIN_KNOWN_TRIES, "who is known has tries of its own");
	is_int(login_rule_judge(&f, &rate, NOW).wait_us, LOGIN_KNOWN_INTERVAL_S * S,
	    "and a limit of its own");
	f.known = false;
	f.failed = 0;
	is_int(tries(&f, NOW), 3, "which is not the network's");
	f.known = true;
	is_int(tries(&f, NOW + LOGIN_KNOWN_INTERVAL_S * S), 1, "nor is it used up by the network");
}

int
main(void)
{
	test_network();
	test_delays();
	test_address();
	test_turn();
	test_known();
	return tap_done();
}
