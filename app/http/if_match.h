#ifndef APP_HTTP_IF_MATCH_H
#define APP_HTTP_IF_MATCH_H

#include <stdbool.h>

#include "lib/attr.h"

struct call;

/*
 * If-Match on changes. A handler that changes one thing with a tag calls if_match_holds() inside
 * the transaction, with the tag that GET would answer now, while the row cannot change: it is
 * locked, or the write is conditional on the version that was read for the tag.
 */
MUST_CHECK bool if_match_wanted(const struct call *c);
/* False: what the route changes has no tag, so that none can match; the reply is a 412. */
MUST_CHECK bool if_match_routed(struct call *c);
/* False: the reply is a 412. */
MUST_CHECK bool if_match_holds(struct call *c, const char *etag);
/* Before the commit. False: nothing was compared, and the reply is a 412. */
MUST_CHECK bool if_match_compared(struct call *c);

#endif
