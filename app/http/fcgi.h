#ifndef APP_HTTP_FCGI_H
#define APP_HTTP_FCGI_H

#include <stdbool.h>
#include <stddef.h>

#include "app/http/reply.h"
#include "app/http/req.h"

struct FCGX_Request;
struct arena;
struct problem;

/* What only the front calls: reading a request from libfcgi, writing a reply to it. */

/*
 * Parameters of the request -> r, all but the body. False: `why` says what is wrong (400, or 404
 * for a path longer than any route); method and id are good all the same.
 */
bool req_head(struct req *r, struct FCGX_Request *fcgi, struct arena *mem, struct problem *why);
/*
 * Reads the body to its end: at most `cap` bytes (413 past them), its length as announced and the
 * stream without error (400 otherwise). False: `why` says so.
 */
bool req_body(
    struct req *r, struct FCGX_Request *fcgi, size_t cap, struct arena *mem, struct problem *why);
/* Writes the reply, once. The body is left out for HEAD, 204 and 304. */
void reply_write(const struct reply *r, const struct req *req, struct FCGX_Request *fcgi);

#endif
