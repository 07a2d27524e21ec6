/*
 * The admin routes: arm faults, change settings, list requests received, revoke tokens, reset.
 * Replies are plain JSON; ids are decimal text as in the API.
 */
#include "app/sandbox/sim_admin.h"

#include <string.h>

#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_fields.h"
#include "app/sandbox/sim_handlers.h"
#include "app/sandbox/sim_ids.h"
#include "app/sandbox/sim_view.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/num.h"
#include "sql/sandbox_stmt.h"

#define ROWS_MAX 1000

bool
sim_admin_given(const struct sim_call *c)
{
	const char *want = c->sim->admin_token;
	const char *got = c->req->admin;

	return want != NULL && crypto_equal(got, strlen(got), want, strlen(want));
}

bool
sim_admin_permits(struct sim_call *c)
{
	if (c->sim->admin_token == NULL)
		return sim_view_refuse(c, 404, 0, "Resource not found.");
	if (sim_admin_given(c))
		return true;
	return sim_view_refuse(c, 403, 29, "You are not permitted to access that resource.");
}

static void
admin_refuse(struct sim_call *c, const char *why)
{
	sim_view_error(c, 400, 1, why);
}

/* Replies with {} or the database error. */
static void
admin_done(struct sim_call *c, enum db_rc rc)
{
	if (rc == DB_NONE || sim_view_done(c, rc))
		sim_reply_json(&c->reply, 200, json_object_new_object(), c->mem);
}

static struct json_object *
body_field(struct sim_call *c, const char *name)
{
	return json_object_object_get(c->json, name);
}

