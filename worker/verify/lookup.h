#ifndef WORKER_VERIFY_LOOKUP_H
#define WORKER_VERIFY_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/uuid.h"
#include "worker/verify/verify_match.h"

/*
 * A verifying pin to look up on Pinterest, handed by a turn to verify_start(). Text and bytes
 * belong to the turn's job.
 */
struct lookup {
	struct uuid pin_id, project_id, account_id, lane_id, worker_id;
	unsigned shard;
	enum environment environment;
	unsigned n; /* number of the last attempt */
	int64_t retries_spent, opened_us, absent_us, not_after_us;
	int64_t busy_until_us;  /* the create may still be in flight until then; 0: it is not */
	struct match_skew skew; /* without now_us */
	int64_t open_for_us;    /* elapsed time since it was sent, as far as known */
	int64_t since_us;     /* restored database: it may have been sent since then; TIME_NONE: not
				 restored */
	const char *snapshot; /* JSON body that was (or would have been) sent */
	const void *sealed;   /* access token */
	size_t sealed_len;
	int64_t token_version;
};

#endif
