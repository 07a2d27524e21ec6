/* Import jobs and the results of their rows, as JSON. */
#include "app/api/imports_view.h"

#include "app/api/deadline.h"
#include "app/api/lists.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "sql/stmt.h"

const char *const imports_view_statuses[] = { "queued", "processing", "completed",
	"completed_with_errors", "failed", NULL };
const char *const imports_view_sources[] = { "json", "csv", NULL };
static const char *const row_statuses[] = { "created", "existing", "failed" };

struct import_row {
	struct uuid id, pin_id, schedule_id;
	int64_t n, line, status;
	const char *key, *error_code, *error_message, *errors;
};

struct import {
	struct call *c;
	struct uuid id;
	int64_t source, status, total, processed, created, existing, failed;
	int64_t started_us, completed_us, created_us, updated_us;
	const char *filename, *error, *warnings;
	struct import_row row;
	struct buf *text;          /* results, or imports, as they are read */
	struct deadline_row *made; /* one import's rows; room for each */
	size_t made_len;
	int64_t limit, fetched; /* a page's */
	struct cursor last;     /* its last import */
};

#define IMPORT_OUT(m)                                                                              \
	.id = db_get_uuid(&(m)->id), .source_type = db_get_int(&(m)->source),                      \
	.status = db_get_int(&(m)->status), .source_filename = db_get_text(&(m)->filename),        \
	.total_rows = db_get_int(&(m)->total), .processed_rows = db_get_int(&(m)->processed),      \
	.created_rows = db_get_int(&(m)->created), .existing_rows = db_get_int(&(m)->existing),    \
	.failed_rows = db_get_int(&(m)->failed), .error_message = db_get_text(&(m)->error),        \
	.warnings = db_get_text(&(m)->warnings), .started_at = db_get_time(&(m)->started_us),      \
	.completed_at = db_get_time(&(m)->completed_us),                                           \
	.created_at = db_get_time(&(m)->created_us), .updated_at = db_get_time(&(m)->updated_us)

/* An array that is stored as text; NULL: an empty one. */
static struct json_object *
stored_list(const char *text)
{
	struct json_object *list = text != NULL ? json_tokener_parse(text) : NULL;

	return list != NULL ? list : json_object_new_array();
}

static struct json_object *
import_json(const struct import *m, struct json_object *warnings)
{
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "id", &m->id);
	json_put_project(o, "workspace_id", &m->c->who.project_id);
	json_put_text(o, "source_type", imports_view_sources[m->source == 1]);
	json_put_text(
	    o, "status", imports_view_statuses[m->status >= 0 && m->status <= 4 ? m->status : 4]);
	json_put_text(o, "source_filename", m->filename);
	json_put_int(o, "total_rows", m->total);
	json_put_int(o, "processed_rows", m->processed);
	json_put_int(o, "created_rows", m->created);
	json_put_int(o, "existing_rows", m->existing);
	json_put_int(o, "failed_rows", m->failed);
	json_put_text(o, "error_message", m->error);
	json_put(o, "warnings", warnings);
	json_put_time(o, "started_at", m->started_us);
	json_put_time(o, "completed_at", m->completed_us);
	json_put_time(o, "created_at", m->created_us);
	json_put_time(o, "updated_at", m->updated_us);
	return o;
}

static void
note_created(struct import *m, const struct import_row *r)
{
	const struct uuid *id = uuid_is_nil(&r->schedule_id) ? &r->pin_id : &r->schedule_id;

	if (!uuid_is_nil(id) && m->made_len < (size_t)m->total)
		m->made[m->made_len++] = (struct deadline_row){ .id = *id, .row = r->n };
}

static void
add_import_result(void *arg)
{
	struct import *m = arg;
	const struct import_row *r = &m->row;
	struct json_object *o = json_object_new_object();

	json_put_int(o, "row_number", r->n);
	json_put(o, "line", r->line > 0 ? json_object_new_int64(r->line) : NULL);
	json_put_text(o, "status", row_statuses[r->status >= 0 && r->status <= 2 ? r->status : 2]);
	json_put_uuid(o, "pin_id", &r->pin_id);
	json_put_uuid(o, "schedule_id", &r->schedule_id);
	json_put_text(o, "idempotency_key", r->key);
	json_put_text(o, "error_code", r->error_code);
	json_put_text(o, "error_message", r->error_message);
	json_put_stored(o, "errors", r->errors);
	note_created(m, r);
	if (m->text->data[m->text->len - 1] == '}')
		(void)buf_putc(m->text, ',');
	json_write(m->text, o);
}

