#ifndef WORKER_VERIFY_LOOKUP_H
#define WORKER_VERIFY_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/uuid.h"
#include "worker/verify/verify_match.h"

/*
 * A verifying pin to look up on Pinterest: what a turn hands to verify_start(). Text and bytes
 * belong to whoever made it.
 */
struct lookup {
	struct uuid pin_id, project_id, account_id, lane_id, worker_id;
	unsigned shard;
	enum environment environment;
	unsigned n; /* number of the last attempt */
	int64_t retries_spent, opened_us, absent_us, not_after_us;
	int64_t busy_until_us;  /* the create may still be under way until then; 0: it is not */
	struct match_skew skew; /* without now_us */
	int64_t open_for_us;    /* elapsed time since it was sent, as far as it is known */
	int64_t since_us;       /* restored: it may have been sent unseen since; TIME_NONE: not */
	const char *snapshot;   /* JSON body that was sent */
	const void *sealed;     /* access token */
	size_t sealed_len;
	int64_t token_version;
};

#endif
