/* Renders pins and schedules: the one place that knows how each state looks on the wire. */
#include "app/api/pin_view.h"

#include <string.h>

#include "app/api/deadline.h"
#include "app/http/call.h"
#include "app/http/etag.h"
#include "app/http/if_match.h"
#include "app/http/status_token.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/pin.h"
#include "lib/wait.h"
#include "sql/stmt.h"

SQL_SAME_OUT(pin_get, pin_list);
SQL_SAME_OUT(schedule_get, schedule_list);

/* The columns that both have. */
#define VIEW_OUT(r)                                                                                \
	.id = db_get_uuid(&(r)->id), .project_id = db_get_uuid(&(r)->project_id),                  \
	.account_id = db_get_uuid(&(r)->account_id), .lane_id = db_get_uuid(&(r)->lane_id),        \
	.state = db_get_int(&(r)->state), .version = db_get_int(&(r)->version),                    \
	.media_type = db_get_int(&(r)->media_type), .wait_code = db_get_int(&(r)->wait_code),      \
	.wait_until = db_get_time(&(r)->wait_until_us), .run_at = db_get_time(&(r)->run_at_us),    \
	.not_after = db_get_time(&(r)->not_after_us), .due_at = db_get_time(&(r)->due_us),         \
	.created_at = db_get_time(&(r)->created_us), .updated_at = db_get_time(&(r)->updated_us),  \
	PIN_CONTENT_OUT(&(r)->content), .idempotency_key = db_get_text(&(r)->idempotency_key),     \
	.error_code = db_get_text(&(r)->error_code),                                               \
	.error_message = db_get_text(&(r)->error_message), .restored = db_get_int(&(r)->restored)

static size_t
pin_columns(struct pin_view *r, struct db_col cols[PIN_VIEW_COLUMNS])
{
	memset(r, 0, sizeof(*r));
	return db_copy(cols,
	    SQL_OUT(pin_get, VIEW_OUT(r), .schedule_id = db_get_uuid(&r->schedule_id),
		.attempts = db_get_int(&r->attempts), .published_at = db_get_time(&r->published_us),
		.failed_at = db_get_time(&r->failed_us), .removed_at = db_get_time(&r->removed_us),
		.pinterest_pin_id = db_get_text(&r->pinterest_pin_id),
		.confirmed_by = db_get_text(&r->confirmed_by),
		.candidates = db_get_text(&r->candidates)));
}

static size_t
schedule_columns(struct pin_view *r, struct db_col cols[PIN_VIEW_COLUMNS])
{
	memset(r, 0, sizeof(*r));
	return db_copy(cols,
	    SQL_OUT(schedule_get, VIEW_OUT(r), .pin_id = db_get_uuid(&r->pin_id),
		.own_state = db_get_int(&r->own_state), .pin_version = db_get_int(&r->pin_version),
		.last_error = db_get_text(&r->last_error)));
}
enum db_rc
pin_view_wait(struct call *c, const struct uuid *pin_id, struct pin_view *r)
{
	r->wait_code = WAIT_NONE;
	r->wait_until_us = TIME_NONE;
	if (r->state != PIN_WAITING)
		return DB_OK;
	return db_row_any(c->db,
	    SQL_IN(pin_wait_reason, .project = db_uuid(&c->who.project_id), .id = db_uuid(pin_id)),
	    SQL_OUT(pin_wait_reason, .wait_code = db_get_int(&r->wait_code),
		.wait_until = db_get_time(&r->wait_until_us)));
}

bool
pin_view_deferred(const struct pin_view *r)
{
	return r->state == PIN_WAITING && r->wait_code != WAIT_NONE;
}

static const char *
pin_wait_message(const struct pin_view *r)
{
	return wait_message_until((enum wait_code)r->wait_code, r->wait_until_us, r->not_after_us);
}

/* While a retry is pending, the pin's own error says more than the lane's. */
static bool
pin_has_own_error(const struct pin_view *r)
{
	if (r->state == PIN_FAILED)
		return true;
	return r->state == PIN_WAITING && r->error_code != NULL &&
	       (r->wait_code == WAIT_NONE || r->wait_code == WAIT_RETRY);
}

const char *
pin_view_error_code(const struct pin_view *r)
{
	if (pin_has_own_error(r))
		return r->error_code;
	return pin_view_deferred(r) ? wait_wire_code((enum wait_code)r->wait_code) : NULL;
}

