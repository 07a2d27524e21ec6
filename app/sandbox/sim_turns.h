#ifndef APP_SANDBOX_SIM_TURNS_H
#define APP_SANDBOX_SIM_TURNS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"

/*
 * Who may wait for an image server. A create waits for one in its thread, and API users choose the
 * servers: so users whose servers were slow share a quarter of the threads, and all are hurried
 * when half of the threads wait. Thread-safe; times are monotonic.
 */
struct sim_turns;

#define SIM_TURNS_MS 10000 /* how long the images of one create may take */
#define SIM_TURNS_HURRY_MS 3000
#define SIM_TURNS_SLOW_MS 1000 /* longer is slow, for the next minute */
#define SIM_TURNS_MEMORY_US 60000000

/* One create's images. */
struct sim_turn {
	int64_t user_id;
	int64_t began_us;
	int64_t end_us; /* until then they must have come */
	bool slow;      /* it counts among the slow */
};

struct sim_turns *sim_turns_new(int threads);
void sim_turns_free(struct sim_turns *t);
/* False: not now. */
MUST_CHECK bool sim_turns_begin(
    struct sim_turns *t, int64_t user_id, int64_t now_us, struct sim_turn *turn);
void sim_turns_end(struct sim_turns *t, const struct sim_turn *turn, int64_t now_us);
/* Ended by the hurry, where it would have had more time otherwise? */
MUST_CHECK bool sim_turn_hurried(const struct sim_turn *turn, int64_t now_us);

#endif
