/* Filters and pages of lists. A filter is a parameter of a fixed statement, never SQL text. */
#include "app/api/filter.h"

#include <json-c/json.h>
#include <string.h>

#include "app/api/lists.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/pin.h"
#include "sql/stmt.h"

#define Q_MAX 500
#define STATUS_MAX 12
#define CODE_MAX 64
#define NAME_MAX_POINTS 255

void
filter_page(struct call *c, int64_t *limit, int64_t *offset, struct problem *why)
{
	*limit = 50;
	*offset = 0;
	(void)call_query_int(c, "limit", 1, LIST_MOST, limit, why);
	(void)call_query_int(c, "offset", 0, INT32_MAX, offset, why);
}

const char *
filter_code(struct call *c, const char *name, struct problem *why)
{
	const char *text = call_query_text(c, name, TEXT_KEY, CODE_MAX, why);

	if (text == NULL || text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0')
		return text;
	problem_query(why, c->mem, name, "must be a code such as board_access_denied");
	return NULL;
}

static const char *
filter_board(struct call *c, struct problem *why)
{
	const char *text = call_query_text(c, "board_id", TEXT_KEY, NAME_MAX_POINTS, why);
	const char *fault = text != NULL ? pin_board_fault(text) : NULL;

	if (fault != NULL)
		problem_query(why, c->mem, "board_id", fault);
	return fault == NULL ? text : NULL;
}

static const char *
filter_like(struct call *c, struct problem *why)
{
	const char *q = call_query_text(c, "q", TEXT_LINE, Q_MAX, why);
	char *out, *p;

	if (q == NULL)
		return NULL;
	out = p = arena_alloc(c->mem, 2 * strlen(q) + 3);
	*p++ = '%';
	for (; *q != '\0'; q++) {
		if (*q == '%' || *q == '_' || *q == '\\')
			*p++ = '\\';
		*p++ = *q;
	}
	*p++ = '%';
	*p = '\0';
	return out;
}

static void
filter_read_status(
    struct call *c, const struct filter_status *statuses, struct filter *f, struct problem *why)
{
	const char *names[STATUS_MAX] = { NULL };
	int found;

	for (size_t i = 0; statuses[i].name != NULL && i + 1 < STATUS_MAX; i++)
		names[i] = statuses[i].name;
	found = call_query_enum(c, "status", names, STATUS_MAX, why);
	if (found >= 0 && found < STATUS_MAX)
		f->status = &statuses[found];
}

bool
filter_read(struct call *c, const struct filter_status *statuses, const char *const *sorts,
    struct filter *f, struct problem *why)
{
	int sort;

	memset(f, 0, sizeof(*f));
	f->since_us = f->until_us = TIME_NONE;
	filter_page(c, &f->limit, &f->offset, why);
	(void)call_query_uuid(c, "account_id", &f->account_id, &f->has_account, why);
	(void)call_query_time(c, "since", &f->since_us, why);
	(void)call_query_time(c, "until", &f->until_us, why);
	filter_read_status(c, statuses, f, why);
	sort = call_query_enum(c, "sort", sorts, 0, why);
	f->sort = sort > 0 ? (unsigned)sort : 0;
	f->like = filter_like(c, why);
	f->board_id = filter_board(c, why);
	f->campaign = call_query_text(c, "campaign", TEXT_LINE, NAME_MAX_POINTS, why);
	f->external_id = call_query_text(c, "external_id", TEXT_KEY, NAME_MAX_POINTS, why);
	if (f->has_account && !problem_any(why))
		return call_account_permitted(c, &f->account_id);
	return true;
}

struct filter_page_rows {
	const struct app *app;
	const struct pin_view_kind *kind;
	struct pin_view row;
	struct buf text;
	int64_t rows;
};

static void
filter_add_row(void *arg)
{
	struct filter_page_rows *p = arg;

	list_add(&p->text, p->kind->json(p->app, &p->row));
	p->rows++;
}

SQL_SAME_OUT(pin_count, schedule_count);

void
filter_list(struct call *c, const struct filter *f, const struct filter_query *q)
{
	struct filter_page_rows p = { .app = c->app, .kind = q->kind };
	struct db_col cols[PIN_VIEW_COLUMNS];
	size_t cols_len = q->kind->columns(&p.row, cols);
	int64_t total;
	enum db_rc rc;

	list_begin(&p.text);
	rc = db_stream(
	    c->db, q->list, q->list_in, q->list_in_len, cols, cols_len, filter_add_row, &p);
	total = f->offset + p.rows;
	if (rc == DB_OK && (p.rows == f->limit || (p.rows == 0 && f->offset > 0)))
		rc = db_row(c->db, q->count, q->count_in, q->count_in_len,
		    SQL_OUT(pin_count, .total = db_get_int(&total)));
	if (rc != DB_OK) {
		buf_free(&p.text);
		call_db_error(c, rc);
		return;
	}
	list_reply(c, &p.text);
	c->reply.total = total;
}
