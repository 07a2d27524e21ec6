/* Builds a reply and writes it to libfcgi. */
#include "app/http/reply.h"

#include <fcgiapp.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "app/http/req.h"
#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/problem.h"

/* Size of all headers: the largest is the URL of an OAuth redirect. */
#define HEAD_MAX 8192

static const struct {
	int status;
	const char *line;
} reasons[] = {
	{ 200, "200 OK" },
	{ 201, "201 Created" },
	{ 202, "202 Accepted" },
	{ 204, "204 No Content" },
	{ 302, "302 Found" },
	{ 303, "303 See Other" },
	{ 304, "304 Not Modified" },
	{ 400, "400 Bad Request" },
	{ 401, "401 Unauthorized" },
	{ 402, "402 Payment Required" },
	{ 403, "403 Forbidden" },
	{ 404, "404 Not Found" },
	{ 405, "405 Method Not Allowed" },
	{ 409, "409 Conflict" },
	{ 410, "410 Gone" },
	{ 413, "413 Content Too Large" },
	{ 415, "415 Unsupported Media Type" },
	{ 422, "422 Unprocessable Content" },
	{ 429, "429 Too Many Requests" },
	{ 500, "500 Internal Server Error" },
	{ 502, "502 Bad Gateway" },
	{ 503, "503 Service Unavailable" },
	{ 504, "504 Gateway Timeout" },
};

static void
reply_clear(struct reply *r, int status)
{
	struct arena *mem = r->mem;
	const char *id = r->request_id;

	*r = (struct reply){
		.status = status, .total = -1, .mem = mem, .request_id = id, .body = ""
	};
}

void
reply_start(struct reply *r, struct arena *mem, const char *request_id)
{
	r->mem = mem;
	r->request_id = request_id;
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

/* "200 OK" */
static const char *
status_line(const struct reply *r, int status)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].status == status)
			return reasons[i].line;
	}
	return arena_printf(r->mem, "%d Status", status);
}

/* "\"<32 hex of the body's hash>\"" */
static const char *
strong_etag(const struct reply *r)
{
	unsigned char hash[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];

	crypto_sha256(r->body, r->body_len, hash);
	(void)crypto_hex(hash, 16, hex);
	return arena_printf(r->mem, "\"%s\"", hex);
}

/* If-None-Match, by weak comparison: a list of tags, or '*'. */
static bool
etag_matches(const char *header, const char *etag)
{
	size_t len = strlen(etag), n;

	if (header == NULL)
		return false;
	for (; *header != '\0'; header += n + (header[n] == ',')) {
		header += strspn(header, " \t");
		n = strcspn(header, ",");
		if (*header == '*')
			return true;
		if (strncmp(header, "W/", 2) == 0) {
			header += 2;
			n -= 2;
		}
		if (n >= len && strncmp(header, etag, len) == 0 &&
		    strspn(header + len, " \t") == n - len)
			return true;
	}
	return false;
}

/* The header lines of one reply. */
struct reply_head {
	size_t len;
	char text[HEAD_MAX];
};

/* Adds "Name: value\r\n"; nothing when the value is absent or contains a line break. */
static void
head_line(struct reply_head *h, const char *name, const char *value)
{
	size_t name_len = strlen(name), len;

	if (value == NULL || strpbrk(value, "\r\n") != NULL)
		return;
	len = strlen(value);
	if (h->len + name_len + len + 4 > sizeof(h->text))
		return;
	memcpy(h->text + h->len, name, name_len);
	memcpy(h->text + h->len + name_len, ": ", 2);
	memcpy(h->text + h->len + name_len + 2, value, len);
	memcpy(h->text + h->len + name_len + 2 + len, "\r\n", 2);
	h->len += name_len + len + 4;
}

static void
head_number_line(struct reply_head *h, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	head_line(h, name, text);
}

static void
head_write(struct reply_head *h, const struct reply *r, int status, const char *etag)
{
	bool has_body = status != 204 && status != 304;

	h->len = 0;
	head_line(h, "Status", status_line(r, status));
	head_line(h, "X-Request-Id", r->request_id);
	head_line(h, "Cache-Control", etag != NULL ? "private, no-cache" : "no-store");
	head_line(h, "X-Content-Type-Options", "nosniff");
	head_line(h, "X-Frame-Options", "DENY");
	head_line(h, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
	head_line(h, "Referrer-Policy", "no-referrer");
	head_line(h, "ETag", etag);
	if (has_body && r->body_len > 0)
		head_line(h, "Content-Type", r->type);
	if (has_body)
		head_number_line(h, "Content-Length", (int64_t)r->body_len);
	head_line(h, "Location", r->location);
	head_line(h, "Allow", r->allow);
	if (r->total >= 0)
		head_number_line(h, "X-Total-Count", r->total);
	if (r->retry_after_s > 0)
		head_number_line(h, "Retry-After", r->retry_after_s);
	if (status == 401)
		head_line(h, "WWW-Authenticate", "Bearer");
	if (r->replayed)
		head_line(h, "Idempotent-Replayed", "true");
}

void
reply_write(const struct reply *r, const struct req *req, struct FCGX_Request *fcgi)
{
	bool head_only = strcmp(req->method, "HEAD") == 0;
	bool reading = head_only || strcmp(req->method, "GET") == 0;
	const char *etag = NULL;
	int status = r->status;
	struct reply_head head;

	if (r->etag && r->status == 200 && reading && !r->has_secret) {
		etag = strong_etag(r);
		if (etag_matches(req->if_none_match, etag))
			status = 304;
	}
	head_write(&head, r, status, etag);
	(void)FCGX_PutStr(head.text, (int)head.len, fcgi->out);
	(void)FCGX_PutStr("\r\n", 2, fcgi->out);
	if (!head_only && status != 204 && status != 304 && r->body_len > 0)
		(void)FCGX_PutStr(r->body, (int)r->body_len, fcgi->out);
}
