#ifndef APP_SANDBOX_FAULTS_H
#define APP_SANDBOX_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct call;
struct json_object;

/*
 * What goes wrong with one request: by a board's scenario, or armed by a test (first come, first
 * served). Those up to FAULT_REVOKE happen instead of the work, those behind it after it.
 */
enum fault_kind {
	FAULT_NONE,
	FAULT_DELAY,        /* the work, late */
	FAULT_STATUS,       /* an error in JSON */
	FAULT_HTML,         /* an error in HTML */
	FAULT_LOST,         /* no answer, nothing done */
	FAULT_REVOKE,       /* 401/2, and the user's tokens are dead */
	FAULT_LOST_AFTER,   /* done, no answer */
	FAULT_HTML_AFTER,   /* done, 5xx in HTML */
	FAULT_TRUNCATE,     /* done, half the JSON under a right Content-Length */
	FAULT_EMPTY,        /* done, no body */
	FAULT_NO_ID,        /* done, JSON without `id` */
	FAULT_SLOW_BODY,    /* done, byte by byte */
	FAULT_OVERSIZED,    /* done, far more bytes than anybody wants */
	FAULT_WRONG_LENGTH, /* done, Content-Length promises more */
	FAULT_BAD_UTF8,     /* done, title with a byte that is no UTF-8 */
	FAULT_SHORT_LIST,   /* a list of pins: half of it, and no bookmark */
	FAULT_LOOP,         /* a list of pins: the bookmark leads to the same page */
	FAULT__COUNT
};

struct fault {
	enum fault_kind kind;
	int status;          /* FAULT_STATUS, FAULT_HTML, FAULT_HTML_AFTER */
	int64_t code;        /* FAULT_STATUS */
	const char *message; /* the same */
	int64_t before_ms;   /* sleep before the work; any kind */
	int64_t after_ms;    /* sleep after it (and after the commit); any kind */
	int64_t reset_s; /* x-ratelimit-reset, with remaining 0; -1: leave the headers healthy */
	int64_t retry_after_s;
	int64_t byte_ms;  /* FAULT_SLOW_BODY */
	int64_t bytes;    /* FAULT_OVERSIZED */
	const char *name; /* for the ledger and X-Sandbox-Fault */
};

/* A fault of that kind with everything else unset. */
struct fault faults_make(enum fault_kind kind, const char *name);
/* {kind, ...} -> fault. NULL, or what is wrong with it. */
const char *faults_parse(struct fault *f, struct json_object *o, struct arena *mem);
/* Takes an armed fault that fits the request, if there is one, into c->fault. */
void faults_arm(struct call *c);
/* True when the fault happens instead of the work. */
bool faults_instead(const struct fault *f);
/* The status the client will see when the work answers `status`; 0: none, the answer is lost. */
int faults_status(const struct fault *f, int status);
/* Sleeps before_ms, and sets the reply of a fault that happens instead of the work. */
void faults_before(struct call *c);
/* Sleeps after_ms, and damages the reply when it is a success. */
void faults_after(struct call *c);

#endif
