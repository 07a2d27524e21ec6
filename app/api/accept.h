#ifndef APP_API_ACCEPT_H
#define APP_API_ACCEPT_H

#include <stdbool.h>

#include "lib/pin.h"
#include "lib/problem.h"
#include "sql/store.h"

struct call;

/* What stands before a pin or schedule is accepted. False: the reply says why. */

/* The account: permitted to the key (403), of this project (404), still connected (422). */
bool accept_account(struct call *c, const struct uuid *account_id, struct store_account *out);
/* Uploaded files that are named exist in this project. DB_OK; DB_NONE: `why` is set. */
enum db_rc accept_media(struct call *c, const struct pin_new *p, struct problem *why);
/* POST of one, as `form` says: 201 with it, or with what the same key and content made before. */
void accept_create(struct call *c, enum pin_form form);

#endif
