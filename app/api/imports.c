/*
 * Imports. Rows are stored undecoded, in the transaction that creates the import. The worker
 * decodes each and creates its pin or schedule, so that a bad row fails alone.
 */
#include "config.h"

#include <string.h>

#include "app/api/activity.h"
#include "app/api/filter.h"
#include "app/api/handlers.h"
#include "app/api/import_boards.h"
#include "app/api/import_pinterest.h"
#include "app/api/import_rows.h"
#include "app/api/imports_view.h"
#include "app/http/admit.h"
#include "app/http/call.h"
#include "app/http/limiter.h"
#include "app/http/limits.h"
#include "app/api/csv_rows.h"
#include "app/api/csv_table.h"
#include "app/http/multipart.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/text.h"
#include "lib/utf8.h"
#include "lib/xalloc.h"
#include "sql/stmt.h"

#define OPTION_MAX 255
#define MESSAGE_BYTES 500 /* of a stored refusal */

struct import_request {
	struct uuid id;
	bool csv;
	const char *filename;
	struct import_rows *rows;
};

/* As much as fits of why a row must fail and of what helps. */
static const char *
refusal_text(const struct import_row *row, struct arena *mem)
{
	const char *text = row->refused_message;

	if (text != NULL && row->refused_remedy != NULL)
		text = arena_printf(mem, "%s %s", text, row->refused_remedy);
	return text != NULL ? arena_strndup(mem, text, utf8_cut(text, strlen(text), MESSAGE_BYTES))
			    : NULL;
}

static enum db_rc
insert_import_row(struct call *c, const struct import_request *k, size_t i)
{
	const struct import_row *row = &k->rows->row[i];

	return db_exec(c->db,
	    SQL_IN(import_row_insert, .id = db_uuid(&k->id), .number = db_int((int64_t)i + 1),
		.line = row->line > 0 ? db_int((int64_t)row->line) : db_null(),
		.payload = db_text(row->payload), .code = db_text(row->refused_code),
		.field = db_text(row->refused_field),
		.message = db_text(refusal_text(row, c->mem))),
	    NULL);
}

/* Room for all rows, whether each becomes a pin or a schedule. DB_NONE: the reply is a 409. */
static enum db_rc
claim_import_rows(struct call *c, int64_t rows)
{
	static const enum limit wanted[] = { LIMIT_IMPORT_ROWS, LIMIT_PENDING_PINS,
		LIMIT_PENDING_SCHEDULES };
	struct problem why = { 0 };
	enum db_rc rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < sizeof wanted / sizeof wanted[0]; i++)
		rc = limits_claim(c, wanted[i], &c->who.project_id, rows, &why);
	if (problem_any(&why))
		reply_problem(&c->reply, &why);
	return rc;
}

static enum db_rc
insert_import(struct call *c, void *arg)
{
	const struct import_request *k = arg;
	enum db_rc rc = claim_import_rows(c, (int64_t)k->rows->len);

	if (rc != DB_OK)
		return rc;
	rc = db_exec(c->db,
	    SQL_IN(import_insert, .id = db_uuid(&k->id), .project = db_uuid(&c->who.project_id),
		.shard = db_int(uuid_shard(&k->id)), .source = db_int(k->csv),
		.filename = db_text(k->filename), .allow = db_text(c->who.account_ids),
		.label = db_text(c->who.label), .rows = db_int((int64_t)k->rows->len),
		.warnings = k->rows->warnings != NULL ? db_text(json_dump(k->rows->warnings, NULL))
						      : db_null()),
	    NULL);

	for (size_t i = 0; rc == DB_OK && i < k->rows->len; i++)
		rc = insert_import_row(c, k, i);
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_IMPORT_CREATED, NULL, &k->id);
	if (rc == DB_OK)
		rc = imports_view_reply(c, &k->id, 202);
	return rc == DB_NONE ? DB_FAIL : rc;
}

static void
accept_import(struct call *c, struct import_request *k)
{
	enum db_rc rc = import_boards_check(c, k->rows);

	if (rc != DB_OK) {
		call_db_error(c, rc);
		return;
	}
	k->id = uuid_v7(c->now_us);
	if (call_transact(c, insert_import, k))
		c->wake_worker = true;
}

