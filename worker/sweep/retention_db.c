/*
 * Which rows go, and when. Invariant: nothing that is alive goes: neither what waits nor what it
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

#define RULES 11

static size_t
rules_of(const struct retention *r, struct rule out[RULES])
{
	const struct rule all[RULES] = {
		{ STMT_IDEMPOTENCY_REPLY_EXPIRE, r->replies_days, RETENTION_BATCH },
		{ STMT_OAUTH_STATE_EXPIRE, r->oauth_states_days, RETENTION_BATCH },
		{ STMT_SESSION_EXPIRE, 0, RETENTION_BATCH },
		{ STMT_WORKER_EXPIRE, r->workers_days, RETENTION_BATCH },
		{ STMT_DELIVERY_ATTEMPT_EXPIRE, r->events_days, RETENTION_BATCH },
		{ STMT_DELIVERY_EXPIRE, r->events_days, RETENTION_BATCH },
		{ STMT_EVENT_EXPIRE, r->events_days, RETENTION_BATCH },
		{ STMT_ACTIVITY_EXPIRE, r->activity_days, RETENTION_BATCH },
		{ STMT_IMPORT_ROW_EXPIRE, r->import_rows_days, RETENTION_BATCH },
		{ STMT_PIN_EXPIRE, r->finished_days, PINS_BATCH },
		{ STMT_SCHEDULE_EXPIRE, r->finished_days, RETENTION_BATCH / 2 },
	};
	size_t n = 0;

	for (size_t i = 0; i < RULES; i++)
		if (all[i].days != FOREVER || all[i].stmt == STMT_SESSION_EXPIRE)
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
		const struct db_param in[] = { db_int(rule->days), db_int(rule->limit) };
		uint64_t rows = 0;

		rc = db_exec(db, rule->stmt, in, DB_LEN(in), &rows);
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
