#ifndef APP_HTTP_ADMIT_H
#define APP_HTTP_ADMIT_H

#include <stdbool.h>

#include "app/http/route.h"
#include "lib/attr.h"
#include "lib/bucket.h"

struct call;
struct conf;

/*
 * Fair shares of the application's threads: how fast a credential may ask, and how many requests a
 * project, and an organization with all its projects, may have in hand; fewer of those that may
 * take long. What is beyond a share is refused with 429 before it costs anything, so that all
 * others are answered.
 */
struct admit;

struct admit *admit_new(const struct conf *conf);
void admit_free(struct admit *a);

/*
 * For a request whose credential is known: takes a token of its bucket and a place for it, and sets
 * the RateLimit headers of the reply. A list has [limits] statement_ms from here on. False: the
 * reply is a 429. Either way admit_end() follows, after the reply is written; it may be called
 * without admit_call(), too.
 */
MUST_CHECK bool admit_call(struct call *c, enum route_size size);
void admit_end(struct call *c);
/*
 * For a request that is found to take long only once it is read: takes a place among those, unless
 * it has one. False: the reply is a 429.
 */
MUST_CHECK bool admit_long(struct call *c);

/* What a limit is and how much of it is used now, for GET /v1/limits. */
struct admit_use {
	int limit, used;
};
void admit_uses(const struct call *c, struct admit_use *in_hand, struct admit_use *in_hand_long);
/* How fast the caller's credential may ask. */
struct bucket_rate admit_rate(const struct call *c);

#endif