/* What a file of the largest size needs, with the names of its columns in each row. */
static size_t
stored_bytes_max(const struct call *c)
{
	return (size_t)c->app->conf->max_import_bytes + (size_t)IMPORT_ROWS_MAX * 512;
}

/* What is done about names that are not ours. */
enum unknown_names { UNKNOWN_REFUSE, UNKNOWN_IGNORE };
static const char *const unknown_names[] = { "refuse", "ignore", NULL };

/* Where a large body waits for its turn; NULL for a small one, which need not. */
static struct limiter *
making_place(const struct call *c)
{
	return c->req->body_len > (size_t)c->app->conf->max_body_bytes ? c->app->making : NULL;
}

/* The body is not needed any more. */
static void
making_done(struct call *c, struct limiter *making)
{
	req_body_drop(c->req, c->mem);
	if (making != NULL)
		xalloc_trim();
	limiter_release(making);
}

void
imports_json(struct call *c)
{
	struct import_request k = { .rows = arena_alloc(c->mem, sizeof *k.rows) };
	struct limiter *making = making_place(c);
	struct problem why = { 0 };
	int unknown = call_query_enum(c, "unknown", unknown_names, UNKNOWN_IGNORE, &why);
	bool good = !problem_any(&why);

	k.rows->bytes_max = stored_bytes_max(c);
	limiter_wait(making);
	if (good)
		good = import_rows_json(k.rows, c->req->body, c->req->body_len,
			   unknown == UNKNOWN_IGNORE, c->mem, &why) == 0;
	making_done(c, making);
	if (good)
		accept_import(c, &k);
	else
		reply_problem(&c->reply, &why);
	json_object_put(k.rows->warnings);
}

/* The text of a form field, NULL when it is absent or damaged (then `why` says so). */
static const char *
form_text(struct call *c, const char *name, struct problem *why)
{
	struct multipart_part part;
	const char *text = NULL, *fault = multipart_find(c->req->body, c->req->body_len,
				     c->req->boundary, name, c->mem, &part);

	if (fault == multipart_no_field)
		return NULL;
	if (fault == NULL)
		text = text_clean(TEXT_KEY, part.data, part.len, c->mem, &fault);
	if (fault != NULL)
		problem_field(why, c->mem, name, fault);
	return text;
}

/* An option of a CSV import: a form field beside the file, or a query parameter. */
static const char *
csv_option(struct call *c, const char *name, struct problem *why)
{
	const char *text = form_text(c, name, why);
	const char *query = call_query_text(c, name, TEXT_KEY, OPTION_MAX, why);

	if (text == NULL || *text == '\0')
		text = query;
	else if (query != NULL && *query != '\0' && strcmp(text, query) != 0)
		problem_field(why, c->mem, name, "is given twice, in the form and in the query");
	return text != NULL && *text != '\0' ? text : NULL;
}

/* Index in the NULL-ended list; 0 when it is absent or wrong. */
static int
csv_option_enum(struct call *c, const char *name, const char *const *values, struct problem *why)
{
	const char *text = csv_option(c, name, why), *all = "";

	for (int i = 0; text != NULL && values[i] != NULL; i++) {
		if (strcmp(values[i], text) == 0)
			return i;
		all = arena_printf(c->mem, "%s%s%s", all, i > 0 ? " or " : "", values[i]);
	}
	if (text != NULL)
		problem_field(why, c->mem, name, arena_printf(c->mem, "must be %s", all));
	return 0;
}

/* What the columns of a CSV file are. */
enum dialect { DIALECT_OURS, DIALECT_PINTEREST };
static const char *const dialects[] = { "pintempo", "pinterest", NULL };

/* They say what such a file leaves out; our own rows say it themselves. */
static void
refuse_pinterest_options(
    struct call *c, const struct import_pinterest_form *form, struct problem *why)
{
	static const char reason[] = "is for dialect=pinterest only: here it is a column of the "
				     "file";

	if (form->account_id != NULL)
		problem_field(why, c->mem, "account_id", reason);
	if (form->timezone != NULL)
		problem_field(why, c->mem, "timezone",
		    "is for dialect=pinterest only: here each time has its offset");
	if (form->key != NULL)
		problem_field(why, c->mem, "idempotency_key", reason);
}

