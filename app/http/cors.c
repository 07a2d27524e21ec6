/* Which origins may read answers. */
#include "app/http/cors.h"

#include <string.h>

#include "app/http/reply.h"
#include "app/http/req.h"
#include "lib/buf.h"

/* Chromium keeps an answer this long at most. */
#define PREFLIGHT_S "7200"

const char *
cors_match(const char *allowed, const char *origin)
{
	size_t len = origin != NULL ? strlen(origin) : 0, n;

	for (; len > 0 && allowed != NULL && *allowed != '\0'; allowed += n + (allowed[n] == ',')) {
		n = strcspn(allowed, ",");
		if (n == len && memcmp(allowed, origin, n) == 0)
			return origin;
	}
	return NULL;
}

bool
cors_preflight(const struct reply *r, const struct req *req)
{
	return r->origin != NULL && req->asks_method && strcmp(req->method, "OPTIONS") == 0;
}

void
cors_write(struct buf *head, const struct reply *r)
{
	if (r->by_origin)
		(void)buf_header(head, "Vary", "Origin");
	/* what no origin was given for stays with pages of our own */
	(void)buf_header(head, "Cross-Origin-Resource-Policy",
	    r->origin != NULL ? "cross-origin" : "same-origin");
	if (r->origin == NULL)
		return;
	(void)buf_header(head, "Access-Control-Allow-Origin", r->origin);
	if (r->preflight) {
		(void)buf_header(
		    head, "Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
		(void)buf_header(head, "Access-Control-Allow-Headers",
		    "authorization, content-type, idempotency-key, if-match, if-none-match, "
		    "prefer, traceparent, x-api-key");
		(void)buf_header(head, "Access-Control-Max-Age", PREFLIGHT_S);
		return;
	}
	(void)buf_header(head, "Access-Control-Expose-Headers",
	    "Content-Disposition, ETag, Idempotent-Replayed, Link, Location, RateLimit, "
	    "RateLimit-Policy, Retry-After, X-Request-Id, X-Total-Count");
}
