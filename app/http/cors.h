#ifndef APP_HTTP_CORS_H
#define APP_HTTP_CORS_H

#include <stdbool.h>

#include "lib/attr.h"

struct buf;
struct reply;
struct req;

/*
 * Pages of other origins (Fetch standard): those in [app] cors_origins may read every answer, also
 * refusals. They send their credential themselves; cookies are never asked for.
 */

/* The origin as it was sent, if it is one of `allowed` (comma-separated), by every byte; or NULL.
 */
const char *cors_match(const char *allowed, const char *origin);
/* Is it a browser's question whether it may ask, from such an origin? */
MUST_CHECK bool cors_preflight(const struct reply *r, const struct req *req);
/* The headers that answer it. */
void cors_write(struct buf *head, const struct reply *r);

#endif
