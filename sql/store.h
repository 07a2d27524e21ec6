#ifndef SQL_STORE_H
#define SQL_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/db/db.h"
#include "lib/event.h"
#include "lib/pin.h"
#include "lib/uuid.h"

struct json_object;

/*
 * The few writes that the application and the worker share, so that there is one way to make a pin,
 * a schedule, an event and an activity row. Each runs inside the caller's transaction
 * (db_transact()) and returns what the database said; on anything but DB_OK the caller rolls back.
 */

/* Version of sql/schema these statements are written for. */
#define SCHEMA_VERSION 1

/* Who did it. */
struct actor {
	const char *type;    /* "user" | "api_key" | "system" | "worker" */
	struct uuid user_id; /* nil: none */
	const char *label;
	const char *request_id;
};

struct activity {
	const char *action;   /* "schedule.created" */
	const char *category; /* "publishing" | "security" | "configuration" | "integration" */
	const char *status;   /* "success" | "failed" | "queued" | "canceled" */
	const char *resource_type;
	struct uuid resource_id;
	const char *message;
	const char *metadata; /* JSON object text, or NULL */
};
enum db_rc store_activity(
    struct db *db, const struct uuid *project, const struct actor *by, const struct activity *a);
/* Many at once: add each, then write them all. */
void store_activity_add(struct db *db, struct db_many *m, const struct uuid *project,
    const struct actor *by, const struct activity *a);
enum db_rc store_activity_write(struct db *db, const struct db_many *m);

/* An account as whoever creates for it needs it. DB_NONE: not in this project. */
struct store_account {
	struct uuid id, project_id, lane_id;
	unsigned shard;
	enum environment environment;
	bool revoked, paused, reconnect;
	int64_t boards_at_us; /* the cached board listing was complete then; TIME_NONE: never */
};
enum db_rc store_account_get(struct db *db, const struct uuid *project, const struct uuid *account,
    struct store_account *out);

enum store_made {
	STORE_CREATED,
	STORE_EXISTING, /* same idempotency key, same content: the earlier one's id */
	STORE_CONFLICT, /* same idempotency key, other content */
	STORE_GONE      /* same key, but its pin or schedule was deleted: the key stays used */
};
struct store_made_ids {
	enum store_made made;
	struct uuid pin_id;      /* nil when a schedule was made */
	struct uuid schedule_id; /* nil when a pin was made */
};
/*
 * A waiting pin (run_at: now) or, with p->run_at_us, a planned schedule: the lane first (its
 * next_turn_at), then the idempotency key, the row, the activity. not_after defaults to run_at +
 * publish_window_s. The caller has checked account and board. Keys of pins and schedules share one
 * name space per project.
 */
enum db_rc store_pin_insert(struct db *db, const struct store_account *account,
    const struct pin_new *p, int64_t publish_window_s, const struct actor *by,
    struct store_made_ids *out);
enum db_rc store_schedule_insert(struct db *db, const struct store_account *account,
    const struct pin_new *p, int64_t publish_window_s, const struct actor *by,
    struct store_made_ids *out);

/*
 * What the idempotency key of a refused request made earlier of the same content: what has changed
 * since (its time has come, its account or board is gone) is no reason to tell a repetition that it
 * was not accepted. DB_OK with *p and what STORE_EXISTING says; DB_NONE: nothing, it stays refused.
 */
enum db_rc store_repeated(struct db *db, const struct uuid *project, enum pin_form form,
    struct json_object *in, struct pin_new *p, struct store_made_ids *out);

/*
 * The outbox: one event with its stored body, and a delivery for each webhook of the project that
 * wants its type (pending when enabled, skipped when not). A second call for the same pin (without
 * one: schedule) and version is DB_DUP.
 */
enum db_rc store_event(struct db *db, const struct event_pin *e, int64_t deadline_s);
/* The same for n <= 64 events. */
enum db_rc store_events(struct db *db, const struct event_pin *e, size_t n, int64_t deadline_s);

/* Makes the lane due at `due_us` (database time) unless it is due earlier. */
enum db_rc store_lane_wake(struct db *db, const struct uuid *lane, int64_t due_us);

/* Brings the schema up to date by the embedded migrations. `why` says what went wrong. */
enum db_rc store_migrate(struct db *db, const char **why);
enum db_rc store_migrate_sandbox(struct db *db, const char **why);

#endif
