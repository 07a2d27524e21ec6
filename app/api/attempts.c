/* The attempts to publish a pin, with what Pinterest said and which rule decided. */
#include <json-c/json.h>

#include "app/api/handlers.h"
#include "app/api/lists.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/pin.h"
#include "sql/stmt.h"

#define ATTEMPTS_MOST 200

struct attempt_shown {
	int64_t number, opened_us, gate_us, closed_us, next_us, outcome, http_status, code;
	const char *message, *request_id, *rule;
};

static void
put_number(struct json_object *o, const char *name, int64_t n)
{
	json_put(o, name, n != 0 ? json_object_new_int64(n) : NULL);
}

static struct json_object *
attempt_json(const struct call *c, const void *row)
{
	const struct attempt_shown *a = row;
	struct json_object *o = json_object_new_object();

	(void)c;
	json_put_int(o, "number", a->number);
	json_put_time(o, "started_at", a->opened_us);
	json_put_time(o, "sent_at", a->gate_us);
	json_put_time(o, "ended_at", a->closed_us);
	json_put(o, "duration_ms",
	    a->closed_us != TIME_NONE
		? json_object_new_int64((a->closed_us - a->opened_us) / US_PER_MS)
		: NULL);
	json_put_text(o, "outcome", attempt_wire(a->outcome));
	put_number(o, "http_status", a->http_status);
	put_number(o, "pinterest_code", a->code);
	json_put_text(o, "message", a->message);
	json_put_text(o, "pinterest_request_id", a->request_id);
	json_put_text(o, "rule", a->rule);
	json_put_time(o, "next_at", a->next_us);
	return o;
}

/* GET /v1/pins/{id}/attempts: the last 200, oldest first. */
void
attempts_list(struct call *c)
{
	struct attempt_shown a = { .number = 0 };
	struct json_object *all, *o;
	struct pin_view r;
	struct uuid id;
	enum db_rc rc;

	if (!call_uuid(c, 0, &id) || !pin_view_load(c, &pin_view_pin, &id, &r))
		return;
	all = json_object_new_array();
	rc = list_rows(c,
	    SQL_IN(attempt_list_of_pin, .pin = db_uuid(&id), .project = db_uuid(&c->who.project_id),
		.most = db_int(ATTEMPTS_MOST)),
	    SQL_OUT(attempt_list_of_pin, .number = db_get_int(&a.number),
		.opened_at = db_get_time(&a.opened_us), .gate_at = db_get_time(&a.gate_us),
		.closed_at = db_get_time(&a.closed_us), .outcome = db_get_int(&a.outcome),
		.http_status = db_get_int(&a.http_status), .pinterest_code = db_get_int(&a.code),
		.message = db_get_text(&a.message), .request_id = db_get_text(&a.request_id),
		.rule = db_get_text(&a.rule), .next_at = db_get_time(&a.next_us)),
	    attempt_json, &a, all);
	o = json_object_new_object();
	json_put_uuid(o, "pin_id", &id);
	json_put_int(o, "total", r.attempts);
	json_put(o, "items", all);
	call_reply(c, rc, NULL, o);
}
