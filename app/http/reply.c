/* Builds a reply and writes it to libfcgi. */
#include "app/http/reply.h"

#include <fcgiapp.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "app/http/cors.h"
#include "app/http/etag.h"
#include "app/http/req.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/json.h"
#include "lib/problem.h"
#include "lib/xalloc.h"

/* Size of all headers: the largest is the URL of an OAuth redirect. */
#define HEAD_MAX 65536
/* A body of this size has left many small free blocks behind. */
#define LARGE_BYTES (1024 * 1024)

static void
reply_clear(struct reply *r, int status)
{
	buf_free(&r->text);
	*r = (struct reply){ .status = status,
		.total = -1,
		.mem = r->mem,
		.request_id = r->request_id,
		.rate_policy = r->rate_policy,
		.rate_state = r->rate_state,
		.origin = r->origin,
		.by_origin = r->by_origin,
		.preflight = r->preflight,
		.body = "" };
}

void
reply_start(struct reply *r, struct arena *mem, const char *request_id)
{
	*r = (struct reply){ .mem = mem, .request_id = request_id };
	reply_clear(r, 500);
}

static void
reply_body_set(struct reply *r, const char *type, struct json_object *body)
{
	size_t len;
	const char *text = json_dump(body, &len);

	r->type = type;
	r->body = arena_strndup(r->mem, text, len);
	r->body_len = len;
	json_object_put(body);
}

void
reply_json(struct reply *r, int status, struct json_object *body)
{
	reply_clear(r, status);
	reply_body_set(r, "application/json", body);
}

void
reply_text(struct reply *r, int status, const char *type, const char *body)
{
	reply_clear(r, status);
	r->type = type;
	r->body = arena_strdup(r->mem, body);
	r->body_len = strlen(body);
}

void
reply_static(struct reply *r, const char *type, const char *body, size_t len)
{
	reply_clear(r, 200);
	r->type = type;
	r->body = body;
	r->body_len = len;
	r->etag = 1;
}

void
reply_large(struct reply *r, int status, struct buf *text)
{
	if (text->overflow) {
		buf_free(text);
		reply_error(r, 500, "internal_error", "The answer is too large.");
		return;
	}
	reply_clear(r, status);
	r->text = *text;
	*text = (struct buf){ 0 };
	r->type = "application/json";
	r->body = buf_str(&r->text);
	r->body_len = r->text.len;
}

void
reply_end(struct reply *r)
{
	bool large = r->text.len > LARGE_BYTES;

	buf_free(&r->text);
	if (large)
		xalloc_trim();
	r->body = "";
	r->body_len = 0;
}

void
reply_empty(struct reply *r, int status)
{
	reply_clear(r, status);
}

void
reply_redirect(struct reply *r, const char *url)
{
	reply_clear(r, 302);
	r->location = arena_strdup(r->mem, url);
}

void
reply_problem(struct reply *r, const struct problem *p)
{
	reply_clear(r, p->status);
	reply_body_set(r, "application/problem+json", problem_json(p, r->request_id));
	r->retry_after_s = p->retry_after_s;
	r->allow = p->allow;
	r->error_code = arena_strdup(r->mem, p->code);
	r->error_message = arena_strdup(r->mem, p->message);
}

void
reply_error(struct reply *r, int status, const char *code, const char *message)
{
	struct problem p = { 0 };

	problem_set(&p, status, code, message);
	reply_problem(r, &p);
}

static void
head_write(struct buf *h, const struct reply *r, int status, const char *etag, bool is_cached)
{
	bool has_body = status != 204 && status != 304;
	const char *title = problem_title(status);

	(void)buf_printf(h, "Status: %d %s\r\n", status, title != NULL ? title : "Status");
	(void)buf_header(h, "X-Request-Id", r->request_id);
	(void)buf_header(h, "Cache-Control", is_cached ? "private, no-cache" : "no-store");
	(void)buf_header(h, "X-Content-Type-Options", "nosniff");
	(void)buf_header(h, "X-Frame-Options", "DENY");
	(void)buf_header(h, "Content-Security-Policy",
	    r->policy != NULL ? r->policy : "default-src 'none'; frame-ancestors 'none'");
	(void)buf_header(h, "Referrer-Policy", "no-referrer");
	(void)buf_header(h, "ETag", etag);
	if (has_body && r->body_len > 0)
		(void)buf_header(h, "Content-Type", r->type);
	if (has_body)
		(void)buf_printf(h, "Content-Length: %zu\r\n", r->body_len);
	(void)buf_header(h, "Location", r->location);
	(void)buf_header(h, "Set-Cookie", r->cookie);
	if (r->filename != NULL)
		(void)buf_printf(
		    h, "Content-Disposition: attachment; filename=\"%s\"\r\n", r->filename);
	(void)buf_header(h, "Allow", r->allow);
	if (r->total >= 0)
		(void)buf_printf(h, "X-Total-Count: %" PRId64 "\r\n", r->total);
	(void)buf_header(h, "Link", r->link);
	if (r->retry_after_s > 0)
		(void)buf_printf(h, "Retry-After: %d\r\n", r->retry_after_s);
	(void)buf_header(h, "RateLimit-Policy", r->rate_policy);
	(void)buf_header(h, "RateLimit", r->rate_state);
	cors_write(h, r);
	if (status == 401)
		(void)buf_header(h, "WWW-Authenticate", "Bearer");
	if (r->replayed)
		(void)buf_header(h, "Idempotent-Replayed", "true");
	(void)buf_puts(h, "\r\n");
}

void
reply_write(const struct reply *r, const struct req *req, struct FCGX_Request *fcgi)
{
	bool head_only = strcmp(req->method, "HEAD") == 0;
	bool reading = head_only || strcmp(req->method, "GET") == 0;
	const char *etag = NULL;
	int status = r->status;
	struct buf head;

	if (r->status == 200 && !r->has_secret) {
		etag = r->tag;
		if (etag == NULL && r->etag && reading)
			etag = etag_make(r->mem, r->body, r->body_len, 0);
		if (etag != NULL && reading && etag_known(req->if_none_match, etag))
			status = 304;
	}
	buf_init(&head, HEAD_MAX);
	head_write(&head, r, status, etag, etag != NULL && reading);
	(void)FCGX_PutStr(buf_str(&head), (int)head.len, fcgi->out);
	buf_free(&head);
	if (!head_only && status != 204 && status != 304 && r->body_len > 0)
		(void)FCGX_PutStr(r->body, (int)r->body_len, fcgi->out);
}
