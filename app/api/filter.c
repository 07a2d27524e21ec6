/* Filters and pages of lists. A filter is a parameter of a fixed statement, never SQL text. */
#include "app/api/filter.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "app/api/lists.h"
#include "app/api/pin_view.h"
#include "app/http/admit.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/pin.h"
#include "sql/stmt.h"

#define Q_MAX 500
#define STATUS_MAX 12
#define SORTS_MAX 12
#define ROW_TITLE_SIZE 512 /* 100 characters */
#define CODE_MAX 64
#define LATE_BY_MAX_S (366 * 86400)
#define NAME_MAX_POINTS 255

void
filter_page(struct call *c, int64_t *limit, int64_t *offset, struct problem *why)
{
	*limit = 50;
	*offset = 0;
	(void)call_query_int(c, "limit", 1, LIST_MOST, limit, why);
	(void)call_query_int(c, "offset", 0, INT32_MAX, offset, why);
}

bool
filter_deep(int64_t offset)
{
	return offset > FILTER_OFFSET_MAX;
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

static void
filter_read_sort(
    struct call *c, const struct filter_sort *sorts, struct filter *f, struct problem *why)
{
	const char *names[SORTS_MAX] = { NULL };
	int found;

	for (size_t i = 0; sorts[i].name != NULL && i + 1 < SORTS_MAX; i++)
		names[i] = sorts[i].name;
	found = call_query_enum(c, "sort", names, 0, why);
	f->sorts = sorts;
	f->sort = found > 0 ? (unsigned)found : 0;
	cursor_read(c, sorts[f->sort].name, &f->after, why);
}

/* A key for one account asks for that account, which has indexes. False: 403. */
static bool
filter_permit(struct call *c, struct filter *f, const struct problem *why)
{
	const char *only = c->who.account_ids;

	if (f->has_account && !problem_any(why))
		return call_account_permitted(c, &f->account_id);
	if (!f->has_account && only != NULL && strlen(only) == 2 * sizeof(f->account_id.b)) {
		only = arena_printf(c->mem, "%.8s-%.4s-%.4s-%.4s-%s", only, only + 8, only + 12,
		    only + 16, only + 20);
		f->has_account = uuid_parse(only, &f->account_id) == 0;
	}
	return true;
}

bool
filter_read(struct call *c, const struct filter_status *statuses, const struct filter_sort *sorts,
    struct filter *f, struct problem *why)
{
	memset(f, 0, sizeof(*f));
	f->since_us = f->until_us = TIME_NONE;
	filter_page(c, &f->limit, &f->offset, why);
	(void)call_query_uuid(c, "account_id", &f->account_id, &f->has_account, why);
	(void)call_query_time(c, "since", &f->since_us, why);
	(void)call_query_time(c, "until", &f->until_us, why);
	filter_read_status(c, statuses, f, why);
	filter_read_sort(c, sorts, f, why);
	f->like = filter_like(c, why);
	f->late_s = -1;
	(void)call_query_int(c, "late_by", 0, LATE_BY_MAX_S, &f->late_s, why);
	f->board_id = filter_board(c, why);
	f->campaign = call_query_text(c, "campaign", TEXT_LINE, NAME_MAX_POINTS, why);
	f->external_id = call_query_text(c, "external_id", TEXT_KEY, NAME_MAX_POINTS, why);
	f->several_accounts = c->who.account_ids != NULL &&
			      strchr(c->who.account_ids, ',') != NULL && !f->has_account;
	return filter_permit(c, f, why);
}

/* How many filters there are, but for times and q. */
static int
filters_given(const struct filter *f)
{
	return f->has_account + (f->board_id != NULL) + (f->campaign != NULL) +
	       (f->external_id != NULL) + (f->status != NULL) + f->narrowed;
}

static bool
asks_why(const struct filter *f)
{
	return f->by_wait || (f->status != NULL && f->status->deferred >= 0);
}

bool
filter_windowed(const struct filter *f)
{
	return f->like != NULL || f->late_s >= 0 || f->by_error || asks_why(f);
}

bool
filter_heavy(const struct filter *f)
{
	const struct filter_sort *sort = &f->sorts[f->sort];
	bool usual = sort->time == f->sorts[0].time && sort->key != FILTER_BY_TITLE;
	bool dated = f->since_us != TIME_NONE || f->until_us != TIME_NONE;
	int n = filters_given(f);

	if (f->like != NULL || f->late_s >= 0 || f->several_accounts || asks_why(f) ||
	    filter_deep(f->offset))
		return true;
	if (sort->key == FILTER_BY_STATE)
		return dated || n > (f->status != NULL);
	return n > 1 || ((n == 1 || dated) && !usual);
}

unsigned
filter_by(const struct filter *f)
{
	if (f->has_account)
		return SQL_pin_count_by__account;
	if (f->board_id != NULL)
		return SQL_pin_count_by__board;
	if (f->campaign != NULL)
		return SQL_pin_count_by__campaign;
	if (f->external_id != NULL)
		return SQL_pin_count_by__external;
	return f->status != NULL ? SQL_pin_count_by__state : SQL_pin_count_by__every;
}

/* The order of one filter's index of a list in its default order, or the reverse: 0 or 1. */
static unsigned
index_order(const struct filter *f, unsigned order)
{
	if (f->has_account)
		order += SQL_pin_list__created_at_desc_account;
	else if (f->board_id != NULL)
		order += SQL_pin_list__created_at_desc_board;
	else if (f->campaign != NULL)
		order += SQL_pin_list__created_at_desc_campaign;
	else if (f->external_id != NULL)
		order += SQL_pin_list__created_at_desc_external;
	else if (f->status != NULL)
		order += SQL_pin_list__created_at_desc_state;
	else if (f->by_error && !f->by_wait)
		order += SQL_pin_list__created_at_desc_error;
	return order;
}

unsigned
filter_order(const struct filter *f)
{
	const struct filter_sort *sort = &f->sorts[f->sort];
	bool one = f->status != NULL && f->status->low == f->status->high;
	unsigned order = f->sort;

	/* A database that sorts by a constant sorts all rows. */
	if (sort->key == FILTER_BY_STATE && one)
		order = sort->same;
	/*
	 * Left alone, the database may read a list without the filter's index, to the end if what
	 * most rows match is far back. Of several states, and of two filters, it knows better.
	 */
	if (order <= 1 && filters_given(f) - f->by_wait == 1 && (f->status == NULL || one))
		return index_order(f, order);
	return order;
}

/* Which column is the first that differs. */
static enum filter_key
list_key(const struct filter *f)
{
	const struct filter_sort *sort = &f->sorts[f->sort];

	return filter_order(f) == f->sort ? sort->key : FILTER_BY_TIME;
}

struct db_param
filter_after_key(const struct filter *f)
{
	if (!f->after.given)
		return db_null();
	switch (list_key(f)) {
	case FILTER_BY_TIME: return db_time(f->after.time_us);
	case FILTER_BY_TITLE: return db_text(f->after.title);
	case FILTER_BY_STATE: return db_int(f->after.state);
	}
	return db_null();
}

/* A page being read. `row` is what the statement fills. */
struct filter_page_rows {
	struct call *c;
	const struct filter *f;
	const struct pin_view_kind *kind;
	struct pin_view row;
	struct buf text;
	int64_t fetched;
	struct cursor last;         /* the last row of the page, or of the window */
	char title[ROW_TITLE_SIZE]; /* of `last`: a streamed row's text does not stay */
};

static struct cursor
row_cursor(const struct filter_page_rows *p)
{
	const struct pin_view *r = &p->row;
	int64_t time_us;

	memcpy(&time_us, (const char *)r + p->f->sorts[p->f->sort].time, sizeof(time_us));
	return (struct cursor){ .given = true,
		.id = r->id,
		.state = p->kind == &pin_view_schedule ? r->own_state : r->state,
		.time_us = time_us,
		.title = r->content.title };
}

static void
note_last_row(struct filter_page_rows *p)
{
	p->last = row_cursor(p);
	snprintf(p->title, sizeof(p->title), "%s", p->last.title);
	p->last.title = p->title;
}

static void
filter_add_row(void *arg)
{
	struct filter_page_rows *p = arg;

	if (p->fetched++ == p->f->limit)
		return;
	list_add(&p->text, p->kind->json(p->c->app, &p->row));
	if (p->fetched == p->f->limit)
		note_last_row(p);
}

static void
note_window_row(void *arg)
{
	struct filter_page_rows *p = arg;

	if (p->fetched++ == 0)
		p->last = row_cursor(p);
}

SQL_SAME_OUT(pin_count, schedule_count);
SQL_SAME_OUT(pin_count, pin_count_by);
SQL_SAME_OUT(pin_count, schedule_count_by);
_Static_assert(
    (int)SQL_pin_count_by__state == (int)SQL_schedule_count_by__state, "filter_by() serves both");
SQL_SAME_OUT(pin_window, schedule_window);
#define SAME_ORDER(a, b)                                                                           \
	_Static_assert((int)SQL_pin_list__##a == (int)SQL_schedule_list__##b &&                    \
			   (int)SQL_pin_list__##a == (int)SQL_pin_window__##a &&                   \
			   (int)SQL_pin_list__##a == (int)SQL_schedule_window__##b,                \
	    "filter_order() serves all")
SAME_ORDER(created_at_desc_account, run_at_desc_account);
SAME_ORDER(created_at_asc_state, run_at_asc_state);

/*
 * Whether rows lie behind those that the search looked at; *end is then the last that it did.
 */
static enum db_rc
find_window_end(
    struct call *c, const struct filter *f, const struct filter_query *q, struct cursor *end)
{
	struct filter_page_rows p = { .c = c, .f = f, .kind = q->kind };
	struct pin_view *r = &p.row;
	enum db_rc rc;

	*end = (struct cursor){ 0 };
	if (!filter_windowed(f))
		return DB_OK;
	rc = db_each(c->db, q->window.stmt, q->window.in, q->window.in_len,
	    SQL_OUT(pin_window, .id = db_get_uuid(&r->id), .title = db_get_text(&r->content.title),
		.state = db_get_int(&r->state), .own_state = db_get_int(&r->own_state),
		.created_at = db_get_time(&r->created_us), .run_at = db_get_time(&r->run_at_us),
		.published_at = db_get_time(&r->published_us)),
	    note_window_row, &p);
	if (rc == DB_OK && p.fetched == 2)
		*end = p.last;
	return rc;
}

/* Counts the matches of a light list; -1: there are more than one counts, or it would cost much. */
static enum db_rc
count_matches(struct call *c, const struct filter *f, const struct filter_query *q, int64_t *total)
{
	bool windowed = filter_windowed(f), by_index = !windowed && f->narrowed == 0;
	const struct filter_stmt *s = by_index ? &q->count_by : &q->count;
	int64_t most = by_index ? FILTER_COUNT_MAX : FILTER_COUNT_FEW, n = 0;
	enum db_rc rc;

	*total = -1;
	if (!windowed && (f->several_accounts || filters_given(f) > 1))
		return DB_OK;
	if (windowed)
		most = FILTER_WINDOW;
	rc = db_row(c->db, s->stmt, s->in, s->in_len, SQL_OUT(pin_count, .total = db_get_int(&n)));
	if (rc == DB_OK && n <= most)
		*total = n;
	return rc;
}

void
filter_list(struct call *c, const struct filter *f, const struct filter_query *q)
{
	struct filter_page_rows p = { .c = c, .f = f, .kind = q->kind };
	struct db_col cols[PIN_VIEW_COLUMNS];
	size_t cols_len = q->kind->columns(&p.row, cols);
	struct cursor end = { 0 };
	int64_t total = -1;
	enum db_rc rc;

	if (filter_heavy(f) && !admit_long(c))
		return;
	list_begin(&p.text);
	rc = db_stream(
	    c->db, q->list.stmt, q->list.in, q->list.in_len, cols, cols_len, filter_add_row, &p);
	if (rc == DB_OK)
		rc = find_window_end(c, f, q, &end);
	if (rc == DB_OK && !f->after.given && !end.given) {
		total = f->offset + p.fetched;
		if (p.fetched > f->limit || (p.fetched == 0 && f->offset > 0))
			rc = count_matches(c, f, q, &total);
	}
	if (rc != DB_OK) {
		buf_free(&p.text);
		call_db_error(c, rc);
		return;
	}
	list_reply(c, &p.text);
	c->reply.total = total;
	if (p.fetched > f->limit)
		end = p.last;
	if (end.given)
		c->reply.link = cursor_link(c, f->sorts[f->sort].name, &end);
}