const char *
pin_view_error_message(const struct pin_view *r)
{
	if (pin_has_own_error(r))
		return r->error_message;
	return pin_view_deferred(r) ? pin_wait_message(r) : NULL;
}

static struct json_object *
waiting_json(const struct pin_view *r)
{
	struct json_object *o;

	if (!pin_view_deferred(r))
		return NULL;
	o = json_object_new_object();
	json_put_text(o, "code", pin_view_error_code(r));
	json_put_text(o, "message", pin_wait_message(r));
	json_put_time(o, "until", r->wait_until_us);
	json_put_bool(o, "misses_deadline", wait_is_late(r->wait_until_us, r->not_after_us));
	return o;
}

/* A URL as given, or the address that serves an uploaded file. */
static void
put_media_url(struct json_object *o, const char *name, const struct app *app, const char *url,
    const struct uuid *asset_id)
{
	char id[UUID_TEXT_SIZE], text[2100];

	if (url != NULL || uuid_is_nil(asset_id)) {
		json_put_text(o, name, url);
		return;
	}
	(void)snprintf(text, sizeof(text), "%s/v1/assets/%s/content", app->conf->public_url,
	    uuid_format(asset_id, id));
	json_put_text(o, name, text);
}

static void
put_pin_content(struct json_object *o, const struct app *app, const struct pin_view *r)
{
	pin_put_texts(o, &r->content);
	json_put_text(o, "media_type", r->media_type == 1 ? "video" : "image");
	put_media_url(o, "media_url", app, r->content.image_url, &r->content.asset_id);
	put_media_url(o, "image_url", app, r->content.image_url, &r->content.asset_id);
	json_put_uuid(o, "asset_id", &r->content.asset_id);
	put_media_url(
	    o, "cover_image_url", app, r->content.cover_image_url, &r->content.cover_asset_id);
}

static void
put_view_head(struct json_object *o, const struct pin_view *r, const char *status)
{
	json_put_uuid(o, "id", &r->id);
	json_put_project(o, "workspace_id", &r->project_id);
	json_put_uuid(o, "pinterest_account_id", &r->account_id);
	json_put_text(o, "status", status);
}

static void
put_view_tail(struct json_object *o, const struct pin_view *r)
{
	json_put_text(o, "idempotency_key", r->idempotency_key);
	pin_put_labels(o, &r->content);
	json_put_time(o, "not_after", r->not_after_us);
	json_put(o, "waiting", waiting_json(r));
	json_put_time(o, "created_at", r->created_us);
	json_put_time(o, "updated_at", r->updated_us);
}

/* When the next attempt may be made; TIME_NONE: unknown, or there will be none. */
static int64_t
pin_next_attempt(const struct pin_view *r)
{
	if (r->state != PIN_WAITING)
		return TIME_NONE;
	if (pin_view_deferred(r) && r->wait_until_us == TIME_NONE)
		return TIME_NONE;
	return r->wait_until_us > r->due_us ? r->wait_until_us : r->due_us;
}

static struct json_object *
pin_json(const struct app *app, const struct pin_view *r)
{
	struct json_object *o = json_object_new_object();

	put_view_head(o, r, pin_wire((enum pin_state)r->state, pin_view_deferred(r)));
	put_pin_content(o, app, r);
	json_put_text(o, "pinterest_pin_id", r->pinterest_pin_id);
	json_put_text(o, "error_code", pin_view_error_code(r));
	json_put_text(o, "error_message", pin_view_error_message(r));
	json_put_uuid(o, "schedule_id", &r->schedule_id);
	json_put_time(o, "run_at", r->run_at_us);
	json_put_int(o, "attempt_count", r->attempts);
	json_put_time(o, "next_attempt_at", pin_next_attempt(r));
	json_put_text(o, "confirmed_by", r->confirmed_by);
	if (r->candidates != NULL)
		json_put(o, "candidates", json_tokener_parse(r->candidates));
	put_view_tail(o, r);
	json_put_time(o, "published_at", r->published_us);
	json_put_time(o, "failed_at", r->failed_us);
	json_put_time(o, "removed_from_pinterest_at", r->removed_us);
	return o;
}

