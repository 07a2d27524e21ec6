#ifndef SQL_STORE_H
#define SQL_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/activity.h"
#include "lib/conf.h"
#include "lib/crypto.h"
#include "lib/db/db.h"
#include "lib/event.h"
#include "lib/pin.h"
#include "lib/uuid.h"
#include "lib/wait.h"

/*
 * Writes shared by the application and the worker: pins, schedules, events and activity rows. Each
 * runs inside the caller's transaction (db_transact()) and returns the database's result; on
 * anything but DB_OK the caller rolls back.
 */

/* The schema version that these statements need. */
#define SCHEMA_VERSION 1
/* Likewise of the simulator's statements. */
#define SANDBOX_SCHEMA_VERSION 1

/* Who made a change. */
struct actor {
	const char *type;    /* "user" | "api_key" | "system" | "worker" */
	struct uuid user_id; /* nil: none */
	const char *label;
	const char *request_id;
};

struct activity {
	enum activity_action action;
	struct uuid account_id; /* the Pinterest account that it is about; nil: none */
	struct uuid resource_id;
	const char *message;  /* NULL: what the list of actions says */
	const char *metadata; /* JSON object text, or NULL */
};
enum db_rc store_activity(
    struct db *db, const struct uuid *project, const struct actor *by, const struct activity *a);
/* Several at once: add each, then write them all. */
void store_activity_add(struct db *db, struct db_many *m, const struct uuid *project,
    const struct actor *by, const struct activity *a);
enum db_rc store_activity_write(struct db *db, const struct db_many *m);

/* An account, for creating pins. DB_NONE: not in this project. */
struct store_account {
	struct uuid id, project_id, lane_id;
	unsigned shard;
	enum environment environment;
	bool revoked, paused, reconnect;
	enum wait_code unhealthy; /* WAIT_RECONNECT or WAIT_SCOPE when `reconnect` */
	const char *scopes;       /* as Pinterest granted them, in the database's arena */
	int64_t boards_at_us;     /* time of the last complete board listing; TIME_NONE: never */
};
enum db_rc store_account_get(struct db *db, const struct uuid *project, const struct uuid *account,
    struct store_account *out);

enum store_made {
	STORE_CREATED,
	STORE_EXISTING, /* same idempotency key and content: the ids of the earlier one */
	STORE_CONFLICT, /* same idempotency key, other content */
	STORE_GONE      /* same key, but its pin or schedule was deleted */
};
struct store_made_ids {
	enum store_made made;
	struct uuid pin_id;      /* nil when a schedule was made */
	struct uuid schedule_id; /* nil when a pin was made */
};
/*
 * Insert a waiting pin (run_at: now; p->run_at_us is not read), or a planned schedule for
 * p->run_at_us. A pin first wakes its lane; then come the idempotency key, the row and the
 * activity. not_after defaults to run_at + publish_window_s. The caller has checked account and
 * board. Pins and schedules of a project share one name space of keys.
 */
enum db_rc store_pin_insert(struct db *db, const struct store_account *account,
    const struct pin_new *p, int64_t publish_window_s, const struct actor *by,
    struct store_made_ids *out);
enum db_rc store_schedule_insert(struct db *db, const struct store_account *account,
    const struct pin_new *p, int64_t publish_window_s, const struct actor *by,
    struct store_made_ids *out);

/*
 * Notes that a published pin is gone from Pinterest, or is there (again), with an activity row.
 * DB_NONE: nothing changed; it was noted already, or the pin is another by now.
 */
struct store_removal {
	struct uuid project_id, account_id, pin_id;
	const char *pinterest_pin_id;
	bool removed;
};
enum db_rc store_pin_removed(struct db *db, const struct store_removal *r, const struct actor *by);

/*
 * A used idempotency key, for a request that is refused now: what it created earlier with the same
 * content counts, whatever has changed since (its time has passed, its account or board is gone).
 */
struct store_key {
	unsigned char hash[SHA256_SIZE];
	int64_t checked_us; /* the first request was checked then or later */
	bool exists;        /* what it created was not deleted */
	struct store_made_ids ids;
};
/* DB_NONE: the key was never used in this project. */
enum db_rc store_key_get(
    struct db *db, const struct uuid *project, const char *key, struct store_key *out);
/* What the key stands for when `p` comes under it: never STORE_CREATED. Sets k->ids.made too. */
enum store_made store_key_compare(struct store_key *k, const struct pin_new *p);

/*
 * The outbox: n <= 64 events with their stored bodies, and for each a delivery to every webhook of
 * its project that wants its type and may hear of its account (pending when enabled, skipped when
 * not). A second event of one
 * type for the same subject and version is DB_DUP.
 */
enum db_rc store_events(struct db *db, const struct event *e, size_t n, int64_t deadline_s);

/* Makes the lane due at `due_us` (database time) unless it is due earlier. */
enum db_rc store_lane_wake(struct db *db, const struct uuid *lane, int64_t due_us);

/* Applies the embedded migrations that are missing. On failure *why is the reason. */
enum db_rc store_migrate(struct db *db, const char **why);
enum db_rc store_migrate_sandbox(struct db *db, const char **why);
/* *old: a view whose text is not this program's; NULL: none. On failure *why is the reason. */
enum db_rc store_views_check(struct db *db, const char **old, const char **why);

#endif
