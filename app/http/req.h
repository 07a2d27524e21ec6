#ifndef APP_HTTP_REQ_H
#define APP_HTTP_REQ_H

#include <stdbool.h>
#include <stddef.h>

struct FCGX_Request;
struct arena;
struct problem;

/*
 * One HTTP request as the web server handed it over, made safe: routed by REQUEST_URI alone, each
 * path segment percent-decoded once, security headers refused when they occur twice, the body
 * complete (its length is right and the stream had no error) or the request is refused.
 */
struct req_pair {
	const char *name;
	const char *value;
};

#define REQ_MAX_SEGMENTS 8
#define REQ_MAX_QUERY 64

struct req {
	const char *method;
	const char *target; /* raw REQUEST_URI, for logs */
	const char *segment[REQ_MAX_SEGMENTS];
	size_t segments;
	struct req_pair query[REQ_MAX_QUERY]; /* in order; names may repeat */
	size_t query_len;
	const char *content_type; /* lower case, without parameters; "" when absent */
	const char *boundary;     /* multipart boundary, or NULL */
	const char *authorization;
	const char *api_key;         /* X-API-Key */
	const char *idempotency_key; /* quotes stripped, checked: 1..255 visible ASCII; or NULL */
	const char *if_none_match;
	const char *accept;
	const char *client_address; /* REMOTE_ADDR */
	char id[33];                /* our request id, lower-case hex */
	const char *body;           /* NUL-ended; "" when empty */
	size_t body_len;
};

/* The value of a query parameter, the first of that name, or NULL. */
const char *req_query(const struct req *r, const char *name);

/*
 * Parameters of the request -> r, all but the body. False: `why` says what is wrong (400, or 404
 * for a path longer than any route); method and id are set all the same.
 */
bool req_head(struct req *r, struct FCGX_Request *fcgi, struct arena *mem, struct problem *why);
/*
 * Reads the body to its end: at most `cap` bytes (413 past them), its length as announced and the
 * stream without error (400 otherwise). False: `why` says so.
 */
bool req_body(
    struct req *r, struct FCGX_Request *fcgi, size_t cap, struct arena *mem, struct problem *why);

#endif
