#ifndef APP_API_BOARDS_H
#define APP_API_BOARDS_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/json_reader.h"
#include "lib/pinterest.h"
#include "lib/uuid.h"
#include "sql/store.h"

struct call;
struct problem;

/* What the routes of boards share. */

/* The account that the body or query names. False: the reply is set. */
MUST_CHECK bool boards_account(
    struct call *c, const struct uuid *id, struct store_account *account);
MUST_CHECK bool boards_account_of_query(struct call *c, struct store_account *account);

struct board_request {
	struct uuid account_id;
	const char *name, *description, *privacy; /* NULL: not given */
};
void boards_read(struct json_reader *r, enum json_need name, struct board_request *in);
/* Asks Pinterest for the account's board of that name. False: there is none, or no answer. */
MUST_CHECK bool boards_named(struct call *c, const struct store_account *account, const char *name,
    struct pinterest_board *board);
/*
 * A problem if `privacy` (may be NULL) asks for what the account lacks permissions for: Pinterest
 * would refuse it, too. An account that is to be connected again may get them.
 */
void boards_refuse_secret(
    struct call *c, const struct store_account *account, const char *privacy, struct problem *why);

#endif
