#ifndef APP_HTTP_REFUSED_H
#define APP_HTTP_REFUSED_H

#include <stdbool.h>

#include "lib/attr.h"

struct problem;

/*
 * Requests that lighttpd refused while it parsed them and handed over as its server.error-handler
 * (etc/lighttpd/pintempo.conf): a GET with the client's REQUEST_URI and headers, the handler's path
 * as REDIRECT_URI, the refusal as REDIRECT_STATUS, and no body.
 */

/* The status lighttpd refused with; 0: it did not refuse. Either argument may be NULL. */
MUST_CHECK int refused_status(const char *redirect_uri, const char *redirect_status);
/*
 * True: it was a POST that announces no body (lighttpd 1.4 answers 411 to nothing else), so it has
 * none (RFC 9112, 6.3). False also for the simulator's paths, which another program serves.
 */
MUST_CHECK bool refused_bare_post(int status, const char *target);
/* The answer in lighttpd's place; the same words as etc/errors. */
void refused_problem(struct problem *p, int status);

#endif
