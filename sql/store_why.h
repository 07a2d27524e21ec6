#ifndef SQL_STORE_WHY_H
#define SQL_STORE_WHY_H

#include "lib/db/db.h"
#include "lib/uuid.h"
#include "lib/why.h"

/* What is known of a pin or schedule, for the API and the operator's command. */
struct store_why {
	struct why_facts facts;
	struct uuid id, project_id, account_id;
	struct uuid schedule_id; /* nil: none */
	struct uuid pin_id;      /* nil: a schedule that has no pin */
	const char *title, *project_name, *username, *health_code, *confirmed_by, *candidates;
	const char *app_message; /* for the operator only: it may name his proxies */
	int64_t environment, retries_spent, shard, next_turn_us, absent_us, busy_until_us;
};

/*
 * Reads a pin, or a schedule: with its pin, if it has one that is not deleted. `project` NULL: of
 * any project. DB_NONE: there is none. Text is in the database's arena.
 */
enum db_rc store_why_pin(
    struct db *db, const struct uuid *project, const struct uuid *id, struct store_why *out);
enum db_rc store_why_schedule(
    struct db *db, const struct uuid *project, const struct uuid *id, struct store_why *out);
/* `ahead` counts up to this. */
#define STORE_WHY_AHEAD_MAX 1000

#endif
