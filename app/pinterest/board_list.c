/* GET /boards, all pages. */
#include "app/pinterest/board_list.h"

#include <string.h>

#include "app/http/call.h"
#include "app/pinterest/board.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/problem.h"
#include "lib/url.h"

#define PAGES_MAX 20 /* of 250 boards; an account may have 2000 */
#define TIME_MAX_US (30 * US_PER_S)

static void
append_boards(struct board_list *l, const struct pinterest_boards *page, struct arena *mem)
{
	if (l->len + page->len > l->room) {
		size_t room = 2 * (l->len + page->len);
		struct pinterest_board *more = arena_alloc(mem, room * sizeof(*more));

		if (l->len > 0)
			memcpy(more, l->boards, l->len * sizeof(*more));
		l->boards = more;
		l->room = room;
	}
	if (page->len > 0)
		memcpy(l->boards + l->len, page->boards, page->len * sizeof(*page->boards));
	l->len += page->len;
}

enum upstream_result
board_list_fetch(
    struct call *c, const struct store_account *account, struct board_list *l, struct problem *why)
{
	const char *bookmark = NULL;
	int64_t until_us = clock_mono_us() + TIME_MAX_US;

	*l = (struct board_list){ .len = 0 };
	for (unsigned n = 0; n < PAGES_MAX && !l->complete; n++) {
		struct upstream_ask ask = { .method = "GET", .path = "/boards?page_size=250" };
		struct pinterest_boards page;
		struct http_answer a;
		enum upstream_result r;

		if (clock_mono_us() >= until_us) {
			problem_set(why, 503, "pinterest_unavailable",
			    "Pinterest is too slow to list the account's boards now.");
			why->retry_after_s = 60;
			return UPSTREAM_AWAY;
		}
		if (bookmark != NULL)
			ask.path = arena_printf(
			    c->mem, "%s&bookmark=%s", ask.path, url_encode(bookmark, c->mem));
		r = upstream_account(c, account, &ask, &a, why);
		if (r != UPSTREAM_OK)
			return r;
		if (pinterest_boards_parse(&page, a.body, a.body_len, c->mem) == -1)
			return upstream_misread(c, account->environment, &ask, &a, why);
		append_boards(l, &page, c->mem);
		bookmark = page.bookmark;
		l->complete = bookmark == NULL || *bookmark == '\0';
	}
	(void)board_cache(c, account, l->boards, l->len, l->complete);
	return UPSTREAM_OK;
}
