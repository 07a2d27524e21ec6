#ifndef APP_API_EDIT_H
#define APP_API_EDIT_H

#include <stdbool.h>

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

/* The id in the path and the body. False: the reply is a refusal. */
bool edit_read(struct call *c, enum pin_form form, struct edit *e);
/* What only makes sense together with the row `r`: `why` says what does not. */
void edit_check(
    struct call *c, const struct edit *e, const struct pin_view *r, struct problem *why);
/* Another board than the row has. */
bool edit_moves(const struct edit *e, const struct pin_view *r);
/* Files, and the account and board when it moves; outside a transaction. False: refused. */
bool edit_accept(struct call *c, const struct edit *e, const struct pin_view *r);

#endif
