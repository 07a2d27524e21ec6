/* Boards of imports: few calls to Pinterest, while the client waits. */
#include "app/api/import_boards.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/api/import_rows.h"
#include "app/http/call.h"
#include "app/pinterest/board.h"
#include "app/pinterest/board_list.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/utf8.h"

#define LIST_FROM 4    /* boards of one account: from here on one list is cheaper */
#define ASKED_MAX 100  /* single boards, per import */
#define UNLISTED_MAX 5 /* of them for an account whose list has come */
#define TIME_MAX_US (20 * US_PER_S)
#define SHOWN_MAX 10
#define SPREADSHEET_DIGITS 15

struct importing_account {
	struct uuid id;
	struct store_account account;
	size_t boards; /* that the rows name */
	size_t asked;  /* single boards */
	bool usable;   /* the worker would take its rows */
	bool away;     /* Pinterest does not answer for it now */
	bool listed;   /* the list was asked for */
	struct board_list list;
};

enum pair_verdict { PAIR_OPEN, PAIR_FINE, PAIR_REFUSED };

struct board_pair {
	struct importing_account *account;
	const char *board_id;
	enum pair_verdict verdict;
	const char *code, *message, *remedy; /* refused */
};

struct board_checking {
	struct call *c;
	struct import_rows *rows;
	struct importing_account *accounts;
	size_t accounts_len;
	struct board_pair *pairs;
	size_t pairs_len;
	struct board_pair *of_row[IMPORT_ROWS_MAX]; /* NULL: nothing to ask */
	size_t asked;
	int64_t until_us; /* of the monotonic clock */
};

/* ---- the pairs ---- */

static enum db_rc
find_importing_account(
    struct board_checking *k, const struct uuid *id, struct importing_account **out)
{
	struct importing_account *a = k->accounts, *end = a + k->accounts_len;
	enum db_rc rc;

	while (a < end && !uuid_equal(&a->id, id))
		a++;
	*out = a;
	if (a < end)
		return DB_OK;
	k->accounts_len++;
	a->id = *id;
	if (!call_account_listed(k->c, id))
		return DB_OK;
	rc = store_account_get(k->c->db, &k->c->who.project_id, id, &a->account);
	a->usable = rc == DB_OK && !a->account.revoked;
	return rc == DB_NONE ? DB_OK : rc;
}

static struct board_pair *
find_board_pair(struct board_checking *k, struct importing_account *account, const char *board_id)
{
	struct board_pair *p = k->pairs, *end = p + k->pairs_len;

	while (p < end && (p->account != account || strcmp(p->board_id, board_id) != 0))
		p++;
	if (p == end) {
		k->pairs_len++;
		account->boards++;
		*p = (struct board_pair){ .account = account, .board_id = board_id };
	}
	return p;
}

static enum db_rc
collect_pairs(struct board_checking *k)
{
	struct importing_account *account;
	enum db_rc rc = DB_OK;
	struct uuid id;

	for (size_t i = 0; rc == DB_OK && i < k->rows->len; i++) {
		const struct import_row *row = &k->rows->row[i];

		if (row->refused_code != NULL || row->account_id == NULL || row->board_id == NULL ||
		    uuid_parse(row->account_id, &id) == -1 ||
		    pin_board_fault(row->board_id) != NULL)
			continue;
		rc = find_importing_account(k, &id, &account);
		if (rc == DB_OK && account->usable)
			k->of_row[i] = find_board_pair(k, account, row->board_id);
	}
	return rc;
}

/* ---- asking ---- */

static void
list_account(struct board_checking *k, struct importing_account *a)
{
	struct problem why = { 0 };

	if (a->listed || a->away || clock_mono_us() >= k->until_us)
		return;
	a->listed = true;
	switch (board_list_fetch(k->c, &a->account, &a->list, &why)) {
	case UPSTREAM_OK: break;
	case UPSTREAM_REFUSED: a->list.complete = false; break;
	case UPSTREAM_LIMITED:
	case UPSTREAM_AWAY:
	case UPSTREAM_UNKNOWN:
		a->list.complete = false;
		a->away = true;
		break;
	}
}

static bool
board_in_list(const struct board_list *l, const char *board_id)
{
	for (size_t i = 0; i < l->len; i++)
		if (l->boards[i].id != NULL && strcmp(l->boards[i].id, board_id) == 0)
			return true;
	return false;
}

static void
refuse_pair(struct board_pair *p, const char *code, const char *message, const char *remedy)
{
	p->verdict = PAIR_REFUSED;
	p->code = code;
	p->message = message;
	p->remedy = remedy;
}

static enum db_rc
ask_board(struct board_checking *k, struct board_pair *p)
{
	struct board_access access;
	enum db_rc rc = board_check(k->c, &p->account->account, p->board_id, false, &access);

	if (rc != DB_OK)
		return rc;
	k->asked += !access.from_cache;
	p->account->asked += !access.from_cache;
	if (access.verdict == BOARD_SKIPPED)
		p->account->away = true;
	else if (board_refuses(&access))
		refuse_pair(p, access.why.code, access.why.message, access.why.remediation);
	else
		p->verdict = PAIR_FINE;
	return DB_OK;
}

