#ifndef APP_SANDBOX_FRONT_H
#define APP_SANDBOX_FRONT_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct json_object;
struct FCGX_Request;

/*
 * The simulator's FastCGI side: a request in, one reply out, whole or damaged on purpose.
 *
 * A FastCGI program cannot drop the client's connection itself. A lost answer is therefore written
 * as `Status: 200` with `Connection: close`, a Content-Length of 8 MiB, X-Sandbox-Fault and one
 * byte; then the FastCGI connection ends with a damaged record. The promise alone is not enough:
 * since 2.4.59 Apache ignores the Content-Length of such programs. The client sees a cut transfer:
 * tried with curl behind lighttpd 1.4.69, Apache 2.4.71 (exit 18) and nginx 1.22 (exit 52).
 */
struct front_request {
	const char *method;
	const char
	    *path; /* behind the mount prefix, as sent, without the query; NULL: not below it */
	const char *query; /* without '?'; "" when absent */
	const char *authorization;
	const char *admin; /* X-Sandbox-Admin */
	const char *type;  /* Content-Type as sent, or "" */
	const char *body;
	size_t body_len;
	int broken; /* the body was cut or too large */
};

enum front_cut {
	FRONT_WHOLE,
	FRONT_LOST,  /* hardly anything, then the end */
	FRONT_SHORT, /* the whole body under a Content-Length that promises more */
	FRONT_SLOW   /* one byte at a time, slow_ms apart */
};

struct front_reply {
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
	enum front_cut cut;
	int64_t slow_ms;
};

/* `prefix` without a slash behind. Everything in the arena or the request. */
void front_read(
    struct front_request *r, struct FCGX_Request *f, const char *prefix, struct arena *mem);
/* stop_fd: readable when the program is to end; slow replies hurry then. */
void front_write(const struct front_reply *r, struct FCGX_Request *f, int stop_fd);

/* Takes ownership of `body`. */
void front_json(struct front_reply *r, int status, struct json_object *body, struct arena *mem);
/* `body` must live as long as the arena. */
void front_text(struct front_reply *r, int status, const char *type, const char *body);
/* The value of `name` in a query or form body, decoded; NULL when absent or damaged. */
const char *front_form(const char *text, const char *name, struct arena *mem);
/* Sleeps, unless the program is to end. */
void front_sleep(int64_t ms, int stop_fd);

#endif
