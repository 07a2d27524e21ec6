/* Boards of an account. Pinterest is asked each time, and its answer feeds the cache. */
#include "app/api/boards.h"

#include <string.h>

#include "app/api/handlers.h"
#include "app/http/call.h"
#include "app/pinterest/board.h"
#include "app/pinterest/board_list.h"
#include "app/pinterest/upstream.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "lib/scopes.h"

bool
boards_account(struct call *c, const struct uuid *id, struct store_account *account)
{
	return call_account_permitted(c, id) &&
	       call_found(c, store_account_get(c->db, &c->who.project_id, id, account), "Account");
}

bool
boards_account_of_query(struct call *c, struct store_account *account)
{
	struct problem why = { 0 };
	struct uuid id;
	bool given = false;

	if (call_query_uuid(c, "account_id", &id, &given, &why) && !given)
		problem_query(&why, c->mem, "account_id", "is required");
	if (call_refused(c, &why))
		return false;
	return boards_account(c, &id, account);
}

void
boards_list(struct call *c)
{
	struct store_account account;
	struct board_list l;
	struct problem why = { 0 };
	struct json_object *body;

	if (!boards_account_of_query(c, &account))
		return;
	if (board_list_fetch(c, &account, &l, &why) != UPSTREAM_OK) {
		reply_problem(&c->reply, &why);
		return;
	}
	body = json_object_new_array();
	for (size_t i = 0; i < l.len; i++)
		json_object_array_add(body, board_json(&l.boards[i]));
	reply_json(&c->reply, 200, body);
}

void
boards_read(struct json_reader *r, enum json_need name, struct board_request *in)
{
	static const char *const known[] = { "account_id", "name", "description", "privacy", NULL };

	json_known(r, known);
	(void)json_uuid(r, "account_id", JSON_REQUIRED, &in->account_id);
	in->name = json_text(r, "name", name, 1, 180);
	in->description = json_prose(r, "description", JSON_OPTIONAL, 1, 500);
	in->privacy = json_key(r, "privacy", JSON_OPTIONAL, 1, 16);
	if (in->privacy != NULL && strcmp(in->privacy, "PUBLIC") != 0 &&
	    strcmp(in->privacy, "PROTECTED") != 0 && strcmp(in->privacy, "SECRET") != 0)
		json_wrong(r, "privacy", "must be PUBLIC, PROTECTED or SECRET");
}

bool
boards_named(struct call *c, const struct store_account *account, const char *name,
    struct pinterest_board *board)
{
	struct board_list l;
	struct problem ignored = { 0 };

	if (board_list_fetch(c, account, &l, &ignored) != UPSTREAM_OK)
		return false;
	for (size_t i = 0; i < l.len; i++) {
		if (l.boards[i].name != NULL && strcmp(l.boards[i].name, name) == 0) {
			*board = l.boards[i];
			return true;
		}
	}
	return false;
}

static bool
create_board_upstream(struct call *c, const struct store_account *account,
    const struct board_request *in, struct pinterest_board *board, struct problem *why)
{
	struct json_object *body = json_object_new_object();
	struct upstream_ask ask = {
		.method = "POST", .path = "/boards", .type = "application/json"
	};
	struct http_answer a;
	enum upstream_result r;

	json_put_text(body, "name", in->name);
	if (in->description != NULL)
		json_put_text(body, "description", in->description);
	json_put_text(body, "privacy", in->privacy != NULL ? in->privacy : "PUBLIC");
	ask.body = arena_strdup(c->mem, json_dump(body, NULL));
	json_object_put(body);
	r = upstream_account(c, account, &ask, &a, why);
	if (r == UPSTREAM_OK && pinterest_board_parse(board, a.body, a.body_len, c->mem) == 0)
		return true;
	if (r == UPSTREAM_OK)
		r = upstream_misread(c, account->environment, &ask, &a, why);
	if (r == UPSTREAM_UNKNOWN)
		return boards_named(c, account, in->name, board);
	if (r == UPSTREAM_REFUSED && a.status == 400 && boards_named(c, account, in->name, board)) {
		problem_set(why, 409, "conflict", "The account already has a board of this name.");
		why->remediation = arena_printf(c->mem, "Use board %s or another name.", board->id);
	}
	return false;
}

