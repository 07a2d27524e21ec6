/* One row per documented answer of Pinterest API v5, with the texts Pinterest sends. */
#include "lib/wait.h"
#include "worker/publish/verdict.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/why.h"
#include "tests/tap.h"

#define NOW 1700000000000000LL

struct row {
	const char *name;
	long status;
	int64_t code;
	const char *message;
	enum verdict_kind kind;
	const char *pin_code;
	bool spends_try;
};

static const struct row rows[] = {
	{ "400 invalid request", 400, 1, "Invalid request: 'x' does not match '^\\d+$'",
	    VERDICT_REFUSE, "invalid_payload", true },
	{ "400 constraint", 400, 1, "constraint: maxItems=5", VERDICT_REFUSE, "invalid_payload",
	    true },
	{ "400 invalid URL", 400, 1, "Whoops! It looks like you entered an invalid URL",
	    VERDICT_REFUSE, "invalid_payload", true },
	{ "400 fetch", 400, 1, "Sorry we could not fetch the image.", VERDICT_RETRY_AT,
	    "media_url_temporarily_unavailable", true },
	{ "unable to reach, any status", 422, 77, "Unable to reach the URL. Please check",
	    VERDICT_RETRY_AT, "media_url_temporarily_unavailable", true },
	{ "400 nopin", 400, 1, "Sorry! This site doesn't allow you to save Pins.", VERDICT_REFUSE,
	    "invalid_payload", true },
	{ "400 cover", 400, 0, "cover_image_url or cover_image_content_type is required",
	    VERDICT_REFUSE, "missing_video_asset", true },
	{ "400 ratios", 400, 1, "Images must have the same width/height ratios", VERDICT_REFUSE,
	    "invalid_image", true },
	{ "401 authentication", 401, 2, "Authentication failed.", VERDICT_REFRESH_TOKEN,
	    "token_expired", false },
	{ "401 scope", 401, 3,
	    "Your token does not have sufficient permissions to perform this. Missing: "
	    "['boards:write']",
	    VERDICT_NEEDS_RECONNECT, "scope_missing", false },
	{ "403 scope", 403, 3, "YOUR TOKEN DOES NOT HAVE SUFFICIENT PERMISSIONS",
	    VERDICT_NEEDS_RECONNECT, "scope_missing", false },
	{ "401 secret scope: this board only", 401, 3,
	    "Your token does not have sufficient permissions to perform this. Missing: "
	    "['boards:write_secret', 'pins:write_secret']",
	    VERDICT_REFUSE, "scope_missing", true },
	{ "401 consumer type", 401, 3, "Your application consumer type is not supported",
	    VERDICT_STOP_APP, "pinterest_not_permitted", false },
	{ "400 consumer type", 400, 3, "Your application consumer type is not supported",
	    VERDICT_STOP_APP, "pinterest_not_permitted", false },
	{ "403 trial", 403, 29,
	    "Apps with Trial access may not create Pins in production. use API Sandbox",
	    VERDICT_STOP_APP, "pinterest_not_permitted", false },
	{ "403 not permitted", 403, 29, "You are not permitted to access that resource.",
	    VERDICT_REFUSE, "board_access_denied", true },
	{ "403 too small", 403, 233, "Your image is too small.", VERDICT_REFUSE, "invalid_image",
	    true },
	{ "403 broken", 403, 235, "Sorry, this image is broken.", VERDICT_REFUSE, "invalid_image",
	    true },
	{ "404 board", 404, 40, "Board not found.", VERDICT_REFUSE, "resource_not_found", true },
	{ "404 section", 404, 2031, "Sorry! We couldn't find this board section.", VERDICT_REFUSE,
	    "resource_not_found", true },
	{ "404 pin", 404, 50, "Pin not found.", VERDICT_REFUSE, "resource_not_found", true },
	{ "408", 408, 0, "", VERDICT_UNKNOWN, NULL, true },
	{ "409", 409, 409, "Could not get exclusive access to the board", VERDICT_RETRY_AT,
	    "transient_upstream", true },
	{ "429 rate", 429, 8, "This request exceeded a rate limit.", VERDICT_HOLD_LANE,
	    "rate_limited", false },
	{ "429 block", 429, 9, "Sorry! You've hit a block (Pins) we have in place to combat spam.",
	    VERDICT_HOLD_LANE, "rate_limited", false },
	{ "429 link", 429, 9, "Sorry! We blocked this link because it may lead to spam.",
	    VERDICT_REFUSE, "invalid_payload", true },
	{ "400 link", 400, 2, "Sorry! We blocked this link because it may lead to spam.",
	    VERDICT_REFUSE, "invalid_payload", true },
	{ "2787 as 400", 400, 2787, "Sorry! Something went wrong on our end.", VERDICT_UNKNOWN,
	    NULL, true },
	{ "500", 500, 0, "", VERDICT_UNKNOWN, NULL, true },
	{ "502 with a code", 502, 8, "exceeded a rate limit", VERDICT_UNKNOWN, NULL, true },
	{ "503 ramped down", 503, 4197, "ramped down", VERDICT_UNKNOWN, NULL, true },
	{ "404 unknown route", 404, 0, "Resource not found.", VERDICT_STOP_APP,
	    "pinterest_unavailable", false },
	{ "404 another code", 404, 7, "?", VERDICT_STOP_APP, "pinterest_unavailable", false },
	{ "405 unknown method", 405, 5, "Method not allowed.", VERDICT_STOP_APP,
	    "pinterest_unavailable", false },
	{ "unknown 4xx", 418, 4, "teapot", VERDICT_REFUSE, "invalid_payload", true },
	{ "unknown 401", 401, 2381, "?", VERDICT_REFRESH_TOKEN, "token_expired", false },
	{ "unknown 429", 429, 2786, "?", VERDICT_HOLD_LANE, "rate_limited", false },
	{ "unknown 403", 403, 2625, "merchant", VERDICT_REFUSE, "board_access_denied", true },
};

