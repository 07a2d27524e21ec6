#ifndef SQL_PIN_MOVE_H
#define SQL_PIN_MOVE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/db/db.h"
#include "lib/pin.h"
#include "lib/uuid.h"
#include "lib/wait.h"
#include "sql/store.h"

/*
 * The transition of a pin: pin, schedule, lane, attempt, activity and, on terminal states, event
 * and deliveries, from one reading that pin_may_follow() was asked about. Inside the caller's
 * transaction. For the worker (fenced: outcomes, look-ups, deadlines, poison) and the application
 * (retry, settle, disconnected accounts).
 *
 * The statements that write pins.state beside pin_move.sql, and why:
 *   pin_insert, pin_promote        a pin begins, as waiting or verifying
 *   pin_send (turn_grant_db.c)     waiting -> sending: the grant counts the attempt and asks the
 *                                  pin's deadline and due time in the same WHERE; nothing to tell
 *   pin_mark_restored              waiting, sending -> verifying: `recover` marks whole tables in
 *                                  batches of thousands; nothing to tell
 * A canceled pin has no state of its own: its row is deleted (pin_delete_waiting) and its schedule
 * canceled (schedule_cancel, schedule_cancel_with_pin).
 */

/* How an attempt ended, for its row. */
struct pin_move_attempt {
	unsigned n;
	struct uuid worker_id; /* n, worker and time together identify the attempt: a cut COMMIT */
	int64_t opened_us;     /* may have left another one with the same n */
	enum attempt_outcome outcome;
	int64_t gate_us;  /* TIME_NONE: never left */
	long http_status; /* 0: none */
	int64_t pinterest_code;
	const char *message;
	const char *rule; /* which rule decided (worker/publish/verdict.h); NULL: as it was */
	int64_t next_us;  /* when the pin is tried or looked up again; TIME_NONE: not known */
	const char *request_id;
	int64_t skew_ms;
	bool has_skew;
	const char *pinterest_pin_id;
	bool stopped_app; /* because something other than Pinterest answered */
};

/* What the move means for the lane, which is woken when the pin waits or is looked up. */
struct pin_move_lane {
	struct uuid id;
	bool release;          /* the request is over: the lane may go on */
	int64_t hold_until_us; /* 0: no hold */
	enum wait_code hold_code;
	bool strike;
	const char *host; /* hold this link host until host_until_us; NULL: none */
	int64_t host_until_us;
};

/* What becomes of pins.unsent_in_a_row. */
enum unsent_change { UNSENT_RESET, UNSENT_ADD, UNSENT_KEEP };

struct pin_move {
	struct uuid project_id, pin_id;
	unsigned from;   /* bits 1 << enum pin_state: where it may come from */
	unsigned n;      /* number of its last attempt; 0: any */
	int64_t version; /* 0: any */
	enum pin_state to;
	int64_t due_us;   /* waiting: due then; verifying: next look-up; else TIME_NONE */
	bool due_keep;    /* waiting: due when it was due before */
	const char *code; /* error, or why it waits; NULL: none */
	const char *message;
	const char *candidates;                      /* JSON array, or NULL */
	const char *pinterest_pin_id, *confirmed_by; /* published */
	int64_t absent_us; /* verifying: first complete listing without it; else TIME_NONE */
	bool spends_try;
	enum unsent_change unsent_in_a_row;
	const struct pin_move_attempt *attempt; /* NULL: no attempt is closed by this */
	const struct pin_move_lane *lane;       /* NULL: the lane is not touched */
	const struct actor *by; /* of the activity of a terminal state; NULL: the worker */
	bool settled;           /* and that says so */
	int64_t event_deadline_s;
};

/*
 * DB_OK: done. DB_NONE: the pin is in none of the states `from`, has another version, or the
 * attempt is not its last one: nothing was changed, except that an open attempt that is ours was
 * closed. DB_RETRY: the row changed after it was read; run the transaction again. A Pinterest id
 * that another pin of the lane has already makes the pin failed with outcome_unknown instead of
 * published; DB_DUP for a pin that is failed already.
 */
enum db_rc pin_move(struct db *db, const struct pin_move *m);
/*
 * Several pins (n <= PIN_MOVE_MAX), each as pin_move() would and DB_OK also for DB_NONE, with one
 * statement of each kind for all; the event deadline is that of the first. DB_FAIL also when one
 * of several has a Pinterest id that is taken: move it alone.
 */
#define PIN_MOVE_MAX 64
enum db_rc pin_move_all(struct db *db, const struct pin_move *const *m, size_t n);
/*
 * The outcome of the attempt alone, for a worker that lost its shard: nobody else knows it.
 * DB_NONE: the attempt is not ours or was closed with a definite outcome.
 */
enum db_rc pin_move_attempt_close(struct db *db, const struct uuid *project, const struct uuid *pin,
    const struct pin_move_attempt *a);
/*
 * A planned schedule that the database will not turn into a pin fails as `internal_error`, with its
 * activity and its `pin.failed` event (whose pin_id is null). DB_NONE: it was edited or canceled
 * since `version`; nothing was changed.
 */
enum db_rc pin_move_schedule_failed(struct db *db, const struct uuid *project,
    const struct uuid *schedule, int64_t version, int64_t event_deadline_s);

#endif
