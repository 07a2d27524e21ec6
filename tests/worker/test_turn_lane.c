/* What the parts of a lane's turn share: its next turn, its pace, the pins of this worker. */
#include "worker/turn/turn_lane_db.h"

#include "lib/clock.h"
#include "tests/tap.h"

static void
check_wake(void)
{
	struct turn_lane l = { .wake_us = TIME_NONE };

	turn_wake_at(&l, TIME_NONE);
	is_int(l.wake_us, TIME_NONE, "without a reason there is no next turn");
	turn_wake_at(&l, 50);
	turn_wake_at(&l, 70);
	turn_wake_at(&l, TIME_NONE);
	is_int(l.wake_us, 50, "later reasons do not postpone it");
	turn_wake_at(&l, 20);
	is_int(l.wake_us, 20, "an earlier one does bring it forward");
}

static void
check_pace(void)
{
	const struct upstream up = { .pace = { 5, 60 * US_PER_S },
		.jitter_pct = 20,
		.daily_cap = 50,
		.spam_slowdown_max = 4,
		.create_timeout_ms = 30000,
		.max_send_delay_ms = 2000 };
	struct turn_account accounts[] = {
		{ .daily_cap = -1 },
		{ .capacity = 1, .interval_ms = 90000, .daily_cap = 0 },
	};
	struct turn_lane l = { .up = &up };
	struct pace_rules r = turn_full_pace(&l);

	ok(r.pace.capacity == 5 && r.pace.interval_us == 60 * US_PER_S && r.daily_cap == 50,
	    "a lane without accounts has the configured pace");
	l.accounts = accounts;
	l.accounts_len = 1;
	r = turn_full_pace(&l);
	ok(r.pace.capacity == 5 && r.daily_cap == 50, "an account without a pace has it, too");
	l.accounts_len = 2;
	r = turn_full_pace(&l);
	ok(r.pace.capacity == 1 && r.pace.interval_us == 90 * US_PER_S,
	    "the slowest account sets the pace");
	is_int(r.daily_cap, 50, "no cap is not a slower cap");
	l.spam_strikes = 1;
	r = turn_rules(&l);
	is_int(r.pace.interval_us, 180 * US_PER_S, "a spam block halves the pace");
	is_int(turn_busy_us(&up), 35 * US_PER_S, "a create ends after its delay, time-out and 3 s");
}

static void
check_pins(void)
{
	const struct uuid pins[] = { { { 1 } }, { { 2 } } }, other = { { 3 } };

	ok(turn_is_among(pins, 2, &pins[1]), "a pin of this worker is found");
	ok(!turn_is_among(pins, 2, &other), "another is not");
	ok(!turn_is_among(NULL, 0, &other), "nothing is among none");
}

int
main(void)
{
	check_wake();
	check_pace();
	check_pins();
	return tap_done();
}
