#ifndef APP_API_CURSOR_H
#define APP_API_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/uuid.h"

struct call;
struct problem;

/*
 * Where a list goes on: behind a row, by what the row is sorted by and its id. Clients get it as an
 * opaque, sealed text that opens only in the same project, for the same filters and order.
 */
struct cursor {
	bool given;
	struct uuid id;
	int64_t state;
	int64_t time_us;   /* TIME_NONE: the row has none */
	const char *title; /* never NULL once read */
};

/* The parameter `cursor` of a list with that order; NULL: the list has one order and no `sort`. Not
 * ours, or of another list: see `why`. */
void cursor_read(struct call *c, const char *order, struct cursor *k, struct problem *why);
/* The parameter `cursor` of a list that goes on behind the row *k. */
const char *cursor_text(struct call *c, const char *order, const struct cursor *k);
/*
 * Value of the Link header of a list that goes on behind the row `next` (rel="next"), and of its
 * first page unless that is long (rel="first"). References are relative to the request's own
 * address.
 */
const char *cursor_link(struct call *c, const char *order, const struct cursor *next);

#endif
