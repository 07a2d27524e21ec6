/*
 * The admin routes: arm faults, change settings, count what arrived, take tokens away, start
 * afresh. Answers are plain JSON; ids are decimal text as in the API.
 */
#include "app/sandbox/admin.h"

#include <string.h>

#include "app/sandbox/call.h"
#include "app/sandbox/ids.h"
#include "app/sandbox/view.h"
#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/num.h"
#include "sql/sandbox_stmt.h"

#define ROWS_MAX 1000

bool
admin_permits(struct call *c)
{
	const char *want = c->sim->admin_token;
	const char *got = c->req->admin;

	if (want == NULL) {
		view_error(c, 404, 0, "Resource not found.");
		return false;
	}
	if (crypto_equal(got, strlen(got), want, strlen(want)))
		return true;
	view_error(c, 403, 29, "You are not permitted to access that resource.");
	return false;
}

static void
wrong(struct call *c, const char *why)
{
	view_error(c, 400, 1, why);
}

/* {} or what the database said. */
static void
done(struct call *c, enum db_rc rc)
{
	if (rc == DB_OK || rc == DB_NONE)
		front_json(&c->reply, 200, json_object_new_object(), c->mem);
	else
		view_db_error(c, rc);
}

static struct json_object *
field(struct call *c, const char *name)
{
	return json_object_object_get(c->json, name);
}

