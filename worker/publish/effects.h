#ifndef WORKER_PUBLISH_EFFECTS_H
#define WORKER_PUBLISH_EFFECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "sql/pin_move.h"
#include "worker/publish/intent.h"
#include "worker/publish/verdict.h"

struct arena;

/*
 * From a create's outcome to what is written: the verdict, turned into the transition of the pin,
 * the end of the attempt, and what it means for lane, account and app. Pure.
 */
enum effects_account { EFFECTS_ACCOUNT_NONE, EFFECTS_ACCOUNT_EXPIRED, EFFECTS_ACCOUNT_RECONNECT };
enum effects_app { EFFECTS_APP_NONE, EFFECTS_APP_STOP, EFFECTS_APP_START, EFFECTS_APP_HOLD };

/* What came back says nothing: how the lane rests should that go on
 * (worker/publish/lane_backoff_db.h). */
struct lane_backoff {
	bool counts;
	int64_t now_us, base_ms, cap_ms;
	uint32_t random32;
};

struct effects {
	struct verdict verdict;
	struct pin_move move; /* points into the two below */
	struct pin_move_attempt attempt;
	struct pin_move_lane lane;
	struct lane_backoff backoff;
	enum effects_account account;
	enum effects_app app;
};

struct effects_in {
	const struct intent *intent;
	const struct outcome *outcome;
	const struct upstream *conf;
	struct uuid worker_id;
	int64_t event_deadline_s;
	int64_t now_us;  /* database time */
	int64_t gate_us; /* database time; TIME_NONE: never left */
	uint32_t random32;
};

/* *a is filled; its text is copied into the arena. *a must not be moved afterwards. */
void effects_of_outcome(struct effects *e, const struct effects_in *in, struct arena *mem);
/*
 * For a create that could not even be started: our own fault (counts towards internal_error) or,
 * with UNSENT_KEEP, a COMMIT whose end is not known.
 */
void effects_unsent(
    struct effects *e, const struct effects_in *in, enum unsent_change unsent, const char *why);

#endif
