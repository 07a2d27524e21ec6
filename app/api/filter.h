#ifndef APP_API_FILTER_H
#define APP_API_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/api/cursor.h"
#include "lib/attr.h"
#include "lib/clock.h"
#include "lib/db/db.h"
#include "lib/uuid.h"

struct call;
struct problem;
struct pin_view_kind;

/* What a list is sorted by: a time, the title, or the state and then a time; then the id. */
enum filter_key { FILTER_BY_TIME, FILTER_BY_TITLE, FILTER_BY_STATE };

/* One order of a list. The first of its list is the default, by a time that has all indexes. */
struct filter_sort {
	const char *name;
	enum filter_key key;
	size_t time; /* of struct pin_view: the place of that time */
	unsigned
	    same; /* by the state: the order by that time, which is the same within one state */
};

/* Shared by GET /v1/pins and GET /v1/schedules: filters, order, page, total. */
struct filter {
	bool has_account;
	struct uuid account_id;
	const char *board_id, *campaign, *external_id;
	const char *like; /* q as a LIKE pattern, its wildcards escaped */
	const struct filter_status *status;
	int64_t since_us, until_us;
	int64_t late_s; /* late_by: so late or later; -1: not asked */
	int64_t limit, offset;
	unsigned sort; /* index in the list of sorts */
	const struct filter_sort *sorts;
	struct cursor after;
	bool several_accounts; /* the key is for more than one */
	int narrowed;          /* conditions of GET /v1/pins alone: error_code, removed */
	bool by_error;         /* error_code */
	bool by_wait;          /* an error_code that asks why each pin waits */
};

/* A wire status as a range of states (enum pin_state); deferred: -1 either, 0 no, 1 yes. */
struct filter_status {
	const char *name;
	int low, high, deferred;
};

/* Wrong parameters are noted in `why`. False: the reply already refuses the account. */
MUST_CHECK bool filter_read(struct call *c, const struct filter_status *statuses,
    const struct filter_sort *sorts, struct filter *f, struct problem *why);
/*
 * True for a search, and when no index gives both the rows and the order of a list, so that it may
 * read many rows before it has found a page: docs/api.md names these. They count as long requests.
 */
MUST_CHECK bool filter_heavy(const struct filter *f);
/* The order of the statements: that of the list, or a simpler one that comes to the same. */
unsigned filter_order(const struct filter *f);
#define LIST_MOST 200
/* Reads limit (1 to 200, default 50) and offset. */
void filter_page(struct call *c, int64_t *limit, int64_t *offset, struct problem *why);
/* True when a page skips so many rows that it counts as a long request: see admit_long(). */
MUST_CHECK bool filter_deep(int64_t offset);
/* A query parameter that is compared with error codes; NULL: absent, or wrong (then `why` says so).
 */
const char *filter_code(struct call *c, const char *name, struct problem *why);

/* The parameters of sql/group/pin_filter.sql and schedule_filter.sql that both have. */
#define FILTERS(c, f)                                                                              \
	.project = db_uuid(&(c)->who.project_id), .allow = db_text((c)->who.account_ids),          \
	.account = db_uuid((f)->has_account ? &(f)->account_id : NULL),                            \
	.board = db_text((f)->board_id),                                                           \
	.low = (f)->status != NULL ? db_int((f)->status->low) : db_null(),                         \
	.high = (f)->status != NULL ? db_int((f)->status->high) : db_null(),                       \
	.since = db_time((f)->since_us), .until = db_time((f)->until_us),                          \
	.campaign = db_text((f)->campaign), .external = db_text((f)->external_id)
/* Behind a cursor. */
#define FILTER_AFTER(f)                                                                            \
	.after = db_uuid((f)->after.given ? &(f)->after.id : NULL), .key = filter_after_key(f),    \
	.key_time = db_time((f)->after.given ? (f)->after.time_us : TIME_NONE)
/* One row more than the page, to know whether there is one. */
#define FILTER_PAGE(f)                                                                             \
	.limit = db_int((f)->limit + 1), .offset = db_int((f)->offset),                            \
	.window = db_int(filter_windowed(f) ? FILTER_WINDOW : (f)->limit + 1 + (f)->offset)
/* Those of sql/group/pin_search.sql and schedule_search.sql that both have. */
#define FILTER_Q(f)                                                                                \
	.q = db_text((f)->like), .late_by = (f)->late_s >= 0 ? db_int((f)->late_s) : db_null(),    \
	.deferred = (f)->status != NULL && (f)->status->deferred >= 0                              \
			? db_int((f)->status->deferred)                                            \
			: db_null()
#define FILTER_END(f) .window = db_int(FILTER_WINDOW - 1)
#define FILTER_MOST(f) .most = db_int(filter_windowed(f) ? FILTER_WINDOW + 1 : FILTER_COUNT_FEW + 1)
/* The parameters of pin_count_by and schedule_count_by, and which of its forms. */
#define FILTER_BY(c, f)                                                                            \
	.project = db_uuid(&(c)->who.project_id), .account = db_uuid(&(f)->account_id),            \
	.board = db_text((f)->board_id), .campaign = db_text((f)->campaign),                       \
	.external = db_text((f)->external_id), .since = db_time((f)->since_us),                    \
	.until = db_time((f)->until_us),                                                           \
	.low = (f)->status != NULL ? db_int((f)->status->low) : db_null(),                         \
	.high = (f)->status != NULL ? db_int((f)->status->high) : db_null(),                       \
	.most = db_int(FILTER_COUNT_MAX + 1)
/* One of the orders of pin_count_by. */
unsigned filter_by(const struct filter *f);

/*
 * True when each row must be looked at, for a text or for why it waits: a page looks at a window of
 * rows then, and the next one at those behind it.
 */
MUST_CHECK bool filter_windowed(const struct filter *f);

/* A search looks at so many rows; its next page at as many behind them. */
#define FILTER_WINDOW 500
/* Larger totals are not counted: from an index alone, and from rows. */
#define FILTER_COUNT_MAX 5000
#define FILTER_COUNT_FEW 1000
/* What skips more rows takes long: filter_deep(). */
#define FILTER_OFFSET_MAX 10000

struct db_param filter_after_key(const struct filter *f);

/* A statement with its parameters, as SQL_IN() gives them. */
struct filter_stmt {
	unsigned stmt;
	const struct db_param *in;
	size_t in_len;
};

/* What lists a page, finds the end of a search's window, counts, and counts by an index. */
struct filter_query {
	const struct pin_view_kind *kind;
	struct filter_stmt list, window, count, count_by;
};

/* Replies with the page, Link, and X-Total-Count where it is known or can be counted. */
void filter_list(struct call *c, const struct filter *f, const struct filter_query *q);

#endif
