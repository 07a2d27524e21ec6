/* The description of the API, as it was when this was built. */
#include "app/api/docs_text.h"
#include "app/api/handlers.h"
#include "app/http/call.h"

/* GET /openapi.json */
void
docs_openapi(struct call *c)
{
	reply_static(&c->reply, "application/json", docs_json, docs_json_len);
}

/* GET /docs: without scripts, and nothing in it comes from elsewhere. */
void
docs_page(struct call *c)
{
	reply_static(&c->reply, "text/html; charset=utf-8", docs_html, docs_html_len);
	c->reply.policy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'";
}

/* GET /docs/Pintempo.php: the client's source, which no web server runs on its way. */
void
docs_php_client(struct call *c)
{
	reply_static(&c->reply, "text/plain; charset=utf-8", docs_php, docs_php_len);
	c->reply.filename = "Pintempo.php";
}

/* GET /docs/style.css */
void
docs_style(struct call *c)
{
	reply_static(&c->reply, "text/css; charset=utf-8", docs_css, docs_css_len);
}
