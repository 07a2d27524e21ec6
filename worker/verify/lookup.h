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
	struct uuid pin_id, project_id, account_id, lane_id;
	unsigned shard;
	enum environment environment;
	unsigned n; /* number of the last attempt */
	int64_t retries_spent, opened_us, absent_us, not_after_us;
	int64_t busy_until_us;  /* the create may still be in flight until then; 0: it is not */
	struct match_skew skew; /* without now_us */
	int64_t open_for_us;    /* elapsed time since it was sent, as far as known */
	int64_t since_us;     /* may have been sent since then (restored database); TIME_NONE: no */
	const char *snapshot; /* JSON body that was (or would have been) sent */
	const void *sealed;   /* access token */
	size_t sealed_len;
	int64_t token_version;
};

/*
 * Pure. step_age_us: time since the last forward clock step (clock_step_age()), which does not
 * count as elapsed time.
 */
/* How long the outcome has been unknown. */
int64_t lookup_open_for_us(int64_t opened_us, int64_t now_us, int64_t step_age_us);
/* Extra wait after a forward clock step before a pin may be judged absent; <= 0: none. busy_us: how
 * long a create may be in flight. */
int64_t lookup_absence_wait_us(const struct upstream *up, int64_t busy_us, int64_t step_age_us);
/* From one look-up to the next: an eighth of the time so far, at least 30 s (or the gap between two
 * listings), at most 2 minutes, so that a board that cannot be listed for days is not listed every
 * half minute. */
int64_t lookup_retry_wait_us(int64_t open_for_us, int64_t gap_us);

#endif
