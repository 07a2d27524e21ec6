#ifndef APP_HTTP_ROUTE_H
#define APP_HTTP_ROUTE_H

#include <stddef.h>

#include "app/http/auth.h"
#include "app/http/req.h"
#include "lib/attr.h"

struct arena;
struct call;

enum route_body {
	BODY_NONE,  /* a body is read and ignored */
	BODY_MAYBE, /* a JSON object, or nothing */
	BODY_JSON,  /* a JSON object */
	BODY_ROWS,  /* a JSON array: checked, and left to the handler in req->body */
	BODY_MULTIPART
};

/* What a request may cost: bytes of its body, and the share of the threads that it counts for. */
enum route_size {
	SIZE_SMALL,
	SIZE_LIST,  /* small, until its handler finds that it takes long: admit_long() */
	SIZE_LONG,  /* a small body, but much work: [limits] long_in_hand */
	SIZE_BATCH, /* the same, with a body of [app] max_import_bytes instead of max_body_bytes */
	SIZE_IMPORT /* and with many values in it */
};
/* An upload: large bodies have few places. */
#define ROUTE_UPLOADS(size) ((size) == SIZE_BATCH || (size) == SIZE_IMPORT)
/* Values in the JSON of an import, and cells in its CSV. */
#define IMPORT_VALUES_MAX 50000
/* Values in that of a batch: 100 pins of all fields and 30 terms each. */
#define BATCH_VALUES_MAX 5000

#define ROUTE_MAX_PARAMS 2

/* A `{}` in the pattern is a segment that becomes the next c->param. */
struct route {
	const char *method;
	const char *pattern;
	enum auth_access access;
	unsigned scope;      /* SCOPE_*; 0 for AUTH_PUBLIC and AUTH_INSIDE */
	unsigned permission; /* PERM_*: required of a session's role as well */
	enum route_body body;
	enum route_size size;
	const char *query; /* declared parameters: app/http/query.h */
	void (*handler)(struct call *c);
};

__extension__ enum MUST_CHECK_TYPE route_rc {
	ROUTE_OK,
	ROUTE_NO_PATH,   /* 404 */
	ROUTE_NO_METHOD, /* 405: route_allow() says which */
	ROUTE_OPTIONS    /* OPTIONS of a known path: route_allow() says which */
};

/*
 * Finds the route in a sorted table. If several patterns match a path, the one with more fixed
 * segments from the left counts, for all methods. HEAD is routed as GET. Pure.
 */
enum route_rc route_find(const struct route *table, size_t len, const struct req *r,
    const struct route **found, const char *param[ROUTE_MAX_PARAMS]);
/* The Allow header, as in "GET, HEAD, POST, OPTIONS", after ROUTE_NO_METHOD or ROUTE_OPTIONS. */
const char *route_allow(
    const struct route *table, size_t len, const struct req *r, struct arena *mem);

#endif
