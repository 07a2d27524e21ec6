#ifndef APP_HTTP_REQ_H
#define APP_HTTP_REQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

struct FCGX_Request;
struct arena;
struct conn;
struct problem;
struct shares;
struct uuid;

/*
 * One validated HTTP request. Only REQUEST_URI is routed, and each path segment is percent-decoded
 * once. A request is refused when a security header occurs twice or the body is incomplete.
 */
struct req_pair {
	const char *name;
	const char *value;
};

#define REQ_MAX_SEGMENTS 8
#define REQ_MAX_QUERY 64
#define REQ_CHUNKED (-1)
#define REQ_BAD_LENGTH (-2)

struct req {
	const char *method;
	const char *target; /* raw REQUEST_URI, for logs */
	const char *segment[REQ_MAX_SEGMENTS];
	size_t segments;
	struct req_pair query[REQ_MAX_QUERY]; /* in order; names may repeat */
	size_t query_len;
	const char *content_type;     /* lowercase, without parameters; "" when absent */
	const char *boundary;         /* multipart boundary, or NULL */
	const char *content_encoding; /* lowercase; "" when absent */
	const char *authorization;
	const char *api_key;         /* X-API-Key */
	const char *idempotency_key; /* quotes stripped, checked: 1..255 visible ASCII; or NULL */
	const char *if_none_match, *if_match;
	const char *origin; /* of the page that asks, or NULL */
	bool asks_method;   /* Access-Control-Request-Method */
	bool is_delivery;   /* a webhook delivery of Pintempo, which has lost its way */
	const char *accept;
	const char *cookie;         /* or NULL */
	const char *client_address; /* REMOTE_ADDR */
	const char *user_agent;     /* as it was sent; "" when absent */
	char id[33];                /* our request id, lowercase hex */
	int64_t announced;          /* Content-Length; REQ_CHUNKED: none; REQ_BAD_LENGTH */
	const char *body;           /* NUL-terminated; "" when empty */
	size_t body_len;
};

/*
 * Reads everything except the body. False: `why` is set (400, or 404 for a path longer than any
 * route); method and id are valid even then.
 */
MUST_CHECK bool req_head(
    struct req *r, struct FCGX_Request *fcgi, struct arena *mem, struct problem *why);
/* False: by its headers alone the body is refused, and `why` is set: 413 for more than `cap`, 400.
 */
MUST_CHECK bool req_body_fits(
    const struct req *r, size_t cap, struct arena *mem, struct problem *why);
/* What a body may cost. */
struct req_body_rules {
	size_t cap;             /* bytes */
	struct shares *waiting; /* threads that wait for bodies, */
	const struct uuid *who; /* and for whom */
};

/*
 * Reads the whole body, which fits by its headers. One that does not come at once needs a place in
 * `waiting`, and must keep the pace. False: `why` is set: 413 for more than `cap` bytes, 400 for a
 * body that is shorter or longer than announced, 408 for one that is too slow, 503 without a place.
 */
MUST_CHECK bool req_body(struct req *r, struct conn *conn, const struct req_body_rules *rules,
    struct arena *mem, struct problem *why);

/* Frees a large body that is not needed any more; it is empty then. */
void req_body_drop(struct req *r, struct arena *mem);

#endif
