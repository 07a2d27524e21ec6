#ifndef WORKER_PUBLISH_VERDICT_H
#define WORKER_PUBLISH_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/origin.h"
#include "lib/pinterest.h"
#include "lib/wait.h"
#include "worker/http/outcome.h"

/*
 * What the outcome of one create means. Pure. One table of the errors in Pinterest's API v5 docs
 * and of those reported by its users, matched by transport result, HTTP status, code and message.
 */
enum verdict_kind {
	VERDICT_PUBLISHED,
	VERDICT_RETRY_AT,        /* nothing was created; retry at until_us */
	VERDICT_REFUSE,          /* final: the pin fails with code and message */
	VERDICT_HOLD_LANE,       /* nothing was created; the lane (or app) waits until until_us */
	VERDICT_NEEDS_RECONNECT, /* the account waits for its owner */
	VERDICT_REFRESH_TOKEN,   /* retry with a new access token */
	VERDICT_STOP_APP,        /* the operator's app is refused: all its lanes wait */
	VERDICT_UNKNOWN,         /* the pin may exist: look it up first */
	VERDICT_FOREIGN, /* the same, and something else answers in Pinterest's place: all lanes of
			  * the app wait */
	VERDICT_NOT_SENT /* the request was not sent; retry soon */
};

struct verdict_in {
	const struct outcome *outcome;
	enum origin origin;           /* who answered, when somebody did */
	const char *answered;         /* origin_text() of the answer */
	struct pinterest_error error; /* from the body, when the status is not 2xx */
	bool has_pin_id;              /* the body of a 2xx has a usable id */
	unsigned retries_spent;       /* before this attempt */
	bool refreshed;               /* the last attempt already ended in a refresh */
	bool suspect;                 /* see struct intent */
	unsigned spam_strikes;        /* of the lane, recently */
	const struct upstream *conf;
	int64_t now_us;    /* database time */
	uint32_t random32; /* for jitter */
};

struct verdict {
	enum verdict_kind kind;
	const char *rule;    /* static, <= 32: which line of the table decided; for attempts.rule */
	const char *code;    /* PinBridge's error code for the pin or account; or NULL */
	const char *message; /* static, or the text of in->error */
	int64_t
	    until_us; /* RETRY_AT, HOLD_LANE, NOT_SENT; else 0 or the end of a hold of the lane */
	bool spends_try;
	bool hold_app;            /* the limit is one of the whole app (a window of a day) */
	bool hold_host;           /* REFUSE: pins with this link's host wait until until_us */
	bool strike;              /* HOLD_LANE: a spam block; the next hold is longer */
	bool about_image;         /* Pinterest could not fetch the image, or does not take it */
	enum wait_code hold_code; /* when until_us holds the lane; else WAIT_NONE */
	enum wait_code stop_code; /* STOP_APP, FOREIGN: why the app is stopped; else WAIT_NONE */
};

#define VERDICT_RULE_NOT_SENT "not_sent"
#define VERDICT_RULE_IMAGE "image_seen" /* a look at the image ended the tries */
struct verdict verdict(const struct verdict_in *in);
const char *verdict_name(enum verdict_kind k);
/* How long until one create may probe whether a stopped app works again: doubled after each failed
 * probe, up to most_us. */
struct verdict_probe {
	int64_t first_us, most_us;
};
struct verdict_probe verdict_probe(enum environment e, enum wait_code stop_code);

#endif
