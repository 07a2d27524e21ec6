#ifndef WORKER_HTTP_OUTCOME_H
#define WORKER_HTTP_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The outcome of a transfer: all that transport reports and verdicts are based on. The gate never
 * passed: not sent. A final status line: answered. Everything else is unknown; the transport error
 * alone never decides.
 */
enum outcome_result { OUTCOME_NOT_SENT, OUTCOME_ANSWERED, OUTCOME_UNKNOWN };

/* Where a transfer without an answer failed, for deliveries and logs. */
enum outcome_fault {
	OUTCOME_F_NONE,
	OUTCOME_F_DNS,
	OUTCOME_F_CONNECT,
	OUTCOME_F_TLS,
	OUTCOME_F_TIMEOUT,
	OUTCOME_F_BLOCKED, /* the address guard refused */
	OUTCOME_F_GATE, /* the send gate refused: too late, or the request would have been repeated
			 */
	OUTCOME_F_CUT,  /* connection lost after the request left */
	OUTCOME_F_OTHER
};

struct outcome {
	enum outcome_result result;
	enum outcome_fault fault;
	bool blocked_own;     /* OUTCOME_F_BLOCKED: only as an address of this host */
	unsigned gate_calls;  /* how often libcurl was about to send; more than 1 was stopped */
	bool gate_late;       /* the gate refused because too much time had passed */
	int64_t gate_mono_us; /* clock_mono_us() when the gate let it pass; 0: never */
	long status;          /* of the final status line; 0: none */
	bool cut_here;        /* the body had more than the cap */
	bool complete;        /* the body arrived whole and within the cap */
	const char *body;     /* NUL-ended, "" when empty */
	size_t body_len;
	const char *ratelimit_limit; /* header values, NULL when absent */
	const char *ratelimit_remaining;
	const char *ratelimit_reset;
	const char *retry_after;
	const char *date;
	const char *request_id; /* x-pinterest-rid */
	const char *type;       /* content-type */
	const char *location;
	const char *length, *range, *encoding; /* content-... */
	int64_t duration_us;
	const char *remote_ip; /* "" when not connected */
	const char *error;     /* transport error in words, "" when none */
};

struct origin_answer;
/* An answered outcome, for lib/origin.h; borrowed. */
struct origin_answer outcome_answer(const struct outcome *o);

#endif
