#ifndef APP_HTTP_APP_H
#define APP_HTTP_APP_H

#include <stddef.h>

#include "lib/conf.h"

struct admit;
struct keyring;
struct limiter;
struct limits;
struct places;
struct shares;
struct upstream_places;
struct route;

/* What all threads share. Read-only, except the counters inside the limiters. */
struct app {
	const struct conf *conf;
	const struct keyring *keys;
	const struct route *routes; /* sorted by pattern, then method */
	size_t routes_len;
	struct upstream_places *upstream_calls; /* calls to Pinterest */
	struct shares *imports;                 /* imports in memory: at most half of the threads */
	struct shares *bodies; /* bodies being waited for: likewise; both by organization */
	struct shares *image_checks[ENV__COUNT]; /* images being fetched; likewise */
	struct limiter *making;                  /* large imports being made into rows: an eighth */
	struct limits *limits;                   /* what is known of the rows of projects */
	struct admit *admit;                     /* requests: for each credential and project */
	struct places *logins; /* passwords being hashed: at most half of the threads */
};

#endif