/* What is said beside the file; in the call's memory. */
struct csv_form {
	int dialect;
	struct import_pinterest_form pinterest;
};

static void
read_csv_form(struct call *c, struct csv_form *f, struct problem *why)
{
	int unknown = csv_option_enum(c, "unknown", unknown_names, why);

	f->dialect = csv_option_enum(c, "dialect", dialects, why);
	f->pinterest.account_id = csv_option(c, "account_id", why);
	f->pinterest.timezone = csv_option(c, "timezone", why);
	f->pinterest.key = csv_option(c, "idempotency_key", why);
	f->pinterest.ignore = unknown == UNKNOWN_IGNORE;
}

/* Our own columns. False: the reply is a refusal. */
static bool
read_own_rows(
    struct call *c, const struct csv_table *t, const struct csv_form *f, struct import_rows *rows)
{
	struct problem why = { 0 };
	bool good = false;

	if (import_pinterest_meant(t)) {
		problem_field(&why, c->mem, "dialect",
		    "this is a file for Pinterest's bulk upload: send dialect=pinterest, "
		    "account_id "
		    "and timezone beside it");
	} else {
		refuse_pinterest_options(c, &f->pinterest, &why);
		limiter_wait(f->pinterest.making);
		good = !problem_any(&why) &&
		       csv_rows_read(rows, t, f->pinterest.ignore, c->mem, &why) == 0;
		limiter_release(f->pinterest.making);
	}
	if (!good)
		reply_problem(&c->reply, &why);
	return good;
}

/* The file as a table in `mem`, and what is said beside it; the body is gone. NULL: refused. */
static const struct csv_table *
read_csv_body(struct call *c, struct import_request *k, struct csv_form *f, struct arena *mem)
{
	const struct csv_table *table = NULL;
	struct problem why = { 0 };
	struct multipart_part part;
	const char *fault;

	limiter_wait(f->pinterest.making);
	fault =
	    multipart_find(c->req->body, c->req->body_len, c->req->boundary, "file", c->mem, &part);
	if (fault != NULL)
		problem_field(&why, c->mem, "file", fault);
	else
		table = csv_table_read(part.data, part.len, mem, &why);
	k->filename = part.filename;
	if (table != NULL)
		read_csv_form(c, f, &why);
	making_done(c, f->pinterest.making);
	if (problem_any(&why))
		reply_problem(&c->reply, &why);
	return problem_any(&why) ? NULL : table;
}

void
imports_csv(struct call *c)
{
	struct import_request k = { .csv = true, .rows = arena_alloc(c->mem, sizeof *k.rows) };
	struct csv_form form = { .pinterest.making = making_place(c) };
	struct arena *mem = arena_new();
	const struct csv_table *table;
	bool good;

	k.rows->bytes_max = stored_bytes_max(c);
	table = read_csv_body(c, &k, &form, mem);
	good = table != NULL && (form.dialect == DIALECT_PINTEREST
					? import_pinterest_read(c, table, &form.pinterest, k.rows)
					: read_own_rows(c, table, &form, k.rows));
	arena_free(mem);
	if (form.pinterest.making != NULL)
		xalloc_trim();
	if (good)
		accept_import(c, &k);
	json_object_put(k.rows->warnings);
}

void
imports_get(struct call *c)
{
	struct uuid id;

	if (call_uuid(c, 0, &id) && call_found(c, imports_view_reply(c, &id, 200), "Import"))
		c->reply.etag = 1;
}

void
imports_list(struct call *c)
{
	struct imports_filter f = { 0 };
	struct problem why = { 0 };
	bool heavy;

	filter_page(c, &f.limit, &f.offset, &why);
	cursor_read(c, NULL, &f.after, &why);
	f.status = call_query_enum(c, "status", imports_view_statuses, -2, &why);
	f.source = call_query_enum(c, "source_type", imports_view_sources, -2, &why);
	/* One filter has an index. */
	heavy = (f.status >= 0) + (f.source >= 0) > 1 || c->who.account_ids != NULL;
	if (call_refused(c, &why) || ((heavy || filter_deep(f.offset)) && !admit_long(c)))
		return;
	(void)call_found(c, imports_view_list(c, &f), NULL);
}
