#ifndef WORKER_PUBLISH_EFFECTS_H
#define WORKER_PUBLISH_EFFECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/media_peek.h"
#include "sql/pin_move.h"
#include "worker/publish/intent.h"
#include "worker/publish/verdict.h"

struct arena;

/*
 * The effects of a create's outcome: its verdict, the transition of the pin, the end of the
 * attempt, and what changes for lane, account and app. Pure; written by publish_db.c.
 */
enum effects_account { EFFECTS_ACCOUNT_NONE, EFFECTS_ACCOUNT_EXPIRED, EFFECTS_ACCOUNT_RECONNECT };
enum effects_app { EFFECTS_APP_NONE, EFFECTS_APP_STOP, EFFECTS_APP_START, EFFECTS_APP_HOLD };

/* After an unknown outcome: how to back off the lane (worker/publish/lane_backoff_db.h). */
struct lane_backoff {
	bool counts;
	int64_t now_us, base_ms, cap_ms;
	uint32_t random32;
};

struct effects {
	struct verdict verdict;
	struct pin_move move; /* points to the two below */
	struct pin_move_attempt attempt;
	struct pin_move_lane lane;
	struct lane_backoff backoff;
	enum effects_account account;
	enum effects_app app;
	const char *stop_message; /* EFFECTS_APP_STOP: for the operator */
};

struct effects_in {
	const struct intent *intent;
	const struct outcome *outcome;
	const struct upstream *conf;
	struct uuid worker_id;
	int64_t event_deadline_s;
	int64_t now_us;  /* database time */
	int64_t gate_us; /* when it passed the gate, database time; TIME_NONE: never */
	uint32_t random32;
};

/* Fills *e; its text is copied into the arena. *e must not be copied or moved afterwards. */
void effects_of_outcome(struct effects *e, const struct effects_in *in, struct arena *mem);
/*
 * Adds what a peek at the image found, after effects_of_outcome() with verdict.about_image: to the
 * pin's message; and what cannot work (MEDIA_WRONG) is not tried again.
 */
void effects_image_seen(struct effects *e, const struct media_finding *found, struct arena *mem);
/*
 * Fills *e for a create that was not started. UNSENT_ADD: by a fault of ours, which counts towards
 * internal_error. UNSENT_KEEP: because of an unknown COMMIT or the operator's settings.
 */
void effects_unsent(
    struct effects *e, const struct effects_in *in, enum unsent_change unsent, const char *why);

#endif
