#ifndef WORKER_TURN_TURN_LANE_DB_H
#define WORKER_TURN_TURN_LANE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/pinterest.h"
#include "worker/turn/pace.h"
#include "worker/turn/turn_db.h"

/* One lane's part of a turn, private to this folder. DB thread. */

/* Wait before asking again for a pin that this worker itself is still busy with. */
#define TURN_LOCAL_RETRY_US (1 * US_PER_S)

struct turn_app {
	struct uuid project_id; /* in the sandbox; nil in production */
	int64_t stopped_us, hold_until_us, probe_us, resumed_us; /* TIME_NONE: not */
	int64_t stop_code, probes_failed;
};

/* The transaction of a turn. Rows to write are gathered here and written at its end. */
struct turn_tx {
	struct turn_job *t;
	struct db *db;
	struct fence fence;
	uint64_t debited;
	struct fair_places *shares[ENV__COUNT],
	    *lookup_shares[ENV__COUNT];   /* with what this turn adds */
	struct turn_app apps[TURN_LANES]; /* those that this turn has probed */
	size_t apps_len;
	struct db_many follow, send, attempts, lanes;
};

/* The head of an account: its first waiting pin. */
struct turn_head {
	struct uuid id, schedule_id;
	int64_t version, due_us, attempts, retries_spent, unsent_in_a_row, verify_first;
	int64_t stopped_app_us; /* its last attempt that something else answered; TIME_NONE: none */
	const char *error_code;
	struct pinterest_create create; /* what would be sent */
};

struct turn_account {
	struct uuid id, project_id;
	const void *sealed;
	size_t sealed_len;
	int64_t token_version, usable, capacity, interval_ms, daily_cap;
	struct turn_app app;
	struct turn_head head; /* nil id: none waits, or the account is paused */
};

struct turn_lane {
	struct uuid id;
	unsigned shard;
	bool locked; /* by this transaction; others are skipped */
	enum environment environment;
	const struct upstream *up;
	struct pace_state state;
	struct pace_lost lost;
	struct uuid in_flight_pin;
	int64_t spam_strikes, next_lookup_us, now_us;
	const char *link_hosts; /* JSON {host: until} or NULL */
	int64_t wake_us; /* its next next_turn_at, the earliest of all reasons; TIME_NONE: never */
	struct turn_account *accounts; /* ordered by id */
	size_t accounts_len;
};

/* The lane's next turn is no later than this; TIME_NONE changes nothing. */
void turn_wake_at(struct turn_lane *l, int64_t at_us);

/* From here on this pin is to blame when the database refuses a row; until it is cleared. */
void turn_set_culprit(
    struct turn_tx *tx, const struct uuid *lane, unsigned shard, const struct uuid *pin);
void turn_clear_culprit(struct turn_tx *tx);

/* Is `pin` one of these? */
MUST_CHECK bool turn_is_among(const struct uuid *pins, size_t len, const struct uuid *pin);

/* How long a create of this upstream may be under way, from its intent. */
int64_t turn_busy_us(const struct upstream *up);
/* Pace and daily cap of the lane: the slowest of its accounts'. */
struct pace_rules turn_full_pace(const struct turn_lane *l);
/* The same, slowed down by the lane's recent spam blocks. */
struct pace_rules turn_rules(const struct turn_lane *l);

/* Each of these: DB_OK, or an error that ends the whole transaction. */

/* Reads (again) the accounts and heads of those of the n lanes that are locked. */
enum db_rc turn_heads(struct turn_tx *tx, struct turn_lane *lanes, size_t n);
/* Ends a create in flight that its worker will not finish any more. */
enum db_rc turn_takeover(struct turn_tx *tx, struct turn_lane *l);
/* Hands the next verifying pin that is due to the turn's look-ups. */
enum db_rc turn_lookup(struct turn_tx *tx, struct turn_lane *l);
/* Grants the lane's next create when it may leave now. */
enum db_rc turn_grant(struct turn_tx *tx, struct turn_lane *l);
/* The head of `a` is looked up before it is sent; after too many attempts without an outcome it
 * fails. */
#define TURN_NO_OUTCOME_MAX 3
enum db_rc turn_defer_to_lookup(
    struct turn_tx *tx, struct turn_lane *l, const struct turn_account *a);
/* The head of `a` links to `host`, which is held until until_us: it gets a time of its own behind
 * the pins of that host that wait already. */
enum db_rc turn_defer_to_host(struct turn_tx *tx, struct turn_lane *l, const struct turn_account *a,
    const char *host, int64_t until_us);
/* Writes the intents that were granted: schedules, pins and attempts. */
enum db_rc turn_intents(struct turn_tx *tx);

#endif
