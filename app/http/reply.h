#ifndef APP_HTTP_REPLY_H
#define APP_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"

#define REPLY_BYTES_MAX (64 * 1024 * 1024)

struct FCGX_Request;
struct arena;
struct json_object;
struct problem;
struct req;

/*
 * The reply of one request: set by handlers, written once by dispatch_request(). Each setter below
 * replaces the whole reply but for what is kept: status, headers and body.
 */
struct reply {
	int status;
	const char *type;
	const char *body; /* in the arena, or in `text` */
	size_t body_len;
	const char *location;
	const char *cookie;   /* Set-Cookie */
	const char *filename; /* ASCII without quotes; Content-Disposition: attachment */
	int64_t total;        /* X-Total-Count; -1: not sent */
	const char *link;     /* other pages of a list */
	const char *policy;   /* Content-Security-Policy; NULL: nothing may be loaded */
	int retry_after_s;
	const char *allow;
	int replayed;    /* Idempotent-Replayed: true */
	int etag;        /* GET: strong ETag from the body, 304 when it matches */
	const char *tag; /* or this one, also after a change: what GET would answer now */
	int has_secret;  /* the body holds a token or key: stored sealed, never cached */
	const char *rate_policy, *rate_state; /* NULL, or RateLimit-Policy and RateLimit; kept */
	const char *origin; /* NULL, or the page's, which may read the answer; kept */
	bool by_origin;     /* other origins get other headers; kept */
	bool preflight;     /* it answers whether a page may ask; kept */
	const char *error_code, *error_message; /* set by reply_problem(), otherwise NULL */
	struct buf text;                        /* of reply_large() */
	struct arena *mem;
	const char *request_id;
};

void reply_start(struct reply *r, struct arena *mem, const char *request_id);
/* Takes ownership of `body`. */
void reply_json(struct reply *r, int status, struct json_object *body);
void reply_text(struct reply *r, int status, const char *type, const char *body);
/* A text of the program, with an ETag. */
void reply_static(struct reply *r, const char *type, const char *body, size_t len);
/*
 * JSON that was put together piece by piece, so that a long list is in memory once only. Takes over
 * the memory of `text`.
 */
void reply_large(struct reply *r, int status, struct buf *text);
void reply_empty(struct reply *r, int status); /* 204 */
void reply_redirect(struct reply *r, const char *url);
void reply_problem(struct reply *r, const struct problem *p);
/* problem_set() and reply_problem() in one call. */
void reply_error(struct reply *r, int status, const char *code, const char *message);

/* Frees the body of reply_large(); the reply may be set again. */
void reply_end(struct reply *r);
/* Writes the reply, without a body for HEAD, 204 and 304. */
void reply_write(const struct reply *r, const struct req *req, struct FCGX_Request *fcgi);

#endif
