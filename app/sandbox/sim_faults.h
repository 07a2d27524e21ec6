#ifndef APP_SANDBOX_SIM_FAULTS_H
#define APP_SANDBOX_SIM_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"

struct arena;
struct sim_call;
struct json_object;

/*
 * What goes wrong with one request: by a board's scenario, or armed by a test (the first match
 * takes it). Faults up to SIM_FAULT_REVOKE replace the work; later ones follow it.
 */
enum sim_fault_kind {
	SIM_FAULT_NONE,
	SIM_FAULT_DELAY,         /* the work, delayed */
	SIM_FAULT_STATUS,        /* an error in JSON */
	SIM_FAULT_HTML,          /* an error in HTML */
	SIM_FAULT_LOST,          /* no answer, nothing done */
	SIM_FAULT_FOREIGN,       /* a proxy's answer without Pinterest's marks */
	SIM_FAULT_REVOKE,        /* 401/2, and the user's tokens are revoked */
	SIM_FAULT_LOST_AFTER,    /* done, no answer */
	SIM_FAULT_HTML_AFTER,    /* done, 5xx in HTML */
	SIM_FAULT_FOREIGN_AFTER, /* done, the answer replaced by a proxy's */
	SIM_FAULT_NO_RID,        /* done, or refused, without x-pinterest-rid */
	SIM_FAULT_TRUNCATE,      /* done, half the JSON with a matching Content-Length */
	SIM_FAULT_EMPTY,         /* done, no body */
	SIM_FAULT_NO_ID,         /* done, JSON without `id` */
	SIM_FAULT_SLOW_BODY,     /* done, byte by byte */
	SIM_FAULT_OVERSIZED,     /* done, a huge body */
	SIM_FAULT_WRONG_LENGTH,  /* done, Content-Length promises more */
	SIM_FAULT_BAD_UTF8,      /* done, title with invalid UTF-8 */
	SIM_FAULT_SHORT_LIST,    /* a list of pins: half of it, without a bookmark */
	SIM_FAULT_LOOP,          /* a list of pins: the bookmark returns the same page */
	SIM_FAULT__COUNT
};

struct sim_fault {
	enum sim_fault_kind kind;
	int status;   /* SIM_FAULT_STATUS, SIM_FAULT_HTML, SIM_FAULT_FOREIGN and their _AFTER */
	int64_t code; /* SIM_FAULT_STATUS */
	const char *message;                /* the same */
	const char *type, *body, *location; /* SIM_FAULT_FOREIGN, SIM_FAULT_FOREIGN_AFTER */
	int64_t before_ms;                  /* the work is done so much later; any kind */
	int64_t after_ms;                   /* the answer leaves so much later; any kind */
	int64_t reset_s; /* x-ratelimit-reset, with remaining 0; -1: leave the headers healthy */
	int64_t retry_after_s;
	int64_t byte_ms;  /* SIM_FAULT_SLOW_BODY */
	int64_t bytes;    /* SIM_FAULT_OVERSIZED */
	const char *name; /* for the ledger and X-Sandbox-Fault */
};

/* Parses {kind, ...}. NULL, or what is wrong with it. */
const char *sim_fault_parse(struct sim_fault *f, struct json_object *o, struct arena *mem);
/* Moves an armed fault that matches the request, if any, into c->fault. */
void sim_fault_take(struct sim_call *c);
/* True when the fault replaces the work. */
MUST_CHECK bool sim_fault_instead(const struct sim_fault *f);
/* The status that the client sees when the handler replies `status`; 0: the reply is lost. */
MUST_CHECK int sim_fault_status(const struct sim_fault *f, int status);
/* Waits for before_ms, or sets the reply of a fault that replaces the work. */
void sim_fault_before(struct sim_call *c);
/* Holds the reply back for after_ms, and damages it if it is a success. */
void sim_fault_after(struct sim_call *c);

#endif
