/*
 * POST /v1/pins/batch: each entry is accepted as by POST /v1/pins, in a transaction of its own, so
 * that one that is refused changes nothing for the others.
 */
#include <json-c/json.h>
#include <string.h>

#include "app/api/accept.h"
#include "app/api/deadline.h"
#include "app/api/handlers.h"
#include "app/api/import_boards.h"
#include "app/api/import_rows.h"
#include "app/api/parts.h"
#include "app/http/call.h"
#include "app/http/limits.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/json_reader.h"

#define BATCH_MAX 100

enum entry_result { ENTRY_CREATED, ENTRY_EXISTING, ENTRY_FAILED, ENTRY__COUNT };
static const char *const entry_results[ENTRY__COUNT] = { "created", "existing", "failed" };

struct batch {
	struct json_object *pins, *results;
	struct import_rows *rows; /* what is known of their boards */
	size_t at;                /* the entry in hand */
	struct accept_entry entry;
	int64_t count[ENTRY__COUNT];
	struct deadline_row created[BATCH_MAX];
	size_t created_len;
	struct uuid accounts[DEADLINE_ACCOUNTS_MAX];
	size_t accounts_len;
};

/* False: the reply is a 422. */
static bool
batch_read(struct call *c, struct batch *b)
{
	static const char *const known[] = { "pins", NULL };
	struct problem why = { 0 };
	struct json_reader r;
	size_t len;

	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	b->pins = json_array(&r, "pins", JSON_REQUIRED, 1, BATCH_MAX);
	len = b->pins != NULL ? json_object_array_length(b->pins) : 0;
	for (size_t i = 0; i < len; i++)
		if (!json_object_is_type(json_object_array_get_idx(b->pins, i), json_type_object))
			json_wrong(&r, arena_printf(c->mem, "pins.%zu", i), "must be an object");
	return !call_refused(c, &why);
}

/* A text of an entry as it was sent, up to a NUL; NULL: it has none. */
static const char *
entry_text(struct json_object *entry, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(entry, name, &value) &&
		       json_object_is_type(value, json_type_string)
		   ? json_object_get_string(value)
		   : NULL;
}

/* Boards are asked for together: an account with many is listed once. */
static enum db_rc
batch_ask_boards(struct call *c, struct batch *b)
{
	b->rows = arena_alloc(c->mem, sizeof *b->rows);
	b->rows->len = json_object_array_length(b->pins);
	for (size_t i = 0; i < b->rows->len; i++) {
		struct json_object *entry = json_object_array_get_idx(b->pins, i);

		b->rows->row[i].account_id = entry_text(entry, "account_id");
		b->rows->row[i].board_id = entry_text(entry, "board_id");
	}
	return import_boards_check(c, b->rows);
}

static void
accept_batch_entry(struct call *c, void *arg)
{
	struct batch *b = arg;
	const struct import_row *row = &b->rows->row[b->at];
	struct problem board = { 0 };

	if (row->refused_code != NULL) {
		problem_set(&board, 422, row->refused_code, row->refused_message);
		board.remediation = row->refused_remedy;
	}
	b->entry = (struct accept_entry){ .board = &board };
	c->json = json_object_array_get_idx(b->pins, b->at);
	accept_one(c, &b->entry);
	c->json = NULL;
}

static void
note_batch_account(struct batch *b, const struct uuid *id)
{
	size_t i = 0;

	while (i < b->accounts_len && !uuid_equal(&b->accounts[i], id))
		i++;
	if (i == b->accounts_len && i < DEADLINE_ACCOUNTS_MAX)
		b->accounts[b->accounts_len++] = *id;
}

/* The `error` of a refusal, without the id of the request, which is the whole's. */
static struct json_object *
entry_error(const struct reply *r)
{
	struct json_object *problem = json_tokener_parse(r->body), *error = NULL;

	if (json_object_object_get_ex(problem, "error", &error)) {
		json_object_get(error);
		json_object_object_del(error, "request_id");
	}
	json_object_put(problem);
	return error;
}

static void
take_batch_entry(struct call *c, void *arg)
{
	struct batch *b = arg;
	struct json_object *o = json_object_new_object();
	const char *key = entry_text(json_object_array_get_idx(b->pins, b->at), "idempotency_key");
	enum entry_result result = c->reply.status >= 300 ? ENTRY_FAILED
				   : b->entry.created     ? ENTRY_CREATED
							  : ENTRY_EXISTING;

	json_put_int(o, "index", (int64_t)b->at);
	json_put_text(o, "idempotency_key", key != NULL ? key : "");
	json_put_text(o, "status", entry_results[result]);
	if (result == ENTRY_FAILED) {
		json_put(o, "pin", NULL);
		json_put(o, "error", entry_error(&c->reply));
	} else {
		json_put_stored(o, "pin", c->reply.body);
		json_put(o, "error", NULL);
	}
	json_object_array_add(b->results, o);
	b->count[result]++;
	if (result == ENTRY_CREATED) {
		b->created[b->created_len++] =
		    (struct deadline_row){ .id = b->entry.pin_id, .row = (int64_t)b->at };
		note_batch_account(b, &b->entry.account_id);
	}
}

/* How many more pins may wait; NULL when that cannot be counted now. */
static struct json_object *
batch_headroom(struct call *c)
{
	struct json_object *o;
	struct limit_use use;

	if (limits_use(c, LIMIT_PENDING_PINS, &use) != DB_OK)
		return NULL;
	o = json_object_new_object();
	json_put_int(o, "quota_remaining", use.limit - use.used);
	return o;
}

static void
batch_reply(struct call *c, struct batch *b)
{
	struct json_object *o = json_object_new_object(), *warnings = b->rows->warnings;

	if (warnings == NULL)
		warnings = json_object_new_array();
	/* The pins are accepted: what cannot be foretold now is left out. */
	(void)deadline_warn_rows(
	    c, b->accounts, b->accounts_len, b->created, b->created_len, warnings);
	json_put_int(o, "created_count", b->count[ENTRY_CREATED]);
	json_put_int(o, "existing_count", b->count[ENTRY_EXISTING]);
	json_put_int(o, "failed_count", b->count[ENTRY_FAILED]);
	json_put(o, "results", b->results);
	json_put(o, "headroom", batch_headroom(c));
	json_put(o, "warnings", warnings);
	reply_json(&c->reply, 200, o);
}

void
batch_create(struct call *c)
{
	struct batch *b = arena_alloc(c->mem, sizeof *b);
	struct parts parts;
	size_t len;

	if (!batch_read(c, b) || !call_found(c, batch_ask_boards(c, b), NULL))
		return;
	len = json_object_array_length(b->pins);
	b->results = json_object_new_array();
	parts_begin(c, &parts);
	for (b->at = 0; b->at < len; b->at++)
		parts_one(c, accept_batch_entry, take_batch_entry, b);
	parts_end(c, &parts);
	batch_reply(c, b);
}
