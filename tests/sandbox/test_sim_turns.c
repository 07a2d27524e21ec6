/* Who may wait for image servers, and how long. */
#include "app/sandbox/sim_turns.h"

#include "lib/clock.h"
#include "tests/tap.h"

#define THREADS 16
#define SLOW_US ((SIM_TURNS_SLOW_MS + 1) * US_PER_MS)

static int64_t
turn_ms(const struct sim_turn *turn)
{
	return (turn->end_us - turn->began_us) / US_PER_MS;
}

static void
test_hurry(void)
{
	struct sim_turns *t = sim_turns_new(THREADS);
	struct sim_turn turns[THREADS];
	int64_t now_us = 5;
	bool all = true;

	for (int i = 0; i < THREADS; i++)
		all = all && sim_turns_begin(t, i + 1, now_us, &turns[i]);
	ok(all, "whose servers are not known to be slow may wait in every thread");
	is_int(turn_ms(&turns[THREADS / 2 - 1]), SIM_TURNS_MS, "half of them as long as it takes");
	is_int(turn_ms(&turns[THREADS / 2]), SIM_TURNS_HURRY_MS, "and the others are hurried");
	now_us += SIM_TURNS_HURRY_MS * US_PER_MS;
	ok(sim_turn_hurried(&turns[THREADS / 2], now_us), "which is told apart");
	ok(!sim_turn_hurried(&turns[THREADS / 2], now_us - 1), "from what ended before");
	now_us += SIM_TURNS_MS * US_PER_MS;
	ok(!sim_turn_hurried(&turns[0], now_us), "and from the end of the whole time");
	for (int i = 0; i < THREADS; i++)
		sim_turns_end(t, &turns[i], now_us);
	ok(sim_turns_begin(t, 99, now_us, &turns[0]) && turn_ms(&turns[0]) == SIM_TURNS_MS,
	    "afterwards there is time again");
	sim_turns_free(t);
}

static void
test_slow(void)
{
	struct sim_turns *t = sim_turns_new(THREADS);
	struct sim_turn turn, slow[THREADS];
	int64_t now_us = 5;
	int may = 0;

	for (int i = 0; i < THREADS; i++) {
		ok(sim_turns_begin(t, i + 1, now_us, &turn), "user %d, for the first time", i + 1);
		sim_turns_end(t, &turn, now_us + SLOW_US);
	}
	now_us += SLOW_US;
	for (int i = 0; i < THREADS; i++)
		may += sim_turns_begin(t, i + 1, now_us, &slow[may]);
	is_int(may, THREADS / 4, "slow ones share a quarter of the threads");
	ok(sim_turns_begin(t, 99, now_us, &turn), "another user's create waits for none of them");
	sim_turns_end(t, &turn, now_us + SLOW_US - US_PER_MS);
	sim_turns_end(t, &slow[0], now_us);
	ok(sim_turns_begin(t, 99, now_us, &turn) && !turn.slow, "and is not slow by one second");
	ok(sim_turns_begin(t, slow[0].user_id, now_us, &turn) && !turn.slow,
	    "one that was quick is slow no more");
	ok(sim_turns_begin(t, THREADS, now_us, &turn) && turn.slow, "the free place is another's");
	ok(!sim_turns_begin(t, THREADS, now_us + SIM_TURNS_MEMORY_US - 1 - SLOW_US, &turn),
	    "all day is not remembered, a minute is");
	ok(sim_turns_begin(t, THREADS, now_us + SIM_TURNS_MEMORY_US, &turn) && !turn.slow,
	    "then it is forgotten");
	sim_turns_free(t);
}

static void
test_one_thread(void)
{
	struct sim_turns *t = sim_turns_new(1);
	struct sim_turn turn;

	ok(sim_turns_begin(t, 1, 5, &turn) && turn_ms(&turn) == SIM_TURNS_MS, "one thread");
	sim_turns_end(t, &turn, 5 + SLOW_US);
	ok(sim_turns_begin(t, 1, 6 + SLOW_US, &turn) && turn.slow, "may wait for a slow one");
	sim_turns_free(t);
}

int
main(void)
{
	test_hurry();
	test_slow();
	test_one_thread();
	return tap_done();
}
