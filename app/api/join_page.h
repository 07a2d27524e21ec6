#ifndef APP_API_JOIN_PAGE_H
#define APP_API_JOIN_PAGE_H

#include <stdbool.h>

#include "lib/attr.h"

struct call;
struct join_offer;

/* One that can be accepted. False: the reply is a 404 or 503, for a browser as a page. */
MUST_CHECK bool join_page_find(struct call *c, const char *token, struct join_offer *offer);
/* Replies with the page of an invitation; `fault`, a sentence: why it was not accepted, or NULL. */
void join_page_show(
    struct call *c, int status, const struct join_offer *i, const char *token, const char *fault);

#endif