static const struct upstream conf = { .retry_base_ms = 60000,
	.retry_cap_ms = 3600000,
	.retry_max = 4,
	.cooldown_min_ms = 60000,
	.spam_hold_ms = { 3600000, 21600000, 86400000 } };

static struct outcome
answered(long status)
{
	struct outcome o = { .result = OUTCOME_ANSWERED,
		.status = status,
		.complete = true,
		.gate_calls = 1,
		.body = "",
		.error = "" };

	return o;
}

static struct verdict_in
asked(const struct outcome *o)
{
	struct verdict_in in = { .outcome = o,
		.error = { .message = "" },
		.conf = &conf,
		.now_us = NOW,
		.random32 = 1u << 31 };

	return in;
}

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct outcome o = answered(r->status);
		struct verdict_in in = asked(&o);
		struct verdict v;

		in.error.code = r->code;
		in.error.message = r->message;
		v = verdict(&in);
		if (!ok(v.kind == r->kind && v.spends_try == r->spends_try, "%s", r->name))
			printf("# got %s spends=%d\n", verdict_name(v.kind), v.spends_try);
		is_str(v.code, r->pin_code, r->name);
		ok(v.rule != NULL && strlen(v.rule) <= 32, "%s: the rule has a name", r->name);
		ok(v.code == NULL || why_error_known(v.code), "%s: support can explain it",
		    r->name);
	}
}

static void
test_success(void)
{
	struct outcome o = answered(201);
	struct verdict_in in = asked(&o);
	struct verdict v = verdict(&in);

	ok(v.kind == VERDICT_UNKNOWN, "201 without an id is an unknown outcome");
	in.has_pin_id = true;
	ok(verdict(&in).kind == VERDICT_PUBLISHED, "201 with an id is published");
	o.status = 200;
	ok(verdict(&in).kind == VERDICT_PUBLISHED, "200 with an id is published");
	o.ratelimit_remaining = "0";
	o.ratelimit_reset = "7";
	v = verdict(&in);
	ok(v.kind == VERDICT_PUBLISHED && v.hold_code == WAIT_COOL_DOWN,
	    "the last create of a window is published and cools down");
	is_int(v.until_us, NOW + 7 * US_PER_S, "the lane is held until the window's reset");
}

static void
test_transport(void)
{
	struct outcome o = { .result = OUTCOME_NOT_SENT, .body = "", .error = "no name" };
	struct verdict_in in = asked(&o);
	struct verdict v = verdict(&in);

	ok(v.kind == VERDICT_NOT_SENT && !v.spends_try,
	    "a create that was not sent spends no retry");
	ok(v.until_us > NOW && v.hold_code == WAIT_UPSTREAM_DOWN,
	    "a create that could not be sent holds the lane");
	o.gate_late = true;
	v = verdict(&in);
	ok(v.kind == VERDICT_NOT_SENT && v.hold_code == WAIT_NONE,
	    "a create that missed its gate holds no lane");
	is_str(v.code, "internal_error", "a create that missed its gate is an internal error");
	o = (struct outcome){ .result = OUTCOME_UNKNOWN, .body = "", .error = "reset" };
	ok(verdict(&in).kind == VERDICT_UNKNOWN,
	    "an answer lost after the gate is an unknown outcome");
	o = answered(400);
	o.complete = false;
	ok(verdict(&in).kind == VERDICT_RETRY_AT, "a truncated refusal is retried");
	o.status = 201;
	ok(verdict(&in).kind == VERDICT_UNKNOWN, "a truncated success is an unknown outcome");
}

