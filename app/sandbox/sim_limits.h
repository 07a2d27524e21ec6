#ifndef APP_SANDBOX_SIM_LIMITS_H
#define APP_SANDBOX_SIM_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct sim_call;

/* Pinterest's limits (contract/pinterest-v5.md 2). Each: true when the request may go on. */
enum sim_limits_category { SIM_LIMITS_NONE, SIM_LIMITS_READ, SIM_LIMITS_WRITE };

/* Counts the request, sets the three x-ratelimit headers; over a quota: 429 code 8. */
bool sim_limits_rate(struct sim_call *c, enum sim_limits_category category);
/* Two writes to one board within contention_ms: 429 code 8, headers healthy. */
bool sim_limits_contention(struct sim_call *c, int64_t board_id);
/* Anti-spam: too many pins, of one host, or a refused host: 429 code 9, headers healthy. */
bool sim_limits_spam(struct sim_call *c);

#endif
