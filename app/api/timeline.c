/* What happened to a pin or schedule, in the order of time: activity, attempts, events, webhooks.
 */
#include <json-c/json.h>

#include "app/api/handlers.h"
#include "app/api/lists.h"
#include "app/api/why.h"
#include "app/http/call.h"
#include "lib/clock.h"
#include "lib/event.h"
#include "lib/json.h"
#include "lib/pin.h"
#include "lib/why.h"
#include "sql/stmt.h"

#define TIMELINE_MOST 500

/* As timeline_list numbers them. */
enum timeline_kind { TIMELINE_ACTIVITY = 1, TIMELINE_ATTEMPT, TIMELINE_EVENT, TIMELINE_DELIVERY };

struct timeline_row {
	int64_t at_us, kind, number, code, http_status, ended_us;
	const char *name, *message, *actor;
	struct uuid webhook_id;
};

static struct json_object *
entry_new(int64_t at_us, const char *kind, const char *name, const char *message)
{
	struct json_object *o = json_object_new_object();

	json_put_time(o, "at", at_us);
	json_put_text(o, "kind", kind);
	json_put_text(o, "name", name);
	json_put_text(o, "message", message);
	return o;
}

static struct json_object *
attempt_entry(const struct timeline_row *r)
{
	struct json_object *o = entry_new(r->at_us, "attempt", attempt_wire(r->code), r->message);

	json_put_int(o, "number", r->number);
	json_put_text(o, "rule", r->name);
	json_put(
	    o, "http_status", r->http_status != 0 ? json_object_new_int64(r->http_status) : NULL);
	json_put_time(o, "ended_at", r->ended_us);
	return o;
}

/* Webhooks of others are nothing for a key with an allow-list. */
static struct json_object *
delivery_entry(const struct call *c, const struct timeline_row *r)
{
	struct json_object *o = entry_new(r->at_us, "delivery", deliver_wire(r->code), r->message);

	json_put_int(o, "number", r->number);
	json_put(
	    o, "http_status", r->http_status != 0 ? json_object_new_int64(r->http_status) : NULL);
	json_put_uuid(o, "webhook_id", c->who.account_ids == NULL ? &r->webhook_id : NULL);
	return o;
}

static struct json_object *
timeline_json(const struct call *c, const void *row)
{
	const struct timeline_row *r = row;
	struct json_object *o;

	switch ((enum timeline_kind)r->kind) {
	case TIMELINE_ATTEMPT: return attempt_entry(r);
	case TIMELINE_EVENT:
		return entry_new(r->at_us, "event",
		    event_type_known(r->code) ? event_type_name((enum event_type)r->code) : NULL,
		    NULL);
	case TIMELINE_DELIVERY: return delivery_entry(c, r);
	case TIMELINE_ACTIVITY: break;
	}
	o = entry_new(r->at_us, "activity", r->name, r->message);
	/* as in the activity log: a key for some accounts is not told by whom */
	json_put_text(o, "actor", c->who.account_ids == NULL ? r->actor : NULL);
	return o;
}

/* The rows come newest first, so that the oldest are left out when there are too many. */
static struct json_object *
array_reversed(struct json_object *all)
{
	struct json_object *out = json_object_new_array();

	for (size_t i = json_object_array_length(all); i > 0; i--)
		json_object_array_add(out, json_object_get(json_object_array_get_idx(all, i - 1)));
	json_object_put(all);
	return out;
}

static void
timeline_reply(struct call *c, const struct store_why *w)
{
	struct timeline_row r = { .number = 0 };
	struct json_object *all = json_object_new_array(), *o;
	const struct uuid *schedule = uuid_is_nil(&w->schedule_id) ? NULL : &w->schedule_id,
			  *pin = uuid_is_nil(&w->pin_id) ? NULL : &w->pin_id;
	enum db_rc rc = list_rows(c,
	    SQL_IN(timeline_list, .schedule = db_uuid(schedule), .pin = db_uuid(pin),
		.project = db_uuid(&c->who.project_id), .most = db_int(TIMELINE_MOST)),
	    SQL_OUT(timeline_list, .at = db_get_time(&r.at_us), .kind = db_get_int(&r.kind),
		.name = db_get_text(&r.name), .number = db_get_int(&r.number),
		.code = db_get_int(&r.code), .http_status = db_get_int(&r.http_status),
		.message = db_get_text(&r.message), .actor = db_get_text(&r.actor),
		.webhook_id = db_get_uuid(&r.webhook_id), .ended_at = db_get_time(&r.ended_us)),
	    timeline_json, &r, all);
	bool cut = rc == DB_OK && json_object_array_length(all) == TIMELINE_MOST;

	all = array_reversed(all);
	o = json_object_new_object();
	json_put_uuid(o, "schedule_id", schedule);
	json_put_uuid(o, "pin_id", pin);
	json_put_time(o, "run_at", w->facts.run_at_us);
	json_put_time(o, "not_after", w->facts.not_after_us);
	json_put_text(o, "sentence", why(&w->facts, c->mem).sentence);
	json_put(o, "items", all);
	json_put_bool(o, "cut", cut);
	call_reply(c, rc, NULL, o);
}

/* GET /v1/pins/{id}/timeline */
void
timeline_pin(struct call *c)
{
	struct store_why w;

	if (why_read_pin(c, &w))
		timeline_reply(c, &w);
}

/* GET /v1/schedules/{id}/timeline */
void
timeline_schedule(struct call *c)
{
	struct store_why w;

	if (why_read_schedule(c, &w))
		timeline_reply(c, &w);
}