static struct json_object *
schedule_json(const struct app *app, const struct pin_view *r)
{
	struct json_object *o = json_object_new_object(), *payload = json_object_new_object();
	const char *error = r->last_error;

	if (error == NULL && r->state == PIN_FAILED)
		error = r->error_message;
	put_view_head(o, r, schedule_wire((enum pin_state)r->state, pin_view_deferred(r)));
	json_put_time(o, "run_at", r->run_at_us);
	put_pin_content(payload, app, r);
	json_put(o, "payload", payload);
	json_put_text(o, "last_error", error);
	json_put_uuid(o, "pin_id", &r->pin_id);
	put_view_tail(o, r);
	return o;
}

const struct pin_view_kind pin_view_pin = { "Pin", SQL_pin_get, pin_columns, pin_json };
const struct pin_view_kind pin_view_schedule = { "Schedule", SQL_LIKE(pin_get, schedule_get),
	schedule_columns, schedule_json };

enum db_rc
pin_view_get(
    struct call *c, const struct pin_view_kind *kind, const struct uuid *id, struct pin_view *r)
{
	struct db_col cols[PIN_VIEW_COLUMNS];
	size_t n = kind->columns(r, cols);
	enum db_rc rc = db_row(c->db,
	    SQL_IN_LIKE(
		pin_get, kind->get, .project = db_uuid(&c->who.project_id), .id = db_uuid(id)),
	    cols, n);

	return rc == DB_OK ? pin_view_wait(c, kind == &pin_view_pin ? &r->id : &r->pin_id, r) : rc;
}

static const char *
pin_view_tag(const struct call *c, const struct pin_view_kind *kind, const struct pin_view *r)
{
	return etag_json(c->mem, kind->json(c->app, r), r->version);
}

/* If-Match: the change that follows is conditional on r->version. False: the reply is a 412. */
static bool
pin_view_meant(struct call *c, const struct pin_view_kind *kind, const struct pin_view *r)
{
	return !if_match_wanted(c) || if_match_holds(c, pin_view_tag(c, kind, r));
}

enum db_rc
pin_view_require(
    struct call *c, const struct pin_view_kind *kind, const struct uuid *id, struct pin_view *r)
{
	enum db_rc rc = pin_view_get(c, kind, id, r);

	if (rc == DB_NONE)
		call_not_found(c, kind->name);
	if (rc == DB_OK &&
	    (!call_account_permitted(c, &r->account_id) || !pin_view_meant(c, kind, r)))
		return DB_NONE;
	return rc;
}

bool
pin_view_load(
    struct call *c, const struct pin_view_kind *kind, const struct uuid *id, struct pin_view *r)
{
	if (!status_token_shows(c, kind == &pin_view_pin, id)) {
		call_not_found(c, kind->name);
		return false;
	}
	return call_found(c, pin_view_get(c, kind, id, r), kind->name) &&
	       call_account_permitted(c, &r->account_id) && pin_view_meant(c, kind, r);
}

enum db_rc
pin_view_reply(
    struct call *c, const struct pin_view_kind *kind, const struct pin_view *r, int status)
{
	struct json_object *o = kind->json(c->app, r);
	enum db_rc rc = deadline_warn(c, r, o);

	if (rc == DB_OK) {
		reply_json(&c->reply, status, o);
		c->reply.tag = status == 200 ? pin_view_tag(c, kind, r) : NULL;
	} else {
		json_object_put(o);
	}
	return rc;
}

enum db_rc
pin_view_reply_changed(struct call *c, const struct pin_view_kind *kind, const struct uuid *id)
{
	struct pin_view r;
	enum db_rc rc = pin_view_get(c, kind, id, &r);

	if (rc == DB_OK)
		return pin_view_reply(c, kind, &r, 200);
	return rc == DB_NONE ? DB_RETRY : rc;
}

void
pin_view_reply_one(struct call *c, const struct pin_view_kind *kind, const struct pin_view *r)
{
	reply_json(&c->reply, 200, kind->json(c->app, r));
	c->reply.tag = etag_make(c->mem, c->reply.body, c->reply.body_len, r->version);
}

void
pin_view_show(struct call *c, const struct pin_view_kind *kind)
{
	struct pin_view r;
	struct uuid id;

	if (call_uuid(c, 0, &id) && pin_view_load(c, kind, &id, &r))
		pin_view_reply_one(c, kind, &r);
}
