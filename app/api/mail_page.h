#ifndef APP_API_MAIL_PAGE_H
#define APP_API_MAIL_PAGE_H

#include <stdbool.h>

#include "lib/attr.h"

struct call;

/*
 * Links in mails, which people open and programs fetch. A browser that follows one first gets a
 * page with a button, because mail programs open links by themselves; a client that wants JSON gets
 * what the API's contract says.
 */

/* What a browser is asked; texts, not HTML. */
struct mail_page {
	const char *title, *question, *button;
	const char *action; /* where the button leads, with its query */
};
/* True: a browser asks, and the reply is the page. */
MUST_CHECK bool mail_page_asked(struct call *c, const struct mail_page *p);
/* After the act: for a browser the reply becomes a page, with `message` unless it was refused. */
void mail_page_finish(struct call *c, const char *title, const char *message);
/* The token of the query; NULL: the reply is a 422. */
const char *mail_page_token(struct call *c);
/* A field of the page's form, in the arena; NULL: not there, or no text. */
const char *mail_page_field(struct call *c, const char *name);
/* The new password of the form, for that address; NULL: *fault says what is wrong with it. */
const char *mail_page_password(struct call *c, const char *email, const char **fault);

#endif
