/*
 * Bulk actions run the handler of the single action once per id, each in its own transaction.
 * Invariant: a refusal of one changes nothing for the others.
 */
#include <string.h>

#include "app/api/handlers.h"
#include "app/api/parts.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/json_reader.h"

#define IDS_MAX 100

enum result { RESULT_SUCCEEDED, RESULT_SKIPPED, RESULT_FAILED, RESULT__COUNT };
static const char *const names[RESULT__COUNT] = { "succeeded", "skipped", "failed" };

/* False: the reply is a 422. */
static bool
bulk_read_ids(struct call *c, struct uuid *ids, size_t *len)
{
	static const char *const known[] = { "ids", NULL };
	struct problem why = { 0 };
	struct json_object *list, *item;
	struct json_reader r;

	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	list = json_array(&r, "ids", JSON_REQUIRED, 1, IDS_MAX);
	*len = list != NULL ? json_object_array_length(list) : 0;
	for (size_t i = 0; i < *len; i++) {
		item = json_object_array_get_idx(list, i);
		if (json_item_uuid(item, &ids[i]) == -1) {
			json_wrong(&r, "ids", "must hold UUIDs");
			break;
		}
	}
	return !call_refused(c, &why);
}

/* Skipped: the row's state does not allow the action. Any other error is a failure. */
static enum result
bulk_result_of(const struct reply *r)
{
	if (r->status < 300)
		return RESULT_SUCCEEDED;
	return r->status == 400 || r->status == 409 ? RESULT_SKIPPED : RESULT_FAILED;
}

struct bulk_action {
	void (*handler)(struct call *c);
	const struct uuid *id;
	struct json_object *results;
	int64_t count[RESULT__COUNT];
};

static void
act_on_id(struct call *c, void *arg)
{
	const struct bulk_action *a = arg;
	char text[UUID_TEXT_SIZE];

	c->param[0] = arena_strdup(c->mem, uuid_format(a->id, text));
	a->handler(c);
}

static void
take_bulk_result(struct call *c, void *arg)
{
	struct bulk_action *a = arg;
	struct json_object *o = json_object_new_object();
	enum result result = bulk_result_of(&c->reply);

	json_put_text(o, "id", c->param[0]);
	json_put_text(o, "status", names[result]);
	json_put_text(o, "error_code", c->reply.error_code);
	json_put_text(o, "error_message", c->reply.error_message);
	json_object_array_add(a->results, o);
	a->count[result]++;
	c->param[0] = NULL;
}

static void
bulk_run(struct call *c, void (*handler)(struct call *c))
{
	struct uuid ids[IDS_MAX];
	struct bulk_action a = { .handler = handler };
	struct json_object *body;
	struct parts parts;
	size_t len;

	if (!bulk_read_ids(c, ids, &len))
		return;
	a.results = json_object_new_array();
	parts_begin(c, &parts);
	for (size_t i = 0; i < len; i++) {
		a.id = &ids[i];
		parts_one(c, act_on_id, take_bulk_result, &a);
	}
	parts_end(c, &parts);
	body = json_object_new_object();
	json_put_int(body, "succeeded_count", a.count[RESULT_SUCCEEDED]);
	json_put_int(body, "skipped_count", a.count[RESULT_SKIPPED]);
	json_put_int(body, "failed_count", a.count[RESULT_FAILED]);
	json_put(body, "results", a.results);
	reply_json(&c->reply, 200, body);
}

/* POST /v1/pins/bulk-delete: deletes our records only. */
void
bulk_pins_delete(struct call *c)
{
	struct problem why = { 0 };

	if (call_query(c, "delete_from_pinterest") == NULL) {
		bulk_run(c, pins_delete);
		return;
	}
	problem_query(&why, c->mem, "delete_from_pinterest",
	    "works for one pin at a time: DELETE /v1/pins/{id}?delete_from_pinterest=true");
	reply_problem(&c->reply, &why);
}

/* POST /v1/pins/bulk-retry */
void
bulk_pins_retry(struct call *c)
{
	bulk_run(c, pins_retry);
}

/* POST /v1/schedules/bulk-cancel */
void
bulk_schedules_cancel(struct call *c)
{
	bulk_run(c, schedules_cancel);
}

/* POST /v1/schedules/bulk-delete */
void
bulk_schedules_delete(struct call *c)
{
	bulk_run(c, schedules_delete);
}

/* POST /v1/schedules/bulk-retry */
void
bulk_schedules_retry(struct call *c)
{
	bulk_run(c, schedules_retry);
}
