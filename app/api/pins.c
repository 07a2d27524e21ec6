/* Pins: create, validate, get, list. Changes are in pins_*.c. */
#include <string.h>

#include "app/api/filter.h"
#include "app/api/handlers.h"
#include "app/api/accept.h"
#include "app/api/pin_view.h"
#include "app/api/validate.h"
#include "app/http/admit.h"
#include "app/http/call.h"
#include "lib/pin.h"
#include "lib/wait.h"
#include "sql/stmt.h"

void
pins_create(struct call *c)
{
	accept_create(c, PIN_FORM_PIN);
}

void
pins_validate(struct call *c)
{
	validate_run(c, PIN_FORM_PIN);
}

void
pins_get(struct call *c)
{
	pin_view_show(c, &pin_view_pin);
}

/* The wait reasons that are shown as this error code; returns how many. */
static size_t
waits_shown_as(const char *error_code, unsigned char out[WAIT__COUNT])
{
	size_t n = 0;

	for (int w = 1; error_code != NULL && w < WAIT__COUNT; w++) {
		const char *wire = wait_wire_code((enum wait_code)w);

		if (wire != NULL && strcmp(wire, error_code) == 0)
			out[n++] = (unsigned char)w;
	}
	return n;
}

#define CREATED offsetof(struct pin_view, created_us)
#define PUBLISHED offsetof(struct pin_view, published_us)

#define PIN_Q FILTER_Q(f), .waits = db_list(waits, waits_len)
#define PIN_FILTERS                                                                                \
	FILTERS(c, f), .error = db_text(error), .waits_any = db_int(f->by_wait),                   \
		       .removed = removed >= 0 ? db_int(removed) : db_null()

static void
reply_pin_list(struct call *c, const struct filter *f, const char *error, int removed,
    const unsigned char *waits, size_t waits_len)
{
	const struct filter_query q = { &pin_view_pin,
		{ SQL_IN_ORDER(pin_list, filter_order(f), PIN_FILTERS, PIN_Q, FILTER_AFTER(f),
		    FILTER_PAGE(f)) },
		{ SQL_IN_ORDER(
		    pin_window, filter_order(f), PIN_FILTERS, FILTER_AFTER(f), FILTER_END(f)) },
		{ SQL_IN(pin_count, PIN_FILTERS, PIN_Q, FILTER_MOST(f)) },
		{ SQL_IN_ORDER(pin_count_by, filter_by(f), FILTER_BY(c, f)) } };

	filter_list(c, f, &q);
}

/*
 * A reason to wait may be the code of failed pins as well, of which few projects have any. Those
 * that wait alone come in order from an index.
 */
static enum db_rc
leave_out_failed(struct call *c, const char *error, struct filter *f)
{
	static const struct filter_status waiting = { "waiting", PIN_WAITING, PIN_WAITING, -1 };
	int64_t there = 1;
	enum db_rc rc = DB_OK;

	if (f->by_wait && f->status == NULL)
		rc = db_row(c->db,
		    SQL_IN(pin_failed_with, .project = db_uuid(&c->who.project_id),
			.error = db_text(error)),
		    SQL_OUT(pin_failed_with, .there = db_get_int(&there)));
	if (there == 0)
		f->status = &waiting;
	return rc;
}

void
pins_list(struct call *c)
{
	static const struct filter_status statuses[] = {
		{ "queued", PIN_WAITING, PIN_WAITING, 0 },
		{ "deferred", PIN_WAITING, PIN_WAITING, 1 },
		{ "publishing", PIN_SENDING, PIN_VERIFYING, -1 },
		{ "published", PIN_PUBLISHED, PIN_PUBLISHED, -1 },
		{ "failed", PIN_FAILED, PIN_FAILED, -1 },
		{ NULL, 0, 0, 0 },
	};
	/* in the order of `orders:` in pin_list.sql */
	static const struct filter_sort sorts[] = { { "created_at_desc", FILTER_BY_TIME, CREATED,
							0 },
		{ "created_at_asc", FILTER_BY_TIME, CREATED, 0 },
		{ "published_at_desc", FILTER_BY_TIME, PUBLISHED, 0 },
		{ "published_at_asc", FILTER_BY_TIME, PUBLISHED, 0 },
		{ "title_asc", FILTER_BY_TITLE, CREATED, 0 },
		{ "title_desc", FILTER_BY_TITLE, CREATED, 0 },
		{ "status_asc", FILTER_BY_STATE, CREATED, 1 },
		{ "status_desc", FILTER_BY_STATE, CREATED, 0 }, { NULL, FILTER_BY_TIME, 0, 0 } };
	struct problem why = { 0 };
	struct filter f;
	unsigned char waits[WAIT__COUNT];
	size_t waits_len;
	const char *error;
	int removed = -1;

	(void)call_query_bool(c, "removed", &removed, &why);
	error = filter_code(c, "error_code", &why);
	if (!filter_read(c, statuses, sorts, &f, &why))
		return;
	waits_len = waits_shown_as(error, waits);
	f.by_error = error != NULL;
	f.by_wait = waits_len > 0;
	f.narrowed = f.by_error + (removed >= 0);
	if (call_refused(c, &why) || (filter_heavy(&f) && !admit_long(c)) ||
	    !call_found(c, leave_out_failed(c, error, &f), NULL))
		return;
	reply_pin_list(c, &f, error, removed, waits, waits_len);
}
