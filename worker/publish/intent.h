#ifndef WORKER_PUBLISH_INTENT_H
#define WORKER_PUBLISH_INTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/uuid.h"
#include "lib/wait.h"

/*
 * A create that a turn granted and committed, handed to publish_start(). Text and bytes belong to
 * the turn's job.
 */
struct intent {
	struct uuid pin_id, project_id, account_id, lane_id;
	unsigned shard;
	enum environment environment;
	unsigned n; /* number of the attempt */
	unsigned retries_spent, spam_strikes;
	bool refreshed; /* the last attempt ended in a refresh of the token */
	bool probe; /* sent while the app is stopped, or after its last probe had failed, to find
		     * out whether it works again */
	enum wait_code stop_code; /* why the app is stopped; WAIT_NONE: it is not */
	bool suspect; /* it stopped the app before, and Pinterest accepted others since */
	int64_t opened_us, busy_until_us;
	const char *snapshot; /* JSON body, as stored with the attempt */
	const char *link;
	const void *sealed; /* access token */
	size_t sealed_len;
	int64_t token_version;
};

#endif
