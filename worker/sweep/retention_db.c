/*
 * Which rows are deleted, and when. Invariant: nothing that still waits is deleted, nor what it
 * needs; children go before or with their parents.
 */
#include "worker/sweep/retention_db.h"

#include "sql/stmt.h"

#define FOREVER 0
#define PINS_BATCH 40 /* each with its schedule, key and attempts */

struct rule {
	unsigned stmt;
	int64_t days; /* FOREVER: never deleted */
	int64_t limit;
};

#define LOGIN_COUNT_DAYS 1
#define LOGIN_PLACE_DAYS 30
#define USER_TOKEN_DAYS 1
#define RULES 17
#define LIKE_SESSION(stmt) SQL_LIKE(session_expire, stmt)

static size_t
rules_of(const struct retention *r, struct rule out[RULES])
{
	const struct rule all[RULES] = {
		{ LIKE_SESSION(idempotency_reply_expire), r->replies_days, RETENTION_BATCH },
		{ LIKE_SESSION(oauth_state_expire), r->oauth_states_days, RETENTION_BATCH },
		{ LIKE_SESSION(connect_link_expire), r->oauth_states_days, RETENTION_BATCH },
		{ SQL_session_expire, 0, RETENTION_BATCH },
		{ LIKE_SESSION(analytics_cache_expire), 0, RETENTION_BATCH },
		{ LIKE_SESSION(login_count_expire), LOGIN_COUNT_DAYS, RETENTION_BATCH },
		{ LIKE_SESSION(login_place_expire), LOGIN_PLACE_DAYS, RETENTION_BATCH },
		{ LIKE_SESSION(user_token_expire), USER_TOKEN_DAYS, RETENTION_BATCH },
		{ LIKE_SESSION(mail_expire), r->mails_days, RETENTION_BATCH },
		{ LIKE_SESSION(worker_expire), r->workers_days, RETENTION_BATCH },
		{ LIKE_SESSION(delivery_attempt_expire), r->events_days, RETENTION_BATCH },
		{ LIKE_SESSION(delivery_expire), r->events_days, RETENTION_BATCH },
		{ LIKE_SESSION(event_expire), r->events_days, RETENTION_BATCH },
		{ LIKE_SESSION(activity_expire), r->activity_days, RETENTION_BATCH },
		{ LIKE_SESSION(import_row_expire), r->import_rows_days, RETENTION_BATCH },
		{ LIKE_SESSION(pin_expire), r->finished_days, PINS_BATCH },
		{ LIKE_SESSION(schedule_expire), r->finished_days, RETENTION_BATCH / 2 },
	};
	size_t n = 0;

	for (size_t i = 0; i < RULES; i++)
		if (all[i].days != FOREVER || all[i].stmt == SQL_session_expire ||
		    all[i].stmt == SQL_analytics_cache_expire)
			out[n++] = all[i];
	return n;
}

enum db_rc
retention_step(struct db *db, const struct retention *r, struct retention_round *round)
{
	struct rule rules[RULES];
	size_t n = rules_of(r, rules);
	enum db_rc rc = DB_OK;

	for (; round->at < n; round->at++) {
		const struct rule *rule = &rules[round->at];
		uint64_t rows = 0;

		rc = db_exec(db,
		    SQL_IN_LIKE(session_expire, rule->stmt, .days = db_int(rule->days),
			.limit = db_int(rule->limit)),
		    &rows);
		round->rows += rows;
		if (rc == DB_OK && rows > 0) {
			/* A batch that is not full was the last one. */
			round->at += rows < (uint64_t)rule->limit;
			break;
		}
		if (rc != DB_OK && rc != DB_NONE) {
			round->at++;
			break;
		}
		rc = DB_OK;
	}
	round->over = round->at >= n;
	return rc;
}
