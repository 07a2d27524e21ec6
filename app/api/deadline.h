#ifndef APP_API_DEADLINE_H
#define APP_API_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/db/db.h"
#include "lib/uuid.h"

struct call;
struct json_object;
struct pin_view;

/*
 * Warns of pins that pace and daily cap will not carry before their deadlines, as far as a forecast
 * (lib/forecast.h) of the account's queue tells. Only what the caller's project has queued counts,
 * and of that the first DEADLINE_QUEUE_MAX; pins behind them are not judged.
 */
#define DEADLINE_QUEUE_MAX 2000
#define DEADLINE_ACCOUNTS_MAX 10 /* of one import */
#define DEADLINE_ROWS_SHOWN 100

struct deadline_pin {
	int64_t due_us, not_after_us;
	bool queued;       /* it is in the tables already */
	int64_t leaves_us; /* the forecast; TIME_NONE: in time, as far as is known */
	int64_t ahead;     /* how many of the account's pins leave before it */
};
/* Forecasts *p behind what the account has queued. */
enum db_rc deadline_forecast(struct call *c, const struct uuid *account, struct deadline_pin *p);
/* The sentence for a pin that leaves too late; NULL for one that does not. Lives in the call. */
const char *deadline_message(struct call *c, const struct deadline_pin *p);

/* Adds "warnings" to a rendered pin or schedule: an array, empty if nothing is known to be wrong.
 */
enum db_rc deadline_warn(struct call *c, const struct pin_view *r, struct json_object *o);
/* A row of an import, or entry of a batch, that created a pin or schedule. */
struct deadline_row {
	struct uuid id;
	int64_t row;
	bool late;
};
/*
 * Adds to `warnings` which of these rows, of at most DEADLINE_ACCOUNTS_MAX accounts, will be too
 * late; sorts them.
 */
enum db_rc deadline_warn_rows(struct call *c, const struct uuid *accounts, size_t accounts_len,
    struct deadline_row *rows, size_t len, struct json_object *warnings);
/* The same for the rows of an import. */
enum db_rc deadline_warn_import(struct call *c, const struct uuid *import_id,
    struct deadline_row *rows, size_t len, struct json_object *warnings);

#endif
