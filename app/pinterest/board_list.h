#ifndef APP_PINTEREST_BOARD_LIST_H
#define APP_PINTEREST_BOARD_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "app/pinterest/upstream.h"
#include "lib/attr.h"
#include "lib/pinterest.h"

struct call;
struct problem;
struct store_account;

/* All boards of an account, as Pinterest lists them now. */
struct board_list {
	struct pinterest_board *boards; /* in the call's arena */
	size_t len, room;
	bool complete; /* the last page was read */
};

/* Asks page by page, and caches what it got. Other than UPSTREAM_OK: `why` is set. */
MUST_CHECK enum upstream_result board_list_fetch(struct call *c,
    const struct store_account *account, struct board_list *out, struct problem *why);

#endif
