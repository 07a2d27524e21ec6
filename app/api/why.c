/* Answers for support: why a pin or schedule is where it is. The words are in lib/why.c. */
#include "app/api/why.h"

#include <json-c/json.h>

#include "app/api/handlers.h"
#include "app/http/call.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/why.h"

static struct json_object *
condition_json(enum why_condition i, const struct why_state *s)
{
	struct json_object *o = json_object_new_object();

	json_put_text(o, "name", why_condition_name(i));
	json_put_bool(o, "met", s->met);
	json_put_text(o, "message", s->message);
	json_put_time(o, "since", s->since_us);
	json_put_time(o, "until", s->until_us);
	return o;
}

static void
why_reply(struct call *c, const struct store_why *w)
{
	const struct why_facts *f = &w->facts;
	struct why y = why(f, c->mem);
	struct json_object *o = json_object_new_object(), *all = json_object_new_array();
	bool deferred = f->wait != WAIT_NONE;

	for (int i = 0; y.open && i < WHY_CONDITION__COUNT; i++)
		json_object_array_add(all, condition_json((enum why_condition)i, &y.conditions[i]));
	json_put_uuid(o, "pin_id", &w->pin_id);
	json_put_uuid(o, "schedule_id", &w->schedule_id);
	json_put_uuid(o, "pinterest_account_id", &w->account_id);
	json_put_text(o, "status",
	    uuid_is_nil(&w->pin_id) ? schedule_wire(f->state, deferred)
				    : pin_wire(f->state, deferred));
	json_put_text(o, "sentence", y.sentence);
	json_put_text(o, "detail", y.detail);
	json_put_text(o, "error_code",
	    f->state == PIN_WAITING && f->wait != WAIT_NONE ? wait_wire_code(f->wait)
							    : f->error_code);
	json_put_text(o, "who", hand_wire(y.hand));
	json_put_text(o, "todo", y.todo);
	json_put_time(o, "run_at", f->run_at_us);
	json_put_time(o, "not_after", f->not_after_us);
	json_put_time(o, "expected_at", y.expected_us);
	json_put_int(o, "late_seconds", y.late_us > 0 ? y.late_us / US_PER_S : 0);
	if (y.open)
		json_put_int(o, "ahead", f->ahead);
	else
		json_put(o, "ahead", NULL);
	json_put(o, "conditions", all);
	json_put_time(o, "as_of", f->now_us);
	reply_json(&c->reply, 200, o);
}

typedef enum db_rc why_statement(
    struct db *db, const struct uuid *project, const struct uuid *id, struct store_why *out);

static bool
why_read(struct call *c, why_statement *read, const char *what, struct store_why *w)
{
	struct uuid id;
	enum db_rc rc;

	if (!call_uuid(c, 0, &id))
		return false;
	rc = read(c->db, &c->who.project_id, &id, w);
	if (rc == DB_OK && w->facts.deleted_us != TIME_NONE)
		rc = DB_NONE;
	return call_found(c, rc, what) && call_account_permitted(c, &w->account_id);
}

bool
why_read_pin(struct call *c, struct store_why *out)
{
	return why_read(c, store_why_pin, "Pin", out);
}

bool
why_read_schedule(struct call *c, struct store_why *out)
{
	return why_read(c, store_why_schedule, "Schedule", out);
}

/* GET /v1/pins/{id}/why */
void
why_pin(struct call *c)
{
	struct store_why w;

	if (why_read_pin(c, &w))
		why_reply(c, &w);
}

/* GET /v1/schedules/{id}/why */
void
why_schedule(struct call *c)
{
	struct store_why w;

	if (why_read_schedule(c, &w))
		why_reply(c, &w);
}
