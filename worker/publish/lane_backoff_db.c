/*
 * Backoff of a lane while Pinterest is away. Invariant: it is bounded, so that lanes find out by
 * themselves that Pinterest is back.
 */
#include "worker/publish/lane_backoff_db.h"

#include "lib/backoff.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/pin.h"
#include "lib/wait.h"
#include "sql/stmt.h"

#define IN_A_ROW 3
#define REST_MAX_MS (8 * 60 * 1000) /* plus up to a fifth of jitter */

struct streak {
	int64_t outcome;
	unsigned n;
	bool over;
};

/* Attempts that were not sent, or are still open, neither count nor end the streak. */
static void
on_lane_outcome(void *arg)
{
	struct streak *s = arg;

	if (s->outcome == ATTEMPT_PUBLISHED || s->outcome == ATTEMPT_REFUSED)
		s->over = true;
	s->n += s->outcome == ATTEMPT_UNKNOWN && !s->over;
}

enum db_rc
lane_backoff_apply(struct db *db, const struct uuid *lane, const struct lane_backoff *backoff)
{
	struct streak s = { 0 };
	int64_t cap_ms = backoff->cap_ms < REST_MAX_MS ? backoff->cap_ms : REST_MAX_MS, ms;
	char text[UUID_TEXT_SIZE];
	enum db_rc rc;

	if (!backoff->counts)
		return DB_OK;
	rc = db_each(db, SQL_IN(lane_last_outcomes, .lane = db_uuid(lane)),
	    SQL_OUT(lane_last_outcomes, .outcome = db_get_int(&s.outcome)), on_lane_outcome, &s);
	if (rc != DB_OK || s.n < IN_A_ROW)
		return rc;
	ms = backoff_ms(s.n - IN_A_ROW + 1, backoff->base_ms, cap_ms, backoff->random32);
	log_warn("event=pinterest_away lane=%s unknown=%u rest_ms=%lld", uuid_format(lane, text),
	    s.n, (long long)ms);
	return db_exec_any(db,
	    SQL_IN(lane_hold, .id = db_uuid(lane),
		.until = db_time(backoff->now_us + ms * US_PER_MS),
		.code = db_int(WAIT_UPSTREAM_DOWN), .strike = db_int(0)),
	    NULL);
}
