/* Imports of Pinterest's bulk-upload CSV: what the file leaves out comes from the form and
 * Pinterest. */
#include "app/api/import_pinterest.h"

#include <string.h>

#include "app/api/accept.h"
#include "app/api/csv_columns.h"
#include "app/api/csv_table.h"
#include "app/api/pinterest_csv.h"
#include "app/http/call.h"
#include "app/http/limiter.h"
#include "app/pinterest/board_list.h"
#include "lib/arena.h"
#include "lib/utf8.h"
#include "lib/zone.h"

/* Fewer of its eight names may stand in another file. */
#define MEANT_FROM 3
/* Room for "-500" behind it. */
#define KEY_MAX 250

bool
import_pinterest_meant(const struct csv_table *t)
{
	static const char *const typical[] = { "Media URL", "Pinterest board", "Publish date",
		NULL };

	return csv_columns_known(t, typical) >= 2 &&
	       csv_columns_known(t, pinterest_csv_columns) >= MEANT_FROM;
}

static bool
read_pinterest_form(struct call *c, const struct import_pinterest_form *form, bool needs_zone,
    struct uuid *account, struct zone **zone)
{
	struct problem why = { 0 };
	const char *fault = "is required: dates of the file have no offset";

	if (form->account_id == NULL)
		problem_field(&why, c->mem, "account_id", "is required");
	else if (uuid_parse(form->account_id, account) == -1)
		problem_field(&why, c->mem, "account_id", "must be a UUID");
	if (form->timezone != NULL)
		*zone = zone_load(ZONE_DIRECTORY, form->timezone, &fault);
	if (*zone == NULL && (form->timezone != NULL || needs_zone))
		problem_field(&why, c->mem, "timezone", fault);
	if (form->key != NULL && utf8_length(form->key, strlen(form->key)) > KEY_MAX)
		problem_field(&why, c->mem, "idempotency_key", "must be at most 250 characters");
	return !call_refused(c, &why);
}

static bool
list_boards(struct call *c, const struct store_account *account, struct pinterest_csv_import *in)
{
	struct board_list list = { .len = 0 };
	struct problem why = { 0 };
	struct pinterest_csv_board *boards;

	if (board_list_fetch(c, account, &list, &why) != UPSTREAM_OK) {
		reply_problem(&c->reply, &why);
		return false;
	}
	boards = arena_alloc(c->mem, (list.len + 1) * sizeof(*boards));
	for (size_t i = 0; i < list.len; i++)
		if (list.boards[i].id != NULL && list.boards[i].name != NULL)
			boards[in->boards_len++] =
			    (struct pinterest_csv_board){ .id = list.boards[i].id,
				    .name = list.boards[i].name };
	in->boards = boards;
	return true;
}

bool
import_pinterest_read(struct call *c, const struct csv_table *t,
    const struct import_pinterest_form *form, struct import_rows *out)
{
	struct pinterest_csv_import in = { .account_id = form->account_id,
		.key = form->key,
		.zone_name = form->timezone,
		.ignore = form->ignore };
	struct store_account account;
	struct problem why = { 0 };
	struct zone *zone = NULL;
	struct uuid id;
	bool read = false;

	if (read_pinterest_form(c, form, pinterest_csv_needs_zone(t), &id, &zone) &&
	    accept_account(c, &id, &account) && list_boards(c, &account, &in)) {
		in.zone = zone;
		limiter_wait(form->making);
		read = pinterest_csv_read(out, t, &in, c->mem, &why) == 0;
		limiter_release(form->making);
		if (!read)
			reply_problem(&c->reply, &why);
	}
	zone_free(zone);
	return read;
}
