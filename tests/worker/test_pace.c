/* The lane's pace: no window has more creates than capacity + time / interval. */
#include "lib/wait.h"
#include "worker/turn/pace.h"

#include "lib/clock.h"
#include "tests/rng.h"
#include "tests/tap.h"

#define T0 1700000000000000LL
#define GRANTS 400

static struct pace_state
fresh(void)
{
	struct pace_state s = { .bucket = { 0, TIME_NONE },
		.next_at_us = TIME_NONE,
		.hold_until_us = TIME_NONE,
		.busy_until_us = TIME_NONE,
		.cap_opened_us = TIME_NONE };

	return s;
}

/* As in the table: only the state survives a restart. */
static size_t
run(struct rng *r, const struct pace_rules *rules, int64_t *at, size_t most)
{
	struct pace_state s = fresh();
	int64_t now = T0;
	size_t n = 0;

	while (n < most) {
		struct pace_wait w;

		s.cap_opened_us = TIME_NONE;
		if (rules->daily_cap > 0 && n >= (size_t)rules->daily_cap)
			s.cap_opened_us = at[n - (size_t)rules->daily_cap];
		w = pace_ready(&s, rules, now);
		if (w.at_us == 0) {
			pace_take(&s, rules, now, (uint32_t)rng_next(r));
			at[n++] = now;
			continue;
		}
		if (w.at_us <= now)
			return 0; /* a wait must be in the future */
		/* Asked at the announced time, or by chance earlier or later. */
		now = rng_range(r, 0, 3) == 0 ? now + rng_range(r, 1, 2 * rules->pace.interval_us)
					      : w.at_us;
	}
	return n;
}

static bool
pace_holds(const struct pace_rules *rules, const int64_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++) {
			int64_t most =
			    rules->pace.capacity + (at[j] - at[i]) / rules->pace.interval_us;

			if ((int64_t)(j - i + 1) > most)
				return false;
		}
	return true;
}

static void
test_pace(struct rng *r)
{
	int64_t at[GRANTS];
	bool good = true;

	for (int round = 0; round < 60 && good; round++) {
		struct pace_rules rules = { .pace = { rng_range(r, 1, 60),
						rng_range(r, 1, 90) * 997 * US_PER_MS },
			.jitter_pct = rng_range(r, 0, 100) };
		size_t n = run(r, &rules, at, GRANTS);

		good = n == GRANTS && pace_holds(&rules, at, n);
	}
	ok(good, "no window exceeds the pace");
}

static void
test_daily_cap(struct rng *r)
{
	const struct pace_rules rules = {
		.pace = { 20, 60 * US_PER_S }, .jitter_pct = 20, .daily_cap = 50
	};
	int64_t at[GRANTS];
	bool good = run(r, &rules, at, GRANTS) == GRANTS;

	for (size_t i = 50; i < GRANTS && good; i++)
		good = at[i] - at[i - 50] >= 86400 * US_PER_S;
	ok(good, "no 24 hours have more creates than the daily cap");
}

static void
test_jitter(struct rng *r)
{
	const struct pace_rules rules = { .pace = { 1, 60 * US_PER_S }, .jitter_pct = 20 };
	int64_t least = INT64_MAX, most = 0;

	for (int i = 0; i < 2000; i++) {
		struct pace_state s = fresh();
		int64_t wait;

		pace_take(&s, &rules, T0, (uint32_t)rng_next(r));
		wait = s.next_at_us - T0;
		least = wait < least ? wait : least;
		most = wait > most ? wait : most;
	}
	ok(least >= 60 * US_PER_S, "jitter never shortens a wait");
	ok(most <= 72 * US_PER_S && most > 70 * US_PER_S, "jitter lengthens a wait by up to 20 %%");
}

static void
test_reasons(void)
{
	const struct pace_rules rules = { .pace = { 2, 60 * US_PER_S } };
	struct pace_state s = fresh();
	struct pace_wait w;

	is_int(pace_ready(&s, &rules, T0).at_us, 0, "a new lane may send");
	pace_take(&s, &rules, T0, 0);
	is_int(s.next_at_us, TIME_NONE, "a lane with tokens left has no wait");
	pace_take(&s, &rules, T0, 0);
	w = pace_ready(&s, &rules, T0);
	ok(w.at_us == T0 + 60 * US_PER_S && w.code == WAIT_PACE,
	    "an empty bucket waits for its token");
	s.hold_until_us = T0 + 90 * US_PER_S;
	s.hold_code = WAIT_SPAM_BLOCK;
	w = pace_ready(&s, &rules, T0);
	ok(w.at_us == s.hold_until_us && w.code == WAIT_SPAM_BLOCK,
	    "a hold takes precedence over the pace");
	s.busy_until_us = T0 + 35 * US_PER_S;
	is_int(
	    pace_ready(&s, &rules, T0).at_us, s.busy_until_us, "a lane sends one create at a time");
	is_int(pace_ready(&s, &rules, T0 + 100 * US_PER_S).at_us, 0, "every wait ends");
}

static void
test_slower(void)
{
	const struct pace_rules a = { { 5, 60 }, 20, 0 }, b = { { 50, 10 }, 0, 30 };
	struct pace_rules r = pace_slower(&a, &b);

	ok(r.pace.capacity == 5 && r.pace.interval_us == 60 && r.jitter_pct == 20 &&
		r.daily_cap == 30,
	    "the slower setting of each kind counts");
	ok(pace_slower(&b, &a).daily_cap == 30, "having no daily cap is not slower than a cap");
}

