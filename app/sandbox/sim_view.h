#ifndef APP_SANDBOX_SIM_VIEW_H
#define APP_SANDBOX_SIM_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/attr.h"
#include "lib/db/db.h"

struct sim_call;
struct json_object;

/* Pinterest's JSON shapes (OpenAPI 5.23.0: Pin, Board, Account, Error) and paging. */

/*
 * The texts of a pin: the name of JSON field, column (sql/sandbox/group/sim_texts.sql) and member,
 * the greatest length, and whether a PATCH may change it.
 */
#define SIM_PIN_TEXTS(X)                                                                           \
	X(title, 100, true)                                                                        \
	X(description, 800, true)                                                                  \
	X(link, 2048, true)                                                                        \
	X(alt_text, 500, true)                                                                     \
	X(dominant_color, 64, false)

struct sim_view_pin {
	int64_t id, board_id, parent_pin_id;
#define SIM_PIN_TEXT_MEMBER(name, max, patch) const char *name;
	SIM_PIN_TEXTS(SIM_PIN_TEXT_MEMBER)
	const char *media; /* JSON */
	int64_t is_standard;
	int64_t created_us;
	int64_t shuffle;
};
struct json_object *sim_view_pin(const struct sim_call *c, const struct sim_view_pin *p);

/* Replies {code, message} and, with error_extras, status and message_detail. */
void sim_view_error(struct sim_call *c, int status, int64_t code, const char *message);
/* sim_view_error(), for functions that return false once the reply is set. Always false. */
MUST_CHECK bool sim_view_refuse(struct sim_call *c, int status, int64_t code, const char *message);
/* sim_view_refuse() of a malformed request: 400/1; takes a format and its arguments. */
#define SIM_INVALID(c, ...)                                                                        \
	sim_view_refuse((c), 400, 1, arena_printf((c)->mem, "Invalid request: " __VA_ARGS__))
/* What Pinterest says about a rate limit, a spam block and a blocked link. */
#define SIM_RATE_MESSAGE                                                                           \
	"This request exceeded a rate limit. This can happen if the client exceeds one of the "    \
	"published rate limits or if multiple write operations are applied to an object within a " \
	"short time window."
#define SIM_SPAM_MESSAGE                                                                           \
	"Sorry! You've hit a block (Pins) we have in place to combat spam. "                       \
	"Please try again later!"
#define SIM_LINK_MESSAGE "Sorry! We blocked this link because it may lead to spam."
/* Replies with an HTML error page. */
void sim_view_html(struct sim_call *c, int status);
/* True when DB_OK. Otherwise the reply is a 503, in HTML. */
MUST_CHECK bool sim_view_done(struct sim_call *c, enum db_rc rc);
/* True when DB_OK. Otherwise sets the reply: 404/40 or 404/50 for DB_NONE, or a 503. */
MUST_CHECK bool sim_view_board_found(struct sim_call *c, enum db_rc rc);
MUST_CHECK bool sim_view_pin_found(struct sim_call *c, enum db_rc rc);

/* One page of a list. */
struct sim_page {
	int64_t size;
	int64_t after;             /* key of the last row of the page before, or `first` */
	struct json_object *items; /* at most `size`; sim_page_send() takes them */
	int64_t rows;              /* added so far; more than `size`: further pages follow */
	int64_t last;              /* key of the last item */
};
/*
 * Starts a page by page_size and bookmark of the query. A bookmark is opaque: the listing order and
 * the last row's key; one of another order is refused. False: the reply is set to 400.
 */
MUST_CHECK bool sim_page_read(struct sim_call *c, int order, int64_t first, struct sim_page *page);
/* Adds a row, unless the page is full. Takes ownership of `item`. */
void sim_page_add(struct sim_page *page, int64_t key, struct json_object *item);
/* Replies {items, bookmark} when DB_OK, otherwise 503. */
void sim_page_send(struct sim_call *c, int order, struct sim_page *page, enum db_rc rc);

#endif
