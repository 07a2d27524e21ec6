/*
 * Pinterest's errors as one table. Invariants: whatever may have created a pin is VERDICT_UNKNOWN
 * or _FOREIGN, so that it is looked up before it is sent again; only Pinterest's own word ends a
 * pin.
 */
#include "worker/publish/verdict.h"

#include <string.h>
#include <strings.h>

#include "lib/backoff.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/wait.h"

#define ANY (-1)

enum action {
	A_FAIL,      /* final */
	A_LINK,      /* final, and the link's host is held */
	A_RETRY,     /* bounded backoff */
	A_MEDIA,     /* bounded backoff, final as an unreachable image */
	A_COOL_DOWN, /* wait until the rate-limit window ends */
	A_SPAM,      /* hold the lane for hours */
	A_REFRESH,   /* refresh the token once, then reconnect */
	A_SCOPE,     /* reconnect: refreshing adds no scopes */
	A_APP,       /* stop the app until the operator acts */
	A_ADDRESS,   /* the same: Pinterest knows no such call, so base_url is wrong */
	A_LOOKUP     /* the pin may exist */
};

struct rule {
	const char *name; /* as support is told: attempts.rule */
	int status;       /* ANY: any 3xx and above */
	int code;
	const char *text; /* NULL: any */
	enum action action;
	const char *pin_code;
};

/* First match wins: texts seen with several statuses, then status and code, then status. */
static const struct rule rules[] = {
	{ "request_timeout", 408, ANY, NULL, A_LOOKUP, NULL },
	{ "link_blocked", ANY, ANY, "blocked this link", A_LINK, "invalid_payload" },
	{ "spam_block", ANY, ANY, "hit a block", A_SPAM, "rate_limited" },
	{ "app_type", ANY, ANY, "consumer type is not supported", A_APP,
	    "pinterest_not_permitted" },
	{ "app_trial", ANY, ANY, "apps with trial access", A_APP, "pinterest_not_permitted" },
	{ "app_sandbox", ANY, ANY, "use api sandbox", A_APP, "pinterest_not_permitted" },
	{ "secret_board", ANY, ANY, "_secret'", A_FAIL, "scope_missing" }, /* this board only */
	{ "scope_missing", ANY, ANY, "does not have sufficient permissions", A_SCOPE,
	    "scope_missing" },
	{ "image_not_fetched", ANY, ANY, "could not fetch the image", A_MEDIA,
	    "media_url_unreachable" },
	{ "image_unreachable", ANY, ANY, "unable to reach the url", A_MEDIA,
	    "media_url_unreachable" },
	{ "went_wrong", ANY, 2787, NULL, A_LOOKUP, NULL },

	{ "too_fast", 429, 8, NULL, A_COOL_DOWN, "rate_limited" },
	{ "spam_block", 429, 9, NULL, A_SPAM, "rate_limited" },
	{ "spam_text", 429, ANY, "spam", A_SPAM, "rate_limited" },
	{ "rate_limit", 429, ANY, NULL, A_COOL_DOWN, "rate_limited" },

	{ "invalid_url", 400, ANY, "invalid url", A_FAIL, "invalid_payload" },
	{ "host_disallows_saves", 400, ANY, "allow you to save pins", A_FAIL, "invalid_payload" },
	{ "cover_missing", 400, ANY, "cover_image_url", A_FAIL, "missing_video_asset" },
	{ "image_ratio", 400, ANY, "width/height ratios", A_FAIL, "invalid_image" },
	{ "invalid_request", 400, ANY, NULL, A_FAIL, "invalid_payload" },

	{ "token_refused", 401, ANY, NULL, A_REFRESH, "token_revoked" },

	{ "board_not_permitted", 403, 29, NULL, A_FAIL, "board_access_denied" },
	{ "image_too_small", 403, 233, NULL, A_FAIL, "invalid_image" },
	{ "image_broken", 403, 235, NULL, A_FAIL, "invalid_image" },
	{ "image_too_small", 403, ANY, "too small", A_FAIL, "invalid_image" },
	{ "image_broken", 403, ANY, "image is broken", A_FAIL, "invalid_image" },
	{ "forbidden", 403, ANY, NULL, A_FAIL, "board_access_denied" },

	{ "board_not_found", 404, 40, NULL, A_FAIL, "resource_not_found" },
	{ "pin_not_found", 404, 50, NULL, A_FAIL, "resource_not_found" },
	{ "section_not_found", 404, 2031, NULL, A_FAIL, "resource_not_found" },
	{ "unknown_address", 404, ANY, NULL, A_ADDRESS, "resource_not_found" },
	{ "method_refused", 405, ANY, NULL, A_ADDRESS, "invalid_payload" },
	{ "conflict", 409, ANY, NULL, A_RETRY, "transient_upstream" },
};

static bool
message_has(const char *message, const char *text)
{
	size_t n = strlen(text);

	for (const char *at = message; *at != '\0'; at++)
		if (strncasecmp(at, text, n) == 0)
			return true;
	return false;
}

