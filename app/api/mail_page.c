/* Pages behind the links of mails. */
#include "app/api/mail_page.h"

#include <string.h>

#include "app/api/page.h"
#include "app/http/call.h"
#include "app/http/multipart.h"
#include "lib/arena.h"
#include "lib/password.h"
#include "lib/utf8.h"

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

const char *
mail_page_field(struct call *c, const char *name)
{
	struct multipart_part part;

	if (multipart_find(c->req->body, c->req->body_len, c->req->boundary, name, c->mem, &part) !=
		NULL ||
	    !utf8_valid(part.data, part.len) || memchr(part.data, '\0', part.len) != NULL)
		return NULL;
	return arena_strndup(c->mem, part.data, part.len);
}

const char *
mail_page_password(struct call *c, const char *email, const char **fault)
{
	const char *text = mail_page_field(c, "password");
	size_t len = text != NULL ? utf8_length(text, strlen(text)) : 0;

	*fault = "must have 8 to 255 characters";
	if (len < PASSWORD_MIN || len > PASSWORD_MAX)
		return NULL;
	*fault = password_fault(text, email);
	return *fault == NULL ? text : NULL;
}
