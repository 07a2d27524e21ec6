/*
 * Changing and deleting a board on Pinterest. What still waits to be sent to a deleted board stays
 * as it is: it can be moved to another board until its time, and fails then.
 */
#include <inttypes.h>
#include <string.h>

#include "app/api/boards.h"
#include "app/api/handlers.h"
#include "app/http/call.h"
#include "app/pinterest/board.h"
#include "app/pinterest/upstream.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/pin.h"
#include "lib/pinterest.h"
#include "lib/url.h"
#include "sql/stmt.h"

#define BUSY_RETRY_S 5
#define REMOVED_BATCH 64

struct board_edit {
	struct call *c;
	const char *id;
	struct store_account account;
	struct board_request in;
	bool clear;                   /* the description */
	struct pinterest_board board; /* after a PATCH */
	int64_t schedules, pins;      /* that wait for the board; -1: not known */
	int64_t removed;              /* published pins that went with it */
	struct uuid rows[REMOVED_BATCH];
	size_t rows_len;
	struct uuid row;
	int64_t row_us;
};

static void
board_unknown(struct problem *why)
{
	problem_set(why, 404, "board_not_found", "The account has no such board on Pinterest.");
	why->remediation = "List the account's boards.";
}

/* Pinterest's refusal, for a board that exists and is not the account's to change. */
static void
refusal_refine(const struct http_answer *a, struct problem *why)
{
	if (a->status == 404 && strcmp(why->code, "not_found") == 0) {
		board_unknown(why);
	} else if (a->status == 403 && why->remediation == NULL) {
		why->message = "Pinterest does not let the account change this board.";
		why->remediation = "Only the board's owner may: connect the owner's account.";
	} else if (a->status == 409) {
		problem_set(why, 503, "pinterest_unavailable",
		    "Pinterest is changing this board right now; nothing was done.");
		why->retry_after_s = BUSY_RETRY_S;
	}
}

/* What is cached of the board is no longer certain. Best effort: it ends by itself. */
static void
board_forget(const struct board_edit *e)
{
	struct call *c = e->c;

	(void)db_exec_any(c->db,
	    SQL_IN(board_forget, .project = db_uuid(&c->who.project_id), .board = db_text(e->id)),
	    NULL);
}

static enum db_rc
log_board_change(struct board_edit *e, enum activity_action action, const char *metadata)
{
	const struct actor by = call_actor(e->c);
	const struct activity done = {
		.action = action, .account_id = e->account.id, .metadata = metadata
	};

	return store_activity(e->c->db, &e->c->who.project_id, &by, &done);
}

static bool
board_patch_read(struct board_edit *e, struct problem *why)
{
	struct call *c = e->c;
	struct json_reader r;

	json_reader_init(&r, c->json, c->mem, why);
	boards_read(&r, JSON_OPTIONAL, &e->in);
	e->clear = json_is_empty(&r, "description");
	if (json_is_empty(&r, "name"))
		json_wrong(&r, "name", "must not be empty");
	if (e->in.privacy != NULL && strcmp(e->in.privacy, "PROTECTED") == 0)
		json_wrong(&r, "privacy",
		    "must be PUBLIC or SECRET: Pinterest makes only new boards PROTECTED");
	if (!problem_any(why) && e->in.name == NULL && e->in.description == NULL && !e->clear &&
	    e->in.privacy == NULL)
		json_wrong(&r, "", "must have one of name, description and privacy");
	return !call_refused(c, why);
}

static const char *
board_patch_body(const struct board_edit *e)
{
	struct json_object *o = json_object_new_object();
	const char *text;

	if (e->in.name != NULL)
		json_put_text(o, "name", e->in.name);
	if (e->in.description != NULL || e->clear)
		json_put_text(o, "description", e->in.description);
	if (e->in.privacy != NULL)
		json_put_text(o, "privacy", e->in.privacy);
	text = arena_strdup(e->c->mem, json_dump(o, NULL));
	json_object_put(o);
	return text;
}

