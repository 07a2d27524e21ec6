#ifndef WORKER_TURN_LANE_H
#define WORKER_TURN_LANE_H

#include <stdint.h>

#include "worker/turn.h"

/* One lane's part of a turn; shared by turn*.c alone. */

struct turn_app {
	int64_t stopped_us, held_until_us, probe_us; /* TIME_NONE: not */
};

/* A transaction under way. */
struct turn_work {
	struct turn *t;
	struct db *db;
	struct fence fence;
	uint64_t debited;
	struct turn_app app[ENV__COUNT];
};

#define TURN_ACCOUNTS 64

struct turn_account {
	struct uuid id, project_id;
	const void *sealed;
	size_t sealed_len;
	int64_t token_version, fresh, paused, capacity, interval_ms, daily_cap;
};

struct turn_lane {
	struct uuid id;
	unsigned shard;
	enum environment environment;
	const struct upstream *up;
	struct lane_state state;
	struct uuid open_pin;
	int64_t spam_strikes, look_us, now_us;
	const char *hosts; /* JSON {host: until} or NULL */
	int64_t work_us; /* what its work_at will be: the least of all reasons; TIME_NONE: never */
	struct turn_account accounts[TURN_ACCOUNTS];
	size_t accounts_len;
};

/* The first waiting pin of an account. */
struct turn_head {
	struct uuid id, schedule_id;
	int64_t version, due_us, attempts, tries, no_outcome, must_look;
	const char *error_code, *board_id, *title, *description, *link, *alt_text, *color,
	    *image_url;
	const struct turn_account *account;
};

/* Look at the lane no later than this. */
void turn_lane_again(struct turn_lane *l, int64_t at_us);

/* Each: DB_OK, or what stops the whole transaction. */
enum db_rc turn_takeover(struct turn_work *w, struct turn_lane *l);
enum db_rc turn_look(struct turn_work *w, struct turn_lane *l);
enum db_rc turn_grant(struct turn_work *w, struct turn_lane *l);

#endif
