#ifndef WORKER_PUBLISH_VERDICT_H
#define WORKER_PUBLISH_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/pin.h"
#include "lib/pinterest.h"
#include "worker/http/outcome.h"

/*
 * What one create means: pure. The whole table of contract/pinterest-v5.md 3.2, matched in the
 * order transport result, HTTP status, code, message substring (any case).
 */
enum verdict_kind {
	VERDICT_PUBLISHED,
	VERDICT_RETRY_AT,        /* nothing was created; again at until_us, spends a try */
	VERDICT_REFUSE,          /* final: failed with code and message */
	VERDICT_HOLD_LANE,       /* nothing was created; the lane (or app) waits until until_us */
	VERDICT_NEEDS_RECONNECT, /* the account waits for its owner */
	VERDICT_REFRESH_TOKEN,   /* a new access token, then again */
	VERDICT_STOP_APP,        /* the operator's app is refused: every lane of it waits */
	VERDICT_UNKNOWN,         /* it may exist: look before anything else */
	VERDICT_NOT_SENT         /* nothing left; again soon */
};

struct verdict_in {
	const struct outcome *outcome;
	struct pinterest_error error; /* of the body, when the status is no 2xx */
	bool has_pin_id;              /* the body of a 2xx has a usable id */
	unsigned retries_spent;       /* spent before this one */
	bool refreshed;               /* this pin's last try ended in a refresh already */
	unsigned spam_strikes;        /* of the lane, within the last days */
	const struct upstream *conf;
	int64_t now_us;    /* database time */
	uint32_t random32; /* for jitter */
};

struct verdict {
	enum verdict_kind kind;
	const char *code;    /* PinBridge's, for pin (REFUSE, RETRY_AT, late) or account; or NULL */
	const char *message; /* static, or the error's own text */
	int64_t until_us;    /* RETRY_AT, HOLD_LANE, NOT_SENT; for others 0 or a hold of the lane */
	bool spends_try;
	bool hold_app;            /* HOLD_LANE: a limit of the whole app (its window is a day) */
	bool hold_host;           /* REFUSE: others with this link's host wait too */
	bool strike;              /* HOLD_LANE: a spam block, the next one is longer */
	enum wait_code hold_code; /* when until_us holds the lane */
};

struct verdict verdict(const struct verdict_in *in);
const char *verdict_name(enum verdict_kind k);
/* After STOP_APP: how long until one create may try whether the app is welcome again. */
int64_t verdict_probe_us(enum environment e);

#endif
