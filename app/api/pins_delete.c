/*
 * Deleting a pin deletes our record. With delete_from_pinterest=true a published pin is first
 * deleted on Pinterest. A pin being sent or looked up cannot be deleted: whether it exists would
 * stay unknown.
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
#include "lib/pinterest.h"
#include "lib/url.h"
#include "sql/stmt.h"

struct pin_deletion {
	struct uuid id;
	bool upstream;      /* the caller wants it deleted on Pinterest as well */
	bool removed;       /* it was deleted on Pinterest */
	bool there;         /* it was published when delete_on_pinterest() handled it */
	const char *reason; /* why it was not deleted on Pinterest */
};

/* Also cancels the schedule of a waiting pin, so that nothing is left to publish. */
static enum db_rc
delete_waiting_pin(struct call *c, const struct pin_view *pin)
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
delete_final_pin(struct call *c, const struct pin_view *pin)
{
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(pin_delete_final, .project = db_uuid(&c->who.project_id),
		.id = db_uuid(&pin->id), .version = db_int(pin->version)),
	    NULL);

	return rc == DB_NONE ? DB_RETRY : rc;
}

static struct json_object *
deleted_json(const struct pin_deletion *d, const struct pin_view *pin)
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
delete_pin(struct call *c, void *arg)
{
	struct pin_deletion *d = arg;
	struct pin_view pin;
	enum db_rc rc = pin_view_require(c, &pin_view_pin, &d->id, &pin);

	if (rc != DB_OK)
		return rc;
	if (change_refuse_publishing(c, pin.state))
		return DB_NONE;
	if (d->upstream && pin.state == PIN_PUBLISHED && !d->there) {
		reply_error(&c->reply, 409, "conflict",
		    "The pin has just been published; repeat the request to delete it on Pinterest "
		    "too.");
		return DB_NONE;
	}
	rc = pin.state == PIN_WAITING ? delete_waiting_pin(c, &pin) : delete_final_pin(c, &pin);
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_PIN_DELETED, &pin.account_id, &d->id);
	if (rc != DB_OK)
		return rc;
	if (d->upstream)
		reply_json(&c->reply, 200, deleted_json(d, &pin));
	else
		reply_empty(&c->reply, 204);
	return DB_OK;
}

/* Deletes the pin on Pinterest. False: the reply is set, and nothing was deleted here. */
static bool
delete_on_pinterest(struct call *c, struct pin_deletion *d)
{
	struct upstream_ask ask = { .method = "DELETE" };
	struct problem why = { 0 };
	struct store_account account;
	struct http_answer a;
	struct pin_view pin;
	enum upstream_result r;

	if (!pin_view_load(c, &pin_view_pin, &d->id, &pin) ||
	    !call_found(
		c, store_account_get(c->db, &c->who.project_id, &pin.account_id, &account), "Pin"))
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
	d->removed = r == UPSTREAM_OK || pinterest_pin_gone(a.status, a.body, a.body_len, c->mem);
	if (!d->removed)
		reply_problem(&c->reply, &why);
	else
		c->done = "The pin is gone from Pinterest.";
	/* compared, and it cannot be undone */
	c->req->if_match = d->removed ? NULL : c->req->if_match;
	return d->removed;
}

void
pins_delete(struct call *c)
{
	struct pin_deletion d = { 0 };
	struct problem why = { 0 };
	int upstream = 0;

	if (!call_uuid(c, 0, &d.id))
		return;
	(void)call_query_bool(c, "delete_from_pinterest", &upstream, &why);
	if (call_refused(c, &why))
		return;
	d.upstream = upstream == 1;
	if (!d.upstream || delete_on_pinterest(c, &d))
		(void)call_transact(c, delete_pin, &d);
}
