#ifndef APP_HTTP_ROUTE_H
#define APP_HTTP_ROUTE_H

#include <stddef.h>

#include "app/http/auth.h"
#include "app/http/req.h"
#include "lib/attr.h"

struct arena;
struct call;

enum route_body {
	BODY_NONE,  /* a body is read and forgotten */
	BODY_MAYBE, /* a JSON object, or nothing */
	BODY_JSON,  /* a JSON object */
	BODY_ROWS,  /* a JSON array */
	BODY_MULTIPART
};

enum route_size { SIZE_SMALL, SIZE_IMPORT };

#define ROUTE_MAX_PARAMS 2

/* A `{}` in the pattern is a segment that becomes the next c->param. */
struct route {
	const char *method;
	const char *pattern;
	enum auth_access access;
	unsigned scope;      /* SCOPE_*; 0 for AUTH_PUBLIC and AUTH_INSIDE */
	unsigned permission; /* PERM_*: what a session's role must have too */
	enum route_body body;
	enum route_size size;
	void (*handler)(struct call *c);
};

__extension__ enum MUST_CHECK_TYPE route_rc {
	ROUTE_OK,
	ROUTE_NO_PATH,   /* 404 */
	ROUTE_NO_METHOD, /* 405: route_allow() says which */
	ROUTE_OPTIONS    /* OPTIONS of a known path: route_allow() says which */
};

/*
 * Which route answers, in a sorted table. Of several patterns that match a path the one with more
 * fixed segments from the left decides, for all methods. HEAD goes where GET goes. Pure.
 */
enum route_rc route_find(const struct route *table, size_t len, const struct req *r,
    const struct route **found, const char *param[ROUTE_MAX_PARAMS]);
/* "GET, HEAD, POST, OPTIONS" for the path that route_find() said NO_METHOD or OPTIONS about. */
const char *route_allow(
    const struct route *table, size_t len, const struct req *r, struct arena *mem);

#endif
