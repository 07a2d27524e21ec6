/* States for web pages: tokens that read some of them, and all of a token at once. */
#include <json-c/json.h>
#include <string.h>

#include "app/api/handlers.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "app/http/status_token.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "sql/stmt.h"

#define DEFAULT_S (60 * 60)
#define PART 64 /* ids in one statement */

SQL_SAME_OUT(pin_get, pin_by_ids);
SQL_SAME_OUT(schedule_get, schedule_by_ids);

/* Rows of one kind, in the order of the ids that were asked for. */
struct status_rows {
	struct call *c;
	const struct pin_view_kind *kind;
	const struct uuid *ids;
	size_t len;
	struct pin_view row;
	struct json_object *shown[STATUS_TOKEN_IDS_MAX]; /* NULL: not there, or not permitted */
	struct uuid pins[STATUS_TOKEN_IDS_MAX];          /* of schedules; nil: none yet */
};

/* What the pin or schedule shows anyway, but less of it. */
static struct json_object *
poll_state_json(const struct app *app, const struct pin_view_kind *kind, const struct pin_view *r)
{
	static const char *const names[] = { "id", "status", "run_at", "published_at",
		"pinterest_pin_id", "error_code", "error_message" };
	bool is_pin = kind == &pin_view_pin;
	struct json_object *o = json_object_new_object(), *whole = kind->json(app, r);

	json_put_text(o, "kind", is_pin ? "pin" : "schedule");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_put(o, names[i], json_object_get(json_object_object_get(whole, names[i])));
	if (!is_pin) /* it may have failed before it became a pin */
		json_put(o, "error_message",
		    json_object_get(json_object_object_get(whole, "last_error")));
	json_object_put(whole);
	return o;
}

static void
note_status(void *arg)
{
	struct status_rows *s = arg;
	size_t i = 0;

	while (i < s->len && !uuid_equal(&s->ids[i], &s->row.id))
		i++;
	if (i < s->len && s->shown[i] == NULL && call_account_listed(s->c, &s->row.account_id))
		s->shown[i] = poll_state_json(s->c->app, s->kind, &s->row);
	if (i < s->len)
		s->pins[i] = s->row.pin_id;
}

static enum db_rc
load_part(struct status_rows *s, const struct uuid *ids, size_t len)
{
	struct db_col cols[PIN_VIEW_COLUMNS];
	size_t n = s->kind->columns(&s->row, cols);
	struct call *c = s->c;

	if (s->kind == &pin_view_pin)
		return db_each(c->db,
		    SQL_IN(pin_by_ids, .project = db_uuid(&c->who.project_id),
			.ids = db_uuids(ids, len)),
		    cols, n, note_status, s);
	return db_each(c->db,
	    SQL_IN(
		schedule_by_ids, .project = db_uuid(&c->who.project_id), .ids = db_uuids(ids, len)),
	    cols, n, note_status, s);
}

/* The caller frees what is in s->shown. */
static enum db_rc
load_statuses(struct status_rows *s)
{
	enum db_rc rc = DB_OK;
	size_t i, len;

	for (i = 0; i < s->len && rc == DB_OK; i += len) {
		len = s->len - i < PART ? s->len - i : PART;
		rc = load_part(s, s->ids + i, len);
	}
	return rc;
}

/* What became of the pins of these schedules. */
static enum db_rc
add_pin_outcomes(struct status_rows *s)
{
	static const char *const names[] = { "published_at", "pinterest_pin_id", "error_code",
		"error_message" };
	struct status_rows pins = {
		.c = s->c, .kind = &pin_view_pin, .ids = s->pins, .len = s->len
	};
	enum db_rc rc = load_statuses(&pins);

	for (size_t i = 0; i < s->len; i++) {
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (s->shown[i] != NULL && pins.shown[i] != NULL)
				json_put(s->shown[i], names[k],
				    json_object_get(
					json_object_object_get(pins.shown[i], names[k])));
		json_object_put(pins.shown[i]);
	}
	return rc;
}

/* The ids under `name`, each once; what is wrong is noted. */
static size_t
read_status_ids(struct json_reader *r, const char *name, struct uuid *out)
{
	struct json_object *a = json_array(r, name, JSON_OPTIONAL, 0, STATUS_TOKEN_IDS_MAX);
	size_t len = 0, k;

	for (size_t i = 0; a != NULL && i < json_object_array_length(a); i++) {
		if (json_item_uuid(json_object_array_get_idx(a, i), &out[len]) == -1) {
			json_wrong(r, name, "must hold UUIDs");
			return 0;
		}
		for (k = 0; k < len && !uuid_equal(&out[k], &out[len]); k++)
			;
		len += k == len;
	}
	return len;
}

