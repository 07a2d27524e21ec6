/*
 * Deleting a pin deletes our record; with delete_from_pinterest=true a published one is first
 * deleted on Pinterest. A pin under way cannot be deleted: whether it exists would then be unknown
 * for good.
 */
#include "app/api/activity.h"
#include "app/api/change.h"
#include "app/api/handlers.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "app/pinterest/upstream.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/pin.h"
#include "lib/url.h"
#include "sql/stmt.h"

struct deleting {
	struct uuid id;
	bool upstream;      /* the caller wants it off Pinterest as well */
	bool removed;       /* it is gone there */
	bool there;         /* it was looked at while it was published, and dealt with */
	const char *reason; /* why not */
};

/* A pin that waits takes its schedule along: nothing is left that could be published. */
static enum db_rc
drop_waiting(struct call *c, const struct pin_view *pin)
{
	enum db_rc rc = DB_OK;

	if (!uuid_is_nil(&pin->schedule_id))
		rc = db_exec(c->db,
		    SQL_IN(schedule_cancel_with_pin, .project = db_uuid(&c->who.project_id),
			.id = db_uuid(&pin->schedule_id), .pin = db_uuid(&pin->id)),
		    NULL);
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	return change_drop_waiting(c, &pin->id, pin->version);
}

static enum db_rc
drop_final(struct call *c, const struct pin_view *pin)
{
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(pin_delete_final, .project = db_uuid(&c->who.project_id),
		.id = db_uuid(&pin->id), .version = db_int(pin->version)),
	    NULL);

	return rc == DB_NONE ? DB_RETRY : rc;
}

static struct json_object *
deleted_json(const struct deleting *d, const struct pin_view *pin)
{
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "id", &pin->id);
	json_put_bool(o, "deleted", true);
	json_put_bool(o, "removed_from_pinterest", d->removed);
	json_put_text(o, "pinterest_pin_id", pin->pinterest_pin_id);
	json_put_text(o, "reason", d->reason);
	return o;
}

static enum db_rc
drop(struct call *c, void *arg)
{
	struct deleting *d = arg;
	struct pin_view pin;
	enum db_rc rc = pin_view_require(c, &pin_view_pin, &d->id, &pin);

	if (rc != DB_OK)
		return rc;
	if (pin.state == PIN_SENDING || pin.state == PIN_VERIFYING) {
		change_publishing(c, pin.state);
		return DB_NONE;
	}
	if (d->upstream && pin.state == PIN_PUBLISHED && !d->there) {
		reply_error(&c->reply, 409, "conflict",
		    "The pin has just been published; repeat the request to delete it there too.");
		return DB_NONE;
	}
	rc = pin.state == PIN_WAITING ? drop_waiting(c, &pin) : drop_final(c, &pin);
	if (rc == DB_OK)
		rc = activity_write(
		    c, "publishing", "pin.deleted", "success", &d->id, "A pin was deleted.");
	if (rc != DB_OK)
		return rc;
	if (d->upstream)
		reply_json(&c->reply, 200, deleted_json(d, &pin));
	else
		reply_empty(&c->reply, 204);
	return DB_OK;
}

/* Takes the pin off Pinterest. False: the reply is set, and nothing was deleted here. */
static bool
delete_there(struct call *c, struct deleting *d)
{
	struct upstream_ask ask = { .method = "DELETE" };
	struct problem why = { 0 };
	struct store_account account;
	struct http_answer a;
	struct pin_view pin;
	enum upstream_result r;
	enum db_rc rc;

	if (!pin_view_load(c, &pin_view_pin, &d->id, &pin))
		return false;
	rc = store_account_get(c->db, &c->who.project_id, &pin.account_id, &account);
	if (rc == DB_NONE)
		call_not_found(c, "Pin");
	else if (rc != DB_OK)
		call_db_error(c, rc);
	if (rc != DB_OK)
		return false;
	if (pin.state != PIN_PUBLISHED || pin.pinterest_pin_id == NULL) {
		d->reason = change_is_unknown(&pin) ? "outcome_unknown" : "not_published";
		return true;
	}
	d->there = true;
	if (c->who.environment == ENV_SANDBOX) {
		d->reason = "simulated_sandbox";
		return true;
	}
	ask.path = arena_printf(c->mem, "/pins/%s", url_encode(pin.pinterest_pin_id, c->mem));
	r = upstream_account(c, &account, &ask, &a, &why);
	d->removed = r == UPSTREAM_OK || (r == UPSTREAM_REFUSED && a.status == 404);
	if (!d->removed)
		reply_problem(&c->reply, &why);
	else
		c->done = "The pin is gone from Pinterest.";
	return d->removed;
}

void
pins_delete(struct call *c)
{
	struct deleting d = { 0 };
	struct problem why = { 0 };
	int upstream = 0;

	if (!call_uuid(c, 0, &d.id))
		return;
	if (!call_query_bool(c, "delete_from_pinterest", &upstream, &why)) {
		reply_problem(&c->reply, &why);
		return;
	}
	d.upstream = upstream == 1;
	if (!d.upstream || delete_there(c, &d))
		(void)call_transact(c, drop, &d);
}
