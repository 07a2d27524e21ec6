#ifndef APP_HTTP_RATELIMIT_H
#define APP_HTTP_RATELIMIT_H

#include <stdint.h>

struct arena;
struct bucket_rate;
struct meter;

/*
 * The header fields of draft-ietf-httpapi-ratelimit-headers-10, as structured fields; in the arena.
 * The window of a bucket is the time in which it fills.
 */

/* RateLimit-Policy: "requests";q=6000;w=60 */
const char *ratelimit_policy(const struct bucket_rate *rate, struct arena *mem);
/* RateLimit: "requests";r=5999;t=1 */
const char *ratelimit_state(const struct meter *meter, struct arena *mem);
/* The w of ratelimit_policy(), in seconds. */
int64_t ratelimit_window_s(const struct bucket_rate *rate);

#endif
