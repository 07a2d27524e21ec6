#ifndef APP_SANDBOX_LIMITS_H
#define APP_SANDBOX_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct call;

/* Pinterest's limits (contract/pinterest-v5.md 2). Each: true when the request may go on. */
enum limits_category { LIMITS_NONE, LIMITS_READ, LIMITS_WRITE };

/* Counts the request, sets the three x-ratelimit headers; over a quota: 429 code 8. */
bool limits_rate(struct call *c, enum limits_category category);
/* Two writes to one board within contention_ms: 429 code 8, headers healthy. */
bool limits_contention(struct call *c, int64_t board_id);
/* Anti-spam: too many pins, of one host, or a refused host: 429 code 9, headers healthy. */
bool limits_spam(struct call *c);

#endif