struct board_made {
	const struct pinterest_board *board;
	const struct uuid *account_id;
};

static enum db_rc
log_board_created(struct call *c, void *arg)
{
	const struct actor by = call_actor(c);
	const struct board_made *made = arg;
	const struct activity done = { .action = ACTIVITY_BOARD_CREATED,
		.account_id = *made->account_id,
		.metadata = arena_printf(c->mem, "{\"board_id\":\"%s\"}", made->board->id) };

	reply_json(&c->reply, 201, board_json(made->board));
	return store_activity(c->db, &c->who.project_id, &by, &done);
}

void
boards_refuse_secret(
    struct call *c, const struct store_account *account, const char *privacy, struct problem *why)
{
	const char *lacks = scopes_missing(SCOPES_SECRET_BOARD, account->scopes, c->mem);

	if (privacy == NULL || strcmp(privacy, "SECRET") != 0 || *lacks == '\0' ||
	    account->reconnect || account->revoked)
		return;
	problem_set(why, 409, "scope_missing",
	    arena_printf(c->mem,
		"A secret board needs permissions that the Pinterest connection lacks: %s.",
		scopes_spaced(lacks, c->mem)));
	why->remediation =
	    scopes_remedy(lacks, c->app->conf->upstream[account->environment].scopes, c->mem);
}

void
boards_create(struct call *c)
{
	struct board_request in = { 0 };
	struct problem why = { 0 };
	struct store_account account;
	struct pinterest_board board = { 0 };
	struct json_reader r;
	struct board_made made = { &board, &account.id };

	json_reader_init(&r, c->json, c->mem, &why);
	boards_read(&r, JSON_REQUIRED, &in);
	if (call_refused(c, &why) || !boards_account(c, &in.account_id, &account))
		return;
	boards_refuse_secret(c, &account, in.privacy, &why);
	if (call_refused(c, &why))
		return;
	if (!create_board_upstream(c, &account, &in, &board, &why)) {
		reply_problem(&c->reply, &why);
		return;
	}
	/* the board exists on Pinterest, whether or not we can record it */
	(void)board_cache(c, &account, &board, 1, false);
	if (!call_transact(c, log_board_created, &made) && c->reply.status >= 500)
		reply_json(&c->reply, 201, board_json(&board));
}

static struct json_object *
account_health_json(const struct store_account *account)
{
	struct json_object *o = json_object_new_object();

	json_put_text(o, "status", account->reconnect ? "reconnect_required" : "healthy");
	return o;
}

void
boards_access(struct call *c)
{
	static const char *const verdicts[] = { "ok", "failed", "skipped" };
	struct problem why = { 0 };
	struct store_account account;
	struct board_access access;
	struct json_object *body;
	int fresh = 0;
	bool good;

	(void)call_query_bool(c, "fresh", &fresh, &why);
	if (call_refused(c, &why) || !boards_account_of_query(c, &account) ||
	    !call_found(c, board_check(c, &account, c->param[0], fresh == 1, &access), NULL))
		return;
	good = access.verdict == BOARD_OK;
	body = json_object_new_object();
	json_put_uuid(body, "account_id", &account.id);
	json_put_text(body, "board_id", c->param[0]);
	json_put_bool(body, "publishable", good);
	json_put_text(body, "status", verdicts[access.verdict]);
	json_put_text(body, "code", good ? NULL : access.why.code);
	json_put_text(
	    body, "message", good ? "The account can publish to this board." : access.why.message);
	json_put_text(body, "remediation", good ? NULL : access.why.remediation);
	json_put_time(body, "checked_at", access.checked_at_us);
	json_put_text(body, "source", access.from_cache ? "cache" : "pinterest");
	json_put(body, "board", access.board.id != NULL ? board_json(&access.board) : NULL);
	json_put(body, "account_health", account_health_json(&account));
	if (!good && access.why.retry_after_s > 0)
		json_put_int(body, "retry_after_seconds", access.why.retry_after_s);
	reply_json(&c->reply, 200, body);
}
