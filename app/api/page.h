#ifndef APP_API_PAGE_H
#define APP_API_PAGE_H

#include <stdbool.h>

#include "lib/attr.h"

struct arena;
struct call;

/* Plain pages for people: no scripts, no styles, nothing from elsewhere. */

/* Does the Accept header name pages, in any case and not with q=0? */
MUST_CHECK bool page_wanted(const struct call *c);
/* The text as HTML; "" for NULL. */
const char *page_escape(const char *text, struct arena *mem);
/* Replies with a page; `title` and `body` are HTML. */
void page_reply(struct call *c, int status, const char *title, const char *body);
/* The same for an end: `message` is text, after which the window may be closed. */
void page_end(struct call *c, int status, const char *title, const char *message);

#endif