static const char *
json_text_of(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

/* A decimal id given as text or number; absent: 0; anything else: -1. */
static int64_t
json_id_of(struct json_object *o, const char *name)
{
	const char *text = json_text_of(o, name);

	return text == NULL ? 0 : sim_id_parse(text);
}

static struct db_param
id_param(int64_t id)
{
	return id > 0 ? db_int(id) : db_null();
}

void
sim_admin_arm(struct sim_call *c)
{
	struct json_object *match = body_field(c, "match");
	struct json_object *fault = body_field(c, "fault");
	const char *prefix = json_text_of(match, "path_prefix");
	int64_t board = json_id_of(match, "board_id"), user = json_id_of(match, "user_id");
	int64_t id, times = sim_field_number(c->json, "times", 1);
	int64_t permille = sim_field_number(c->json, "permille", 1000);
	const char *why = NULL;
	struct sim_fault parsed;
	enum db_rc rc;

	if (!json_object_is_type(fault, json_type_object))
		why = "fault is missing";
	else if (board == -1 || user == -1)
		why = "match.board_id and match.user_id are decimal ids";
	else if (times < 1 || times > 1000000 || permille < 0 || permille > 1000)
		why = "times is 1 to 1000000, permille 0 to 1000";
	else
		why = sim_fault_parse(&parsed, fault, c->mem);
	if (why != NULL) {
		admin_refuse(c, why);
		return;
	}
	rc = db_row(c->db,
	    SBX_IN(armed_faults_insert, .method = db_text(json_text_of(match, "method")),
		.path = db_text(prefix == NULL ? "/" : prefix), .board = id_param(board),
		.user = id_param(user), .times = db_int(times), .permille = db_int(permille),
		.seed = db_int(sim_field_number(c->json, "seed", 0)),
		.fault = db_text(json_dump(fault, NULL))),
	    SBX_OUT(armed_faults_insert, .id = db_get_int(&id)));
	if (!sim_view_done(c, rc))
		return;
	struct json_object *o = json_object_new_object();
	json_put_int(o, "id", id);
	sim_reply_json(&c->reply, 201, o, c->mem);
}

/* Lists come from the database as one JSON object per row. */
struct admin_rows {
	struct json_object *items;
	const char *item;
};

static void
admin_row(void *arg)
{
	struct admin_rows *r = arg;

	json_object_array_add(r->items, json_tokener_parse(r->item));
}

/* Adds the rows to `o`, which it owns, and replies with it, or with the database error. */
static void
rows_send(struct sim_call *c, struct admin_rows *r, enum db_rc rc, struct json_object *o)
{
	json_put(o, "items", r->items);
	if (sim_view_done(c, rc))
		sim_reply_json(&c->reply, 200, o, c->mem);
	else
		json_object_put(o);
}

void
sim_admin_arms(struct sim_call *c)
{
	struct admin_rows r = { json_object_new_array(), NULL };
	enum db_rc rc = db_each(c->db, SBX_IN(armed_faults_list),
	    SBX_OUT(armed_faults_list, .item = db_get_text(&r.item)), admin_row, &r);

	rows_send(c, &r, rc, json_object_new_object());
}

void
sim_admin_disarm(struct sim_call *c)
{
	admin_done(c, db_exec(c->db, SBX_IN(armed_faults_clear), NULL));
}

void
sim_admin_settings(struct sim_call *c)
{
	sim_reply_json(&c->reply, 200, sim_settings_show(&c->set), c->mem);
}

struct settings_change {
	struct sim_call *c;
	struct json_object *changes;
	const char *why;
};

static enum db_rc
settings_set_work(struct db *db, void *arg)
{
	struct settings_change *ch = arg;
	const char *doc = NULL;
	enum db_rc rc =
	    db_row(db, SBX_IN(settings_get), SBX_OUT(settings_get, .doc = db_get_text(&doc)));

	if (rc != DB_OK)
		return rc;
	doc = sim_settings_merge(doc, ch->changes, ch->c->mem, &ch->why);
	if (doc == NULL)
		return DB_NONE;
	sim_settings_read(&ch->c->set, doc, ch->c->mem);
	return db_exec_any(db, SBX_IN(settings_update, .doc = db_text(doc)), NULL);
}

static void
settings_change(struct sim_call *c, struct json_object *changes)
{
	struct settings_change ch = { c, changes, NULL };
	enum db_rc rc = db_transact(c->db, settings_set_work, &ch);

	if (ch.why != NULL)
		admin_refuse(c, ch.why);
	else if (sim_view_done(c, rc))
		sim_admin_settings(c);
}

void
sim_admin_set(struct sim_call *c)
{
	settings_change(c, c->json);
}

/* Aliases of settings: {order, delay_s}, and {skew_s} below. */
void
sim_admin_listing(struct sim_call *c)
{
	struct json_object *changes = json_object_new_object();

	if (body_field(c, "order") != NULL)
		json_put(changes, "listing", json_object_get(body_field(c, "order")));
	if (body_field(c, "delay_s") != NULL)
		json_put(changes, "listing_delay_s", json_object_get(body_field(c, "delay_s")));
	settings_change(c, changes);
	json_object_put(changes);
}

void
sim_admin_clock(struct sim_call *c)
{
	struct json_object *changes = json_object_new_object();

	json_put(changes, "skew_s", json_object_get(body_field(c, "skew_s")));
	settings_change(c, changes);
	json_object_put(changes);
}

static int64_t
query_number(struct sim_call *c, const char *name, int64_t absent, int64_t max)
{
	const char *text = sim_form_value(c->req->query, name, c->mem);
	int64_t n;

	return text != NULL && num_parse(text, 0, max, &n) == 0 ? n : absent;
}

void
sim_admin_creates(struct sim_call *c)
{
	const char *hex = sim_form_value(c->req->query, "body_sha256", c->mem);
	struct admin_rows r = { json_object_new_array(), NULL };
	const char *totals = "{}";
	enum db_rc rc = db_row(
	    c->db, SBX_IN(creates_totals), SBX_OUT(creates_totals, .totals = db_get_text(&totals)));

	if (rc == DB_OK)
		rc = db_each(c->db,
		    SBX_IN(creates_bodies, .user = db_int(query_number(c, "user", 0, INT64_MAX)),
			.hash = db_text(hex),
			.limit = db_int(query_number(c, "limit", ROWS_MAX, 100000))),
		    SBX_OUT(creates_bodies, .item = db_get_text(&r.item)), admin_row, &r);
	rows_send(c, &r, rc, json_tokener_parse(totals));
}

void
sim_admin_ledger(struct sim_call *c)
{
	struct admin_rows r = { json_object_new_array(), NULL };
	enum db_rc rc = db_each(c->db,
	    SBX_IN(creates_since, .since = db_int(query_number(c, "since", 0, INT64_MAX)),
		.limit = db_int(query_number(c, "limit", ROWS_MAX, 10000))),
	    SBX_OUT(creates_since, .item = db_get_text(&r.item)), admin_row, &r);

	rows_send(c, &r, rc, json_object_new_object());
}

void
sim_admin_users(struct sim_call *c)
{
	struct admin_rows r = { json_object_new_array(), NULL };
	enum db_rc rc = db_each(c->db, SBX_IN(users_list, .limit = db_int(ROWS_MAX)),
	    SBX_OUT(users_list, .item = db_get_text(&r.item)), admin_row, &r);

	rows_send(c, &r, rc, json_object_new_object());
}

void
sim_admin_pins(struct sim_call *c)
{
	const char *counts;
	enum db_rc rc =
	    db_row(c->db, SBX_IN(pins_count, .user = db_int(query_number(c, "user", 0, INT64_MAX))),
		SBX_OUT(pins_count, .counts = db_get_text(&counts)));

	if (sim_view_done(c, rc))
		sim_reply_json(&c->reply, 200, json_tokener_parse(counts), c->mem);
}

void
sim_admin_revoke(struct sim_call *c)
{
	int64_t user = json_id_of(c->json, "user");

	if (user <= 0)
		admin_refuse(c, "user is a decimal id");
	else
		admin_done(
		    c, db_exec(c->db, SBX_IN(tokens_revoke_by_user, .user = db_int(user)), NULL));
}

void
sim_admin_expire(struct sim_call *c)
{
	const char *kind = json_text_of(c->json, "kind");
	int64_t user = json_id_of(c->json, "user");

	if (user <= 0)
		admin_refuse(c, "user is a decimal id");
	else
		admin_done(c, db_exec(c->db,
				  SBX_IN(tokens_expire_by_user, .user = db_int(user),
				      .kind = db_int(kind != NULL && strcmp(kind, "refresh") == 0)),
				  NULL));
}

static enum db_rc
simulator_reset_work(struct db *db, void *arg)
{
	static const unsigned some[] = { SBX_pins_clear, SBX_LIKE(pins_clear, creates_clear),
		SBX_LIKE(pins_clear, armed_faults_clear), SBX_LIKE(pins_clear, windows_clear),
		SBX_LIKE(pins_clear, boards_clear_triggered) };
	static const unsigned rest[] = { SBX_LIKE(pins_clear, tokens_clear),
		SBX_LIKE(pins_clear, codes_clear), SBX_LIKE(pins_clear, boards_clear),
		SBX_LIKE(pins_clear, users_clear) };
	const bool *all = arg;
	enum db_rc rc = db_exec_any(db, SBX_IN(settings_update, .doc = db_text("{}")), NULL);

	for (size_t i = 0; i < DB_LEN(some) && rc == DB_OK; i++)
		rc = db_exec_any(db, SBX_IN_NONE(some[i]), NULL);
	for (size_t i = 0; *all && i < DB_LEN(rest) && rc == DB_OK; i++)
		rc = db_exec_any(db, SBX_IN_NONE(rest[i]), NULL);
	return rc;
}

void
sim_admin_reset(struct sim_call *c)
{
	bool all = json_object_get_boolean(body_field(c, "all"));

	admin_done(c, db_transact(c->db, simulator_reset_work, &all));
}
