#ifndef APP_SANDBOX_SIM_HTTP_H
#define APP_SANDBOX_SIM_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"

struct arena;
struct json_object;
struct FCGX_Request;
struct conn;

/*
 * The simulator's FastCGI side: reads a request and writes its reply, intact or damaged on purpose.
 *
 * A FastCGI program cannot close the client's connection itself. A lost reply is therefore written
 * as `Status: 200` with `Connection: close`, a Content-Length of 8 MiB, X-Sandbox-Fault and one
 * byte; then the FastCGI connection ends with a malformed record. The Content-Length alone is not
 * enough: since 2.4.59 Apache ignores that of such programs. The client sees a truncated transfer:
 * tested with curl behind lighttpd 1.4.69, Apache 2.4.71 (exit 18) and nginx 1.22 (exit 52).
 */
struct sim_request {
	const char *method;
	const char *path;  /* below the prefix, as sent, without the query; NULL: elsewhere */
	const char *query; /* without '?'; "" when absent */
	const char *authorization;
	const char *admin; /* X-Sandbox-Admin */
	const char *type;  /* Content-Type as sent, or "" */
	int64_t length;    /* Content-Length; -1: not given */
	const char *body;  /* "" until it is read */
	size_t body_len;
	struct buf read; /* holds the body */
};

enum sim_cut {
	SIM_CUT_NONE,
	SIM_CUT_LOST,  /* one byte, then the connection ends */
	SIM_CUT_SHORT, /* the whole body with a larger Content-Length */
	SIM_CUT_SLOW   /* one byte at a time, slow_ms apart */
};

struct sim_reply {
	int status;
	const char *type;
	const char *body; /* in the arena */
	size_t body_len;
	const char *location;
	const char *rid;
	const char *date;  /* NULL: the web server's */
	const char *fault; /* X-Sandbox-Fault, or NULL */
	const char *limit; /* x-ratelimit-limit, or NULL: none of the three */
	int64_t remaining;
	int64_t reset_s;
	int64_t retry_after_s; /* 0: none */
	enum sim_cut cut;
	int64_t slow_ms;
};

/* All but the body. `prefix` has no trailing slash. Texts live in the arena or in the FastCGI
 * request. */
void sim_request_read(
    struct sim_request *r, struct FCGX_Request *f, const char *prefix, struct arena *mem);
/*
 * Reads the body. False: it has more than `most` bytes (and is not read, if its length was
 * announced) or is incomplete.
 */
MUST_CHECK bool sim_request_body(struct sim_request *r, struct conn *conn, size_t most);
void sim_request_free(struct sim_request *r);
/* A slow reply is sent at once when stop_fd becomes readable. */
void sim_reply_write(
    const struct sim_reply *r, struct FCGX_Request *f, struct conn *conn, int stop_fd);

/* Takes ownership of `body`. */
void sim_reply_json(struct sim_reply *r, int status, struct json_object *body, struct arena *mem);
/* `body` must live as long as the arena. */
void sim_reply_text(struct sim_reply *r, int status, const char *type, const char *body);
/* The decoded value of `name` in a query or form body; NULL when absent or malformed. */
const char *sim_form_value(const char *text, const char *name, struct arena *mem);
/* Sleeps until stop_fd becomes readable. */
void sim_sleep(int64_t ms, int stop_fd);

#endif