static bool
is_rule_match(const struct rule *r, long status, const struct pinterest_error *e)
{
	return (r->status == ANY || r->status == status) &&
	       (r->code == ANY || r->code == e->code) &&
	       (r->text == NULL || message_has(e->message, r->text));
}

static struct verdict
verdict_retry(const struct verdict_in *in, const char *code, const char *final_code)
{
	struct verdict v = { .kind = VERDICT_RETRY_AT, .code = code, .spends_try = true };

	if ((int64_t)in->retries_spent + 1 >= in->conf->retry_max) {
		v.kind = VERDICT_REFUSE;
		v.code = final_code;
		return v;
	}
	v.until_us = in->now_us + backoff_ms(in->retries_spent + 1, in->conf->retry_base_ms,
				      in->conf->retry_cap_ms, in->random32) *
				      US_PER_MS;
	return v;
}

static struct verdict
verdict_cool_down(const struct verdict_in *in)
{
	const struct outcome *o = in->outcome;
	struct verdict v = {
		.kind = VERDICT_HOLD_LANE, .code = "rate_limited", .hold_code = WAIT_COOL_DOWN
	};
	int64_t wait = pinterest_wait_s(o->ratelimit_reset, o->retry_after, in->now_us) * US_PER_S;
	int64_t least = in->conf->cooldown_min_ms * US_PER_MS;

	v.until_us = in->now_us + (wait > least ? wait : least);
	v.hold_app = pinterest_window_s(o->ratelimit_limit) >= 86400;
	return v;
}

static struct verdict
verdict_spam(const struct verdict_in *in)
{
	unsigned step = in->spam_strikes < 2 ? in->spam_strikes : 2;
	struct verdict v = { .kind = VERDICT_HOLD_LANE,
		.code = "rate_limited",
		.hold_code = WAIT_SPAM_BLOCK,
		.strike = true };

	v.until_us = in->now_us + in->conf->spam_hold_ms[step] * US_PER_MS;
	return v;
}

static struct verdict
verdict_of_rule(const struct verdict_in *in, const struct rule *r)
{
	struct verdict v = { .kind = VERDICT_REFUSE, .code = r->pin_code, .spends_try = true };

	switch (r->action) {
	case A_FAIL: break;
	case A_LINK:
		v.hold_host = true;
		v.until_us = in->now_us + in->conf->spam_hold_ms[2] * US_PER_MS;
		v.hold_code = WAIT_LINK_HOST;
		break;
	case A_RETRY: v = verdict_retry(in, r->pin_code, r->pin_code); break;
	case A_MEDIA:
		v = verdict_retry(in, "media_url_temporarily_unavailable", r->pin_code);
		break;
	case A_COOL_DOWN: v = verdict_cool_down(in); break;
	case A_SPAM: v = verdict_spam(in); break;
	case A_REFRESH:
		v.kind = in->refreshed ? VERDICT_NEEDS_RECONNECT : VERDICT_REFRESH_TOKEN;
		v.code = in->refreshed ? "token_revoked" : "token_expired";
		v.spends_try = false;
		break;
	case A_SCOPE:
		v.kind = VERDICT_NEEDS_RECONNECT;
		v.spends_try = false;
		break;
	case A_APP:
		v.kind = VERDICT_STOP_APP;
		v.stop_code = WAIT_APP_STOPPED;
		v.spends_try = false;
		break;
	case A_ADDRESS:
		if (in->suspect)
			break; /* other pins are accepted at this address */
		v.kind = VERDICT_STOP_APP;
		v.stop_code = WAIT_NOT_PINTEREST;
		v.code = "pinterest_unavailable";
		v.spends_try = false;
		break;
	case A_LOOKUP:
		v.kind = VERDICT_UNKNOWN;
		v.code = NULL;
		break;
	}
	v.rule = r->name;
	v.about_image = r->action == A_MEDIA ||
			(r->pin_code != NULL && strcmp(r->pin_code, "invalid_image") == 0);
	return v;
}

static struct verdict
verdict_refused(const struct verdict_in *in)
{
	static const struct rule other = { "refused", ANY, ANY, NULL, A_FAIL, "invalid_payload" };
	static const struct rule lost = { "refusal_cut", ANY, ANY, NULL, A_RETRY,
		"transient_upstream" };
	const struct outcome *o = in->outcome;
	const struct rule *found = &other;
	struct verdict v;

	/* A refusal whose body was cut: nothing was created, so try again. */
	if (!o->complete && o->status != 401 && o->status != 429 && o->status != 408)
		found = &lost;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]) && found == &other; i++)
		if (is_rule_match(&rules[i], o->status, &in->error))
			found = &rules[i];
	v = verdict_of_rule(in, found);
	v.message = in->error.message[0] != '\0' ? in->error.message
						 : "Pinterest refused the pin without a reason.";
	return v;
}

