#ifndef WORKER_TURN_LINK_HOSTS_H
#define WORKER_TURN_LINK_HOSTS_H

#include <stdint.h>

struct arena;

/*
 * The link hosts that a lane holds back, as stored in lanes.blocked_hosts: a JSON object
 * {host: hold until, in epoch microseconds}. Pure.
 */

/* Until when `host` is held; 0: it is not (or it is NULL, or the text is damaged). */
int64_t link_hosts_hold_until(const char *json, const char *host);
/*
 * The text after holding `host` (NULL: none) until until_us, without what has passed at now_us;
 * a later hold that stands already is kept. NULL: nothing is held. The text is in the arena.
 */
const char *link_hosts_updated(
    const char *json, const char *host, int64_t until_us, int64_t now_us, struct arena *mem);

#endif
