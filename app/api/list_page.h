#ifndef APP_API_LIST_PAGE_H
#define APP_API_LIST_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/api/cursor.h"
#include "app/api/lists.h"
#include "lib/attr.h"
#include "lib/db/db.h"

/*
 * A page of a short list, which has one order: by a time, then by id. It begins at `offset` or
 * behind a cursor.
 */
struct list_page {
	int64_t limit, offset;
	struct cursor after;
	/* Of the row that a query fetches: its place in the order. */
	const struct uuid *id;
	const int64_t *time_us;
	/* What list_page_rows() found. */
	int64_t fetched;
	struct cursor last;
};

/* How a statement begins and ends the page: :after, :key, :limit, :offset. */
#define LIST_PAGE_IN(p)                                                                            \
	.after = db_uuid((p)->after.given ? &(p)->after.id : NULL),                                \
	.key = db_time((p)->after.given ? (p)->after.time_us : TIME_NONE),                         \
	.limit = db_int((p)->limit + 1), .offset = db_int((p)->offset)

/*
 * Reads limit (1 to 200; absent: `most`, for clients that know no pages), offset and cursor. False:
 * the reply is a refusal.
 */
MUST_CHECK bool list_page_read(struct call *c, int64_t most, struct list_page *p);
/* As list_rows(), for the rows of the page. */
enum db_rc list_page_rows(struct call *c, struct list_page *p, unsigned stmt,
    const struct db_param *in, size_t in_len, struct db_col *out, size_t out_len,
    list_render *render, const void *row, struct json_object *array);
/* Once the reply is the page: its Link header, if the list goes on. */
void list_page_link(struct call *c, const struct list_page *p);

#endif
