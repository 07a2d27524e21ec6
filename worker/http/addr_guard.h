#ifndef WORKER_HTTP_ADDR_GUARD_H
#define WORKER_HTTP_ADDR_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/addr.h"
#include "lib/attr.h"

struct sockaddr;

/* May a connection go to this address? policy NULL: any may. Pure. */
MUST_CHECK bool addr_guard_sockaddr(
    const struct addr_policy *policy, const struct sockaddr *to, size_t len);
/* The same for a peer as text, as libcurl reports it right before a request. */
/* Is it refused only because it is this host's own? */
MUST_CHECK bool addr_guard_own(
    const struct addr_policy *policy, const struct sockaddr *to, size_t len);
MUST_CHECK bool addr_guard_text(const struct addr_policy *policy, const char *ip, int port);

#endif
