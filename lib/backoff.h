#ifndef LIB_BACKOFF_H
#define LIB_BACKOFF_H

#include <stdint.h>

/*
 * Delay before try n + 1 after n failures (n >= 1): base * 2^(n-1), at most cap, then +-20 %.
 * `random32` is 32 random bits, a parameter so that tests can choose it. Pure; at least 1.
 */
int64_t backoff_ms(unsigned n, int64_t base_ms, int64_t cap_ms, uint32_t random32);
/* value +-pct %, chosen by random32. */
int64_t backoff_jitter(int64_t value, unsigned pct, uint32_t random32);

#endif