/* Whatever a proxy answers: nothing fails, nothing is taken for sent or not sent. */
static void
test_foreign(void)
{
	static const long statuses[] = { 200, 201, 204, 301, 302, 307, 400, 401, 403, 404, 405, 407,
		408, 429, 451, 500, 502, 503, 504 };

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct outcome o = answered(statuses[i]);
		struct verdict_in in = asked(&o);
		struct verdict v;

		in.origin = ORIGIN_FOREIGN;
		in.answered = "what answered";
		v = verdict(&in);
		ok(v.kind == VERDICT_FOREIGN && v.stop_code == WAIT_NOT_PINTEREST &&
			!v.spends_try && v.code == NULL,
		    "%ld of something else stops the app, and the pin is looked up", statuses[i]);
		is_str(v.message, "what answered", "it is told what answered");
		in.suspect = true;
		v = verdict(&in);
		ok(v.kind == VERDICT_UNKNOWN && v.stop_code == WAIT_NONE && !v.spends_try,
		    "%ld for one pin alone stops nobody else", statuses[i]);
		in.origin = ORIGIN_CUT;
		ok(verdict(&in).kind == VERDICT_UNKNOWN, "%ld, cut, is an unknown outcome",
		    statuses[i]);
	}
}

static void
test_address(void)
{
	struct outcome o = answered(404);
	struct verdict_in in = asked(&o);

	in.error.message = "Resource not found.";
	ok(verdict(&in).stop_code == WAIT_NOT_PINTEREST, "a wrong base_url stops the app");
	in.suspect = true;
	ok(verdict(&in).kind == VERDICT_REFUSE,
	    "an unknown 404 for one pin while others are published fails it");
	in.suspect = false;
	in.error.code = 3;
	in.error.message = "Your application consumer type is not supported";
	ok(verdict(&in).stop_code == WAIT_APP_STOPPED, "a refused app is stopped by Pinterest");
}

static void
test_probes(void)
{
	for (int e = 0; e < ENV__COUNT; e++) {
		struct verdict_probe p = verdict_probe((enum environment)e, WAIT_NOT_PINTEREST);

		ok(p.first_us > 0 && p.first_us < p.most_us && p.most_us <= 900 * US_PER_S,
		    "probes come later each time, to a limit");
		p = verdict_probe((enum environment)e, WAIT_APP_STOPPED);
		ok(p.first_us > 0 && p.first_us == p.most_us, "a refused app is probed regularly");
	}
}

static void
test_bounds(void)
{
	struct outcome o = answered(409);
	struct verdict_in in = asked(&o);
	int64_t before = 0;

	for (in.retries_spent = 0; in.retries_spent < 3; in.retries_spent++) {
		struct verdict v = verdict(&in);

		ok(v.kind == VERDICT_RETRY_AT && v.until_us - NOW > before, "retry %u waits longer",
		    in.retries_spent);
		before = v.until_us - NOW;
	}
	ok(verdict(&in).kind == VERDICT_REFUSE, "the last retry fails");
	o.status = 400;
	in.error.message = "Sorry we could not fetch the image.";
	is_str(verdict(&in).code, "media_url_unreachable",
	    "an image that was never fetched is media_url_unreachable");
	o.status = 401;
	in.error.message = "Authentication failed.";
	in.refreshed = true;
	ok(verdict(&in).kind == VERDICT_NEEDS_RECONNECT,
	    "401 right after a refresh needs a reconnect");
	is_str(verdict(&in).code, "token_revoked", "401 right after a refresh is token_revoked");
}

static void
test_holds(void)
{
	struct outcome o = answered(429);
	struct verdict_in in = asked(&o);
	static const int64_t hours[] = { 1, 6, 24, 24 };

	in.error.code = 8;
	is_int(verdict(&in).until_us, NOW + 60 * US_PER_S, "429 without headers waits the minimum");
	o.ratelimit_reset = "300";
	is_int(verdict(&in).until_us, NOW + 300 * US_PER_S, "429 waits for x-ratelimit-reset");
	o.retry_after = "400";
	is_int(
	    verdict(&in).until_us, NOW + 400 * US_PER_S, "429 waits for the larger of two headers");
	ok(!verdict(&in).hold_app, "429 with a short window holds the lane");
	o.ratelimit_limit = "1000, 1000;w=86400";
	ok(verdict(&in).hold_app, "429 with a window of a day holds the app");
	in.error.code = 9;
	in.error.message = "hit a block (Pins)";
	for (in.spam_strikes = 0; in.spam_strikes < 4; in.spam_strikes++) {
		is_int(verdict(&in).until_us, NOW + hours[in.spam_strikes] * 3600 * US_PER_S,
		    "each spam block holds longer");
		ok(verdict(&in).strike, "a spam block is counted");
	}
	in.error.message = "We blocked this link";
	ok(verdict(&in).hold_host, "a blocked link holds its host");
}

int
main(void)
{
	test_rows();
	test_success();
	test_transport();
	test_bounds();
	test_foreign();
	test_address();
	test_probes();
	test_holds();
	return tap_done();
}
