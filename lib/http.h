#ifndef LIB_HTTP_H
#define LIB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"

struct arena;

/*
 * One blocking, guarded HTTP call, for calls that a user waits for. No redirects, no proxies from
 * the environment, no cookies, no decompression, HTTP/1.1, both address checks, capped response.
 * The worker has its own non-blocking transport.
 */
struct http_request {
	const char *method; /* "GET", "POST", "PATCH", "DELETE" */
	const char *url;
	const char *bearer; /* Authorization: Bearer; NULL: none */
	const char *basic;  /* "user:password" for HTTP Basic; NULL: none */
	const char *type;   /* Content-Type of the body, or NULL */
	const char *accept; /* NULL: application/json */
	const char *range;  /* Range: NULL: none */
	const char *body;   /* or NULL */
	size_t body_len;
	int timeout_ms;  /* total: DNS, connect, TLS, body */
	size_t max_body; /* bytes of the response */
	bool head;       /* max_body bytes suffice: a longer answer is cut, not refused */
	const struct addr_policy *policy; /* NULL: no address guard, the operator chose the URL */
	char *ca; /* PEM of the authorities to trust (lib/certs.h); NULL: the system's */
};

enum http_outcome {
	HTTP_ANSWERED, /* a complete status line and body */
	HTTP_NOT_SENT, /* refused, name not found, TLS, blocked: the request never left */
	HTTP_UNKNOWN   /* sent, but without a usable answer */
};

/* Why there is no complete answer. */
enum http_fault {
	HTTP_F_NONE,
	HTTP_F_DNS,
	HTTP_F_CONNECT,
	HTTP_F_TLS,
	HTTP_F_TIMEOUT,
	HTTP_F_BLOCKED, /* the address guard refused */
	HTTP_F_CUT,     /* connection lost after the request left */
	HTTP_F_OTHER
};

struct http_answer {
	enum http_outcome outcome;
	long status;
	const char *body; /* in the arena, NUL-ended */
	size_t body_len;
	enum http_fault fault;
	bool own;             /* HTTP_F_BLOCKED: only as an address of this host */
	bool complete;        /* the body is whole: not cut by max_body */
	const char *ip;       /* of the peer, or NULL */
	const char *location; /* header, or NULL */
	const char *content_type, *content_length, *content_range, *content_encoding; /* likewise */
	const char *request_id; /* x-pinterest-rid, or NULL */
	int64_t date_us;        /* Date, or TIME_NONE */
	int64_t retry_after_s;  /* the larger of Retry-After and x-ratelimit-reset; 0: none */
	const char *error;      /* transport error in words, or NULL */
};

/* Once in main, before threads. */
void http_start(void);
void http_call(const struct http_request *r, struct arena *mem, struct http_answer *a);

#endif
