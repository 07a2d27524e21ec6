#ifndef APP_API_ACCEPT_H
#define APP_API_ACCEPT_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/pin.h"
#include "lib/problem.h"
#include "sql/store.h"

struct call;

/* Checks before a pin or schedule is accepted. False: the reply is the refusal. */

/* Sets 422 account_revoked. */
void accept_revoked(struct problem *why);
/* The account is permitted to the key (403), in this project (404) and connected (422). */
MUST_CHECK bool accept_account(
    struct call *c, const struct uuid *account_id, struct store_account *out);
/* The uploaded files that `p` names exist in this project. DB_NONE: `why` is set. */
enum db_rc accept_media(struct call *c, const struct pin_new *p, struct problem *why);
MUST_CHECK bool accept_media_found(struct call *c, const struct pin_new *p);
/*
 * One pin of a batch, in c->json. Its board was asked for before: `board` is the refusal, if it
 * holds one. The reply is a 201 with the pin, without warnings, or a refusal.
 */
struct accept_entry {
	const struct problem *board;
	bool created;                   /* now, and not by an equal request before: */
	struct uuid account_id, pin_id; /* then these are set */
};
void accept_one(struct call *c, struct accept_entry *e);
/* POST of a pin or schedule: 201 with it, or with what the same key and content created before. */
void accept_create(struct call *c, enum pin_form form);

#endif
