#ifndef APP_HTTP_DISPATCH_H
#define APP_HTTP_DISPATCH_H

#include <stdbool.h>

struct FCGX_Request;
struct app;
struct server_thread;

/*
 * Answers one accepted request: reads it, refuses or lets the handler act, writes the one reply.
 * True: wake the worker once the reply is finished. The caller resets the arena then.
 */
bool dispatch_request(
    const struct app *app, const struct server_thread *t, struct FCGX_Request *fcgi);

#endif