/* False: the reply is a 422. */
static bool
read_status_token(struct call *c, struct status_token *t, int64_t *lifetime_s)
{
	static const char *const known[] = { "pins", "schedules", "expires_in_seconds", NULL };
	struct uuid schedules[STATUS_TOKEN_IDS_MAX];
	struct problem why = { 0 };
	struct json_reader r;

	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	t->pins = read_status_ids(&r, "pins", t->ids);
	t->schedules = read_status_ids(&r, "schedules", schedules);
	(void)json_whole(
	    &r, "expires_in_seconds", JSON_OPTIONAL, 1, STATUS_TOKEN_S_MAX, lifetime_s);
	if (!problem_any(&why) && t->pins + t->schedules == 0)
		problem_field(&why, c->mem, "", "must hold at least one id in pins or schedules");
	if (!problem_any(&why) && t->pins + t->schedules > STATUS_TOKEN_IDS_MAX)
		problem_field(&why, c->mem, "",
		    arena_printf(c->mem, "must hold at most %d ids in pins and schedules together",
			STATUS_TOKEN_IDS_MAX));
	if (!problem_any(&why))
		memcpy(t->ids + t->pins, schedules, t->schedules * sizeof(schedules[0]));
	return !call_refused(c, &why);
}

/* Ids of others look like ids of nothing. False: the reply is a 422 or a 503. */
static bool
ids_known(struct call *c, const struct pin_view_kind *kind, const struct uuid *ids, size_t len)
{
	const char *name = kind == &pin_view_pin ? "pins" : "schedules";
	struct status_rows rows = { .c = c, .kind = kind, .ids = ids, .len = len };
	enum db_rc rc = load_statuses(&rows);
	struct problem why = { 0 };
	char id[UUID_TEXT_SIZE];

	for (size_t i = 0; i < len; i++) {
		if (rows.shown[i] == NULL && rc == DB_OK)
			problem_field(&why, c->mem, arena_printf(c->mem, "%s.%zu", name, i),
			    arena_printf(
				c->mem, "is not in this project: %s", uuid_format(&ids[i], id)));
		json_object_put(rows.shown[i]);
	}
	return call_found(c, rc, NULL) && !call_refused(c, &why);
}

static struct json_object *
ids_json(const struct uuid *ids, size_t len)
{
	struct json_object *a = json_object_new_array();
	char id[UUID_TEXT_SIZE];

	for (size_t i = 0; i < len; i++)
		json_object_array_add(a, json_object_new_string(uuid_format(&ids[i], id)));
	return a;
}

static void
reply_status_token(struct call *c, const struct status_token *t)
{
	struct json_object *o = json_object_new_object();

	json_put_text(o, "token", status_token_seal(c->app->keys, t, c->mem));
	json_put_time(o, "expires_at", t->expires_us);
	json_put(o, "pins", ids_json(t->ids, t->pins));
	json_put(o, "schedules", ids_json(t->ids + t->pins, t->schedules));
	reply_json(&c->reply, 201, o);
	c->reply.has_secret = 1;
}

/* POST /v1/status-tokens */
void
status_tokens_create(struct call *c)
{
	struct status_token t = { .project_id = c->who.project_id,
		.by_key = c->who.kind == WHO_KEY,
		.giver_id = c->who.kind == WHO_KEY ? c->who.key_id : c->who.session_id };
	int64_t lifetime_s = DEFAULT_S;

	if (!read_status_token(c, &t, &lifetime_s) || !ids_known(c, &pin_view_pin, t.ids, t.pins) ||
	    !ids_known(c, &pin_view_schedule, t.ids + t.pins, t.schedules))
		return;
	t.expires_us = c->now_us + lifetime_s * US_PER_S;
	reply_status_token(c, &t);
}

/* GET /v1/status: what the token names, without what is deleted. */
void
status_get(struct call *c)
{
	const struct status_token *t = c->who.poller;
	struct json_object *o, *items;
	enum db_rc rc = DB_OK;

	if (t == NULL) {
		reply_error(&c->reply, 403, "forbidden",
		    "This needs a status token: see POST /v1/status-tokens.");
		return;
	}
	o = json_object_new_object();
	items = json_object_new_array();
	json_put_time(o, "expires_at", t->expires_us);
	json_put(o, "items", items);
	for (int pass = 0; pass < 2 && rc == DB_OK; pass++) {
		struct status_rows rows = { .c = c,
			.kind = pass == 0 ? &pin_view_pin : &pin_view_schedule,
			.ids = pass == 0 ? t->ids : t->ids + t->pins,
			.len = pass == 0 ? t->pins : t->schedules };

		rc = load_statuses(&rows);
		if (rc == DB_OK && pass == 1)
			rc = add_pin_outcomes(&rows);
		for (size_t i = 0; i < rows.len; i++)
			if (rows.shown[i] != NULL)
				json_object_array_add(items, rows.shown[i]);
	}
	call_reply(c, rc, NULL, o);
	c->reply.etag = 1;
}