static bool
board_patch_upstream(struct board_edit *e, struct problem *why)
{
	struct call *c = e->c;
	const struct upstream_ask ask = { .method = "PATCH",
		.path = arena_printf(c->mem, "/boards/%s", url_encode(e->id, c->mem)),
		.type = "application/json",
		.body = board_patch_body(e) };
	struct pinterest_board other;
	struct http_answer a;
	enum upstream_result r = upstream_account(c, &e->account, &ask, &a, why);

	if (r == UPSTREAM_OK && pinterest_board_parse(&e->board, a.body, a.body_len, c->mem) == 0 &&
	    strcmp(e->board.id, e->id) == 0)
		return true;
	if (r == UPSTREAM_OK)
		r = upstream_misread(c, e->account.environment, &ask, &a, why);
	if (r == UPSTREAM_UNKNOWN) {
		board_forget(e);
		why->remediation = "Repeat the request: to change a board twice does no harm.";
	}
	if (r != UPSTREAM_REFUSED)
		return false;
	refusal_refine(&a, why);
	if (a.status == 400 && e->in.name != NULL &&
	    boards_named(c, &e->account, e->in.name, &other) && strcmp(other.id, e->id) != 0) {
		problem_set(
		    why, 409, "conflict", "The account already has another board of this name.");
		why->remediation = arena_printf(c->mem, "It is board %s.", other.id);
	}
	return false;
}

static enum db_rc
board_patch_note(struct call *c, void *arg)
{
	struct board_edit *e = arg;

	reply_json(&c->reply, 200, board_json(&e->board));
	return log_board_change(
	    e, ACTIVITY_BOARD_UPDATED, arena_printf(c->mem, "{\"board_id\":\"%s\"}", e->board.id));
}

/* PATCH /v1/pinterest/boards/{id} */
void
boards_patch(struct call *c)
{
	struct board_edit *e = arena_alloc(c->mem, sizeof(*e));
	struct problem why = { 0 };

	e->c = c;
	e->id = c->param[0];
	if (!board_patch_read(e, &why) || !boards_account(c, &e->in.account_id, &e->account))
		return;
	boards_refuse_secret(c, &e->account, e->in.privacy, &why);
	if (!problem_any(&why) && pin_board_fault(e->id) != NULL)
		board_unknown(&why);
	if (call_refused(c, &why))
		return;
	if (!board_patch_upstream(e, &why)) {
		reply_problem(&c->reply, &why);
		return;
	}
	/* it is changed on Pinterest, whether or not that can be recorded */
	(void)board_cache(c, &e->account, &e->board, 1, false);
	if (!call_transact(c, board_patch_note, e) && c->reply.status >= 500)
		reply_json(&c->reply, 200, board_json(&e->board));
}

/* Is the board gone? After an answer that was lost, only Pinterest knows. */
static bool
board_is_gone(struct board_edit *e)
{
	struct call *c = e->c;
	const struct upstream_ask ask = { .method = "GET",
		.path = arena_printf(c->mem, "/boards/%s", url_encode(e->id, c->mem)) };
	struct problem ignored = { 0 };
	struct http_answer a;

	return upstream_account(c, &e->account, &ask, &a, &ignored) == UPSTREAM_REFUSED &&
	       a.status == 404 && strcmp(ignored.code, "not_found") == 0;
}

static bool
board_delete_upstream(struct board_edit *e, struct problem *why)
{
	struct call *c = e->c;
	const struct upstream_ask ask = { .method = "DELETE",
		.path = arena_printf(c->mem, "/boards/%s", url_encode(e->id, c->mem)) };
	struct http_answer a;
	enum upstream_result r = upstream_account(c, &e->account, &ask, &a, why);

	if (r == UPSTREAM_REFUSED)
		refusal_refine(&a, why);
	if (r == UPSTREAM_REFUSED || r == UPSTREAM_UNKNOWN)
		board_forget(e);
	return r == UPSTREAM_OK || (r == UPSTREAM_UNKNOWN && board_is_gone(e));
}

static void
on_removed_pin(void *arg)
{
	struct board_edit *e = arg;

	e->rows[e->rows_len++] = e->row;
}

/*
 * Notes that the board's published pins, whichever account sent them, are gone, some at a time.
 * DB_NONE: none are left.
 */