static const char *
text_of(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

/* A decimal id given as text or number; absent: 0; anything else: -1. */
static int64_t
id_of(struct json_object *o, const char *name)
{
	const char *text = text_of(o, name);

	return text == NULL ? 0 : ids_parse(text);
}

static int64_t
number_of(struct json_object *o, const char *name, int64_t absent)
{
	struct json_object *v = json_object_object_get(o, name);

	return json_object_is_type(v, json_type_int) ? json_object_get_int64(v) : absent;
}

static struct db_param
id_or_null(int64_t id)
{
	return id > 0 ? db_int(id) : db_null();
}

void
admin_arm(struct call *c)
{
	struct json_object *match = field(c, "match");
	struct json_object *fault = field(c, "fault");
	const char *prefix = text_of(match, "path_prefix");
	int64_t board = id_of(match, "board_id"), user = id_of(match, "user_id");
	int64_t id, times = number_of(c->json, "times", 1);
	int64_t permille = number_of(c->json, "permille", 1000);
	const char *why = NULL;
	struct fault parsed;
	enum db_rc rc;

	if (!json_object_is_type(fault, json_type_object))
		why = "fault is missing";
	else if (board == -1 || user == -1)
		why = "match.board_id and match.user_id are decimal ids";
	else if (times < 1 || times > 1000000 || permille < 0 || permille > 1000)
		why = "times is 1 to 1000000, permille 0 to 1000";
	else
		why = faults_parse(&parsed, fault, c->mem);
	if (why != NULL) {
		wrong(c, why);
		return;
	}
	const struct db_param in[] = { db_text(text_of(match, "method")),
		db_text(prefix == NULL ? "/" : prefix), id_or_null(board), id_or_null(user),
		db_int(times), db_int(permille), db_int(number_of(c->json, "seed", 0)),
		db_text(json_dump(fault, NULL)) };
	struct db_col out[] = { db_get_int(&id) };
	rc = db_row(c->db, SBX_ARMS_ADD, in, DB_LEN(in), out, 1);
	if (rc != DB_OK) {
		view_db_error(c, rc);
		return;
	}
	struct json_object *o = json_object_new_object();
	json_put_int(o, "id", id);
	front_json(&c->reply, 201, o, c->mem);
}

/* One list being built, with the columns of all lists here. */
struct rows {
	struct call *c;
	struct json_object *items;
	int64_t id, board, user, n1, n2, status, pin;
	const char *text, *text2, *text3;
	int64_t at_us, at2_us;
	const void *body;
	size_t body_len;
};

static void
send_rows(struct call *c, struct rows *r, enum db_rc rc, struct json_object *o)
{
	if (rc != DB_OK) {
		json_object_put(r->items);
		json_object_put(o);
		view_db_error(c, rc);
		return;
	}
	json_put(o, "items", r->items);
	front_json(&c->reply, 200, o, c->mem);
}

static void
arm_row(void *arg)
{
	struct rows *r = arg;
	struct json_object *o = json_object_new_object();

	json_put_int(o, "id", r->id);
	json_put_text(o, "method", r->text);
	json_put_text(o, "path_prefix", r->text2);
	json_put_text(o, "board_id", ids_text(r->board, r->c->mem));
	json_put_text(o, "user_id", ids_text(r->user, r->c->mem));
	json_put_int(o, "remaining", r->n1);
	json_put_int(o, "seen", r->n2);
	json_put(o, "fault", json_tokener_parse(r->text3));
	json_object_array_add(r->items, o);
}

void
admin_arms(struct call *c)
{
	struct rows r = { .c = c, .items = json_object_new_array() };
	struct db_col out[] = { db_get_int(&r.id), db_get_text(&r.text), db_get_text(&r.text2),
		db_get_int(&r.board), db_get_int(&r.user), db_get_int(&r.n1), db_get_int(&r.n2),
		db_get_text(&r.text3) };
	enum db_rc rc = db_each(c->db, SBX_ARMS_LIST, NULL, 0, out, DB_LEN(out), arm_row, &r);

	send_rows(c, &r, rc, json_object_new_object());
}

void
admin_disarm(struct call *c)
{
	done(c, db_exec(c->db, SBX_RESET_ARMS, NULL, 0, NULL));
}

void
admin_settings(struct call *c)
{
	front_json(&c->reply, 200, settings_show(&c->set), c->mem);
}

struct change {
	struct call *c;
	struct json_object *changes;
	const char *why;
};

static enum db_rc
set_work(struct db *db, void *arg)
{
	struct change *ch = arg;
	const char *doc = NULL;
	struct db_col out[] = { db_get_text(&doc) };
	enum db_rc rc = db_row(db, SBX_SETTINGS_GET, NULL, 0, out, 1);

	if (rc != DB_OK)
		return rc;
	doc = settings_merge(doc, ch->changes, ch->c->mem, &ch->why);
	if (doc == NULL)
		return DB_NONE;
	settings_read(&ch->c->set, doc, ch->c->mem);
	const struct db_param in[] = { db_text(doc) };
	rc = db_exec(db, SBX_SETTINGS_SET, in, 1, NULL);
	return rc == DB_NONE ? DB_OK : rc;
}

static void
change(struct call *c, struct json_object *changes)
{
	struct change ch = { c, changes, NULL };
	enum db_rc rc = db_transact(c->db, set_work, &ch);

	if (ch.why != NULL)
		wrong(c, ch.why);
	else if (rc != DB_OK)
		view_db_error(c, rc);
	else
		admin_settings(c);
}

void
admin_set(struct call *c)
{
	change(c, c->json);
}

/* Two settings under other names: {order, delay_s}, {skew_s}. */
void
admin_listing(struct call *c)
{
	struct json_object *changes = json_object_new_object();

	if (field(c, "order") != NULL)
		json_put(changes, "listing", json_object_get(field(c, "order")));
	if (field(c, "delay_s") != NULL)
		json_put(changes, "listing_delay_s", json_object_get(field(c, "delay_s")));
	change(c, changes);
	json_object_put(changes);
}

void
admin_clock(struct call *c)
{
	struct json_object *changes = json_object_new_object();

	json_put(changes, "skew_s", json_object_get(field(c, "skew_s")));
	change(c, changes);
	json_object_put(changes);
}

static int64_t
query_number(struct call *c, const char *name, int64_t absent, int64_t max)
{
	const char *text = front_form(c->req->query, name, c->mem);
	int64_t n;

	return text != NULL && num_parse(text, 0, max, &n) == 0 ? n : absent;
}

static void
body_row(void *arg)
{
	struct rows *r = arg;
	struct json_object *o = json_object_new_object();

	json_put_text(o, "body_sha256", r->text);
	json_put_int(o, "received", r->n1);
	json_put_int(o, "committed", r->n2);
	json_put_text(o, "board_id", ids_text(r->board, r->c->mem));
	json_put_time(o, "first_at", r->at_us);
	json_put_time(o, "last_at", r->at2_us);
	json_object_array_add(r->items, o);
}

void
admin_creates(struct call *c)
{
	const char *hex = front_form(c->req->query, "body_sha256", c->mem);
	struct rows r = { .c = c, .items = json_object_new_array() };
	int64_t received, committed, bodies, last;
	struct db_col totals[] = { db_get_int(&received), db_get_int(&committed),
		db_get_int(&bodies), db_get_int(&last) };
	struct db_col out[] = { db_get_text(&r.text), db_get_int(&r.n1), db_get_int(&r.n2),
		db_get_int(&r.board), db_get_time(&r.at_us), db_get_time(&r.at2_us) };
	const struct db_param in[] = { db_int(query_number(c, "user", 0, INT64_MAX)), db_text(hex),
		db_int(query_number(c, "limit", ROWS_MAX, 100000)) };
	enum db_rc rc = db_row(c->db, SBX_CREATES_TOTALS, NULL, 0, totals, DB_LEN(totals));
	struct json_object *o = json_object_new_object();

	if (rc == DB_OK) {
		json_put_int(o, "received", received);
		json_put_int(o, "committed", committed);
		json_put_int(o, "bodies", bodies);
		json_put_int(o, "last_id", last);
		rc = db_each(
		    c->db, SBX_CREATES_BODIES, in, DB_LEN(in), out, DB_LEN(out), body_row, &r);
	}
	send_rows(c, &r, rc, o);
}

static void
ledger_row(void *arg)
{
	struct rows *r = arg;
	struct json_object *o = json_object_new_object();

	json_put_int(o, "id", r->id);
	json_put_time(o, "at", r->at_us);
	json_put_time(o, "answered_at", r->at2_us);
	json_put_text(o, "user_id", ids_text(r->user, r->c->mem));
	json_put_text(o, "board_id", ids_text(r->board, r->c->mem));
	json_put_text(o, "body_sha256", r->text);
	json_put_text(o, "body", arena_strndup(r->c->mem, r->body, r->body_len));
	json_put_int(o, "status", r->status);
	json_put_text(o, "pin_id", ids_text(r->pin, r->c->mem));
	json_put_text(o, "fault", r->text2);
	json_object_array_add(r->items, o);
}

void
admin_ledger(struct call *c)
{
	struct rows r = { .c = c, .items = json_object_new_array() };
	struct db_col out[] = { db_get_int(&r.id), db_get_time(&r.at_us), db_get_time(&r.at2_us),
		db_get_int(&r.user), db_get_int(&r.board), db_get_text(&r.text),
		db_get_bytes(&r.body, &r.body_len), db_get_int(&r.status), db_get_int(&r.pin),
		db_get_text(&r.text2) };
	const struct db_param in[] = { db_int(query_number(c, "since", 0, INT64_MAX)),
		db_int(query_number(c, "limit", ROWS_MAX, 10000)) };
	enum db_rc rc =
	    db_each(c->db, SBX_CREATES_SINCE, in, DB_LEN(in), out, DB_LEN(out), ledger_row, &r);

	send_rows(c, &r, rc, json_object_new_object());
}

static void
user_row(void *arg)
{
	struct rows *r = arg;
	struct json_object *o = json_object_new_object();

	json_put_text(o, "id", ids_text(r->id, r->c->mem));
	json_put_text(o, "sandbox_user", r->text);
	json_put_text(o, "username", r->text2);
	json_put_time(o, "created_at", r->at_us);
	json_object_array_add(r->items, o);
}

void
admin_users(struct call *c)
{
	struct rows r = { .c = c, .items = json_object_new_array() };
	struct db_col out[] = { db_get_int(&r.id), db_get_text(&r.text), db_get_text(&r.text2),
		db_get_time(&r.at_us) };
	const struct db_param in[] = { db_int(ROWS_MAX) };
	enum db_rc rc = db_each(c->db, SBX_USERS_LIST, in, 1, out, DB_LEN(out), user_row, &r);

	send_rows(c, &r, rc, json_object_new_object());
}

void
admin_pins(struct call *c)
{
	const struct db_param in[] = { db_int(query_number(c, "user", 0, INT64_MAX)) };
	int64_t all, deleted;
	struct db_col out[] = { db_get_int(&all), db_get_int(&deleted) };
	enum db_rc rc = db_row(c->db, SBX_PINS_COUNT, in, 1, out, DB_LEN(out));
	struct json_object *o;

	if (rc != DB_OK) {
		view_db_error(c, rc);
		return;
	}
	o = json_object_new_object();
	json_put_int(o, "pins", all - deleted);
	json_put_int(o, "deleted", deleted);
	front_json(&c->reply, 200, o, c->mem);
}

void
admin_revoke(struct call *c)
{
	const struct db_param in[] = { db_int(id_of(c->json, "user")) };

	if (in[0].i <= 0)
		wrong(c, "user is a decimal id");
	else
		done(c, db_exec(c->db, SBX_TOKENS_REVOKE_USER, in, 1, NULL));
}

void
admin_expire(struct call *c)
{
	const char *kind = text_of(c->json, "kind");
	const struct db_param in[] = { db_int(id_of(c->json, "user")),
		db_int(kind != NULL && strcmp(kind, "refresh") == 0) };

	if (in[0].i <= 0)
		wrong(c, "user is a decimal id");
	else
		done(c, db_exec(c->db, SBX_TOKENS_EXPIRE_USER, in, DB_LEN(in), NULL));
}

static enum db_rc
reset_work(struct db *db, void *arg)
{
	static const unsigned some[] = { SBX_RESET_PINS, SBX_RESET_CREATES, SBX_RESET_ARMS,
		SBX_RESET_WINDOWS, SBX_RESET_SPRINGS };
	static const unsigned rest[] = { SBX_RESET_TOKENS, SBX_RESET_CODES, SBX_RESET_BOARDS,
		SBX_RESET_USERS };
	const struct db_param plain[] = { db_text("{}") };
	const bool *all = arg;
	enum db_rc rc = db_exec(db, SBX_SETTINGS_SET, plain, 1, NULL);

	for (size_t i = 0; i < DB_LEN(some) && (rc == DB_OK || rc == DB_NONE); i++)
		rc = db_exec(db, some[i], NULL, 0, NULL);
	for (size_t i = 0; *all && i < DB_LEN(rest) && (rc == DB_OK || rc == DB_NONE); i++)
		rc = db_exec(db, rest[i], NULL, 0, NULL);
	return rc == DB_NONE ? DB_OK : rc;
}

void
admin_reset(struct call *c)
{
	bool all = json_object_get_boolean(field(c, "all"));

	done(c, db_transact(c->db, reset_work, &all));
}
