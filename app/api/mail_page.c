/* Pages behind the links of mails. */
#include "app/api/mail_page.h"

#include <string.h>

#include "app/api/page.h"
#include "app/http/call.h"
#include "lib/arena.h"

#define MAIL_TOKEN_MAX 512

bool
mail_page_asked(struct call *c, const struct mail_page *p)
{
	/* HEAD, as mail gateways send it to see whether a link leads somewhere, changes nothing */
	if (!page_wanted(c) && strcmp(c->req->method, "HEAD") != 0)
		return false;
	page_reply(c, 200, p->title,
	    arena_printf(c->mem,
		"<p>%s</p><form method=\"post\" action=\"%s\"><button type=\"submit\">%s</button>"
		"</form>",
		page_escape(p->question, c->mem), page_escape(p->action, c->mem), p->button));
	c->reply.has_secret = 1;
	return true;
}

void
mail_page_finish(struct call *c, const char *title, const char *message)
{
	bool refused = c->reply.error_message != NULL;

	if (!page_wanted(c))
		return;
	if (refused)
		page_end(c, c->reply.status, "Nothing was changed",
		    arena_strdup(c->mem, c->reply.error_message));
	else
		page_end(c, 200, title, message);
}

const char *
mail_page_token(struct call *c)
{
	struct problem why = { 0 };
	const char *token = call_query_text(c, "token", TEXT_KEY, MAIL_TOKEN_MAX, &why);

	if (token == NULL && !problem_any(&why))
		problem_query(&why, c->mem, "token", "is required");
	return call_refused(c, &why) ? NULL : token;
}
