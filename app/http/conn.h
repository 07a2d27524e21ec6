#ifndef APP_HTTP_CONN_H
#define APP_HTTP_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/http/outlet.h"
#include "lib/attr.h"

struct FCGX_Request;
struct limiter;
struct uuid;

/*
 * A thread's connection to the web server, for one request at a time. libfcgi decodes and encodes,
 * but never sees the socket: it reads the request's head from a file in memory, which is complete
 * then, and writes the answer into it. So it cannot wait for a client, and every wait for one is
 * here, with an end. FCGX_Request's `in` is not to be used: conn_read() reads the body.
 */
struct conn;

__extension__ enum MUST_CHECK_TYPE conn_rc {
	CONN_DATA,
	CONN_END, /* the body is complete */
	CONN_CUT, /* the web server gave the request up */
	CONN_LATE /* nothing came until then */
};

/* `stop_fd` becomes readable when the program is to end: nobody is waited for any more. */
struct conn *conn_new(struct outlet *outlet, const struct client_pace *pace, int stop_fd);
void conn_free(struct conn *c);
/*
 * Takes over a new non-blocking socket and reads the request's head. One that does not come at once
 * needs a place in `heads`, and comes within some seconds. False: there is no request, and the
 * socket is closed.
 */
MUST_CHECK bool conn_accept(
    struct conn *c, int fd, struct limiter *heads, struct FCGX_Request *fcgi);
/* Whose request it is: what is left of the answer counts as his. */
void conn_owner(struct conn *c, const struct uuid *who);
/* The next piece of the body, valid until the next call. Waits until then (monotonic; 0: never). */
enum conn_rc conn_read(struct conn *c, const char **bytes, size_t *len, int64_t until_us);
/* The pace of clients. */
const struct client_pace *conn_pace(const struct conn *c);
/*
 * Sends at once what the answer holds so far (FCGX_FFlush() first), and waits for a slow client at
 * that pace. False: the client has gone, or is too slow.
 */
MUST_CHECK bool conn_flush(struct conn *c);
/* The socket, to break it. */
MUST_CHECK int conn_socket(const struct conn *c);
/*
 * The answer is complete, but is to leave only after so long. No thread waits for that; where too
 * many wait, it leaves at once.
 */
void conn_delay(struct conn *c, int64_t ms);
/* Ends the request: sends the answer without ever waiting; the outlet has what is left. */
void conn_finish(struct conn *c, struct FCGX_Request *fcgi);

#endif