static void
slowed(void)
{
	static const struct {
		int64_t strikes, most, capacity, interval_us, cap;
	} want[] = {
		{ 0, 4, 5, 60, 50 },
		{ 1, 4, 2, 120, 25 },
		{ 2, 4, 1, 240, 12 },
		{ 9, 4, 1, 240, 12 },
		{ 9, 100, 1, 6000, 1 },
		{ 9, 1, 5, 60, 50 },
		{ 2, 3, 1, 180, 16 },
	};
	const struct pace_rules r = { { 5, 60 }, 20, 50 }, uncapped = { { 5, 60 }, 20, 0 };

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct pace_rules s = pace_slowed(&r, want[i].strikes, want[i].most);

		is_int(s.pace.capacity, want[i].capacity, "slow-down reduces the capacity");
		is_int(s.pace.interval_us, want[i].interval_us, "slow-down lengthens the interval");
		is_int(s.daily_cap, want[i].cap, "slow-down reduces the daily cap");
	}
	is_int(
	    pace_slowed(&uncapped, 2, 4).daily_cap, 0, "slow-down without a daily cap adds none");
}

/* Creates that a restored database does not know are assumed to have left as late as the pace
 * allowed. */
static void
test_lost(void)
{
	const struct pace_rules rules = { .pace = { 5, 60 * US_PER_S }, .daily_cap = 50 };
	const int64_t hour = 3600 * US_PER_S;
	struct pace_lost lost = { T0, T0 + hour, -1 };
	struct pace_state s = fresh();
	struct pace_wait w;

	is_int(pace_lost_creates(&lost, &rules), 65,
	    "one hour may have as many lost creates as the pace allowed, plus a full bucket");
	is_int(pace_lost_at(&lost, &rules, 1), T0 + hour, "the last lost create was at the end");
	is_int(
	    pace_lost_at(&lost, &rules, 5), T0 + hour, "the burst's lost creates were at the end");
	is_int(pace_lost_at(&lost, &rules, 6), T0 + hour - 60 * US_PER_S,
	    "the lost create before the burst was one interval earlier");
	is_int(pace_lost_at(&lost, &rules, 65), T0, "the first lost create was at the beginning");
	lost.creates = 10;
	is_int(pace_lost_creates(&lost, &rules), 10,
	    "an operator's lower number of lost creates is used");
	lost.creates = 100;
	is_int(pace_lost_creates(&lost, &rules), 65,
	    "an operator's number above what the pace allowed is not used");
	lost.creates = 0;
	is_int(pace_lost_creates(&lost, &rules), 0, "without a gap no create is lost");
	lost = (struct pace_lost){ T0, T0 - hour, -1 };
	is_int(pace_lost_creates(&lost, &rules), 5,
	    "with different clocks only the burst may be lost");

	lost = (struct pace_lost){ T0, T0 + hour, -1 };
	s.cap_opened_us = pace_lost_at(&lost, &rules, rules.daily_cap);
	w = pace_ready(&s, &rules, T0 + hour);
	is_int(w.code, WAIT_DAILY_CAP, "a daily cap that may be spent makes the lane wait");
	is_int(w.at_us, T0 + 24 * hour + hour - 45 * 60 * US_PER_S,
	    "the wait ends when the first lost create may be a day old");
	s.next_at_us = w.at_us;
	s.next_code = w.code;
	s.cap_opened_us = TIME_NONE;
	w = pace_ready(&s, &rules, T0 + hour);
	is_int(w.at_us, 0, "a raised daily cap ends the wait");
}

/* An hour back: times in the future by the old clock must not hold the lane for an hour. */
static void
clock_back(void)
{
	const struct pace_rules r = { { 5, 60 * US_PER_S }, 20, 50 };
	const int64_t busy = 35 * US_PER_S, then = T0 + 3600 * US_PER_S;
	struct pace_state s = fresh();

	s.bucket = (struct bucket){ 500000, then };
	s.next_at_us = then + 70 * US_PER_S;
	s.next_code = WAIT_PACE;
	s.busy_until_us = then + busy;
	s.hold_until_us = then + 60 * US_PER_S;
	pace_clock_back(&s, &r, busy, T0);
	is_int(s.bucket.microtokens, 500000, "a backward step adds no tokens");
	is_int(s.bucket.at_us, T0, "after a backward step refilling continues");
	is_int(s.busy_until_us, T0 + busy,
	    "after a backward step a create counts as ended once it may have");
	is_int(s.hold_until_us, then + 60 * US_PER_S, "a backward step keeps a hold");
	s.busy_until_us = s.hold_until_us = TIME_NONE;
	is_int(pace_ready(&s, &r, T0).at_us, T0 + 30 * US_PER_S,
	    "after a backward step only the bucket limits the lane");
	s.next_at_us = then + 86400 * US_PER_S;
	s.next_code = WAIT_DAILY_CAP;
	pace_clock_back(&s, &r, busy, T0);
	ok(s.next_at_us == TIME_NONE, "after a backward step the daily cap waits a day at most");

	s.next_at_us = T0 + 72 * US_PER_S;
	s.next_code = WAIT_PACE;
	s.busy_until_us = T0 + busy;
	s.bucket.at_us = T0 + US_PER_S;
	pace_clock_back(&s, &r, busy, T0);
	ok(s.next_at_us == T0 + 72 * US_PER_S && s.busy_until_us == T0 + busy &&
		s.bucket.at_us == T0 + US_PER_S,
	    "plausible times are not changed");
}

int
main(void)
{
	struct rng r = rng_new();

	test_pace(&r);
	test_daily_cap(&r);
	test_jitter(&r);
	test_reasons();
	test_slower();
	slowed();
	test_lost();
	clock_back();
	return tap_done();
}
