#ifndef APP_HTTP_DISPATCH_H
#define APP_HTTP_DISPATCH_H

#include <stdbool.h>

#include "lib/attr.h"

struct FCGX_Request;
struct app;
struct server_thread;

/*
 * Reads one accepted request, refuses it or runs its handler, and writes the reply. True: wake the
 * worker once the reply is finished.
 */
MUST_CHECK bool dispatch_request(
    const struct app *app, const struct server_thread *t, struct FCGX_Request *fcgi);

#endif
