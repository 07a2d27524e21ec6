/* Plain pages for people. What did not come from here is escaped. */
#include "config.h"

#include "app/api/page.h"

#include <string.h>

#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/buf.h"

#define PAGE_TEXT_MAX 16384

bool
page_wanted(const struct call *c)
{
	const char *at = c->req->accept != NULL ? strcasestr(c->req->accept, "text/html") : NULL;
	const char *q = at != NULL ? strcasestr(at, "q=0") : NULL;

	if (q == NULL || q > at + strcspn(at, ","))
		return at != NULL;
	q += strlen("q=0");
	return q[strspn(q, ".0")] >= '1' && q[strspn(q, ".0")] <= '9';
}

const char *
page_escape(const char *text, struct arena *mem)
{
	struct buf b;
	const char *out;

	buf_init(&b, PAGE_TEXT_MAX);
	for (; text != NULL && *text != '\0'; text++) {
		if (*text == '<')
			(void)buf_puts(&b, "&lt;");
		else if (*text == '>')
			(void)buf_puts(&b, "&gt;");
		else if (*text == '&')
			(void)buf_puts(&b, "&amp;");
		else if (*text == '"')
			(void)buf_puts(&b, "&quot;");
		else if (*text == '\'')
			(void)buf_puts(&b, "&#39;");
		else
			(void)buf_putc(&b, *text);
	}
	out = arena_strdup(mem, buf_str(&b));
	buf_free(&b);
	return out;
}

void
page_reply(struct call *c, int status, const char *title, const char *body)
{
	reply_text(&c->reply, status, "text/html; charset=utf-8",
	    arena_printf(c->mem,
		"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width\"><title>%s</title>"
		"<h1>%s</h1>%s</html>",
		title, title, body));
}

void
page_end(struct call *c, int status, const char *title, const char *message)
{
	page_reply(c, status, title,
	    arena_printf(c->mem, "<p>%s</p><p>You may close this window.</p>",
		page_escape(message, c->mem)));
}
