#ifndef APP_SANDBOX_VIEW_H
#define APP_SANDBOX_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/db/db.h"

struct call;
struct json_object;

/* Pinterest's JSON shapes (OpenAPI 5.23.0: Pin, Board, Account, Error), and the pages of lists. */

struct view_pin {
	int64_t id, board_id, parent_pin_id;
	const char *title, *description, *link, *alt_text, *dominant_color;
	const char *media; /* JSON */
	int64_t is_standard;
	int64_t created_us;
	int64_t shuffle;
};
struct json_object *view_pin(const struct call *c, const struct view_pin *p);

struct view_board {
	int64_t id;
	const char *name, *description, *privacy;
	int64_t created_us, pins, modified_us;
};
struct json_object *view_board(const struct call *c, const struct view_board *b);

/* {code, message} and, by setting, status and message_detail. */
void view_error(struct call *c, int status, int64_t code, const char *message);
/* The HTML page of a server in trouble. */
void view_html(struct call *c, int status);
/* The reply for a database result that a handler cannot explain: 503, in HTML. */
void view_db_error(struct call *c, enum db_rc rc);

/*
 * page_size and bookmark of the query. False: the reply is 400 already. A bookmark is opaque: the
 * last row's key under the order it was made for (`order`); of another order it is refused.
 */
struct view_page {
	int64_t size;
	int64_t after; /* key of the last row shown, or `first` */
};
bool view_page_read(struct call *c, int order, int64_t first, struct view_page *page);
/* Sends {items, bookmark}; takes `items`. last: key of the last item; more: there are further ones.
 */
void view_page_send(struct call *c, int order, struct json_object *items, int64_t last, bool more);

#endif
