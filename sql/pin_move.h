#ifndef SQL_PIN_MOVE_H
#define SQL_PIN_MOVE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/db/db.h"
#include "lib/pin.h"
#include "lib/uuid.h"

/*
 * The one way a pin changes state after it was made, but for the grant (lanes.c): schedule, lane,
 * pin, attempt, activity and, on terminal states, the event. DB thread, inside a fenced
 * transaction.
 */

/* How an attempt ended, for its row. */
struct pin_move_attempt {
	unsigned n;
	struct uuid worker_id; /* n, worker and time together are the attempt's identity: a cut */
	int64_t opened_us;     /* COMMIT may have left another one with the same n */
	enum attempt_outcome outcome;
	int64_t gate_us; /* TIME_NONE: never left */
	long http_status;
	int64_t pinterest_code;
	const char *message;
	const char *request_id;
	int64_t skew_ms;
	bool has_skew;
	const char *pinterest_pin_id;
};

/* What the answer means for the lane. */
struct pin_move_lane {
	struct uuid id;
	bool release;          /* the request is over: the lane may go on */
	int64_t hold_until_us; /* 0: no hold */
	enum wait_code hold_code;
	bool strike;
	const char *host; /* hold this link host until host_until_us; NULL: none */
	int64_t host_until_us;
};

enum unsent_change { UNSENT_RESET, UNSENT_ADD, UNSENT_KEEP };

struct pin_move {
	struct uuid project_id, pin_id;
	unsigned from;   /* bits 1 << enum pin_state: where it may come from */
	unsigned n;      /* number of its last attempt; 0: any */
	int64_t version; /* 0: any */
	enum pin_state to;
	int64_t due_us;   /* waiting: again then; verifying: next look-up; else TIME_NONE */
	bool due_keep;    /* waiting: due as it was before */
	const char *code; /* error, or why it waits; NULL: none */
	const char *message;
	const char *candidates;                      /* JSON array, or NULL */
	const char *pinterest_pin_id, *confirmed_by; /* published */
	int64_t absent_us; /* verifying: first complete listing without it; else TIME_NONE */
	bool spends_try;
	enum unsent_change unsent_in_a_row;
	const struct pin_move_attempt *attempt; /* NULL: no attempt is closed by this */
	const struct pin_move_lane *lane;       /* NULL: the caller has the lane */
	int64_t event_deadline_s;
};

/*
 * DB_OK: done. DB_NONE: the pin is not (any more) where it may come from, or the attempt is not its
 * last one: nothing was changed, but an open attempt that is ours was closed. DB_RETRY: somebody
 * was faster, run the transaction again. A Pinterest id that another pin of the lane has already
 * makes it failed with outcome_unknown instead of published.
 */
enum db_rc pin_move(struct db *db, const struct pin_move *s);
/*
 * Several pins (n <= PIN_MOVE_MAX), each as pin_move() would and DB_OK also for DB_NONE, with one
 * statement of each kind for all. DB_FAIL also when one of several has a Pinterest id that is
 * taken: alone it is settled.
 */
#define PIN_MOVE_MAX 64
enum db_rc pin_move_all(struct db *db, const struct pin_move *const *s, size_t n);
/*
 * The attempt's outcome alone, for a worker that lost its shard: what it alone knows. DB_NONE: it
 * is not ours or was closed with a definite outcome.
 */
enum db_rc pin_move_attempt_close(struct db *db, const struct uuid *project, const struct uuid *pin,
    const struct pin_move_attempt *a);

#endif
