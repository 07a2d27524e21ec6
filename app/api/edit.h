#ifndef APP_API_EDIT_H
#define APP_API_EDIT_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/pin.h"
#include "lib/uuid.h"

struct call;
struct problem;
struct pin_view;

/* What PATCH of a schedule and PATCH of a pin share. */
struct edit {
	struct uuid id;
	struct pin_patch patch;
};

/* Reads the id in the path and the body. False: the reply is a refusal. */
MUST_CHECK bool edit_read(struct call *c, enum pin_form form, struct edit *e);
/* Checks that need the row `r`; `why` says what is wrong. */
void edit_check(
    struct call *c, const struct edit *e, const struct pin_view *r, struct problem *why);
/* True when the edit changes the board. */
MUST_CHECK bool edit_moves(const struct edit *e, const struct pin_view *r);
/*
 * Checks files, and account and board when the board changes. Outside a transaction. False: the
 * reply is a refusal.
 */
MUST_CHECK bool edit_accept(struct call *c, const struct edit *e, const struct pin_view *r);

#endif
