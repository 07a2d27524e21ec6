/*
 * A short-lived cache of boards. A board is accepted unchecked when Pinterest cannot be asked: the
 * pin waits for its turn anyway, and the worker finds out.
 */
#include "app/pinterest/board.h"

#include <string.h>

#include "app/http/call.h"
#include "app/pinterest/upstream.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/pin.h"
#include "lib/scopes.h"
#include "lib/url.h"
#include "lib/utf8.h"
#include "sql/stmt.h"

struct json_object *
board_json(const struct pinterest_board *b)
{
	struct json_object *o = json_object_new_object();

	json_put_text(o, "id", b->id);
	json_put_text(o, "name", b->name != NULL ? b->name : "");
	json_put_text(o, "description", b->description);
	json_put_text(o, "privacy", b->privacy);
	return o;
}

struct board_caching {
	struct call *c;
	const struct store_account *account;
	const struct pinterest_board *boards;
	size_t len;
	bool complete;
};

static const char *
text_cut(const char *text, size_t points, struct arena *mem)
{
	size_t len;

	if (text == NULL)
		return NULL;
	len = strlen(text);
	if (len <= points)
		return text;
	while (utf8_length(text, len) > points)
		len = utf8_cut(text, len, len - 1);
	return arena_strndup(mem, text, len);
}

static enum db_rc
board_cache_one(struct board_caching *k, const struct pinterest_board *b, int64_t now_us)
{
	struct call *c = k->c;

	if (b->id == NULL || strlen(b->id) > 64)
		return DB_OK;
	return db_exec(c->db,
	    SQL_IN(board_upsert, .account = db_uuid(&k->account->id), .board = db_text(b->id),
		.name = db_text(text_cut(b->name != NULL ? b->name : "", 255, c->mem)),
		.description = db_text(text_cut(b->description, 4000, c->mem)),
		.privacy = db_text(text_cut(b->privacy, 16, c->mem)), .now = db_time(now_us)),
	    NULL);
}

static enum db_rc
board_cache_work(struct db *db, void *arg)
{
	struct board_caching *k = arg;
	int64_t now_us;
	enum db_rc rc = db_now(db, &now_us);

	for (size_t i = 0; rc == DB_OK && i < k->len; i++)
		rc = board_cache_one(k, &k->boards[i], now_us);
	if (rc != DB_OK || !k->complete)
		return rc;

	rc = db_exec_any(db,
	    SQL_IN(
		board_delete_unseen, .account = db_uuid(&k->account->id), .now = db_time(now_us)),
	    NULL);
	if (rc == DB_OK)
		rc = db_exec_any(db,
		    SQL_IN(account_note_boards, .project = db_uuid(&k->account->project_id),
			.id = db_uuid(&k->account->id), .now = db_time(now_us)),
		    NULL);
	return rc;
}

enum db_rc
board_cache(struct call *c, const struct store_account *account,
    const struct pinterest_board *boards, size_t len, bool complete)
{
	struct board_caching k = {
		.c = c, .account = account, .boards = boards, .len = len, .complete = complete
	};

	return db_transact(c->db, board_cache_work, &k);
}

/* DB_OK: the cache has it. */
static enum db_rc
board_cached(struct call *c, const struct store_account *account, const char *board_id,
    struct board_access *out)
{
	enum db_rc rc = db_row(c->db,
	    SQL_IN(board_list, .project = db_uuid(&account->project_id),
		.account = db_uuid(&account->id), .board = db_text(board_id),
		.seconds = db_int(c->app->conf->board_cache_s)),
	    SQL_OUT(board_list, .board_id = db_get_text(&out->board.id),
		.name = db_get_text(&out->board.name),
		.description = db_get_text(&out->board.description),
		.privacy = db_get_text(&out->board.privacy),
		.seen_at = db_get_time(&out->checked_at_us)));

	if (rc == DB_OK) {
		out->verdict = BOARD_OK;
		out->from_cache = true;
	}
	return rc;
}

static void
board_refuse(
    struct board_access *out, const char *code, const char *message, const char *remediation)
{
	out->verdict = BOARD_REFUSED;
	problem_set(&out->why, 422, code, message);
	out->why.remediation = remediation;
}

static void
board_refuse_id(struct board_access *out)
{
	board_refuse(out, "board_not_found", "This is not the id of a Pinterest board.",
	    "List the account's boards and choose one of them.");
}

/* Only this board: another one of the account may be published to. */
static void
board_refuse_secret(struct call *c, const struct store_account *account, const char *lacks,
    struct board_access *out)
{
	board_refuse(out, "scope_missing",
	    arena_printf(c->mem,
		"This board is secret, and the Pinterest connection lacks permissions that secret "
		"boards need: %s.",
		scopes_spaced(lacks, c->mem)),
	    scopes_remedy(lacks, c->app->conf->upstream[account->environment].scopes, c->mem));
}

/* What a secret board needs and the account lacks, as far as a 401/3 for this board says so. */
static const char *
secret_scopes_refused(
    struct call *c, const struct store_account *account, const struct http_answer *a)
{
	struct pinterest_error e;
	const char *named;

