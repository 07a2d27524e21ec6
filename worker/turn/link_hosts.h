#ifndef WORKER_TURN_LINK_HOSTS_H
#define WORKER_TURN_LINK_HOSTS_H

#include <stdint.h>

struct arena;

/* lanes.blocked_hosts: a JSON object {host: epoch microseconds until which it is held}. Pure. */

/* 0: not held (or host NULL, or the text is damaged). */
int64_t link_hosts_hold_until(const char *json, const char *host);
/* What is still held at now_us, plus host (NULL: none) until until_us; NULL when that is nothing.
 */
const char *link_hosts_updated(
    const char *json, const char *host, int64_t until_us, int64_t now_us, struct arena *mem);

#endif
