/* What a project, or one account of it, did in a time: one answer for a page of figures. */
#include <inttypes.h>
#include <stdlib.h>

#include "app/api/dashboard_count.h"
#include "app/api/handlers.h"
#include "app/api/imports_view.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/pin.h"
#include "lib/rfc3339.h"
#include "lib/zone.h"

#define LOCAL_LENGTH 19 /* of 2026-03-01T00:00:00 */

static struct json_object *
pins_json(const struct dashboard_pins *p)
{
	struct json_object *o = json_object_new_object(), *by = json_object_new_object();
	int64_t ended = p->published + p->failed;

	json_put_int(by, pin_wire(PIN_WAITING, false), p->queued);
	json_put_int(by, pin_wire(PIN_WAITING, true), p->deferred);
	json_put_int(by, pin_wire(PIN_SENDING, false), p->publishing);
	json_put_int(by, pin_wire(PIN_PUBLISHED, false), p->published);
	json_put_int(by, pin_wire(PIN_FAILED, false), p->failed);
	json_put_int(o, "total", ended + p->queued + p->deferred + p->publishing);
	json_put_int(o, "submitted", p->submitted);
	json_put(o, "by_status", by);
	json_put(o, "success_rate",
	    ended > 0 ? json_object_new_double((double)p->published / (double)ended) : NULL);
	return o;
}

static struct json_object *
schedules_json(const struct dashboard_schedules *n)
{
	struct json_object *o = json_object_new_object(), *by = json_object_new_object();

	json_put_int(by, schedule_wire(PIN_PLANNED, false), n->scheduled);
	json_put_int(by, schedule_wire(PIN_WAITING, false), n->queued);
	json_put_int(by, schedule_wire(PIN_WAITING, true), n->deferred);
	json_put_int(by, schedule_wire(PIN_SENDING, false), n->running);
	json_put_int(by, schedule_wire(PIN_PUBLISHED, false), n->done);
	json_put_int(by, schedule_wire(PIN_FAILED, false), n->failed);
	json_put_int(by, schedule_wire(PIN_CANCELED, false), n->canceled);
	json_put(o, "by_status", by);
	json_put_int(o, "upcoming", n->upcoming);
	return o;
}

static struct json_object *
queue_json(const struct dashboard_pins *p)
{
	struct json_object *o = json_object_new_object();

	json_put_int(o, "queued", p->queued);
	json_put_int(o, "deferred", p->deferred);
	json_put_int(o, "publishing", p->publishing);
	return o;
}

static struct json_object *
import_jobs_json(const struct dashboard *d)
{
	struct json_object *o, *by;

	if (!d->has_imports)
		return NULL;
	o = json_object_new_object();
	by = json_object_new_object();
	for (size_t i = 0; i < DASHBOARD_IMPORT_STATES; i++)
		json_put_int(by, imports_view_statuses[i], d->imports[i]);
	json_put(o, "by_status", by);
	return o;
}

/* "2026-03-01T00:00:00+01:00": the time as the zone shows it. */
static const char *
zoned_text(const struct zone *z, int64_t us, struct arena *mem)
{
	char text[RFC3339_SIZE];
	int64_t offset_min = zone_offset(z, us / US_PER_S) / 60, size = llabs(offset_min);

	(void)rfc3339_format(us + offset_min * 60 * US_PER_S, text);
	return arena_printf(mem, "%.*s%c%02" PRId64 ":%02" PRId64, LOCAL_LENGTH, text,
	    offset_min < 0 ? '-' : '+', size / 60, size % 60);
}

static struct json_object *
series_json(const struct dashboard *d)
{
	struct json_object *series = json_object_new_array();

	for (size_t i = 0; i < d->span.len; i++) {
		struct json_object *o = json_object_new_object();

		json_put_text(o, "start", zoned_text(d->span.zone, d->span.at[i], d->c->mem));
		json_put_int(o, "created", d->buckets[i].created);
		json_put_int(o, "published", d->buckets[i].published);
		json_put_int(o, "failed", d->buckets[i].failed);
		json_object_array_add(series, o);
	}
	return series;
}

static int
more_published(const void *a, const void *b)
{
	const struct dashboard_account *x = a, *y = b;

	return (x->published < y->published) - (x->published > y->published);
}

static struct json_object *
published_by_account_json(struct dashboard *d)
{
	struct json_object *list = json_object_new_array();

	if (d->accounts_len > 0)
		qsort(d->accounts, d->accounts_len, sizeof(d->accounts[0]), more_published);
	for (size_t i = 0; i < d->accounts_len && d->accounts[i].published > 0; i++) {
		struct json_object *o = json_object_new_object();

		json_put_uuid(o, "account_id", &d->accounts[i].id);
		json_put_int(o, "published", d->accounts[i].published);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *
dashboard_json(struct dashboard *d)
{
	struct json_object *o = json_object_new_object();

	json_put_time(o, "start", d->span.start_us);
	json_put_time(o, "end", d->span.end_us);
	json_put_text(o, "timezone", d->span.timezone);
	json_put_text(o, "granularity", d->span.hourly ? "hour" : "day");
	json_put_time(o, "previous_start", d->span.before_us);
	json_put_time(o, "previous_end", d->span.start_us);
	json_put_uuid(o, "account_id", d->one ? &d->account_id : NULL);
	json_put(o, "pins", pins_json(&d->now));
	json_put(o, "previous_pins", pins_json(&d->before));
	json_put(o, "series", series_json(d));
	json_put(o, "published_by_account", published_by_account_json(d));
	json_put(o, "queue", queue_json(&d->queue));
	json_put(o, "schedules", schedules_json(&d->schedules));
	json_put(o, "import_jobs", import_jobs_json(d));
	return o;
}

/* GET /v1/dashboard/summary */
void
dashboard_summary(struct call *c)
{
	struct dashboard *d = arena_alloc(c->mem, sizeof(*d));
	struct store_account account;
	struct problem why = { 0 };

	d->c = c;
	(void)call_query_uuid(c, "account_id", &d->account_id, &d->one, &why);
	if (!dashboard_span_read(c, &d->span, &why)) {
		reply_problem(&c->reply, &why);
		goto done;
	}
	if (d->one &&
	    (!call_account_permitted(c, &d->account_id) ||
		!call_found(c,
		    store_account_get(c->db, &c->who.project_id, &d->account_id, &account),
		    "Account")))
		goto done;
	if (call_found(c, dashboard_count(d), NULL))
		reply_json(&c->reply, 200, dashboard_json(d));
done:
	dashboard_span_free(&d->span);
}