static enum db_rc
read_import_results(struct call *c, struct import *m)
{
	struct import_row *r = &m->row;

	return db_stream(c->db,
	    SQL_IN(import_row_list, .project = db_uuid(&c->who.project_id), .id = db_uuid(&m->id)),
	    SQL_OUT(import_row_list, .number = db_get_int(&r->n), .line = db_get_int(&r->line),
		.status = db_get_int(&r->status), .pin_id = db_get_uuid(&r->pin_id),
		.schedule_id = db_get_uuid(&r->schedule_id),
		.idempotency_key = db_get_text(&r->key), .error_code = db_get_text(&r->error_code),
		.error_message = db_get_text(&r->error_message), .errors = db_get_text(&r->errors)),
	    add_import_result, m);
}

enum db_rc
imports_view_reply(struct call *c, const struct uuid *id, int status)
{
	struct buf text;
	struct import m = { .c = c, .text = &text };
	struct json_object *rest, *warnings;
	const char *members;
	size_t len;
	enum db_rc rc;

	rc = db_row(c->db,
	    SQL_IN(import_get, .project = db_uuid(&c->who.project_id), .id = db_uuid(id),
		.allow = db_text(c->who.account_ids)),
	    SQL_OUT(import_get, IMPORT_OUT(&m)));
	if (rc != DB_OK)
		return rc;
	buf_init(&text, REPLY_BYTES_MAX);
	(void)buf_puts(&text, "{\"results\":[");
	m.made = arena_alloc(c->mem, (size_t)m.total * sizeof(*m.made));
	rc = read_import_results(c, &m);
	warnings = stored_list(m.warnings);
	if (rc == DB_OK)
		rc = deadline_warn_import(c, id, m.made, m.made_len, warnings);
	rest = import_json(&m, warnings);
	members = json_dump(rest, &len) + 1; /* behind its opening brace */
	(void)buf_puts(&text, "],");
	(void)buf_add(&text, members, len - 1);
	json_object_put(rest);
	if (rc == DB_OK)
		reply_large(&c->reply, status, &text);
	buf_free(&text);
	return rc;
}

static void
add_import(void *arg)
{
	struct import *m = arg;
	struct json_object *o;

	if (m->fetched++ == m->limit)
		return;
	m->last =
	    (struct cursor){ .given = true, .id = m->id, .time_us = m->created_us, .title = "" };
	o = import_json(m, stored_list(m->warnings));
	json_put(o, "results", json_object_new_array());
	list_add(m->text, o);
}

static unsigned
imports_index(const struct imports_filter *f)
{
	if (f->status >= 0)
		return SQL_import_list__status;
	return f->source >= 0 ? SQL_import_list__source : SQL_import_list__every;
}

enum db_rc
imports_view_list(struct call *c, const struct imports_filter *f)
{
	struct buf text;
	struct import m = { .c = c, .text = &text, .limit = f->limit };
	enum db_rc rc;

	list_begin(&text);
	rc = db_stream(c->db,
	    SQL_IN_ORDER(import_list, imports_index(f), .project = db_uuid(&c->who.project_id),
		.allow = db_text(c->who.account_ids),
		.status = f->status >= 0 ? db_int(f->status) : db_null(),
		.source = f->source >= 0 ? db_int(f->source) : db_null(),
		.after = db_uuid(f->after.given ? &f->after.id : NULL),
		.key = db_time(f->after.given ? f->after.time_us : TIME_NONE),
		.limit = db_int(f->limit + 1), .offset = db_int(f->offset)),
	    SQL_OUT(import_list, IMPORT_OUT(&m)), add_import, &m);
	if (rc == DB_OK) {
		list_reply(c, &text);
		if (m.fetched > f->limit)
			c->reply.link = cursor_link(c, NULL, &m.last);
		else if (!f->after.given && (m.fetched > 0 || f->offset == 0))
			c->reply.total = f->offset + m.fetched;
	}
	buf_free(&text);
	return rc;
}
