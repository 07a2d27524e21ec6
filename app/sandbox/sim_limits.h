#ifndef APP_SANDBOX_SIM_LIMITS_H
#define APP_SANDBOX_SIM_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"

struct sim_call;

/* Pinterest's limits (Pinterest API v5 docs). Each returns true when the request may continue. */
enum sim_limits_category {
	SIM_LIMITS_NONE,
	SIM_LIMITS_READ,
	SIM_LIMITS_WRITE,
	SIM_LIMITS_ANALYTICS,
	SIM_LIMITS_ADS
};

/* Counts the request and sets the three x-ratelimit headers. Over a quota: 429/8. */
MUST_CHECK bool sim_limits_rate(struct sim_call *c, enum sim_limits_category category);
/*
 * The simulator has no place for this now: 429/8 with one second to wait, as the only answer which
 * says that nothing was done and that it may be tried again. Always false.
 */
MUST_CHECK bool sim_limits_busy(struct sim_call *c);
/* Two writes to one board within contention_ms: 429/8, without touching the headers. */
MUST_CHECK bool sim_limits_contention(struct sim_call *c, int64_t board_id);
/*
 * Too many pins, too many of one link host, or a blocked host: 429/9, without touching the headers.
 */
MUST_CHECK bool sim_limits_spam(struct sim_call *c);

#endif