static enum db_rc
note_removed_pins(struct board_edit *e)
{
	struct call *c = e->c;
	const struct uuid last = e->row;
	uint64_t noted = 0;
	enum db_rc rc;

	e->rows_len = 0;
	rc = db_each(c->db,
	    SQL_IN(pin_list_on_board, .project = db_uuid(&c->who.project_id),
		.board = db_text(e->id), .since = db_time(e->row_us), .after = db_uuid(&last),
		.most = db_int(REMOVED_BATCH)),
	    SQL_OUT(pin_list_on_board, .id = db_get_uuid(&e->row),
		.created_at = db_get_time(&e->row_us)),
	    on_removed_pin, e);
	if (rc == DB_OK && e->rows_len == 0)
		return DB_NONE;
	if (rc == DB_OK)
		rc = db_exec_any(c->db,
		    SQL_IN(pin_note_board_gone, .project = db_uuid(&c->who.project_id),
			.board = db_text(e->id), .ids = db_uuids(e->rows, e->rows_len)),
		    &noted);
	e->removed += (int64_t)noted;
	return rc;
}

static enum db_rc
board_delete_note(struct call *c, void *arg)
{
	struct board_edit *e = arg;
	const char *waiting = "";

	if (e->schedules >= 0)
		waiting = arena_printf(c->mem,
		    ",\"waiting_schedules\":%" PRId64 ",\"waiting_pins\":%" PRId64, e->schedules,
		    e->pins);
	reply_empty(&c->reply, 204);
	return log_board_change(e, ACTIVITY_BOARD_DELETED,
	    arena_printf(c->mem, "{\"board_id\":\"%s\",\"removed_pins\":%" PRId64 "%s}", e->id,
		e->removed, waiting));
}

/* How much still waits for the board. */
static enum db_rc
board_count_waiting(struct board_edit *e)
{
	struct call *c = e->c;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(board_count_waiting, .project = db_uuid(&c->who.project_id),
		.board = db_text(e->id)),
	    SQL_OUT(board_count_waiting, .schedules = db_get_int(&e->schedules),
		.pins = db_get_int(&e->pins)));

	if (rc != DB_OK)
		e->schedules = e->pins = -1;
	return rc;
}

/* False: the reply is set, because something waits and the caller asked not to lose it. */
static bool
board_unused(struct board_edit *e, bool asked)
{
	struct call *c = e->c;
	enum db_rc rc = board_count_waiting(e);
	struct problem why = { 0 };

	if (!asked)
		return true;
	if (!call_found(c, rc, NULL))
		return false;
	if (e->schedules == 0 && e->pins == 0)
		return true;
	/* a key with an allow-list is not told how much others have */
	problem_set(&why, 409, "conflict",
	    c->who.account_ids != NULL
		? "Pins or schedules are still to be sent to this board. It was not deleted."
		: arena_printf(c->mem,
		      "Still to be sent to this board: %" PRId64 " pins, and %" PRId64
		      " schedules that are not due yet. It was not deleted.",
		      e->pins, e->schedules));
	why.remediation = "Move them to another board or cancel them; or delete the board without "
			  "unused_only: then they fail at their time.";
	reply_problem(&c->reply, &why);
	return false;
}

/* DELETE /v1/pinterest/boards/{id} */
void
boards_delete(struct call *c)
{
	struct board_edit *e = arena_alloc(c->mem, sizeof(*e));
	struct problem why = { 0 };
	int unused = 0;
	enum db_rc rc;

	e->c = c;
	e->id = c->param[0];
	e->row_us = 0;
	(void)call_query_bool(c, "unused_only", &unused, &why);
	if (call_refused(c, &why) || !boards_account_of_query(c, &e->account))
		return;
	if (pin_board_fault(e->id) != NULL)
		board_unknown(&why);
	if (call_refused(c, &why) || !board_unused(e, unused == 1))
		return;
	if (!board_delete_upstream(e, &why)) {
		reply_problem(&c->reply, &why);
		return;
	}
	c->done = "The board is gone from Pinterest.";
	board_forget(e);
	do
		rc = note_removed_pins(e);
	while (rc == DB_OK);
	if (rc != DB_NONE)
		log_warn("event=board_pins_not_noted request=%s board=%s noted=%" PRId64
			 " result=%s",
		    c->req->id, e->id, e->removed, db_rc_name(rc));
	if (!call_transact(c, board_delete_note, e) && c->reply.status >= 500)
		reply_empty(&c->reply, 204);
}