	pinterest_error_parse(&e, a->body, a->body_len, c->mem);
	named = scopes_refused(e.message, c->mem);
	/* Not every answer names them. What public boards need was granted, so it is a secret one.
	 */
	if (*named == '\0' && *scopes_missing(SCOPES_PUBLISH, account->scopes, c->mem) != '\0')
		return "";
	if (*scopes_missing(named, SCOPES_SECRET, c->mem) != '\0')
		return "";
	return scopes_list(arena_printf(c->mem, "%s,%s", named,
			       scopes_missing(SCOPES_SECRET, account->scopes, c->mem)),
	    c->mem);
}

/* Pinterest says 401/3: the account lacks something for this board, or for all. */
static void
board_refuse_scopes(struct call *c, const struct store_account *account,
    const struct http_answer *a, struct board_access *out)
{
	const char *lacks = secret_scopes_refused(c, account, a);

	if (*lacks != '\0') {
		board_refuse_secret(c, account, lacks, out);
		return;
	}
	out->verdict = BOARD_REFUSED;
	out->why.status = 422;
	out->holds = true;
}

/* A board that Pinterest shows may still need what the account lacks. */
static void
board_privacy_judge(struct call *c, const struct store_account *account, struct board_access *out)
{
	const char *lacks = scopes_board_lacks(out->board.privacy, account->scopes, c->mem);

	if (out->verdict == BOARD_OK && *lacks != '\0')
		board_refuse_secret(c, account, lacks, out);
}

static void
board_refuse_absent(struct call *c, const struct store_account *account, struct board_access *out)
{
	bool hidden = *scopes_missing(SCOPES_SECRET, account->scopes, c->mem) != '\0';

	board_refuse(out, "board_not_found", "The account has no such board on Pinterest.",
	    hidden
		? "List the account's boards and choose one of them. A secret board is seen only "
		  "with the permissions for secret boards, which this connection lacks."
		: "List the account's boards and choose one of them.");
}

/* Refusals that the account's owner or the operator can fix: the pin is accepted and waits. */
static bool
refusal_only_holds(const char *code)
{
	return strcmp(code, "scope_missing") == 0 || strcmp(code, "pinterest_not_permitted") == 0 ||
	       strncmp(code, "token_", 6) == 0;
}

static void
board_ask(struct call *c, const struct store_account *account, const char *board_id,
    struct board_access *out)
{
	const struct upstream_ask ask = { .method = "GET",
		.path = arena_printf(c->mem, "/boards/%s", url_encode(board_id, c->mem)) };
	struct http_answer a;
	enum upstream_result r = upstream_account(c, account, &ask, &a, &out->why);

	out->checked_at_us = c->now_us;
	if (r == UPSTREAM_OK &&
	    pinterest_board_parse(&out->board, a.body, a.body_len, c->mem) == 0 &&
	    strcmp(out->board.id, board_id) == 0) {
		out->verdict = BOARD_OK;
		return;
	}
	if (r == UPSTREAM_OK)
		r = upstream_misread(c, account->environment, &ask, &a, &out->why);
	out->board.id = NULL;
	if (r != UPSTREAM_REFUSED) {
		out->verdict = BOARD_SKIPPED;
	} else if (a.status == 404) {
		board_refuse_absent(c, account, out);
	} else if (a.status == 401 && strcmp(out->why.code, "scope_missing") == 0) {
		board_refuse_scopes(c, account, &a, out);
	} else if (a.status == 403) {
		board_refuse(out, "board_access_denied",
		    "The account may not publish to this board.",
		    "Choose another board or ask the board's owner for access.");
	} else if (a.status == 400) {
		board_refuse_id(out);
	} else if (out->why.status >= 500) {
		out->verdict = BOARD_SKIPPED;
	} else {
		out->verdict = BOARD_REFUSED;
		out->why.status = 422;
		out->holds = refusal_only_holds(out->why.code);
	}
}

enum db_rc
board_check(struct call *c, const struct store_account *account, const char *board_id, bool fresh,
    struct board_access *out)
{
	enum db_rc rc = DB_NONE;

	memset(out, 0, sizeof(*out));
	out->checked_at_us = c->now_us;
	if (pin_board_fault(board_id) != NULL) {
		board_refuse_id(out);
		return DB_OK;
	}
	if (!fresh)
		rc = board_cached(c, account, board_id, out);
	if (rc == DB_OK)
		board_privacy_judge(c, account, out);
	if (rc != DB_NONE)
		return rc;
	memset(out, 0, sizeof(*out));
	board_ask(c, account, board_id, out);
	if (out->verdict == BOARD_OK) {
		board_privacy_judge(c, account, out);
		return board_cache(c, account, &out->board, 1, false);
	}
	if (out->verdict == BOARD_REFUSED && strcmp(out->why.code, "board_not_found") == 0) {
		return db_exec_any(c->db,
		    SQL_IN(
			board_delete, .account = db_uuid(&account->id), .board = db_text(board_id)),
		    NULL);
	}
	return DB_OK;
}

bool
board_refuses(const struct board_access *a)
{
	return a->verdict == BOARD_REFUSED && !a->holds;
}

bool
board_accept(struct call *c, const struct store_account *account, const char *board_id)
{
	struct board_access access;
	enum db_rc rc = board_check(c, account, board_id, false, &access);

	if (rc != DB_OK) {
		call_db_error(c, rc);
		return false;
	}
	if (board_refuses(&access)) {
		reply_problem(&c->reply, &access.why);
		return false;
	}
	return true;
}