static struct verdict
verdict_unknown(const char *rule, const char *message)
{
	struct verdict v = {
		.kind = VERDICT_UNKNOWN, .rule = rule, .message = message, .spends_try = true
	};

	return v;
}

/*
 * Such an answer proves nothing: a proxy may have let the request pass and replaced the answer. It
 * is no reason to stop all others when it comes again for one pin while they are published.
 */
static struct verdict
verdict_foreign(const struct verdict_in *in)
{
	struct verdict v = { .kind = in->suspect ? VERDICT_UNKNOWN : VERDICT_FOREIGN,
		.rule = "not_pinterest",
		.message = in->answered,
		.stop_code = in->suspect ? WAIT_NONE : WAIT_NOT_PINTEREST };

	return v;
}

static struct verdict
verdict_not_sent(const struct verdict_in *in)
{
	const struct outcome *o = in->outcome;
	struct verdict v = {
		.kind = VERDICT_NOT_SENT, .rule = VERDICT_RULE_NOT_SENT, .until_us = in->now_us
	};
	int64_t wait = in->conf->retry_base_ms < 10000 ? in->conf->retry_base_ms : 10000;

	if (o->gate_late) {
		v.rule = "left_too_late";
		v.code = "internal_error";
		v.message = "The pin could not leave in time, because the database or the worker's "
			    "machine is slow. It is tried again.";
		return v;
	}
	v.message = o->error[0] != '\0' ? o->error : "The request did not leave.";
	v.until_us += backoff_jitter(wait, 20, in->random32) * US_PER_MS;
	v.code = "pinterest_unavailable";
	v.hold_code = WAIT_UPSTREAM_DOWN;
	return v;
}

static struct verdict
verdict_published(const struct verdict_in *in)
{
	const struct outcome *o = in->outcome;
	struct verdict v = { .kind = VERDICT_PUBLISHED, .rule = "created", .spends_try = true };

	/* The window is used up: the next create would be refused. */
	if (o->ratelimit_remaining != NULL && strcmp(o->ratelimit_remaining, "0") == 0) {
		int64_t wait = pinterest_wait_s(o->ratelimit_reset, NULL, in->now_us);

		v.until_us = wait > 0 ? in->now_us + wait * US_PER_S : 0;
		v.hold_code = wait > 0 ? WAIT_COOL_DOWN : WAIT_NONE;
		v.hold_app = wait > 0 && pinterest_window_s(o->ratelimit_limit) >= 86400;
	}
	return v;
}

struct verdict
verdict(const struct verdict_in *in)
{
	const struct outcome *o = in->outcome;

	switch (o->result) {
	case OUTCOME_NOT_SENT: return verdict_not_sent(in);
	case OUTCOME_UNKNOWN:
		return verdict_unknown(
		    "no_answer", "The connection was lost before Pinterest answered.");
	case OUTCOME_ANSWERED: break;
	}
	switch (in->origin) {
	case ORIGIN_PINTEREST: break;
	case ORIGIN_FOREIGN: return verdict_foreign(in);
	case ORIGIN_CUT:
		return verdict_unknown(
		    "answer_cut", "The connection was lost before the answer was complete.");
	}
	if (o->status >= 500)
		return verdict_unknown("server_error", "Pinterest answered with a server error.");
	if (o->status >= 200 && o->status < 300)
		return in->has_pin_id
			   ? verdict_published(in)
			   : verdict_unknown("no_pin_named", "Pinterest's answer names no pin.");
	return verdict_refused(in);
}

const char *
verdict_name(enum verdict_kind k)
{
	switch (k) {
	case VERDICT_PUBLISHED: return "published";
	case VERDICT_RETRY_AT: return "retry";
	case VERDICT_REFUSE: return "refuse";
	case VERDICT_HOLD_LANE: return "hold_lane";
	case VERDICT_NEEDS_RECONNECT: return "needs_reconnect";
	case VERDICT_REFRESH_TOKEN: return "refresh_token";
	case VERDICT_STOP_APP: return "stop_app";
	case VERDICT_UNKNOWN: return "unknown";
	case VERDICT_FOREIGN: return "foreign";
	case VERDICT_NOT_SENT: return "not_sent";
	}
	panic("event=unknown_verdict kind=%d", (int)k);
}

struct verdict_probe
verdict_probe(enum environment e, enum wait_code stop_code)
{
	/* Pinterest approves an app within days; a proxy may be mended in a minute. */
	static const struct verdict_probe app[ENV__COUNT] = {
		[ENV_PRODUCTION] = { 900 * US_PER_S, 900 * US_PER_S },
		[ENV_SANDBOX] = { 2 * US_PER_S, 2 * US_PER_S },
	};
	static const struct verdict_probe foreign[ENV__COUNT] = {
		[ENV_PRODUCTION] = { 30 * US_PER_S, 900 * US_PER_S },
		[ENV_SANDBOX] = { 2 * US_PER_S, 60 * US_PER_S },
	};

	return stop_code == WAIT_NOT_PINTEREST ? foreign[e] : app[e];
}
