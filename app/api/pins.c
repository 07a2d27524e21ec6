/* Pins: accept, show, list. */
#include "config.h"

#include <string.h>

#include "app/api/filter.h"
#include "app/api/handlers.h"
#include "app/api/intake.h"
#include "app/api/record.h"
#include "app/api/validate.h"
#include "app/call.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/pin.h"
#include "sql/stmt.h"

struct creating {
	struct pin_new in;
	struct store_account account;
	bool made;
};

static enum db_rc
create(struct call *c, void *arg)
{
	struct creating *k = arg;
	const struct actor by = call_actor(c);
	struct store_made_ids ids;
	struct record r;
	enum db_rc rc;

	rc = store_pin_insert(c->db, &k->account, &k->in, c->app->conf->not_after_s, &by, &ids);
	if (rc != DB_OK)
		return rc;
	k->made = ids.made == STORE_CREATED;
	if (ids.made == STORE_CONFLICT || ids.made == STORE_GONE || uuid_is_nil(&ids.pin_id)) {
		intake_conflict(c, ids.made);
		return DB_NONE;
	}
	rc = record_pin_get(c, &ids.pin_id, &r);
	if (rc == DB_NONE) {
		intake_conflict(c, STORE_GONE);
		return DB_NONE;
	}
	if (rc == DB_OK)
		reply_json(&c->reply, 201, record_pin_json(c->app, &r));
	return rc;
}

void
pins_create(struct call *c)
{
	struct creating k = { 0 };
	struct problem why = { 0 };

	if (pin_new_decode(&k.in, PIN_FORM_PIN, c->json, c->now_us, c->mem, &why) == -1) {
		reply_problem(&c->reply, &why);
		return;
	}
	if (intake_accept(c, &k.in, &k.account) && call_transact(c, create, &k) && k.made)
		c->poke = true;
}

void
pins_validate(struct call *c)
{
	validate_run(c, PIN_FORM_PIN);
}

void
pins_get(struct call *c)
{
	struct record r;
	struct uuid id;
	enum db_rc rc;

	if (!call_uuid(c, 0, &id))
		return;
	rc = record_pin_get(c, &id, &r);
	if (rc == DB_NONE) {
		call_not_found(c, "Pin");
	} else if (rc != DB_OK) {
		call_db_error(c, rc);
	} else if (call_account_permitted(c, &r.account_id)) {
		reply_json(&c->reply, 200, record_pin_json(c->app, &r));
		c->reply.etag = 1;
	}
}

struct page {
	struct call *c;
	struct record row;
	struct json_object *out;
};

static void
add(void *arg)
{
	struct page *p = arg;

	json_object_array_add(p->out, record_pin_json(p->c->app, &p->row));
}

/* Reasons for waiting that are shown as this error code. */
static size_t
waits_of(const char *error_code, unsigned char out[WAIT__COUNT])
{
	size_t n = 0;

	for (int w = 1; error_code != NULL && w < WAIT__COUNT; w++) {
		const char *wire = wait_wire_code((enum wait_code)w);

		if (wire != NULL && strcmp(wire, error_code) == 0)
			out[n++] = (unsigned char)w;
	}
	return n;
}

static void
list(struct call *c, const struct filter *f, const char *error, int removed)
{
	struct page p = { .c = c };
	unsigned char waits[WAIT__COUNT];
	size_t waits_len = waits_of(error, waits);
	struct db_col cols[RECORD_COLUMNS];
	size_t n = record_pin_columns(&p.row, cols);
	const struct db_param in[] = { db_uuid(&c->who.project_id), db_text(c->who.account_ids),
		filter_account(f), db_text(f->board_id), filter_low(f), filter_high(f),
		filter_held(f), db_text(error), db_list(waits, waits_len), db_time(f->since_us),
		db_time(f->until_us), db_text(f->campaign), db_text(f->external_id),
		removed >= 0 ? db_int(removed) : db_null(), db_text(f->like), db_int(f->limit),
		db_int(f->offset) };
	enum db_rc rc;

	p.out = json_object_new_array();
	rc = db_each(
	    c->db, STMT_PIN_LIST__CREATED_AT_DESC + f->sort, in, DB_LEN(in), cols, n, add, &p);
	if (rc == DB_OK) {
		filter_reply(c, f, p.out, STMT_PIN_COUNT, in, DB_LEN(in) - 2);
		return;
	}
	json_object_put(p.out);
	call_db_error(c, rc);
}

void
pins_list(struct call *c)
{
	static const struct filter_status statuses[] = {
		{ "queued", PIN_WAITING, PIN_WAITING, 0 },
		{ "deferred", PIN_WAITING, PIN_WAITING, 1 },
		{ "publishing", PIN_SENDING, PIN_VERIFYING, -1 },
		{ "published", PIN_PUBLISHED, PIN_PUBLISHED, -1 },
		{ "failed", PIN_FAILED, PIN_FAILED, -1 },
		{ NULL, 0, 0, 0 },
	};
	/* in the order of the statement's `orders:` */
	static const char *const sorts[] = { "created_at_desc", "created_at_asc",
		"published_at_desc", "published_at_asc", "title_asc", "title_desc", "status_asc",
		"status_desc", NULL };
	struct problem why = { 0 };
	struct filter f;
	int removed = -1;

	(void)call_query_bool(c, "removed", &removed, &why);
	if (!filter_read(c, statuses, sorts, &f, &why))
		return;
	if (problem_any(&why))
		reply_problem(&c->reply, &why);
	else
		list(c, &f, filter_ascii(c, "error_code"), removed);
}
