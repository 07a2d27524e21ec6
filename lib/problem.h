#ifndef LIB_PROBLEM_H
#define LIB_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"

struct arena;
struct json_object;

/*
 * An error as the API reports it: RFC 9457 with the PinBridge error codes. Pure: filled by decoders
 * and handlers, rendered by problem_json() only.
 *
 * code         PinBridge error code ("validation_error"), see docs/api.md
 * message      one sentence for a person; becomes `detail`
 * remediation  what to do about it, or NULL
 * errors       wrong fields, in the order in which they were found; errors_more: not listed
 */
#define PROBLEM_MAX_ERRORS 32

struct problem_field {
	const char *in;   /* "body" or "query" */
	const char *path; /* "title", "pins.3.board_id"; "" for the whole body */
	const char *reason;
};

struct problem {
	int status; /* HTTP status; 0: no error */
	const char *code;
	const char *message;
	const char *remediation;
	int retry_after_s; /* > 0: also sent as Retry-After */
	const char *allow; /* 405: the Allow header */
	struct problem_field errors[PROBLEM_MAX_ERRORS];
	size_t errors_len;
	size_t errors_more;
	char *more; /* end of `message`, which counts them; in the arena */
};

/* Replaces the error. The text must be static or in the request's arena. */
void problem_set(struct problem *p, int status, const char *code, const char *message);
/*
 * Adds a wrong field: makes the problem a 422 `validation_error` with the message
 * "Request validation failed for: title, run_at." At most PROBLEM_MAX_ERRORS are listed; the
 * message counts the rest.
 */
void problem_field(struct problem *p, struct arena *mem, const char *path, const char *reason);
/* Adds a wrong query parameter. */
void problem_query(struct problem *p, struct arena *mem, const char *name, const char *reason);
/* The reason phrase of an HTTP status that we send; NULL: none known. */
const char *problem_title(int status);
/* True if there is an error. */
MUST_CHECK bool problem_any(const struct problem *p);

/*
 * The error as JSON: {type, title, status, detail, code, message, request_id,
 * error {code, message, remediation?, request_id, retry_after_seconds?, errors[{loc, msg}]?}}.
 * Caller frees with json_object_put().
 */
struct json_object *problem_json(const struct problem *p, const char *request_id);

#endif
