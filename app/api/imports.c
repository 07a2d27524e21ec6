/*
 * Imports. Rows are stored undecoded, in the transaction that creates the import. The worker
 * decodes each and creates its pin or schedule, so that a bad row fails alone.
 */
#include "config.h"

#include <string.h>

#include "app/api/activity.h"
#include "app/api/filter.h"
#include "app/api/handlers.h"
#include "app/api/imports_view.h"
#include "app/http/call.h"
#include "app/api/csv_rows.h"
#include "app/http/multipart.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "sql/stmt.h"

struct import_request {
	struct uuid id;
	bool csv;
	const char *filename;
	struct json_object *rows;
};

static enum db_rc
insert_import_rows(struct call *c, const struct import_request *k)
{
	size_t n = json_object_array_length(k->rows);
	enum db_rc rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < n; i++) {
		size_t len;
		const char *text = json_dump(json_object_array_get_idx(k->rows, i), &len);

		rc = db_exec(c->db,
		    SQL_IN(import_row_insert, .id = db_uuid(&k->id),
			.number = db_int((int64_t)i + 1), .payload = db_bytes(text, len)),
		    NULL);
	}
	return rc;
}

static enum db_rc
insert_import(struct call *c, void *arg)
{
	const struct import_request *k = arg;
	struct json_object *body = NULL;
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(import_insert, .id = db_uuid(&k->id), .project = db_uuid(&c->who.project_id),
		.shard = db_int(uuid_shard(&k->id)), .source = db_int(k->csv),
		.filename = db_text(k->filename), .allow = db_text(c->who.account_ids),
		.label = db_text(c->who.label),
		.rows = db_int((int64_t)json_object_array_length(k->rows))),
	    NULL);

	if (rc == DB_OK)
		rc = insert_import_rows(c, k);
	if (rc == DB_OK)
		rc = activity_write(
		    c, "publishing", "import.created", "queued", &k->id, "An import was accepted.");
	if (rc == DB_OK)
		rc = imports_view_get(c, &k->id, &body);
	if (rc != DB_OK)
		return rc == DB_NONE ? DB_FAIL : rc;
	reply_json(&c->reply, 202, body);
	return DB_OK;
}

static void
accept_import(struct call *c, struct import_request *k)
{
	k->id = uuid_v7(c->now_us);
	if (call_transact(c, insert_import, k))
		c->wake_worker = true;
}

void
imports_json(struct call *c)
{
	struct import_request k = { .rows = c->json };
	struct problem why = { 0 };
	size_t n =
	    json_object_is_type(c->json, json_type_array) ? json_object_array_length(c->json) : 0;

	if (n == 0)
		problem_field(&why, c->mem, "", "an array of 1 to 500 rows is needed");
	else if (n > CSV_ROWS_MAX)
		problem_field(&why, c->mem, "", "at most 500 rows in one import");
	for (size_t i = 0; i < n && n <= CSV_ROWS_MAX; i++)
		if (!json_object_is_type(json_object_array_get_idx(c->json, i), json_type_object))
			problem_field(
			    &why, c->mem, arena_printf(c->mem, "%zu", i), "must be an object");
	if (!call_refused(c, &why))
		accept_import(c, &k);
}

void
imports_csv(struct call *c)
{
	struct import_request k = { .csv = true };
	struct problem why = { 0 };
	struct multipart_part part;
	const char *fault =
	    multipart_find(c->req->body, c->req->body_len, c->req->boundary, "file", c->mem, &part);

	if (fault != NULL) {
		problem_field(&why, c->mem, "file", fault);
	} else {
		k.filename = part.filename;
		k.rows = csv_rows_parse(part.data, part.len, c->mem, &why);
	}
	if (k.rows == NULL) {
		reply_problem(&c->reply, &why);
		return;
	}
	accept_import(c, &k);
	json_object_put(k.rows);
}

void
imports_get(struct call *c)
{
	struct json_object *body = NULL;
	struct uuid id;
	enum db_rc rc;

	if (!call_uuid(c, 0, &id))
		return;
	rc = imports_view_get(c, &id, &body);
	call_reply(c, rc, "Import", body);
	c->reply.etag = 1;
}

void
imports_list(struct call *c)
{
	struct imports_filter f = { 0 };
	struct problem why = { 0 };
	struct json_object *body = NULL;
	enum db_rc rc;

	filter_page(c, &f.limit, &f.offset, &why);
	f.status = call_query_enum(c, "status", imports_view_statuses, -2, &why);
	f.source = call_query_enum(c, "source_type", imports_view_sources, -2, &why);
	if (call_refused(c, &why))
		return;
	rc = imports_view_list(c, &f, &body);
	call_reply(c, rc, NULL, body);
}
