#ifndef APP_PINTEREST_BOARD_H
#define APP_PINTEREST_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/db/db.h"
#include "lib/pinterest.h"
#include "lib/problem.h"
#include "sql/store.h"

struct call;
struct json_object;

/* May this account publish to this board? Asked before a pin or schedule is accepted. */
enum board_verdict {
	BOARD_OK,
	BOARD_REFUSED, /* see `why` */
	BOARD_SKIPPED  /* Pinterest could not be asked: accepted unchecked, see `why` */
};

struct board_access {
	enum board_verdict verdict;
	bool holds; /* refused, but for what the account's owner or the operator can mend: it waits
		     */
	bool from_cache;
	int64_t checked_at_us;
	struct pinterest_board board; /* id NULL: unknown */
	struct problem why;
};

/*
 * A board cached within [app] board_cache_s is accepted; otherwise, or if `fresh`, Pinterest is
 * asked and its answer cached. DB_OK and *out, or a database failure. Never call it in a
 * transaction.
 */
enum db_rc board_check(struct call *c, const struct store_account *account, const char *board_id,
    bool fresh, struct board_access *out);
/* Refused, and not only for what the account's owner or the operator can mend while pins wait. */
MUST_CHECK bool board_refuses(const struct board_access *a);
/* board_check() for handlers that need a usable board. False: the reply is set. */
MUST_CHECK bool board_accept(
    struct call *c, const struct store_account *account, const char *board_id);

/* Caches boards. `complete`: the list has all of them, so others are removed from the cache. */
enum db_rc board_cache(struct call *c, const struct store_account *account,
    const struct pinterest_board *boards, size_t len, bool complete);
struct json_object *board_json(const struct pinterest_board *b);

#endif
