#ifndef WORKER_DELIVER_DELIVER_PLAN_H
#define WORKER_DELIVER_DELIVER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/event.h"

struct outcome;

/* What becomes of a delivery after an attempt. Pure. */

#define DELIVER_RETRY_AFTER_MAX_S 86400
#define DELIVER_ERROR_SIZE 128
#define DELIVER_SAYS_SIZE 480

struct deliver_try {
	unsigned step;  /* which of the steps this attempt was, from 0 */
	int64_t now_us; /* database time: when the attempt ended */
	int64_t deadline_us;
	const int64_t *steps_ms;
	size_t steps_len;
	uint32_t random_step, random_after;
};

struct deliver_plan {
	const char *class;        /* "ok", "http_4xx", "timeout", ...: delivery_attempts.class */
	enum deliver_state state; /* PENDING: again at due_us */
	int64_t due_us;
	int64_t pause_us; /* nothing for this endpoint before then; TIME_NONE: no pause */
	bool gone;        /* 410: disable the endpoint, cancel the rest */
	char error[DELIVER_ERROR_SIZE]; /* "" when delivered: of the delivery */
	char says[DELIVER_SAYS_SIZE];   /* the same as a sentence for the endpoint's owner */
};
void deliver_plan(const struct deliver_try *t, const struct outcome *o, struct deliver_plan *out);

/*
 * Seconds to wait by a Retry-After header (a number or an HTTP date), at most
 * DELIVER_RETRY_AFTER_MAX_S; 0: none, nonsense or past.
 */
int64_t deliver_plan_retry_after_s(const char *value, int64_t now_us);

#endif
