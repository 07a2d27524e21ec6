#ifndef LIB_PROBLEM_H
#define LIB_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct json_object;

/*
 * What went wrong, as the caller will read it: RFC 9457 and the PinBridge error codes in one value.
 * Pure: filled by decoders and handlers, rendered in one place (problem_json()).
 *
 * code         PinBridge's word for it ("validation_error", contract/pinbridge-v1.md 2.1)
 * message      one sentence for a person; becomes `detail`
 * remediation  what to do about it, or NULL
 * errors       every wrong field (validation), in the order found
 */
#define PROBLEM_MAX_ERRORS 32

struct problem_field {
	const char *in;   /* "body" or "query" */
	const char *path; /* "title", "pins.3.board_id"; "" for the whole body */
	const char *reason;
};

struct problem {
	int status; /* HTTP; 0 while nothing is wrong */
	const char *code;
	const char *message;
	const char *remediation;
	int retry_after_s; /* > 0: also sent as Retry-After */
	const char *allow; /* 405: the Allow header */
	struct problem_field errors[PROBLEM_MAX_ERRORS];
	size_t errors_len;
};

/* Static text only (or text that lives in the request's arena). Replaces what was there. */
void problem_set(struct problem *p, int status, const char *code, const char *message);
/*
 * One wrong field: turns the problem into 422 `validation_error` with the message
 * "Request validation failed for: title, run_at." Past PROBLEM_MAX_ERRORS more are not listed.
 */
void problem_field(struct problem *p, struct arena *mem, const char *path, const char *reason);
/* The same for a wrong query parameter. */
void problem_query(struct problem *p, struct arena *mem, const char *name, const char *reason);
/* Something is wrong. */
bool problem_any(const struct problem *p);

/*
 * The one error shape: {type, title, status, detail, code, message, request_id,
 * error {code, message, remediation?, request_id, retry_after_seconds?, errors[{loc, msg}]?}}.
 * Caller frees with json_object_put().
 */
struct json_object *problem_json(const struct problem *p, const char *request_id);

#endif