/* A listed board is in the cache, which knows more than its id. */
static bool
worth_asking(const struct board_checking *k, const struct importing_account *a, bool listed)
{
	if (a->away || clock_mono_us() >= k->until_us)
		return false;
	return listed || (k->asked < ASKED_MAX && (!a->list.complete || a->asked < UNLISTED_MAX));
}

static enum db_rc
judge_pair(struct board_checking *k, struct board_pair *p)
{
	struct importing_account *a = p->account;
	bool listed;

	if (a->boards >= LIST_FROM)
		list_account(k, a);
	listed = board_in_list(&a->list, p->board_id);
	if (worth_asking(k, a, listed))
		return ask_board(k, p);
	if (a->list.complete && !listed)
		refuse_pair(p, "board_not_found", "The account has no such board on Pinterest.",
		    "List the account's boards and choose one of them.");
	return DB_OK;
}

/* ---- ids that a spreadsheet has rounded ---- */

/*
 * Excel keeps 15 digits, other programs 53 bits. A board id has 18 or 19 digits, so one that went
 * through either differs in its last ones, and looks like any other.
 */
static bool
rounded_to(const char *rounded, const char *id)
{
	return strlen(id) > SPREADSHEET_DIGITS && strlen(id) == strlen(rounded) &&
	       (strncmp(id, rounded, SPREADSHEET_DIGITS) == 0 ||
		   strtod(id, NULL) == strtod(rounded, NULL));
}

static bool
looks_rounded(const char *id)
{
	size_t len = strlen(id);
	char exact[64];

	if (len <= SPREADSHEET_DIGITS || len >= sizeof(exact))
		return false;
	snprintf(exact, sizeof(exact), "%.0f", strtod(id, NULL));
	return strcmp(exact, id) == 0 ||
	       strspn(id + SPREADSHEET_DIGITS, "0") == len - SPREADSHEET_DIGITS;
}

static void
explain_rounded(struct board_checking *k, struct board_pair *p)
{
	const struct pinterest_board *found = NULL;
	size_t n = 0;

	if (strcmp(p->code, "board_not_found") != 0 || !looks_rounded(p->board_id))
		return;
	list_account(k, p->account);
	p->remedy = "Format the column as text.";
	for (size_t i = 0; i < p->account->list.len; i++) {
		const struct pinterest_board *b = &p->account->list.boards[i];

		if (b->id != NULL && rounded_to(p->board_id, b->id)) {
			found = b;
			n++;
		}
	}
	if (n == 1)
		p->message = arena_printf(k->c->mem,
		    "The account has no such board on Pinterest: a spreadsheet has rounded its id. "
		    "Did you mean %s (%s)?",
		    found->id, found->name != NULL ? found->name : "");
	else
		p->message =
		    "The account has no such board on Pinterest. A spreadsheet may have rounded "
		    "its id.";
}

/* ---- what is told ---- */

static void
warn_unchecked(struct board_checking *k)
{
	struct json_object *boards, *o;
	const char *some = "";
	size_t n = 0;

	boards = json_object_new_array();
	for (size_t i = 0; i < k->pairs_len; i++) {
		if (k->pairs[i].verdict != PAIR_OPEN)
			continue;
		if (n++ < SHOWN_MAX)
			some = arena_printf(
			    k->c->mem, "%s%s%s", some, n > 1 ? ", " : "", k->pairs[i].board_id);
		json_object_array_add(boards, json_object_new_string(k->pairs[i].board_id));
	}
	if (n == 0) {
		json_object_put(boards);
		return;
	}
	o = import_rows_warning(k->rows, "board_unchecked",
	    arena_printf(k->c->mem,
		"Pinterest could not be asked about %zu of the boards, whose rows are taken "
		"unchecked: %s%s.",
		n, some, n > SHOWN_MAX ? ", ..." : ""));
	json_put(o, "boards", boards);
}

static void
mark_row(struct import_row *row, const struct board_pair *p)
{
	if (p == NULL || p->verdict != PAIR_REFUSED)
		return;
	row->refused_code = p->code;
	row->refused_field = "board_id";
	row->refused_message = p->message;
	row->refused_remedy = p->remedy;
}

enum db_rc
import_boards_check(struct call *c, struct import_rows *rows)
{
	struct board_checking *k = arena_alloc(c->mem, sizeof *k);
	enum db_rc rc;

	k->c = c;
	k->rows = rows;
	k->accounts = arena_alloc(c->mem, (rows->len + 1) * sizeof *k->accounts);
	k->pairs = arena_alloc(c->mem, (rows->len + 1) * sizeof *k->pairs);
	k->until_us = clock_mono_us() + TIME_MAX_US;
	rc = collect_pairs(k);
	for (size_t i = 0; rc == DB_OK && i < k->pairs_len; i++)
		rc = judge_pair(k, &k->pairs[i]);
	for (size_t i = 0; rc == DB_OK && i < k->pairs_len; i++)
		if (k->pairs[i].verdict == PAIR_REFUSED)
			explain_rounded(k, &k->pairs[i]);
	for (size_t i = 0; rc == DB_OK && i < rows->len; i++)
		mark_row(&rows->row[i], k->of_row[i]);
	if (rc == DB_OK)
		warn_unchecked(k);
	return rc;
}
