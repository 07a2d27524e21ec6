#ifndef APP_API_PIN_VIEW_H
#define APP_API_PIN_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/db/db.h"
#include "lib/pin.h"
#include "lib/uuid.h"

struct app;
struct call;
struct json_object;

/*
 * A pin or schedule as read: what the wire shows of it, and what a conditional change needs.
 * Columns: sql/group/pin_view.sql and schedule_view.sql.
 */
struct pin_view {
	struct uuid id, project_id, account_id, lane_id;
	struct uuid schedule_id; /* of a pin */
	struct uuid pin_id;      /* of a schedule */
	int64_t state, version, media_type, attempts, wait_code;
	int64_t own_state;   /* schedule: its row's state; `state` follows its pin */
	int64_t pin_version; /* schedule: of its pin; 0 when that is deleted */
	int64_t run_at_us, not_after_us, due_us, wait_until_us, created_us, updated_us;
	int64_t published_us, failed_us, removed_us; /* of a pin */
	int64_t restored; /* from a backup: it may have been sent since, so verify first */
	struct pin_content content;
	const char *idempotency_key;
	const char *error_code, *error_message; /* of the pin, also for a schedule */
	const char *last_error;                 /* of a schedule */
	const char *pinterest_pin_id, *confirmed_by, *candidates; /* of a pin */
};

#define PIN_VIEW_COLUMNS 40

/* What differs between a pin and a schedule, for code that serves both. */
struct pin_view_kind {
	const char *name; /* "Pin" */
	unsigned get;     /* the statement that reads one: as pin_get */
	/* Columns to fetch into *r; returns how many. */
	size_t (*columns)(struct pin_view *r, struct db_col cols[PIN_VIEW_COLUMNS]);
	/* The wire object of the PinBridge API docs, with our additions. */
	struct json_object *(*json)(const struct app *app, const struct pin_view *r);
};
extern const struct pin_view_kind pin_view_pin, pin_view_schedule;

/* Reads one of the caller's project. DB_NONE: not found or deleted. */
enum db_rc pin_view_get(
    struct call *c, const struct pin_view_kind *kind, const struct uuid *id, struct pin_view *r);
/*
 * As pin_view_get(), for a change inside a transaction. DB_NONE: not found or not permitted to this
 * key; the reply is the refusal.
 */
enum db_rc pin_view_require(
    struct call *c, const struct pin_view_kind *kind, const struct uuid *id, struct pin_view *r);
/* As pin_view_require(), outside a transaction. False: the reply is a refusal or a 503. */
MUST_CHECK bool pin_view_load(
    struct call *c, const struct pin_view_kind *kind, const struct uuid *id, struct pin_view *r);
/* Replies with what was created or changed, with warnings. Not DB_OK: there is no reply. */
enum db_rc pin_view_reply(
    struct call *c, const struct pin_view_kind *kind, const struct pin_view *r, int status);
/* Reads the changed row and replies with it: the last step of a change. DB_RETRY: it is gone. */
enum db_rc pin_view_reply_changed(
    struct call *c, const struct pin_view_kind *kind, const struct uuid *id);
/* Replies to GET with what was read. */
void pin_view_reply_one(struct call *c, const struct pin_view_kind *kind, const struct pin_view *r);
/* Replies to GET by the id in the path. */
void pin_view_show(struct call *c, const struct pin_view_kind *kind);
/* Reads why the pin waits into r; pin_view_get() has done so already. */
enum db_rc pin_view_wait(struct call *c, const struct uuid *pin_id, struct pin_view *r);

/* The pin waits for more than its turn: "deferred" on the wire. */
MUST_CHECK bool pin_view_deferred(const struct pin_view *r);
/* A pin's error_code and error_message on the wire; NULL: none. */
const char *pin_view_error_code(const struct pin_view *r);
const char *pin_view_error_message(const struct pin_view *r);

#endif
